//! A transcript cut into words, each with its place and what separates it from the next.

/// What stands between a word and the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gap {
    /// A hyphen, or a dot inside: `W-H-I-T`, `M.A.R.K`, `twenty-one`.
    Joint,
    /// White space.
    Space,
    /// A comma, a dash or dots.
    Comma,
    /// The end of a sentence.
    Stop,
}

/// One word.
#[derive(Clone, Debug)]
pub(crate) struct Word<'a> {
    /// As it was written.
    pub(crate) text: &'a str,
    /// In lower case, with a plain apostrophe.
    pub(crate) lower: String,
    /// Byte offset of its start in the transcript.
    pub(crate) start: usize,
    /// Byte offset past its end.
    pub(crate) end: usize,
    /// What follows it.
    pub(crate) gap: Gap,
}

impl Word<'_> {
    /// Whether it is one of these (lower case).
    pub(crate) fn is_one_of(&self, set: &[&str]) -> bool {
        set.contains(&self.lower.as_str())
    }

    /// Whether it is all ASCII digits.
    pub(crate) fn is_digits(&self) -> bool {
        self.text.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// The words of a text.
pub(crate) fn words(said: &str) -> Vec<Word<'_>> {
    let mut found: Vec<Word> = Vec::new();
    let mut start = None;
    for (at, c) in said.char_indices().chain([(said.len(), ' ')]) {
        let inside = at < said.len() && (c.is_alphanumeric() || is_inner_apostrophe(said, at, c));
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.push(word(said, from, at));
                start = None;
            }
            _ => {}
        }
    }
    for index in 0..found.len() {
        let until = found.get(index + 1).map_or(said.len(), |next| next.start);
        let last = index + 1 == found.len();
        found[index].gap = if last { Gap::Stop } else { gap(&said[found[index].end..until]) };
    }
    found
}

/// Whether these lower-case words follow one another from `at`.
pub(crate) fn matches_at(words: &[Word], at: usize, phrase: &str) -> bool {
    phrase.split(' ').enumerate().all(|(offset, part)| words.get(at + offset).is_some_and(|word| word.lower == part))
}

/// The first of the phrases that starts at this word, with its length in words; longer ones first.
pub(crate) fn phrase_at(words: &[Word], at: usize, phrases: &[&str]) -> Option<usize> {
    phrases.iter().filter(|phrase| matches_at(words, at, phrase)).map(|phrase| phrase.split(' ').count()).max()
}

/// Whether one of the phrases occurs anywhere.
pub(crate) fn contains_phrase(words: &[Word], phrases: &[&str]) -> bool {
    (0..words.len()).any(|at| phrase_at(words, at, phrases).is_some())
}

/// A word with a capital letter first: `whitfield` gives `Whitfield`, `o'brien` gives `O'Brien`.
pub(crate) fn capitalised(word: &str) -> String {
    let mut upper = true;
    let lowered = word.to_lowercase();
    let prefixed = lowered.starts_with("o'") || lowered.starts_with("d'");
    let mut out = String::with_capacity(word.len());
    for c in lowered.chars() {
        if upper && c.is_alphabetic() {
            out.extend(c.to_uppercase());
            upper = false;
        } else {
            out.push(c);
        }
        upper |= c == '-' || (c == '\'' && prefixed);
    }
    out
}

fn word(said: &str, start: usize, end: usize) -> Word<'_> {
    let text = &said[start..end];
    Word { text, lower: text.to_lowercase().replace('\u{2019}', "'"), start, end, gap: Gap::Stop }
}

fn is_inner_apostrophe(said: &str, at: usize, c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
        && said[..at].chars().next_back().is_some_and(char::is_alphanumeric)
        && said[at + c.len_utf8()..].chars().next().is_some_and(char::is_alphanumeric)
}

fn gap(between: &str) -> Gap {
    let spaced = between.contains(char::is_whitespace);
    let ends = |c: char| matches!(c, '?' | '!' | ';') || (c == '.' && spaced);
    if between.contains("...") || between.contains('…') {
        Gap::Comma
    } else if between.contains(ends) {
        Gap::Stop
    } else if between.contains([',', '—', '–']) || (spaced && between.contains('-')) {
        Gap::Comma
    } else if spaced {
        Gap::Space
    } else {
        Gap::Joint
    }
}
