//! Noise behind the caller's words.

use crate::media::{FRAME_SAMPLES, Frame};

/// A noise that goes on through the whole call, under speech and silence alike.
#[derive(Clone, Debug)]
pub struct Noise {
    pcm: Vec<i16>,
    gain: f32,
    at: usize,
}

impl Noise {
    /// Repeats `pcm` so loud that speech of `speech_dbfs` lies `snr_db` above it. `seed` chooses where it starts.
    #[must_use]
    pub fn new(pcm: Vec<i16>, speech_dbfs: f32, snr_db: f32, seed: u64) -> Self {
        let wanted = speech_dbfs - snr_db;
        let gain = 10_f32.powf((wanted - crate::media::level_dbfs(&pcm)) / 20.0);
        let at = (seed % (pcm.len().max(1) as u64)) as usize;
        Self { pcm, gain, at }
    }

    /// Adds the next 20 ms of it.
    pub fn add_to(&mut self, frame: &mut Frame) {
        if self.pcm.is_empty() {
            return;
        }
        for sample in &mut frame.0 {
            let noise = f32::from(self.pcm[self.at]) * self.gain;
            *sample = (f32::from(*sample) + noise).clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16;
            self.at = (self.at + 1) % self.pcm.len();
        }
    }
}

/// Level of the parts of `pcm` that are no silence; speech with its pauses would measure too low.
#[must_use]
pub fn active_level_dbfs(pcm: &[i16]) -> f32 {
    let active: Vec<i16> = pcm
        .chunks(FRAME_SAMPLES)
        .filter(|chunk| crate::media::level_dbfs(chunk) > super::ear::AUDIBLE_DBFS)
        .flatten()
        .copied()
        .collect();
    crate::media::level_dbfs(&active)
}
