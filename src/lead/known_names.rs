//! Names that many people have: what tells a misheard letter or a strange spelling from a rare name.
//!
//! Over a telephone line letters that differ by one consonant fall together, and so do names that differ by their spelling alone. How many people
//! have a name weighs against how easily it is heard as what was written (a noisy channel: Kernighan, Church and Gale, "A Spelling Correction
//! Program Based on a Noisy Channel Model", 1990). Costs are negative natural logarithms of probabilities.

use super::likeness::distance;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const SURNAMES: &str = include_str!("known_names/surnames.txt");
const FIRST_NAMES: &str = include_str!("known_names/first_names.txt");

/// Which name of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    First,
    Last,
}

/// Of names that many people have: one in two hundred thousand. Rarer ones are listed, too.
const MANY: f32 = 12.21;
/// Of a certain name that is not listed: one in ten million people.
pub(super) const UNLISTED: f32 = 16.1;

// How letters come out of whisper base, over the spelled names of fixtures/callers and of real people on a telephone line.
/// A letter was heard as one whose name sounds like its own; as another vowel; as any other.
const ALIKE: f32 = 3.0;
const OTHER_VOWEL: f32 = 4.0;
const OTHER: f32 = 6.0;
/// A letter was heard that nobody said: "A, L, L, E, Z, N".
const ADDED: f32 = 3.5;
/// A letter was not heard; nor the second of two that are the same.
const MISSED: f32 = 4.5;
const MISSED_TWIN: f32 = 2.0;
/// "Double" was heard as a D.
const DOUBLE: f32 = 2.0;

/// What was written is what was said but for the spelling, which no ear tells; the least preference for the very word.
const HEARD: f32 = 0.5;
const OTHER_SPELLING: f32 = 0.05;
/// Another word was written, for each sound and each letter that it differs by.
const OTHER_WORD: f32 = 1.0;
const OTHER_SOUND: f32 = 2.2;
const OTHER_LETTER: f32 = 0.5;

/// How much each name costs by how few people have it.
type Names = BTreeMap<&'static str, f32>;

static LISTS: LazyLock<[Names; 2]> = LazyLock::new(|| [read(FIRST_NAMES), read(SURNAMES)]);
/// What the names of most people cost.
static LEAST: LazyLock<[f32; 2]> =
    LazyLock::new(|| LISTS.each_ref().map(|names| names.values().copied().fold(UNLISTED, f32::min)));

fn names(part: Part) -> &'static Names {
    &LISTS[usize::from(part == Part::Last)]
}

// A line holds how many of 100,000 people have each of its names.
fn read(list: &'static str) -> Names {
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    lines
        .flat_map(|line| {
            let mut words = line.split(' ');
            let people: f32 = words.next().and_then(|count| count.parse().ok()).unwrap_or(1.0);
            let cost = -(people / 100_000.0).ln();
            words.map(move |name| (name, cost))
        })
        .collect()
}

/// Whether many people have this name. Capitals don't count.
pub(super) fn is_known(part: Part, name: &str) -> bool {
    names(part).get(name.to_lowercase().as_str()).is_some_and(|cost| *cost <= MANY)
}

/// Whether many people have this name, as a first or a last one.
pub(super) fn is_name(name: &str) -> bool {
    is_known(Part::First, name) || is_known(Part::Last, name)
}

/// How much this name (lower case) costs by how few people have it; None when it is not listed.
pub(super) fn cost(part: Part, name: &str) -> Option<f32> {
    names(part).get(name).copied()
}

/// What the likeliest name that begins so (lower case) costs; None when no listed one does.
pub(super) fn least_cost(part: Part, begin: &str) -> Option<f32> {
    if begin.is_empty() {
        return Some(LEAST[usize::from(part == Part::Last)]);
    }
    let listed = names(part).range(begin..).take_while(|(name, _)| name.starts_with(begin));
    listed.map(|(_, cost)| *cost).min_by(f32::total_cmp)
}

/// The likeliest name of those heard as these letters, and as this word if there is one; lower case. What was heard is one of them.
pub(super) fn likeliest(which: &[Part], word: Option<&str>, letters: &str) -> String {
    let letters = letters.to_lowercase();
    let word = word.map(|word| (word.to_lowercase(), sound(word)));
    let heard: Vec<&str> =
        std::iter::once(&letters).chain(word.as_ref().map(|(word, _)| word)).map(String::as_str).collect();
    // A name that is much longer or shorter was not heard so.
    let is_near = |name: &str| heard.iter().any(|heard| name.len().abs_diff(heard.len()) <= 2);
    let listed = which.iter().flat_map(|part| names(*part)).filter(|(name, _)| is_near(name));
    let unlisted = heard.iter().map(|name| (name, &UNLISTED));
    let (mut least, mut best) = (f32::INFINITY, letters.as_str());
    for (name, people) in unlisted.chain(listed) {
        let by_word = |(word, heard): &(String, String)| word_cost(word, heard, name, &sound(name));
        let by_letters = people + letters_cost(&letters, name, least - people);
        let cost = if by_letters < least { by_letters + word.as_ref().map_or(0.0, by_word) } else { by_letters };
        if cost < least {
            (least, best) = (cost, name);
        }
    }
    best.to_owned()
}

/// Names of the lists that sound much like one of these words (lower case), the likeliest first.
pub(super) fn alike(heard: &[&str], most: usize) -> Vec<String> {
    let heard: Vec<(&str, String)> = heard.iter().map(|word| (*word, sound(word))).collect();
    let mut found: Vec<(f32, &str)> = Vec::new();
    for (name, people) in LISTS.iter().flatten() {
        let sound = sound(name);
        let near = heard.iter().filter(|(word, its)| distance(its, &sound) <= 1 && distance(word, name) <= 3);
        if let Some(cost) = near.map(|(word, its)| word_cost(word, its, name, &sound)).min_by(f32::total_cmp) {
            found.push((cost + people, name));
        }
    }
    cheapest(found, most)
}

/// Names of the lists that may have been spelled when one of these words of letters (lower case) was heard, the likeliest first.
pub(super) fn alike_letters(heard: &[&str], most: usize) -> Vec<String> {
    let listed =
        LISTS.iter().flatten().filter(|(name, _)| heard.iter().any(|word| word.len().abs_diff(name.len()) <= 2));
    let cost = |name: &str| heard.iter().map(|letters| letters_cost(letters, name, f32::INFINITY)).sum::<f32>();
    cheapest(listed.map(|(name, people)| (cost(name) + people, *name)).collect(), most)
}

// The first of them by their cost; one that is a first and a last name once.
fn cheapest(mut found: Vec<(f32, &str)>, most: usize) -> Vec<String> {
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.truncate(most);
    let is_first = |at: &usize| !found[..*at].iter().any(|(_, before)| *before == found[*at].1);
    (0..found.len()).filter(is_first).map(|at| found[at].1.to_owned()).collect()
}

fn word_cost(word: &str, its_sound: &str, name: &str, sound: &str) -> f32 {
    let (sounds, letters) = (distance(its_sound, sound) as f32, distance(word, name) as f32);
    if sounds == 0.0 {
        return HEARD + OTHER_SPELLING * letters;
    }
    HEARD + OTHER_WORD + OTHER_SOUND * sounds + OTHER_LETTER * letters
}

// The cheapest way to hear these letters when that name is spelled: an edit distance whose steps cost by how easily ears slip. What comes to as much as
// `most` is not worked out: infinite.
fn letters_cost(letters: &str, name: &str, most: f32) -> f32 {
    let (letters, name): (Vec<char>, Vec<char>) = (letters.chars().collect(), name.chars().collect());
    let is_twin = |at: usize| at > 0 && name[at] == name[at - 1];
    let missed = |at: usize| if is_twin(at) { MISSED_TWIN } else { MISSED };
    let mut first = vec![0.0];
    for at in 0..name.len() {
        first.push(first[at] + missed(at));
    }
    // Of the letters heard so far, and of one letter less.
    let (mut row, mut before) = (first, Vec::new());
    for (heard, letter) in letters.iter().enumerate() {
        let mut next = vec![row[0] + ADDED];
        for (at, meant) in name.iter().enumerate() {
            let mut cost = (row[at] + letter_cost(*letter, *meant)).min(row[at + 1] + ADDED).min(next[at] + missed(at));
            if is_twin(at) && letter == meant && heard > 0 && letters[heard - 1] == 'd' {
                cost = cost.min(before[at - 1] + DOUBLE);
            }
            next.push(cost);
        }
        before = std::mem::replace(&mut row, next);
        // Twins may be made up for two letters later, at no cost between.
        if row.iter().chain(&before).all(|cost| *cost >= most) {
            return f32::INFINITY;
        }
    }
    row[name.len()]
}

fn letter_cost(heard: char, meant: char) -> f32 {
    if heard == meant {
        0.0
    } else if sound_alike(heard, meant) {
        ALIKE
    } else if [heard, meant].iter().all(|letter| "aeiou".contains(*letter)) {
        OTHER_VOWEL
    } else {
        OTHER
    }
}

/// Whether two letters (lower case) are the same, or sound alike over a telephone line: their names have a vowel in common, and differ by consonants
/// that it takes away.
pub(super) fn sound_alike(a: char, b: char) -> bool {
    const SETS: [&str; 7] = ["bcdegptvz", "fsx", "mn", "ajkh", "iy", "quw", "lor"];
    a == b || SETS.into_iter().any(|set| set.contains(a) && set.contains(b))
}

/// A name reduced to how it sounds: vowels are one, doubled letters single, silent ones gone.
fn sound(name: &str) -> String {
    sound_of(name, |_| 'a')
}

/// The same with each run of vowels as the vowel that `vowel` makes of its first letter.
pub(super) fn sound_of(name: &str, vowel: fn(char) -> char) -> String {
    const WRITTEN: [(&str, &str); 10] = [
        ("ph", "f"),
        ("gh", ""),
        ("wr", "r"),
        ("kn", "n"),
        ("ck", "k"),
        ("sch", "sh"),
        ("tch", "ch"),
        ("wh", "w"),
        ("cz", "ch"),
        ("dt", "t"),
    ];
    let is_vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let mut name = name.to_lowercase();
    for (written, said) in WRITTEN {
        name = name.replace(written, said);
    }
    let letters: Vec<char> = name.chars().collect();
    let mut sound = String::new();
    for (at, letter) in letters.iter().copied().enumerate() {
        if is_vowel(letter) {
            if at == 0 || !is_vowel(letters[at - 1]) {
                sound.push(vowel(letter));
            }
            continue;
        }
        let said = match (letter, letters.get(at + 1)) {
            ('c', Some('h')) => 'c',
            ('c', Some('e' | 'i' | 'y')) => 's',
            ('c' | 'q', _) => 'k',
            (other, _) => other,
        };
        if !sound.ends_with(said) {
            sound.push(said);
        }
    }
    if sound.len() > 2 && name.ends_with(is_vowel) {
        sound.pop();
    }
    sound
}
