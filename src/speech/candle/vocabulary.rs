//! Text to tokens and back, by the tokenizer that the GGUF file carries.

use super::weights::metadata;
use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::quantized::tokenizer::TokenizerFromGguf;
use candle_core::{Error, Result};
use tokenizers::Tokenizer;

// Each family's mark for the end of a turn.
const TURN_ENDS: [&str; 6] = ["<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "<|end|>", "</s>"];

/// A model's tokens.
pub(super) struct Vocabulary {
    tokenizer: Tokenizer,
    ends: Vec<u32>,
}

impl Vocabulary {
    /// Reads the tokenizer from a file's head.
    pub(super) fn read(content: &Content) -> Result<Self> {
        let tokenizer = Tokenizer::from_gguf(content)?;
        let mut ends: Vec<u32> = TURN_ENDS.iter().filter_map(|end| tokenizer.token_to_id(end)).collect();
        if let Ok(Ok(end)) = metadata(content, "tokenizer.ggml.eos_token_id").map(Value::to_u32) {
            ends.push(end);
        }
        Ok(Self { tokenizer, ends })
    }

    /// The tokens of a text in which special tokens are written out.
    pub(super) fn encode(&self, text: &str) -> Result<Vec<u32>> {
        Ok(self.tokenizer.encode(text, false).map_err(Error::wrap)?.get_ids().to_vec())
    }

    /// The text of some tokens, without the special ones.
    pub(super) fn decode(&self, tokens: &[u32]) -> Result<String> {
        self.tokenizer.decode(tokens, true).map_err(Error::wrap)
    }

    /// Whether this token ends a turn.
    pub(super) fn is_end(&self, token: u32) -> bool {
        self.ends.contains(&token)
    }

    /// Whether this token begins a word or a mark, so that what stands before it is whole.
    pub(super) fn begins_word(&self, token: u32) -> bool {
        let text = self.decode(&[token]).unwrap_or_default();
        text.chars().next().is_none_or(|first| !first.is_alphanumeric() && !matches!(first, '\'' | '-'))
    }

    /// The tokens that begin with a quotation mark, and so end a JSON string.
    pub(super) fn closing(&self) -> Vec<u32> {
        ["\"", "\",", "\"}", "\",\n", "\"\n"].iter().filter_map(|mark| self.only(mark)).collect()
    }

    fn only(&self, text: &str) -> Option<u32> {
        match self.encode(text).ok()?.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }
}

/// The text of the special token that a file names by `key`.
pub(super) fn special_token(content: &Content, key: &str) -> Option<String> {
    let id = metadata(content, key).ok()?.to_u32().ok()?;
    metadata(content, "tokenizer.ggml.tokens").ok()?.to_vec().ok()?.get(id as usize)?.to_string().ok().cloned()
}
