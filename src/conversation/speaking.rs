//! The receptionist's side: one turn from its words to what was played of them.

use super::agenda::Question;
use super::chat::ANSWER_SENTENCES;
use super::heard::heard_words;
use super::protocol::{EndReason, Output};
use super::sentence::{Clause, ClauseStream};
use super::turn::{Heard, Origin, StageTimes};
use crate::id::{Generation, TurnId};
use std::collections::VecDeque;
use std::time::Instant;

/// How fast a clause is taken to be spoken while it plays.
const LETTERS_PER_SECOND: f32 = 15.0;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Played {
    NotYet,
    Begun(Instant),
    Whole,
    Share(f32),
    Failed,
}

#[derive(Clone, Debug)]
struct Spoken {
    text: String,
    played: Played,
}

/// The part of a turn that the language model words.
#[derive(Clone, Debug)]
pub(super) struct Wording {
    /// The request.
    pub(super) generation: Generation,
    stream: ClauseStream,
    sentences_left: usize,
    has_spoken: bool,
}

impl Wording {
    pub(super) fn new(generation: Generation) -> Self {
        let (stream, sentences_left) = (ClauseStream::early(), ANSWER_SENTENCES);
        Self { generation, stream, sentences_left, has_spoken: false }
    }

    /// Whether a clause of it was said.
    pub(super) fn has_spoken(&self) -> bool {
        self.has_spoken
    }

    /// Whether it may say no more.
    pub(super) fn is_full(&self) -> bool {
        self.sentences_left == 0
    }

    /// Takes the model's next characters.
    pub(super) fn push(&mut self, text: &str) {
        // Marks of writing that a voice would read out.
        self.stream.push(&text.replace(['*', '#', '"', '`', '_'], ""));
    }

    /// The next clause to say. The receptionist asks its own questions: one of the model is left out.
    pub(super) fn next_clause(&mut self, is_ended: bool) -> Option<String> {
        while self.sentences_left > 0 {
            let Clause { text, ends_sentence } =
                if is_ended { self.stream.finish()? } else { self.stream.next_clause()? };
            let is_question = text.ends_with('?');
            if ends_sentence && !is_question {
                self.sentences_left -= 1;
            }
            if !is_question {
                self.has_spoken = true;
                return Some(text);
            }
        }
        None
    }
}

/// What follows the model's words.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending {
    /// The clauses.
    pub(super) clauses: Vec<String>,
    /// The question they ask.
    pub(super) question: Option<Question>,
    /// The conversation ends with them: they are played out whatever the caller says.
    pub(super) end: Option<EndReason>,
    /// A person is looked for after them: they are played out as well.
    pub(super) escalates: bool,
}

/// What was cut off of a turn, to be said after all should the caller have meant nothing.
#[derive(Clone, Debug)]
pub(super) struct Unsaid {
    /// Where its words come from.
    pub(super) origin: Origin,
    /// The clauses from the one that was cut on, and what they lead to.
    pub(super) rest: Ending,
}

/// One turn of the receptionist.
#[expect(clippy::struct_excessive_bools, reason = "independent observations, not states")]
#[derive(Clone, Debug)]
pub(super) struct Saying {
    /// The turn.
    pub(super) turn: TurnId,
    /// Where its words come from.
    pub(super) origin: Origin,
    /// The model's part, while it is being worded.
    pub(super) wording: Option<Wording>,
    /// The choice it waits for.
    pub(super) awaits: Option<Generation>,
    /// Its stages.
    pub(super) stages: StageTimes,
    /// The end of the speech that it answers.
    pub(super) answers_at: Option<Instant>,
    /// The caller's words that it answers.
    pub(super) answers: Option<(TurnId, String)>,
    /// Whether the question before it had been heard.
    pub(super) heard_before: bool,
    /// When its first sound left.
    pub(super) started_at: Option<Instant>,
    /// Whether it is being stopped.
    pub(super) is_stopping: bool,
    /// Whether it was stopped.
    pub(super) is_interrupted: bool,
    /// Whether it began while the caller was not done.
    pub(super) was_early: bool,
    /// So many of its first clauses can't be interrupted.
    pub(super) guarded: usize,
    /// Since when the playout is paused, if it is.
    paused_at: Option<Instant>,
    clauses: Vec<Spoken>,
    ending: Ending,
    ending_from: Option<usize>,
}

impl Saying {
    pub(super) fn new(turn: TurnId, origin: Origin, ending: Ending) -> Self {
        Self {
            turn,
            origin,
            wording: None,
            awaits: None,
            stages: StageTimes::default(),
            answers_at: None,
            answers: None,
            heard_before: false,
            started_at: None,
            is_stopping: false,
            is_interrupted: false,
            was_early: false,
            guarded: 0,
            paused_at: None,
            clauses: Vec::new(),
            ending,
            ending_from: None,
        }
    }

    /// Says one more clause.
    pub(super) fn say(&mut self, text: &str, outputs: &mut VecDeque<Output>) {
        let clause = self.clauses.len() as u32;
        self.clauses.push(Spoken { text: text.to_owned(), played: Played::NotYet });
        outputs.push_back(Output::Say { turn: self.turn, clause, text: text.to_owned() });
    }

    /// Says its ending; there will be no more clauses.
    pub(super) fn say_ending(&mut self, outputs: &mut VecDeque<Output>) {
        self.wording = None;
        if self.ending_from.is_none() {
            self.ending_from = Some(self.clauses.len());
            for text in self.ending.clauses.clone() {
                self.say(&text, outputs);
            }
        }
    }

    /// A clause began.
    pub(super) fn begun(&mut self, now: Instant, clause: u32) {
        self.mark(clause, Played::Begun(now));
        if self.started_at.is_none() {
            self.started_at = Some(now);
            self.stages.first_audio = self.answers_at.map(|at| now.saturating_duration_since(at));
        }
    }

    /// A clause was played to its end.
    pub(super) fn finished(&mut self, clause: u32) {
        self.mark(clause, Played::Whole);
    }

    /// A clause could not be spoken.
    pub(super) fn failed(&mut self, clause: u32) {
        self.mark(clause, Played::Failed);
    }

    fn mark(&mut self, clause: u32, played: Played) {
        if let Some(spoken) = self.clauses.get_mut(clause as usize)
            && matches!(spoken.played, Played::NotYet | Played::Begun(_))
        {
            spoken.played = played;
        }
    }

    /// The playout is paused.
    pub(super) fn pause(&mut self, now: Instant) {
        self.paused_at.get_or_insert(now);
    }

    /// The playout goes on.
    pub(super) fn go_on(&mut self, now: Instant) {
        let Some(since) = self.paused_at.take() else { return };
        let paused = now.saturating_duration_since(since);
        for spoken in &mut self.clauses {
            if let Played::Begun(at) = &mut spoken.played {
                *at += paused;
            }
        }
    }

    /// Whether the playout is paused.
    pub(super) fn is_paused(&self) -> bool {
        self.paused_at.is_some()
    }

    /// The playout stopped within a clause.
    pub(super) fn cut(&mut self, clause: u32, played: f32) {
        for earlier in 0..clause {
            self.mark(earlier, Played::Whole);
        }
        let played = if played.is_finite() { played.clamp(0.0, 1.0) } else { 0.0 };
        self.mark(clause, Played::Share(played));
    }

    /// What was not played to its end, and how it would have gone on.
    pub(super) fn unsaid(&self) -> Unsaid {
        let is_unsaid = |spoken: &&Spoken| spoken.played != Played::Whole;
        let mut clauses: Vec<String> =
            self.clauses.iter().filter(is_unsaid).map(|spoken| spoken.text.clone()).collect();
        if self.ending_from.is_none() {
            clauses.extend(self.ending.clauses.iter().cloned());
        }
        Unsaid { origin: self.origin.clone(), rest: Ending { clauses, ..self.ending.clone() } }
    }

    /// Gives up what was not played.
    pub(super) fn fail_rest(&mut self) {
        for clause in 0..self.clauses.len() {
            self.mark(clause as u32, Played::Failed);
        }
    }

    /// How many clauses were given to the voice.
    pub(super) fn clause_count(&self) -> usize {
        self.clauses.len()
    }

    /// Whether anything was given to the voice.
    pub(super) fn has_clauses(&self) -> bool {
        !self.clauses.is_empty()
    }

    /// Whether the voice still has something to play.
    pub(super) fn is_playing_out(&self) -> bool {
        self.clauses.iter().any(|spoken| matches!(spoken.played, Played::NotYet | Played::Begun(_)))
    }

    /// The letters of its longest clause.
    pub(super) fn longest_clause(&self) -> usize {
        self.clauses.iter().map(|spoken| spoken.text.chars().count()).max().unwrap_or(0)
    }

    /// Whether all was said and played.
    pub(super) fn is_done(&self) -> bool {
        self.ending_from.is_some() && !self.is_playing_out()
    }

    /// Whether the caller heard some of it, or hears it now.
    pub(super) fn is_audible(&self) -> bool {
        self.started_at.is_some()
    }

    /// Whether the clause that is playing or comes next must be played whatever the caller says.
    pub(super) fn is_guarded(&self) -> bool {
        if (self.ending.end.is_some() || self.ending.escalates) && self.ending_from.is_some() {
            return true;
        }
        let current = self.clauses.iter().position(|spoken| matches!(spoken.played, Played::NotYet | Played::Begun(_)));
        current.is_some_and(|current| current < self.guarded)
    }

    /// Whether every clause failed.
    pub(super) fn all_failed(&self) -> bool {
        self.has_clauses() && self.clauses.iter().all(|spoken| spoken.played == Played::Failed)
    }

    /// The words that were played, and how much of the turn they are.
    pub(super) fn heard(&self) -> (String, Heard) {
        let words = |spoken: &Spoken| match spoken.played {
            Played::Whole => spoken.text.clone(),
            Played::Share(share) => heard_words(&spoken.text, share).to_owned(),
            Played::NotYet | Played::Begun(_) | Played::Failed => String::new(),
        };
        let parts: Vec<String> = self.clauses.iter().map(words).filter(|part| !part.is_empty()).collect();
        let is_whole = !self.is_interrupted && self.clauses.iter().all(|spoken| spoken.played == Played::Whole);
        let heard = match (parts.is_empty(), is_whole) {
            (true, _) => Heard::Nothing,
            (false, true) => Heard::Whole,
            (false, false) => Heard::Part,
        };
        (parts.join(" "), heard)
    }

    /// How much of its question was played, 0 to 1.
    pub(super) fn question_share(&self, now: Instant) -> f32 {
        let now = self.paused_at.unwrap_or(now);
        let Some(from) = self.ending_from else {
            return 0.0;
        };
        let length = |spoken: &Spoken| spoken.text.chars().count() as f32;
        let total: f32 = self.clauses[from..].iter().map(length).sum();
        let played = |spoken: &Spoken| match spoken.played {
            Played::Whole => length(spoken),
            Played::Share(share) => length(spoken) * share,
            Played::Begun(at) => {
                length(spoken).min(now.saturating_duration_since(at).as_secs_f32() * LETTERS_PER_SECOND)
            }
            Played::NotYet | Played::Failed => 0.0,
        };
        if total > 0.0 { self.clauses[from..].iter().map(played).sum::<f32>() / total } else { 1.0 }
    }

    /// The question it asks.
    pub(super) fn question(&self) -> Option<Question> {
        self.ending.question
    }

    /// Whether a person is looked for after it.
    pub(super) fn escalates(&self) -> bool {
        self.ending.escalates
    }

    /// How the conversation ends with it.
    pub(super) fn end(&self) -> Option<EndReason> {
        self.ending.end
    }
}
