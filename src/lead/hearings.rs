//! Two hearings of the same words, piece by piece: where they agree, where they differ, and what else may have been said there.

use super::known_names;
use super::numerals::{Reading, house_in_words, numerals};
use super::spelling::spelled;
use super::words::{capitalised, words};

/// With more pieces in doubt than this, nothing is weighed: the first hearing stands.
const MOST_DOUBTS: usize = 4;
/// More ways take longer to weigh than a caller should wait: then names that neither heard are left out.
const MOST_WAYS: usize = 16;
/// A name of the lists that sounds like what was heard: so many are asked about.
const ALIKE: usize = 4;

/// Two hearings of the same words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hearings {
    pieces: Vec<Piece>,
    first: String,
}

/// A stretch of words in both hearings, as each wrote it, with what separates it from the next.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    first: String,
    second: String,
    // Written otherwise, at most: "77" and "Seventy seven".
    is_same: bool,
}

/// What may have been said.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    choices: Vec<Choice>,
    /// The words in the manner of the second hearing, so that it can weigh them; several, when they may be written in several ways.
    pub spellings: Vec<String>,
    /// In how many doubtful pieces the first hearing is taken.
    pub firsts: usize,
    /// How many of the doubtful words are names that many people have.
    pub known: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Choice {
    First,
    Second,
    Other(String),
}

struct Token<'a> {
    text: &'a str,
    key: String,
}

impl Hearings {
    /// Lays two hearings side by side.
    #[must_use]
    pub fn of(first: &str, second: &str) -> Self {
        let (a, b) = (tokens(first), tokens(second));
        let mut pieces = Vec::new();
        let (mut from_a, mut from_b) = (0, 0);
        for (at_a, at_b) in common(&a, &b).into_iter().chain([(a.len(), b.len())]) {
            if (from_a, from_b) != (at_a, at_b) {
                pieces.push(Piece::in_doubt(&a[from_a..at_a], &b[from_b..at_b]));
            }
            if let (Some(one), Some(other)) = (a.get(at_a), b.get(at_b)) {
                pieces.push(Piece { first: one.text.to_owned(), second: other.text.to_owned(), is_same: true });
            }
            (from_a, from_b) = (at_a + 1, at_b + 1);
        }
        Self { pieces, first: first.to_owned() }
    }

    /// Whether both heard the same words.
    #[must_use]
    pub fn agree(&self) -> bool {
        self.pieces.iter().all(|piece| piece.is_same)
    }

    /// What may have been said; nothing when too much differs to tell. `names` tells that a name or its letters were asked for: names that many people have are tried where both heard
    /// something else.
    #[must_use]
    pub fn ways(&self, names: bool) -> Vec<Way> {
        let doubted = || self.pieces.iter().filter(|piece| !piece.is_same);
        if doubted().count() > MOST_DOUBTS {
            return Vec::new();
        }
        let either = || vec![Choice::First, Choice::Second];
        let others = |piece: &Piece| if names { piece.alike() } else { Vec::new() };
        let mut choices: Vec<Vec<Choice>> = doubted()
            .map(|piece| either().into_iter().chain(others(piece).into_iter().map(Choice::Other)).collect())
            .collect();
        if choices.iter().map(Vec::len).product::<usize>() > MOST_WAYS {
            choices.fill_with(either);
        }
        let add = |ways: Vec<Vec<Choice>>, choices: &Vec<Choice>| -> Vec<Vec<Choice>> {
            let with = |way: &Vec<Choice>| {
                choices.iter().map(|choice| [&way[..], std::slice::from_ref(choice)].concat()).collect()
            };
            ways.iter().flat_map(|way| -> Vec<Vec<Choice>> { with(way) }).collect()
        };
        choices.iter().fold(vec![Vec::new()], add).iter().map(|choices| self.way(choices, names)).collect()
    }

    /// The words of a way, in the manner of the first hearing.
    #[must_use]
    pub fn words(&self, way: &Way) -> String {
        let mut choices = way.choices.iter();
        let mut words = String::new();
        for piece in &self.pieces {
            let piece = match if piece.is_same { Some(&Choice::First) } else { choices.next() } {
                Some(Choice::Second) => &piece.second,
                Some(Choice::Other(other)) => other,
                Some(Choice::First) | None => &piece.first,
            };
            push(&mut words, piece);
        }
        words.trim().to_owned()
    }

    fn way(&self, choices: &[Choice], names: bool) -> Way {
        let mut left = choices.iter();
        let mut spellings = vec![String::new()];
        let mut known = 0;
        for piece in &self.pieces {
            let written = match if piece.is_same { None } else { left.next() } {
                None | Some(Choice::Second) => vec![piece.second.clone()],
                Some(Choice::First) => piece.manners(&piece.first),
                Some(Choice::Other(other)) => piece.manners(other),
            };
            if names && !piece.is_same {
                known += known_words(written.first().map_or("", String::as_str));
            }
            spellings = spellings
                .iter()
                .flat_map(|before| {
                    written.iter().map(move |piece| {
                        let mut spelling = before.clone();
                        push(&mut spelling, piece);
                        spelling
                    })
                })
                .collect();
        }
        let mut spellings: Vec<String> = spellings.iter().map(|spelling| spelling.trim().to_owned()).collect();
        let firsts = choices.iter().filter(|choice| **choice == Choice::First).count();
        if firsts == choices.len() {
            spellings.push(self.first.clone());
        }
        Way { choices: choices.to_vec(), spellings, firsts, known }
    }
}

impl Piece {
    fn in_doubt(first: &[Token], second: &[Token]) -> Self {
        let key = |tokens: &[Token]| tokens.iter().map(|token| token.key.as_str()).collect::<String>();
        // "Goodbye" and "good-bye".
        Self { is_same: key(first) == key(second), first: text(first), second: text(second) }
    }

    // Names that many people have and that sound, or are spelled, like what either heard, when neither is one.
    fn alike(&self) -> Vec<String> {
        let heard = [&self.first, &self.second].map(|text| bare(text));
        if let [Some(first), Some(second)] = [&self.first, &self.second].map(|text| letters_of(text)) {
            let names = known_names::alike_letters(&[&first, &second], ALIKE);
            return names.iter().map(|name| with_marks(name, "-").to_uppercase()).collect();
        }
        if heard.iter().any(|word| word.is_empty() || word.contains(' ') || known_words(word) > 0) {
            return Vec::new();
        }
        let heard = heard.each_ref().map(String::as_str);
        known_names::alike(&heard, ALIKE).into_iter().map(|name| capitalised(&name)).collect()
    }

    // Words in the second hearing's manner: ended as it ends them; letters and numbers may be written in several ways.
    fn manners(&self, text: &str) -> Vec<String> {
        let (text, _) = split_end(text);
        let (_, end) = split_end(&self.second);
        let end = if end.is_empty() { " " } else { end };
        let words = words(text);
        let mut manners = vec![text.to_owned()];
        if let Some(letters) = letters_of(text) {
            let small = with_marks(&letters, "-");
            manners = if self.second.contains(". ") {
                vec![with_marks(&letters, ". ").to_uppercase()]
            } else {
                vec![small.to_uppercase(), capitalised(&small)]
            };
        } else if let Some(said) =
            words.first().filter(|word| word.is_digits()).and_then(|word| house_in_words(word.text))
        {
            manners.push(text.replacen(words[0].text, &capitalised(&said), 1));
        }
        manners.into_iter().map(|manner| manner + end).collect()
    }
}

/// Whether there is nothing in it but letters.
#[must_use]
pub fn is_all_letters(text: &str) -> bool {
    letters_of(text).is_some()
}

// What was spelled, when nothing else is in it.
fn letters_of(text: &str) -> Option<String> {
    let words = words(text);
    let letters = spelled(&words).filter(|letters| (letters.from, letters.to) == (0, words.len()))?;
    Some(letters.parts.concat().to_lowercase())
}

fn with_marks(letters: &str, mark: &str) -> String {
    letters.chars().map(String::from).collect::<Vec<_>>().join(mark)
}

// The words, and the marks and spaces after the last of them.
fn split_end(text: &str) -> (&str, &str) {
    text.split_at(text.trim_end_matches(|c: char| !c.is_alphanumeric()).len())
}

// A piece that lost what separated it from the next gets a space.
fn push(words: &mut String, piece: &str) {
    if !words.is_empty() && !piece.is_empty() && words.ends_with(char::is_alphanumeric) {
        words.push(' ');
    }
    words.push_str(piece);
}

fn bare(text: &str) -> String {
    text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

fn known_words(text: &str) -> usize {
    match letters_of(text) {
        Some(letters) => usize::from(known_names::is_name(&letters)),
        None => bare(text).split(' ').filter(|word| known_names::is_name(word)).count(),
    }
}

// Words, numbers and spellings, each with what tells it from others.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let words = words(text);
    let letters = spelled(&words);
    let mut ends = Vec::new();
    let mut at = 0;
    let numbers = numerals(&words, Reading::Digits);
    while at < words.len() {
        if let Some(letters) = letters.as_ref().filter(|letters| letters.from == at && letters.to > at) {
            at = letters.to;
            ends.push((at, format!("={}", letters.parts.concat().to_lowercase())));
            continue;
        }
        let (from, mut key) = (at, String::new());
        let limit = letters.as_ref().filter(|letters| letters.from > from).map_or(words.len(), |letters| letters.from);
        for numeral in &numbers {
            if numeral.from == at && numeral.to <= limit {
                key.push_str(&numeral.digits);
                at = numeral.to;
            }
        }
        if at == from {
            key.clone_from(&words[at].lower);
            at += 1;
        }
        ends.push((at, key));
    }
    let mut start = 0;
    ends.into_iter()
        .map(|(past, key)| {
            let end = words.get(past).map_or(text.len(), |next| next.start);
            let token = Token { text: &text[start..end], key };
            start = end;
            token
        })
        .collect()
}

fn text(tokens: &[Token]) -> String {
    tokens.iter().map(|token| token.text).collect()
}

// Where the longest common subsequence lies in both.
fn common(a: &[Token], b: &[Token]) -> Vec<(usize, usize)> {
    let mut longest = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
    for at_a in (0..a.len()).rev() {
        for at_b in (0..b.len()).rev() {
            longest[at_a][at_b] = if a[at_a].key == b[at_b].key {
                longest[at_a + 1][at_b + 1] + 1
            } else {
                longest[at_a + 1][at_b].max(longest[at_a][at_b + 1])
            };
        }
    }
    let (mut at_a, mut at_b, mut found) = (0, 0, Vec::new());
    while at_a < a.len() && at_b < b.len() {
        if a[at_a].key == b[at_b].key {
            found.push((at_a, at_b));
            (at_a, at_b) = (at_a + 1, at_b + 1);
        } else if longest[at_a + 1][at_b] >= longest[at_a][at_b + 1] {
            at_a += 1;
        } else {
            at_b += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::Hearings;

    #[test]
    fn what_is_only_written_otherwise_is_the_same() {
        for (first, second) in [
            ("77 Steinway Street in Queens", "Seventy seven Steinway Street, in Queens."),
            ("212-555-0142.", "two one two five five five oh one four two"),
            ("A-L-L-E-N.", "A. l. l. e. n."),
            ("Tom Bradley.", "Tom bradley"),
            ("Goodbye.", "Good-bye!"),
        ] {
            let hearings = Hearings::of(first, second);
            assert!(hearings.agree(), "{hearings:?}");
        }
    }

    #[test]
    fn each_piece_in_doubt_may_be_either() {
        let hearings = Hearings::of("12-seater street in Brooklyn", "Twelve Cedar Street in Brooklet.");
        let ways = hearings.ways(false);
        let words: Vec<String> = ways.iter().map(|way| hearings.words(way)).collect();
        assert_eq!(words.len(), 4, "{words:?}");
        assert!(words.contains(&"12-Cedar street in Brooklyn".to_owned()), "{words:?}");
        let weighed: Vec<&str> = ways.iter().flat_map(|way| &way.spellings).map(String::as_str).collect();
        assert!(weighed.contains(&"Twelve Cedar Street in Brooklyn."), "{weighed:?}");
        assert!(weighed.contains(&"12-seater street in Brooklyn"), "{weighed:?}");
    }

    #[test]
    fn letters_may_be_those_of_a_name_that_neither_heard() {
        let hearings = Hearings::of("A-D-A-M-F.", "A. D. A. N. S.");
        let ways = hearings.ways(true);
        let words: Vec<String> = ways.iter().map(|way| hearings.words(way)).collect();
        assert!(words.contains(&"A-D-A-M-S".to_owned()), "{words:?}");
        let adams = ways.iter().find(|way| hearings.words(way) == "A-D-A-M-S").expect("there");
        assert_eq!((adams.spellings.as_slice(), adams.known), (&["A. D. A. M. S.".to_owned()][..], 1));
    }

    #[test]
    fn hearings_without_much_in_common_are_not_weighed() {
        let hearings = Hearings::of("one a two b three c four d five e", "one f two g three h four i five j");
        assert!(!hearings.agree() && hearings.ways(false).is_empty());
        let least = Hearings::of("one a two b three c four d", "one f two g three h four i");
        assert_eq!(least.ways(true).len(), 16);
        assert!(least.ways(true).iter().all(|way| way.spellings.len() <= 2));
    }
}
