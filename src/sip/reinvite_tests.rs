//! Offers within a call that cross, come too early, come without an offer, or are never acknowledged.

use super::dial_tests::{ANSWER, Phone};
use super::raw_tests::{OFFER, Peer, assert_status};
use super::tests::{answer, assert_forgotten, bound, call_of, endpoint, event, loopback, session};
use super::*;
use std::time::Duration;

/// Takes two to four seconds: the pause that the standard sets.
#[tokio::test]
async fn offers_that_cross_get_491_and_ours_is_made_again_after_a_pause() {
    let endpoint = endpoint(1).await;
    let phone = Phone::new().await;
    let (out, invite) = phone.up(&endpoint, "").await;
    let dialog = out.dialog.clone();
    let held = session(4000).with_direction(Direction::SendOnly);
    let offering = tokio::spawn(async move { dialog.reinvite(&held).await });
    let ours = phone.hear_method("INVITE").await;
    phone.ask(&invite, "INVITE", 1, "", ANSWER).await;
    assert!(phone.final_answer("INVITE").await.text.starts_with("SIP/2.0 491 "));
    phone.answer(&ours, "491 Request Pending", "", "").await;
    let again = loop {
        let again = phone.hear_method("INVITE").await;
        if again.sequence() > ours.sequence() {
            break again;
        }
    };
    phone.pick_up(&again, &format!("sip:phone@{}", phone.address())).await;
    assert!(offering.await.expect("runs").is_ok());
}

#[tokio::test]
async fn an_offer_before_the_answer_to_the_last_one_comes_too_early() {
    let endpoint = endpoint(1).await;
    let phone = Phone::new().await;
    let (mut out, invite) = phone.up(&endpoint, "").await;
    phone.ask(&invite, "INVITE", 1, "", ANSWER).await;
    let DialogEvent::Reoffer(first) = event(&mut out.events).await else { panic!("a reoffer") };
    phone.ask(&invite, "INVITE", 2, "", ANSWER).await;
    let refused = phone.final_answer("INVITE").await;
    assert!(refused.text.starts_with("SIP/2.0 500 ") && !refused.header("Retry-After").is_empty(), "{}", refused.text);
    // A refresh without an offer disturbs nothing.
    phone.ask(&invite, "UPDATE", 3, "Supported: timer\r\n", "").await;
    let refreshed = phone.final_answer("UPDATE").await;
    assert_eq!(refreshed.header("Session-Expires"), "1800;refresher=uac");
    first.accept(&session(5000)).await;
    let accepted = loop {
        let heard = phone.final_answer("INVITE").await;
        if heard.sequence() == 1 {
            break heard;
        }
    };
    assert!(accepted.text.starts_with("SIP/2.0 200 "), "{}", accepted.text);
}

#[tokio::test]
async fn an_offer_that_overtakes_an_ack_is_taken_once_the_ack_is_there() {
    let mut endpoint = endpoint(1).await;
    let peer = Peer::of(&endpoint).await;
    let (mut call, agreed, accepted) = accepted_call(&mut endpoint, &peer).await;
    for (before, sequence) in [(1, 2), (2, 4)] {
        peer.send(&peer.within(&accepted, "INVITE", ("a", sequence), "", OFFER)).await;
        // Answered only after the offer has been looked at.
        peer.send(&peer.within(&accepted, "OPTIONS", ("a", sequence + 1), "", "")).await;
        answer_to(&peer, &format!("{} OPTIONS", sequence + 1)).await;
        peer.send(&peer.within(&accepted, "ACK", ("a", before), "", "")).await;
        let reoffer = loop {
            match event(&mut call.events).await {
                DialogEvent::Reoffer(reoffer) => break reoffer,
                other => assert!(matches!(other, DialogEvent::Confirmed), "{other:?}"),
            }
        };
        reoffer.accept(&agreed.answer).await;
        assert_status(&answer_to(&peer, &format!("{sequence} INVITE")).await, 200);
    }
}

/// A call of the peer that was answered, what was agreed, and the 200, whose ACK is still to come.
async fn accepted_call(endpoint: &mut SipEndpoint, peer: &Peer) -> (IncomingCall, Agreed, String) {
    peer.send(&peer.request("INVITE", "a", "", OFFER)).await;
    let mut call = call_of(endpoint).await;
    let agreed = answer(&mut call).await;
    (call, agreed, peer.hear("SIP/2.0 200").await)
}

/// The answer to the request of this number and method.
async fn answer_to(peer: &Peer, sequence: &str) -> String {
    loop {
        let heard = peer.hear("SIP/2.0 ").await;
        if heard.lines().any(|line| line == format!("CSeq: {sequence}")) {
            return heard;
        }
    }
}

#[tokio::test]
async fn who_wants_our_offer_answers_it_in_the_ack() {
    let mut endpoint = endpoint(1).await;
    let peer = Peer::of(&endpoint).await;
    let (mut call, agreed, accepted) = accepted_call(&mut endpoint, &peer).await;
    peer.send(&peer.within(&accepted, "ACK", ("a", 1), "", "")).await;
    assert!(matches!(event(&mut call.events).await, DialogEvent::Confirmed));
    peer.send(&peer.within(&accepted, "INVITE", ("a", 2), "", "")).await;
    let DialogEvent::Reoffer(reoffer) = event(&mut call.events).await else { panic!("a reoffer") };
    assert!(reoffer.offer.is_none());
    let ours = reoffer.agree(&agreed).expect("our offer").answer;
    reoffer.accept(&ours).await;
    let offered = peer.hear("SIP/2.0 200").await;
    assert!(offered.contains("m=audio 5000 RTP/AVP 0"), "{offered}");
    peer.send(&peer.within(&accepted, "ACK", ("a", 2), "", &OFFER.replace("4000", "4002"))).await;
    let DialogEvent::Answered(theirs) = event(&mut call.events).await else { panic!("an answer") };
    assert_eq!(theirs.audio.port, 4002);
}

/// Takes six seconds: 64 round trips of 50 ms, twice.
#[tokio::test]
async fn a_200_comes_again_until_its_ack_and_a_bye_follows_when_none_comes() {
    let times = Times { t1: Duration::from_millis(50), ..Times::default() };
    let mut endpoint = bound(SipConfig { times, ..loopback() }).await;
    let peer = Peer::of(&endpoint).await;
    for (begun, acknowledged) in [("a", false), ("b", true)] {
        peer.send(&peer.request("INVITE", begun, "", OFFER)).await;
        let mut call = call_of(&mut endpoint).await;
        let agreed = answer(&mut call).await;
        let accepted = peer.hear("SIP/2.0 200").await;
        if acknowledged {
            peer.send(&peer.within(&accepted, "ACK", (begun, 1), "", "")).await;
            assert!(matches!(event(&mut call.events).await, DialogEvent::Confirmed));
            peer.send(&peer.within(&accepted, "INVITE", (begun, 2), "", OFFER)).await;
            let DialogEvent::Reoffer(reoffer) = event(&mut call.events).await else { panic!("a reoffer") };
            reoffer.accept(&agreed.answer).await;
        }
        let mut again = 0;
        let bye = loop {
            let heard = peer.receive().await;
            if heard.starts_with("BYE") {
                break heard;
            }
            assert_status(&heard, 200);
            again += 1;
        };
        assert!(again > 3, "{again} times");
        peer.agree(&bye, "", "").await;
        let last = event(&mut call.events).await;
        assert!(matches!(last, DialogEvent::Failed { code: 408, .. } | DialogEvent::HungUp), "{last:?}");
    }
    assert_forgotten([&endpoint, &endpoint]).await;
}
