//! What every message of ours carries.

use super::challenge;
use super::event::Transport;
use super::notes::{Notes, Remark};
use super::registrar::Registrar;
use rsipstack::sip::headers::{Accept, Allow, ContentType, Reason, RetryAfter, Server, Supported};
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Header, Method, Request, Response, SipMessage, StatusCode};
use rsipstack::transaction::endpoint::MessageInspector;
use rsipstack::transport::SipAddr;
use std::net::SocketAddr;
use std::sync::Arc;

pub(super) const SDP: &str = "application/sdp";
const METHODS: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, REFER, UPDATE";
/// Session timers (RFC 4028), and no news of a transfer (RFC 4488).
const EXTENSIONS: [&str; 2] = ["timer", "norefersub"];
/// For phones that lost a call to another one: no missed call (RFC 3326).
const ANSWERED_ELSEWHERE: &str = "SIP;cause=200;text=\"Call completed elsewhere\"";
/// How long a caller refused for want of room should stay away.
const RETRY_AFTER_SECONDS: u32 = 5;

pub(super) fn allow() -> Header {
    Header::Allow(Allow::new(METHODS))
}

pub(super) fn content_type() -> Header {
    Header::ContentType(ContentType::new(SDP))
}

pub(super) fn accept() -> Header {
    Header::Accept(Accept::new(SDP))
}

pub(super) fn supported() -> Header {
    Header::Supported(Supported::new(EXTENSIONS.join(", ")))
}

/// What we can do, as OPTIONS asks (RFC 3261, section 11.2).
pub(super) fn abilities() -> Vec<Header> {
    vec![allow(), accept(), supported()]
}

/// The extensions that a request requires and that we don't know.
pub(super) fn unsupported(request: &Request) -> Vec<String> {
    let required = request.headers.iter().filter_map(|header| match header {
        Header::Require(options) => Some(options.value()),
        _ => None,
    });
    let options = required.flat_map(|options| options.split(',')).map(str::trim).filter(|it| !it.is_empty());
    options.filter(|it| !EXTENSIONS.iter().any(|ours| ours.eq_ignore_ascii_case(it))).map(str::to_owned).collect()
}

/// Puts the last touch to every message that leaves, and the first to every one that comes.
pub(super) struct Outbound {
    pub(super) server_name: String,
    pub(super) notes: Arc<Notes>,
    pub(super) registrar: Arc<Registrar>,
}

impl MessageInspector for Outbound {
    fn before_send(&self, message: SipMessage, _to: Option<&SipAddr>) -> SipMessage {
        match message {
            SipMessage::Response(response) => SipMessage::Response(self.signed(response)),
            SipMessage::Request(request) => SipMessage::Request(self.completed(request)),
        }
    }

    fn after_received(&self, message: SipMessage, from: Option<&SipAddr>) -> SipMessage {
        match message {
            SipMessage::Response(response) => SipMessage::Response(self.understood(response, from)),
            SipMessage::Request(request) => SipMessage::Request(self.placed(request, from)),
        }
    }
}

impl Outbound {
    // A retransmission passes here again, so this must not add twice. In a response the sender's name is Server, not User-Agent.
    fn signed(&self, mut response: Response) -> Response {
        let headers = &mut response.headers;
        headers.retain(|header| !matches!(header, Header::UserAgent(_) | Header::Server(_)));
        headers.push(Header::Server(Server::new(self.server_name.clone())));
        if response.status_code == StatusCode::ServiceUnavailable {
            headers.unique_push(Header::RetryAfter(RetryAfter::new(RETRY_AFTER_SECONDS.to_string())));
        }
        response
    }

    // A retransmission passes here again, here too.
    fn completed(&self, mut request: Request) -> Request {
        challenge::spell(&mut request.headers);
        if request.method == Method::Cancel && self.remark(&request).is_some_and(|it| it.is_answered_elsewhere) {
            request.headers.unique_push(Header::Reason(Reason::new(ANSWERED_ELSEWHERE)));
        }
        request
    }

    // What the library makes up itself, such as 408 at a timeout, comes from nowhere.
    fn understood(&self, mut response: Response, from: Option<&SipAddr>) -> Response {
        if matches!(response.status_code, StatusCode::Unauthorized | StatusCode::ProxyAuthenticationRequired) {
            challenge::make_plain(&mut response.headers);
        }
        let call_id = response.call_id_header().ok().map(|it| it.value().to_owned());
        let remark = call_id.filter(|_| from.is_some()).and_then(|it| self.notes.hear(&it));
        if let Some(flow) = remark.and_then(|it| it.flow) {
            reach_by(flow, &mut response);
        }
        response
    }

    /// A registered phone that calls is reached where it sends from.
    fn placed(&self, mut request: Request, from: Option<&SipAddr>) -> Request {
        if matches!(request.method, Method::Invite | Method::Update)
            && let Some((flow, transport)) = from.and_then(flow_of)
            && self.registrar.knows(flow, transport)
        {
            reach_by(flow, &mut request);
        }
        request
    }

    fn remark(&self, message: &impl HeadersExt) -> Option<Remark> {
        self.notes.get(message.call_id_header().ok()?.value())
    }
}

/// Behind NAT a phone names an address that only its own network reaches, so ACK and BYE go to its flow (RFC 5626).
/// With a proxy between, which Record-Route shows, the proxy finds the phone by the address that it gave.
fn reach_by(flow: SocketAddr, message: &mut impl HeadersExt) {
    if message.record_route_header().is_some() {
        return;
    }
    let named = message.typed_contact_headers().ok().and_then(|list| list.into_iter().next());
    if let Some(mut contact) = named {
        contact.uri.host_with_port = flow.into();
        message.headers_mut().unique_push(contact.into());
    }
}

fn flow_of(from: &SipAddr) -> Option<(SocketAddr, Transport)> {
    let transport = match from.r#type? {
        rsipstack::sip::Transport::Udp => Transport::Udp,
        rsipstack::sip::Transport::Tcp => Transport::Tcp,
        _ => return None,
    };
    Some((from.get_socketaddr().ok()?, transport))
}
