//! Keypad digits as RTP events (RFC 4733, telephone-event): each key is a run of packets with one timestamp and a growing duration.

use super::{FRAME_SAMPLES, Packet};
use std::collections::VecDeque;
use std::time::Duration;

const KEYS: &[u8; 16] = b"0123456789*#ABCD";
/// The end is told three times, since packets get lost (RFC 4733, section 2.5.1.4).
const ENDS: u8 = 3;
/// So many past events are remembered, so that their stray packets make no new digits.
const REMEMBERED: usize = 8;
/// More unread digits than anyone presses: the rest of a flood is dropped.
const MAX_UNREAD: usize = 64;
/// The E bit, beside the volume.
const END: u8 = 0x80;
/// -10 dBm0.
const VOLUME: u8 = 0x0A;
/// Shorter keys are not heard by some receivers.
const SHORTEST: Duration = Duration::from_millis(40);

/// Turns event packets into digits, one for each key press, at its first packet.
#[derive(Debug, Default)]
pub(super) struct DigitReceiver {
    current: Option<Event>,
    past: VecDeque<u32>,
    unread: VecDeque<char>,
    pub(super) count: u64,
}

#[derive(Clone, Copy, Debug)]
struct Event {
    timestamp: u32,
    code: u8,
    duration: u16,
    ended: bool,
}

impl DigitReceiver {
    pub(super) fn receive<P: AsRef<[u8]>>(&mut self, packet: &Packet<P>) {
        let [code, flags, high, low, ..] = *packet.payload.as_ref() else { return };
        let event = Event {
            timestamp: packet.timestamp,
            code,
            duration: u16::from_be_bytes([high, low]),
            ended: flags & END != 0,
        };
        let goes_on = !packet.marker && self.current.is_some_and(|current| current.goes_on_as(event));
        if !goes_on && !self.is_known(event) {
            self.begin(event);
        }
        self.update(event);
    }

    pub(super) fn poll(&mut self) -> Option<char> {
        self.unread.pop_front()
    }

    /// Another source: its timestamps mean something else.
    pub(super) fn forget(&mut self) {
        self.current = None;
        self.past.clear();
    }

    /// An event already begun, or a stray packet of one older than the current.
    fn is_known(&self, event: Event) -> bool {
        let is_older = self.current.is_some_and(|current| (event.timestamp.wrapping_sub(current.timestamp) as i32) < 0);
        is_older || self.past.contains(&event.timestamp)
    }

    fn begin(&mut self, event: Event) {
        self.current = Some(event);
        if let Some(&key) = KEYS.get(usize::from(event.code))
            && self.unread.len() < MAX_UNREAD
        {
            self.unread.push_back(char::from(key));
            self.count += 1;
        }
    }

    fn update(&mut self, event: Event) {
        if !self.past.contains(&event.timestamp) {
            self.past.push_back(event.timestamp);
            if self.past.len() > REMEMBERED {
                self.past.pop_front();
            }
        }
        if let Some(current) = self.current.as_mut().filter(|current| current.code == event.code) {
            current.duration = current.duration.max(event.duration);
            current.ended |= event.ended;
        }
    }
}

impl Event {
    /// Some senders move the timestamp with each packet of a key: the duration still grows.
    fn goes_on_as(self, later: Self) -> bool {
        !self.ended
            && self.code == later.code
            && self.duration < later.duration
            && later.timestamp.wrapping_sub(self.timestamp) <= u32::from(later.duration)
    }
}

/// Turns keys into event packets, one for each 20 ms.
#[derive(Debug, Default)]
pub(super) struct DigitSender {
    waiting: VecDeque<(u8, u16)>,
    pressed: Option<Pressed>,
}

#[derive(Debug)]
struct Pressed {
    code: u8,
    timestamp: u32,
    elapsed: u16,
    total: u16,
    ends: u8,
}

/// What an event packet holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EventPacket {
    pub(super) marker: bool,
    pub(super) timestamp: u32,
    pub(super) payload: [u8; 4],
}

impl DigitSender {
    /// Queues a key; what is no key is ignored. Between 40 ms and 8.19 s, the longest a single event can last.
    pub(super) fn press(&mut self, digit: char, duration: Duration) {
        let code = KEYS.iter().position(|&key| char::from(key) == digit.to_ascii_uppercase());
        let samples = duration.max(SHORTEST).as_millis().saturating_mul(8).min(u128::from(u16::MAX));
        self.waiting.extend(code.map(|code| (code as u8, samples as u16)));
    }

    /// Whether a key is down, or waits to be.
    pub(super) fn is_down(&self) -> bool {
        self.pressed.is_some() || !self.waiting.is_empty()
    }

    /// The packet for the 20 ms that begin at `timestamp`, if a key is down.
    pub(super) fn next(&mut self, timestamp: u32) -> Option<EventPacket> {
        let pressed = match &mut self.pressed {
            Some(pressed) => pressed,
            none => {
                let (code, total) = self.waiting.pop_front()?;
                none.insert(Pressed { code, timestamp, elapsed: 0, total, ends: 0 })
            }
        };
        let packet = pressed.step();
        if pressed.ends == ENDS {
            self.pressed = None;
        }
        Some(packet)
    }
}

impl Pressed {
    fn step(&mut self) -> EventPacket {
        let marker = self.elapsed == 0;
        self.elapsed = self.elapsed.saturating_add(FRAME_SAMPLES as u16).min(self.total);
        let at_end = self.elapsed == self.total;
        self.ends += u8::from(at_end);
        let [high, low] = self.elapsed.to_be_bytes();
        let flags = if at_end { END | VOLUME } else { VOLUME };
        EventPacket { marker, timestamp: self.timestamp, payload: [self.code, flags, high, low] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Timestamp, marker, code, flags, duration.
    type Sent = (u32, bool, u8, u8, u16);

    /// Feeds packets and gives the digits.
    fn digits(packets: &[Sent]) -> String {
        let mut receiver = DigitReceiver::default();
        for &(timestamp, marker, code, flags, duration) in packets {
            let [high, low] = duration.to_be_bytes();
            let payload = vec![code, flags | VOLUME, high, low];
            receiver.receive(&Packet { payload_type: 101, marker, sequence: 0, timestamp, ssrc: 1, payload });
        }
        std::iter::from_fn(|| receiver.poll()).collect()
    }

    #[test]
    fn one_digit_for_each_key_whatever_the_network_does() {
        let cases: [(&str, &[Sent], &str); 11] = [
            (
                "whole",
                &[(80, true, 5, 0, 160), (80, false, 5, 0, 320), (80, false, 5, END, 480), (80, false, 5, END, 480)],
                "5",
            ),
            ("start lost", &[(80, false, 5, 0, 320), (80, false, 5, END, 480)], "5"),
            ("only an end came", &[(80, false, 11, END, 480)], "#"),
            ("end lost", &[(80, true, 1, 0, 160), (80, false, 1, 0, 320), (2_000, true, 2, 0, 160)], "12"),
            ("end lost, same key again", &[(80, true, 1, 0, 640), (2_000, true, 1, 0, 160)], "11"),
            ("end and marker lost, same key again", &[(80, true, 1, 0, 640), (2_000, false, 1, 0, 320)], "11"),
            ("same key twice", &[(80, true, 1, END, 640), (2_000, true, 1, END, 640)], "11"),
            (
                "stray end of an older key",
                &[(80, true, 1, END, 640), (2_000, true, 2, 0, 160), (80, false, 1, END, 640)],
                "12",
            ),
            ("never seen, but older", &[(2_000, true, 2, 0, 160), (80, false, 1, END, 640)], "2"),
            (
                "the timestamp moves with each packet",
                &[(80, true, 7, 0, 160), (240, false, 7, 0, 320), (400, false, 7, 0, 480), (400, false, 7, END, 480)],
                "7",
            ),
            ("other events", &[(80, true, 16, END, 160), (900, true, 36, 0, 160), (1_900, true, 10, 0, 160)], "*"),
        ];
        for (what, packets, expected) in cases {
            assert_eq!(digits(packets), expected, "{what}");
        }
        assert_eq!(digits(&[(u32::MAX - 10, true, 1, END, 640), (4_000, true, 2, 0, 160)]), "12", "over the wrap");
    }

    #[test]
    fn short_payloads_and_floods_do_no_harm() {
        let mut receiver = DigitReceiver::default();
        receiver.receive(&Packet {
            payload_type: 101,
            marker: true,
            sequence: 0,
            timestamp: 0,
            ssrc: 1,
            payload: vec![1, 2],
        });
        assert_eq!(receiver.poll(), None);
        let flood: Vec<_> = (1..1_000).map(|number| (number * 1_000, true, 1, END, 160)).collect();
        assert_eq!(digits(&flood).len(), MAX_UNREAD);
    }

    #[test]
    fn a_pressed_key_becomes_growing_packets_and_three_ends() {
        let mut sender = DigitSender::default();
        sender.press('#', Duration::from_millis(50));
        sender.press('x', Duration::from_millis(50));
        sender.press('d', Duration::ZERO);
        let packets: Vec<_> = (0..9)
            .map_while(|frame| sender.next(1_000 + frame * 160))
            .map(|it| (it.marker, it.timestamp, it.payload))
            .collect();
        let expected = [
            (true, 1_000, [11, VOLUME, 0, 160]),
            (false, 1_000, [11, VOLUME, 1, 64]),
            (false, 1_000, [11, END | VOLUME, 1, 144]),
            (false, 1_000, [11, END | VOLUME, 1, 144]),
            (false, 1_000, [11, END | VOLUME, 1, 144]),
            (true, 1_800, [15, VOLUME, 0, 160]),
            (false, 1_800, [15, END | VOLUME, 1, 64]),
            (false, 1_800, [15, END | VOLUME, 1, 64]),
            (false, 1_800, [15, END | VOLUME, 1, 64]),
        ];
        assert_eq!(packets, expected);
        assert_eq!(sender.next(0), None);
    }
}
