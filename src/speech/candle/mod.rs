//! The language model: GGUF files run by candle.
//!
//! A reply costs what is new in its chat: the tokens that the model has taken in before are kept (see [`slots`]), so that a
//! turn pays for the caller's last words only. Work is done in pieces of a few dozen tokens; between them the model can be
//! stopped. Candle takes as many threads as the machine has cores, or `RAYON_NUM_THREADS`.

mod chat;
mod choose;
mod extract;
mod matrix;
mod shelf;
mod slots;
#[cfg(test)]
mod tests;
mod vocabulary;
mod weights;
mod writing;

use super::{Responder, SpeechError, Stop};
use crate::conversation::{Choice, ChooseRequest, ExtractRequest, Message, ReplyRequest, Role};
use crate::lead::SlotName;
use candle_core::quantized::gguf_file::Content;
use chat::Template;
use shelf::Shelf;
use slots::{Slot, Slots};
use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use vocabulary::Vocabulary;
use weights::{Weights, metadata};
use writing::{Deadline, Writing};

const WHAT: &str = "the language model";
// A prompt of so many tokens is worth being kept on disk.
const WORTH_SHELVING: usize = 64;
// An extraction is short: instruction, examples, one turn and its answer.
const EXTRACTION_TOKENS: usize = 1_024;
// So is a choice: what may be told, and one question.
const CHOICE_TOKENS: usize = 1_536;

/// How the language model is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandleOptions {
    /// How many chats' prefixes are kept at once: one more than calls are taken at once.
    pub kv_slots: usize,
    /// Longest chat with its reply, in tokens.
    pub context_tokens: usize,
    /// Folder in which what was taken in of unchanging prompts is kept between runs, if anywhere.
    pub shelf: Option<PathBuf>,
}

impl Default for CandleOptions {
    fn default() -> Self {
        Self { kv_slots: 2, context_tokens: 2_048, shelf: None }
    }
}

/// A language model from a GGUF file.
pub struct CandleResponder {
    weights: Weights,
    vocabulary: Vocabulary,
    template: Template,
    chats: Slots,
    extraction: Slot,
    choice: Slot,
    // The letters' scores for a question without content, for the choices that the slot holds.
    liked: Option<(Arc<[Choice]>, Vec<f32>)>,
    shelf: Shelf,
    options: CandleOptions,
}

impl CandleResponder {
    /// Loads the model and feeds it a few tokens, so that candle lays the weights out now.
    ///
    /// # Errors
    /// When the file is missing, damaged, of an architecture that isn't supported, or has no chat template.
    pub fn load(path: &Path, options: CandleOptions) -> Result<Self, SpeechError> {
        let load = |why: String| SpeechError::Load { what: WHAT, path: path.display().to_string(), why };
        let mut responder = Self::read(path, options).map_err(|error| load(error.to_string()))?;
        responder.first_use().map_err(|error| load(error.to_string()))?;
        Ok(responder)
    }

    fn read(path: &Path, options: CandleOptions) -> candle_core::Result<Self> {
        let content = Content::read(&mut BufReader::new(File::open(path)?))?;
        let longest = options.context_tokens.max(EXTRACTION_TOKENS).max(CHOICE_TOKENS);
        let weights = Weights::read(&content, path, longest)?;
        let vocabulary = Vocabulary::read(&content)?;
        let source = metadata(&content, "tokenizer.chat_template")?.to_string()?.clone();
        let mark = |key| vocabulary::special_token(&content, key).unwrap_or_default();
        let (begin, end) = (mark("tokenizer.ggml.bos_token_id"), mark("tokenizer.ggml.eos_token_id"));
        let template = Template::new(source, begin, end).map_err(candle_core::Error::wrap)?;
        let chats = Slots::new(&weights, options.kv_slots, options.context_tokens)?;
        let extraction = Slot::new(&weights, EXTRACTION_TOKENS)?;
        let choice = Slot::new(&weights, CHOICE_TOKENS)?;
        let shelf = Shelf::new(options.shelf.clone(), path)?;
        Ok(Self { weights, vocabulary, template, chats, extraction, choice, liked: None, shelf, options })
    }

    // The first chunk and the first single token make candle lay out the weights for each.
    fn first_use(&mut self) -> Result<(), SpeechError> {
        let instruction = self.tokens(&extract::messages("", ""), true)?;
        let mut writing = Writing::new(&self.weights, &mut self.extraction, Deadline::none(&Stop::new()));
        writing.push(instruction.get(..2).unwrap_or(&instruction));
        writing.absorb()?;
        writing.push(instruction.get(2..3).unwrap_or(&instruction));
        writing.scores().map(|_| ())
    }

    /// How many tokens a chat is.
    ///
    /// # Errors
    /// When the model's template can't write it.
    pub fn count(&self, messages: &[Message]) -> Result<usize, SpeechError> {
        self.tokens(messages, false).map(|tokens| tokens.len())
    }

    fn tokens(&self, messages: &[Message], reply: bool) -> Result<Vec<u32>, SpeechError> {
        let text = self.template.render(messages, reply).map_err(failed)?;
        self.vocabulary.encode(&text).map_err(failed)
    }

    fn letter_scores(&mut self, choices: &[Choice], said: &str, deadline: Deadline) -> Result<Vec<f32>, SpeechError> {
        let tokens = self.tokens(&choose::messages(choices, said), true)?;
        if tokens.len() > CHOICE_TOKENS {
            return Err(failed("the facts and the caller's words are too long together"));
        }
        let letters = choose::letters(&self.vocabulary, choices.len())?;
        let new = self.choice.cut_before_last(&tokens);
        tracing::debug!(kept = tokens.len() - new.len(), new = new.len(), "a question is looked up");
        let mut writing = Writing::new(&self.weights, &mut self.choice, deadline);
        writing.push(new);
        choose::scores(&mut writing, &letters)
    }

    // What the letters are liked without a question.
    fn liked(&mut self, choices: &Arc<[Choice]>, stop: &Stop) -> Result<Vec<f32>, SpeechError> {
        if let Some((_, scores)) = self.liked.as_ref().filter(|(of, _)| of == choices) {
            return Ok(scores.clone());
        }
        let scores = self.letter_scores(choices, choose::NOTHING, Deadline::none(stop))?;
        self.liked = Some((Arc::clone(choices), scores.clone()));
        Ok(scores)
    }

    // A chat that has grown too long loses its oldest turns, never its system message and its last turn.
    fn fitting(&self, messages: &[Message], reply: bool, room: usize) -> Result<Vec<u32>, SpeechError> {
        let mut messages = messages.to_vec();
        loop {
            let tokens = self.tokens(&messages, reply)?;
            if tokens.len() + room <= self.options.context_tokens {
                return Ok(tokens);
            }
            if messages.len() <= 2 {
                return Err(failed(format!("a prompt of {} tokens is too long", tokens.len())));
            }
            messages.remove(1);
        }
    }
}

// Takes tokens in that are the same in every call and at every start.
fn take_in(weights: &Weights, slot: &mut Slot, tokens: &[u32], shelf: &Shelf, stop: &Stop) -> Result<(), SpeechError> {
    let is_new = slot.cut_to(tokens).len() >= WORTH_SHELVING;
    if is_new && shelf.fetch(slot, tokens) {
        return Ok(());
    }
    let mut writing = Writing::new(weights, slot, Deadline::none(stop));
    writing.push(&tokens[writing.taken()..]);
    writing.absorb()?;
    if is_new {
        shelf.put(slot);
    }
    Ok(())
}

impl Responder for CandleResponder {
    fn warm_up(&mut self, choices: &Arc<[Choice]>, stop: &Stop) -> Result<(), SpeechError> {
        let known = self.tokens(&choose::instruction(choices), false)?;
        if !choices.is_empty() && known.len() < CHOICE_TOKENS {
            take_in(&self.weights, &mut self.choice, &known, &self.shelf, stop)?;
            self.liked(choices, stop)?;
        }
        let instruction = self.tokens(&extract::instruction(), false)?;
        take_in(&self.weights, &mut self.extraction, &instruction, &self.shelf, stop)
    }

    fn choose(&mut self, request: &ChooseRequest, stop: &Stop) -> Result<Option<usize>, SpeechError> {
        if request.choices.is_empty() {
            return Ok(None);
        }
        let deadline = Deadline::within(request.budget, stop);
        let liked = self.liked(&request.choices, stop)?;
        let scores = self.letter_scores(&request.choices, &request.said, deadline)?;
        tracing::debug!(?scores, ?liked, "scored");
        Ok(choose::choose(&scores, &liked))
    }

    fn prepare(&mut self, messages: &[Message], stop: &Stop) -> Result<(), SpeechError> {
        let tokens = self.fitting(messages, false, 0)?;
        let slot = self.chats.take(&tokens).map_err(failed)?;
        let new = slot.cut_to(&tokens);
        tracing::debug!(kept = tokens.len() - new.len(), new = new.len(), "a chat is taken in ahead of time");
        if let [Message { role: Role::System, .. }] = messages {
            return take_in(&self.weights, slot, &tokens, &self.shelf, stop);
        }
        let mut writing = Writing::new(&self.weights, slot, Deadline::none(stop));
        writing.push(new);
        writing.absorb()
    }

    fn reply(
        &mut self,
        request: &ReplyRequest,
        stop: &Stop,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<(), SpeechError> {
        let deadline = Deadline::within(request.budget, stop);
        let tokens = self.fitting(&request.messages, true, request.max_tokens)?;
        let slot = self.chats.take(&tokens).map_err(failed)?;
        let new = slot.cut_before_last(&tokens);
        tracing::debug!(kept = tokens.len() - new.len(), new = new.len(), "a reply begins");
        let mut writing = Writing::new(&self.weights, slot, deadline);
        writing.push(new);
        writing.write(&self.vocabulary, request.max_tokens, sink)
    }

    fn extract(&mut self, request: &ExtractRequest, stop: &Stop) -> Result<Vec<(SlotName, String)>, SpeechError> {
        let tokens = self.tokens(&extract::messages(&request.asked, &request.said), true)?;
        if tokens.len() + extract::LONGEST_ANSWER > EXTRACTION_TOKENS {
            return Err(failed("the caller's turn is too long".to_owned()));
        }
        let new = self.extraction.cut_before_last(&tokens);
        tracing::debug!(kept = tokens.len() - new.len(), new = new.len(), "details are looked for");
        let mut writing = Writing::new(&self.weights, &mut self.extraction, Deadline::none(stop));
        writing.push(new);
        extract::fill(&mut writing, &self.vocabulary, &request.said, &request.wanted)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn failed(error: impl ToString) -> SpeechError {
    SpeechError::Run { what: WHAT, why: error.to_string() }
}
