//! Runs written events through queues in virtual time and writes down what came out.

use crate::id::CallId;
use crate::phone::PhoneNumber;
use crate::routing::queue::{Input, Lost, Member, Output, Promise, Queue, Queues};
use crate::routing::tests::{lines, seconds};
use crate::routing::{Endpoint, PersonId, QueueId, Strategy};
use crate::timer::epoch;
use expect_test::Expect;
use std::fmt::Write;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Plays and compares the outputs.
///
/// A queue is a line `NAME HOW AGENT ...` with HOW `order`, `all`, `robin`, `idle`, `fewest`, `random` or `stagger:SECONDS`, and an
/// agent such as `ann` or, in the second tier, `bob:2`. Settings follow as `KEY=NUMBER`.
///
/// An event is `SECONDS WHAT`: `join CALL QUEUE [priority=N] [from=N]`, `gone|leave|callback|called|failed CALL`,
/// `in|out|pause|resume AGENT`, `busy|free AGENT CALL`, `up|down AGENT`, `answered|ended AGENT CALL`,
/// `declined|engaged|rang|dead AGENT CALL`, `promised CALL QUEUE FAILED` (for another hour), or `wait`. A timer that is due at the event's very time comes after it, but before the next
/// one.
pub(super) fn check(queues: &str, events: &str, expected: &Expect) {
    expected.assert_eq(&play(queues, events, |output| !matches!(output, Output::Note { .. } | Output::Agent { .. })));
}

/// Plays and compares what agents do.
pub(super) fn check_agents(queues: &str, events: &str, expected: &Expect) {
    expected.assert_eq(&play(queues, events, |output| matches!(output, Output::Agent { .. })));
}

/// Plays and compares the timelines.
pub(super) fn check_timeline(queues: &str, events: &str, expected: &Expect) {
    expected.assert_eq(&play(queues, events, |output| matches!(output, Output::Note { .. })));
}

fn play(queues: &str, events: &str, is_told: fn(&Output) -> bool) -> String {
    let queues = Queues::new(lines(queues).map(read_queue).collect(), 1);
    let mut stage = Stage { queues, began: epoch(), is_told, told: String::new() };
    for line in lines(events) {
        let (at, what) = line.split_once(' ').expect("SECONDS WHAT");
        let at = seconds(at);
        stage.pass(at);
        if what != "wait" {
            let event = read_event(what, stage.began + at);
            stage.input(at, event);
        }
    }
    stage.told
}

struct Stage {
    queues: Queues,
    began: Instant,
    is_told: fn(&Output) -> bool,
    told: String,
}

impl Stage {
    fn pass(&mut self, until: Duration) {
        while let Some(due) = self.queues.poll_timeout().filter(|due| *due < self.began + until) {
            self.input(due - self.began, Input::Tick);
            assert!(self.queues.poll_timeout().is_none_or(|next| next > due), "a busy loop at {:?}", due - self.began);
        }
    }

    fn input(&mut self, at: Duration, input: Input) {
        self.queues.handle_input(self.began + at, input);
        while let Some(output) = self.queues.poll_output() {
            if (self.is_told)(&output) {
                writeln!(self.told, "{} {}", at.as_secs_f32(), worded(&output)).expect("a string takes all");
            }
        }
    }
}

fn worded(output: &Output) -> String {
    let call = |call: &CallId| call.0.as_u128();
    match output {
        Output::Offer { call: id, agent, endpoints, ring } => {
            let endpoints: Vec<_> = endpoints.iter().map(ToString::to_string).collect();
            format!("offer {} to {agent} for {} s: {}", call(id), ring.as_secs(), endpoints.join(", "))
        }
        Output::Withdraw { call: id, agent, why } => format!("withdraw {} from {agent}: {why}", call(id)),
        Output::Position { call: id, position, wait: None } => format!("tell {} place {position}", call(id)),
        Output::Position { call: id, position, wait: Some(wait) } => {
            format!("tell {} place {position}, {} s", call(id), wait.as_secs())
        }
        Output::Left { call: id, how, .. } => format!("{} left: {how}", call(id)),
        Output::Promise(Promise { call: id, failed, .. }) => format!("keep {}, failed {failed} times", call(id)),
        Output::CallBack { call: id, agent, .. } => format!("call {} back for {agent}", call(id)),
        Output::Agent { agent, state } => format!("{agent} {state}"),
        Output::Note { call: id, note } => format!("{}: {note}", call(id)),
    }
}

/// An agent with a phone.
pub(super) fn member(name: &str, tier: u32) -> Member {
    Member { person: person(name), endpoints: vec![phone(name)], tier }
}

pub(super) fn person(name: &str) -> PersonId {
    PersonId(name.to_owned())
}

pub(super) fn phone(name: &str) -> Endpoint {
    Endpoint::Phone { person: person(name), user: name.to_owned() }
}

pub(super) fn call(number: u128) -> CallId {
    CallId(Uuid::from_u128(number))
}

/// The telephone number of a caller.
pub(super) fn number(caller: u128) -> PhoneNumber {
    PhoneNumber::parse(&format!("212555{:04}", 100 + caller), "US").expect("a number")
}

fn read_queue(line: &str) -> Queue {
    let mut words = line.split(' ');
    let name = words.next().expect("NAME");
    let how = words.next().expect("HOW");
    let (how, gap) = how.split_once(':').unwrap_or((how, "5"));
    let strategy = match how {
        "order" => Strategy::InOrder,
        "all" => Strategy::AllAtOnce,
        "robin" => Strategy::RoundRobin,
        "idle" => Strategy::LongestIdle,
        "fewest" => Strategy::FewestCalls,
        "random" => Strategy::Random,
        "stagger" => Strategy::Stagger(seconds(gap)),
        _ => panic!("no such strategy: {how}"),
    };
    let mut queue = Queue::new(QueueId(name.to_owned()), strategy, Vec::new());
    for word in words {
        if let Some((key, value)) = word.split_once('=') {
            set(&mut queue, key, value);
        } else {
            let (name, tier) = word.split_once(':').unwrap_or((word, "1"));
            queue.members.push(member(name, tier.parse().expect("a tier")));
        }
    }
    queue
}

fn set(queue: &mut Queue, key: &str, value: &str) {
    match key {
        "longest" => queue.longest_line = value.parse().expect("a length"),
        "pause" => queue.pause_after = value.parse().expect("a count"),
        "wrap" => queue.wrap_up = seconds(value),
        "resume" => queue.resume_within = seconds(value),
        "every" => queue.announce_every = seconds(value),
        "waits" => queue.waits_unstaffed = value == "1",
        "callback" => queue.offers_callback = value == "1",
        _ => panic!("no such setting: {key}"),
    }
}

fn read_event(what: &str, now: Instant) -> Input {
    let words: Vec<&str> = what.split(' ').collect();
    let id = |text: &str| call(text.parse().expect("a call"));
    let lost = |agent: &str, text: &str, why| Input::OfferLost { call: id(text), agent: person(agent), why };
    match words[..] {
        ["join", caller, queue, ref rest @ ..] => read_join(caller, queue, rest),
        ["gone", caller] => Input::Gone { call: id(caller) },
        ["leave", caller] => Input::Leave { call: id(caller) },
        ["callback", caller] => Input::WantsCallback { call: id(caller) },
        ["promised", caller, queue, failed] => Input::Promised(Promise {
            call: id(caller),
            queue: QueueId(queue.to_owned()),
            number: number(caller.parse().expect("a caller")),
            priority: 0,
            failed: failed.parse().expect("a count"),
            not_before: None,
            until: now + Duration::from_hours(1),
        }),
        ["called", caller] => Input::CalledBack { call: id(caller) },
        ["failed", caller] => Input::CallbackFailed { call: id(caller) },
        ["in", agent] => Input::LoggedIn { agent: person(agent) },
        ["out", agent] => Input::LoggedOut { agent: person(agent) },
        ["pause", agent] => Input::Paused { agent: person(agent) },
        ["resume", agent] => Input::Resumed { agent: person(agent) },
        ["ready", agent] => Input::Ready { agent: person(agent) },
        ["busy", agent, other] => Input::Busy { agent: person(agent), call: id(other) },
        ["free", agent, other] => Input::Free { agent: person(agent), call: id(other) },
        ["up", agent] => Input::Reachable { endpoint: phone(agent) },
        ["down", agent] => Input::Unreachable { endpoint: phone(agent) },
        ["answered", agent, caller] => Input::Answered { call: id(caller), agent: person(agent) },
        ["ended", agent, caller] => Input::Ended { call: id(caller), agent: person(agent) },
        ["declined", agent, caller] => lost(agent, caller, Lost::Declined),
        ["engaged", agent, caller] => lost(agent, caller, Lost::Busy),
        ["rang", agent, caller] => lost(agent, caller, Lost::Unanswered),
        ["dead", agent, caller] => lost(agent, caller, Lost::Unreachable),
        ["none"] => Input::Configured(Vec::new()),
        _ => panic!("no such event: {what}"),
    }
}

fn read_join(caller: &str, queue: &str, rest: &[&str]) -> Input {
    let caller: u128 = caller.parse().expect("a call");
    let setting = |key: &str| rest.iter().find_map(|word| word.strip_prefix(key));
    let from = setting("from=").map_or(caller, |from| from.parse().expect("a caller"));
    Input::Join {
        call: call(caller),
        queue: QueueId(queue.to_owned()),
        number: (from > 0).then(|| number(from)),
        priority: setting("priority=").map_or(0, |priority| priority.parse().expect("a priority")),
    }
}
