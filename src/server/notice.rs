//! What the service tells whoever watches it: the demo's terminal, later the owner's page.

use crate::call::Outcome;
use crate::conversation::{Speaker, Turn};
use crate::id::CallId;
use crate::lead::{Slot, SlotName};
use crate::phone::PhoneNumber;
use crate::routing::PersonId;
use crate::routing::queue::AgentState;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc};

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

/// How many turns wait for a caller who is slow to hear them: more than a call has.
const WORDS_INBOX: usize = 64;

/// What the receptionist says in the next call that is ours by its caller and the number called, a turn each as it ends: for
/// scripted callers, whom it spares ears of their own. Subscribe before they phone.
#[must_use]
pub fn words_for(
    mut notices: broadcast::Receiver<Notice>,
    is_ours: impl Fn(Option<&PhoneNumber>, &str) -> bool + Send + 'static,
) -> mpsc::Receiver<String> {
    let (words, heard) = mpsc::channel(WORDS_INBOX);
    tokio::spawn(async move {
        let mut ours = None;
        loop {
            match notices.recv().await {
                Ok(Notice::Ringing { call, caller, called }) if ours.is_none() && is_ours(caller.as_ref(), &called) => {
                    ours = Some(call);
                }
                Ok(Notice::Turn { call, turn }) if ours == Some(call) && turn.speaker == Speaker::Receptionist => {
                    if words.send(turn.text).await.is_err() {
                        return;
                    }
                }
                Ok(Notice::Ended { call, .. }) if ours == Some(call) => return,
                // Missed ones are words not heard; the caller goes on by its script's order.
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    });
    heard
}
