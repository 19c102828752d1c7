//! Speech to text by whisper.cpp.

use super::{SpeechError, Stop, Transcriber};
use crate::conversation::{Hint, Transcript};
use std::path::Path;

/// How whisper is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhisperOptions {
    /// Threads for one transcription.
    pub threads: usize,
    /// The callers' language (ISO 639-1), for multilingual models.
    pub language: String,
}

impl Default for WhisperOptions {
    fn default() -> Self {
        Self { threads: 2, language: "en".to_owned() }
    }
}

/// A whisper model in whisper.cpp's ggml form.
pub struct Whisper {}

impl Whisper {
    /// Loads the model and runs it once, so that the first caller doesn't wait for it.
    ///
    /// # Errors
    /// When the file is missing or is no ggml whisper model.
    pub fn load(_path: &Path, _options: WhisperOptions) -> Result<Self, SpeechError> {
        unimplemented!()
    }
}

impl Transcriber for Whisper {
    fn transcribe(&mut self, _pcm: &[i16], _hint: Hint, _stop: &Stop) -> Result<Transcript, SpeechError> {
        unimplemented!()
    }
}
