//! Callers who hung up and are called back in their turn.

use super::Queues;
use super::agent::{Agent, Doing};
use super::line::Waits;
use super::protocol::{Departure, Note, Output};
use crate::id::CallId;
use crate::phone::PhoneNumber;
use crate::routing::plan::{PersonId, QueueId};
use std::time::{Duration, Instant};

/// Who does not answer our call is tried so often, this far apart.
const TRIES: u32 = 2;
const APART: Duration = Duration::from_mins(5);
/// An agent is kept free no longer: ringing, the question and its answer.
const RESERVED: Duration = Duration::from_mins(1);

impl Queues {
    /// A caller on the line asks for it. Nothing happens where it isn't offered, or their number is not known.
    pub(super) fn wants_callback(&mut self, call: CallId) {
        let is_offered = self.queue_of(call).is_some_and(|queue| queue.offers_callback);
        let Some(caller) = self.lines.get_mut(call).filter(|caller| caller.number.is_some() && is_offered) else {
            return;
        };
        if caller.waits != Waits::Holding {
            return;
        }
        caller.waits = Waits::ForCallback { failed: 0, not_before: None };
        for agent in self.offered(call) {
            self.withdraw(call, agent, super::Withdrawal::CallerGone);
        }
        self.note(call, Note::CallbackKept);
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
        let Some(caller) = self.lines.get_mut(call) else { return };
        caller.waits = Waits::Holding;
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
        let Waits::ForCallback { failed, .. } = caller.waits else { return };
        if failed + 1 < TRIES {
            caller.waits = Waits::ForCallback { failed: failed + 1, not_before: Some(now + APART) };
        } else {
            self.leave(call, Departure::Gone);
        }
    }

    /// Who waited for our call and calls by themselves has their place, and needn't be called any more.
    pub(super) fn take_callback_back(&mut self, now: Instant, queue: &QueueId, number: &PhoneNumber) {
        let Some(call) = self.lines.callback_to(queue, number).map(|caller| caller.call) else { return };
        if self.reserved_for(call).is_none()
            && let Some(caller) = self.leave(call, Departure::Left)
        {
            self.lines.keep(&caller, now);
        }
    }

    /// Who is kept free for a caller.
    pub(super) fn reserved_for(&self, call: CallId) -> Option<PersonId> {
        let is_theirs = |agent: &Agent| matches!(agent.doing, Doing::Reserved(reserved, _) if reserved == call);
        self.agents.iter().find(|(_, agent)| is_theirs(agent)).map(|(person, _)| person.clone())
    }
}
