//! What must come of a call, and whether it did.

use crate::lead::{Slot, SlotName};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// The `[expect]` table of a script. Slots that it does not name may hold anything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The caller's name.
    pub name: Option<Rule>,
    /// Where to call back, E.164.
    pub callback: Option<Rule>,
    /// Where the work is.
    pub address: Option<Rule>,
    /// What is needed.
    pub need: Option<Rule>,
    /// `emergency`, `soon` or `routine`.
    pub urgency: Option<Rule>,
    /// When it suits.
    pub preferred_time: Option<Rule>,
    /// Slots that must not be there.
    #[serde(default)]
    pub absent: Vec<SlotName>,
    /// How the conversation ends: a word of [`crate::conversation::EndReason`].
    pub outcome: Option<String>,
    /// How many texts go out.
    #[serde(default = "one_text")]
    pub texts: u32,
}

const fn one_text() -> u32 {
    1
}

/// What a value must be. Capitals, outer space and punctuation at the end don't count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Rule {
    /// This.
    Exact(String),
    /// Holds all of these.
    Contains(Contains),
    /// One of these.
    Any(AnyOf),
}

/// `{ contains = ["burst", "pipe"] }`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contains {
    /// All must occur.
    pub contains: Vec<String>,
}

/// `{ any = ["Maple Street", "Maple St"] }`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyOf {
    /// One must be the value.
    pub any: Vec<String>,
}

/// A slot that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Which slot.
    pub slot: SlotName,
    /// What the script expects.
    pub expected: String,
    /// What the lead holds.
    pub found: Option<String>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = self.found.as_deref().map_or_else(|| "nothing".to_owned(), |found| format!("`{found}`"));
        write!(f, "{}: expected {}, found {found}", self.slot, self.expected)
    }
}

/// Compares a lead's slots with what the script expects; empty when all is well.
#[must_use]
pub fn compare(expect: &Expect, slots: &[Slot]) -> Vec<Mismatch> {
    let found = |name: SlotName| slots.iter().find(|slot| slot.name == name).map(|slot| slot.value.clone());
    let wrong = expect.rules().into_iter().filter_map(|(slot, rule)| {
        let found = found(slot);
        let is_met = found.as_deref().is_some_and(|value| rule.is_met_by(value));
        (!is_met).then(|| Mismatch { slot, expected: rule.to_string(), found })
    });
    let too_much = expect.absent.iter().filter_map(|&slot| {
        let value = found(slot)?;
        Some(Mismatch { slot, expected: "nothing".to_owned(), found: Some(value) })
    });
    wrong.chain(too_much).collect()
}

impl Expect {
    /// The rules by slot, in the order of the names.
    #[must_use]
    pub fn rules(&self) -> BTreeMap<SlotName, &Rule> {
        let rule = |name| match name {
            SlotName::Name => self.name.as_ref(),
            SlotName::Callback => self.callback.as_ref(),
            SlotName::Address => self.address.as_ref(),
            SlotName::Need => self.need.as_ref(),
            SlotName::Urgency => self.urgency.as_ref(),
            SlotName::PreferredTime => self.preferred_time.as_ref(),
        };
        SlotName::ALL.into_iter().filter_map(|name| Some((name, rule(name)?))).collect()
    }

    /// The first key that makes no sense, and why.
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        const OUTCOMES: [&str; 5] = ["farewell", "caller_hung_up", "idle", "too_long", "failed"];
        let rules = self.rules();
        if let Some((name, _)) = rules.iter().find(|(_, rule)| rule.is_empty()) {
            return Err((name.to_string(), "is empty: say what it must be, or name it in `absent`".to_owned()));
        }
        if let Some(name) = self.absent.iter().find(|name| rules.contains_key(name)) {
            return Err(("absent".to_owned(), format!("`{name}` is expected above: remove one of the two")));
        }
        match &self.outcome {
            Some(outcome) if !OUTCOMES.contains(&outcome.as_str()) => {
                Err(("outcome".to_owned(), format!("`{outcome}` is no outcome: use one of {}", OUTCOMES.join(", "))))
            }
            _ => Ok(()),
        }
    }
}

impl Rule {
    /// Whether a value is as wanted.
    #[must_use]
    pub fn is_met_by(&self, value: &str) -> bool {
        let value = plain(value);
        match self {
            Self::Exact(wanted) => value == plain(wanted),
            Self::Contains(all) => all.contains.iter().all(|part| value.contains(&plain(part))),
            Self::Any(some) => some.any.iter().any(|wanted| value == plain(wanted)),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Exact(wanted) => wanted.is_empty(),
            Self::Contains(all) => all.contains.is_empty(),
            Self::Any(some) => some.any.is_empty(),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted =
            |texts: &[String], word: &str| texts.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(word);
        match self {
            Self::Exact(wanted) => write!(f, "`{wanted}`"),
            Self::Contains(all) => write!(f, "something with {}", quoted(&all.contains, " and ")),
            Self::Any(some) => write!(f, "{}", quoted(&some.any, " or ")),
        }
    }
}

fn plain(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ").trim_end_matches(['.', ',', '!', '?', ';', ':']).to_owned()
}
