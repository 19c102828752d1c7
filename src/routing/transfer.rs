//! To whom a call can be passed on: extensions, names and the own numbers of people; nobody else.

use super::{Directory, Endpoint, Group, GroupId, Person, PersonId, QueueId, Step, Strategy};
use crate::phone::PhoneNumber;
use std::time::Duration;

/// How long a person or a group is rung; then who passed the call on gets it back.
const RINGS: Duration = Duration::from_secs(20);
/// The longest wait in a line.
const HOLDS: Duration = Duration::from_mins(5);
/// The receptionist's extension.
pub const RECEPTIONIST_EXTENSION: &str = "0";

/// Whom an extension names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// All that a person has rings at once.
    Person(PersonId),
    /// The group rings in its order.
    Group(GroupId),
    /// The caller holds in line.
    Queue(QueueId),
    /// The receptionist talks with the caller.
    Receptionist,
}

impl Destination {
    /// The receptionist's name.
    pub const RECEPTIONIST: &'static str = "receptionist";
}

impl Directory {
    /// Whom `dialled` names: an extension, the name of a person, a group or a queue, a phone's user name, or the number of a person's cell
    /// (`number`, when `dialled` is one).
    #[must_use]
    pub fn destination(&self, dialled: &str, number: Option<&PhoneNumber>) -> Option<Destination> {
        if let Some((_, destination)) = self.extensions.iter().find(|(extension, _)| extension == dialled) {
            return Some(destination.clone());
        }
        if [RECEPTIONIST_EXTENSION, Destination::RECEPTIONIST].contains(&dialled) {
            return Some(Destination::Receptionist);
        }
        let is_meant = |person: &&Person| {
            person.id.0 == dialled
                || person.phone.as_deref() == Some(dialled)
                || number.is_some() && person.cell.as_ref() == number
        };
        let person = self.people.iter().find(is_meant).map(|person| Destination::Person(person.id.clone()));
        let group = || self.groups.iter().find(|group| group.id.0 == dialled);
        let queue = || self.queues.iter().find(|queue| queue.id.0 == dialled);
        person
            .or_else(|| group().map(|group| Destination::Group(group.id.clone())))
            .or_else(|| queue().map(|queue| Destination::Queue(queue.id.clone())))
    }

    /// What is tried for a call that is passed on; empty when the configuration has changed meanwhile.
    #[must_use]
    pub fn steps_to(&self, destination: &Destination) -> Vec<Step> {
        match destination {
            Destination::Receptionist => vec![Step::Receptionist, Step::Voicemail],
            Destination::Group(id) => {
                let group = self.group(id);
                group.map(|group| Step::RingGroup { group: group.clone(), timeout: RINGS }).into_iter().collect()
            }
            Destination::Queue(id) => {
                let queue = self.queue(id);
                queue.map(|queue| Step::Queue { queue: queue.id.clone(), timeout: HOLDS }).into_iter().collect()
            }
            Destination::Person(id) => self.person(id).map(ring_everywhere).into_iter().collect(),
        }
    }
}

fn ring_everywhere(person: &Person) -> Step {
    let members: Vec<Endpoint> = person.endpoints();
    let id = GroupId(person.id.0.clone());
    let group = Group { id, strategy: Strategy::AllAtOnce, members, member_timeout: RINGS };
    Step::RingGroup { group, timeout: RINGS }
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Person(person) => write!(f, "{person}"),
            Self::Group(group) => write!(f, "group {group}"),
            Self::Queue(queue) => write!(f, "queue {queue}"),
            Self::Receptionist => write!(f, "the receptionist"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Destination;
    use crate::phone::PhoneNumber;
    use crate::routing::queue::Queue;
    use crate::routing::{Directory, Group, GroupId, Person, PersonId, QueueId, Step, Strategy};
    use std::time::Duration;

    fn directory() -> Directory {
        let number = PhoneNumber::parse("9175550100", "US").ok();
        let dana =
            Person { id: PersonId("dana".to_owned()), browser: false, phone: Some("desk1".to_owned()), cell: number };
        let group = Group {
            id: GroupId("techs".to_owned()),
            strategy: Strategy::InOrder,
            members: dana.endpoints(),
            member_timeout: Duration::from_secs(9),
        };
        let extensions = vec![("101".to_owned(), Destination::Person(dana.id.clone()))];
        let queues = vec![Queue::new(QueueId("service".to_owned()), Strategy::LongestIdle, Vec::new())];
        Directory { people: vec![dana], groups: vec![group], queues, extensions, ..Directory::default() }
    }

    #[test]
    fn extensions_names_phones_and_cells_are_found_and_strangers_are_not() {
        let directory = directory();
        let found = |dialled: &str| {
            let number = PhoneNumber::parse(dialled, "US").ok();
            directory.destination(dialled, number.as_ref()).map(|destination| destination.to_string())
        };
        for dialled in ["101", "dana", "desk1", "+19175550100", "9175550100"] {
            assert_eq!(found(dialled).as_deref(), Some("dana"), "{dialled}");
        }
        assert_eq!(found("techs").as_deref(), Some("group techs"));
        assert_eq!(found("service").as_deref(), Some("queue service"));
        assert_eq!(found("0").as_deref(), Some("the receptionist"));
        for stranger in ["", "102", "+19005550100", "911", "Dana"] {
            assert_eq!(found(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn the_receptionist_is_followed_by_the_voicemail_and_a_person_rings_everywhere() {
        let directory = directory();
        assert_eq!(directory.steps_to(&Destination::Receptionist), [Step::Receptionist, Step::Voicemail]);
        let queue = QueueId("service".to_owned());
        let hold = Step::Queue { queue: queue.clone(), timeout: Duration::from_mins(5) };
        assert_eq!(directory.steps_to(&Destination::Queue(queue)), [hold]);
        let steps = directory.steps_to(&Destination::Person(PersonId("dana".to_owned())));
        let [Step::RingGroup { group, .. }] = &steps[..] else { panic!("{steps:?}") };
        assert_eq!((group.members.len(), group.strategy), (2, Strategy::AllAtOnce));
        assert_eq!(directory.steps_to(&Destination::Person(PersonId("eli".to_owned()))), []);
    }
}
