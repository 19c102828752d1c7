//! A bad network in virtual time: loses, delays, reorders and repeats datagrams by a seed. For tests and for `backstop call --loss --jitter`.

use std::time::{Duration, Instant};

/// How bad the network is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NetemConfig {
    /// Share of datagrams lost, 0 to 1.
    pub loss: f32,
    /// Probability, 0 to 1, that the datagram after a lost one is lost too; with 0, losses are independent.
    pub burst: f32,
    /// Every datagram takes at least so long.
    pub delay: Duration,
    /// And up to so much longer, evenly spread.
    pub jitter: Duration,
    /// Share of datagrams delivered twice, 0 to 1.
    pub duplicate: f32,
    /// Share of datagrams that may overtake others, 0 to 1; the others keep their order.
    pub reorder: f32,
}

/// One direction of a bad network.
#[derive(Debug)]
pub struct Netem {
    config: NetemConfig,
}

impl Netem {
    /// The same seed and the same pushes give the same network.
    #[must_use]
    pub fn new(seed: u64, config: NetemConfig) -> Self {
        let _ = seed;
        Self { config }
    }

    /// Takes a datagram in.
    pub fn push(&mut self, now: Instant, datagram: Vec<u8>) {
        let _ = (now, datagram, self.config);
        unimplemented!()
    }

    /// The next datagram that is due.
    pub fn pop(&mut self, now: Instant) -> Option<Vec<u8>> {
        let _ = now;
        unimplemented!()
    }

    /// When the next datagram is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        unimplemented!()
    }
}
