//! The details of one call as they are known so far.

use super::slot::{Evidence, Slot, SlotName};

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
}

impl Form {
    /// An empty form; `wanted` says what to ask for.
    #[must_use]
    pub fn new(wanted: &[SlotName]) -> Self {
        Self { wanted: wanted.to_vec(), slots: Vec::new() }
    }

    /// Takes a value that was overheard or found in the background. It fills an empty slot, and replaces an unconfirmed value of an
    /// earlier turn; a confirmed value stays. `region` is the ISO 3166-1 code for telephone numbers without a country code.
    pub fn offer(
        &mut self,
        name: SlotName,
        value: &str,
        evidence: Evidence,
        evidence_text: &str,
        region: &str,
    ) -> Offered {
        unimplemented!("{:?}", (name, value, evidence, evidence_text, region, &self.slots))
    }

    /// Takes the caller's direct answer to a question about this slot, or a correction. It replaces what was known, also when that
    /// was confirmed; the new value is not confirmed.
    pub fn correct(
        &mut self,
        name: SlotName,
        value: &str,
        evidence: Evidence,
        evidence_text: &str,
        region: &str,
    ) -> Offered {
        unimplemented!("{:?}", (name, value, evidence, evidence_text, region, &self.slots))
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
}
