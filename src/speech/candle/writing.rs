//! Writing after a prompt: tokens are taken in chunk by chunk, and the next one is chosen.

use super::matrix::chunk;
use super::slots::Slot;
use super::vocabulary::Vocabulary;
use super::weights::Weights;
use super::{Duration, Instant, SpeechError, Stop, WHAT, failed};
use std::ops::ControlFlow;

// How much less likely a token of the reply becomes when it has come before (Keskar et al. 2019, "CTRL").
const REPEAT_PENALTY: f32 = 1.08;
// As many tokens of a reply as may not come twice: a loop.
const LOOP: usize = 10;

/// Until when the first words are wanted, if at all.
pub(super) struct Deadline {
    at: Option<Instant>,
    stop: Stop,
}

impl Deadline {
    /// None but the stop.
    pub(super) fn none(stop: &Stop) -> Self {
        Self { at: None, stop: stop.clone() }
    }

    /// So long from now.
    #[expect(clippy::disallowed_methods, reason = "a model's own time passes only on the real clock")]
    pub(super) fn within(budget: Duration, stop: &Stop) -> Self {
        Self { at: Instant::now().checked_add(budget), stop: stop.clone() }
    }

    #[expect(clippy::disallowed_methods, reason = "a model's own time passes only on the real clock")]
    fn check(&self) -> Result<(), SpeechError> {
        if self.stop.is_stopped() {
            return Err(SpeechError::Stopped);
        }
        if self.at.is_some_and(|at| Instant::now() >= at) {
            return Err(SpeechError::Late { what: WHAT });
        }
        Ok(())
    }
}

/// A chat being continued. The slot's tokens are always those that its cache holds, even if a step fails half-way.
pub(super) struct Writing<'a> {
    weights: &'a Weights,
    slot: &'a mut Slot,
    pending: Vec<u32>,
    deadline: Deadline,
}

impl<'a> Writing<'a> {
    /// Continues what the slot holds.
    pub(super) fn new(weights: &'a Weights, slot: &'a mut Slot, deadline: Deadline) -> Self {
        Self { weights, slot, pending: Vec::new(), deadline }
    }

    /// How many tokens the slot holds.
    pub(super) fn taken(&self) -> usize {
        self.slot.tokens.len()
    }

    /// Adds tokens; they are taken in with the next step.
    pub(super) fn push(&mut self, tokens: &[u32]) {
        self.pending.extend_from_slice(tokens);
    }

    /// Takes in all tokens added.
    pub(super) fn absorb(&mut self) -> Result<(), SpeechError> {
        while !self.pending.is_empty() {
            self.step(piece(self.pending.len()))?;
        }
        Ok(())
    }

    /// Takes in all tokens added and scores what may follow; at least one must have been added.
    pub(super) fn scores(&mut self) -> Result<Vec<f32>, SpeechError> {
        let past = self.reach_last()?;
        let scores = self.weights.feed(&self.pending, past, &self.slot.kept).map_err(failed)?;
        self.slot.tokens.append(&mut self.pending);
        Ok(scores)
    }

    /// As [`Writing::scores`], but only of these tokens, which costs less.
    pub(super) fn weigh(&mut self, candidates: &[u32]) -> Result<Vec<f32>, SpeechError> {
        let past = self.reach_last()?;
        let last = self.pending.len() - 1;
        let scores = self.weights.weigh(&self.pending, past, &self.slot.kept, last, candidates).map_err(failed)?;
        self.slot.tokens.append(&mut self.pending);
        scores.into_iter().next().ok_or_else(|| failed("the model gave no scores"))
    }

    /// Takes in all tokens added and a guess of what follows. Tells how these tokens score before the guess and after each token of it;
    /// what was guessed wrong is to be [taken back](Writing::take_back). A guess without tokens before it tells only what comes after.
    pub(super) fn weigh_each(&mut self, guess: &[u32], candidates: &[u32]) -> Result<Vec<Vec<f32>>, SpeechError> {
        let before = self.pending.len();
        self.push(guess);
        while self.pending.len() > chunk() && self.pending.len() > guess.len() + 1 {
            let spare = self.pending.len() - guess.len() - 1;
            self.step(piece(spare))?;
        }
        let from = (self.pending.len() - guess.len()).saturating_sub(usize::from(before > 0));
        self.deadline.check()?;
        let past = self.room_for(self.pending.len())?;
        let scores = self.weights.weigh(&self.pending, past, &self.slot.kept, from, candidates).map_err(failed)?;
        self.slot.tokens.append(&mut self.pending);
        Ok(scores)
    }

    /// Forgets the last tokens that were taken in.
    pub(super) fn take_back(&mut self, count: usize) {
        self.slot.tokens.truncate(self.slot.tokens.len().saturating_sub(count));
    }

    // Takes in all but the last piece; gives how many tokens are kept then.
    fn reach_last(&mut self) -> Result<usize, SpeechError> {
        while piece(self.pending.len()) < self.pending.len() {
            self.step(piece(self.pending.len()))?;
        }
        self.deadline.check()?;
        self.room_for(self.pending.len())
    }

    /// Writes a reply into the sink until it ends or has `most` tokens.
    pub(super) fn write(
        &mut self,
        vocabulary: &Vocabulary,
        most: usize,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<(), SpeechError> {
        let mut written = Vec::new();
        let mut given = 0;
        while written.len() < most {
            let mut scores = self.scores()?;
            lessen(&mut scores, &written);
            let Some(token) = best(&scores, |_| true) else { break };
            if vocabulary.is_end(token) {
                break;
            }
            written.push(token);
            self.push(&[token]);
            if is_loop(&written) {
                break;
            }
            let text = vocabulary.decode(&written).map_err(failed)?;
            // A character may be spread over several tokens: its first bytes show as U+FFFD.
            if text.len() > given && !text.ends_with('\u{fffd}') {
                self.deadline.at = None;
                if text.get(given..).is_some_and(|piece| sink(piece).is_break()) {
                    return Err(SpeechError::Stopped);
                }
                given = text.len();
            }
        }
        Ok(())
    }

    fn step(&mut self, count: usize) -> Result<(), SpeechError> {
        self.deadline.check()?;
        let past = self.room_for(count)?;
        self.weights.absorb(&self.pending[..count], past, &self.slot.kept).map_err(failed)?;
        self.slot.tokens.extend(self.pending.drain(..count));
        Ok(())
    }

    fn room_for(&self, count: usize) -> Result<usize, SpeechError> {
        let past = self.slot.tokens.len();
        if past + count > self.slot.kept.capacity() {
            return Err(failed("the chat is longer than its cache"));
        }
        Ok(past)
    }
}

// How many of so many tokens are taken in next: pieces of the same size, none longer than a chunk.
fn piece(pending: usize) -> usize {
    pending.div_ceil(pending.div_ceil(chunk()).max(1))
}

/// The likeliest token among those allowed.
pub(super) fn best(scores: &[f32], allowed: impl Fn(u32) -> bool) -> Option<u32> {
    let candidates = scores.iter().enumerate().filter(|(token, _)| allowed(*token as u32));
    candidates.max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(token, _)| token as u32)
}

fn lessen(scores: &mut [f32], written: &[u32]) {
    let mut seen = written.to_vec();
    seen.sort_unstable();
    seen.dedup();
    for token in seen {
        if let Some(score) = scores.get_mut(token as usize) {
            *score = if *score > 0.0 { *score / REPEAT_PENALTY } else { *score * REPEAT_PENALTY };
        }
    }
}

fn is_loop(written: &[u32]) -> bool {
    let Some(start) = written.len().checked_sub(LOOP) else { return false };
    let (before, tail) = (&written[..written.len() - 1], &written[start..]);
    before.windows(LOOP).any(|earlier| earlier == tail)
}

#[cfg(test)]
mod tests {
    use super::{LOOP, best, chunk, is_loop, lessen, piece};

    #[test]
    fn pieces_are_of_the_same_size() {
        assert_eq!([piece(0), piece(1), piece(chunk())], [0, 1, chunk()]);
        let (mut left, mut pieces) = (chunk() * 2 + 2, Vec::new());
        while left > 0 {
            pieces.push(piece(left));
            left -= piece(left);
        }
        assert_eq!(pieces.len(), 3);
        assert!(pieces.iter().all(|piece| piece.abs_diff(pieces[0]) <= 1), "{pieces:?}");
    }

    #[test]
    fn the_best_is_the_likeliest_allowed() {
        assert_eq!(best(&[0.1, 3.0, 2.0], |_| true), Some(1));
        assert_eq!(best(&[0.1, 3.0, 2.0], |token| token != 1), Some(2));
        assert_eq!(best(&[0.1], |_| false), None);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "products of two known factors")]
    fn tokens_that_came_before_are_less_likely() {
        let mut scores = [1.08, -1.0, 5.0];
        lessen(&mut scores, &[0, 1, 0]);
        assert_eq!(scores, [1.0, -1.08, 5.0]);
    }

    #[test]
    fn a_loop_is_the_same_tokens_again() {
        let once: Vec<u32> = (0..LOOP as u32).collect();
        assert!(!is_loop(&once));
        assert!(is_loop(&[once.as_slice(), &[99], &once].concat()));
        assert!(!is_loop(&[once.as_slice(), &[99], &once[1..]].concat()));
    }
}
