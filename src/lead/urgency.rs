//! How soon help is needed, by the words that say so.

use super::slot::Urgency;
use super::words::{Gap, Word, phrase_at, words};

/// Harm or damage is going on.
const DANGER: &[&str] = &[
    "burst",
    "bursting",
    "flooding",
    "flooded",
    "flood",
    "gushing",
    "pouring",
    "spraying",
    "gas leak",
    "smell gas",
    "smelling gas",
    "smells like gas",
    "smell of gas",
    "gas smell",
    "sparks",
    "sparking",
    "smoking",
    "smoke",
    "fire",
    "on fire",
    "burning",
    "no heat",
    "sewage",
    "overflowing",
    "carbon monoxide",
    "shocked",
    "electrocuted",
    "bleeding",
    "knocked out",
    "water everywhere",
    "all over the floor",
    "ceiling is coming down",
    "severe pain",
    "terrible pain",
    "swollen",
    "life threatening",
    "burning smell",
    "no power",
];
/// Words of a caller who says it is an emergency.
const PLEAS: &[&str] = &[
    "emergency",
    "right away",
    "immediately",
    "very urgent",
    "really urgent",
    "extremely urgent",
    "urgent",
    "urgently",
    "straight away",
    "this minute",
    "this instant",
];
const SOON_ANYWHERE: &[&str] = &[
    "as soon as possible",
    "as soon as you can",
    "asap",
    "a s a p",
    "no hot water",
    "no water",
    "can't wait",
    "pretty urgent",
];
const SOON: &[&str] = &[
    "today",
    "tonight",
    "tomorrow",
    "this afternoon",
    "this evening",
    "this morning",
    "day or two",
    "couple of days",
    "couple days",
    "few hours",
    "soon",
    "next day",
    "within the day",
    "one or two days",
    "day or so",
    "two days",
    "24 hours",
];
const ROUTINE_ANYWHERE: &[&str] = &[
    "no rush",
    "no hurry",
    "not urgent",
    "isn't urgent",
    "not that urgent",
    "not really urgent",
    "not an emergency",
    "isn't an emergency",
    "not in a rush",
    "not in a hurry",
    "not a rush",
    "not too urgent",
    "not very urgent",
    "no emergency",
    "no particular rush",
    "not super urgent",
    "whenever you can",
    "whenever you have time",
    "whenever you're free",
    "at your convenience",
    "take your time",
    "not particularly urgent",
    "not so urgent",
];
const ROUTINE: &[&str] = &[
    "whenever",
    "next week",
    "next month",
    "any time",
    "anytime",
    "can wait",
    "sometime",
    "some time",
    "this week",
    "routine",
    "few weeks",
    "couple of weeks",
    "week or two",
    "weeks",
    "later this month",
    "flexible",
    "eventually",
    "few days",
    "end of the week",
    "weekend",
];

/// How urgent the words are, in answer to that question.
#[must_use]
pub fn urgency_from(said: &str) -> Option<Urgency> {
    let words = words(said);
    if says(&words, DANGER) || says(&words, PLEAS) || says_now(&words) {
        return Some(Urgency::Emergency);
    }
    let unhurried = has(&words, ROUTINE_ANYWHERE);
    let but = words.iter().any(|word| word.lower == "but");
    if says(&words, SOON_ANYWHERE) || (says(&words, SOON) && (!unhurried || but)) {
        return Some(Urgency::Soon);
    }
    (unhurried || has(&words, ROUTINE)).then_some(Urgency::Routine)
}

/// How urgent the words are when something else was asked: only what can't mean anything else.
pub(super) fn stated_urgency(said: &str) -> Option<Urgency> {
    let words = words(said);
    if says(&words, DANGER) || says(&words, PLEAS) {
        return Some(Urgency::Emergency);
    }
    if says(&words, SOON_ANYWHERE) {
        return Some(Urgency::Soon);
    }
    has(&words, ROUTINE_ANYWHERE).then_some(Urgency::Routine)
}

fn has(words: &[Word], phrases: &[&str]) -> bool {
    (0..words.len()).any(|at| phrase_at(words, at, phrases).is_some())
}

// As `has`, but "nothing is flooding", "it isn't urgent", "the smoke alarm" don't count.
fn says(words: &[Word], phrases: &[&str]) -> bool {
    (0..words.len()).any(|at| {
        let Some(length) = phrase_at(words, at, phrases) else { return false };
        !is_negated(words, at) && !names_a_device(words, at + length)
    })
}

fn says_now(words: &[Word]) -> bool {
    let right = (0..words.len()).any(|at| {
        phrase_at(words, at, &["right now", "now please", "need someone now", "need somebody now"]).is_some()
            && !is_negated(words, at)
    });
    right || matches!(words, [only] if only.lower == "now")
}

fn names_a_device(words: &[Word], next: usize) -> bool {
    words.get(next).is_some_and(|word| {
        word.is_one_of(&[
            "alarm",
            "alarms",
            "detector",
            "detectors",
            "department",
            "place",
            "insurance",
            "number",
            "contact",
            "damage",
            "extinguisher",
            "station",
        ])
    })
}

fn is_negated(words: &[Word], at: usize) -> bool {
    let from = at.saturating_sub(4);
    let clause = words[from..at]
        .iter()
        .rposition(|word| word.gap >= Gap::Comma || word.lower == "but")
        .map_or(from, |p| from + p + 1);
    words[clause..at].iter().any(|word| {
        word.is_one_of(&["not", "no", "nothing", "never", "without", "neither", "stopped", "cannot"])
            || word.lower.ends_with("n't")
    })
}
