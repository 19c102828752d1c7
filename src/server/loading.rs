//! The real models behind the traits, by their files.

use super::workers::{Detectors, Load, Models};
use crate::models::{Cache, ModelPaths};
use crate::speech::{
    CandleOptions, CandleResponder, Moonshine, Piper, PiperPaths, Silero, SmartTurn, SpeechError, Transcriber, TwoEars,
    WebRtcVad, Whisper, WhisperOptions,
};
use std::path::{Path, PathBuf};

impl Models {
    /// The models at these paths; nothing is loaded before [`super::Server::start`]. `hearing.threads` is for each model.
    #[must_use]
    pub fn from_paths(paths: ModelPaths, profile: &str, hearing: WhisperOptions) -> Self {
        let ModelPaths {
            voice_activity,
            transcriber,
            second_transcriber,
            responder,
            turn,
            voice,
            voice_config,
            onnxruntime,
            espeak_data,
            ..
        } = paths;
        let shelf = Cache::locate().ok().map(|cache| cache.root().join("prefixes"));
        let options = CandleOptions { shelf, ..CandleOptions::default() };
        let library = onnxruntime.clone();
        let threads = hearing.threads;
        let second = second_transcriber.map(|encoder| (encoder, onnxruntime.clone()));
        let voice_activity = detectors(voice_activity, onnxruntime.clone());
        let voice = PiperPaths { voice, config: voice_config, onnxruntime, espeak: espeak_data };
        Self {
            voice_activity,
            transcriber: Box::new(move || ears(&transcriber, second, &hearing)),
            responder: Box::new(move || Ok(Box::new(CandleResponder::load(&responder, options)?))),
            turn: Box::new(move || Ok(Box::new(SmartTurn::load(&turn, &library)?))),
            voice: Box::new(move || Ok(Box::new(Piper::load(&voice, threads)?))),
            profile: profile.to_owned(),
        }
    }
}

/// Whisper, and with it the Moonshine model whose encoder and ONNX Runtime library are given. It has to be called on the thread that will hear.
///
/// # Errors
/// When a file is missing or of the wrong kind.
pub fn ears(
    whisper: &Path,
    second: Option<(PathBuf, PathBuf)>,
    options: &WhisperOptions,
) -> Result<Box<dyn Transcriber>, SpeechError> {
    let whisper = Box::new(Whisper::load(whisper, options)?);
    let Some((encoder, library)) = second else { return Ok(whisper) };
    let threads = options.threads;
    Ok(Box::new(TwoEars::new(whisper, move || Moonshine::load(&encoder, &library, threads))?))
}

fn detectors(network: Option<PathBuf>, onnxruntime: PathBuf) -> Load<Detectors> {
    Box::new(move || {
        let detectors: Box<Detectors> = match network {
            Some(network) => {
                let network = Silero::load(&network, &onnxruntime)?;
                Box::new(move || Box::new(network.detector()))
            }
            None => Box::new(|| Box::new(WebRtcVad::new())),
        };
        Ok(detectors)
    })
}
