//! The unit in which all sound inside a call moves.

use std::time::Duration;

/// Samples a second on the telephone line.
pub const SAMPLE_RATE: u32 = 8_000;
/// Samples in one frame.
pub const FRAME_SAMPLES: usize = 160;
/// How long one frame lasts.
pub const FRAME_DURATION: Duration = Duration::from_millis(20);

/// 20 ms of mono 16-bit linear PCM at 8,000 Hz.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frame(pub [i16; FRAME_SAMPLES]);

impl Frame {
    /// A frame without sound.
    pub const SILENCE: Self = Self([0; FRAME_SAMPLES]);
}

impl Default for Frame {
    fn default() -> Self {
        Self::SILENCE
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame(peak {})", self.0.iter().map(|s| s.unsigned_abs()).max().unwrap_or(0))
    }
}
