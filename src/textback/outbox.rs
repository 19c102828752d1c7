//! The life of one text in the outbox, as a pure machine: due, claimed, accepted, tried again, given up.
//!
//! A row is *claimed* before it is sent and the claim runs out after [`LEASE`]. A process killed between the sending
//! and the mark therefore leaves a row that is taken up again; [`Claim::maybe_sent`] then tells the provider's adapter
//! to look whether the text had already been accepted.

use crate::phone::PhoneNumber;
use crate::pii::Pii;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// After so many tries a text is given up: with the pauses below that is about five hours.
pub const GIVE_UP_AFTER: u32 = 10;

/// How long one try may take before another worker may take the row up. Longer than any provider's time limit.
pub const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// The pause after the first, second, … failed try; the last one repeats.
const PAUSES_S: [u64; 6] = [2, 10, 60, 300, 1_800, 3_600];

/// A provider may ask for a longer pause, but not for one beyond this: a text-back is worthless the next day.
const LONGEST_PAUSE: Duration = Duration::from_hours(6);

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Waits for its time.
    Due,
    /// Claimed by a worker.
    Sending,
    /// The provider has it.
    Accepted,
    /// It will not be sent.
    GaveUp,
}

impl State {
    /// The word stored with the text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::GaveUp => "gave_up",
        }
    }
}

impl std::str::FromStr for State {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Due, Self::Sending, Self::Accepted, Self::GaveUp]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no state of a text"))
    }
}

/// What a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It goes to the caller.
    TextBack,
    /// It tells the owner what came in.
    Notice,
}

impl Kind {
    /// The word stored with the text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TextBack => "text_back",
            Self::Notice => "notice",
        }
    }
}

/// One text that is to be sent once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Names the text; no two texts share it, and every try carries it to the provider.
    pub dedupe_key: String,
    /// To whom.
    pub to: PhoneNumber,
    /// What.
    pub body: Pii<String>,
    /// When it was written.
    pub queued_at: Timestamp,
    /// Tries so far.
    pub attempt: u32,
    /// When it may be sent; while it is [`State::Sending`], when the claim runs out.
    pub due_at: Timestamp,
    /// Where it stands.
    pub state: State,
}

/// The right to try a text once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The number of this try, from 1.
    pub attempt: u32,
    /// Another worker may take the text up from here on.
    pub until: Timestamp,
    /// An earlier try may have reached the provider although nobody saw the answer.
    pub maybe_sent: bool,
}

/// What a try came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The provider has the text, under this name.
    Accepted {
        /// The provider's name for it.
        provider_id: String,
    },
    /// It may work later.
    Transient {
        /// When the provider says to come back.
        retry_after: Option<Duration>,
        /// What went wrong, without personal data.
        why: String,
    },
    /// It never will.
    Final {
        /// What went wrong, without personal data.
        why: String,
    },
}

/// What to write down about a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is with the provider.
    Accepted {
        /// The provider's name for it.
        provider_id: String,
    },
    /// Try again.
    Retry {
        /// Not before this.
        due_at: Timestamp,
        /// What went wrong.
        why: String,
    },
    /// Stop trying.
    GiveUp {
        /// What went wrong last.
        why: String,
    },
}

impl Entry {
    /// Takes the text for one try, when it is time; a step when there is nothing left to try.
    ///
    /// # Errors
    /// Gives the step to write down instead: `None` when it is not its time, [`Step::GiveUp`] when every try was used
    /// up without an answer (a text that kills its worker each time must not be tried for ever).
    pub fn claim(&self, now: Timestamp) -> Result<Claim, Option<Step>> {
        if self.due_at > now || matches!(self.state, State::Accepted | State::GaveUp) {
            return Err(None);
        }
        if self.attempt >= GIVE_UP_AFTER {
            return Err(Some(Step::GiveUp { why: format!("no answer in {GIVE_UP_AFTER} tries") }));
        }
        Ok(Claim {
            attempt: self.attempt + 1,
            until: later(now, Duration::try_from(LEASE).unwrap_or_default()),
            // A try that failed may have reached the provider too: a time limit can cut off the answer alone.
            maybe_sent: self.attempt > 0,
        })
    }
}

impl Claim {
    /// What follows from a try. `jitter` (0 to 1) spreads tries that failed together.
    #[must_use]
    pub fn settle(&self, now: Timestamp, outcome: Outcome, jitter: f64) -> Step {
        match outcome {
            Outcome::Accepted { provider_id } => Step::Accepted { provider_id },
            Outcome::Final { why } => Step::GiveUp { why },
            Outcome::Transient { why, .. } if self.attempt >= GIVE_UP_AFTER => Step::GiveUp { why },
            Outcome::Transient { retry_after, why } => {
                let pause = pause_after(self.attempt, jitter).max(retry_after.unwrap_or_default()).min(LONGEST_PAUSE);
                Step::Retry { due_at: later(now, pause), why }
            }
        }
    }
}

/// The pause after a failed try, stretched by up to a quarter.
fn pause_after(attempt: u32, jitter: f64) -> Duration {
    let index = (attempt.max(1) as usize - 1).min(PAUSES_S.len() - 1);
    Duration::from_secs(PAUSES_S[index]).mul_f64(1.0 + 0.25 * jitter.clamp(0.0, 1.0))
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
