//! The models' seams: traits that an adapter and a scripted double implement. All are synchronous: one thread owns one model.

use crate::conversation::{
    Choice, ChooseRequest, ExtractRequest, Hint, Message, ModelFailure, ReplyRequest, Transcript,
};
use crate::lead::SlotName;
use crate::media::Frame;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(feature = "speech")]
pub mod candle;
#[cfg(feature = "speech")]
mod filter;
#[cfg(feature = "speech")]
pub mod moonshine;
#[cfg(feature = "speech")]
mod onnx;
#[cfg(feature = "piper")]
pub mod piper;
#[cfg(all(test, feature = "speech"))]
mod real;
pub mod scripted;
#[cfg(feature = "speech")]
pub mod silero;
#[cfg(feature = "speech")]
pub mod smart_turn;
#[cfg(feature = "speech")]
mod sound;
#[cfg(feature = "speech")]
pub mod two_ears;
#[cfg(feature = "speech")]
pub mod webrtc_vad;
#[cfg(feature = "speech")]
pub mod whisper;
pub mod worker;

#[cfg(feature = "speech")]
pub use candle::{CandleOptions, CandleResponder};
#[cfg(feature = "speech")]
pub use moonshine::Moonshine;
#[cfg(feature = "piper")]
pub use piper::{Piper, PiperPaths};
#[cfg(feature = "speech")]
pub use silero::{Silero, SileroVad};
#[cfg(feature = "speech")]
pub use smart_turn::SmartTurn;
#[cfg(feature = "speech")]
pub use two_ears::TwoEars;
#[cfg(feature = "speech")]
pub use webrtc_vad::WebRtcVad;
#[cfg(feature = "speech")]
pub use whisper::{Whisper, WhisperOptions};
pub use worker::{Refused, Starting, Worker};

/// What lies beside a Moonshine model's `NAME.encoder.onnx`: `NAME.decoder.onnx` and `NAME.tokenizer.json`.
pub fn parts_beside(encoder: &Path) -> [PathBuf; 2] {
    let name = encoder.file_name().unwrap_or_default().to_string_lossy();
    let name = name.trim_end_matches(".onnx").trim_end_matches(".encoder");
    ["decoder.onnx", "tokenizer.json"].map(|ending| encoder.with_file_name(format!("{name}.{ending}")))
}

/// Tells a running model that its work is not wanted any more. Clones share one state; it can't be taken back.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// One that lets the work run.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for the work to be dropped.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work is to be dropped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

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
    /// The time allowed was up before the first result.
    #[error("{what} was not ready in time")]
    Late {
        /// Which model.
        what: &'static str,
    },
    /// The work was dropped because [`Stop`] or the sink said so.
    #[error("the work was stopped")]
    Stopped,
}

impl From<&SpeechError> for ModelFailure {
    fn from(error: &SpeechError) -> Self {
        match error {
            SpeechError::Late { .. } | SpeechError::Stopped => Self::Late,
            SpeechError::Load { .. } | SpeechError::Run { .. } => Self::Broken,
        }
    }
}

/// Tells speech from everything else.
pub trait VoiceActivityDetector: Send {
    /// Probability, 0 to 1, that the frame holds speech. Frames come in order.
    fn probability(&mut self, frame: &Frame) -> f32;
}

/// Tells by the sound of somebody's speech whether they are done.
pub trait TurnDetector: Send {
    /// Probability, 0 to 1, that the turn is over: mono 16-bit PCM at 8,000 Hz from the beginning of the turn (the last 8 s of it count) to a
    /// pause of some 200 ms.
    ///
    /// # Errors
    /// [`SpeechError::Run`] when the model fails.
    fn done(&mut self, pcm: &[i16]) -> Result<f32, SpeechError>;
}

/// Speech to text.
///
/// Whisper needs a thread on which no ONNX model runs: whisper.cpp sets up a processor's matrix unit (AMX) once for each thread, and ONNX
/// Runtime changes that. What is heard afterwards is gibberish.
pub trait Transcriber: Send {
    /// Transcribes mono 16-bit PCM at 8,000 Hz.
    ///
    /// # Errors
    /// [`SpeechError::Stopped`] when told to stop, [`SpeechError::Run`] when the model fails.
    fn transcribe(&mut self, pcm: &[i16], hint: Hint, stop: &Stop) -> Result<Transcript, SpeechError>;
}

/// A transcriber that can tell how well other words fit the sound it heard last.
pub trait SecondEar: Transcriber {
    /// The log-probability of each of these texts; all the same when they are too long to be weighed.
    ///
    /// # Errors
    /// [`SpeechError::Run`] when the model fails, or nothing was heard yet.
    fn weigh(&mut self, texts: &[String]) -> Result<Vec<f32>, SpeechError>;
}

/// Words the receptionist's replies, and finds details in what a caller said.
pub trait Responder: Send {
    /// Takes in what is the same in every call but isn't needed at its beginning, such as what may be told to callers: background work between
    /// the model's start and the first call. What was taken in before a stop stays useful.
    ///
    /// # Errors
    /// [`SpeechError::Stopped`] when told to stop, [`SpeechError::Run`] when the model fails.
    fn warm_up(&mut self, _choices: &Arc<[Choice]>, _stop: &Stop) -> Result<(), SpeechError> {
        Ok(())
    }

    /// Tells which of the choices answers what the caller said: its place in the list, or nothing when none does.
    ///
    /// # Errors
    /// [`SpeechError::Late`] when `request.budget` is over, [`SpeechError::Stopped`] when told to stop, [`SpeechError::Run`] when the model
    /// fails.
    fn choose(&mut self, request: &ChooseRequest, stop: &Stop) -> Result<Option<usize>, SpeechError>;

    /// Takes in a chat ahead of time, so that a reply that continues it starts sooner. What was taken in before a stop stays useful.
    ///
    /// # Errors
    /// [`SpeechError::Stopped`] when told to stop, [`SpeechError::Run`] when the model fails.
    fn prepare(&mut self, messages: &[Message], stop: &Stop) -> Result<(), SpeechError>;

    /// Gives the reply piece by piece; the sink can say stop, and so can `stop` while nothing has come yet.
    ///
    /// # Errors
    /// [`SpeechError::Late`] when `request.budget` is over before the first words, [`SpeechError::Stopped`] when told to stop,
    /// [`SpeechError::Run`] when the model fails.
    fn reply(
        &mut self,
        request: &ReplyRequest,
        stop: &Stop,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<(), SpeechError>;

    /// Finds the wanted details. Decoding is constrained to one JSON object with the wanted keys; a detail that is not there is left out.
    ///
    /// # Errors
    /// [`SpeechError::Stopped`] when told to stop, [`SpeechError::Run`] when the model fails.
    fn extract(&mut self, request: &ExtractRequest, stop: &Stop) -> Result<Vec<(SlotName, String)>, SpeechError>;
}

/// Text to speech.
pub trait Synthesizer: Send {
    /// Gives mono 16-bit PCM at 8,000 Hz piece by piece, clause by clause; the sink can say stop.
    ///
    /// # Errors
    /// [`SpeechError::Stopped`] when the sink says stop, [`SpeechError::Run`] when the voice fails.
    fn synthesize(&mut self, text: &str, sink: &mut dyn FnMut(&[i16]) -> ControlFlow<()>) -> Result<(), SpeechError>;
}
