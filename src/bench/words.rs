//! What was heard against what was said: word errors, digits and letters.

use crate::lead::{name_from, spelled_name, spoken_digits};

/// Words that go on with a number but are none alone.
const WITHIN_NUMBERS: [&str; 4] = ["hundred", "thousand", "double", "triple"];
/// Different ways to write the same word.
const SAME: [(&str, &str); 8] = [
    ("ok", "okay"),
    ("mister", "mr"),
    ("missus", "mrs"),
    ("doctor", "dr"),
    ("street", "st"),
    ("avenue", "ave"),
    ("p.m", "pm"),
    ("a.m", "am"),
];

/// Wrong, missing and extra words, and how many were said. Capitals and punctuation don't count, and numbers are compared digit by digit
/// however they are written: "fifty four", "54" and "5-4" are the same.
#[must_use]
pub fn word_errors(said: &str, heard: &str) -> (u32, u32) {
    let (said, heard) = (plain(said), plain(heard));
    (distance(&said, &heard), said.len() as u32)
}

/// Whether the very digits were heard; none when no number was said. Both sides are read as the product reads a caller's number.
#[must_use]
pub fn same_digits(expected: &str, heard: &str) -> bool {
    let expected: String = expected.chars().filter(char::is_ascii_digit).collect();
    !expected.is_empty() && spoken_digits(heard) == expected
}

/// Whether the very letters were heard: spelled out as the product reads a spelling, or as nothing but the word itself.
#[must_use]
pub fn same_spelling(expected: &str, heard: &str) -> bool {
    let expected = letters(expected);
    let spelled = spelled_name(heard).map(|name| letters(&name));
    !expected.is_empty() && (spelled.as_deref() == Some(expected.as_str()) || letters(heard) == expected)
}

/// Whether the very name was heard, read as the product reads an answer.
#[must_use]
pub fn same_name(expected: &str, heard: &str) -> bool {
    name_from(heard).is_some_and(|name| letters(&name) == letters(expected))
}

/// The letters of a text, lower case.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

/// Lower-case words without punctuation, each digit of a number for itself.
#[must_use]
pub fn plain(text: &str) -> Vec<String> {
    let text = text.replace(['’', '‘'], "'");
    // "5-4" are two digits, "twenty-two" is one number; a comma or stop within a number is nothing.
    let kept: String = text.chars().map(|c| if c.is_alphanumeric() || c == '\'' { c } else { ' ' }).collect();
    let words: Vec<String> =
        kept.split_whitespace().map(|word| word.trim_matches('\'').to_lowercase()).filter(|w| !w.is_empty()).collect();
    let mut plain = Vec::new();
    let mut number: Vec<&str> = Vec::new();
    for word in &words {
        let is_number = !spoken_digits(word).is_empty();
        if is_number || (WITHIN_NUMBERS.contains(&word.as_str())) {
            number.push(word);
            continue;
        }
        finish(&mut number, &mut plain);
        let same = SAME.iter().find(|(one, other)| word == one || word == other);
        plain.push(same.map_or_else(|| word.clone(), |(_, other)| (*other).to_owned()));
    }
    finish(&mut number, &mut plain);
    plain
}

fn finish(number: &mut Vec<&str>, plain: &mut Vec<String>) {
    if number.is_empty() {
        return;
    }
    let digits = hundreds(number).unwrap_or_else(|| spoken_digits(&number.join(" ")));
    if digits.is_empty() {
        plain.extend(number.iter().map(ToString::to_string));
    } else {
        plain.extend(digits.chars().map(String::from));
    }
    number.clear();
}

/// "One hundred twenty" is 120 and "twelve hundred" 1200, which as a telephone number nobody says.
fn hundreds(number: &[&str]) -> Option<String> {
    let at = number.iter().position(|word| *word == "hundred")?;
    let (before, after) = (spoken_digits(&number[..at].join(" ")), spoken_digits(&number[at + 1..].join(" ")));
    let is_one = !before.is_empty() && before.len() <= 2 && after.len() <= 2;
    is_one.then(|| format!("{before}{after:0>2}"))
}

/// V. Levenshtein's distance, by words.
fn distance(said: &[String], heard: &[String]) -> u32 {
    let mut row: Vec<u32> = (0..=heard.len() as u32).collect();
    for (n, word) in said.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], n as u32 + 1);
        for (m, other) in heard.iter().enumerate() {
            let cost = (diagonal + u32::from(word != other)).min(row[m] + 1).min(row[m + 1] + 1);
            diagonal = std::mem::replace(&mut row[m + 1], cost);
        }
    }
    row[heard.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_and_writing_is_not() {
        for (said, heard, errors) in [
            ("My name is Sarah Miller.", "my name is Sarah Miller", (0, 5)),
            ("My name is Sarah Miller.", "My name Sarah Millar too", (3, 5)),
            ("It is fifty four Spring Street.", "It's 54 Spring St.", (2, 6)),
            ("two one two, five five five, zero one four two", "212-555-0142", (0, 10)),
            ("two one two, five five five, zero one four two", "212-555-0143", (1, 10)),
            ("one hundred twenty Main Street", "120 Main Street", (0, 5)),
            ("twelve hundred five Oak Drive", "1205 Oak Drive", (0, 6)),
            ("", "Thank you.", (2, 0)),
            ("Hello.", "", (1, 1)),
        ] {
            assert_eq!(word_errors(said, heard), errors, "{said} / {heard}: {:?} {:?}", plain(said), plain(heard));
        }
    }

    #[test]
    fn digits_are_right_or_wrong() {
        assert!(same_digits("2125550142", "It's 212-555-0142."));
        assert!(same_digits("2125550142", "two one two five five five oh one four two"));
        assert!(!same_digits("2125550142", "212-555-014"));
        assert!(!same_digits("", "no number"));
    }

    #[test]
    fn spellings_are_right_or_wrong() {
        assert!(same_spelling("Wells", "My name is Alan Wells. W-E-L-L-S."));
        assert!(same_spelling("MARK", "M A R K"));
        assert!(same_spelling("MARK", "Mark."));
        assert!(!same_spelling("MARK", "M A R C"));
        assert!(!same_spelling("", ""));
    }
}
