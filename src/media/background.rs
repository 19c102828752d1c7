//! Tells many voices or music behind the caller from the caller, where the detector rightly says "speech" all the time.
//!
//! Nothing is taken for background because it is faint: a caller may speak softly. What tells it is how steady it is. Over 3 s, between the level
//! that 5 % of the moments (60 ms) stay below and the one that 90 % do, there are, in dB:
//!
//! | sound | least | median | most |
//! |---|---|---|---|
//! | one of 38 callers, pauses over 0.12 s cut out | 22.5 | 44 | |
//! | the same on voices or street noise 12 dB below | 12.6 | 18 | |
//! | the same, 10 dB below | 11.3 | 16 | |
//! | babble (`fixtures/callers/audio/noise`) | | 7.8 | 9.8 |
//! | 7, 10, 15 voices over each other | | 10.2, 8.4, 6.4 | 13.7, 11.3, 8.7 |
//! | kitchen, street, music | | 8.5, 7.0, 7.6 | 10.0, 7.6, 7.6 |
//!
//! One voice, a television's too, and up to five are often too unsteady to be told; then nothing is left out.
//!
//! Two things tell it sooner. Callers wait for the greeting: what is on the line from its first moment on, and goes on, was there before anybody could
//! react. And who begins to speak is louder than the line was: what only begins to be called speech was there before.
//!
//! Once the background is known, only syllables above it count, and the moments between them.

use super::Frame;
use super::level::level_dbfs;
use std::collections::VecDeque;

/// A frame holds speech from this probability on.
const SPEECH: f32 = 0.5;
/// Levels are taken over 60 ms to tell a voice's gaps, and over 120 ms to tell a syllable.
const MOMENT: usize = 3;
const SYLLABLE: usize = 6;

/// So many frames (3 s), nearly all of which count as speech, are background ...
const WINDOW: usize = 150;
const NEARLY_ALL: usize = WINDOW * 3 / 4;
/// ... if they are as steady as this, in dB (see above) ...
const STEADY_DB: f32 = 12.0;
/// ... and no louder than this above what was no speech for 0.2 s within the last 10 s, in dB: else somebody began to speak on a noisy line ...
const RISE_DB: f32 = 4.0;
const RESTS: u32 = 10;
const REMEMBERED: u32 = 500;
/// ... nor than this above the background so far: callers 10 dB above it are as steady, when they make no pause.
const RISE_OF_KNOWN_DB: f32 = 6.0;
/// It is looked for every 100 ms.
const EVERY: u32 = 5;

/// The line opens when a sound above this comes within the first 0.2 s ...
const OPEN_DBFS: f32 = -60.0;
const OPENS_WITHIN: u32 = 10;
/// ... and what it holds in the 0.3 s from there on is background if the detector calls half of it speech.
const FIRST: usize = 15;
const HALF_OF_FIRST: usize = 7;

/// What is called speech for so many frames in a row and is hardly louder, in dB, than the line without speech was, is no caller who begins: networks
/// take seconds to call babble speech.
const SPEECH_BEGINS: u32 = 6;
const HARDLY_DB: f32 = 8.0;
/// A quieter line has no voices on it that could be taken for the caller.
const FAINTEST_DBFS: f32 = -45.0;
/// The level that 90 % of such a line's syllables stay below is so far above its mean, in dB.
const SPREAD_DB: f32 = 2.0;

/// A syllable counts when it is so far above the level that 90 % of the background's stay below, in dB: the loudest of 16 babbles' was 4.8.
const ABOVE_DB: f32 = 3.5;
/// The same while the background was heard for less than `KNOWN` frames (2 s).
const ABOVE_UNKNOWN_DB: f32 = 6.0;
const KNOWN: usize = 100;
/// The caller begins with so many frames of it, and is believed for as many frames after as counted, up to 240 ms.
const BEGINS: u32 = 2;
const HOLD: u32 = 12;
/// The background is followed over the last 3 s of it, once there is a second of it, from 0.5 s after the caller on.
const FOLLOWED: usize = 150;
const ENOUGH: usize = 50;
const AFTER_CALLER: u32 = 25;
/// A line that stays below the background by this, in dB, for 0.8 s has none any more.
const GONE_DB: f32 = 8.0;
const GONE_FRAMES: u32 = 40;
/// What opened the line was a single voice when its syllables are so far below for 0.2 s, or a moment of it is, in dB: 7 voices' quietest
/// moments are at -20, a single voice gets there in its first second.
const VOICE_DB: f32 = 10.0;
const VOICE_FRAMES: u32 = 10;
const VOICE_GAP_DB: f32 = 25.0;

/// Weighs each frame of one caller.
#[derive(Clone, Debug)]
pub struct Background {
    /// Of the latest frames, 1 for full scale.
    powers: VecDeque<f32>,
    recent: VecDeque<Moment>,
    frames: u32,
    opening: Opening,
    known: Option<Known>,
    rest: Rest,
}

/// The latest sound, in dBFS.
#[derive(Clone, Copy, Debug)]
struct Moment {
    level: f32,
    syllable: f32,
    counts: bool,
}

/// The beginning of the call.
#[derive(Clone, Debug)]
enum Opening {
    /// Nothing was heard yet.
    Silent,
    /// Something is heard from the first moment on; so many frames of it were called speech.
    Heard { syllables: Vec<f32>, speech: usize },
    /// It told what it could.
    Over,
}

/// The background.
#[derive(Clone, Debug)]
struct Known {
    /// The level that 90 % of its syllables stay below, in dBFS.
    level: f32,
    syllables: VecDeque<f32>,
    /// Not heard for long yet: known by how the call began, or by the line before it was called speech.
    is_first: bool,
    /// Frames in a row far below it.
    quiet: u32,
    /// For so many frames the caller is still believed.
    hold: u32,
    is_caller: bool,
    since_caller: u32,
}

/// The line while nobody speaks: its level once it was so for long enough, and how long ago that was.
#[derive(Clone, Copy, Debug, Default)]
struct Rest {
    level: Option<f32>,
    frames: u32,
    age: u32,
    /// Frames in a row that are called speech and hardly louder.
    same: u32,
}

impl Default for Background {
    fn default() -> Self {
        Self::new()
    }
}

impl Background {
    /// Of a line on which nothing was heard yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            powers: VecDeque::with_capacity(SYLLABLE),
            recent: VecDeque::with_capacity(WINDOW),
            frames: 0,
            opening: Opening::Silent,
            known: None,
            rest: Rest::default(),
        }
    }

    /// Takes the caller's next 20 ms, which are speech with this probability, and gives the probability that they are the caller's speech: 0 where
    /// they hold the background alone, else what was given. Frames that something else explains are to be left out.
    pub fn weigh(&mut self, frame: &Frame, speech: f32) -> f32 {
        push(&mut self.powers, 10_f32.powf(level_dbfs(&frame.0) / 10.0), SYLLABLE);
        let (level, syllable) = (self.level(MOMENT), self.level(SYLLABLE));
        let is_speech = speech >= SPEECH;
        self.rest.note(level, syllable, is_speech);
        if self.known.is_none()
            && let Some(level) = self.rest.goes_on()
        {
            self.known = Some(Known::new(level, VecDeque::new(), true));
        }
        let is_behind = self.opens(level, syllable, is_speech) || self.is_behind(level, syllable, is_speech);
        push(&mut self.recent, Moment { level, syllable, counts: is_speech && !is_behind }, WINDOW);
        self.frames = self.frames.saturating_add(1);
        if self.frames.is_multiple_of(EVERY)
            && let Some(level) = self.steady()
        {
            self.known = Some(Known::new(level, self.recent.iter().map(|it| it.syllable).collect(), false));
        }
        if is_behind { 0.0 } else { speech }
    }

    /// The level of so many of the latest frames, in dBFS.
    fn level(&self, frames: usize) -> f32 {
        let powers = self.powers.iter().rev().take(frames);
        10.0 * (powers.sum::<f32>() / frames.min(self.powers.len()).max(1) as f32).log10()
    }

    /// Follows the beginning of the call. Says whether this frame is background by it.
    fn opens(&mut self, level: f32, syllable: f32, is_speech: bool) -> bool {
        match &mut self.opening {
            Opening::Silent => {
                if level > OPEN_DBFS {
                    self.opening = Opening::Heard { syllables: vec![syllable], speech: usize::from(is_speech) };
                    return is_speech;
                }
                if self.frames >= OPENS_WITHIN {
                    self.opening = Opening::Over;
                }
                false
            }
            Opening::Heard { syllables, speech } => {
                syllables.push(syllable);
                *speech += usize::from(is_speech);
                if syllables.len() >= FIRST {
                    if *speech >= HALF_OF_FIRST {
                        self.known =
                            Some(Known::new(share(&sorted(syllables.iter().copied()), 0.9), VecDeque::new(), true));
                    }
                    self.opening = Opening::Over;
                }
                is_speech
            }
            Opening::Over => false,
        }
    }

    fn is_behind(&mut self, level: f32, syllable: f32, is_speech: bool) -> bool {
        let Some(known) = &mut self.known else { return false };
        if known.is_gone(level, syllable) {
            self.known = None;
            return false;
        }
        !known.is_caller(syllable, is_speech)
    }

    /// The level of the latest 3 s, if they are background.
    fn steady(&self) -> Option<f32> {
        let counts = self.recent.iter().filter(|it| it.counts).count();
        if self.recent.len() < WINDOW || counts < NEARLY_ALL {
            return None;
        }
        let levels = sorted(self.recent.iter().map(|it| it.level));
        let is_steady = share(&levels, 0.9) - share(&levels, 0.05) <= STEADY_DB;
        let has_risen = self.rest.level.is_some_and(|rest| share(&levels, 0.5) > rest + RISE_DB);
        // A caller who begins to speak at its end is none of it.
        let half = |from: usize| share(&sorted(self.recent.range(from..from + WINDOW / 2).map(|it| it.syllable)), 0.9);
        let level = half(0).min(half(WINDOW / 2));
        let is_caller = self.known.as_ref().is_some_and(|known| level > known.level + RISE_OF_KNOWN_DB);
        (is_steady && !has_risen && !is_caller).then_some(level)
    }
}

impl Rest {
    /// The background's level, when the line goes on as it was and is called speech now.
    fn goes_on(&self) -> Option<f32> {
        let level = self.level.filter(|level| *level >= FAINTEST_DBFS)?;
        (self.same >= SPEECH_BEGINS).then_some(level + SPREAD_DB)
    }

    fn note(&mut self, level: f32, syllable: f32, is_speech: bool) {
        const FOLLOWING: f32 = 0.05;
        let is_same = is_speech && self.level.is_some_and(|rest| syllable <= rest + HARDLY_DB);
        self.same = if is_same { self.same.saturating_add(1) } else { 0 };
        self.frames = if is_speech { 0 } else { self.frames.saturating_add(1) };
        self.age = self.age.saturating_add(1);
        if self.frames >= RESTS {
            let before = self.level.unwrap_or(level);
            (self.level, self.age) = (Some(before + FOLLOWING * (level - before)), 0);
        } else if self.age > REMEMBERED {
            self.level = None;
        }
    }
}

impl Known {
    fn new(level: f32, syllables: VecDeque<f32>, is_first: bool) -> Self {
        Self { level, syllables, is_first, quiet: 0, hold: 0, is_caller: false, since_caller: AFTER_CALLER }
    }

    fn is_gone(&mut self, level: f32, syllable: f32) -> bool {
        let (below, frames) = if self.is_first { (VOICE_DB, VOICE_FRAMES) } else { (GONE_DB, GONE_FRAMES) };
        self.quiet = if syllable < self.level - below { self.quiet + 1 } else { 0 };
        self.quiet >= frames || self.is_first && level < self.level - VOICE_GAP_DB
    }

    fn is_caller(&mut self, syllable: f32, is_speech: bool) -> bool {
        let above = if self.is_first { ABOVE_UNKNOWN_DB } else { ABOVE_DB };
        let is_above = is_speech && syllable >= self.level + above;
        self.hold = if is_above { (self.hold + 1).min(HOLD) } else { self.hold.saturating_sub(1) };
        self.is_caller = self.hold >= if self.is_caller { 1 } else { BEGINS };
        self.since_caller = if self.is_caller { 0 } else { self.since_caller.saturating_add(1) };
        if self.since_caller >= AFTER_CALLER || self.is_first && !self.is_caller {
            self.follow(syllable);
        }
        self.is_caller
    }

    fn follow(&mut self, syllable: f32) {
        push(&mut self.syllables, syllable, FOLLOWED);
        if self.syllables.len() >= ENOUGH {
            self.level = share(&sorted(self.syllables.iter().copied()), 0.9);
        }
        self.is_first &= self.syllables.len() < KNOWN;
    }
}

fn sorted(levels: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut levels: Vec<f32> = levels.collect();
    levels.sort_unstable_by(f32::total_cmp);
    levels
}

/// The level that this share of them stays below.
fn share(sorted: &[f32], share: f32) -> f32 {
    let at = (share * sorted.len() as f32) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f32::MIN)
}

fn push<T>(row: &mut VecDeque<T>, value: T, longest: usize) {
    if row.len() == longest {
        row.pop_front();
    }
    row.push_back(value);
}

#[cfg(test)]
mod tests;
