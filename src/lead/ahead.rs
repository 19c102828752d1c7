//! What may still come of words that are being written, and how likely it is: what a recogniser's decoder is led by.

use super::known_names::{Part, UNLISTED, cost, least_cost};
use super::number::{is_corrected, number_from};
use super::words::{Word, words};
use crate::phone::PhoneNumber;
use std::ops::Range;

/// With fewer digits it may be meant as a part of a number, with more there are two.
const DIGITS_OF_BROKEN: Range<usize> = 8..14;
/// A digit may be misheard as a word: "212968 or 592".
const WORDS_BETWEEN: usize = 2;

/// What may come of a text as far as it is written. Costs are negative natural logarithms of probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ahead {
    /// Of the likeliest text that begins so, or is so.
    pub least: f32,
    /// Of the text as it stands, when it may be all.
    pub whole: Option<f32>,
}

/// What may come of a person's first and last name, or first name alone, by how many people have each: `Teresa Will`. None when nobody who is listed
/// is called so, also when a name begins with a small letter.
#[must_use]
pub fn name_ahead(written: &str) -> Option<Ahead> {
    if !written.split(' ').all(|name| !name.starts_with(|c: char| !c.is_uppercase())) {
        return None;
    }
    let plain = plain(written);
    let Some((first, surname)) = plain.split_once(' ') else {
        let least = least_cost(Part::First, &plain)? + least_cost(Part::Last, "")?;
        return Some(Ahead { least, whole: cost(Part::First, &plain).map(|alone| alone + UNLISTED) });
    };
    let people = cost(Part::First, first)?;
    let least = people + least_cost(Part::Last, surname)?;
    Some(Ahead { least, whole: cost(Part::Last, surname).map(|named| people + named) })
}

/// What a person's name costs, listed or not: first and last, or the first alone.
#[must_use]
pub fn name_cost(name: &str) -> f32 {
    let plain = plain(name);
    let (first, surname) = plain.split_once(' ').unwrap_or((&plain, ""));
    cost(Part::First, first).unwrap_or(UNLISTED) + cost(Part::Last, surname).unwrap_or(UNLISTED)
}

/// What may come of a last name's letters in capitals, with anything between that is no letter: `W-H-I-T`. None when no listed name is spelled so.
#[must_use]
pub fn letters_ahead(written: &str) -> Option<Ahead> {
    let letters = capitals(written)?;
    Some(Ahead { least: least_cost(Part::Last, &letters)?, whole: cost(Part::Last, &letters) })
}

/// What these letters cost as a last name's, listed or not.
#[must_use]
pub fn letters_cost(written: &str) -> f32 {
    listed_cost(written).unwrap_or(UNLISTED)
}

/// What may come of a telephone number of `region` in digits, with hyphens or spaces between: `212-55`. All are as likely.
#[must_use]
pub fn number_ahead(written: &str, region: &str) -> Option<Ahead> {
    let is_number = written.chars().all(|c| matches!(c, '0'..='9' | '-' | ' '));
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let may_be = is_number && PhoneNumber::may_begin(&digits, region);
    may_be.then(|| Ahead { least: 0.0, whole: PhoneNumber::parse(&digits, region).is_ok().then_some(0.0) })
}

/// Where the digits stand that are too many or too few for a number of `region`, though it must have been a whole one.
#[must_use]
pub fn broken_number_in(said: &str, region: &str) -> Option<Range<usize>> {
    let words = words(said);
    let is_digital = |word: &Word| word.text.bytes().any(|byte| byte.is_ascii_digit());
    let from = words.iter().position(is_digital)?;
    let to = words.iter().rposition(is_digital)?;
    if is_corrected(&words[from..to]) {
        return None;
    }
    let others = words[from..to].iter().filter(|word| !is_digital(word)).count();
    let place = words[from].start..words[to].end;
    let digits = said[place.clone()].bytes().filter(u8::is_ascii_digit).count();
    let is_one = others <= WORDS_BETWEEN && DIGITS_OF_BROKEN.contains(&digits);
    (is_one && number_from(said, region, true).is_none()).then_some(place)
}

/// Whether these are the letters of a listed last name.
#[must_use]
pub fn is_listed(written: &str) -> bool {
    listed_cost(written).is_some()
}

fn listed_cost(written: &str) -> Option<f32> {
    cost(Part::Last, &capitals(written)?)
}

// Nothing else may be written between than what separates letters.
fn capitals(written: &str) -> Option<String> {
    let are_letters = written.chars().all(|c| matches!(c, 'A'..='Z' | ' ' | '-' | ',' | '.'));
    are_letters.then(|| written.chars().filter(char::is_ascii_uppercase).map(|c| c.to_ascii_lowercase()).collect())
}

// As the lists have it: "O'Donnell" is `odonnell` there.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '\'' | '\u{2019}')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::{Ahead, UNLISTED, broken_number_in, letters_ahead, letters_cost, name_ahead, name_cost, number_ahead};

    #[test]
    fn a_beginning_costs_no_more_than_what_comes_of_it() {
        let mut before = Ahead { least: 0.0, whole: None };
        for end in 1..="Teresa Williams".len() {
            let written = &"Teresa Williams"[..end];
            let ahead = name_ahead(written).expect(written);
            assert!(
                ahead.least >= before.least && ahead.whole.is_none_or(|whole| whole >= ahead.least),
                "{written}: {ahead:?}"
            );
            before = ahead;
        }
        assert_eq!(before.whole, Some(name_cost("Teresa Williams")));
        assert_eq!(name_ahead("Teresa").and_then(|ahead| ahead.whole), Some(name_cost("Teresa")));
        assert_eq!(name_ahead("Brian O'Donnell"), name_ahead("Brian Odonnell"));
    }

    #[test]
    fn nothing_comes_of_what_nobody_is_called() {
        for written in ["Xqz", "Teresa Xqz", "Xqz Williams", "teresa", "Teresa w", "Teresa, W", "Teresa Ann Williams"] {
            assert_eq!(name_ahead(written), None, "{written}");
        }
        for written in ["W-Q-X", "w-h", "WHI7", "W:H"] {
            assert_eq!(letters_ahead(written), None, "{written}");
        }
        assert_eq!((name_cost("Xqz Vbn"), letters_cost("X-Q-Z")), (2.0 * UNLISTED, UNLISTED));
    }

    #[test]
    fn letters_are_read_however_they_are_set_apart() {
        let known = letters_ahead("SMITH");
        assert!(known.is_some_and(|known| known.whole.is_some()));
        for written in ["S-M-I-T-H", "S, M, I, T, H", "S M I T-H"] {
            assert_eq!(letters_ahead(written), known, "{written}");
        }
        assert!(
            letters_ahead("S-M-I-T-").is_some_and(|ahead| Some(ahead.least) == known.and_then(|known| known.whole))
        );
    }

    #[test]
    fn a_number_is_whole_when_the_plan_has_it_and_nothing_else_may_come() {
        let whole = |written: &str, region: &str| number_ahead(written, region).map(|ahead| ahead.whole.is_some());
        for (written, expected) in [
            ("2", Some(false)),
            ("212-55", Some(false)),
            ("212-555-0187", Some(true)),
            ("1 212 555 0187", Some(true)),
            ("212-555-01877", None),
            ("112-555", None),
            ("212-155", None),
            ("212 or", None),
        ] {
            assert_eq!(whole(written, "US"), expected, "{written}");
        }
        assert_eq!(whole("020 7946 0018", "GB"), Some(true));
        assert_eq!(whole("020 7946 0018 0018 0018", "GB"), None);
    }

    #[test]
    fn a_number_is_broken_when_its_digits_make_none() {
        let broken = |said: &str| broken_number_in(said, "US").map(|place| said[place].to_owned());
        for (said, expected) in [
            (" It's 510-550-156.", Some("510-550-156")),
            (" It's 917 555 or 195, please.", Some("917 555 or 195")),
            (" No U646-202-777-99.", Some("U646-202-777-99")),
            (" It's 510-555-0156.", None),
            (" It's 510-55, sorry, 510-550-156.", None),
            (" The last four are 0156.", None),
            (" 555-0156.", None),
            (" I'm at 1200 Broadway, the ZIP is 10001 and it's urgent.", None),
            (" It's 212 555 0187 for the shop and 718 555 01 for home.", None),
            (" Good morning.", None),
        ] {
            assert_eq!(broken(said).as_deref(), expected, "{said}");
        }
    }
}
