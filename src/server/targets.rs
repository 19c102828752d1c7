//! How an endpoint is reached: every contact of a registered phone at once, or the trunks one after the other.

use super::service::Service;
use crate::config::{self, Trunk};
use crate::phone::PhoneNumber;
use crate::routing::Endpoint;
use crate::sip::{Credentials, DialRequest, SessionDescription, Transport};
use std::collections::VecDeque;
use std::net::SocketAddr;

/// Who calls, for those who are rung.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// Their number, unless withheld.
    pub(super) number: Option<PhoneNumber>,
    /// Their name, as the network gave it.
    pub(super) name: Option<String>,
    /// What they called.
    pub(super) called: String,
}

/// One INVITE to send.
#[derive(Clone, Debug)]
pub(super) struct Target {
    uri: String,
    transport: Transport,
    /// Where to, when that isn't what the address says: the flow of a phone behind a router.
    destination: Option<SocketAddr>,
    from_user: Option<String>,
    from_name: Option<String>,
    diversion: Option<String>,
    credentials: Option<Credentials>,
}

/// What rings at once, and what is tried in turn when that is nothing.
pub(super) fn of(service: &Service, endpoint: &Endpoint, caller: &Caller) -> (Vec<Target>, VecDeque<Target>) {
    match endpoint {
        // The page's line follows; until then nobody is there.
        Endpoint::Browser { .. } => (Vec::new(), VecDeque::new()),
        Endpoint::Phone { user, .. } => (phones(service, user, caller), VecDeque::new()),
        Endpoint::Cell { number, .. } => (Vec::new(), trunks(service, number, caller)),
    }
}

fn phones(service: &Service, user: &str, caller: &Caller) -> Vec<Target> {
    let contacts = service.dialler.contacts(user).into_iter();
    contacts
        .map(|contact| Target {
            uri: contact.uri,
            transport: contact.transport,
            destination: Some(contact.flow),
            from_user: caller.number.as_ref().map(|number| number.e164().to_owned()),
            from_name: caller.name.clone(),
            diversion: None,
            credentials: None,
        })
        .collect()
}

fn trunks(service: &Service, number: &PhoneNumber, caller: &Caller) -> VecDeque<Target> {
    let routing = service.routing();
    routing.trunks.iter().filter(|trunk| trunk.may_dial(number)).map(|trunk| over(trunk, number, caller)).collect()
}

// The caller's own number is shown to those who may see it; the trunk's number says whose call it is.
fn over(trunk: &Trunk, number: &PhoneNumber, caller: &Caller) -> Target {
    let shown = trunk.from.as_ref().or(caller.number.as_ref());
    let credentials =
        trunk.user.as_ref().map(|(user, password)| Credentials { user: user.clone(), password: password.clone() });
    Target {
        uri: format!("sip:{}@{}", number.e164(), trunk.address),
        transport: match trunk.transport {
            config::Transport::Udp => Transport::Udp,
            config::Transport::Tcp => Transport::Tcp,
        },
        destination: None,
        from_user: shown.map(|number| number.e164().to_owned()),
        from_name: None,
        diversion: Some(caller.called.clone()),
        credentials,
    }
}

impl Target {
    /// The INVITE, with our offer.
    pub(super) fn request(&self, offer: SessionDescription) -> DialRequest {
        DialRequest {
            transport: self.transport,
            destination: self.destination,
            from_user: self.from_user.clone(),
            from_name: self.from_name.clone(),
            diversion: self.diversion.clone(),
            credentials: self.credentials.clone(),
            ..DialRequest::new(self.uri.clone(), offer)
        }
    }
}
