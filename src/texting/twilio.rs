//! Twilio's Messages API, whose shape most providers copy.
//!
//! The API itself promises no idempotency: the token is a header that our sink and some gateways honour. So a text that
//! may have been sent already is first looked for among the newest messages to that number.

use super::{OutgoingText, Receipt, TextError, TextSender, client, no_answer, refusal, retry_after};
use crate::pii::Pii;
use jiff::SignedDuration;
use serde::Deserialize;

/// The header that tells a repeated request from a new one.
pub(super) const IDEMPOTENCY_HEADER: &str = "I-Twilio-Idempotency-Token";

/// How far the provider's clock may be behind ours.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(2);

/// Where and as whom to send. Credentials come from the environment.
#[derive(Clone, Debug)]
pub struct TwilioAccount {
    /// `https://api.twilio.com`, or another provider's or the sink's address.
    pub base_url: String,
    /// The account's name (`AC…`).
    pub account_sid: String,
    /// Its secret.
    pub auth_token: Pii<String>,
    /// The sending number, or a messaging service (`MG…`).
    pub from: String,
    /// Where delivery reports go.
    pub status_callback: Option<String>,
}

/// Sends through the Messages API.
#[derive(Clone, Debug)]
pub struct Twilio {
    account: TwilioAccount,
    messages_url: String,
    client: reqwest::Client,
}

#[derive(Deserialize)]
struct Message {
    sid: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    body: String,
    /// RFC 2822, such as `Thu, 24 Aug 2023 05:01:45 +0000`.
    date_created: Option<String>,
}

#[derive(Deserialize)]
struct Messages {
    messages: Vec<Message>,
}

#[derive(Default, Deserialize)]
struct Refusal {
    code: Option<u32>,
    message: Option<String>,
}

impl Twilio {
    /// Makes the sender; nothing is sent yet.
    ///
    /// # Errors
    /// When the base address is none.
    pub fn new(account: TwilioAccount) -> Result<Self, String> {
        let client = client(&account.base_url)?;
        let base = account.base_url.trim_end_matches('/');
        let messages_url = format!("{base}/2010-04-01/Accounts/{}/Messages.json", account.account_sid);
        Ok(Self { account, messages_url, client })
    }

    /// The text among the newest to this number. Those not yet sent have no `DateSent`, so none is asked for.
    async fn find(&self, text: &OutgoingText) -> Result<Option<Receipt>, TextError> {
        let query = [("To", text.to.e164()), ("PageSize", "50")];
        let response = self.authorised(self.client.get(&self.messages_url).query(&query)).send().await;
        let response = response.map_err(no_answer)?;
        if !response.status().is_success() {
            return Err(refused(response).await);
        }
        let listed: Messages = response.json().await.map_err(no_answer)?;
        Ok(listed.messages.into_iter().find(|message| message.is(text)).map(Receipt::from))
    }

    fn authorised(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.basic_auth(&self.account.account_sid, Some(self.account.auth_token.reveal()))
    }
}

impl TextSender for Twilio {
    async fn send(&self, text: &OutgoingText) -> Result<Receipt, TextError> {
        if text.maybe_sent
            && let Some(receipt) = self.find(text).await?
        {
            return Ok(receipt);
        }
        let sender = if self.account.from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        let mut form =
            vec![("To", text.to.e164()), (sender, self.account.from.as_str()), ("Body", text.body.reveal().as_str())];
        if let Some(callback) = &self.account.status_callback {
            form.push(("StatusCallback", callback));
        }
        let request = self.client.post(&self.messages_url).header(IDEMPOTENCY_HEADER, &text.idempotency_key);
        let response = self.authorised(request).form(&form).send().await.map_err(no_answer)?;
        if !response.status().is_success() {
            return Err(refused(response).await);
        }
        response.json::<Message>().await.map(Receipt::from).map_err(no_answer)
    }
}

impl Message {
    /// Whether this is the text and not an earlier one of the same words, which lies at least a window back.
    fn is(&self, text: &OutgoingText) -> bool {
        let created = self.date_created.as_deref().and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        let not_before = text.queued_at - CLOCK_SKEW;
        self.status != "failed"
            && self.body.trim() == text.body.reveal().trim()
            && created.is_some_and(|created| created.timestamp() >= not_before)
    }
}

impl From<Message> for Receipt {
    fn from(message: Message) -> Self {
        Self { provider_id: message.sid, status: message.status }
    }
}

/// The provider's code and words. They may quote the number, so digits in a row are left out.
async fn refused(response: reqwest::Response) -> TextError {
    let (status, pause) = (response.status(), retry_after(&response));
    let told: Refusal = response.json().await.unwrap_or_default();
    let message = without_numbers(&told.message.unwrap_or_default());
    let detail = match told.code {
        Some(code) => format!("{code} {message}"),
        None => message,
    };
    refusal(status, pause, detail.trim())
}

pub(super) fn without_numbers(message: &str) -> String {
    let words = message.split(' ').map(|word| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        if digits >= 7 { "[number]" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}
