//! Cuts text into clauses that can be spoken one after another, the first as early as may be.

use super::protocol::Choice;
use crate::prompt::Prompt;
use std::sync::Arc;

/// Words whose full stop ends no sentence.
const ABBREVIATIONS: [&str; 21] = [
    "dr", "mr", "mrs", "ms", "prof", "st", "ave", "blvd", "rd", "apt", "ste", "mt", "ft", "jr", "sr", "inc", "co",
    "vs", "e.g", "i.e", "approx",
];
/// Words whose full stop ends a sentence only when a new one plainly begins.
const UNSURE: [&str; 4] = ["a.m", "p.m", "etc", "ltd"];
/// A first clause may end at a comma after so many words.
const EARLY_WORDS: usize = 4;

/// A piece of text that can be spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause {
    /// Its words with their marks, trimmed.
    pub(super) text: String,
    /// Whether a sentence ends with it.
    pub(super) ends_sentence: bool,
}

/// Takes text as it streams in and gives clauses as soon as they are whole.
#[derive(Clone, Debug, Default)]
pub(super) struct ClauseStream {
    held: String,
    early: bool,
}

impl ClauseStream {
    /// Cuts the first clause at a comma already, so that it can be spoken early.
    pub(super) fn early() -> Self {
        Self { held: String::new(), early: true }
    }

    /// Takes the next characters.
    pub(super) fn push(&mut self, text: &str) {
        self.held.push_str(text);
    }

    /// The next clause that is whole.
    pub(super) fn next_clause(&mut self) -> Option<Clause> {
        loop {
            let (end, ends_sentence) = boundary(&self.held, self.early)?;
            let rest = self.held.split_off(end);
            let text = std::mem::replace(&mut self.held, rest).trim().to_owned();
            if text.chars().any(char::is_alphanumeric) {
                self.early = false;
                return Some(Clause { text, ends_sentence });
            }
        }
    }

    /// The rest, when there is no more to come.
    pub(super) fn finish(&mut self) -> Option<Clause> {
        if let Some(clause) = self.next_clause() {
            return Some(clause);
        }
        let text = std::mem::take(&mut self.held).trim().to_owned();
        text.chars().any(char::is_alphanumeric).then_some(Clause { text, ends_sentence: true })
    }
}

// Where the first clause of `text` ends (a byte index past it), once that is sure; and whether a sentence ends there.
fn boundary(text: &str, early: bool) -> Option<(usize, bool)> {
    for (index, mark) in text.char_indices() {
        let after = index + mark.len_utf8();
        match mark {
            '\n' => return Some((after, true)),
            '.' | '!' | '?' => {
                let tail = closing_marks(text, after);
                if ends_sentence(text, index, tail, mark)? {
                    return Some((tail, true));
                }
            }
            ',' | ';' | ':' | '–' | '—' if early => {
                let is_whole =
                    text[after..].starts_with(' ') && text[..index].split_whitespace().count() >= EARLY_WORDS;
                if is_whole {
                    return Some((after, false));
                }
            }
            _ => {}
        }
    }
    None
}

fn closing_marks(text: &str, from: usize) -> usize {
    let marks = text[from..].chars().take_while(|c| matches!(c, '"' | '\'' | ')' | '”' | '’' | '.' | '!' | '?'));
    from + marks.map(char::len_utf8).sum::<usize>()
}

// None: more text is needed to tell.
fn ends_sentence(text: &str, mark_at: usize, tail: usize, mark: char) -> Option<bool> {
    let mut following = text[tail..].chars();
    let has_space = following.next()?.is_whitespace();
    if !has_space {
        return Some(false);
    }
    if mark != '.' {
        return Some(true);
    }
    let next = following.find(|c| !c.is_whitespace())?;
    let word = text[..mark_at].rsplit(char::is_whitespace).next().unwrap_or_default();
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let is_initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic) && word != "i";
    let goes_on = ABBREVIATIONS.contains(&word.as_str())
        || is_initial
        || (word == "no" && next.is_ascii_digit())
        || (UNSURE.contains(&word.as_str()) && !next.is_uppercase());
    Some(!goes_on)
}

/// A whole text cut at its sentences' ends. Fixed lines are said clause by clause in exactly these pieces.
#[must_use]
pub fn clauses(text: &str) -> Vec<String> {
    let mut stream = ClauseStream::default();
    stream.push(text);
    std::iter::from_fn(|| stream.finish()).map(|clause| clause.text).collect()
}

/// What a caller's question is looked up in: [`Prompt::answers`].
#[must_use]
pub fn choices(prompt: &Prompt) -> Arc<[Choice]> {
    prompt.answers().into_iter().map(|(name, text)| Choice { name, text }).collect()
}

/// Every clause that is the same in all calls under this prompt file: what a shell may synthesise ahead, keyed by text.
#[must_use]
pub fn fixed_clauses(prompt: &Prompt) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let lines = prompt.fixed_lines();
    let answers = prompt.answers();
    let texts = lines.iter().map(|(_, line)| line).chain(answers.iter().map(|(_, text)| text));
    for clause in texts.flat_map(|text| clauses(text)) {
        if !all.contains(&clause) {
            all.push(clause);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{ClauseStream, clauses};
    use proptest::prelude::*;

    fn stream(pieces: &[&str]) -> Vec<String> {
        let mut stream = ClauseStream::early();
        let mut all = Vec::new();
        for piece in pieces {
            stream.push(piece);
            all.extend(std::iter::from_fn(|| stream.next_clause()).map(|c| format!("{}|{}", c.text, c.ends_sentence)));
        }
        all.extend(std::iter::from_fn(|| stream.finish()).map(|c| format!("{}|end", c.text)));
        all
    }

    #[test]
    fn cuts_at_sentences_and_nowhere_else() {
        for (text, expected) in [
            ("Hi! How can I help?", vec!["Hi!", "How can I help?"]),
            ("Dr. Vance charges 3.5 percent. OK?", vec!["Dr. Vance charges 3.5 percent.", "OK?"]),
            ("We open at 8 a.m. on Mondays. Bye.", vec!["We open at 8 a.m. on Mondays.", "Bye."]),
            ("We close at 5 p.m. Call later.", vec!["We close at 5 p.m.", "Call later."]),
            (
                "Ask for J. Smith at No. 5 Oak St. today. No. We can't.",
                vec!["Ask for J. Smith at No. 5 Oak St. today.", "No.", "We can't."],
            ),
            ("I have 2 1 2, 5 5 5, 0 1 4 2. Is that right?", vec!["I have 2 1 2, 5 5 5, 0 1 4 2.", "Is that right?"]),
            ("Well... yes.", vec!["Well...", "yes."]),
            (" \n ", vec![]),
        ] {
            assert_eq!(clauses(text), expected, "{text}");
        }
    }

    #[test]
    fn gives_the_first_clause_at_a_comma_and_waits_where_it_cannot_know() {
        assert_eq!(
            stream(&["I'm sorry to", " hear that,", " Dana. We'll", " help, of", " course."]),
            ["I'm sorry to hear that,|false", "Dana.|true", "We'll help, of course.|end"]
        );
        assert_eq!(stream(&["Sure, we do. ", "Yes"]), ["Sure, we do.|true", "Yes|end"]);
        assert_eq!(stream(&["It is 3.", "5 miles."]), ["It is 3.5 miles.|end"]);
    }

    proptest! {
        #[test]
        fn loses_no_word(text in "[a-zA-Z0-9.,!? ]{0,80}", cut in 0usize..80) {
            let cut = cut.min(text.len());
            let mut stream = ClauseStream::early();
            let mut all = Vec::new();
            for piece in [&text[..cut], &text[cut..]] {
                stream.push(piece);
                all.extend(std::iter::from_fn(|| stream.next_clause()));
            }
            all.extend(std::iter::from_fn(|| stream.finish()));
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            prop_assert_eq!(letters(&all.iter().map(|c| c.text.as_str()).collect::<String>()), letters(&text));
        }
    }
}
