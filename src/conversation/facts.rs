//! Which fact answers a question, told by its words alone where they leave no doubt: at once, and without the language model.
//!
//! Callers ask the same few things of every business: prices, hours, the area, how to pay, when somebody comes. Where such a question meets
//! the one fact about it, that fact is the answer; where it meets none, or asks for a promise, nobody needs to look further. All else is left to
//! the model.

use super::protocol::Choice;
use crate::lead::{Word, contains_phrase, words};
use concepts::{CONCEPTS, Concept, DEMANDS, EMPTY, OFTEN_ASKED};
use std::collections::BTreeSet;

mod concepts;
#[cfg(test)]
mod tests;

// What a concept's own words weigh against a word that the question shares with a fact.
const CONCEPT: f32 = 2.0;
// A fact is sure with so much, and so much more than any other.
const ENOUGH: f32 = 2.0;
const AHEAD: f32 = 1.0;

/// What a question's words tell about its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pointed {
    /// These facts answer it: their places in the list, in the order in which they were asked for. More than one when several things were.
    At(Vec<usize>),
    /// None of them does.
    Nowhere,
    /// The words don't tell.
    Unsure,
}

/// Looks for the facts that a question's words point at.
#[must_use]
pub fn point(choices: &[Choice], said: &str) -> Pointed {
    let all = words(said);
    if contains_phrase(&all, DEMANDS) {
        return Pointed::Nowhere;
    }
    let facts: Vec<Fact> = choices.iter().map(Fact::of).collect();
    let is_told = |phrase: &str| phrase.split(' ').any(|word| facts.iter().any(|fact| fact.tells(word)));
    if OFTEN_ASKED.iter().any(|phrase| contains_phrase(&all, &[*phrase]) && !is_told(phrase)) {
        return Pointed::Nowhere;
    }
    let parts: Option<Vec<usize>> = parts(said).iter().map(|part| the_one(&facts, part)).collect();
    match parts {
        Some(mut several) if several.len() > 1 => {
            let mut told = BTreeSet::new();
            several.retain(|index| told.insert(*index));
            Pointed::At(several)
        }
        _ => the_one(&facts, &all).map_or(Pointed::Unsure, |index| Pointed::At(vec![index])),
    }
}

// The fact that these words point at, well before any other.
fn the_one(facts: &[Fact], words: &[Word]) -> Option<usize> {
    let mut weights: Vec<f32> = facts.iter().map(|fact| fact.shared(words, facts)).collect();
    for concept in CONCEPTS.iter().filter(|concept| contains_phrase(words, concept.asked)) {
        if let Some(index) = about(concept, facts) {
            weights[index] += CONCEPT;
        }
    }
    let best =
        (0..weights.len()).max_by(|&a, &b| weights[a].total_cmp(&weights[b])).filter(|&n| weights[n] >= ENOUGH)?;
    let is_ahead = (0..weights.len()).all(|other| other == best || weights[best] - weights[other] >= AHEAD);
    is_ahead.then_some(best)
}

// The words of each thing that is asked; greetings and the like are none.
fn parts(said: &str) -> Vec<Vec<Word<'_>>> {
    let sentences = said.split(['?', '!', ';', '.']).flat_map(|sentence| sentence.split(" and "));
    sentences.map(words).filter(|part| part.iter().any(|word| is_telling(&word.lower))).collect()
}

// A fact's words: its topic's, and its text's that mean something, as stems.
struct Fact {
    topic: Vec<String>,
    text: Vec<String>,
}

impl Fact {
    fn of(choice: &Choice) -> Self {
        Self { topic: stems(&words(&choice.name.replace('_', " "))), text: stems(&words(&choice.text)) }
    }

    fn tells(&self, word: &str) -> bool {
        let stem = stem(word);
        self.topic.contains(&stem) || self.text.contains(&stem)
    }

    // How much of a question this fact holds; a word that several facts have tells less.
    fn shared(&self, words: &[Word], all: &[Self]) -> f32 {
        let mut stems = stems(words);
        stems.sort();
        stems.dedup();
        let weigh = |stem: &String| {
            let holders = all.iter().filter(|fact| fact.topic.contains(stem) || fact.text.contains(stem)).count();
            if self.topic.contains(stem) || self.text.contains(stem) { 1.0 / holders as f32 } else { 0.0 }
        };
        stems.iter().map(weigh).sum()
    }
}

// The fact that a concept is about: by its topic, else the only one whose text has the concept's marks.
fn about(concept: &Concept, facts: &[Fact]) -> Option<usize> {
    let has = |own: &[String], known: &[&str]| own.iter().any(|word| known.iter().any(|known| stem(known) == *word));
    let by_topic: Vec<usize> = (0..facts.len()).filter(|&n| has(&facts[n].topic, concept.topics)).collect();
    match by_topic.as_slice() {
        [only] => Some(*only),
        [] => {
            let by_text: Vec<usize> = (0..facts.len()).filter(|&n| has(&facts[n].text, concept.marks)).collect();
            if let [only] = by_text.as_slice() { Some(*only) } else { None }
        }
        _ => None,
    }
}

fn stems(words: &[Word]) -> Vec<String> {
    words.iter().map(|word| word.lower.as_str()).filter(|word| is_telling(word)).map(stem).collect()
}

fn is_telling(word: &str) -> bool {
    word.len() > 2 && !EMPTY.contains(&word)
}

// Enough of a word to know it by: `drains` and `drain`, `booked` and `booking`, `prices` and `price`.
fn stem(word: &str) -> String {
    const ENDINGS: [(&str, usize); 5] = [("ies", 5), ("ing", 6), ("ed", 5), ("s", 4), ("y", 4)];
    let word = word.strip_suffix("'s").unwrap_or(word);
    let word = if word.ends_with("ings") { &word[..word.len() - 1] } else { word };
    let cut = ENDINGS.iter().filter(|(ending, least)| word.len() >= *least && word.ends_with(ending));
    let ending = cut.map(|(ending, _)| ending.len()).next().filter(|_| !word.ends_with("ss")).unwrap_or(0);
    let short = &word[..word.len() - ending];
    let short = short.strip_suffix('e').filter(|stem| stem.len() > 2).unwrap_or(short);
    let mut letters: Vec<char> = short.chars().collect();
    if matches!(letters.as_slice(), [.., a, b] if a == b) && letters.len() > 3 {
        letters.pop();
    }
    letters.into_iter().collect()
}
