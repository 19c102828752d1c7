//! The providers to choose from, two of which send nothing.

use super::{OutgoingText, Receipt, TextError, TextSender, Twilio, Webhook};
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// The provider that the configuration names.
#[derive(Clone, Debug)]
pub enum Provider {
    /// The Messages API.
    Twilio(Twilio),
    /// A webhook.
    Webhook(Webhook),
    /// Only the log.
    Log(LogSender),
    /// Only memory.
    Memory(MemorySender),
}

impl TextSender for Provider {
    async fn send(&self, text: &OutgoingText) -> Result<Receipt, TextError> {
        match self {
            Self::Twilio(sender) => sender.send(text).await,
            Self::Webhook(sender) => sender.send(text).await,
            Self::Log(sender) => sender.send(text).await,
            Self::Memory(sender) => sender.send(text).await,
        }
    }
}

/// Sends nothing and says so in the log, without the number and the words.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogSender;

impl TextSender for LogSender {
    async fn send(&self, text: &OutgoingText) -> Result<Receipt, TextError> {
        let characters = text.body.reveal().chars().count();
        tracing::info!(to = %text.to, characters, "no text provider is set: this text stays in the store");
        Ok(Receipt { provider_id: format!("log-{}", text.idempotency_key), status: "accepted".into() })
    }
}

/// Keeps the texts and gives scripted answers: for tests.
#[derive(Clone, Debug, Default)]
pub struct MemorySender {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    texts: Vec<OutgoingText>,
    keys: HashSet<String>,
    failures: VecDeque<TextError>,
}

impl MemorySender {
    /// The next tries fail so, one after the other.
    pub fn fail_with(&self, failures: impl IntoIterator<Item = TextError>) {
        self.lock().failures.extend(failures);
    }

    /// The texts taken so far.
    pub fn sent(&self) -> Vec<OutgoingText> {
        self.lock().texts.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TextSender for MemorySender {
    async fn send(&self, text: &OutgoingText) -> Result<Receipt, TextError> {
        let mut kept = self.lock();
        if let Some(failure) = kept.failures.pop_front() {
            return Err(failure);
        }
        if kept.keys.insert(text.idempotency_key.clone()) {
            kept.texts.push(text.clone());
        }
        Ok(Receipt { provider_id: format!("memory-{}", text.idempotency_key), status: "accepted".into() })
    }
}
