//! Text cut into pieces that are spoken in one breath, with their marks: espeak-ng drops marks and runs over them, and the
//! voice needs them for its melody.

use super::SpeechError;
use std::time::Duration;

// A comma ends a piece only after so many characters: shorter pieces sound chopped, and are soon spoken anyway.
const BREATH: usize = 40;
const ABBREVIATIONS: [&str; 11] = ["mr", "mrs", "ms", "dr", "st", "ave", "rd", "jr", "sr", "no", "vs"];

/// A piece of text: words and the mark after them, several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause(Vec<(String, char)>);

impl Clause {
    /// The whole text as one piece.
    pub(super) fn whole(text: &str) -> Self {
        Self(parts(&readable(text)))
    }

    /// Its phonemes with the marks between them.
    pub(super) fn phonemes(
        &self,
        mut spoken: impl FnMut(&str) -> Result<String, SpeechError>,
    ) -> Result<String, SpeechError> {
        let mut all = String::new();
        for (words, mark) in &self.0 {
            let phonemes = spoken(words)?;
            if !phonemes.is_empty() {
                if !all.is_empty() {
                    all.push(' ');
                }
                all.push_str(&phonemes);
                all.push(*mark);
            }
        }
        Ok(all)
    }

    /// The silence that follows it.
    pub(super) fn pause(&self) -> Duration {
        match self.0.last().map(|part| part.1) {
            Some('.' | '!' | '?') => Duration::from_millis(220),
            _ => Duration::from_millis(100),
        }
    }
}

/// The pieces of a text.
pub(super) fn clauses(text: &str) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let mut open: Vec<(String, char)> = Vec::new();
    for (words, mark) in parts(&readable(text)) {
        open.push((words, mark));
        let length: usize = open.iter().map(|(words, _)| words.chars().count()).sum();
        if matches!(mark, '.' | '!' | '?') || length >= BREATH {
            clauses.push(Clause(std::mem::take(&mut open)));
        }
    }
    if !open.is_empty() {
        clauses.push(Clause(open));
    }
    clauses
}

// Words up to each mark. A mark counts where white space or the end follows, so that `3.5` stays whole.
fn parts(text: &str) -> Vec<(String, char)> {
    let mut parts = Vec::new();
    let mut words = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let ends = rest.peek().is_none_or(|next| next.is_whitespace() || "\"')".contains(*next));
        match c {
            '.' if ends && is_abbreviation(&words) => {}
            '.' | ',' | ';' | ':' | '?' | '!' if ends => {
                let said = std::mem::take(&mut words);
                if said.chars().any(char::is_alphanumeric) {
                    parts.push((said.trim().to_owned(), c));
                }
            }
            '—' | '–' => words.push_str(", "),
            '"' | '(' | ')' | '*' | '#' | '_' => words.push(' '),
            _ => words.push(c),
        }
    }
    if words.chars().any(char::is_alphanumeric) {
        parts.push((words.trim().to_owned(), ','));
    }
    parts
}

fn is_abbreviation(words: &str) -> bool {
    let last = words.rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default();
    let is_initial = last.chars().count() == 1 && last.chars().all(char::is_uppercase) && words.len() > 1;
    is_initial || last.contains('.') || ABBREVIATIONS.contains(&last.to_lowercase().as_str())
}

// Short numbers that are dialled, not counted.
const EMERGENCY: [&str; 5] = ["911", "999", "112", "000", "111"];

// What is read otherwise than it is written: telephone numbers digit by digit, amounts with their unit behind.
fn readable(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(readable_word).collect();
    words.join(" ")
}

fn readable_word(word: &str) -> String {
    let body = word.trim_end_matches([',', '.', '?', '!', ';', ':']);
    let tail = &word[body.len()..];
    let digits = body.chars().filter(char::is_ascii_digit).count();
    let is_number = body.chars().all(|c| c.is_ascii_digit() || "+-().".contains(c));
    if is_number && (digits >= 7 || EMERGENCY.contains(&body)) {
        let groups = body.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).map(spaced);
        return groups.collect::<Vec<_>>().join(", ") + tail;
    }
    match body.strip_prefix('$') {
        Some(amount) if digits > 0 => format!("{amount} dollars{tail}"),
        _ => word.to_owned(),
    }
}

fn spaced(group: &str) -> String {
    group.chars().map(String::from).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Clause, clauses};

    fn shown(text: &str) -> Vec<String> {
        let shown = |clause: &Clause| clause.0.iter().map(|(words, mark)| format!("{words}{mark}")).collect::<Vec<_>>();
        clauses(text).iter().map(|clause| shown(clause).join("|")).collect()
    }

    #[test]
    fn sentences_are_pieces_and_short_commas_stay_inside() {
        assert_eq!(shown("Hi, my name is Joe. How are you?"), ["Hi,|my name is Joe.", "How are you?"]);
        assert_eq!(
            shown("I can have someone call you back about the leak, and I'll send you a text."),
            ["I can have someone call you back about the leak,", "and I'll send you a text."]
        );
    }

    #[test]
    fn points_inside_words_end_nothing() {
        assert_eq!(
            shown("Dr. Smith at 3.5 St. Mary Rd. at 5 p.m. today."),
            ["Dr Smith at 3.5 St Mary Rd at 5 p.m today."]
        );
    }

    #[test]
    fn text_without_an_end_or_words() {
        assert_eq!(shown("one moment"), ["one moment,"]);
        assert_eq!(shown(" ... !"), Vec::<String>::new());
    }

    #[test]
    fn numbers_are_read_as_they_are_spoken() {
        assert_eq!(shown("Call 212-555-0142."), ["Call 2 1 2,|5 5 5,|0 1 4 2."]);
        assert_eq!(shown("It costs $95, in 2026."), ["It costs 95 dollars,|in 2026."]);
    }

    #[test]
    fn marks_are_put_back_between_phonemes() {
        let clause = &clauses("Hi, my.")[0];
        assert_eq!(clause.phonemes(|words| Ok(words.to_uppercase())).expect("spoken"), "HI, MY.");
    }
}
