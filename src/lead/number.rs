//! Telephone numbers and other digits as people say them, with the corrections they make on the way.

use super::numerals::{Numeral, Reading, numerals};
use super::words::{Word, contains_phrase, phrase_at, words};
use crate::phone::PhoneNumber;

/// No plan's numbers are shorter than this when called from elsewhere.
const SHORTEST: usize = 6;

/// Words by which a speaker takes back what they just said.
#[rustfmt::skip]
pub(super) const CORRECTIONS: &[&str] = &[
    "no wait", "wait no", "sorry", "i mean", "i meant", "actually", "scratch that", "correction",
    "let me start over", "start over", "let me start again", "make that", "no it's", "no that's", "rather",
    "my mistake", "oops", "no sorry", "wait", "not that",
];

/// The digits in what was said, joined: `two one two, double five five oh one four two` gives `2125550142`.
/// A correction on the way is applied: `212 555 0142, sorry, 0143` gives `2125550143`.
#[must_use]
pub fn spoken_digits(said: &str) -> String {
    let words = words(said);
    let found = numerals(&words, Reading::Digits);
    let mut digits = String::new();
    let mut fresh = String::new();
    let mut past = 0;
    for numeral in &found {
        if is_corrected(&words[past..numeral.from]) {
            digits = amend(&digits, &fresh);
            fresh = String::new();
        }
        fresh.push_str(&numeral.digits);
        past = numeral.to;
    }
    amend(&digits, &fresh)
}

/// The telephone number in what was said, when there is a whole one.
pub(super) fn number_from(said: &str, region: &str) -> Option<PhoneNumber> {
    let words = words(said);
    let found = numerals(&words, Reading::Digits);
    let parse = |digits: &str| {
        let possible = digits.len() >= SHORTEST;
        possible.then(|| PhoneNumber::parse(digits, region).ok()).flatten()
    };
    if contains_phrase(&words, CORRECTIONS) {
        return parse(&spoken_digits(said)).or_else(|| whole_number(&words, &found, &parse));
    }
    let all: String = found.iter().map(|numeral| numeral.digits.as_str()).collect();
    let international = found.first().is_some_and(|first| has_plus(said, &words, first));
    if international && let Some(number) = parse(&format!("+{all}")) {
        return Some(number);
    }
    parse(&all).or_else(|| whole_number(&words, &found, &parse))
}

/// Applies a correction such as "the last four are 0143" or a whole new number to the number that was read back. None when the words hold no
/// number that fits.
#[must_use]
pub fn correct_number(known: &PhoneNumber, said: &str, region: &str) -> Option<PhoneNumber> {
    if let Some(number) = number_from(said, region) {
        return Some(number);
    }
    let words = words(said);
    swapped(known, &words, region).or_else(|| replaced_part(known, said, &words, region))
}

// Runs of numerals with little between them: one of them may be a whole number.
fn whole_number(words: &[Word], found: &[Numeral], parse: &dyn Fn(&str) -> Option<PhoneNumber>) -> Option<PhoneNumber> {
    for loose in [false, true] {
        let mut runs: Vec<&[Numeral]> = Vec::new();
        let mut start = 0;
        for index in 1..=found.len() {
            if index == found.len() || !joins(&words[found[index - 1].to..found[index].from], loose) {
                runs.push(&found[start..index]);
                start = index;
            }
        }
        let whole = |run: &[Numeral]| {
            let joined = |part: &[Numeral]| part.iter().map(|numeral| numeral.digits.as_str()).collect::<String>();
            let whole = parse(&joined(run));
            // A house number or code may stand right before or after the number.
            // Single digits are no such thing: with one too many, none can be told to be it.
            let apart = |part: &[Numeral]| part.iter().all(|numeral| numeral.digits.len() > 1);
            let suffix =
                || (1..run.len()).filter(|cut| apart(&run[..*cut])).find_map(|cut| parse(&joined(&run[cut..])));
            let prefix =
                || (1..run.len()).rev().filter(|cut| apart(&run[*cut..])).find_map(|cut| parse(&joined(&run[..cut])));
            whole.or_else(suffix).or_else(prefix)
        };
        // Of several the first counts, unless the caller took something back.
        let corrected = contains_phrase(words, CORRECTIONS) || words.iter().any(|word| word.is_one_of(&["no", "not"]));
        let mut numbers = runs.into_iter().filter_map(whole);
        let number = if corrected { numbers.last() } else { numbers.next() };
        if number.is_some() {
            return number;
        }
    }
    None
}

fn joins(between: &[Word], loose: bool) -> bool {
    let fillers =
        ["um", "uh", "er", "erm", "and", "then", "area", "code", "dash", "hyphen", "dot", "plus", "it's", "space"];
    between.is_empty() || (loose && between.len() <= 3 && between.iter().all(|word| word.is_one_of(&fillers)))
}

fn has_plus(said: &str, words: &[Word], first: &Numeral) -> bool {
    let start = words[first.from].start;
    said[..start].trim_end().ends_with('+') || first.from.checked_sub(1).is_some_and(|at| words[at].lower == "plus")
}

pub(super) fn is_corrected(between: &[Word]) -> bool {
    contains_phrase(between, CORRECTIONS) || between.iter().any(|word| word.lower == "no" || word.lower == "nope")
}

// What was said after a correction takes the place of what it repeats: all of it, the group that was broken off, or the
// last digits.
fn amend(before: &str, after: &str) -> String {
    if after.is_empty() || before.is_empty() || after.len() >= before.len() || after.len() >= 7 {
        return if after.is_empty() { before.to_owned() } else { after.to_owned() };
    }
    // A number that was broken off is taken up where it then comes out whole.
    let length = if before.starts_with(['0', '1']) { 11 } else { 10 };
    let past = (before.len() + after.len()).checked_sub(length);
    if let Some(past) = past.filter(|past| before.len() < length && *past <= after.len()) {
        return format!("{}{after}", &before[..before.len() - past]);
    }
    let overlap = (2..after.len()).rev().find(|count| before.ends_with(&after[..*count]));
    let kept = before.len() - overlap.unwrap_or(after.len());
    format!("{}{after}", &before[..kept])
}

// "43, not 42" or "not 42, it's 43".
fn swapped(known: &PhoneNumber, words: &[Word], region: &str) -> Option<PhoneNumber> {
    let not = words.iter().position(|word| word.is_one_of(&["not", "isn't"]))?;
    let found = numerals(words, Reading::Digits);
    let joined = |part: &[&Numeral]| part.iter().map(|numeral| numeral.digits.as_str()).collect::<String>();
    let (before, after): (Vec<&Numeral>, Vec<&Numeral>) = found.iter().partition(|numeral| numeral.to <= not);
    let (new, old) = if before.is_empty() {
        // The old digits follow "not"; the new ones come after a pause or other words.
        let split = (1..after.len()).find(|at| {
            after[at - 1].to < after[*at].from || words[after[at - 1].to - 1].gap >= super::words::Gap::Comma
        })?;
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
    let new = part_digits(said, words);
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
    if new.is_empty() || new.len() != to - from || is_miscounted {
        return None;
    }
    reparse(known, &format!("{}{new}{}", &digits[..from], &digits[to..]), region)
}

// How many digits are being corrected, when the caller says so.
fn stated_count(words: &[Word]) -> Option<usize> {
    const COUNTS: [(&[&str], usize); 4] = [
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
        "last seven", "first three digits", "first three", "first 3", "last three",
    ];
    let lead = (0..words.len()).find_map(|at| phrase_at(words, at, LEADS).map(|length| at + length));
    spoken_digits(lead.map_or(said, |at| words.get(at).map_or("", |word| &said[word.start..])))
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
