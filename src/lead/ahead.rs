//! What may still come of words that are being written, and how likely it is: what a recogniser's decoder is led by.

use super::known_names::{Part, UNLISTED, cost, least_cost};

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
    use super::{Ahead, UNLISTED, letters_ahead, letters_cost, name_ahead, name_cost};

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
}
