//! A call, as one person's pages see it.

use super::protocol::{Attempt, PageId};
use crate::browser::message::{Ring, ToPage};
use crate::routing::PersonId;
use std::time::Instant;

#[derive(Debug)]
pub(super) struct Call {
    pub(super) person: PersonId,
    pub(super) ring: Ring,
    pub(super) ends: Instant,
    pub(super) only: Option<PageId>,
    pub(super) state: State,
    pub(super) attempt: Attempt,
    pub(super) is_up: bool,
    pub(super) asked: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    Ringing,
    /// Answered in this page, whose media are not connected yet.
    Connecting(PageId),
    Talking {
        page: Option<PageId>,
        since: Instant,
        /// As the user wants it.
        held: bool,
        /// The page is gone and the caller hears music.
        is_alone: bool,
    },
}

impl Call {
    pub(super) fn is_talking(&self) -> bool {
        matches!(self.state, State::Talking { .. })
    }

    /// The page that has it, or is about to.
    pub(super) fn page(&self) -> Option<PageId> {
        match self.state {
            State::Ringing => None,
            State::Connecting(page) => Some(page),
            State::Talking { page, .. } => page,
        }
    }

    pub(super) fn ring_at(&self, now: Instant) -> Ring {
        let left_ms = self.ends.saturating_duration_since(now).as_millis() as u64;
        Ring { left_ms, ..self.ring.clone() }
    }

    pub(super) fn talking_at(&self, now: Instant) -> Option<ToPage> {
        let State::Talking { page, since, held, .. } = self.state else { return None };
        Some(ToPage::Talking {
            ring: Ring { left_ms: 0, ..self.ring.clone() },
            since_ms: now.saturating_duration_since(since).as_millis() as u64,
            elsewhere: page.is_some(),
            held,
        })
    }
}
