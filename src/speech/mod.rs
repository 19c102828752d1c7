//! The models' seams: traits that an adapter and a scripted double implement. All are synchronous: one thread owns one model.

use crate::conversation::{ExtractRequest, Hint, Message, ReplyRequest, Transcript};
use crate::lead::SlotName;
use crate::media::Frame;
use std::ops::ControlFlow;

/// Why a model could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    /// A file is missing, of the wrong kind or damaged.
    #[error("{what} can't be loaded from {path}: {why}. Run `backstop models pull` and `backstop models verify`")]
    Load {
        /// Which model.
        what: &'static str,
        /// Which file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The model failed at its work.
    #[error("{what} failed: {why}")]
    Run {
        /// Which model.
        what: &'static str,
        /// What it said.
        why: String,
    },
}

/// Tells speech from everything else.
pub trait VoiceActivityDetector: Send {
    /// Probability, 0 to 1, that the frame holds speech. Frames come in order.
    fn probability(&mut self, frame: &Frame) -> f32;
}

/// Speech to text.
pub trait Transcriber: Send {
    /// Transcribes mono 16-bit PCM at 8,000 Hz. `stop` is asked now and then; when it says so, the work is dropped.
    ///
    /// # Errors
    /// When the model fails.
    fn transcribe(&mut self, pcm: &[i16], hint: Hint, stop: &dyn Fn() -> bool) -> Result<Transcript, SpeechError>;
}

/// Words the receptionist's replies, and finds details in what a caller said.
pub trait Responder: Send {
    /// Takes in a chat ahead of time, so that a reply that continues it starts sooner.
    ///
    /// # Errors
    /// When the model fails.
    fn prepare(&mut self, messages: &[Message], stop: &dyn Fn() -> bool) -> Result<(), SpeechError>;

    /// Gives the reply piece by piece; the sink can say stop.
    ///
    /// # Errors
    /// When the model fails.
    fn reply(
        &mut self,
        request: &ReplyRequest,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<(), SpeechError>;

    /// Finds the wanted details. Decoding is constrained to one JSON object with the wanted keys; a detail that is not there is left out.
    ///
    /// # Errors
    /// When the model fails.
    fn extract(
        &mut self,
        request: &ExtractRequest,
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<(SlotName, String)>, SpeechError>;
}

/// Text to speech.
pub trait Synthesizer: Send {
    /// Gives mono 16-bit PCM at 8,000 Hz piece by piece, clause by clause; the sink can say stop.
    ///
    /// # Errors
    /// When the voice fails.
    fn synthesize(&mut self, text: &str, sink: &mut dyn FnMut(&[i16]) -> ControlFlow<()>) -> Result<(), SpeechError>;
}
