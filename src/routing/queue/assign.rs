//! Which agent is rung for which caller.

use super::agent::{Agent, Doing};
use super::definition::{Member, Queue};
use super::line::{Caller, Waits};
use super::protocol::{Note, Output};
use super::{ACCEPT_WITHIN, Queues};
use crate::id::CallId;
use crate::routing::group::{Record, arrange, scramble};
use crate::routing::plan::{Endpoint, PersonId, Strategy};
use std::time::{Duration, Instant};

/// A call that says nothing for so long after its offer has rung out is not waited for.
const SILENCE: Duration = Duration::from_secs(5);

impl Queues {
    /// Gives each caller in their turn who may be rung for them now.
    pub(super) fn offer_all(&mut self, now: Instant) {
        for call in self.lines.calls() {
            let Some((caller, queue)) = self.lines.get(call).zip(self.queue_of(call)) else { continue };
            match caller.waits {
                Waits::Holding => {
                    let next = self.next_agents(now, queue, caller);
                    for person in next {
                        self.offer(now, call, &person);
                    }
                }
                Waits::ForCallback { not_before, .. } if not_before.is_none_or(|at| at <= now) => {
                    let next = if self.reserved_for(call).is_none() {
                        self.free_members(queue).into_iter().next()
                    } else {
                        None
                    };
                    if let Some(person) = next {
                        self.call_back(now, call, person);
                    }
                }
                Waits::ForCallback { .. } => {}
            }
        }
    }

    /// Rings the agent for the call.
    pub(super) fn offer(&mut self, now: Instant, call: CallId, person: &PersonId) {
        let Some(queue) = self.queue_of(call) else { return };
        let (id, ring) = (queue.id.clone(), queue.ring);
        let endpoints = queue.member(person).map(|member| self.reachable(member)).unwrap_or_default();
        self.pace.entry(id).or_default().last = Some(person.clone());
        self.seed = scramble(self.seed);
        // The call tells what became of the offer; that it forgets to is only provided for.
        self.agent(person).doing = Doing::Offered(call, now + ring + ACCEPT_WITHIN + SILENCE);
        if let Some(caller) = self.lines.get_mut(call) {
            caller.widened = Some(now);
        }
        self.note(call, Note::Offered(person.clone()));
        self.outputs.push_back(Output::Offer { call, agent: person.clone(), endpoints, ring });
    }

    fn next_agents(&self, now: Instant, queue: &Queue, caller: &Caller) -> Vec<PersonId> {
        let rung = self.offered(caller.call);
        let mut free = self.free_members(queue);
        match queue.strategy {
            Strategy::AllAtOnce => {
                let tier = |person: &PersonId| queue.member(person).map(|member| member.tier);
                let lowest = rung.iter().filter_map(tier).max().or_else(|| free.first().and_then(tier));
                free.retain(|person| tier(person) <= lowest);
            }
            Strategy::Stagger(_) => {
                let may_widen = rung.is_empty() || self.widens_at(queue, caller).is_some_and(|at| at <= now);
                free.truncate(usize::from(may_widen));
            }
            _ => free.truncate(usize::from(rung.is_empty())),
        }
        free
    }

    /// When one more agent is added to those who ring for the caller.
    pub(super) fn widens_at(&self, queue: &Queue, caller: &Caller) -> Option<Instant> {
        let Strategy::Stagger(gap) = queue.strategy else { return None };
        let can_widen = !self.offered(caller.call).is_empty() && !self.free_members(queue).is_empty();
        caller.widened.filter(|_| can_widen).map(|at| at + gap)
    }

    /// The agents of a queue that may be rung now, in the order of tier and strategy.
    pub(super) fn free_members(&self, queue: &Queue) -> Vec<PersonId> {
        let last = self.pace.get(&queue.id).and_then(|pace| pace.last.as_ref());
        let mut members: Vec<&Member> = queue.members.iter().collect();
        arrange(&mut members, queue.strategy, self.seed, |member| {
            let agent = self.agents.get(&member.person);
            Record {
                was_last: Some(&member.person) == last,
                // `None`, who never talked, is the longest idle.
                idleness: agent.and_then(|agent| agent.idle_since),
                calls: agent.map_or(0, |agent| agent.answered),
            }
        });
        members.sort_by_key(|member| member.tier);
        members.retain(|member| {
            let is_free = self.agents.get(&member.person).is_none_or(Agent::is_free);
            is_free && !self.reachable(member).is_empty()
        });
        members.into_iter().map(|member| member.person.clone()).collect()
    }

    /// How many agents of a queue are on duty and can be rung.
    pub(super) fn staff(&self, queue: &Queue) -> usize {
        let is_there = |member: &&Member| {
            let is_on_duty = self.agents.get(&member.person).is_none_or(Agent::is_on_duty);
            is_on_duty && !self.reachable(member).is_empty()
        };
        queue.members.iter().filter(is_there).count()
    }

    fn reachable(&self, member: &Member) -> Vec<Endpoint> {
        member.endpoints.iter().filter(|endpoint| !self.unreachable.contains(endpoint)).cloned().collect()
    }
}
