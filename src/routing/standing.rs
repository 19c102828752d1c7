//! What earlier calls left behind: who answered how many, who is talking, who is idle since when.

use super::plan::{Endpoint, GroupId};
use std::collections::HashMap;
use std::time::Instant;

/// What the strategies that share calls out fairly go by. One for the whole service, kept in memory: after a restart everybody is equal.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    endpoints: HashMap<Endpoint, Tally>,
    last: HashMap<GroupId, Endpoint>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    answered: u32,
    talking: u32,
    ended: Option<Instant>,
}

/// Less is longer idle: those who never talked, those who did, those who still do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Idleness {
    is_talking: bool,
    since: Option<Instant>,
}

impl Standing {
    /// Nobody has answered yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The endpoint took a call; `group` is the one that rang it, if any.
    pub fn answered(&mut self, endpoint: &Endpoint, group: Option<&GroupId>) {
        let tally = self.endpoints.entry(endpoint.clone()).or_default();
        tally.answered += 1;
        tally.talking += 1;
        if let Some(group) = group {
            self.last.insert(group.clone(), endpoint.clone());
        }
    }

    /// A call that the endpoint took is over.
    pub fn ended(&mut self, endpoint: &Endpoint, now: Instant) {
        let tally = self.endpoints.entry(endpoint.clone()).or_default();
        tally.talking = tally.talking.saturating_sub(1);
        tally.ended = Some(now);
    }

    /// Whether the endpoint is in a call.
    #[must_use]
    pub fn is_talking(&self, endpoint: &Endpoint) -> bool {
        self.tally(endpoint).talking > 0
    }

    pub(super) fn calls(&self, endpoint: &Endpoint) -> u32 {
        self.tally(endpoint).answered
    }

    pub(super) fn idleness(&self, endpoint: &Endpoint) -> Idleness {
        let tally = self.tally(endpoint);
        Idleness { is_talking: tally.talking > 0, since: tally.ended }
    }

    pub(super) fn last_of(&self, group: &GroupId) -> Option<&Endpoint> {
        self.last.get(group)
    }

    fn tally(&self, endpoint: &Endpoint) -> Tally {
        self.endpoints.get(endpoint).copied().unwrap_or_default()
    }
}
