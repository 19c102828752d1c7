//! What the caller's words mean, given what was asked.

use super::slot::{SlotName, Urgency};

/// What the receptionist had just asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// How can I help?
    Need,
    /// Your name?
    Name,
    /// How is it spelled?
    NameSpelling,
    /// Shall we call back on the number you call from?
    CallbackOffer,
    /// Which number?
    Callback,
    /// Is this number right?
    CallbackReadBack,
    /// Where is the work?
    Address,
    /// How urgent is it?
    Urgency,
    /// When does it suit?
    PreferredTime,
    /// Anything else?
    AnythingElse,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Agreed.
    Yes,
    /// Not so.
    No,
}

/// What an utterance holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Understood {
    /// Details, normalised; a callback number is E.164.
    pub values: Vec<(SlotName, String)>,
    /// Yes or no, when it says so.
    pub answer: Option<Answer>,
    /// The caller asks the business something.
    pub is_question: bool,
    /// The caller asks to hear the last line again.
    pub wants_repeat: bool,
    /// The caller takes leave.
    pub is_goodbye: bool,
    /// The caller asks for a person.
    pub wants_human: bool,
    /// Nothing but a hesitation: "um", "hold on", "let me see".
    pub is_filler: bool,
    /// Every digit in it, joined; a number given in several breaths is the sum of its parts.
    pub digits: String,
    /// It takes back or changes something said before.
    pub is_correction: bool,
}

/// Reads what the caller said in answer to what was asked. `region` is the ISO 3166-1 code for numbers without a country code.
#[must_use]
pub fn understand(asked: Asked, said: &str, region: &str) -> Understood {
    unimplemented!("{asked:?} {said} {region}")
}

/// How urgent the words are, when they say.
#[must_use]
pub fn urgency_from(said: &str) -> Option<Urgency> {
    unimplemented!("{said}")
}

/// A street address, numbers as digits.
#[must_use]
pub fn address_from(said: &str) -> Option<String> {
    unimplemented!("{said}")
}

/// When it suits, in the caller's words.
#[must_use]
pub fn preferred_time_from(said: &str) -> Option<String> {
    unimplemented!("{said}")
}

/// What is needed, in the caller's words.
#[must_use]
pub fn need_from(said: &str) -> Option<String> {
    unimplemented!("{said}")
}
