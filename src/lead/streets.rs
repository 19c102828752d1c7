//! The streets of the area served: what tells a misheard street from a strange one.
//!
//! Speech recognition writes a name that it has never met as words it has: "12-seater street" for Cedar Street. Who works in one town knows its
//! streets, so a street that is none of them is read as the one that sounds like it; without such a one the words stay as they are.

use super::address::{ordinal_digits, street_kind, street_names};
use super::known_names::sound_of;
use super::likeness::{distance, edit_cost};
use super::words::{Word, words};
use std::sync::Arc;

/// What it costs to take one sound for another: for one like it, and for any other.
const NEAR: usize = 1;
const OTHER: usize = 2;
/// A street is meant when no more than one in five of its sounds is another, and two in three of its letters.
const SOUNDS_TO_AN_OTHER: usize = 5;
const OTHER_LETTERS: (usize, usize) = (2, 3);

/// Names that streets have everywhere: who is heard to live in one does so, listed or not.
#[rustfmt::skip]
const EVERYWHERE: &[&str] = &[
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "north", "south",
    "east", "west", "main", "front", "high", "church", "school", "college", "market", "mill", "railroad", "bridge",
    "canal", "ferry", "harbor", "park", "garden", "orchard", "meadow", "forest", "woodland", "grove", "valley", "hill",
    "hillside", "highland", "ridge", "summit", "mountain", "view", "fairview", "prospect", "lake", "river", "spring",
    "water", "ocean", "beach", "bay", "oak", "oakwood", "pine", "maple", "cedar", "elm", "walnut", "willow", "dogwood",
    "chestnut", "hickory", "spruce", "locust", "sycamore", "poplar", "birch", "ash", "aspen", "laurel", "magnolia",
    "holly", "rose", "vine", "cherry", "juniper", "sunset", "center", "central", "broad", "green", "pleasant", "cross",
    "dale", "pearl", "union", "liberty", "state", "court", "king", "virginia", "washington", "lincoln", "jackson",
    "jefferson", "johnson", "franklin", "madison", "monroe", "adams", "grant", "hudson", "smith", "jones", "clark",
    "davis", "wilson", "williams", "brown",
];

/// The streets of the area served; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Streets {
    list: Arc<[Street]>,
}

#[derive(Clone, Debug)]
struct Street {
    // As it is written, without its kind: `St. Marks` of `St. Marks Avenue`.
    name: String,
    kind: Option<&'static str>,
    // In small letters: `saint marks`, and run together.
    words: String,
    letters: String,
    sound: String,
}

impl Streets {
    /// Takes names such as `Joralemon Street`; what is no kind of street belongs to the name.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { list: names.into_iter().filter_map(Street::of).collect() }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none: then every street is taken as it was heard.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// What was said, with each street that is not listed written as the one listed street that sounds like it: `10 Burgen Street` gives
    /// `10 Bergen Street`.
    #[must_use]
    pub fn heard(&self, said: &str) -> String {
        let mut text = String::new();
        let mut done = 0;
        for (name, kind) in street_names(said) {
            if let Some(street) = self.meant(&said[name.clone()], kind).filter(|_| name.start >= done) {
                text.push_str(&said[done..name.start]);
                // "12-seater street".
                if said[..name.start].ends_with('-') {
                    text.pop();
                    text.push(' ');
                }
                text.push_str(&street.name);
                // "39 Bonstreet".
                if said[name.end..].starts_with(char::is_alphanumeric) {
                    text.push(' ');
                }
                done = name.end;
            }
        }
        text.push_str(&said[done..]);
        text
    }

    /// Whether the address names a street that is listed or has a name that streets have everywhere; so have those that are numbered, or called by a
    /// letter. Where none is listed, every street is known.
    #[must_use]
    pub fn knows(&self, address: &str) -> bool {
        let words = words(address);
        let plain = |word: &Word| whole(&word.lower).replace('\'', "");
        let all = format!(" {} ", words.iter().map(plain).collect::<Vec<_>>().join(" "));
        let names = |name: &str| all.contains(&format!(" {name} "));
        let is_short = |word: &Word| word.is_digits() || word.text.chars().count() == 1;
        let is_counted = |pair: &[Word]| {
            let is_behind_kind = street_kind(&pair[0].lower).is_some() && is_short(&pair[1]);
            is_behind_kind || ordinal_digits(&pair[1].lower).is_some()
        };
        self.is_empty()
            || self.list.iter().any(|street| names(&street.words))
            || EVERYWHERE.iter().any(|name| names(name))
            || words.windows(2).any(is_counted)
    }

    // The listed street that was said when this name was heard; none when it is listed itself, or when none or several sound like it.
    fn meant(&self, heard: &str, kind: &str) -> Option<&Street> {
        let heard = Street::of(heard)?;
        let is_listed = self.list.iter().any(|street| street.words == heard.words);
        if is_listed || EVERYWHERE.contains(&heard.words.as_str()) {
            return None;
        }
        let longer = |a: &str, b: &str| a.len().max(b.len());
        let rank = |street: &Street| {
            let is_other_kind = street.kind != Some(kind);
            let sounds = sounds_apart(&heard.sound, &street.sound)?;
            let letters = distance(&heard.letters, &street.letters);
            // Another kind is meant only when all else is the same.
            let most = if is_other_kind { 0 } else { OTHER * longer(&heard.sound, &street.sound) / SOUNDS_TO_AN_OTHER };
            let is_near = sounds <= most
                && OTHER_LETTERS.1 * letters <= OTHER_LETTERS.0 * longer(&heard.letters, &street.letters);
            is_near.then_some((is_other_kind, sounds, letters))
        };
        let mut near: Vec<_> = self.list.iter().filter_map(|street| Some((rank(street)?, street))).collect();
        near.sort_by_key(|(rank, _)| *rank);
        match near.as_slice() {
            [] => None,
            [(first, _), (second, _), ..] if first == second => None,
            [(_, street), ..] => Some(street),
        }
    }
}

impl Street {
    fn of(name: &str) -> Option<Self> {
        let all = words(name);
        // "Broadway" is all name.
        let kind = street_kind(&all.last()?.lower).filter(|_| all.len() > 1);
        let named = &all[..all.len() - usize::from(kind.is_some())];
        let name = name[named[0].start..named[named.len() - 1].end].to_owned();
        let words: Vec<String> = named.iter().map(|word| whole(&word.lower).replace('\'', "")).collect();
        let letters = words.concat();
        Some(Self { name, kind, words: words.join(" "), sound: sound(&letters), letters })
    }
}

fn whole(word: &str) -> &str {
    if word == "st" { "saint" } else { word }
}

// How a street's name sounds, with three vowels. "X and Street" is how "Xen Street" is written, and what ends in -aw is said as -oh.
fn sound(letters: &str) -> String {
    let mut name = letters.strip_suffix("nd").map_or_else(|| letters.to_owned(), |rest| format!("{rest}n"));
    if name.ends_with(['h', 'w']) {
        name.pop();
    }
    sound_of(&name, |vowel| match vowel {
        'a' => 'a',
        'o' | 'u' => 'o',
        _ => 'e',
    })
}

// How far two sounds are apart, by how easily ears slip. None when they begin with different ones.
fn sounds_apart(a: &str, b: &str) -> Option<usize> {
    const ALIKE: [&str; 9] = ["aeo", "bp", "dt", "gk", "fv", "sz", "mn", "gjc", "lr"];
    let lost = |c: char| if c == 'h' { NEAR } else { OTHER };
    let changed = |x: char, y: char| match (x, y) {
        _ if x == y => 0,
        _ if ALIKE.iter().any(|set| set.contains(x) && set.contains(y)) => NEAR,
        _ => OTHER,
    };
    (a.chars().next()? == b.chars().next()?).then(|| edit_cost(a, b, lost, changed))
}

#[cfg(test)]
mod tests {
    use super::Streets;

    fn streets() -> Streets {
        Streets::new([
            "Bergen Street",
            "Berry Street",
            "Boerum Street",
            "Bond Street",
            "Broadway",
            "Cedar Street",
            "Degraw Street",
            "Joralemon Street",
            "Pierrepont Street",
            "Prospect Avenue",
            "Prospect Place",
            "Remsen Avenue",
            "St. Marks Avenue",
        ])
    }

    #[test]
    fn a_street_that_is_not_there_is_read_as_the_one_that_sounds_like_it() {
        for (said, meant) in [
            ("10 Burgen Street, please.", "10 Bergen Street, please."),
            ("It's 200 Barry Street in Brooklyn.", "It's 200 Berry Street in Brooklyn."),
            ("Eighteen Jorailman Street.", "Eighteen Joralemon Street."),
            ("15 Pierre Pont Street", "15 Pierrepont Street"),
            ("12-seater street in Brooklyn", "12 Cedar street in Brooklyn"),
            ("28 DeGroh Street", "28 Degraw Street"),
            ("39 Bonstreet in Brooklyn", "39 Bond street in Brooklyn"),
            ("Three rims and avenue", "Three Remsen avenue"),
            ("3 Ramson Ave.", "3 Remsen Ave."),
            ("40 Saint Mark Avenue", "40 St. Marks Avenue"),
        ] {
            assert_eq!(streets().heard(said), meant);
        }
    }

    #[test]
    fn all_else_stays_as_it_was_heard() {
        for said in [
            "10 Bergen Street.",
            "7 prospect avenue",
            "7 Prospect Street",
            "40 Saint Marks Avenue",
            "41 Spring Street",
            "5 Parry Street",
            "5 Dean Street",
            "12 Maple Street",
            "66 Broadway",
            "39 O\u{2019}Neilstreet",
            "It leaks since 2 days on the street.",
            "Call 718 555 0142, the place is on Burgen Street",
            "",
        ] {
            assert_eq!(streets().heard(said), said);
            assert_eq!(Streets::default().heard(said), said);
        }
    }

    #[test]
    fn of_several_that_sound_alike_none_is_taken() {
        let twins = Streets::new(["Bardon Street", "Barden Street"]);
        assert_eq!(twins.heard("5 Bardan Street"), "5 Bardan Street");
    }
}
