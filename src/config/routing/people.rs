//! `[[person]]` and `[[group]]`: who can be rung, and where.

use super::{Routing, Source, extensions};
use crate::pii::Pii;
use crate::routing::{Destination, Directory, Endpoint, Group, GroupId, Person, PersonId, Strategy, distinct};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// A phone that may register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneAccount {
    /// Its user name.
    pub user: String,
    /// Its password, from `BACKSTOP_PHONE_` and the user name in capitals.
    pub password: Pii<String>,
}

pub(super) fn read_people(source: &mut Source<'_>, routing: &mut Routing) {
    for section in source.reader.tables("", "person") {
        if let Some(person) = read_person(source, &section) {
            if let Some(user) = &person.phone {
                add_account(source, &section, user, &mut routing.phones);
            }
            extensions::read(source, &section, Destination::Person(person.id.clone()), &mut routing.directory);
            routing.directory.people.push(person);
        }
    }
}

fn read_person(source: &mut Source<'_>, section: &str) -> Option<Person> {
    let name = source.reader.required_text(section, "name", "Write a name, such as \"dana\"");
    let browser = source.reader.flag(section, "browser");
    let phone = source.reader.optional_text(section, "phone");
    let cell = source.number(section, "cell");
    let name = name?;
    if name.contains('/') {
        let fix = "Leave the slash out: \"dana/cell\" is dana's cell";
        source.reader.fault(section, "name", format!("\"{name}\" holds a slash"), fix);
    }
    let person = Person { id: PersonId(name), browser, phone, cell };
    if person.endpoints().is_empty() && !source.reader.is_faulty(section) {
        let fix = "Write browser = true, `phone` or `cell`";
        source.reader.fault("", section, "can't be reached anywhere", fix);
    }
    Some(person)
}

fn add_account(source: &mut Source<'_>, section: &str, user: &str, accounts: &mut Vec<PhoneAccount>) {
    if !user.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_')) {
        let fix = "Use letters, digits, dots, hyphens and underscores";
        source.reader.fault(section, "phone", format!("\"{user}\" is no user name"), fix);
    } else if accounts.iter().any(|account| account.user == user) {
        source.reader.fault(
            section,
            "phone",
            format!("\"{user}\" is another's"),
            "Give each phone a user name of its own",
        );
    } else {
        let password = source.password("PHONE", user);
        accounts.push(PhoneAccount { user: user.to_owned(), password });
    }
}

pub(super) fn read_groups(source: &mut Source<'_>, directory: &mut Directory) -> Vec<Group> {
    let mut groups = Vec::new();
    for section in source.reader.tables("", "group") {
        if let Some(group) = read_group(source, &section, &directory.people) {
            extensions::read(source, &section, Destination::Group(group.id.clone()), directory);
            groups.push(group);
        }
    }
    groups
}

fn read_group(source: &mut Source<'_>, section: &str, people: &[Person]) -> Option<Group> {
    let name = source.reader.required_text(section, "name", "Write a name, such as \"techs\"");
    let strategy = read_strategy(source, section, "all at once");
    let member_timeout = source.reader.duration(section, "member_seconds", SECOND, 15, 1..=120);
    let mut members = Vec::new();
    for text in source.reader.texts(section, "members") {
        match resolve(people, &text) {
            Ok(endpoints) => members.extend(endpoints),
            Err((problem, fix)) => source.reader.fault(section, "members", problem, &fix),
        }
    }
    // "eli/cell" and "eli" name the cell twice.
    let members = distinct(members);
    Some(Group { id: GroupId(name?), strategy, members, member_timeout })
}

pub(super) fn read_strategy(source: &mut Source<'_>, section: &str, default: &str) -> Strategy {
    match source.reader.text(section, "strategy", default).as_str() {
        "all at once" => Strategy::AllAtOnce,
        "in order" => Strategy::InOrder,
        "round robin" => Strategy::RoundRobin,
        "longest idle" => Strategy::LongestIdle,
        "fewest calls" => Strategy::FewestCalls,
        "random" => Strategy::Random,
        "stagger" => Strategy::Stagger(source.reader.duration(section, "stagger_seconds", SECOND, 5, 1..=60)),
        other => {
            let fix = "Write \"all at once\", \"in order\", \"round robin\", \"longest idle\", \"fewest calls\", \"random\" or \"stagger\"";
            source.reader.fault(section, "strategy", format!("\"{other}\" is no order of ringing"), fix);
            Strategy::AllAtOnce
        }
    }
}

/// The endpoints of `dana` or of `dana/cell`.
///
/// # Errors
/// What is wrong with it, and what to write.
pub(super) fn resolve(people: &[Person], text: &str) -> Result<Vec<Endpoint>, (String, String)> {
    let (name, kind) = text.split_once('/').map_or((text, None), |(name, kind)| (name, Some(kind.trim())));
    let name = name.trim();
    let Some(person) = people.iter().find(|person| person.id.0 == name) else {
        return Err((
            format!("nobody is called \"{name}\""),
            one_of("a [[person]]", people.iter().map(|person| &person.id)),
        ));
    };
    let endpoints = person.endpoints();
    let Some(kind) = kind else { return Ok(endpoints) };
    if !["browser", "phone", "cell"].contains(&kind) {
        let fix = format!("Write {name}/browser, {name}/phone or {name}/cell");
        return Err((format!("\"{kind}\" is nothing that rings"), fix));
    }
    let named: Vec<_> = endpoints.into_iter().filter(|endpoint| kind_of(endpoint) == kind).collect();
    if named.is_empty() {
        return Err((format!("{name} has no {kind}"), format!("Give {name} a `{kind}`, or ring another of theirs")));
    }
    Ok(named)
}

/// What to write in place of an unknown name.
pub(super) fn one_of<T: ToString>(what: &str, names: impl Iterator<Item = T>) -> String {
    let names: Vec<_> = names.map(|name| name.to_string()).collect();
    if names.is_empty() { format!("Write {what} of this name") } else { format!("Write one of {}", names.join(", ")) }
}

const fn kind_of(endpoint: &Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Browser { .. } => "browser",
        Endpoint::Phone { .. } => "phone",
        Endpoint::Cell { .. } => "cell",
    }
}
