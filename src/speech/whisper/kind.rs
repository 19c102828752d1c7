//! What of an utterance is weighed once more: a name or its letters by what people are called, a number by the numbering plan.

use crate::conversation::Hint;
use crate::lead::{
    Ahead, broken_number_in, is_listed, letters_ahead, letters_cost, name_ahead, name_cost, name_in, number_ahead,
};
use std::ops::Range;

/// How much it counts how many people have a name, against the decoder's score of it, which has its own notion of names. Over 150 names by 32 synthetic
/// voices, 52 of them heard right, 0.2, 0.3, 0.4 and 0.5 made 67, 69, 68 and 67; over the letters of 120, 48 of them right, 0.3, 0.5 and 0.8 made 72, 76 and
/// 82. More would make letters of rare names those of known ones.
const NAME_WEIGHT: f32 = 0.3;
const LETTERS_WEIGHT: f32 = 0.5;
/// What a number that none can have costs. Of 140 numbers by 31 synthetic voices 111 were right without the search, 128, 130 and 130 with 4, 6 and 10; in
/// a kitchen on a bad line 109 without and 121 with 8.
const NUMBER_WEIGHT: f32 = 8.0;
/// Steps of the decoder, 5 ms each on two cores. With 120 for names, 2 of 300 more were right. Whoever spells is given more time anyway.
const NAME_STEPS: usize = 40;
const LETTERS_STEPS: usize = 120;
const NUMBER_STEPS: usize = 120;
/// All numbers that none can have cost as much; how much that is, `NUMBER_WEIGHT` tells.
const BROKEN: f32 = 1.0;
/// With so many digits it is a number; fewer may be letters misheard (`B-8-K-E-R`).
const DIGITS_OF_NUMBER: usize = 3;

/// What may be weighed once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// A person's name, in an answer to the question for it or introduced as one.
    Name {
        /// It was asked for.
        is_asked: bool,
    },
    /// The letters of a last name.
    Letters,
    /// A telephone number of a region that has too many digits or too few.
    Number(&'a str),
}

impl<'a> Kind<'a> {
    pub(super) const fn of(hint: Hint, region: &'a str) -> Self {
        match hint {
            Hint::Open => Self::Name { is_asked: false },
            Hint::Name => Self::Name { is_asked: true },
            Hint::Spelling => Self::Letters,
            Hint::Digits | Hint::DigitsAgain => Self::Number(region),
        }
    }

    /// Where it stands in what was heard. Of letters whisper makes words, too (`The O-R-T-E-Z`): it is all of it then, unless it is a number.
    pub(super) fn part(self, text: &str) -> Option<Range<usize>> {
        match self {
            Self::Name { is_asked } => name_in(text, is_asked),
            Self::Number(region) => broken_number_in(text, region),
            Self::Letters if holds_number(text) => None,
            Self::Letters => {
                Some(text.find(char::is_alphanumeric)?..text.trim_end_matches(|c: char| !c.is_alphanumeric()).len())
            }
        }
    }

    /// Whether it stays as it was heard, when each of its tokens is likely. Whisper is sure of wrong letters, too: `F-U-T-H-E-R-L-A-N-D`.
    pub(super) fn trusts(self, heard: &str) -> bool {
        match self {
            Self::Name { .. } => true,
            Self::Letters => is_listed(heard),
            Self::Number(_) => false,
        }
    }

    /// What comes next when it is not at its end, besides letters; `goes_on` tells that another word follows it.
    pub(super) const fn joints(self, goes_on: bool) -> &'static [char] {
        match self {
            Self::Name { .. } if goes_on => &['\'', '-'],
            Self::Name { .. } => &['\'', '-', ' '],
            Self::Letters => &['-', ',', ' '],
            Self::Number(_) => &['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
        }
    }

    pub(super) const fn weight(self) -> f32 {
        match self {
            Self::Name { .. } => NAME_WEIGHT,
            Self::Letters => LETTERS_WEIGHT,
            Self::Number(_) => NUMBER_WEIGHT,
        }
    }

    pub(super) const fn most_steps(self) -> usize {
        match self {
            Self::Name { .. } => NAME_STEPS,
            Self::Letters => LETTERS_STEPS,
            Self::Number(_) => NUMBER_STEPS,
        }
    }

    /// What it costs as it was heard.
    pub(super) fn cost(self, heard: &str) -> f32 {
        match self {
            Self::Name { .. } => name_cost(heard),
            Self::Letters => letters_cost(heard),
            Self::Number(_) => BROKEN,
        }
    }

    /// What may come of it as far as it is written.
    pub(super) fn ahead(self, written: &str) -> Option<Ahead> {
        match self {
            Self::Name { .. } => name_ahead(written),
            Self::Letters => letters_ahead(written),
            Self::Number(region) => number_ahead(written, region),
        }
    }
}

fn holds_number(text: &str) -> bool {
    text.chars().filter(char::is_ascii_digit).count() >= DIGITS_OF_NUMBER
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn names_are_found_amid_words_and_letters_are_all_there_is() {
        let part = |kind: Kind, said: &str| kind.part(said).map(|part| said[part].to_owned());
        for (asked, said, name) in [
            (true, " My name is Renton Grove.", Some("Renton Grove")),
            (true, " Renton Grove.", Some("Renton Grove")),
            (true, " Renton.", Some("Renton")),
            (true, " Renton Grove. G-R-O-V-E.", Some("Renton Grove")),
            (true, " Why do you need it?", None),
            (false, " Hi, this is Renton Grove, my tap leaks.", Some("Renton Grove")),
            (false, " My tap leaks.", None),
        ] {
            assert_eq!(part(Kind::Name { is_asked: asked }, said).as_deref(), name, "{said}");
        }
        assert_eq!(part(Kind::Letters, " The O-R-T-E-Z.").as_deref(), Some("The O-R-T-E-Z"));
        assert_eq!(part(Kind::Letters, " B-8-K-E-R.").as_deref(), Some("B-8-K-E-R"));
        assert_eq!(part(Kind::Number("US"), " No U64620277799.").as_deref(), Some("U64620277799"));
        assert_eq!(part(Kind::Number("US"), " It's 646-202-7779."), None);
        assert_eq!(part(Kind::Letters, " ..."), None);
        assert_eq!(part(Kind::Letters, " My number is 212-555-0187."), None);
        assert!(Kind::Letters.trusts("S-M-I-T-H") && !Kind::Letters.trusts("F-U-T-H-E-R-L-A-N-D"));
    }
}
