//! Takes calls in: agrees on the media, opens a port, and gives each call its task.

use super::call_task::{CallTask, Ended, Leg};
use super::carrier::{Carrier, Events};
use super::clock;
use super::closing;
use super::feature_codes;
use super::journal::Journal;
use super::notice::Notice;
use super::service::{Service, draw};
use super::targets::Caller;
use crate::browser::message::ToPage;
use crate::call::Outcome;
use crate::id::CallId;
use crate::media::Codec;
use crate::phone::PhoneNumber;
use crate::routing::{Executor, Plan, Step};
use crate::sip::{Agreed, Direction, IncomingCall, SessionDescription, SipEndpoint, negotiate};
use crate::store::CallStart;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

/// How often a call that breaks is taken over: by the receptionist, then by the voicemail.
const FALLBACKS: usize = 2;

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
    let who = Caller::of(&service, &incoming);
    let (caller, dialled) = (who.number.clone(), incoming.called.clone());
    let dialog = incoming.dialog.clone();
    let (plan, why) = match feature_codes::take(&service, &incoming).await {
        Some(plan) => (plan, Vec::new()),
        None => choose(&service, caller.as_ref(), &dialled),
    };
    let escalation = plan.escalation.clone();
    let executor = Executor::new(plan, draw(), &service.standing());
    let leg = match prepare(&service, incoming, who, executor, escalation) {
        Ok(leg) => leg,
        Err((code, why)) => {
            tracing::warn!(%call, code, why, "a call could not be taken");
            dialog.reject(code, why).await;
            return;
        }
    };
    let journal = begin(&service, start(&service, call, caller.clone(), dialled.clone()));
    for line in why {
        journal.event(Duration::ZERO, "plan", line.into());
    }
    journal.notify(Notice::Ringing { call, caller: caller.clone(), called: dialled });
    let ended = run_guarded(&service, &journal, leg).await;
    conclude(&service, journal, caller.as_ref(), ended).await;
}

/// What is known of a call that begins.
pub(super) fn start(service: &Service, id: CallId, caller: Option<PhoneNumber>, dialled: String) -> CallStart {
    CallStart {
        id,
        started_at: clock::wall(),
        caller,
        called: dialled,
        prompt_hash: service.prompt.hash().to_owned(),
        profile: service.profile.clone(),
        outgoing: false,
        returns: None,
    }
}

/// Opens the call's journal.
pub(super) fn begin(service: &Service, start: CallStart) -> Journal {
    Journal::open(service.archive.clone(), start, service.notices.clone())
}

/// Writes the call's end down, with what goes out after it.
pub(super) async fn conclude(service: &Service, journal: Journal, caller: Option<&PhoneNumber>, ended: Ended) {
    let (call, outcome, lasted) = (journal.call(), ended.outcome, ended.lasted);
    let text = closing::text_back(service, caller, &ended.slots, outcome).await;
    let notice = closing::notice(service, call, caller, &ended, clock::wall()).await;
    let stored = journal.finish(closing::call_end(call, ended, text, notice)).await;
    service.wake_outbox.notify_one();
    if let Some(lines) = &service.lines {
        lines.tell(|_| Some(ToPage::Recent));
    }
    let _nobody_watches = service.notices.send(Notice::Ended { call, outcome, lasted, stored });
}

/// The plan for this number, caller and hour, and why it is this one.
fn choose(service: &Service, from: Option<&PhoneNumber>, called: &str) -> (Plan, Vec<String>) {
    let routing = service.routing();
    let to = service.number(called);
    let choice = routing.directory.choose(to.as_ref(), called, from, clock::wall());
    (choice.plan, choice.why)
}

fn prepare(
    service: &Service,
    incoming: IncomingCall,
    caller: Caller,
    executor: Executor,
    escalation: Vec<Step>,
) -> Result<Leg, (u16, &'static str)> {
    let socket = service.ports.open(clock::now()).map_err(|error| {
        tracing::error!(%error, "no RTP port");
        (503, "No RTP Port")
    })?;
    let local = SocketAddr::new(incoming.dialog.local_ip(), socket.local_addr().port());
    let agreed = match &incoming.offer {
        Some(offer) => negotiate(offer, local).map_err(|_| (488, "Not Acceptable Here"))?,
        None => offer_ours(local),
    };
    let (carrier, events) = (Carrier::Dialog(incoming.dialog), Events::Dialog(incoming.events));
    Ok(Leg { carrier, events, caller, agreed, socket, executor, escalation, up: None, parked: None })
}

/// The caller left the offer to us (RFC 3264, 5): nothing is sent before its answer comes with the ACK.
fn offer_ours(local: SocketAddr) -> Agreed {
    Agreed {
        codec: Codec::Pcmu,
        event_payload_type: None,
        remote: SocketAddr::from(([0, 0, 0, 0], 0)),
        answer: SessionDescription::offer(local, &[Codec::Pcmu, Codec::Pcma]),
        direction: Direction::Inactive,
    }
}

/// A panic in one call is a matter of that call alone, and its caller gets what the plan has left.
pub(super) async fn run_guarded(service: &Arc<Service>, journal: &Journal, leg: Leg) -> Ended {
    let carrier = leg.carrier.clone();
    let mut next = Some(Box::new(CallTask::new(Arc::clone(service), journal.clone(), leg)));
    for _ in 0..=FALLBACKS {
        let Some(mut task) = next.take() else { break };
        // On the heap: a call has much to remember, and whoever awaits it would carry it along.
        if let Some(ended) = unless_it_breaks(Box::pin(task.run())).await {
            return ended;
        }
        tracing::error!(call = %journal.call(), "a call broke");
        // What broke may break again while it is taken apart.
        next = catch_unwind(AssertUnwindSafe(|| task.begin_again())).ok().flatten().map(Box::new);
    }
    drop(next);
    carrier.hang_up().await;
    // What it had told was written down as it came.
    let slots = service.store.call(journal.call()).await.ok().flatten().map(|call| call.slots);
    Ended { slots: slots.unwrap_or_default(), ..Ended::without_trace(Outcome::Broken) }
}

/// What a future comes to; `None` when it panics.
async fn unless_it_breaks<T>(mut future: impl Future<Output = T> + Unpin) -> Option<T> {
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| Pin::new(&mut future).poll(context))) {
        Ok(poll) => poll.map(Some),
        Err(_told_already) => Poll::Ready(None),
    })
    .await
}
