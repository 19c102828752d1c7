//! How a frame's energy is spread over the telephone band.

use super::{FRAME_SAMPLES, SAMPLE_RATE};
use std::f32::consts::TAU;
use std::sync::LazyLock;

/// So many bands.
pub(super) const BANDS: usize = 10;
/// The energy of a frame in each band.
pub(super) type Energies = [f32; BANDS];

/// Bins of a Fourier transform, 100 Hz apart from 300 Hz on: with Hann's window at most half is missed of what lies between them.
const BINS: usize = 32;
const FIRST_HZ: f32 = 300.0;
const STEP_HZ: f32 = 100.0;
/// Bins in each band: narrow where speech has most of its energy.
const WIDTHS: [usize; BANDS] = [2, 2, 2, 2, 3, 3, 4, 4, 5, 5];

/// For each sample of a frame the windowed cosines of all bins, then their sines.
static WAVES: LazyLock<Vec<[f32; 2 * BINS]>> = LazyLock::new(|| {
    let wave = |sample: usize| {
        let hann = 0.5 - 0.5 * (TAU * (sample as f32 + 0.5) / FRAME_SAMPLES as f32).cos();
        std::array::from_fn(|at| {
            let hertz = FIRST_HZ + STEP_HZ * (at % BINS) as f32;
            let angle = TAU * hertz * sample as f32 / SAMPLE_RATE as f32;
            hann * if at < BINS { angle.cos() } else { angle.sin() }
        })
    };
    (0..FRAME_SAMPLES).map(wave).collect()
});

/// The energy in each band, of 160 samples at 8,000 Hz.
pub(super) fn energies(pcm: &[f32]) -> Energies {
    let mut sums = [0.0; 2 * BINS];
    for (sample, waves) in pcm.iter().zip(WAVES.iter()) {
        for (sum, wave) in sums.iter_mut().zip(waves) {
            *sum += sample * wave;
        }
    }
    let mut bins = (0..BINS).map(|bin| sums[bin] * sums[bin] + sums[BINS + bin] * sums[BINS + bin]);
    WIDTHS.map(|width| bins.by_ref().take(width).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::tone_frame;

    #[test]
    fn a_tone_is_in_its_band_alone() {
        for (hertz, band) in [(350.0, 0), (950.0, 3), (1_100.0, 4), (2_250.0, 7), (3_300.0, 9)] {
            let energies = energies(&tone_frame(0, &[hertz], 5_000.0).0.map(f32::from));
            let share = energies[band] / energies.iter().sum::<f32>();
            assert!(share > 0.8, "{hertz} Hz: {energies:?}");
        }
    }

    #[test]
    fn no_frequency_is_missed() {
        let energy = |hertz: f32| energies(&tone_frame(0, &[hertz], 5_000.0).0.map(f32::from)).iter().sum::<f32>();
        let reference = energy(1_000.0);
        for hertz in (300..=3_400).step_by(10) {
            let share = energy(hertz as f32) / reference;
            assert!((0.45..1.1).contains(&share), "{hertz} Hz: {share}");
        }
    }
}
