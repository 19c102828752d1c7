//! Whatever the plan, and whatever the legs do in whatever order: the promises hold.

use super::driver::endpoint;
use crate::id::LegId;
use crate::routing::{
    ACCEPT_WITHIN, CancelReason, Ending, Endpoint, Executor, Group, GroupId, Input, LeaveReason, Output, PersonId,
    Plan, QueueId, Standing, Step, Strategy,
};
use crate::timer::epoch;
use proptest::prelude::{Just, any, prop, prop_oneof, proptest};
use proptest::strategy::Strategy as Generator;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The longest wait of a queue step, and as many steps as a plan and a transfer have here.
const LONGEST_IN_LINE: Duration = Duration::from_mins(1);
const MOST_STEPS: u32 = 8;

const PEOPLE: [&str; 6] = ["ann-browser", "ann-phone", "ann-cell", "bob-phone", "bob-cell", "cid-phone"];

fn who() -> impl Generator<Value = Endpoint> {
    prop::sample::select(PEOPLE.to_vec()).prop_map(endpoint)
}

fn seconds(longest: u64) -> impl Generator<Value = Duration> {
    (0..longest * 2).prop_map(|halves| Duration::from_millis(halves * 500))
}

fn strategy() -> impl Generator<Value = Strategy> {
    prop_oneof![
        Just(Strategy::AllAtOnce),
        Just(Strategy::InOrder),
        Just(Strategy::RoundRobin),
        Just(Strategy::LongestIdle),
        Just(Strategy::FewestCalls),
        Just(Strategy::Random),
        seconds(8).prop_map(Strategy::Stagger),
    ]
}

fn group() -> impl Generator<Value = Group> {
    (strategy(), prop::collection::vec(who(), 0..7), seconds(15)).prop_map(|(strategy, members, member_timeout)| {
        Group { id: GroupId("office".to_owned()), strategy, members, member_timeout }
    })
}

fn step() -> impl Generator<Value = Step> {
    prop_oneof![
        4 => (who(), seconds(30)).prop_map(|(endpoint, timeout)| Step::Ring { endpoint, timeout }),
        6 => (group(), seconds(40)).prop_map(|(group, timeout)| Step::RingGroup { group, timeout }),
        1 => seconds(60).prop_map(|timeout| Step::Queue { queue: QueueId("sales".to_owned()), timeout }),
        1 => Just(Step::Announce { text: "Please hold.".to_owned() }),
        1 => Just(Step::Receptionist),
        1 => Just(Step::Voicemail),
        1 => (400_u16..700).prop_map(|code| Step::Reject { code }),
    ]
}

fn plan() -> impl Generator<Value = Plan> {
    (prop::collection::vec(step(), 0..6), seconds(90)).prop_map(|(steps, longest)| Plan {
        name: "any".to_owned(),
        steps,
        longest,
        escalation: Vec::new(),
    })
}

fn input() -> impl Generator<Value = Input> {
    let leg = || (0_u32..12).prop_map(LegId);
    prop_oneof![
        2 => leg().prop_map(|leg| Input::Ringing { leg }),
        4 => leg().prop_map(|leg| Input::Answered { leg }),
        4 => leg().prop_map(|leg| Input::Accepted { leg }),
        2 => leg().prop_map(|leg| Input::Declined { leg }),
        6 => (leg(), prop::sample::select(vec![404, 408, 480, 486, 487, 503, 600, 603]))
            .prop_map(|(leg, code)| Input::Failed { leg, code }),
        2 => leg().prop_map(|leg| Input::Gone { leg }),
        2 => Just(Input::StepDone),
        1 => Just(Input::ConversationOver),
        1 => Just(Input::CallerGone),
        1 => Just(Input::Start),
        4 => (prop::sample::select(vec!["ann", "bob"]), prop::collection::vec(who(), 0..3), seconds(20))
            .prop_map(|(agent, endpoints, ring)| Input::Offered { agent: PersonId(agent.to_owned()), endpoints, ring }),
        1 => prop::sample::select(vec!["ann", "bob"])
            .prop_map(|agent| Input::Withdrawn { agent: PersonId(agent.to_owned()) }),
        1 => Just(Input::QueueOver { why: "nobody is there" }),
        1 => Just(Input::MessageWanted),
        1 => Just(Input::CallbackWanted),
        2 => prop::collection::vec(step(), 0..3).prop_map(|steps| Input::Transfer { steps }),
        2 => prop::collection::vec(step(), 0..3).prop_map(|steps| Input::Escalate { steps }),
        2 => Just(Input::Tick),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Open,
    Bridged,
    Ended,
}

/// Does what the executor says, and keeps its own record of what became of each leg.
struct World {
    executor: Executor,
    now: Instant,
    fates: HashMap<LegId, (Endpoint, Fate)>,
    is_bridged: bool,
    was_bridged: bool,
    is_escalated: bool,
    queue: Option<QueueId>,
    ending: Option<Ending>,
}

impl World {
    fn input(&mut self, input: Input) {
        if let Input::Escalate { .. } = input {
            self.is_escalated = true;
        }
        if matches!(input, Input::QueueOver { .. }) {
            self.queue = None;
        }
        if let Input::Failed { leg, .. } | Input::Gone { leg } = input
            && let Some((_, fate)) = self.fates.get_mut(&leg)
        {
            *fate = Fate::Ended;
        }
        self.executor.handle_input(self.now, input);
        while let Some(output) = self.executor.poll_output() {
            assert_eq!(self.ending, None, "after the end: {output:?}");
            self.check(output);
        }
        assert_eq!(self.ending.is_some(), self.executor.is_over());
    }

    fn check(&mut self, output: Output) {
        match output {
            Output::Dial { leg, endpoint } => {
                assert!(!self.is_bridged, "dialled after the bridge");
                let is_rung = self.fates.values().any(|(other, fate)| *other == endpoint && *fate == Fate::Open);
                assert!(!is_rung, "dialled twice at once: {endpoint}");
                assert_eq!(self.fates.insert(leg, (endpoint, Fate::Open)), None, "a leg's number came twice");
            }
            Output::Bridge { leg } => {
                assert!(!self.is_bridged, "bridged twice");
                self.is_bridged = true;
                self.was_bridged = true;
                self.is_escalated = false;
                assert_eq!(self.fate(leg), Fate::Open, "bridged a leg that was let go");
                self.set(leg, Fate::Bridged);
            }
            Output::Cancel { leg, why } => {
                if why == CancelReason::Transferred {
                    assert_eq!(self.fate(leg), Fate::Bridged, "only who has the call passes it on");
                    self.is_bridged = false;
                }
                let is_elsewhere = why == CancelReason::AnsweredElsewhere;
                assert!(!is_elsewhere || self.was_bridged, "nobody answered elsewhere");
                self.set(leg, Fate::Ended);
            }
            Output::TellTaken { leg } => {
                assert!(self.is_bridged, "nobody took the call");
                assert_ne!(self.fate(leg), Fate::Bridged);
                self.set(leg, Fate::Ended);
            }
            Output::AskToAccept { leg } => assert!(self.is_escalated || self.fates[&leg].0.needs_acceptance()),
            Output::Join { queue } => {
                assert!(!self.is_bridged, "in line with somebody on the line");
                assert_eq!(self.queue.replace(queue), None, "in two lines");
            }
            Output::Leave { queue, why } => {
                assert_eq!(self.queue.take(), Some(queue), "left a line it was not in");
                assert_eq!(self.is_bridged, matches!(why, LeaveReason::Answered(_)));
            }
            Output::OfferLost { .. } => assert!(self.queue.is_some() || self.is_bridged, "no offer without a line"),
            Output::Resume => {
                assert!(!self.is_bridged, "somebody has the call");
                self.is_escalated = false;
            }
            Output::Over(ending) => self.ending = Some(ending),
            Output::Announce { .. } | Output::Converse | Output::TakeMessage | Output::Reject { .. } => {
                assert!(!self.is_bridged, "the plan went on after the bridge: {output:?}");
                assert!(self.fates.values().all(|(_, fate)| *fate != Fate::Open), "somebody still rings: {output:?}");
            }
            Output::Note(_) => {}
        }
    }

    fn fate(&self, leg: LegId) -> Fate {
        self.fates[&leg].1
    }

    fn set(&mut self, leg: LegId, fate: Fate) {
        self.fates.get_mut(&leg).expect("dialled before").1 = fate;
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        for _ in 0..10_000 {
            let Some(due) = self.executor.poll_timeout().filter(|due| *due <= until) else { break };
            self.now = self.now.max(due);
            self.input(Input::Tick);
        }
        assert!(self.executor.poll_timeout().is_none_or(|due| due > until), "a busy loop");
        self.now = until;
    }

    /// Nobody calls any more: only time passes and steps play to their ends. Gives how long it took.
    fn run_out(&mut self) -> Duration {
        let began = self.now;
        for _ in 0..1_000 {
            if self.ending.is_some() {
                break;
            }
            match self.executor.poll_timeout() {
                Some(due) => {
                    self.now = self.now.max(due);
                    self.input(Input::Tick);
                }
                None if self.is_bridged => {
                    let bridged = self.fates.iter().find(|(_, (_, fate))| *fate == Fate::Bridged);
                    let leg = *bridged.expect("the bridge has a leg").0;
                    self.input(Input::Gone { leg });
                }
                None => self.input(Input::StepDone),
            }
        }
        self.now - began
    }
}

proptest! {
    #[test]
    fn every_plan_ends_and_keeps_its_promises(
        plan in plan(), seed in any::<u64>(), events in prop::collection::vec((0_u64..6_000, input()), 0..60)
    ) {
        let longest = plan.longest;
        let executor = Executor::new(plan, seed, &Standing::new());
        let mut world =
            World { executor, now: epoch(), fates: HashMap::new(), is_bridged: false, was_bridged: false, is_escalated: false, queue: None, ending: None };
        world.input(Input::Start);
        for (after_ms, input) in events {
            world.pass(Duration::from_millis(after_ms));
            world.input(input);
        }
        let took = world.run_out();
        assert!(world.ending.is_some(), "never over");
        // Somebody who answered in the last moment has the time to press a key beyond it, and so has whom the receptionist asked for.
        assert!(took <= longest + ACCEPT_WITHIN * 2 + LONGEST_IN_LINE * MOST_STEPS, "{took:?}");
        assert_eq!(world.queue, None, "in line after the end");
        assert!(world.fates.values().all(|(_, fate)| *fate != Fate::Open), "a leg outlived the call: {:?}", world.fates);
        world.input(Input::Answered { leg: LegId(1) });
        world.input(Input::CallerGone);
        world.pass(Duration::from_mins(10));
    }
}
