//! Dialogue policy: what the caller's words do to the form, and which question comes next.
//!
//! One question is open at a time. Every detail is asked for again a few times at most, then left out, so that a conversation always ends.

mod answers;
mod doubts;
mod email;
mod number;
mod person;
mod question;

use super::config::ConversationConfig;
use super::protocol::UnsureWord;
use crate::id::TurnId;
use crate::lead::{
    Danger, Evidence, Form, Offered, Slot, SlotName, Streets, Understood, danger, is_calming, understand,
};
use crate::phone::PhoneNumber;
use doubts::Doubts;
pub(super) use number::names_own;
use person::PersonWanted;
pub(super) use question::Question;

/// So many further matters may follow "anything else?".
const MAX_ROUNDS: u8 = 4;

/// How a reply opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// At once with what follows.
    None,
    /// With a short thanks.
    Thanks,
    /// By saying that it is taken down.
    Noted,
    /// By saying that nobody came.
    Sorry,
    /// By saying that the caller can't be understood.
    Trouble,
    /// With an answer to the caller's question.
    Answer,
    /// By saying who speaks.
    WhoIAm,
    /// With what to do at once in danger.
    Warning(Danger),
}

/// How a reply goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// With a question.
    Ask(Question),
    /// By saying that nothing was understood; the question stays open.
    SayAgain,
    /// With the farewell.
    Farewell,
    /// By leaving the caller to what the plan has next, which is usually the voicemail.
    HandOn,
    /// By asking for a person.
    Escalate,
}

/// What to do after the caller's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing: the caller is not done.
    Listen,
    /// Speak.
    Reply(Opening, Then),
}

/// What became of a detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It is new, changed or confirmed.
    Set(Slot),
    /// It was taken back.
    Cleared(SlotName),
}

/// The caller's words, ready to be understood.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'a> {
    /// The turn that proves them.
    pub(super) turn: TurnId,
    /// The words, with those of turns that got no answer before them.
    pub(super) text: &'a str,
    /// Whether the recogniser was sure of them.
    pub(super) is_sure: bool,
    /// Those that it was not so sure of.
    pub(super) unsure: &'a [UnsureWord],
    /// Whether the open question had been heard before.
    pub(super) answers: bool,
}

impl Decision {
    /// Whether the caller's question gets an answer.
    pub(super) const fn answers(self) -> bool {
        matches!(self, Self::Reply(Opening::Answer, _))
    }
}

// How far an utterance brought the open question.
enum Progress {
    Answered,
    NotAnswered,
    Decided(Decision),
}

/// What matters first when somebody is in danger: where, and how to reach them. When it suits is no question then.
const ORDER_IN_DANGER: [SlotName; 5] =
    [SlotName::Address, SlotName::Callback, SlotName::Need, SlotName::Name, SlotName::Urgency];

/// The policy's state.
#[derive(Clone, Debug)]
pub(super) struct Agenda {
    region: String,
    wanted: Vec<SlotName>,
    caller: Option<PhoneNumber>,
    open: Question,
    max_reasks: u8,
    reasks: u8,
    misses: u8,
    rounds: u8,
    left_out: Vec<SlotName>,
    person: PersonWanted,
    doubts: Doubts,
    // The dangers that the caller was warned of.
    warned: Vec<Danger>,
    has_thanked: bool,
    declined_own: bool,
    readback_failures: u8,
    email_failures: u8,
    // A number that was given after the last read-back failed and waits for its own.
    is_fresh: bool,
    partial: String,
    changes: Vec<Change>,
}

impl Agenda {
    pub(super) fn new(region: &str, wanted: &[SlotName], streets: &Streets, config: &ConversationConfig) -> Self {
        Self {
            region: region.to_owned(),
            wanted: wanted.to_vec(),
            caller: None,
            open: Question::Need,
            max_reasks: config.max_reasks,
            reasks: 0,
            misses: 0,
            rounds: 0,
            left_out: Vec::new(),
            person: PersonWanted::new(config.escalates),
            doubts: Doubts::new(streets),
            warned: Vec::new(),
            has_thanked: false,
            declined_own: false,
            readback_failures: 0,
            email_failures: 0,
            is_fresh: false,
            partial: String::new(),
            changes: Vec::new(),
        }
    }

    /// The number the network gave.
    pub(super) fn set_caller(&mut self, caller: Option<PhoneNumber>) {
        self.caller = caller;
    }

    /// The number the network gave.
    pub(super) fn caller(&self) -> Option<&PhoneNumber> {
        self.caller.as_ref()
    }

    /// The question whose answer is awaited.
    pub(super) fn open(&self) -> Question {
        self.open
    }

    /// What happened to the form since the last call.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// Understands a turn and decides what comes next.
    pub(super) fn hear(&mut self, form: &mut Form, mut said: Said<'_>) -> Decision {
        // Callers say what they need also when they did not let the greeting end.
        said.answers |= self.open == Question::Need;
        let asked = if said.answers { self.open.asked() } else { Question::AnythingElse.asked() };
        let understood = understand(asked, said.text, &self.region);
        if understood.is_filler {
            return Decision::Listen;
        }
        let stored = self.take_values(form, &understood, said);
        if let Some(danger) = danger(said.text).filter(|danger| !self.warned.contains(danger)) {
            return self.warn(form, &understood, danger, said);
        }
        if understood.is_goodbye {
            return Decision::Reply(Opening::None, Then::Farewell);
        }
        if understood.wants_repeat {
            return Decision::Reply(Opening::None, Then::Ask(self.open));
        }
        let progress = if said.answers {
            self.answered(form, &understood, said, stored)
        } else {
            Self::unprompted(&understood, said, stored)
        };
        let decision = self.decide(form, &understood, said, &progress);
        if self.wants_person(form, &understood) {
            return Decision::Reply(Opening::None, Then::Escalate);
        }
        if understood.wants_human && self.person.is_refused_again() {
            return Decision::Reply(Opening::None, Then::HandOn);
        }
        decision
    }

    fn decide(&mut self, form: &Form, understood: &Understood, said: Said<'_>, progress: &Progress) -> Decision {
        let is_open_question = understood.is_question || understood.wants_human || understood.asks_who;
        match progress {
            Progress::Decided(decision) => *decision,
            Progress::Answered => {
                self.misses = 0;
                let opening = self.opening(is_open_question, understood);
                self.proceed(form, opening)
            }
            Progress::NotAnswered if is_open_question => {
                self.misses = 0;
                self.count_round();
                let opening = self.opening(true, understood);
                self.ask_on(form, opening)
            }
            Progress::NotAnswered if said.answers => self.missed(form),
            Progress::NotAnswered => self.unheard(form),
        }
    }

    /// Takes what can be taken from words that will get no answer any more.
    pub(super) fn overhear(&mut self, form: &mut Form, said: Said<'_>) {
        let asked = if said.answers { self.open.asked() } else { Question::AnythingElse.asked() };
        let understood = understand(asked, said.text, &self.region);
        self.take_values(form, &understood, said);
        if said.answers && matches!(self.open, Question::ReadBack | Question::OfferCallback | Question::ReadBackEmail) {
            self.answered(form, &understood, said, false);
        }
    }

    /// Nothing could be understood.
    pub(super) fn missed(&mut self, form: &Form) -> Decision {
        self.misses += 1;
        self.reasks += 1;
        if self.is_hopeless(form) {
            return self.give_up();
        }
        if self.reasks > self.max_reasks {
            return self.leave_out(form, Opening::None);
        }
        // What was not understood may have been a "no": a number is confirmed only by who has just heard it.
        let then = if self.reasks == 1 && !self.open.reads_back() { Then::SayAgain } else { Then::Ask(self.open) };
        Decision::Reply(Opening::None, then)
    }

    // Words before the question was heard can't answer it.
    fn unheard(&mut self, form: &Form) -> Decision {
        self.misses += 1;
        if self.is_hopeless(form) { self.give_up() } else { self.again() }
    }

    /// What to go on with when nobody answers a question that only settles a doubt.
    pub(super) fn leave_doubt(&mut self, form: &Form) -> Decision {
        self.proceed(form, Opening::None)
    }

    /// The question to go on with after an interruption that meant nothing.
    pub(super) fn again(&self) -> Decision {
        Decision::Reply(Opening::None, Then::Ask(self.open))
    }

    // Thanks for every answer would sound like a machine, and keep the next question waiting.
    fn opening(&mut self, is_question: bool, understood: &Understood) -> Opening {
        let is_need = matches!(self.open, Question::Need | Question::WhatElse);
        if understood.wants_human {
            Opening::Sorry
        } else if understood.asks_who {
            Opening::WhoIAm
        } else if is_question {
            Opening::Answer
        } else if is_need || understood.values.is_empty() && self.open == Question::AnythingElse {
            Opening::Noted
        } else {
            self.has_thanked = !self.has_thanked;
            if self.has_thanked { Opening::Thanks } else { Opening::None }
        }
    }

    // Stores every detail the words give; true when one is new or changed.
    fn take_values(&mut self, form: &mut Form, understood: &Understood, said: Said<'_>) -> bool {
        let mut stored = false;
        for (name, value) in &understood.values {
            if said.answers && self.open.reads_back() && self.open.slot() == Some(*name) {
                continue;
            }
            let is_again = said.answers && self.open.settles_doubt() && self.open.slot() == Some(*name);
            let is_kept = |known: &Slot| self.doubts.keeps(known, value, understood, said.text);
            if is_again && form.get(*name).is_some_and(is_kept) {
                continue;
            }
            let is_need_again = *name == SlotName::Need && form.get(*name).is_some();
            if is_need_again && !(said.answers && self.open == Question::Need) {
                continue;
            }
            let is_direct = understood.is_correction || said.answers && self.open.slot() == Some(*name);
            if self.store(form, *name, value, Evidence::Turn(said.turn), said.text, is_direct) {
                let value = form.get(*name).map_or(value.as_str(), |slot| &slot.value);
                self.doubts.stored(*name, value, said);
                stored = true;
            }
        }
        stored
    }

    fn store(
        &mut self,
        form: &mut Form,
        name: SlotName,
        value: &str,
        evidence: Evidence,
        text: &str,
        is_direct: bool,
    ) -> bool {
        if name == SlotName::Urgency && is_calming(form, value, text) {
            return false;
        }
        let offered = if is_direct {
            form.correct(name, value, evidence, text, &self.region)
        } else {
            form.offer(name, value, evidence, text, &self.region)
        };
        match offered {
            Offered::Stored(slot) => {
                self.is_fresh |= name == SlotName::Callback;
                self.changes.push(Change::Set(slot));
                true
            }
            Offered::Unchanged | Offered::Refused(_) => false,
        }
    }

    fn confirm(&mut self, form: &mut Form, name: SlotName) {
        self.changes.extend(form.confirm(name).map(Change::Set));
    }

    fn count_round(&mut self) {
        if matches!(self.open, Question::AnythingElse | Question::WhatElse) {
            self.rounds += 1;
        }
    }

    // After an answer: the next question, which may be the same one when the answer held something else.
    fn proceed(&mut self, form: &Form, opening: Opening) -> Decision {
        let next = self.next(form);
        if next == Some(self.open) && !matches!(self.open, Question::AnythingElse) {
            self.reasks += 1;
            if self.reasks > self.max_reasks {
                return self.leave_out(form, opening);
            }
        }
        self.ask(next, opening)
    }

    // After a question of the caller: the open question, unless it got its answer on the way.
    fn ask_on(&mut self, form: &Form, opening: Opening) -> Decision {
        let next = if self.open == Question::NameSpelling { Some(self.open) } else { self.next(form) };
        self.ask(next, opening)
    }

    fn leave_out(&mut self, form: &Form, opening: Opening) -> Decision {
        match self.open.slot() {
            Some(name) => self.left_out.push(name),
            None => return Decision::Reply(opening, Then::Farewell),
        }
        let next = self.next(form);
        self.ask(next, opening)
    }

    fn ask(&mut self, next: Option<Question>, opening: Opening) -> Decision {
        let Some(question) = next else {
            return Decision::Reply(opening, Then::Farewell);
        };
        self.open_question(question);
        let is_doubting = question.reads_back() || matches!(question, Question::Keypad | Question::AddressAgain);
        let opening = if opening == Opening::Thanks && is_doubting { Opening::None } else { opening };
        Decision::Reply(opening, Then::Ask(question))
    }

    fn open_question(&mut self, question: Question) {
        if question != self.open {
            self.reasks = 0;
            self.partial.clear();
        }
        self.doubts.ask(question);
        self.open = question;
    }

    /// The next question by what is known; None when all was said.
    fn next(&self, form: &Form) -> Option<Question> {
        let order: &[SlotName] = if self.warned.is_empty() { &SlotName::ALL } else { &ORDER_IN_DANGER };
        let open = order.iter().copied().filter(|name| self.wanted.contains(name) && !self.left_out.contains(name));
        open.into_iter().find_map(|name| self.question_for(form, name)).or_else(|| {
            let has_room = self.rounds < MAX_ROUNDS;
            has_room.then_some(Question::AnythingElse)
        })
    }

    fn question_for(&self, form: &Form, name: SlotName) -> Option<Question> {
        match (name, form.get(name)) {
            (SlotName::Callback, slot) => self.number_question(slot),
            (SlotName::Email, slot) => self.email_question(slot),
            (name, Some(_)) => self.doubts.question(name),
            (SlotName::Question, None) => None,
            (SlotName::Need, None) => Some(Question::Need),
            (SlotName::Name, None) => Some(Question::Name),
            (SlotName::Address, None) => Some(Question::Address),
            (SlotName::Urgency, None) => Some(Question::Urgency),
            (SlotName::PreferredTime, None) => Some(Question::PreferredTime),
        }
    }
}
