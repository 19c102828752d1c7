//! What came of a call, as far as a script's expectations go.

use crate::conversation::{Heard, Speaker};
use crate::lead::Slot;
use crate::store::CallReport;

/// How the record says that a person is fetched.
const FETCHED: &str = "the receptionist asks for a person";

/// What came of a call.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The lead's details.
    pub slots: Vec<Slot>,
    /// How the conversation ended.
    pub outcome: Option<String>,
    /// All that the receptionist said.
    pub said: String,
    /// How many of her turns were cut off.
    pub cut: usize,
    /// Whether a person was fetched; `None` where the plan has nobody.
    pub escalated: Option<bool>,
    /// How many texts went out.
    pub texts: usize,
}

impl Seen {
    /// Of a call that is written down. `has_somebody`: the plan has somebody to fetch.
    #[must_use]
    pub fn of(call: &CallReport, texts: usize, has_somebody: bool) -> Self {
        let turns = || call.turns.iter().map(|kept| &kept.turn).filter(|turn| turn.speaker == Speaker::Receptionist);
        let is_fetched = call.events.iter().any(|event| event.detail.as_str() == Some(FETCHED));
        Self {
            slots: call.slots.clone(),
            outcome: call.outcome.clone(),
            said: turns().map(|turn| turn.text.as_str()).collect::<Vec<_>>().join(" "),
            cut: turns().filter(|turn| turn.heard == Heard::Part).count(),
            escalated: has_somebody.then_some(is_fetched),
            texts,
        }
    }
}
