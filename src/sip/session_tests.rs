//! Session timers on the wire. Sessions last seconds here, for peers that are made to forget their refreshes.

use super::dial_tests::{ANSWER, Heard, Phone};
use super::raw_tests::{OFFER, Peer, assert_status};
use super::tests::{answer, assert_forgotten, bound, call_of, event, loopback};
use super::*;
use std::time::Duration;

/// An endpoint that takes sessions from two seconds on.
async fn endpoint() -> SipEndpoint {
    let seconds = Duration::from_secs;
    let times = Times { session: seconds(4), shortest_session: seconds(2), ..Times::default() };
    bound(SipConfig { times, ..loopback() }).await
}

/// A call of the peer's that is up, and the 200 that it got.
async fn taken(endpoint: &mut SipEndpoint, peer: &Peer, headers: &str) -> (IncomingCall, String) {
    peer.send(&peer.request("INVITE", "a", headers, OFFER)).await;
    let mut call = call_of(endpoint).await;
    answer(&mut call).await;
    let accepted = peer.hear("SIP/2.0 200").await;
    peer.send(&peer.within(&accepted, "ACK", ("a", 1), "", "")).await;
    assert!(matches!(event(&mut call.events).await, DialogEvent::Confirmed));
    (call, accepted)
}

fn assert_says(message: &str, lines: &[&str]) {
    for line in lines {
        assert!(message.lines().any(|it| it == *line), "no `{line}`: {message}");
    }
}

#[tokio::test]
async fn too_short_a_session_is_refused_with_what_it_takes() {
    let endpoint = bound(loopback()).await;
    let peer = Peer::of(&endpoint).await;
    let timer = "Supported: timer\r\nSession-Expires: 89\r\n";
    let refused = peer.ask(&peer.request("INVITE", "a", timer, OFFER)).await;
    assert_status(&refused, 422);
    assert_says(&refused, &["Min-SE: 90"]);
    assert_forgotten([&endpoint, &endpoint]).await;
}

#[tokio::test]
async fn a_caller_that_ceases_to_refresh_is_hung_up_on() {
    let mut endpoint = endpoint().await;
    let peer = Peer::of(&endpoint).await;
    let timer = "Require: timer\r\nSession-Expires: 3;refresher=uac\r\n";
    let (mut call, accepted) = taken(&mut endpoint, &peer, timer).await;
    assert_says(&accepted, &["Session-Expires: 3;refresher=uac", "Require: timer"]);
    // One that would be too short is refused, and is no refresh.
    let brief = peer.within(&accepted, "UPDATE", ("a", 2), "Supported: timer\r\nSession-Expires: 1\r\n", "");
    peer.send(&brief).await;
    assert_says(&peer.hear("SIP/2.0 422").await, &["Min-SE: 2"]);
    peer.send(&peer.within(&accepted, "UPDATE", ("a", 3), timer, "")).await;
    let refreshed = peer.hear("SIP/2.0 200").await;
    assert_says(&refreshed, &["Session-Expires: 3;refresher=uac", "CSeq: 3 UPDATE"]);
    // It asks us to do it from now on, by a re-INVITE, and we do.
    let asking = "Supported: timer\r\nSession-Expires: 2;refresher=uas\r\n";
    let owner = async {
        let DialogEvent::Reoffer(reoffer) = event(&mut call.events).await else { panic!("a reoffer") };
        reoffer.accept(&SessionDescription::offer(([127, 0, 0, 1], 5_000).into(), &[crate::media::Codec::Pcmu])).await;
    };
    let asked = async {
        peer.send(&peer.within(&accepted, "INVITE", ("a", 4), asking, OFFER)).await;
        let agreed = peer.hear("SIP/2.0 200").await;
        peer.send(&peer.within(&accepted, "ACK", ("a", 4), "", "")).await;
        agreed
    };
    let ((), agreed) = tokio::join!(owner, asked);
    assert_says(&agreed, &["Session-Expires: 2;refresher=uas", "CSeq: 4 INVITE"]);
    let refresh = peer.hear("INVITE").await;
    assert_says(&refresh, &["Session-Expires: 2;refresher=uac"]);
    let body = |text: &str| text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    assert_eq!(body(&refresh), body(&agreed), "nothing changes but the time");
    // Then it may do it itself again, and forgets.
    peer.agree(&refresh, "Require: timer\r\nSession-Expires: 2;refresher=uas\r\n", OFFER).await;
    peer.hear("ACK").await;
    let bye = peer.hear("BYE").await;
    peer.agree(&bye, "", "").await;
    assert!(matches!(event(&mut call.events).await, DialogEvent::Failed { code: 408, .. }));
    assert_forgotten([&endpoint, &endpoint]).await;
}

/// The next of these from the phone.
async fn refreshed(phone: &Phone, method: &str, status: &str, headers: &str) -> Heard {
    let refresh = phone.hear_method(method).await;
    let headers = format!("Contact: <sip:phone@{}>\r\n{headers}", phone.address());
    let body = if method == "INVITE" && status.starts_with('2') { ANSWER } else { "" };
    phone.answer(&refresh, status, &headers, body).await;
    refresh
}

#[tokio::test]
async fn a_callee_is_refreshed_by_what_it_takes_and_given_up_when_it_has_forgotten_us() {
    let endpoint = endpoint().await;
    for (allow, method) in [("", "INVITE"), ("Allow: INVITE, ACK, BYE, UPDATE\r\n", "UPDATE")] {
        let phone = Phone::new().await;
        let granted = format!("{allow}Session-Expires: 2;refresher=uac\r\nRequire: timer\r\n");
        let (mut out, invite) = phone.up(&endpoint, &granted).await;
        assert_eq!(invite.header("Session-Expires"), "4");
        let first = refreshed(&phone, method, "200 OK", &granted).await;
        assert_eq!(first.header("Session-Expires"), "2;refresher=uac");
        // It wants longer sessions now, and gets one.
        refreshed(&phone, method, "422 Session Interval Too Small", "Min-SE: 3\r\n").await;
        let longer = refreshed(&phone, method, "200 OK", &granted.replace(": 2", ": 3")).await;
        assert_eq!(longer.header("Session-Expires"), "3;refresher=uac");
        refreshed(&phone, method, "481 Call Does Not Exist", "").await;
        let bye = phone.hear_method("BYE").await;
        phone.answer(&bye, "481 Call Does Not Exist", "", "").await;
        assert!(matches!(event(&mut out.events).await, DialogEvent::Failed { code: 408, .. }));
        assert_forgotten([&endpoint, &endpoint]).await;
    }
}
