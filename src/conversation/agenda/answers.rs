//! The part of the policy that judges an answer by its question.

use super::doubts::with_house_number;
use super::{Agenda, Decision, Opening, Progress, Question, Said, Then};
use crate::lead::{Answer, Evidence, Form, SlotName, Understood};

/// So few words may be a name the recogniser did not know.
const NAME_WORDS: usize = 4;

impl Agenda {
    pub(super) fn unprompted(understood: &Understood, said: Said<'_>, stored: bool) -> Progress {
        let speaks = stored || said.text.split_whitespace().count() >= 3;
        let is_question = understood.is_question || understood.wants_human;
        if is_question || !speaks { Progress::NotAnswered } else { Progress::Answered }
    }

    pub(super) fn answered(
        &mut self,
        form: &mut Form,
        understood: &Understood,
        said: Said<'_>,
        stored: bool,
    ) -> Progress {
        match self.open {
            Question::Name => self.answered_name(form, understood, said),
            Question::OfferCallback => self.answered_offer(form, understood, said),
            Question::Callback | Question::Keypad => self.answered_number(form, understood, said),
            Question::ReadBack | Question::ReadBackSlowly => self.answered_read_back(form, understood, said),
            Question::ReadBackEmail => self.answered_email_read_back(form, understood, said),
            Question::AddressAgain => self.answered_address_again(form, understood, said),
            Question::AnythingElse | Question::WhatElse => self.answered_anything_else(understood, said, stored),
            Question::NameSpelling => self.answered_spelling(form, understood),
            Question::Need | Question::Address | Question::Urgency | Question::PreferredTime | Question::Email => {
                let is_known = self.open.slot().is_some_and(|name| form.get(name).is_some());
                let is_given =
                    self.open.slot().is_some_and(|slot| understood.values.iter().any(|(name, _)| *name == slot));
                if is_known && is_given { Progress::Answered } else { Progress::NotAnswered }
            }
        }
    }

    fn answered_name(&mut self, form: &mut Form, understood: &Understood, said: Said<'_>) -> Progress {
        let is_named = form.get(SlotName::Name).is_some();
        let may_be_name = said.text.split_whitespace().count() <= NAME_WORDS && understood.answer.is_none();
        let is_doubtful = !said.is_sure || self.doubts.question(SlotName::Name).is_some();
        let needs_spelling = if is_named { is_doubtful } else { may_be_name && !understood.is_question };
        if needs_spelling && !self.doubts.has_asked(Question::NameSpelling) && !understood.wants_human {
            self.open_question(Question::NameSpelling);
            return Progress::Decided(Decision::Reply(Opening::None, Then::Ask(Question::NameSpelling)));
        }
        if is_named { Progress::Answered } else { Progress::NotAnswered }
    }

    // Whatever is said: it is not asked for a third time.
    fn answered_spelling(&mut self, form: &Form, understood: &Understood) -> Progress {
        self.begin_number(form, understood);
        if form.get(SlotName::Name).is_some() { Progress::Answered } else { Progress::NotAnswered }
    }

    // Whatever is said: it is not asked for a third time.
    fn answered_address_again(&mut self, form: &mut Form, understood: &Understood, said: Said<'_>) -> Progress {
        if let Some(whole) = with_house_number(form, understood, said.text) {
            self.store(form, SlotName::Address, &whole, Evidence::Turn(said.turn), &whole, true);
        }
        let is_question = understood.is_question || understood.wants_human;
        if is_question { Progress::NotAnswered } else { Progress::Answered }
    }

    fn answered_anything_else(&mut self, understood: &Understood, said: Said<'_>, stored: bool) -> Progress {
        let words = said.text.split_whitespace().count();
        if stored {
            return Progress::Answered;
        }
        if understood.is_question || understood.wants_human {
            return Progress::NotAnswered;
        }
        match understood.answer {
            Some(Answer::No) => Progress::Decided(Decision::Reply(Opening::None, Then::Farewell)),
            Some(Answer::Yes) if words <= 3 => {
                self.open_question(Question::WhatElse);
                Progress::Decided(Decision::Reply(Opening::None, Then::Ask(Question::WhatElse)))
            }
            _ if words >= 3 => {
                self.count_round();
                Progress::Answered
            }
            _ => Progress::NotAnswered,
        }
    }
}
