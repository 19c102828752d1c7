//! One call's place in a line, and what the queues have to know of whoever talks in it.

use super::queues::{Command, QueueDesk, QueueEvent};
use crate::id::CallId;
use crate::phone::PhoneNumber;
use crate::routing::queue::{Input, Lost};
use crate::routing::{LeaveReason, LegEnd, PersonId, QueueId};
use std::time::Duration;
use tokio::sync::mpsc;

/// Events that may wait: a call reads them between its beats.
const EVENTS: usize = 64;
const MINUTE: u64 = 60;

/// A call and the queues. When it is dropped, for whatever reason, the queues are told that the call is over.
pub(super) struct Holding {
    desk: QueueDesk,
    call: CallId,
    events_in: mpsc::Sender<QueueEvent>,
    events: mpsc::Receiver<QueueEvent>,
    is_in_line: bool,
    /// The agent who took the call out of the line.
    taken_by: Option<PersonId>,
    /// Who talks with the caller.
    talks: Option<PersonId>,
    has_heard_keys: bool,
}

impl Holding {
    pub(super) fn new(desk: QueueDesk, call: CallId) -> Self {
        let (events_in, events) = mpsc::channel(EVENTS);
        Self { desk, call, events_in, events, is_in_line: false, taken_by: None, talks: None, has_heard_keys: false }
    }

    /// Gets in line.
    pub(super) async fn join(&mut self, queue: QueueId, number: Option<PhoneNumber>, is_vip: bool) {
        self.is_in_line = true;
        let (call, events) = (self.call, self.events_in.clone());
        self.desk.send(Command::Join { call, queue, number, priority: u8::from(is_vip), events }).await;
    }

    /// The call is out of line, by its own plan.
    pub(super) async fn leave(&mut self, why: LeaveReason) {
        self.is_in_line = false;
        let call = self.call;
        let input = match why {
            LeaveReason::Answered(agent) => {
                self.taken_by = Some(agent.clone());
                Input::Answered { call, agent }
            }
            LeaveReason::TimedOut | LeaveReason::Message => Input::Leave { call },
            LeaveReason::Callback => Input::WantsCallback { call },
            LeaveReason::CallerGone => Input::Gone { call },
        };
        self.tell(input).await;
    }

    /// The line has let the call go.
    pub(super) fn is_over(&mut self) {
        self.is_in_line = false;
    }

    /// An agent did not take the call.
    pub(super) async fn lost(&mut self, agent: PersonId, why: LegEnd) {
        self.tell(Input::OfferLost { call: self.call, agent, why: lost(why) }).await;
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
        let keys = !std::mem::replace(&mut self.has_heard_keys, true);
        words(position, wait, keys)
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

const fn lost(why: LegEnd) -> Lost {
    match why {
        LegEnd::Failed(486 | 600) => Lost::Busy,
        LegEnd::Failed(603) | LegEnd::Declined | LegEnd::HungUp => Lost::Declined,
        LegEnd::Failed(_) => Lost::Unreachable,
        LegEnd::Cancelled(_) | LegEnd::Taken => Lost::Unanswered,
    }
}

fn words(position: usize, wait: Option<Duration>, keys: bool) -> String {
    let place = match position {
        1 => "You are next in line.".to_owned(),
        place => format!("You are number {place} in line."),
    };
    let wait = match wait.map(|wait| wait.as_secs().div_ceil(MINUTE)) {
        None => String::new(),
        Some(0 | 1) => " The wait is about a minute.".to_owned(),
        Some(minutes) => format!(" The wait is about {minutes} minutes."),
    };
    let keys = if keys { " Press 2 to leave a message instead." } else { "" };
    format!("{place}{wait}{keys}")
}

#[cfg(test)]
mod tests {
    use super::{lost, words};
    use crate::routing::queue::Lost;
    use crate::routing::{CancelReason, LegEnd};
    use std::time::Duration;

    #[test]
    fn the_place_is_told_in_plain_words() {
        let wait = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(words(1, None, false), "You are next in line.");
        assert_eq!(words(2, wait(170), false), "You are number 2 in line. The wait is about 3 minutes.");
        assert_eq!(
            words(3, wait(20), true),
            "You are number 3 in line. The wait is about a minute. Press 2 to leave a message instead."
        );
    }

    #[test]
    fn an_offer_is_lost_as_the_phone_says() {
        assert_eq!(lost(LegEnd::Failed(486)), Lost::Busy);
        assert_eq!(lost(LegEnd::Failed(603)), Lost::Declined);
        assert_eq!(lost(LegEnd::Failed(480)), Lost::Unreachable);
        assert_eq!(lost(LegEnd::Cancelled(CancelReason::Timeout)), Lost::Unanswered);
    }
}
