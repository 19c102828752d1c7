//! How many calls may be up at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the calls.
#[derive(Debug)]
pub(super) struct Admission {
    max: usize,
    taken: AtomicUsize,
}

/// One call's place, given back when dropped.
#[derive(Debug)]
pub(super) struct Slot(Arc<Admission>);

impl Admission {
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { max, taken: AtomicUsize::new(0) })
    }

    /// `None` when all places are taken.
    pub(super) fn take(self: &Arc<Self>) -> Option<Slot> {
        let more = |taken: usize| (taken < self.max).then_some(taken + 1);
        let taken = self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, more);
        taken.is_ok().then(|| Slot(Arc::clone(self)))
    }

    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Acquire)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
    }
}
