//! Who gets a call when: `[routing]`, `[hours]`, `[callers]` and the lists of people, groups, queues, plans, numbers and trunks.

mod extensions;
mod hours;
mod numbers;
mod people;
mod plans;
mod preset;
mod queues;
#[cfg(test)]
mod tests;
mod trunks;

pub use people::PhoneAccount;
pub use trunks::{Transport, Trunk};

use super::checked::secret;
use super::raw::Reader;
use crate::phone::PhoneNumber;
use crate::pii::Pii;
use crate::routing::{Directory, Endpoint, Plan, Step, audit};

/// Who gets a call when, and over what they are rung. By default the receptionist takes every call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routing {
    /// Hours, numbers, plans, people, groups and callers.
    pub directory: Directory,
    /// Phones that may register.
    pub phones: Vec<PhoneAccount>,
    /// The ways to the telephone network, the first that works first.
    pub trunks: Vec<Trunk>,
}

/// What routing is read from.
pub(super) struct Source<'a> {
    pub(super) reader: &'a mut Reader,
    /// Gives environment variables.
    pub(super) env: &'a dyn Fn(&str) -> Option<String>,
    /// The country of numbers without `+`.
    pub(super) region: &'a str,
}

/// Reads all of it. What is wrong with a plan is told only when its text could be read.
pub(super) fn read(source: &mut Source<'_>) -> Routing {
    let mut routing = Routing::default();
    routing.directory.hours = hours::read(source.reader);
    people::read_people(source, &mut routing);
    let preset = preset::read_owner(source, &mut routing);
    routing.directory.groups = people::read_groups(source, &mut routing.directory);
    routing.directory.queues = queues::read(source, &mut routing.directory);
    routing.directory.transfer_code = extensions::read_code(source);
    routing.directory.plans = plans::read(source, &routing.directory);
    routing.directory.numbers = numbers::read(source);
    (routing.directory.vip, routing.directory.blocked) = numbers::read_callers(source);
    trunks::read(source, &mut routing.trunks);
    if let Some(preset) = preset {
        preset.add_plans(source, &mut routing.directory);
    }
    check_plans(source.reader, &routing.directory);
    check_cells(source.reader, &routing);
    check_loops(source.reader, &routing.directory);
    check_callbacks(source.reader, &routing);
    routing
}

fn check_plans(reader: &mut Reader, directory: &Directory) {
    let mut faults = audit(directory);
    faults.retain(|fault| !reader.is_faulty(&fault.place.to_string()));
    for fault in faults {
        reader.fault("", &fault.place.to_string(), fault.flaw.to_string(), fault.flaw.fix());
    }
}

/// Each cell that is rung needs a trunk that may dial it.
fn check_cells(reader: &mut Reader, routing: &Routing) {
    if reader.is_faulty("trunk") || reader.is_faulty("routing") {
        return;
    }
    let directory = &routing.directory;
    let of_plans = directory
        .plans
        .iter()
        .flat_map(|plan| endpoints(plan).map(move |endpoint| (format!("plan \"{}\"", plan.name), endpoint)));
    let of_queues = directory.queues.iter().flat_map(|queue| {
        let endpoints = queue.members.iter().flat_map(|member| &member.endpoints);
        endpoints.map(move |endpoint| (format!("queue \"{}\"", queue.id), endpoint))
    });
    for (who, endpoint) in of_plans.chain(of_queues) {
        let Endpoint::Cell { number, .. } = endpoint else { continue };
        if routing.trunks.is_empty() {
            let problem = format!("is missing, and {who} rings {endpoint}");
            return reader.fault(
                "",
                "trunk",
                problem,
                "Write a [[trunk]], or `trunk` with its address under [routing]",
            );
        }
        if !routing.trunks.iter().any(|trunk| trunk.may_dial(number)) {
            let problem = format!("none may dial {endpoint}, which {who} rings");
            return reader.fault("", "trunk", problem, "Add the beginning of its number to `allow`");
        }
    }
}

/// A call to a number that is answered here comes back.
fn check_loops(reader: &mut Reader, directory: &Directory) {
    for person in &directory.people {
        let section = format!("person.{}", person.id);
        let section = if reader.has(&section) { &section } else { "routing" };
        if person.cell.as_ref().is_some_and(|cell| directory.is_own(cell)) {
            let problem = "is a [[number]] that is answered here: a call to it would come back";
            reader.fault(section, "cell", problem, "Write the cell's own number");
        }
    }
}

/// Who calls a number of ours says which one we call back: only a trunk that lists what it may call is used for that.
fn check_callbacks(reader: &mut Reader, routing: &Routing) {
    let may_call = routing.trunks.iter().any(|trunk| !trunk.allow.is_empty());
    if may_call || reader.is_faulty("trunk") || reader.is_faulty("routing") {
        return;
    }
    for queue in routing.directory.queues.iter().filter(|queue| queue.offers_callback) {
        let fix = "Write the beginnings of callers' numbers, such as \"+1\", as `allow` of a [[trunk]]";
        reader.fault(
            &format!("queue.{}", queue.id),
            "callback",
            "has no trunk that says which callers it may call",
            fix,
        );
    }
}

fn endpoints(plan: &Plan) -> impl Iterator<Item = &Endpoint> {
    plan.steps.iter().chain(&plan.escalation).flat_map(|step| match step {
        Step::Ring { endpoint, .. } => std::slice::from_ref(endpoint),
        Step::RingGroup { group, .. } => &group.members,
        _ => &[],
    })
}

impl Source<'_> {
    /// A telephone number, when it is there.
    fn number(&mut self, section: &str, key: &str) -> Option<PhoneNumber> {
        let text = self.reader.optional_text(section, key)?;
        self.parse_number(section, key, &text)
    }

    /// A list of telephone numbers.
    fn numbers(&mut self, section: &str, key: &str) -> Vec<PhoneNumber> {
        let texts = self.reader.texts(section, key);
        texts.iter().filter_map(|text| self.parse_number(section, key, text)).collect()
    }

    fn parse_number(&mut self, section: &str, key: &str, text: &str) -> Option<PhoneNumber> {
        let number = PhoneNumber::parse(text, self.region).ok();
        if number.is_none() {
            let fix = "Write it with its country code, such as \"+1 212 555 0100\"";
            self.reader.fault(section, key, format!("\"{text}\" is no telephone number"), fix);
        }
        number
    }

    /// The password of `user` from the environment: `BACKSTOP_` and `kind`, and the name with what can't stand in a variable as `_`.
    fn password(&mut self, kind: &str, user: &str) -> Pii<String> {
        let name = variable(kind, user);
        secret(self.reader, self.env, &name, &format!("{} \"{user}\"", kind.to_ascii_lowercase()))
    }
}

fn variable(kind: &str, user: &str) -> String {
    let part = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    format!("BACKSTOP_{kind}_{}", user.chars().map(part).collect::<String>())
}
