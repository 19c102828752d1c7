//! How values are worded for the voice.

use crate::phone::PhoneNumber;

/// A number in its groups, digits apart: `2 1 2, 5 5 5, 0 1 4 2`.
#[must_use]
pub fn speak_number(number: &PhoneNumber) -> String {
    number.groups().iter().map(|group| apart(group, " ")).collect::<Vec<_>>().join(", ")
}

/// A number digit by digit: `2, 1, 2, 5, 5, 5, 0, 1, 4, 2`.
#[must_use]
pub fn speak_number_slowly(number: &PhoneNumber) -> String {
    apart(&number.groups().concat(), ", ")
}

/// A word letter by letter: `D, A, N, A`; words are separated by a full stop.
#[must_use]
pub fn speak_letters(text: &str) -> String {
    text.split_whitespace().map(|word| apart(&word.to_uppercase(), ", ")).collect::<Vec<_>>().join(". ")
}

fn apart(text: &str, between: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).map(String::from).collect::<Vec<_>>().join(between)
}
