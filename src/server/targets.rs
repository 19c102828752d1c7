//! How an endpoint is reached: every contact of a registered phone at once, or the trunks one after the other.

use super::service::Service;
use super::trunks::{Place, TrunkLine, credentials, transport};
use crate::config::Trunk;
use crate::phone::PhoneNumber;
use crate::routing::Endpoint;
use crate::sip::{Contact, DialRequest, SessionDescription};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Who calls, for those who are rung.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// Their number, unless withheld.
    pub(super) number: Option<PhoneNumber>,
    /// Their name, as the network gave it.
    pub(super) name: Option<String>,
    /// What they called.
    pub(super) called: String,
    /// How often the call may still be passed on (RFC 3261, Max-Forwards).
    pub(super) max_forwards: u8,
}

/// One INVITE to send, but for its offer.
#[derive(Debug)]
pub(super) struct Target {
    way: Way,
    from_user: Option<String>,
    from_name: Option<String>,
    diversion: Option<String>,
    max_forwards: u8,
    room: Option<Arc<Semaphore>>,
}

#[derive(Debug)]
enum Way {
    Phone(Contact),
    Trunk(Box<Trunk>, PhoneNumber),
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
            way: Way::Phone(contact),
            from_user: caller.number.as_ref().map(|number| number.e164().to_owned()),
            from_name: caller.name.clone(),
            diversion: None,
            max_forwards: caller.max_forwards.saturating_sub(1),
            room: None,
        })
        .collect()
}

// Trunks that are thought dead come last: better a try than no call.
fn trunks(service: &Service, number: &PhoneNumber, caller: &Caller) -> VecDeque<Target> {
    let mut may: Vec<&TrunkLine> = service.trunks.iter().filter(|trunk| trunk.config.may_dial(number)).collect();
    may.sort_by_key(|trunk| !trunk.is_up());
    may.into_iter().map(|trunk| over(trunk, number, caller)).collect()
}

// A number of the business is shown, for carriers refuse others'; Diversion says whose call it was.
fn over(trunk: &TrunkLine, number: &PhoneNumber, caller: &Caller) -> Target {
    let shown = trunk.config.from.as_ref().or(caller.number.as_ref());
    Target {
        way: Way::Trunk(Box::new(trunk.config.clone()), number.clone()),
        from_user: shown.map(|number| number.e164().to_owned()),
        from_name: None,
        diversion: Some(caller.called.clone()),
        max_forwards: caller.max_forwards.saturating_sub(1),
        room: Some(trunk.room()),
    }
}

impl Target {
    /// A place on its trunk, where it needs one.
    ///
    /// # Errors
    /// When the trunk carries as many calls as it may.
    pub(super) fn take_place(&self) -> anyhow::Result<Option<Place>> {
        Ok(match &self.room {
            None => None,
            Some(room) => Some(Arc::clone(room).try_acquire_owned()?),
        })
    }

    /// The INVITE, with our offer.
    pub(super) fn request(&self, offer: SessionDescription) -> DialRequest {
        let request = match &self.way {
            Way::Phone(contact) => DialRequest::to_phone(contact, offer),
            Way::Trunk(trunk, number) => DialRequest {
                transport: transport(trunk),
                credentials: credentials(trunk),
                asserted: trunk.from.as_ref().map(|number| number.e164().to_owned()),
                ..DialRequest::new(format!("sip:{}@{}", number.e164(), trunk.address), offer)
            },
        };
        DialRequest {
            from_user: self.from_user.clone(),
            from_name: self.from_name.clone(),
            diversion: self.diversion.clone(),
            max_forwards: self.max_forwards,
            ..request
        }
    }
}
