//! Who may call us: whoever the list names, the trunks, and phones that have registered. Without a list anybody may, though strangers not
//! too often. Others are dropped without an answer, as scanners are: it would only tell them that somebody is there.

use crate::config::Network;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Calls that a stranger may begin at once, and how long one of them takes to be allowed again.
const BURST: u32 = 20;
const REFILL: Duration = Duration::from_secs(1);
/// Strangers watched at once; past it, those who may begin a whole burst are forgotten.
const MAX_WATCHED: usize = 10_000;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// From an address that is listed or a trunk's, whose word on the caller is taken; or there is no list.
    Trusted,
    /// From a registered phone.
    Allowed,
    /// Nobody that may call.
    Excluded,
    /// Too many calls have come from there.
    TooOften,
}

/// The lists. Clones are the same.
#[derive(Clone, Default)]
pub(super) struct Access(Arc<Mutex<Lists>>);

#[derive(Default)]
struct Lists {
    /// `None`: anybody.
    allowed: Option<Vec<Network>>,
    trunks: HashMap<u64, Vec<IpAddr>>,
    next_trunk: u64,
    strangers: HashMap<IpAddr, Allowance>,
}

/// What a stranger may still begin.
#[derive(Clone, Copy)]
struct Allowance {
    calls: u32,
    since: Instant,
}

/// A trunk's addresses, forgotten when dropped.
pub(super) struct TrunkAddresses {
    access: Access,
    trunk: u64,
}

impl Access {
    pub(super) fn new(allowed: Option<Vec<Network>>) -> Self {
        let access = Self::default();
        access.allow(allowed);
        access
    }

    /// Replaces the list.
    pub(super) fn allow(&self, allowed: Option<Vec<Network>>) {
        self.locked().allowed = allowed;
    }

    /// Judges a call from there.
    pub(super) fn judge(&self, now: Instant, source: IpAddr, is_registered: bool) -> Verdict {
        let source = source.to_canonical();
        let mut lists = self.locked();
        let is_trunk = lists.trunks.values().flatten().any(|it| *it == source);
        let listed = lists.allowed.as_ref().map(|list| list.iter().any(|network| network.holds(source)));
        match listed {
            _ if is_trunk => Verdict::Trusted,
            Some(true) => Verdict::Trusted,
            _ if is_registered => Verdict::Allowed,
            Some(false) => Verdict::Excluded,
            // What runs on this machine can do worse than call.
            None if source.is_loopback() || lists.take(now, source) => Verdict::Trusted,
            None => Verdict::TooOften,
        }
    }

    /// A trunk, whose addresses are yet to be told.
    pub(super) fn add_trunk(&self) -> TrunkAddresses {
        let mut lists = self.locked();
        let trunk = lists.next_trunk;
        lists.next_trunk += 1;
        TrunkAddresses { access: self.clone(), trunk }
    }

    // A panic while it is held leaves nothing half done: each use is a single step.
    fn locked(&self) -> MutexGuard<'_, Lists> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TrunkAddresses {
    /// Where the trunk is from now on.
    pub(super) fn set(&self, addresses: impl IntoIterator<Item = IpAddr>) {
        let addresses = addresses.into_iter().map(|it| it.to_canonical()).collect();
        self.access.locked().trunks.insert(self.trunk, addresses);
    }
}

impl Drop for TrunkAddresses {
    fn drop(&mut self) {
        self.access.locked().trunks.remove(&self.trunk);
    }
}

impl Lists {
    fn take(&mut self, now: Instant, source: IpAddr) -> bool {
        if self.strangers.len() >= MAX_WATCHED {
            self.strangers.retain(|_, it| it.refilled(now).calls < BURST);
        }
        let allowance = self.strangers.entry(source).or_insert(Allowance { calls: BURST, since: now });
        *allowance = allowance.refilled(now);
        let is_left = allowance.calls > 0;
        allowance.calls = allowance.calls.saturating_sub(1);
        is_left
    }
}

impl Allowance {
    fn refilled(self, now: Instant) -> Self {
        let passed = now.saturating_duration_since(self.since).as_secs() / REFILL.as_secs();
        let passed = u32::try_from(passed).unwrap_or(u32::MAX);
        let calls = self.calls.saturating_add(passed).min(BURST);
        // A full allowance has nothing to wait for.
        let since = if calls == BURST { now } else { self.since + REFILL * passed };
        Self { calls, since }
    }
}

#[cfg(test)]
mod tests {
    use super::{Access, BURST, Verdict};
    use std::net::IpAddr;
    use std::time::{Duration, Instant};

    #[expect(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    fn start() -> Instant {
        Instant::now()
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn the_list_the_trunks_and_registered_phones_may_call() {
        let now = start();
        let access = Access::new(Some(vec!["203.0.113.0/24".parse().expect("a range")]));
        let trunk = access.add_trunk();
        trunk.set([address("198.51.100.1")]);
        let judge = |source: &str, is_registered| access.judge(now, address(source), is_registered);
        assert_eq!(judge("203.0.113.9", false), Verdict::Trusted);
        assert_eq!(judge("::ffff:198.51.100.1", false), Verdict::Trusted);
        assert_eq!(judge("192.0.2.1", true), Verdict::Allowed);
        assert_eq!(judge("192.0.2.1", false), Verdict::Excluded);
        assert_eq!(judge("127.0.0.1", false), Verdict::Excluded);
        // It moves, and goes.
        trunk.set([address("198.51.100.2")]);
        assert_eq!(judge("198.51.100.1", false), Verdict::Excluded);
        drop(trunk);
        assert_eq!(judge("198.51.100.2", false), Verdict::Excluded);
        access.allow(None);
        assert_eq!(judge("192.0.2.1", false), Verdict::Trusted);
    }

    #[test]
    fn without_a_list_strangers_may_not_call_too_often() {
        let mut now = start();
        let access = Access::new(None);
        let trunk = access.add_trunk();
        trunk.set([address("198.51.100.1")]);
        let judge = |now, source: &str| access.judge(now, address(source), false);
        for _ in 0..BURST {
            assert_eq!(judge(now, "192.0.2.1"), Verdict::Trusted);
        }
        assert_eq!(judge(now, "192.0.2.1"), Verdict::TooOften);
        assert_eq!(judge(now, "192.0.2.2"), Verdict::Trusted, "another is another");
        now += Duration::from_millis(2_500);
        let again: Vec<_> = (0..3).map(|_| judge(now, "192.0.2.1")).collect();
        assert_eq!(again, [Verdict::Trusted, Verdict::Trusted, Verdict::TooOften]);
        now += Duration::from_millis(500);
        assert_eq!(judge(now, "192.0.2.1"), Verdict::Trusted, "no part of a second is lost");
        for source in ["198.51.100.1", "127.0.0.1"] {
            assert!((0..=BURST).all(|_| judge(now, source) == Verdict::Trusted), "{source}");
        }
    }
}
