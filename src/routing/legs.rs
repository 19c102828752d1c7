//! The legs that a call dialled, and what became of each.

use super::plan::{Endpoint, GroupId};
use super::protocol::CancelReason;
use crate::id::LegId;

/// Where a leg stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Dialled; it may ring.
    Dialled,
    /// Heard to ring.
    Ringing,
    /// Answered; a key is awaited.
    Asked,
    /// Has the call.
    Bridged,
    /// Ended from our side; its answer may be on its way.
    Cancelled(CancelReason),
    /// Hears that the call was taken, or is gone.
    Done,
}

/// One leg.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub(super) id: LegId,
    pub(super) endpoint: Endpoint,
    /// The group that rang it.
    pub(super) group: Option<GroupId>,
    pub(super) state: State,
}

/// All legs of a call but the caller's, counted from 1. Those that ended stay: their messages may still arrive.
#[derive(Clone, Debug, Default)]
pub(super) struct Legs(Vec<Leg>);

impl State {
    /// Whether it may still take the call.
    pub(super) const fn is_open(self) -> bool {
        matches!(self, Self::Dialled | Self::Ringing | Self::Asked)
    }

    /// Whether nobody answered it yet.
    pub(super) const fn is_unanswered(self) -> bool {
        matches!(self, Self::Dialled | Self::Ringing)
    }
}

impl Legs {
    /// Adds a leg.
    pub(super) fn dial(&mut self, endpoint: Endpoint, group: Option<GroupId>) -> LegId {
        let id = self.0.last().map_or(LegId::default(), |last| last.id).next();
        self.0.push(Leg { id, endpoint, group, state: State::Dialled });
        id
    }

    pub(super) fn get(&self, id: LegId) -> Option<&Leg> {
        self.0.iter().find(|leg| leg.id == id)
    }

    /// Moves the leg on and gives its endpoint. Only for legs that [`Legs::get`] has found.
    pub(super) fn set(&mut self, id: LegId, state: State) -> Endpoint {
        let leg = self.0.iter_mut().find(|leg| leg.id == id).expect("the leg was looked up before");
        leg.state = state;
        leg.endpoint.clone()
    }

    /// Whether the endpoint is being called, or asked to press a key.
    pub(super) fn is_rung(&self, endpoint: &Endpoint) -> bool {
        self.0.iter().any(|leg| leg.state.is_open() && leg.endpoint == *endpoint)
    }

    /// The leg that has the call.
    pub(super) fn bridged(&self) -> Option<&Leg> {
        self.0.iter().find(|leg| leg.state == State::Bridged)
    }

    /// Those in such a state, in the order of dialling.
    pub(super) fn that(&self, is_wanted: impl Fn(State) -> bool) -> Vec<LegId> {
        self.0.iter().filter(|leg| is_wanted(leg.state)).map(|leg| leg.id).collect()
    }
}
