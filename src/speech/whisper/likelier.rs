//! Words that may come in place of those whisper was not sure of: a best-first search over its own decoder.
//!
//! Greedy decoding takes the likeliest token at each step and knows nothing of what was asked. Here the texts that may have been said, each as likely
//! as it is in the world ([`Ahead`]), are weighed with what the decoder makes of the sound: shallow fusion (Gulcehre et al., "On Using Monolingual
//! Corpora in Neural Machine Translation", 2015). The likeliest is found exactly, since of what is not yet written the least cost is known (A*; Hart,
//! Nilsson and Raphael, 1968).

use crate::lead::Ahead;
use crate::speech::SpeechError;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// What was heard stays, unless something else is likelier by more than this.
const MARGIN: f32 = 0.1;

/// A token of the model's vocabulary.
pub(super) type Token = i32;

/// What comes next, as the decoder has it.
pub(super) trait Decoder {
    /// Log-probabilities of all tokens after these, by token.
    fn after(&mut self, tokens: &[Token]) -> Result<Vec<f32>, SpeechError>;

    /// What a token writes; None when it ends the text, or is no word's.
    fn written(&self, token: Token) -> Option<&str>;
}

/// The words in doubt, amid what was heard.
pub(super) struct Doubted<'a> {
    /// The tokens before them, with those that lead the decoder.
    pub(super) before: &'a [Token],
    /// Their own, each with its log-probability.
    pub(super) heard: &'a [(Token, f32)],
    /// What comes next when they are not at their end, besides letters.
    pub(super) joints: &'a [char],
    /// What they cost by how likely they are in the world.
    pub(super) cost: f32,
    /// How much that counts against what the decoder makes of the sound.
    pub(super) weight: f32,
    /// Steps of the decoder at most: what isn't found in so many is left as it was heard.
    pub(super) most_steps: usize,
}

impl Doubted<'_> {
    /// Whether words of this kind are at their end where this is written next; nothing is the end of all.
    pub(super) fn ends_before(&self, next: &str) -> bool {
        !next.starts_with(|c: char| c.is_alphabetic() || self.joints.contains(&c))
    }
}

// A text as far as it is written. Its score is the best that can come of it.
#[derive(Default)]
struct Way {
    score: f32,
    log_probability: f32,
    tokens: Vec<(Token, f32)>,
    text: String,
    whole: Option<f32>,
    is_done: bool,
}

/// The tokens of what was likelier said than the words in doubt, each with its log-probability; None when nothing was, or when it takes too long to
/// find.
///
/// # Errors
/// Those of the decoder.
pub(super) fn likelier(
    decoder: &mut impl Decoder,
    doubted: &Doubted<'_>,
    ahead: impl Fn(&str) -> Option<Ahead>,
) -> Result<Option<Vec<(Token, f32)>>, SpeechError> {
    let heard: f32 = doubted.heard.iter().map(|(_, log_probability)| log_probability).sum();
    let (end, _) = ending(decoder, doubted, doubted.heard)?;
    let least = heard + end - doubted.weight * doubted.cost + MARGIN;
    let mut ways = BinaryHeap::from([Way::default()]);
    for _ in 0..doubted.most_steps {
        let Some(way) = ways.pop() else { return Ok(None) };
        if way.is_done {
            return Ok(Some(way.tokens));
        }
        let (end, next) = ending(decoder, doubted, &way.tokens)?;
        let longer = next.iter().enumerate().filter_map(|(token, log_probability)| {
            // What is unlikely enough need not be looked at: a way's score never rises.
            let may_do = way.score + log_probability > least;
            may_do.then(|| way.with(token as Token, *log_probability, doubted.weight, decoder, &ahead))?
        });
        ways.extend(longer.filter(|longer| longer.score > least));
        ways.extend(way.ended(end, doubted.weight).filter(|done| done.score > least));
    }
    Ok(None)
}

// How likely it is that the words end after these tokens, and what may come instead.
fn ending(
    decoder: &mut impl Decoder,
    doubted: &Doubted<'_>,
    written: &[(Token, f32)],
) -> Result<(f32, Vec<f32>), SpeechError> {
    let tokens: Vec<Token> = doubted.before.iter().copied().chain(written.iter().map(|(token, _)| *token)).collect();
    let next = decoder.after(&tokens)?;
    let ends = |token: usize| doubted.ends_before(decoder.written(token as Token).unwrap_or_default());
    let end: f32 = next.iter().enumerate().filter(|(token, _)| ends(*token)).map(|(_, each)| each.exp()).sum();
    Ok((end.max(f32::MIN_POSITIVE).ln(), next))
}

impl Way {
    fn with(
        &self,
        token: Token,
        log_probability: f32,
        weight: f32,
        decoder: &impl Decoder,
        ahead: impl Fn(&str) -> Option<Ahead>,
    ) -> Option<Self> {
        let written = decoder.written(token).filter(|written| !written.is_empty())?;
        // A word begins with a space.
        let written = if self.text.is_empty() { written.strip_prefix(' ')? } else { written };
        let text = format!("{}{written}", self.text);
        let Ahead { least, whole } = ahead(&text)?;
        let sum = self.log_probability + log_probability;
        let tokens = [&self.tokens[..], &[(token, log_probability)]].concat();
        Some(Self { score: sum - weight * least, log_probability: sum, tokens, text, whole, is_done: false })
    }

    fn ended(self, end: f32, weight: f32) -> Option<Self> {
        let score = self.log_probability + end - weight * self.whole?;
        Some(Self { score, is_done: true, ..self })
    }
}

impl PartialEq for Way {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Way {}

impl PartialOrd for Way {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Way {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score)
    }
}

#[cfg(test)]
mod tests {
    use super::{Decoder, Doubted, Token, likelier};
    use crate::lead::Ahead;
    use crate::speech::SpeechError;

    const END: Token = 0;

    // A decoder of whole words: each way on from what is written has its probability, all others none.
    struct Script {
        words: Vec<&'static str>,
        ways: Vec<(&'static str, &'static str, f32)>,
        steps: usize,
    }

    impl Script {
        fn new(ways: &[(&'static str, &'static str, f32)]) -> Self {
            let mut words = vec![""];
            for (_, word, _) in ways {
                if !words.contains(word) {
                    words.push(word);
                }
            }
            Self { words, ways: ways.to_vec(), steps: 0 }
        }

        fn token(&self, word: &str) -> Token {
            self.words.iter().position(|each| *each == word).expect("a word of the script") as Token
        }

        // What is likelier than these words, which are all there is and cost so much.
        fn likelier(&mut self, heard: &[(&str, f32)], cost: f32, most_steps: usize) -> Option<String> {
            let heard: Vec<_> = heard.iter().map(|(word, p)| (self.token(word), p.ln())).collect();
            let doubted = Doubted { before: &[], heard: &heard, joints: &[' ', '-'], cost, weight: 0.5, most_steps };
            let found = likelier(self, &doubted, ahead).expect("no errors");
            found.map(|tokens| tokens.iter().map(|(token, _)| self.words[*token as usize]).collect())
        }
    }

    impl Decoder for Script {
        fn after(&mut self, tokens: &[Token]) -> Result<Vec<f32>, SpeechError> {
            self.steps += 1;
            let written: String = tokens.iter().map(|token| self.words[*token as usize]).collect();
            let mut next = vec![f32::NEG_INFINITY; self.words.len()];
            for (_, word, probability) in self.ways.iter().filter(|(before, ..)| *before == written) {
                next[self.token(word) as usize] = probability.ln();
            }
            Ok(next)
        }

        fn written(&self, token: Token) -> Option<&str> {
            (token != END).then(|| self.words[token as usize])
        }
    }

    // Three people.
    fn ahead(written: &str) -> Option<Ahead> {
        let people = [("Ann Moor", 6.0), ("Ann Moore", 2.0), ("Anne Poe", 9.0)];
        let of = people.iter().filter(|(name, _)| name.starts_with(written)).map(|(_, cost)| *cost);
        let whole = people.iter().find(|(name, _)| *name == written).map(|(_, cost)| *cost);
        Some(Ahead { least: of.min_by(f32::total_cmp)?, whole })
    }

    fn moor() -> Script {
        Script::new(&[
            ("", " Ann", 0.6),
            ("", " Anne", 0.4),
            (" Ann", " Moor", 0.9),
            (" Ann", " More", 0.1),
            (" Ann Moor", "e", 0.4),
            (" Ann Moor", "", 0.6),
            (" Ann Moore", "", 1.0),
            (" Anne", " Poe", 0.5),
            (" Anne Poe", "", 1.0),
            (" Ann More", "", 1.0),
        ])
    }

    #[test]
    fn the_likelier_of_names_that_sound_alike_is_meant() {
        let heard = moor().likelier(&[(" Ann", 0.6), (" Moor", 0.9)], 6.0, 40);
        assert_eq!(heard.as_deref(), Some(" Ann Moore"));
        let rare = moor().likelier(&[(" Ann", 0.6), (" More", 0.1)], 16.0, 40);
        assert_eq!(rare.as_deref(), Some(" Ann Moore"), "a name that nobody has");
    }

    #[test]
    fn what_was_heard_well_stays() {
        let mut sure = Script::new(&[
            ("", " Ann", 0.99),
            (" Ann", " More", 0.98),
            (" Ann", " Moor", 0.0001),
            (" Ann More", "", 1.0),
        ]);
        assert_eq!(sure.likelier(&[(" Ann", 0.99), (" More", 0.98)], 16.0, 40), None);
        // The very same is not likelier.
        let mut same = Script::new(&[("", " Anne", 1.0), (" Anne", " Poe", 1.0), (" Anne Poe", "", 1.0)]);
        assert_eq!(same.likelier(&[(" Anne", 1.0), (" Poe", 1.0)], 9.0, 40), None);
    }

    #[test]
    fn a_long_search_is_given_up() {
        let mut script = moor();
        assert_eq!(script.likelier(&[(" Ann", 0.6), (" Moor", 0.9)], 6.0, 2), None);
        assert_eq!(script.steps, 3, "one to see how the words heard end");
    }
}
