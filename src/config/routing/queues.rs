//! `[[queue]]`: lines of callers, and who takes their calls.

use super::people::{read_strategy, resolve};
use super::{Source, extensions};
use crate::routing::queue::{Member, Queue, Rests};
use crate::routing::{Destination, Directory, Person, QueueId, distinct};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
/// The keys with agents, by tier from 1.
const TIERS: [&str; 3] = ["agents", "second_agents", "third_agents"];

pub(super) fn read(source: &mut Source<'_>, directory: &mut Directory) -> Vec<Queue> {
    let sections = source.reader.tables("", "queue");
    sections.iter().filter_map(|section| read_queue(source, section, directory)).collect()
}

fn read_queue(source: &mut Source<'_>, section: &str, directory: &mut Directory) -> Option<Queue> {
    let name = source.reader.required_text(section, "name", "Write a name, such as \"service\"");
    let strategy = read_strategy(source, section, "longest idle");
    let members = read_members(source, section, &directory.people);
    let reader = &mut *source.reader;
    // A cell's carrier answers after 25 s.
    let ring = reader.duration(section, "ring_seconds", SECOND, 15, 5..=25);
    let wrap_up = reader.duration(section, "wrap_up_seconds", SECOND, 10, 0..=600);
    let longest_line = reader.number(section, "longest_line", 20, 1..=500) as usize;
    let pause_after = reader.number(section, "pause_after", 3, 0..=20);
    let rests = Rests {
        declined: reader.duration(section, "declined_seconds", SECOND, 20, 1..=600),
        busy: reader.duration(section, "busy_seconds", SECOND, 15, 1..=600),
        unanswered: reader.duration(section, "unanswered_seconds", SECOND, 10, 1..=600),
    };
    let announce_every = reader.duration(section, "announce_seconds", SECOND, 45, 15..=600);
    let resume_within = reader.duration(section, "resume_minutes", MINUTE, 5, 0..=60);
    let waits_unstaffed = read_unstaffed(source, section);
    let offers_callback = source.reader.flag(section, "callback");
    let id = QueueId(name?);
    extensions::read(source, section, Destination::Queue(id.clone()), directory);
    Some(Queue {
        ring,
        wrap_up,
        longest_line,
        waits_unstaffed,
        pause_after,
        rests,
        announce_every,
        resume_within,
        offers_callback,
        ..Queue::new(id, strategy, members)
    })
}

/// Everybody once, with all endpoints that are named; who stands in two tiers is in the first of them.
fn read_members(source: &mut Source<'_>, section: &str, people: &[Person]) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::new();
    for (key, tier) in TIERS.into_iter().zip(1..) {
        for text in source.reader.texts(section, key) {
            match resolve(people, &text) {
                Ok(endpoints) => {
                    let Some(person) = endpoints.first().map(|endpoint| endpoint.person().clone()) else { continue };
                    match members.iter_mut().find(|member| member.person == person) {
                        Some(member) => {
                            let named = std::mem::take(&mut member.endpoints);
                            member.endpoints = distinct(named.into_iter().chain(endpoints));
                        }
                        None => members.push(Member { person, endpoints, tier }),
                    }
                }
                Err((problem, fix)) => source.reader.fault(section, key, problem, &fix),
            }
        }
    }
    members
}

fn read_unstaffed(source: &mut Source<'_>, section: &str) -> bool {
    match source.reader.text(section, "when_unstaffed", "overflow").as_str() {
        "overflow" => false,
        "wait" => true,
        other => {
            let fix = "Write \"overflow\", so that callers go on to the next step, or \"wait\"";
            source.reader.fault(section, "when_unstaffed", format!("\"{other}\" is nothing to do"), fix);
            false
        }
    }
}
