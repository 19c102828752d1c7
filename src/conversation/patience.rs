//! How long a pause must be to end the caller's turn, by what was asked and by the words so far.
//!
//! A fixed pause cuts off people who dictate a number, and makes those wait who only said yes.

use super::agenda::{Question, names_own};
use super::config::ConversationConfig;
use crate::lead::{
    Answer, SlotName, Understood, contains_phrase, names_trouble, spells_known_name, spoken_digits, understand, words,
};
use std::time::Duration;

/// A sentence that ends with one of these goes on.
const DANGLING: [&str; 30] = [
    "and", "or", "but", "so", "because", "the", "a", "an", "my", "our", "your", "is", "it's", "are", "was", "at", "in",
    "on", "to", "for", "with", "of", "from", "by", "um", "uh", "that's", "i'm", "like", "if",
];
/// A whole answer is no longer than this.
const SHORT_ANSWER_WORDS: usize = 4;
/// Sound from this probability on is that of somebody who is done, and below the other that of somebody who is not.
const SURELY_DONE: f32 = 0.7;
const HARDLY_DONE: f32 = 0.3;
/// So much longer than a caller's usual pause the one that ends a turn is.
const USUAL_MARGIN: Duration = Duration::from_millis(150);
/// What begins with so few words and names no trouble leads up to it.
const LEAD_UP_WORDS: usize = 8;
/// After a bare "no" the right value often follows.
const AFTER_NO: Duration = Duration::from_millis(300);

/// The pause after which nothing more is awaited, while the words are not known yet.
pub(super) fn before_words(question: Question, config: &ConversationConfig) -> Duration {
    if question.is_dictated() { config.patient_endpoint } else { config.endpoint }
}

/// The pause after which the words are worth a look.
pub(super) fn eager(question: Question, config: &ConversationConfig) -> Duration {
    // While a number is dictated every gap would ask for a transcript.
    if question.is_dictated() { config.eager_pause.max(Duration::from_millis(360)) } else { config.eager_pause }
}

/// What a pause is judged by besides the words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner<'a> {
    pub(super) question: Question,
    pub(super) region: &'a str,
    pub(super) config: &'a ConversationConfig,
    pub(super) pace: Pace,
}

/// How long this caller's pauses within a turn are: an average in which the latest weighs a third.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace(Option<Duration>);

impl Pace {
    /// The caller paused for so long and went on.
    pub(super) fn paused(&mut self, pause: Duration) {
        self.0 = Some(self.0.map_or(pause, |before| (before * 2 + pause) / 3));
    }

    // A pause that is usual for this caller ends nothing.
    fn at_least(self) -> Duration {
        self.0.map_or(Duration::ZERO, |usual| usual + USUAL_MARGIN)
    }
}

/// The pause that ends the turn, given the words so far and, from 0 to 1, how much they sound like the last ones.
///
/// Words decide first: half a number is no end however it sounds, and a whole one is. Else sound does (Smart-Turn): without it silence alone
/// would cut off one caller in five at 600 ms.
pub(super) fn after_words(said: &str, done: Option<f32>, manner: Manner<'_>) -> Duration {
    let understood = understand(manner.question.asked(), said, manner.region);
    let wait = by_words(said, manner.question, &understood, manner.config);
    let (endpoint, unsure) = (manner.config.endpoint, manner.config.unsure_endpoint);
    if wait != endpoint {
        let may_be_whole = wait == unsure;
        return if may_be_whole { wait.max(manner.pace.at_least().min(manner.config.patient_endpoint)) } else { wait };
    }
    match done {
        Some(done) if done >= SURELY_DONE => manner.config.short_endpoint,
        // A whole answer is the end of most turns, however it sounds.
        _ if is_answer(manner.question, &understood) => endpoint,
        Some(done) if done < HARDLY_DONE => unsure.max(endpoint),
        _ => endpoint.max(manner.pace.at_least().min(unsure)),
    }
}

fn is_answer(question: Question, understood: &Understood) -> bool {
    match question {
        Question::Need | Question::WhatElse => understood.is_question,
        _ if question.is_yes_or_no() => understood.answer.is_some(),
        _ => question.slot().is_some_and(|slot| holds(understood, slot)),
    }
}

fn holds(understood: &Understood, slot: SlotName) -> bool {
    understood.values.iter().any(|(name, _)| *name == slot)
}

fn by_words(said: &str, question: Question, understood: &Understood, config: &ConversationConfig) -> Duration {
    let words = words(said);
    let Some(last) = words.last().map(|word| word.lower.as_str()) else {
        return config.endpoint;
    };
    let ends_in_hour = contains_phrase(&words[words.len().saturating_sub(2)..], &["p m", "a m"]);
    // "Yes, it is.", "The one I'm calling from.", "Thanks, bye." as it is heard, and a name's last letter.
    let closes = match last {
        "is" | "are" => understood.answer == Some(Answer::Yes),
        "from" | "on" => question == Question::OfferCallback && names_own(said),
        "by" => understood.answer == Some(Answer::No) && question == Question::AnythingElse,
        "a" => question == Question::NameSpelling,
        _ => false,
    };
    if DANGLING.contains(&last) && !closes || said.trim_end().ends_with("...") || said.trim_end().ends_with('…') {
        return config.patient_endpoint;
    }
    if question.slot() == Some(SlotName::Callback) && holds(understood, SlotName::Callback) {
        return config.short_endpoint;
    }
    // How the letters sound is not asked: it halves the wait after them, and cuts off a third of those who pause for 1.2 s.
    if question == Question::NameSpelling && spells_known_name(said) {
        return config.unsure_endpoint;
    }
    if !ends_in_hour && is_mid_dictation(question, last, understood) {
        return config.patient_endpoint;
    }
    match question {
        _ if leaves_open(question, said, understood) => config.unsure_endpoint,
        _ if question.is_yes_or_no() => yes_or_no(question, understood, words.len(), config),
        // "Hi, this is Tom Bradley." is followed by what Tom Bradley needs, and so is "I'm standing outside."
        Question::Need if !understood.is_question && !tells_need(said, words.len(), understood) => {
            config.unsure_endpoint
        }
        Question::Email if understood.answer.is_none() && !is_answer(question, understood) => config.patient_endpoint,
        Question::Callback | Question::Keypad if !understood.digits.is_empty() => config.patient_endpoint,
        _ => config.endpoint,
    }
}

fn tells_need(said: &str, count: usize, understood: &Understood) -> bool {
    holds(understood, SlotName::Need) && (count > LEAD_UP_WORDS || names_trouble(said))
}

fn is_mid_dictation(question: Question, last: &str, understood: &Understood) -> bool {
    let is_digits = !spoken_digits(last).is_empty();
    let is_letter = last.chars().count() == 1 && last.chars().all(char::is_alphabetic) && last != "i";
    // "Yes, this number is fine." is heard as "five"; "Yes, that's the one." holds no number.
    let is_fine = understood.answer == Some(Answer::Yes) && matches!(understood.digits.as_str(), "" | "5");
    match question {
        Question::Urgency | Question::PreferredTime => false,
        Question::NameSpelling => true,
        // A house number is followed by its street.
        Question::Address | Question::AddressAgain => is_digits && !holds(understood, SlotName::Address),
        _ => is_letter || is_digits && !holds(understood, SlotName::Callback) && !is_fine,
    }
}

// Neither yes nor no, and nothing that is taken for it: "Call the shop." is followed by the number that is meant, and to be asked for it would come early.
fn leaves_open(question: Question, said: &str, understood: &Understood) -> bool {
    let is_about_number = question.is_yes_or_no() && question != Question::AnythingElse;
    let is_other = understood.is_question || understood.wants_human || understood.wants_repeat || understood.is_goodbye;
    let is_answer = understood.answer.is_some() || !understood.digits.is_empty() || names_own(said);
    is_about_number && !is_other && !is_answer
}

fn yes_or_no(question: Question, understood: &Understood, count: usize, config: &ConversationConfig) -> Duration {
    let is_whole = count <= SHORT_ANSWER_WORDS && !understood.is_correction && understood.digits.is_empty();
    match understood.answer {
        Some(Answer::Yes) if is_whole && question != Question::AnythingElse => config.short_endpoint,
        Some(Answer::No) if is_whole && question == Question::AnythingElse => config.short_endpoint,
        Some(Answer::No) if is_whole => config.endpoint + AFTER_NO,
        _ => config.endpoint,
    }
}

#[cfg(test)]
mod tests {
    use super::{Manner, Pace, Question, after_words, before_words};
    use crate::conversation::ConversationConfig;
    use std::time::Duration;

    #[test]
    fn waits_as_long_as_the_words_ask_for() {
        let config = ConversationConfig::default();
        for (question, said, wait) in [
            (Question::Need, "My kitchen sink is leaking.", 500),
            (Question::Need, "My kitchen sink is leaking and", 2000),
            (Question::Need, "Well...", 2000),
            (Question::Need, "Hi, this is Tom Bradley.", 1000),
            (Question::Need, "Hello, I'm standing outside.", 1000),
            (Question::Need, "I'd like to talk about the job you did for us last week.", 500),
            (Question::Need, "Hello?", 1000),
            (Question::Need, "", 500),
            (Question::Callback, "It's 212.", 2000),
            (Question::Callback, "It's 212-555-0142.", 300),
            (Question::Callback, "My number is", 2000),
            (Question::OfferCallback, "Yes.", 300),
            (Question::OfferCallback, "No.", 800),
            (Question::OfferCallback, "Call the shop.", 1000),
            (Question::OfferCallback, "Use this number.", 300),
            (Question::OfferCallback, "The one I am calling from.", 500),
            (Question::OfferCallback, "Why do you need it?", 500),
            (Question::ReadBack, "The lost foreign ditches", 1000),
            (Question::ReadBack, "Yes, that's right.", 300),
            (Question::ReadBack, "No, it's 555", 2000),
            (Question::AnythingElse, "No, that's all.", 300),
            (Question::NameSpelling, "W H I T", 2000),
            (Question::NameSpelling, "W H I T F I E L D", 1000),
            (Question::NameSpelling, "It's Moore, M-O-O-R-E.", 1000),
            (Question::NameSpelling, "G A R C I A", 1000),
            (Question::NameSpelling, "M-O-O-R-E, and my", 2000),
            (Question::NameSpelling, "G R A B O W I E C K A", 2000),
            (Question::Name, "Dana, D A N", 2000),
            (Question::PreferredTime, "Tomorrow at 3", 500),
            (Question::Address, "14 Oak Street", 500),
            (Question::Address, "It's 14", 2000),
            (Question::Address, "I live at thirty seven,", 2000),
            (Question::Address, "14 Oak Street, apartment 3", 500),
            (Question::OfferCallback, "Yes, this number is five.", 500),
            (Question::OfferCallback, "No, it's five", 2000),
            (Question::ReadBack, "Yes, yes, that's the one.", 500),
            (Question::AnythingElse, "Nope, that's it, thanks by", 500),
        ] {
            let manner = Manner { question, region: "US", config: &config, pace: Pace::default() };
            assert_eq!(after_words(said, None, manner).as_millis(), wait, "{question:?} {said}");
        }
        assert_eq!(before_words(Question::Callback, &config).as_millis(), 2000);
        assert_eq!(before_words(Question::Name, &config).as_millis(), 500);
    }

    #[test]
    fn sound_decides_where_words_do_not() {
        let config = ConversationConfig::default();
        for (question, said, done, wait) in [
            (Question::Need, "My kitchen sink is leaking.", 0.9, 300),
            (Question::Need, "My kitchen sink is leaking.", 0.5, 500),
            (Question::Need, "My kitchen sink is leaking.", 0.1, 1000),
            (Question::Need, "My kitchen sink is leaking and", 0.9, 2000),
            (Question::Callback, "It's 212.", 0.9, 2000),
            (Question::Callback, "It's 212-555-0142.", 0.1, 300),
            (Question::OfferCallback, "Yes.", 0.1, 300),
            (Question::OfferCallback, "Yes, it is. Yes, it is.", 0.1, 500),
            (Question::Name, "My name is Anna Wilson.", 0.1, 500),
            (Question::Name, "My name, well, you see.", 0.1, 1000),
            (Question::Need, "How much is a visit?", 0.1, 500),
            (Question::AnythingElse, "No, that is all. Thank you.", 0.1, 500),
        ] {
            let manner = Manner { question, region: "US", config: &config, pace: Pace::default() };
            assert_eq!(after_words(said, Some(done), manner).as_millis(), wait, "{question:?} {said} {done}");
        }
    }

    #[test]
    fn a_caller_who_pauses_long_is_given_longer() {
        let config = ConversationConfig::default();
        let mut pace = Pace::default();
        let wait = |pace, done| {
            let manner = Manner { question: Question::Need, region: "US", config: &config, pace };
            after_words("My kitchen sink is leaking.", done, manner).as_millis()
        };
        pace.paused(Duration::from_millis(300));
        assert_eq!(wait(pace, None), 500);
        pace.paused(Duration::from_millis(900));
        assert_eq!((wait(pace, None), wait(pace, Some(0.9))), (650, 300));
        pace.paused(Duration::from_secs(3));
        assert_eq!(wait(pace, Some(0.5)), 1_000);
    }
}
