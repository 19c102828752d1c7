//! What every message of ours carries.

use rsipstack::sip::headers::{Accept, Allow, ContentType, RetryAfter, Server, Supported};
use rsipstack::sip::{Header, StatusCode};
use rsipstack::sip::{Response, SipMessage};
use rsipstack::transaction::endpoint::MessageInspector;
use rsipstack::transport::SipAddr;

pub(super) const SDP: &str = "application/sdp";
const METHODS: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO";
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

/// What we can do, as OPTIONS asks (RFC 3261, section 11.2). No extension is supported, which an empty header says.
pub(super) fn abilities() -> Vec<Header> {
    vec![allow(), accept(), Header::Supported(Supported::new(""))]
}

/// Puts the last touch to every message that leaves.
pub(super) struct Outbound {
    pub(super) server_name: String,
}

impl MessageInspector for Outbound {
    fn before_send(&self, message: SipMessage, _to: Option<&SipAddr>) -> SipMessage {
        match message {
            SipMessage::Response(response) => SipMessage::Response(self.signed(response)),
            request @ SipMessage::Request(_) => request,
        }
    }

    fn after_received(&self, message: SipMessage, _from: Option<&SipAddr>) -> SipMessage {
        message
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
}
