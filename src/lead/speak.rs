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

/// An e-mail address letter by letter, its marks and its end as words: `M, A, R, K, dot, E, at, E, X, A, M, P, L, E, dot com`.
/// The name of a mail provider that everybody knows is said as it is.
#[must_use]
pub fn speak_email(address: &str) -> String {
    let (mailbox, domain) = address.split_once('@').unwrap_or((address, ""));
    let (name, end) = domain.split_once('.').unwrap_or((domain, ""));
    let known = ["gmail", "yahoo", "hotmail", "outlook", "icloud", "aol"];
    let name = if known.contains(&name) { name.to_owned() } else { spelled_out(name) };
    let end: Vec<String> =
        end.split('.').filter(|label| !label.is_empty()).map(|label| format!("dot {label}")).collect();
    format!("{}, at, {name}, {}", spelled_out(mailbox), end.join(" "))
}

fn spelled_out(text: &str) -> String {
    let piece = |c: char| match c {
        '.' => "dot".to_owned(),
        '_' => "underscore".to_owned(),
        '-' => "hyphen".to_owned(),
        '+' => "plus".to_owned(),
        other => other.to_uppercase().to_string(),
    };
    text.chars().map(piece).collect::<Vec<_>>().join(", ")
}

fn apart(text: &str, between: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).map(String::from).collect::<Vec<_>>().join(between)
}
