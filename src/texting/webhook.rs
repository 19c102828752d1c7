//! A plain webhook: one JSON POST for each text, for owners with a gateway of their own.

use super::{OutgoingText, Receipt, TextError, TextSender, client, no_answer, refusal, retry_after};
use crate::pii::Pii;
use serde::Deserialize;
use serde_json::json;

/// Posts `{"to", "body", "idempotency_key"}` to an address, with the key as `Idempotency-Key` too. Any 2xx means that
/// the text was taken; the answer may name it as `{"id": "…"}`. A text that may have been sent already is posted again:
/// the receiver must know it by its key.
#[derive(Clone, Debug)]
pub struct Webhook {
    url: String,
    secret: Option<Pii<String>>,
    client: reqwest::Client,
}

#[derive(Default, Deserialize)]
struct Taken {
    id: Option<String>,
}

impl Webhook {
    /// Makes the sender. `secret` is sent as a bearer token.
    ///
    /// # Errors
    /// When `url` is no address.
    pub fn new(url: &str, secret: Option<Pii<String>>) -> Result<Self, String> {
        Ok(Self { url: url.to_owned(), secret, client: client(url)? })
    }
}

impl TextSender for Webhook {
    async fn send(&self, text: &OutgoingText) -> Result<Receipt, TextError> {
        let body = json!({
            "to": text.to.e164(), "body": text.body.reveal(), "idempotency_key": text.idempotency_key,
        });
        let mut request = self.client.post(&self.url).header("Idempotency-Key", &text.idempotency_key).json(&body);
        if let Some(secret) = &self.secret {
            request = request.bearer_auth(secret.reveal());
        }
        let response = request.send().await.map_err(no_answer)?;
        let status = response.status();
        if !status.is_success() {
            return Err(refusal(status, retry_after(&response), ""));
        }
        let taken: Taken = response.json().await.unwrap_or_default();
        let provider_id = taken.id.unwrap_or_else(|| text.idempotency_key.clone());
        Ok(Receipt { provider_id, status: "accepted".into() })
    }
}
