//! The part of the policy that doubts what was heard: a detail that may well be another is asked for once more.

use super::{Question, Said};
use crate::lead::{
    Form, Slot, SlotName, Streets, Understood, address_from, is_doubtful_address, is_strange_name, last_name, respells,
    spelled_name,
};

/// A house number said alone takes so few words.
const NUMBER_WORDS: usize = 5;

/// Which details are in doubt, and which of them have been asked for again.
#[derive(Clone, Debug)]
pub(super) struct Doubts {
    streets: Streets,
    in_doubt: Vec<SlotName>,
    asked: Vec<Question>,
}

impl Doubts {
    pub(super) fn new(streets: &Streets) -> Self {
        Self { streets: streets.clone(), in_doubt: Vec::new(), asked: Vec::new() }
    }

    /// Takes in a detail that was stored as `value`.
    pub(super) fn stored(&mut self, name: SlotName, value: &str, said: Said<'_>) {
        let is_doubtful = match name {
            SlotName::Name => {
                let may_be_another = is_strange_name(value) || said.is_unsure_of(last_name(value));
                may_be_another && spelled_name(said.text).is_none()
            }
            SlotName::Address => is_doubtful_address(value, &self.streets),
            _ => false,
        };
        self.in_doubt.retain(|doubted| *doubted != name);
        self.in_doubt.extend(is_doubtful.then_some(name));
    }

    /// The question that settles it, which is asked once.
    pub(super) fn question(&self, name: SlotName) -> Option<Question> {
        let question = match name {
            SlotName::Name => Question::NameSpelling,
            SlotName::Address => Question::AddressAgain,
            _ => return None,
        };
        (self.in_doubt.contains(&name) && !self.has_asked(question)).then_some(question)
    }

    /// A question is asked.
    pub(super) fn ask(&mut self, question: Question) {
        if question.settles_doubt() {
            self.asked.push(question);
        }
    }

    pub(super) fn has_asked(&self, question: Question) -> bool {
        self.asked.contains(&question)
    }

    /// Whether what is known stays, although this value came when it was asked for once more.
    pub(super) fn keeps(&self, known: &Slot, value: &str, understood: &Understood, said: &str) -> bool {
        match known.name {
            SlotName::Name => !respells(&known.value, value, said),
            SlotName::Address => !understood.is_correction && self.is_worse_address(&known.value, value),
            _ => false,
        }
    }

    // Without a house number, or in an unknown street.
    fn is_worse_address(&self, known: &str, value: &str) -> bool {
        let lacks_number = |address: &str| address_from(address).is_none();
        let flaws = |address: &str| usize::from(lacks_number(address)) + usize::from(!self.streets.knows(address));
        flaws(value) > flaws(known) || lacks_number(value) && flaws(value) == flaws(known)
    }
}

impl Said<'_> {
    // Or of a part of it.
    fn is_unsure_of(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.unsure.iter().any(|unsure| unsure.word == name || name.split('-').any(|part| unsure.word == part))
    }
}

/// The known address with the house number in front that was said alone.
pub(super) fn with_house_number(form: &Form, understood: &Understood, said: &str) -> Option<String> {
    let known = form.get(SlotName::Address).filter(|slot| address_from(&slot.value).is_none())?;
    let is_number = understood.values.is_empty() && !understood.digits.is_empty();
    let is_alone = said.split_whitespace().count() <= NUMBER_WORDS;
    (is_number && is_alone).then(|| address_from(&format!("{} {}", understood.digits, known.value)))?
}
