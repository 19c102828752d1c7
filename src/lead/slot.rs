//! One detail of a lead, where it came from and whether the caller said it is right.

use crate::id::TurnId;
use serde::{Deserialize, Serialize};

/// The details a receptionist works towards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotName {
    /// Who calls, as people write it: `Dana Whitfield`.
    Name,
    /// Where to call back: E.164.
    Callback,
    /// Where the work is: as spoken, with digits for numbers.
    Address,
    /// What is needed, in the caller's words.
    Need,
    /// One of [`Urgency`]'s words.
    Urgency,
    /// When it suits, in the caller's words; with the date they mean in brackets, where they mean one.
    PreferredTime,
    /// Where to write to, lower case: `mark.ellis@example.com`. It is asked for only where a prompt file wants it.
    Email,
    /// What the caller asked and got no answer to, in their words. It is never asked for.
    Question,
}

impl SlotName {
    /// All, in the order in which they are asked for.
    pub const ALL: [Self; 8] = [
        Self::Need,
        Self::Name,
        Self::Callback,
        Self::Address,
        Self::Urgency,
        Self::PreferredTime,
        Self::Email,
        Self::Question,
    ];

    /// The word used in files, tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Callback => "callback",
            Self::Address => "address",
            Self::Need => "need",
            Self::Urgency => "urgency",
            Self::PreferredTime => "preferred_time",
            Self::Email => "email",
            Self::Question => "question",
        }
    }
}

impl std::fmt::Display for SlotName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for SlotName {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|name| name.as_str() == text).ok_or_else(|| {
            format!("`{text}` is no slot: use one of name, callback, address, need, urgency, preferred_time, email")
        })
    }
}

/// How soon help is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Now: harm or damage is going on.
    Emergency,
    /// Today or tomorrow.
    Soon,
    /// Any time.
    Routine,
}

impl Urgency {
    /// The word stored in the slot.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Soon => "soon",
            Self::Routine => "routine",
        }
    }
}

/// Where a slot's value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "from", content = "turn")]
pub enum Evidence {
    /// The caller said it in this turn.
    Turn(TurnId),
    /// The caller keyed it in during this turn.
    Keypad(TurnId),
    /// The network gave it.
    CallerId,
}

/// A detail with its proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Which detail.
    pub name: SlotName,
    /// What it is, normalised as [`SlotName`] says.
    pub value: String,
    /// Where it came from.
    pub evidence: Evidence,
    /// Whether the caller was read this very value and agreed.
    pub confirmed: bool,
}
