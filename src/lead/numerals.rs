//! Numbers in words: how people say digits one by one, in pairs, and as house numbers.

use super::words::{Gap, Word};

/// How a number is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Digits follow one another: "eight hundred five" is 800 5.
    Digits,
    /// One number: "eight hundred five" is 805, "one twenty-three" is 123.
    House,
}

/// A stretch of words that says digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numeral {
    /// The digits.
    pub(super) digits: String,
    /// Its first word.
    pub(super) from: usize,
    /// Past its last word.
    pub(super) to: usize,
}

/// The numerals among the words, each as small as it can be told.
pub(super) fn numerals(words: &[Word], reading: Reading) -> Vec<Numeral> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match numeral_at(words, at, reading) {
            Some(numeral) => {
                at = numeral.to;
                found.push(numeral);
            }
            None => at += 1,
        }
    }
    found
}

/// The numeral that starts at this word.
pub(super) fn numeral_at(words: &[Word], at: usize, reading: Reading) -> Option<Numeral> {
    let word = words.get(at)?;
    let numeral = |digits: String, to: usize| Some(Numeral { digits, from: at, to });
    if let Some(times) = repeat(&word.lower) {
        let digit = words.get(at + 1).and_then(|next| single(words, at + 1, &next.lower))?;
        return numeral(digit.repeat(times), at + 2);
    }
    if word.is_digits() {
        return numeral(word.text.to_owned(), at + 1);
    }
    let (value, next) = below_hundred(words, at)?;
    let zero_led = value.starts_with('0');
    if zero_led || words[next - 1].gap > Gap::Space {
        return numeral(value, next);
    }
    match words.get(next).map(|word| word.lower.as_str()) {
        Some("hundred") => {
            let (rest, to) = after_hundred(words, next, reading);
            numeral(format!("{value}{rest:0>2}"), to)
        }
        Some("thousand") => {
            let (rest, to) = after_thousand(words, next, reading);
            numeral(format!("{value}{rest:0>3}"), to)
        }
        _ => numeral(value, next),
    }
}

// "eight hundred and twelve", "five hundred eighty seven"; digits alone follow only in a house number.
fn after_hundred(words: &[Word], hundred: usize, reading: Reading) -> (String, usize) {
    let end = (String::new(), hundred + 1);
    if words[hundred].gap > Gap::Space {
        return end;
    }
    let and = words.get(hundred + 1).is_some_and(|word| word.lower == "and");
    let from = hundred + 1 + usize::from(and);
    match below_hundred(words, from) {
        Some((rest, to)) if !rest.starts_with('0') && (and || reading == Reading::House) => (rest, to),
        _ => end,
    }
}

fn after_thousand(words: &[Word], thousand: usize, reading: Reading) -> (String, usize) {
    let end = (String::new(), thousand + 1);
    if words[thousand].gap > Gap::Space || reading == Reading::Digits {
        return end;
    }
    let and = words.get(thousand + 1).is_some_and(|word| word.lower == "and");
    match numeral_at(words, thousand + 1 + usize::from(and), reading) {
        Some(rest) if rest.digits.len() <= 3 => (rest.digits, rest.to),
        _ => end,
    }
}

// "seven", "oh", "twelve", "twenty", "twenty-one".
fn below_hundred(words: &[Word], at: usize) -> Option<(String, usize)> {
    let word = words.get(at)?;
    if let Some(digit) = single(words, at, &word.lower) {
        return Some((digit, at + 1));
    }
    if let Some(teen) = TEENS.iter().position(|name| *name == word.lower) {
        return Some(((10 + teen).to_string(), at + 1));
    }
    let tens = TENS.iter().position(|name| *name == word.lower)? + 2;
    let unit = words.get(at + 1).filter(|_| word.gap <= Gap::Space).and_then(|next| digit(&next.lower));
    match unit {
        Some(unit) if unit != 0 && !is_pronoun(words, at + 1) => Some(((tens * 10 + unit).to_string(), at + 2)),
        _ => Some(((tens * 10).to_string(), at + 1)),
    }
}

// A word for one digit, unless it is no number here: "this one", "oh yeah".
fn single(words: &[Word], at: usize, lower: &str) -> Option<String> {
    let value = match lower {
        "oh" | "o" if is_zero(words, at) => 0,
        _ => digit(lower).filter(|_| !is_pronoun(words, at))?,
    };
    Some(value.to_string())
}

fn digit(lower: &str) -> Option<usize> {
    match lower {
        "zero" | "nought" | "naught" => Some(0),
        "niner" => Some(9),
        _ => DIGITS.iter().position(|name| *name == lower).map(|index| index + 1),
    }
}

const DIGITS: [&str; 9] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const TEENS: [&str; 10] =
    ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

fn repeat(lower: &str) -> Option<usize> {
    match lower {
        "double" => Some(2),
        "triple" | "treble" => Some(3),
        "quadruple" => Some(4),
        _ => None,
    }
}

// "Oh" is a zero next to another number: "five oh one"; "Oh, two one two" begins with a sigh.
fn is_zero(words: &[Word], at: usize) -> bool {
    let near = |word: &Word| {
        word.is_digits() || word.is_one_of(&["oh", "o", "hundred", "double", "triple"]) || is_number_word(&word.lower)
    };
    let before = at > 0 && near(&words[at - 1]);
    let after = words.get(at + 1).is_some_and(near);
    let sigh = at == 0
        && words[0].gap >= Gap::Comma
        && words.get(1).is_some_and(|next| next.gap != Gap::Comma || words.len() < 3);
    before || (after && !sigh)
}

/// Whether a lower-case word says a number by itself.
pub(super) fn is_number_word(lower: &str) -> bool {
    digit(lower).is_some() || TEENS.contains(&lower) || TENS.contains(&lower)
}

// "this one", "the one", "one second": no number.
fn is_pronoun(words: &[Word], at: usize) -> bool {
    if words[at].lower != "one" {
        return false;
    }
    let before: &[&str] =
        &["this", "that", "the", "which", "another", "no", "any", "other", "same", "new", "good", "right", "wrong"];
    let after: &[&str] = &["second", "sec", "moment", "minute", "more", "thing", "of", "is", "i", "i'm", "please"];
    (at > 0 && words[at - 1].gap <= Gap::Space && words[at - 1].is_one_of(before))
        || (words[at].gap <= Gap::Space && words.get(at + 1).is_some_and(|next| next.is_one_of(after)))
}
