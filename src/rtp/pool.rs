//! Which ports are free: even ones of a range (RFC 3550, section 11), used in turn, each with a rest after its call,
//! so that the last caller's stray packets don't reach the next.

use super::RtpSocket;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Why there is no port.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// The range holds no even port.
    #[error("`rtp.ports` = {0}-{1} holds no even port: give a range such as 20000-20999")]
    NoEvenPort(u16, u16),
    /// All ports are taken, resting or in use by other programs.
    #[error(
        "no RTP port is free in {first}-{last} ({in_use} in calls, {resting} resting, {foreign} taken by other programs): widen `rtp.ports`"
    )]
    Exhausted {
        /// The range's first port.
        first: u16,
        /// The range's last port.
        last: u16,
        /// In calls now.
        in_use: usize,
        /// Not yet rested since their last call.
        resting: usize,
        /// In use by other programs.
        foreign: usize,
    },
    /// The address can't be used at all.
    #[error("no RTP socket can be opened on {address}: {source}. Check `rtp.ip`")]
    Address {
        /// Which address.
        address: IpAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// A pool of even UDP ports on one address. Clones share the pool.
#[derive(Clone, Debug)]
pub struct PortPool {
    ip: IpAddr,
    range: RangeInclusive<u16>,
    rest: Duration,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Free ports, the longest unused first.
    free: VecDeque<u16>,
    /// When each closed call's port has rested.
    resting: HashMap<u16, Instant>,
}

/// Gives a port back when its socket is dropped.
#[derive(Debug)]
pub(super) struct Lease {
    port: u16,
    rest: Duration,
    state: Arc<Mutex<State>>,
}

impl PortPool {
    /// The even ports of `range` on `ip`; a closed call's port rests for `rest` before it is used again.
    ///
    /// # Errors
    /// When the range holds no even port.
    pub fn new(ip: IpAddr, range: RangeInclusive<u16>, rest: Duration) -> Result<Self, PortError> {
        let free: VecDeque<u16> = range.clone().filter(|port| port % 2 == 0 && *port != 0).collect();
        if free.is_empty() {
            return Err(PortError::NoEvenPort(*range.start(), *range.end()));
        }
        let state = Arc::new(Mutex::new(State { free, resting: HashMap::new() }));
        Ok(Self { ip, range, rest, state })
    }

    /// Opens a socket on the port that was unused the longest. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When no port is free, or the address can't be used.
    pub fn open(&self, now: Instant) -> Result<RtpSocket, PortError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.wake(now);
        let mut foreign = 0;
        for _ in 0..state.free.len() {
            let Some(port) = state.free.pop_front() else { break };
            match RtpSocket::bind(SocketAddr::new(self.ip, port)) {
                Ok(socket) => return Ok(socket.leased(self.lease(port))),
                Err(error) => {
                    state.free.push_back(port);
                    if !matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied) {
                        return Err(PortError::Address { address: self.ip, source: error });
                    }
                    foreign += 1;
                }
            }
        }
        Err(self.exhausted(&state, foreign))
    }

    /// Ports in calls now.
    #[must_use]
    pub fn in_use(&self) -> usize {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.even().saturating_sub(state.free.len() + state.resting.len())
    }

    fn even(&self) -> usize {
        self.range.clone().filter(|port| port % 2 == 0 && *port != 0).count()
    }

    fn lease(&self, port: u16) -> Lease {
        Lease { port, rest: self.rest, state: Arc::clone(&self.state) }
    }

    fn exhausted(&self, state: &State, foreign: usize) -> PortError {
        PortError::Exhausted {
            first: *self.range.start(),
            last: *self.range.end(),
            in_use: self.even().saturating_sub(foreign + state.resting.len()),
            resting: state.resting.len(),
            foreign,
        }
    }
}

impl State {
    /// Frees the ports that have rested, the earliest first.
    fn wake(&mut self, now: Instant) {
        let mut rested: Vec<(Instant, u16)> =
            self.resting.iter().filter(|(_, until)| **until <= now).map(|(port, until)| (*until, *port)).collect();
        rested.sort_unstable();
        for (_, port) in rested {
            self.resting.remove(&port);
            self.free.push_back(port);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        #[expect(clippy::disallowed_methods, reason = "a drop has no argument: the rest starts when the socket closes")]
        let until = Instant::now() + self.rest;
        self.state.lock().unwrap_or_else(PoisonError::into_inner).resting.insert(self.port, until);
    }
}
