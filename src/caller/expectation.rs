//! What must come of a call, and whether it did.

use super::seen::Seen;
use crate::lead::{Slot, SlotName};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// The `[expect]` table of a script. Slots that it does not name may hold anything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The caller's name.
    pub name: Option<Rule>,
    /// Where to call back, E.164.
    pub callback: Option<Rule>,
    /// Where the work is.
    pub address: Option<Rule>,
    /// What is needed.
    pub need: Option<Rule>,
    /// `emergency`, `soon` or `routine`.
    pub urgency: Option<Rule>,
    /// When it suits.
    pub preferred_time: Option<Rule>,
    /// Where to write to.
    pub email: Option<Rule>,
    /// What was asked and not answered.
    pub question: Option<Rule>,
    /// Slots that must not be there.
    #[serde(default)]
    pub absent: Vec<SlotName>,
    /// Slots that the caller must have agreed to.
    #[serde(default)]
    pub confirmed: Vec<SlotName>,
    /// Slots that the caller must not be taken to have agreed to.
    #[serde(default)]
    pub not_confirmed: Vec<SlotName>,
    /// What the receptionist must have said in some turn.
    #[serde(default)]
    pub said: Vec<String>,
    /// What she must never have said.
    #[serde(default)]
    pub unsaid: Vec<String>,
    /// Whether a person was fetched; it counts only where the plan has somebody to fetch.
    pub escalated: Option<bool>,
    /// None of her turns may be cut off.
    #[serde(default)]
    pub uninterrupted: bool,
    /// How the conversation ends: a word of [`crate::call::Outcome`], or several with bars between.
    pub outcome: Option<String>,
    /// How many texts go out.
    #[serde(default = "one_text")]
    pub texts: u32,
}

const fn one_text() -> u32 {
    1
}

/// All that is not as the script expects, for people to read; empty when all is well.
#[must_use]
pub fn faults(expect: &Expect, seen: &Seen) -> Vec<String> {
    let mut faults: Vec<String> = compare(expect, &seen.slots).iter().map(ToString::to_string).collect();
    let is_confirmed = |name: SlotName| seen.slots.iter().any(|slot| slot.name == name && slot.confirmed);
    let unconfirmed = expect.confirmed.iter().filter(|name| !is_confirmed(**name));
    faults.extend(unconfirmed.map(|name| format!("{name}: is not confirmed")));
    let wrongly = expect.not_confirmed.iter().filter(|name| is_confirmed(**name));
    faults.extend(wrongly.map(|name| format!("{name}: is confirmed, though the caller did not agree")));
    let said = plain(&seen.said);
    let unsaid = expect.said.iter().filter(|wanted| !holds(&said, wanted));
    faults.extend(unsaid.map(|wanted| format!("the receptionist did not say `{wanted}`")));
    let forbidden = expect.unsaid.iter().filter(|wanted| holds(&said, wanted));
    faults.extend(forbidden.map(|wanted| format!("the receptionist said `{wanted}`")));
    if let (Some(wanted), Some(escalated)) = (expect.escalated, seen.escalated)
        && wanted != escalated
    {
        faults.push(if wanted { "no person was fetched" } else { "a person was fetched" }.to_owned());
    }
    if expect.uninterrupted && seen.cut > 0 {
        faults.push(format!("{} of the receptionist's turns were cut off, expected none", seen.cut));
    }
    if let Some(wanted) = &expect.outcome
        && !seen.outcome.as_deref().is_some_and(|outcome| wanted.split('|').any(|wanted| wanted == outcome))
    {
        faults.push(format!("the call ended as `{}`, expected `{wanted}`", seen.outcome.as_deref().unwrap_or("none")));
    }
    if seen.texts != expect.texts as usize {
        faults.push(format!("{} texts were delivered, expected {}", seen.texts, expect.texts));
    }
    faults
}

/// What a value must be. Capitals, outer space and punctuation at the end don't count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Rule {
    /// This.
    Exact(String),
    /// Holds all of these.
    Contains(Contains),
    /// One of these.
    Any(AnyOf),
}

/// `{ contains = ["burst|broken", "pipe"] }`: a bar parts what will do as well.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contains {
    /// All must occur.
    pub contains: Vec<String>,
}

/// `{ any = ["Maple Street", "Maple St"] }`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyOf {
    /// One must be the value.
    pub any: Vec<String>,
}

/// A slot that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Which slot.
    pub slot: SlotName,
    /// What the script expects.
    pub expected: String,
    /// What the lead holds.
    pub found: Option<String>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = self.found.as_deref().map_or_else(|| "nothing".to_owned(), |found| format!("`{found}`"));
        write!(f, "{}: expected {}, found {found}", self.slot, self.expected)
    }
}

/// Compares a lead's slots with what the script expects; empty when all is well.
#[must_use]
pub fn compare(expect: &Expect, slots: &[Slot]) -> Vec<Mismatch> {
    let found = |name: SlotName| slots.iter().find(|slot| slot.name == name).map(|slot| slot.value.clone());
    let wrong = expect.rules().into_iter().filter_map(|(slot, rule)| {
        let found = found(slot);
        let is_met = found.as_deref().is_some_and(|value| rule.is_met_by(value));
        (!is_met).then(|| Mismatch { slot, expected: rule.to_string(), found })
    });
    let too_much = expect.absent.iter().filter_map(|&slot| {
        let value = found(slot)?;
        Some(Mismatch { slot, expected: "nothing".to_owned(), found: Some(value) })
    });
    wrong.chain(too_much).collect()
}

impl Expect {
    /// The rules by slot, in the order of the names.
    #[must_use]
    pub fn rules(&self) -> BTreeMap<SlotName, &Rule> {
        let rule = |name| match name {
            SlotName::Name => self.name.as_ref(),
            SlotName::Callback => self.callback.as_ref(),
            SlotName::Address => self.address.as_ref(),
            SlotName::Need => self.need.as_ref(),
            SlotName::Urgency => self.urgency.as_ref(),
            SlotName::PreferredTime => self.preferred_time.as_ref(),
            SlotName::Email => self.email.as_ref(),
            SlotName::Question => self.question.as_ref(),
        };
        SlotName::ALL.into_iter().filter_map(|name| Some((name, rule(name)?))).collect()
    }

    /// The number to call back, where the script names one.
    pub(super) fn exact_callback(&self) -> Option<String> {
        match &self.callback {
            Some(Rule::Exact(number)) => Some(number.clone()),
            Some(Rule::Contains(_) | Rule::Any(_)) | None => None,
        }
    }

    /// The first key that makes no sense, and why.
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        const OUTCOMES: [&str; 10] = [
            "farewell",
            "caller_hung_up",
            "idle",
            "too_long",
            "failed",
            "fax",
            "line_tone",
            "voicemail",
            "no_message",
            "answered",
        ];
        let rules = self.rules();
        if let Some((name, _)) = rules.iter().find(|(_, rule)| rule.is_empty()) {
            return Err((name.to_string(), "is empty: say what it must be, or name it in `absent`".to_owned()));
        }
        if let Some(name) = self.absent.iter().find(|name| rules.contains_key(name)) {
            return Err(("absent".to_owned(), format!("`{name}` is expected above: remove one of the two")));
        }
        if let Some(name) = self.confirmed.iter().find(|name| self.not_confirmed.contains(name)) {
            return Err(("confirmed".to_owned(), format!("`{name}` is in `not_confirmed` too: remove one of the two")));
        }
        let mut outcomes = self.outcome.iter().flat_map(|outcomes| outcomes.split('|'));
        match outcomes.find(|outcome| !OUTCOMES.contains(outcome)) {
            Some(wrong) => {
                Err(("outcome".to_owned(), format!("`{wrong}` is no outcome: use one of {}", OUTCOMES.join(", "))))
            }
            None => Ok(()),
        }
    }
}

/// Whether a plain value holds one of the alternatives that bars part.
fn holds(value: &str, alternatives: &str) -> bool {
    alternatives.split('|').any(|wanted| value.contains(&plain(wanted)))
}

impl Rule {
    /// Whether a value is as wanted.
    #[must_use]
    pub fn is_met_by(&self, value: &str) -> bool {
        let value = plain(value);
        match self {
            Self::Exact(wanted) => value == plain(wanted),
            Self::Contains(all) => all.contains.iter().all(|part| holds(&value, part)),
            Self::Any(some) => some.any.iter().any(|wanted| value == plain(wanted)),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Exact(wanted) => wanted.is_empty(),
            Self::Contains(all) => all.contains.is_empty(),
            Self::Any(some) => some.any.is_empty(),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted =
            |texts: &[String], word: &str| texts.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(word);
        match self {
            Self::Exact(wanted) => write!(f, "`{wanted}`"),
            Self::Contains(all) => write!(f, "something with {}", quoted(&all.contains, " and ")),
            Self::Any(some) => write!(f, "{}", quoted(&some.any, " or ")),
        }
    }
}

fn plain(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ").trim_end_matches(['.', ',', '!', '?', ';', ':']).to_owned()
}
