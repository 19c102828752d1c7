//! Session timers with a real phone: PJSIP that takes and makes no call without one.

use crate::harness::PATIENCE;
use crate::peers::Peer;
use backstop::media::Codec;
use backstop::sip::{DialRequest, DialogEvent, SessionDescription, SipConfig, SipEndpoint, negotiate};

#[tokio::test]
async fn a_phone_that_requires_session_timers_calls_and_is_called() {
    let config = SipConfig::new("127.0.0.1:0".parse().expect("address"), "Backstop");
    let mut endpoint = SipEndpoint::bind(config).await.expect("a free port");
    let mut phone = Peer::start(&["--act", "answer:0.1", "--timers"]).await;
    let local = "127.0.0.1:9".parse().expect("address");

    phone.order(&format!("dial sip:shop@{}", endpoint.local_addr())).await;
    let mut call = tokio::time::timeout(PATIENCE, endpoint.next_call()).await.expect("in time").expect("a call");
    let agreed = negotiate(call.offer.as_ref().expect("an offer"), local).expect("common codec");
    call.dialog.accept(&agreed.answer).await;
    phone.wait_for("answered").await;
    assert!(matches!(
        tokio::time::timeout(PATIENCE, call.events.recv()).await.expect("in time"),
        Some(DialogEvent::Confirmed)
    ));
    call.dialog.hang_up().await;
    phone.wait_for("ended").await;

    let offer = SessionDescription::offer(local, &[Codec::Pcmu]);
    let mut out = endpoint.dial(DialRequest::new(phone.uri("desk"), offer)).await.expect("dialled");
    let invited = phone.wait_for("incoming").await;
    assert_eq!(invited["headers"]["Session-Expires"][0], "1800", "{invited}");
    loop {
        match tokio::time::timeout(PATIENCE, out.events.recv()).await.expect("in time").expect("it goes on") {
            DialogEvent::Answered(_) => break,
            DialogEvent::Ringing { .. } => {}
            other => panic!("not answered: {other:?}"),
        }
    }
    out.dialog.hang_up().await;
    phone.wait_for("ended").await;
    let rest = phone.finish().await;
    assert!(!rest.iter().any(|told| told["event"] == "error"), "{rest:#?}");
}
