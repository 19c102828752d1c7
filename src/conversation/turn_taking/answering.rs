//! Answers to callers' questions: looked up among the prompt file's facts, and told in its words.
//!
//! The question's words point at the fact that answers ([`point`]), or else the language model does; neither words an answer, so no price, time or
//! promise can be made up. A question that no fact answers becomes a part of the lead.

use super::{Conversation, Timer};
use crate::conversation::facts::{Pointed, point};
use crate::conversation::protocol::{ChooseRequest, ModelFailure, Output};
use crate::conversation::sentence::clauses;
use crate::conversation::speaking::Saying;
use crate::conversation::turn::Origin;
use crate::id::{Generation, TurnId};
use crate::prompt::LineName;
use std::sync::Arc;
use std::time::Instant;

/// A question that is being looked up, or was.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    said: String,
    generation: Generation,
    // The facts that answer it; none when none does.
    found: Option<Result<Vec<usize>, ModelFailure>>,
}

impl Conversation {
    /// Looks a question up before it is known to be all of the turn.
    pub(super) fn draft_answer(&mut self, said: &str) {
        if self.draft.as_ref().is_some_and(|draft| draft.said == said) {
            return;
        }
        self.drop_draft();
        self.look_up(said);
    }

    /// The caller goes on: what was looked up is void.
    pub(super) fn drop_draft(&mut self) {
        if let Some(draft) = self.draft.take().filter(|draft| draft.found.is_none()) {
            self.outputs.push_back(Output::CancelChoice { generation: draft.generation });
        }
    }

    fn look_up(&mut self, said: &str) {
        self.generation = self.generation.next();
        let generation = self.generation;
        let found = match point(&self.choices, said) {
            Pointed::At(facts) => Some(Ok(facts)),
            Pointed::Nowhere => Some(Ok(Vec::new())),
            Pointed::Unsure => None,
        };
        let is_found = found.is_some();
        self.draft = Some(Draft { said: said.to_owned(), generation, found });
        if is_found {
            return;
        }
        self.outputs.push_back(Output::Choose(ChooseRequest {
            generation,
            said: said.to_owned(),
            choices: Arc::clone(&self.choices),
            budget: self.config.reply_budget,
        }));
    }

    /// Begins a turn that answers these words: at once when the answer is there, else when it comes.
    pub(super) fn begin_answer(&mut self, now: Instant, saying: &mut Saying, said: &str) {
        self.draft_answer(said);
        let Some(draft) = self.draft.take() else { return };
        if let Some(found) = draft.found {
            self.tell_found(now, saying, found);
        } else {
            saying.awaits = Some(draft.generation);
            self.draft = Some(draft);
            self.timers.set(Timer::Reply, now + self.config.reply_budget);
        }
    }

    pub(super) fn chosen(&mut self, now: Instant, generation: Generation, found: Result<Option<usize>, ModelFailure>) {
        let Some(draft) = self.draft.as_mut().filter(|draft| draft.generation == generation) else { return };
        let found = found.map(|index| index.into_iter().collect::<Vec<_>>());
        draft.found = Some(found.clone());
        if self.saying.as_ref().is_some_and(|saying| saying.awaits == Some(generation)) {
            self.draft = None;
            self.found(now, found);
        }
    }

    /// The answer that a turn waits for is here, or will not come.
    pub(super) fn found(&mut self, now: Instant, found: Result<Vec<usize>, ModelFailure>) {
        let Some(mut saying) = self.saying.take() else { return };
        saying.awaits = None;
        self.timers.cancel(Timer::Reply);
        if let Some(at) = saying.answers_at {
            saying.stages.first_text = Some(now.saturating_duration_since(at));
        }
        self.tell_found(now, &mut saying, found);
        if saying.wording.is_none() {
            saying.say_ending(&mut self.outputs);
            self.begin_extraction();
        }
        self.saying = Some(saying);
        self.watch_playout(now);
        self.finish_if_done(now);
    }

    fn tell_found(&mut self, now: Instant, saying: &mut Saying, found: Result<Vec<usize>, ModelFailure>) {
        let facts = |all: Vec<usize>| all.iter().filter_map(|&n| self.choices.get(n).cloned()).collect::<Vec<_>>();
        match found.map(facts) {
            Ok(facts) if !facts.is_empty() => {
                let names: Vec<String> = facts.iter().map(|fact| format!("facts.{}", fact.name)).collect();
                saying.origin = Origin::Line(names.join(" "));
                for clause in facts.iter().flat_map(|fact| clauses(&fact.text)) {
                    saying.say(&clause, &mut self.outputs);
                }
            }
            Ok(_) if self.config.words_freely => self.ask_model(now, saying),
            other => {
                let line = LineName::FallbackAnswer.as_str().to_owned();
                saying.origin = if other.is_err() { Origin::Fallback(line) } else { Origin::Line(line) };
                self.say_line(saying, LineName::FallbackAnswer);
                self.note_question(saying.answers.clone());
            }
        }
    }

    // Whoever calls back is told what was asked.
    pub(super) fn note_question(&mut self, asked: Option<(TurnId, String)>) {
        if let Some((turn, question)) = asked {
            let slot = self.form.note_question(turn, &question);
            self.outputs.push_back(Output::Slot(slot));
        }
    }
}
