//! One call from its INVITE to its end, as a pure machine: [`Signal`] in, [`Action`] out.
//!
//! [`Call`] decides what happens to the caller's leg; [`Talk`] is the sound and the conversation on it once it is answered.
//! Neither touches a socket, a model or a clock: the shell does what an [`Action`] says and reports back with a [`Signal`].

mod outcome;
mod talk;
mod window;

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

pub use outcome::Outcome;
pub use talk::{Talk, Work};

use crate::conversation::EndReason;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long a caller's ACK may take after the answer before the call is given up (RFC 3261, 13.3.1.4: 64 times T1).
const ACK_WITHIN: Duration = Duration::from_secs(32);

/// What happened to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// A caller rings, and there is a common codec and a free port.
    Invited,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Let the caller hear ringing.
    Ring,
    /// Answer the leg.
    Answer,
    /// Let the receptionist talk.
    Converse,
    /// Pause the conversation, or go on with it.
    Hold(bool),
    /// Tell the conversation that its caller is gone, and wait for its end.
    FinishConversation,
    /// Refuse the leg with this SIP code.
    Reject(u16),
    /// End the leg from our side.
    HangUp,
    /// The call is over: write it down.
    Close(Outcome),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Answered,
    Conversing,
    /// The leg is down; the conversation still gathers what was said.
    Draining(Outcome),
    Closed,
}

/// The state of one call.
#[derive(Debug)]
pub struct Call {
    phase: Phase,
    ack_due: Option<Instant>,
    actions: VecDeque<Action>,
}

impl Call {
    /// A call that nobody has signalled yet.
    #[must_use]
    pub fn new() -> Self {
        Self { phase: Phase::Idle, ack_due: None, actions: VecDeque::new() }
    }

    /// Takes in what happened.
    pub fn handle_input(&mut self, now: Instant, signal: Signal) {
        match (self.phase, signal) {
            (Phase::Idle, Signal::Invited) => {
                self.actions.extend([Action::Ring, Action::Answer, Action::Converse]);
                self.ack_due = Some(now + ACK_WITHIN);
                self.phase = Phase::Answered;
            }
            (Phase::Idle, Signal::Unacceptable(code)) => {
                self.actions.push_back(Action::Reject(code));
                self.close(Outcome::Rejected);
            }
            (Phase::Idle, Signal::Cancelled | Signal::HungUp) => self.close(Outcome::Cancelled),
            (Phase::Idle, Signal::ShutDown | Signal::Broken) => {
                self.actions.push_back(Action::Reject(503));
                self.close(Outcome::Rejected);
            }
            (Phase::Answered, Signal::Confirmed) => {
                self.ack_due = None;
                self.phase = Phase::Conversing;
            }
            (Phase::Answered | Phase::Conversing, signal) => self.handle_while_up(now, signal),
            (Phase::Draining(outcome), Signal::Ended(_) | Signal::Broken) => self.close(outcome),
            _ => {}
        }
    }

    fn handle_while_up(&mut self, now: Instant, signal: Signal) {
        match signal {
            Signal::Cancelled => self.drain(Outcome::Cancelled),
            Signal::HungUp => self.drain(Outcome::Ended(EndReason::CallerHungUp)),
            Signal::Held(held) => self.actions.push_back(Action::Hold(held)),
            Signal::MediaLost => self.hang_up_and_drain(Outcome::MediaLost),
            Signal::ShutDown => self.hang_up_and_drain(Outcome::ShutDown),
            Signal::Tick if self.ack_due.is_some_and(|due| due <= now) => {
                self.hang_up_and_drain(Outcome::NeverConfirmed);
            }
            Signal::Ended(reason) => {
                self.actions.push_back(Action::HangUp);
                self.close(Outcome::Ended(reason));
            }
            Signal::Broken => {
                self.actions.push_back(Action::HangUp);
                self.close(Outcome::Broken);
            }
            Signal::Invited | Signal::Unacceptable(_) | Signal::Confirmed | Signal::Tick => {}
        }
    }

    fn hang_up_and_drain(&mut self, outcome: Outcome) {
        self.actions.push_back(Action::HangUp);
        self.drain(outcome);
    }

    fn drain(&mut self, outcome: Outcome) {
        self.ack_due = None;
        self.actions.push_back(Action::FinishConversation);
        self.phase = Phase::Draining(outcome);
    }

    fn close(&mut self, outcome: Outcome) {
        self.ack_due = None;
        self.actions.push_back(Action::Close(outcome));
        self.phase = Phase::Closed;
    }

    /// The next thing to do; drain before the next input.
    pub fn poll_output(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Signal::Tick`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.ack_due
    }
}

impl Default for Call {
    fn default() -> Self {
        Self::new()
    }
}
