//! One call's place in a line, and what the queues have to know of whoever talks in it.

use super::queues::{Command, QueueDesk, QueueEvent};
use crate::id::CallId;
use crate::phone::PhoneNumber;
use crate::routing::queue::Input;
use crate::routing::{LeaveReason, LegEnd, PersonId, QueueId};
use std::time::Duration;
use tokio::sync::mpsc;

/// Events that may wait: a call reads them between its beats.
const EVENTS: usize = 64;
const MINUTE: u64 = 60;
/// The keys that a caller in line may press.
const MESSAGE: &str = " Press 2 to leave a message instead.";
const CALLBACK_AND_MESSAGE: &str = " Press 1 to be called back, or 2 to leave a message.";

/// A call and the queues. When it is dropped, for whatever reason, the queues are told that the call is over.
pub(super) struct Holding {
    desk: QueueDesk,
    call: CallId,
    events_in: mpsc::Sender<QueueEvent>,
    events: mpsc::Receiver<QueueEvent>,
    is_in_line: bool,
    /// The line keeps the caller's place, as they are called back.
    is_expected: bool,
    /// The agent who took the call out of the line.
    taken_by: Option<PersonId>,
    /// Who talks with the caller.
    talks: Option<PersonId>,
    /// What the caller is told of keys, once.
    keys: &'static str,
}

impl Holding {
    /// `place` is the call under which a line keeps the caller's place: the queues know this one by it.
    pub(super) fn new(desk: QueueDesk, call: CallId, place: Option<CallId>) -> Self {
        let (events_in, events) = mpsc::channel(EVENTS);
        Self {
            desk,
            call: place.unwrap_or(call),
            events_in,
            events,
            is_in_line: false,
            is_expected: place.is_some(),
            taken_by: None,
            talks: None,
            keys: MESSAGE,
        }
    }

    /// Whether the caller may ask to be called back.
    pub(super) fn offers_callback(&mut self, is_offered: bool) {
        if !self.keys.is_empty() {
            self.keys = if is_offered { CALLBACK_AND_MESSAGE } else { MESSAGE };
        }
    }

    /// Gets in line.
    pub(super) async fn join(&mut self, queue: QueueId, number: Option<PhoneNumber>, is_vip: bool) {
        self.is_in_line = true;
        let (call, events) = (self.call, self.events_in.clone());
        if std::mem::take(&mut self.is_expected) {
            return self.desk.send(Command::CalledBack { call, events }).await;
        }
        self.desk.send(Command::Join { call, queue, number, priority: u8::from(is_vip), events }).await;
    }

    /// The call is out of line, by its own plan.
    pub(super) async fn leave(&mut self, why: LeaveReason) {
        self.is_in_line = false;
        if let LeaveReason::Answered(agent) = &why {
            self.taken_by = Some(agent.clone());
        }
        self.tell(why.told_of(self.call)).await;
    }

    /// The line has let the call go.
    pub(super) fn is_over(&mut self) {
        self.is_in_line = false;
    }

    /// An agent did not take the call.
    pub(super) async fn lost(&mut self, agent: PersonId, why: LegEnd) {
        self.tell(Input::OfferLost { call: self.call, agent, why: why.into() }).await;
    }

    /// This person talks with the caller from now on.
    pub(super) async fn talks(&mut self, person: PersonId) {
        self.talks = Some(person.clone());
        self.tell(Input::Busy { agent: person, call: self.call }).await;
    }

    /// Nobody of ours talks with the caller any more.
    pub(super) fn talked_enough(&mut self) {
        let call = self.call;
        if let Some(agent) = self.taken_by.take() {
            self.desk.send_now(Command::Tell(Input::Ended { call, agent }));
        }
        if let Some(agent) = self.talks.take() {
            self.desk.send_now(Command::Tell(Input::Free { agent, call }));
        }
    }

    /// What the queues tell.
    pub(super) async fn next_event(&mut self) -> Option<QueueEvent> {
        self.events.recv().await
    }

    /// What the caller is told of their place. The keys are named once.
    pub(super) fn words(&mut self, position: usize, wait: Option<Duration>) -> String {
        words(position, wait, std::mem::take(&mut self.keys))
    }

    async fn tell(&self, input: Input) {
        self.desk.send(Command::Tell(input)).await;
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        if self.is_in_line {
            self.desk.send_now(Command::Tell(Input::Gone { call: self.call }));
        }
        self.talked_enough();
    }
}

fn words(position: usize, wait: Option<Duration>, keys: &str) -> String {
    let place = match position {
        1 => "You are next in line.".to_owned(),
        place => format!("You are number {place} in line."),
    };
    let wait = match wait.map(|wait| wait.as_secs().div_ceil(MINUTE)) {
        None => String::new(),
        Some(0 | 1) => " The wait is about a minute.".to_owned(),
        Some(minutes) => format!(" The wait is about {minutes} minutes."),
    };
    format!("{place}{wait}{keys}")
}

#[cfg(test)]
mod tests {
    use super::{CALLBACK_AND_MESSAGE, MESSAGE, words};
    use std::time::Duration;

    #[test]
    fn the_place_is_told_in_plain_words() {
        let wait = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(words(1, None, ""), "You are next in line.");
        assert_eq!(words(2, wait(170), ""), "You are number 2 in line. The wait is about 3 minutes.");
        assert_eq!(
            words(3, wait(20), MESSAGE),
            "You are number 3 in line. The wait is about a minute. Press 2 to leave a message instead."
        );
        assert_eq!(
            words(1, None, CALLBACK_AND_MESSAGE),
            "You are next in line. Press 1 to be called back, or 2 to leave a message."
        );
    }
}
