//! The trunks: each looked after while the service runs, with as many calls at once as it may carry.

use crate::config::{self, Trunk};
use crate::sip::{self, Credentials, SipEndpoint, Transport, TrunkConfig};
use anyhow::Context as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How often a trunk is asked whether it lives.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// One trunk.
pub(super) struct TrunkLine {
    pub(super) config: Trunk,
    state: sip::Trunk,
    room: Arc<Semaphore>,
}

impl TrunkLine {
    /// Whether it answered when it was last asked.
    pub(super) fn is_up(&self) -> bool {
        self.state.state().is_up
    }

    /// A place for one call; `None` when it carries as many as it may.
    pub(super) fn take_place(&self) -> Option<Place> {
        Arc::clone(&self.room).try_acquire_owned().ok()
    }
}

/// A place for one call; given back when it is dropped.
pub(super) type Place = OwnedSemaphorePermit;

/// Begins to look after the trunks, in the order of the file.
///
/// # Errors
/// When an address is no SIP address.
pub(super) fn open_trunks(endpoint: &SipEndpoint, trunks: &[Trunk]) -> anyhow::Result<Vec<Arc<TrunkLine>>> {
    trunks.iter().map(|trunk| open(endpoint, trunk)).collect()
}

fn open(endpoint: &SipEndpoint, trunk: &Trunk) -> anyhow::Result<Arc<TrunkLine>> {
    let looked_after = TrunkConfig {
        name: trunk.name.clone(),
        address: format!("sip:{}", trunk.address),
        transport: transport(trunk),
        credentials: credentials(trunk),
        registers: trunk.register,
        keepalive: Some(KEEPALIVE),
    };
    let state = endpoint.trunk(looked_after).with_context(|| format!("trunk \"{}\"", trunk.name))?;
    let room = Arc::new(Semaphore::new(trunk.max_calls));
    Ok(Arc::new(TrunkLine { config: trunk.clone(), state, room }))
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
