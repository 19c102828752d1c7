//! Takes calls in: agrees on the media, opens a port, and gives each call its task.

use super::call_task::{CallTask, Ended, Leg};
use super::clock;
use super::closing;
use super::journal::Journal;
use super::notice::Notice;
use super::service::Service;
use crate::call::Outcome;
use crate::id::CallId;
use crate::phone::PhoneNumber;
use crate::sip::{Dialog, IncomingCall, SipEndpoint, negotiate};
use crate::store::CallStart;
use std::sync::Arc;
use std::time::Duration;

/// Runs until the service goes down.
pub(super) async fn accept_calls(service: Arc<Service>, mut endpoint: SipEndpoint) {
    loop {
        tokio::select! {
            call = endpoint.next_call() => match call {
                Some(call) => {
                    service.calls.spawn(take(Arc::clone(&service), call));
                }
                None => break,
            },
            () = service.shut_down.cancelled() => break,
        }
    }
    service.calls.close();
    service.calls.wait().await;
    endpoint.shut_down().await;
}

async fn take(service: Arc<Service>, incoming: IncomingCall) {
    let call = CallId(uuid::Uuid::now_v7());
    let caller = incoming.caller.as_deref().and_then(|user| PhoneNumber::parse(user, &service.prompt.business().region).ok());
    let dialog = incoming.dialog.clone();
    let called = incoming.called.clone();
    let leg = match prepare(&service, incoming, caller.clone()).await {
        Ok(leg) => leg,
        Err((code, why)) => {
            tracing::warn!(%call, code, why, "a call could not be taken");
            dialog.reject(code, why).await;
            return;
        }
    };
    let start = CallStart {
        id: call,
        started_at: clock::wall(),
        caller: caller.clone(),
        called: called.clone(),
        prompt_hash: service.prompt.hash().to_owned(),
        profile: service.profile.clone(),
    };
    let (journal, written) =
        Journal::open(service.store.clone(), start, service.prompt.hash().to_owned(), service.notices.clone());
    journal.notify(Notice::Ringing { call, caller: caller.clone(), called });
    let ended = run_guarded(&service, &journal, leg, &dialog).await;
    let (outcome, lasted) = (ended.outcome, ended.lasted);
    let text = closing::text_back(&service, call, caller.as_ref(), outcome).await;
    journal.finish(closing::call_end(call, ended, text)).await;
    let notices = service.notices.clone();
    drop(journal);
    let stored = written.await.unwrap_or(false);
    service.wake_outbox.notify_one();
    let _nobody_watches = notices.send(Notice::Ended { call, outcome, lasted, stored });
}

async fn prepare(
    service: &Service,
    incoming: IncomingCall,
    caller: Option<PhoneNumber>,
) -> Result<Leg, (u16, &'static str)> {
    let offer = incoming.offer.as_ref().ok_or((488, "an INVITE without an offer is not supported"))?;
    let socket = service.ports.open(clock::now()).map_err(|error| {
        tracing::error!(%error, "no RTP port");
        (503, "no free RTP port")
    })?;
    let local = std::net::SocketAddr::new(incoming.dialog.local_ip(), socket.local_addr().port());
    let agreed = negotiate(offer, local).map_err(|_| (488, "no common codec"))?;
    Ok(Leg { dialog: incoming.dialog, events: incoming.events, caller, agreed, socket })
}

/// A panic in one call ends that call alone.
async fn run_guarded(service: &Arc<Service>, journal: &Journal, leg: Leg, dialog: &Dialog) -> Ended {
    let task = CallTask::new(Arc::clone(service), journal.clone(), leg);
    match tokio::spawn(task.run()).await {
        Ok(ended) => ended,
        Err(error) => {
            tracing::error!(call = %journal.call(), %error, "a call broke");
            dialog.hang_up().await;
            Ended { outcome: Outcome::Broken, lasted: Duration::ZERO, recording: None, counters: serde_json::Value::Null }
        }
    }
}
