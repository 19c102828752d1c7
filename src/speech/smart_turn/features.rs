//! What the turn detector looks at: whisper's log-mel spectrogram (Radford et al. 2022) of the last eight seconds.

use crate::media::mel::{BINS, filters};
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use std::sync::Arc;

/// Mel bands.
pub(super) const BANDS: usize = 80;
/// Spectra, one every 10 ms.
pub(super) const FRAMES: usize = 800;
/// Samples at 16,000 Hz.
pub(super) const SAMPLES: usize = FRAMES * HOP;

const FFT: usize = 400;
const HOP: usize = 160;
// The spectrogram spans so many powers of ten below its loudest point.
const RANGE: f32 = 8.0;

/// Makes spectrograms; keeps the filters and the plan of the Fourier transform.
pub(super) struct Features {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    // Each band's first bin and its weights from there on: the rest is nothing.
    bands: Vec<(usize, Vec<f32>)>,
}

impl Features {
    pub(super) fn new() -> Self {
        let turn = |n: usize| std::f64::consts::TAU * n as f64 / FFT as f64;
        let window = (0..FFT).map(|n| (0.5 - 0.5 * turn(n).cos()) as f32).collect();
        let bands = filters(BANDS).chunks_exact(BINS).map(weights).collect();
        Self { fft: RealFftPlanner::new().plan_fft_forward(FFT), window, bands }
    }

    /// The spectrogram of the last eight seconds of `sound` (at 16,000 Hz, 1.0 is full scale), band by band: [`BANDS`] times [`FRAMES`] values.
    /// Less sound is preceded by silence.
    pub(super) fn of(&self, sound: &[f32]) -> Vec<f32> {
        let sound = &sound[sound.len().saturating_sub(SAMPLES)..];
        let mut samples = vec![0.0; SAMPLES];
        samples[SAMPLES - sound.len()..].copy_from_slice(sound);
        normalise(&mut samples);
        let mut values = vec![0.0; BANDS * FRAMES];
        let (mut piece, mut spectrum) = (self.fft.make_input_vec(), self.fft.make_output_vec());
        for frame in 0..FRAMES {
            for (n, (value, weight)) in piece.iter_mut().zip(&self.window).enumerate() {
                *value = samples[mirrored(frame * HOP + n)] * weight;
            }
            // Its lengths are the plan's own.
            if self.fft.process(&mut piece, &mut spectrum).is_err() {
                continue;
            }
            for (band, (first, weights)) in self.bands.iter().enumerate() {
                values[band * FRAMES + frame] = energy(&spectrum[*first..], weights).max(1e-10).log10();
            }
        }
        let floor = values.iter().copied().fold(f32::MIN, f32::max) - RANGE;
        for value in &mut values {
            *value = (value.max(floor) + 4.0) / 4.0;
        }
        values
    }
}

fn weights(filter: &[f32]) -> (usize, Vec<f32>) {
    let first = filter.iter().position(|&weight| weight > 0.0).unwrap_or(0);
    let past = filter.iter().rposition(|&weight| weight > 0.0).map_or(first, |last| last + 1);
    (first, filter[first..past].to_vec())
}

fn energy(spectrum: &[Complex<f32>], weights: &[f32]) -> f32 {
    spectrum.iter().zip(weights).map(|(value, weight)| value.norm_sqr() * weight).sum()
}

// The sound is taken to be mirrored at both ends; `at` counts from half a window before it.
fn mirrored(at: usize) -> usize {
    let before = FFT / 2;
    if at < before {
        return before - at;
    }
    let at = at - before;
    if at < SAMPLES { at } else { 2 * (SAMPLES - 1) - at }
}

// Mean 0 and variance 1.
fn normalise(samples: &mut [f32]) {
    let count = samples.len() as f64;
    let mean = samples.iter().map(|&s| f64::from(s)).sum::<f64>() / count;
    let variance = samples.iter().map(|&s| (f64::from(s) - mean).powi(2)).sum::<f64>() / count;
    let scale = (variance + 1e-7).sqrt();
    for sample in samples {
        *sample = ((f64::from(*sample) - mean) / scale) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::{FRAMES, Features, SAMPLES};

    /// Five seconds of noise in silence.
    pub(super) fn noise() -> Vec<f32> {
        let mut seed = 1_u32;
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((seed >> 16) as i32 - 32_768).div_euclid(4) as f32 / 32_768.0
        };
        (0..SAMPLES).map(|n| (n, next())).map(|(n, s)| if (40_000..120_000).contains(&n) { s } else { 0.0 }).collect()
    }

    #[test]
    fn equals_the_reference_extractor() {
        let values = Features::new().of(&noise());
        // Values of the feature extractor that the detector was trained with.
        for (band, frame, expected) in [
            (0, 300, 0.6185),
            (5, 250, 1.069),
            (12, 330, 1.2738),
            (20, 500, 0.926),
            (33, 749, 1.1554),
            (47, 290, 1.2071),
            (70, 500, 1.0894),
            (79, 640, 1.1605),
            (66, 460, 1.0519),
            (10, 10, -0.5831),
            (40, 799, -0.5831),
        ] {
            let value = values[band * FRAMES + frame];
            assert!((value - expected).abs() < 2e-3, "band {band}, frame {frame}: {value}, not {expected}");
        }
    }

    #[test]
    fn short_sound_is_preceded_by_silence_and_long_is_cut() {
        let features = Features::new();
        let sound = noise();
        assert_eq!(features.of(&sound[40_000..]), features.of(&sound));
        let longer: Vec<f32> = [vec![0.5; 500], sound.clone()].concat();
        assert_eq!(features.of(&longer), features.of(&sound));
    }
}
