//! Voice activity by WebRTC's Gaussian-mixture detector.

use super::VoiceActivityDetector;
use crate::media::Frame;

/// One caller's detector.
pub struct WebRtcVad {}

impl WebRtcVad {
    /// A detector that has heard nothing yet.
    #[must_use]
    pub fn new() -> Self {
        unimplemented!()
    }
}

impl Default for WebRtcVad {
    fn default() -> Self {
        Self::new()
    }
}

impl VoiceActivityDetector for WebRtcVad {
    fn probability(&mut self, _frame: &Frame) -> f32 {
        unimplemented!()
    }
}
