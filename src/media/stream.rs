//! The two-way stream of one leg: packets in and out, digits, source lock, counters.

use super::{Codec, Counters, Frame};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// What was agreed in SDP.
#[derive(Clone, Copy, Debug)]
pub struct StreamConfig {
    /// The codec we send; of the peer, PCMU and PCMA are both taken.
    pub codec: Codec,
    /// The payload type of telephone-event, when agreed.
    pub event_payload_type: Option<u8>,
    /// The peer's address in its SDP.
    pub remote: SocketAddr,
    /// The stream counts as dead when nothing valid came for so long.
    pub inactivity: Duration,
}

/// The random start of what we send (RFC 3550, section 5.1).
#[derive(Clone, Copy, Debug)]
pub struct StreamSeed {
    /// Our source.
    pub ssrc: u32,
    /// Of the first packet.
    pub sequence: u16,
    /// Of the first packet.
    pub timestamp: u32,
}

/// The two-way stream of one leg: a pure machine.
#[derive(Debug)]
pub struct Stream {
    config: StreamConfig,
}

impl Stream {
    /// A stream that starts now.
    #[must_use]
    pub fn new(now: Instant, config: StreamConfig, seed: StreamSeed) -> Self {
        let _ = (now, seed);
        Self { config }
    }

    /// Takes a datagram in.
    pub fn receive(&mut self, now: Instant, source: SocketAddr, datagram: &[u8]) {
        let _ = (now, source, datagram);
        unimplemented!()
    }

    /// The peer's next 20 ms; call it every 20 ms.
    pub fn next_frame(&mut self, now: Instant) -> Frame {
        let _ = now;
        unimplemented!()
    }

    /// The next key the peer pressed: `0` to `9`, `*`, `#`, `A` to `D`.
    pub fn poll_digit(&mut self) -> Option<char> {
        unimplemented!()
    }

    /// The datagram for our next 20 ms and where it goes; call it every 20 ms.
    pub fn send(&mut self, frame: &Frame) -> (SocketAddr, Vec<u8>) {
        let _ = frame;
        unimplemented!()
    }

    /// Lets 20 ms pass without a packet (hold): the next packet is marked as the start of a talkspurt.
    pub fn skip(&mut self) {
        unimplemented!()
    }

    /// Sends a key (RFC 4733): until it is over, [`Stream::send`] gives event packets instead of sound. Later keys wait for earlier ones.
    /// Nothing is sent when telephone-event was not agreed.
    pub fn start_digit(&mut self, digit: char, duration: Duration) {
        let _ = (digit, duration);
        unimplemented!()
    }

    /// A new offer or answer: the source is learnt anew if the address changed.
    pub fn set_remote(&mut self, remote: SocketAddr, codec: Codec, event_payload_type: Option<u8>) {
        let _ = (remote, codec, event_payload_type);
        unimplemented!()
    }

    /// Hold (`false`: we may not send, and nothing is expected of the peer) and resume (`true`). While on hold, call [`Stream::skip`] in place of [`Stream::send`].
    pub fn set_hold(&mut self, local_sends: bool) {
        let _ = local_sends;
        unimplemented!()
    }

    /// Whether nothing valid came for the configured time. Never while on hold.
    #[must_use]
    pub fn is_inactive(&self, now: Instant) -> bool {
        let _ = now;
        unimplemented!()
    }

    /// What happened so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        unimplemented!()
    }

    /// Where our packets go: the locked source, before the lock the SDP's address.
    #[must_use]
    pub fn remote(&self) -> SocketAddr {
        self.config.remote
    }
}
