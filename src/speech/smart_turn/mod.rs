//! End of turn by sound: the Smart-Turn v3 model (BSD-2, Daily), which hears from intonation and pace whether somebody is done.

mod features;
#[cfg(test)]
mod tests;

use super::{SpeechError, TurnDetector, onnx};
use crate::media::{SAMPLE_RATE, resample};
use features::{BANDS, FRAMES, Features};
use ort::session::Session;
use ort::value::Tensor;
use std::path::Path;

const WHAT: &str = "the turn detector";
const MODEL_RATE: u32 = 16_000;

/// The Smart-Turn model.
pub struct SmartTurn {
    session: Session,
    features: Features,
}

impl SmartTurn {
    /// Loads the model and runs it once, so that the first caller doesn't wait for it. `onnxruntime` is ONNX Runtime's library, 1.24 or later.
    ///
    /// # Errors
    /// When a file is missing or of the wrong kind.
    pub fn load(model: &Path, onnxruntime: &Path) -> Result<Self, SpeechError> {
        // One thread: the other core transcribes meanwhile.
        let session = onnx::open(WHAT, model, onnxruntime, 1)?;
        let mut detector = Self { session, features: Features::new() };
        detector.done(&[0; 8_000])?;
        Ok(detector)
    }
}

impl TurnDetector for SmartTurn {
    fn done(&mut self, pcm: &[i16]) -> Result<f32, SpeechError> {
        let sound: Vec<f32> =
            resample(pcm, SAMPLE_RATE, MODEL_RATE).iter().map(|&sample| f32::from(sample) / 32_768.0).collect();
        let input = Tensor::from_array(([1, BANDS, FRAMES], self.features.of(&sound))).map_err(failed)?;
        let outputs = self.session.run(ort::inputs!["input_features" => input]).map_err(failed)?;
        let (_, values) = outputs[0].try_extract_tensor::<f32>().map_err(failed)?;
        values.first().copied().ok_or_else(|| failed("it gave no value"))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn failed(error: impl ToString) -> SpeechError {
    SpeechError::Run { what: WHAT, why: error.to_string() }
}
