//! Faults in plans that would lose a call, or ring somebody in vain.

use super::queue::Queue;
use super::{Directory, Endpoint, Group, GroupId, HoursKind, PersonId, Plan, QueueId, Step, Strategy};
use std::fmt;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// A carrier's voicemail answers a cell after 25 to 30 s.
const LONGEST_CELL_RING: Duration = Duration::from_secs(25);

/// Something in a directory that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFault {
    /// Where.
    pub place: Place,
    /// What.
    pub flaw: Flaw,
}

/// What a fault is in. `Display` gives it as the configuration's keys are written: `plan.office`, `group.techs`, `number.2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The plan of this name.
    Plan(String),
    /// This group.
    Group(GroupId),
    /// This queue.
    Queue(QueueId),
    /// The number at this place of the list, counted from one.
    Number(usize),
}

/// What can be wrong. Steps are counted from one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Nothing ends the call when nobody answers.
    #[error("has no final step, so a call that nobody answers would just end")]
    NoFinalStep,
    /// A step that is never reached.
    #[error("step {step} comes after step {end}, which ends the call")]
    AfterTheEnd {
        /// The step.
        step: usize,
        /// The one that ends the call.
        end: usize,
    },
    /// The plan rings somebody who is not there.
    #[error("nobody is called \"{0}\"")]
    UnknownPerson(PersonId),
    /// A person is there, but not with this endpoint.
    #[error("there is no such endpoint as {0}")]
    UnknownEndpoint(Endpoint),
    /// The plan rings a group that is not there.
    #[error("no group is called \"{0}\"")]
    UnknownGroup(GroupId),
    /// The plan holds callers in a queue that is not there.
    #[error("no queue is called \"{0}\"")]
    UnknownQueue(QueueId),
    /// A number names a plan that is not there.
    #[error("no plan is called \"{0}\"")]
    UnknownPlan(String),
    /// A cell rings until its carrier's voicemail answers.
    #[error("step {step} rings a cell for {} s, and its carrier's voicemail answers after 25 to 30 s", .rings.as_secs())]
    CellRingsTooLong {
        /// The step.
        step: usize,
        /// How long.
        rings: Duration,
    },
    /// The cap cuts steps off.
    #[error("rings for {} s in all, and is cut off after {} s", .rings.as_secs(), .longest.as_secs())]
    LongerThanItsCap {
        /// The steps' sum.
        rings: Duration,
        /// The plan's cap.
        longest: Duration,
    },
    /// The receptionist, who waits with a caller, can only have somebody rung.
    #[error("step {0} of `escalate` rings nobody")]
    EscalationWithoutRinging(usize),
    /// The receptionist's caller might get a cell's voicemail.
    #[error("step {step} of `escalate` rings a cell for {} s, and its carrier's voicemail answers after 25 to 30 s", .rings.as_secs())]
    EscalationRingsTooLong {
        /// The step.
        step: usize,
        /// How long it rings the cell.
        rings: Duration,
    },
    /// A number has no plan while the hours are so.
    #[error("has no \"{0}\" plan")]
    Uncovered(HoursKind),
    /// A group of nobody.
    #[error("has no members")]
    EmptyGroup,
    /// A queue whose calls nobody takes.
    #[error("has no agents")]
    EmptyQueue,
}

/// Everything that is wrong with a directory: groups, then queues, plans, then numbers.
#[must_use]
pub fn audit(directory: &Directory) -> Vec<PlanFault> {
    let groups = directory.groups.iter().flat_map(|group| {
        let place = Place::Group(group.id.clone());
        flaws_of_group(directory, group).into_iter().map(move |flaw| PlanFault { place: place.clone(), flaw })
    });
    let queues = directory.queues.iter().flat_map(|queue| {
        let place = Place::Queue(queue.id.clone());
        flaws_of_queue(directory, queue).into_iter().map(move |flaw| PlanFault { place: place.clone(), flaw })
    });
    let plans = directory.plans.iter().flat_map(|plan| {
        let place = Place::Plan(plan.name.clone());
        flaws_of_plan(directory, plan).into_iter().map(move |flaw| PlanFault { place: place.clone(), flaw })
    });
    let numbers = (0..directory.numbers.len()).flat_map(|index| {
        let flaws = flaws_of_number(directory, index).into_iter();
        flaws.map(move |flaw| PlanFault { place: Place::Number(index + 1), flaw })
    });
    groups.chain(queues).chain(plans).chain(numbers).collect()
}

fn flaws_of_group(directory: &Directory, group: &Group) -> Vec<Flaw> {
    if group.members.is_empty() {
        return vec![Flaw::EmptyGroup];
    }
    group.members.iter().filter_map(|endpoint| endpoint_flaw(directory, endpoint)).collect()
}

fn flaws_of_queue(directory: &Directory, queue: &Queue) -> Vec<Flaw> {
    if queue.members.is_empty() {
        return vec![Flaw::EmptyQueue];
    }
    let endpoints = queue.members.iter().flat_map(|member| &member.endpoints);
    endpoints.filter_map(|endpoint| endpoint_flaw(directory, endpoint)).collect()
}

fn flaws_of_plan(directory: &Directory, plan: &Plan) -> Vec<Flaw> {
    let mut flaws: Vec<Flaw> = plan.steps.iter().filter_map(|step| target_flaw(directory, step)).collect();
    flaws.extend(plan.steps.iter().zip(1..).filter_map(|(step, number)| cell_flaw(step, number)));
    flaws.extend(length_flaw(plan));
    flaws.extend(end_flaw(&plan.steps));
    flaws.extend(plan.escalation.iter().filter_map(|step| target_flaw(directory, step)));
    flaws.extend(plan.escalation.iter().zip(1..).filter_map(|(step, number)| escalation_flaw(step, number)));
    flaws
}

fn flaws_of_number(directory: &Directory, index: usize) -> Vec<Flaw> {
    let entry = &directory.numbers[index];
    let named = [&entry.open, &entry.closed, &entry.holiday, &entry.vip].into_iter().flatten();
    let unknown = named.filter(|name| directory.plan(name).is_none()).map(|name| Flaw::UnknownPlan(name.clone()));
    let uncovered = [HoursKind::Open, HoursKind::Closed, HoursKind::Holiday]
        .into_iter()
        .filter(|kind| directory.hours.can_be(*kind) && entry.plan_name(*kind).is_none());
    unknown.chain(uncovered.map(Flaw::Uncovered)).collect()
}

fn target_flaw(directory: &Directory, step: &Step) -> Option<Flaw> {
    match step {
        Step::Ring { endpoint, .. } => endpoint_flaw(directory, endpoint),
        Step::RingGroup { group, .. } => {
            directory.group(&group.id).is_none().then(|| Flaw::UnknownGroup(group.id.clone()))
        }
        Step::Queue { queue, .. } => directory.queue(queue).is_none().then(|| Flaw::UnknownQueue(queue.clone())),
        _ => None,
    }
}

fn endpoint_flaw(directory: &Directory, endpoint: &Endpoint) -> Option<Flaw> {
    let Some(person) = directory.person(endpoint.person()) else {
        return Some(Flaw::UnknownPerson(endpoint.person().clone()));
    };
    (!person.endpoints().contains(endpoint)).then(|| Flaw::UnknownEndpoint(endpoint.clone()))
}

fn cell_flaw(step: &Step, number: usize) -> Option<Flaw> {
    let rings = longest_cell_ring(step).filter(|rings| *rings > LONGEST_CELL_RING)?;
    Some(Flaw::CellRingsTooLong { step: number, rings })
}

fn escalation_flaw(step: &Step, number: usize) -> Option<Flaw> {
    if !step.rings() {
        return Some(Flaw::EscalationWithoutRinging(number));
    }
    let rings = longest_cell_ring(step).filter(|rings| *rings > LONGEST_CELL_RING)?;
    Some(Flaw::EscalationRingsTooLong { step: number, rings })
}

/// How long a step may ring one and the same cell.
fn longest_cell_ring(step: &Step) -> Option<Duration> {
    match step {
        Step::Ring { endpoint, timeout } => endpoint.needs_acceptance().then_some(*timeout),
        Step::RingGroup { group, timeout } => {
            let first = group.members.iter().position(Endpoint::needs_acceptance)?;
            Some(match group.strategy {
                Strategy::AllAtOnce => *timeout,
                Strategy::Stagger(apart) => timeout.saturating_sub(apart * u32::try_from(first).unwrap_or(u32::MAX)),
                _ => group.member_timeout.min(*timeout),
            })
        }
        _ => None,
    }
}

fn length_flaw(plan: &Plan) -> Option<Flaw> {
    let rings: Duration = plan
        .steps
        .iter()
        .map(|step| match step {
            Step::Ring { timeout, .. } | Step::RingGroup { timeout, .. } => *timeout,
            _ => Duration::ZERO,
        })
        .sum();
    (rings > plan.longest).then_some(Flaw::LongerThanItsCap { rings, longest: plan.longest })
}

/// Voicemail may follow the receptionist, for when she breaks; nothing else may follow a step that ends the call.
fn end_flaw(steps: &[Step]) -> Option<Flaw> {
    let Some(first) = steps.iter().position(Step::is_final) else { return Some(Flaw::NoFinalStep) };
    let has_fallback = matches!(steps[first..], [Step::Receptionist, Step::Voicemail, ..]);
    let end = if has_fallback { first + 1 } else { first };
    (end + 1 < steps.len()).then_some(Flaw::AfterTheEnd { step: end + 2, end: end + 1 })
}

impl Flaw {
    /// What to do about it.
    #[must_use]
    pub const fn fix(&self) -> &'static str {
        match self {
            Self::NoFinalStep => "End it with { receptionist = true }, { voicemail = true } or { reject = 603 }",
            Self::AfterTheEnd { .. } => "Take it out, or move it up; only voicemail may follow the receptionist",
            Self::UnknownPerson(_) => "Write the name of a [[person]]",
            Self::UnknownEndpoint(_) => "Give the person that browser, phone or cell, or ring another of theirs",
            Self::UnknownGroup(_) => "Write the name of a [[group]]",
            Self::UnknownQueue(_) => "Write the name of a [[queue]]",
            Self::UnknownPlan(_) => "Write the name of a [[plan]]",
            Self::CellRingsTooLong { .. } | Self::EscalationRingsTooLong { .. } => "Ring it for 25 s or less",
            Self::EscalationWithoutRinging(_) => {
                "Write { ring = ... } or { group = ... }; the receptionist goes on when nobody comes"
            }

            Self::LongerThanItsCap { .. } => "Shorten its steps, or raise `longest_seconds`",
            Self::Uncovered(HoursKind::Open) => "Write `open = ...` with the name of a [[plan]]",
            Self::Uncovered(_) => "Write `closed = ...` with the name of a [[plan]]; it holds on holidays as well",
            Self::EmptyGroup => "Name its members, or take it out",
            Self::EmptyQueue => "Name its `agents`, or take it out",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan(name) => write!(f, "plan.{name}"),
            Self::Queue(id) => write!(f, "queue.{id}"),
            Self::Group(id) => write!(f, "group.{id}"),
            Self::Number(place) => write!(f, "number.{place}"),
        }
    }
}

impl fmt::Display for PlanFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}", self.place, self.flaw, self.flaw.fix())
    }
}
