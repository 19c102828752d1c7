//! Kept prefixes: which tokens of which chat the model has already taken in.

use super::weights::{Kept, Weights};
use candle_core::Result;

// Losing fewer tokens than this is cheaper than copying what comes before them: the end of a reply that was cut short.
const WORTH_KEEPING: usize = 48;

/// One chat's cache and the tokens in it.
pub(super) struct Slot {
    pub(super) kept: Kept,
    /// Exactly the tokens whose keys and values `kept` holds.
    pub(super) tokens: Vec<u32>,
    last_used: u64,
}

impl Slot {
    pub(super) fn new(weights: &Weights, capacity: usize) -> Result<Self> {
        Ok(Self::of(weights.keep(capacity)?))
    }

    /// An empty one.
    pub(super) fn of(kept: Kept) -> Self {
        Self { kept, tokens: Vec::new(), last_used: 0 }
    }

    /// Forgets what doesn't begin `wanted`, and gives what is left of `wanted` to be fed.
    pub(super) fn cut_to<'a>(&mut self, wanted: &'a [u32]) -> &'a [u32] {
        let common = common(&self.tokens, wanted);
        self.tokens.truncate(common);
        &wanted[common..]
    }

    /// As [`Slot::cut_to`], but the last token is always left: its scores are needed, and they are not kept.
    pub(super) fn cut_before_last<'a>(&mut self, wanted: &'a [u32]) -> &'a [u32] {
        let last = wanted.len().saturating_sub(1);
        let left = self.cut_to(&wanted[..last]).len();
        &wanted[last - left..]
    }
}

/// The chats' slots.
pub(super) struct Slots {
    slots: Vec<Slot>,
    uses: u64,
}

impl Slots {
    pub(super) fn new(weights: &Weights, count: usize, capacity: usize) -> Result<Self> {
        let slots = (0..count.max(1)).map(|_| Slot::new(weights, capacity)).collect::<Result<_>>()?;
        Ok(Self { slots, uses: 0 })
    }

    /// The slot that spares most work for `wanted`. A chat that only shares its beginning with
    /// another call's is copied, so that the other keeps its own.
    pub(super) fn take(&mut self, wanted: &[u32]) -> Result<&mut Slot> {
        self.uses += 1;
        let index = match choose(&self.slots, wanted) {
            Choice::Continue(index) => index,
            Choice::Copy { from, to, tokens } => {
                let beginning = self.slots[from].tokens[..tokens].to_vec();
                self.slots[to].tokens.clear();
                if let Ok([from, to]) = self.slots.get_disjoint_mut([from, to]) {
                    to.kept.copy_from(&from.kept, tokens)?;
                    to.tokens = beginning;
                }
                to
            }
        };
        let slot = &mut self.slots[index];
        slot.last_used = self.uses;
        Ok(slot)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Choice {
    Continue(usize),
    Copy { from: usize, to: usize, tokens: usize },
}

fn choose(slots: &[Slot], wanted: &[u32]) -> Choice {
    let chats: Vec<(&[u32], u64)> = slots.iter().map(|slot| (slot.tokens.as_slice(), slot.last_used)).collect();
    choose_among(&chats, wanted)
}

fn choose_among(chats: &[(&[u32], u64)], wanted: &[u32]) -> Choice {
    let shared = |index: &usize| common(chats[*index].0, wanted);
    let best = (0..chats.len()).max_by_key(|index| (shared(index), std::cmp::Reverse(chats[*index].0.len())));
    let best = best.unwrap_or(0);
    let tokens = shared(&best);
    let oldest = (0..chats.len()).filter(|&index| index != best).min_by_key(|&index| chats[index].1);
    match oldest {
        Some(to) if chats[best].0.len() - tokens > WORTH_KEEPING => Choice::Copy { from: best, to, tokens },
        _ => Choice::Continue(best),
    }
}

fn common(a: &[u32], b: &[u32]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::{Choice, choose_among};

    fn chat(beginning: u32, ending: u32) -> Vec<u32> {
        (0..beginning).chain(1_000..1_000 + ending).collect()
    }

    #[test]
    fn the_chat_itself_is_continued() {
        let (mine, other) = (chat(100, 60), chat(100, 0));
        let slots = [(other.as_slice(), 9), (mine.as_slice(), 1)];
        assert_eq!(choose_among(&slots, &chat(100, 80)), Choice::Continue(1));
    }

    #[test]
    fn a_reply_cut_short_is_not_worth_a_copy() {
        let mine = chat(100, 40);
        assert_eq!(choose_among(&[(&mine, 1), (&[], 0)], &chat(110, 0)), Choice::Continue(0));
    }

    #[test]
    fn another_calls_beginning_is_copied_over_the_oldest() {
        let other = chat(100, 60);
        let slots = [(other.as_slice(), 9), ([7_u32].as_slice(), 5), ([8_u32].as_slice(), 3)];
        assert_eq!(choose_among(&slots, &chat(120, 0)), Choice::Copy { from: 0, to: 2, tokens: 100 });
        assert_eq!(choose_among(&slots[..1], &chat(120, 0)), Choice::Continue(0), "the only slot is taken over");
    }

    #[test]
    fn an_empty_slot_is_taken_for_a_new_chat() {
        let other = chat(100, 60);
        let slots = [(other.as_slice(), 9), ([].as_slice(), 0)];
        assert_eq!(choose_among(&slots, &[5, 6, 7]), Choice::Continue(1));
    }
}
