//! `[routing]`: a whole set-up in three lines.

use super::people::{PhoneAccount, one_of};
use super::trunks::{Trunk, read_address};
use super::{Routing, Source, variable};
use crate::pii::Pii;
use crate::routing::{Directory, Endpoint, Group, GroupId, NumberPlans, Person, PersonId, Plan, Step, Strategy};
use std::time::Duration;

const SECTION: &str = "routing";
const OWNER: &str = "owner";

/// A preset, and whom it rings.
pub(super) struct Preset {
    kind: Kind,
    person: PersonId,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    SmartRouting,
    RingMyPhone,
    AnswerInApp,
}

/// Reads the section, and adds the owner and the trunk that it names.
pub(super) fn read_owner(source: &mut Source<'_>, routing: &mut Routing) -> Option<Preset> {
    let kind = read_kind(source);
    let named = source.reader.optional_text(SECTION, "person");
    let cell = source.number(SECTION, "cell");
    if let Some(address) = read_address(source, SECTION, "trunk", false) {
        routing.trunks.push(Trunk::new("trunk", &address));
    }
    if named.is_some() && cell.is_some() {
        let fix = "Keep one of them; a [[person]] has a `cell` of their own";
        source.reader.fault(SECTION, "cell", "stands beside `person`", fix);
    }
    let is_known = |name: &str, routing: &Routing| routing.directory.people.iter().any(|person| person.id.0 == name);
    let name = match named {
        Some(name) if !is_known(&name, routing) => {
            let fix = one_of("a [[person]]", routing.directory.people.iter().map(|person| &person.id));
            source.reader.fault(SECTION, "person", format!("nobody is called \"{name}\""), &fix);
            return None;
        }
        Some(name) => name,
        None if is_known(OWNER, routing) => {
            if cell.is_some() {
                let fix = "Write it at the [[person]], and person = \"owner\" here";
                source.reader.fault(SECTION, "cell", "belongs to \"owner\", who is a [[person]] already", fix);
            }
            OWNER.to_owned()
        }
        None => {
            if cell.is_some() || kind.is_some() {
                add_owner(source, cell, routing);
            }
            OWNER.to_owned()
        }
    };
    Some(Preset { kind: kind?, person: PersonId(name) })
}

fn read_kind(source: &mut Source<'_>) -> Option<Kind> {
    let text = source.reader.optional_text(SECTION, "preset")?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == text);
    if kind.is_none() {
        let fix = "Write \"smart routing\", \"ring my phone\" or \"answer in app\"";
        source.reader.fault(SECTION, "preset", format!("\"{text}\" is no preset"), fix);
    }
    kind
}

/// The owner has a browser, and a phone if a password for it is in the environment.
fn add_owner(source: &Source<'_>, cell: Option<crate::phone::PhoneNumber>, routing: &mut Routing) {
    let is_taken = routing.phones.iter().any(|account| account.user == OWNER);
    let password = (source.env)(&variable("PHONE", OWNER)).filter(|text| !text.is_empty() && !is_taken);
    let phone = password.map(|password| {
        routing.phones.push(PhoneAccount { user: OWNER.to_owned(), password: Pii::new(password) });
        OWNER.to_owned()
    });
    routing.directory.people.push(Person { id: PersonId(OWNER.to_owned()), browser: true, phone, cell });
}

impl Preset {
    /// Adds the preset's plan, and makes it the one of all numbers that have none of their own: within the hours, and the
    /// receptionist at once outside them.
    pub(super) fn add_plans(&self, source: &mut Source<'_>, directory: &mut Directory) {
        let name = self.kind.name();
        let Some(person) = directory.person(&self.person).cloned() else { return };
        let Some(ringing) = self.ringing(&person, directory) else {
            // A number that can't be read is not said to be missing as well.
            if !source.reader.is_faulty(SECTION) {
                let problem = format!("\"{name}\" rings {}, and {} has none", self.kind.needs(), person.id);
                source.reader.fault(SECTION, "preset", problem, self.kind.fix());
            }
            return;
        };
        // Who asks the receptionist for a person, at whatever hour, gets whom the preset rings.
        let fallback = Plan { escalation: ringing.clone(), ..Plan::receptionist_only() };
        let steps = ringing.into_iter().chain(fallback.steps.clone()).collect();
        for plan in [Plan { name: name.to_owned(), steps, ..fallback.clone() }, fallback] {
            if directory.plan(&plan.name).is_none() {
                directory.plans.push(plan);
            }
        }
        if directory.numbers.iter().all(|entry| entry.number.is_some()) {
            let closed = Some(Plan::receptionist_only().name);
            directory.numbers.push(NumberPlans { open: Some(name.to_owned()), closed, ..NumberPlans::default() });
        }
    }

    fn ringing(&self, person: &Person, directory: &mut Directory) -> Option<Vec<Step>> {
        let endpoints = person.endpoints();
        let browser = endpoints.iter().find(|endpoint| matches!(endpoint, Endpoint::Browser { .. })).cloned();
        let cell = endpoints.iter().find(|endpoint| matches!(endpoint, Endpoint::Cell { .. })).cloned();
        match self.kind {
            Kind::SmartRouting => {
                let cell = ring(cell?, 20);
                Some(browser.map(|browser| ring(browser, 10)).into_iter().chain([cell]).collect())
            }
            Kind::AnswerInApp => Some(vec![ring(browser?, 20)]),
            Kind::RingMyPhone => {
                let phones = endpoints.into_iter().filter(|endpoint| !matches!(endpoint, Endpoint::Browser { .. }));
                ring_all(person, phones.collect(), 25, directory).map(|step| vec![step])
            }
        }
    }
}

fn ring(endpoint: Endpoint, seconds: u64) -> Step {
    Step::Ring { endpoint, timeout: Duration::from_secs(seconds) }
}

fn ring_all(person: &Person, mut members: Vec<Endpoint>, seconds: u64, directory: &mut Directory) -> Option<Step> {
    if members.len() < 2 {
        return members.pop().map(|endpoint| ring(endpoint, seconds));
    }
    let timeout = Duration::from_secs(seconds);
    let id = GroupId(format!("{}'s phones", person.id));
    let group = Group { id, strategy: Strategy::AllAtOnce, members, member_timeout: timeout };
    directory.groups.push(group.clone());
    Some(Step::RingGroup { group, timeout })
}

impl Kind {
    const ALL: [Self; 3] = [Self::SmartRouting, Self::RingMyPhone, Self::AnswerInApp];

    /// As it is written; the plan is called so as well.
    const fn name(self) -> &'static str {
        match self {
            Self::SmartRouting => "smart routing",
            Self::RingMyPhone => "ring my phone",
            Self::AnswerInApp => "answer in app",
        }
    }

    const fn needs(self) -> &'static str {
        match self {
            Self::SmartRouting => "a cell",
            Self::RingMyPhone => "a phone or a cell",
            Self::AnswerInApp => "a browser",
        }
    }

    const fn fix(self) -> &'static str {
        match self {
            Self::SmartRouting => "Write `cell` with its number, or choose \"answer in app\"",
            Self::RingMyPhone => "Write `cell` with its number, or put the phone's password into BACKSTOP_PHONE_OWNER",
            Self::AnswerInApp => "Write browser = true at that [[person]]",
        }
    }
}
