//! A call that nobody makes: the real executor and the real queues run a plan in virtual time, in a world where nobody picks up but who
//! is said to.

use crate::id::{CallId, LegId};
use crate::routing::queue::{self, Departure, Queues};
use crate::routing::{Directory, Endpoint, Executor, Input, LegEnd, Note, Output, Plan, Standing};
use serde::Serialize;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Who is said to answer does so after this time, and presses the key after another one.
const ANSWERS_AFTER: Duration = Duration::from_secs(5);
/// How long a word takes to be said.
const WORD: Duration = Duration::from_millis(400);
/// More than any plan takes.
const STEPS: usize = 10_000;
/// SIP's "Temporarily Unavailable": nobody is there.
const NOBODY_THERE: u16 = 480;

/// What happens when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Moment {
    /// Since the call came in.
    pub(super) at_seconds: u64,
    pub(super) what: String,
}

/// Runs the plan until somebody has the call. `answers` says who picks up.
pub(super) fn dry_run(directory: &Directory, plan: Plan, answers: &dyn Fn(&Endpoint) -> bool) -> Vec<Moment> {
    let began = began();
    let mut world = World {
        executor: Executor::new(plan, 0, &Standing::new()),
        queues: Queues::new(directory.queues.clone(), 0),
        answers,
        call: CallId(Uuid::nil()),
        began,
        now: began,
        coming: Vec::new(),
        told: Vec::new(),
        is_over: false,
    };
    // A page is open or it isn't; whether a phone is registered only the running service knows.
    let members = directory.queues.iter().flat_map(|queue| &queue.members).flat_map(|member| &member.endpoints);
    for endpoint in members.filter(|endpoint| !is_there(endpoint) && !answers(endpoint)) {
        world.queues.handle_input(began, queue::Input::Unreachable { endpoint: endpoint.clone() });
    }
    while world.queues.poll_output().is_some() {}
    world.run();
    world.told
}

struct World<'a> {
    executor: Executor,
    queues: Queues,
    answers: &'a dyn Fn(&Endpoint) -> bool,
    call: CallId,
    began: Instant,
    now: Instant,
    /// What people do next.
    coming: Vec<(Instant, Input)>,
    told: Vec<Moment>,
    is_over: bool,
}

impl World<'_> {
    fn run(&mut self) {
        self.input(Input::Start);
        for _ in 0..STEPS {
            if self.is_over {
                return;
            }
            let next = self.coming.iter().map(|(at, _)| *at).min();
            let timers = [self.executor.poll_timeout(), self.queues.poll_timeout()];
            let Some(at) = next.into_iter().chain(timers.into_iter().flatten()).min() else { return };
            self.now = self.now.max(at);
            if let Some(index) = self.coming.iter().position(|(at, _)| *at <= self.now) {
                let (_, input) = self.coming.remove(index);
                self.input(input);
            } else {
                self.input(Input::Tick);
                self.queue_input(queue::Input::Tick);
            }
        }
    }

    fn input(&mut self, input: Input) {
        self.executor.handle_input(self.now, input);
        while let Some(output) = self.executor.poll_output() {
            self.act(output);
        }
    }

    fn queue_input(&mut self, input: queue::Input) {
        self.queues.handle_input(self.now, input);
        while let Some(output) = self.queues.poll_output() {
            match output {
                queue::Output::Offer { agent, endpoints, ring, .. } => {
                    self.later(Duration::ZERO, Input::Offered { agent, endpoints, ring });
                }
                queue::Output::Withdraw { agent, .. } => self.later(Duration::ZERO, Input::Withdrawn { agent }),
                queue::Output::Left { how: Departure::Overflow(why), .. } => {
                    self.later(Duration::ZERO, Input::QueueOver { why: why.as_str() });
                }
                queue::Output::Position { position, .. } => {
                    self.tell(format!("  the caller hears that they are number {position} in line"));
                }
                queue::Output::Note { note, .. } => self.tell(format!("  {note}")),
                queue::Output::Left { .. }
                | queue::Output::Promise(_)
                | queue::Output::CallBack { .. }
                | queue::Output::Agent { .. } => {}
            }
        }
    }

    fn act(&mut self, output: Output) {
        match output {
            Output::Note(note) => self.note(&note),
            Output::Dial { leg, endpoint } => self.dial(leg, &endpoint),
            Output::AskToAccept { leg } => {
                self.tell("  and is asked to press 1".to_owned());
                self.later(ANSWERS_AFTER, Input::Accepted { leg });
            }
            Output::Cancel { leg, .. } | Output::TellTaken { leg } => {
                self.coming.retain(|(_, input)| leg_of(input) != Some(leg));
            }
            Output::Announce { text } => {
                let words = u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX);
                self.tell(format!("  the caller hears \"{text}\""));
                self.later(WORD.saturating_mul(words), Input::StepDone);
            }
            Output::Join { queue } => {
                let number = None;
                self.queue_input(queue::Input::Join { call: self.call, queue, number, priority: 0 });
            }
            Output::Leave { why, .. } => self.queue_input(why.told_of(self.call)),
            Output::OfferLost { agent, why } => {
                self.queue_input(queue::Input::OfferLost { call: self.call, agent, why: why.into() });
            }
            Output::Converse => self.end("the receptionist talks with the caller"),
            Output::TakeMessage => self.end("the caller leaves a message"),
            Output::Reject { code } => self.end(&format!("the caller is refused with {code}")),
            Output::Bridge { .. } | Output::Over(_) => self.is_over = true,
            Output::Resume => {}
        }
    }

    fn dial(&mut self, leg: LegId, endpoint: &Endpoint) {
        if (self.answers)(endpoint) {
            self.later(Duration::ZERO, Input::Ringing { leg });
            self.later(ANSWERS_AFTER, Input::Answered { leg });
        } else if is_there(endpoint) {
            self.later(Duration::ZERO, Input::Ringing { leg });
        } else {
            self.later(Duration::ZERO, Input::Failed { leg, code: NOBODY_THERE });
        }
    }

    fn note(&mut self, note: &Note) {
        let words = match note {
            Note::StepBegan { step, .. } => step.clone(),
            Note::StepSkipped { why, .. } => format!("a step is left out: {why}"),
            Note::LegRinging { endpoint, .. } => format!("  {endpoint} rings"),
            Note::LegAnswered { endpoint, .. } => format!("  {endpoint} answers"),
            Note::LegBridged { endpoint, .. } => format!("  {endpoint} has the call"),
            Note::LegEnded { endpoint, why: LegEnd::Failed(NOBODY_THERE), .. } => format!("  nobody is at {endpoint}"),
            Note::LegEnded { endpoint, why, .. } => format!("  {endpoint}: {why}"),
            Note::LegTooLate { endpoint, .. } => format!("  {endpoint} answers too late"),
            // The queues tell of their offers themselves, and an end is followed by the next beginning.
            Note::StepEnded { .. }
            | Note::Offered { .. }
            | Note::LegDialled { .. }
            | Note::Escalated
            | Note::Resumed
            | Note::Transferred { .. } => return,
        };
        self.tell(words);
    }

    fn end(&mut self, words: &str) {
        self.tell(format!("  {words}"));
        self.is_over = true;
    }

    fn tell(&mut self, what: String) {
        let at_seconds = self.now.saturating_duration_since(self.began).as_secs();
        self.told.push(Moment { at_seconds, what });
    }

    fn later(&mut self, after: Duration, input: Input) {
        self.coming.push((self.now + after, input));
    }
}

/// Whether it would ring: nobody keeps a page open here.
const fn is_there(endpoint: &Endpoint) -> bool {
    !matches!(endpoint, Endpoint::Browser { .. })
}

const fn leg_of(input: &Input) -> Option<LegId> {
    match input {
        Input::Ringing { leg } | Input::Answered { leg } | Input::Accepted { leg } | Input::Failed { leg, .. } => {
            Some(*leg)
        }
        _ => None,
    }
}

#[expect(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
fn began() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::dry_run;
    use crate::config::Config;
    use crate::routing::Endpoint;
    use expect_test::{Expect, expect};

    const TEXT: &str = r#"
        [[person]]
        name = "dana"
        browser = true
        phone = "dana"
        cell = "+1 917 555 0100"
        [[person]]
        name = "eli"
        browser = true
        [[queue]]
        name = "service"
        agents = ["dana/phone"]
        pause_after = 2
        [[queue]]
        name = "app"
        agents = ["eli"]
        [[group]]
        name = "all"
        strategy = "all at once"
        members = "dana"
        [[plan]]
        name = "owner"
        steps = [{ ring = "dana/browser", seconds = 10 }, { ring = "dana/cell", seconds = 20 }, { receptionist = true }]
        [[plan]]
        name = "line"
        steps = [{ announce = "Please hold the line." }, { queue = "app" }, { queue = "service", seconds = 60 }, { voicemail = true }]
        [[plan]]
        name = "team"
        longest_seconds = 20
        steps = [{ group = "all", seconds = 20 }, { ring = "dana/cell" }, { reject = 486 }]
        [[number]]
        open = "owner"
        [[trunk]]
        name = "carrier"
        address = "sip.carrier.example"
    "#;

    fn check(plan: &str, answers: fn(&Endpoint) -> bool, expected: &Expect) {
        let env = |name: &str| name.starts_with("BACKSTOP_PHONE_").then(|| "a word".to_owned());
        let (config, _faults_of_no_matter_here) = Config::read("x", TEXT, &env);
        let directory = config.routing.directory;
        let plan = directory.plan(plan).expect("a plan").clone();
        let told = dry_run(&directory, plan, &answers);
        let lines: Vec<String> = told.iter().map(|moment| format!("{} {}", moment.at_seconds, moment.what)).collect();
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn nobody_picks_up_and_the_receptionist_answers() {
        check(
            "owner",
            |_| false,
            &expect![[r"
            0 ring dana's browser for 10 s
            0   nobody is at dana's browser
            0 ring dana's cell for 20 s
            0   dana's cell rings
            20   dana's cell: let go: no answer in time
            20 the receptionist
            20   the receptionist talks with the caller"]],
        );
    }

    #[test]
    fn who_is_said_to_answer_has_the_call() {
        let is_cell = |endpoint: &Endpoint| matches!(endpoint, Endpoint::Cell { .. });
        check(
            "owner",
            is_cell,
            &expect![[r"
            0 ring dana's browser for 10 s
            0   nobody is at dana's browser
            0 ring dana's cell for 20 s
            0   dana's cell rings
            5   dana's cell answers
            5   and is asked to press 1
            10   dana's cell has the call"]],
        );
        check(
            "team",
            is_cell,
            &expect![[r"
            0 ring group all for 20 s
            0   nobody is at dana's browser
            0   dana's phone rings
            0   dana's cell rings
            5   dana's cell answers
            5   and is asked to press 1
            10   dana's cell has the call
            10   dana's phone: let go: answered elsewhere"]],
        );
    }

    #[test]
    fn a_line_without_agents_is_left_and_one_whose_agents_do_not_answer_runs_out() {
        check(
            "line",
            |_| false,
            &expect![[r#"
            0 play an announcement
            0   the caller hears "Please hold the line."
            1 hold in queue app for up to 300 s
            1   queue app: in line at place 1
            1   queue app: went on, nobody is on duty
            1 hold in queue service for up to 60 s
            1   queue service: in line at place 1
            1   offered to dana
            1   dana's phone rings
            16   dana's phone: let go: no answer in time
            16   dana did not answer
            26   offered to dana
            26   dana's phone rings
            41   dana's phone: let go: no answer in time
            41   dana did not answer
            41   dana is paused after too many unanswered offers
            41   queue service: went on, nobody is on duty
            41 voicemail
            41   the caller leaves a message"#]],
        );
    }

    #[test]
    fn what_would_ring_too_long_is_left_out() {
        check(
            "team",
            |_| false,
            &expect![[r"
            0 ring group all for 20 s
            0   nobody is at dana's browser
            0   dana's phone rings
            0   dana's cell rings
            20   dana's phone: let go: no answer in time
            20   dana's cell: let go: no answer in time
            20 a step is left out: the call rang as long as it may
            20 refuse with 486
            20   the caller is refused with 486"]],
        );
    }
}
