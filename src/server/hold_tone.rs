//! What a caller hears in line between announcements: four soft notes, over and over.

use crate::media::{Frame, tone_frame};

/// Even frequencies, so that a note of half a second ends where the next one begins: at zero.
const NOTES_HZ: [f32; 4] = [262.0, 330.0, 392.0, 330.0];
const NOTE_FRAMES: u32 = 25;
const LEVEL: f32 = 1_500.0;

/// An endless tune.
#[derive(Debug, Default)]
pub(super) struct HoldTone {
    frame: u32,
}

impl HoldTone {
    /// The next 20 ms.
    pub(super) fn next_frame(&mut self) -> Frame {
        let (note, at) = (self.frame / NOTE_FRAMES, self.frame % NOTE_FRAMES);
        self.frame = self.frame.wrapping_add(1);
        tone_frame(at, &[NOTES_HZ[note as usize % NOTES_HZ.len()]], LEVEL)
    }
}
