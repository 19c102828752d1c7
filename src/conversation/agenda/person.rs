//! The part of the policy that brings people in: for who is in danger, for who asks for a person, and where the conversation does not work.

use super::{Agenda, Decision, Opening, Said, Then};
use crate::lead::{Danger, Evidence, Form, SlotName, Understood, Urgency};

/// A person is looked for so often in one conversation.
const MAX_ESCALATIONS: u8 = 2;
/// So many turns in a row without sense show that it does not work: a person is looked for, else a message is taken.
const MAX_MISSES: u8 = 3;
/// So many, once it is known what is needed and where to call back: then a detail is left out instead.
const MAX_MISSES_KNOWN: u8 = 6;

/// How often a person may still be looked for, and what became of it so far.
#[derive(Clone, Debug)]
pub(super) struct PersonWanted {
    tries_left: u8,
    has_alarmed: bool,
    // The caller was told that nobody can come.
    was_refused: bool,
    // It does not work without one.
    has_given_up: bool,
}

impl PersonWanted {
    pub(super) fn new(escalates: bool) -> Self {
        let tries_left = if escalates { MAX_ESCALATIONS } else { 0 };
        Self { tries_left, has_alarmed: false, was_refused: false, has_given_up: false }
    }

    /// Tells the caller that nobody can come: whether they were told before.
    pub(super) fn is_refused_again(&mut self) -> bool {
        std::mem::replace(&mut self.was_refused, true)
    }
}

impl Agenda {
    // What keeps people safe comes before anything else; then where they are and how to reach them, and then somebody is fetched.
    pub(super) fn warn(
        &mut self,
        form: &mut Form,
        understood: &Understood,
        danger: Danger,
        said: Said<'_>,
    ) -> Decision {
        self.warned.push(danger);
        self.misses = 0;
        let emergency = Urgency::Emergency.as_str();
        self.store(form, SlotName::Urgency, emergency, Evidence::Turn(said.turn), said.text, true);
        if said.answers {
            self.answered(form, understood, said, true);
        }
        let opening = Opening::Warning(danger);
        if self.wants_person(form, understood) {
            return Decision::Reply(opening, Then::Escalate);
        }
        self.ask_on(form, opening)
    }

    // Whether somebody who comes would know where to, and whom to call.
    fn is_located(&self, form: &Form) -> bool {
        let is_settled =
            |name| form.get(name).is_some() || self.left_out.contains(&name) || !self.wanted.contains(&name);
        is_settled(SlotName::Address) && (self.caller.is_some() || is_settled(SlotName::Callback))
    }

    // Whether somebody is fetched now: the caller asks for a person, or is in danger.
    pub(super) fn wants_person(&mut self, form: &Form, understood: &Understood) -> bool {
        let is_emergency = form.get(SlotName::Urgency).is_some_and(|slot| slot.value == Urgency::Emergency.as_str());
        let is_time = is_emergency && (self.warned.is_empty() || self.is_located(form));
        let is_wanted = understood.wants_human || is_time && !self.person.has_alarmed;
        if !is_wanted || self.person.tries_left == 0 {
            return false;
        }
        self.person.tries_left -= 1;
        self.person.has_alarmed |= is_emergency;
        true
    }

    /// How to go on when nobody came.
    pub(in crate::conversation) fn resumed(&mut self) -> Decision {
        self.person.was_refused = true;
        if self.person.has_given_up {
            return Decision::Reply(Opening::None, Then::HandOn);
        }
        Decision::Reply(Opening::Sorry, Then::Ask(self.open))
    }

    // A lead that can be worked with is worth more than a message: it only lacks a detail.
    pub(super) fn is_hopeless(&self, form: &Form) -> bool {
        let has_number = self.caller.is_some() || form.get(SlotName::Callback).is_some();
        let is_known = form.get(SlotName::Need).is_some() && has_number;
        self.misses >= if is_known { MAX_MISSES_KNOWN } else { MAX_MISSES }
    }

    /// It does not work: a person if there is one to look for, else what the plan has next.
    pub(in crate::conversation) fn give_up(&mut self) -> Decision {
        let then = if self.person.tries_left > 0 && !self.person.has_given_up { Then::Escalate } else { Then::HandOn };
        self.person.tries_left = self.person.tries_left.saturating_sub(1);
        self.person.has_given_up = true;
        Decision::Reply(Opening::Trouble, then)
    }
}
