//! What a dialog tells its owner, and what its owner may ask for.

use super::dialog::Dialog;
use super::negotiate::Agreed;
use super::registrar::Contact;
use super::sdp::{Offer, SessionDescription};
use super::transfer::Transfer;
use crate::pii::Pii;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// What a call starts with (RFC 3261, section 8.1.1.6).
pub(super) const MAX_FORWARDS: u8 = 70;

/// How the messages of a call travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// One message a datagram.
    Udp,
    /// Messages in a stream.
    Tcp,
}

/// A call that was let in and waits for [`Dialog::ring`], [`Dialog::accept`] or [`Dialog::reject`].
#[derive(Debug)]
pub struct IncomingCall {
    /// The user part of P-Asserted-Identity or else From, as it came; `None` for an anonymous caller.
    pub caller: Option<String>,
    /// The display name beside it.
    pub caller_name: Option<String>,
    /// The user part of the Request-URI, or its host when it has none.
    pub called: String,
    /// Where the INVITE came from.
    pub source: SocketAddr,
    /// How it came.
    pub transport: Transport,
    /// The hops that the call may still take: one less goes into a [`DialRequest`] that passes it on.
    pub max_forwards: u8,
    /// Who has passed the call on before it came here.
    pub diversions: Diversions,
    /// The caller's offer; `None` when the caller wants ours in the 200 (delayed offer).
    pub offer: Option<Offer>,
    /// The call itself. When its last clone is dropped, the call is hung up.
    pub dialog: Dialog,
    /// What happens to it. Holds 32 events; when the owner does not read them, digits are dropped first.
    pub events: mpsc::Receiver<DialogEvent>,
}

/// Who has passed a call on, and how often in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diversions {
    /// The user parts, the latest first.
    pub by: Vec<String>,
    /// How often; not less than there are names.
    pub times: u32,
}

/// Who passes a call on now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diversion {
    /// The user part of the number that was called and not answered.
    pub user: String,
    /// How often the call has been passed on, this time included.
    pub times: u32,
}

/// A call to be made: [`DialRequest::new`] gives the plainest one, whose fields are then set as needed.
#[derive(Clone, Debug)]
pub struct DialRequest {
    /// Whom to call: `sip:user@host:port`.
    pub to: String,
    /// User part of From; `None` calls anonymously.
    pub from_user: Option<String>,
    /// Display name of From.
    pub from_name: Option<String>,
    /// User part of P-Asserted-Identity (RFC 3325), for peers that may know the caller. Beside an anonymous From it goes
    /// with `Privacy: id`.
    pub asserted: Option<String>,
    /// Diversion (RFC 5806), for calls that are passed on.
    pub diversion: Option<Diversion>,
    /// How many hops the call may still take; 70 unless it is passed on.
    pub max_forwards: u8,
    /// For peers that challenge.
    pub credentials: Option<Credentials>,
    /// How to send.
    pub transport: Transport,
    /// Where to send instead of the host in `to`: the flow that a registered phone is reached by (see [`Contact`]).
    pub destination: Option<SocketAddr>,
    /// How long the session lasts without a refresh (RFC 4028), in whole seconds; `None` for the endpoint's own wish.
    pub session: Option<Duration>,
    /// Our offer. An unspecified address in it is replaced by the one of ours that the other side reaches ([`Dialog::local_ip`]).
    pub offer: SessionDescription,
}

/// An account elsewhere: what a challenge of its digest authentication (MD5 or SHA-256) is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: Pii<String>,
}

/// Why a call of ours is called off before its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelReason {
    /// Somebody else took the call: the CANCEL says so (RFC 3326), and the phone shows no missed call.
    AnsweredElsewhere,
    /// It rang for long enough, or the caller hung up.
    GivenUp,
}

/// A call being made.
#[derive(Debug)]
pub struct OutgoingCall {
    /// The call itself. When its last clone is dropped, the call is hung up.
    pub dialog: Dialog,
    /// What happens to it, as in [`IncomingCall::events`].
    pub events: mpsc::Receiver<DialogEvent>,
}

/// What happened to a call. After `Cancelled`, `HungUp` or `Failed` nothing follows and the channel closes.
#[derive(Debug)]
pub enum DialogEvent {
    /// Outgoing: the other side rings, perhaps with early media.
    Ringing {
        /// The session description of a 183, if there was one.
        early: Option<SessionDescription>,
    },
    /// The other side's answer: to our INVITE, or in its ACK to the offer of our 200.
    Answered(SessionDescription),
    /// Incoming: the ACK to our 200 has come.
    Confirmed,
    /// Incoming: the caller gave up before the answer.
    Cancelled,
    /// The other side changes the session: hold, resume, another address.
    Reoffer(Reoffer),
    /// The other side wants its partner connected with somebody else.
    Transfer(Transfer),
    /// A key pressed, by SIP INFO: `0`-`9`, `*`, `#`, `A`-`D`.
    Digit(char),
    /// The other side sent BYE, or our own hang-up is done.
    HungUp,
    /// The call could not be made or kept.
    Failed {
        /// The final status, such as 486; 408 when nobody answered or acknowledged, or nothing at all came back.
        code: u16,
        /// Its reason phrase.
        reason: String,
        /// What its sender asks for.
        advice: Option<Advice>,
    },
}

/// What may come with a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// No call should come for so long (Retry-After).
    StayAway(Duration),
    /// A session must last so long without a refresh at least (Min-SE of RFC 4028).
    LongerSession(Duration),
}

/// A re-INVITE waiting for its answer. Dropped without one, it is refused with 488.
#[derive(Debug)]
pub struct Reoffer {
    /// The new offer; `None` when the other side asks for ours.
    pub offer: Option<Offer>,
    pub(super) reply: oneshot::Sender<Result<SessionDescription, u16>>,
}

impl DialogEvent {
    pub(super) fn failed(code: u16, reason: &str) -> Self {
        Self::Failed { code, reason: reason.to_owned(), advice: None }
    }
}

impl DialRequest {
    /// An anonymous call over UDP to the host that `to` names.
    #[must_use]
    pub fn new(to: impl Into<String>, offer: SessionDescription) -> Self {
        Self {
            to: to.into(),
            from_user: None,
            from_name: None,
            asserted: None,
            diversion: None,
            max_forwards: MAX_FORWARDS,
            credentials: None,
            transport: Transport::Udp,
            destination: None,
            session: None,
            offer,
        }
    }

    /// What to try once more after a refusal that this mends: the codec that was not the first after 488 or 606, for there are peers that look
    /// at the first one only; a longer session after 422. `None` when nothing helps.
    #[must_use]
    pub fn mended(self, code: u16, advice: Option<Advice>) -> Option<Self> {
        match (code, advice) {
            (488 | 606, _) => Some(Self { offer: self.offer.with_last_codec()?, ..self }),
            (422, Some(Advice::LongerSession(least))) if self.session.is_none() => {
                Some(Self { session: Some(least), ..self })
            }
            _ => None,
        }
    }

    /// A call to a registered phone, over the flow that it registered from.
    #[must_use]
    pub fn to_phone(phone: &Contact, offer: SessionDescription) -> Self {
        Self { transport: phone.transport, destination: Some(phone.flow), ..Self::new(&phone.uri, offer) }
    }
}

impl Reoffer {
    /// The answer that follows from what was agreed before; `None` when there is no codec in common any more.
    #[must_use]
    pub fn agree(&self, current: &Agreed) -> Option<Agreed> {
        match &self.offer {
            Some(offer) => current.renegotiate(offer).ok(),
            None => Some(current.offered_again()),
        }
    }

    /// Answers with 200. The answer to an offer of ours comes as [`DialogEvent::Answered`].
    #[expect(clippy::unused_async, reason = "replying is asynchronous for the owner, whatever carries it")]
    pub async fn accept(self, answer: &SessionDescription) {
        let _ended_meanwhile = self.reply.send(Ok(answer.clone()));
    }

    /// Refuses; all stays as it was.
    #[expect(clippy::unused_async, reason = "replying is asynchronous for the owner, whatever carries it")]
    pub async fn refuse(self, code: u16) {
        let _ended_meanwhile = self.reply.send(Err(code));
    }
}
