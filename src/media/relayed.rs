//! How a packet of one leg becomes one of another leg's stream: its number and its stamp are moved, and no more, so that the phone at the end
//! sees every loss, every change of order and every pause as it was, and makes up for it in its own way.

use super::FRAME_DURATION;
use std::time::Instant;

/// A step in numbers further than this is another numbering of the sender's.
const LARGEST_STEP: i64 = 3_000;

/// How the numbers and stamps of theirs become ours.
#[derive(Debug)]
pub(super) struct Relayed {
    /// Added to their stamps.
    stamp: u32,
    /// The highest of their numbers so far.
    highest: Option<i64>,
    run: Option<Run>,
    /// When the last packet of theirs or ours was sent.
    sent_at: Instant,
}

/// Packets whose numbers rise with theirs: until something is left out, or something of our own comes between.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// Their number of its first packet, and ours.
    first: i64,
    sequence: u16,
}

impl Relayed {
    /// A stream whose first packet has the stamp `theirs` and is to get the stamp `ours`.
    pub(super) const fn new(now: Instant, theirs: u32, ours: u32) -> Self {
        Self { stamp: ours.wrapping_sub(theirs), highest: None, run: None, sent_at: now }
    }

    /// Sees whether a packet begins another numbering; then its stamp becomes `ours`.
    pub(super) fn follow(&mut self, now: Instant, number: i64, theirs: u32, ours: u32) {
        if self.highest.is_some_and(|highest| number - highest > LARGEST_STEP) {
            *self = Self::new(now, theirs, ours);
        }
    }

    /// Our number and stamp for a packet; `next` is the number that is free. `None` when it is from before the run.
    pub(super) fn place(&mut self, number: i64, theirs: u32, next: u16) -> Option<(u16, u32)> {
        let is_late = |run: &Run| number < run.first;
        let run = match self.run {
            Some(run) => run,
            // What was left out stays left out.
            None if self.highest.is_some_and(|highest| number <= highest) => return None,
            None => *self.run.insert(Run { first: number, sequence: next }),
        };
        if is_late(&run) {
            return None;
        }
        let sequence = run.sequence.wrapping_add((number - run.first) as u16);
        Some((sequence, theirs.wrapping_add(self.stamp)))
    }

    /// A packet that was placed is sent; says whether it is the newest.
    pub(super) fn passed(&mut self, now: Instant, number: i64) -> bool {
        self.sent_at = now;
        self.is_newest(number)
    }

    /// A packet is not passed on.
    pub(super) fn leave_out(&mut self, number: i64) {
        if self.is_newest(number) {
            self.run = None;
        }
    }

    /// Something of our own comes between. Gives how many frames long nothing was sent, without the one that a packet lasts.
    pub(super) fn interrupt(&mut self, now: Instant) -> u32 {
        self.run = None;
        let quiet = now.saturating_duration_since(std::mem::replace(&mut self.sent_at, now));
        u32::try_from(quiet.as_millis() / FRAME_DURATION.as_millis()).unwrap_or(u32::MAX).saturating_sub(1)
    }

    fn is_newest(&mut self, number: i64) -> bool {
        let is_newest = self.highest.is_none_or(|highest| number > highest);
        if is_newest {
            self.highest = Some(number);
        }
        is_newest
    }
}

#[cfg(test)]
mod tests {
    use super::Relayed;
    use crate::timer::epoch;
    use std::time::Duration;

    /// Runs a script of words: `7` is their packet 7, `-7` one that is left out, `!` a packet of our own. Gives the numbers that they get,
    /// of which the first is free from 100 on; `x` for one that gets none.
    fn run(script: &str) -> String {
        let now = epoch();
        let (mut relayed, mut next) = (Relayed::new(now, 0, 0), 100);
        let word = |word: &str| {
            if word == "!" {
                next += 1;
                relayed.interrupt(now);
                return format!("{}!", next - 1);
            }
            let number: i64 = word.parse().expect("a number");
            if number < 0 {
                relayed.leave_out(-number);
                return "-".to_owned();
            }
            relayed.follow(now, number, 0, 0);
            let Some((sequence, _)) = relayed.place(number, 0, next) else { return "x".to_owned() };
            if relayed.passed(now, number) {
                next = sequence + 1;
            }
            sequence.to_string()
        };
        script.split(' ').map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn losses_and_order_are_theirs_and_what_is_ours_leaves_no_gap() {
        let cases = [
            ("in order", "7 8 9", "100 101 102"),
            ("a loss stays one", "7 9 10", "100 102 103"),
            ("order stays", "7 9 8 10", "100 102 101 103"),
            ("before the first", "7 6 8", "100 x 101"),
            ("left out without a gap", "7 -8 -9 10", "100 - - 101"),
            ("too late after what was left out", "7 9 -10 8 11", "100 102 - x 103"),
            ("ours between", "7 8 ! ! 9", "100 101 102! 103! 104"),
            ("another numbering", "7 8 70000 70001", "100 101 102 103"),
        ];
        for (what, script, expected) in cases {
            assert_eq!(run(script), expected, "{what}");
        }
    }

    #[test]
    fn stamps_keep_their_distances() {
        let mut relayed = Relayed::new(epoch(), u32::MAX - 79, 1_000);
        assert_eq!(relayed.place(1, u32::MAX - 79, 0), Some((0, 1_000)));
        assert_eq!(relayed.place(2, 80, 1), Some((1, 1_160)), "over the wrap");
        assert_eq!(relayed.place(3, 80_080, 2), Some((2, 81_160)), "after a pause of ten seconds");
    }

    #[test]
    fn what_was_quiet_is_counted_from_the_last_packet_on() {
        let now = epoch();
        let at = |ms| now + Duration::from_millis(ms);
        let mut relayed = Relayed::new(now, 0, 0);
        relayed.passed(at(20), 1);
        assert_eq!(relayed.interrupt(at(41)), 0);
        assert_eq!(relayed.interrupt(at(61)), 0);
        relayed.passed(at(100), 2);
        assert_eq!(relayed.interrupt(at(1_100)), 49);
    }
}
