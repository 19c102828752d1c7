//! What the receptionist says, and how it is stopped.

use super::{Conversation, Phase, Timer};
use crate::conversation::agenda::{Agenda, Decision, Opening, Question, Said, Then};
use crate::conversation::protocol::{EndReason, ModelFailure, Output, ReplyRequest};
use crate::conversation::sentence::clauses;
use crate::conversation::speaking::{Ending, Saying, Unsaid, Wording};
use crate::conversation::turn::{Origin, StageTimes};
use crate::id::{Generation, TurnId};
use crate::lead::{Danger, Form, SlotName, speak_email, speak_number, speak_number_slowly};
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
        (self.unsaid, self.said_at) = (None, None);
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
        let joined = answers.as_ref().map(|(_, said)| said.clone()).unwrap_or_default();
        let (line, ending) = self.ending(&self.agenda, &self.form, then);
        let mut saying = Saying::new(self.take_turn_id(), origin(line), ending);
        (saying.answers, saying.stages, saying.answers_at) = (answers, stages, answers_at);
        match opening {
            Opening::Answer => self.begin_answer(now, &mut saying, &joined),
            Opening::WhoIAm => self.say_line(&mut saying, LineName::WhoIAm),
            Opening::Noted => self.say_line(&mut saying, LineName::FallbackAcknowledge),
            Opening::Thanks => self.say_line(&mut saying, LineName::Acknowledge),
            Opening::Warning(danger) => {
                self.say_line(&mut saying, warning(danger));
                saying.guarded = saying.clause_count();
            }
            Opening::Sorry => self.say_line(&mut saying, LineName::NobodyCame),
            Opening::Trouble => self.say_line(&mut saying, LineName::GiveUp),
            Opening::None => {}
        }
        if saying.wording.is_none() && saying.awaits.is_none() {
            saying.say_ending(&mut self.outputs);
            self.begin_extraction();
        }
        self.begin(now, saying);
    }

    /// Has the clauses made ahead that would be said if these words were the caller's last.
    pub(super) fn rehearse(&mut self, said: &str) {
        let before = self.unanswered.before.as_ref().map(|(_, before)| format!("{before} "));
        let text = before.unwrap_or_default() + said;
        let (mut agenda, mut form) = (self.agenda.clone(), self.form.clone());
        let said = Said { turn: self.next_turn, text: &text, is_sure: true, unsure: &[], answers: self.question_heard };
        let Decision::Reply(opening, then) = agenda.hear(&mut form, said) else { return };
        if opening == Opening::Answer {
            self.draft_answer(&text);
        }
        let (_, ending) = self.ending(&agenda, &form, then);
        self.outputs.push_back(Output::Rehearse { clauses: ending.clauses });
    }

    fn ending(&self, agenda: &Agenda, form: &Form, then: Then) -> (LineName, Ending) {
        let (line, question, end) = match then {
            Then::Ask(question) => (question.line(), Some(question), None),
            Then::SayAgain => (LineName::DidNotCatch, None, None),
            Then::Farewell => (LineName::Farewell, None, Some(EndReason::Farewell)),
            Then::HandOn => (LineName::LeaveMessage, None, Some(EndReason::HandedOn)),
            Then::Escalate => (LineName::Connecting, None, None),
        };
        let clauses = self.line_with(agenda, form, line);
        (line, Ending { clauses, question, end, escalates: then == Then::Escalate })
    }

    /// Says a line that nobody asked for.
    pub(super) fn announce(&mut self, now: Instant, line: LineName, end: Option<EndReason>) {
        let ending = Ending { clauses: self.line(line), end, ..Ending::default() };
        let mut saying = Saying::new(self.take_turn_id(), origin(line), ending);
        saying.say_ending(&mut self.outputs);
        self.begin(now, saying);
    }

    /// Says what a caller had cut off for nothing.
    pub(super) fn say_after_all(&mut self, now: Instant, unsaid: Unsaid) {
        let mut saying = Saying::new(self.take_turn_id(), unsaid.origin, unsaid.rest);
        saying.say_ending(&mut self.outputs);
        self.begin(now, saying);
    }

    pub(super) fn say_line(&mut self, saying: &mut Saying, line: LineName) {
        for clause in self.line(line) {
            saying.say(&clause, &mut self.outputs);
        }
    }

    /// What a person who takes the call is told of it.
    pub(super) fn briefing(&self) -> LineVars {
        let known = |name| known(&self.form, name);
        let number = known(SlotName::Callback).and_then(|value| self.agenda.number(&value));
        LineVars {
            name: known(SlotName::Name),
            number: number.as_ref().or_else(|| self.agenda.caller()).map(speak_number),
            need: known(SlotName::Need),
            urgency: known(SlotName::Urgency),
            ..LineVars::default()
        }
    }

    fn line(&self, line: LineName) -> Vec<String> {
        self.line_with(&self.agenda, &self.form, line)
    }

    fn line_with(&self, agenda: &Agenda, form: &Form, line: LineName) -> Vec<String> {
        let number = if line == LineName::OfferCallback {
            agenda.caller().map(speak_number)
        } else {
            let number = known(form, SlotName::Callback).and_then(|value| agenda.number(&value));
            let speak = if line == LineName::ReadBackCallbackSlowly { speak_number_slowly } else { speak_number };
            number.as_ref().map(speak)
        };
        let (name, need) = (known(form, SlotName::Name), known(form, SlotName::Need));
        let email = known(form, SlotName::Email).map(|address| speak_email(&address));
        clauses(&self.prompt.line(line, &LineVars { name, number, need, email, ..LineVars::default() }))
    }

    pub(super) fn ask_model(&mut self, now: Instant, saying: &mut Saying) {
        self.generation = self.generation.next();
        saying.origin = Origin::Model;
        saying.wording = Some(Wording::new(self.generation));
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
        if self.saying.as_ref().is_some_and(|saying| saying.awaits.is_some()) {
            self.drop_draft();
            return self.found(now, Err(ModelFailure::Late));
        }
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
        if saying.wording.take().is_some_and(|wording| !wording.has_spoken()) {
            let line = LineName::FallbackAnswer;
            saying.origin = Origin::Fallback(line.as_str().to_owned());
            self.say_line(&mut saying, line);
            self.note_question(saying.answers.clone());
        }
        saying.say_ending(&mut self.outputs);
        self.saying = Some(saying);
        self.begin_extraction();
        self.watch_playout(now);
        self.finish_if_done(now);
    }

    /// Has the chat taken in ahead, where the model words answers itself.
    pub(super) fn prepare(&mut self) {
        if !self.config.words_freely {
            return;
        }
        self.outputs.push_back(Output::Prepare { messages: self.chat.messages().to_vec() });
    }
}

const fn warning(danger: Danger) -> LineName {
    match danger {
        Danger::Gas => LineName::DangerGas,
        Danger::CarbonMonoxide => LineName::DangerCarbonMonoxide,
        Danger::Fire => LineName::DangerFire,
        Danger::Sparking => LineName::DangerSparking,
        Danger::Water => LineName::DangerWater,
        Danger::Injury => LineName::DangerInjury,
    }
}

fn known(form: &Form, name: SlotName) -> Option<String> {
    form.get(name).map(|slot| slot.value.clone())
}

fn origin(line: LineName) -> Origin {
    Origin::Line(line.as_str().to_owned())
}

fn awaits(saying: &Saying, generation: Generation) -> bool {
    saying.wording.as_ref().is_some_and(|wording| wording.generation == generation)
}
