//! A small table of named timers, for machines that are told the time.

use std::time::Instant;

/// At most one deadline per name. Names are a small enum of the machine that owns the table.
#[derive(Clone, Debug)]
pub struct Timers<K> {
    deadlines: Vec<(K, Instant)>,
}

impl<K: Copy + PartialEq> Timers<K> {
    /// An empty table.
    #[must_use]
    pub const fn new() -> Self {
        Self { deadlines: Vec::new() }
    }

    /// Sets or moves the named timer.
    pub fn set(&mut self, name: K, at: Instant) {
        self.cancel(name);
        self.deadlines.push((name, at));
    }

    /// Forgets the named timer.
    pub fn cancel(&mut self, name: K) {
        self.deadlines.retain(|(other, _)| *other != name);
    }

    /// Whether the named timer is running.
    #[must_use]
    pub fn is_set(&self, name: K) -> bool {
        self.deadlines.iter().any(|(other, _)| *other == name)
    }

    /// When the named timer expires, if it is running.
    #[must_use]
    pub fn get(&self, name: K) -> Option<Instant> {
        self.deadlines.iter().find(|(other, _)| *other == name).map(|(_, at)| *at)
    }

    /// The earliest deadline.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        self.deadlines.iter().map(|(_, at)| *at).min()
    }

    /// Takes the earliest timer that is due at `now`.
    pub fn pop_expired(&mut self, now: Instant) -> Option<K> {
        let (index, _) =
            self.deadlines.iter().enumerate().filter(|(_, (_, at))| *at <= now).min_by_key(|(_, (_, at))| *at)?;
        Some(self.deadlines.remove(index).0)
    }
}

impl<K: Copy + PartialEq> Default for Timers<K> {
    fn default() -> Self {
        Self::new()
    }
}

/// Where the virtual time of tests begins: any moment will do, since all times are counted from it.
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
pub(crate) fn epoch() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::{Timers, epoch};
    use std::time::Duration;

    #[test]
    fn gives_expired_timers_in_order_of_their_deadlines() {
        let start = epoch();
        let mut timers = Timers::new();
        timers.set('b', start + Duration::from_millis(20));
        timers.set('a', start + Duration::from_millis(10));
        timers.set('c', start + Duration::from_secs(5));
        timers.set('c', start + Duration::from_secs(9));
        assert_eq!(timers.next(), Some(start + Duration::from_millis(10)));
        let now = start + Duration::from_secs(6);
        assert_eq!(timers.pop_expired(now), Some('a'));
        assert_eq!(timers.pop_expired(now), Some('b'));
        assert_eq!(timers.pop_expired(now), None);
        assert!(timers.is_set('c'));
    }
}
