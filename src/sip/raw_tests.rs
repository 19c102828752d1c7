//! Messages that no well-behaved peer sends, and their answers on the wire.

use super::tests::endpoint;
use super::*;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;

pub(super) const OFFER: &str =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

/// A caller in the hands of a test.
pub(super) struct Peer {
    socket: UdpSocket,
    to: SocketAddr,
}

impl Peer {
    pub(super) async fn of(endpoint: &SipEndpoint) -> Self {
        Self::at("127.0.0.1", endpoint).await
    }

    pub(super) async fn at(address: &str, endpoint: &SipEndpoint) -> Self {
        let socket = UdpSocket::bind((address, 0)).await.expect("a port");
        Self { socket, to: endpoint.local_addr() }
    }

    /// A request in which a test spoils one thing.
    pub(super) fn request(&self, method: &str, branch: &str, extra: &str, body: &str) -> String {
        let me = self.socket.local_addr().expect("bound");
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        format!(
            "{method} sip:shop@{} SIP/2.0\r\nVia: SIP/2.0/UDP {me};rport;branch=z9hG4bK{branch}\r\n\
             From: \"A\" <sip:5550123@{me}>;tag=f{branch}\r\nTo: <sip:shop@{}>\r\nCall-ID: c{branch}\r\nCSeq: 1 {method}\r\n\
             Contact: <sip:a@{me}>\r\n{extra}{kind}Content-Length: {}\r\n\r\n{body}",
            self.to,
            self.to,
            body.len()
        )
    }

    pub(super) async fn send(&self, text: &str) {
        self.socket.send_to(text.as_bytes(), self.to).await.expect("sent");
    }

    pub(super) async fn receive(&self) -> String {
        let mut buffer = vec![0; 65_536];
        let received = tokio::time::timeout(Duration::from_secs(10), self.socket.recv(&mut buffer)).await;
        let length = received.expect("in time").expect("received");
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    }

    /// A request within the call that was begun with this branch and accepted with this 200.
    pub(super) fn within(
        &self,
        accepted: &str,
        method: &str,
        (begun, sequence): (&str, u32),
        extra: &str,
        body: &str,
    ) -> String {
        let to = accepted.lines().find(|line| line.starts_with("To:")).expect("To");
        let own = self.request(method, &format!("{method}{sequence}{begun}"), extra, body);
        let line = |line: &str| match line.split(':').next() {
            Some("To") => to.to_owned(),
            Some("From") => format!("{};tag=f{begun}", line.split(";tag=").next().unwrap_or_default()),
            Some("Call-ID") => format!("Call-ID: c{begun}"),
            Some("CSeq") => format!("CSeq: {sequence} {method}"),
            _ => line.to_owned(),
        };
        let (head, body) = own.split_once("\r\n\r\n").expect("an end");
        head.lines().map(|it| line(it) + "\r\n").collect::<String>() + "\r\n" + body
    }

    /// The next message that begins so; what else comes is a retransmission.
    pub(super) async fn hear(&self, beginning: &str) -> String {
        loop {
            let heard = self.receive().await;
            if heard.starts_with(beginning) {
                return heard;
            }
        }
    }

    /// Answers a request with 200.
    pub(super) async fn agree(&self, request: &str, headers: &str, body: &str) {
        self.answer(request, "200 OK", headers, body).await;
    }

    /// Answers a request.
    pub(super) async fn answer(&self, request: &str, status: &str, headers: &str, body: &str) {
        let is_kept = |line: &&str| {
            let name = line.split(':').next().unwrap_or_default();
            ["Via", "From", "To", "Call-ID", "CSeq"].contains(&name)
        };
        let kept: Vec<_> = request.lines().filter(is_kept).collect();
        let kept = kept.join("\r\n") + "\r\n";
        let me = self.socket.local_addr().expect("bound");
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        self.send(&format!(
            "SIP/2.0 {status}\r\n{kept}Contact: <sip:a@{me}>\r\n{headers}{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await;
    }

    /// The final answer, acknowledged if it refuses an INVITE.
    pub(super) async fn ask(&self, text: &str) -> String {
        self.send(text).await;
        loop {
            let answer = self.receive().await;
            if answer.starts_with("SIP/2.0 1") {
                continue;
            }
            if text.starts_with("INVITE") {
                let to = answer.lines().find(|line| line.starts_with("To:")).unwrap_or("To: <sip:x@y>");
                let head = text.split("Content-").next().unwrap_or_default().replace("INVITE", "ACK");
                let ack = head
                    .lines()
                    .filter(|line| !line.starts_with("Require"))
                    .map(|line| if line.starts_with("To:") { to } else { line });
                let ack = ack.collect::<Vec<_>>().join("\r\n") + "\r\n";
                self.send(&format!("{ack}Content-Length: 0\r\n\r\n")).await;
            }
            return answer;
        }
    }
}

pub(super) fn assert_status(answer: &str, code: u16) {
    assert!(answer.starts_with(&format!("SIP/2.0 {code} ")), "wanted {code}: {answer}");
    assert!(answer.contains("Server: Backstop\r\n") && !answer.to_lowercase().contains("rsip"), "{answer}");
}

#[tokio::test]
async fn malformed_requests_get_400() {
    let endpoint = endpoint(2).await;
    let peer = Peer::of(&endpoint).await;
    let good = |branch: &str| peer.request("INVITE", branch, "", OFFER);
    for (text, code) in [
        (good("a").replace("INVITE sip:shop@", "INVITE @@ "), 400),
        (good("b").replace("Call-ID: cb\r\n", ""), 400),
        (good("c").replace("CSeq: 1 INVITE", "CSeq: 1 BYE"), 400),
        (good("d").replace(";tag=fd", ""), 400),
        (good("e").replace("Contact:", "X-Contact:"), 400),
        (good("f").replace("Content-Length: ", "Content-Length: 9"), 400),
        (good("g").replace("v=0", "x=0"), 400),
        (good("h").replace("m=audio 4000", "m=audio"), 400),
        (good("i").replace("application/sdp", "text/plain"), 415),
        (peer.request("INVITE", "j", "Max-Forwards: 0\r\n", OFFER), 483),
        (peer.request("INVITE", "k", "Require: 100rel\r\n", OFFER), 420),
        (peer.request("FOO", "l", "", ""), 501),
        (peer.request("REGISTER", "m", "", ""), 405),
        (peer.request("REFER", "q", "Refer-To: <sip:101@shop>\r\n", ""), 403),
        (peer.request("BYE", "n", "", ""), 481),
        (peer.request("BYE", "o", "", "").replace(">\r\nCall-ID", ">;tag=x\r\nCall-ID"), 481),
    ] {
        assert_status(&peer.ask(&text).await, code);
    }
    let refused = peer.ask(&peer.request("INVITE", "p", "Require: foo\r\n", OFFER)).await;
    assert!(refused.contains("Unsupported: foo\r\n"), "{refused}");
    assert_eq!((endpoint.active_calls(), endpoint.kept_dialogs()), (0, 0));
}

#[tokio::test]
async fn options_tells_what_we_can_do_and_scanners_hear_nothing() {
    let endpoint = endpoint(2).await;
    let peer = Peer::of(&endpoint).await;
    peer.send(&peer.request("OPTIONS", "a", "User-Agent: friendly-scanner\r\n", "")).await;
    peer.send(&peer.request("INVITE", "b", "User-Agent: sipcli/v1.8\r\n", OFFER)).await;
    peer.send("hello").await;
    let answer = peer.ask(&peer.request("OPTIONS", "c", "", "")).await;
    assert_status(&answer, 200);
    assert!(answer.contains("Call-ID: cc\r\n"), "the scanner was answered: {answer}");
    assert!(
        answer.contains("Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, REFER, UPDATE\r\n")
            && answer.contains("Accept: application/sdp\r\n")
    );
}

#[tokio::test]
async fn calls_past_the_limit_get_503() {
    let mut endpoint = endpoint(1).await;
    let peer = Peer::of(&endpoint).await;
    let first = peer.request("INVITE", "a", "", OFFER);
    peer.send(&first).await;
    let call = endpoint.next_call().await.expect("a call");
    assert!(peer.receive().await.starts_with("SIP/2.0 100 "));
    // A retransmission is no second call.
    peer.send(&first).await;
    assert!(peer.receive().await.starts_with("SIP/2.0 100 "));
    let refused = peer.ask(&peer.request("INVITE", "b", "", OFFER)).await;
    assert_status(&refused, 503);
    assert!(refused.contains("Retry-After: 5\r\n"), "{refused}");
    call.dialog.reject(486, "").await;
    assert_status(&peer.receive().await, 486);
    assert_eq!((endpoint.active_calls(), endpoint.kept_dialogs()), (0, 0));
}

#[tokio::test]
async fn an_anonymous_caller_without_an_offer_gets_ours() {
    let mut endpoint = endpoint(1).await;
    let peer = Peer::of(&endpoint).await;
    let invite = peer.request("INVITE", "a", "", "").replace("\"A\" <sip:5550123@", "\"Anonymous\" <sip:anonymous@");
    peer.send(&invite).await;
    let mut call = endpoint.next_call().await.expect("a call");
    assert_eq!((&call.caller, &call.caller_name, call.offer.is_none()), (&None, &None, true));
    let local = std::net::SocketAddr::new(call.dialog.local_ip(), 5000);
    call.dialog.accept(&SessionDescription::offer(local, &[crate::media::Codec::Pcmu])).await;
    assert!(peer.receive().await.starts_with("SIP/2.0 100 "));
    let accepted = peer.receive().await;
    assert_status(&accepted, 200);
    assert!(accepted.contains(&format!("Contact: <sip:{}>\r\n", endpoint.local_addr())), "{accepted}");
    // Without an ACK the 200 comes again.
    assert_eq!(peer.receive().await, accepted);
    let to = accepted.lines().find(|line| line.starts_with("To:")).expect("To");
    let ack = peer.request("ACK", "b", "", OFFER).replace("tag=fb", "tag=fa").replace("Call-ID: cb", "Call-ID: ca");
    let ack: Vec<&str> = ack.lines().map(|line| if line.starts_with("To:") { to } else { line }).collect();
    let ack = ack.join("\r\n") + "\r\n";
    let ack = ack.replace("\"A\" <sip:5550123@", "\"Anonymous\" <sip:anonymous@");
    peer.send(&ack).await;
    assert!(matches!(call.events.recv().await, Some(DialogEvent::Answered(_))));
    assert!(matches!(call.events.recv().await, Some(DialogEvent::Confirmed)));
}

#[tokio::test]
async fn streams_pass_the_same_door() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let endpoint = endpoint(1).await;
    let peer = Peer::of(&endpoint).await;
    let mut stream = tokio::net::TcpStream::connect(endpoint.local_addr()).await.expect("connected");
    let faulty = peer.request("INVITE", "a", "", OFFER).replace("Call-ID: ca\r\n", "").replace("UDP", "TCP");
    let scanner = peer.request("OPTIONS", "b", "User-Agent: sipvicious\r\n", "").replace("UDP", "TCP");
    let good = peer.request("OPTIONS", "c", "", "").replace("UDP", "TCP");
    stream.write_all((scanner + &faulty + &good).as_bytes()).await.expect("sent");
    let mut heard = String::new();
    while !heard.contains("Call-ID: cc\r\n") {
        let mut buffer = [0; 4_096];
        let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut buffer)).await;
        heard += &String::from_utf8_lossy(&buffer[..read.expect("in time").expect("read")]);
    }
    assert!(heard.contains("SIP/2.0 400 ") && !heard.contains("Call-ID: cb"), "{heard}");
    assert_eq!((endpoint.active_calls(), endpoint.kept_dialogs()), (0, 0));
}
