//! The real models behind the traits, by their files.

use super::workers::{Detectors, Load, Models};
use crate::models::{Cache, ModelPaths};
use crate::speech::{
    CandleOptions, CandleResponder, Piper, PiperPaths, Silero, SmartTurn, WebRtcVad, Whisper, WhisperOptions,
};
use std::path::PathBuf;

impl Models {
    /// The models at these paths; nothing is loaded before [`super::Server::start`]. `threads` is for each model.
    #[must_use]
    pub fn from_paths(paths: ModelPaths, profile: &str, threads: usize) -> Self {
        let ModelPaths {
            voice_activity,
            transcriber,
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
        let voice_activity = detectors(voice_activity, onnxruntime.clone());
        let voice = PiperPaths { voice, config: voice_config, onnxruntime, espeak: espeak_data };
        Self {
            voice_activity,
            transcriber: Box::new(move || {
                Ok(Box::new(Whisper::load(&transcriber, &WhisperOptions { threads, ..WhisperOptions::default() })?))
            }),
            responder: Box::new(move || Ok(Box::new(CandleResponder::load(&responder, options)?))),
            turn: Box::new(move || Ok(Box::new(SmartTurn::load(&turn, &library)?))),
            voice: Box::new(move || Ok(Box::new(Piper::load(&voice, threads)?))),
            profile: profile.to_owned(),
        }
    }
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
