//! The senders against the local sink, and the outbox worker against a real store.

mod worker;

use super::sink::SmsSink;
use super::{LogSender, OutgoingText, Provider, TextError, TextSender, Twilio, TwilioAccount, Webhook, twilio};
use crate::phone::PhoneNumber;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::sync::mpsc;

fn text(key: &str) -> OutgoingText {
    OutgoingText {
        to: PhoneNumber::parse("+12125550142", "US").unwrap(),
        body: "Harbor Plumbing: hello & goodbye = STOP".to_owned().into(),
        idempotency_key: key.into(),
        queued_at: Timestamp::now(),
        maybe_sent: false,
    }
}

#[tokio::test]
async fn the_sink_takes_a_text_once() {
    let sink = SmsSink::start().await.unwrap();
    let sender = sink.sender("+12125550100").unwrap();
    let one = sender.send(&text("a")).await.unwrap();
    let same = sender.send(&text("a")).await.unwrap();
    let other = sender.send(&text("b")).await.unwrap();
    assert_eq!(one, same);
    assert_ne!(one.provider_id, other.provider_id);
    assert_eq!(one.status, "queued");
    let received = sink.wait_for(2, Duration::from_secs(5)).await;
    assert_eq!((received.len(), sink.requests()), (2, 3));
    assert_eq!((received[0].to.as_str(), received[0].from.as_str()), ("+12125550142", "+12125550100"));
    assert_eq!(received[0].body, *text("a").body.reveal());
}

#[tokio::test]
async fn a_provider_without_tokens_is_asked_before_sending_again() {
    let sink = SmsSink::start().await.unwrap();
    sink.ignore_tokens();
    let sender = sink.sender("+12125550100").unwrap();
    let again = OutgoingText { maybe_sent: true, ..text("a") };
    let one = sender.send(&again).await.unwrap();
    assert_eq!(sender.send(&again).await.unwrap(), one);
    assert_eq!(sink.received().len(), 1);
    let another = OutgoingText { queued_at: Timestamp::now() + SignedDuration::from_mins(6), ..again };
    assert_ne!(sender.send(&another).await.unwrap(), one, "the same words to the same number, but a later text");
}

#[tokio::test]
async fn refusals_are_transient_or_final() {
    let sink = SmsSink::start().await.unwrap();
    sink.fail_next(1);
    let sender = sink.sender("+12125550100").unwrap();
    let why = "HTTP 503: 20503 Service unavailable".to_owned();
    assert_eq!(sender.send(&text("a")).await, Err(TextError::Transient { why, retry_after: None }));

    let stranger = TwilioAccount { auth_token: "wrong".to_owned().into(), ..sink.account("+12125550100") };
    assert!(!format!("{stranger:?}").contains("wrong"));
    let why = "HTTP 401: 20003 Authenticate".to_owned();
    assert_eq!(Twilio::new(stranger).unwrap().send(&text("a")).await, Err(TextError::Final { why }));

    let gone = TwilioAccount { base_url: "http://127.0.0.1:1".into(), ..sink.account("+12125550100") };
    let error = Twilio::new(gone).unwrap().send(&text("a")).await.unwrap_err();
    assert!(matches!(error, TextError::Transient { .. }), "{error}");
    assert!(Twilio::new(TwilioAccount { base_url: "nowhere".into(), ..sink.account("") }).is_err());
}

#[test]
fn a_provider_s_words_are_kept_without_numbers() {
    let words = twilio::without_numbers("The 'To' number +12125550142 is not valid.");
    assert_eq!(words, "The 'To' number [number] is not valid.");
}

#[tokio::test]
async fn a_webhook_gets_json_and_may_ask_to_come_back() {
    let (seen, mut requests) = mpsc::channel(4);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let take = |State(seen): State<mpsc::Sender<_>>, headers: HeaderMap, Json(body): Json<serde_json::Value>| async move {
        seen.send((headers, body)).await.unwrap();
        Json(serde_json::json!({ "id": "gateway-7" }))
    };
    let busy = || async { (axum::http::StatusCode::TOO_MANY_REQUESTS, [("retry-after", "30")]) };
    let router = Router::new().route("/take", post(take)).route("/busy", post(busy)).with_state(seen);
    let server = tokio::spawn(async move { axum::serve(listener, router).await });

    let sender = Provider::Webhook(Webhook::new(&format!("{base}/take"), Some("s3".to_owned().into())).unwrap());
    assert_eq!(sender.send(&text("a")).await.unwrap().provider_id, "gateway-7");
    let (headers, body) = requests.recv().await.unwrap();
    assert_eq!(
        (&headers["idempotency-key"], &headers["authorization"]),
        (&"a".parse().unwrap(), &"Bearer s3".parse().unwrap())
    );
    assert_eq!((&body["to"], &body["idempotency_key"]), (&"+12125550142".into(), &"a".into()));

    let error = Webhook::new(&format!("{base}/busy"), None).unwrap().send(&text("a")).await.unwrap_err();
    let TextError::Transient { retry_after, .. } = error else { panic!("{error}") };
    assert_eq!(retry_after, Some(Duration::from_secs(30)));
    server.abort();
}

#[tokio::test]
async fn the_log_takes_everything() {
    let receipt = Provider::Log(LogSender).send(&text("a")).await.unwrap();
    assert_eq!(receipt.provider_id, "log-a");
}
