//! Numbers in words: how people say digits one by one, in pairs, and as house numbers.

use super::words::{Gap, Word};

/// How a number is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Digits follow one another: "eight hundred five" is 800 5.
    Digits,
    /// As `Digits`, when digits were asked for: "to", "for", "ate" and "won" among digits are some too.
    Dictated,
    /// One number: "eight hundred five" is 805, "one twenty-three" is 123.
    House,
}

/// A stretch of words that says digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numeral {
    /// The digits.
    pub(super) digits: String,
    /// What it may also be: 805 for 800 5.
    pub(super) other: Option<String>,
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

// "No, use 718": "No U718".
fn after_letter<'a>(word: &Word<'a>) -> Option<&'a str> {
    let digits = word.text.strip_prefix(|c: char| c.is_ascii_alphabetic())?;
    (digits.len() >= 3 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// The numeral that starts at this word.
pub(super) fn numeral_at(words: &[Word], at: usize, reading: Reading) -> Option<Numeral> {
    let word = words.get(at)?;
    let numeral = |digits: String, to: usize| Some(Numeral { digits, other: None, from: at, to });
    if let Some(times) = repeat(&word.lower) {
        let digit =
            words.get(at + 1).and_then(|next| single(words, at + 1, &next.lower).or_else(|| one_digit(next)))?;
        return numeral(digit.repeat(times), at + 2);
    }
    if is_count(words, at) {
        return None;
    }
    if reading != Reading::House
        && let Some(digits) = several(words, at)
    {
        return numeral(digits, at + 2);
    }
    if word.is_digits() {
        return numeral(word.text.to_owned(), at + 1);
    }
    if reading == Reading::Dictated
        && let Some(digits) = after_letter(word)
    {
        return numeral(digits.to_owned(), at + 1);
    }
    if reading != Reading::House
        && let Some(digits) = odd(words, at, reading)
    {
        return numeral(digits, at + 1);
    }
    let (value, next) = below_hundred(words, at)?;
    let zero_led = value.starts_with('0');
    if zero_led || words[next - 1].gap > Gap::Space {
        return numeral(value, next);
    }
    let scale = match words.get(next).map(|word| word.lower.as_str()) {
        Some("hundred") => 2,
        Some("thousand") => 3,
        _ => return numeral(value, next),
    };
    Some(scaled(words, at, next, &value, scale, reading))
}

// "eight hundred and twelve", "five hundred eighty seven"; without "and" the rest belongs to it only in a house number.
fn scaled(words: &[Word], from: usize, at: usize, value: &str, places: usize, reading: Reading) -> Numeral {
    let plain = format!("{value}{}", "0".repeat(places));
    let alone = Numeral { digits: plain.clone(), other: None, from, to: at + 1 };
    if words[at].gap > Gap::Space {
        return alone;
    }
    let and = words.get(at + 1).is_some_and(|word| word.lower == "and");
    let rest_at = at + 1 + usize::from(and);
    let rest = if places == 2 {
        below_hundred(words, rest_at)
    } else {
        numeral_at(words, rest_at, reading).map(|rest| (rest.digits, rest.to))
    };
    let Some((rest, to)) = rest.filter(|(rest, _)| rest.len() <= places && !rest.starts_with('0')) else {
        return alone;
    };
    let whole = format!("{value}{rest:0>places$}");
    if and || reading == Reading::House {
        Numeral { digits: whole, other: Some(format!("{plain}{rest}")), from, to }
    } else {
        // Longer than the word itself: only where the number needs it.
        Numeral { digits: format!("{plain}{rest}"), other: Some(whole), from, to }
    }
}

// "two fives", "three 5s".
fn several(words: &[Word], at: usize) -> Option<String> {
    let times = match words[at].lower.as_str() {
        "two" | "2" => 2,
        "three" | "3" => 3,
        "four" | "4" => 4,
        _ => return None,
    };
    let next = words.get(at + 1).filter(|_| words[at].gap <= Gap::Space)?;
    let name = next.lower.strip_suffix("es").filter(|name| *name == "six" || *name == "zero");
    let name = name.or_else(|| next.lower.strip_suffix("'s")).or_else(|| next.lower.strip_suffix('s'))?;
    let value = digit(name).map(|value| value.to_string()).or_else(|| (name == "oh").then(|| "0".to_owned()));
    let value = value.or_else(|| (name.len() == 1 && name.as_bytes()[0].is_ascii_digit()).then(|| name.to_owned()))?;
    Some(value.repeat(times))
}

// What a recogniser makes of digits: "O142", "0142nd"; "to" and "for" where digits were asked for.
fn odd(words: &[Word], at: usize, reading: Reading) -> Option<String> {
    let lower = words[at].lower.as_str();
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(rest) = lower.strip_prefix('o').filter(|rest| rest.len() >= 2 && all_digits(rest)) {
        return Some(format!("0{rest}"));
    }
    let ordinal = ["st", "nd", "rd", "th"].iter().find_map(|ending| lower.strip_suffix(ending));
    let beside = || at > 0 && words[at - 1].gap <= Gap::Comma && is_digital(&words[at - 1]);
    if let Some(digits) = ordinal.filter(|rest| all_digits(rest) && (beside() || rest.len() >= 4)) {
        return Some(digits.to_owned());
    }
    if reading != Reading::Dictated {
        return None;
    }
    let digit = HOMOPHONES.iter().find(|(name, _)| *name == lower).map(|(_, digit)| *digit)?;
    // "Um, for one five": a hesitation is neither, and what comes after it must be digits for sure.
    let hesitates = at > 0 && words[at - 1].is_one_of(&["um", "uh", "er", "erm", "uhm"]);
    if hesitates && (1..=2).all(|ahead| words.get(at + ahead).is_some_and(is_digital)) && !is_pronoun(words, at + 1) {
        return Some(digit.to_owned());
    }
    let before = at.checked_sub(1).map(|before| is_digital(&words[before]));
    let after = words.get(at + 1).map(is_digital);
    let flanked = match (before, after) {
        (Some(before), Some(after)) => before && after,
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => false,
    };
    flanked.then(|| digit.to_owned())
}

#[rustfmt::skip]
const HOMOPHONES: &[(&str, &str)] = &[
    ("to", "2"), ("too", "2"), ("for", "4"), ("fore", "4"), ("ate", "8"), ("won", "1"), ("sicks", "6"), ("sex", "6"),
    ("tree", "3"), ("free", "3"), ("fife", "5"), ("nein", "9"), ("sven", "7"),
];

fn is_digital(word: &Word) -> bool {
    word.is_digits()
        || word.is_one_of(&["oh", "o", "hundred", "double", "triple"])
        || is_number_word(&word.lower)
        || HOMOPHONES.iter().any(|(name, _)| *name == word.lower)
}

fn one_digit(word: &Word) -> Option<String> {
    (word.is_digits() && word.text.len() == 1).then(|| word.text.to_owned())
}

// "The last four are", "first three", "the last 4 digits": how many, not which.
fn is_count(words: &[Word], at: usize) -> bool {
    let word = &words[at];
    let counts = word.is_one_of(&["two", "three", "four", "five", "six", "seven", "2", "3", "4", "5", "6", "7"]);
    let before =
        at > 0 && words[at - 1].gap <= Gap::Space && words[at - 1].is_one_of(&["last", "first", "final", "middle"]);
    let named = word.gap <= Gap::Space && words.get(at + 1).is_some_and(|next| next.is_one_of(&["digits", "numbers"]));
    counts && (before || named)
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
    // "Thirty-first" is no thirty.
    if word.gap <= Gap::Space && words.get(at + 1).is_some_and(|next| next.is_one_of(&ORDINALS[..9])) {
        return None;
    }
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

const DIGITS: &[&str] = &["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
#[rustfmt::skip]
const TEENS: &[&str] = &[
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
];
/// From first to twentieth.
#[rustfmt::skip]
pub(super) const ORDINALS: [&str; 20] = [
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
    "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
];
const TENS: &[&str] = &["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// A house number of up to four digits, as most people say it: "twelve hundred", "one twenty-three", "one oh four".
pub(super) fn house_in_words(digits: &str) -> Option<String> {
    let number: usize = digits.parse().ok().filter(|_| digits.len() <= 4)?;
    let small = |n: usize| match n {
        0 => "zero",
        1..10 => DIGITS[n - 1],
        _ => TEENS[n - 10],
    };
    let pair = |n: usize| match (n / 10, n % 10) {
        (0 | 1, _) => small(n).to_owned(),
        (tens, 0) => TENS[tens - 2].to_owned(),
        (tens, one) => format!("{}-{}", TENS[tens - 2], small(one)),
    };
    Some(match (number / 100, number % 100) {
        (0, rest) => pair(rest),
        (hundreds, 0) => format!("{} hundred", pair(hundreds)),
        (hundreds, rest @ 1..10) => format!("{} oh {}", pair(hundreds), small(rest)),
        (hundreds, rest) => format!("{} {}", pair(hundreds), pair(rest)),
    })
}

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
    let after = words.get(at + 1).is_some_and(near);
    // "... six six. Oh, and the area code is": a new sentence that goes on with words.
    let anew = at > 0 && words[at - 1].gap == Gap::Stop && !after && at + 1 < words.len();
    let before = at > 0 && near(&words[at - 1]) && !anew;
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
    let after: &[&str] = &["second", "sec", "moment", "minute", "more", "thing", "of", "is", "i", "i'm"];
    (at > 0 && words[at - 1].gap <= Gap::Space && words[at - 1].is_one_of(before))
        || (words[at].gap <= Gap::Space && words.get(at + 1).is_some_and(|next| next.is_one_of(after)))
}
