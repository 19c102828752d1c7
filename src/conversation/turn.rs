//! One party's whole say, as it is kept.

use crate::id::TurnId;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Who spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The person who called.
    Caller,
    /// The receptionist.
    Receptionist,
}

/// Where a turn's words came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "line")]
pub enum Origin {
    /// The caller spoke.
    Speech,
    /// The caller used the keypad.
    Keypad,
    /// A line of the prompt file, by name.
    Line(String),
    /// The language model worded it.
    Model,
    /// The language model failed or was late: this line of the prompt file was spoken instead.
    Fallback(String),
}

/// How much of a receptionist's turn the caller heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heard {
    /// All of it.
    Whole,
    /// The caller spoke over it: `text` holds only what was played.
    Part,
    /// Nothing was played.
    Nothing,
}

/// When each stage of a receptionist's answer was reached, counted from the end of the caller's speech.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageTimes {
    /// The end of the turn was decided.
    pub endpoint: Option<Duration>,
    /// The words were there.
    pub transcript: Option<Duration>,
    /// The language model's first characters, when it was asked.
    pub first_text: Option<Duration>,
    /// The first sound left for the caller.
    pub first_audio: Option<Duration>,
}

/// One party's whole say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Its place in the call.
    pub id: TurnId,
    /// Who spoke.
    pub speaker: Speaker,
    /// The words; of the receptionist only those that were played.
    pub text: String,
    /// When it began, from the start of the conversation.
    pub started_at: Duration,
    /// When it ended, from the start of the conversation.
    pub ended_at: Duration,
    /// How much was heard.
    pub heard: Heard,
    /// Where the words came from.
    pub origin: Origin,
    /// The stages of this answer; empty for the caller's turns and the greeting.
    pub stages: StageTimes,
}
