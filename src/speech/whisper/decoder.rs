//! Whisper's decoder step by step: what it may write next, after what it was led by and what it has written.

use super::likelier::{Decoder, Token};
use super::{SURE, WHAT};
use crate::conversation::{Hint, UnsureWord};
use crate::speech::{SpeechError, Stop};
use std::borrow::Cow;
use std::ops::Range;
use whisper_rs::{WhisperContext, WhisperError, WhisperState, get_lang_id};

/// Tokens of a prompt at most.
const LONGEST_PROMPT: usize = 100;

/// What the tokens write, and those that lead the decoder.
pub(super) struct Leads {
    written: Vec<String>,
    // Without a prompt, and with those for names and letters.
    plain: Vec<Token>,
    name: Vec<Token>,
    spelling: Vec<Token>,
    digits: Vec<Token>,
    end: Token,
}

/// The decoder over the sound that was heard last.
pub(super) struct SteppedDecoder<'a> {
    state: &'a mut WhisperState,
    leads: &'a Leads,
    // What it has taken in.
    past: Vec<Token>,
    threads: usize,
    stop: &'a Stop,
}

impl Leads {
    /// Of a model, for callers of a language and with this prompt for each hint.
    pub(super) fn of(
        context: &WhisperContext,
        language: &str,
        prompt: fn(Hint) -> &'static str,
    ) -> Result<Self, WhisperError> {
        let written = (0..context.n_vocab())
            .map(|token| context.token_to_str_lossy(token).map(Cow::into_owned).unwrap_or_default());
        let mut plain = vec![context.token_sot()];
        if context.is_multilingual() {
            plain.extend([context.token_lang(get_lang_id(language).unwrap_or_default()), context.token_transcribe()]);
        }
        plain.push(context.token_not());
        let led = |hint| -> Result<Vec<Token>, WhisperError> {
            let prompt = context.tokenize(prompt(hint), LONGEST_PROMPT)?;
            Ok([&[context.token_prev()], &prompt[..], &plain].concat())
        };
        let (name, spelling, digits) = (led(Hint::Name)?, led(Hint::Spelling)?, led(Hint::Digits)?);
        Ok(Self { written: written.collect(), plain, name, spelling, digits, end: context.token_eot() })
    }

    /// The tokens before the first that is written.
    pub(super) fn before(&self, hint: Hint) -> &[Token] {
        match hint {
            Hint::Name => &self.name,
            Hint::Spelling => &self.spelling,
            Hint::Digits | Hint::DigitsAgain => &self.digits,
            Hint::Open => &self.plain,
        }
    }

    /// What a token writes; None when it ends the text, or is no word's.
    pub(super) fn written(&self, token: Token) -> Option<&str> {
        (token < self.end).then(|| self.written.get(token as usize).map(String::as_str))?
    }

    /// What these tokens write.
    pub(super) fn text(&self, tokens: &[(Token, f32)]) -> String {
        tokens.iter().filter_map(|(token, _)| self.written(*token)).collect()
    }

    /// Which of the tokens write this part of the text: whole ones, but for the space before.
    pub(super) fn tokens_at(&self, tokens: &[(Token, f32)], text: &str, part: &Range<usize>) -> Option<Range<usize>> {
        let mut at = 0;
        let ends: Vec<usize> = tokens
            .iter()
            .map(|(token, _)| {
                at += self.written(*token).map_or(0, str::len);
                at
            })
            .collect();
        let from = ends.iter().position(|end| *end > part.start)?;
        let to = ends.iter().position(|end| *end == part.end)? + 1;
        let starts_at = if from == 0 { 0 } else { ends[from - 1] };
        (at == text.len() && text.get(starts_at..part.start)? == " ").then_some(from..to)
    }

    /// The words that hold an unlikely token, each with the probability of its least likely one.
    pub(super) fn unsure(&self, tokens: &[(Token, f32)]) -> Vec<UnsureWord> {
        let mut words: Vec<(String, f32)> = Vec::new();
        for (token, log_probability) in tokens {
            let written = self.written(*token).unwrap_or_default();
            match words.last_mut().filter(|_| !written.starts_with(' ')) {
                Some(word) => *word = (std::mem::take(&mut word.0) + written, word.1.min(*log_probability)),
                None => words.push((written.to_owned(), *log_probability)),
            }
        }
        let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let words = words.into_iter().map(|(word, least)| UnsureWord { word: bare(&word), probability: least.exp() });
        words.filter(|word| word.probability < SURE).collect()
    }
}

impl<'a> SteppedDecoder<'a> {
    /// Over the state that heard the sound, which has `past` taken in.
    pub(super) const fn new(
        state: &'a mut WhisperState,
        leads: &'a Leads,
        past: Vec<Token>,
        threads: usize,
        stop: &'a Stop,
    ) -> Self {
        Self { state, leads, past, threads, stop }
    }

    /// What it writes after these tokens by itself; None when that has no end within so many.
    pub(super) fn go_on(&mut self, tokens: &[Token], most: usize) -> Result<Option<Vec<(Token, f32)>>, SpeechError> {
        let (mut all, mut rest) = (tokens.to_vec(), Vec::new());
        while rest.len() <= most {
            let next = self.after(&all)?;
            let best = next.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
            let Some((token, log_probability)) = best else { break };
            let token = token as Token;
            if token >= self.leads.end {
                return Ok(Some(rest));
            }
            all.push(token);
            rest.push((token, log_probability));
        }
        Ok(None)
    }

    fn take_in(&mut self, tokens: &[Token], from: usize) -> Result<(), SpeechError> {
        let failed = |error: WhisperError| SpeechError::Run { what: WHAT, why: error.to_string() };
        self.state.decode(tokens, from, self.threads).map_err(failed)
    }
}

impl Decoder for SteppedDecoder<'_> {
    fn after(&mut self, tokens: &[Token]) -> Result<Vec<f32>, SpeechError> {
        if self.stop.is_stopped() {
            return Err(SpeechError::Stopped);
        }
        let last = tokens.len().saturating_sub(1);
        let known = self.past.iter().zip(&tokens[..last]).take_while(|(known, token)| known == token).count();
        // Only for a token that is taken in by itself the library gives what comes next.
        if known < last {
            self.take_in(&tokens[known..last], known)?;
        }
        self.take_in(&tokens[last..], last)?;
        self.past = tokens.to_vec();
        let scores =
            self.state.get_logits().map_err(|error| SpeechError::Run { what: WHAT, why: error.to_string() })?;
        let most = scores.iter().copied().fold(f32::MIN, f32::max);
        let all = scores.iter().map(|score| (score - most).exp()).sum::<f32>().ln() + most;
        Ok(scores.iter().map(|score| score - all).collect())
    }

    fn written(&self, token: Token) -> Option<&str> {
        self.leads.written(token)
    }
}
