//! The pages that people keep open: rings them, tells them what goes on around them, and does what they want besides their calls.

use super::call_task::{Leg, Up};
use super::carrier::{Carrier, Events, agreed_with_page};
use super::ear::{Ear, open_stream};
use super::legs::Parked;
use super::outgoing::{self, Order};
use super::queues::Command;
use super::service::{Service, draw};
use super::targets::{self, Caller};
use super::{admit, clock};
use crate::browser::message::{Detail, Earlier, Ring, RingKind, ToPage};
use crate::browser::{Errand, PageEvent, PageId, PageLeg, Wish};
use crate::id::CallId;
use crate::phone::PhoneNumber;
use crate::prompt::LineName;
use crate::routing::queue::Input;
use crate::routing::{Endpoint, Executor, PersonId, Plan, Ringing, Step};
use crate::rtp::RtpSocket;
use crate::store::StoreError;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Earlier calls of a caller that are shown.
const EARLIER: u32 = 5;
/// How long a page that has asked for a call may take to answer it.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// What a test call is called in its record.
const TEST_CALL: &str = "test call";

/// Rings in all pages of a person, and tells them what is known of the caller.
pub(super) fn ring(
    service: &Arc<Service>,
    person: &PersonId,
    caller: &Caller,
    ringing: &Ringing,
) -> Option<(PageLeg, mpsc::Receiver<PageEvent>)> {
    let is_vip = caller.number.as_ref().is_some_and(|number| service.routing().directory.vip.contains(number));
    let ring = Ring {
        name: caller.name.clone(),
        vip: is_vip,
        called: caller.diversion.clone().unwrap_or_default(),
        plan: ringing.plan.clone(),
        step: ringing.step.clone(),
        left_ms: ringing.left.as_millis() as u64,
        ..plain(RingKind::Incoming, caller.number.as_ref())
    };
    let name = ring.call.clone();
    let (page, events) = service.lines.as_ref()?.ring(person, ring, None)?;
    if let Some(number) = caller.number.clone() {
        tokio::spawn(tell_known(Arc::clone(service), number, name, page.clone()));
    }
    Some((page, events))
}

fn plain(kind: RingKind, number: Option<&PhoneNumber>) -> Ring {
    Ring {
        // Nobody else's page can name it.
        call: uuid::Uuid::new_v4().to_string(),
        kind,
        number: number.map(|number| number.national().to_owned()),
        name: None,
        vip: false,
        called: String::new(),
        plan: String::new(),
        step: String::new(),
        left_ms: ANSWERS_WITHIN.as_millis() as u64,
        auto: kind != RingKind::Incoming,
    }
}

async fn tell_known(service: Arc<Service>, number: PhoneNumber, call: String, page: PageLeg) {
    match service.store.earlier_calls(&number, EARLIER).await {
        Ok(earlier) if earlier.is_empty() => {}
        Ok(earlier) => {
            let earlier = earlier.into_iter().map(|call| Earlier {
                at: call.started_at,
                outcome: call.outcome,
                lead: call.slots.into_iter().map(|slot| Detail { name: slot.name, value: slot.value }).collect(),
            });
            page.show(ToPage::Known { call, earlier: earlier.collect() });
        }
        Err(error) => tracing::error!(%error, "what is known of a caller could not be looked up"),
    }
}

/// Does what pages want, until the service goes down.
pub(super) async fn run(service: Arc<Service>, mut errands: mpsc::Receiver<Errand>) {
    while let Some(Some(errand)) = service.shut_down.run_until_cancelled(errands.recv()).await {
        let result = match errand {
            Errand::Keep(person, available) => {
                service.store.set_available(&person.0, available, clock::wall()).await.map_err(|error| (None, error))
            }
            Errand::Wish(page, person, wish) => {
                fulfil(&service, page, person, wish).await.map_err(|error| (Some(page), error))
            }
        };
        if let Err((page, error)) = result {
            tracing::error!(%error, "a page's wish could not be written down");
            if let Some(page) = page {
                problem(&service, page, "The database does not answer. Try again in a moment.");
            }
        }
    }
}

async fn fulfil(service: &Arc<Service>, page: PageId, person: PersonId, wish: Wish) -> Result<(), StoreError> {
    match wish {
        Wish::Duty(on) => {
            service.store.log_agent(&person.0, on, clock::wall()).await?;
            service.queues.agents_changed();
        }
        Wish::Pause(paused) => {
            service.store.pause_agent(&person.0, paused, clock::wall()).await?;
            service.queues.agents_changed();
        }
        Wish::Ready => service.queues.send_now(Command::Tell(Input::Ready { agent: person })),
        Wish::TestCall => {
            service.calls.spawn(test_call(Arc::clone(service), page, person));
        }
        Wish::CallBack(id) => {
            let call = id.parse().ok();
            let known = match call {
                Some(id) if service.store.may_see(&person.0, id).await? => service.store.call(id).await?,
                _ => None,
            };
            match (call, known.and_then(|call| call.caller)) {
                (Some(id), Some(number)) if targets::may_call(service, &number) => {
                    service.calls.spawn(call_back(Arc::clone(service), page, person, id, number));
                }
                (_, Some(_)) => problem(
                    service,
                    page,
                    "This number can't be called back: no trunk lists it as allowed (`allow` in the configuration).",
                ),
                (_, None) => problem(service, page, "There is no number to call back in this call."),
            }
        }
    }
    Ok(())
}

fn problem(service: &Service, page: PageId, text: &str) {
    if let Some(lines) = &service.lines {
        lines.tell_page(page, &ToPage::Problem { call: None, text: text.to_owned() });
    }
}

/// Rings in the page that asked for it, until its media work.
async fn reach(
    service: &Service,
    page: PageId,
    person: &PersonId,
    ring: Ring,
) -> Option<(PageLeg, RtpSocket, mpsc::Receiver<PageEvent>)> {
    let Some((leg, mut events)) = service.lines.as_ref()?.ring(person, ring, Some(page)) else {
        problem(service, page, "You are in a call already.");
        return None;
    };
    // What does not answer in time is told so by the leg that is dropped here.
    match tokio::time::timeout(ANSWERS_WITHIN, events.recv()).await {
        Ok(Some(PageEvent::Answered(socket))) => Some((leg, socket, events)),
        _ => None,
    }
}

/// Lets the receptionist talk with whoever tries their line.
async fn test_call(service: Arc<Service>, page: PageId, person: PersonId) {
    let ring = Ring { step: "the receptionist".to_owned(), ..plain(RingKind::Test, None) };
    let Some((leg, socket, events)) = reach(&service, page, &person, ring).await else { return };
    let call = CallId(uuid::Uuid::now_v7());
    let journal = admit::begin(&service, admit::start(&service, call, None, TEST_CALL.to_owned()));
    journal.rang(&person);
    leg.up();
    let (began, agreed) = (clock::now(), agreed_with_page(&socket));
    let stream = open_stream(began, &agreed, service.config.rtp.inactivity);
    let plan = Plan { name: TEST_CALL.to_owned(), ..Plan::receptionist_only() };
    let leg = Leg {
        carrier: Carrier::Page(leg),
        events: Events::Page(events),
        caller: Caller::of_ours(None, None),
        agreed,
        socket,
        executor: Executor::new(plan, draw(), &service.standing()),
        escalation: Vec::new(),
        up: Some(Up { began, stream, trunk: None, place: None }),
        parked: None,
    };
    let ended = admit::run_guarded(&service, &journal, leg).await;
    admit::conclude(&service, journal, None, ended).await;
}

/// Calls somebody back for the user of a page, who is on the line from the start.
async fn call_back(service: Arc<Service>, page: PageId, person: PersonId, returns: CallId, number: PhoneNumber) {
    let ring = Ring { step: "calling".to_owned(), ..plain(RingKind::CallBack, Some(&number)) };
    let Some((leg, socket, events)) = reach(&service, page, &person, ring).await else { return };
    let ear = Ear::of_page(clock::now(), leg, socket, service.config.rtp.inactivity);
    let steps = vec![
        Step::Ring { endpoint: Endpoint::Browser { person: person.clone() }, timeout: ANSWERS_WITHIN },
        Step::Receptionist,
        Step::Voicemail,
    ];
    let called = service.store.call(returns).await.ok().flatten().map(|call| call.called).unwrap_or_default();
    let order = Order {
        to: number,
        ours: called,
        question: LineName::AskToAccept,
        plan: Plan { name: format!("{person} calls back"), steps, ..Plan::receptionist_only() },
        returns: Some(returns),
        place: None,
    };
    Box::pin(outgoing::call_for(&service, &order, Some(Parked { person, ear, events }))).await;
}
