//! The part of the policy that gets an e-mail address right, where the prompt file wants one.

use super::{Agenda, Change, Progress, Question, Said};
use crate::lead::{Answer, Evidence, Form, Slot, SlotName, Understood};

/// So many read-backs may fail; then the address is left as it is.
const MAX_FAILURES: u8 = 2;

impl Agenda {
    pub(super) fn email_question(&self, slot: Option<&Slot>) -> Option<Question> {
        match slot {
            Some(slot) if slot.confirmed => None,
            _ if self.email_failures >= MAX_FAILURES => None,
            Some(_) => Some(Question::ReadBackEmail),
            None => Some(Question::Email),
        }
    }

    // Another address takes the place of the one that was read out; a mere "no" takes it away.
    pub(super) fn answered_email_read_back(
        &mut self,
        form: &mut Form,
        understood: &Understood,
        said: Said<'_>,
    ) -> Progress {
        let known = form.get(SlotName::Email).map(|slot| slot.value.clone());
        let given = understood.values.iter().find(|(name, _)| *name == SlotName::Email).map(|(_, value)| value);
        match (given, understood.answer) {
            (Some(given), _) if known.as_ref() != Some(given) => {
                self.email_failures += 1;
                self.store(form, SlotName::Email, given, Evidence::Turn(said.turn), said.text, true);
            }
            (Some(_), None | Some(Answer::Yes)) | (None, Some(Answer::Yes)) => self.confirm(form, SlotName::Email),
            (_, Some(Answer::No)) => {
                self.email_failures += 1;
                if form.clear(SlotName::Email) {
                    self.changes.push(Change::Cleared(SlotName::Email));
                }
            }
            _ => return Progress::NotAnswered,
        }
        Progress::Answered
    }
}
