//! Text to speech by a Piper voice, clause by clause, at the line's rate and loudness.

mod clause;
mod espeak;
mod sound;
#[cfg(test)]
mod tests;

use super::{SpeechError, Synthesizer, onnx};
use crate::media::{SAMPLE_RATE, resample};
use piper_rs::ModelConfig;
use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

const WHAT: &str = "the voice";
// Spoken into nothing at load: it warms the voice up and tells how loud it is.
const SAMPLE: &str = "Thank you for calling, how can I help you today?";

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
pub struct Piper {
    voice: piper_rs::Piper,
    language: String,
    gain: f32,
}

impl Piper {
    /// Loads the voice and speaks once into nothing, so that the first caller doesn't wait for it. Load before other threads
    /// open files by relative paths: espeak-ng finds its data by the working folder, which is changed for a moment.
    ///
    /// # Errors
    /// When a file is missing or of the wrong kind.
    pub fn load(paths: &PiperPaths, threads: usize) -> Result<Self, SpeechError> {
        let config = read_config(&paths.config)?;
        let language = config.espeak.voice.clone();
        espeak::start(paths.espeak.as_deref(), &language)?;
        let session = onnx::open(WHAT, &paths.voice, &paths.onnxruntime, threads)?;
        let mut piper = Self { voice: piper_rs::Piper::from_session(session, config), language, gain: 1.0 };
        let sample = piper.speak(&clause::Clause::whole(SAMPLE))?;
        piper.gain = sound::gain_for(&sample);
        Ok(piper)
    }

    // At the line's rate, as loud as the voice is.
    fn speak(&mut self, clause: &clause::Clause) -> Result<Vec<i16>, SpeechError> {
        let phonemes = clause.phonemes(|words| espeak::phonemes(words, &self.language))?;
        if phonemes.chars().all(|c| !c.is_alphabetic()) {
            return Ok(Vec::new());
        }
        let (samples, rate) = self.voice.create(&phonemes, true, None, None, None, None).map_err(failed)?;
        let pcm: Vec<i16> = samples.iter().map(|s| (s * 32_767.0) as i16).collect();
        Ok(resample(&pcm, rate, SAMPLE_RATE))
    }
}

impl Synthesizer for Piper {
    fn synthesize(&mut self, text: &str, sink: &mut dyn FnMut(&[i16]) -> ControlFlow<()>) -> Result<(), SpeechError> {
        for clause in clause::clauses(text) {
            let spoken = self.speak(&clause)?;
            if spoken.is_empty() {
                continue;
            }
            if sink(&sound::finished(&spoken, self.gain, clause.pause())).is_break() {
                return Err(SpeechError::Stopped);
            }
        }
        Ok(())
    }
}

fn read_config(path: &Path) -> Result<ModelConfig, SpeechError> {
    let file = File::open(path).map_err(|e| onnx::load_error(WHAT, path, &e))?;
    serde_json::from_reader(BufReader::new(file)).map_err(|e| onnx::load_error(WHAT, path, &e))
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn failed(error: impl ToString) -> SpeechError {
    SpeechError::Run { what: WHAT, why: error.to_string() }
}
