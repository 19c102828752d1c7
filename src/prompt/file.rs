//! A parsed and checked prompt file.

use super::error::PromptError;
use super::line::{LineName, LineVars};
use crate::lead::SlotName;

/// Who the receptionist answers for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Business {
    /// As it is spoken: `Harbor Plumbing`.
    pub name: String,
    /// What it does, when told.
    pub trade: Option<String>,
    /// Its own number as written, when told.
    pub phone: Option<String>,
    /// ISO 3166-1 code for numbers without a country code.
    pub region: String,
    /// IANA time zone, such as `America/New_York`.
    pub timezone: String,
    /// Opening hours in words, when told.
    pub hours: Option<String>,
    /// Where it works, when told.
    pub service_area: Option<String>,
    /// What may be told to callers: topic and text, in the file's order.
    pub facts: Vec<(String, String)>,
}

/// A prompt file that is known to be whole: every line renders.
#[derive(Clone, Debug)]
pub struct Prompt {
    hash: String,
    business: Business,
    instructions: String,
    slots: Vec<SlotName>,
}

impl Prompt {
    /// Parses and checks a prompt file; `file` is its name for messages.
    ///
    /// # Errors
    /// Every fault of the file at once, each with its line.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<PromptError>> {
        unimplemented!("{file} {text}")
    }

    /// The prompt that comes with the program: an invented plumber.
    #[must_use]
    pub fn bundled() -> Self {
        unimplemented!()
    }

    /// SHA-256 of the file's bytes, in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The business's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.business.name
    }

    /// Who the receptionist answers for.
    #[must_use]
    pub fn business(&self) -> &Business {
        &self.business
    }

    /// A line with what is known of this call.
    #[must_use]
    pub fn line(&self, name: LineName, vars: &LineVars) -> String {
        unimplemented!("{name:?} {vars:?}")
    }

    /// The lines that are the same in every call: they can be synthesised ahead.
    #[must_use]
    pub fn fixed_lines(&self) -> Vec<(LineName, String)> {
        unimplemented!()
    }

    /// The system message for the language model.
    #[must_use]
    pub fn instructions(&self) -> &str {
        &self.instructions
    }

    /// The fixed system message for finding details in a caller's turn.
    #[must_use]
    pub fn extraction(&self) -> &str {
        ""
    }

    /// The details to ask for.
    #[must_use]
    pub fn slots(&self) -> &[SlotName] {
        &self.slots
    }
}
