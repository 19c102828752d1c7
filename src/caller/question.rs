//! What the receptionist has just asked, as a person on the phone would take it from her words.
//!
//! The caller needs no more of them than which of its lines comes next. It goes by the words alone, whatever prompt file
//! they are from, and knows nothing of the product's own state.

use serde::Deserialize;

/// What a line of the caller answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// How she can help.
    Need,
    /// The name.
    Name,
    /// How the name is spelt.
    Spelling,
    /// Whether the number that the caller calls from will do.
    Offer,
    /// Which number.
    Number,
    /// The number on the keypad.
    Keypad,
    /// Whether the number is right that she has read back.
    ReadBack,
    /// The same, and it is not the one that the script expects.
    WrongReadBack,
    /// Whether something else is right.
    Confirm,
    /// Where.
    Address,
    /// How soon.
    Urgency,
    /// When it suits.
    Time,
    /// Anything else.
    AnythingElse,
    /// To say the last thing again.
    SayAgain,
}

/// A read-back has at least so many digits.
const DIGITS_OF_A_NUMBER: usize = 7;

/// The phrases that give a question away; the first that occurs decides.
const PHRASES: [(&str, Question); 29] = [
    ("say it again", Question::SayAgain),
    ("say that again", Question::SayAgain),
    ("repeat", Question::SayAgain),
    ("still there", Question::SayAgain),
    ("anything else", Question::AnythingElse),
    ("key in", Question::Keypad),
    ("keypad", Question::Keypad),
    ("spell", Question::Spelling),
    ("last name", Question::Name),
    ("your name", Question::Name),
    ("full name", Question::Name),
    ("best number", Question::Number),
    ("which number", Question::Number),
    ("what number", Question::Number),
    ("phone number", Question::Number),
    ("is that right", Question::Confirm),
    ("is that correct", Question::Confirm),
    ("did i get that", Question::Confirm),
    ("address", Question::Address),
    ("zip code", Question::Address),
    ("how soon", Question::Urgency),
    ("how urgent", Question::Urgency),
    ("to be seen today", Question::Urgency),
    ("what day", Question::Time),
    ("what time", Question::Time),
    ("day and time", Question::Time),
    ("when would", Question::Time),
    ("help you", Question::Need),
    ("can i help", Question::Need),
];

impl Question {
    /// The last question in her words; `right` is the number that she should have.
    pub(super) fn of(words: &str, right: Option<&str>) -> Option<Self> {
        let words = words.to_lowercase().replace('\u{2019}', "'");
        let sentences = words.split_inclusive(['?', '!', '.']).rev();
        let asked = sentences.clone().find_map(in_sentence)?;
        let digits: String = words.chars().filter(char::is_ascii_digit).collect();
        let has_number = digits.len() >= DIGITS_OF_A_NUMBER;
        Some(match asked {
            Self::Number if has_number => Self::Offer,
            Self::Confirm if has_number && right.is_some_and(|right| !is_of(&digits, right)) => Self::WrongReadBack,
            Self::Confirm if has_number => Self::ReadBack,
            other => other,
        })
    }
}

fn in_sentence(sentence: &str) -> Option<Question> {
    PHRASES.iter().find(|(phrase, _)| sentence.contains(phrase)).map(|(_, question)| *question)
}

/// Whether the digits read out are those of an E.164 number, with or without its country code.
fn is_of(digits: &str, right: &str) -> bool {
    let right = right.trim_start_matches('+');
    digits == right || digits.len() >= DIGITS_OF_A_NUMBER && right.ends_with(digits)
}

#[cfg(test)]
mod tests {
    use super::Question;

    #[test]
    fn the_last_question_counts() {
        let right = Some("+12125550187");
        for (words, question) in [
            ("Thanks for calling Harbor Plumbing. How can I help?", Some(Question::Need)),
            ("I'm sorry about that. May I have your first and last name?", Some(Question::Name)),
            ("How do you spell your last name?", Some(Question::Spelling)),
            ("Is 2 1 2, 5 5 5, 0 1 4 2 the best number to call you back on?", Some(Question::Offer)),
            ("What's the best number to call you back on?", Some(Question::Number)),
            ("Please key in the number on your phone, then press the pound key.", Some(Question::Keypad)),
            ("I have 2 1 2, 5 5 5, 0 1 8 7. Is that right?", Some(Question::ReadBack)),
            ("I have 2 1 2, 5 5 5, 0 1 8 6. Is that right?", Some(Question::WrongReadBack)),
            ("54 Spring Street. Is that right?", Some(Question::Confirm)),
            (
                "If you smell gas, leave the house. What\u{2019}s the address where you need us?",
                Some(Question::Address),
            ),
            ("How soon do you need someone: right away, or is there no rush?", Some(Question::Urgency)),
            ("What day and time suit you best?", Some(Question::Time)),
            ("Thank you. Is there anything else we should know?", Some(Question::AnythingElse)),
            ("Sorry, I didn't catch that. Could you say it again?", Some(Question::SayAgain)),
            ("Okay, I'll pass that on to our plumber.", None),
        ] {
            assert_eq!(Question::of(words, right), question, "{words}");
        }
    }
}
