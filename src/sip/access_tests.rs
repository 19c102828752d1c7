//! Who may call, on the wire: loopback has addresses enough.

use super::raw_tests::{OFFER, Peer, assert_status};
use super::tests::{assert_forgotten, bound, call_of, loopback};
use super::*;

#[tokio::test]
async fn who_is_not_listed_hears_nothing_and_trunks_are_always_heard() {
    let allow = Some(vec!["127.0.0.2".parse().expect("a range")]);
    let mut endpoint = bound(SipConfig { allow, ..loopback() }).await;
    let (listed, stranger) = (Peer::at("127.0.0.2", &endpoint).await, Peer::at("127.0.0.3", &endpoint).await);
    stranger.send(&stranger.request("INVITE", "a", "", OFFER)).await;
    // Its next question is answered, so the call before it was not.
    let answer = stranger.ask(&stranger.request("OPTIONS", "b", "", "")).await;
    assert_status(&answer, 200);
    assert!(answer.contains("Call-ID: cb\r\n"), "{answer}");
    assert_forgotten([&endpoint, &endpoint]).await;

    listed.send(&listed.request("INVITE", "c", "", OFFER)).await;
    call_of(&mut endpoint).await.dialog.reject(486, "").await;
    assert_status(&listed.hear("SIP/2.0 4").await, 486);

    let config = TrunkConfig {
        name: "provider".to_owned(),
        address: "sip:127.0.0.3:9".to_owned(),
        transport: Transport::Udp,
        credentials: None,
        registers: false,
        keepalive: None,
    };
    let trunk = endpoint.trunk(config).expect("an address");
    stranger.send(&stranger.request("INVITE", "d", "", OFFER)).await;
    call_of(&mut endpoint).await.dialog.reject(486, "").await;
    assert_status(&stranger.hear("SIP/2.0 4").await, 486);
    drop(trunk);

    // The list may change while calls go on.
    endpoint.dialler().allow(None);
    let anybody = Peer::at("127.0.0.4", &endpoint).await;
    anybody.send(&anybody.request("INVITE", "e", "", OFFER)).await;
    call_of(&mut endpoint).await.dialog.reject(486, "").await;
    assert_status(&anybody.hear("SIP/2.0 4").await, 486);
    assert_forgotten([&endpoint, &endpoint]).await;
}
