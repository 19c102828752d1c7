//! What the caller is putting on the line: a sound, 20 ms at a time.

use super::ear::AUDIBLE_DBFS;
use crate::media::{FRAME_SAMPLES, Frame, level_dbfs};

/// A sound being played.
#[derive(Clone, Debug)]
pub(super) struct Line {
    frames: Vec<Frame>,
    next: usize,
    /// The frame with the last sound that is no silence.
    last_audible: usize,
}

/// One frame of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Played {
    pub(super) frame: Frame,
    /// The speech ends in this frame.
    pub(super) ends_speech: bool,
}

impl Line {
    pub(super) fn new(sound: &[i16]) -> Self {
        let frames: Vec<Frame> = sound.chunks(FRAME_SAMPLES).map(padded).collect();
        let last_audible = frames.iter().rposition(|frame| level_dbfs(&frame.0) > AUDIBLE_DBFS).unwrap_or(0);
        Self { frames, next: 0, last_audible }
    }

    pub(super) fn next(&mut self) -> Option<Played> {
        let frame = *self.frames.get(self.next)?;
        let ends_speech = self.next == self.last_audible;
        self.next += 1;
        Some(Played { frame, ends_speech })
    }
}

fn padded(chunk: &[i16]) -> Frame {
    let mut frame = Frame::SILENCE;
    frame.0[..chunk.len()].copy_from_slice(chunk);
    frame
}
