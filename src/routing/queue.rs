//! The queues: callers who hold in line for agents. One machine for the whole service, because an agent may serve several queues.
//!
//! Everybody waits by priority and then in the order of joining; an agent is on duty until they log out or pause. Whenever something happened,
//! `Queues::settle` gives each caller in their turn the best agent that is free. An offer belongs to its agent, so that nobody is rung
//! for two calls; what an offer came to is told by the call, which alone decides who has won it.

mod agent;
mod assign;
mod callback;
mod definition;
mod line;
mod pace;
mod protocol;
#[cfg(test)]
mod tests;

pub use definition::{Member, Queue, Rests};
pub use protocol::{AgentState, Departure, Input, Lost, Note, Output, Overflow, Promise, Waiting, Withdrawal};

use super::executor::ACCEPT_WITHIN;
use super::plan::{Endpoint, PersonId, QueueId};
use crate::id::CallId;
use crate::phone::PhoneNumber;
use agent::{Agent, Doing};
use line::{Caller, Lines, Waits};
use pace::Pace;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Instant;

/// All queues of the service.
#[derive(Debug)]
pub struct Queues {
    all: Vec<Queue>,
    pace: HashMap<QueueId, Pace>,
    agents: BTreeMap<PersonId, Agent>,
    unreachable: HashSet<Endpoint>,
    lines: Lines,
    /// Drawn on by queues in random order.
    seed: u64,
    outputs: VecDeque<Output>,
}

impl Queues {
    /// Queues without callers, whose agents are all on duty. `seed` is for those in random order.
    #[must_use]
    pub fn new(queues: Vec<Queue>, seed: u64) -> Self {
        Self {
            all: queues,
            pace: HashMap::new(),
            agents: BTreeMap::new(),
            unreachable: HashSet::new(),
            lines: Lines::default(),
            seed,
            outputs: VecDeque::new(),
        }
    }

    /// Takes in what happened.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        match input {
            Input::Configured(queues) => self.configured(queues),
            Input::Join { call, queue, number, priority } => self.join(now, call, queue, number, priority),
            Input::Gone { call } => self.gone(now, call),
            Input::Leave { call } => _ = self.leave(call, Departure::Left),
            Input::WantsCallback { call } => self.wants_callback(now, call),
            Input::Promised(promise) => self.promised(now, promise),
            Input::CalledBack { call } => self.called_back(now, call),
            Input::CallbackFailed { call } => self.callback_failed(now, call),
            Input::LoggedIn { agent } => self.agent(&agent).is_logged_in = true,
            Input::LoggedOut { agent } => self.agent(&agent).is_logged_in = false,
            Input::Paused { agent } => self.agent(&agent).is_paused = true,
            Input::Resumed { agent } => self.resumed(&agent),
            Input::Ready { agent } => self.ready(&agent),
            Input::Busy { agent, call } => _ = self.agent(&agent).busy_in.insert(call),
            Input::Free { agent, call } => self.free(now, &agent, call),
            Input::Reachable { endpoint } => _ = self.unreachable.remove(&endpoint),
            Input::Unreachable { endpoint } => _ = self.unreachable.insert(endpoint),
            Input::Answered { call, agent } => self.answered(now, call, &agent),
            Input::OfferLost { call, agent, why } => self.offer_lost(now, call, &agent, why),
            Input::Ended { call, agent } => self.ended(now, call, &agent),
            Input::Tick => {}
        }
        self.settle(now);
    }

    /// The next thing to do; drain before the next input.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Tick`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let agents = self.agents.values().filter_map(Agent::due);
        let callers = self.lines.all().filter_map(|caller| self.caller_due(caller));
        agents.chain(callers).chain(self.lines.due()).min()
    }

    /// Who waits, in the order in which they are served.
    pub fn waiting(&self, now: Instant) -> impl Iterator<Item = Waiting> {
        self.lines.all().map(move |caller| Waiting {
            queue: caller.queue.clone(),
            number: caller.number.clone(),
            waited: now.saturating_duration_since(caller.since),
            is_called_back: caller.waits != Waits::Holding,
        })
    }

    // ---- callers ----

    fn configured(&mut self, queues: Vec<Queue>) {
        self.all = queues;
        for call in self.lines.calls() {
            if self.queue_of(call).is_none() {
                self.leave(call, Departure::Overflow(Overflow::Unknown));
            }
        }
    }

    fn join(&mut self, now: Instant, call: CallId, queue: QueueId, number: Option<PhoneNumber>, priority: u8) {
        if self.lines.get(call).is_some() {
            return;
        }
        self.lines.forget(now);
        if let Some(number) = &number {
            self.take_callback_back(now, &queue, number);
        }
        let limit = self.queue(&queue).map(|queue| queue.longest_line);
        let is_full = limit.is_some_and(|limit| self.lines.length(&queue) >= limit);
        let is_back = self.lines.join(now, call, queue.clone(), number, priority);
        if limit.is_none() {
            _ = self.leave(call, Departure::Overflow(Overflow::Unknown));
        } else if is_full && !is_back {
            _ = self.leave(call, Departure::Overflow(Overflow::Full));
        } else {
            let position = self.lines.position(call);
            self.note(call, Note::Joined { queue, position, is_back });
        }
    }

    fn gone(&mut self, now: Instant, call: CallId) {
        let resume_within = self.queue_of(call).map(|queue| queue.resume_within);
        // Who waits to be called back has hung up long ago.
        if self.lines.get(call).is_none_or(|caller| caller.waits != Waits::Holding) {
            return;
        }
        if let Some((caller, within)) = self.leave(call, Departure::Gone).zip(resume_within) {
            self.lines.keep(&caller, now + within);
        }
    }

    /// Takes a caller out of line, and from all agents that are rung for them.
    fn leave(&mut self, call: CallId, how: Departure) -> Option<Caller> {
        let caller = self.lines.remove(call)?;
        let has_hung_up = caller.waits != Waits::Holding;
        let how = if has_hung_up && matches!(how, Departure::Overflow(_)) { Departure::Unreached } else { how };
        let why = match how {
            Departure::Answered(_) => Withdrawal::AnsweredElsewhere,
            Departure::Overflow(_) | Departure::Left | Departure::Gone | Departure::Unreached => Withdrawal::CallerGone,
        };
        for agent in self.offered(call) {
            self.withdraw(call, agent, why);
        }
        if let Some(agent) = self.reserved_for(call) {
            self.agent(&agent).doing = Doing::Nothing;
        }
        self.note(call, Note::Left(caller.queue.clone(), how.clone()));
        self.outputs.push_back(Output::Left { call, queue: caller.queue.clone(), how });
        Some(caller)
    }

    // ---- offers ----

    fn answered(&mut self, now: Instant, call: CallId, person: &PersonId) {
        let Some(caller) = self.lines.get(call) else { return };
        let queue = caller.queue.clone();
        let before = std::mem::replace(&mut self.agent(person).doing, Doing::Talking(call, queue, now));
        if let Doing::Offered(other, _) = before
            && other != call
        {
            self.outputs.push_back(withdrawn(other, person.clone(), Withdrawal::AgentTaken));
        }
        let agent = self.agent(person);
        (agent.unanswered, agent.answered, agent.rests_until) = (0, agent.answered + 1, None);
        self.leave(call, Departure::Answered(person.clone()));
    }

    fn offer_lost(&mut self, now: Instant, call: CallId, person: &PersonId, why: Lost) {
        if self.agents.get(person).and_then(Agent::offered) != Some(call) {
            return;
        }
        let Some((rests, pause_after)) = self.queue_of(call).map(|queue| (queue.rests, queue.pause_after)) else {
            return;
        };
        self.note(call, Note::Lost(person.clone(), why));
        let agent = self.agent(person);
        agent.doing = Doing::Nothing;
        let rest = match why {
            Lost::Declined => rests.declined,
            Lost::Busy | Lost::Unreachable => rests.busy,
            Lost::Unanswered => rests.unanswered,
        };
        agent.rests_until = Some(now + rest);
        agent.unanswered = if why == Lost::Unanswered { agent.unanswered + 1 } else { agent.unanswered };
        if pause_after > 0 && agent.unanswered >= pause_after && !agent.is_paused {
            agent.is_paused = true;
            self.note(call, Note::AutoPaused(person.clone()));
        }
    }

    fn ended(&mut self, now: Instant, call: CallId, person: &PersonId) {
        let Doing::Talking(talking, queue, since) = self.agent(person).doing.clone() else { return };
        if talking != call {
            return;
        }
        let wrap_up = self.queue(&queue).map(|queue| queue.wrap_up).unwrap_or_default();
        self.pace.entry(queue).or_default().learn(now.saturating_duration_since(since) + wrap_up);
        let agent = self.agent(person);
        agent.idle_since = Some(now);
        agent.doing = Doing::WrappingUp(now + wrap_up);
    }

    fn withdraw(&mut self, call: CallId, person: PersonId, why: Withdrawal) {
        self.agent(&person).doing = Doing::Nothing;
        self.outputs.push_back(withdrawn(call, person, why));
    }

    // ---- agents ----

    fn resumed(&mut self, person: &PersonId) {
        let agent = self.agent(person);
        (agent.is_paused, agent.unanswered, agent.rests_until) = (false, 0, None);
    }

    fn ready(&mut self, person: &PersonId) {
        let agent = self.agent(person);
        if matches!(agent.doing, Doing::WrappingUp(_)) {
            agent.doing = Doing::Nothing;
        }
    }

    fn free(&mut self, now: Instant, person: &PersonId, call: CallId) {
        let agent = self.agent(person);
        if agent.busy_in.remove(&call) {
            agent.idle_since = Some(now);
        }
    }

    /// Those who are rung for the call.
    fn offered(&self, call: CallId) -> Vec<PersonId> {
        let rung = self.agents.iter().filter(|(_, agent)| agent.offered() == Some(call));
        rung.map(|(person, _)| person.clone()).collect()
    }

    fn agent(&mut self, person: &PersonId) -> &mut Agent {
        self.agents.entry(person.clone()).or_default()
    }

    // ---- time ----

    fn settle(&mut self, now: Instant) {
        self.expire(now);
        self.close_unstaffed();
        self.offer_all(now);
        self.announce(now);
        self.tell_agents();
    }

    fn expire(&mut self, now: Instant) {
        self.lines.forget(now);
        self.lines.wake(now);
        self.give_promises_up(now);
        let due = self.agents.iter().filter(|(_, agent)| agent.due().is_some_and(|due| due <= now));
        for person in due.map(|(person, _)| person.clone()).collect::<Vec<_>>() {
            let agent = self.agent(&person);
            agent.rests_until.take_if(|until| *until <= now);
            match agent.doing {
                Doing::WrappingUp(until) if until <= now => agent.doing = Doing::Nothing,
                Doing::Offered(call, until) if until <= now => {
                    self.outputs.push_back(withdrawn(call, person.clone(), Withdrawal::Timeout));
                    self.offer_lost(now, call, &person, Lost::Unanswered);
                }
                Doing::Reserved(call, until) if until <= now => self.callback_failed(now, call),
                _ => {}
            }
        }
    }

    fn close_unstaffed(&mut self) {
        for call in self.lines.calls() {
            let is_holding = self.lines.get(call).is_some_and(|caller| caller.waits == Waits::Holding);
            let is_closed = self.queue_of(call).is_some_and(|queue| !queue.waits_unstaffed && self.staff(queue) == 0);
            if is_holding && is_closed && self.offered(call).is_empty() {
                self.leave(call, Departure::Overflow(Overflow::Unstaffed));
            }
        }
    }

    fn announce(&mut self, now: Instant) {
        for call in self.lines.calls() {
            let position = self.lines.position(call);
            let Some(caller) = self.lines.get(call).filter(|caller| caller.waits == Waits::Holding) else { continue };
            let Some(queue) = self.queue(&caller.queue) else { continue };
            let is_due = caller.announce_at(position, queue.announce_every).is_none_or(|at| at <= now);
            // Who is rung for in the breath in which they joined needn't hear that they are in line.
            let is_worth_it = caller.told.is_some() || self.offered(call).is_empty();
            let wait = self.pace.get(&queue.id).and_then(|pace| pace.wait(position, self.staff(queue)));
            if !is_due {
                continue;
            }
            if is_worth_it {
                self.outputs.push_back(Output::Position { call, position, wait });
            }
            if let Some(caller) = self.lines.get_mut(call) {
                caller.told = Some((position, now));
            }
        }
    }

    fn tell_agents(&mut self) {
        let members = self.all.iter().flat_map(|queue| &queue.members);
        for member in members {
            let agent = self.agents.entry(member.person.clone()).or_default();
            let others = self.all.iter().filter_map(|queue| queue.member(&member.person));
            let is_reachable =
                others.flat_map(|member| &member.endpoints).any(|endpoint| !self.unreachable.contains(endpoint));
            let state = agent.state(is_reachable);
            if agent.told != state {
                agent.told = state;
                self.outputs.push_back(Output::Agent { agent: member.person.clone(), state });
            }
        }
    }

    fn caller_due(&self, caller: &Caller) -> Option<Instant> {
        if let Waits::ForCallback { not_before, until, .. } = caller.waits {
            let is_called = self.reserved_for(caller.call).is_some();
            return not_before.into_iter().chain((!is_called).then_some(until)).min();
        }
        let queue = self.queue(&caller.queue)?;
        let announce = caller.announce_at(self.lines.position(caller.call), queue.announce_every);
        announce.into_iter().chain(self.widens_at(queue, caller)).min()
    }

    // ---- look-up ----

    /// Whether the call waits in a line, on the line or for ours.
    #[must_use]
    pub fn holds(&self, call: CallId) -> bool {
        self.lines.get(call).is_some()
    }

    fn queue(&self, id: &QueueId) -> Option<&Queue> {
        self.all.iter().find(|queue| queue.id == *id)
    }

    fn queue_of(&self, call: CallId) -> Option<&Queue> {
        self.queue(&self.lines.get(call)?.queue)
    }

    fn note(&mut self, call: CallId, note: Note) {
        self.outputs.push_back(Output::Note { call, note });
    }
}

const fn withdrawn(call: CallId, agent: PersonId, why: Withdrawal) -> Output {
    Output::Withdraw { call, agent, why }
}
