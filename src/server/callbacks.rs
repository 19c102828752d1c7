//! Promises to call back: kept in the store, and kept.
//!
//! The queues say what is to be done; here it is done in the order in which they said it. Nothing is lost over a restart: a promise's row
//! is gone only once its caller is out of line.

use super::outgoing::{self, Order, Reached};
use super::queues::Command;
use super::service::Service;
use super::{clock, closing};
use crate::id::CallId;
use crate::phone::PhoneNumber;
use crate::prompt::LineName;
use crate::routing::queue::{Input, Promise};
use crate::routing::{Destination, Plan, QueueId};
use crate::store::{Callback, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// What the queues want done outside of any call.
#[derive(Clone, Debug)]
pub(super) enum Errand {
    /// Keep this.
    Keep(Callback),
    /// The caller is out of line.
    Done(CallId),
    /// It is their turn.
    CallBack { call: CallId, queue: QueueId, number: PhoneNumber },
    /// They can't be called back: they get a text.
    GiveUp(CallId),
}

/// Runs errands until the service goes down.
pub(super) async fn run(service: Arc<Service>, mut errands: mpsc::Receiver<Errand>) {
    while let Some(Some(errand)) = service.shut_down.run_until_cancelled(errands.recv()).await {
        let result = match errand {
            Errand::Keep(callback) => service.store.keep_callback(&callback, clock::wall()).await,
            Errand::Done(call) => service.store.callback_done(call).await,
            Errand::CallBack { call, queue, number } => {
                service.calls.spawn(call_back(Arc::clone(&service), call, queue, number));
                Ok(())
            }
            Errand::GiveUp(call) => give_up(&service, call).await,
        };
        if let Err(error) = result {
            tracing::error!(%error, "a promise to call back could not be looked after");
        }
    }
}

/// What is kept of a promise.
pub(super) fn kept(promise: &Promise) -> Callback {
    Callback {
        call: promise.call,
        queue: promise.queue.0.clone(),
        number: promise.number.clone(),
        priority: promise.priority,
        failed: promise.failed,
        not_before: promise.not_before.map(on_the_wall),
        until: on_the_wall(promise.until),
    }
}

/// A promise as it was kept.
pub(super) fn promised(callback: Callback) -> Promise {
    Promise {
        call: callback.call,
        queue: QueueId(callback.queue),
        number: callback.number,
        priority: callback.priority,
        failed: callback.failed,
        not_before: callback.not_before.map(from_the_wall),
        until: from_the_wall(callback.until),
    }
}

fn on_the_wall(at: Instant) -> Timestamp {
    let ahead = SignedDuration::try_from(at.saturating_duration_since(clock::now())).unwrap_or_default();
    clock::wall().checked_add(ahead).unwrap_or(Timestamp::MAX)
}

/// What has passed already is now.
fn from_the_wall(at: Timestamp) -> Instant {
    clock::now() + Duration::try_from(at.duration_since(clock::wall())).unwrap_or_default()
}

async fn call_back(service: Arc<Service>, call: CallId, queue: QueueId, number: PhoneNumber) {
    let steps = service.routing().directory.steps_to(&Destination::Queue(queue));
    let order = Order {
        to: number,
        ours: called_in(&service, call).await,
        question: LineName::CallbackQuestion,
        plan: Plan { name: "callback".to_owned(), steps, ..Plan::receptionist_only() },
        returns: Some(call),
        place: Some(call),
    };
    let input = match Box::pin(outgoing::call(&service, &order)).await {
        // The call itself has told the queues how it went.
        Reached::Yes => return,
        Reached::Declined => Input::Leave { call },
        Reached::No => Input::CallbackFailed { call },
    };
    // A call that the shutdown broke off is made again after the next start.
    if !service.shut_down.is_cancelled() {
        service.queues.send(Command::Tell(input)).await;
    }
}

/// The number or name that was called.
async fn called_in(service: &Service, call: CallId) -> String {
    match service.store.call(call).await {
        Ok(call) => call.map(|call| call.called).unwrap_or_default(),
        Err(error) => {
            tracing::error!(%error, "which number a caller had called could not be looked up");
            String::new()
        }
    }
}

async fn give_up(service: &Service, call: CallId) -> Result<(), StoreError> {
    let text = match service.store.call(call).await? {
        Some(report) => closing::missed_callback(service, report.caller.as_ref()).await,
        None => None,
    };
    service.store.give_callback_up(call, clock::wall(), text.as_ref()).await?;
    service.wake_outbox.notify_one();
    Ok(())
}
