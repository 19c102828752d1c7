//! The two-way stream of one leg: packets in and out, digits, source lock, counters.

use super::digits::DigitReceiver;
use super::jitter::JitterBuffer;
use super::outbound::{MAX_PACKET, Outbound};
use super::reception::Reception;
use super::source::{Admitted, SourceLock};
use super::{Codec, Counters, Frame, Packet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Comfort noise (RFC 3389): a sign of life, played as silence.
const COMFORT_NOISE: u8 = 13;
/// 200 ms: nobody sends longer packets of sound.
pub(super) const LONGEST_PAYLOAD: usize = 1_600;

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

/// The two-way stream of one leg: a pure machine. Every 20 ms the shell takes one frame out ([`Stream::next_frame`]) and gives one to be
/// sent ([`Stream::send`]); datagrams go in as they come ([`Stream::receive`]), digits come out of [`Stream::poll_digit`].
#[derive(Debug)]
pub struct Stream {
    event_payload_type: Option<u8>,
    inactivity: Duration,
    now: Instant,
    heard_at: Instant,
    is_held: bool,
    /// What came last was passed on to another leg: the jitter buffer knows nothing of it.
    is_relayed: bool,
    source: SourceLock,
    reception: Reception,
    jitter: JitterBuffer,
    digits: DigitReceiver,
    outbound: Outbound,
    garbage: u64,
    wrong_payload: u64,
}

impl Stream {
    /// A stream that starts now.
    #[must_use]
    pub fn new(now: Instant, config: StreamConfig, seed: StreamSeed) -> Self {
        let StreamConfig { codec, event_payload_type, remote, inactivity } = config;
        Self {
            event_payload_type,
            inactivity,
            now,
            heard_at: now,
            is_held: false,
            is_relayed: false,
            source: SourceLock::new(remote),
            reception: Reception::default(),
            jitter: JitterBuffer::new(now),
            digits: DigitReceiver::default(),
            outbound: Outbound::new(seed, codec, event_payload_type),
            garbage: 0,
            wrong_payload: 0,
        }
    }

    /// Takes a datagram in. What is no RTP, not agreed, or not from the peer is dropped and counted.
    pub fn receive(&mut self, now: Instant, source: SocketAddr, datagram: &[u8]) {
        self.end_relaying(now);
        self.admit(now, source, datagram, |stream, packet| {
            if let Some((number, Some(codec))) = stream.note(now, packet) {
                stream.jitter.insert(now, number, packet.timestamp, codec.decode(packet.payload));
            }
        });
    }

    /// Takes a datagram in and gives its sound to `post` at once, as a datagram of the stream `to`: with its numbers, stamps and source, in its
    /// codec, and where it goes. Keys are left to [`Stream::poll_digit`], other signs of life end here.
    pub fn relay(
        &mut self,
        now: Instant,
        source: SocketAddr,
        datagram: &[u8],
        to: &mut Self,
        mut post: impl FnMut(SocketAddr, &[u8]),
    ) {
        self.is_relayed = true;
        let mut buffer = [0; MAX_PACKET];
        self.admit(now, source, datagram, |stream, packet| match stream.note(now, packet) {
            Some((number, Some(codec))) => {
                if let Some(datagram) = to.outbound.pass_on(now, number, packet, codec, &mut buffer) {
                    post(to.source.remote(), datagram);
                }
            }
            Some((number, None)) => to.outbound.leave_out(number),
            None => {}
        });
    }

    /// The datagram of the key that is down and where it goes, if one is; call it every 20 ms while [`Stream::is_key_down`] and another
    /// stream is relayed to this one.
    pub fn relay_key(&mut self, now: Instant) -> Option<(SocketAddr, Vec<u8>)> {
        self.now = now;
        Some((self.source.remote(), self.outbound.relay_key(now)?))
    }

    /// The peer's next 20 ms; call it every 20 ms. Silence until the first packets came, and while the peer is silent.
    pub fn next_frame(&mut self, now: Instant) -> Frame {
        self.now = now;
        self.end_relaying(now);
        self.jitter.pop(now)
    }

    /// The next key the peer pressed: `0` to `9`, `*`, `#`, `A` to `D`. Given when the key goes down.
    pub fn poll_digit(&mut self) -> Option<char> {
        self.digits.poll()
    }

    /// The datagram for our next 20 ms and where it goes; call it every 20 ms.
    pub fn send(&mut self, frame: &Frame) -> (SocketAddr, Vec<u8>) {
        (self.source.remote(), self.outbound.next(self.now, frame))
    }

    /// Lets 20 ms pass without a packet (hold): the next packet is marked as the start of a talkspurt.
    pub fn skip(&mut self) {
        self.outbound.skip(self.now);
    }

    /// Sends a key (RFC 4733): until it is over, [`Stream::send`] gives event packets instead of sound. Later keys wait for earlier ones.
    /// Nothing is sent when telephone-event was not agreed. Between 40 ms and 8.19 s.
    pub fn start_digit(&mut self, digit: char, duration: Duration) {
        self.outbound.press(digit, duration);
    }

    /// Whether a key given by [`Stream::start_digit`] is not over yet.
    #[must_use]
    pub fn is_key_down(&self) -> bool {
        self.outbound.is_key_down()
    }

    /// A new offer or answer: the source is learnt anew if the address changed, and until then the new address is sent to.
    pub fn set_remote(&mut self, remote: SocketAddr, codec: Codec, event_payload_type: Option<u8>) {
        self.source.signal(remote);
        self.event_payload_type = event_payload_type;
        self.outbound.negotiate(codec, event_payload_type);
        self.heard_at = self.now;
    }

    /// Hold (`false`: we may not send, and nothing is expected of the peer) and resume (`true`). While on hold, call [`Stream::skip`]
    /// in place of [`Stream::send`].
    pub fn set_hold(&mut self, local_sends: bool) {
        self.is_held = !local_sends;
        self.heard_at = self.now;
    }

    /// Whether it is on hold.
    #[must_use]
    pub const fn is_held(&self) -> bool {
        self.is_held
    }

    /// Whether nothing valid came for the configured time. Never while on hold.
    #[must_use]
    pub fn is_inactive(&self, now: Instant) -> bool {
        !self.is_held && now.saturating_duration_since(self.heard_at) >= self.inactivity
    }

    /// What happened so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        Counters {
            received: self.reception.received,
            lost: self.reception.lost(),
            late: self.jitter.counts.late,
            duplicate: self.reception.duplicate,
            concealed: self.jitter.counts.concealed,
            shortened: self.jitter.counts.shortened,
            lengthened: self.jitter.counts.lengthened,
            foreign: self.source.foreign,
            garbage: self.garbage,
            wrong_payload: self.wrong_payload,
            jitter: self.reception.jitter(),
            target_delay: self.jitter.target(),
            sent: self.outbound.sent,
            digits: self.digits.count,
        }
    }

    /// Where our packets go: the locked source, before the lock the SDP's address.
    #[must_use]
    pub fn remote(&self) -> SocketAddr {
        self.source.remote()
    }

    // Gives what may be heard to `take`.
    fn admit(
        &mut self,
        now: Instant,
        source: SocketAddr,
        datagram: &[u8],
        mut take: impl FnMut(&mut Self, &Packet<&[u8]>),
    ) {
        self.now = now;
        let packet = Packet::read(datagram).ok().filter(|packet| packet.payload.len() <= LONGEST_PAYLOAD);
        let is_agreed = packet.as_ref().is_some_and(|packet| self.is_agreed(packet.payload_type));
        let packet = match packet {
            Some(packet) if is_agreed => packet,
            _ if self.source.excludes(source) => return self.source.foreign += 1,
            Some(_) => return self.wrong_payload += 1,
            None => return self.garbage += 1,
        };
        if self.source.goes_on(now, source, packet.ssrc) {
            self.heard_at = now;
            return take(self, &packet);
        }
        let owned = packet.with_payload(packet.payload.to_vec());
        if let Some(Admitted { packets, is_new_stream }) = self.source.admit(now, source, owned) {
            self.heard_at = now;
            if is_new_stream {
                self.begin_stream();
            }
            for packet in &packets {
                take(self, &packet.with_payload(packet.payload.as_slice()));
            }
        }
    }

    fn is_agreed(&self, payload_type: u8) -> bool {
        Codec::from_payload_type(payload_type).is_some()
            || payload_type == COMFORT_NOISE
            || Some(payload_type) == self.event_payload_type
    }

    fn begin_stream(&mut self) {
        self.reception.begin_stream();
        self.jitter.begin_stream();
        self.digits.forget();
    }

    fn end_relaying(&mut self, now: Instant) {
        if std::mem::take(&mut self.is_relayed) {
            self.jitter.begin_again(now);
        }
    }

    /// Counts a packet: its extended number and, if it is sound, its codec. `None` for a repeated one.
    fn note(&mut self, now: Instant, packet: &Packet<&[u8]>) -> Option<(i64, Option<Codec>)> {
        let number = self.reception.note(packet.sequence)?;
        if Some(packet.payload_type) == self.event_payload_type {
            self.digits.receive(packet);
            return Some((number, None));
        }
        let codec = Codec::from_payload_type(packet.payload_type);
        if codec.is_some() {
            self.reception.time(now, packet.timestamp);
        }
        Some((number, codec))
    }
}

#[cfg(test)]
mod tests;
