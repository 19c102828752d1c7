//! What the sequence numbers tell: order, repeats, losses, and the network's jitter (RFC 3550, sections 6.4.1 and A.1).

use std::time::{Duration, Instant};

/// A step further than this, up or down, is a new start of the peer's numbering.
const LARGEST_STEP: i64 = 3_000;
/// How far back a repeated packet is recognised.
const WINDOW: i64 = 128;

/// Follows the numbering of one stream, over restarts and wraps.
#[derive(Debug, Default)]
pub(super) struct Reception {
    numbering: Option<Numbering>,
    /// Of numberings that are over.
    lost_before: u64,
    last_arrival: Option<(Instant, u32)>,
    is_new_stream: bool,
    /// In microseconds.
    jitter: f64,
    pub(super) received: u64,
    pub(super) duplicate: u64,
}

#[derive(Debug)]
struct Numbering {
    first: i64,
    highest: i64,
    /// Bit `n` is set when `highest - n` has come.
    seen: u128,
    unique: u64,
}

impl Reception {
    /// The next packet starts another numbering.
    pub(super) fn begin_stream(&mut self) {
        self.is_new_stream = true;
    }

    /// Counts a packet and gives its number, extended so that it never wraps and rises over restarts; `None` for a repeated packet.
    pub(super) fn note(&mut self, sequence: u16) -> Option<i64> {
        let Some(numbering) = &mut self.numbering else { return Some(self.begin(i64::from(sequence))) };
        let step = i64::from(sequence.wrapping_sub(numbering.highest as u16) as i16);
        if std::mem::take(&mut self.is_new_stream) || step.abs() > LARGEST_STEP {
            return Some(self.restart(sequence));
        }
        let number = numbering.highest + step;
        if !numbering.note(number) {
            self.duplicate += 1;
            return None;
        }
        self.received += 1;
        Some(number)
    }

    /// Measures the jitter by a packet of sound, whose first sample has this stamp.
    pub(super) fn time(&mut self, now: Instant, timestamp: u32) {
        if let Some((then, before)) = self.last_arrival {
            let promised = f64::from(timestamp.wrapping_sub(before) as i32) * 125.0;
            let difference = (now.saturating_duration_since(then).as_secs_f64() * 1e6 - promised).abs();
            // A second is no jitter, but a pause of the peer's clock.
            if difference < 1e6 {
                self.jitter += (difference - self.jitter) / 16.0;
            }
        }
        self.last_arrival = Some((now, timestamp));
    }

    pub(super) fn lost(&self) -> u64 {
        let now =
            self.numbering.as_ref().map_or(0, |it| ((it.highest - it.first + 1) as u64).saturating_sub(it.unique));
        self.lost_before + now
    }

    pub(super) fn jitter(&self) -> Duration {
        Duration::from_micros(self.jitter as u64)
    }

    fn restart(&mut self, sequence: u16) -> i64 {
        self.lost_before = self.lost();
        self.last_arrival = None;
        // The next full turn of 65,536 keeps the numbers rising.
        let turn = self.numbering.take().map_or(0, |numbering| (numbering.highest / 65_536 + 1) * 65_536);
        self.begin(turn + i64::from(sequence))
    }

    fn begin(&mut self, number: i64) -> i64 {
        self.is_new_stream = false;
        self.numbering = Some(Numbering { first: number, highest: number, seen: 1, unique: 1 });
        self.received += 1;
        number
    }
}

impl Numbering {
    /// Says whether it is new. What is too old to tell counts as new: the sound's clock will sort it out.
    fn note(&mut self, number: i64) -> bool {
        let step = number - self.highest;
        if step > 0 {
            self.seen = if step < WINDOW { self.seen << step | 1 } else { 1 };
            self.highest = number;
        } else if -step < WINDOW {
            let bit = 1 << -step;
            if self.seen & bit != 0 {
                return false;
            }
            self.seen |= bit;
            self.first = self.first.min(number);
        }
        self.unique += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Received, lost, repeated.
    type Count = (u64, u64, u64);

    fn run(sequences: &[u16]) -> Count {
        let mut reception = Reception::default();
        for &sequence in sequences {
            reception.note(sequence);
        }
        (reception.received, reception.lost(), reception.duplicate)
    }

    #[test]
    fn counts_by_script() {
        let cases: [(&str, &[u16], Count); 7] = [
            ("in order", &[10, 11, 12], (3, 0, 0)),
            ("one missing", &[10, 12], (2, 1, 0)),
            ("reordered", &[10, 12, 11, 13], (4, 0, 0)),
            ("before the first", &[11, 10, 12], (3, 0, 0)),
            ("repeated", &[10, 11, 11, 10, 12], (3, 0, 2)),
            ("over the wrap", &[65_534, 65_535, 0, 2, 1, 0], (5, 0, 1)),
            ("a new numbering", &[10, 12, 40_000, 40_001, 40_003], (5, 2, 0)),
        ];
        for (what, sequences, expected) in cases {
            assert_eq!(run(sequences), expected, "{what}");
        }
    }

    #[test]
    fn numbers_rise_over_wraps_and_restarts() {
        let mut reception = Reception::default();
        let numbers: Vec<i64> =
            [65_535, 0, 1, 40_000, 40_001, 5].into_iter().filter_map(|sequence| reception.note(sequence)).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    }
}
