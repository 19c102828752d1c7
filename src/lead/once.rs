//! What a recogniser wrote twice, once: `Josh Warner. Josh Warner.` was said a single time, or repeated for the line's sake.
//!
//! Digits and letters are left alone unless they are too many for a part of something: `555, 555` is six digits, and
//! `L, L` two letters.

use super::numerals::is_number_word;
use super::vocabulary::FILLERS;
use super::words::{Gap, Word, words};

/// So many digits said twice are a whole telephone number, not two parts of one.
const WHOLE_NUMBER: usize = 7;
/// So many letters said twice are a word.
const WHOLE_WORD: usize = 3;

/// The text with every sentence or phrase that is said again at once taken as one. The last of its copies stays.
#[must_use]
pub fn said_once(said: &str) -> String {
    let mut text = said.to_owned();
    while let Some((from, to)) = first_copy(&text) {
        text.replace_range(from..to, "");
    }
    text
}

// Where the copy stands, in bytes, that can go; longer ones first.
fn first_copy(said: &str) -> Option<(usize, usize)> {
    let words = words(said);
    (1..=words.len() / 2).rev().find_map(|length| {
        (0..=words.len() - 2 * length)
            .find(|from| is_copied(&words, *from, length))
            .map(|from| (words[from].start, words[from + length].start))
    })
}

fn is_copied(words: &[Word], from: usize, length: usize) -> bool {
    let (first, second) = (&words[from..from + length], &words[from + length..from + 2 * length]);
    if first.iter().zip(second).any(|(one, other)| one.lower != other.lower) {
        return false;
    }
    let between = first[length - 1].gap;
    let is_whole = (from == 0 || words[from - 1].gap >= Gap::Comma) && second[length - 1].gap >= Gap::Comma;
    match substance(first) {
        // "Thursday. Thursday.", but "very, very" and "Walla Walla".
        Substance::Words if length == 1 => is_whole && between == Gap::Stop,
        // Nobody says the same words twice in one breath but by stuttering.
        Substance::Words => between >= Gap::Space,
        // "C-O-L-E. C-O-L-E.", but "M, I, S, S, I, S, S, I".
        Substance::Letters(count) => count >= WHOLE_WORD && is_whole && is_parted(first),
        Substance::Digits(count) => count >= WHOLE_NUMBER && is_whole,
    }
}

// Whether what stands after it parts more than what stands within.
fn is_parted(phrase: &[Word]) -> bool {
    let within = phrase[..phrase.len() - 1].iter().map(|word| word.gap).max();
    within.is_none_or(|within| phrase[phrase.len() - 1].gap > within)
}

enum Substance {
    Words,
    Letters(usize),
    Digits(usize),
}

fn substance(phrase: &[Word]) -> Substance {
    let is_letter = |word: &Word| word.text.chars().count() == 1 && word.text.chars().all(char::is_alphabetic);
    if phrase.iter().all(|word| is_letter(word) || word.lower == "double") {
        return Substance::Letters(phrase.len());
    }
    let mut digits = 0;
    for word in phrase {
        if word.text.contains(|c: char| c.is_ascii_digit()) {
            digits += word.text.chars().filter(char::is_ascii_digit).count();
        } else if is_number_word(&word.lower) || word.is_one_of(&["oh", "o"]) {
            digits += 1;
        } else if word.is_one_of(&["double", "triple", "treble", "hundred", "thousand"]) {
            digits += 2;
        } else if !word.is_one_of(FILLERS) && !word.is_one_of(BESIDE_DIGITS) {
            return Substance::Words;
        }
    }
    if digits > 0 { Substance::Digits(digits) } else { Substance::Words }
}

/// Words that make no sentence of the digits beside them.
const BESIDE_DIGITS: &[&str] = &["and", "then", "dash", "it's", "is", "that's", "to", "for", "so"];

#[cfg(test)]
mod tests {
    use super::said_once;
    use proptest::prelude::*;

    #[test]
    fn copies_are_taken_as_one() {
        for (said, once) in [
            ("Josh Warner. Josh Warner.", "Josh Warner."),
            ("Josh Warner, Josh Warner", "Josh Warner"),
            ("josh warner josh warner", "josh warner"),
            ("Priya Nair. Priya Nair. Priya Nair.", "Priya Nair."),
            ("My name is Ann Lee. My name is Ann Lee", "My name is Ann Lee"),
            ("Cole, C-O-L-E. C-O-L-E.", "Cole, C-O-L-E."),
            ("Cole, C-O-L-E. Cole, C-O-L-E.", "Cole, C-O-L-E."),
            ("Dana. Dana.", "Dana."),
            ("My name is Josh Warner Josh Warner", "My name is Josh Warner"),
            ("I have a I have a leaking pipe", "I have a leaking pipe"),
            ("my number is 555, my number is 555 0142", "my number is 555 0142"),
            ("T, O, M. T, O, M.", "T, O, M."),
            ("Hi. The sink is leaking. The sink is leaking. Please come.", "Hi. The sink is leaking. Please come."),
            ("Four twelve Maple Street. Four twelve Maple Street.", "Four twelve Maple Street."),
            ("212-555-0142. 212-555-0142.", "212-555-0142."),
            ("Area code 347. Area code 347.", "Area code 347."),
        ] {
            assert_eq!(said_once(said), once, "{said}");
        }
    }

    #[test]
    fn what_only_looks_like_a_copy_stays() {
        for said in [
            "",
            "555, 555",
            "555. 555.",
            "five five five. five five five. oh one four two",
            "Two one two, two one two",
            "double five, double five",
            "Seven. Seven.",
            "It's five. It's five.",
            "L. L.",
            "M, I, S, S, I, S, S, I, P, P, I",
            "M-I-S-S-I-S-S-I-P-P-I",
            "no, no",
            "No, no, that's wrong",
            "bye bye",
            "Walla Walla",
            "It's very, very bad",
            "I need a drain cleaned and a drain replaced",
            "Dana. Dana Whitfield.",
            "the sink and the sink",
        ] {
            assert_eq!(said_once(said), said, "{said}");
        }
    }

    proptest! {
        #[test]
        fn a_sentence_twice_is_the_sentence(
            picks in proptest::collection::vec(0_usize..8, 1..7)
        ) {
            let words = ["Ann", "Lee", "sink", "leaks", "Maple", "Street", "tomorrow", "please"];
            let sentence = picks.iter().map(|at| words[*at]).collect::<Vec<_>>().join(" ");
            let once = said_once(&sentence);
            prop_assert_eq!(said_once(&format!("{sentence}. {sentence}.")), format!("{once}."));
        }

        #[test]
        fn once_is_enough_and_adds_nothing(said in "[a-c5. ,]{0,40}") {
            let once = said_once(&said);
            prop_assert_eq!(said_once(&once), once.clone());
            prop_assert!(once.len() <= said.len());
        }
    }
}
