//! Steers the delay towards its target, a frame at a time, where nobody hears it.

use super::{FRAME, JitterBuffer, MAX_DELAY_US, SAMPLE_US};
use crate::media::concealment::best_lag;
use crate::media::level::rms;
use crate::media::{FRAME_SAMPLES, Frame};

/// So many frames between two corrections of the delay: slow enough not to be heard.
const FRAMES_BETWEEN_CORRECTIONS: u32 = 10;
/// No correction while the delay is so close to its target (a correction is 20 ms).
const TOLERANCE_US: i64 = 25_000;
/// Below this level, in sample units, a frame is quiet (-52 dBFS) ...
const QUIET: f32 = 80.0;
/// ... and below this share of the recent level.
const QUIET_SHARE: f32 = 0.2;

impl JitterBuffer {
    /// Steers the delay by one frame, when it is off and nobody will hear it.
    pub(super) fn correct(&mut self, play_at: i64) -> Option<Frame> {
        if self.frames_since_correction < FRAMES_BETWEEN_CORRECTIONS {
            return None;
        }
        let excess_us = self.smoothed_delay_us as i64 - self.delay.target();
        if excess_us > TOLERANCE_US {
            return self.shorten(play_at);
        }
        if excess_us < -TOLERANCE_US {
            return self.lengthen(play_at);
        }
        None
    }

    /// Plays a frame made of more than a frame of sound.
    fn shorten(&mut self, play_at: i64) -> Option<Frame> {
        let ahead = self.peek(play_at, 2 * FRAME_SAMPLES);
        let quiet = ahead.len() == 2 * FRAME_SAMPLES && self.is_quiet(&ahead);
        let overfull = self.smoothed_delay_us as i64 > MAX_DELAY_US + TOLERANCE_US;
        let lag = if quiet {
            FRAME_SAMPLES
        } else if overfull && ahead.len() == 2 * FRAME_SAMPLES {
            let ahead: Vec<f32> = ahead.iter().map(|&sample| f32::from(sample)).collect();
            // In the two frames, the last 20 ms are compared with what lies up to 20 ms before.
            best_lag(&ahead, FRAME_SAMPLES / 2..=FRAME_SAMPLES)?.0
        } else {
            return None;
        };
        let mut frame = Frame::SILENCE;
        for (i, sample) in frame.0.iter_mut().enumerate() {
            let weight = (i + 1) as f32 / (FRAME_SAMPLES + 1) as f32;
            *sample = (f32::from(ahead[i]) * (1.0 - weight) + f32::from(ahead[i + lag]) * weight) as i16;
        }
        self.concealer.hear(&mut frame.0);
        self.gap_from = None;
        #[cfg(test)]
        self.played.push(play_at..play_at + FRAME + lag as i64);
        self.advance(play_at + FRAME + lag as i64);
        self.corrected(-(lag as i64));
        self.counts.shortened += 1;
        Some(frame)
    }

    /// Plays a frame made of no sound: the playout steps back against the network.
    fn lengthen(&mut self, play_at: i64) -> Option<Frame> {
        let ahead = self.peek(play_at, FRAME_SAMPLES);
        if ahead.len() < FRAME_SAMPLES || !self.is_quiet(&ahead) {
            return None;
        }
        let mut frame = Frame::SILENCE;
        self.concealer.conceal(&mut frame.0);
        self.corrected(FRAME);
        self.counts.lengthened += 1;
        Some(frame)
    }

    fn corrected(&mut self, samples: i64) {
        self.smoothed_delay_us += (samples * SAMPLE_US) as f32;
        self.frames_since_correction = 0;
    }

    /// Up to `count` samples that are there without a gap.
    fn peek(&self, play_at: i64, count: usize) -> Vec<i16> {
        let mut found: Vec<i16> = Vec::with_capacity(count);
        while found.len() < count {
            let at = play_at + found.len() as i64;
            let piece = self.queue.range(..=at).next_back();
            let Some((_, pcm)) = piece.and_then(|(start, piece)| piece.from(at - start)) else { break };
            found.extend_from_slice(&pcm[..pcm.len().min(count - found.len())]);
        }
        found
    }

    fn is_quiet(&self, pcm: &[i16]) -> bool {
        rms(pcm) < QUIET.max(QUIET_SHARE * self.recent_level)
    }
}
