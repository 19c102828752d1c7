//! What goes into and comes out of the executor: closed enums, so that the call that hosts it can be a plain loop.

use super::plan::{Endpoint, PersonId, QueueId, Step};
use super::queue;
use crate::id::{CallId, LegId};
use std::fmt;
use std::time::Duration;

/// What happened to the call. A leg that the executor never dialled is ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The caller waits for an answer: begin.
    Start,
    /// The leg rings: 180, or 183 with or without sound. It never counts as an answer.
    Ringing {
        /// Which.
        leg: LegId,
    },
    /// The leg's 2xx arrived.
    Answered {
        /// Which.
        leg: LegId,
    },
    /// Who answered pressed 1.
    Accepted {
        /// Which.
        leg: LegId,
    },
    /// Who answered pressed 2.
    Declined {
        /// Which.
        leg: LegId,
    },
    /// The leg could not be had: nobody is registered, or it was refused.
    Failed {
        /// Which.
        leg: LegId,
        /// The SIP status, 300 to 699.
        code: u16,
    },
    /// The leg hung up, before it was accepted or from the bridge.
    Gone {
        /// Which.
        leg: LegId,
    },
    /// The leg's user is out of touch, and did not hang up: whoever it left talking is taken further.
    Lost {
        /// Which.
        leg: LegId,
    },
    /// The announcement was played to its end, the receptionist gave up, or the message was taken.
    StepDone,
    /// The receptionist's conversation came to its own end.
    ConversationOver,
    /// The caller's line offers the call to an agent.
    Offered {
        /// Whom.
        agent: PersonId,
        /// Where they are rung, all at once.
        endpoints: Vec<Endpoint>,
        /// How long.
        ring: Duration,
    },
    /// The line takes its offer back: another call has the agent, or another agent this one.
    Withdrawn {
        /// Whose offer.
        agent: PersonId,
    },
    /// The line has let the call go: nobody is there, or it is full.
    QueueOver {
        /// Why.
        why: &'static str,
    },
    /// The caller chose by key to leave a message rather than to wait.
    MessageWanted,
    /// The caller chose by key to be called back rather than to wait; the line keeps their place.
    CallbackWanted,
    /// The leg that has the call passes it on: these steps, settled by [`settle`](super::settle), are tried for it.
    Transfer {
        /// Where it goes.
        steps: Vec<Step>,
    },
    /// The receptionist asks for a person: these steps, settled as well, are tried while the caller waits. Only steps that ring count.
    Escalate {
        /// Whom to try.
        steps: Vec<Step>,
    },
    /// The caller cancelled or hung up.
    CallerGone,
    /// A deadline given by `poll_timeout` is reached.
    Tick,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Call the endpoint.
    Dial {
        /// The new leg.
        leg: LegId,
        /// Whom.
        endpoint: Endpoint,
    },
    /// Tell who answered to press 1 to take the call or 2 to decline it.
    AskToAccept {
        /// Which.
        leg: LegId,
    },
    /// Connect the leg with the caller. Comes once at most, and once more after each transfer.
    Bridge {
        /// Which.
        leg: LegId,
    },
    /// End the leg: CANCEL before its answer, BYE after it. Comes again for a leg whose answer crossed the first one.
    Cancel {
        /// Which.
        leg: LegId,
        /// What its user is to see.
        why: CancelReason,
    },
    /// Let who answered hear that the call was taken, then hang up.
    TellTaken {
        /// Which.
        leg: LegId,
    },
    /// Answer the caller and play this; then [`Input::StepDone`].
    Announce {
        /// What is said.
        text: String,
    },
    /// Answer the caller and let the receptionist talk; then [`Input::ConversationOver`], or [`Input::StepDone`] when it breaks.
    Converse,
    /// Answer the caller and take a message; then [`Input::StepDone`].
    TakeMessage,
    /// Answer the caller and let them hold in line.
    Join {
        /// Which line.
        queue: QueueId,
    },
    /// The call is not in the line any more.
    Leave {
        /// Which line.
        queue: QueueId,
        /// Why.
        why: LeaveReason,
    },
    /// An offer of the line came to nothing; the call holds on.
    OfferLost {
        /// To whom.
        agent: PersonId,
        /// How the last of the agent's legs ended.
        why: LegEnd,
    },
    /// Nobody came: let the receptionist go on with the caller.
    Resume,
    /// Refuse the caller, or hang up where an earlier step has answered.
    Reject {
        /// The SIP status.
        code: u16,
    },
    /// A line of the call's timeline.
    Note(Note),
    /// Nothing follows. Every leg was ended before this, but the answer of a cancelled one may still arrive: whoever sent the CANCEL
    /// sends the BYE.
    Over(Ending),
}

/// Why a leg is ended from our side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelReason {
    /// Another leg took the call. Only this one carries "Call completed elsewhere", so that phones show no missed call.
    AnsweredElsewhere,
    /// It rang long enough.
    Timeout,
    /// The caller hung up.
    CallerGone,
    /// It answered, and nobody pressed 1.
    NotAccepted,
    /// It passed the call on.
    Transferred,
    /// Its user is out of touch.
    Lost,
}

/// Why a call leaves its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaveReason {
    /// This agent has it.
    Answered(PersonId),
    /// It held for as long as the step allows.
    TimedOut,
    /// The caller hung up; who calls again soon gets the place back.
    CallerGone,
    /// The caller leaves a message instead.
    Message,
    /// The caller is called back, in their turn.
    Callback,
}

impl LeaveReason {
    /// What the queues are told of it.
    #[must_use]
    pub fn told_of(self, call: CallId) -> queue::Input {
        match self {
            Self::Answered(agent) => queue::Input::Answered { call, agent },
            Self::TimedOut | Self::Message => queue::Input::Leave { call },
            Self::Callback => queue::Input::WantsCallback { call },
            Self::CallerGone => queue::Input::Gone { call },
        }
    }
}

/// How the call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The leg that took the call hung up.
    Bridged {
        /// Which.
        leg: LegId,
    },
    /// The caller hung up, whatever was going on.
    CallerGone,
    /// The receptionist's conversation came to its end.
    Converse,
    /// The message was taken.
    TakeMessage,
    /// The caller waits for our call.
    Callback,
    /// The caller was refused with this SIP status.
    Rejected(u16),
}

/// A line of the call's timeline. `Display` words it, without numbers of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A step began.
    StepBegan {
        /// Its place in the plan, from 0; past the plan's end for what the executor adds so that no call dies.
        index: usize,
        /// The step in words.
        step: String,
    },
    /// A step was left out.
    StepSkipped {
        /// Its place.
        index: usize,
        /// Why.
        why: &'static str,
    },
    /// A step ended.
    StepEnded {
        /// Its place.
        index: usize,
        /// Why.
        why: &'static str,
    },
    /// The line offered the call.
    Offered {
        /// To whom.
        agent: PersonId,
    },
    /// The receptionist tries to reach a person.
    Escalated,
    /// The receptionist goes on, as nobody came.
    Resumed,
    /// A leg passed the call on.
    Transferred {
        /// Which.
        leg: LegId,
        /// Whose.
        endpoint: Endpoint,
    },
    /// A leg was dialled.
    LegDialled {
        /// Which.
        leg: LegId,
        /// Whom.
        endpoint: Endpoint,
    },
    /// It rings.
    LegRinging {
        /// Which.
        leg: LegId,
        /// Whom.
        endpoint: Endpoint,
    },
    /// It answered.
    LegAnswered {
        /// Which.
        leg: LegId,
        /// Who.
        endpoint: Endpoint,
    },
    /// It has the call.
    LegBridged {
        /// Which.
        leg: LegId,
        /// Who.
        endpoint: Endpoint,
    },
    /// It ended.
    LegEnded {
        /// Which.
        leg: LegId,
        /// Whose.
        endpoint: Endpoint,
        /// Why.
        why: LegEnd,
    },
    /// It answered or accepted after it was cancelled.
    LegTooLate {
        /// Which.
        leg: LegId,
        /// Who.
        endpoint: Endpoint,
    },
}

/// Why a leg ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegEnd {
    /// It was refused, or nobody was there: the SIP status.
    Failed(u16),
    /// It hung up.
    HungUp,
    /// Key 2.
    Declined,
    /// We ended it.
    Cancelled(CancelReason),
    /// It answered and was not accepted yet when another leg took the call.
    Taken,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StepBegan { index, step } => write!(f, "step {index}: {step}"),
            Self::StepSkipped { index, why } => write!(f, "step {index} left out: {why}"),
            Self::StepEnded { index, why } => write!(f, "step {index} ended: {why}"),
            Self::Offered { agent } => write!(f, "{agent}'s turn"),
            Self::Escalated => write!(f, "the receptionist asks for a person"),
            Self::Resumed => write!(f, "nobody came: the receptionist goes on"),
            Self::Transferred { leg, endpoint } => write!(f, "leg {leg}: {endpoint} passes the call on"),
            Self::LegDialled { leg, endpoint } => write!(f, "leg {leg}: calling {endpoint}"),
            Self::LegRinging { leg, endpoint } => write!(f, "leg {leg}: {endpoint} rings"),
            Self::LegAnswered { leg, endpoint } => write!(f, "leg {leg}: {endpoint} answered"),
            Self::LegBridged { leg, endpoint } => write!(f, "leg {leg}: {endpoint} has the call"),
            Self::LegEnded { leg, endpoint, why } => write!(f, "leg {leg}: {endpoint} {why}"),
            Self::LegTooLate { leg, endpoint } => write!(f, "leg {leg}: {endpoint} answered too late"),
        }
    }
}

impl fmt::Display for LegEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(code) => write!(f, "failed with {code}"),
            Self::HungUp => write!(f, "hung up"),
            Self::Declined => write!(f, "declined"),
            Self::Cancelled(why) => write!(f, "let go: {why}"),
            Self::Taken => write!(f, "told that the call was taken"),
        }
    }
}

impl fmt::Display for CancelReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AnsweredElsewhere => "answered elsewhere",
            Self::Timeout => "no answer in time",
            Self::CallerGone => "the caller hung up",
            Self::NotAccepted => "not accepted",
            Self::Transferred => "it passed the call on",
            Self::Lost => "out of touch",
        })
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bridged { leg } => write!(f, "leg {leg} hung up"),
            Self::CallerGone => write!(f, "the caller hung up"),
            Self::Converse => write!(f, "the receptionist was done"),
            Self::TakeMessage => write!(f, "a message was taken"),
            Self::Callback => write!(f, "the caller will be called back"),
            Self::Rejected(code) => write!(f, "refused with {code}"),
        }
    }
}
