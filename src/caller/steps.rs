//! Which step comes next: in the script's order, or by what was asked.

use super::question::Question;
use super::script::{Cue, Script, Step};
use std::collections::VecDeque;

/// A line is said once more so often, when it is asked for again; then the caller goes on.
const REPEATS: u8 = 2;

/// The steps to come and those that were.
#[derive(Debug)]
pub(super) struct Steps {
    pending: VecDeque<Step>,
    said: Vec<Said>,
    /// The number that the receptionist should have.
    right: Option<String>,
    by_question: bool,
}

#[derive(Debug)]
struct Said {
    step: Step,
    repeats: u8,
}

impl Steps {
    /// Without the receptionist's words, steps come in order and those for a question that may never come are left out.
    pub(super) fn new(script: &Script, hears_words: bool) -> Self {
        let by_question = hears_words && script.steps.iter().any(|step| !step.when.is_empty());
        let pending = script.steps.iter().filter(|step| by_question || !step.optional).cloned().collect();
        Self { pending, said: Vec::new(), right: script.expect.exact_callback(), by_question }
    }

    /// Whether it takes the receptionist's words to choose.
    pub(super) const fn by_question(&self) -> bool {
        self.by_question
    }

    /// Nothing is left that must be said.
    pub(super) fn is_done(&self) -> bool {
        if self.by_question { self.pending.iter().all(|step| !step.when.is_empty()) } else { self.pending.is_empty() }
    }

    /// What the next step in order waits for.
    pub(super) fn cue(&self) -> Option<Cue> {
        self.pending.iter().find(|step| !step.optional).map(|step| step.cue)
    }

    /// The next in order.
    pub(super) fn take_next(&mut self) -> Option<Step> {
        let at = self.pending.iter().position(|step| !step.optional)?;
        self.take(at)
    }

    /// The answer to what she has said: the first that is left for this question, or what was said to it before. A step that
    /// answers no question comes in its place, whatever was said. Nothing when she asked nothing that the script knows of.
    pub(super) fn take_answer(&mut self, words: &str) -> Option<Step> {
        if words.is_empty() {
            return None;
        }
        if self.pending.front().is_some_and(|step| step.when.is_empty()) {
            return self.take(0);
        }
        let asked = Question::of(words, self.right.as_deref())?;
        if asked == Question::SayAgain {
            return self.again(|_| true);
        }
        self.for_question(asked).or_else(|| match asked {
            Question::WrongReadBack => self.for_question(Question::ReadBack),
            Question::Keypad => self.for_question(Question::Number),
            _ => None,
        })
    }

    fn for_question(&mut self, asked: Question) -> Option<Step> {
        match self.pending.iter().position(|step| step.when.contains(&asked)) {
            Some(at) => self.take(at),
            None => self.again(|step| step.when.contains(&asked)),
        }
    }

    fn take(&mut self, at: usize) -> Option<Step> {
        let step = self.pending.remove(at)?;
        self.said.push(Said { step: step.clone(), repeats: 0 });
        Some(step)
    }

    fn again(&mut self, is_meant: impl Fn(&Step) -> bool) -> Option<Step> {
        let said = self.said.iter_mut().rev().find(|said| is_meant(&said.step))?;
        said.repeats += 1;
        (said.repeats <= REPEATS).then(|| said.step.clone())
    }
}
