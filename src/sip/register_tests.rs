//! Phones that register, on the wire.

use super::digest::{DigestAlgorithm, Fields, Proof};
use super::tests::{answer, call_of, endpoint, event, registrar, session};
use super::*;
use crate::pii::Pii;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

const LONG: Duration = Duration::from_secs(10);

fn accounts() -> Accounts {
    Accounts::new([("ann".to_owned(), Pii::new("s3cret".to_owned()))])
}

/// How a phone is connected.
enum Line {
    Udp(UdpSocket),
    Tcp(TcpStream),
}

/// A phone of Ann's, which believes to be somewhere else.
struct Phone {
    line: Line,
    to: SocketAddr,
    here: SocketAddr,
    /// What it has heard and not looked at.
    heard: String,
    cseq: u32,
}

impl Phone {
    async fn over(transport: Transport, to: SocketAddr) -> Self {
        let (line, here) = match transport {
            Transport::Udp => {
                let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
                let here = socket.local_addr().expect("bound");
                (Line::Udp(socket), here)
            }
            Transport::Tcp => {
                let stream = TcpStream::connect(to).await.expect("connected");
                let here = stream.local_addr().expect("connected");
                (Line::Tcp(stream), here)
            }
        };
        Self { line, to, here, heard: String::new(), cseq: 0 }
    }

    /// Its Contact: an address that only its own network reaches.
    fn contact(&self) -> String {
        format!("sip:ann@192.0.2.7:{}", self.here.port())
    }

    /// Sends a REGISTER and gives the answer.
    async fn register(&mut self, headers: &str) -> String {
        self.cseq += 1;
        let (cseq, here, to) = (self.cseq, self.here, self.to);
        let kind = if matches!(self.line, Line::Udp(_)) { "UDP" } else { "TCP" };
        let port = here.port();
        let text = format!(
            "REGISTER sip:{to} SIP/2.0\r\nVia: SIP/2.0/{kind} 192.0.2.7:5060;rport;branch=z9hG4bK{port}x{cseq}\r\n\
             From: <sip:ann@{to}>;tag=f{port}\r\nTo: <sip:ann@{to}>\r\nCall-ID: c{port}\r\nCSeq: {cseq} REGISTER\r\n\
             {headers}Content-Length: 0\r\n\r\n"
        );
        self.send(&text).await;
        self.hear().await
    }

    /// Registers with the password, as phones do: asks, is challenged, and shows that it knows.
    async fn prove(&mut self, password: &str, headers: &str) -> String {
        let challenge = self.register(headers).await;
        assert!(challenge.starts_with("SIP/2.0 401 "), "{challenge}");
        self.register(&(proof(&challenge, password, self.to) + headers)).await
    }

    async fn send(&mut self, text: &str) {
        match &mut self.line {
            Line::Udp(socket) => socket.send_to(text.as_bytes(), self.to).await.map(|_| ()).expect("sent"),
            Line::Tcp(stream) => stream.write_all(text.as_bytes()).await.expect("sent"),
        }
    }

    /// The next message.
    async fn hear(&mut self) -> String {
        loop {
            if let Some((head, rest)) = self.heard.split_once("\r\n\r\n") {
                let body = header(head, "Content-Length").parse::<usize>().expect("a length");
                if rest.len() >= body {
                    let message = format!("{head}\r\n\r\n{}", &rest[..body]);
                    self.heard = rest[body..].to_owned();
                    return message;
                }
            }
            let mut buffer = [0; 4_096];
            let read = match &mut self.line {
                Line::Udp(socket) => tokio::time::timeout(LONG, socket.recv(&mut buffer)).await,
                Line::Tcp(stream) => tokio::time::timeout(LONG, stream.read(&mut buffer)).await,
            };
            let length = read.expect("in time").expect("read");
            self.heard += &String::from_utf8_lossy(&buffer[..length]);
        }
    }

    /// Lets the call in `invite` ring and takes it.
    async fn pick_up(&mut self, invite: &str, body: &str) {
        let kept = ["Via", "From", "Call-ID", "CSeq"].map(|name| format!("{name}: {}\r\n", header(invite, name)));
        let (to, contact, length) = (header(invite, "To"), self.contact(), body.len());
        let text = format!(
            "SIP/2.0 200 OK\r\n{}To: {to};tag=t\r\nContact: <{contact}>\r\nContent-Type: application/sdp\r\n\
             Content-Length: {length}\r\n\r\n{body}",
            kept.concat()
        );
        self.send(&text).await;
    }
}

fn header<'a>(message: &'a str, name: &str) -> &'a str {
    message.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
}

fn proof(challenge: &str, password: &str, to: SocketAddr) -> String {
    let fields = Fields::parse(header(challenge, "WWW-Authenticate")).expect("a challenge");
    let (realm, nonce) = (fields.get("realm").expect("a realm"), fields.get("nonce").expect("a nonce"));
    let uri = format!("sip:{to}");
    let proof =
        Proof { user: "ann", realm, nonce, nonce_count: "00000001", client_nonce: "c", method: "REGISTER", uri: &uri };
    let response = proof.response(DigestAlgorithm::Md5, password);
    format!(
        "Authorization: Digest username=\"ann\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
         response=\"{response}\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"c\"\r\n"
    )
}

fn assert_status(answer: &str, code: u16) {
    assert!(answer.starts_with(&format!("SIP/2.0 {code} ")), "wanted {code}: {answer}");
}

#[tokio::test]
async fn a_phone_registers_and_is_called_over_its_flow() {
    let mut endpoint = registrar(2, accounts()).await;
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut phone = Phone::over(transport, endpoint.local_addr()).await;
        let here = format!("Contact: <{}>\r\n", phone.contact());
        let wrong = phone.prove("guess", &here).await;
        assert_status(&wrong, 401);
        assert!(!wrong.contains("stale") && endpoint.contacts("ann").is_empty(), "{wrong}");
        let accepted = phone.prove("s3cret", &here).await;
        assert_status(&accepted, 200);
        let time = if transport == Transport::Udp { 3_600 } else { 240 };
        assert_eq!(header(&accepted, "Contact"), format!("<{}>;expires={time}", phone.contact()));
        let contacts = endpoint.contacts("ann");
        assert_eq!((contacts.len(), &contacts[0].uri, contacts[0].flow), (1, &phone.contact(), phone.here));
        assert_eq!(contacts[0].transport, transport);

        // A call to it, and one that it makes: it is reached where it sends from, whatever address it gives.
        let request = DialRequest::to_phone(&contacts[0], session(4000));
        let mut out = endpoint.dial(request).await.expect("dialled");
        let invite = phone.hear().await;
        assert!(invite.starts_with(&format!("INVITE {} ", phone.contact())), "{invite}");
        phone.pick_up(&invite, &session(4002).to_string()).await;
        assert!(phone.hear().await.starts_with("ACK "));
        assert!(matches!(event(&mut out.events).await, DialogEvent::Answered(_)));
        drop(out);
        assert!(phone.hear().await.starts_with("BYE "));
        ring_back(&mut endpoint, &mut phone).await;

        let gone = phone.prove("s3cret", &here.replace(">\r\n", ">;expires=0\r\n")).await;
        assert_status(&gone, 200);
        assert!(header(&gone, "Contact").is_empty() && endpoint.contacts("ann").is_empty(), "{gone}");
    }
}

/// The phone calls, is answered and hung up on.
async fn ring_back(endpoint: &mut SipEndpoint, phone: &mut Phone) {
    let (to, port, body) = (phone.to, phone.here.port(), session(4002).to_string());
    let kind = if matches!(phone.line, Line::Udp(_)) { "UDP" } else { "TCP" };
    let head = format!(
        "Via: SIP/2.0/{kind} 192.0.2.7:5060;rport;branch=z9hG4bKi{port}\r\nFrom: <sip:ann@{to}>;tag=i{port}\r\n\
         Call-ID: i{port}\r\nContact: <{}>\r\nMax-Forwards: 9\r\n",
        phone.contact()
    );
    let about = format!("Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    phone
        .send(&format!("INVITE sip:shop@{to} SIP/2.0\r\n{head}To: <sip:shop@{to}>\r\nCSeq: 1 INVITE\r\n{about}"))
        .await;
    let mut call = call_of(endpoint).await;
    assert_eq!((call.source, call.max_forwards), (phone.here, 9));
    answer(&mut call).await;
    let accepted = loop {
        let response = phone.hear().await;
        if response.starts_with("SIP/2.0 200 OK") && response.contains("1 INVITE") {
            break response;
        }
    };
    let tagged = header(&accepted, "To");
    phone
        .send(&format!("ACK sip:shop@{to} SIP/2.0\r\n{head}To: {tagged}\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n"))
        .await;
    assert!(matches!(event(&mut call.events).await, DialogEvent::Confirmed));
    drop(call);
    assert!(phone.hear().await.starts_with("BYE "));
}

#[tokio::test]
async fn a_nonce_serves_once_for_each_count_and_stale_ones_are_replaced() {
    let endpoint = registrar(1, accounts()).await;
    let mut phone = Phone::over(Transport::Udp, endpoint.local_addr()).await;
    let challenge = phone.register("").await;
    assert_status(&challenge, 401);
    let shown = proof(&challenge, "s3cret", phone.to);
    assert_status(&phone.register(&shown).await, 200);
    // The same again is a replay; what the new challenge asks for is accepted.
    let replayed = phone.register(&shown).await;
    assert_status(&replayed, 401);
    assert!(header(&replayed, "WWW-Authenticate").ends_with(", stale=true"), "{replayed}");
    let shown = proof(&replayed, "s3cret", phone.to);
    assert_status(&phone.register(&shown).await, 200);
}

#[tokio::test]
async fn two_phones_of_one_user_are_both_known() {
    let endpoint = registrar(1, accounts()).await;
    let mut phones = Vec::new();
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut phone = Phone::over(transport, endpoint.local_addr()).await;
        let accepted = phone.prove("s3cret", &format!("Contact: <{}>\r\nExpires: 60\r\n", phone.contact())).await;
        assert_status(&accepted, 200);
        phones.push(phone);
    }
    let flows: Vec<SocketAddr> = endpoint.contacts("ann").iter().map(|it| it.flow).collect();
    assert_eq!(flows, [phones[1].here, phones[0].here]);
    // The stream closes, and with it goes its phone.
    phones.pop();
    let alone = async {
        while endpoint.contacts("ann").len() > 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, alone).await.expect("the dead flow is forgotten");
    assert_eq!(endpoint.contacts("ann")[0].flow, phones[0].here);
    // All at once.
    let accepted = phones[0].prove("s3cret", "Contact: *\r\nExpires: 0\r\n").await;
    assert_status(&accepted, 200);
    assert!(endpoint.contacts("ann").is_empty());
}

#[tokio::test]
async fn a_register_is_refused_for_what_is_wrong_with_it() {
    let endpoint = registrar(1, accounts()).await;
    let mut phone = Phone::over(Transport::Udp, endpoint.local_addr()).await;
    let brief = phone.prove("s3cret", "Contact: <sip:ann@192.0.2.7>;expires=59\r\n").await;
    assert_status(&brief, 423);
    assert_eq!(header(&brief, "Min-Expires"), "60");
    assert_status(&phone.prove("s3cret", "Contact: *\r\n").await, 400);
    for _ in 1..10 {
        assert_status(&phone.prove("guess", "").await, 401);
    }
    assert_status(&phone.prove("guess", "").await, 403);
    assert_status(&phone.register("").await, 403);
}

#[tokio::test]
async fn nobody_registers_where_there_are_no_accounts() {
    let endpoint = endpoint(1).await;
    let mut phone = Phone::over(Transport::Udp, endpoint.local_addr()).await;
    assert_status(&phone.register("").await, 405);
    assert!(endpoint.contacts("ann").is_empty());
}
