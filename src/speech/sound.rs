//! What transcribers are given: the line's sound as their models want it.

use crate::media::{SAMPLE_RATE, resample};

/// What the transcribers' models take in.
pub(super) const MODEL_RATE: usize = 16_000;
// Root mean square of 16-bit samples; the idle noise of a telephone line is well below, a whisper above.
const QUIET: f32 = 60.0;

/// Mono 16-bit PCM at 8,000 Hz as samples from -1 to 1 at [`MODEL_RATE`], with so many of silence before and after, and of so many at least.
pub(super) fn padded(pcm: &[i16], [lead_in, lead_out]: [usize; 2], shortest: usize) -> Vec<f32> {
    let sound = resample(pcm, SAMPLE_RATE, MODEL_RATE as u32);
    let mut samples = vec![0.0; lead_in];
    samples.extend(sound.iter().map(|&s| f32::from(s) / 32_768.0));
    samples.resize((samples.len() + lead_out).max(shortest), 0.0);
    samples
}

/// Whether there is no loud moment in it, so that no words can be.
pub(super) fn is_quiet(pcm: &[i16]) -> bool {
    let loudness =
        |frame: &[i16]| (frame.iter().map(|&s| f32::from(s) * f32::from(s)).sum::<f32>() / frame.len() as f32).sqrt();
    pcm.chunks(SAMPLE_RATE as usize / 50).all(|frame| loudness(frame) < QUIET)
}
