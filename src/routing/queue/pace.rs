//! What a queue has seen so far: how long a call keeps an agent, and whose turn it was last.

use crate::routing::plan::PersonId;
use std::time::Duration;

/// One queue's memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    /// What one call takes an agent, wrap-up included.
    average: Option<Duration>,
    /// Who was rung last.
    pub(super) last: Option<PersonId>,
}

impl Pace {
    /// A call took an agent so long. A running average with a weight of an eighth, as TCP takes round trips (RFC 6298).
    pub(super) fn learn(&mut self, took: Duration) {
        self.average = Some(self.average.map_or(took, |average| (average * 7 + took) / 8));
    }

    /// How long the caller at this position may wait for one of so many agents.
    pub(super) fn wait(&self, position: usize, agents: usize) -> Option<Duration> {
        let agents = u32::try_from(agents).ok().filter(|agents| *agents > 0)?;
        Some(self.average? * u32::try_from(position).ok()? / agents)
    }
}
