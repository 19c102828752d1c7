//! Names as callers give them.

use super::spelling::{Spelled, spelled};
use super::vocabulary::{FILLERS, NOT_NAMES};
use super::words::{Gap, Word, capitalised, phrase_at, words};

/// Phrases after which only a name comes.
const STRONG: [&str; 12] = [
    "my name is",
    "my name's",
    "my name",
    "name is",
    "name's",
    "the name is",
    "the name's",
    "my full name is",
    "full name is",
    "you're speaking with",
    "you're speaking to",
    "call me",
];
/// Phrases after which a name or anything else comes.
const WEAK: [&str; 9] = ["this is", "it's", "it is", "i'm", "i am", "that's", "that is", "name", "under"];
const PARTS: [&str; 8] = [
    "last name is",
    "last name's",
    "last name",
    "surname is",
    "surname",
    "first name is",
    "first name's",
    "first name",
];
const TITLES: [&str; 7] = ["mr", "mrs", "ms", "miss", "mister", "dr", "doctor"];

/// The caller's name, first and last, when the words give one; a spelling corrects the part it resembles.
#[must_use]
pub fn name_from(said: &str) -> Option<String> {
    let words = words(said);
    let letters = spelled(&words);
    let rest = without(&words, letters.as_ref());
    let name = parts_name(&rest).or_else(|| introduced(&rest, true).map(|(name, _)| name)).or_else(|| bare(&rest));
    merged(name, letters.as_ref())
}

/// A name that is introduced as one, for what is overheard in an answer to something else.
pub(super) fn stated_name(said: &str) -> Option<String> {
    let words = words(said);
    let letters = spelled(&words);
    let rest = without(&words, letters.as_ref());
    let name = introduced(&rest, false).map(|(name, _)| name)?;
    merged(Some(name), letters.as_ref())
}

/// How many words from `at` introduce the caller: "this is Bob Miller".
pub(super) fn introduction_at(words: &[Word], at: usize) -> Option<usize> {
    let lead = phrase_at(words, at, &STRONG).or_else(|| phrase_at(words, at, &WEAK))?;
    let strong = phrase_at(words, at, &STRONG).is_some();
    let from = at + lead;
    let name = run(words, from, strong);
    if !name.is_empty() {
        return Some(lead + name.len());
    }
    // Without capitals only what follows tells: "this is bob miller calling".
    let loose = run(words, from, true);
    let next = words.get(from + loose.len());
    let told = next.is_some_and(|word| word.is_one_of(&["calling", "speaking", "here", "from", "and"]));
    (!loose.is_empty() && told && words[at].lower == "this").then_some(lead + loose.len())
}

/// Puts a spelled name into the place of the part of a known name that it resembles, or after it.
pub(super) fn with_spelling(known: &str, letters: &str) -> String {
    let parts: Vec<&str> = known.split_whitespace().collect();
    let spelled_parts: Vec<&str> = letters.split_whitespace().collect();
    if parts.is_empty() || spelled_parts.len() > 1 {
        return letters.to_owned();
    }
    if let Some(split) = split_like(&parts, letters) {
        return split;
    }
    let near = parts.iter().enumerate().map(|(index, part)| (likeness(part, letters), index)).max();
    match near {
        Some((score, index)) if score >= 50 => {
            let mut parts = parts.clone();
            parts[index] = letters;
            parts.join(" ")
        }
        _ if parts.len() == 1 => format!("{known} {letters}"),
        _ => format!("{} {letters}", parts[..parts.len() - 1].join(" ")),
    }
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

fn merged(name: Option<String>, letters: Option<&Spelled>) -> Option<String> {
    match (name, letters) {
        (Some(name), Some(letters)) => Some(with_spelling(&name, &letters.name())),
        (None, Some(letters)) => Some(letters.name()),
        (name, None) => name,
    }
}

fn without<'a>(words: &[Word<'a>], letters: Option<&Spelled>) -> Vec<Word<'a>> {
    let Some(letters) = letters else { return words.to_vec() };
    let mut rest = words[..letters.from].to_vec();
    if let Some(last) = rest.last_mut() {
        last.gap = Gap::Stop;
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
        (!name.is_empty()).then(|| joined(name))
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
        (first, None) => first,
    }
}

// After a phrase that introduces it; the last one counts, as it corrects the ones before.
fn introduced(words: &[Word], asked: bool) -> Option<(String, usize)> {
    let find = |phrases: &[&str], strong: bool| {
        (0..words.len()).rev().find_map(|at| {
            let length = phrase_at(words, at, phrases)?;
            let name = run(words, at + length, strong);
            (!name.is_empty()).then(|| (joined(name), at))
        })
    };
    find(&STRONG, true).or_else(|| find(&WEAK, asked))
}

fn bare(words: &[Word]) -> Option<String> {
    let start = (0..words.len()).find(|at| !is_opener(&words[*at]))?;
    let name = run(words, start, true);
    let rest = &words[start + name.len()..];
    let tail = rest.iter().all(|word| is_opener(word) || word.is_one_of(&["speaking", "calling", "here", "again"]));
    (!name.is_empty() && tail).then(|| joined(name))
}

// A name at the start, whatever follows.
fn bare_run(words: &[Word]) -> Option<String> {
    let start = (0..words.len()).find(|at| !is_opener(&words[*at]))?;
    let name = run(words, start, true);
    (!name.is_empty()).then(|| joined(name))
}

fn is_opener(word: &Word) -> bool {
    word.is_one_of(&FILLERS)
        || word.is_one_of(&[
            "yes", "yeah", "yep", "sure", "okay", "ok", "hi", "hello", "hey", "oh", "so", "well", "please", "thanks",
            "thank", "you", "it's", "of", "course",
        ])
}

// Up to four words that can be a name; `loose` also takes words without a capital.
fn run<'w, 'a>(words: &'w [Word<'a>], from: usize, loose: bool) -> &'w [Word<'a>] {
    let mut start = from;
    while words.get(start).is_some_and(|word| word.is_one_of(&TITLES) || word.is_one_of(&FILLERS)) {
        start += 1;
    }
    let mut end = start;
    while end < words.len() && end - start < 4 && can_be_name(&words[end], loose) {
        end += 1;
        if words[end - 1].gap >= Gap::Comma {
            break;
        }
    }
    let name = &words[start.min(words.len())..end];
    let initials_only = name.iter().all(|word| word.text.chars().count() == 1);
    if initials_only { &[] } else { name }
}

fn can_be_name(word: &Word, loose: bool) -> bool {
    let letters = word.text.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '\u{2019}'));
    letters && !word.is_one_of(&NOT_NAMES) && (loose || word.text.starts_with(char::is_uppercase))
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
    let plausible = likeness(first, &a) >= 50 && likeness(last, &b) >= 50;
    plausible.then(|| format!("{} {}", as_name(&a), as_name(&b)))
}

// 0 to 100: how alike two words are, by the letters that must change.
fn likeness(a: &str, b: &str) -> usize {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    let b: Vec<char> = b.chars().collect();
    let longest = a.chars().count().max(b.len()).max(1);
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    100 * (longest - row[b.len()].min(longest)) / longest
}
