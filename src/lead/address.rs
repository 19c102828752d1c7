//! Street addresses: the caller's words, numbers as digits.

use super::number::CORRECTIONS;
use super::numerals::{Numeral, Reading, numerals};
use super::streets::Streets;
use super::vocabulary::FILLERS;
use super::words::{Gap, Word, contains_phrase, phrase_at, words};
use std::ops::Range;

#[rustfmt::skip]
const STREETS: &[&str] = &[
    "street", "avenue", "road", "drive", "lane", "boulevard", "court", "place", "terrace", "way", "circle", "parkway",
    "highway", "square", "trail", "loop", "crescent", "close", "row", "alley", "route", "broadway", "turnpike", "plaza",
    "pike", "mews", "gardens", "grove",
];
/// Those of them that are also written in short.
#[rustfmt::skip]
const SHORT: &[(&str, &str)] = &[
    ("st", "street"), ("ave", "avenue"), ("rd", "road"), ("dr", "drive"), ("ln", "lane"), ("blvd", "boulevard"),
    ("ct", "court"), ("pl", "place"), ("pkwy", "parkway"), ("hwy", "highway"),
];
/// The longest name of a street, in words.
const LONGEST_NAME: usize = 4;
#[rustfmt::skip]
const LEADS: &[&str] = &[
    "it's at", "it is at", "it's", "it is", "the address is", "my address is", "our address is", "address is",
    "address", "i live at", "i live on", "i'm at", "i am at", "we're at", "we are at", "we live at", "that's",
    "that is", "that would be", "that'd be", "at", "um", "uh", "er", "well", "so", "okay", "ok", "yes", "yeah",
    "sure", "oh", "the house is at", "the house is", "the place is", "and", "no", "actually", "of course", "right",
    "it would be", "i'm located at", "located at", "come to", "to", "sorry", "my home address is",
];
/// What ends an address inside a sentence.
#[rustfmt::skip]
const ENDS: &[&str] = &[
    "and my", "and the number", "and the number's", "the number's", "the number is", "number is", "my cell",
    "and you", "and the name", "and i", "and it's", "and it", "and we", "but", "please", "thanks", "thank you",
    "is where", "is the address", "that's", "my number", "my name", "my phone", "phone", "contact", "mob", "because",
    "there's", "there is", "any weekday", "any day", "any time", "anytime", "no rush", "not", "i'm home", "i'm there",
    "if that", "where i", "and there", "and you", "and can", "is my address",
];

/// A street address, numbers as digits: `four twelve Maple Street` gives `412 Maple Street`. None without a number and a name.
#[must_use]
pub fn address_from(said: &str) -> Option<String> {
    street_address(said).or_else(|| numbered_by_ordinal(said)).or_else(|| loose_address(said))
}

/// Whether an address may have been heard wrong: it has no house number, or its street is none that is listed where some are.
#[must_use]
pub fn is_doubtful_address(address: &str, streets: &Streets) -> bool {
    address_from(address).is_none() || !streets.knows(address)
}

// "8th Court Street": a number before the name of a street, heard as an ordinal. "8th Street" has no number.
fn numbered_by_ordinal(said: &str) -> Option<String> {
    let words = words(said);
    let is_street = |at: usize| words.get(at).is_some_and(|word| street_kind(&word.lower).is_some());
    let is_named = |at: usize| is_street(at + 2) && (words[at + 1].text.starts_with(char::is_uppercase));
    let (at, digits) =
        (after_leads(&words)..words.len()).find_map(|at| Some((at, ordinal_digits(&words[at].lower)?)))?;
    let number = &words[at];
    is_named(at).then(|| street_address(&format!("{digits}{}", &said[number.end..])))?
}

/// `8` of `8th`.
pub(super) fn ordinal_digits(word: &str) -> Option<&str> {
    let digits = ["st", "nd", "rd", "th"].into_iter().find_map(|end| word.strip_suffix(end))?;
    (!digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())).then_some(digits)
}

/// An address that can't be anything else: house number, name, kind of street.
pub(super) fn street_address(said: &str) -> Option<String> {
    let words = words(said);
    let found = numerals(&words, Reading::House);
    let street = |numeral: &Numeral| {
        let end = sentence_end(&words, numeral.from);
        let limit = end.min(numeral.to + 6);
        let at = (numeral.to..limit)
            .find(|at| street_kind(&words[*at].lower).is_some() && (*at > numeral.to || is_numbered(&words[*at])))?;
        let between = &words[numeral.to..at];
        let broken = contains_phrase(between, CORRECTIONS)
            || between.iter().any(|word| {
                word.is_one_of(&["at", "is", "are", "my", "i", "we", "no", "it's", "of", "for", "by", "way"])
            });
        (!broken).then_some((numeral.from, end))
    };
    let (from, end) = found.iter().find_map(street)?;
    Some(written(said, &words, from, cut(&words, from, end)))
}

/// A kind of street in full: `avenue` of `ave`.
pub(super) fn street_kind(word: &str) -> Option<&'static str> {
    let in_full = SHORT.iter().find(|(short, _)| *short == word).map(|(_, kind)| *kind);
    in_full.or_else(|| STREETS.iter().find(|kind| **kind == word).copied())
}

/// Where a street's name stands between a house number and a kind of street, in bytes, with that kind in full. They may be one word: `39 Bondstreet`.
pub(super) fn street_names(said: &str) -> Vec<(Range<usize>, &'static str)> {
    let words = words(said);
    let named = |numeral: Numeral| {
        let end = sentence_end(&words, numeral.from).min(numeral.to + 1 + LONGEST_NAME);
        let first = words.get(numeral.to).filter(|_| numeral.to < end)?;
        if let Some((name, kind)) = name_and_kind(&first.lower).filter(|_| first.text.is_ascii()) {
            return Some((first.start..first.start + name.len(), kind));
        }
        let (at, kind) = (numeral.to + 1..end).find_map(|at| Some((at, street_kind(&words[at].lower)?)))?;
        Some((first.start..words[at - 1].end, kind))
    };
    numerals(&words, Reading::House).into_iter().filter_map(named).collect()
}

fn name_and_kind(word: &str) -> Option<(&str, &'static str)> {
    let kinds = ["street", "avenue", "boulevard"];
    let (name, kind) = kinds.into_iter().find_map(|kind| Some((word.strip_suffix(kind)?, kind)))?;
    (name.len() > 2).then_some((name, kind))
}

/// An address that is called one: "the address is 41 Oak".
pub(super) fn stated_address(said: &str) -> Option<String> {
    let words = words(said);
    let called =
        |at: usize| phrase_at(&words, at, &["address is", "address should be", "address to"]).map(|length| at + length);
    let from = (0..words.len()).rev().find_map(called).and_then(|at| words.get(at))?.start;
    street_address(said).or_else(|| loose_address(&said[from..]))
}

/// What was said when an address was asked for and there is no house number: the words without lead-ins.
pub(super) fn place(said: &str) -> Option<String> {
    let words = words(said);
    let from = after_leads(&words);
    let end = cut(&words, from, words.len());
    let content: Vec<_> = words.get(from..end)?.iter().filter(|word| !word.is_one_of(FILLERS)).collect();
    let is_number = |word: &Word| word.is_digits() || super::numerals::is_number_word(&word.lower);
    let is_named = content.iter().any(|word| !is_number(word));
    (content.len() >= 2 && is_named).then(|| written(said, &words, from, end))
}

// A number and at least one more word: "27 Broadway", "12 Maple".
fn loose_address(said: &str) -> Option<String> {
    let words = words(said);
    let from = after_leads(&words);
    let first = numerals(&words, Reading::House)
        .into_iter()
        .find(|numeral| numeral.from >= from && numeral.from <= from + 1)?;
    let end = cut(&words, first.from, sentence_end(&words, first.from));
    let named = words
        .get(first.to..end)?
        .iter()
        .any(|word| word.text.chars().count() > 2 && word.text.chars().all(char::is_alphabetic) && !is_measure(word));
    let start = if first.from == from { first.from } else { from };
    let measured = words.get(first.to).is_some_and(is_measure);
    (named && !measured).then(|| written(said, &words, start, end))
}

fn is_measure(word: &Word) -> bool {
    word.is_one_of(&[
        "am", "pm", "o'clock", "hours", "hour", "minutes", "days", "day", "weeks", "week", "dollars", "percent",
        "years", "and", "or", "to", "people", "times",
    ]) || super::numerals::is_number_word(&word.lower)
}

fn is_numbered(word: &Word) -> bool {
    word.is_one_of(&["broadway", "highway", "hwy", "route"])
}

fn after_leads(words: &[Word]) -> usize {
    let mut at = 0;
    while let Some(length) = phrase_at(words, at, LEADS) {
        at += length;
    }
    at
}

// "St." and the like end no sentence.
fn sentence_end(words: &[Word], from: usize) -> usize {
    let abbreviated = |word: &Word| {
        word.is_one_of(&["st", "ave", "rd", "dr", "ln", "blvd", "ct", "pl", "apt", "n", "s", "e", "w", "no"])
    };
    (from..words.len())
        .find(|at| words[*at].gap == Gap::Stop && !(abbreviated(&words[*at]) && at + 1 < words.len()))
        .map_or(words.len(), |at| at + 1)
}

fn cut(words: &[Word], from: usize, end: usize) -> usize {
    (from + 1..end).find(|at| phrase_at(words, *at, ENDS).is_some()).unwrap_or(end)
}

/// The words from `from` to `end` as they stand, with runs of numbers as digits.
pub(super) fn written(said: &str, words: &[Word], from: usize, end: usize) -> String {
    let mut out = String::new();
    let mut at = from;
    let found = numerals(words, Reading::House);
    let is_numeral = |at: usize| found.iter().any(|numeral| numeral.from == at);
    while at < end {
        if let Some(past) = spelled_again(words, at, end) {
            at = past;
            continue;
        }
        let run = run_at(words, &found, at, end);
        let (text, next) = match run {
            Some((digits, to)) => (digits, to),
            None => (words[at].text.to_owned(), at + 1),
        };
        let filler = run_is_filler(&words[at]);
        if !filler {
            out.push_str(&text);
        }
        if next < end && !filler {
            // "37. Garden Place": a pause after the house number.
            let is_house = at == from && words[next - 1].gap >= Gap::Comma && is_numeral(at) && !is_numeral(next);
            let between = said[words[next - 1].end..words[next].start].trim_end_matches(['(', '"']);
            out.push_str(if is_house { " " } else { between });
        }
        at = next;
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches([',', '.', ';', ' ']).to_owned()
}

// "Bleecker, B-L-E-E-C-K-E-R": past the letters of the word before.
fn spelled_again(words: &[Word], at: usize, end: usize) -> Option<usize> {
    let word = &words.get(at.checked_sub(1)?)?.lower;
    let to = at + word.chars().count();
    let letters = words.get(at..to.min(end)).filter(|letters| letters.len() > 2)?;
    let is_same = letters.iter().map(|letter| letter.lower.as_str()).collect::<String>() == *word;
    (is_same && letters.iter().all(|letter| letter.text.chars().count() == 1)).then_some(to)
}

fn run_is_filler(word: &Word) -> bool {
    word.is_one_of(&["um", "uh", "er", "erm", "hmm"])
}

// Numerals one after the other make one number: "four twelve", "one five two oh five".
fn run_at(words: &[Word], found: &[Numeral], at: usize, end: usize) -> Option<(String, usize)> {
    let mut index = found.iter().position(|numeral| numeral.from == at)?;
    let mut digits = found[index].digits.clone();
    let mut to = found[index].to;
    while let Some(next) = found.get(index + 1).filter(|next| next.from == to && next.to <= end) {
        let gap = words[to - 1].gap;
        let single = found[index].digits.len() == 1 && next.digits.len() == 1;
        let spoken = !words[to - 1].is_digits() && !words[to].is_digits();
        // A recogniser writes "one one two oh one" also as "1-1201".
        let zip = gap == Gap::Joint && digits.len() + next.digits.len() == 5 && digits.len() < 5;
        let close = gap <= Gap::Space && (spoken || single) || zip;
        if !(close || (gap == Gap::Comma && single)) {
            break;
        }
        digits.push_str(&next.digits);
        to = next.to;
        index += 1;
    }
    Some((digits, to))
}
