//! The language model: GGUF files run by candle.

use super::{Responder, SpeechError, Stop};
use crate::conversation::{ExtractRequest, Message, ReplyRequest};
use crate::lead::SlotName;
use std::ops::ControlFlow;
use std::path::Path;

/// How the language model is run.
#[derive(Clone, Debug, PartialEq)]
pub struct CandleOptions {
    /// How many chats' prefixes are kept at once: one for each call taken at once and one for extraction.
    pub kv_slots: usize,
    /// Longest chat with its reply, in tokens.
    pub context_tokens: usize,
    /// 0 takes the likeliest token always; higher is more varied.
    pub temperature: f32,
}

impl Default for CandleOptions {
    fn default() -> Self {
        Self { kv_slots: 3, context_tokens: 2048, temperature: 0.0 }
    }
}

/// A language model from a GGUF file.
pub struct CandleResponder {}

impl CandleResponder {
    /// Loads the model and runs it once, so that the first caller doesn't wait for its repacking.
    ///
    /// # Errors
    /// When the file is missing, damaged, of an architecture that isn't supported, or has no chat template.
    pub fn load(_path: &Path, _options: CandleOptions) -> Result<Self, SpeechError> {
        unimplemented!()
    }
}

impl Responder for CandleResponder {
    fn prepare(&mut self, _messages: &[Message], _stop: &Stop) -> Result<(), SpeechError> {
        unimplemented!()
    }

    fn reply(
        &mut self,
        _request: &ReplyRequest,
        _stop: &Stop,
        _sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<(), SpeechError> {
        unimplemented!()
    }

    fn extract(&mut self, _request: &ExtractRequest, _stop: &Stop) -> Result<Vec<(SlotName, String)>, SpeechError> {
        unimplemented!()
    }
}
