//! Finds where the caller's speech starts, pauses and goes on, from each frame's speech probability.
//!
//! Whether a pause is an end is not decided here: that depends on what was said. The caller of this machine closes the
//! utterance when it is sure; until then speech that comes back belongs to the same utterance.

use super::config::ConversationConfig;
use crate::media::FRAME_DURATION;
use std::ops::Range;
use std::time::{Duration, Instant};

/// The transcriber wants to hear so much before and after the speech.
const PADDING_BEFORE: u64 = 15;
const PADDING_AFTER: u64 = 20;
/// Speech to start an utterance may be spread over so many frames more than it fills itself.
const START_SLACK: u64 = 4;
/// So many frames of speech in a row end a pause; a shorter blip does not.
const RESUME_FRAMES: u64 = 3;

/// What a frame brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// An utterance began.
    Started,
    /// The caller paused long enough to transcribe ahead.
    Paused(Range<u64>),
    /// The caller went on after a pause that was told; so long it was.
    Resumed(Duration),
    /// The longest utterance is reached: it is closed with this range.
    Full(Range<u64>),
}

/// One utterance being heard.
#[derive(Clone, Debug)]
struct Open {
    first: u64,
    last_speech: u64,
    last_speech_at: Instant,
    voiced: u64,
    run: u64,
    // Since when there was no pause.
    breath_from: u64,
    pause_told: bool,
}

/// The machine.
#[derive(Clone, Debug)]
pub(super) struct Endpointer {
    threshold: f32,
    min_speech: u64,
    max_utterance: u64,
    max_breath: u64,
    recent: u64,
    seen: u64,
    open: Option<Open>,
}

impl Endpointer {
    pub(super) fn new(config: &ConversationConfig) -> Self {
        Self {
            threshold: config.speech_probability,
            min_speech: frames(config.min_speech).max(1),
            max_utterance: frames(config.max_utterance).max(1),
            max_breath: frames(config.max_breath).max(1),
            recent: 0,
            seen: 0,
            open: None,
        }
    }

    /// Takes one frame; `eager` is the pause after which the words so far are wanted.
    pub(super) fn frame(&mut self, now: Instant, index: u64, speech: f32, eager: Duration) -> Option<Heard> {
        let voiced = speech >= self.threshold;
        self.seen = index + 1;
        match &mut self.open {
            None => self.wait(now, index, voiced),
            Some(open) => {
                let heard = open.frame(now, index, voiced, frames(eager).max(1));
                let is_breathless = !open.pause_told && index + 1 >= open.breath_from + self.max_breath;
                if is_breathless || index + 1 >= open.first + self.max_utterance {
                    return self.close().map(Heard::Full);
                }
                heard
            }
        }
    }

    fn wait(&mut self, now: Instant, index: u64, voiced: bool) -> Option<Heard> {
        self.recent = (self.recent << 1) | u64::from(voiced);
        let window = (self.min_speech + START_SLACK).min(63);
        let recent = self.recent & ((1 << window) - 1);
        let count = u64::from(recent.count_ones());
        if count < self.min_speech.min(window) {
            return None;
        }
        let ago = 63 - u64::from(recent.leading_zeros());
        self.open = Some(Open {
            first: index.saturating_sub(ago + PADDING_BEFORE),
            last_speech: index,
            last_speech_at: now,
            voiced: count,
            run: count,
            breath_from: index,
            pause_told: false,
        });
        Some(Heard::Started)
    }

    /// How much speech the open utterance holds.
    pub(super) fn voiced(&self) -> Duration {
        self.open.as_ref().map_or(Duration::ZERO, |open| FRAME_DURATION * open.voiced as u32)
    }

    /// When the open utterance's last speech was heard.
    pub(super) fn last_speech_at(&self) -> Option<Instant> {
        self.open.as_ref().map(|open| open.last_speech_at)
    }

    /// Whether an utterance is open.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Ends the open utterance and gives its range.
    pub(super) fn close(&mut self) -> Option<Range<u64>> {
        self.recent = 0;
        let seen = self.seen;
        self.open.take().map(|open| open.range(seen))
    }
}

impl Open {
    fn frame(&mut self, now: Instant, index: u64, voiced: bool, eager: u64) -> Option<Heard> {
        if !voiced {
            self.run = 0;
            let silence = index - self.last_speech.min(index);
            if silence >= eager && !self.pause_told {
                self.pause_told = true;
                return Some(Heard::Paused(self.range(index + 1)));
            }
            return None;
        }
        self.run += 1;
        self.voiced += 1;
        if self.pause_told && self.run < RESUME_FRAMES {
            return None;
        }
        let paused = now.saturating_duration_since(self.last_speech_at);
        self.last_speech = index;
        self.last_speech_at = now;
        std::mem::take(&mut self.pause_told).then(|| {
            self.breath_from = index;
            Heard::Resumed(paused)
        })
    }

    fn range(&self, seen: u64) -> Range<u64> {
        self.first..(self.last_speech + 1 + PADDING_AFTER).min(seen)
    }
}

fn frames(time: Duration) -> u64 {
    (time.as_millis() / FRAME_DURATION.as_millis()) as u64
}

#[cfg(test)]
mod tests {
    use super::{Endpointer, Heard};
    use crate::conversation::ConversationConfig;
    use crate::media::FRAME_DURATION;
    use crate::timer::epoch;
    use std::fmt::Write;
    use std::time::Duration;

    // `#` is a frame with speech, `.` one without; a number repeats what follows it.
    fn run(script: &str, config: &ConversationConfig) -> String {
        let (mut endpointer, mut index, mut count, mut told) =
            (Endpointer::new(config), 0u64, String::new(), String::new());
        let start = epoch();
        for mark in script.chars() {
            if mark.is_ascii_digit() {
                count.push(mark);
                continue;
            }
            for _ in 0..count.parse().unwrap_or(1) {
                let now = start + FRAME_DURATION * index as u32;
                let speech = if mark == '#' { 0.9 } else { 0.1 };
                match endpointer.frame(now, index, speech, Duration::from_millis(200)) {
                    Some(Heard::Started) => write!(told, "{index} started; ").expect("fits"),
                    Some(Heard::Paused(range)) => write!(told, "{index} paused {range:?}; ").expect("fits"),
                    Some(Heard::Resumed(_)) => write!(told, "{index} resumed; ").expect("fits"),
                    Some(Heard::Full(range)) => write!(told, "{index} full {range:?}; ").expect("fits"),
                    None => {}
                }
                index += 1;
            }
            count.clear();
        }
        told
    }

    #[test]
    fn follows_speech_through_its_pauses() {
        let config = ConversationConfig::default();
        for (script, told) in [
            ("50.", ""),
            ("20.5#50.", ""),
            ("20.3#2.2#1.1#20.", "28 started; 38 paused 5..39; "),
            ("20.30#40.", "25 started; 59 paused 5..60; "),
            ("20.30#12.2#20.", "25 started; 59 paused 5..60; "),
            ("20.30#12.30#20.", "25 started; 59 paused 5..60; 64 resumed; 101 paused 5..102; "),
            ("20.30#5.30#20.", "25 started; 94 paused 5..95; "),
            ("2.10#", "7 started; "),
        ] {
            assert_eq!(run(script, &config), told, "{script}");
        }
    }

    #[test]
    fn who_takes_no_breath_is_nobody_and_is_not_waited_for() {
        let config = ConversationConfig { max_breath: Duration::from_secs(2), ..ConversationConfig::default() };
        assert_eq!(run("150#", &config), "5 started; 104 full 0..105; 110 started; ");
        // A pause to take breath begins it anew.
        assert_eq!(run("80#10.80#", &config), "5 started; 89 paused 0..90; 92 resumed; ");
    }

    #[test]
    fn takes_an_endless_utterance_as_it_is_and_starts_the_next() {
        let config = ConversationConfig { max_utterance: Duration::from_secs(2), ..ConversationConfig::default() };
        assert_eq!(run("250#", &config), "5 started; 99 full 0..100; 105 started; 184 full 85..185; 190 started; ");
    }
}
