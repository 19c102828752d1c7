//! Voicemail: a greeting, a tone, and what the caller says after it. A pure machine.

use crate::media::{FRAME_DURATION, Frame, SAMPLE_RATE, tone_frame};
use std::collections::VecDeque;
use std::time::Duration;

/// A message ends after so much silence.
const SILENCE: Duration = Duration::from_secs(5);
/// Who says nothing at all is waited for a little longer.
const SILENCE_AT_FIRST: Duration = Duration::from_secs(8);
/// The longest message.
const LONGEST: Duration = Duration::from_mins(3);
/// Less speech than this is no message.
const LEAST_SPEECH: Duration = Duration::from_millis(600);
const TONE_HZ: f32 = 1_000.0;
const TONE_FRAMES: u32 = 20;
const TONE_LEVEL: f32 = 6_000.0;

/// What the shell is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageEvent {
    /// The caller wants to say it again: what was said is forgotten, and the tone sounds anew.
    Restarted,
    /// The message is over.
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Greeting,
    Tone(u32),
    Listening,
    Done,
}

/// One message being taken.
#[derive(Debug)]
pub struct Message {
    phase: Phase,
    pcm: Vec<i16>,
    spoken: Duration,
    silent: Duration,
    events: VecDeque<MessageEvent>,
}

impl Message {
    /// A voicemail whose greeting begins to play.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            phase: Phase::Greeting,
            pcm: Vec::new(),
            spoken: Duration::ZERO,
            silent: Duration::ZERO,
            events: VecDeque::new(),
        }
    }

    /// The greeting is over, or can't be spoken: the tone follows.
    pub fn greeted(&mut self) {
        if self.phase == Phase::Greeting {
            self.phase = Phase::Tone(0);
        }
    }

    /// The next 20 ms for the caller; `None` while the greeting plays.
    pub fn speak(&mut self) -> Option<Frame> {
        let Phase::Tone(frame) = self.phase else {
            return (self.phase != Phase::Greeting).then_some(Frame::SILENCE);
        };
        self.phase = if frame + 1 < TONE_FRAMES { Phase::Tone(frame + 1) } else { Phase::Listening };
        Some(tone_frame(frame, &[TONE_HZ], TONE_LEVEL))
    }

    /// The caller's 20 ms, and how likely they hold speech, 0 to 1.
    pub fn hear(&mut self, frame: &Frame, speech: f32) {
        if self.phase != Phase::Listening {
            return;
        }
        self.pcm.extend_from_slice(&frame.0);
        if speech > 0.5 {
            self.spoken += FRAME_DURATION;
            self.silent = Duration::ZERO;
        } else {
            self.silent += FRAME_DURATION;
        }
        let patience = if self.spoken.is_zero() { SILENCE_AT_FIRST } else { SILENCE };
        if self.silent >= patience || self.length() >= LONGEST {
            self.finish();
        }
    }

    /// A key: `#` ends the message, `*` begins it anew. During the greeting either one skips to the tone.
    pub fn digit(&mut self, digit: char) {
        match (self.phase, digit) {
            (Phase::Greeting, '#' | '*') => self.phase = Phase::Tone(0),
            (Phase::Listening, '#') => self.finish(),
            (Phase::Listening, '*') => {
                self.pcm.clear();
                (self.spoken, self.silent) = (Duration::ZERO, Duration::ZERO);
                self.phase = Phase::Tone(0);
                self.events.push_back(MessageEvent::Restarted);
            }
            _ => {}
        }
    }

    /// The caller hung up, or the message is long enough.
    pub fn finish(&mut self) {
        if self.phase != Phase::Done {
            self.phase = Phase::Done;
            self.events.push_back(MessageEvent::Done);
        }
    }

    /// The next event; drain it after each input.
    pub fn poll_event(&mut self) -> Option<MessageEvent> {
        self.events.pop_front()
    }

    /// What was said: mono 16-bit PCM at 8,000 Hz. Empty when it is no message.
    #[must_use]
    pub fn sound(&self) -> &[i16] {
        if self.spoken >= LEAST_SPEECH { &self.pcm } else { &[] }
    }

    fn length(&self) -> Duration {
        Duration::from_secs_f64(self.pcm.len() as f64 / f64::from(SAMPLE_RATE))
    }
}

impl Default for Message {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{Message, MessageEvent};
    use crate::media::{FRAME_SAMPLES, Frame};

    const SOUND: Frame = Frame([500; FRAME_SAMPLES]);

    fn listening() -> Message {
        let mut message = Message::new();
        assert_eq!(message.speak(), None, "the greeting is played by others");
        message.greeted();
        let tone = (0..20).filter_map(|_| message.speak()).filter(|frame| *frame != Frame::SILENCE).count();
        assert_eq!((tone, message.speak()), (20, Some(Frame::SILENCE)));
        message
    }

    fn hear(message: &mut Message, seconds: u32, speech: f32) {
        for _ in 0..seconds * 50 {
            message.hear(&SOUND, speech);
        }
    }

    #[test]
    fn ends_after_silence_and_keeps_what_was_said() {
        let mut message = listening();
        hear(&mut message, 4, 0.9);
        hear(&mut message, 4, 0.1);
        assert_eq!(message.poll_event(), None);
        hear(&mut message, 2, 0.1);
        assert_eq!(message.poll_event(), Some(MessageEvent::Done));
        assert_eq!(message.sound().len(), 9 * 8_000);
    }

    #[test]
    fn keys_end_it_and_begin_it_anew() {
        let mut message = listening();
        hear(&mut message, 3, 0.9);
        message.digit('*');
        assert_eq!(message.poll_event(), Some(MessageEvent::Restarted));
        hear(&mut message, 1, 0.9);
        for _ in 0..20 {
            message.speak();
        }
        hear(&mut message, 2, 0.9);
        message.digit('#');
        assert_eq!(message.poll_event(), Some(MessageEvent::Done));
        assert_eq!(message.sound().len(), 2 * 8_000, "what came over the tone is left out");
    }

    #[test]
    fn who_says_nothing_leaves_no_message() {
        let mut message = listening();
        hear(&mut message, 9, 0.0);
        assert_eq!((message.poll_event(), message.sound().len()), (Some(MessageEvent::Done), 0));
        message.finish();
        assert_eq!(message.poll_event(), None, "it ends once");
    }

    #[test]
    fn the_longest_message_is_three_minutes() {
        let mut message = listening();
        hear(&mut message, 400, 0.9);
        assert_eq!(message.sound().len(), 180 * 8_000);
    }
}
