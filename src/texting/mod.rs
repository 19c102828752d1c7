//! Sends the outbox's texts through a provider, each once.

mod provider;
pub mod sink;
mod twilio;
mod webhook;
mod worker;

pub use provider::{LogSender, MemorySender, Provider};
pub use twilio::{Twilio, TwilioAccount};
pub use webhook::Webhook;
pub use worker::run_outbox;

use crate::phone::PhoneNumber;
use crate::pii::Pii;
use jiff::Timestamp;
use std::future::Future;
use std::time::Duration;

/// How long a provider may take to answer. Shorter than [`crate::textback::LEASE`], so that no claim runs out under way.
const REQUEST_LIMIT: Duration = Duration::from_secs(15);

/// One text for a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingText {
    /// To whom.
    pub to: PhoneNumber,
    /// What.
    pub body: Pii<String>,
    /// The same for every try of one text.
    pub idempotency_key: String,
    /// When it was written: what the provider took before is another text.
    pub queued_at: Timestamp,
    /// An earlier try may have reached the provider: look before sending.
    pub maybe_sent: bool,
}

/// A provider took a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The provider's name for the text; its delivery reports carry it.
    pub provider_id: String,
    /// The provider's word for how far it is.
    pub status: String,
}

/// A provider did not take a text. The words hold no personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It may later.
    #[error("{why}")]
    Transient {
        /// What went wrong.
        why: String,
        /// When the provider says to come back.
        retry_after: Option<Duration>,
    },
    /// It never will.
    #[error("{why}")]
    Final {
        /// What went wrong.
        why: String,
    },
}

/// A provider of texts.
pub trait TextSender: Send + Sync {
    /// Hands a text over. A text that the provider already has under the same key is not sent again.
    ///
    /// # Errors
    /// [`TextError::Transient`] when another try makes sense, [`TextError::Final`] when none does.
    fn send(&self, text: &OutgoingText) -> impl Future<Output = Result<Receipt, TextError>> + Send;
}

/// A client for one provider: no redirects, as a text must not travel on to someone else.
fn client(base_url: &str) -> Result<reqwest::Client, String> {
    let url = reqwest::Url::parse(base_url).map_err(|error| format!("`{base_url}` is no address: {error}"))?;
    let builder = reqwest::Client::builder().timeout(REQUEST_LIMIT).redirect(reqwest::redirect::Policy::none());
    let local = url.host_str().is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"));
    let builder = if local { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| error.to_string())
}

/// A request that got no answer. It may have been carried out all the same.
fn no_answer(error: reqwest::Error) -> TextError {
    let why = if error.is_timeout() { "no answer in time".into() } else { error.without_url().to_string() };
    TextError::Transient { why, retry_after: None }
}

/// A refusal: too many requests and the provider's own failures pass, anything else is final.
fn refusal(status: reqwest::StatusCode, retry_after: Option<Duration>, detail: &str) -> TextError {
    let why = if detail.is_empty() { format!("HTTP {status}") } else { format!("HTTP {}: {detail}", status.as_u16()) };
    if status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429) {
        TextError::Transient { why, retry_after }
    } else {
        TextError::Final { why }
    }
}

/// `Retry-After` in seconds (RFC 9110, section 10.2.3; its date form is rare and left out).
fn retry_after(response: &reqwest::Response) -> Option<Duration> {
    let value = response.headers().get(reqwest::header::RETRY_AFTER)?;
    value.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests;
