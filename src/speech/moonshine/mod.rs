//! Speech to text by Moonshine (Jeffries et al., 2024: "Moonshine: Speech Recognition for Live Transcription and Voice Commands"), a small
//! encoder and decoder that take the sound itself, of any length: without a window there is nothing to fill, and what is short is done soon.
//!
//! It errs otherwise than whisper does, which makes it the second ear of [`super::TwoEars`].

#[cfg(test)]
mod tests;

use super::filter::{Certainty, believable};
use super::sound::{MODEL_RATE, is_quiet, padded};
use super::{SecondEar, SpeechError, Stop, Transcriber, onnx, parts_beside};
use crate::conversation::{Hint, Transcript};
use ort::session::{Session, SessionInputValue, SessionOutputs};
use ort::value::{DynValue, Tensor, ValueType};
use std::borrow::Cow;
use std::path::Path;
use tokenizers::Tokenizer;

const WHAT: &str = "the moonshine model";
// Of 172 names, addresses and times of the callers 132 were written right with these, 126 with three times and twice as much.
const SILENCE: [usize; 2] = [MODEL_RATE / 10, MODEL_RATE / 5];
const BEGIN: u32 = 1;
const END: u32 = 2;
/// The decoder's positions are 194.
const MOST_TOKENS: usize = 190;

/// A Moonshine model in the form of ONNX: encoder, decoder with its cache ("merged"), tokenizer.
pub struct Moonshine {
    encoder: Session,
    decoder: Session,
    tokenizer: Tokenizer,
    /// Names of the decoder's cache, and its shape without anything in it.
    cache: Vec<(String, [usize; 4])>,
    /// What the encoder made of the sound that was heard last.
    states: Option<DynValue>,
}

impl Moonshine {
    /// Loads the model and runs it once, so that the first caller doesn't wait for it. `encoder` is the path of `NAME.encoder.onnx`; beside it
    /// lie `NAME.decoder.onnx` and `NAME.tokenizer.json`. `onnxruntime` is ONNX Runtime's library, 1.24 or later.
    ///
    /// # Errors
    /// When a file is missing or of the wrong kind.
    pub fn load(encoder: &Path, onnxruntime: &Path, threads: usize) -> Result<Self, SpeechError> {
        let [decoder, tokenizer] = parts_beside(encoder);
        let words = Tokenizer::from_file(&tokenizer).map_err(|why| onnx::load_error(WHAT, &tokenizer, &why))?;
        let session = onnx::open(WHAT, &decoder, onnxruntime, threads)?;
        let cache = cache_of(&session).ok_or_else(|| onnx::load_error(WHAT, &decoder, &"it is no merged decoder"))?;
        let mut model = Self {
            encoder: onnx::open(WHAT, encoder, onnxruntime, threads)?,
            decoder: session,
            tokenizer: words,
            cache,
            states: None,
        };
        model.hear(&vec![0.0; MODEL_RATE], &Stop::new()).map_err(|why| onnx::load_error(WHAT, encoder, &why))?;
        Ok(model)
    }

    fn hear(&mut self, samples: &[f32], stop: &Stop) -> Result<(String, Certainty), SpeechError> {
        let sound = Tensor::from_array(([1, samples.len()], samples.to_vec())).map_err(failed)?;
        let mut encoded = self.encoder.run(ort::inputs!["input_values" => sound]).map_err(failed)?;
        let states = encoded.remove("last_hidden_state").ok_or_else(|| failed("the encoder gave nothing"))?;
        drop(encoded);
        let states = &*self.states.insert(states);
        let mut past = empty_cache(&self.cache, 1)?;
        let mut tokens = Vec::new();
        let mut sum = 0.0;
        let (mut last, mut is_ended) = (BEGIN, false);
        for step in 0..longest(samples.len()) {
            if stop.is_stopped() {
                return Err(SpeechError::Stopped);
            }
            let (token, log_probability) = next(&mut self.decoder, states, &mut past, last, step == 0)?;
            sum += log_probability;
            if token == END {
                is_ended = true;
                break;
            }
            tokens.push(token);
            last = token;
        }
        // What has no end is no answer: the decoder is lost, or there is more than it can hold.
        if !is_ended {
            tokens.clear();
        }
        let text = self.tokenizer.decode(&tokens, true).map_err(failed)?;
        let mean_log_probability = sum / (tokens.len() + 1) as f32;
        Ok((text.trim().to_owned(), Certainty { mean_log_probability, no_speech: 0.0 }))
    }

    fn tokens(&self, text: &str) -> Result<Vec<u32>, SpeechError> {
        let encoded = self.tokenizer.encode(text, false).map_err(failed)?;
        Ok(encoded.get_ids().iter().copied().chain([END]).collect())
    }
}

impl SecondEar for Moonshine {
    fn weigh(&mut self, texts: &[String]) -> Result<Vec<f32>, SpeechError> {
        let Some(states) = &self.states else { return Err(failed("nothing was heard yet")) };
        let texts: Vec<Vec<u32>> = texts.iter().map(|text| self.tokens(text)).collect::<Result<_, _>>()?;
        let (count, length) = (texts.len(), texts.iter().map(Vec::len).max().unwrap_or(0));
        if length > MOST_TOKENS {
            return Ok(vec![0.0; count]);
        }
        // Each token is told by the ones before it; what shorter texts are filled up with is not looked at.
        let before = |text: &Vec<u32>| {
            let before = [BEGIN].into_iter().chain(text.iter().copied()).chain(std::iter::repeat(END));
            before.take(length).map(i64::from).collect::<Vec<_>>()
        };
        let tokens = ([count, length], texts.iter().flat_map(before).collect());
        let (shape, values) = states.try_extract_tensor::<f32>().map_err(failed)?;
        let shape = [count, shape[1] as usize, shape[2] as usize];
        let states = Tensor::from_array((shape, values.repeat(count))).map_err(failed)?;
        let past = empty_cache(&self.cache, count)?;
        let outputs = decode(&mut self.decoder, tokens, states.into(), &past, false)?;
        let (shape, logits) = outputs["logits"].try_extract_tensor::<f32>().map_err(failed)?;
        let width = shape.last().map_or(1, |&width| width as usize);
        let told = logits.chunks(width).collect::<Vec<_>>();
        let sum = |(text, told): (&Vec<u32>, &[&[f32]])| {
            text.iter().zip(told).map(|(token, logits)| log_probability(logits, *token)).sum()
        };
        Ok(texts.iter().zip(told.chunks(length)).map(sum).collect())
    }
}

fn empty_cache(cache: &[(String, [usize; 4])], texts: usize) -> Result<Vec<(String, DynValue)>, SpeechError> {
    let empty = |(name, [_, heads, length, width]): &(String, [usize; 4])| {
        let shape = [texts, *heads, *length, *width];
        let values = vec![0.0_f32; shape.iter().product()];
        Tensor::from_array((shape, values)).map(|tensor| (name.clone(), tensor.into_dyn()))
    };
    cache.iter().map(empty).collect::<Result<_, _>>().map_err(failed)
}

fn log_probability(logits: &[f32], token: u32) -> f32 {
    let top = logits.iter().copied().fold(f32::MIN, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - top).exp()).sum();
    logits.get(token as usize).map_or(f32::MIN, |logit| logit - top - sum.ln())
}

impl Transcriber for Moonshine {
    fn transcribe(&mut self, pcm: &[i16], _hint: Hint, stop: &Stop) -> Result<Transcript, SpeechError> {
        if stop.is_stopped() {
            return Err(SpeechError::Stopped);
        }
        if is_quiet(pcm) {
            return Ok(Certainty::NOTHING.transcript(String::new()));
        }
        let (text, certainty) = self.hear(&padded(pcm, SILENCE, MODEL_RATE), stop)?;
        Ok(certainty.transcript(believable(&text, certainty, "")))
    }
}

// The token that comes next, and its log-probability. What the encoder's states became in the first step is kept for all.
fn next(
    decoder: &mut Session,
    states: &DynValue,
    past: &mut [(String, DynValue)],
    last: u32,
    is_first: bool,
) -> Result<(u32, f32), SpeechError> {
    let mut outputs = decode(decoder, ([1, 1], vec![i64::from(last)]), states.into(), past, !is_first)?;
    let best = {
        let (shape, logits) = outputs["logits"].try_extract_tensor::<f32>().map_err(failed)?;
        let width = shape.last().map_or(0, |&width| width as usize);
        // Who hears speech hears words: told by this model's first step alone, numbers would often be none.
        best_of(&logits[logits.len().saturating_sub(width)..], is_first)
    };
    for (name, value) in past.iter_mut().filter(|(name, _)| is_first || name.contains(".decoder.")) {
        if let Some(fresh) = outputs.remove(name.replacen("past_key_values", "present", 1)) {
            *value = fresh;
        }
    }
    best.ok_or_else(|| failed("the decoder gave nothing"))
}

// One run of the decoder over tokens of this shape; whether it goes on from what is kept of the ones before.
fn decode<'a>(
    decoder: &'a mut Session,
    tokens: ([usize; 2], Vec<i64>),
    states: SessionInputValue<'_>,
    past: &[(String, DynValue)],
    goes_on: bool,
) -> Result<SessionOutputs<'a>, SpeechError> {
    let tokens = Tensor::from_array(tokens).map_err(failed)?;
    let goes_on = Tensor::from_array(([1], vec![goes_on])).map_err(failed)?;
    let mut inputs: Vec<(Cow<'_, str>, SessionInputValue<'_>)> = vec![
        ("input_ids".into(), tokens.into()),
        ("encoder_hidden_states".into(), states),
        ("use_cache_branch".into(), goes_on.into()),
    ];
    inputs.extend(past.iter().map(|(name, value)| (name.as_str().into(), value.into())));
    decoder.run(inputs).map_err(failed)
}

fn best_of(logits: &[f32], may_not_end: bool) -> Option<(u32, f32)> {
    let allowed = logits.iter().zip(0_u32..).filter(|(_, token)| !may_not_end || *token != END);
    let (_, token) = allowed.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    Some((token, log_probability(logits, token)))
}

// The cache's names, each with room for one position that is not used.
fn cache_of(decoder: &Session) -> Option<Vec<(String, [usize; 4])>> {
    let names = decoder.inputs().iter().filter(|input| input.name().starts_with("past_key_values."));
    let cache: Vec<_> = names
        .filter_map(|input| match input.dtype() {
            ValueType::Tensor { shape, .. } if shape.len() == 4 => Some((
                input.name().to_owned(),
                [1, usize::try_from(shape[1]).ok()?, 1, usize::try_from(shape[3]).ok()?],
            )),
            _ => None,
        })
        .collect();
    (!cache.is_empty()).then_some(cache)
}

// Letter by letter, nobody says more than eight tokens a second.
fn longest(samples: usize) -> usize {
    (samples * 8 / MODEL_RATE + 8).min(MOST_TOKENS)
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn failed(error: impl ToString) -> SpeechError {
    SpeechError::Run { what: WHAT, why: error.to_string() }
}
