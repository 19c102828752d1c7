//! Speech to text by whisper.cpp, one utterance at a time and without memory of the one before.
//!
//! What keeps it from writing words nobody said: sound without any loud moment is not run at all; the encoder's window is
//! cut to the utterance and some silence, so that there is no long silence to fill; decoding is greedy and of bounded
//! length, and what has no end then is heard once more in the whole window; what comes out is weighed by [`super::filter`]. A caller's name that it
//! is not sure of is weighed once more, by how many people have it, and a number by the numbering plan ([`likelier`]).

mod decoder;
mod kind;
mod likelier;
#[cfg(test)]
mod tests;

use super::filter::{Certainty, believable};
use super::sound::{MODEL_RATE, is_quiet, padded};
use super::{SpeechError, Stop, Transcriber};
use crate::conversation::{Hint, Transcript};
use decoder::{Leads, SteppedDecoder};
use kind::Kind;
use likelier::{Doubted, Token, likelier};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState};

const WHAT: &str = "the whisper model";
// An utterance cut close to its first sound loses its first word: "Yes, tomorrow" was heard as "If tomorrow".
const SILENCE: [usize; 2] = [MODEL_RATE * 3 / 10, MODEL_RATE * 4 / 10];
// Below a second whisper.cpp refuses.
const SHORTEST: usize = MODEL_RATE * 11 / 10;
// The encoder makes 50 positions of a second, 1,500 in all.
const WHOLE_WINDOW: i32 = 1_500;
const SILENCE_POSITIONS: usize = 320;
// A prompt sets the style of what follows. The number is one that nobody has; should it come back, nothing was said.
// With its digits apart a run of equal ones keeps all of them: of 140 numbers in a kitchen on a bad line 127 were right so and 121 in groups.
const DIGITS_PROMPT: &str = "My phone number is 7-3-4, 2-9-1, 6-0-8-5.";
const SPELLING_PROMPT: &str = "My name is spelled W-H-I-T-F-I-E-L-D.";
// Of 59 callers who say their name, without letters or with them, 48 were written right with it and 43 without; none only without.
const NAME_PROMPT: &str = "My name is Diane Hooper. This is Victor Lindgren. I'm Joyce Abbott.";

// What the prompts tell. Over noise it comes back: "Diana Brooks" in a kitchen was written as "Diane Hooper".
const TOLD: [&str; 6] =
    ["7-3-4, 2-9-1", "734-291-6085", "W-H-I-T-F-I-E-L-D", "Diane Hooper", "Victor Lindgren", "Joyce Abbott"];

// A word with a less likely token may have been another one.
const SURE: f32 = 0.75;
/// What follows a name is written anew when it is another and not more than so many tokens follow: they may be a part of it.
const WRITTEN_ANEW: usize = 6;

/// How whisper is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhisperOptions {
    /// Threads for one transcription.
    pub threads: usize,
    /// The callers' language (ISO 639-1), for multilingual models.
    pub language: String,
    /// Whose telephone numbers they say (ISO 3166-1).
    pub region: String,
}

impl Default for WhisperOptions {
    fn default() -> Self {
        Self { threads: 2, language: "en".to_owned(), region: "US".to_owned() }
    }
}

/// A whisper model in whisper.cpp's ggml form.
pub struct Whisper {
    context: WhisperContext,
    state: WhisperState,
    open: FullParams<'static, 'static>,
    digits: FullParams<'static, 'static>,
    spelling: FullParams<'static, 'static>,
    name: FullParams<'static, 'static>,
    leads: Leads,
    is_english: bool,
    region: String,
    threads: usize,
    stop: Arc<Mutex<Stop>>,
}

impl Whisper {
    /// Loads the model and runs it once, so that the first caller doesn't wait for it.
    ///
    /// # Errors
    /// When the file is missing or is no ggml whisper model.
    pub fn load(path: &Path, options: &WhisperOptions) -> Result<Self, SpeechError> {
        whisper_rs::install_logging_hooks();
        let load = |why: String| SpeechError::Load { what: WHAT, path: path.display().to_string(), why };
        if !path.is_file() {
            return Err(load("there is no such file".to_owned()));
        }
        let mut parameters = WhisperContextParameters::default();
        parameters.use_gpu(false);
        let context = WhisperContext::new_with_params(path, parameters).map_err(|e| load(e.to_string()))?;
        let state = context.create_state().map_err(|e| load(e.to_string()))?;
        let stop = Arc::new(Mutex::new(Stop::new()));
        // The library never frees a prompt or a callback: they are made once and shared by every transcription.
        let open = parameters_of(options, &stop);
        let (mut digits, mut spelling, mut name) = (open.clone(), open.clone(), open.clone());
        digits.set_initial_prompt(DIGITS_PROMPT);
        spelling.set_initial_prompt(SPELLING_PROMPT);
        name.set_initial_prompt(NAME_PROMPT);
        let leads = Leads::of(&context, &options.language, prompt).map_err(|e| load(e.to_string()))?;
        let is_english = options.language == "en";
        let region = options.region.clone();
        let threads = options.threads.max(1);
        let mut whisper =
            Self { context, state, open, digits, spelling, name, leads, is_english, region, threads, stop };
        whisper.listen(&vec![0.0; SHORTEST], Hint::Open, WHOLE_WINDOW)?;
        Ok(whisper)
    }

    // What comes out of the prompt was not said: it is heard again without one.
    fn hear(&mut self, samples: &[f32], hint: Hint) -> Result<Raw, SpeechError> {
        let heard = self.hear_in_window(samples, hint)?;
        if hint == Hint::Open || !is_told(&heard.text) {
            return Ok(heard);
        }
        Ok(Raw { is_led: false, ..self.hear_in_window(samples, Hint::Open)? })
    }

    // A name or letters it was not sure of may be others, of a name that more people have; a number that the plan does not have was another one.
    fn weigh(&mut self, raw: Raw, hint: Hint, stop: &Stop) -> Result<Raw, SpeechError> {
        if !self.is_english {
            return Ok(raw);
        }
        let kind = Kind::of(hint, &self.region);
        let Some(part) = kind.part(&raw.text) else { return Ok(raw) };
        let Some(place) = self.leads.tokens_at(&raw.tokens, &raw.text, &part) else { return Ok(raw) };
        let (heard, after) = (&raw.tokens[place.clone()], &raw.tokens[place.end..]);
        let is_sure = heard.iter().all(|(_, log_probability)| log_probability.exp() >= SURE);
        if is_sure && kind.trusts(&raw.text[part.clone()]) {
            return Ok(raw);
        }
        let said = |tokens: &[(Token, f32)]| tokens.iter().map(|(token, _)| *token).collect::<Vec<_>>();
        let lead = self.leads.before(if raw.is_led { hint } else { Hint::Open });
        let before = [lead, &said(&raw.tokens[..place.start])].concat();
        let taken_in = [&before[..], &said(&raw.tokens[place.start..raw.tokens.len() - 1])].concat();
        let mut decoder = SteppedDecoder::new(&mut self.state, &self.leads, taken_in, self.threads, stop);
        let goes_on =
            after.first().and_then(|(token, _)| self.leads.written(*token)).is_some_and(|next| next.starts_with(' '));
        let doubted = Doubted {
            before: &before,
            heard,
            joints: kind.joints(goes_on),
            cost: kind.cost(&raw.text[part]),
            weight: kind.weight(),
            most_steps: kind.most_steps(),
        };
        let Some(likelier) = likelier(&mut decoder, &doubted, |written| kind.ahead(written))? else { return Ok(raw) };
        let rest = if after.len() > WRITTEN_ANEW {
            Some(after.to_vec())
        } else {
            decoder.go_on(&[&before[..], &said(&likelier)].concat(), WRITTEN_ANEW)?
        };
        let ends = |rest: &Vec<(Token, f32)>| doubted.ends_before(&self.leads.text(rest));
        let Some(rest) = rest.filter(ends) else { return Ok(raw) };
        let tokens = [&raw.tokens[..place.start], &likelier, &rest].concat();
        Ok(Raw { text: self.leads.text(&tokens), tokens, ..raw })
    }

    // Once in the window cut to the sound, and in the rare case that the decoder finds no end there, once in the whole one, which takes
    // several times as long. A number heard again gets that at once: of 34 real ones 32 were right so, 30 at the first hearing.
    fn hear_in_window(&mut self, samples: &[f32], hint: Hint) -> Result<Raw, SpeechError> {
        let cut = if hint == Hint::DigitsAgain { WHOLE_WINDOW } else { window(samples.len()) };
        let heard = self.listen(samples, hint, cut)?;
        if !heard.is_endless || cut == WHOLE_WINDOW {
            return Ok(heard);
        }
        let again = self.listen(samples, hint, WHOLE_WINDOW)?;
        Ok(if again.is_endless { Raw { text: String::new(), ..again } } else { again })
    }

    fn listen(&mut self, samples: &[f32], hint: Hint, window: i32) -> Result<Raw, SpeechError> {
        let mut parameters = match hint {
            Hint::Open => self.open.clone(),
            Hint::Digits | Hint::DigitsAgain => self.digits.clone(),
            Hint::Spelling => self.spelling.clone(),
            Hint::Name => self.name.clone(),
        };
        let longest = longest(samples.len());
        parameters.set_audio_ctx(window);
        parameters.set_max_tokens(longest);
        self.state
            .full(parameters, samples)
            .map_err(|error| SpeechError::Run { what: WHAT, why: error.to_string() })?;
        Ok(self.read(longest))
    }

    fn read(&self, longest: i32) -> Raw {
        let end_of_text = self.context.token_eot();
        let mut raw = Raw { is_led: true, ..Raw::default() };
        for segment in self.state.as_iter() {
            raw.text.push_str(&segment.to_str_lossy().unwrap_or_default());
            raw.certainty.no_speech = raw.certainty.no_speech.max(segment.no_speech_probability());
            let tokens = (0..segment.n_tokens()).filter_map(|n| segment.get_token(n));
            raw.tokens.extend(
                tokens
                    .filter(|token| token.token_id() < end_of_text)
                    .map(|token| (token.token_id(), token.token_data().plog)),
            );
        }
        let count = raw.tokens.len();
        raw.is_endless = count >= longest as usize;
        if count == 0 {
            raw.certainty.no_speech = 1.0;
        } else {
            raw.certainty.mean_log_probability = raw.tokens.iter().map(|(_, each)| each).sum::<f32>() / count as f32;
        }
        raw
    }

    fn aim(&self, stop: &Stop) {
        *self.stop.lock().unwrap_or_else(PoisonError::into_inner) = stop.clone();
    }
}

#[derive(Default)]
struct Raw {
    text: String,
    // The decoder was stopped; it didn't find the end.
    is_endless: bool,
    // Its prompt led the decoder.
    is_led: bool,
    // What was written, each token with its log-probability.
    tokens: Vec<(Token, f32)>,
    certainty: Certainty,
}

impl Transcriber for Whisper {
    fn transcribe(&mut self, pcm: &[i16], hint: Hint, stop: &Stop) -> Result<Transcript, SpeechError> {
        if stop.is_stopped() {
            return Err(SpeechError::Stopped);
        }
        if is_quiet(pcm) {
            return Ok(Certainty::NOTHING.transcript(String::new()));
        }
        self.aim(stop);
        let heard = self.hear(&padded(pcm, SILENCE, SHORTEST), hint).and_then(|raw| self.weigh(raw, hint, stop));
        self.aim(&Stop::new());
        if stop.is_stopped() {
            return Err(SpeechError::Stopped);
        }
        let Raw { text, certainty, tokens, .. } = heard?;
        Ok(Transcript {
            unsure: self.leads.unsure(&tokens),
            ..certainty.transcript(believable(&text, certainty, prompt(hint)))
        })
    }
}

const fn prompt(hint: Hint) -> &'static str {
    match hint {
        Hint::Open => "",
        Hint::Digits | Hint::DigitsAgain => DIGITS_PROMPT,
        Hint::Spelling => SPELLING_PROMPT,
        Hint::Name => NAME_PROMPT,
    }
}

fn is_told(text: &str) -> bool {
    let text = text.to_lowercase();
    TOLD.iter().any(|told| text.contains(&told.to_lowercase()))
}

fn parameters_of(options: &WhisperOptions, stop: &Arc<Mutex<Stop>>) -> FullParams<'static, 'static> {
    let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
    parameters.set_n_threads(options.threads.max(1) as i32);
    // Lives as long as the library's own copy: for ever, once for each load.
    parameters.set_language(Some(options.language.clone().leak()));
    parameters.set_no_context(true);
    parameters.set_single_segment(true);
    parameters.set_no_timestamps(true);
    parameters.set_suppress_nst(true);
    // A second pass at a higher temperature would cost the caller as much time again.
    parameters.set_temperature_inc(0.0);
    parameters.set_print_special(false);
    parameters.set_print_progress(false);
    parameters.set_print_realtime(false);
    parameters.set_print_timestamps(false);
    let stop = Arc::clone(stop);
    // The library hands the outer box to a trampoline made for the closure's own type: only a boxed one is both.
    let asked: Box<dyn FnMut() -> bool> =
        Box::new(move || stop.lock().unwrap_or_else(PoisonError::into_inner).is_stopped());
    parameters.set_abort_callback_safe::<_, Box<dyn FnMut() -> bool>>(Some(asked));
    parameters
}

// Encoder positions for so many samples. The decoder learns from the silence that follows that all is said: with a margin
// of 64 positions it wrote one number or spelling in four again and again (6 of 24). Of 240 lines of the callers it found no end in 8 with 192, in 3
// with 256, in 1 with 320; 8.6, 5.0 and 4.5 % of the words were wrong, for 0.37, 0.42 and 0.48 s for a line of under 2 s.
fn window(samples: usize) -> i32 {
    let positions = (samples * 50).div_ceil(MODEL_RATE) + SILENCE_POSITIONS;
    (positions.next_multiple_of(32) as i32).min(WHOLE_WINDOW)
}

// Nobody says more than eight tokens a second.
fn longest(samples: usize) -> i32 {
    (samples * 8 / MODEL_RATE + 16).min(220) as i32
}
