//! Changes the sample rate: 22,050 Hz of the voice to 8,000 Hz of the line, and that to 16,000 Hz for the models.

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Resampler as _};

/// About so many samples of the lower rate are filtered at a time: 40 ms at 8,000 Hz. Longer blocks have a sharper filter, and a longer delay.
const BLOCK_SAMPLES: u32 = 320;
/// Where the filter's own ringing would clip, it is clamped.
const FULL_SCALE: f32 = 32_768.0;

/// A streaming resampler of mono 16-bit PCM. What comes out is aligned with what goes in: the filter's delay is taken off.
pub struct Resampler {
    from_hz: u32,
    to_hz: u32,
    /// `None` where the rates are equal.
    fft: Option<Fft<f32>>,
    pending: Vec<f32>,
    /// Samples of the filter's delay that are still to be dropped.
    to_drop: usize,
    samples_in: u64,
    samples_out: u64,
}

impl Resampler {
    /// From one rate to another, both in Hz. A rate of zero is taken as one.
    #[must_use]
    pub fn new(from_hz: u32, to_hz: u32) -> Self {
        let (from_hz, to_hz) = (from_hz.max(1), to_hz.max(1));
        let chunk = BLOCK_SAMPLES.max((u64::from(BLOCK_SAMPLES) * u64::from(from_hz) / u64::from(to_hz)) as u32);
        let fft = (from_hz != to_hz).then(|| {
            Fft::new(from_hz as usize, to_hz as usize, chunk as usize, 1, FixedSync::Both)
                .expect("the rates and the block are above zero")
        });
        let to_drop = fft.as_ref().map_or(0, Fft::output_delay);
        Self { from_hz, to_hz, fft, pending: Vec::new(), to_drop, samples_in: 0, samples_out: 0 }
    }

    /// Takes samples in and gives those that are ready.
    pub fn process(&mut self, pcm: &[i16]) -> Vec<i16> {
        self.samples_in += pcm.len() as u64;
        if self.fft.is_none() {
            return pcm.to_vec();
        }
        self.pending.extend(pcm.iter().map(|&sample| f32::from(sample) / FULL_SCALE));
        self.filter()
    }

    /// Gives the rest, and is ready for a new stream.
    pub fn finish(&mut self) -> Vec<i16> {
        let expected = (self.samples_in * u64::from(self.to_hz)).div_ceil(u64::from(self.from_hz));
        let mut out = Vec::new();
        while let Some(block) = self.fft.as_ref().map(Fft::input_frames_next)
            && self.samples_out < expected
        {
            self.pending.resize(block, 0.0);
            out.extend(self.filter());
        }
        out.truncate(out.len() - (self.samples_out.saturating_sub(expected) as usize).min(out.len()));
        *self = Self::new(self.from_hz, self.to_hz);
        out
    }

    /// Filters the whole blocks that are there.
    fn filter(&mut self) -> Vec<i16> {
        let Some(fft) = &mut self.fft else { return Vec::new() };
        let (block, out_block) = (fft.input_frames_next(), fft.output_frames_next());
        let mut out = Vec::new();
        let mut buffer = vec![0.0; out_block];
        for chunk in self.pending.chunks_exact(block) {
            let input = SequentialSlice::new(chunk, 1, block).expect("one channel of a block");
            let mut output = SequentialSlice::new_mut(&mut buffer, 1, out_block).expect("one channel of a block");
            fft.process_into_buffer(&input, &mut output, None).expect("both buffers hold a block");
            let dropped = self.to_drop.min(out_block);
            self.to_drop -= dropped;
            out.extend(buffer[dropped..].iter().map(|&sample| (sample * FULL_SCALE).round() as i16));
        }
        self.pending.drain(..self.pending.len() / block * block);
        self.samples_out += out.len() as u64;
        out
    }
}

impl std::fmt::Debug for Resampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Resampler({} Hz to {} Hz)", self.from_hz, self.to_hz)
    }
}

/// Resamples a whole piece; the result has `pcm.len() * to_hz / from_hz` samples, rounded up.
#[must_use]
pub fn resample(pcm: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    let mut resampler = Resampler::new(from_hz, to_hz);
    let mut out = resampler.process(pcm);
    out.extend(resampler.finish());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::level_dbfs;
    use std::f32::consts::TAU;

    fn tone(hz: f32, rate: u32, samples: usize) -> Vec<i16> {
        (0..samples).map(|i| (10_000.0 * (TAU * hz * i as f32 / rate as f32).sin()) as i16).collect()
    }

    /// The middle, without the start and the end of the tone, which hold other frequencies too.
    fn middle(pcm: &[i16]) -> &[i16] {
        &pcm[pcm.len() / 4..pcm.len() * 3 / 4]
    }

    #[test]
    fn tones_of_the_line_keep_their_level() {
        for (from, to) in [(22_050, 8_000), (16_000, 8_000), (8_000, 16_000), (24_000, 8_000), (44_100, 8_000)] {
            for hz in [100.0, 300.0, 1_000.0, 2_500.0, 3_400.0, 3_600.0] {
                let input = tone(hz, from, from as usize);
                let change = level_dbfs(middle(&resample(&input, from, to))) - level_dbfs(middle(&input));
                assert!(change.abs() < 0.5, "{from} to {to}: {hz} Hz changed by {change} dB");
            }
        }
    }

    #[test]
    fn what_the_line_cannot_hold_is_gone() {
        for (from, to) in [(22_050, 8_000), (16_000, 8_000)] {
            for hz in [4_100.0, 4_400.0, 5_000.0, 6_500.0, 7_900.0] {
                let input = tone(hz, from, from as usize);
                let left = level_dbfs(middle(&resample(&input, from, to))) - level_dbfs(middle(&input));
                assert!(left < -50.0, "{from} to {to}: {hz} Hz is left at {left} dB");
            }
        }
    }

    #[test]
    fn no_image_appears_above_the_old_band() {
        for hz in [700.0, 3_000.0, 3_600.0] {
            let up = resample(&tone(hz, 8_000, 8_000), 8_000, 16_000);
            let pure = tone(hz, 16_000, up.len());
            let rest: Vec<i16> = middle(&up).iter().zip(middle(&pure)).map(|(a, b)| a - b).collect();
            let left = level_dbfs(&rest) - level_dbfs(&pure);
            assert!(left < -50.0, "{hz} Hz: the rest is at {left} dB");
        }
    }

    #[test]
    fn lengths_match_and_pieces_equal_the_whole() {
        let input = tone(440.0, 22_050, 22_050 * 2 + 17);
        let whole = resample(&input, 22_050, 8_000);
        assert_eq!(whole.len(), (input.len() * 8_000).div_ceil(22_050));
        for size in [1_usize, 160, 441, 5_000] {
            let mut resampler = Resampler::new(22_050, 8_000);
            let mut pieces: Vec<i16> = input.chunks(size).flat_map(|piece| resampler.process(piece)).collect();
            pieces.extend(resampler.finish());
            assert!(pieces == whole, "pieces of {size}");
        }
    }

    #[test]
    fn a_click_stays_where_it_was() {
        let mut input = vec![0; 8_000];
        input[4_000] = 20_000;
        let up = resample(&input, 8_000, 16_000);
        let loudest = (0..up.len()).max_by_key(|&i| up[i]).unwrap();
        assert_eq!((loudest, up.len()), (8_000, 16_000));
    }

    #[test]
    fn little_nothing_and_equal_rates_are_fine() {
        assert_eq!(resample(&[], 22_050, 8_000), Vec::<i16>::new());
        assert_eq!(resample(&[5; 3], 22_050, 8_000).len(), 2);
        assert_eq!(resample(&[1, 2, 3], 8_000, 8_000), [1, 2, 3]);
        let mut resampler = Resampler::new(8_000, 16_000);
        assert_eq!([resampler.process(&[9; 100]).len() + resampler.finish().len(), resampler.finish().len()], [200, 0]);
    }

    #[test]
    fn full_scale_does_not_wrap_around() {
        let square: Vec<i16> = (0..16_000).map(|i| if i / 40 % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
        let up = resample(&square, 8_000, 16_000);
        // Wrapped samples would lie on the other side of zero, in the middle of a half-wave.
        assert!((0..up.len()).filter(|i| (20..60).contains(&(i % 80))).all(|i| (up[i] > 0) == (i / 80 % 2 == 0)));
    }
}
