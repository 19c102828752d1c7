//! How long a pause must be to end the caller's turn, by what was asked and by the words so far.
//!
//! A fixed pause cuts off people who dictate a number, and makes those wait who only said yes.

use super::agenda::Question;
use super::config::ConversationConfig;
use crate::lead::{Answer, SlotName, Understood, spoken_digits, understand};
use std::time::Duration;

/// A sentence that ends with one of these goes on.
const DANGLING: [&str; 30] = [
    "and", "or", "but", "so", "because", "the", "a", "an", "my", "our", "your", "is", "it's", "are", "was", "at", "in",
    "on", "to", "for", "with", "of", "from", "by", "um", "uh", "that's", "i'm", "like", "if",
];
/// A whole answer is no longer than this.
const SHORT_ANSWER_WORDS: usize = 4;
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

/// The pause that ends the turn, given the words so far.
pub(super) fn after_words(question: Question, said: &str, region: &str, config: &ConversationConfig) -> Duration {
    let understood = understand(question.asked(), said, region);
    let words: Vec<String> = words(said);
    let Some(last) = words.last() else {
        return config.endpoint;
    };
    if DANGLING.contains(&last.as_str()) || said.trim_end().ends_with("...") || said.trim_end().ends_with('…') {
        return config.patient_endpoint;
    }
    let has_number = understood.values.iter().any(|(name, _)| *name == SlotName::Callback);
    if question.slot() == Some(SlotName::Callback) && has_number {
        return config.short_endpoint;
    }
    if is_mid_dictation(question, last, has_number, words.len()) {
        return config.patient_endpoint;
    }
    match question {
        Question::OfferCallback | Question::ReadBack | Question::ReadBackSlowly | Question::AnythingElse => {
            yes_or_no(question, &understood, words.len(), config)
        }
        Question::Callback | Question::Keypad if !understood.digits.is_empty() => config.patient_endpoint,
        _ => config.endpoint,
    }
}

fn is_mid_dictation(question: Question, last: &str, has_number: bool, count: usize) -> bool {
    let is_digits = !spoken_digits(last).is_empty();
    let is_letter = last.chars().count() == 1 && last.chars().all(char::is_alphabetic) && last != "i";
    match question {
        Question::Urgency | Question::PreferredTime => false,
        Question::NameSpelling => true,
        Question::Address => is_digits && count <= 2,
        _ => is_letter || is_digits && !has_number,
    }
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

fn words(said: &str) -> Vec<String> {
    said.split(|c: char| c.is_whitespace() || c == '-')
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Question, after_words, before_words};
    use crate::conversation::ConversationConfig;

    #[test]
    fn waits_as_long_as_the_words_ask_for() {
        let config = ConversationConfig::default();
        for (question, said, wait) in [
            (Question::Need, "My kitchen sink is leaking.", 500),
            (Question::Need, "My kitchen sink is leaking and", 2000),
            (Question::Need, "Well...", 2000),
            (Question::Need, "", 500),
            (Question::Callback, "It's 212.", 2000),
            (Question::Callback, "It's 212-555-0142.", 300),
            (Question::Callback, "My number is", 2000),
            (Question::OfferCallback, "Yes.", 300),
            (Question::OfferCallback, "No.", 800),
            (Question::ReadBack, "Yes, that's right.", 300),
            (Question::ReadBack, "No, it's 555", 2000),
            (Question::AnythingElse, "No, that's all.", 300),
            (Question::NameSpelling, "W H I T", 2000),
            (Question::Name, "Dana, D A N", 2000),
            (Question::PreferredTime, "Tomorrow at 3", 500),
            (Question::Address, "14 Oak Street", 500),
            (Question::Address, "It's 14", 2000),
        ] {
            assert_eq!(after_words(question, said, "US", &config).as_millis(), wait, "{question:?} {said}");
        }
        assert_eq!(before_words(Question::Callback, &config).as_millis(), 2000);
        assert_eq!(before_words(Question::Name, &config).as_millis(), 500);
    }
}
