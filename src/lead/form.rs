//! The details of one call as they are known so far.

use super::calendar::date_of;
use super::email::email_from;
use super::evidence::supports;
use super::name::{as_name, from_spelling, resembles_part, with_spelling};
use super::number::number_from;
use super::slot::{Evidence, Slot, SlotName, Urgency};
use super::spelling::spelled_name;
use super::words::words;
use crate::id::TurnId;
use crate::phone::PhoneNumber;
use jiff::Zoned;

/// Why a value was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its digits or words occur nowhere in what the caller said.
    NotInEvidence,
    /// It is no value of this kind: a number that no numbering plan holds, an empty text.
    NotAValue,
    /// The caller confirmed another value, or a newer one is known.
    Settled,
}

/// What became of an offered value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offered {
    /// It is the slot's value now, not confirmed.
    Stored(Slot),
    /// The slot held this value already.
    Unchanged,
    /// It was not taken.
    Refused(Refusal),
}

/// The details of one call.
#[derive(Clone, Debug)]
pub struct Form {
    wanted: Vec<SlotName>,
    slots: Vec<Slot>,
    present: Option<Zoned>,
}

impl Form {
    /// An empty form; `wanted` says what to ask for.
    #[must_use]
    pub fn new(wanted: &[SlotName]) -> Self {
        Self { wanted: wanted.to_vec(), slots: Vec::new(), present: None }
    }

    /// Says what time it is where the business is. From then on a preferred time is stored with the date that the caller's words
    /// mean, where they mean one: `Thursday after three (Thu Dec 3, after 15:00)`.
    pub fn set_present(&mut self, now: Zoned) {
        self.present = Some(now);
    }

    /// Takes a value that was overheard or found in the background. It fills an empty slot, and replaces an unconfirmed value of an
    /// earlier turn; a confirmed value stays. `evidence_text` holds the caller's words (all breaths of a number given in several, the
    /// keys of a keypad) and isn't needed for [`Evidence::CallerId`]. `region` is the ISO 3166-1 code for numbers without a country code.
    pub fn offer(
        &mut self,
        name: SlotName,
        value: &str,
        evidence: Evidence,
        evidence_text: &str,
        region: &str,
    ) -> Offered {
        let value = match self.checked(name, value, evidence, evidence_text, region) {
            Ok(value) => self.dated(name, value),
            Err(refusal) => return Offered::Refused(refusal),
        };
        match self.get(name) {
            Some(slot) if slot.value == value => Offered::Unchanged,
            Some(slot) if slot.confirmed || age(evidence) <= age(slot.evidence) => Offered::Refused(Refusal::Settled),
            _ => self.store(name, value, evidence),
        }
    }

    /// Takes the caller's direct answer to a question about this slot, or a correction. It replaces what was known, also when that
    /// was confirmed; the new value is not confirmed. A spelled part of a name takes the place of the part it resembles, and so does one
    /// that is said alone.
    pub fn correct(
        &mut self,
        name: SlotName,
        value: &str,
        evidence: Evidence,
        evidence_text: &str,
        region: &str,
    ) -> Offered {
        let value = match self.checked(name, value, evidence, evidence_text, region) {
            Ok(value) => self.dated(name, self.completed(name, value, evidence_text)),
            Err(refusal) => return Offered::Refused(refusal),
        };
        match self.get(name) {
            Some(slot) if slot.value == value => Offered::Unchanged,
            _ => self.store(name, value, evidence),
        }
    }

    /// Keeps a question that got no answer, after those before it. Gives the slot.
    pub fn note_question(&mut self, turn: TurnId, question: &str) -> Slot {
        let before = self.get(SlotName::Question).map(|slot| format!("{} / ", slot.value)).unwrap_or_default();
        let value = format!("{before}{}", question.split_whitespace().collect::<Vec<_>>().join(" "));
        let slot = Slot { name: SlotName::Question, value, evidence: Evidence::Turn(turn), confirmed: false };
        self.clear(SlotName::Question);
        self.slots.push(slot.clone());
        slot
    }

    /// The caller agreed to the value that was read out. Gives the slot, unless it is empty.
    pub fn confirm(&mut self, name: SlotName) -> Option<Slot> {
        let slot = self.slots.iter_mut().find(|slot| slot.name == name)?;
        slot.confirmed = true;
        Some(slot.clone())
    }

    /// Forgets a value; true when there was one.
    pub fn clear(&mut self, name: SlotName) -> bool {
        let before = self.slots.len();
        self.slots.retain(|slot| slot.name != name);
        self.slots.len() < before
    }

    /// What is known of one detail.
    #[must_use]
    pub fn get(&self, name: SlotName) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.name == name)
    }

    /// The next wanted detail that is not known, in asking order ([`SlotName::ALL`]).
    #[must_use]
    pub fn missing(&self) -> Option<SlotName> {
        SlotName::ALL.into_iter().find(|name| self.wanted.contains(name) && self.get(*name).is_none())
    }

    /// All that is known, in asking order.
    #[must_use]
    pub fn slots(&self) -> Vec<Slot> {
        SlotName::ALL.into_iter().filter_map(|name| self.get(name).cloned()).collect()
    }

    /// Whether every wanted detail is known.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing().is_none()
    }

    fn checked(
        &self,
        name: SlotName,
        value: &str,
        evidence: Evidence,
        text: &str,
        region: &str,
    ) -> Result<String, Refusal> {
        let value = normalised(name, value, region).ok_or(Refusal::NotAValue)?;
        let proven = match evidence {
            Evidence::CallerId => name == SlotName::Callback,
            Evidence::Turn(_) | Evidence::Keypad(_) => supports(name, &value, text, region, self.get(name)),
        };
        proven.then_some(value).ok_or(Refusal::NotInEvidence)
    }

    // "W H I T ..." after "Dana Whitfeld" corrects the last name and keeps the first; so does "Whitfield, the usual way".
    fn completed(&self, name: SlotName, value: String, text: &str) -> String {
        let part = name == SlotName::Name && !value.contains(' ');
        let is_spelled = part && spelled_name(text).is_some();
        match self.get(name) {
            Some(known) if is_spelled || part && resembles_part(&known.value, &value) => {
                with_spelling(&known.value, &value, &words(text))
            }
            None if is_spelled => from_spelling(&value, &words(text)),
            _ => value,
        }
    }

    fn dated(&self, name: SlotName, value: String) -> String {
        let present = self.present.as_ref().filter(|_| name == SlotName::PreferredTime);
        match present.and_then(|now| date_of(&value, now)) {
            Some(date) => format!("{value} ({date})"),
            None => value,
        }
    }

    fn store(&mut self, name: SlotName, value: String, evidence: Evidence) -> Offered {
        let slot = Slot { name, value, evidence, confirmed: false };
        self.clear(name);
        self.slots.push(slot.clone());
        Offered::Stored(slot)
    }
}

// The network's number is older than anything the caller says.
fn age(evidence: Evidence) -> Option<u32> {
    match evidence {
        Evidence::CallerId => None,
        Evidence::Turn(turn) | Evidence::Keypad(turn) => Some(turn.0),
    }
}

fn normalised(name: SlotName, value: &str, region: &str) -> Option<String> {
    let plain = value.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = plain.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '#' | '(' | ')'));
    if plain.is_empty() {
        return None;
    }
    match name {
        SlotName::Callback => {
            let number = PhoneNumber::parse(plain, region).ok().or_else(|| number_from(plain, region, false))?;
            Some(number.e164().to_owned())
        }
        SlotName::Name => {
            plain.chars().all(|c| !c.is_numeric()).then(|| plain.split(' ').map(written).collect::<Vec<_>>().join(" "))
        }
        SlotName::Urgency => {
            let lower = plain.to_lowercase();
            let known = [Urgency::Emergency, Urgency::Soon, Urgency::Routine];
            known.into_iter().find(|urgency| urgency.as_str() == lower).map(|urgency| urgency.as_str().to_owned())
        }
        SlotName::Email => email_from(plain, true),
        SlotName::Address | SlotName::Need | SlotName::PreferredTime | SlotName::Question => Some(plain.to_owned()),
    }
}

fn written(part: &str) -> String {
    let mixed = part.starts_with(char::is_uppercase) && part.chars().any(char::is_lowercase);
    if mixed { part.to_owned() } else { as_name(part) }
}
