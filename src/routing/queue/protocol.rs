//! What goes into and comes out of the queues: closed enums.

use super::definition::Queue;
use crate::id::CallId;
use crate::phone::PhoneNumber;
use crate::routing::plan::{Endpoint, PersonId, QueueId};
use crate::routing::protocol::LegEnd;
use std::fmt;
use std::time::{Duration, Instant};

/// A caller who waits for our call: what has to outlive a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// Under which call they asked for it.
    pub call: CallId,
    /// Which line.
    pub queue: QueueId,
    /// Their number.
    pub number: PhoneNumber,
    /// Higher goes first.
    pub priority: u8,
    /// So many of our calls were in vain.
    pub failed: u32,
    /// The next one waits until then.
    pub not_before: Option<Instant>,
    /// Later they are not called any more.
    pub until: Instant,
}

/// Somebody in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which line.
    pub queue: QueueId,
    /// Their number, unless withheld.
    pub number: Option<PhoneNumber>,
    /// How long they have waited.
    pub waited: Duration,
    /// They hung up, and wait for our call.
    pub is_called_back: bool,
}

/// What happened. Calls that are in no line and people who are no agents are ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// These are the queues from now on.
    Configured(Vec<Queue>),
    /// A caller gets in line.
    Join {
        /// Whose call.
        call: CallId,
        /// Which line.
        queue: QueueId,
        /// Their number, unless withheld: their place is kept under it.
        number: Option<PhoneNumber>,
        /// Higher goes first.
        priority: u8,
    },
    /// The caller hung up: their place is kept for a while.
    Gone {
        /// Whose call.
        call: CallId,
    },
    /// The caller leaves the line for good: by a key, or because they waited long enough.
    Leave {
        /// Whose call.
        call: CallId,
    },
    /// The caller hangs up and wants to be called back in their turn. Nothing happens when their number is not known.
    WantsCallback {
        /// Whose call.
        call: CallId,
    },
    /// An earlier run of the service had promised this. Those of one line are told in the order in which they asked.
    Promised(Promise),
    /// The caller was reached again and waits for the agent.
    CalledBack {
        /// Under which call they had asked for it.
        call: CallId,
    },
    /// The caller could not be reached.
    CallbackFailed {
        /// Under which call they had asked for it.
        call: CallId,
    },
    /// The agent comes on duty.
    LoggedIn {
        /// Who.
        agent: PersonId,
    },
    /// The agent goes off duty. A call that they have, or that rings, stays with them.
    LoggedOut {
        /// Who.
        agent: PersonId,
    },
    /// The agent takes a break.
    Paused {
        /// Who.
        agent: PersonId,
    },
    /// The agent is back.
    Resumed {
        /// Who.
        agent: PersonId,
    },
    /// The agent is done with what had to be written down after a call.
    Ready {
        /// Who.
        agent: PersonId,
    },
    /// The person talks in a call that is none of a queue's.
    Busy {
        /// Who.
        agent: PersonId,
        /// In which.
        call: CallId,
    },
    /// That call is over.
    Free {
        /// Who.
        agent: PersonId,
        /// Which.
        call: CallId,
    },
    /// It can be rung, as everything can until told otherwise.
    Reachable {
        /// What.
        endpoint: Endpoint,
    },
    /// It can't be rung.
    Unreachable {
        /// What.
        endpoint: Endpoint,
    },
    /// The agent has the call.
    Answered {
        /// Which.
        call: CallId,
        /// Who.
        agent: PersonId,
    },
    /// The offer came to nothing.
    OfferLost {
        /// Of which call.
        call: CallId,
        /// To whom.
        agent: PersonId,
        /// Why.
        why: Lost,
    },
    /// A queue's call that the agent had is over.
    Ended {
        /// Which.
        call: CallId,
        /// Who.
        agent: PersonId,
    },
    /// A deadline given by `poll_timeout` is reached.
    Tick,
}

/// Why an offer came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The agent refused it.
    Declined,
    /// Their phone was busy.
    Busy,
    /// It rang out.
    Unanswered,
    /// Nothing rang at all.
    Unreachable,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Ring the agent for the call.
    Offer {
        /// Which call.
        call: CallId,
        /// Whom.
        agent: PersonId,
        /// What rings, all at once.
        endpoints: Vec<Endpoint>,
        /// How long.
        ring: Duration,
    },
    /// Stop ringing the agent for the call.
    Withdraw {
        /// Which call.
        call: CallId,
        /// Whom.
        agent: PersonId,
        /// Why.
        why: Withdrawal,
    },
    /// Tell the caller where they stand.
    Position {
        /// Whose call.
        call: CallId,
        /// 1 is next.
        position: usize,
        /// How long it may take, when there is something to go by.
        wait: Option<Duration>,
    },
    /// The caller is out of line. Comes once for each who got in.
    Left {
        /// Whose call.
        call: CallId,
        /// Which line.
        queue: QueueId,
        /// How.
        how: Departure,
    },
    /// The caller waits to be called back: keep this in place of what was kept for their call before, until they are out of line.
    Promise(Promise),
    /// Call the caller back; the agent is kept free for them. Then [`Input::CalledBack`] or [`Input::CallbackFailed`], or
    /// [`Input::Leave`] when they want nothing any more.
    CallBack {
        /// Under which call they asked for it.
        call: CallId,
        /// Which line.
        queue: QueueId,
        /// Their number.
        number: PhoneNumber,
        /// Who will talk with them.
        agent: PersonId,
    },
    /// The agent is in another state than was told before; at first everybody is [`AgentState::Free`].
    Agent {
        /// Who.
        agent: PersonId,
        /// What they are doing.
        state: AgentState,
    },
    /// A line of the call's timeline.
    Note {
        /// Which call.
        call: CallId,
        /// What happened.
        note: Note,
    },
}

/// Why an agent is not rung any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawal {
    /// Another agent took the call.
    AnsweredElsewhere,
    /// It rang long enough.
    Timeout,
    /// The caller is out of line.
    CallerGone,
    /// The agent took another call.
    AgentTaken,
}

/// How a caller got out of line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// This agent has the call.
    Answered(PersonId),
    /// The queue is not for them: the plan goes on.
    Overflow(Overflow),
    /// They left for good.
    Left,
    /// They hung up.
    Gone,
    /// They were promised a call, and it could not be made.
    Unreached,
}

/// Why a queue is not for a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// The line is as long as it may be.
    Full,
    /// No agent is on duty.
    Unstaffed,
    /// There is no such queue, or not any more.
    Unknown,
}

/// What an agent is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AgentState {
    /// Off duty.
    LoggedOut,
    /// Takes a break.
    Paused,
    /// None of their endpoints can be rung.
    Unreachable,
    /// Is rung for a call.
    Ringing,
    /// Talks.
    Talking,
    /// Has time for themselves after a call.
    WrappingUp,
    /// Waits for a call, or will after a short rest.
    Free,
}

/// A line of the call's timeline. `Display` words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The caller got in line.
    Joined {
        /// Which line.
        queue: QueueId,
        /// At which place.
        position: usize,
        /// Whether they had it before.
        is_back: bool,
    },
    /// An agent is rung.
    Offered(PersonId),
    /// The offer came to nothing.
    Lost(PersonId, Lost),
    /// The agent let too many offers ring out.
    AutoPaused(PersonId),
    /// They will be called back.
    CallbackKept,
    /// They are being called back.
    CallingBack,
    /// They could not be reached.
    CallbackFailed,
    /// They are out of line.
    Left(QueueId, Departure),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Joined { queue, position, is_back: false } => write!(f, "queue {queue}: in line at place {position}"),
            Self::Joined { queue, position, is_back: true } => write!(f, "queue {queue}: back at place {position}"),
            Self::Offered(agent) => write!(f, "offered to {agent}"),
            Self::Lost(agent, why) => write!(f, "{agent} {why}"),
            Self::AutoPaused(agent) => write!(f, "{agent} is paused after too many unanswered offers"),
            Self::CallbackKept => write!(f, "to be called back, the place is kept"),
            Self::CallingBack => write!(f, "being called back"),
            Self::CallbackFailed => write!(f, "could not be called back"),
            Self::Left(queue, how) => write!(f, "queue {queue}: {how}"),
        }
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Declined => "declined",
            Self::Busy => "was busy",
            Self::Unanswered => "did not answer",
            Self::Unreachable => "could not be reached",
        })
    }
}

impl fmt::Display for Withdrawal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AnsweredElsewhere => "answered elsewhere",
            Self::Timeout => "no answer in time",
            Self::CallerGone => "the caller is out of line",
            Self::AgentTaken => "the agent took another call",
        })
    }
}

impl fmt::Display for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(agent) => write!(f, "{agent} has the call"),
            Self::Overflow(why) => write!(f, "went on, {why}"),
            Self::Left => write!(f, "left the line"),
            Self::Gone => write!(f, "gone"),
            Self::Unreached => write!(f, "could not be called back"),
        }
    }
}

impl Overflow {
    /// In words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "the line is full",
            Self::Unstaffed => "nobody is on duty",
            Self::Unknown => "no such queue",
        }
    }
}

impl fmt::Display for Overflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<LegEnd> for Lost {
    fn from(why: LegEnd) -> Self {
        match why {
            LegEnd::Failed(486 | 600) => Self::Busy,
            LegEnd::Failed(603) | LegEnd::Declined | LegEnd::HungUp => Self::Declined,
            LegEnd::Failed(_) => Self::Unreachable,
            LegEnd::Cancelled(_) | LegEnd::Taken => Self::Unanswered,
        }
    }
}

impl fmt::Display for AgentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LoggedOut => "logged out",
            Self::Paused => "paused",
            Self::Unreachable => "not reachable",
            Self::Ringing => "ringing",
            Self::Talking => "talking",
            Self::WrappingUp => "wrapping up",
            Self::Free => "free",
        })
    }
}
