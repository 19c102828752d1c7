//! Whether a value stands in what the caller said: its digits or its words, in any of the forms a recogniser writes.

use super::address::ordinal_digits;
use super::email::email_from;
use super::name::{name_from, stated_name};
use super::number::{correct_number, number_from, spoken_digits};
use super::numerals::{Reading, numerals};
use super::slot::{Slot, SlotName};
use super::spelling::spelled;
use super::urgency::urgency_from;
use super::words::{Word, words};
use crate::phone::PhoneNumber;

/// Words that a value may hold although they were not said.
const SMALL: &[&str] = &["a", "an", "the", "of", "in", "at", "on", "to", "and", "is", "my", "for", "with"];

/// Whether the text supports the value. `known` is the slot's value so far: a correction may give only a part of a number.
pub(super) fn supports(name: SlotName, value: &str, text: &str, region: &str, known: Option<&Slot>) -> bool {
    match name {
        SlotName::Callback => number_is_said(value, text, region, known),
        SlotName::Name => name_is_said(value, text),
        SlotName::Email => email_from(text, true).as_deref() == Some(value),
        SlotName::Urgency => urgency_from(text).is_some_and(|urgency| urgency.as_str() == value),
        SlotName::Address | SlotName::Need | SlotName::PreferredTime | SlotName::Question => {
            words_are_said(value, text)
        }
    }
}

fn number_is_said(value: &str, text: &str, region: &str, known: Option<&Slot>) -> bool {
    let Ok(number) = PhoneNumber::parse(value, region) else { return false };
    let national = number.groups().concat();
    let spoken = spoken_digits(text);
    let all: String = numerals(&words(text), Reading::Digits).into_iter().map(|numeral| numeral.digits).collect();
    let whole = !national.is_empty() && (spoken.contains(&national) || all.contains(&national));
    let corrected = || {
        let known = known.and_then(|slot| PhoneNumber::parse(&slot.value, region).ok());
        known.is_some_and(|known| correct_number(&known, text, region).as_ref() == Some(&number))
    };
    whole || number_from(text, region, true).as_ref() == Some(&number) || corrected()
}

fn name_is_said(value: &str, text: &str) -> bool {
    let said = words(text);
    let letters: String =
        spelled(&said).map(|found| found.parts.concat().to_lowercase().replace('\'', "")).unwrap_or_default();
    let parts = words(value);
    // A name and its letters may have been read together as one that is likelier than either.
    let is_read = || [name_from(text), stated_name(text)].iter().flatten().any(|name| name == value);
    let is_said = !parts.is_empty()
        && parts.iter().all(|part| {
            let spoken =
                said.iter().any(|word| word.lower == part.lower || word.lower.strip_suffix("'s") == Some(&part.lower));
            spoken || (part.lower.len() > 1 && letters.contains(&part.lower.replace('\'', "")))
        });
    is_said || is_read()
}

fn words_are_said(value: &str, text: &str) -> bool {
    let said = words(text);
    let numbers = said_numbers(text);
    let value_words = words(value);
    let content = value_words.iter().filter(|word| !word.is_one_of(SMALL)).count();
    content > 0
        && value_words.iter().all(|word| {
            let is_said =
                |other: &Word| other.lower == word.lower || ordinal_digits(&other.lower) == Some(word.lower.as_str());
            let spoken = word.is_one_of(SMALL) || said.iter().any(is_said);
            spoken || numbers.contains(&word.lower)
        })
}

// Every way in which neighbouring numerals can be written as one number.
fn said_numbers(text: &str) -> Vec<String> {
    let all = words(text);
    let mut found = Vec::new();
    for reading in [Reading::House, Reading::Digits] {
        let parts = numerals(&all, reading);
        for from in 0..parts.len() {
            let mut joined = String::new();
            for to in from..parts.len().min(from + 10) {
                if to > from && parts[to].from != parts[to - 1].to {
                    break;
                }
                joined.push_str(&parts[to].digits);
                found.push(joined.clone());
            }
        }
    }
    found
}
