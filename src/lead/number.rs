//! Telephone numbers and other digits as people say them, with the corrections they make on the way.

mod correction;

use super::numerals::{Numeral, Reading, numerals};
use super::once::said_once;
use super::words::{Gap, Word, contains_phrase, matches_at, words};
use crate::phone::PhoneNumber;
pub use correction::correct_number;

/// No plan's numbers are shorter than this when called from elsewhere.
const SHORTEST: usize = 6;

/// Words by which a speaker takes back what they just said.
#[rustfmt::skip]
pub(super) const CORRECTIONS: &[&str] = &[
    "no wait", "wait no", "sorry", "i mean", "i meant", "actually", "scratch that", "correction",
    "let me start over", "start over", "let me start again", "make that", "no it's", "no that's", "rather",
    "my mistake", "oops", "no sorry", "wait", "not that",
];
/// Words that may stand between a correction and its digits.
#[rustfmt::skip]
const CORRECTING: &[&str] = &[
    "no", "nope", "wait", "sorry", "i", "i'm", "mean", "meant", "actually", "scratch", "that", "that's", "it's", "it",
    "is", "correction", "let", "me", "start", "over", "again", "make", "rather", "my", "mistake", "oops", "not", "the",
    "last", "first", "four", "two", "three", "digits", "numbers", "part", "middle", "are", "be", "should", "should've", "um",
    "uh", "er", "erm", "and", "area", "code", "code's", "said", "say", "try", "number", "ends", "in", "with", "ends", "end", "to", "so",
    "yes", "oh", "do", "use", "one", "ending", "begins", "starts", "4", "2", "3", "then", "you", "know", "a", "second", "of",
    "begin", "apologies", "right", "okay", "well", "beginning",
];
/// Words between digits that belong together.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "um", "uh", "er", "erm", "hmm", "and", "then", "area", "code", "code's", "dash", "hyphen", "dot", "plus", "it's", "space", "so",
    "okay", "let", "me", "see", "is", "i", "think", "followed", "by", "that's", "after", "comes", "ah", "the", "rest",
    "parentheses", "bracket", "country", "next",
];

/// The digits in what was said, joined: `two one two, double five five oh one four two` gives `2125550142`.
/// A correction on the way is applied: `212 555 0142, sorry, 0143` gives `2125550143`.
#[must_use]
pub fn spoken_digits(said: &str) -> String {
    digits_as(said, Reading::Digits)
}

/// As [`spoken_digits`], when digits were asked for: "to" and "for" among digits are some too.
pub(super) fn dictated_digits(said: &str) -> String {
    digits_as(said, Reading::Dictated)
}

fn digits_as(said: &str, reading: Reading) -> String {
    let words = words(said);
    let (mut digits, mut fresh, mut past) = (String::new(), String::new(), 0);
    for numeral in &numerals(&words, reading) {
        if is_corrected(&words[past..numeral.from]) {
            digits = amended(&digits, &fresh);
            fresh = String::new();
        }
        fresh.push_str(&numeral.digits);
        past = numeral.to;
    }
    amended(&digits, &fresh)
}

fn amended(before: &str, after: &str) -> String {
    amend(before, after).unwrap_or_else(|| after.to_owned())
}

/// The telephone number in what was said, when there is a whole one. `dictated` tells that digits were asked for.
pub(super) fn number_from(said: &str, region: &str, dictated: bool) -> Option<PhoneNumber> {
    let words = words(said);
    let read = |reading| Reader { said, words: &words, region, found: numerals(&words, reading) }.number();
    read(Reading::Digits).or_else(|| if dictated { read(Reading::Dictated) } else { None })
}

/// The area code that is called one in words that hold no whole number: `oh, and the area code is three four seven`.
#[must_use]
pub fn later_area_code(said: &str) -> Option<String> {
    let said = &said_once(said);
    let words = words(said);
    let found = numerals(&words, Reading::Digits);
    let first = found.iter().position(|numeral| is_area(&words[..numeral.from]))?;
    let digits: String = found[first..].iter().map(|numeral| numeral.digits.as_str()).collect();
    (digits.len() == 3).then_some(digits)
}

// How a run of digits follows the one before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    Apart,
    Corrects,
    IsArea,
    Denied,
}

struct Reader<'a> {
    said: &'a str,
    words: &'a [Word<'a>],
    region: &'a str,
    found: Vec<Numeral>,
}

impl Reader<'_> {
    fn number(&self) -> Option<PhoneNumber> {
        let mut known: Option<PhoneNumber> = None;
        let mut digits = String::new();
        let mut area = None;
        let last_counts = contains_phrase(self.words, CORRECTIONS)
            || self.words.iter().any(|word| word.is_one_of(&["no", "not", "isn't", "wasn't"]));
        for (link, run) in self.runs() {
            let fresh = joined(run);
            let whole = self.whole(run);
            match link {
                Link::Denied => {}
                Link::IsArea if whole.is_none() && fresh.len() == 3 && !digits.is_empty() => {
                    let rest = digits.get(digits.len().saturating_sub(7)..).unwrap_or_default().to_owned();
                    digits = format!("{fresh}{rest}");
                    known = self.parse(&digits);
                }
                Link::Corrects if whole.is_none() && !digits.is_empty() => {
                    let from = self.words[..run[0].from].last().map_or(0, |_| self.start_of_link(run));
                    let part = known.as_ref().and_then(|known| {
                        correction::part_corrected(known, self.said.get(from..self.end(run))?, self.region)
                    });
                    digits = amend(&digits, &fresh).unwrap_or_default();
                    known = part.or_else(|| self.parse(&digits));
                }
                // "Area code 212, and my number is 555 0142."
                Link::Apart if whole.is_none() && known.is_none() && fresh.len() == 7 && area.is_some() => {
                    digits = format!("{}{fresh}", area.take().unwrap_or_default());
                    known = self.parse(&digits);
                }
                Link::Apart | Link::IsArea | Link::Corrects => {
                    if link == Link::IsArea && fresh.len() == 3 {
                        area = Some(fresh.clone());
                    }
                    if whole.is_some() && (known.is_none() || last_counts) {
                        known = whole;
                        digits = fresh;
                    } else if known.is_none() {
                        digits = fresh;
                    }
                }
            }
        }
        known
    }

    // Where the words begin that lead to this run: after the numeral before it.
    fn start_of_link(&self, run: &[Numeral]) -> usize {
        let before = self.found.iter().filter(|numeral| numeral.to <= run[0].from).map(|numeral| numeral.to).max();
        before.map_or(0, |at| self.words.get(at).map_or(self.said.len(), |word| word.start))
    }

    fn end(&self, run: &[Numeral]) -> usize {
        run.last().map_or(self.said.len(), |last| self.words[last.to - 1].end)
    }

    // Runs of digits with no other words between them; an extension and a ZIP code are no part of a number.
    fn runs(&self) -> Vec<(Link, &[Numeral])> {
        let found = &self.found;
        let mut runs = Vec::new();
        let mut start = 0;
        let mut link = found.first().map_or(Link::Apart, |first| Self::link(&self.words[..first.from], true));
        let mut is_other = found.first().is_some_and(|first| names_other(&self.words[..first.from]));
        for index in 1..=found.len() {
            let between = found.get(index).map(|next| &self.words[found[index - 1].to..next.from]);
            let goes_on = between.is_some_and(|between| {
                let is_new = is_area(between) || names_other(between);
                joins(between) && !is_new && (link != Link::Denied || between.is_empty())
            });
            if goes_on {
                continue;
            }
            let from = if is_other { start + other_length(&found[start..index]) } else { start };
            if from < index {
                runs.push((link, &found[from..index]));
            }
            if let Some(between) = between {
                (link, is_other) = (Self::link(between, false), names_other(between));
            }
            start = index;
        }
        runs
    }

    fn link(before: &[Word], is_first: bool) -> Link {
        let plain: Vec<&Word> = before.iter().rev().take_while(|word| word.is_one_of(CORRECTING)).collect();
        if before.last().is_some_and(|word| word.is_one_of(&["not", "isn't", "wasn't"])) {
            return Link::Denied;
        }
        if is_area(before) {
            return Link::IsArea;
        }
        if !is_first && is_corrected(before) && plain.len() == before.len() { Link::Corrects } else { Link::Apart }
    }

    fn parse(&self, digits: &str) -> Option<PhoneNumber> {
        if digits.len() < SHORTEST {
            return None;
        }
        PhoneNumber::parse(digits, self.region).ok()
    }

    // The number that all or a part of a run makes.
    fn whole(&self, run: &[Numeral]) -> Option<PhoneNumber> {
        let all = joined(run);
        if self.is_international(run)
            && let Ok(number) = PhoneNumber::parse(&format!("+{all}"), self.region)
        {
            return Some(number);
        }
        let abroad = all.strip_prefix("011").and_then(|rest| PhoneNumber::parse(&format!("+{rest}"), self.region).ok());
        self.parse(&all)
            .or(abroad)
            .or_else(|| self.said_twice(&all))
            .or_else(|| self.otherwise(run))
            .or_else(|| self.without_neighbours(run))
            .or_else(|| self.in_sentences(run))
    }

    fn is_international(&self, run: &[Numeral]) -> bool {
        let before = &self.words[..run[0].from];
        let written = self.said[..self.words[run[0].from].start].trim_end().ends_with('+');
        written || before.last().is_some_and(|word| word.lower == "plus") || {
            let tail = &before[before.len().saturating_sub(3)..];
            contains_phrase(tail, &["country code"])
        }
    }

    // "415 555 0142. 415 555 0142."
    fn said_twice(&self, all: &str) -> Option<PhoneNumber> {
        let (first, second) = all.split_at_checked(all.len() / 2)?;
        (first == second).then(|| self.parse(first)).flatten()
    }

    // With words taken in their other sense, when only one sense makes a number.
    fn otherwise(&self, run: &[Numeral]) -> Option<PhoneNumber> {
        let doubtful: Vec<usize> = (0..run.len()).filter(|at| run[*at].other.is_some()).take(6).collect();
        let mut numbers: Vec<PhoneNumber> = Vec::new();
        for choice in 1..1_usize << doubtful.len() {
            let digits: String = (0..run.len())
                .map(|at| {
                    let is_other =
                        doubtful.iter().position(|place| *place == at).is_some_and(|bit| choice >> bit & 1 == 1);
                    run[at].other.as_deref().filter(|_| is_other).unwrap_or(&run[at].digits)
                })
                .collect();
            numbers.extend(self.parse(&digits).filter(|number| !numbers.contains(number)));
        }
        if numbers.len() == 1 { numbers.pop() } else { None }
    }

    // A house number or code may stand right before or after the number. Single digits are no such thing: with one too many, none can be told
    // to be it.
    fn without_neighbours(&self, run: &[Numeral]) -> Option<PhoneNumber> {
        let apart = |part: &[Numeral]| part.iter().all(|numeral| numeral.digits.len() > 1);
        let part = |part: &[Numeral]| self.parse(&joined(part)).or_else(|| self.otherwise(part));
        let suffix = || (1..run.len()).filter(|cut| apart(&run[..*cut])).find_map(|cut| part(&run[cut..]));
        let prefix = || (1..run.len()).rev().filter(|cut| apart(&run[*cut..])).find_map(|cut| part(&run[..cut]));
        suffix().or_else(prefix)
    }

    // The one sentence of several that is a number.
    fn in_sentences(&self, run: &[Numeral]) -> Option<PhoneNumber> {
        let sentences = run.chunk_by(|a, b| !self.words[a.to - 1..b.from].iter().any(|word| word.gap == Gap::Stop));
        let mut numbers: Vec<PhoneNumber> = sentences.filter_map(|part| self.parse(&joined(part))).collect();
        numbers.dedup();
        if numbers.len() == 1 { numbers.pop() } else { None }
    }
}

fn joined(run: &[Numeral]) -> String {
    run.iter().map(|numeral| numeral.digits.as_str()).collect()
}

fn joins(between: &[Word]) -> bool {
    between.len() <= 6 && between.iter().all(|word| word.is_one_of(FILLERS))
}

// "..., area code", "the area code is".
fn is_area(before: &[Word]) -> bool {
    let tail = &before[before.len().saturating_sub(4)..];
    let names_it = |at: &usize| matches_at(tail, *at, "area code") || matches_at(tail, *at, "area code's");
    let at = (0..tail.len()).rev().find(names_it);
    at.is_some_and(|at| tail[at + 2..].iter().all(|word| word.is_one_of(&["is", "it's", "of", "in", "uh", "um"])))
}

// Before digits that are no telephone number.
fn names_other(before: &[Word]) -> bool {
    let tail = &before[before.len().saturating_sub(3)..];
    tail.iter().any(|word| {
        word.is_one_of(&["extension", "ext", "x", "zip", "zipcode", "postcode", "apartment", "apt", "suite"])
    })
}

// How many numerals such digits take: five digits of a ZIP code when more follow, else all.
fn other_length(run: &[Numeral]) -> usize {
    let mut count = 0;
    let zip = run.iter().position(|numeral| {
        count += numeral.digits.len();
        count >= 5
    });
    zip.filter(|_| count == 5).map_or(run.len(), |at| at + 1)
}

pub(super) fn is_corrected(between: &[Word]) -> bool {
    contains_phrase(between, CORRECTIONS) || between.iter().any(|word| word.lower == "no" || word.lower == "nope")
}

// What was said after a correction takes the place of what it repeats: all of it, the group that was broken off, or the
// last digits. None when it can't be told.
fn amend(before: &str, after: &str) -> Option<String> {
    let length = if before.starts_with(['0', '1']) { 11 } else { 10 };
    if after.is_empty() || before.is_empty() || after.len() >= length {
        return Some(if after.is_empty() { before.to_owned() } else { after.to_owned() });
    }
    let ending = |kept: usize| Some(format!("{}{after}", &before[..kept]));
    if before.len() >= length {
        // The end of a whole number; three digits may be any of its parts.
        return if matches!(after.len(), 1 | 2 | 4 | 7) { ending(before.len() - after.len()) } else { None };
    }
    // A number that was broken off is taken up where it then comes out whole.
    let past = (before.len() + after.len()).checked_sub(length);
    if let Some(past) = past.filter(|past| *past <= after.len() && *past <= before.len()) {
        return ending(before.len() - past);
    }
    if after.len() >= before.len() {
        return Some(after.to_owned());
    }
    let overlap = (2..after.len()).rev().find(|count| before.ends_with(&after[..*count]));
    ending(before.len() - overlap.unwrap_or(after.len()))
}
