//! Makes up sound for what is missing: repeats the last pitch periods, in the spirit of ITU-T G.711 Appendix I, but without its
//! 3.75 ms delay. The repetition grows from one period to three, fades from 10 ms on, and is silent after 60 ms.

/// Shortest pitch period: 5 ms, 200 Hz (higher voices are repeated by a multiple of theirs).
const MIN_PITCH: usize = 40;
/// Longest pitch period: 15 ms, 66 Hz.
const MAX_PITCH: usize = 120;
/// What is compared to find the pitch: 20 ms.
const TEMPLATE: usize = 160;
/// Three of the longest periods and a quarter to blend.
const HISTORY: usize = 3 * MAX_PITCH + MAX_PITCH / 4;
/// How alike two stretches must be to count as voiced.
const VOICED: f32 = 0.3;
/// 10 ms: until here the sound keeps its level, and one period is repeated; two until twice, three after that.
const STEP: usize = 80;
/// 60 ms: from here on there is silence.
const SILENT: usize = 480;

/// Fills gaps in one direction of sound, and blends back into the real sound after them.
#[derive(Debug)]
pub(super) struct Concealer {
    history: Vec<i16>,
    gap: Option<Gap>,
}

#[derive(Debug)]
struct Gap {
    before: Vec<f32>,
    pitch: usize,
    made: usize,
    /// Samples blended so far, and to be blended, once real sound is back.
    recovery: Option<(usize, usize)>,
}

impl Concealer {
    pub(super) fn new() -> Self {
        Self { history: vec![0; HISTORY], gap: None }
    }

    /// Takes real sound in, in order; after a gap its first milliseconds are blended with the made-up sound.
    pub(super) fn hear(&mut self, pcm: &mut [i16]) {
        if let Some(gap) = &mut self.gap
            && gap.blend_into(pcm)
        {
            self.gap = None;
        }
        self.remember(pcm);
    }

    /// Fills a gap. Says whether there was anything but silence to fill it with.
    pub(super) fn conceal(&mut self, out: &mut [i16]) -> bool {
        let gap = match &mut self.gap {
            Some(gap) if gap.recovery.is_none() => gap,
            gap => gap.insert(Gap::after(&self.history)),
        };
        let audible = gap.made < SILENT;
        out.fill_with(|| gap.next() as i16);
        self.remember(out);
        audible
    }

    /// The next real sound does not follow on the last: blend them.
    pub(super) fn splice(&mut self) {
        self.conceal(&mut []);
    }

    fn remember(&mut self, pcm: &[i16]) {
        let new = &pcm[pcm.len().saturating_sub(HISTORY)..];
        self.history.drain(..new.len());
        self.history.extend_from_slice(new);
    }
}

impl Gap {
    fn after(history: &[i16]) -> Self {
        let before: Vec<f32> = history.iter().map(|&sample| f32::from(sample)).collect();
        let pitch = find_pitch(&before);
        Self { before, pitch, made: 0, recovery: None }
    }

    fn next(&mut self) -> f32 {
        let at = self.made;
        self.made += 1;
        if at >= SILENT {
            return 0.0;
        }
        let fade = at.saturating_sub(STEP) as f32 / (SILENT - STEP) as f32;
        self.sample(at) * (1.0 - fade)
    }

    /// The repetition at full level.
    fn sample(&self, at: usize) -> f32 {
        let quarter = self.pitch / 4;
        let stage = (at / STEP).min(2);
        let wave = self.wave(stage + 1, at);
        let since = at - stage * STEP;
        if since >= quarter {
            return wave;
        }
        let weight = (since + 1) as f32 / (quarter + 1) as f32;
        if stage > 0 {
            // A longer stretch is repeated from here on.
            return self.wave(stage, at) * (1.0 - weight) + wave * weight;
        }
        // The repetition begins where the real sound ended, and glides to its own level.
        let end = self.before.len() - 1;
        wave + (self.before[end] - self.before[end - self.pitch]) * (1.0 - weight)
    }

    /// Repeats the last `periods` periods; the end of each repetition blends into its beginning.
    fn wave(&self, periods: usize, at: usize) -> f32 {
        let length = periods * self.pitch;
        let quarter = self.pitch / 4;
        let start = self.before.len() - length;
        let index = at % length;
        let wave = self.before[start + index];
        let left = length - index;
        if left > quarter {
            return wave;
        }
        let weight = (quarter - left + 1) as f32 / (quarter + 1) as f32;
        wave * (1.0 - weight) + self.before[start - left] * weight
    }

    /// Says whether the real sound stands alone again.
    fn blend_into(&mut self, pcm: &mut [i16]) -> bool {
        // 4 ms, and 4 ms more for each 10 ms that were made up, up to 10 ms: the longer the gap, the less both sides fit.
        let (mut done, total) = self.recovery.unwrap_or_else(|| (0, (32 + self.made * 32 / STEP).min(STEP)));
        for sample in pcm.iter_mut().take(total - done) {
            done += 1;
            let weight = done as f32 / (total + 1) as f32;
            *sample = (self.next() * (1.0 - weight) + f32::from(*sample) * weight) as i16;
        }
        self.recovery = Some((done, total));
        done == total
    }
}

/// The lag at which the last 20 ms are most like what came before; the longest one for what has no pitch.
fn find_pitch(before: &[f32]) -> usize {
    best_lag(before, MIN_PITCH..=MAX_PITCH).filter(|(_, likeness)| *likeness > VOICED).map_or(MAX_PITCH, |(lag, _)| lag)
}

/// The lag of the highest normalised correlation of the last 20 ms of `pcm` with what lies `lag` samples before.
pub(super) fn best_lag(pcm: &[f32], lags: std::ops::RangeInclusive<usize>) -> Option<(usize, f32)> {
    let start = pcm.len().checked_sub(TEMPLATE)?;
    let template = &pcm[start..];
    let energy: f32 = template.iter().map(|sample| sample * sample).sum();
    lags.filter(|lag| *lag <= start)
        .map(|lag| {
            let earlier = &pcm[start - lag..start - lag + TEMPLATE];
            let product: f32 = template.iter().zip(earlier).map(|(a, b)| a * b).sum();
            let earlier_energy: f32 = earlier.iter().map(|sample| sample * sample).sum();
            (lag, product / (energy * earlier_energy).sqrt().max(1.0))
        })
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::level::rms;
    use std::f32::consts::TAU;

    /// Something like a vowel: a pitch of 125 Hz with falling harmonics.
    fn vowel(samples: std::ops::Range<usize>) -> Vec<i16> {
        let harmonic = |i: usize, n: f32| (TAU * 125.0 * n * i as f32 / 8_000.0).sin() / n;
        samples.map(|i| (4_000.0 * (1..=8).map(|n| harmonic(i, n as f32)).sum::<f32>()) as i16).collect()
    }

    fn largest_step(pcm: &[i16]) -> i32 {
        pcm.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max().unwrap_or(0)
    }

    #[test]
    fn a_lost_frame_of_a_vowel_is_hardly_missed() {
        let mut sound = vowel(0..1_600);
        let original = sound.clone();
        let mut concealer = Concealer::new();
        concealer.hear(&mut sound[..800]);
        assert!(concealer.conceal(&mut sound[800..960]));
        concealer.hear(&mut sound[960..]);
        let error: Vec<i16> = sound.iter().zip(&original).map(|(a, b)| a - b).collect();
        assert!(rms(&error[800..880]) < 0.1 * rms(&original), "{} of {}", rms(&error[800..880]), rms(&original));
        assert!(rms(&error[800..1_100]) < 0.25 * rms(&original));
        assert_eq!(error[1_100..], [0; 500], "the real sound stands alone again");
        assert!(largest_step(&sound) <= largest_step(&original) * 3 / 2, "no clicks");
    }

    #[test]
    fn a_long_gap_fades_to_silence_and_comes_back_smoothly() {
        let mut sound = vowel(0..2_400);
        let level = rms(&sound);
        let mut concealer = Concealer::new();
        concealer.hear(&mut sound[..800]);
        let audible: Vec<bool> = sound[800..1_600].chunks_mut(160).map(|frame| concealer.conceal(frame)).collect();
        assert_eq!(audible, [true, true, true, false, false]);
        let levels: Vec<f32> = sound[800..1_600].chunks(80).map(|piece| rms(piece) / level).collect();
        assert!(levels[0] > 0.9 && levels[3] < 0.8 && levels[5] < 0.25, "{levels:?}");
        assert_eq!(sound[800 + SILENT..1_600], [0; 800 - SILENT]);
        concealer.hear(&mut sound[1_600..]);
        assert!(sound[1_600].abs() < 200, "it comes back softly");
        assert_eq!(sound[1_680..], vowel(1_680..2_400));
    }

    #[test]
    fn pieces_of_any_size_make_the_same_sound() {
        let render = |size: usize| {
            let mut concealer = Concealer::new();
            concealer.hear(&mut vowel(0..700));
            let mut out = vowel(700..1_300);
            out[..300].chunks_mut(size).for_each(|piece| assert!(concealer.conceal(piece)));
            out[300..].chunks_mut(size).for_each(|piece| concealer.hear(piece));
            out
        };
        assert!(render(300) == render(7));
    }

    #[test]
    fn silence_stays_silence() {
        let mut out = [1; 160];
        Concealer::new().conceal(&mut out);
        assert_eq!(out, [0; 160]);
    }

    #[test]
    fn a_splice_leaves_no_click() {
        let mut concealer = Concealer::new();
        concealer.hear(&mut vowel(0..800));
        concealer.splice();
        let mut jump = vowel(830..990);
        concealer.hear(&mut jump);
        let last = vowel(799..800);
        assert!(largest_step(&[last, jump].concat()) <= largest_step(&vowel(0..800)) * 2);
    }
}
