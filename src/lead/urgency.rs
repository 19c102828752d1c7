//! How soon help is needed, by the words that say so.

use super::danger::danger;
use super::form::Form;
use super::slot::{SlotName, Urgency};
use super::words::{Gap, Word, contains_phrase, phrase_at, words};

/// Damage or pain that can't wait, beside what [`danger`] finds.
#[rustfmt::skip]
const DAMAGE: &[&str] = &[
    "burst", "bursting", "flooding", "flooded", "flood", "gushing", "pouring", "spraying", "no heat", "sewage", "overflowing",
    "bleeding", "knocked out", "water everywhere", "all over the floor", "ceiling is coming down", "severe pain",
    "terrible pain", "swollen", "life threatening", "no power",
];
/// Words of a caller who says it is an emergency.
#[rustfmt::skip]
const PLEAS: &[&str] = &[
    "emergency", "right away", "immediately", "very urgent", "really urgent", "extremely urgent", "urgent",
    "urgently", "straight away", "this minute", "this instant",
];
#[rustfmt::skip]
const SOON_ANYWHERE: &[&str] = &[
    "as soon as possible", "as soon as you can", "asap", "the sooner the better", "within the hour", "in an hour",
    "sooner rather than later", "a s a p", "no hot water", "no water", "can't wait", "pretty urgent",
];
#[rustfmt::skip]
const SOON: &[&str] = &[
    "today", "tonight", "tomorrow", "this afternoon", "this evening", "this morning", "day or two", "couple of days",
    "couple days", "few hours", "soon", "next day", "within the day", "one or two days", "day or so", "two days",
    "24 hours", "next days", "next couple", "next few days", "day after", "the next day", "within the next", "by tomorrow",
    "48 hours", "few days at most", "this week if",
];
#[rustfmt::skip]
const ROUTINE_ANYWHERE: &[&str] = &[
    "no rush", "no hurry", "not urgent", "isn't urgent", "not that urgent", "not really urgent", "not an emergency",
    "isn't an emergency", "not in a rush", "not in a hurry", "not a rush", "not too urgent", "not very urgent",
    "no emergency", "no particular rush", "not super urgent", "whenever you can", "whenever you have time",
    "whenever you're free", "at your convenience", "take your time", "not particularly urgent", "not so urgent",
];
#[rustfmt::skip]
const ROUTINE: &[&str] = &[
    "whenever", "next week", "next month", "any time", "anytime", "can wait", "sometime", "some time", "this week",
    "routine", "few weeks", "couple of weeks", "week or two", "weeks", "later this month", "flexible", "eventually",
    "few days", "end of the week", "weekend",
];

/// How urgent the words are, in answer to that question.
#[must_use]
pub fn urgency_from(said: &str) -> Option<Urgency> {
    let words = words(said);
    if danger(said).is_some() || says(&words, DAMAGE) || says(&words, PLEAS) || says_now(&words) {
        return Some(Urgency::Emergency);
    }
    let unhurried = contains_phrase(&words, ROUTINE_ANYWHERE);
    let but = words.iter().any(|word| word.lower == "but");
    if says(&words, SOON_ANYWHERE) || (says(&words, SOON) && (!unhurried || but)) {
        return Some(Urgency::Soon);
    }
    (unhurried || contains_phrase(&words, ROUTINE)).then_some(Urgency::Routine)
}

/// Whether a lesser urgency would make an emergency less of one without the words for it: "as soon as possible" doesn't,
/// only "it's not an emergency" does.
#[must_use]
pub fn is_calming(form: &Form, value: &str, said: &str) -> bool {
    const TAKEN_BACK: &[&str] = &["not an emergency", "no emergency", "isn't an emergency", "no rush", "not urgent"];
    let emergency = Urgency::Emergency.as_str();
    let is_emergency = form.get(SlotName::Urgency).is_some_and(|slot| slot.value == emergency);
    is_emergency && value != emergency && !contains_phrase(&words(said), TAKEN_BACK)
}

/// How urgent the words are when something else was asked: only what can't mean anything else.
pub(super) fn stated_urgency(said: &str) -> Option<Urgency> {
    let words = words(said);
    if danger(said).is_some() || says(&words, DAMAGE) || says(&words, PLEAS) {
        return Some(Urgency::Emergency);
    }
    if says(&words, SOON_ANYWHERE) {
        return Some(Urgency::Soon);
    }
    contains_phrase(&words, ROUTINE_ANYWHERE).then_some(Urgency::Routine)
}

// As `contains_phrase`, but "nothing is flooding", "it isn't urgent", "the smoke alarm" don't count.
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
