//! One agent: on duty or not, and what they are doing.

use super::protocol::AgentState;
use crate::id::CallId;
use crate::routing::plan::QueueId;
use std::collections::HashSet;
use std::time::Instant;

/// What an agent is doing for the queues. One thing at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    Nothing,
    /// Is rung for this call, at the longest until then.
    Offered(CallId, Instant),
    /// Is kept free for who is being called back, at the longest until then.
    Reserved(CallId, Instant),
    /// Talks since then.
    Talking(CallId, QueueId, Instant),
    WrappingUp(Instant),
}

/// One agent, for all queues that they serve.
#[derive(Clone, Debug)]
pub(super) struct Agent {
    pub(super) is_logged_in: bool,
    pub(super) is_paused: bool,
    /// Calls that are none of a queue's.
    pub(super) busy_in: HashSet<CallId>,
    pub(super) doing: Doing,
    /// Left alone until then.
    pub(super) rests_until: Option<Instant>,
    /// Offers in a row that rang out.
    pub(super) unanswered: u32,
    pub(super) answered: u32,
    /// When their last call ended.
    pub(super) idle_since: Option<Instant>,
    /// What was told of them last.
    pub(super) told: AgentState,
}

impl Default for Agent {
    /// On duty, as everybody is until they say otherwise.
    fn default() -> Self {
        Self {
            is_logged_in: true,
            is_paused: false,
            busy_in: HashSet::new(),
            doing: Doing::Nothing,
            rests_until: None,
            unanswered: 0,
            answered: 0,
            idle_since: None,
            told: AgentState::Free,
        }
    }
}

impl Agent {
    /// Whether they take calls at all.
    pub(super) const fn is_on_duty(&self) -> bool {
        self.is_logged_in && !self.is_paused
    }

    /// Whether they may be rung now, as far as it depends on them.
    pub(super) fn is_free(&self) -> bool {
        self.is_on_duty() && self.busy_in.is_empty() && self.doing == Doing::Nothing && self.rests_until.is_none()
    }

    /// The call that rings at their place.
    pub(super) const fn offered(&self) -> Option<CallId> {
        match self.doing {
            Doing::Offered(call, _) => Some(call),
            _ => None,
        }
    }

    /// When something of theirs is due.
    pub(super) fn due(&self) -> Option<Instant> {
        let doing = match self.doing {
            Doing::Offered(_, until) | Doing::Reserved(_, until) | Doing::WrappingUp(until) => Some(until),
            Doing::Nothing | Doing::Talking(..) => None,
        };
        doing.into_iter().chain(self.rests_until).min()
    }

    /// What they are doing, for those who watch.
    pub(super) fn state(&self, is_reachable: bool) -> AgentState {
        match self.doing {
            Doing::Talking(..) => AgentState::Talking,
            Doing::Offered(..) | Doing::Reserved(..) => AgentState::Ringing,
            _ if !self.busy_in.is_empty() => AgentState::Talking,
            _ if !self.is_logged_in => AgentState::LoggedOut,
            _ if self.is_paused => AgentState::Paused,
            Doing::WrappingUp(_) => AgentState::WrappingUp,
            Doing::Nothing if !is_reachable => AgentState::Unreachable,
            Doing::Nothing => AgentState::Free,
        }
    }
}
