//! The caller's latest sound, addressed by frame number.

use crate::media::{FRAME_SAMPLES, Frame};
use std::ops::Range;

/// Frames kept at least: two minutes, several times the longest utterance.
const KEPT_FRAMES: usize = 6_000;

/// The caller's latest sound.
#[derive(Debug, Default)]
pub(super) struct SoundWindow {
    first: u64,
    pcm: Vec<i16>,
}

impl SoundWindow {
    /// Nothing heard yet.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds a frame and gives its number.
    pub(super) fn push(&mut self, frame: &Frame) -> u64 {
        if self.pcm.len() >= 2 * KEPT_FRAMES * FRAME_SAMPLES {
            self.pcm.drain(..KEPT_FRAMES * FRAME_SAMPLES);
            self.first += KEPT_FRAMES as u64;
        }
        let index = self.first + (self.pcm.len() / FRAME_SAMPLES) as u64;
        self.pcm.extend_from_slice(&frame.0);
        index
    }

    /// The samples of these frames, as far as they are kept.
    pub(super) fn slice(&self, frames: Range<u64>) -> Vec<i16> {
        let sample = |index: u64| (index.saturating_sub(self.first) as usize * FRAME_SAMPLES).min(self.pcm.len());
        self.pcm[sample(frames.start)..sample(frames.end).max(sample(frames.start))].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT_FRAMES, SoundWindow};
    use crate::media::{FRAME_SAMPLES, Frame};

    #[test]
    fn frames_keep_their_numbers_when_old_ones_are_dropped() {
        let mut window = SoundWindow::new();
        for number in 0..(2 * KEPT_FRAMES as u64 + 50) {
            assert_eq!(window.push(&Frame([(number % 30_000) as i16; FRAME_SAMPLES])), number);
        }
        let slice = window.slice(12_010..12_012);
        assert_eq!(slice.len(), 2 * FRAME_SAMPLES);
        assert_eq!((slice[0], slice[FRAME_SAMPLES]), (12_010, 12_011));
        assert!(window.slice(0..3).is_empty());
        assert_eq!(window.slice(12_049..99_999).len(), FRAME_SAMPLES);
    }
}
