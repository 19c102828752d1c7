//! Runs a written plan through written events in virtual time and writes down what came out.

use crate::id::LegId;
use crate::phone::PhoneNumber;
use crate::routing::{
    Endpoint, Executor, Group, GroupId, Input, Output, PersonId, Plan, QueueId, Standing, Step, Strategy,
};
use crate::timer::epoch;
use expect_test::Expect;
use std::fmt::Write;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Plays and compares the outputs.
///
/// The plan has one step a line: `ring WHO SECONDS`, `group HOW SECONDS WHO ...`, `queue NAME`, `announce TEXT`, `receptionist`,
/// `voicemail`, `reject CODE`; and `longest SECONDS` (120 without it). WHO is such as `ann-cell`; HOW is `all`, `robin:SECONDS`,
/// `order:SECONDS` or `stagger:SECONDS`.
///
/// An event is `SECONDS WHAT`, with WHAT `ringing|answered|accepted|declined|gone|lost LEG`, `failed LEG CODE`, `step done`,
/// `conversation over`, `caller gone`, `offered AGENT SECONDS WHO ...`, `withdrawn AGENT`, `queue over`, `message wanted`,
/// `callback wanted`, `transfer STEP, ...`, `escalate STEP, ...`, or `wait`. The call starts at 0. A timer that is due at the event's very time comes after it,
/// but before the next one.
pub(super) fn check(plan: &str, events: &str, expected: &Expect) {
    expected.assert_eq(&play(plan, events, |output| !matches!(output, Output::Note(_))));
}

/// Plays and compares the timeline.
pub(super) fn check_timeline(plan: &str, events: &str, expected: &Expect) {
    expected.assert_eq(&play(plan, events, |output| matches!(output, Output::Note(_) | Output::Over(_))));
}

fn play(plan: &str, events: &str, is_told: fn(&Output) -> bool) -> String {
    let mut stage = Stage::new(read_plan(plan), is_told);
    stage.input(Duration::ZERO, Input::Start);
    for line in lines(events) {
        let (at, what) = line.split_once(' ').expect("SECONDS WHAT");
        let at = seconds(at);
        stage.pass(at);
        if let Some(input) = read_event(what) {
            stage.input(at, input);
        }
    }
    stage.told
}

struct Stage {
    executor: Executor,
    began: Instant,
    is_told: fn(&Output) -> bool,
    told: String,
}

impl Stage {
    fn new(plan: Plan, is_told: fn(&Output) -> bool) -> Self {
        Self { executor: Executor::new(plan, 1, &Standing::new()), began: epoch(), is_told, told: String::new() }
    }

    fn pass(&mut self, until: Duration) {
        while let Some(due) = self.executor.poll_timeout().filter(|due| *due < self.began + until) {
            self.input(due - self.began, Input::Tick);
        }
    }

    fn input(&mut self, at: Duration, input: Input) {
        self.executor.handle_input(self.began + at, input);
        while let Some(output) = self.executor.poll_output() {
            if (self.is_told)(&output) {
                writeln!(self.told, "{} {}", at.as_secs_f32(), worded(&output)).expect("a string takes all");
            }
        }
    }
}

fn worded(output: &Output) -> String {
    match output {
        Output::Dial { leg, endpoint } => format!("dial {leg}: {endpoint}"),
        Output::AskToAccept { leg } => format!("ask {leg} to accept"),
        Output::Bridge { leg } => format!("bridge {leg}"),
        Output::Cancel { leg, why } => format!("cancel {leg}: {why}"),
        Output::TellTaken { leg } => format!("tell {leg} that it is taken"),
        Output::Announce { text } => format!("announce: {text}"),
        Output::Converse => "converse".to_owned(),
        Output::TakeMessage => "take a message".to_owned(),
        Output::Reject { code } => format!("reject with {code}"),
        Output::Join { queue } => format!("join {queue}"),
        Output::Leave { queue, why } => format!("leave {queue}: {why:?}"),
        Output::OfferLost { agent, why } => format!("offer to {agent} lost: {why}"),
        Output::Resume => "resume".to_owned(),
        Output::Note(note) => note.to_string(),
        Output::Over(ending) => format!("over: {ending}"),
    }
}

/// Reads `ann-cell`.
pub(super) fn endpoint(who: &str) -> Endpoint {
    let (name, kind) = who.split_once('-').expect("NAME-KIND");
    let person = PersonId(name.to_owned());
    match kind {
        "browser" => Endpoint::Browser { person },
        "phone" => Endpoint::Phone { person, user: name.to_owned() },
        "cell" => Endpoint::Cell { person, number: number() },
        _ => panic!("no such kind: {kind}"),
    }
}

// Reading a number takes long, and the tests build thousands of endpoints.
fn number() -> PhoneNumber {
    static NUMBER: OnceLock<PhoneNumber> = OnceLock::new();
    NUMBER.get_or_init(|| PhoneNumber::parse("2125550142", "US").expect("a number")).clone()
}

fn read_plan(text: &str) -> Plan {
    let mut plan =
        Plan { name: "test".to_owned(), steps: Vec::new(), longest: Duration::from_mins(2), escalation: Vec::new() };
    for line in lines(text) {
        match line.split_once(' ') {
            Some(("longest", longest)) => plan.longest = seconds(longest),
            _ => plan.steps.push(read_step(line)),
        }
    }
    plan
}

/// Reads `ring ann-cell 20, receptionist`.
fn read_steps(text: &str) -> Vec<Step> {
    text.split(", ").map(read_step).collect()
}

fn read_step(line: &str) -> Step {
    let words: Vec<&str> = line.split(' ').collect();
    match words[..] {
        ["ring", who, timeout] => Step::Ring { endpoint: endpoint(who), timeout: seconds(timeout) },
        ["group", how, timeout, ref members @ ..] => {
            Step::RingGroup { group: read_group(how, members), timeout: seconds(timeout) }
        }
        ["queue", name] => Step::Queue { queue: QueueId(name.to_owned()), timeout: Duration::from_mins(1) },
        ["announce", ..] => Step::Announce { text: line["announce ".len()..].to_owned() },
        ["receptionist"] => Step::Receptionist,
        ["voicemail"] => Step::Voicemail,
        ["reject", code] => Step::Reject { code: code.parse().expect("a code") },
        _ => panic!("no such step: {line}"),
    }
}

fn read_group(how: &str, members: &[&str]) -> Group {
    let (how, pace) = how.split_once(':').unwrap_or((how, "10"));
    let strategy = match how {
        "all" => Strategy::AllAtOnce,
        "order" => Strategy::InOrder,
        "robin" => Strategy::RoundRobin,
        "stagger" => Strategy::Stagger(seconds(pace)),
        _ => panic!("no such strategy: {how}"),
    };
    let members = members.iter().map(|who| endpoint(who)).collect();
    Group { id: GroupId("office".to_owned()), strategy, members, member_timeout: seconds(pace) }
}

fn read_event(what: &str) -> Option<Input> {
    let words: Vec<&str> = what.split(' ').collect();
    let leg = |number: &str| LegId(number.parse().expect("a leg"));
    Some(match words[..] {
        ["wait"] => return None,
        ["start"] => Input::Start,
        ["ringing", number] => Input::Ringing { leg: leg(number) },
        ["answered", number] => Input::Answered { leg: leg(number) },
        ["accepted", number] => Input::Accepted { leg: leg(number) },
        ["declined", number] => Input::Declined { leg: leg(number) },
        ["gone", number] => Input::Gone { leg: leg(number) },
        ["lost", number] => Input::Lost { leg: leg(number) },
        ["failed", number, code] => Input::Failed { leg: leg(number), code: code.parse().expect("a code") },
        ["step", "done"] => Input::StepDone,
        ["conversation", "over"] => Input::ConversationOver,
        ["caller", "gone"] => Input::CallerGone,
        ["offered", agent, ring, ref endpoints @ ..] => Input::Offered {
            agent: PersonId(agent.to_owned()),
            endpoints: endpoints.iter().map(|who| endpoint(who)).collect(),
            ring: seconds(ring),
        },
        ["withdrawn", agent] => Input::Withdrawn { agent: PersonId(agent.to_owned()) },
        ["queue", "over"] => Input::QueueOver { why: "nobody is there" },
        ["message", "wanted"] => Input::MessageWanted,
        ["callback", "wanted"] => Input::CallbackWanted,
        ["transfer", ..] => Input::Transfer { steps: read_steps(&what["transfer ".len()..]) },
        ["escalate", ..] => Input::Escalate { steps: read_steps(&what["escalate ".len()..]) },
        _ => panic!("no such event: {what}"),
    })
}

/// The lines of a script, without what only sets them out.
pub(in crate::routing) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Reads `2.5`.
pub(in crate::routing) fn seconds(text: &str) -> Duration {
    Duration::from_secs_f64(text.parse().expect("seconds"))
}
