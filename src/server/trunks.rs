//! The trunks: each looked after while the service runs, with as many calls at once as it may carry.

use crate::config::{self, Trunk};
use crate::sip::{self, Advice, Credentials, Dialler, Transport, TrunkConfig};
use anyhow::Context as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How often a trunk is asked whether it lives.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// A trunk that asks to be left alone for longer is asked again after this.
const LONGEST_REST: Duration = Duration::from_hours(1);

/// One trunk.
pub(super) struct TrunkLine {
    pub(super) config: Trunk,
    state: sip::Trunk,
    room: Arc<Semaphore>,
    /// What its last failure means for the next calls; touched for moments only.
    trouble: Mutex<Option<Trouble>>,
}

/// Why a trunk is not the first choice for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Trouble {
    kind: Kind,
    until: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It wants no calls (503 with Retry-After: RFC 3261, 21.5.4).
    Resting,
    /// It did not say a word, and the next OPTIONS is yet to tell whether it lives.
    Doubtful,
}

impl TrunkLine {
    /// Whether it answered when it was last asked, and when it was last given a call.
    pub(super) fn is_up(&self, now: Instant) -> bool {
        self.state.state().is_up && self.trouble(now) != Some(Kind::Doubtful)
    }

    /// Whether it asked to be left alone.
    pub(super) fn is_resting(&self, now: Instant) -> bool {
        self.trouble(now) == Some(Kind::Resting)
    }

    /// A call over it failed before it rang.
    pub(super) fn failed(&self, now: Instant, code: u16, advice: Option<Advice>) {
        let (kind, pause) = match (code, advice) {
            (_, Some(Advice::StayAway(pause))) => (Kind::Resting, pause.min(LONGEST_REST)),
            (408, _) => (Kind::Doubtful, KEEPALIVE),
            _ => return,
        };
        tracing::warn!(trunk = %self.config.name, code, ?pause, "a trunk is left aside");
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(Trouble { kind, until: now + pause });
    }

    fn trouble(&self, now: Instant) -> Option<Kind> {
        let trouble = *self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.filter(|trouble| trouble.until > now).map(|trouble| trouble.kind)
    }

    /// A place for one call; `None` when it carries as many as it may.
    pub(super) fn take_place(&self) -> Option<Place> {
        Arc::clone(&self.room).try_acquire_owned().ok()
    }
}

/// A place for one call; given back when it is dropped.
pub(super) type Place = OwnedSemaphorePermit;

/// The trunks, in the order of the file; a changed file changes them for the next call.
pub(super) struct Trunks(Mutex<Vec<Arc<TrunkLine>>>);

impl Trunks {
    /// Begins to look after them.
    ///
    /// # Errors
    /// When an address is no SIP address.
    pub(super) fn open(dialler: &Dialler, trunks: &[Trunk]) -> anyhow::Result<Self> {
        let lines = trunks.iter().map(|trunk| open(dialler, trunk)).collect::<anyhow::Result<_>>()?;
        Ok(Self(Mutex::new(lines)))
    }

    /// All of them as of now.
    pub(super) fn all(&self) -> Vec<Arc<TrunkLine>> {
        self.locked().clone()
    }

    /// Looks after these instead. One that is the same as before is kept with all that is known of it. One that is gone is registered
    /// with no more; calls over it go on.
    pub(super) fn follow(&self, dialler: &Dialler, trunks: &[Trunk]) {
        let mut lines = self.locked();
        let kept = |trunk: &Trunk| lines.iter().find(|line| line.config == *trunk).cloned();
        let next = trunks.iter().filter_map(|trunk| match kept(trunk) {
            Some(line) => Some(line),
            None => open(dialler, trunk)
                .inspect_err(|error| tracing::error!(error = format!("{error:#}"), "a trunk can't be used"))
                .ok(),
        });
        let next: Vec<_> = next.collect();
        let is_same = |one: &Trunk, other: &Trunk| (&one.address, &one.user) == (&other.address, &other.user);
        for line in lines.iter().filter(|line| !next.iter().any(|it| is_same(&it.config, &line.config))) {
            line.state.leave();
        }
        *lines = next;
    }

    // A panic while it is held leaves nothing half done: the list is replaced in one step.
    fn locked(&self) -> MutexGuard<'_, Vec<Arc<TrunkLine>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(dialler: &Dialler, trunk: &Trunk) -> anyhow::Result<Arc<TrunkLine>> {
    let looked_after = TrunkConfig {
        name: trunk.name.clone(),
        address: format!("sip:{}", trunk.address),
        transport: transport(trunk),
        credentials: credentials(trunk),
        registers: trunk.register,
        keepalive: Some(KEEPALIVE),
    };
    let state = dialler.trunk(looked_after).with_context(|| format!("trunk \"{}\"", trunk.name))?;
    let room = Arc::new(Semaphore::new(trunk.max_calls));
    Ok(Arc::new(TrunkLine { config: trunk.clone(), state, room, trouble: Mutex::new(None) }))
}

pub(super) fn credentials(trunk: &Trunk) -> Option<Credentials> {
    let (user, password) = trunk.user.as_ref()?;
    Some(Credentials { user: user.clone(), password: password.clone() })
}

pub(super) fn transport(trunk: &Trunk) -> Transport {
    match trunk.transport {
        config::Transport::Udp => Transport::Udp,
        config::Transport::Tcp => Transport::Tcp,
    }
}
