//! A task that broke: its caller's leg goes on in a fresh one, with what the plan has left.

use super::{CallTask, Leg, Up};
use crate::routing::{Executor, Standing};
use crate::server::clock;
use crate::server::ear::open_stream;

impl CallTask {
    /// The task that takes over from one that panicked. The caller's leg, port and record go on; the other legs are ended, the sound and the
    /// machines are new, because nobody knows what state they are in. `None` when nothing is left to try, or the caller is gone.
    pub(in crate::server) fn begin_again(mut self) -> Option<Self> {
        if self.hung_up || self.ended.is_some() {
            return None;
        }
        let plan = self.call.fallback()?;
        self.note("fault", "a part of this call broke; what is left is tried".into());
        self.talked_enough();
        self.end_talk();
        self.legs.cancel_all();
        let caller = self.legs.caller().clone();
        let executor = Executor::new(plan, 0, &Standing::new());
        let Self { service, journal, carrier, events, agreed, socket, escalation, started, answered, trunk, .. } = self;
        let up = answered.map(|_| {
            let stream = open_stream(clock::now(), &agreed, service.config.rtp.inactivity);
            Up { began: started, stream, trunk, place: None }
        });
        let leg = Leg { carrier, events, caller, agreed, socket, executor, escalation, up, parked: None };
        let mut next = Self::new(service, journal, leg);
        (next.started, next.answered, next.next_turn) = (started, answered, self.next_turn);
        (next.slots, next.recording) = (self.slots, self.recording);
        Some(next)
    }
}
