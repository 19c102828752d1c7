//! How an endpoint is reached: every contact of a registered phone at once, or the trunks one after the other.

use super::clock;
use super::service::Service;
use super::trunks::{Place, TrunkLine, credentials, transport};
use crate::browser::Lines;
use crate::phone::PhoneNumber;
use crate::routing::{Endpoint, PersonId};
use crate::sip::{Advice, Contact, DialRequest, Dialler, Diversion, IncomingCall, SessionDescription};
use anyhow::Context as _;
use std::collections::VecDeque;
use std::sync::Arc;

/// A call that was passed on so often is passed on no more: somebody here takes it.
const MOST_DIVERSIONS: u32 = 5;

/// Hops that a call of ours may take (RFC 3261, 8.1.1.6).
const MAX_FORWARDS: u8 = 70;

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
    /// Who has passed it on already, as far as they are telephone numbers.
    pub(super) diverted_by: Vec<PhoneNumber>,
    /// How often it was passed on.
    pub(super) diverted: u32,
}

impl Caller {
    /// Of a call that we begin; `diversion` is what those are told to whom it is passed on.
    pub(super) fn of_ours(number: Option<PhoneNumber>, diversion: Option<String>) -> Self {
        Self { number, name: None, diversion, max_forwards: MAX_FORWARDS, diverted_by: Vec::new(), diverted: 0 }
    }

    /// Of a call that has come in.
    pub(super) fn of(service: &Service, incoming: &IncomingCall) -> Self {
        let number = |user: &String| service.number(user);
        Self {
            number: incoming.caller.as_ref().and_then(number),
            name: incoming.caller_name.clone(),
            diversion: Some(incoming.called.clone()),
            max_forwards: incoming.max_forwards,
            diverted_by: incoming.diversions.by.iter().filter_map(number).collect(),
            diverted: incoming.diversions.times,
        }
    }
}

/// One way to somebody.
#[derive(Clone)]
pub(super) enum Target {
    /// All pages that somebody has open.
    Page(PersonId),
    /// A phone, by the flow that it registered from.
    Phone(Contact),
    /// A number, over a trunk.
    Trunk(Arc<TrunkLine>, PhoneNumber),
}

/// What rings at once, and what is tried in turn when that is nothing.
pub(super) fn of(service: &Service, caller: &Caller, endpoint: &Endpoint) -> (Vec<Target>, VecDeque<Target>) {
    match endpoint {
        Endpoint::Browser { person } => {
            let is_there = service.lines.as_ref().is_some_and(|lines| lines.is_reachable(person));
            (is_there.then(|| Target::Page(person.clone())).into_iter().collect(), VecDeque::new())
        }
        Endpoint::Phone { user, .. } => {
            (service.dialler.contacts(user).into_iter().map(Target::Phone).collect(), VecDeque::new())
        }
        Endpoint::Cell { number, .. } if would_come_back(service, caller, number) => {
            tracing::warn!("a cell is left out, because a call to it would come back");
            (Vec::new(), VecDeque::new())
        }
        Endpoint::Cell { number, .. } => (Vec::new(), trunks(service, number)),
    }
}

/// Whether a call to there would come round again: it was for there, it has been there, the number is our own, or it was passed on too often
/// to be sure.
fn would_come_back(service: &Service, caller: &Caller, number: &PhoneNumber) -> bool {
    let is_own = service.routing().directory.is_own(number);
    let has_been_there = caller.diverted_by.contains(number)
        || caller.diversion.as_ref().and_then(|called| service.number(called)).as_ref() == Some(number);
    is_own || has_been_there || caller.diverted >= MOST_DIVERSIONS || caller.max_forwards <= 1
}

/// Whether dialling it could ring anybody: a trunk's answer is not known before.
pub(super) fn is_reachable(dialler: &Dialler, lines: Option<&Lines>, endpoint: &Endpoint) -> bool {
    match endpoint {
        Endpoint::Browser { person } => lines.is_some_and(|lines| lines.is_open(person)),
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
    let trunks = service.trunks.all();
    let is_ours = service.routing().directory.is_own(number)
        || trunks.iter().any(|trunk| trunk.config.from.as_ref() == Some(number));
    !is_ours && !number.is_premium() && trunks.iter().any(|trunk| trunk.config.may_call_back(number))
}

fn trunks(service: &Service, number: &PhoneNumber) -> VecDeque<Target> {
    over(service, number, |trunk| trunk.config.may_dial(number))
}

// Trunks that are thought dead come last: better a try than no call. One that wants no calls gets none.
fn over(service: &Service, number: &PhoneNumber, is_allowed: impl Fn(&TrunkLine) -> bool) -> VecDeque<Target> {
    let now = clock::now();
    let mut may: Vec<_> = service.trunks.all();
    may.retain(|trunk| is_allowed(trunk) && !trunk.is_resting(now));
    may.sort_by_key(|trunk| !trunk.is_up(now));
    may.into_iter().map(|trunk| Target::Trunk(trunk, number.clone())).collect()
}

impl Target {
    /// A place on its trunk, where it needs one.
    ///
    /// # Errors
    /// When the trunk carries as many calls as it may.
    pub(super) fn take_place(&self) -> anyhow::Result<Option<Place>> {
        match self {
            Self::Page(_) | Self::Phone(_) => Ok(None),
            Self::Trunk(trunk, _) => trunk.take_place().context("the trunk carries as many calls as it may").map(Some),
        }
    }

    /// A call to it failed without ringing.
    pub(super) fn failed(&self, code: u16, advice: Option<Advice>) {
        if let Self::Trunk(trunk, _) = self {
            trunk.failed(clock::now(), code, advice);
        }
    }

    /// The INVITE, with our offer; a page gets none.
    pub(super) fn request(&self, caller: &Caller, offer: SessionDescription) -> Option<DialRequest> {
        let e164 = |number: &PhoneNumber| number.e164().to_owned();
        let max_forwards = caller.max_forwards.saturating_sub(1);
        Some(match self {
            Self::Page(_) => return None,
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
                    diversion: caller
                        .diversion
                        .clone()
                        .map(|user| Diversion { user, times: caller.diverted.saturating_add(1) }),
                    max_forwards,
                    ..DialRequest::new(format!("sip:{}@{}", number.e164(), trunk.address), offer)
                }
            }
        })
    }
}
