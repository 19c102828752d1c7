//! Runs one plan for one call: dials, waits, gives up, goes on, until somebody has the call.
//!
//! The first leg to take the call wins at once and for good: [`Output::Bridge`] is decided inside one `handle_input`, the others are
//! let go in the same breath, and no later message of theirs can undo it. A plan that runs out ends at the receptionist, and if that
//! breaks, with a message: no call dies.

mod aside;
mod waiting;

use self::waiting::Waiting;
use super::group::{Round, settle};
use super::legs::{Legs, State};
use super::plan::{Endpoint, GroupId, Plan, Ringing, Step};
use super::protocol::{CancelReason, Ending, Input, LeaveReason, LegEnd, Note, Output};
use super::standing::Standing;
use crate::id::LegId;
use crate::timer::Timers;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long somebody who answered may take to press 1, the question of some 8 s included; a carrier's voicemail never does.
pub const ACCEPT_WITHIN: Duration = Duration::from_secs(15);
/// How long where the receptionist tells first what it is about.
const BRIEFED_WITHIN: Duration = Duration::from_secs(30);

/// The machine that runs one plan for one call.
#[derive(Debug)]
pub struct Executor {
    plan: String,
    steps: VecDeque<Step>,
    /// The step that was begun last, in words.
    words: String,
    /// What the receptionist tries to reach a person; `None` while it does not try.
    escalation: Option<VecDeque<Step>>,
    /// Steps begun or left out so far.
    count: usize,
    /// How long a call may ring.
    longest: Duration,
    /// How long this one still may.
    ring_left: Duration,
    has_conversed: bool,
    stage: Stage,
    legs: Legs,
    timers: Timers<Timer>,
    outputs: VecDeque<Output>,
}

#[derive(Debug)]
enum Stage {
    Idle,
    Ringing(Round),
    Queued(Waiting),
    Announcing,
    Conversing,
    TakingMessage,
    Refused(u16),
    Bridged,
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Timer {
    /// The step's time to ring is up.
    Round,
    /// One more of the group is due.
    Widen,
    /// The leg rang long enough, though the step goes on.
    Ring(LegId),
    /// Whoever answered the leg pressed no key.
    Accept(LegId),
}

impl Executor {
    /// A call that rings nobody yet. `standing` and, for groups in random order, `seed` settle here who comes first in each group.
    #[must_use]
    pub fn new(plan: Plan, seed: u64, standing: &Standing) -> Self {
        let mut steps = plan.steps;
        settle(&mut steps, seed, standing);
        Self {
            plan: plan.name,
            steps: steps.into(),
            words: String::new(),
            escalation: None,
            count: 0,
            longest: plan.longest,
            ring_left: plan.longest,
            has_conversed: false,
            stage: Stage::Idle,
            legs: Legs::default(),
            timers: Timers::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Takes in what happened. What comes after the end is ignored.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        if self.is_over() {
            return;
        }
        match input {
            Input::Start => self.start(now),
            Input::Ringing { leg } => self.ringing(leg),
            Input::Answered { leg } => self.answered(now, leg),
            Input::Accepted { leg } => self.accepted(leg),
            Input::Declined { leg } => self.declined(now, leg),
            Input::Failed { leg, code } => self.lost(now, leg, LegEnd::Failed(code)),
            Input::Gone { leg } => self.lost(now, leg, LegEnd::HungUp),
            Input::Lost { leg } => self.out_of_touch(now, leg),
            Input::StepDone => self.step_done(now),
            Input::ConversationOver => self.conversation_over(),
            Input::Offered { agent, endpoints, ring } => self.offered(now, agent, endpoints, ring),
            Input::Withdrawn { agent } => self.withdrawn(&agent),
            Input::QueueOver { why } => self.queue_over(now, why),
            Input::MessageWanted => self.message_wanted(now),
            Input::CallbackWanted => self.callback_wanted(),
            Input::Transfer { steps } => self.transfer(now, steps),
            Input::Escalate { steps } => self.escalate(now, steps),
            Input::CallerGone => self.caller_gone(),
            Input::Tick => self.tick(now),
        }
    }

    /// The next thing to do; drain before the next input.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Tick`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// Whether the call is over: the last output, given or waiting, is [`Output::Over`].
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// Whom the leg called, and for which group: what [`Standing::answered`] wants to know.
    #[must_use]
    pub fn dialled(&self, leg: LegId) -> Option<(&Endpoint, Option<&GroupId>)> {
        self.legs.get(leg).map(|leg| (&leg.endpoint, leg.group.as_ref()))
    }

    /// What a leg that rings is part of, and how long it still may.
    #[must_use]
    pub fn ring_of(&self, now: Instant, leg: LegId) -> Ringing {
        let ends = [Timer::Ring(leg), Timer::Round].into_iter().filter_map(|timer| self.timers.get(timer)).min();
        let left = ends.map_or(Duration::ZERO, |ends| ends.saturating_duration_since(now));
        Ringing { plan: self.plan.clone(), step: self.words.clone(), left }
    }

    // ---- steps ----

    fn start(&mut self, now: Instant) {
        if matches!(self.stage, Stage::Idle) {
            self.go_on(now);
        }
    }

    fn go_on(&mut self, now: Instant) {
        loop {
            let Some(step) = self.next_step() else { return self.resume() };
            let index = self.count;
            self.count += 1;
            let words = step.to_string();
            match self.opening(now, step) {
                Ok((stage, output)) => {
                    self.words.clone_from(&words);
                    self.note(Note::StepBegan { index, step: words });
                    return self.enter(now, stage, output);
                }
                Err(why) => self.note(Note::StepSkipped { index, why }),
            }
        }
    }

    /// What comes next; nothing when an escalation ran out.
    fn next_step(&mut self) -> Option<Step> {
        match &mut self.escalation {
            Some(escalation) => escalation.pop_front(),
            None => Some(self.steps.pop_front().unwrap_or_else(|| self.last_resort())),
        }
    }

    /// What follows a plan that ran out.
    const fn last_resort(&self) -> Step {
        if self.has_conversed { Step::Voicemail } else { Step::Receptionist }
    }

    /// The stage that the step leads to and the output that begins it, or why it is left out.
    fn opening(&self, now: Instant, step: Step) -> Result<(Stage, Option<Output>), &'static str> {
        match step {
            step if step.rings() && self.ring_left.is_zero() => Err("the call rang as long as it may"),
            Step::Ring { endpoint, timeout } => {
                Ok((Stage::Ringing(Round::of_one(endpoint, now, timeout.min(self.ring_left))), None))
            }
            Step::RingGroup { group, .. } if group.members.is_empty() => Err("nobody is in the group"),
            Step::RingGroup { group, timeout } => {
                Ok((Stage::Ringing(Round::of_group(group, now, timeout.min(self.ring_left))), None))
            }
            Step::Queue { queue, timeout } => {
                let output = Output::Join { queue: queue.clone() };
                Ok((Stage::Queued(Waiting::new(queue, now + timeout)), Some(output)))
            }
            Step::Announce { text } => Ok((Stage::Announcing, Some(Output::Announce { text }))),
            Step::Receptionist => Ok((Stage::Conversing, Some(Output::Converse))),
            Step::Voicemail => Ok((Stage::TakingMessage, Some(Output::TakeMessage))),
            Step::Reject { code } => Ok((Stage::Refused(code), Some(Output::Reject { code }))),
        }
    }

    fn enter(&mut self, now: Instant, stage: Stage, output: Option<Output>) {
        self.stage = stage;
        self.outputs.extend(output);
        match &self.stage {
            Stage::Ringing(round) => {
                self.timers.set(Timer::Round, round.ends);
                self.ring_next(now);
            }
            Stage::Queued(waiting) => self.timers.set(Timer::Round, waiting.ends()),
            Stage::Conversing => self.has_conversed = true,
            Stage::Refused(code) => self.end(Ending::Rejected(*code)),
            Stage::Idle | Stage::Announcing | Stage::TakingMessage | Stage::Bridged | Stage::Over => {}
        }
    }

    fn step_done(&mut self, now: Instant) {
        match self.stage {
            Stage::Announcing => self.end_step(now, "played"),
            Stage::Conversing => self.end_step(now, "the receptionist gave up"),
            Stage::TakingMessage => self.end(Ending::TakeMessage),
            Stage::Idle | Stage::Ringing(_) | Stage::Queued(_) | Stage::Refused(_) | Stage::Bridged | Stage::Over => {}
        }
    }

    fn end_step(&mut self, now: Instant, why: &'static str) {
        self.note(Note::StepEnded { index: self.count - 1, why });
        self.go_on(now);
    }

    fn conversation_over(&mut self) {
        if matches!(self.stage, Stage::Conversing) {
            self.end(Ending::Converse);
        }
    }

    // ---- ringing ----

    /// Dials whoever is next, now that the round began, a leg was lost or a timer expired; ends the step when that was all.
    fn ring_next(&mut self, now: Instant) {
        let Stage::Ringing(round) = &mut self.stage else { return };
        let (next, group) = (round.take_next(now), round.group.clone());
        let (member_timeout, widens_after) = (round.member_timeout(), round.widens_after());
        for endpoint in next {
            let leg = self.dial(endpoint, group.clone());
            if let Some(timeout) = member_timeout {
                self.timers.set(Timer::Ring(leg), now + timeout);
            }
        }
        if let Some(gap) = widens_after {
            self.timers.set(Timer::Widen, now + gap);
        }
        if self.legs.that(State::is_open).is_empty() {
            self.end_round(now);
        }
    }

    fn dial(&mut self, endpoint: Endpoint, group: Option<GroupId>) -> LegId {
        let leg = self.legs.dial(endpoint.clone(), group);
        self.outputs.push_back(Output::Dial { leg, endpoint: endpoint.clone() });
        self.note(Note::LegDialled { leg, endpoint });
        leg
    }

    fn end_round(&mut self, now: Instant) {
        let Stage::Ringing(round) = &self.stage else { return };
        self.ring_left = self.ring_left.saturating_sub(now.saturating_duration_since(round.began));
        let why = if now >= round.ends { "nobody took the call in time" } else { "nobody was left to ring" };
        self.timers = Timers::new();
        self.end_step(now, why);
    }

    fn tick(&mut self, now: Instant) {
        while let Some(timer) = self.timers.pop_expired(now) {
            match timer {
                Timer::Round if matches!(self.stage, Stage::Queued(_)) => self.held_long_enough(now),
                Timer::Round => {
                    for leg in self.legs.that(State::is_unanswered) {
                        self.let_go(leg, CancelReason::Timeout);
                    }
                }
                Timer::Ring(leg) => self.let_go(leg, CancelReason::Timeout),
                Timer::Accept(leg) => self.let_go(leg, CancelReason::NotAccepted),
                Timer::Widen => {}
            }
            self.ring_next(now);
        }
    }

    // ---- legs ----

    fn state(&self, leg: LegId) -> Option<State> {
        self.legs.get(leg).map(|leg| leg.state)
    }

    fn ringing(&mut self, leg: LegId) {
        if self.state(leg) == Some(State::Dialled) {
            let endpoint = self.legs.set(leg, State::Ringing);
            self.note(Note::LegRinging { leg, endpoint });
        }
    }

    fn answered(&mut self, now: Instant, leg: LegId) {
        match self.state(leg) {
            Some(State::Dialled | State::Ringing) => {
                let endpoint = self.legs.set(leg, State::Asked);
                // The receptionist's whisper tells what it is about before anybody is connected.
                let needs_acceptance = endpoint.needs_acceptance() || self.escalation.is_some();
                self.note(Note::LegAnswered { leg, endpoint });
                if needs_acceptance {
                    self.ask(now, leg);
                } else {
                    self.bridge(leg);
                }
            }
            Some(State::Cancelled(reason)) => self.too_late(leg, reason),
            Some(State::Asked | State::Bridged | State::Done) | None => {}
        }
    }

    fn ask(&mut self, now: Instant, leg: LegId) {
        self.timers.cancel(Timer::Ring(leg));
        let within = if self.escalation.is_some() { BRIEFED_WITHIN } else { ACCEPT_WITHIN };
        self.timers.set(Timer::Accept(leg), now + within);
        self.outputs.push_back(Output::AskToAccept { leg });
    }

    fn accepted(&mut self, leg: LegId) {
        match self.state(leg) {
            Some(State::Asked) => self.bridge(leg),
            Some(State::Cancelled(reason)) => self.too_late(leg, reason),
            Some(State::Dialled | State::Ringing | State::Bridged | State::Done) | None => {}
        }
    }

    fn declined(&mut self, now: Instant, leg: LegId) {
        if self.state(leg) == Some(State::Asked) {
            self.cancel(leg, CancelReason::NotAccepted, LegEnd::Declined);
            self.ring_next(now);
        }
    }

    /// The leg refused, failed or hung up by itself.
    fn lost(&mut self, now: Instant, leg: LegId, why: LegEnd) {
        match self.state(leg) {
            Some(State::Bridged) => {
                self.close(leg, State::Done, why);
                self.end(Ending::Bridged { leg });
            }
            Some(state) if state.is_open() => {
                self.close(leg, State::Done, why);
                self.ring_next(now);
            }
            // Its end was told when we cancelled it; from here on not even its late answer matters.
            Some(_) => drop(self.legs.set(leg, State::Done)),
            None => {}
        }
    }

    /// The leg has the call. Everybody else is told in the same breath.
    fn bridge(&mut self, leg: LegId) {
        self.outputs.push_back(Output::Bridge { leg });
        let endpoint = self.legs.set(leg, State::Bridged);
        self.left_line(&endpoint);
        self.note(Note::LegBridged { leg, endpoint });
        for other in self.legs.that(State::is_unanswered) {
            self.let_go(other, CancelReason::AnsweredElsewhere);
        }
        for other in self.legs.that(|state| state == State::Asked) {
            self.outputs.push_back(Output::TellTaken { leg: other });
            self.close(other, State::Done, LegEnd::Taken);
        }
        self.timers = Timers::new();
        self.escalation = None;
        self.stage = Stage::Bridged;
        self.note(Note::StepEnded { index: self.count - 1, why: "answered" });
    }

    /// An answer or a key that crossed our cancel.
    fn too_late(&mut self, leg: LegId, reason: CancelReason) {
        let is_taken = matches!(self.stage, Stage::Bridged);
        self.outputs.push_back(if is_taken { Output::TellTaken { leg } } else { Output::Cancel { leg, why: reason } });
        let endpoint = self.legs.set(leg, if is_taken { State::Done } else { State::Cancelled(reason) });
        self.note(Note::LegTooLate { leg, endpoint });
    }

    fn let_go(&mut self, leg: LegId, why: CancelReason) {
        self.cancel(leg, why, LegEnd::Cancelled(why));
    }

    fn cancel(&mut self, leg: LegId, why: CancelReason, end: LegEnd) {
        self.outputs.push_back(Output::Cancel { leg, why });
        self.close(leg, State::Cancelled(why), end);
    }

    fn close(&mut self, leg: LegId, state: State, why: LegEnd) {
        self.timers.cancel(Timer::Ring(leg));
        self.timers.cancel(Timer::Accept(leg));
        let endpoint = self.legs.set(leg, state);
        self.note(Note::LegEnded { leg, endpoint, why });
        self.settle_offers(leg, why);
    }

    // ---- the end ----

    fn caller_gone(&mut self) {
        self.leave_line(LeaveReason::CallerGone);
        for leg in self.legs.that(|state| state.is_open() || state == State::Bridged) {
            self.let_go(leg, CancelReason::CallerGone);
        }
        self.end(Ending::CallerGone);
    }

    fn end(&mut self, ending: Ending) {
        self.timers = Timers::new();
        self.stage = Stage::Over;
        self.outputs.push_back(Output::Over(ending));
    }

    fn note(&mut self, note: Note) {
        self.outputs.push_back(Output::Note(note));
    }
}
