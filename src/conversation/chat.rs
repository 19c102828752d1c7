//! The chat that the language model continues. It grows only at its end, so that what the model has taken in stays useful.

use super::protocol::{Message, Role};

// Stands after the caller's words: there it costs no kept prefix. It only narrows the prompt file's instructions.
const ANSWER: &str = "(Answer this in one or two short sentences, from the facts only. Ask nothing.)";
/// At most so many sentences of an answer are spoken.
pub(super) const ANSWER_SENTENCES: usize = 2;

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
    pub(super) fn with_caller(&self, said: &str, wants_answer: bool) -> Vec<Message> {
        let mut messages = self.messages.clone();
        messages.push(caller_message(said, wants_answer));
        messages
    }

    pub(super) fn push_caller(&mut self, said: &str, wants_answer: bool) {
        self.messages.push(caller_message(said, wants_answer));
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

fn caller_message(said: &str, wants_answer: bool) -> Message {
    let content = if wants_answer { format!("{said}\n{ANSWER}") } else { said.to_owned() };
    Message { role: Role::User, content }
}
