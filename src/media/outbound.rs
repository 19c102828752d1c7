//! Our side of the stream: sound and keys in, datagrams out, 20 ms each.

use super::digits::DigitSender;
use super::relayed::Relayed;
use super::stream::LONGEST_PAYLOAD;
use super::{Codec, FRAME_SAMPLES, Frame, Packet, StreamSeed};
use std::time::{Duration, Instant};

/// Longest datagram that is passed on: 200 ms of sound and its header.
pub(super) const MAX_PACKET: usize = LONGEST_PAYLOAD + 12;

/// Numbers and stamps what we send.
#[derive(Debug)]
pub(super) struct Outbound {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    /// The next packet of sound is the first after silence.
    is_start: bool,
    codec: Codec,
    event_payload_type: Option<u8>,
    digits: DigitSender,
    /// The other leg's packets are passed on; `None` when the packets are our own.
    relayed: Option<Relayed>,
    pub(super) sent: u64,
}

impl Outbound {
    pub(super) fn new(seed: StreamSeed, codec: Codec, event_payload_type: Option<u8>) -> Self {
        let StreamSeed { ssrc, sequence, timestamp } = seed;
        let digits = DigitSender::default();
        Self { ssrc, sequence, timestamp, is_start: true, codec, event_payload_type, digits, relayed: None, sent: 0 }
    }

    pub(super) fn negotiate(&mut self, codec: Codec, event_payload_type: Option<u8>) {
        self.codec = codec;
        self.event_payload_type = event_payload_type;
    }

    pub(super) fn press(&mut self, digit: char, duration: Duration) {
        if self.event_payload_type.is_some() {
            self.digits.press(digit, duration);
        }
    }

    pub(super) fn is_key_down(&self) -> bool {
        self.event_payload_type.is_some() && self.digits.is_down()
    }

    /// The packet for the next 20 ms: the sound, or the key that is down.
    pub(super) fn next(&mut self, now: Instant, frame: &Frame) -> Vec<u8> {
        self.end_relaying(now);
        if let Some(key) = self.key() {
            return key;
        }
        let packet = Packet {
            payload_type: self.codec.payload_type(),
            marker: std::mem::take(&mut self.is_start),
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
            payload: self.codec.encode(frame),
        };
        self.count();
        packet.to_bytes()
    }

    /// The packet for the next 20 ms of the key that is down, if one is.
    fn key(&mut self) -> Option<Vec<u8>> {
        let payload_type = self.event_payload_type?;
        let event = self.digits.next(self.timestamp)?;
        let packet = Packet {
            payload_type,
            marker: event.marker,
            sequence: self.sequence,
            timestamp: event.timestamp,
            ssrc: self.ssrc,
            payload: event.payload,
        };
        self.count();
        Some(packet.to_bytes())
    }

    fn count(&mut self) {
        self.sequence = self.sequence.wrapping_add(1);
        self.advance();
        self.sent += 1;
    }

    /// 20 ms without a packet.
    pub(super) fn skip(&mut self, now: Instant) {
        self.end_relaying(now);
        self.advance();
        self.is_start = true;
    }

    fn advance(&mut self) {
        self.timestamp = self.timestamp.wrapping_add(FRAME_SAMPLES as u32);
    }

    // ---- another leg's packets ----

    /// Passes a packet of the other leg on, as ours. `number` is its sequence number, extended so that it never wraps. `None` while a key is down,
    /// and for what comes too late to have a number of ours.
    pub(super) fn pass_on<'b>(
        &mut self,
        now: Instant,
        number: i64,
        packet: &Packet<&[u8]>,
        codec: Codec,
        buffer: &'b mut [u8; MAX_PACKET],
    ) -> Option<&'b [u8]> {
        if self.is_key_down() {
            self.leave_out(number);
            return None;
        }
        let relayed = self.relayed.get_or_insert_with(|| Relayed::new(now, packet.timestamp, self.timestamp));
        relayed.follow(now, number, packet.timestamp, self.timestamp);
        let (sequence, timestamp) = relayed.place(number, packet.timestamp, self.sequence)?;
        let ours = Packet {
            payload_type: self.codec.payload_type(),
            marker: std::mem::take(&mut self.is_start) || packet.marker,
            sequence,
            timestamp,
            ssrc: self.ssrc,
            payload: packet.payload,
        };
        let length = ours.write(buffer)?.len();
        codec.recode(self.codec, buffer.get_mut(length - packet.payload.len()..length)?);
        if relayed.passed(now, number) {
            self.sequence = sequence.wrapping_add(1);
            self.timestamp = timestamp.wrapping_add(packet.payload.len() as u32);
        }
        self.sent += 1;
        buffer.get(..length)
    }

    /// The other leg's packet of this number is not passed on: its successor follows on ours without a gap.
    pub(super) fn leave_out(&mut self, number: i64) {
        if let Some(relayed) = &mut self.relayed {
            relayed.leave_out(number);
        }
    }

    /// While packets are passed on: the packet for the next 20 ms of the key that is down, if one is.
    pub(super) fn relay_key(&mut self, now: Instant) -> Option<Vec<u8>> {
        if !self.is_key_down() {
            return None;
        }
        self.interrupt(now);
        self.key()
    }

    fn end_relaying(&mut self, now: Instant) {
        self.interrupt(now);
        self.is_start |= self.relayed.take().is_some();
    }

    // Our own packets follow on those passed on, as much later as it has been quiet.
    fn interrupt(&mut self, now: Instant) {
        let quiet = self.relayed.as_mut().map_or(0, |relayed| relayed.interrupt(now));
        self.timestamp = self.timestamp.wrapping_add(quiet.wrapping_mul(FRAME_SAMPLES as u32));
    }
}
