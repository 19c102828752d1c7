//! A transcript as the pieces of an e-mail address.

use super::super::numerals::{Reading, numeral_at};
use super::super::spelling::letter_at;
use super::super::words::{Gap, Word, phrase_at};

/// What a word or a mark may be in an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A word or digits, lower case.
    Text(String),
    /// One letter, or two by "double".
    Letters(String),
    /// A dot, underscore, hyphen or plus.
    Mark { mark: char, is_spoken: bool },
    /// "At"; sure when it was written so or called a sign.
    At { is_sure: bool },
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) piece: Piece,
    /// What stands before it.
    pub(super) before: Gap,
}

impl Token {
    /// Its letters or digits; nothing for a mark.
    pub(super) fn text(&self) -> &str {
        match &self.piece {
            Piece::Text(text) | Piece::Letters(text) => text,
            Piece::Mark { .. } | Piece::At { .. } => "",
        }
    }
}

/// Words that say how it is written, and hesitations.
#[rustfmt::skip]
const SKIPPED: &[&str] = &[
    "all lowercase", "all lower case", "all in lowercase", "all in lower case", "in lowercase", "in lower case", "lowercase", "lower case",
    "all one word", "one word", "no spaces", "no space", "all small letters", "small letters", "no caps", "um", "uh", "er", "erm", "the number",
    "the numbers", "the word",
];
const MARKS: &[(&[&str], char)] = &[
    (&["dot", "period", "full stop", "point"], '.'),
    (&["underscore", "under score", "underscore sign"], '_'),
    (&["hyphen", "dash", "minus", "dash sign", "minus sign", "hyphen sign"], '-'),
    (&["plus", "plus sign"], '+'),
];

pub(super) fn tokens(said: &str, words: &[Word]) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let mut at = 0;
    let mut before = Gap::Stop;
    while at < words.len() {
        if let Some(length) = phrase_at(words, at, SKIPPED) {
            at += length;
            continue;
        }
        let (pieces, next) = pieces_at(words, at, &found);
        for (index, piece) in pieces.into_iter().enumerate() {
            found.push(Token { piece, before: if index == 0 { before } else { Gap::Joint } });
        }
        at = next;
        before = words[at - 1].gap;
        let between = words.get(at).map_or("", |next| &said[words[at - 1].end..next.start]);
        if let Some(piece) = written(between, words, at) {
            found.push(Token { piece, before: Gap::Joint });
            before = Gap::Joint;
        }
    }
    found
}

fn pieces_at(words: &[Word], at: usize, found: &[Token]) -> (Vec<Piece>, usize) {
    if let Some(length) = phrase_at(words, at, &["at sign", "at symbol", "the at sign"]) {
        return (vec![Piece::At { is_sure: true }], at + length);
    }
    let word = &words[at];
    if word.lower == "at" {
        return (vec![Piece::At { is_sure: false }], at + 1);
    }
    if let Some(top) = word.lower.strip_prefix("dot").filter(|top| matches!(*top, "com" | "net" | "org")) {
        return (vec![Piece::Mark { mark: '.', is_spoken: true }, Piece::Text(top.to_owned())], at + 1);
    }
    for (phrases, mark) in MARKS {
        if let Some(length) = phrase_at(words, at, phrases) {
            return (vec![Piece::Mark { mark: *mark, is_spoken: true }], at + length);
        }
    }
    if spells(words, at, found)
        && let Some((letters, next)) = letter_at(words, at)
    {
        return (vec![Piece::Letters(letters.to_lowercase())], next);
    }
    let is_plain = word.lower.chars().all(char::is_alphabetic);
    if is_plain && let Some(numeral) = numeral_at(words, at, Reading::Digits) {
        return (vec![Piece::Text(numeral.digits)], numeral.to);
    }
    (vec![Piece::Text(word.lower.replace('\'', ""))], at + 1)
}

// "Bee" and "tango" are letters beside letters only.
fn spells(words: &[Word], at: usize, found: &[Token]) -> bool {
    let is_letter = |word: &Word| word.text.chars().count() == 1 && word.text.chars().all(char::is_alphabetic);
    let beside = || {
        matches!(found.last(), Some(Token { piece: Piece::Letters(_), .. })) || words.get(at + 1).is_some_and(is_letter)
    };
    let word = &words[at];
    let is_doubled = word.is_one_of(&["double", "capital"]) && words.get(at + 1).is_some_and(is_letter);
    let is_named =
        word.is_one_of(&["bee", "cee", "dee", "aitch", "cue", "ess", "tee", "vee", "zee", "zed"]) && beside();
    is_letter(word) || is_doubled || is_named
}

// The mark that was written between two words, unless it only parts spelled letters.
fn written(between: &str, words: &[Word], next: usize) -> Option<Piece> {
    let is_letter = |at: usize| words.get(at).is_some_and(|word| word.text.chars().count() == 1 && !word.is_digits());
    let mark = |mark: char| Some(Piece::Mark { mark, is_spoken: false });
    if between.contains('@') {
        return Some(Piece::At { is_sure: true });
    }
    if between.contains('_') {
        return mark('_');
    }
    if between.contains('+') {
        return mark('+');
    }
    let letters = is_letter(next - 1) && is_letter(next);
    let is_run = letters && (next > 1 && is_letter(next - 2) || is_letter(next + 1));
    match between {
        "-" if !letters => mark('-'),
        "." if !is_run => mark('.'),
        " ." => mark('.'),
        _ => None,
    }
}
