//! Whisper's vocabulary: GPT-2's byte-level tokens, turned back from the characters that stand for bytes.

use super::error::ModelError;

/// Text tokens of every whisper model; whisper.cpp makes the special ones after them itself.
pub(super) const TEXT_TOKENS: usize = 50_257;
const END_OF_TEXT: &str = "<|endoftext|>";

/// The bytes of each text token, in order. The file has one token a line.
pub(super) fn parse(text: &[u8]) -> Result<Vec<Vec<u8>>, ModelError> {
    let text = std::str::from_utf8(text).map_err(|why| ModelError::form("the vocabulary", why.to_string()))?;
    let tokens: Vec<_> = text.split('\n').take(TEXT_TOKENS).collect();
    if tokens.len() < TEXT_TOKENS {
        return Err(ModelError::form("the vocabulary", format!("{} tokens instead of {TEXT_TOKENS}", tokens.len())));
    }
    tokens.into_iter().map(token_bytes).collect()
}

fn token_bytes(token: &str) -> Result<Vec<u8>, ModelError> {
    if token == END_OF_TEXT {
        return Ok(token.as_bytes().to_vec());
    }
    let unknown = |c| ModelError::form("the vocabulary", format!("{c:?} stands for no byte"));
    token.chars().map(|c| byte_of(c).ok_or_else(|| unknown(c))).collect()
}

/// GPT-2 lets printable Latin-1 characters stand for themselves; the other 68 bytes follow from U+0100 on, in order.
fn byte_of(c: char) -> Option<u8> {
    if let Ok(byte) = u8::try_from(c)
        && stands_for_itself(byte)
    {
        return Some(byte);
    }
    let index = u32::from(c).checked_sub(0x100)? as usize;
    (0..=u8::MAX).filter(|byte| !stands_for_itself(*byte)).nth(index)
}

const fn stands_for_itself(byte: u8) -> bool {
    matches!(byte, 33..=126 | 161..=172 | 174..=255)
}

#[cfg(test)]
mod tests {
    use super::{byte_of, parse};

    #[test]
    fn every_byte_has_one_character() {
        let mut bytes: Vec<_> = (0..0x200).filter_map(|code| byte_of(char::from_u32(code)?)).collect();
        bytes.sort_unstable();
        assert_eq!(bytes, (0..=u8::MAX).collect::<Vec<_>>());
        assert_eq!(byte_of('Ġ'), Some(b' '));
        assert_eq!(byte_of('Ċ'), Some(b'\n'));
        assert_eq!(byte_of('€'), None);
    }

    #[test]
    fn a_short_vocabulary_is_refused() {
        assert!(parse(b"a\nb").is_err_and(|why| why.to_string().contains("2 tokens")));
    }
}
