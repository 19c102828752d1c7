//! A call that holds in line.

use super::CallTask;
use crate::call::{QueueSignal, Signal};
use crate::prompt::{LineName, LineVars};
use crate::routing::{LeaveReason, QueueId};
use crate::server::queues::QueueEvent;
use crate::server::sound::Sound;
use crate::server::targets;

impl CallTask {
    pub(super) async fn join(&mut self, queue: QueueId) {
        let routing = self.service.routing();
        let is_vip = self.caller.as_ref().is_some_and(|caller| routing.directory.vip.contains(caller));
        // Only who can be called is offered it.
        let may_be_called = routing.directory.queue(&queue).is_some_and(|queue| queue.offers_callback)
            && self.caller.as_ref().is_some_and(|caller| targets::may_call(&self.service, caller));
        self.holding.offers_callback(may_be_called);
        if let Sound::Line(line) = &mut self.sound {
            line.hold_in_line(may_be_called);
        }
        self.holding.join(queue, self.caller.clone(), is_vip).await;
    }

    /// The line keeps the caller's place: they hear it and are let go.
    pub(super) fn promise_callback(&mut self) {
        let text = self.service.prompt.line(LineName::CallbackKept, &LineVars::default());
        if let Sound::Line(line) = &mut self.sound {
            line.announce(&self.work, &text);
        }
    }

    pub(super) async fn leave_line(&mut self, why: LeaveReason) {
        self.stop_music();
        self.holding.leave(why).await;
    }

    pub(super) async fn take_queue_event(&mut self, event: QueueEvent) {
        match event {
            QueueEvent::Signal(signal) => {
                if matches!(signal, QueueSignal::Over(_)) {
                    self.stop_music();
                    self.holding.is_over();
                }
                self.signal(Signal::Queue(signal)).await;
                self.follow_legs().await;
            }
            QueueEvent::Position { position, wait } => {
                let words = self.holding.words(position, wait);
                self.note("queue", words.clone().into());
                if let Sound::Line(line) = &mut self.sound {
                    line.tell_in_line(&self.work, &words);
                }
            }
            QueueEvent::Note(note) => self.note("queue", note.into()),
        }
    }

    fn stop_music(&mut self) {
        if let Sound::Line(line) = &mut self.sound {
            line.stop_holding();
        }
    }
}
