//! What a voice gives, made fit for the line: even in loudness, without the silence around it, with the pause that belongs there.

use crate::media::SAMPLE_RATE;
use std::time::Duration;

// Root mean square of the speech in it: -20 dB of full scale, as telephone speech is.
const LOUDNESS: f32 = 3_276.8;
const PEAK: f32 = 29_000.0;
const FRAME: usize = SAMPLE_RATE as usize / 100;
// Quieter frames at either end are silence.
const AUDIBLE: f32 = 130.0;
// Kept of the silence on either side, so that no sound is cut at its edge.
const MARGIN_FRAMES: usize = 2;

/// The factor that brings a voice to the line's loudness.
pub(super) fn gain_for(pcm: &[i16]) -> f32 {
    let power: Vec<f32> = pcm.chunks(FRAME).map(loudness).filter(|&level| level > AUDIBLE).map(|l| l * l).collect();
    if power.is_empty() {
        return 1.0;
    }
    LOUDNESS / (power.iter().sum::<f32>() / power.len() as f32).sqrt()
}

/// A clause as it is played: trimmed, at the line's loudness, with the pause after it.
pub(super) fn finished(pcm: &[i16], gain: f32, pause: Duration) -> Vec<i16> {
    let mut sound: Vec<i16> = trimmed(pcm, gain).iter().map(|&s| limited(f32::from(s) * gain)).collect();
    sound.resize(sound.len() + pause.as_millis() as usize * SAMPLE_RATE as usize / 1_000, 0);
    sound
}

fn trimmed(pcm: &[i16], gain: f32) -> &[i16] {
    let audible = |frame: &[i16]| loudness(frame) * gain > AUDIBLE;
    let Some(first) = pcm.chunks(FRAME).position(audible) else { return &[] };
    let last = pcm.chunks(FRAME).rposition(audible).unwrap_or(first);
    let start = first.saturating_sub(MARGIN_FRAMES) * FRAME;
    let end = ((last + 1 + MARGIN_FRAMES) * FRAME).min(pcm.len());
    &pcm[start..end]
}

// Straight up to half the peak, then bent towards it.
fn limited(sample: f32) -> i16 {
    let knee = PEAK / 2.0;
    let over = (sample.abs() - knee).max(0.0);
    let bent = sample.abs().min(knee) + knee * (over / knee).tanh();
    bent.copysign(sample) as i16
}

fn loudness(frame: &[i16]) -> f32 {
    (frame.iter().map(|&s| f32::from(s) * f32::from(s)).sum::<f32>() / frame.len() as f32).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(samples: usize, amplitude: f32) -> Vec<i16> {
        (0..samples).map(|n| ((n as f32 * 0.4).sin() * amplitude) as i16).collect()
    }

    #[test]
    fn silence_around_speech_gives_way_to_the_pause() {
        let spoken = [vec![0; 4_000], tone(8_000, 4_000.0), vec![3; 6_000]].concat();
        let played = finished(&spoken, 1.0, Duration::from_millis(100));
        let margins = 2 * MARGIN_FRAMES * FRAME;
        assert!(played.len().abs_diff(8_000 + margins + 800) <= FRAME, "{}", played.len());
        assert!(played[played.len() - 800..].iter().all(|&s| s == 0));
    }

    #[test]
    fn loudness_is_brought_to_the_lines() {
        let quiet = tone(8_000, 1_000.0);
        let played = finished(&quiet, gain_for(&quiet), Duration::ZERO);
        assert!((loudness(&played) / LOUDNESS - 1.0).abs() < 0.05, "{}", loudness(&played));
    }

    #[test]
    fn nothing_clips() {
        assert!(finished(&tone(800, 30_000.0), 3.0, Duration::ZERO).iter().all(|s| s.unsigned_abs() <= 29_000));
        assert!(finished(&[], 3.0, Duration::ZERO).is_empty());
    }
}
