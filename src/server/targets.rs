//! How an endpoint is reached: every contact of a registered phone at once, or the trunks one after the other.

use super::service::Service;
use super::trunks::{Place, TrunkLine, credentials, transport};
use crate::phone::PhoneNumber;
use crate::routing::Endpoint;
use crate::sip::{Contact, DialRequest, Dialler, SessionDescription};
use anyhow::Context as _;
use std::collections::VecDeque;
use std::sync::Arc;

/// Who calls, for those who are rung.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// Their number, unless withheld.
    pub(super) number: Option<PhoneNumber>,
    /// Their name, as the network gave it.
    pub(super) name: Option<String>,
    /// What they called, for those to whom their call is passed on.
    pub(super) diversion: Option<String>,
    /// How often the call may still be passed on (RFC 3261, Max-Forwards).
    pub(super) max_forwards: u8,
}

/// One way to somebody.
#[derive(Clone)]
pub(super) enum Target {
    /// A phone, by the flow that it registered from.
    Phone(Contact),
    /// A number, over a trunk.
    Trunk(Arc<TrunkLine>, PhoneNumber),
}

/// What rings at once, and what is tried in turn when that is nothing.
pub(super) fn of(service: &Service, endpoint: &Endpoint) -> (Vec<Target>, VecDeque<Target>) {
    match endpoint {
        // The page's line follows; until then nobody is there.
        Endpoint::Browser { .. } => (Vec::new(), VecDeque::new()),
        Endpoint::Phone { user, .. } => {
            (service.dialler.contacts(user).into_iter().map(Target::Phone).collect(), VecDeque::new())
        }
        Endpoint::Cell { number, .. } => (Vec::new(), trunks(service, number)),
    }
}

/// Whether dialling it could ring anybody: a trunk's answer is not known before.
pub(super) fn is_reachable(dialler: &Dialler, endpoint: &Endpoint) -> bool {
    match endpoint {
        Endpoint::Browser { .. } => false,
        Endpoint::Phone { user, .. } => !dialler.contacts(user).is_empty(),
        Endpoint::Cell { .. } => true,
    }
}

/// How somebody is reached whose number is not in the configuration: over the trunks that list it as allowed.
pub(super) fn over_trunks(service: &Service, number: &PhoneNumber) -> (Vec<Target>, VecDeque<Target>) {
    (Vec::new(), over(service, number, |trunk| trunk.config.may_call_back(number)))
}

/// Whether somebody whose number is not in the configuration may be called: a trunk lists it as allowed, it costs no more than others do,
/// and it is none of ours.
pub(super) fn may_call(service: &Service, number: &PhoneNumber) -> bool {
    let routing = service.routing();
    let is_ours = routing.directory.numbers.iter().any(|entry| entry.number.as_ref() == Some(number))
        || service.trunks.iter().any(|trunk| trunk.config.from.as_ref() == Some(number));
    !is_ours && !number.is_premium() && service.trunks.iter().any(|trunk| trunk.config.may_call_back(number))
}

fn trunks(service: &Service, number: &PhoneNumber) -> VecDeque<Target> {
    over(service, number, |trunk| trunk.config.may_dial(number))
}

// Trunks that are thought dead come last: better a try than no call.
fn over(service: &Service, number: &PhoneNumber, is_allowed: impl Fn(&TrunkLine) -> bool) -> VecDeque<Target> {
    let mut may: Vec<_> = service.trunks.iter().filter(|trunk| is_allowed(trunk)).collect();
    may.sort_by_key(|trunk| !trunk.is_up());
    may.into_iter().map(|trunk| Target::Trunk(Arc::clone(trunk), number.clone())).collect()
}

impl Target {
    /// A place on its trunk, where it needs one.
    ///
    /// # Errors
    /// When the trunk carries as many calls as it may.
    pub(super) fn take_place(&self) -> anyhow::Result<Option<Place>> {
        match self {
            Self::Phone(_) => Ok(None),
            Self::Trunk(trunk, _) => trunk.take_place().context("the trunk carries as many calls as it may").map(Some),
        }
    }

    /// The INVITE, with our offer.
    pub(super) fn request(&self, caller: &Caller, offer: SessionDescription) -> DialRequest {
        let e164 = |number: &PhoneNumber| number.e164().to_owned();
        let max_forwards = caller.max_forwards.saturating_sub(1);
        match self {
            Self::Phone(contact) => DialRequest {
                from_user: caller.number.as_ref().map(e164),
                from_name: caller.name.clone(),
                max_forwards,
                ..DialRequest::to_phone(contact, offer)
            },
            // A number of the business is shown, for carriers refuse others'; Diversion says whose call it was.
            Self::Trunk(trunk, number) => {
                let trunk = &trunk.config;
                DialRequest {
                    transport: transport(trunk),
                    credentials: credentials(trunk),
                    from_user: trunk.from.as_ref().or(caller.number.as_ref()).map(e164),
                    asserted: trunk.from.as_ref().map(e164),
                    diversion: caller.diversion.clone(),
                    max_forwards,
                    ..DialRequest::new(format!("sip:{}@{}", number.e164(), trunk.address), offer)
                }
            }
        }
    }
}
