//! The tones of telephone networks and fax machines in what a caller's line sounds like: they are never speech, and some say that nobody is there.
//!
//! | tone | hertz | cadence | source |
//! |---|---|---|---|
//! | fax calling (CNG) | 1,100 ±38 | 0.5 s on, 3 s off | ITU-T T.30 |
//! | fax answer (CED) | 2,100 ±15 | over 2.6 s on | ITU-T T.30 |
//! | special information (SIT) | 950, 1,400, 1,800 ±50 | 0.33 s each, rising | ITU-T E.180 |
//! | busy, reorder | 480 + 620, or 425 | 0.2 to 0.75 s on and off | ITU-T E.180, supplement 2 |
//! | dial | 350 + 440, or 425 | on | ITU-T E.180, supplement 2 |
//! | ring-back | 440 + 480 | 2 s on, 4 s off | ITU-T E.180, supplement 2 |
//!
//! Any other single tone, such as a voicemail's beep, is only no speech. A single tone's frequency is told by how it goes on from sample to sample,
//! and Goertzel's algorithm says how much of the frame it is; a pair is looked for where it must be.

use super::level::energy;
use super::{FRAME_SAMPLES, Frame, SAMPLE_RATE};
use std::f32::consts::TAU;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// What the sound on the line says of the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineSound {
    /// A fax machine calls or answers.
    Fax,
    /// Nobody is there any more: busy, reorder, dial or special information tone.
    Dead,
}

/// A frame below this, root mean square in sample units, is silent (-54 dBFS).
const SILENCE: f32 = 64.0;
/// So much of a frame's energy makes it a tone.
const PURE: f32 = 0.93;
/// A tone keeps its pitch within this, in hertz, from frame to frame; voices and instruments rarely do.
const STEADY_HZ: f32 = 10.0;
/// Frames until it counts as steady.
const STEADY_FRAMES: u32 = 3;
/// So many frames that fit badly end neither a tone nor a pause: a lost packet, a click, a tone that begins within a frame.
const FLAWS: u32 = 2;
/// A pause is quieter than the tone before it by this factor (12 dB).
const PAUSE: f32 = 0.25;
/// Bursts of tone that are remembered.
const REMEMBERED: usize = 4;

const CNG_HZ: [f32; 2] = [1_100.0, 38.0];
const CED_HZ: [f32; 2] = [2_100.0, 15.0];
const SIT_HZ: [[f32; 2]; 3] = [[950.0, 50.0], [1_400.0, 50.0], [1_800.0, 50.0]];
/// Busy and dial tone of most countries outside of North America.
const EUROPE_HZ: [f32; 2] = [425.0, 15.0];

// Lengths in frames, with what a lost packet and the frames' bounds may take away or add.
const CNG_ON: RangeInclusive<u32> = 20..=30;
const CNG_OFF: RangeInclusive<u32> = 125..=180;
const CED_ON: u32 = 50;
const BUSY_ON: RangeInclusive<u32> = 9..=40;
const BUSY_OFF: RangeInclusive<u32> = 8..=40;
const BUSY_CYCLES: usize = 3;
const DIAL_ON: u32 = 200;
const SIT_ON: RangeInclusive<u32> = 11..=22;
const SIT_OFF: RangeInclusive<u32> = 0..=4;

/// Two tones at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pair {
    Busy,
    Dial,
    Ringing,
}

/// Pairs in hertz.
const PAIRS: [(Pair, [f32; 2]); 3] =
    [(Pair::Busy, [480.0, 620.0]), (Pair::Dial, [350.0, 440.0]), (Pair::Ringing, [440.0, 480.0])];

type Wave = [f32; FRAME_SAMPLES];

/// For each pair, waves of unit energy and at right angles to each other, of which every sound of the pair is a sum.
static BASES: LazyLock<[[Wave; 4]; 3]> = LazyLock::new(|| PAIRS.map(|(_, hertz)| basis(hertz)));

#[derive(Clone, Copy, Debug, PartialEq)]
enum Tone {
    /// One, of so many hertz.
    Single(f32),
    Pair(Pair),
}

/// A tone and the pause behind it.
#[derive(Clone, Copy, Debug)]
struct Burst {
    tone: Tone,
    /// In frames.
    on: u32,
    off: u32,
    /// Root mean square in sample units.
    level: f32,
}

/// Listens to one line.
#[derive(Debug, Default)]
pub struct Tones {
    bursts: Vec<Burst>,
    /// How many of the latest frames in a row are neither tone nor pause.
    others: u32,
    told: Option<LineSound>,
}

impl Tones {
    /// Has heard nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the caller's next 20 ms. Says whether they are a tone, and so no speech: from the third frame of a tone on.
    pub fn heard(&mut self, frame: &Frame) -> bool {
        let pcm = frame.0.map(f32::from);
        let level = (energy(&pcm) / FRAME_SAMPLES as f32).sqrt();
        let pause = self.bursts.last().map_or(SILENCE, |burst| (burst.level * PAUSE).max(SILENCE));
        let tone = if level < SILENCE { None } else { tone_of(&pcm) };
        match tone {
            Some(tone) if level >= pause => {
                self.others = 0;
                self.sound(tone, level);
            }
            _ if level < pause => {
                self.others = 0;
                self.rest();
            }
            _ => {
                self.others += 1;
                self.rest();
                if self.others > FLAWS {
                    self.bursts.clear();
                }
            }
        }
        let is_tone = self.bursts.last().is_some_and(|burst| burst.off == 0 && burst.on >= STEADY_FRAMES);
        if let Some(meaning) = meaning(&self.bursts) {
            self.told = Some(meaning);
            self.bursts.clear();
        }
        is_tone
    }

    /// What the line has said of the other end since it was asked last.
    pub fn poll(&mut self) -> Option<LineSound> {
        self.told.take()
    }

    fn sound(&mut self, tone: Tone, level: f32) {
        let goes_on = |burst: &&mut Burst| burst.off <= FLAWS && burst.tone.goes_on_as(tone);
        if let Some(burst) = self.bursts.last_mut().filter(goes_on) {
            burst.on += 1 + std::mem::take(&mut burst.off);
            burst.level = level;
            return;
        }
        // A frame or two of something else are no part of a cadence.
        self.bursts.pop_if(|burst| burst.on < STEADY_FRAMES);
        if self.bursts.len() == REMEMBERED {
            self.bursts.remove(0);
        }
        self.bursts.push(Burst { tone, on: 1, off: 0, level });
    }

    fn rest(&mut self) {
        if let Some(burst) = self.bursts.last_mut() {
            burst.off += 1;
        }
    }
}

impl Tone {
    fn goes_on_as(self, next: Self) -> bool {
        match (self, next) {
            (Self::Single(one), Self::Single(other)) => (one - other).abs() <= STEADY_HZ,
            (one, other) => one == other,
        }
    }

    fn is_near(self, [hertz, within]: [f32; 2]) -> bool {
        matches!(self, Self::Single(own) if (own - hertz).abs() <= within)
    }

    fn is_busy(self) -> bool {
        self == Self::Pair(Pair::Busy) || self.is_near(EUROPE_HZ)
    }

    fn is_dial(self) -> bool {
        self == Self::Pair(Pair::Dial) || self.is_near(EUROPE_HZ)
    }
}

/// What these bursts say, once the latest has lasted long enough.
fn meaning(bursts: &[Burst]) -> Option<LineSound> {
    let (last, before) = bursts.split_last()?;
    let is_fax = last.tone.is_near(CED_HZ) && last.on >= CED_ON || is_calling_fax(last, before);
    let is_dead = last.tone.is_dial() && last.on >= DIAL_ON || is_busy(bursts) || is_special_information(bursts);
    match (is_fax, is_dead) {
        (true, _) => Some(LineSound::Fax),
        (false, true) => Some(LineSound::Dead),
        (false, false) => None,
    }
}

fn is_calling_fax(last: &Burst, before: &[Burst]) -> bool {
    let is_calling = |burst: &Burst| burst.tone.is_near(CNG_HZ) && CNG_ON.contains(&burst.on);
    last.off > FLAWS
        && is_calling(last)
        && before.last().is_some_and(|before| is_calling(before) && CNG_OFF.contains(&before.off))
}

fn is_busy(bursts: &[Burst]) -> bool {
    let Some(cycles) = bursts.last_chunk::<BUSY_CYCLES>() else { return false };
    let [first, ..] = cycles;
    cycles.iter().all(|burst| {
        burst.tone.is_busy()
            && burst.tone.goes_on_as(first.tone)
            && burst.on.abs_diff(first.on) <= FLAWS
            && BUSY_ON.contains(&burst.on)
            && BUSY_OFF.contains(&burst.off)
    })
}

fn is_special_information(bursts: &[Burst]) -> bool {
    let Some(three) = bursts.last_chunk::<3>() else { return false };
    let is_part = |(burst, hertz): (&Burst, [f32; 2])| burst.tone.is_near(hertz) && SIT_ON.contains(&burst.on);
    three.iter().zip(SIT_HZ).all(is_part)
        && three[..2].iter().all(|burst| SIT_OFF.contains(&burst.off))
        && three[2].off > FLAWS
}

fn tone_of(pcm: &Wave) -> Option<Tone> {
    let hertz = single_hertz(pcm)?;
    let whole = energy(pcm);
    let [re, im] = goertzel(pcm, hertz);
    if 2.0 * (re * re + im * im) >= PURE * whole * FRAME_SAMPLES as f32 {
        return Some(Tone::Single(hertz));
    }
    let share = |basis: &[Wave; 4]| basis.iter().map(|wave| product(wave, pcm).powi(2)).sum::<f32>() / whole;
    let is_heard = |(_, basis): &(&(Pair, _), &_)| share(basis) >= PURE;
    PAIRS.iter().zip(BASES.iter()).find(is_heard).map(|((pair, _), _)| Tone::Pair(*pair))
}

/// The frequency, if the frame were a single tone.
fn single_hertz(pcm: &Wave) -> Option<f32> {
    // Of a sine, what lies before and behind a sample is twice its cosine's share of the sample.
    let (sides, middle) = pcm.windows(3).fold((0.0, 0.0), |(sides, middle), around| {
        (sides + around[1] * (around[0] + around[2]), middle + around[1] * around[1])
    });
    let rough = (sides / (2.0 * middle)).clamp(-1.0, 1.0).acos() / TAU * SAMPLE_RATE as f32;
    if !rough.is_finite() {
        return None;
    }
    // Noise draws it towards the middle of the band. How the phase goes on from half to half tells more.
    let (first, second) = pcm.split_at(FRAME_SAMPLES / 2);
    let phase = |half: &[f32]| {
        let [re, im] = goertzel(half, rough);
        im.atan2(re)
    };
    let half = (FRAME_SAMPLES / 2) as f32;
    let expected = TAU * rough / SAMPLE_RATE as f32 * half;
    let turned = (phase(second) - phase(first) - expected + TAU / 2.0).rem_euclid(TAU) - TAU / 2.0;
    Some(rough + turned / half / TAU * SAMPLE_RATE as f32)
}

/// The Fourier sum at one frequency, by Goertzel's algorithm; its phase is that of the tone at the first sample.
fn goertzel(pcm: &[f32], hertz: f32) -> [f32; 2] {
    let angle = TAU * hertz / SAMPLE_RATE as f32;
    let turn = 2.0 * angle.cos();
    let (last, before) = pcm.iter().fold((0.0, 0.0), |(last, before), sample| (sample + turn * last - before, last));
    // So it stands at the last sample; turned back to the first.
    let (re, im) = (last - before * angle.cos(), before * angle.sin());
    let back = angle * (pcm.len() as f32 - 1.0);
    [re * back.cos() + im * back.sin(), im * back.cos() - re * back.sin()]
}

fn basis(hertz: [f32; 2]) -> [Wave; 4] {
    let wave = |at: usize| -> Wave {
        let quarter = if at.is_multiple_of(2) { 0.0 } else { TAU / 4.0 };
        std::array::from_fn(|n| (TAU * hertz[at / 2] * n as f32 / SAMPLE_RATE as f32 + quarter).sin())
    };
    let mut basis = [0, 1, 2, 3].map(wave);
    for at in 0..basis.len() {
        let (before, rest) = basis.split_at_mut(at);
        for other in before {
            let share = product(other, &rest[0]);
            rest[0].iter_mut().zip(other).for_each(|(sample, other)| *sample -= share * *other);
        }
        let length = energy(&rest[0]).sqrt();
        rest[0].iter_mut().for_each(|sample| *sample /= length);
    }
    basis
}

fn product(one: &Wave, other: &Wave) -> f32 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[cfg(test)]
mod tests;
