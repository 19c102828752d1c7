//! What the wire must know about single calls of ours, by their Call-ID: the library's own requests take no headers from us.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The notes of the calls that exist.
#[derive(Default)]
pub(super) struct Notes(Mutex<HashMap<String, Remark>>);

/// What is known about one call.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Remark {
    /// Where the phone is reached, whatever address it believes to have.
    pub(super) flow: Option<SocketAddr>,
    /// The call was taken by somebody else.
    pub(super) is_answered_elsewhere: bool,
    /// How many responses have come.
    responses: u32,
}

/// One call's note, removed when dropped.
pub(super) struct Note {
    notes: Arc<Notes>,
    call_id: String,
}

impl Notes {
    pub(super) fn write(self: &Arc<Self>, call_id: String, flow: Option<SocketAddr>) -> Note {
        self.locked().insert(call_id.clone(), Remark { flow, ..Remark::default() });
        Note { notes: Arc::clone(self), call_id }
    }

    pub(super) fn get(&self, call_id: &str) -> Option<Remark> {
        self.locked().get(call_id).copied()
    }

    /// Counts a response to a request of this call, and gives what is known.
    pub(super) fn hear(&self, call_id: &str) -> Option<Remark> {
        let mut notes = self.locked();
        let remark = notes.get_mut(call_id)?;
        remark.responses += 1;
        Some(*remark)
    }

    // A panic while it is held leaves nothing half done: each use is a single step.
    fn locked(&self) -> MutexGuard<'_, HashMap<String, Remark>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Note {
    pub(super) fn responses(&self) -> u32 {
        self.notes.get(&self.call_id).map_or(0, |remark| remark.responses)
    }

    pub(super) fn say_answered_elsewhere(&self) {
        if let Some(remark) = self.notes.locked().get_mut(&self.call_id) {
            remark.is_answered_elsewhere = true;
        }
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        self.notes.locked().remove(&self.call_id);
    }
}
