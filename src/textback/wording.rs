//! What every text-back must hold, whatever the prompt file's line says: who writes, how to stop it, and a length
//! that carriers take.

use std::fmt::Write as _;

/// Providers refuse longer texts.
pub const MAX_CHARS: usize = 1_600;

/// A notice is read at a glance; the rest is in the call's record.
const MAX_NOTICE_CHARS: usize = 480;

/// A business's name beyond this is cut: the text itself matters more.
const MAX_BUSINESS_CHARS: usize = 100;

const STOP_SENTENCE: &str = "Reply STOP to opt out.";

/// How a text travels; one character outside of GSM-7 makes the whole text UCS-2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// 7 bits a character (3GPP TS 23.038), 160 in one segment or 153 in each of several.
    Gsm7,
    /// 16 bits a unit, 70 in one segment or 67 in each of several.
    Ucs2,
}

/// A text that may be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct TextBody {
    /// The words, at most [`MAX_CHARS`] characters.
    pub body: String,
    /// How it travels.
    pub encoding: Encoding,
    /// For how many texts the carrier bills it.
    pub segments: usize,
}

impl std::fmt::Debug for TextBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The words may hold the caller's name.
        f.debug_struct("TextBody")
            .field("encoding", &self.encoding)
            .field("segments", &self.segments)
            .finish_non_exhaustive()
    }
}

/// Makes a sendable text of the prompt file's rendered line: names the business and says how to stop when the line
/// does not, keeps it plain, and cuts what is too long at a word.
#[must_use]
pub fn text_back(line: &str, business: &str) -> TextBody {
    let business: String = plain(business).chars().take(MAX_BUSINESS_CHARS).collect();
    let kept_chars = MAX_CHARS - STOP_SENTENCE.len() - 1;
    let mut body = plain(line);
    // What is cut off names nobody.
    if !cut(&body, kept_chars).to_lowercase().contains(&business.to_lowercase()) {
        body = if body.is_empty() { format!("{business} missed your call.") } else { format!("{business}: {body}") };
    }
    if says_stop(&body) && body.chars().count() <= MAX_CHARS {
        return measured(body);
    }
    let mut body = cut(&body, kept_chars);
    if !says_stop(&body) {
        let _ = write!(body, " {STOP_SENTENCE}");
    }
    measured(body.trim().to_owned())
}

/// Makes a sendable notice of the prompt file's rendered line: plain, and cut at a word.
#[must_use]
pub fn notice(line: &str) -> String {
    beginning(line, MAX_NOTICE_CHARS)
}

/// The beginning of what somebody said, at most so many characters, from 3 on; cut at a word.
#[must_use]
pub fn beginning(text: &str, max_chars: usize) -> String {
    cut(&plain(text), max_chars)
}

/// Carriers ask for the keyword itself, in capitals: `stop by` in a need doesn't count.
fn says_stop(body: &str) -> bool {
    body.split(|c: char| !c.is_alphanumeric()).any(|word| word == "STOP")
}

/// Typographic marks become their plain forms, as one of them alone would more than halve a segment;
/// control characters and repeated blanks go.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '‘' | '’' => out.push('\''),
            '“' | '”' => out.push('"'),
            '–' | '—' => out.push('-'),
            '…' => out.push_str("..."),
            c if c.is_whitespace() || c.is_control() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out.trim().to_owned()
}

fn cut(text: &str, max_chars: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max_chars) else { return text.to_owned() };
    let Some((end_with_mark, _)) = text.char_indices().nth(max_chars - 3) else { return text[..end].to_owned() };
    let kept = &text[..end_with_mark];
    let kept = kept.rsplit_once(' ').map_or(kept, |(words, _)| words);
    format!("{kept}...")
}

fn measured(body: String) -> TextBody {
    let (encoding, units, single, several) = match gsm7_units(&body) {
        Some(units) => (Encoding::Gsm7, units, 160, 153),
        None => (Encoding::Ucs2, body.encode_utf16().count(), 70, 67),
    };
    let segments = if units <= single { 1 } else { units.div_ceil(several) };
    TextBody { body, encoding, segments }
}

/// Septets in the default alphabet of 3GPP TS 23.038 (characters of its extension table take two), if it has them all.
fn gsm7_units(text: &str) -> Option<usize> {
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
        ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    const EXTENSION: &str = "\u{c}^{}\\[~]|€";
    text.chars()
        .map(|c| {
            if BASIC.contains(c) {
                Some(1)
            } else if EXTENSION.contains(c) {
                Some(2)
            } else {
                None
            }
        })
        .sum()
}

#[cfg(test)]
mod tests;
