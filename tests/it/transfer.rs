//! Blind transfer with a real phone: PJSIP asks for it, and hears how it goes.

use crate::harness::PATIENCE;
use crate::peers::Peer;
use backstop::sip::{DialogEvent, SipConfig, SipEndpoint, negotiate};

#[tokio::test]
async fn a_phone_transfers_a_call_and_hears_how_it_goes() {
    let config = SipConfig::new("127.0.0.1:0".parse().expect("address"), "Backstop");
    let mut endpoint = SipEndpoint::bind(config).await.expect("a free port");
    let mut phone = Peer::start(&[]).await;
    phone.order(&format!("dial sip:shop@{}", endpoint.local_addr())).await;
    let mut call = tokio::time::timeout(PATIENCE, endpoint.next_call()).await.expect("in time").expect("a call");
    let local = "127.0.0.1:9".parse().expect("address");
    let agreed = negotiate(call.offer.as_ref().expect("an offer"), local).expect("common codec");
    call.dialog.accept(&agreed.answer).await;
    phone.wait_for("answered").await;

    // Refused, then taken: the phone keeps its call until the target has answered, and hangs up then.
    for (code, last) in [(486, "Busy Here"), (200, "OK")] {
        phone.order("transfer sip:102@shop").await;
        let transfer = loop {
            match tokio::time::timeout(PATIENCE, call.events.recv()).await.expect("in time").expect("the call is up") {
                DialogEvent::Transfer(transfer) => break transfer,
                DialogEvent::Reoffer(reoffer) => reoffer.accept(&agreed.answer).await,
                _ => {}
            }
        };
        assert_eq!((transfer.user.as_str(), transfer.host.as_str()), ("102", "shop"));
        let progress = transfer.accept();
        let mut told = phone.wait_for("transferred").await;
        progress.progress(180);
        while told["code"] != 180 {
            told = phone.wait_for("transferred").await;
        }
        progress.progress(code);
        let told = phone.wait_for("transferred").await;
        assert_eq!((&told["code"], &told["reason"], &told["final"]), (&code.into(), &last.into(), &true.into()));
    }
    phone.wait_for("ended").await;
    while !matches!(
        tokio::time::timeout(PATIENCE, call.events.recv()).await.expect("in time"),
        Some(DialogEvent::HungUp)
    ) {}
    phone.finish().await;
}
