//! The registrar: phones say where they are (RFC 3261, section 10), over UDP and TCP.

mod bindings;
mod gate;

#[cfg(test)]
mod tests;

pub use bindings::Contact;
pub use gate::Accounts;

use super::event::Transport;
use super::{identity, wire};
use crate::clock::now;
use bindings::{Bindings, Origin, SHORTEST, Unfulfilled, Wish};
use gate::{Gate, Verdict};
use rsipstack::sip::headers::{Contact as ContactHeader, MinExpires, WwwAuthenticate};
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Header, Request, StatusCode};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Answers REGISTER and knows who is reached where.
pub(super) struct Registrar(Mutex<Desk>);

/// Both are told the time and touch nothing else.
struct Desk {
    gate: Gate,
    bindings: Bindings,
}

/// Final status and headers of an answer.
type Answer = (StatusCode, Vec<Header>);

impl Registrar {
    pub(super) fn new(accounts: Accounts, realm: &str) -> Self {
        Self(Mutex::new(Desk { gate: Gate::new(accounts, realm), bindings: Bindings::default() }))
    }

    /// Replaces the accounts. Phones of users that are gone, or have another password, are known no more.
    pub(super) fn set_accounts(&self, accounts: Accounts) {
        let mut desk = self.locked();
        let Desk { gate, bindings } = &mut *desk;
        bindings.retain(|user| gate.is_same(&accounts, user));
        gate.set_accounts(accounts);
    }

    /// Judges a REGISTER and does what it asks for.
    pub(super) fn answer(&self, request: &Request, source: SocketAddr, transport: Transport) -> Answer {
        let now = now();
        let Some(user) = request.to_header().ok().and_then(|to| identity::user_in(to.value())) else {
            return (StatusCode::NotFound, Vec::new());
        };
        let mut desk = self.locked();
        if desk.gate.is_closed() {
            return (StatusCode::MethodNotAllowed, vec![wire::allow()]);
        }
        let judged = gate::Request {
            source: source.ip(),
            user: &user,
            method: "REGISTER",
            authorization: authorization(request, desk.gate.realm()),
        };
        match desk.gate.judge(now, judged) {
            Verdict::Allowed => {}
            Verdict::Challenged(challenges) => {
                let headers = challenges.into_iter().map(|it| WwwAuthenticate::new(it).into()).collect();
                return (StatusCode::Unauthorized, headers);
            }
            Verdict::TurnedAway => return (StatusCode::Forbidden, Vec::new()),
        }
        match register(&mut desk.bindings, now, request, &user, (source, transport)) {
            Ok(()) => (StatusCode::OK, desk.bindings.contacts(now, &user).iter().map(header).collect()),
            Err(unfulfilled) => refusal(unfulfilled),
        }
    }

    pub(super) fn contacts(&self, user: &str) -> Vec<Contact> {
        self.locked().bindings.contacts(now(), user)
    }

    pub(super) fn knows(&self, flow: SocketAddr, transport: Transport) -> bool {
        self.locked().bindings.knows(now(), flow, transport)
    }

    pub(super) fn forget_stream(&self, flow: SocketAddr) {
        self.locked().bindings.forget_stream(flow);
    }

    // A panic while it is held leaves nothing half done: bindings are replaced in one step.
    fn locked(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The Authorization for our realm; other proxies' may stand beside it.
fn authorization<'a>(request: &'a Request, realm: &str) -> Option<&'a str> {
    let all = request.headers.iter().filter_map(|it| match it {
        Header::Authorization(it) => Some(it.value()),
        _ => None,
    });
    let is_ours = |it: &&str| super::digest::Fields::parse(it).is_some_and(|it| it.get("realm") == Some(realm));
    all.into_iter().find(is_ours)
}

fn register(
    bindings: &mut Bindings,
    now: Instant,
    request: &Request,
    user: &str,
    (flow, transport): (SocketAddr, Transport),
) -> Result<(), Unfulfilled> {
    let contacts: Vec<&str> = request
        .headers
        .iter()
        .filter_map(|it| if let Header::Contact(it) = it { Some(it.value()) } else { None })
        .collect();
    let wish = Wish::read(&contacts, request.header_value("Expires").as_deref())?;
    let call_id = request.call_id_header().map_err(|_| Unfulfilled::Malformed)?.value();
    let cseq = request.cseq_header().and_then(rsipstack::sip::headers::CSeq::seq);
    let cseq = cseq.map_err(|_| Unfulfilled::Malformed)?;
    bindings.fulfil(now, Origin { user, call_id, cseq, flow, transport }, wish)
}

fn header(contact: &Contact) -> Header {
    ContactHeader::new(format!("<{}>;expires={}", contact.uri, contact.expires_in.as_secs())).into()
}

fn refusal(unfulfilled: Unfulfilled) -> Answer {
    match unfulfilled {
        Unfulfilled::Malformed => (StatusCode::BadRequest, Vec::new()),
        Unfulfilled::TooBrief => {
            let least = MinExpires::new(SHORTEST.as_secs().to_string());
            (StatusCode::IntervalTooBrief, vec![least.into()])
        }
        Unfulfilled::OutOfOrder => (StatusCode::ServerInternalError, Vec::new()),
        Unfulfilled::TooMany => (StatusCode::Forbidden, Vec::new()),
    }
}
