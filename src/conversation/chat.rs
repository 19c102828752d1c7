//! The chat that the language model continues. It grows only at its end, so that what the model has taken in stays useful.

use super::protocol::{Message, Role};

/// What the language model is to word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// One sentence after the caller said what is needed.
    Acknowledge,
    /// An answer to the caller's question.
    Answer,
}

impl Purpose {
    // Stands after the caller's words: there it costs no kept prefix. It only narrows the prompt file's instructions.
    const fn note(self) -> &'static str {
        match self {
            Self::Acknowledge => "(Acknowledge this in one short sentence. Ask nothing and promise nothing.)",
            Self::Answer => "(Answer this in one or two short sentences, from the facts only. Ask nothing.)",
        }
    }

    /// At most so many sentences of the model are spoken.
    pub(super) const fn sentences(self) -> usize {
        match self {
            Self::Acknowledge => 1,
            Self::Answer => 2,
        }
    }
}

/// The messages so far.
#[derive(Clone, Debug)]
pub(super) struct Chat {
    messages: Vec<Message>,
}

impl Chat {
    pub(super) fn new(instructions: &str) -> Self {
        Self { messages: vec![Message { role: Role::System, content: instructions.to_owned() }] }
    }

    pub(super) fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// The chat as it would be if the caller's turn ended with these words.
    pub(super) fn with_caller(&self, said: &str, purpose: Option<Purpose>) -> Vec<Message> {
        let mut messages = self.messages.clone();
        messages.push(caller_message(said, purpose));
        messages
    }

    pub(super) fn push_caller(&mut self, said: &str, purpose: Option<Purpose>) {
        self.messages.push(caller_message(said, purpose));
    }

    /// What the receptionist said last.
    pub(super) fn last_receptionist(&self) -> Option<&str> {
        let last = self.messages.iter().rev().find(|message| message.role == Role::Assistant);
        last.map(|message| message.content.as_str())
    }

    /// Keeps what the receptionist said, as far as it was heard.
    pub(super) fn push_receptionist(&mut self, heard: &str) {
        if !heard.is_empty() {
            self.messages.push(Message { role: Role::Assistant, content: heard.to_owned() });
        }
    }
}

fn caller_message(said: &str, purpose: Option<Purpose>) -> Message {
    let content = purpose.map_or_else(|| said.to_owned(), |purpose| format!("{said}\n{}", purpose.note()));
    Message { role: Role::User, content }
}
