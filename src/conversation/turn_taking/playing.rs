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
/// So long after the last speech the caller is silent again: the pause was for nothing.
const FELL_SILENT: Duration = Duration::from_millis(100);
/// Once the receptionist has paused, a caller who says "yes, ... yes, that is it" is not done before so much silence.
const LETS_HER_GO_ON: Duration = Duration::from_millis(420);
/// Who speaks sooner after her first sound does not answer it, but goes on.
const REACTION: Duration = Duration::from_millis(400);
/// So many turns in a row may stay unspoken.
const MAX_FAILED_TURNS: u8 = 2;

impl Conversation {
    /// Pauses the receptionist when the caller begins to speak over her, stops her when it is more than an "uh-huh", and lets her go on when it
    /// is not.
    pub(super) fn weigh_interruption(&mut self, now: Instant) {
        let Some(saying) = self.saying.as_ref().filter(|saying| !saying.is_stopping && !saying.is_guarded()) else {
            return;
        };
        let (is_audible, is_paused) = (saying.is_audible(), saying.is_paused());
        let needed = if is_audible { self.config.barge_in } else { self.config.go_on };
        // What is left of an utterance that paused does not interrupt.
        let silence = if is_paused { LETS_HER_GO_ON } else { FELL_SILENT };
        let speaking =
            self.listening.open().filter(|open| now.saturating_duration_since(open.last_speech_at) <= silence);
        let Some(open) = speaking else {
            if is_paused {
                self.go_on_speaking(now);
            }
            return;
        };
        // An "uh-huh" that was let pass does not count together with the next.
        let fresh = open.voiced.saturating_sub(open.let_pass);
        if fresh >= needed {
            open.interrupted = true;
            let began = open.started_at;
            if let Some(saying) = self.saying.as_mut() {
                saying.was_early = saying.started_at.is_some_and(|at| began < at + REACTION);
            }
            self.interrupt(now);
        } else if is_audible && !is_paused && fresh >= self.config.hush {
            self.hush(now);
        }
    }

    fn hush(&mut self, now: Instant) {
        if let Some(saying) = self.saying.as_mut() {
            saying.pause(now);
            self.outputs.push_back(Output::PauseSpeaking { turn: saying.turn });
            self.timers.cancel(Timer::Playout);
        }
    }

    fn go_on_speaking(&mut self, now: Instant) {
        if let Some(open) = self.listening.open() {
            open.let_pass = open.voiced;
        }
        if let Some(saying) = self.saying.as_mut() {
            saying.go_on(now);
            self.outputs.push_back(Output::GoOnSpeaking { turn: saying.turn });
            self.watch_playout(now);
        }
    }

    pub(super) fn interrupt(&mut self, now: Instant) {
        let Some(saying) = &mut self.saying else {
            return;
        };
        saying.is_interrupted = true;
        let (turn, is_playing_out) = (saying.turn, saying.is_playing_out());
        saying.is_stopping = is_playing_out;
        let (awaits, wording) = (saying.awaits.take(), saying.wording.take());
        if awaits.is_some() {
            self.timers.cancel(Timer::Reply);
            self.drop_draft();
        }
        if let Some(wording) = wording {
            self.timers.cancel(Timer::Reply);
            self.outputs.push_back(Output::CancelReply { generation: wording.generation });
        }
        if is_playing_out {
            self.outputs.push_back(Output::StopSpeaking { turn });
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
            Some(saying) if saying.is_paused() => self.timers.cancel(Timer::Playout),
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
        self.said_at = (!saying.is_interrupted).then_some(now);
        let share = if saying.is_interrupted { saying.question_share(now) } else { 1.0 };
        // A turn without a question leaves the one before it open.
        let is_heard = |question: Question| heard != Heard::Nothing && share >= question.needed_share();
        self.question_heard = saying.question().map_or(saying.heard_before, is_heard);
        let is_taken_back = saying.is_interrupted && (heard == Heard::Nothing || saying.was_early);
        self.unsaid = (saying.is_interrupted && !is_taken_back).then(|| saying.unsaid());
        self.turns_failed = if saying.all_failed() && !saying.is_interrupted { self.turns_failed + 1 } else { 0 };
        if is_taken_back {
            self.take_back(&saying);
        }
        self.chat.push_receptionist(&text);
        self.tell_turn(now, &saying, text, heard);
        self.agenda_before = None;
        self.begin_extraction();
        self.after_saying(now, &saying);
    }

    // The caller went on before the reply was heard, or before there was time to react to it: what was said and what comes are one.
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
