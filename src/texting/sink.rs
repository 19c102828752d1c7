//! A small local stand-in for a provider: the Messages API on 127.0.0.1, for the demo and tests. It delivers nothing.

use super::twilio::IDEMPOTENCY_HEADER;
use super::{Twilio, TwilioAccount};
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

const ACCOUNT: &str = "ACbackstopsink";
const TOKEN: &str = "sink-token";
/// `ACCOUNT:TOKEN` in Base64, as basic authentication carries it (RFC 7617).
const AUTHORIZATION: &str = "Basic QUNiYWNrc3RvcHNpbms6c2luay10b2tlbg==";

/// A text that the sink took.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ReceivedText {
    /// The sink's name for it.
    pub sid: String,
    /// To whom.
    pub to: String,
    /// From which number.
    pub from: String,
    /// What.
    pub body: String,
    /// When.
    pub at: Timestamp,
}

impl std::fmt::Debug for ReceivedText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceivedText").field("sid", &self.sid).field("at", &self.at).finish_non_exhaustive()
    }
}

/// What the sink's requests share.
#[derive(Clone)]
struct Desk {
    inbox: Arc<watch::Sender<Inbox>>,
    requests: watch::Sender<usize>,
}

/// The running sink; it stops when dropped.
#[derive(Debug)]
pub struct SmsSink {
    address: SocketAddr,
    inbox: Arc<watch::Sender<Inbox>>,
    requests: watch::Receiver<usize>,
    server: JoinHandle<()>,
}

#[derive(Clone, Debug, Default)]
struct Inbox {
    texts: Vec<ReceivedText>,
    by_token: HashMap<String, usize>,
    failures_left: usize,
    ignores_tokens: bool,
}

impl SmsSink {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let inbox = Arc::new(watch::Sender::new(Inbox::default()));
        let (counter, requests) = watch::channel(0);
        let router = Router::new()
            .route("/2010-04-01/Accounts/{account}/Messages.json", post(take).get(list))
            .with_state(Desk { inbox: Arc::clone(&inbox), requests: counter });
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the text sink stopped");
            }
        });
        Ok(Self { address, inbox, requests, server })
    }

    /// Its base address, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The account to send with, as the environment would name it.
    pub fn account(&self, from: &str) -> TwilioAccount {
        TwilioAccount {
            base_url: self.url(),
            account_sid: ACCOUNT.into(),
            auth_token: TOKEN.to_owned().into(),
            from: from.into(),
            status_callback: None,
        }
    }

    /// A sender for it.
    ///
    /// # Errors
    /// None in practice: the address is the sink's own.
    pub fn sender(&self, from: &str) -> Result<Twilio, String> {
        Twilio::new(self.account(from))
    }

    /// The texts taken so far.
    pub fn received(&self) -> Vec<ReceivedText> {
        self.inbox.borrow().texts.clone()
    }

    /// How many requests to send came, refused ones too.
    pub fn requests(&self) -> usize {
        *self.requests.borrow()
    }

    /// The count of [`SmsSink::requests`], to wait on; it rises once the answer is decided.
    pub fn watch_requests(&self) -> watch::Receiver<usize> {
        self.requests.clone()
    }

    /// The next `n` requests to send are answered with 503.
    pub fn fail_next(&self, n: usize) {
        self.inbox.send_modify(|inbox| inbox.failures_left = n);
    }

    /// From now on tokens mean nothing, as at a provider that knows none: only looking first avoids a second text.
    pub fn ignore_tokens(&self) {
        self.inbox.send_modify(|inbox| inbox.ignores_tokens = true);
    }

    /// Waits until `n` texts are there, or `limit` has passed; gives those that are.
    pub async fn wait_for(&self, n: usize, limit: Duration) -> Vec<ReceivedText> {
        let mut inbox = self.inbox.subscribe();
        let _ = tokio::time::timeout(limit, inbox.wait_for(|inbox| inbox.texts.len() >= n)).await;
        self.received()
    }
}

impl Drop for SmsSink {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sending {
    to: String,
    from: Option<String>,
    messaging_service_sid: Option<String>,
    body: String,
}

async fn take(
    State(desk): State<Desk>,
    Path(account): Path<String>,
    headers: HeaderMap,
    Form(text): Form<Sending>,
) -> Response {
    if let Some(refusal) = unauthorised(&account, &headers) {
        return refusal;
    }
    let token = headers.get(IDEMPOTENCY_HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut answer = None;
    desk.inbox.send_modify(|inbox| answer = inbox.take(text, token));
    desk.requests.send_modify(|requests| *requests += 1);
    match answer {
        Some(text) => (StatusCode::CREATED, Json(message(&text))).into_response(),
        None => refuse(StatusCode::SERVICE_UNAVAILABLE, 20_503, "Service unavailable"),
    }
}

impl Inbox {
    fn take(&mut self, text: Sending, token: Option<String>) -> Option<ReceivedText> {
        if self.failures_left > 0 {
            self.failures_left -= 1;
            return None;
        }
        let token = token.filter(|_| !self.ignores_tokens);
        if let Some(known) = token.as_ref().and_then(|token| self.by_token.get(token)) {
            return self.texts.get(*known).cloned();
        }
        let index = self.texts.len();
        let from = text.from.or(text.messaging_service_sid).unwrap_or_default();
        let sid = format!("SM{:032x}", index + 1);
        let received = ReceivedText { sid, to: text.to, from, body: text.body, at: Timestamp::now() };
        self.texts.push(received.clone());
        if let Some(token) = token {
            self.by_token.insert(token, index);
        }
        Some(received)
    }
}

async fn list(
    State(desk): State<Desk>,
    Path(account): Path<String>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    if let Some(refusal) = unauthorised(&account, &headers) {
        return refusal;
    }
    let wanted = |text: &&ReceivedText| query.get("To").is_none_or(|to| *to == text.to);
    let messages: Vec<_> = desk.inbox.borrow().texts.iter().rev().filter(wanted).map(message).collect();
    Json(json!({ "messages": messages })).into_response()
}

fn message(text: &ReceivedText) -> serde_json::Value {
    let created = jiff::fmt::rfc2822::to_string(&text.at.to_zoned(jiff::tz::TimeZone::UTC)).ok();
    json!({
        "sid": text.sid, "status": "queued", "to": text.to, "from": text.from, "body": text.body,
        "date_created": created,
    })
}

fn unauthorised(account: &str, headers: &HeaderMap) -> Option<Response> {
    let known = headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes() == AUTHORIZATION.as_bytes());
    (!known || account != ACCOUNT).then(|| refuse(StatusCode::UNAUTHORIZED, 20_003, "Authenticate"))
}

fn refuse(status: StatusCode, code: u32, message: &str) -> Response {
    (status, Json(json!({ "code": code, "message": message, "status": status.as_u16() }))).into_response()
}
