//! A task that broke: its caller's leg goes on in a fresh one, with what the plan has left.

use super::{CallTask, Leg};
use crate::call::Call;
use crate::routing::{Executor, Standing};
use crate::server::clock;
use crate::server::ear::open_stream;
use crate::server::line::Line;
use crate::server::sound::Sound;

impl CallTask {
    /// The task that takes over from one that panicked. The caller's dialog, port and record go on; the other legs are ended, the sound and the
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
        let executor = || Executor::new(plan.clone(), 0, &Standing::new());
        let Self { service, journal, dialog, events, agreed, socket, escalation, .. } = self;
        let leg = Leg { dialog, events, caller, agreed, socket, executor: executor(), escalation };
        let mut next = Self::new(service, journal, leg);
        (next.started, next.answered, next.next_turn) = (self.started, self.answered, self.next_turn);
        (next.slots, next.recording) = (self.slots, self.recording);
        if next.answered.is_some() {
            next.call = Call::answered(executor());
            let stream = open_stream(clock::now(), &next.agreed, next.service.config.rtp.inactivity);
            next.sound = Sound::Line(Box::new(Line::new(stream)));
        }
        Some(next)
    }
}
