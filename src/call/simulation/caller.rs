//! The caller of a simulated call: waits for their turn, says the next line of a script, presses keys, and has a phone that may
//! send back what it plays.

use super::of;
use crate::media::{Frame, Stream, tone_frame};
use crate::speech::VoiceActivityDetector;
use crate::speech::scripted::LoudnessVad;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Speech takes so long, whoever speaks.
pub(super) const FRAMES_PER_CHARACTER: usize = 3;
/// The caller speaks when the receptionist has been quiet for so long.
const WAITS: Duration = Duration::from_millis(700);
/// Who cuts in does so after so many frames of her voice.
const CUTS_IN_AFTER: usize = 50;

/// What the caller does next.
#[derive(Clone, Copy)]
pub(super) enum Line {
    Say(&'static str),
    /// Over the receptionist's words, once she has spoken for a second.
    CutIn(&'static str),
    Keys(&'static str),
    /// Goes on hook; the network says so by its busy tone alone.
    Leave,
    HangUp,
}

/// What the caller's phone sends back of what it plays.
#[derive(Clone, Copy)]
pub(super) struct Feedback {
    pub(super) after_frames: usize,
    pub(super) gain: f32,
}

/// What the caller did in the time of a frame.
pub(super) struct Done {
    pub(super) packet: Vec<u8>,
    pub(super) has_hung_up: bool,
}

/// The caller and their phone.
pub(super) struct Caller {
    pub(super) phone: Stream,
    pub(super) feedback: Option<Feedback>,
    /// What the line sounds like while the caller says nothing, over and over.
    pub(super) line_sound: Vec<Frame>,
    /// What is heard behind the caller, over and over.
    pub(super) behind: Vec<Frame>,
    /// The line that they have begun to say last.
    pub(super) said: &'static str,
    script: VecDeque<Line>,
    voice: Vec<Frame>,
    ear: LoudnessVad,
    speaking: usize,
    quiet_since: Option<Instant>,
    /// The phone's sound from the loudspeaker, the latest first.
    played: VecDeque<Frame>,
    loud_frames: usize,
    frame: usize,
    heard_anything: bool,
}

impl Caller {
    pub(super) fn new(phone: Stream, voice: Vec<Frame>, script: &[Line]) -> Self {
        Self {
            phone,
            feedback: None,
            line_sound: vec![Frame::SILENCE],
            behind: vec![Frame::SILENCE],
            said: "",
            script: script.iter().copied().collect(),
            voice,
            ear: LoudnessVad::default(),
            speaking: 0,
            quiet_since: None,
            played: VecDeque::new(),
            loud_frames: 0,
            frame: 0,
            heard_anything: false,
        }
    }

    /// Hears a frame and gives one.
    pub(super) fn tick(&mut self, now: Instant) -> Done {
        let heard = self.phone.next_frame(now);
        self.listen(now, &heard);
        let has_hung_up = self.may_speak(now) && self.next_line();
        self.frame += 1;
        let mut frame =
            if self.speaking > 0 { of(&self.voice, self.speaking) } else { of(&self.line_sound, self.frame) };
        for (sample, behind) in frame.0.iter_mut().zip(of(&self.behind, self.frame).0) {
            *sample = sample.saturating_add(behind);
        }
        self.played.push_front(heard);
        self.feed_back(&mut frame);
        self.speaking = self.speaking.saturating_sub(1);
        let (_, packet) = self.phone.send(&frame);
        Done { packet, has_hung_up }
    }

    fn listen(&mut self, now: Instant, heard: &Frame) {
        let is_loud = self.ear.probability(heard) > 0.5;
        self.heard_anything |= is_loud;
        if is_loud || self.speaking > 0 {
            self.quiet_since = None;
        } else if self.quiet_since.is_none() {
            self.quiet_since = Some(now);
        }
        self.loud_frames = if is_loud { self.loud_frames + 1 } else { 0 };
    }

    fn may_speak(&self, now: Instant) -> bool {
        let is_their_turn = match self.script.front() {
            Some(Line::CutIn(_)) => self.loud_frames >= CUTS_IN_AFTER,
            _ => self.heard_anything && self.quiet_since.is_some_and(|since| now - since >= WAITS),
        };
        is_their_turn && self.speaking == 0
    }

    /// Begins the script's next line, and tells whether it is to hang up.
    fn next_line(&mut self) -> bool {
        let Some(line) = self.script.pop_front() else { return false };
        self.heard_anything = false;
        match line {
            Line::Say(words) | Line::CutIn(words) => {
                self.said = words;
                self.speaking = words.len() * FRAMES_PER_CHARACTER;
            }
            Line::Keys(keys) => {
                for key in keys.chars() {
                    self.phone.start_digit(key, Duration::from_millis(100));
                }
            }
            Line::Leave => self.line_sound = busy_tone(),
            Line::HangUp => return true,
        }
        false
    }

    /// Adds what was played a while ago.
    fn feed_back(&self, frame: &mut Frame) {
        if let Some(Feedback { after_frames, gain }) = self.feedback
            && let Some(played) = self.played.get(after_frames)
        {
            for (sample, played) in frame.0.iter_mut().zip(played.0) {
                *sample = sample.saturating_add((f32::from(played) * gain) as i16);
            }
        }
    }
}

/// Half a second of busy tone, half a second of pause (North America).
fn busy_tone() -> Vec<Frame> {
    let tone = |number| if number < 25 { tone_frame(number, &[480.0, 620.0], 2_000.0) } else { Frame::SILENCE };
    (0..50).map(tone).collect()
}
