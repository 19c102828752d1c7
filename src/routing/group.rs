//! Who of a step rings next: the order of a group's members, and the pace at which they are dialled.

use super::plan::{Endpoint, Group, GroupId, Step, Strategy, distinct};
use super::standing::Standing;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Settles who comes first in each group among the steps. `seed` is for groups in random order.
pub fn settle(steps: &mut [Step], seed: u64, standing: &Standing) {
    for (index, step) in steps.iter_mut().enumerate() {
        if let Step::RingGroup { group, .. } = step {
            group.members = order(group, standing, scramble(seed ^ scramble(index as u64)));
        }
    }
}

/// The group's members without repeats, in the order in which this call rings them.
pub(super) fn order(group: &Group, standing: &Standing, seed: u64) -> Vec<Endpoint> {
    let mut members = distinct(group.members.iter().cloned());
    let last = standing.last_of(&group.id);
    let record = |member: &Endpoint| Record {
        was_last: Some(member) == last,
        idleness: standing.idleness(member),
        calls: standing.calls(member),
    };
    arrange(&mut members, group.strategy, seed, record);
    members
}

/// What the strategies go by. A lesser idleness has waited longer.
pub(super) struct Record<I> {
    /// Whose turn it was last.
    pub(super) was_last: bool,
    pub(super) idleness: I,
    pub(super) calls: u32,
}

/// Puts members into the order in which they are rung. Those who are equal keep the configuration's order.
pub(super) fn arrange<T, I: Ord>(members: &mut [T], strategy: Strategy, seed: u64, record: impl Fn(&T) -> Record<I>) {
    match strategy {
        Strategy::AllAtOnce | Strategy::InOrder | Strategy::Stagger(_) => {}
        Strategy::RoundRobin => {
            let last = members.iter().position(|member| record(member).was_last);
            members.rotate_left(last.map_or(0, |index| index + 1));
        }
        // Stable sorts.
        Strategy::LongestIdle => members.sort_by_key(|member| record(member).idleness),
        Strategy::FewestCalls => members.sort_by_key(|member| record(member).calls),
        Strategy::Random => shuffle(members, seed),
    }
}

// Fisher and Yates, from the back.
fn shuffle<T>(members: &mut [T], seed: u64) {
    for last in (1..members.len()).rev() {
        let drawn = scramble(seed.wrapping_add(last as u64)) % (last as u64 + 1);
        members.swap(drawn as usize, last);
    }
}

/// A well-mixed number for each number (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
pub(super) const fn scramble(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A step that rings, while it does.
#[derive(Debug)]
pub(super) struct Round {
    /// The group that rings, if it is one.
    pub(super) group: Option<GroupId>,
    /// When it began.
    pub(super) began: Instant,
    /// When nobody rings any longer.
    pub(super) ends: Instant,
    pace: Pace,
    waiting: VecDeque<Endpoint>,
}

#[derive(Clone, Copy, Debug)]
enum Pace {
    Together,
    /// Each alone, for so long.
    Alone(Duration),
    /// One more each time this passes.
    Widening(Duration),
}

impl Round {
    /// Rings one endpoint.
    pub(super) fn of_one(endpoint: Endpoint, now: Instant, timeout: Duration) -> Self {
        Self { group: None, began: now, ends: now + timeout, pace: Pace::Together, waiting: VecDeque::from([endpoint]) }
    }

    /// Rings a group whose members are in their [`order`] already.
    pub(super) fn of_group(group: Group, now: Instant, timeout: Duration) -> Self {
        let pace = pace(&group);
        let waiting = distinct(group.members).into();
        Self { group: Some(group.id), began: now, ends: now + timeout, pace, waiting }
    }

    /// Takes those who are to be dialled next: at the round's begin, when one of them failed, and when one more is due.
    pub(super) fn take_next(&mut self, now: Instant) -> Vec<Endpoint> {
        if now >= self.ends {
            self.waiting.clear();
        }
        let count = match self.pace {
            Pace::Together => self.waiting.len(),
            Pace::Alone(_) | Pace::Widening(_) => self.waiting.len().min(1),
        };
        self.waiting.drain(..count).collect()
    }

    /// How long each one rings, where it is shorter than the round.
    pub(super) const fn member_timeout(&self) -> Option<Duration> {
        match self.pace {
            Pace::Alone(timeout) => Some(timeout),
            Pace::Together | Pace::Widening(_) => None,
        }
    }

    /// After how long one more is due.
    pub(super) fn widens_after(&self) -> Option<Duration> {
        match self.pace {
            Pace::Widening(gap) if !self.waiting.is_empty() => Some(gap),
            Pace::Together | Pace::Alone(_) | Pace::Widening(_) => None,
        }
    }
}

const fn pace(group: &Group) -> Pace {
    match group.strategy {
        Strategy::AllAtOnce => Pace::Together,
        Strategy::Stagger(gap) => Pace::Widening(gap),
        Strategy::InOrder | Strategy::RoundRobin | Strategy::LongestIdle | Strategy::FewestCalls | Strategy::Random => {
            Pace::Alone(group.member_timeout)
        }
    }
}
