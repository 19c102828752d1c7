//! Names as callers give them.

use super::known_names::{self, Part};
use super::likeness::likeness;
use super::spelling::{Spelled, can_be_spoken, spelled};
use super::vocabulary::{FILLERS, NOT_NAMES, SURNAME_WORDS};
use super::words::{Gap, Word, capitalised, contains_phrase, phrase_at, words};
use std::ops::Range;

/// Phrases after which only a name comes.
#[rustfmt::skip]
const STRONG: &[&str] = &[
    "my name is", "my name's", "my name", "name is", "name's", "the name is", "the name's", "my full name is",
    "full name is", "you're speaking with", "you're speaking to", "call me",
    "my name to", "the name to", "name should be", "my name should be",
];
/// Phrases after which a name or anything else comes.
#[rustfmt::skip]
const WEAK: &[&str] = &[
    "this is", "it's", "it is", "i'm", "i am", "that's", "that is", "name", "under", "that would be", "that'd be", "it would be",
];
/// Those of them that introduce a caller also where something else was asked: "it's urgent" may be heard as "it's Agente".
const OVERHEARD: &[&str] = &["this is", "i'm", "i am"];
#[rustfmt::skip]
const PARTS: &[&str] = &[
    "last name is", "last name's", "last name", "surname is", "surname", "first name is", "first name's",
    "first name",
];
/// Two words from this likeness on may be the same name, heard or spelled otherwise.
const ALIKE: usize = 50;
const TITLES: &[&str] = &["mr", "mrs", "ms", "miss", "mister", "missus", "dr", "doctor"];

/// The caller's name, first and last, when the words give one; a spelling corrects the part it resembles.
#[must_use]
pub fn name_from(said: &str) -> Option<String> {
    let words = words(said);
    let letters = spelled(&words);
    let rest = without(&words, letters.as_ref());
    merged(unspelled(&rest), letters.as_ref(), &words)
}

fn unspelled(words: &[Word]) -> Option<String> {
    parts_name(words).or_else(|| introduced(words, true).map(|(name, _)| name)).or_else(|| bare(words))
}

/// Where in the words the caller's name stands as it was heard, without its letters: first and last name, or one of them. `is_asked` tells that the
/// name was asked for; otherwise it must be introduced as one.
#[must_use]
pub fn name_in(said: &str, is_asked: bool) -> Option<Range<usize>> {
    let words = words(said);
    let rest = without(&words, spelled(&words).as_ref());
    let name = if is_asked { unspelled(&rest) } else { introduced(&rest, false).map(|(name, _)| name) }?.to_lowercase();
    let count = name.split(' ').count();
    let stands = |words: &&[Word]| words.iter().map(|word| word.lower.as_str()).eq(name.split(' '));
    let found = rest.windows(count).rev().filter(|_| count <= 2).find(stands)?;
    Some(found[0].start..found[count - 1].end)
}

/// A name that is introduced as one, for what is overheard in an answer to something else.
pub(super) fn stated_name(said: &str) -> Option<String> {
    let words = words(said);
    let letters = spelled(&words);
    let rest = without(&words, letters.as_ref());
    let name = introduced(&rest, false).map(|(name, _)| name)?;
    merged(Some(name), letters.as_ref(), &words)
}

/// How many words from `at` introduce the caller: "this is Bob Miller".
pub(super) fn introduction_at(words: &[Word], at: usize) -> Option<usize> {
    let lead = phrase_at(words, at, STRONG).or_else(|| phrase_at(words, at, WEAK))?;
    let strong = phrase_at(words, at, STRONG).is_some();
    let from = at + lead;
    let name = run(words, from, strong);
    if !name.is_empty() {
        return Some(name.end - at);
    }
    // Without capitals only what follows tells: "this is bob miller calling".
    let loose = run(words, from, true);
    let next = words.get(loose.end);
    let told = next.is_some_and(|word| word.is_one_of(&["calling", "speaking", "here", "from", "and"]));
    (!loose.is_empty() && told && words[at].lower == "this").then_some(loose.end - at)
}

/// Puts a spelled name into the place of the part of a known name that it resembles, of several parts of the last one otherwise, or else after it.
/// Of what was heard as that part and what the letters are, the likelier name counts ([`known_names::likeliest`]), unless words (`said`) name the
/// letters, as in "D as in David".
pub(super) fn with_spelling(known: &str, letters: &str, said: &[Word]) -> String {
    let mut parts: Vec<&str> = known.split_whitespace().collect();
    let spelled_parts: Vec<&str> = letters.split_whitespace().collect();
    if parts.is_empty() || spelled_parts.len() > 1 {
        return letters.to_owned();
    }
    if let Some(split) = split_like(&parts, letters) {
        return split;
    }
    let last = parts.len() - 1;
    let near = parts.iter().enumerate().map(|(index, part)| (likeness(part, letters), index)).max();
    let index = near.filter(|(score, _)| *score >= ALIKE).map(|(_, index)| index).or((last > 0).then_some(last));
    let Some(index) = index else {
        return format!("{known} {}", likelier(&[Part::Last], None, letters, said));
    };
    let which: &[Part] = match index {
        0 if last == 0 => &[Part::First, Part::Last],
        index if index == last => &[Part::Last],
        _ => &[Part::First],
    };
    let likelier = likelier(which, Some(parts[index]), letters, said);
    parts[index] = &likelier;
    parts.join(" ")
}

/// A name that was only spelled, and with it how likely each name is.
pub(super) fn from_spelling(letters: &str, said: &[Word]) -> String {
    likelier(&[Part::First, Part::Last], None, letters, said)
}

// As one of the two was written, or as names are.
fn likelier(which: &[Part], word: Option<&str>, letters: &str, said: &[Word]) -> String {
    if names_letters(said) || spelled(said).is_none() {
        return letters.to_owned();
    }
    let best = known_names::likeliest(which, word, letters);
    let as_heard = [Some(letters), word].into_iter().flatten().find(|heard| heard.to_lowercase() == best);
    as_heard.map_or_else(|| as_name(&best), str::to_owned)
}

/// Whether few people have the last of these names: it may have been misheard.
#[must_use]
pub fn is_strange_name(name: &str) -> bool {
    !last_name(name).split('-').all(known_names::is_name)
}

/// The last of these names, or the only one.
#[must_use]
pub fn last_name(name: &str) -> &str {
    name.rsplit(' ').next().unwrap_or_default()
}

/// Whether the name (`value`) out of what was said when the letters of a `known` name were asked for may take its place: letters, a name that is
/// introduced as one, one that many people have, or one that is much like it. Anything else is letters that the recogniser did not know as such:
/// `Bestie Hohenny` for S, T, O, N, E.
#[must_use]
pub fn respells(known: &str, value: &str, said: &str) -> bool {
    let is_given = spelled(&words(said)).is_some() || stated_name(said).is_some();
    is_given || !is_strange_name(value) || value.split(' ').any(|word| resembles(known, word))
}

/// Whether a part of a known name of several is much like this word.
pub(super) fn resembles_part(known: &str, word: &str) -> bool {
    known.contains(' ') && resembles(known, word)
}

fn resembles(known: &str, word: &str) -> bool {
    known.split(' ').any(|part| likeness(part, word) >= ALIKE)
}

/// A word as a name is written: `mcdonald` gives `McDonald`; a capital inside is kept.
pub(super) fn as_name(word: &str) -> String {
    let mixed = word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase);
    if mixed {
        let mut chars = word.chars();
        return chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default();
    }
    let plain = capitalised(word);
    match plain.strip_prefix("Mc") {
        Some(rest) if rest.len() > 2 => format!("Mc{}", capitalised(rest)),
        _ => plain,
    }
}

fn merged(name: Option<String>, letters: Option<&Spelled>, said: &[Word]) -> Option<String> {
    match (name, letters) {
        (Some(name), Some(letters)) => Some(with_spelling(&without_echo(&name), &letters.name(), said)),
        (None, Some(letters)) => Some(letters.name()),
        (name, None) => name,
    }
}

fn names_letters(said: &[Word]) -> bool {
    contains_phrase(said, &["as in", "for", "like"])
}

// "Wright, W-R-I-G-H-T, Emma Wright": who says a part of the name again around its letters has one such part.
fn without_echo(name: &str) -> String {
    let parts: Vec<&str> = name.split(' ').collect();
    let is_last = |at: &usize| !parts[at + 1..].iter().any(|later| later.eq_ignore_ascii_case(parts[*at]));
    (0..parts.len()).filter(is_last).map(|at| parts[at]).collect::<Vec<_>>().join(" ")
}

fn without<'a>(words: &[Word<'a>], letters: Option<&Spelled>) -> Vec<Word<'a>> {
    let Some(letters) = letters else { return words.to_vec() };
    let mut rest = words[..letters.from].to_vec();
    // "Shayne, S-H-A-Y-N-E, Evans": the last name goes on after the letters.
    let goes_on = words.get(letters.to).is_some_and(|word| can_be_name(word, false));
    if let Some(last) = rest.last_mut() {
        let same = likeness(&last.lower, &letters.parts.concat()) >= ALIKE;
        last.gap = if goes_on && same { Gap::Space } else { Gap::Stop };
    }
    rest.extend_from_slice(&words[letters.to..]);
    rest
}

// "First name Dana, last name is Whitfield."
fn parts_name(words: &[Word]) -> Option<String> {
    let part = |which: &[&str]| {
        let at = (0..words.len()).find(|at| phrase_at(words, *at, which).is_some())?;
        let length = phrase_at(words, at, which)?;
        let name = run(words, at + length, true);
        (!name.is_empty()).then(|| joined(&words[name]))
    };
    let last = part(&PARTS[..5]);
    let first = part(&PARTS[5..]);
    match (first, last) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (None, Some(last)) => {
            let before =
                introduced(words, true).map(|(name, _)| name).or_else(|| bare_run(words)).filter(|name| *name != last);
            Some(before.map_or_else(
                || last.clone(),
                |first| format!("{} {last}", first.split(' ').next().unwrap_or_default()),
            ))
        }
        (Some(first), None) => {
            let last = bare_run(words).filter(|name| *name != first && !name.contains(' '));
            Some(last.map_or_else(|| first.clone(), |last| format!("{first} {last}")))
        }
        (None, None) => None,
    }
}

// After a phrase that introduces it; the last one counts, as it corrects the ones before.
fn introduced(words: &[Word], asked: bool) -> Option<(String, usize)> {
    let find = |phrases: &[&str], strong: bool| {
        (0..words.len()).rev().find_map(|at| {
            let length = phrase_at(words, at, phrases)?;
            let name = extended(words, run(words, at + length, strong));
            (!name.is_empty()).then(|| (joined(&words[name]), at))
        })
    };
    // "Hey, it's Dana."
    let greeted = words.iter().take_while(|word| word.is_one_of(&["hi", "hello", "hey", "yes", "yeah"])).count();
    let weak =
        if asked || greeted > 0 && phrase_at(words, greeted, &["it's", "it is"]).is_some() { WEAK } else { OVERHEARD };
    find(STRONG, true).or_else(|| find(weak, asked))
}

fn bare(words: &[Word]) -> Option<String> {
    let start = after_denial(words).or_else(|| (0..words.len()).find(|at| !is_opener(&words[*at])))?;
    let name = extended(words, run(words, start, true));
    if name.is_empty() {
        return None;
    }
    let rest = &words[name.end..];
    // "Josh Warner. Josh Werner.", "not Bob, Rob. Rob Miller": heard or said anew.
    let anew = run(words, name.end, true);
    let is_anew = anew.end == words.len()
        && anew.len() >= name.len().max(2)
        && words[anew.clone()].iter().any(|word| words[name.clone()].iter().any(|part| part.lower == word.lower));
    if is_anew {
        return Some(joined(&words[anew]));
    }
    // "Grace. Lin.": first and last name with a pause between.
    let is_other = || likeness(&words[name.start].lower, &words[anew.start].lower) < ALIKE;
    if anew.end == words.len() && name.len() == 1 && anew.len() == 1 && is_other() {
        return Some(format!("{} {}", joined(&words[name]), joined(&words[anew])));
    }
    let tail = rest.iter().all(|word| {
        is_opener(word)
            || word.is_one_of(&[
                "speaking", "calling", "here", "again", "the", "second", "third", "junior", "senior", "jr", "sr",
                "right", "correct",
            ])
    });
    // "Dana Whitfield, and my number is ..."
    let goes_on = words[name.end - 1].gap >= Gap::Comma
        && rest.first().is_some_and(|word| {
            word.is_one_of(&[
                "and",
                "my",
                "i",
                "i'm",
                "number",
                "phone",
                "at",
                "from",
                "not",
                "the",
                "like",
                "just",
                "as",
                "that's",
                "apostrophe",
                "spelled",
                "spelt",
            ])
        })
        || rest.first().is_some_and(|word| word.lower == "with");
    // A recogniser drops that comma, too.
    let adds_more = phrase_at(rest, 0, &["and my", "and the number", "my number", "my phone"]).is_some();
    (tail || goes_on || adds_more).then(|| joined(&words[name]))
}

// "No, not Bob, Rob.": what follows the name that was denied.
fn after_denial(words: &[Word]) -> Option<usize> {
    let not = words.iter().take(3).position(|word| word.lower == "not")?;
    let denied = run(words, not + 1, true);
    (!denied.is_empty() && words[denied.end - 1].gap >= Gap::Comma && denied.end < words.len()).then_some(denied.end)
}

// A name at the start, whatever follows.
fn bare_run(words: &[Word]) -> Option<String> {
    let start = (0..words.len()).find(|at| !is_opener(&words[*at]))?;
    let name = run(words, start, true);
    (!name.is_empty()).then(|| joined(&words[name]))
}

fn is_opener(word: &Word) -> bool {
    word.is_one_of(FILLERS)
        || word.is_one_of(&[
            "yes", "yeah", "yep", "sure", "okay", "ok", "hi", "hello", "hey", "oh", "so", "well", "please", "thanks",
            "thank", "you", "it's", "is", "of", "course", "sorry",
        ])
}

// Up to four words that can be a name; `loose` also takes words without a capital.
fn run(words: &[Word], from: usize, loose: bool) -> Range<usize> {
    let skipped = |word: &Word| word.is_one_of(TITLES) || word.is_one_of(FILLERS);
    let start = (from..words.len()).find(|at| !skipped(&words[*at])).unwrap_or(words.len());
    let mut end = start;
    while end < words.len()
        && end - start < 4
        && (can_be_name(&words[end], loose) || loose && is_surname_word(words, start, end))
    {
        end += 1;
        if words[end - 1].gap >= Gap::Comma && !is_initial(words, end - 1) {
            break;
        }
    }
    let initials_only = words[start..end].iter().all(|word| word.text.chars().count() == 1);
    if initials_only { start..start } else { start..end }
}

// "Whitfield, Dana Whitfield": the longer one is meant.
fn extended(words: &[Word], name: Range<usize>) -> Range<usize> {
    let next = run(words, name.end, true);
    let holds = next.len() > name.len()
        && !name.is_empty()
        && words[name.clone()].iter().all(|part| words[next.clone()].iter().any(|word| word.lower == part.lower));
    if holds { next } else { name }
}

// "James R. Doyle": this full stop ends nothing.
fn is_initial(words: &[Word], at: usize) -> bool {
    let next = words.get(at + 1).is_some_and(|word| word.text.starts_with(char::is_uppercase));
    words[at].text.chars().count() == 1 && words[at].gap == Gap::Stop && next
}

// "Emma right": kept as it was heard, until it is spelled.
fn is_surname_word(words: &[Word], start: usize, at: usize) -> bool {
    let is_behind_name = at == start + 1 && words[start].text.chars().count() > 1;
    is_behind_name && words[at].is_one_of(SURNAME_WORDS) && words[at].gap >= Gap::Comma
}

fn can_be_name(word: &Word, loose: bool) -> bool {
    let letters = word.text.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '\u{2019}'));
    // "HCLL" are letters of which one was not heard.
    let is_lacking = word.text.len() > 2 && word.text.chars().all(char::is_uppercase) && !can_be_spoken(&word.lower);
    letters && !is_lacking && !word.is_one_of(NOT_NAMES) && (loose || word.text.starts_with(char::is_uppercase))
}

fn joined(name: &[Word]) -> String {
    let mut out = String::new();
    for (index, word) in name.iter().enumerate() {
        out.push_str(&if word.text.chars().any(char::is_lowercase) && word.text.starts_with(char::is_uppercase) {
            word.text.replace('\u{2019}', "'")
        } else {
            as_name(&word.lower)
        });
        if index + 1 < name.len() {
            out.push(if word.gap == Gap::Joint { '-' } else { ' ' });
        }
    }
    out.strip_suffix("'s").map(str::to_owned).unwrap_or(out)
}

// Both names spelled in one go: cut where the said name suggests.
fn split_like(parts: &[&str], letters: &str) -> Option<String> {
    let [first, last] = parts else { return None };
    let chars: Vec<char> = letters.to_lowercase().chars().collect();
    let whole = format!("{first}{last}");
    if likeness(&whole, letters) < 60 || chars.len() < first.len() + 2 {
        return None;
    }
    let text = |part: &[char]| part.iter().collect::<String>();
    let cut = (2..chars.len() - 1).max_by_key(|cut| {
        let (a, b) = (text(&chars[..*cut]), text(&chars[*cut..]));
        likeness(first, &a) + likeness(last, &b)
    })?;
    let (a, b) = (text(&chars[..cut]), text(&chars[cut..]));
    let plausible = likeness(first, &a) >= ALIKE && likeness(last, &b) >= ALIKE;
    plausible.then(|| format!("{} {}", as_name(&a), as_name(&b)))
}
