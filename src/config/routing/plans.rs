//! `[[plan]]`: what is tried, step by step.

use super::Source;
use super::people::{one_of, resolve};
use crate::routing::{Directory, Plan, Step};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const KINDS: &str = "ring, group, queue, announce, receptionist, voicemail or reject";

pub(super) fn read(source: &mut Source<'_>, directory: &Directory) -> Vec<Plan> {
    let sections = source.reader.tables("", "plan");
    sections.iter().filter_map(|section| read_plan(source, section, directory)).collect()
}

fn read_plan(source: &mut Source<'_>, section: &str, directory: &Directory) -> Option<Plan> {
    let name = source.reader.required_text(section, "name", "Write a name, such as \"office\"");
    let longest = source.reader.duration(section, "longest_seconds", SECOND, 60, 5..=180);
    let steps = read_steps(source, section, "steps", directory);
    let escalation = read_steps(source, section, "escalate", directory);
    Some(Plan { name: name?, steps, longest, escalation })
}

fn read_steps(source: &mut Source<'_>, section: &str, key: &str, directory: &Directory) -> Vec<Step> {
    let sections = source.reader.tables(section, key);
    sections.iter().filter_map(|step| read_step(source, step, directory)).collect()
}

/// Reads every kind of step that the table could be; it has to be exactly one.
fn read_step(source: &mut Source<'_>, section: &str, directory: &Directory) -> Option<Step> {
    let kinds = [
        read_ring(source, section, directory),
        read_group(source, section, directory),
        read_queue(source, section, directory),
        source.reader.optional_text(section, "announce").map(|text| Step::Announce { text }),
        source.reader.flag(section, "receptionist").then_some(Step::Receptionist),
        source.reader.flag(section, "voicemail").then_some(Step::Voicemail),
        read_reject(source, section),
    ];
    let mut steps = kinds.into_iter().flatten();
    let step = steps.next();
    if steps.next().is_some() {
        source.reader.fault("", section, "is two steps in one", "Write { ... }, { ... } instead");
    } else if step.is_none() && !source.reader.is_faulty(section) {
        source.reader.fault("", section, "says nothing to do", &format!("Write one of {KINDS}"));
    }
    step
}

fn read_ring(source: &mut Source<'_>, section: &str, directory: &Directory) -> Option<Step> {
    let text = source.reader.optional_text(section, "ring")?;
    let timeout = source.reader.duration(section, "seconds", SECOND, 20, 1..=180);
    match resolve(&directory.people, &text).as_deref() {
        Ok([endpoint]) => return Some(Step::Ring { endpoint: endpoint.clone(), timeout }),
        Ok([]) => source.reader.fault(section, "ring", format!("{text} can't be reached"), "Ring somebody else"),
        Ok(_) => {
            let fix = format!("Write {text}/browser, {text}/phone or {text}/cell, or ring a [[group]]");
            source.reader.fault(section, "ring", format!("{text} can be reached in more than one way"), &fix);
        }
        Err((problem, fix)) => source.reader.fault(section, "ring", problem, fix),
    }
    None
}

fn read_group(source: &mut Source<'_>, section: &str, directory: &Directory) -> Option<Step> {
    let name = source.reader.optional_text(section, "group")?;
    let timeout = source.reader.duration(section, "seconds", SECOND, 25, 1..=180);
    let group = directory.groups.iter().find(|group| group.id.0 == name);
    if group.is_none() {
        let fix = one_of("a [[group]]", directory.groups.iter().map(|group| &group.id));
        source.reader.fault(section, "group", format!("no group is called \"{name}\""), &fix);
    }
    group.map(|group| Step::RingGroup { group: group.clone(), timeout })
}

fn read_queue(source: &mut Source<'_>, section: &str, directory: &Directory) -> Option<Step> {
    let name = source.reader.optional_text(section, "queue")?;
    let timeout = source.reader.duration(section, "seconds", SECOND, 300, 10..=3_600);
    let queue = directory.queues.iter().find(|queue| queue.id.0 == name);
    if queue.is_none() {
        let fix = one_of("a [[queue]]", directory.queues.iter().map(|queue| &queue.id));
        source.reader.fault(section, "queue", format!("no queue is called \"{name}\""), &fix);
    }
    queue.map(|queue| Step::Queue { queue: queue.id.clone(), timeout })
}

fn read_reject(source: &mut Source<'_>, section: &str) -> Option<Step> {
    let code = source.reader.optional_number(section, "reject", 400..=699)?;
    Some(Step::Reject { code: u16::try_from(code).expect("at most 699") })
}
