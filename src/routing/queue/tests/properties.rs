//! Whatever callers and agents do in whatever order: the promises hold.

use super::driver::{call, member, number, person, phone};
use crate::id::CallId;
use crate::routing::queue::{Departure, Input, Lost, Note, Output, Overflow, Queue, Queues};
use crate::routing::{PersonId, QueueId, Strategy};
use crate::timer::epoch;
use proptest::prelude::{Just, prop, prop_oneof, proptest};
use proptest::strategy::Strategy as Generator;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

const AGENTS: [&str; 4] = ["ann", "bob", "cid", "dan"];

fn strategy() -> impl Generator<Value = Strategy> {
    prop_oneof![
        Just(Strategy::AllAtOnce),
        Just(Strategy::InOrder),
        Just(Strategy::RoundRobin),
        Just(Strategy::LongestIdle),
        Just(Strategy::FewestCalls),
        Just(Strategy::Random),
        (1_u64..10).prop_map(|gap| Strategy::Stagger(Duration::from_secs(gap))),
    ]
}

fn queue(name: &'static str) -> impl Generator<Value = Queue> {
    let agents = prop::collection::hash_map(prop::sample::select(AGENTS.to_vec()), 0_u32..3, 0..5);
    (strategy(), agents, 0_u64..20, 1_usize..6, 0_u32..4, prop::bool::ANY).prop_map(
        move |(strategy, agents, wrap_up, longest_line, pause_after, waits_unstaffed)| Queue {
            wrap_up: Duration::from_secs(wrap_up),
            longest_line,
            pause_after,
            waits_unstaffed,
            offers_callback: true,
            ..Queue::new(
                QueueId(name.to_owned()),
                strategy,
                agents.into_iter().map(|(name, tier)| member(name, tier)).collect(),
            )
        },
    )
}

/// What may happen; the call's answers to offers are drawn when their time comes.
#[derive(Clone, Debug)]
enum Event {
    Any(Input),
    /// One of the offers that are open comes to this; `None` is an answer.
    Offer(usize, Option<Lost>),
    /// One of those who talk is done.
    Done(usize),
}

fn event() -> impl Generator<Value = Event> {
    let who = || prop::sample::select(AGENTS.to_vec()).prop_map(person);
    let caller = || (1_u128..12).prop_map(call);
    let lost = prop::sample::select(vec![Lost::Declined, Lost::Busy, Lost::Unanswered, Lost::Unreachable]);
    let queue = prop::sample::select(vec!["sales", "service", "nonsense"]);
    let join = (1_u128..12, queue, 0_u8..3, 0_u128..4).prop_map(|(caller, queue, priority, from)| Input::Join {
        call: call(caller),
        queue: QueueId(queue.to_owned()),
        number: (from > 0).then(|| number(from)),
        priority,
    });
    prop_oneof![
        8 => join.prop_map(Event::Any),
        6 => (0_usize..8).prop_map(|index| Event::Offer(index, None)),
        6 => (0_usize..8, lost).prop_map(|(index, why)| Event::Offer(index, Some(why))),
        4 => (0_usize..8).prop_map(Event::Done),
        8 => prop_oneof![
            caller().prop_map(|call| Input::Gone { call }),
            caller().prop_map(|call| Input::Leave { call }),
            caller().prop_map(|call| Input::WantsCallback { call }),
            caller().prop_map(|call| Input::CalledBack { call }),
            caller().prop_map(|call| Input::CallbackFailed { call }),
            who().prop_map(|agent| Input::LoggedIn { agent }),
            who().prop_map(|agent| Input::LoggedOut { agent }),
            who().prop_map(|agent| Input::Paused { agent }),
            who().prop_map(|agent| Input::Resumed { agent }),
            (who(), (90_u128..93).prop_map(call)).prop_map(|(agent, call)| Input::Busy { agent, call }),
            (who(), (90_u128..93).prop_map(call)).prop_map(|(agent, call)| Input::Free { agent, call }),
            prop::sample::select(AGENTS.to_vec()).prop_map(|name| Input::Reachable { endpoint: phone(name) }),
            prop::sample::select(AGENTS.to_vec()).prop_map(|name| Input::Unreachable { endpoint: phone(name) }),
            (caller(), who()).prop_map(|(call, agent)| Input::Ended { call, agent }),
            Just(Input::Tick),
        ].prop_map(Event::Any),
    ]
}

/// What is known of an agent without asking the queues.
#[derive(Debug, Default)]
struct Known {
    is_out: bool,
    is_paused: bool,
    is_down: bool,
    busy_in: HashSet<CallId>,
    rests_until: Option<Instant>,
    wraps_up_until: Option<Instant>,
}

/// Does what the queues say and keeps its own books.
struct World {
    queues: Queues,
    known: HashMap<PersonId, Known>,
    config: Vec<Queue>,
    now: Instant,
    /// Callers that joined and did not leave.
    waiting: HashMap<CallId, QueueId>,
    /// Calls that were used up: a call joins once.
    used: HashSet<CallId>,
    offers: Vec<(CallId, PersonId)>,
    talks: Vec<(CallId, PersonId, QueueId)>,
    reserved: HashMap<CallId, PersonId>,
    /// Those who wait for a call back.
    hung_up: HashSet<CallId>,
}

impl World {
    fn new(config: Vec<Queue>) -> Self {
        Self {
            queues: Queues::new(config.clone(), 7),
            known: HashMap::new(),
            config,
            now: epoch(),
            waiting: HashMap::new(),
            used: HashSet::new(),
            offers: Vec::new(),
            talks: Vec::new(),
            reserved: HashMap::new(),
            hung_up: HashSet::new(),
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Any(Input::Join { call, .. }) if self.used.contains(&call) => {}
            Event::Any(input) => self.input(input),
            Event::Offer(index, why) => {
                let Some((call, agent)) = self.offers.get(index).cloned() else { return };
                match why {
                    Some(why) => {
                        self.offers.remove(index);
                        self.input(Input::OfferLost { call, agent, why });
                    }
                    None => self.input(Input::Answered { call, agent }),
                }
            }
            Event::Done(index) if index < self.talks.len() => {
                let (call, agent, _) = self.talks[index].clone();
                self.input(Input::Ended { call, agent });
            }
            Event::Done(_) => {}
        }
    }

    fn input(&mut self, input: Input) {
        match &input {
            Input::Join { call, queue, .. } => {
                self.used.insert(*call);
                self.waiting.insert(*call, queue.clone());
            }
            Input::CalledBack { call } => {
                self.reserved.remove(call);
                self.hung_up.remove(call);
            }
            Input::CallbackFailed { call } => _ = self.reserved.remove(call),
            Input::Ended { call, agent } => self.wrap_up(*call, agent),
            _ => {}
        }
        self.learn(&input);
        self.queues.handle_input(self.now, input);
        while let Some(output) = self.queues.poll_output() {
            self.check(output);
        }
    }

    fn check(&mut self, output: Output) {
        match output {
            Output::Offer { call, agent, endpoints, .. } => {
                let queue = self.queue_of(call);
                assert!(!endpoints.is_empty(), "nothing rings");
                assert!(self.offers.iter().all(|(_, rung)| *rung != agent), "{agent} is rung for two calls");
                assert!(self.talks.iter().all(|(_, talking, _)| *talking != agent), "{agent} is rung in a call");
                let rung = self.offers.iter().filter(|(other, _)| *other == call).count();
                let may_be_many = matches!(queue.strategy, Strategy::AllAtOnce | Strategy::Stagger(_));
                assert!(rung == 0 || may_be_many, "two agents for one call");
                self.offers.push((call, agent));
            }
            Output::Withdraw { call, agent, .. } => {
                let index = self.offers.iter().position(|offer| *offer == (call, agent.clone()));
                self.offers.remove(index.expect("an offer that was made"));
            }
            Output::Left { call, how, queue } => {
                assert_eq!(self.waiting.remove(&call).as_ref(), Some(&queue), "left once");
                self.reserved.remove(&call);
                if let Departure::Answered(agent) = &how {
                    self.offers.retain(|offer| *offer != (call, agent.clone()));
                    self.known(agent).rests_until = None;
                    self.talks.push((call, agent.clone(), queue.clone()));
                }
                assert!(self.offers.iter().all(|(other, _)| *other != call), "still rung for who has left");
                if how == Departure::Overflow(Overflow::Unknown) {
                    assert!(self.config.iter().all(|known| known.id != queue), "the queue is known");
                }
            }
            Output::Position { call, position, .. } => {
                assert!(self.waiting.contains_key(&call) && position > 0);
            }
            Output::CallBack { call, agent, .. } => {
                assert!(self.waiting.contains_key(&call));
                assert!(self.offers.iter().all(|(_, rung)| *rung != agent), "reserved while rung");
                assert!(self.talks.iter().all(|(_, talking, _)| *talking != agent), "reserved in a call");
                self.reserved.insert(call, agent);
            }
            Output::Note { call, note: Note::Lost(agent, why) } => {
                let rests = self.queue_of(call).rests;
                let rest = match why {
                    Lost::Declined => rests.declined,
                    Lost::Busy | Lost::Unreachable => rests.busy,
                    Lost::Unanswered => rests.unanswered,
                };
                self.known(&agent).rests_until = Some(self.now + rest);
            }
            Output::Promise(promise) => {
                assert!(self.waiting.contains_key(&promise.call), "promised to nobody");
                assert!(self.hung_up.contains(&promise.call), "promised to who is on the line");
            }
            Output::Note { call, note: Note::CallbackKept } => _ = self.hung_up.insert(call),
            Output::Note { call, note: Note::CallbackFailed } => _ = self.reserved.remove(&call),
            Output::Note { note: Note::AutoPaused(agent), .. } => self.known(&agent).is_paused = true,
            Output::Agent { .. } | Output::Note { .. } => {}
        }
    }

    fn learn(&mut self, input: &Input) {
        match input {
            Input::LoggedIn { agent } => self.known(agent).is_out = false,
            Input::LoggedOut { agent } => self.known(agent).is_out = true,
            Input::Paused { agent } => self.known(agent).is_paused = true,
            Input::Resumed { agent } => {
                let known = self.known(agent);
                (known.is_paused, known.rests_until) = (false, None);
            }
            Input::Busy { agent, call } => _ = self.known(agent).busy_in.insert(*call),
            Input::Free { agent, call } => _ = self.known(agent).busy_in.remove(call),
            Input::Reachable { endpoint } => self.known(endpoint.person()).is_down = false,
            Input::Unreachable { endpoint } => self.known(endpoint.person()).is_down = true,
            _ => {}
        }
    }

    fn wrap_up(&mut self, call: CallId, agent: &PersonId) {
        let Some(index) = self.talks.iter().position(|talk| (talk.0, &talk.1) == (call, agent)) else { return };
        let (_, _, queue) = self.talks.remove(index);
        let queue = self.config.iter().find(|known| known.id == queue).expect("a queue");
        let until = self.now + queue.wrap_up;
        self.known(agent).wraps_up_until = Some(until);
    }

    fn known(&mut self, agent: &PersonId) -> &mut Known {
        self.known.entry(agent.clone()).or_default()
    }

    /// Whether the agent may be rung, by our own books.
    fn may_be_rung(&self, agent: &PersonId) -> bool {
        let is_engaged = self.offers.iter().any(|(_, rung)| rung == agent)
            || self.talks.iter().any(|(_, talking, _)| talking == agent)
            || self.reserved.values().any(|reserved| reserved == agent);
        let is_willing = self.known.get(agent).is_none_or(|known| {
            let is_left_alone = known.rests_until.max(known.wraps_up_until).is_some_and(|until| until > self.now);
            !known.is_out && !known.is_paused && !known.is_down && known.busy_in.is_empty() && !is_left_alone
        });
        is_willing && !is_engaged
    }

    fn queue_of(&self, call: CallId) -> &Queue {
        let queue = &self.waiting[&call];
        self.config.iter().find(|known| known.id == *queue).expect("a queue")
    }

    /// Nobody on the line waits without an offer while an agent of theirs may be rung.
    fn check_nobody_is_forgotten(&self) {
        for (call, queue) in &self.waiting {
            let is_rung_for = self.offers.iter().any(|(offered, _)| offered == call);
            let Some(queue) = self.config.iter().find(|known| known.id == *queue) else { continue };
            let free = queue.members.iter().find(|member| self.may_be_rung(&member.person));
            let has_hung_up = self.hung_up.contains(call);
            assert!(is_rung_for || has_hung_up || free.is_none(), "{call} waits while {free:?} is free");
        }
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        for _ in 0..10_000 {
            let Some(due) = self.queues.poll_timeout().filter(|due| *due <= until) else { break };
            self.now = self.now.max(due);
            self.input(Input::Tick);
        }
        assert!(self.queues.poll_timeout().is_none_or(|due| due > until), "a busy loop");
        self.now = until;
    }
}

proptest! {
    #[test]
    fn the_queues_keep_their_promises(
        sales in queue("sales"), service in queue("service"),
        events in prop::collection::vec((0_u64..20_000, event()), 0..80)
    ) {
        let mut world = World::new(vec![sales, service]);
        for (after_ms, event) in events {
            world.pass(Duration::from_millis(after_ms));
            world.event(event);
            world.check_nobody_is_forgotten();
        }
        for call in world.waiting.keys().copied().collect::<Vec<_>>() {
            world.input(Input::Leave { call });
        }
        assert_eq!(world.waiting, HashMap::new(), "somebody never left");
        assert_eq!(world.offers, [], "somebody is rung for nobody");
    }

    #[test]
    fn one_agent_takes_everybody_in_the_order_of_the_line(
        priorities in prop::collection::vec(0_u8..3, 1..12)
    ) {
        let queue = Queue { longest_line: 50, ..Queue::new(QueueId("sales".to_owned()), Strategy::InOrder, vec![member("ann", 0)]) };
        let mut world = World::new(vec![queue]);
        world.input(Input::Busy { agent: person("ann"), call: call(90) });
        for (caller, priority) in (1_u128..).zip(&priorities) {
            let queue = QueueId("sales".to_owned());
            world.input(Input::Join { call: call(caller), queue, number: None, priority: *priority });
        }
        let mut expected: Vec<_> = (1_u128..).zip(&priorities).collect();
        expected.sort_by_key(|(caller, priority)| (std::cmp::Reverse(**priority), *caller));
        world.input(Input::Free { agent: person("ann"), call: call(90) });
        for (caller, _) in expected {
            assert_eq!(world.offers, [(call(caller), person("ann"))]);
            world.event(Event::Offer(0, Some(Lost::Declined)));
            world.pass(Duration::from_secs(20));
            assert_eq!(world.offers, [(call(caller), person("ann"))], "the place is kept");
            world.event(Event::Offer(0, None));
            world.event(Event::Done(0));
            world.pass(Duration::from_secs(10));
        }
    }
}
