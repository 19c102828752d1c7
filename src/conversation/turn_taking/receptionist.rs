//! What the receptionist says, and how it is stopped.

use super::{Conversation, Phase, Timer};
use crate::conversation::agenda::{Decision, Opening, Question, Then};
use crate::conversation::chat::Purpose;
use crate::conversation::protocol::{EndReason, ModelFailure, Output, ReplyRequest};
use crate::conversation::sentence::clauses;
use crate::conversation::speaking::{Ending, Saying, Wording};
use crate::conversation::turn::{Origin, StageTimes};
use crate::id::{Generation, TurnId};
use crate::lead::{SlotName, speak_number, speak_number_slowly};
use crate::phone::PhoneNumber;
use crate::prompt::{LineName, LineVars};
use std::time::Instant;

impl Conversation {
    pub(super) fn start(&mut self, now: Instant, caller: Option<PhoneNumber>) {
        self.phase = Phase::Talking;
        self.agenda.set_caller(caller);
        self.timers.set(Timer::TooLong, now + self.config.max_length);
        self.prepare();
        let (clauses, question) = (self.line(LineName::Greeting), Some(Question::Need));
        let ending = Ending { clauses, question, ..Ending::default() };
        // The disclosure stands before the greeting's last clause.
        let guarded = ending.clauses.len().saturating_sub(1).max(1);
        let mut saying = Saying::new(self.take_turn_id(), origin(LineName::Greeting), ending);
        saying.guarded = guarded;
        saying.say_ending(&mut self.outputs);
        self.begin(now, saying);
    }

    fn begin(&mut self, now: Instant, mut saying: Saying) {
        saying.heard_before = std::mem::take(&mut self.question_heard);
        if let Some(question) = saying.question() {
            self.listening.expect(question);
        }
        self.timers.cancel(Timer::Idle);
        self.saying = Some(saying);
        self.watch_playout(now);
        self.finish_if_done(now);
    }

    /// Carries a decision out.
    pub(super) fn reply(
        &mut self,
        now: Instant,
        decision: Decision,
        answers: Option<(TurnId, String)>,
        stages: StageTimes,
        answers_at: Option<Instant>,
    ) {
        let Decision::Reply(opening, then) = decision else {
            self.agenda_before = None;
            return;
        };
        let (line, ending) = self.ending(then);
        let mut saying = Saying::new(self.take_turn_id(), origin(line), ending);
        (saying.answers, saying.stages, saying.answers_at) = (answers, stages, answers_at);
        match opening {
            Opening::Model(purpose) => self.ask_model(now, &mut saying, purpose),
            Opening::Thanks => self.say_line(&mut saying, LineName::Acknowledge),
            Opening::Sorry => self.say_line(&mut saying, LineName::NobodyCame),
            Opening::None => {}
        }
        if saying.wording.is_none() {
            saying.say_ending(&mut self.outputs);
            self.begin_extraction();
        }
        self.begin(now, saying);
    }

    fn ending(&self, then: Then) -> (LineName, Ending) {
        let (line, question, end) = match then {
            Then::Ask(question) => (question.line(), Some(question), None),
            Then::SayAgain => (LineName::DidNotCatch, None, None),
            Then::Farewell => (LineName::Farewell, None, Some(EndReason::Farewell)),
            Then::GiveUp => (LineName::GiveUp, None, Some(EndReason::Failed)),
            Then::Escalate => (LineName::Connecting, None, None),
        };
        (line, Ending { clauses: self.line(line), question, end, escalates: then == Then::Escalate })
    }

    /// Says a line that nobody asked for.
    pub(super) fn announce(&mut self, now: Instant, line: LineName, end: Option<EndReason>) {
        let ending = Ending { clauses: self.line(line), end, ..Ending::default() };
        let mut saying = Saying::new(self.take_turn_id(), origin(line), ending);
        saying.say_ending(&mut self.outputs);
        self.begin(now, saying);
    }

    fn say_line(&mut self, saying: &mut Saying, line: LineName) {
        for clause in self.line(line) {
            saying.say(&clause, &mut self.outputs);
        }
    }

    /// What a person who takes the call is told of it.
    pub(super) fn briefing(&self) -> LineVars {
        let number = self.known(SlotName::Callback).and_then(|value| self.agenda.number(&value));
        LineVars {
            name: self.known(SlotName::Name),
            number: number.as_ref().or_else(|| self.agenda.caller()).map(speak_number),
            need: self.known(SlotName::Need),
            urgency: self.known(SlotName::Urgency),
            ..LineVars::default()
        }
    }

    fn known(&self, name: SlotName) -> Option<String> {
        self.form.get(name).map(|slot| slot.value.clone())
    }

    fn line(&self, line: LineName) -> Vec<String> {
        let number = if line == LineName::OfferCallback {
            self.agenda.caller().map(speak_number)
        } else {
            let number = self.known(SlotName::Callback).and_then(|value| self.agenda.number(&value));
            let speak = if line == LineName::ReadBackCallbackSlowly { speak_number_slowly } else { speak_number };
            number.as_ref().map(speak)
        };
        let (name, need) = (self.known(SlotName::Name), self.known(SlotName::Need));
        clauses(&self.prompt.line(line, &LineVars { name, number, need, ..LineVars::default() }))
    }

    fn ask_model(&mut self, now: Instant, saying: &mut Saying, purpose: Purpose) {
        self.generation = self.generation.next();
        saying.origin = Origin::Model;
        saying.wording = Some(Wording::new(self.generation, purpose));
        self.timers.set(Timer::Reply, now + self.config.reply_budget);
        self.outputs.push_back(Output::Reply(ReplyRequest {
            turn: saying.turn,
            generation: self.generation,
            messages: self.chat.messages().to_vec(),
            max_tokens: self.config.max_reply_tokens,
            budget: self.config.reply_budget,
        }));
    }

    pub(super) fn reply_text(&mut self, now: Instant, generation: Generation, text: &str) {
        let Some(saying) = self.saying.as_mut().filter(|saying| awaits(saying, generation)) else {
            return;
        };
        if let Some(at) = saying.answers_at.filter(|_| saying.stages.first_text.is_none()) {
            saying.stages.first_text = Some(now.saturating_duration_since(at));
        }
        if let Some(wording) = &mut saying.wording {
            wording.push(text);
        }
        self.timers.set(Timer::Reply, now + self.config.reply_stall);
        if self.say_worded(now, false) {
            self.outputs.push_back(Output::CancelReply { generation });
            self.model_done(now);
        }
    }

    // Says the clauses that are whole; true when the model may say no more.
    fn say_worded(&mut self, now: Instant, is_ended: bool) -> bool {
        let Some(saying) = self.saying.as_mut() else {
            return false;
        };
        while let Some(clause) = saying.wording.as_mut().and_then(|wording| wording.next_clause(is_ended)) {
            saying.say(&clause, &mut self.outputs);
        }
        let is_full = saying.wording.as_ref().is_some_and(Wording::is_full);
        self.watch_playout(now);
        is_full
    }

    pub(super) fn reply_ended(&mut self, now: Instant, generation: Generation, result: Result<(), ModelFailure>) {
        if self.saying.as_ref().is_none_or(|saying| !awaits(saying, generation)) {
            return;
        }
        // The rest of a broken reply may be half a word.
        if result.is_ok() {
            self.say_worded(now, true);
        }
        self.model_done(now);
    }

    pub(super) fn reply_overdue(&mut self, now: Instant) {
        if let Some(wording) = self.saying.as_ref().and_then(|saying| saying.wording.as_ref()) {
            self.outputs.push_back(Output::CancelReply { generation: wording.generation });
            self.model_done(now);
        }
    }

    // The model's part is over: a line of the prompt file stands in when it said nothing, then comes what follows.
    fn model_done(&mut self, now: Instant) {
        self.timers.cancel(Timer::Reply);
        let Some(mut saying) = self.saying.take() else {
            return;
        };
        if let Some(wording) = saying.wording.take().filter(|wording| !wording.has_spoken()) {
            let line = match wording.purpose {
                Purpose::Acknowledge => LineName::FallbackAcknowledge,
                Purpose::Answer => LineName::FallbackAnswer,
            };
            saying.origin = Origin::Fallback(line.as_str().to_owned());
            self.say_line(&mut saying, line);
        }
        saying.say_ending(&mut self.outputs);
        self.saying = Some(saying);
        self.begin_extraction();
        self.watch_playout(now);
        self.finish_if_done(now);
    }

    pub(super) fn prepare(&mut self) {
        self.outputs.push_back(Output::Prepare { messages: self.chat.messages().to_vec() });
    }
}

fn origin(line: LineName) -> Origin {
    Origin::Line(line.as_str().to_owned())
}

fn awaits(saying: &Saying, generation: Generation) -> bool {
    saying.wording.as_ref().is_some_and(|wording| wording.generation == generation)
}
