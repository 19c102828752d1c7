//! Our side of the stream: sound and keys in, datagrams out, 20 ms each.

use super::digits::DigitSender;
use super::{Codec, FRAME_SAMPLES, Frame, Packet, StreamSeed};
use std::time::Duration;

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
    pub(super) sent: u64,
}

impl Outbound {
    pub(super) fn new(seed: StreamSeed, codec: Codec, event_payload_type: Option<u8>) -> Self {
        let StreamSeed { ssrc, sequence, timestamp } = seed;
        let digits = DigitSender::default();
        Self { ssrc, sequence, timestamp, is_start: true, codec, event_payload_type, digits, sent: 0 }
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

    /// The packet for the next 20 ms: the sound, or the key that is down.
    pub(super) fn next(&mut self, frame: &Frame) -> Vec<u8> {
        let event = self.event_payload_type.and_then(|it| Some((it, self.digits.next(self.timestamp)?)));
        let packet = match event {
            Some((payload_type, event)) => Packet {
                payload_type,
                marker: event.marker,
                sequence: self.sequence,
                timestamp: event.timestamp,
                ssrc: self.ssrc,
                payload: event.payload.to_vec(),
            },
            None => Packet {
                payload_type: self.codec.payload_type(),
                marker: std::mem::take(&mut self.is_start),
                sequence: self.sequence,
                timestamp: self.timestamp,
                ssrc: self.ssrc,
                payload: self.codec.encode(frame),
            },
        };
        self.sequence = self.sequence.wrapping_add(1);
        self.advance();
        self.sent += 1;
        packet.to_bytes()
    }

    /// 20 ms without a packet.
    pub(super) fn skip(&mut self) {
        self.advance();
        self.is_start = true;
    }

    fn advance(&mut self) {
        self.timestamp = self.timestamp.wrapping_add(FRAME_SAMPLES as u32);
    }
}
