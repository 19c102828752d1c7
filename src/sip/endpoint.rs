//! The sockets, the door and the inbox.

use super::event::{DialRequest, IncomingCall, OutgoingCall};
use std::net::{IpAddr, SocketAddr};

/// How to listen.
#[derive(Clone, Debug)]
pub struct SipConfig {
    /// UDP and TCP both listen here; with port 0, TCP takes the port that UDP got.
    pub bind: SocketAddr,
    /// The address that others reach us at, when it is not our own (port forwarding).
    pub advertised: Option<IpAddr>,
    /// The Server and User-Agent headers.
    pub server_name: String,
    /// Calls at once, both ways; further ones are refused with 503.
    pub max_calls: usize,
    /// Calls that wait to be taken from [`SipEndpoint::next_call`]; further ones are refused with 503.
    pub inbox: usize,
}

/// Why there is no endpoint or no call.
#[derive(Debug, thiserror::Error)]
pub enum SipError {
    /// A socket could not be opened.
    #[error(
        "cannot listen on {address}: {cause}. Set another address under `sip.bind`, or stop the program that holds it"
    )]
    Bind {
        /// What was tried, such as `udp 0.0.0.0:5060`.
        address: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The address to dial is none.
    #[error("`{0}` is no SIP address: write it as sip:user@host:port")]
    Address(String),
    /// As many calls as `max_calls` are up.
    #[error("all {0} calls are taken")]
    Full(usize),
    /// The request could not be made.
    #[error("the call could not be placed: {0}")]
    Dial(String),
}

/// A listening endpoint.
#[derive(Debug)]
pub struct SipEndpoint;

impl SipEndpoint {
    /// Opens the sockets and starts taking calls.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub async fn bind(config: SipConfig) -> Result<Self, SipError> {
        unimplemented!("{config:?}")
    }
    /// Where UDP and TCP listen.
    pub fn local_addr(&self) -> SocketAddr {
        unimplemented!()
    }
    /// The next call let in; `None` after [`SipEndpoint::shut_down`].
    pub async fn next_call(&mut self) -> Option<IncomingCall> {
        unimplemented!()
    }
    /// Calls somebody. What comes of it is told by the events.
    ///
    /// # Errors
    /// When the address is no SIP address or no call is free.
    pub async fn dial(&self, request: DialRequest) -> Result<OutgoingCall, SipError> {
        unimplemented!("{request:?}")
    }
    /// Calls that are up, ringing or ending.
    pub fn active_calls(&self) -> usize {
        unimplemented!()
    }
    /// Hangs up every call and closes the sockets.
    pub async fn shut_down(&self) {
        unimplemented!()
    }
}
