//! Danger to life in what a caller says: what is going on now, not what is feared, denied, over or only a word in a name.

mod signs;

use super::words::{Gap, Word, contains_phrase, phrase_at, words};
use signs::{
    AT, BEFORE, BURNING_SMELL, CARBON_MONOXIDE, DOUBTS, DROWNED, ELECTRICS, FIRE, GAS, GOING_ON, IMAGINED, INJURY,
    LONG_AGO, LOOSE_WATER, NEAR, NO_GAS, NOT_OVER, OVER, SPARKING, Sign, WATER, WATER_NAMES,
};

/// What a caller may be in danger from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Danger {
    /// Something burns or smokes.
    Fire,
    /// Gas is smelt or escapes.
    Gas,
    /// An alarm for carbon monoxide sounds, or people feel its effects.
    CarbonMonoxide,
    /// Somebody is hurt or can't breathe.
    Injury,
    /// Sparks, shocks, bare or fallen live wires.
    Sparking,
    /// Water runs where electricity is.
    Water,
}

impl Danger {
    /// All, the most pressing first.
    pub const ALL: [Self; 6] = [Self::Fire, Self::Gas, Self::CarbonMonoxide, Self::Injury, Self::Sparking, Self::Water];

    const fn signs(self) -> &'static [Sign] {
        match self {
            Self::Fire => FIRE,
            Self::Gas => GAS,
            Self::CarbonMonoxide => CARBON_MONOXIDE,
            Self::Injury => INJURY,
            Self::Sparking => SPARKING,
            Self::Water => WATER,
        }
    }
}

/// The most pressing danger that the words tell of; a burning smell is that of the sparks where there are any.
///
/// Nothing when it is denied ("no smell of gas"), over ("they fixed the gas leak"), imagined ("what if there's a fire") or no more than a part of
/// a name ("fire alarm battery", "spark plug", "gas bill").
#[must_use]
pub fn danger(said: &str) -> Option<Danger> {
    let words = words(said);
    let (mut found, mut smells) = (Vec::new(), false);
    for part in parts(&words) {
        let shows = |signs: &[Sign]| signs.iter().any(|sign| sign.shows(part));
        if is_over(part) {
            (found, smells) = (Vec::new(), false);
        } else {
            found.extend(Danger::ALL.into_iter().filter(|danger| shows(danger.signs())));
            smells |= shows(BURNING_SMELL);
        }
    }
    if smells && !found.contains(&Danger::Sparking) {
        found.push(Danger::Fire);
    }
    found.into_iter().min()
}

impl Sign {
    fn shows(&self, part: &[Word]) -> bool {
        match self {
            Self::Says(phrases, names) => places(part, phrases).any(|(at, to)| {
                let names_more =
                    part[to - 1].gap <= Gap::Space && part.get(to).is_some_and(|next| next.is_one_of(names));
                !names_more && !is_somebody(part, at, to) && is_real(part, at)
            }),
            Self::Near(first, second, never) => !contains_phrase(part, never) && is_near(part, first, second),
            Self::WetElectrics => is_wet(part),
        }
    }
}

// "Dana Sparks": a capital inside a sentence.
fn is_somebody(part: &[Word], at: usize, to: usize) -> bool {
    let capital = |word: &Word| word.text.starts_with(char::is_uppercase) && word.text.chars().any(char::is_lowercase);
    to == at + 1 && at > 0 && capital(&part[at])
}

fn is_over(part: &[Word]) -> bool {
    let is_past = contains_phrase(part, LONG_AGO) && !contains_phrase(part, GOING_ON);
    is_past || contains_phrase(part, OVER) && !contains_phrase(part, NOT_OVER)
}

// "Water is coming through the light fixture", "the basement is flooded and the outlets are under water".
fn is_wet(part: &[Word]) -> bool {
    let is_loose = places(part, LOOSE_WATER).any(|(at, _)| is_real(part, at) && !is_other(part, at));
    let is_there = places(part, ELECTRICS).any(|(at, to)| {
        let is_name = part.get(to).is_some_and(|next| next.lower == "water" || next.is_one_of(WATER_NAMES));
        let leads = (at.saturating_sub(4)..at).any(|place| phrase_at(part, place, AT).is_some_and(|n| place + n <= at));
        let drowned = (to..part.len().min(to + 3)).any(|place| phrase_at(part, place, DROWNED).is_some());
        !is_name && (leads || drowned) && is_real(part, at)
    });
    is_loose && is_there
}

// Two phrases that belong together, neither of them denied, thought or a name.
fn is_near(part: &[Word], first: &[&str], second: &[&str]) -> bool {
    places(part, first).any(|(a, a_to)| {
        places(part, second).any(|(b, b_to)| {
            let apart = if b >= a_to { b - a_to } else { a.saturating_sub(b_to) };
            let overlaps = b < a_to && a < b_to;
            let is_close = overlaps || apart <= NEAR;
            is_close && is_real(part, a) && is_real(part, b) && ![a, b].into_iter().any(|at| is_other(part, at))
        })
    })
}

// "The gas bill", "water heater".
fn is_other(part: &[Word], at: usize) -> bool {
    let is_gas = phrase_at(part, at, NO_GAS).is_some();
    let is_named = part[at].lower == "water" && part.get(at + 1).is_some_and(|next| next.is_one_of(WATER_NAMES));
    is_gas || is_named
}

fn places<'a>(part: &'a [Word<'a>], phrases: &'a [&'a str]) -> impl Iterator<Item = (usize, usize)> + 'a {
    (0..part.len()).filter_map(move |at| phrase_at(part, at, phrases).map(|length| (at, at + length)))
}

// Neither denied nor only thought of.
fn is_real(part: &[Word], at: usize) -> bool {
    let from = at.saturating_sub(BEFORE);
    let goes_on = |place: usize| {
        part[place].lower == "and"
            && part[place + 1].is_one_of(&["i", "we", "there", "there's", "it", "it's", "now", "the", "my"])
    };
    let ends = |place: usize| part[place].gap >= Gap::Comma || goes_on(place);
    let from = (from..at).rev().find(|place| ends(*place)).map_or(from, |place| place + 1);
    let denied = (from..at).any(|place| is_denial(part, place));
    let imagined = (from..at).any(|place| {
        let doubted = place > 0 && part[place - 1].is_one_of(DOUBTS);
        phrase_at(part, place, IMAGINED).is_some() && !doubted
    });
    !denied && !imagined
}

fn is_denial(part: &[Word], at: usize) -> bool {
    let word = &part[at];
    let denies = word.is_one_of(&[
        "not", "no", "nothing", "never", "without", "neither", "nobody", "none", "cannot", "nor", "stopped", "hardly",
    ]) || word.lower.ends_with("n't");
    let next = part.get(at + 1);
    // "No, I smell gas", "I don't know, I smell gas", "not only".
    let is_other = word.gap >= Gap::Comma
        || next
            .is_some_and(|next| next.is_one_of(&["sure", "know", "kidding", "only", "just", "joking", "sir", "idea"]));
    denies && !is_other
}

// Sentences, and what follows "but": each stands for itself.
fn parts<'a, 'w>(words: &'a [Word<'w>]) -> Vec<&'a [Word<'w>]> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, word) in words.iter().enumerate() {
        let turns = words.get(at + 1).is_some_and(|next| next.is_one_of(&["but", "however", "although", "yet"]));
        if word.gap == Gap::Stop || turns {
            found.push(&words[from..=at]);
            from = at + 1;
        }
    }
    found
}
