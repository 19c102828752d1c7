//! One call inside: the library's dialog, its phase, and the ways it ends.

use super::admission::Slot;
use super::event::DialogEvent;
use super::notes::Note;
use super::sdp::SessionDescription;
use super::session::{Keeper, Session, Terms, Wish};
use super::transfer::Transfers;
use super::wire;
use rsipstack::dialog::dialog::{DialogState, DialogStateReceiver, TerminatedReason};
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Response, StatusCode};
use rsipstack::transaction::key::TransactionRole;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, watch};

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// No final answer yet.
    Early,
    /// Our 200 waits for its ACK.
    Answered,
    /// Up.
    Confirmed,
    /// Over.
    Ended,
}

pub(super) struct Call {
    pub(super) library: InviteDialog,
    pub(super) key: Key,
    pub(super) local_ip: IpAddr,
    pub(super) contact: rsipstack::sip::Uri,
    pub(super) phase: watch::Sender<Phase>,
    /// The INVITE had no offer, so the answer to ours comes in the ACK.
    pub(super) is_delayed: bool,
    /// The other side's last `CSeq`, to tell old requests from new ones.
    pub(super) remote_cseq: AtomicU32,
    /// An offer of either side is under way.
    pub(super) is_offering: AtomicBool,
    /// The one under way is ours.
    pub(super) is_our_offer: AtomicBool,
    /// Our 200 to an offer of theirs waits for its ACK.
    pub(super) awaits_ack: watch::Sender<bool>,
    pub(super) session: Session,
    /// What an incoming INVITE wishes of its session, and what it gets.
    pub(super) granted: Option<(Wish, Option<Terms>)>,
    pub(super) transfers: Transfers,
    is_ending: AtomicBool,
    /// What the wire must know about a call of ours.
    pub(super) note: Option<Note>,
    pub(super) calls: Arc<Calls>,
    pub(super) layer: Arc<DialogLayer>,
    events: Mutex<Option<mpsc::Sender<DialogEvent>>>,
    slot: Mutex<Option<Slot>>,
}

/// Call-ID and our tag: what every request within a call names.
pub(super) type Key = (String, String);

/// The calls that exist.
#[derive(Default)]
pub(super) struct Calls(Mutex<HashMap<Key, Arc<Call>>>);

impl Calls {
    pub(super) fn insert(&self, call: &Arc<Call>) {
        locked(&self.0).insert(call.key.clone(), Arc::clone(call));
    }

    pub(super) fn get(&self, key: &Key) -> Option<Arc<Call>> {
        locked(&self.0).get(key).cloned()
    }

    pub(super) fn all(&self) -> Vec<Arc<Call>> {
        locked(&self.0).values().cloned().collect()
    }
}

/// What a new call starts with.
pub(super) struct NewCall {
    pub(super) library: InviteDialog,
    pub(super) layer: Arc<DialogLayer>,
    pub(super) calls: Arc<Calls>,
    pub(super) local_ip: IpAddr,
    pub(super) contact: rsipstack::sip::Uri,
    pub(super) is_delayed: bool,
    pub(super) remote_cseq: u32,
    pub(super) note: Option<Note>,
    pub(super) session: Session,
    /// Of an incoming call.
    pub(super) granted: Option<(Wish, Option<Terms>)>,
    pub(super) slot: Option<Slot>,
    pub(super) events: mpsc::Sender<DialogEvent>,
}

impl Call {
    /// Registers the call and follows its states.
    pub(super) fn start(new: NewCall, states: DialogStateReceiver) -> Arc<Self> {
        let id = new.library.id();
        let call = Arc::new(Self {
            key: (id.call_id, id.local_tag),
            library: new.library,
            local_ip: new.local_ip,
            contact: new.contact,
            phase: watch::channel(Phase::Early).0,
            is_delayed: new.is_delayed,
            remote_cseq: AtomicU32::new(new.remote_cseq),
            is_offering: AtomicBool::new(false),
            is_our_offer: AtomicBool::new(false),
            awaits_ack: watch::channel(false).0,
            session: new.session,
            granted: new.granted,
            transfers: Transfers::default(),
            is_ending: AtomicBool::new(false),
            note: new.note,
            layer: new.layer,
            events: Mutex::new(Some(new.events)),
            slot: Mutex::new(new.slot),
            calls: Arc::clone(&new.calls),
        });
        new.calls.insert(&call);
        tokio::spawn(Arc::clone(&call).follow(states));
        call
    }

    pub(super) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    pub(super) fn is_incoming(&self) -> bool {
        self.library.role() == TransactionRole::Server
    }

    /// Waits until the call has come past `phase`.
    pub(super) async fn past(&self, phase: Phase) -> Phase {
        // The sender lives in `self`, so waiting cannot fail.
        self.phase.subscribe().wait_for(|now| *now > phase).await.map_or(Phase::Ended, |now| *now)
    }

    /// Waits until no 200 of ours needs its ACK: a request that comes behind the ACK may be taken up first.
    pub(super) async fn acknowledged(&self) {
        if self.phase() == Phase::Answered {
            self.past(Phase::Answered).await;
        }
        // The sender lives in `self`, so waiting cannot fail.
        let mut waits = self.awaits_ack.subscribe();
        let _acknowledged = waits.wait_for(|waits| !waits).await;
    }

    /// Tells the owner; `false` when it does not keep up or is gone.
    pub(super) fn tell(&self, event: DialogEvent) -> bool {
        locked(&self.events).as_ref().is_some_and(|events| events.try_send(event).is_ok())
    }

    /// Ends the bookkeeping, once: last event, place, tables.
    pub(super) fn finish(&self, last: DialogEvent) {
        let was = self.phase.send_replace(Phase::Ended);
        if was != Phase::Ended {
            self.tell(last);
            locked(&self.events).take();
            self.release();
            locked(&self.calls.0).remove(&self.key);
        }
        self.layer.remove_dialog(&self.library.id());
    }

    /// Gives the place back before the last transaction is done.
    pub(super) fn release(&self) {
        locked(&self.slot).take();
    }

    /// The INVITE of an incoming call is done: without a confirmed dialog the call is over, for the reason that the library gives.
    pub(super) fn settle(&self) {
        match self.library.state() {
            DialogState::Confirmed(..) => {}
            DialogState::Terminated(_, reason) => self.finish(last_event(&reason)),
            _ => self.finish(last_event(&TerminatedReason::Timeout)),
        }
    }

    /// Ends the call whatever its phase, without waiting for the other side; once.
    pub(super) fn hang_up(self: &Arc<Self>) {
        self.release();
        if self.is_ending.swap(true, Ordering::AcqRel) {
            return;
        }
        match (self.phase(), self.is_incoming()) {
            (Phase::Ended, _) => {}
            (Phase::Early, true) => self.refuse(480, "Temporarily Unavailable"),
            (Phase::Early, false) => {
                tokio::spawn(Arc::clone(self).cancel());
            }
            (Phase::Answered | Phase::Confirmed, _) => {
                tokio::spawn(Arc::clone(self).bye());
            }
        }
    }

    /// The INVITE's own end comes to `calling`, whatever becomes of the CANCEL; an answer that came first needs a BYE.
    async fn cancel(self: Arc<Self>) {
        if let Err(error) = self.library.cancel().await {
            tracing::debug!(%error, "a CANCEL found no answer");
        }
        if self.library.state().is_confirmed() {
            self.bye().await;
        }
    }

    /// No BYE before the ACK (RFC 3261, section 15); the library ends the call itself when none comes.
    async fn bye(self: Arc<Self>) {
        if self.past(Phase::Answered).await == Phase::Confirmed {
            if let Err(error) = self.library.bye().await {
                tracing::debug!(%error, "a BYE found no answer");
            }
            self.finish(DialogEvent::HungUp);
        }
    }

    /// A final refusal of an incoming call.
    pub(super) fn refuse(&self, code: u16, reason: &str) {
        if self.phase() != Phase::Early || !self.is_incoming() {
            return;
        }
        let reason: String = reason.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).collect();
        let header = (!reason.is_empty()).then(|| format!("SIP;cause={code};text=\"{reason}\""));
        if let Err(error) = self.library.reject(Some(StatusCode::from(code)), header) {
            tracing::debug!(%error, "a refusal could not be sent");
        }
        self.finish(DialogEvent::HungUp);
    }

    async fn follow(self: Arc<Self>, mut states: DialogStateReceiver) {
        let mut phases = self.phase.subscribe();
        let mut keeper = Keeper::new(Arc::clone(&self));
        loop {
            let state = tokio::select! {
                biased;
                state = states.recv() => state,
                _ended = phases.wait_for(|phase| *phase == Phase::Ended) => return,
                never = keeper.run() => match never {},
            };
            match state {
                Some(state) => self.take_state(state),
                None => return self.finish(DialogEvent::HungUp),
            }
        }
    }

    fn take_state(self: &Arc<Self>, state: DialogState) {
        match state {
            DialogState::Early(_, response) if self.phase() == Phase::Early && !self.is_incoming() => {
                self.tell(DialogEvent::Ringing { early: description(&response) });
            }
            DialogState::WaitAck(..) => self.advance(Phase::Answered),
            DialogState::Confirmed(_, response) if self.phase() < Phase::Confirmed => self.confirm(&response),
            // An unanswered call of ours ends with its INVITE: see `calling`, which knows the response.
            DialogState::Terminated(_, reason) if self.is_incoming() || self.phase() == Phase::Confirmed => {
                self.finish(last_event(&reason));
            }
            _ => {}
        }
    }

    fn confirm(self: &Arc<Self>, response: &Response) {
        let answer = if self.is_incoming() {
            let ack = self.is_delayed.then(|| self.library.last_remote_ack()).flatten();
            ack.map(|ack| SessionDescription::parse(&String::from_utf8_lossy(&ack.body)).ok())
        } else {
            Some(description(response))
        };
        self.advance(Phase::Confirmed);
        match self.granted {
            Some((_, terms)) => self.session.agree(terms),
            None => self.session.agree_by(response),
        }
        match answer {
            Some(Some(answer)) => {
                self.tell(DialogEvent::Answered(answer));
            }
            Some(None) => {
                tracing::warn!("the other side answered without a usable session description");
                return self.fail(488, "Not Acceptable Here");
            }
            None => {}
        }
        if self.is_incoming() {
            self.tell(DialogEvent::Confirmed);
        }
    }

    /// Ends a call that is up for a fault of the other side.
    pub(super) fn fail(self: &Arc<Self>, code: u16, reason: &str) {
        self.tell(DialogEvent::failed(code, reason));
        locked(&self.events).take();
        self.hang_up();
    }

    fn advance(&self, phase: Phase) {
        self.phase.send_if_modified(|now| {
            let is_ahead = *now < phase;
            if is_ahead {
                *now = phase;
            }
            is_ahead
        });
    }
}

/// The session description in a response; `None` when there is none or it is malformed.
pub(super) fn description(response: &Response) -> Option<SessionDescription> {
    SessionDescription::parse(std::str::from_utf8(&response.body).ok()?).ok()
}

/// Headers of a message with a session description.
pub(super) fn sdp_headers() -> Vec<rsipstack::sip::Header> {
    vec![wire::content_type(), wire::allow()]
}

fn last_event(reason: &TerminatedReason) -> DialogEvent {
    match reason {
        TerminatedReason::UacCancel => DialogEvent::Cancelled,
        TerminatedReason::Timeout => DialogEvent::failed(408, "Request Timeout"),
        _ => DialogEvent::HungUp,
    }
}

// A panic while one of these is held leaves nothing half done: each is a single take, insert or remove.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
