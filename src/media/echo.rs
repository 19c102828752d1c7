//! Tells the receptionist's own voice, come back from the caller's phone, from the caller.
//!
//! Where the echo lies is found by the waveform: for each delay up to half a second, the last 120 ms of what was heard are correlated with what was
//! sent (normalised cross-correlation, as double-talk detectors of acoustic echo cancellers use it; ITU-T G.168 names the terms). Somebody else's
//! speech has no delay at which it fits for several frames in a row, so that a line without an echo is left alone. How much of a frame the
//! echo explains is told by its energy in ten bands, which room and codec change little.
//!
//! Nothing is subtracted: the sound stays as it came.

use super::bands::{BANDS, Energies, energies};
use super::level::energy;
use super::{FRAME_SAMPLES, Frame};

/// What is correlated has half the line's rate: 4,000 Hz.
const HALF: usize = FRAME_SAMPLES / 2;
/// 120 ms are compared at a time.
const WINDOW: usize = 6 * HALF;
/// The longest delay: 560 ms, network and jitter buffers counted in.
const LONGEST: usize = 28 * HALF;
/// Echo comes back later than it was sent, after so many frames at most: room echoes of loud sounds.
const TAIL: usize = 4;
/// Each frame of the tail counts so much less (-4 dB).
const TAIL_FALL: f32 = 0.4;

/// What is sent or heard below this, root mean square in sample units at half the rate, is silence.
const SENT_SILENCE: f32 = 20.0;
const HEARD_SILENCE: f32 = 3.0;

/// The echo is found when the correlation at one delay is so high ...
const FOUND: f32 = 0.55;
/// ... and every other delay, further off than 2.5 ms, has at most this share of it ...
const RIVAL: f32 = 0.85;
const NEIGHBOUR: usize = 10;
/// ... for so many frames in a row, within half a millisecond, that the sum is so much: 3 where it is strong,
/// 5 where it is not.
const EVIDENCE: f32 = 2.6;
const SAME_DELAY: usize = 2;

/// Frames that are speech with less than this need no judgement.
const MAYBE_SPEECH: f32 = 0.1;
/// A band is explained up to so much more energy than foretold (6 dB).
const MARGIN: f32 = 4.0;
/// Noise of the codec (G.711's smallest steps).
const FLOOR: f32 = 3_000.0;
/// A frame is like what was sent, or not, over so much sound: 80 ms.
const JUDGED: usize = 4 * HALF;
/// A frame of which so much is explained is echo alone.
const ONLY_ECHO: f32 = 0.75;
/// A single frame of which so much is explained fits badly, but is no voice.
const MUCH_ECHO: f32 = 0.2;
/// After so many frames in a row that hold more than echo, as many more are believed as here: a voice does not come and go within 100 ms.
const BEYOND: u32 = 4;
const BELIEVED: u32 = 4;
/// How fast the gains follow, for each frame of echo alone.
const FOLLOWING: f32 = 0.1;

/// Watches one call for its echo.
#[derive(Debug)]
pub struct Echo {
    sent: Track,
    heard: Track,
    candidate: Option<Candidate>,
    path: Option<Path>,
    /// How many of the latest frames in a row held more than echo.
    beyond: u32,
    believed: u32,
}

/// One direction of sound: as it is, and prepared to be correlated.
#[derive(Debug, Default)]
struct Track {
    pcm: Vec<f32>,
    flat: Vec<f32>,
    before: [f32; 2],
    level: f32,
}

/// A delay that may be the echo's.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    delay: usize,
    frames: u32,
    /// The sum of their correlations.
    evidence: f32,
}

/// How the echo comes back.
#[derive(Clone, Debug)]
struct Path {
    /// At 4,000 Hz, from the end of the newest frame sent.
    delay: usize,
    /// In each band, of energy.
    gains: Energies,
    /// The square of the correlation that echo alone reaches: 1 on a line that changes nothing.
    likeness: f32,
    /// Frames of echo alone, so far.
    frames: u32,
}

impl Default for Echo {
    fn default() -> Self {
        Self::new()
    }
}

impl Echo {
    /// Knows of no echo.
    #[must_use]
    pub fn new() -> Self {
        Self {
            sent: Track::new(LONGEST + WINDOW),
            heard: Track::new(WINDOW),
            candidate: None,
            path: None,
            beyond: 0,
            believed: 0,
        }
    }

    /// Takes the 20 ms that leave for the caller.
    pub fn sent(&mut self, frame: &Frame) {
        self.sent.push(frame);
    }

    /// Takes the caller's next 20 ms, which are speech with this probability, and gives the probability that they are the caller's speech: 0 where
    /// they are echo alone, else what was given.
    pub fn heard(&mut self, frame: &Frame, speech: f32) -> f32 {
        self.heard.push(frame);
        if speech < MAYBE_SPEECH {
            (self.candidate, self.beyond) = (None, 0);
            self.believed = self.believed.saturating_sub(1);
            return speech;
        }
        let share = self.explained();
        if share >= ONLY_ECHO {
            self.beyond = 0;
            self.believed = self.believed.saturating_sub(1);
            return if self.believed > 0 { speech } else { 0.0 };
        }
        self.beyond += 1;
        if self.beyond >= BEYOND {
            self.believed = BELIEVED;
        }
        let is_echo = share >= MUCH_ECHO && self.beyond == 1 && self.believed == 0;
        if is_echo { 0.0 } else { speech }
    }

    /// Forgets the sound of both directions, not the path: they have been interrupted.
    pub fn interrupt(&mut self) {
        self.sent = Track::new(LONGEST + WINDOW);
        self.heard = Track::new(WINDOW);
        self.candidate = None;
    }

    /// How much of the energy of the latest frame its echo explains, 0 to 1.
    fn explained(&mut self) -> f32 {
        if self.sent.peak_level() < SENT_SILENCE || self.heard.level < HEARD_SILENCE {
            self.candidate = None;
            return 0.0;
        }
        if let Some(share) = self.by_path().filter(|share| *share >= ONLY_ECHO) {
            return share;
        }
        if self.search() { self.by_path().unwrap_or(0.0) } else { 0.0 }
    }

    /// By the known path, if there is one.
    fn by_path(&mut self) -> Option<f32> {
        let path = self.path.as_ref()?;
        let heard = energies(self.heard.frame(0)?);
        let sent = self.sent.with_tail(path.delay)?;
        let foretold: Energies = std::array::from_fn(|band| path.gains[band] * sent[band] + FLOOR);
        let likeness = self.likeness(path.delay);
        let share = explained_share(&heard, &foretold).max((likeness / path.likeness).min(1.0));
        if share >= ONLY_ECHO {
            self.follow(&heard, &sent, likeness);
        }
        Some(share)
    }

    /// The square of the correlation at this delay, and half a millisecond beside it: how much of the latest sound is what was sent.
    fn likeness(&self, delay: usize) -> f32 {
        let heard = &self.heard.flat[WINDOW - JUDGED..];
        let ends = (delay.saturating_sub(SAME_DELAY)..=(delay + SAME_DELAY).min(LONGEST))
            .map(|delay| self.sent.flat.len() - delay);
        let likeness = |end: usize| {
            let sent = &self.sent.flat[end - JUDGED..end];
            let product: f32 = sent.iter().zip(heard).map(|(sent, heard)| sent * heard).sum();
            product * product / (energy(sent) * energy(heard)).max(1.0)
        };
        ends.map(likeness).fold(0.0, f32::max)
    }

    fn follow(&mut self, heard: &Energies, sent: &Energies, likeness: f32) {
        let Some(path) = &mut self.path else { return };
        path.frames += 1;
        let following = FOLLOWING.max(1.0 / path.frames as f32).min(0.5);
        path.likeness += FOLLOWING * (likeness.max(0.1) - path.likeness);
        let loudest = sent.iter().copied().fold(0.0, f32::max);
        for band in 0..BANDS {
            // A band that is nearly silent tells nothing.
            if sent[band] > loudest * 0.01 {
                let ratio = (heard[band] / sent[band]).max(1e-8);
                path.gains[band] *= (ratio / path.gains[band]).powf(following);
            }
        }
    }

    /// Looks for the echo at every delay. Says whether it was found.
    fn search(&mut self) -> bool {
        let Some((delay, likeness)) = best_delay(&self.sent.flat, &self.heard.flat) else {
            self.candidate = None;
            return false;
        };
        let before = self.candidate.filter(|before| before.delay.abs_diff(delay) <= SAME_DELAY);
        let (frames, evidence) = before.map_or((0, 0.0), |before| (before.frames, before.evidence));
        let (frames, evidence) = (frames + 1, evidence + likeness);
        self.candidate = Some(Candidate { delay, frames, evidence });
        if evidence < EVIDENCE {
            return false;
        }
        (self.beyond, self.believed) = (0, 0);
        self.path = self.measure(delay, frames as usize).map(|gains| Path {
            delay,
            gains,
            likeness: self.likeness(delay),
            frames: 0,
        });
        self.path.is_some()
    }

    /// The gains over the latest frames at this delay.
    fn measure(&self, delay: usize, frames: usize) -> Option<Energies> {
        let (mut heard, mut sent) = ([0.0; BANDS], [0.0; BANDS]);
        for ago in 0..frames.min(WINDOW / HALF) {
            add(&mut heard, &energies(self.heard.frame(ago)?));
            add(&mut sent, &self.sent.with_tail(delay + ago * HALF)?);
        }
        let whole = heard.iter().sum::<f32>() / sent.iter().sum::<f32>().max(1.0);
        let loudest = sent.iter().copied().fold(0.0, f32::max);
        Some(std::array::from_fn(|band| {
            if sent[band] > loudest * 0.001 { (heard[band] / sent[band]).max(whole * 0.01) } else { whole }
        }))
    }
}

impl Track {
    /// Keeps so many samples at half the rate.
    fn new(kept: usize) -> Self {
        // A tail before the oldest, and the frame that comes.
        Self { pcm: vec![0.0; 2 * kept + TAIL * FRAME_SAMPLES], flat: vec![0.0; kept], ..Self::default() }
    }

    fn push(&mut self, frame: &Frame) {
        let pcm = frame.0.map(f32::from);
        self.pcm.drain(..FRAME_SAMPLES);
        self.pcm.extend_from_slice(&pcm);
        self.flat.drain(..HALF);
        let from = self.flat.len();
        let [mut last, mut flat_last] = self.before;
        for pair in pcm.chunks_exact(2) {
            // Without what half the rate can't hold, and with low and high frequencies of about equal strength.
            let low = 0.25 * last + 0.5 * pair[0] + 0.25 * pair[1];
            self.flat.push(low - 0.9 * flat_last);
            (last, flat_last) = (pair[1], low);
        }
        self.before = [last, flat_last];
        self.level = (energy(&self.flat[from..]) / HALF as f32).sqrt();
    }

    /// The loudest of all that is kept, roughly.
    fn peak_level(&self) -> f32 {
        let loudest = self.flat.chunks_exact(HALF).map(energy).fold(0.0, f32::max);
        (loudest / HALF as f32).sqrt()
    }

    /// The frame so many frames before the latest.
    fn frame(&self, ago: usize) -> Option<&[f32]> {
        self.before_end(ago * FRAME_SAMPLES)
    }

    fn before_end(&self, samples: usize) -> Option<&[f32]> {
        let end = self.pcm.len().checked_sub(samples)?;
        self.pcm.get(end.checked_sub(FRAME_SAMPLES)?..end)
    }

    /// The energies of the frame that was sent `delay` before, as a room would sound of them.
    fn with_tail(&self, delay: usize) -> Option<Energies> {
        let mut sum = energies(self.before_end(2 * delay)?);
        let mut fall = 1.0;
        for ago in 1..TAIL {
            fall *= TAIL_FALL;
            let Some(earlier) = self.before_end(2 * delay + ago * FRAME_SAMPLES) else { break };
            for (sum, earlier) in sum.iter_mut().zip(energies(earlier)) {
                *sum = sum.max(fall * earlier);
            }
        }
        Some(sum)
    }
}

fn add(sum: &mut Energies, other: &Energies) {
    for (sum, other) in sum.iter_mut().zip(other) {
        *sum += other;
    }
}

fn explained_share(heard: &Energies, foretold: &Energies) -> f32 {
    let explained: f32 = heard.iter().zip(foretold).map(|(heard, foretold)| heard.min(MARGIN * foretold)).sum();
    explained / heard.iter().sum::<f32>().max(1.0)
}

/// The delay at which `heard` is what was sent, if it stands out.
fn best_delay(sent: &[f32], heard: &[f32]) -> Option<(usize, f32)> {
    let delays = sent.len() - heard.len();
    // In order of time, so that the inner loop runs along memory: the longest delay comes first.
    let mut products = vec![0.0; delays + 1];
    for (at, &sample) in heard.iter().enumerate() {
        for (product, &sent) in products.iter_mut().zip(&sent[at..]) {
            *product += sample * sent;
        }
    }
    let quietest = WINDOW as f32 * SENT_SILENCE * SENT_SILENCE;
    let (mut window, heard_energy) = (energy(&sent[..heard.len()]), energy(heard));
    for (at, product) in products.iter_mut().enumerate() {
        *product = if window > quietest { product.abs() / (window * heard_energy).sqrt() } else { 0.0 };
        if at < delays {
            window += sent[at + heard.len()].powi(2) - sent[at].powi(2);
        }
    }
    let (best, likeness) = products.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let is_rival = |(at, other): (usize, &f32)| at.abs_diff(best) > NEIGHBOUR && *other > RIVAL * likeness;
    let stands_out = likeness >= FOUND && !products.iter().enumerate().any(is_rival);
    stands_out.then_some((delays - best, likeness))
}

#[cfg(test)]
mod tests;
