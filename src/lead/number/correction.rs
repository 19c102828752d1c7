//! Corrections of a number that is known: a part of it, or digits in place of others.

use super::super::numerals::{Numeral, Reading, numerals};
use super::super::once::said_once;
use super::super::words::{Gap, Word, contains_phrase, phrase_at, words};
use super::{number_from, spoken_digits};
use crate::phone::PhoneNumber;

/// Applies a correction such as "the last four are 0143" or a whole new number to the number that was read back. None when the words hold no
/// number that fits.
#[must_use]
pub fn correct_number(known: &PhoneNumber, said: &str, region: &str) -> Option<PhoneNumber> {
    let said = &said_once(said);
    if let Some(number) = number_from(said, region, true) {
        return Some(number);
    }
    part_corrected(known, said, region)
}

/// As [`correct_number`], for words that hold no whole number.
pub(super) fn part_corrected(known: &PhoneNumber, said: &str, region: &str) -> Option<PhoneNumber> {
    let words = words(said);
    swapped(known, &words, region).or_else(|| replaced_part(known, said, &words, region))
}

// "43, not 42" or "not 42, it's 43".
fn swapped(known: &PhoneNumber, words: &[Word], region: &str) -> Option<PhoneNumber> {
    let not = words.iter().position(|word| word.is_one_of(&["not", "isn't"]))?;
    let found = numerals(words, Reading::Digits);
    let joined = |part: &[&Numeral]| part.iter().map(|numeral| numeral.digits.as_str()).collect::<String>();
    let (before, after): (Vec<&Numeral>, Vec<&Numeral>) = found.iter().partition(|numeral| numeral.to <= not);
    let (new, old) = if before.is_empty() {
        // The old digits follow "not"; the new ones come after a pause or other words.
        let split = (1..after.len())
            .find(|at| after[at - 1].to < after[*at].from || words[after[at - 1].to - 1].gap >= Gap::Comma)?;
        (joined(&after[split..]), joined(&after[..split]))
    } else {
        (joined(&before), joined(&after))
    };
    let digits = known.groups().concat();
    if old.is_empty() || old.len() != new.len() || digits.matches(&old).count() != 1 {
        return None;
    }
    reparse(known, &digits.replacen(&old, &new, 1), region)
}

fn replaced_part(known: &PhoneNumber, said: &str, words: &[Word], region: &str) -> Option<PhoneNumber> {
    let new = once(part_digits(said, words));
    let groups = known.groups();
    let digits = groups.concat();
    let (from, to) = if contains_phrase(words, &["area code", "first three", "prefix", "starts with", "begins with"]) {
        (0, groups.first()?.len())
    } else if contains_phrase(words, &["middle", "exchange", "second part", "in the middle"]) {
        let first = groups.first()?.len();
        (first, first + groups.get(1)?.len())
    } else if new.len() == 4 || new.len() == 7 || contains_phrase(words, &["last", "ends", "end", "ending"]) {
        (digits.len().checked_sub(new.len())?, digits.len())
    } else {
        return None;
    };
    // "The last four are 01886" was misheard: better to ask again than to change a fifth digit.
    let is_miscounted = stated_count(words).is_some_and(|count| count != new.len());
    // The first digits once more are no new last ones.
    let is_start = from > 0 && digits.starts_with(&new);
    if new.is_empty() || new.len() != to - from || is_miscounted || is_start {
        return None;
    }
    reparse(known, &format!("{}{new}{}", &digits[..from], &digits[to..]), region)
}

// How many digits are being corrected, when the caller says so.
fn stated_count(words: &[Word]) -> Option<usize> {
    const COUNTS: [(&[&str], usize); 5] = [
        (&["last digit", "last number", "last one"], 1),
        (&["last four", "last 4"], 4),
        (&["last two", "last 2"], 2),
        (&["last three", "last 3", "first three", "first 3"], 3),
        (&["last seven", "last 7"], 7),
    ];
    COUNTS.into_iter().find(|(phrases, _)| contains_phrase(words, phrases)).map(|(_, count)| count)
}

// "The last four are 0143": the count is no part of the number.
fn part_digits(said: &str, words: &[Word]) -> String {
    #[rustfmt::skip]
    const LEADS: &[&str] = &[
        "last four digits", "last four", "last 4 digits", "last 4", "last two digits", "last two", "last 2",
        "last seven digits", "last seven", "first three digits", "first three", "first 3", "last three digits", "last three",
        "last digit",
    ];
    let lead = (0..words.len()).find_map(|at| phrase_at(words, at, LEADS).map(|length| at + length));
    spoken_digits(lead.map_or(said, |at| words.get(at).map_or("", |word| &said[word.start..])))
}

// "0143. 0143.": no end of a number has eight digits.
fn once(digits: String) -> String {
    match digits.split_at_checked(4) {
        Some((first, second)) if first == second => first.to_owned(),
        _ => digits,
    }
}

fn reparse(known: &PhoneNumber, national: &str, region: &str) -> Option<PhoneNumber> {
    let same_plan = PhoneNumber::parse(&known.groups().concat(), region).is_ok_and(|number| number == *known);
    let text = if same_plan {
        national.to_owned()
    } else {
        let digits = known.groups().concat();
        // The national form may begin with a trunk zero that the international one lacks.
        let trunk = digits.len() - digits.trim_start_matches('0').len();
        let code = known.e164().strip_suffix(&digits[trunk..])?;
        format!("{code}{}", national.get(trunk..)?)
    };
    PhoneNumber::parse(&text, region).ok()
}
