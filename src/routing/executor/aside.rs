//! Ways off the plan: a leg that passes the call on, and the receptionist that asks for a person.

use super::{Executor, Stage};
use crate::id::LegId;
use crate::routing::legs::State;
use crate::routing::plan::Step;
use crate::routing::protocol::{CancelReason, LegEnd, Note, Output};
use std::time::{Duration, Instant};

/// How long who passed a call on is rung when nobody takes it there.
const RECALL: Duration = Duration::from_secs(20);

impl Executor {
    /// The leg is let go and the steps are tried; then who passed the call on, then the last resort.
    pub(super) fn transfer(&mut self, now: Instant, steps: Vec<Step>) {
        let Some((leg, endpoint)) = self.legs.bridged().map(|leg| (leg.id, leg.endpoint.clone())) else { return };
        self.note(Note::Transferred { leg, endpoint: endpoint.clone() });
        let why = CancelReason::Transferred;
        self.outputs.push_back(Output::Cancel { leg, why });
        self.close(leg, State::Done, LegEnd::Cancelled(why));
        self.steps = steps.into();
        if !self.steps.iter().any(Step::is_final) {
            self.steps.push_back(Step::Ring { endpoint, timeout: RECALL });
        }
        self.has_conversed = false;
        self.ring_left = self.longest;
        self.go_on(now);
    }

    /// Whoever talked with the caller can't be heard any more: what the plan has left is tried.
    pub(super) fn out_of_touch(&mut self, now: Instant, leg: LegId) {
        if self.legs.bridged().is_none_or(|bridged| bridged.id != leg) {
            return self.lost(now, leg, LegEnd::HungUp);
        }
        let why = CancelReason::Lost;
        self.outputs.push_back(Output::Cancel { leg, why });
        self.close(leg, State::Done, LegEnd::Cancelled(why));
        self.has_conversed = false;
        self.ring_left = self.longest;
        self.go_on(now);
    }

    /// The steps that ring are tried while the receptionist waits.
    pub(super) fn escalate(&mut self, now: Instant, steps: Vec<Step>) {
        if !matches!(self.stage, Stage::Conversing) {
            return;
        }
        self.note(Note::Escalated);
        self.escalation = Some(steps.into_iter().filter(Step::rings).collect());
        self.ring_left = self.longest;
        self.go_on(now);
    }

    /// Nobody came.
    pub(super) fn resume(&mut self) {
        self.escalation = None;
        self.stage = Stage::Conversing;
        self.note(Note::Resumed);
        self.outputs.push_back(Output::Resume);
    }
}
