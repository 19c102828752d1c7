//! One call from its INVITE to its end, as a pure machine: [`Signal`] in, [`Action`] out.
//!
//! [`Call`] hosts the [`Executor`] that tries the plan's steps, and decides what happens to the caller's leg; [`Talk`] is the sound and the
//! conversation on it once the receptionist has it, [`Message`] the voicemail. None of them touches a socket, a model or a clock: the shell
//! does what an [`Action`] says and reports back with a [`Signal`].

mod message;
mod outcome;
mod talk;
mod window;

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

pub use message::{Message, MessageEvent};
pub use outcome::Outcome;
pub use talk::{Talk, Work};

use crate::conversation::EndReason;
use crate::id::LegId;
use crate::routing::{
    CancelReason, Ending, Endpoint, Executor, GroupId, Input, LeaveReason, LegEnd, Note, Output, PersonId, Plan,
    QueueId, Ringing, Step,
};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long a caller's ACK may take after the answer before the call is given up (RFC 3261, 13.3.1.4: 64 times T1).
const ACK_WITHIN: Duration = Duration::from_secs(32);

/// What happened to a leg that we dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegSignal {
    /// It rings.
    Ringing,
    /// Somebody, or their voicemail, took it.
    Answered,
    /// Key 1: a person wants the call.
    Accepted,
    /// Key 2: a person does not want it.
    Declined,
    /// It could not be reached: the SIP status.
    Failed(u16),
    /// It hung up, or its sound stopped.
    Gone,
    /// Its user is out of touch, and did not hang up.
    Lost,
}

impl LegSignal {
    /// What it means for the plan.
    #[must_use]
    pub const fn of(self, leg: LegId) -> Input {
        match self {
            Self::Ringing => Input::Ringing { leg },
            Self::Answered => Input::Answered { leg },
            Self::Accepted => Input::Accepted { leg },
            Self::Declined => Input::Declined { leg },
            Self::Failed(code) => Input::Failed { leg, code },
            Self::Gone => Input::Gone { leg },
            Self::Lost => Input::Lost { leg },
        }
    }
}

/// What the line that a call holds in tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueSignal {
    /// It is an agent's turn.
    Offered {
        /// Whose.
        agent: PersonId,
        /// Where they are rung.
        endpoints: Vec<Endpoint>,
        /// How long.
        ring: Duration,
    },
    /// Not that agent's turn any more.
    Withdrawn(PersonId),
    /// The line has let the call go.
    Over(&'static str),
    /// The caller would rather leave a message.
    MessageWanted,
    /// The caller would rather be called back.
    CallbackWanted,
}

/// What happened to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// A caller rings, and there is a common codec and a free port.
    Invited,
    /// The caller is on the line already: we called them, or what had their call broke.
    Reached,
    /// The call can't be taken: the SIP code that says why.
    Unacceptable(u16),
    /// The caller's ACK to our answer arrived.
    Confirmed,
    /// The caller gave up before the answer.
    Cancelled,
    /// The caller hung up.
    HungUp,
    /// The caller put us on hold (`true`) or came back.
    Held(bool),
    /// No sound has come from the caller for the configured time.
    MediaLost,
    /// Something happened to a leg that we dialled.
    Leg(LegId, LegSignal),
    /// Something happened in the line that the call holds in.
    Queue(QueueSignal),
    /// The leg that has the call passes it on, to these steps.
    Transfer(Vec<Step>),
    /// The receptionist asks for a person, by these steps.
    Escalate(Vec<Step>),
    /// The announcement was played to its end, or can't be played.
    Announced,
    /// The voicemail is over; whether it holds a message.
    MessageTaken(bool),
    /// The conversation is over.
    Ended(EndReason),
    /// Part of the call broke: it can't go on.
    Broken,
    /// The service is going down.
    ShutDown,
    /// A deadline given by `poll_timeout` is reached.
    Tick,
}

/// What the shell is to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Let the caller hear ringing.
    Ring,
    /// Answer the caller's leg.
    Answer,
    /// Let the receptionist talk.
    Converse,
    /// Pause the caller's sound, or go on with it.
    Hold(bool),
    /// Tell the conversation that its caller is gone, and wait for its end.
    FinishConversation,
    /// Call an endpoint.
    Dial {
        /// Under this number.
        leg: LegId,
        /// Whom.
        endpoint: Endpoint,
    },
    /// Tell a leg who calls, and ask for a key.
    AskToAccept(LegId),
    /// Connect a leg with the caller.
    Bridge(LegId),
    /// End a leg, whatever its state.
    CancelLeg {
        /// Which.
        leg: LegId,
        /// Why.
        why: CancelReason,
    },
    /// Tell a leg that somebody else took the call, then end it.
    TellTaken(LegId),
    /// Play this text to the caller; [`Signal::Announced`] tells its end.
    Announce(String),
    /// Tell the caller that they will be called back; [`Signal::Announced`] tells its end.
    PromiseCallback,
    /// Take a message; [`Signal::MessageTaken`] tells its end.
    TakeMessage,
    /// Let the caller hold in line.
    Join(QueueId),
    /// The call is not in line any more.
    Leave(QueueId, LeaveReason),
    /// An agent did not take the call.
    OfferLost(PersonId, LegEnd),
    /// Nobody came: let the conversation go on.
    Resume,
    /// Keep this for the call's timeline.
    Note(Note),
    /// Refuse the caller's leg with this SIP code.
    Reject(u16),
    /// End the caller's leg from our side.
    HangUp,
    /// The call is over: write it down.
    Close(Outcome),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    /// The executor tries the plan's steps; the caller hears ringing or an announcement.
    Routing,
    /// Connected with a leg.
    Bridged,
    Conversing,
    /// The receptionist waits for a person.
    Escalating,
    TakingMessage,
    /// The caller hears that they will be called back; the plan is over.
    Promising,
    /// The caller's leg is down; what was said is still gathered.
    Draining(Outcome),
    Closed,
}

/// The state of one call.
#[derive(Debug)]
pub struct Call {
    executor: Executor,
    phase: Phase,
    is_answered: bool,
    ack_due: Option<Instant>,
    actions: VecDeque<Action>,
}

impl Call {
    /// A call that nobody has signalled yet, with its plan.
    #[must_use]
    pub fn new(executor: Executor) -> Self {
        Self { executor, phase: Phase::Idle, is_answered: false, ack_due: None, actions: VecDeque::new() }
    }

    /// What is left to try for the caller of a call that broke in this state; `None` when nothing is, or they are gone.
    #[must_use]
    pub fn fallback(&self) -> Option<Plan> {
        let steps = match self.phase {
            Phase::Idle | Phase::Routing | Phase::Bridged => vec![Step::Receptionist, Step::Voicemail],
            Phase::Conversing | Phase::Escalating => vec![Step::Voicemail],
            // A caller who is told goodbye has their promise.
            Phase::Promising | Phase::TakingMessage | Phase::Draining(_) | Phase::Closed => return None,
        };
        Some(Plan { name: "after a fault".to_owned(), steps, ..Plan::receptionist_only() })
    }

    /// Takes in what happened.
    pub fn handle_input(&mut self, now: Instant, signal: Signal) {
        match (self.phase, signal) {
            (Phase::Closed, _) => {}
            (Phase::Idle, signal) => self.begin(now, &signal),
            (_, Signal::Confirmed) => self.ack_due = None,
            (Phase::Draining(Outcome::Voicemail), Signal::MessageTaken(false)) => self.close(Outcome::NoMessage),
            (Phase::Draining(outcome), Signal::Ended(_) | Signal::Broken | Signal::MessageTaken(_)) => {
                self.close(outcome);
            }
            (Phase::Draining(_), signal) => self.route(now, signal),
            (_, Signal::Tick) if self.ack_due.is_some_and(|due| due <= now) => {
                self.hang_up_and_drain(now, Outcome::NeverConfirmed);
            }
            (_, Signal::Held(held)) => self.actions.push_back(Action::Hold(held)),
            (Phase::Promising, signal) => self.promising(&signal),
            (_, Signal::Cancelled) => self.drain(now, Outcome::Cancelled),
            (_, Signal::HungUp) => self.drain(now, self.when_hung_up()),
            (_, Signal::MediaLost) => self.hang_up_and_drain(now, self.broken_off(Outcome::MediaLost)),
            (_, Signal::ShutDown) => self.hang_up_and_drain(now, self.broken_off(Outcome::ShutDown)),
            (_, Signal::Broken) => {
                let outcome = self.broken_off(Outcome::Broken);
                self.hang_up();
                self.phase = Phase::Draining(outcome);
                self.leave_legs(now);
                self.close(outcome);
            }
            (Phase::Conversing, Signal::Ended(reason)) => self.conversation_ended(now, reason),
            (Phase::Conversing, Signal::Escalate(steps)) => {
                self.phase = Phase::Escalating;
                self.execute(now, Input::Escalate { steps });
            }
            (Phase::Bridged, Signal::Transfer(steps)) => {
                self.phase = Phase::Routing;
                self.execute(now, Input::Transfer { steps });
            }
            (Phase::Bridged, Signal::Leg(leg, LegSignal::Lost)) => {
                self.phase = Phase::Routing;
                self.execute(now, Input::Lost { leg });
            }
            (Phase::TakingMessage, Signal::MessageTaken(has_message)) => {
                self.execute(now, Input::StepDone);
                self.hang_up();
                self.close(if has_message { Outcome::Voicemail } else { Outcome::NoMessage });
            }
            (_, signal) => self.route(now, signal),
        }
    }

    fn begin(&mut self, now: Instant, signal: &Signal) {
        match *signal {
            Signal::Invited => {
                self.actions.push_back(Action::Ring);
                self.phase = Phase::Routing;
                self.execute(now, Input::Start);
            }
            Signal::Reached => {
                self.is_answered = true;
                self.phase = Phase::Routing;
                self.execute(now, Input::Start);
            }
            Signal::Unacceptable(code) => {
                self.actions.push_back(Action::Reject(code));
                self.close(Outcome::Rejected);
            }
            Signal::Cancelled | Signal::HungUp => self.close(Outcome::Cancelled),
            Signal::ShutDown | Signal::Broken => {
                self.actions.push_back(Action::Reject(503));
                self.close(Outcome::Rejected);
            }
            _ => {}
        }
    }

    // The line keeps the caller's place, whether they hear it to the end or not.
    fn promising(&mut self, signal: &Signal) {
        match signal {
            Signal::Announced | Signal::MediaLost | Signal::ShutDown | Signal::Broken => {
                self.hang_up();
                self.close(Outcome::Callback);
            }
            Signal::HungUp | Signal::Cancelled => self.close(Outcome::Callback),
            _ => {}
        }
    }

    // What concerns the plan and its legs.
    fn route(&mut self, now: Instant, signal: Signal) {
        let input = match signal {
            Signal::Leg(leg, signal) => signal.of(leg),
            Signal::Queue(signal) => of_queue(signal),
            Signal::Announced if self.phase == Phase::Routing => Input::StepDone,
            Signal::Tick => Input::Tick,
            _ => return,
        };
        self.execute(now, input);
    }

    fn execute(&mut self, now: Instant, input: Input) {
        self.executor.handle_input(now, input);
        while let Some(output) = self.executor.poll_output() {
            self.take(now, output);
        }
    }

    fn take(&mut self, now: Instant, output: Output) {
        let is_up = matches!(self.phase, Phase::Routing | Phase::Conversing | Phase::Escalating | Phase::TakingMessage);
        match output {
            Output::Note(note) => self.actions.push_back(Action::Note(note)),
            Output::Dial { leg, endpoint } => self.actions.push_back(Action::Dial { leg, endpoint }),
            Output::AskToAccept { leg } => self.actions.push_back(Action::AskToAccept(leg)),
            Output::Cancel { leg, why } => self.actions.push_back(Action::CancelLeg { leg, why }),
            Output::TellTaken { leg } => self.actions.push_back(Action::TellTaken(leg)),
            Output::Over(_) if self.phase == Phase::Bridged => {
                self.hang_up();
                self.close(Outcome::Answered);
            }
            Output::Over(Ending::Callback) if self.phase == Phase::Routing => {
                self.actions.push_back(Action::PromiseCallback);
                self.phase = Phase::Promising;
            }
            // Of the steps that talk with the caller their own ends tell.
            Output::Over(_) => {}
            Output::Leave { queue, why } => self.actions.push_back(Action::Leave(queue, why)),
            Output::OfferLost { agent, why } => self.actions.push_back(Action::OfferLost(agent, why)),
            _ if !is_up => {}
            Output::Bridge { leg } => {
                self.answer(now);
                self.actions.push_back(Action::Bridge(leg));
                self.phase = Phase::Bridged;
            }
            Output::Join { queue } => {
                self.answer(now);
                self.actions.push_back(Action::Join(queue));
            }
            Output::Resume => {
                self.actions.push_back(Action::Resume);
                self.phase = Phase::Conversing;
            }
            Output::Announce { text } => {
                self.answer(now);
                self.actions.push_back(Action::Announce(text));
            }
            Output::Converse => {
                self.answer(now);
                self.actions.push_back(Action::Converse);
                self.phase = Phase::Conversing;
            }
            Output::TakeMessage => {
                self.answer(now);
                self.actions.push_back(Action::TakeMessage);
                self.phase = Phase::TakingMessage;
            }
            Output::Reject { code } => {
                self.actions.push_back(if self.is_answered { Action::HangUp } else { Action::Reject(code) });
                self.close(Outcome::Rejected);
            }
        }
    }

    fn answer(&mut self, now: Instant) {
        if !self.is_answered {
            self.is_answered = true;
            self.ack_due = Some(now + ACK_WITHIN);
            self.actions.push_back(Action::Answer);
        }
    }

    fn conversation_ended(&mut self, now: Instant, reason: EndReason) {
        if matches!(reason, EndReason::Failed | EndReason::HandedOn) {
            // The next step of the plan takes over; the executor knows one even if the plan names none.
            return self.execute(now, Input::StepDone);
        }
        self.execute(now, Input::ConversationOver);
        self.hang_up();
        self.close(Outcome::Ended(reason));
    }

    fn when_hung_up(&self) -> Outcome {
        match self.phase {
            Phase::Bridged => Outcome::Answered,
            Phase::Conversing | Phase::Escalating => Outcome::Ended(EndReason::CallerHungUp),
            Phase::TakingMessage => Outcome::Voicemail,
            _ => Outcome::Cancelled,
        }
    }

    // Who was talking with a person was not missed, whatever ended it.
    fn broken_off(&self, otherwise: Outcome) -> Outcome {
        if self.phase == Phase::Bridged { Outcome::CutOff } else { otherwise }
    }

    fn hang_up(&mut self) {
        self.actions.push_back(if self.is_answered { Action::HangUp } else { Action::Reject(503) });
    }

    fn hang_up_and_drain(&mut self, now: Instant, outcome: Outcome) {
        self.hang_up();
        self.drain(now, outcome);
    }

    // The caller's leg is down: no leg outlives it.
    fn drain(&mut self, now: Instant, outcome: Outcome) {
        let was = std::mem::replace(&mut self.phase, Phase::Draining(outcome));
        self.ack_due = None;
        self.leave_legs(now);
        match was {
            Phase::Conversing | Phase::Escalating | Phase::TakingMessage => {
                self.actions.push_back(Action::FinishConversation);
            }
            _ => self.close(outcome),
        }
    }

    fn leave_legs(&mut self, now: Instant) {
        if !self.executor.is_over() {
            self.execute(now, Input::CallerGone);
        }
    }

    fn close(&mut self, outcome: Outcome) {
        self.ack_due = None;
        self.actions.push_back(Action::Close(outcome));
        self.phase = Phase::Closed;
    }

    /// What a leg that rings is part of, and how long it still may.
    #[must_use]
    pub fn ring_of(&self, now: Instant, leg: LegId) -> Ringing {
        self.executor.ring_of(now, leg)
    }

    /// Whom a leg called, and for which ring group.
    #[must_use]
    pub fn dialled(&self, leg: LegId) -> Option<(&Endpoint, Option<&GroupId>)> {
        self.executor.dialled(leg)
    }

    /// The next thing to do; drain before the next input.
    pub fn poll_output(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Whether somebody talks with the caller: only then a transfer can be had.
    #[must_use]
    pub fn is_bridged(&self) -> bool {
        self.phase == Phase::Bridged
    }

    /// When [`Signal::Tick`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.phase {
            Phase::Idle | Phase::Closed => None,
            _ => self.ack_due.into_iter().chain(self.executor.poll_timeout()).min(),
        }
    }
}

fn of_queue(signal: QueueSignal) -> Input {
    match signal {
        QueueSignal::Offered { agent, endpoints, ring } => Input::Offered { agent, endpoints, ring },
        QueueSignal::Withdrawn(agent) => Input::Withdrawn { agent },
        QueueSignal::Over(why) => Input::QueueOver { why },
        QueueSignal::MessageWanted => Input::MessageWanted,
        QueueSignal::CallbackWanted => Input::CallbackWanted,
    }
}
