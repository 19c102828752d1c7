//! Who waits, in which order, and whose place is kept.

use crate::id::CallId;
use crate::phone::PhoneNumber;
use crate::routing::plan::QueueId;
use std::cmp::Reverse;
use std::time::{Duration, Instant};

/// Two announcements to one caller are at least so far apart.
const APART: Duration = Duration::from_secs(10);

/// Somebody in a line.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) call: CallId,
    pub(super) queue: QueueId,
    pub(super) number: Option<PhoneNumber>,
    pub(super) priority: u8,
    /// Counts those who ever joined: less was here earlier.
    pub(super) place: u64,
    pub(super) waits: Waits,
    /// When they got in line.
    pub(super) since: Instant,
    /// The position that they were told last, and when.
    pub(super) told: Option<(usize, Instant)>,
    /// When an agent was added to those who ring for them.
    pub(super) widened: Option<Instant>,
}

/// How a caller waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waits {
    /// On the line.
    Holding,
    /// For our call, which was tried in vain so often, not before then, and no longer than until then.
    ForCallback { failed: u32, not_before: Option<Instant>, until: Instant },
}

/// The place of somebody who hung up.
#[derive(Clone, Debug)]
struct Kept {
    queue: QueueId,
    number: PhoneNumber,
    priority: u8,
    place: u64,
    until: Instant,
}

/// Everybody who waits, for whatever queue: higher priority first, then who came first.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    callers: Vec<Caller>,
    kept: Vec<Kept>,
    next_place: u64,
}

impl Lines {
    /// Adds a caller. `true` when they have the place back that was kept for their number.
    pub(super) fn join(
        &mut self,
        now: Instant,
        call: CallId,
        queue: QueueId,
        number: Option<PhoneNumber>,
        priority: u8,
    ) -> bool {
        let is_theirs = |kept: &Kept| kept.queue == queue && Some(&kept.number) == number.as_ref();
        let kept = self.kept.iter().position(is_theirs).map(|index| self.kept.swap_remove(index));
        let is_back = kept.is_some();
        let (place, priority) = kept.map_or_else(
            || {
                self.next_place += 1;
                (self.next_place, priority)
            },
            |kept| (kept.place, kept.priority.max(priority)),
        );
        self.callers.push(Caller {
            call,
            queue,
            number,
            priority,
            place,
            waits: Waits::Holding,
            since: now,
            told: None,
            widened: None,
        });
        self.callers.sort_by_key(|caller| (Reverse(caller.priority), caller.place));
        is_back
    }

    /// Keeps the place of a caller who is out of line.
    pub(super) fn keep(&mut self, caller: &Caller, until: Instant) {
        let Some(number) = caller.number.clone() else { return };
        let Caller { queue, priority, place, .. } = caller.clone();
        self.kept.retain(|kept| kept.queue != queue || kept.number != number);
        self.kept.push(Kept { queue, number, priority, place, until });
    }

    /// Forgets places that were kept long enough.
    pub(super) fn forget(&mut self, now: Instant) {
        self.kept.retain(|kept| kept.until > now);
    }

    /// Those whose next call back is due now have nothing to wait for but an agent.
    pub(super) fn wake(&mut self, now: Instant) {
        for caller in &mut self.callers {
            if let Waits::ForCallback { not_before, .. } = &mut caller.waits {
                not_before.take_if(|at| *at <= now);
            }
        }
    }

    /// Those who have waited for our call too long.
    pub(super) fn overdue(&self, now: Instant) -> Vec<CallId> {
        let is_overdue = |caller: &&Caller| matches!(caller.waits, Waits::ForCallback { until, .. } if until <= now);
        self.callers.iter().filter(is_overdue).map(|caller| caller.call).collect()
    }

    /// Takes a caller out of line.
    pub(super) fn remove(&mut self, call: CallId) -> Option<Caller> {
        let index = self.callers.iter().position(|caller| caller.call == call)?;
        Some(self.callers.remove(index))
    }

    pub(super) fn get(&self, call: CallId) -> Option<&Caller> {
        self.callers.iter().find(|caller| caller.call == call)
    }

    pub(super) fn get_mut(&mut self, call: CallId) -> Option<&mut Caller> {
        self.callers.iter_mut().find(|caller| caller.call == call)
    }

    /// Who waits for our call to this number.
    pub(super) fn callback_to(&self, queue: &QueueId, number: &PhoneNumber) -> Option<&Caller> {
        let is_theirs = |caller: &&Caller| caller.queue == *queue && caller.number.as_ref() == Some(number);
        self.callers.iter().filter(is_theirs).find(|caller| caller.waits != Waits::Holding)
    }

    /// Everybody, in their order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Caller> {
        self.callers.iter()
    }

    pub(super) fn calls(&self) -> Vec<CallId> {
        self.callers.iter().map(|caller| caller.call).collect()
    }

    /// How many are in a queue's line.
    pub(super) fn length(&self, queue: &QueueId) -> usize {
        self.callers.iter().filter(|caller| caller.queue == *queue).count()
    }

    /// Where a caller stands in their line; 1 is next.
    pub(super) fn position(&self, call: CallId) -> usize {
        let queue = self.get(call).map(|caller| &caller.queue);
        let before = self.callers.iter().take_while(|caller| caller.call != call);
        before.filter(|caller| Some(&caller.queue) == queue).count() + 1
    }

    /// When a kept place is to be forgotten.
    pub(super) fn due(&self) -> Option<Instant> {
        self.kept.iter().map(|kept| kept.until).min()
    }
}

impl Caller {
    /// When they are to be told their position again: soon when they moved up, else after `every`. `None` for at once.
    pub(super) fn announce_at(&self, position: usize, every: Duration) -> Option<Instant> {
        self.told.map(|(told, at)| at + if position < told { APART.min(every) } else { every })
    }
}
