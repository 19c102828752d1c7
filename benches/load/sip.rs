//! As much SIP as phones on a perfect line need: the library's own stack would measure itself, and eat the cores.

use crate::backstop::PASSWORD;
use anyhow::{Context as _, bail};
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

const SDP: &str = "Content-Type: application/sdp\r\n";

/// The value of a header, by its full name.
pub(crate) fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let lines = message.lines().take_while(|line| !line.is_empty());
    lines.filter_map(|line| line.split_once(':')).find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, it)| it.trim())
}

/// The status of a response.
pub(crate) fn status(message: &str) -> Option<u16> {
    message.strip_prefix("SIP/2.0 ")?.split(' ').next()?.parse().ok()
}

/// The user part of the first SIP address in a text.
pub(crate) fn user(text: &str) -> Option<&str> {
    text.split_once("sip:")?.1.split('@').next()
}

/// Where the description in a message wants RTP.
pub(crate) fn media(message: &str) -> Option<SocketAddr> {
    let of = |start: &str| message.lines().find_map(|line| line.strip_prefix(start));
    let ip = of("c=IN IP4 ")?.parse().ok()?;
    Some(SocketAddr::new(ip, of("m=audio ")?.split(' ').next()?.parse().ok()?))
}

/// Mu-law and keys at this address.
pub(crate) fn description(at: SocketAddr) -> String {
    format!(
        "v=0\r\no=load 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 101\r\n\
         a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n",
        ip = at.ip(),
        port = at.port(),
    )
}

/// The caller's side of one call.
pub(crate) struct Dialog {
    pub(crate) local: SocketAddr,
    pub(crate) service: SocketAddr,
    /// Who is called: the user part of the address.
    pub(crate) called: String,
    /// The caller's number, which names the call as well.
    pub(crate) number: String,
    pub(crate) round: u32,
}

impl Dialog {
    pub(crate) fn invite(&self, media: SocketAddr) -> String {
        let target = self.target();
        self.request("INVITE", ("INVITE", 1), &target, &format!("<{target}>"), &description(media))
    }

    /// Takes the INVITE back while it rings.
    pub(crate) fn cancel(&self) -> String {
        let target = self.target();
        // It belongs to the INVITE's transaction (RFC 3261, 9.1).
        self.request("CANCEL", ("INVITE", 1), &target, &format!("<{target}>"), "")
    }

    /// The ACK to a final response.
    pub(crate) fn ack(&self, response: &str) -> String {
        // To a refusal it belongs to the INVITE's transaction; to a 200 it is one of its own (RFC 3261, 17.1.1.3).
        let branch = if status(response).is_some_and(|it| it >= 300) { "INVITE" } else { "ACK" };
        self.within("ACK", branch, 1, response)
    }

    pub(crate) fn bye(&self, response: &str) -> String {
        self.within("BYE", "BYE", 2, response)
    }

    pub(crate) fn call_id(&self) -> String {
        format!("{}-{}", self.round, self.number)
    }

    fn target(&self) -> String {
        format!("sip:{}@{}", self.called, self.service)
    }

    fn within(&self, method: &str, branch: &str, cseq: u32, response: &str) -> String {
        let contact = header(response, "Contact").and_then(|it| it.split_once('<')?.1.split('>').next());
        let target = contact.map_or_else(|| self.target(), str::to_owned);
        self.request(method, (branch, cseq), &target, header(response, "To").unwrap_or_default(), "")
    }

    fn request(&self, method: &str, (branch, cseq): (&str, u32), target: &str, to: &str, body: &str) -> String {
        let Self { local, number, round, .. } = self;
        let kind = if body.is_empty() { "" } else { SDP };
        format!(
            "{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{branch}{round}{};rport\r\n\
             From: <sip:{number}@{local}>;tag=a{round}\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: {cseq} {method}\r\n\
             Contact: <sip:{number}@{local}>\r\nMax-Forwards: 70\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            &number[1..],
            self.call_id(),
            body.len(),
        )
    }
}

/// An answer to a request; `body` is a session description or nothing.
pub(crate) fn answer(request: &str, status: &str, contact: SocketAddr, body: &str) -> String {
    let mut answer = format!("SIP/2.0 {status}\r\n");
    for line in request.lines().skip(1).take_while(|line| !line.is_empty()) {
        let name = line.split(':').next().unwrap_or_default();
        if ["Via", "From", "Call-ID", "CSeq", "Record-Route"].iter().any(|it| name.eq_ignore_ascii_case(it)) {
            answer.extend([line, "\r\n"]);
        } else if name.eq_ignore_ascii_case("To") {
            let tag = if line.contains("tag=") { "" } else { ";tag=b" };
            answer.extend([line, tag, "\r\n"]);
        }
    }
    let kind = if body.is_empty() { "" } else { SDP };
    answer + &format!("Contact: <sip:desk@{contact}>\r\n{kind}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// Registers a phone that is reached by this socket.
pub(crate) fn register(socket: &UdpSocket, service: SocketAddr, user: &str) -> anyhow::Result<()> {
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    let local = socket.local_addr()?;
    let uri = format!("sip:{service}");
    let mut authorization = String::new();
    for cseq in 1..=2 {
        let request = format!(
            "REGISTER {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bKr{cseq}{user};rport\r\n\
             From: <sip:{user}@{service}>;tag=r\r\nTo: <sip:{user}@{service}>\r\nCall-ID: register-{user}-{}\r\n\
             CSeq: {cseq} REGISTER\r\nContact: <sip:{user}@{local}>\r\nExpires: 3600\r\nMax-Forwards: 70\r\n\
             {authorization}Content-Length: 0\r\n\r\n",
            local.port(),
        );
        socket.send_to(request.as_bytes(), service)?;
        let mut buffer = [0; 4_096];
        let length = socket.recv(&mut buffer).context("REGISTER is not answered")?;
        let response = std::str::from_utf8(&buffer[..length])?;
        match status(response) {
            Some(200) => return Ok(()),
            Some(401) => authorization = proof(response, user, &uri).context("an unreadable challenge")?,
            _ => bail!("REGISTER was refused: {response}"),
        }
    }
    bail!("the password is refused")
}

/// Digest with MD5 and qop (RFC 7616).
fn proof(challenge: &str, user: &str, uri: &str) -> Option<String> {
    let challenge = header(challenge, "WWW-Authenticate")?;
    let field = |name: &str| challenge.split_once(&format!("{name}=\""))?.1.split('"').next();
    let (realm, nonce) = (field("realm")?, field("nonce")?);
    let sum = |text: &str| hex::encode(<md5::Md5 as md5::Digest>::digest(text));
    let (secret, request) = (sum(&format!("{user}:{realm}:{PASSWORD}")), sum(&format!("REGISTER:{uri}")));
    let response = sum(&format!("{secret}:{nonce}:00000001:load:auth:{request}"));
    Some(format!(
        "Authorization: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", algorithm=MD5, \
         qop=auth, nc=00000001, cnonce=\"load\", response=\"{response}\"\r\n"
    ))
}
