//! Our own calls on the wire, with a peer that answers as a test wants.

use super::digest::{DigestAlgorithm, Fields, Proof};
use super::tests::{assert_forgotten, bound, endpoint, event, loopback, session};
use super::*;
use crate::media::Codec;
use crate::pii::Pii;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;

pub(super) const ANSWER: &str =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

/// A phone in the hands of a test.
pub(super) struct Phone {
    socket: UdpSocket,
}

/// A message that it got.
pub(super) struct Heard {
    pub(super) text: String,
    source: SocketAddr,
}

impl Heard {
    pub(super) fn is(&self, method: &str) -> bool {
        self.text.starts_with(&format!("{method} "))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
    }

    pub(super) fn sequence(&self) -> u32 {
        self.header("CSeq").split(' ').next().and_then(|it| it.parse().ok()).expect("a CSeq")
    }
}

impl Phone {
    pub(super) async fn new() -> Self {
        Self { socket: UdpSocket::bind("127.0.0.1:0").await.expect("a port") }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("bound")
    }

    pub(super) fn request(&self) -> DialRequest {
        DialRequest::new(format!("sip:phone@{}", self.address()), session(4000))
    }

    pub(super) async fn hear(&self) -> Heard {
        let mut buffer = vec![0; 65_536];
        let received = tokio::time::timeout(Duration::from_secs(10), self.socket.recv_from(&mut buffer)).await;
        let (length, source) = received.expect("in time").expect("received");
        Heard { text: String::from_utf8_lossy(&buffer[..length]).into_owned(), source }
    }

    /// The next message with this method; what else comes is a retransmission.
    pub(super) async fn hear_method(&self, method: &str) -> Heard {
        loop {
            let heard = self.hear().await;
            if heard.is(method) {
                return heard;
            }
        }
    }

    /// The INVITE of this call, though another's may come again.
    pub(super) async fn hear_invite_of(&self, out: &OutgoingCall) -> Heard {
        loop {
            let invite = self.hear_method("INVITE").await;
            if invite.header("Call-ID") == out.dialog.call_id() {
                return invite;
            }
        }
    }

    pub(super) async fn answer(&self, request: &Heard, status: &str, headers: &str, body: &str) {
        let kept = ["Via", "From", "Call-ID", "CSeq"].map(|name| format!("{name}: {}\r\n", request.header(name)));
        let (kept, to) = (kept.concat(), request.header("To"));
        let tag = if to.contains(";tag=") { "" } else { ";tag=phone" };
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let text = format!(
            "SIP/2.0 {status}\r\n{kept}To: {to}{tag}\r\n{headers}{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.socket.send_to(text.as_bytes(), request.source).await.expect("sent");
    }

    pub(super) async fn pick_up(&self, invite: &Heard, contact: &str) {
        self.answer(invite, "200 OK", &format!("Contact: <{contact}>\r\n"), ANSWER).await;
    }

    /// A call that is up: what we hold of it, and the INVITE.
    pub(super) async fn up(&self, endpoint: &SipEndpoint, headers: &str) -> (OutgoingCall, Heard) {
        let mut out = endpoint.dial(self.request()).await.expect("dialled");
        let invite = self.hear_method("INVITE").await;
        let contact = format!("Contact: <sip:phone@{}>\r\n{headers}", self.address());
        self.answer(&invite, "200 OK", &contact, ANSWER).await;
        self.hear_method("ACK").await;
        assert!(matches!(event(&mut out.events).await, DialogEvent::Answered(_)));
        (out, invite)
    }

    /// A request of the phone's within the call that this INVITE began.
    pub(super) async fn ask(&self, invite: &Heard, method: &str, sequence: u32, headers: &str, body: &str) {
        let me = self.address();
        let (from, to, call_id) = (invite.header("To"), invite.header("From"), invite.header("Call-ID"));
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let text = format!(
            "{method} sip:{} SIP/2.0\r\nVia: SIP/2.0/UDP {me};rport;branch=z9hG4bK{method}{sequence}{call_id}\r\n\
             From: {from};tag=phone\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {sequence} {method}\r\n\
             Contact: <sip:phone@{me}>\r\n{headers}{kind}Content-Length: {}\r\n\r\n{body}",
            invite.source,
            body.len()
        );
        self.socket.send_to(text.as_bytes(), invite.source).await.expect("sent");
    }

    /// The next final answer to such a request.
    pub(super) async fn final_answer(&self, method: &str) -> Heard {
        loop {
            let heard = self.hear().await;
            let is_final = heard.text.starts_with("SIP/2.0 ") && !heard.text.starts_with("SIP/2.0 1");
            if is_final && heard.header("CSeq").ends_with(method) {
                return heard;
            }
        }
    }
}

fn credentials() -> Credentials {
    Credentials { user: "shop".to_owned(), password: Pii::new("s3cret".to_owned()) }
}

fn assert_proven(invite: &Heard, header: &str, algorithm: DigestAlgorithm) {
    let fields = Fields::parse(invite.header(header)).expect("credentials");
    let field = |name| fields.get(name).expect("a field");
    let proof = Proof {
        user: "shop",
        realm: "trunk",
        nonce: "n1",
        nonce_count: field("nc"),
        client_nonce: field("cnonce"),
        method: "INVITE",
        uri: field("uri"),
    };
    assert_eq!(field("response"), proof.response(algorithm, "s3cret"));
    assert_eq!((field("algorithm"), field("uri")), (algorithm.name(), invite.text.split(' ').nth(1).expect("a URI")));
    assert!(invite.text.contains("qop=auth,"), "{}", invite.text);
}

#[tokio::test]
async fn a_challenge_is_answered_once() {
    let endpoint = endpoint(1).await;
    let phone = Phone::new().await;
    let other = "WWW-Authenticate: Digest realm=\"trunk\", nonce=\"n0\", algorithm=SHA-512-256, qop=\"auth\"\r\n";
    for (status, challenge, answer, algorithm) in [
        ("401 Unauthorized", "WWW-Authenticate", "Authorization", DigestAlgorithm::Md5),
        ("407 Proxy Authentication Required", "Proxy-Authenticate", "Proxy-Authorization", DigestAlgorithm::Sha256),
    ] {
        let name = algorithm.name();
        let challenge = format!(
            "{other}{challenge}: Digest realm=\"trunk\", nonce=\"n1\", algorithm={name}, qop=\"auth,auth-int\"\r\n"
        );
        let request = DialRequest { credentials: Some(credentials()), ..phone.request() };
        let mut out = endpoint.dial(request).await.expect("dialled");
        let first = phone.hear_method("INVITE").await;
        assert_eq!(first.header(answer), "");
        phone.answer(&first, status, &challenge, "").await;
        assert_eq!(phone.hear_method("ACK").await.sequence(), first.sequence());
        let second = phone.hear_method("INVITE").await;
        assert_proven(&second, answer, algorithm);
        assert_eq!((second.header("Call-ID"), second.sequence() > first.sequence()), (first.header("Call-ID"), true));
        phone.answer(&second, status, &challenge, "").await;
        let code = status[..3].parse::<u16>().expect("a status");
        assert!(matches!(event(&mut out.events).await, DialogEvent::Failed { code: it, .. } if it == code));
        assert_forgotten([&endpoint, &endpoint]).await;
    }
}

#[tokio::test]
async fn an_unanswerable_challenge_ends_the_call() {
    let endpoint = endpoint(1).await;
    let phone = Phone::new().await;
    for (credentials, challenge) in [
        (None, "WWW-Authenticate: Digest realm=\"trunk\", nonce=\"n1\"\r\n"),
        (Some(credentials()), "WWW-Authenticate: Digest realm=\"trunk\", nonce=\"n1\", algorithm=SHA-512-256\r\n"),
        (Some(credentials()), ""),
    ] {
        let request = DialRequest { credentials, ..phone.request() };
        let mut out = endpoint.dial(request).await.expect("dialled");
        phone.answer(&phone.hear_method("INVITE").await, "401 Unauthorized", challenge, "").await;
        assert!(matches!(event(&mut out.events).await, DialogEvent::Failed { code: 401, .. }), "{challenge}");
        assert_forgotten([&endpoint, &endpoint]).await;
    }
}

#[tokio::test]
async fn a_call_passed_on_tells_whose_it_is() {
    let endpoint = endpoint(2).await;
    let phone = Phone::new().await;
    let request = DialRequest {
        from_user: Some("x>\r\nVia: y".to_owned()),
        asserted: Some("+15550123".to_owned()),
        diversion: Some(Diversion { user: "+15550100".to_owned(), times: 2 }),
        max_forwards: 68,
        ..phone.request()
    };
    let _out = endpoint.dial(request).await.expect("dialled");
    let invite = phone.hear_method("INVITE").await;
    let host = endpoint.local_addr();
    assert_eq!(invite.header("P-Asserted-Identity"), format!("<sip:+15550123@{host}>"));
    assert_eq!(invite.header("Diversion"), format!("<sip:+15550100@{host}>;reason=no-answer;counter=2"));
    assert!(invite.header("From").starts_with(&format!("<sip:x%3E%0D%0AVia%3A%20y@{host}>;tag=")), "{}", invite.text);
    assert_eq!((invite.header("Max-Forwards"), invite.header("Privacy")), ("68", ""));
    assert_eq!(invite.text.matches("Max-Forwards").count(), 1);

    let request = DialRequest { asserted: Some("+15550123".to_owned()), ..phone.request() };
    let _out = endpoint.dial(request).await.expect("dialled");
    let first = invite.header("Call-ID").to_owned();
    let hidden = loop {
        let invite = phone.hear_method("INVITE").await;
        if invite.header("Call-ID") != first {
            break invite;
        }
    };
    assert_eq!((hidden.header("Privacy"), hidden.header("Diversion")), ("id", ""));
    assert!(hidden.header("From").starts_with("\"Anonymous\" <sip:anonymous@anonymous.invalid>"), "{}", hidden.text);
}

#[tokio::test]
async fn a_loser_is_cancelled_after_it_rings_and_told_why() {
    let endpoint = endpoint(1).await;
    let phone = Phone::new().await;
    for (why, reason) in [
        (CancelReason::AnsweredElsewhere, "SIP;cause=200;text=\"Call completed elsewhere\""),
        (CancelReason::GivenUp, ""),
    ] {
        let mut out = endpoint.dial(phone.request()).await.expect("dialled");
        let invite = phone.hear().await;
        let dialog = out.dialog.clone();
        let cancelling = tokio::spawn(async move { dialog.cancel(why).await });
        // No answer yet, so what comes next is the INVITE again and no CANCEL.
        assert!(phone.hear().await.is("INVITE"));
        phone.answer(&invite, "180 Ringing", "", "").await;
        let cancel = phone.hear_method("CANCEL").await;
        assert_eq!((cancel.header("Reason"), cancel.header("Via")), (reason, invite.header("Via")));
        assert_eq!(cancel.sequence(), invite.sequence());
        phone.answer(&cancel, "200 OK", "", "").await;
        phone.answer(&invite, "487 Request Terminated", "", "").await;
        assert_eq!(phone.hear_method("ACK").await.header("Reason"), "");
        assert!(matches!(event(&mut out.events).await, DialogEvent::Failed { code: 487, .. }));
        cancelling.await.expect("cancelled");
        assert_forgotten([&endpoint, &endpoint]).await;
    }
}

/// An endpoint for which 0.4 s without any response are silence.
async fn impatient() -> SipEndpoint {
    let times = Times { t1: Duration::from_millis(50), ..Times::default() };
    bound(SipConfig { times, ..loopback() }).await
}

#[tokio::test]
async fn silence_is_a_failure_and_a_late_answer_is_acknowledged_and_ended() {
    let endpoint = impatient().await;
    let phone = Phone::new().await;
    let mut out = endpoint.dial(phone.request()).await.expect("dialled");
    let invite = phone.hear_method("INVITE").await;
    assert!(matches!(event(&mut out.events).await, DialogEvent::Failed { code: 408, advice: None, .. }));
    assert_forgotten([&endpoint, &endpoint]).await;
    // It answers after all: the call is of no use any more.
    phone.pick_up(&invite, &format!("sip:phone@{}", phone.address())).await;
    assert_eq!(phone.hear_method("ACK").await.sequence(), invite.sequence());
    let bye = phone.hear_method("BYE").await;
    phone.answer(&bye, "200 OK", "", "").await;

    // It rings after all: the call is called off.
    let mut out = endpoint.dial(phone.request()).await.expect("dialled");
    let invite = phone.hear_invite_of(&out).await;
    assert!(matches!(event(&mut out.events).await, DialogEvent::Failed { code: 408, .. }));
    phone.answer(&invite, "180 Ringing", "", "").await;
    let cancel = phone.hear_method("CANCEL").await;
    phone.answer(&cancel, "200 OK", "", "").await;
    phone.answer(&invite, "487 Request Terminated", "", "").await;
    assert_eq!(phone.hear_method("ACK").await.sequence(), invite.sequence());
    assert_forgotten([&endpoint, &endpoint]).await;
}

#[tokio::test]
async fn whoever_said_trying_is_not_silent_and_a_challenge_begins_anew() {
    let endpoint = impatient().await;
    let phone = Phone::new().await;
    let mut out = endpoint.dial(phone.request()).await.expect("dialled");
    let invite = phone.hear_method("INVITE").await;
    phone.answer(&invite, "100 Trying", "", "").await;
    let silence = tokio::time::timeout(Duration::from_secs(1), out.events.recv()).await;
    assert!(silence.is_err(), "{silence:?}");
    phone.answer(&invite, "180 Ringing", "", "").await;
    assert!(matches!(out.events.recv().await, Some(DialogEvent::Ringing { .. })));
    phone.answer(&invite, "486 Busy Here", "", "").await;
    assert!(matches!(event(&mut out.events).await, DialogEvent::Failed { code: 486, .. }));

    let request = DialRequest { credentials: Some(credentials()), ..phone.request() };
    let mut out = endpoint.dial(request).await.expect("dialled");
    let first = phone.hear_invite_of(&out).await;
    let challenge = "WWW-Authenticate: Digest realm=\"trunk\", nonce=\"n1\"\r\n";
    phone.answer(&first, "401 Unauthorized", challenge, "").await;
    assert!(!phone.hear_method("INVITE").await.header("Authorization").is_empty());
    assert!(matches!(event(&mut out.events).await, DialogEvent::Failed { code: 408, .. }));
    assert_forgotten([&endpoint, &endpoint]).await;
}

#[tokio::test]
async fn a_refusal_tells_what_would_help() {
    let endpoint = endpoint(1).await;
    let phone = Phone::new().await;
    let offer = SessionDescription::offer("127.0.0.1:4000".parse().expect("address"), &[Codec::Pcmu, Codec::Pcma]);
    let request = DialRequest { offer, ..phone.request() };
    let longer = Some(Advice::LongerSession(Duration::from_hours(1)));
    for (status, headers, told) in [
        (
            "503 Service Unavailable",
            "Retry-After: 120 (restarting);duration=60\r\n",
            Some(Advice::StayAway(Duration::from_mins(2))),
        ),
        ("422 Session Interval Too Small", "Min-SE: 3600\r\n", longer),
        ("503 Service Unavailable", "", None),
        ("488 Not Acceptable Here", "", None),
        ("302 Moved Temporarily", "Contact: <sip:premium@127.0.0.1:9>\r\n", None),
    ] {
        let mut out = endpoint.dial(request.clone()).await.expect("dialled");
        let invite = phone.hear_invite_of(&out).await;
        assert!(invite.header("Session-Expires") == "1800" && invite.header("Supported").contains("timer"));
        phone.answer(&invite, status, headers, "").await;
        let DialogEvent::Failed { advice, .. } = event(&mut out.events).await else { panic!("{status}") };
        assert_eq!(advice, told, "{status}");
    }
    // What is tried once more, and only once: 302 and its like are never followed.
    let again = request.clone().mended(422, longer).expect("another try");
    assert_eq!(again.session, Some(Duration::from_hours(1)));
    assert!(again.mended(422, longer).is_none() && request.clone().mended(302, None).is_none());
    let other = request.mended(488, None).expect("another try");
    assert_eq!(other.offer.audio.codecs().collect::<Vec<_>>(), [Codec::Pcma]);
    assert!(other.offer.audio.event_payload_type().is_some() && other.mended(488, None).is_none());
}

#[tokio::test]
async fn an_answer_that_crosses_the_cancel_is_acknowledged_and_ended() {
    let endpoint = endpoint(1).await;
    let phone = Phone::new().await;
    let mut out = endpoint.dial(phone.request()).await.expect("dialled");
    let invite = phone.hear_method("INVITE").await;
    phone.answer(&invite, "180 Ringing", "", "").await;
    assert!(matches!(out.events.recv().await, Some(DialogEvent::Ringing { .. })));
    let dialog = out.dialog.clone();
    tokio::spawn(async move { dialog.cancel(CancelReason::AnsweredElsewhere).await });
    let cancel = phone.hear_method("CANCEL").await;
    phone.pick_up(&invite, &format!("sip:phone@{}", phone.address())).await;
    phone.answer(&cancel, "200 OK", "", "").await;
    assert_eq!(phone.hear_method("ACK").await.sequence(), invite.sequence());
    let bye = phone.hear_method("BYE").await;
    assert!(bye.header("To").ends_with(";tag=phone"), "{}", bye.text);
    phone.answer(&bye, "200 OK", "", "").await;
    // The loser never counts as answered.
    assert!(matches!(event(&mut out.events).await, DialogEvent::Failed { code: 487, .. }));
    assert_forgotten([&endpoint, &endpoint]).await;
}

#[tokio::test]
async fn a_phone_behind_nat_is_reached_by_its_flow() {
    let endpoint = endpoint(1).await;
    let phone = Phone::new().await;
    let private = "sip:phone@192.0.2.1:5062";
    let request = DialRequest { to: private.to_owned(), destination: Some(phone.address()), ..phone.request() };
    let mut out = endpoint.dial(request).await.expect("dialled");
    let invite = phone.hear_method("INVITE").await;
    assert!(invite.is(&format!("INVITE {private}")), "{}", invite.text);
    phone.pick_up(&invite, private).await;
    phone.hear_method("ACK").await;
    assert!(matches!(event(&mut out.events).await, DialogEvent::Answered(_)));
    let dialog = out.dialog.clone();
    tokio::spawn(async move { dialog.hang_up().await });
    let bye = phone.hear_method("BYE").await;
    phone.answer(&bye, "200 OK", "", "").await;
    assert!(matches!(event(&mut out.events).await, DialogEvent::HungUp));
    assert_forgotten([&endpoint, &endpoint]).await;
}
