//! Plain tones.

use super::{FRAME_SAMPLES, Frame, SAMPLE_RATE};
use std::f32::consts::TAU;

/// The frame of this number, from 0, of a sum of tones: their frequencies in hertz, each of this amplitude.
#[must_use]
pub fn tone_frame(number: u32, hertz: &[f32], amplitude: f32) -> Frame {
    let mut pcm = [0; FRAME_SAMPLES];
    for (n, sample) in pcm.iter_mut().enumerate() {
        let at = (number as usize * FRAME_SAMPLES + n) as f32 / SAMPLE_RATE as f32;
        *sample = (amplitude * hertz.iter().map(|hertz| (at * hertz * TAU).sin()).sum::<f32>()) as i16;
    }
    Frame(pcm)
}
