//! What the service tells whoever watches it: the demo's terminal, later the owner's page.

use crate::call::Outcome;
use crate::conversation::Turn;
use crate::id::CallId;
use crate::lead::{Slot, SlotName};
use crate::phone::PhoneNumber;
use crate::routing::PersonId;
use crate::routing::queue::AgentState;
use std::time::Duration;

/// How many notices wait for a slow watcher before it misses the oldest.
pub(super) const INBOX: usize = 1_024;

/// Something a watcher may want to see.
#[derive(Clone, Debug)]
pub enum Notice {
    /// A call came in and rings.
    Ringing {
        /// Which call.
        call: CallId,
        /// Who calls, unless withheld.
        caller: Option<PhoneNumber>,
        /// The number or name that was called.
        called: String,
    },
    /// We call somebody.
    Calling {
        /// Which call.
        call: CallId,
        /// Whom.
        to: PhoneNumber,
    },
    /// The call was answered.
    Answered {
        /// Which call.
        call: CallId,
        /// From the INVITE to the answer.
        after: Duration,
        /// The codec both sides speak.
        codec: &'static str,
    },
    /// A turn is over.
    Turn {
        /// Which call.
        call: CallId,
        /// What was said.
        turn: Turn,
    },
    /// A detail is new or changed.
    Slot {
        /// Which call.
        call: CallId,
        /// The detail.
        slot: Slot,
    },
    /// A detail was taken back.
    SlotCleared {
        /// Which call.
        call: CallId,
        /// Which detail.
        name: SlotName,
    },
    /// An agent of the queues does something else.
    Agent {
        /// Who.
        agent: PersonId,
        /// What they are doing.
        state: AgentState,
    },
    /// The call is over and written down.
    Ended {
        /// Which call.
        call: CallId,
        /// How it ended.
        outcome: Outcome,
        /// From the answer to the end.
        lasted: Duration,
        /// Whether the record could be written.
        stored: bool,
    },
}
