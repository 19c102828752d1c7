//! How loud a piece of sound is.

/// The floor of [`level_dbfs`]: digital silence.
const SILENCE_DBFS: f32 = -96.0;

/// Root mean square level in dB relative to full scale (a full-scale square wave is 0 dB, a sine -3 dB); -96 for silence or nothing.
#[must_use]
pub fn level_dbfs(pcm: &[i16]) -> f32 {
    let rms = rms(pcm);
    if rms < 0.5 { SILENCE_DBFS } else { 20.0 * (rms / 32_768.0).log10() }
}

/// Root mean square in sample units.
pub(super) fn rms(pcm: &[i16]) -> f32 {
    let energy: f64 = pcm.iter().map(|&sample| f64::from(sample) * f64::from(sample)).sum();
    (energy / pcm.len().max(1) as f64).sqrt() as f32
}

/// The sum of the samples' squares.
pub(super) fn energy(samples: &[f32]) -> f32 {
    samples.iter().map(|sample| sample * sample).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_relative_to_full_scale() {
        assert!(level_dbfs(&[i16::MIN, i16::MAX]).abs() < 0.01);
        assert!((level_dbfs(&[3_276; 100]) + 20.0).abs() < 0.01);
        assert!((level_dbfs(&[0; 100]) + 96.0).abs() < f32::EPSILON);
        assert!((level_dbfs(&[]) + 96.0).abs() < f32::EPSILON);
    }
}
