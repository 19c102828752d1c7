//! Names spelled letter by letter, in the ways people do it and recognisers write it.

use super::known_names::{self, Part};
use super::words::{Gap, Word, contains_phrase, phrase_at, words};

/// Names of fewer letters are often the beginning of longer ones.
const WHOLE_LETTERS: usize = 4;

/// So many capitals are letters, fewer a word like "OK".
const SHOUTED_LETTERS: usize = 3;

/// A stretch of letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelled {
    /// The words that were spelled, lower case but for letters that were said to be capitals.
    pub(super) parts: Vec<String>,
    /// Its first word in the transcript, the announcement ("spelled") included.
    pub(super) from: usize,
    /// Past its last word.
    pub(super) to: usize,
}

impl Spelled {
    /// The parts as a name is written.
    pub(super) fn name(&self) -> String {
        self.parts.iter().map(|part| super::name::as_name(part)).collect::<Vec<_>>().join(" ")
    }
}

/// The name that was spelled, if letters were: `S H A Y N E`, `W-H-I-T-F-I-E-L-D`, `M as in Mary`, `double t`.
#[must_use]
pub fn spelled_name(said: &str) -> Option<String> {
    spelled(&words(said)).map(|found| found.name())
}

/// Whether the words end with the letters of one last name that many people have, and that is no short beginning of another.
#[must_use]
pub fn spells_known_name(said: &str) -> bool {
    let words = words(said);
    let whole =
        |found: &Spelled| found.to == words.len() && found.parts.len() == 1 && found.parts[0].len() >= WHOLE_LETTERS;
    spelled(&words).is_some_and(|found| whole(&found) && known_names::is_known(Part::Last, &found.parts[0]))
}

/// The longest stretch of letters; of two as long, the last, which is the correction.
pub(super) fn spelled(words: &[Word]) -> Option<Spelled> {
    if let Some(glued) = glued(words).or_else(|| shouted(words)) {
        return Some(glued);
    }
    let mut best: Option<(usize, Spelled)> = None;
    let mut at = 0;
    while at < words.len() {
        let Some((count, found)) = stretch(words, at) else {
            at += 1;
            continue;
        };
        at = found.to.max(at + 1);
        let enough = count >= 3 || (count == 2 && words.len() <= 3);
        if enough && best.as_ref().is_none_or(|(most, _)| count >= *most) {
            best = Some((count, found));
        }
    }
    best.map(|(_, found)| found).filter(|found| found.parts.iter().all(|part| can_be_spoken(part)))
}

// "G-R-N-T" lacks a letter that the recogniser did not hear.
pub(super) fn can_be_spoken(part: &str) -> bool {
    part.chars().count() < 3 || part.contains(|c: char| !c.is_ascii() || "aeiouyAEIOUY".contains(c))
}

// Nothing but letters and short pieces of glued ones: "l e w is", "ju d i th".
fn glued(words: &[Word]) -> Option<Spelled> {
    #[rustfmt::skip]
    const SAID: &[&str] = &[
        "yes", "no", "the", "it", "it's", "my", "um", "uh", "er", "ok", "oh", "and", "for", "so", "to", "not", "yep",
        "at", "on", "you",
    ];
    let is_piece = |word: &Word| {
        let length = word.text.chars().count();
        let shouted = word.text.chars().all(char::is_uppercase);
        let pieces = word.text.chars().all(char::is_alphabetic) && (length <= 3 || (shouted && length <= 4));
        pieces && !word.is_one_of(SAID)
    };
    let singles = words
        .iter()
        .filter(|word| one_letter(&word.lower).is_some_and(|letter| letter != 'a' && letter != 'i'))
        .count();
    let glued = words.iter().any(|word| word.text.chars().count() > 1);
    if !glued || singles < 2 || singles * 5 < words.len() * 2 || !words.iter().all(is_piece) {
        return None;
    }
    // "Kim, K-I-M" is a word and its letters; "B as in boy" names a letter.
    let said_too = (0..words.len()).filter(|at| words[*at].lower.chars().count() > 1).any(|at| {
        let rest: String = words[..at].iter().chain(&words[at + 1..]).map(|word| word.lower.as_str()).collect();
        rest.contains(&words[at].lower)
    });
    if said_too || contains_phrase(words, &["as in"]) {
        return None;
    }
    // "Tom B-E-L-L".
    let first = words[0].text;
    if first.chars().count() > 2 && first.starts_with(char::is_uppercase) && first.chars().any(char::is_lowercase) {
        return None;
    }
    let name = words.iter().map(|word| word.lower.as_str()).collect();
    Some(Spelled { parts: vec![name], from: 0, to: words.len() })
}

// Nothing but capitals: "FOSTER", "FOST ER".
fn shouted(words: &[Word]) -> Option<Spelled> {
    let is_shouted = |word: &Word| word.text.chars().all(|c| c.is_alphabetic() && c.is_uppercase());
    let name: String = words.iter().map(|word| word.lower.as_str()).collect();
    // "ADAM CLARK" is two names.
    let is_name = |word: &Word| word.text.len() >= WHOLE_LETTERS && known_names::is_name(&word.lower);
    let are_names = words.len() > 1 && words.iter().all(is_name);
    let is_spelled = name.chars().count() >= SHOUTED_LETTERS && words.iter().all(is_shouted) && !are_names;
    (is_spelled && can_be_spoken(&name)).then(|| Spelled { parts: vec![name], from: 0, to: words.len() })
}

fn stretch(words: &[Word], from: usize) -> Option<(usize, Spelled)> {
    let mut parts = vec![String::new()];
    let mut at = from;
    let mut singles = 0;
    while at < words.len() {
        let current = parts.last_mut()?;
        if let Some((letters, next)) = letter_at(words, at) {
            singles += letters.len();
            current.push_str(&letters);
            at = next;
        } else if let Some(mark) =
            mark(&words[at]).filter(|_| !current.is_empty() && letter_at(words, at + 1).is_some())
        {
            current.push(mark);
            at += 1;
        } else if !current.is_empty() && is_fragment(words, at) {
            current.push_str(&words[at].lower);
            at += 1;
        } else if let Some(length) =
            phrase_at(words, at, BREAKS).filter(|length| letter_at(words, at + length).is_some())
        {
            if !current.is_empty() {
                parts.push(String::new());
            }
            at += length;
        } else if words[at].is_one_of(&["um", "uh", "er"]) && !current.is_empty() {
            at += 1;
        } else {
            break;
        }
    }
    parts.retain(|part| !part.is_empty());
    let count: usize = parts.iter().map(|part| part.chars().count()).sum();
    let pronouns = parts.iter().all(|part| part.chars().all(|c| matches!(c, 'i' | 'a')));
    (singles >= 2 && !pronouns).then(|| (count, Spelled { parts, from: announced(words, from), to: at }))
}

// "L, L, O, Y, D, hyphen, J, O, N, E, S", "O, apostrophe, N, E, I, L".
fn mark(word: &Word) -> Option<char> {
    match word.lower.as_str() {
        "hyphen" | "dash" => Some('-'),
        "apostrophe" => Some('\''),
        _ => None,
    }
}

#[rustfmt::skip]
const BREAKS: &[&str] = &[
    "space", "new word", "last name", "and last name", "and then", "surname", "and", "and the last name is",
];

// "spelled", "that's", "it's spelled" before the letters belong to the spelling.
fn announced(words: &[Word], from: usize) -> usize {
    let mut at = from;
    while at > 0 && words[at - 1].is_one_of(&["spelled", "spelt", "spell", "that's", "it's", "is", "it", "as", "you"]) {
        at -= 1;
    }
    at
}

/// One letter in any of its forms, with the word after it.
pub(super) fn letter_at(words: &[Word], at: usize) -> Option<(String, usize)> {
    let word = words.get(at)?;
    if word.is_one_of(&["capital", "big", "uppercase"]) {
        let (letter, next) = letter_at(words, at + 1)?;
        return Some((letter.to_uppercase(), next));
    }
    if word.lower == "double" {
        let (letter, next) = letter_at(words, at + 1)?;
        return Some((if letter == "u" { "w".into() } else { letter.repeat(2) }, next));
    }
    if let Some(letter) = alphabet_word(&word.lower).filter(|_| alphabet_neighbour(words, at)) {
        return Some((letter.to_string(), at + 1));
    }
    // "Dee" with a capital is a name.
    let is_plain = !word.text.starts_with(char::is_uppercase);
    let letter = match word.lower.as_str() {
        "bee" | "cee" | "dee" | "aitch" | "cue" | "ess" | "tee" | "vee" | "zee" | "zed" if !is_plain => return None,
        "bee" => 'b',
        "cee" => 'c',
        "dee" => 'd',
        "aitch" => 'h',
        "cue" => 'q',
        "ess" => 's',
        "tee" => 't',
        "vee" => 'v',
        "zee" | "zed" => 'z',
        other => one_letter(other)?,
    };
    if let Some((meant, next)) = named_letter(words, at + 1, letter) {
        return Some((meant.to_string(), next));
    }
    let next = at + 1;
    let pronoun =
        matches!(letter, 'i' | 'a') && words.get(next).is_some_and(|after| after.gap == Gap::Space && is_verb(after));
    (!pronoun).then(|| (letter.to_string(), next))
}

// The letter that a word names behind one that was heard: "M as in Mary". A word is heard better than a letter, so "B as in David" is a D, and so is
// "V.S. and David", where "as in" was not known as such and the letters sound alike.
fn named_letter(words: &[Word], at: usize, heard: char) -> Option<(char, usize)> {
    // Whether the initial of a word may be meant where that letter was heard.
    type MayBeMeant = fn(char, char) -> bool;
    // By how the word is announced.
    const NAMED: [(&[&str], MayBeMeant); 3] = [
        (&["as in"], |_, _| true),
        (&["s and", "as and", "s in", "as an"], known_names::sound_alike),
        (&["for", "like", "is for"], |heard, initial| heard == initial),
    ];
    NAMED.iter().find_map(|(phrases, may_be_meant)| {
        let naming = at + phrase_at(words, at, phrases)?;
        let mut word = words.get(naming)?.lower.chars();
        let initial = word.next().filter(|initial| initial.is_alphabetic() && may_be_meant(heard, *initial))?;
        word.next().map(|_| (initial, naming + 1))
    })
}

fn one_letter(lower: &str) -> Option<char> {
    let mut chars = lower.chars();
    let letter = chars.next().filter(|c| c.is_alphabetic())?;
    chars.next().is_none().then_some(letter)
}

fn is_verb(word: &Word) -> bool {
    word.is_one_of(&[
        "am", "have", "need", "think", "said", "don't", "was", "can", "want", "live", "mean", "meant", "lot", "little",
    ])
}

// Recognisers glue letters: "J A mes", "a RN o LD". A small word is no such piece.
fn is_fragment(words: &[Word], at: usize) -> bool {
    #[rustfmt::skip]
    const SMALL: &[&str] = &[
        "is", "it", "in", "as", "so", "um", "uh", "my", "of", "or", "at", "to", "no", "an", "am", "me", "we", "he",
        "if", "by", "up", "us", "on", "go", "do", "be", "oh", "ok", "hi", "and", "the", "for", "yes", "er", "but",
        "you", "not", "can", "now", "yep", "one", "two", "six", "ten",
    ];
    let word = &words[at];
    let length = word.text.chars().count();
    let shouted = length > 1 && word.text.chars().all(char::is_uppercase);
    word.text.chars().all(char::is_alphabetic)
        && (length <= 3 || (shouted && length <= 6))
        && (shouted || !word.is_one_of(SMALL))
        && (shouted || !word.text.starts_with(char::is_uppercase))
}

fn alphabet_neighbour(words: &[Word], at: usize) -> bool {
    let spells = |word: &Word| alphabet_word(&word.lower).is_some() || one_letter(&word.lower).is_some();
    let before = at > 0 && spells(&words[at - 1]);
    before || words.get(at + 1).is_some_and(spells)
}

// The radio alphabet.
fn alphabet_word(lower: &str) -> Option<char> {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo", "lima",
        "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor", "whiskey",
        "xray", "yankee", "zulu",
    ];
    let lower = match lower {
        "alpha" => "alfa",
        "juliett" => "juliet",
        "whisky" => "whiskey",
        other => other,
    };
    WORDS.iter().find(|word| **word == lower).and_then(|word| word.chars().next())
}
