//! Two endpoints of ours on loopback.

use super::*;
use crate::media::Codec;
use std::time::Duration;
use tokio::sync::mpsc;

const LONG: Duration = Duration::from_secs(10);

pub(super) async fn endpoint(max_calls: usize) -> SipEndpoint {
    registrar(max_calls, Accounts::default()).await
}

pub(super) async fn registrar(max_calls: usize, accounts: Accounts) -> SipEndpoint {
    bound(SipConfig { max_calls, accounts, inbox: max_calls.max(1), ..loopback() }).await
}

pub(super) fn loopback() -> SipConfig {
    SipConfig::new("127.0.0.1:0".parse().expect("address"), "Backstop")
}

pub(super) async fn bound(config: SipConfig) -> SipEndpoint {
    SipEndpoint::bind(config).await.expect("a free port")
}

pub(super) fn session(port: u16) -> SessionDescription {
    SessionDescription::offer(format!("127.0.0.1:{port}").parse().expect("address"), &[Codec::Pcmu])
}

async fn dial(from: &SipEndpoint, to: &SipEndpoint, transport: Transport) -> OutgoingCall {
    let request = DialRequest {
        from_user: Some("+15550123".to_owned()),
        from_name: Some("Ann".to_owned()),
        transport,
        ..DialRequest::new(format!("sip:shop@{}", to.local_addr()), session(4000))
    };
    from.dial(request).await.expect("dialled")
}

pub(super) async fn call_of(endpoint: &mut SipEndpoint) -> IncomingCall {
    tokio::time::timeout(LONG, endpoint.next_call()).await.expect("in time").expect("a call")
}

/// The next event, skipping `Ringing`.
pub(super) async fn event(events: &mut mpsc::Receiver<DialogEvent>) -> DialogEvent {
    loop {
        match tokio::time::timeout(LONG, events.recv()).await.expect("in time").expect("an event") {
            DialogEvent::Ringing { .. } => {}
            event => return event,
        }
    }
}

pub(super) async fn answer(call: &mut IncomingCall) -> Agreed {
    let offer = call.offer.as_ref().expect("an offer");
    let agreed = negotiate(offer, "127.0.0.1:5000".parse().expect("address")).expect("common codec");
    call.dialog.accept(&agreed.answer).await;
    agreed
}

/// A call that is up: caller's side, called side, and what the latter agreed on.
async fn up(a: &SipEndpoint, b: &mut SipEndpoint, transport: Transport) -> (OutgoingCall, IncomingCall, Agreed) {
    let mut out = dial(a, b, transport).await;
    let mut call = call_of(b).await;
    call.dialog.ring().await;
    let agreed = answer(&mut call).await;
    assert!(matches!(event(&mut out.events).await, DialogEvent::Answered(_)));
    assert!(matches!(event(&mut call.events).await, DialogEvent::Confirmed));
    (out, call, agreed)
}

/// Both sides have forgotten the call. The last table is cleared after the last event, so give the tasks turns.
pub(super) async fn assert_forgotten(endpoints: [&SipEndpoint; 2]) {
    let forgotten = async {
        while endpoints.iter().any(|it| it.kept_dialogs() > 0 || it.active_calls() > 0) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, forgotten).await.expect("no dialog leaks");
}

#[tokio::test]
async fn a_call_is_answered_and_ended_by_either_side() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let (a, mut b) = (endpoint(4).await, endpoint(4).await);
        let (mut out, mut call, agreed) = up(&a, &mut b, transport).await;
        assert_eq!((call.caller.as_deref(), call.caller_name.as_deref()), (Some("+15550123"), Some("Ann")));
        assert_eq!((call.called.as_str(), call.transport, agreed.codec), ("shop", transport, Codec::Pcmu));
        assert_eq!((a.active_calls(), b.active_calls()), (1, 1));
        out.dialog.hang_up().await;
        assert!(matches!(event(&mut call.events).await, DialogEvent::HungUp));
        assert!(matches!(event(&mut out.events).await, DialogEvent::HungUp));
        assert_forgotten([&a, &b]).await;

        let (mut out, mut call, _) = up(&a, &mut b, transport).await;
        call.dialog.hang_up().await;
        assert!(matches!(event(&mut out.events).await, DialogEvent::HungUp));
        assert!(matches!(event(&mut call.events).await, DialogEvent::HungUp));
        assert_forgotten([&a, &b]).await;
    }
}

#[tokio::test]
async fn a_caller_may_give_up() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let (a, mut b) = (endpoint(4).await, endpoint(4).await);
        let mut out = dial(&a, &b, transport).await;
        let mut call = call_of(&mut b).await;
        call.dialog.ring().await;
        let ringing = tokio::time::timeout(LONG, out.events.recv()).await.expect("in time");
        assert!(matches!(ringing, Some(DialogEvent::Ringing { early: None })));
        out.dialog.hang_up().await;
        assert!(matches!(event(&mut call.events).await, DialogEvent::Cancelled));
        assert!(matches!(event(&mut out.events).await, DialogEvent::Failed { code: 487, .. }));
        assert_forgotten([&a, &b]).await;
    }
}

#[tokio::test]
async fn a_call_may_be_refused() {
    let (a, mut b) = (endpoint(4).await, endpoint(4).await);
    let mut out = dial(&a, &b, Transport::Udp).await;
    call_of(&mut b).await.dialog.reject(486, "closed").await;
    assert!(matches!(event(&mut out.events).await, DialogEvent::Failed { code: 486, .. }));
    // Dropped without an answer.
    let mut out = dial(&a, &b, Transport::Tcp).await;
    drop(call_of(&mut b).await);
    assert!(matches!(event(&mut out.events).await, DialogEvent::Failed { code: 480, .. }));
    assert_forgotten([&a, &b]).await;
}

#[tokio::test]
async fn a_stream_that_nobody_takes_is_told_at_once() {
    let a = endpoint(1).await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("bound");
    let request =
        DialRequest { transport: Transport::Tcp, ..DialRequest::new(format!("sip:shop@{closed}"), session(4000)) };
    assert!(matches!(a.dial(request).await, Err(SipError::Dial(_))));
    assert_forgotten([&a, &a]).await;
}

#[tokio::test]
async fn a_dropped_call_is_hung_up() {
    let (a, mut b) = (endpoint(4).await, endpoint(4).await);
    let (mut out, call, _) = up(&a, &mut b, Transport::Udp).await;
    drop(call);
    assert!(matches!(event(&mut out.events).await, DialogEvent::HungUp));
    assert_forgotten([&a, &b]).await;
}

#[tokio::test]
async fn a_call_is_held_resumed_and_sent_digits() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let (a, mut b) = (endpoint(4).await, endpoint(4).await);
        let (out, mut call, mut agreed) = up(&a, &mut b, transport).await;
        let owner = async {
            for held in [true, false] {
                let DialogEvent::Reoffer(reoffer) = event(&mut call.events).await else { panic!("a reoffer") };
                agreed = reoffer.agree(&agreed).expect("common codec");
                assert_eq!(agreed.direction.is_held(), held);
                reoffer.accept(&agreed.answer).await;
            }
            let DialogEvent::Reoffer(reoffer) = event(&mut call.events).await else { panic!("a reoffer") };
            drop(reoffer);
            let DialogEvent::Digit(digit) = event(&mut call.events).await else { panic!("a digit") };
            assert_eq!(digit, '#');
        };
        let caller = async {
            let held = session(4000).with_direction(Direction::SendOnly);
            let answer = out.dialog.reinvite(&held).await.expect("agreed");
            assert_eq!(answer.audio.direction, Direction::RecvOnly);
            let resumed = held.with_direction(Direction::SendRecv);
            assert_eq!(out.dialog.reinvite(&resumed).await.expect("agreed").version, 3);
            assert!(matches!(out.dialog.reinvite(&resumed).await, Err(DialogError::Refused(488))));
            out.dialog.send_digit('#').await.expect("taken");
        };
        tokio::join!(owner, caller);
        out.dialog.hang_up().await;
        assert!(matches!(event(&mut call.events).await, DialogEvent::HungUp));
        assert_forgotten([&a, &b]).await;
    }
}

#[tokio::test]
async fn a_hundred_calls_at_once() {
    let (a, mut b) = (endpoint(100).await, endpoint(100).await);
    let mut outgoing = Vec::new();
    for _ in 0..100 {
        outgoing.push(dial(&a, &b, Transport::Udp).await);
    }
    let mut incoming = Vec::new();
    for _ in 0..100 {
        let mut call = call_of(&mut b).await;
        answer(&mut call).await;
        incoming.push(call);
    }
    for out in &mut outgoing {
        assert!(matches!(event(&mut out.events).await, DialogEvent::Answered(_)));
    }
    for call in &mut incoming {
        assert!(matches!(event(&mut call.events).await, DialogEvent::Confirmed));
    }
    assert_eq!(b.active_calls(), 100);
    b.shut_down().await;
    for out in &mut outgoing {
        assert!(matches!(event(&mut out.events).await, DialogEvent::HungUp));
    }
    assert!(b.next_call().await.is_none());
    assert_forgotten([&a, &b]).await;
}

#[tokio::test]
async fn a_port_in_use_is_told_with_its_key() {
    let first = endpoint(1).await;
    let config = SipConfig::new(first.local_addr(), "");
    let error = SipEndpoint::bind(config).await.expect_err("taken").to_string();
    assert!(error.contains("sip.bind") && error.contains(&first.local_addr().to_string()), "{error}");
}

#[tokio::test]
async fn a_wildcard_address_names_the_one_that_the_peer_reaches() {
    let config = SipConfig {
        advertised: Some("203.0.113.1".parse().expect("address")),
        ..SipConfig::new("0.0.0.0:0".parse().expect("address"), "Backstop")
    };
    let (a, mut b) = (endpoint(1).await, SipEndpoint::bind(config).await.expect("a free port"));
    let to = format!("sip:shop@127.0.0.1:{}", b.local_addr().port());
    let mut out = a.dial(DialRequest::new(to, session(4000))).await.expect("dialled");
    let mut call = call_of(&mut b).await;
    assert_eq!((&call.caller, call.dialog.local_ip().to_string()), (&None, "127.0.0.1".to_owned()));
    answer(&mut call).await;
    assert!(matches!(event(&mut out.events).await, DialogEvent::Answered(_)));
    // The BYE follows the Contact.
    out.dialog.hang_up().await;
    assert!(matches!(event(&mut call.events).await, DialogEvent::Confirmed));
    assert!(matches!(event(&mut call.events).await, DialogEvent::HungUp));
    assert_forgotten([&a, &b]).await;
}
