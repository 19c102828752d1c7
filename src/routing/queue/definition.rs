//! What a queue is made of.

use crate::routing::plan::{Endpoint, PersonId, QueueId, Strategy};
use std::time::Duration;

/// A line of callers, and who takes their calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its name.
    pub id: QueueId,
    /// Which of the free agents of one tier is rung first.
    pub strategy: Strategy,
    /// Who takes the calls, in the order of the configuration.
    pub members: Vec<Member>,
    /// How long an agent is rung for one call.
    pub ring: Duration,
    /// What an agent has to themselves after a call.
    pub wrap_up: Duration,
    /// So many callers may be in line; one more goes on at once.
    pub longest_line: usize,
    /// Whether callers stay in line when no agent is on duty; otherwise they go on at once.
    pub waits_unstaffed: bool,
    /// An agent who lets so many offers in a row ring out is paused; 0 for never.
    pub pause_after: u32,
    /// How long an agent is left alone after an offer came to nothing.
    pub rests: Rests,
    /// How often callers are told their place.
    pub announce_every: Duration,
    /// Who hangs up and calls again within this time has their place back.
    pub resume_within: Duration,
    /// Whether callers may ask to be called back.
    pub offers_callback: bool,
}

/// Somebody who takes calls of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// What rings, all at once.
    pub endpoints: Vec<Endpoint>,
    /// An agent is rung only when none of a lower tier is free.
    pub tier: u32,
}

/// How long an agent is left alone after an offer came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rests {
    /// They refused it.
    pub declined: Duration,
    /// Their phone was busy or out of reach.
    pub busy: Duration,
    /// It rang out.
    pub unanswered: Duration,
}

impl Queue {
    /// A queue with the usual times.
    #[must_use]
    pub const fn new(id: QueueId, strategy: Strategy, members: Vec<Member>) -> Self {
        Self {
            id,
            strategy,
            members,
            ring: Duration::from_secs(15),
            wrap_up: Duration::from_secs(10),
            longest_line: 20,
            waits_unstaffed: false,
            pause_after: 3,
            rests: Rests {
                declined: Duration::from_secs(20),
                busy: Duration::from_secs(15),
                unanswered: Duration::from_secs(10),
            },
            announce_every: Duration::from_secs(45),
            resume_within: Duration::from_mins(5),
            offers_callback: false,
        }
    }

    /// The member who is this person.
    pub(super) fn member(&self, person: &PersonId) -> Option<&Member> {
        self.members.iter().find(|member| member.person == *person)
    }
}
