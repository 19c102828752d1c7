//! What the playout reports, how it is stopped, and what is kept of a turn.

use super::{Conversation, Phase, Timer};
use crate::conversation::agenda::Question;
use crate::conversation::protocol::{EndReason, Output};
use crate::conversation::speaking::Saying;
use crate::conversation::turn::{Heard, Speaker, Turn};
use crate::id::TurnId;
use std::time::{Duration, Instant};

/// The playout answers a stop at once.
const STOP_BUDGET: Duration = Duration::from_secs(1);
/// The voice must begin the next clause within this, and a clause ends within this and the time its letters take.
const CLAUSE_BUDGET: Duration = Duration::from_secs(12);
/// So many turns in a row may stay unspoken.
const MAX_FAILED_TURNS: u8 = 2;

impl Conversation {
    /// Stops the receptionist when the caller really speaks.
    pub(super) fn weigh_interruption(&mut self, now: Instant) {
        let Some(saying) = self.saying.as_ref().filter(|saying| !saying.is_stopping && !saying.is_guarded()) else {
            return;
        };
        let needed = if saying.is_audible() { self.config.barge_in } else { self.config.go_on };
        let Some(open) = self.listening.open().filter(|open| open.voiced >= needed) else {
            return;
        };
        // What is left of an utterance that paused does not interrupt.
        if now.saturating_duration_since(open.last_speech_at) > self.config.eager_pause {
            return;
        }
        open.interrupted = true;
        self.interrupt(now);
    }

    pub(super) fn interrupt(&mut self, now: Instant) {
        let Some(saying) = &mut self.saying else {
            return;
        };
        saying.is_interrupted = true;
        if let Some(wording) = saying.wording.take() {
            self.timers.cancel(Timer::Reply);
            self.outputs.push_back(Output::CancelReply { generation: wording.generation });
        }
        if saying.is_playing_out() {
            saying.is_stopping = true;
            self.outputs.push_back(Output::StopSpeaking { turn: saying.turn });
            self.timers.set(Timer::Playout, now + STOP_BUDGET);
        } else {
            self.finish_saying(now);
        }
    }

    pub(super) fn stopped(&mut self, now: Instant, turn: TurnId, clause: u32, played: f32) {
        if let Some(saying) = self.saying.as_mut().filter(|saying| saying.turn == turn && saying.is_stopping) {
            saying.cut(clause, played);
            self.finish_saying(now);
        }
    }

    pub(super) fn on_clause(&mut self, now: Instant, turn: TurnId, tell: impl FnOnce(&mut Saying)) {
        if let Some(saying) = self.saying.as_mut().filter(|saying| saying.turn == turn) {
            tell(saying);
            self.watch_playout(now);
            self.finish_if_done(now);
        }
    }

    pub(super) fn watch_playout(&mut self, now: Instant) {
        match &self.saying {
            Some(saying) if saying.is_stopping => {}
            Some(saying) if saying.is_playing_out() => {
                // The slowest voice says some eight letters a second.
                let letters = Duration::from_millis(125 * saying.longest_clause() as u64);
                self.timers.set(Timer::Playout, now + CLAUSE_BUDGET + letters);
            }
            _ => self.timers.cancel(Timer::Playout),
        }
    }

    pub(super) fn playout_overdue(&mut self, now: Instant) {
        if let Some(saying) = &mut self.saying {
            saying.fail_rest();
            if saying.is_stopping {
                self.finish_saying(now);
            } else {
                self.finish_if_done(now);
            }
        }
    }

    pub(super) fn finish_if_done(&mut self, now: Instant) {
        if self.saying.as_ref().is_some_and(|saying| !saying.is_stopping && saying.is_done()) {
            self.finish_saying(now);
        }
    }

    /// Keeps what was heard of the turn and goes on.
    pub(super) fn finish_saying(&mut self, now: Instant) {
        let Some(saying) = self.saying.take() else {
            return;
        };
        self.timers.cancel(Timer::Playout);
        let (text, heard) = saying.heard();
        let share = if saying.is_interrupted { saying.question_share(now) } else { 1.0 };
        // A turn without a question leaves the one before it open.
        let is_heard = |question: Question| heard != Heard::Nothing && share >= question.needed_share();
        self.question_heard = saying.question().map_or(saying.heard_before, is_heard);
        self.turns_failed = if saying.all_failed() && !saying.is_interrupted { self.turns_failed + 1 } else { 0 };
        if saying.is_interrupted && heard == Heard::Nothing {
            self.take_back(&saying);
        }
        self.chat.push_receptionist(&text);
        self.tell_turn(now, &saying, text, heard);
        self.agenda_before = None;
        self.begin_extraction();
        self.after_saying(now, &saying);
    }

    // The caller went on before any of the reply was heard: what was said and what comes are one.
    fn take_back(&mut self, saying: &Saying) {
        if let Some(before) = self.agenda_before.take() {
            self.agenda = before;
            self.listening.expect(self.agenda.open());
        }
        self.question_heard = saying.heard_before;
        self.unanswered.before.clone_from(&saying.answers);
        self.extract = None;
    }

    fn tell_turn(&mut self, now: Instant, saying: &Saying, text: String, heard: Heard) {
        if !saying.has_clauses() {
            // Nobody knows of it: its place in the call is the next turn's.
            if saying.turn.next() == self.next_turn {
                self.next_turn = saying.turn;
            }
            return;
        }
        let started_at = self.since_start(saying.started_at.unwrap_or(now));
        self.outputs.push_back(Output::Turn(Turn {
            id: saying.turn,
            speaker: Speaker::Receptionist,
            text,
            started_at,
            ended_at: self.since_start(now),
            heard,
            origin: saying.origin.clone(),
            stages: saying.stages,
        }));
    }

    fn after_saying(&mut self, now: Instant, saying: &Saying) {
        if self.phase != Phase::Talking {
            return;
        }
        if let Some(reason) = saying.end().filter(|_| !saying.is_interrupted) {
            return self.drain(now, reason);
        }
        if let Some((line, reason)) = self.final_line.take() {
            return self.announce(now, line, Some(reason));
        }
        if self.turns_failed >= MAX_FAILED_TURNS {
            return self.drain(now, EndReason::Failed);
        }
        if saying.escalates() && !saying.is_interrupted {
            return self.step_aside();
        }
        self.prepare();
        self.answer_meanwhile(now);
    }

    // What was said over the last words is taken in; it gets no answer before somebody came, or nobody.
    fn step_aside(&mut self) {
        self.phase = Phase::Aside;
        self.timers.cancel(Timer::Idle);
        for overlap in std::mem::take(&mut self.unanswered.meanwhile) {
            self.overhear_overlap(&overlap);
        }
        self.outputs.push_back(Output::Escalate(self.briefing()));
    }
}
