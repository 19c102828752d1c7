//! The door: what is no SIP, or comes from a scanner, does not get as far as a transaction.

use super::registrar::Registrar;
use rsipstack::platform::net::UdpSocket as LibrarySocket;
use rsipstack::sip::prelude::{HeadersExt, ToTypedHeader};
use rsipstack::sip::{Method, Request, SipMessage};
use rsipstack::transaction::endpoint::TransportEventInspector;
use rsipstack::transport::{SipConnection, TransportEvent};
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use tokio::net::UdpSocket;

/// What scanners call themselves; an answer would only encourage them.
const SCANNERS: [&str; 9] = [
    "friendly-scanner",
    "friendly-request",
    "sipvicious",
    "sipcli",
    "sip-scan",
    "sipsak",
    "sundayddr",
    "vaxsipuseragent",
    "pplsip",
];

type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The UDP socket with its door: unreadable requests are answered or dropped here.
pub(super) struct Door {
    pub(super) socket: UdpSocket,
    pub(super) server_name: String,
}

enum Verdict {
    Pass,
    Drop,
    Answer(&'static str),
}

impl LibrarySocket for Door {
    fn recv_from<'a, 'b, 'c>(&'a self, buffer: &'b mut [u8]) -> Later<'c, rsipstack::Result<(usize, SocketAddr)>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(async move {
            loop {
                let (length, source) = self.socket.recv_from(buffer).await?;
                let datagram = &buffer[..length];
                match judge(datagram) {
                    Verdict::Pass => return Ok((length, source)),
                    Verdict::Drop => tracing::debug!(%source, "dropped at the door"),
                    Verdict::Answer(status) => {
                        tracing::debug!(%source, status, "refused at the door");
                        if let Some(answer) = refusal(datagram, status, &self.server_name) {
                            self.socket.send_to(answer.as_bytes(), source).await?;
                        }
                    }
                }
            }
        })
    }

    fn send_to<'a, 'b, 'c>(&'a self, buffer: &'b [u8], address: SocketAddr) -> Later<'c, rsipstack::Result<usize>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(async move { Ok(self.socket.send_to(buffer, address).await?) })
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}

/// The same door for messages from streams, which the library has read already.
pub(super) struct StreamDoor {
    pub(super) server_name: String,
    /// Hears which streams are closed.
    pub(super) registrar: Arc<Registrar>,
}

impl TransportEventInspector for StreamDoor {
    fn handle<'a, 'c>(&'a self, event: TransportEvent) -> Later<'c, Option<TransportEvent>>
    where
        'a: 'c,
        Self: 'c,
    {
        Box::pin(async move {
            if let TransportEvent::Closed(connection) = &event {
                self.note_closed(connection);
            }
            let TransportEvent::Incoming(SipMessage::Request(request), connection, _) = &event else {
                return Some(event);
            };
            if !connection.is_reliable() {
                return Some(event);
            }
            match judge_request(request) {
                Verdict::Pass => Some(event),
                Verdict::Drop => None,
                Verdict::Answer(status) => {
                    let answer = refusal(&request.to_bytes(), status, &self.server_name);
                    if let Some(Ok(answer)) = answer.map(|text| SipMessage::try_from(text.as_str())) {
                        let _peer_is_gone = connection.send(answer, None).await;
                    }
                    None
                }
            }
        })
    }
}

impl StreamDoor {
    fn note_closed(&self, connection: &SipConnection) {
        let flow = connection.get_remote_addr().and_then(|it| it.get_socketaddr().ok());
        if let Some(flow) = flow.filter(|_| connection.is_reliable()) {
            self.registrar.forget_stream(flow);
        }
    }
}

fn judge(datagram: &[u8]) -> Verdict {
    if datagram.iter().all(u8::is_ascii_whitespace) || datagram.starts_with(b"SIP/2.0 ") {
        return Verdict::Pass;
    }
    match SipMessage::try_from(datagram) {
        Ok(SipMessage::Request(request)) if is_cut_short(datagram, &request) => Verdict::Answer("400 Body Cut Short"),
        Ok(SipMessage::Request(request)) => judge_request(&request),
        Ok(SipMessage::Response(_)) => Verdict::Pass,
        Err(_) => judge_unreadable(datagram),
    }
}

fn judge_request(request: &Request) -> Verdict {
    let is_scanner = request.user_agent_header().is_some_and(|header| {
        let agent = header.value().to_ascii_lowercase();
        SCANNERS.iter().any(|scanner| agent.contains(scanner))
    });
    if is_scanner {
        return Verdict::Drop;
    }
    match fault(request) {
        None => Verdict::Pass,
        Some(_) if request.method == Method::Ack => Verdict::Drop,
        Some(status) => Verdict::Answer(status),
    }
}

/// The headers without which no transaction or dialog can be made (RFC 3261, sections 8.1.1 and 12.1.1).
fn fault(request: &Request) -> Option<&'static str> {
    let via = request.via_header().ok().is_some_and(|via| via.typed().is_ok());
    let tagged = request
        .from_header()
        .ok()
        .is_some_and(|from| matches!(from.tag(), Ok(Some(_))) && from.clone().typed().is_ok());
    let to = request.to_header().ok().is_some_and(|to| to.clone().typed().is_ok());
    let call_id = request.call_id_header().ok().is_some_and(|id| !id.value().is_empty());
    let cseq = request
        .cseq_header()
        .ok()
        .is_some_and(|cseq| cseq.seq().is_ok() && cseq.method().is_ok_and(|method| method == request.method));
    let contact =
        request.method != Method::Invite || request.typed_contact_headers().is_ok_and(|list| !list.is_empty());
    [
        (via, "400 Bad Via"),
        (tagged, "400 Bad From"),
        (to, "400 Bad To"),
        (call_id, "400 Missing Call-ID"),
        (cseq, "400 Bad CSeq"),
        (contact, "400 Missing Contact"),
    ]
    .into_iter()
    .find_map(|(is_good, status)| (!is_good).then_some(status))
}

/// A datagram whose body is shorter than its Content-Length (RFC 3261, section 18.3).
fn is_cut_short(datagram: &[u8], request: &Request) -> bool {
    let stated = request.header_value("Content-Length").and_then(|value| value.parse::<usize>().ok());
    stated.is_some_and(|stated| stated > request.body.len()) && datagram.windows(4).any(|it| it == b"\r\n\r\n")
}

fn judge_unreadable(datagram: &[u8]) -> Verdict {
    let text = String::from_utf8_lossy(datagram);
    let line = text.lines().next().unwrap_or_default();
    let Some(method) = line.strip_suffix("SIP/2.0").and_then(|rest| rest.split_whitespace().next()) else {
        return Verdict::Drop;
    };
    let is_token = method.bytes().all(|byte| byte.is_ascii_uppercase());
    match method.parse::<Method>() {
        Ok(Method::Ack) => Verdict::Drop,
        Ok(_) => Verdict::Answer("400 Bad Request"),
        Err(_) if is_token => Verdict::Answer("501 Not Implemented"),
        Err(_) => Verdict::Drop,
    }
}

/// A response without a transaction, from the lines that a response must repeat; `None` when it could not find its way.
fn refusal(request: &[u8], status: &str, server_name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(request);
    let mut answer = format!("SIP/2.0 {status}\r\n");
    let mut has_via = false;
    for line in text.lines().skip(1).take_while(|line| !line.trim().is_empty()) {
        let name = line.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
        has_via |= matches!(name.as_str(), "via" | "v");
        if matches!(name.as_str(), "via" | "v" | "from" | "f" | "call-id" | "i" | "cseq") {
            answer.push_str(line.trim_end());
            answer.push_str("\r\n");
        } else if matches!(name.as_str(), "to" | "t") {
            answer.push_str(line.trim_end());
            let tag = if line.contains(";tag=") { "" } else { ";tag=0" };
            answer.push_str(tag);
            answer.push_str("\r\n");
        }
    }
    for line in ["Server: ", server_name, "\r\nContent-Length: 0\r\n\r\n"] {
        answer.push_str(line);
    }
    has_via.then_some(answer)
}
