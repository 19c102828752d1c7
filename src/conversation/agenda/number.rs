//! The part of the policy that gets a telephone number right: offered, dictated, read back, keyed in.

use super::{Agenda, Change, Decision, Progress, Question, Said};
use crate::id::TurnId;
use crate::lead::{Answer, Evidence, Form, Slot, SlotName, Understood, correct_number, later_area_code};
use crate::phone::PhoneNumber;

/// Read-backs that may fail before the number is asked for by keypad, and at all.
const FAILURES_TO_KEYPAD: u8 = 2;
const MAX_FAILURES: u8 = 4;
/// Digits of a whole number in the longest plans that are dictated without a country code.
const WHOLE: usize = 10;
/// Nobody says so many digits in answer to another question unless they give a number.
const MOST_OF_NUMBER: usize = 7;
/// Words that mean the number the network gave.
const SAME_NUMBER: [&str; 5] = ["calling from", "same number", "this number", "this one", "the number i'm on"];

impl Agenda {
    /// Whether keys are digits of a number now.
    pub(in crate::conversation) fn wants_number(&self, form: &Form) -> bool {
        let is_wanted = self.wanted.contains(&SlotName::Callback);
        is_wanted && form.get(SlotName::Callback).is_none_or(|slot| !slot.confirmed)
    }

    /// Whether the keys make a number that can't be longer.
    pub(in crate::conversation) fn is_complete(&self, keys: &str) -> bool {
        PhoneNumber::parse(keys, &self.region).is_ok_and(|number| number.e164().starts_with("+1"))
    }

    /// The number that a spoken or stored text gives.
    pub(in crate::conversation) fn number(&self, text: &str) -> Option<PhoneNumber> {
        PhoneNumber::parse(text, &self.region).ok()
    }

    /// Takes the keys of the keypad.
    pub(in crate::conversation) fn keyed(&mut self, form: &mut Form, turn: TurnId, keys: &str) -> Decision {
        let stored = self.number(keys).is_some_and(|number| {
            self.store(form, SlotName::Callback, number.e164(), Evidence::Keypad(turn), keys, true);
            form.get(SlotName::Callback).is_some_and(|slot| slot.value == number.e164())
        });
        if !stored {
            if self.open.slot() != Some(SlotName::Callback) {
                self.open_question(Question::Keypad);
            }
            return self.missed(form);
        }
        self.misses = 0;
        self.is_fresh = true;
        self.left_out.retain(|name| *name != SlotName::Callback);
        self.proceed(form, super::Opening::None)
    }

    pub(super) fn number_question(&self, slot: Option<&Slot>) -> Option<Question> {
        let by_keypad = self.readback_failures >= FAILURES_TO_KEYPAD;
        match slot {
            _ if self.readback_failures >= MAX_FAILURES => None,
            Some(slot) if slot.confirmed => None,
            Some(slot) if self.is_fresh || !by_keypad => {
                let is_keyed = matches!(slot.evidence, Evidence::Keypad(_));
                let is_first = self.readback_failures == 0 || is_keyed;
                Some(if is_first { Question::ReadBack } else { Question::ReadBackSlowly })
            }
            None if self.caller.is_some() && !self.declined_own => Some(Question::OfferCallback),
            Some(_) => Some(Question::Keypad),
            None if by_keypad => Some(Question::Keypad),
            None => Some(Question::Callback),
        }
    }

    pub(super) fn answered_offer(&mut self, form: &mut Form, understood: &Understood, said: Said<'_>) -> Progress {
        if form.get(SlotName::Callback).is_some() {
            return Progress::Answered;
        }
        let means_own = understood.answer == Some(Answer::Yes) || names_own(said.text);
        if means_own && understood.answer != Some(Answer::No) && !understood.is_correction {
            self.take_own(form);
            self.confirm(form, SlotName::Callback);
            return Progress::Answered;
        }
        if understood.answer == Some(Answer::No) || understood.digits.len() >= 3 {
            self.declined_own = true;
            let progress = self.answered_number(form, understood, said);
            self.open_question(Question::Callback);
            return if matches!(progress, Progress::NotAnswered) && understood.digits.len() >= 3 {
                Progress::NotAnswered
            } else {
                Progress::Answered
            };
        }
        Progress::NotAnswered
    }

    pub(super) fn answered_number(&mut self, form: &mut Form, understood: &Understood, said: Said<'_>) -> Progress {
        let is_given = understood.values.iter().any(|(name, _)| *name == SlotName::Callback);
        if is_given && form.get(SlotName::Callback).is_some() {
            self.is_fresh = true;
            return Progress::Answered;
        }
        let joined = self.pieced(said.text, &understood.digits);
        if let Some(number) = self.number(&joined)
            && self.store(form, SlotName::Callback, number.e164(), Evidence::Turn(said.turn), &joined, true)
        {
            return Progress::Answered;
        }
        if self.caller.is_some() && names_own(said.text) {
            self.take_own(form);
            return Progress::Answered;
        }
        if !understood.digits.is_empty() {
            // Part of a number is no failure.
            self.misses = 0;
            // A number in three breaths; digits that make it too long begin it anew.
            self.partial = if joined.len() < WHOLE { joined } else { understood.digits.clone() };
        }
        Progress::NotAnswered
    }

    // The digits of this breath and the one before; an area code goes before what is known, also when it comes last.
    fn pieced(&self, said: &str, digits: &str) -> String {
        let is_last_part = self.partial.len() == 7 && digits.len() == 3;
        match later_area_code(said) {
            Some(area) if !self.partial.is_empty() => format!("{area}{}", self.partial),
            _ if is_last_part && self.number(&format!("{digits}{}", self.partial)).is_some() => {
                format!("{digits}{}", self.partial)
            }
            _ if digits.starts_with(&self.partial) => digits.to_owned(),
            _ => format!("{}{digits}", self.partial),
        }
    }

    /// Who gives a number unasked, and is not heard to its end, is asked for it; their own is not offered.
    pub(super) fn begin_number(&mut self, form: &Form, understood: &Understood) {
        self.declined_own |= form.get(SlotName::Callback).is_none() && understood.digits.len() >= MOST_OF_NUMBER;
    }

    pub(super) fn answered_read_back(&mut self, form: &mut Form, understood: &Understood, said: Said<'_>) -> Progress {
        let Some(known) = form.get(SlotName::Callback).and_then(|slot| self.number(&slot.value)) else {
            return self.answered_number(form, understood, said);
        };
        let corrected = correct_number(&known, said.text, &self.region);
        let is_same = corrected.as_ref() == Some(&known);
        match (understood.answer, corrected) {
            (Some(Answer::Yes), None) if !understood.is_correction => self.confirm(form, SlotName::Callback),
            (Some(Answer::Yes) | None, Some(_)) if is_same => self.confirm(form, SlotName::Callback),
            (_, Some(number)) if !is_same => {
                self.readback_failures += 1;
                self.store(form, SlotName::Callback, number.e164(), Evidence::Turn(said.turn), said.text, true);
                self.is_fresh = self.readback_failures < FAILURES_TO_KEYPAD;
            }
            (Some(Answer::No), _) => {
                self.readback_failures += 1;
                self.is_fresh = false;
                self.declined_own = true;
                if self.readback_failures < MAX_FAILURES && form.clear(SlotName::Callback) {
                    self.changes.push(Change::Cleared(SlotName::Callback));
                }
            }
            _ => return Progress::NotAnswered,
        }
        Progress::Answered
    }

    fn take_own(&mut self, form: &mut Form) {
        if let Some(number) = self.caller.clone() {
            self.store(form, SlotName::Callback, number.e164(), Evidence::CallerId, number.e164(), true);
        }
    }
}

/// Whether it means the number the network gave.
pub(in crate::conversation) fn names_own(said: &str) -> bool {
    let said = said.to_lowercase();
    let is_denied = said.contains("not ") || said.contains("n't");
    !is_denied && SAME_NUMBER.iter().any(|words| said.contains(words))
}
