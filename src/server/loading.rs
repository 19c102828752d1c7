//! The real models behind the traits, by their files.

use super::workers::Models;
use crate::models::{Cache, ModelPaths};
use crate::speech::{CandleOptions, CandleResponder, Piper, PiperPaths, WebRtcVad, Whisper, WhisperOptions};

impl Models {
    /// The models at these paths; nothing is loaded before [`super::Server::start`]. `threads` is for each model.
    #[must_use]
    pub fn from_paths(paths: ModelPaths, profile: &str, threads: usize) -> Self {
        let ModelPaths { transcriber, responder, voice, voice_config, onnxruntime, espeak_data, .. } = paths;
        let shelf = Cache::locate().ok().map(|cache| cache.root().join("prefixes"));
        let options = CandleOptions { shelf, ..CandleOptions::default() };
        let voice = PiperPaths { voice, config: voice_config, onnxruntime, espeak: espeak_data };
        Self {
            voice_activity: Box::new(|| Box::new(WebRtcVad::new())),
            transcriber: Box::new(move || {
                Ok(Box::new(Whisper::load(&transcriber, &WhisperOptions { threads, ..WhisperOptions::default() })?))
            }),
            responder: Box::new(move || Ok(Box::new(CandleResponder::load(&responder, options)?))),
            voice: Box::new(move || Ok(Box::new(Piper::load(&voice, threads)?))),
            profile: profile.to_owned(),
        }
    }
}
