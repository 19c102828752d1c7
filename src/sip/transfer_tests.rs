//! REFER on the wire, from a phone in the hands of a test.

use super::dial_tests::{Heard, Phone};
use super::tests::{assert_forgotten, endpoint, event};
use super::*;

const TO: &str = "Refer-To: <sip:102@shop>\r\n";

async fn asked(out: &mut OutgoingCall) -> Transfer {
    match event(&mut out.events).await {
        DialogEvent::Transfer(transfer) => transfer,
        other => panic!("{other:?} instead of a transfer"),
    }
}

async fn told(phone: &Phone) -> (Heard, String) {
    let notify = phone.hear_method("NOTIFY").await;
    phone.answer(&notify, "200 OK", "", "").await;
    assert_eq!(notify.header("Content-Type"), "message/sipfrag;version=2.0");
    let body = notify.text.split("\r\n\r\n").nth(1).unwrap_or_default().trim().to_owned();
    (notify, body)
}

#[tokio::test]
async fn a_blind_transfer_is_told_from_beginning_to_end() {
    let endpoint = endpoint(1).await;
    let phone = Phone::new().await;
    let (mut out, invite) = phone.up(&endpoint, "").await;
    phone.ask(&invite, "REFER", 7, TO, "").await;
    let transfer = asked(&mut out).await;
    assert_eq!((transfer.user.as_str(), transfer.host.as_str()), ("102", "shop"));
    // The same REFER again is no second transfer; another one must wait for the first.
    phone.ask(&invite, "REFER", 7, TO, "").await;
    phone.ask(&invite, "REFER", 8, TO, "").await;
    assert!(phone.final_answer("8 REFER").await.text.starts_with("SIP/2.0 491 "));
    let progress = transfer.accept();
    assert!(phone.final_answer("7 REFER").await.text.starts_with("SIP/2.0 202 "));
    let (first, body) = told(&phone).await;
    assert_eq!((first.header("Event"), body.as_str()), ("refer", "SIP/2.0 100 Trying"));
    assert!(first.header("Subscription-State").starts_with("active;expires="), "{}", first.text);
    progress.progress(180);
    assert_eq!(told(&phone).await.1, "SIP/2.0 180 Ringing");
    progress.progress(486);
    progress.progress(200);
    let (last, body) = told(&phone).await;
    assert_eq!(
        (last.header("Subscription-State"), body.as_str()),
        ("terminated;reason=noresource", "SIP/2.0 486 Busy Here")
    );

    // The next one names itself, and is told a failure when it is forgotten.
    phone.ask(&invite, "REFER", 9, TO, "").await;
    drop(asked(&mut out).await.accept());
    assert!(phone.final_answer("9 REFER").await.text.starts_with("SIP/2.0 202 "));
    assert_eq!(told(&phone).await.0.header("Event"), "refer;id=9");
    let (last, body) = told(&phone).await;
    assert_eq!(
        (last.header("Subscription-State"), body.as_str()),
        ("terminated;reason=noresource", "SIP/2.0 503 Service Unavailable")
    );
    phone.ask(&invite, "BYE", 10, "", "").await;
    assert!(matches!(event(&mut out.events).await, DialogEvent::HungUp));
    assert_forgotten([&endpoint, &endpoint]).await;
}

#[tokio::test]
async fn a_transfer_may_be_refused() {
    let endpoint = endpoint(1).await;
    let phone = Phone::new().await;
    let (mut out, invite) = phone.up(&endpoint, "").await;
    let cases = [
        ("Refer-To: <sip:102@shop?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>\r\n", "501"),
        ("Refer-To: <https://shop>\r\n", "416"),
        ("", "400"),
    ];
    for (sequence, (headers, status)) in (2..).zip(cases) {
        phone.ask(&invite, "REFER", sequence, headers, "").await;
        let answer = phone.final_answer("REFER").await;
        assert!(answer.text.starts_with(&format!("SIP/2.0 {status} ")), "{}", answer.text);
    }
    phone.ask(&invite, "REFER", 7, TO, "").await;
    asked(&mut out).await.refuse(404);
    assert!(phone.final_answer("REFER").await.text.starts_with("SIP/2.0 404 "));
    phone.ask(&invite, "REFER", 8, TO, "").await;
    drop(asked(&mut out).await);
    assert!(phone.final_answer("REFER").await.text.starts_with("SIP/2.0 603 "));
    phone.ask(&invite, "BYE", 9, "", "").await;
    assert!(matches!(event(&mut out.events).await, DialogEvent::HungUp));
    assert_forgotten([&endpoint, &endpoint]).await;
}

#[tokio::test]
async fn who_transfers_may_go_at_once_or_want_no_news() {
    let endpoint = endpoint(1).await;
    let phone = Phone::new().await;
    let (mut out, invite) = phone.up(&endpoint, "").await;
    phone.ask(&invite, "REFER", 7, &format!("{TO}Refer-Sub: false\r\nRequire: norefersub\r\n"), "").await;
    let progress = asked(&mut out).await.accept();
    let accepted = phone.final_answer("REFER").await;
    assert!(accepted.text.starts_with("SIP/2.0 202 ") && accepted.header("Refer-Sub") == "false", "{}", accepted.text);
    progress.progress(200);
    // What comes next is the answer, so nothing was told in between.
    phone.ask(&invite, "OPTIONS", 8, "", "").await;
    assert!(phone.hear().await.header("CSeq") == "8 OPTIONS");

    phone.ask(&invite, "REFER", 9, TO, "").await;
    let progress = asked(&mut out).await.accept();
    told(&phone).await;
    phone.ask(&invite, "BYE", 10, "", "").await;
    assert!(phone.final_answer("BYE").await.text.starts_with("SIP/2.0 200 "));
    assert!(matches!(event(&mut out.events).await, DialogEvent::HungUp));
    progress.progress(200);
    assert_forgotten([&endpoint, &endpoint]).await;
}
