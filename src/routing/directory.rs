//! Who gets a call when: the plan for the number called, the caller and the hour.

use super::queue::{Member, Queue};
use super::{Destination, Endpoint, Group, GroupId, Hours, HoursKind, PersonId, Plan, QueueId, Step, TransferCode};
use crate::phone::PhoneNumber;
use jiff::Timestamp;
use std::collections::HashSet;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// The status with which blocked callers are refused everywhere (RFC 3261, 21.6.2).
const DECLINE: u16 = 603;

/// Everything that decides who gets a call. The default knows nobody: the receptionist takes every call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// When it is open.
    pub hours: Hours,
    /// The numbers that are called, and their plans.
    pub numbers: Vec<NumberPlans>,
    /// The plans, each under its own name.
    pub plans: Vec<Plan>,
    /// The people, each with a name of their own.
    pub people: Vec<Person>,
    /// The groups, each with a name of its own.
    pub groups: Vec<Group>,
    /// The lines, each with a name of its own.
    pub queues: Vec<Queue>,
    /// Extensions, each once, and whom they name.
    pub extensions: Vec<(String, Destination)>,
    /// The keys that pass a call on, before an extension.
    pub transfer_code: TransferCode,
    /// Callers that get a number's plan for VIPs.
    pub vip: HashSet<PhoneNumber>,
    /// Callers that are refused.
    pub blocked: HashSet<PhoneNumber>,
}

/// Somebody who can be rung.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// Whether they answer in a page of their browser.
    pub browser: bool,
    /// The user name of their SIP phone.
    pub phone: Option<String>,
    /// Their cell's number.
    pub cell: Option<PhoneNumber>,
}

/// The plans of one number, each by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberPlans {
    /// The number; without one, every number that is not listed.
    pub number: Option<PhoneNumber>,
    /// Within the hours.
    pub open: Option<String>,
    /// Outside them.
    pub closed: Option<String>,
    /// On a holiday; without one, as outside the hours.
    pub holiday: Option<String>,
    /// For VIPs, at any hour.
    pub vip: Option<String>,
}

/// What is to be done with a call, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is tried.
    pub plan: Plan,
    /// One line for each decision, in order. Numbers are shown by their last digits only.
    pub why: Vec<String>,
}

impl Directory {
    /// Chooses the plan for a call. `to` is the number called, when `called` (the user part of the request) is one; `from` is the
    /// caller's, unless withheld.
    #[must_use]
    pub fn choose(&self, to: Option<&PhoneNumber>, called: &str, from: Option<&PhoneNumber>, at: Timestamp) -> Choice {
        let mut why = Vec::new();
        if let Some(caller) = from.filter(|caller| self.blocked.contains(caller)) {
            why.push(format!("the caller {caller} is blocked"));
            return Choice { plan: refusal(), why };
        }
        let name = self.entry(to, called, &mut why).and_then(|entry| self.plan_name(entry, from, at, &mut why));
        let plan = name.and_then(|name| {
            let plan = self.plan(name);
            why.push(match plan {
                Some(_) => format!("plan \"{name}\" runs"),
                None => format!("no plan is called \"{name}\""),
            });
            plan.cloned()
        });
        let plan = plan.unwrap_or_else(|| {
            why.push("so the receptionist takes the call".to_owned());
            Plan::receptionist_only()
        });
        Choice { plan, why }
    }

    /// The plan of this name.
    #[must_use]
    pub fn plan(&self, name: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.name == name)
    }

    /// Whether it is one of the numbers that are answered here.
    #[must_use]
    pub fn is_own(&self, number: &PhoneNumber) -> bool {
        self.numbers.iter().any(|entry| entry.number.as_ref() == Some(number))
    }

    /// The person of this name.
    #[must_use]
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == *id)
    }

    /// The group of this name.
    #[must_use]
    pub fn group(&self, id: &GroupId) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == *id)
    }

    /// The queue of this name.
    #[must_use]
    pub fn queue(&self, id: &QueueId) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.id == *id)
    }

    /// Who takes calls of queues; once for each of their queues.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.queues.iter().flat_map(|queue| &queue.members)
    }

    fn entry(&self, to: Option<&PhoneNumber>, called: &str, why: &mut Vec<String>) -> Option<&NumberPlans> {
        let own = to.and_then(|to| self.numbers.iter().find(|entry| entry.number.as_ref() == Some(to)));
        let default = || self.numbers.iter().find(|entry| entry.number.is_none());
        let shown = to.map_or_else(|| shown(called), PhoneNumber::to_string);
        let entry = own.or_else(default);
        why.push(match (own, entry) {
            (Some(_), _) => format!("{shown} was called, which is listed"),
            (None, Some(_)) => {
                format!("{shown} was called, which is not listed: the default for all other numbers holds")
            }
            (None, None) => format!("{shown} was called, which is not listed, and there is no default"),
        });
        entry
    }

    fn plan_name<'a>(
        &self,
        entry: &'a NumberPlans,
        from: Option<&PhoneNumber>,
        at: Timestamp,
        why: &mut Vec<String>,
    ) -> Option<&'a str> {
        if let Some(caller) = from.filter(|caller| self.vip.contains(caller)) {
            if let Some(name) = &entry.vip {
                why.push(format!("the caller {caller} is a VIP: the hours don't matter"));
                return Some(name);
            }
            why.push(format!("the caller {caller} is a VIP, but the number has no plan for VIPs"));
        }
        let state = self.hours.state(at);
        let clock = self.hours.zone.to_datetime(at).strftime("%A %Y-%m-%d %H:%M");
        let zone = self.hours.zone.iana_name().unwrap_or("local time");
        why.push(format!("{clock} ({zone}) counts as {}: {}", state.kind, state.why));
        let name = entry.plan_name(state.kind);
        if name.is_none() {
            why.push(format!("the number has no \"{}\" plan", state.kind));
        }
        name
    }
}

impl NumberPlans {
    /// The name of the plan that holds while the hours are so.
    #[must_use]
    pub fn plan_name(&self, kind: HoursKind) -> Option<&str> {
        match kind {
            HoursKind::Open => self.open.as_deref(),
            HoursKind::Closed => self.closed.as_deref(),
            HoursKind::Holiday => self.holiday.as_deref().or(self.closed.as_deref()),
        }
    }
}

impl Person {
    /// Where they can be reached: browser, phone, cell.
    #[must_use]
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let browser = self.browser.then(|| Endpoint::Browser { person: self.id.clone() });
        let phone = self.phone.clone().map(|user| Endpoint::Phone { person: self.id.clone(), user });
        let cell = self.cell.clone().map(|number| Endpoint::Cell { person: self.id.clone(), number });
        [browser, phone, cell].into_iter().flatten().collect()
    }
}

fn refusal() -> Plan {
    let steps = vec![Step::Reject { code: DECLINE }];
    Plan { name: "blocked".to_owned(), steps, longest: Duration::ZERO, escalation: Vec::new() }
}

/// What was called, as it may stand in a log: a stranger wrote it, and it may be a number that did not parse.
fn shown(called: &str) -> String {
    let digits = called.bytes().filter(u8::is_ascii_digit).count();
    if digits > 4 {
        return "a number that can't be read".to_owned();
    }
    format!("{:?}", called.chars().take(32).collect::<String>())
}
