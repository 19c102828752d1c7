//! Text to speech by a Piper voice.

use super::{SpeechError, Synthesizer};
use std::ops::ControlFlow;
use std::path::PathBuf;

/// The files that make a voice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PiperPaths {
    /// The voice, `*.onnx`.
    pub voice: PathBuf,
    /// Its description, `*.onnx.json`.
    pub config: PathBuf,
    /// ONNX Runtime's library, 1.24 or later.
    pub onnxruntime: PathBuf,
    /// The folder that holds `espeak-ng-data`; where none is given, the usual places are searched.
    pub espeak: Option<PathBuf>,
}

/// A Piper voice.
pub struct Piper {}

impl Piper {
    /// Loads the voice and speaks once into nothing, so that the first caller doesn't wait for it.
    ///
    /// # Errors
    /// When a file is missing or of the wrong kind.
    pub fn load(_paths: &PiperPaths, _threads: usize) -> Result<Self, SpeechError> {
        unimplemented!()
    }
}

impl Synthesizer for Piper {
    fn synthesize(&mut self, _text: &str, _sink: &mut dyn FnMut(&[i16]) -> ControlFlow<()>) -> Result<(), SpeechError> {
        unimplemented!()
    }
}
