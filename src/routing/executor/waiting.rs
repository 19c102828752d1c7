//! A call that holds in line: the agents to whom it is offered, and the ways out.

use super::{Executor, Stage, Timer};
use crate::id::LegId;
use crate::routing::legs::State;
use crate::routing::plan::{Endpoint, PersonId, QueueId, Step, distinct};
use crate::routing::protocol::{CancelReason, Ending, LeaveReason, LegEnd, Note, Output};
use crate::timer::Timers;
use std::time::{Duration, Instant};

/// A place in a line.
#[derive(Debug)]
pub(super) struct Waiting {
    queue: QueueId,
    ends: Instant,
    offers: Vec<Offer>,
}

#[derive(Debug)]
struct Offer {
    agent: PersonId,
    legs: Vec<LegId>,
}

impl Waiting {
    pub(super) const fn new(queue: QueueId, ends: Instant) -> Self {
        Self { queue, ends, offers: Vec::new() }
    }

    /// When the step's time is up.
    pub(super) const fn ends(&self) -> Instant {
        self.ends
    }

    fn agent_of(&self, leg: LegId) -> Option<usize> {
        self.offers.iter().position(|offer| offer.legs.contains(&leg))
    }
}

impl Executor {
    pub(super) fn offered(&mut self, now: Instant, agent: PersonId, endpoints: Vec<Endpoint>, ring: Duration) {
        if !matches!(self.stage, Stage::Queued(_)) {
            return;
        }
        self.note(Note::Offered { agent: agent.clone() });
        let mut free = distinct(endpoints);
        free.retain(|endpoint| !self.legs.is_rung(endpoint));
        let legs: Vec<LegId> = free
            .into_iter()
            .map(|endpoint| {
                let leg = self.dial(endpoint, None);
                self.timers.set(Timer::Ring(leg), now + ring);
                leg
            })
            .collect();
        if legs.is_empty() {
            return self.outputs.push_back(Output::OfferLost { agent, why: LegEnd::Failed(480) });
        }
        if let Stage::Queued(waiting) = &mut self.stage {
            waiting.offers.push(Offer { agent, legs });
        }
    }

    pub(super) fn withdrawn(&mut self, agent: &PersonId) {
        let Stage::Queued(waiting) = &mut self.stage else { return };
        // Taken out first: what the line takes back was not lost.
        let Some(index) = waiting.offers.iter().position(|offer| offer.agent == *agent) else { return };
        for leg in waiting.offers.swap_remove(index).legs {
            if self.state(leg).is_some_and(State::is_open) {
                self.let_go(leg, CancelReason::Timeout);
            }
        }
    }

    /// A leg has ended: the last one of an offer ends the offer.
    pub(super) fn settle_offers(&mut self, leg: LegId, why: LegEnd) {
        let Stage::Queued(waiting) = &mut self.stage else { return };
        let Some(index) = waiting.agent_of(leg) else { return };
        let legs = &self.legs;
        waiting.offers[index].legs.retain(|leg| legs.get(*leg).is_some_and(|leg| leg.state.is_open()));
        if waiting.offers[index].legs.is_empty() {
            let agent = waiting.offers.swap_remove(index).agent;
            self.outputs.push_back(Output::OfferLost { agent, why });
        }
    }

    pub(super) fn held_long_enough(&mut self, now: Instant) {
        self.leave_line(LeaveReason::TimedOut);
        self.go_on_from_line(now, "nobody was free in time");
    }

    pub(super) fn queue_over(&mut self, now: Instant, why: &'static str) {
        if let Stage::Queued(waiting) = &mut self.stage {
            waiting.offers.clear();
            self.let_offers_go(CancelReason::Timeout);
            self.go_on_from_line(now, why);
        }
    }

    pub(super) fn message_wanted(&mut self, now: Instant) {
        if matches!(self.stage, Stage::Queued(_)) {
            self.leave_line(LeaveReason::Message);
            self.steps.push_front(Step::Voicemail);
            self.go_on_from_line(now, "the caller leaves a message");
        }
    }

    pub(super) fn callback_wanted(&mut self) {
        if matches!(self.stage, Stage::Queued(_)) {
            self.leave_line(LeaveReason::Callback);
            self.end(Ending::Callback);
        }
    }

    /// Out of the line, if the call is in one: whoever rings for it is let go.
    pub(super) fn leave_line(&mut self, why: LeaveReason) {
        let Stage::Queued(waiting) = &mut self.stage else { return };
        waiting.offers.clear();
        let queue = waiting.queue.clone();
        let gone = if why == LeaveReason::CallerGone { CancelReason::CallerGone } else { CancelReason::Timeout };
        self.outputs.push_back(Output::Leave { queue, why });
        self.let_offers_go(gone);
    }

    /// An agent has the call.
    pub(super) fn left_line(&mut self, winner: &Endpoint) {
        if let Stage::Queued(waiting) = &mut self.stage {
            waiting.offers.clear();
            let why = LeaveReason::Answered(winner.person().clone());
            self.outputs.push_back(Output::Leave { queue: waiting.queue.clone(), why });
        }
    }

    fn let_offers_go(&mut self, why: CancelReason) {
        for leg in self.legs.that(State::is_open) {
            self.let_go(leg, why);
        }
    }

    fn go_on_from_line(&mut self, now: Instant, why: &'static str) {
        self.timers = Timers::new();
        self.end_step(now, why);
    }
}
