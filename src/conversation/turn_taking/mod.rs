//! The machine itself: takes turns with the caller.

use super::config::ConversationConfig;
use super::protocol::{Input, Output};
use crate::lead::Form;
use crate::prompt::Prompt;
use std::sync::Arc;
use std::time::Instant;

/// One conversation with one caller. Drain [`Conversation::poll_output`] after every input.
#[derive(Debug)]
pub struct Conversation {
    form: Form,
    config: ConversationConfig,
}

impl Conversation {
    /// A conversation that begins with [`Input::Start`].
    #[must_use]
    pub fn new(now: Instant, config: ConversationConfig, prompt: Arc<Prompt>) -> Self {
        let _ = now;
        Self { form: Form::new(prompt.slots()), config }
    }

    /// Takes one input; inputs after the end are ignored.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        unimplemented!("{now:?} {input:?} {:?}", self.config)
    }

    /// The next thing to do; None when everything is told.
    pub fn poll_output(&mut self) -> Option<Output> {
        unimplemented!()
    }

    /// When [`Input::Tick`] is due at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        unimplemented!()
    }

    /// The details known so far.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// Whether [`Output::End`] was given.
    #[must_use]
    pub fn is_over(&self) -> bool {
        unimplemented!()
    }
}
