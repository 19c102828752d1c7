//! How long SIP waits for what.

use rsipstack::transaction::endpoint::EndpointOption;
use std::time::Duration;

/// What a round trip is taken to be (RFC 3261, 17.1.1.1); retransmissions and the longest waits go by it.
const T1: Duration = Duration::from_millis(500);
/// How long sessions last without a refresh when we may choose (RFC 4028, section 4 suggests it).
const SESSION: Duration = Duration::from_mins(30);
/// The shortest session that is taken (RFC 4028, section 5 forbids less).
const SHORTEST_SESSION: Duration = Duration::from_secs(90);
/// Over UDP an INVITE goes out at once and after 1, 3 and 7 of T1. Who has not even said 100 to four of them, 4 s after the first, is not there.
const SILENCE_IN_T1: u32 = 8;

/// How long things take. Tests make it shorter; nothing else should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// What a round trip is taken to be: T1 of RFC 3261.
    pub t1: Duration,
    /// Session-Expires of our calls, in whole seconds.
    pub session: Duration,
    /// The shortest Session-Expires that is taken from others, in whole seconds.
    pub shortest_session: Duration,
}

impl Times {
    /// After so long without any response, not even 100, a call of ours has failed.
    pub(super) fn silence(&self) -> Duration {
        self.t1 * SILENCE_IN_T1
    }

    /// How long the library waits for an ACK, and for a late answer to an INVITE that was given up.
    pub(super) fn longest_wait(&self) -> Duration {
        self.t1 * 64
    }

    pub(super) fn library(&self) -> EndpointOption {
        EndpointOption { t1: self.t1, t1x64: self.longest_wait(), ..EndpointOption::default() }
    }
}

impl Default for Times {
    fn default() -> Self {
        Self { t1: T1, session: SESSION, shortest_session: SHORTEST_SESSION }
    }
}
