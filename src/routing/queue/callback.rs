//! Callers who hung up and are called back in their turn.

use super::Queues;
use super::agent::{Agent, Doing};
use super::line::Waits;
use super::protocol::{Departure, Note, Output, Promise};
use crate::id::CallId;
use crate::phone::PhoneNumber;
use crate::routing::plan::{PersonId, QueueId};
use std::time::{Duration, Instant};

/// Who does not answer our call is tried so often, this far apart.
const TRIES: u32 = 2;
const APART: Duration = Duration::from_mins(5);
/// An agent is kept free no longer: ringing, the question and its answer.
const RESERVED: Duration = Duration::from_mins(1);
/// A promise is void after this time: nobody wants to be called back in the night.
const KEPT: Duration = Duration::from_hours(4);

impl Queues {
    /// A caller on the line asks for it; whoever offered it to them knew that they can be called.
    pub(super) fn wants_callback(&mut self, now: Instant, call: CallId) {
        let Some(caller) = self.lines.get_mut(call).filter(|caller| caller.number.is_some()) else { return };
        if caller.waits != Waits::Holding {
            return;
        }
        caller.waits = Waits::ForCallback { failed: 0, not_before: None, until: now + KEPT };
        for agent in self.offered(call) {
            self.withdraw(call, agent, super::Withdrawal::CallerGone);
        }
        self.note(call, Note::CallbackKept);
        self.promise(call);
    }

    /// Somebody whom an earlier run of the service has promised a call.
    pub(super) fn promised(&mut self, now: Instant, promise: Promise) {
        let Promise { call, queue, number, priority, failed, not_before, until } = promise;
        if self.lines.get(call).is_some() {
            return;
        }
        self.lines.join(now, call, queue, Some(number), priority);
        if let Some(caller) = self.lines.get_mut(call) {
            caller.waits = Waits::ForCallback { failed, not_before, until };
        }
        if self.queue_of(call).is_none() {
            self.leave(call, Departure::Unreached);
        }
    }

    /// It is the caller's turn: the agent is kept free while they are called.
    pub(super) fn call_back(&mut self, now: Instant, call: CallId, person: PersonId) {
        let Some(caller) = self.lines.get(call) else { return };
        let (queue, Some(number)) = (caller.queue.clone(), caller.number.clone()) else { return };
        self.agent(&person).doing = Doing::Reserved(call, now + RESERVED);
        self.note(call, Note::CallingBack);
        self.outputs.push_back(Output::CallBack { call, queue, number, agent: person });
    }

    /// The caller is there again: the agent who was kept free is rung, or else whoever is free next.
    pub(super) fn called_back(&mut self, now: Instant, call: CallId) {
        let position = self.lines.position(call);
        let Some(caller) = self.lines.get_mut(call) else { return };
        caller.waits = Waits::Holding;
        // They have heard enough of places.
        caller.told = Some((position, now));
        if let Some(person) = self.reserved_for(call) {
            self.offer(now, call, &person);
        }
    }

    /// The caller could not be had: they are tried once more, later.
    pub(super) fn callback_failed(&mut self, now: Instant, call: CallId) {
        let Some(person) = self.reserved_for(call) else { return };
        self.agent(&person).doing = Doing::Nothing;
        self.note(call, Note::CallbackFailed);
        let Some(caller) = self.lines.get_mut(call) else { return };
        let Waits::ForCallback { failed, until, .. } = caller.waits else { return };
        if failed >= TRIES {
            // They are on the line by themselves, or were.
            self.leave(call, Departure::Left);
        } else if failed + 1 < TRIES {
            caller.waits = Waits::ForCallback { failed: failed + 1, not_before: Some(now + APART), until };
            self.promise(call);
        } else {
            self.leave(call, Departure::Unreached);
        }
    }

    /// Who waited for our call and calls by themselves has their place, and needn't be called any more.
    pub(super) fn take_callback_back(&mut self, now: Instant, queue: &QueueId, number: &PhoneNumber) {
        let Some(call) = self.lines.callback_to(queue, number).map(|caller| caller.call) else { return };
        if self.reserved_for(call).is_some() {
            // The two calls have crossed. Ours will find a busy line, and is the last.
            if let Some(Waits::ForCallback { failed, .. }) = self.lines.get_mut(call).map(|caller| &mut caller.waits) {
                *failed = TRIES;
            }
        } else if let Some(caller) = self.leave(call, Departure::Left) {
            self.lines.keep(&caller, now);
        }
    }

    /// Promises that were not kept in time.
    pub(super) fn give_promises_up(&mut self, now: Instant) {
        for call in self.lines.overdue(now) {
            if self.reserved_for(call).is_none() {
                self.leave(call, Departure::Unreached);
            }
        }
    }

    /// Who is kept free for a caller.
    pub(super) fn reserved_for(&self, call: CallId) -> Option<PersonId> {
        let is_theirs = |agent: &Agent| matches!(agent.doing, Doing::Reserved(reserved, _) if reserved == call);
        self.agents.iter().find(|(_, agent)| is_theirs(agent)).map(|(person, _)| person.clone())
    }

    fn promise(&mut self, call: CallId) {
        let Some(caller) = self.lines.get(call) else { return };
        let Waits::ForCallback { failed, not_before, until } = caller.waits else { return };
        let (queue, priority) = (caller.queue.clone(), caller.priority);
        let Some(number) = caller.number.clone() else { return };
        self.outputs.push_back(Output::Promise(Promise { call, queue, number, priority, failed, not_before, until }));
    }
}
