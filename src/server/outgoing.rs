//! Calls that we begin: somebody is called over the trunks and asked for a key, so that no voicemail takes the call. Whoever presses it
//! then goes through a plan, like any caller.

use super::admit::{begin, conclude, run_guarded, start};
use super::announcer::Announcer;
use super::branch::{BranchId, News};
use super::call_task::{Ended, Leg, Up};
use super::carrier::{Carrier, Events, LegEvent};
use super::clock;
use super::ear::Ear;
use super::journal::Journal;
use super::legs::{Legs, Parked};
use super::notice::Notice;
use super::pace::{Beat, Pace};
use super::service::{Service, draw};
use super::targets::{self, Caller};
use super::voice::Listener;
use super::workers::{Answer, CallWork};
use crate::browser::PageEvent;
use crate::call::Outcome;
use crate::id::{CallId, LegId};
use crate::media::{Frame, Ringback};
use crate::phone::PhoneNumber;
use crate::prompt::{LineName, LineVars};
use crate::routing::{CancelReason, Endpoint, Executor, Input, LegEnd, Note, Output, PersonId, Plan, Step};
use crate::store::CallStart;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How long their phone rings: a carrier's voicemail answers after about 25 s.
const RINGS: Duration = Duration::from_secs(25);

/// A call to be made.
#[derive(Clone)]
pub(super) struct Order {
    /// Whom to call. Nobody is called but whom [`targets::may_call`] allows.
    pub(super) to: PhoneNumber,
    /// The number or name of ours that they know.
    pub(super) ours: String,
    /// What they are asked: which key connects them.
    pub(super) question: LineName,
    /// What is tried for them once they are on the line.
    pub(super) plan: Plan,
    /// The call that is returned.
    pub(super) returns: Option<CallId>,
    /// The call under which a line keeps their place.
    pub(super) place: Option<CallId>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    /// They pressed the key; the call went on from there, and is over.
    Yes,
    /// They pressed the other key: they want nothing any more.
    Declined,
    /// They could not be had.
    No,
}

/// Makes the call, sees it through, and writes it down.
pub(super) async fn call(service: &Arc<Service>, order: &Order) -> Reached {
    Box::pin(call_for(service, order, None)).await
}

/// As [`call`], for somebody who is on the line already: whoever answers is connected with them, and asked for no key.
pub(super) async fn call_for(service: &Arc<Service>, order: &Order, mut parked: Option<Parked>) -> Reached {
    let call = CallId(uuid::Uuid::now_v7());
    let start = CallStart {
        outgoing: true,
        returns: order.returns,
        ..start(service, call, Some(order.to.clone()), order.ours.clone())
    };
    let journal = begin(service, start);
    journal.notify(Notice::Calling { call, to: order.to.clone() });
    let began = clock::now();
    if let Some(parked) = &parked {
        journal.rang(&parked.person);
    }
    let (ended, reached) = match Reaching::new(service, &journal, began, order, parked.as_mut()).run().await {
        Ok((ear, events)) => (talk(service, &journal, began, order, (ear, events, parked)).await, Reached::Yes),
        Err(LegEnd::Declined) => (Ended::without_trace(Outcome::NotReached), Reached::Declined),
        Err(why) => {
            if let Some(Carrier::Page(page)) = parked.as_ref().map(|parked| parked.ear.carrier()) {
                page.end(&not_reached(why));
            }
            (Ended::without_trace(Outcome::NotReached), Reached::No)
        }
    };
    conclude(service, journal, Some(&order.to), ended).await;
    reached
}

/// They are on the line.
async fn talk(
    service: &Arc<Service>,
    journal: &Journal,
    began: Instant,
    order: &Order,
    (ear, events, parked): (Ear, mpsc::Receiver<LegEvent>, Option<Parked>),
) -> Ended {
    let codec = ear.codec().name();
    journal.notify(Notice::Answered { call: journal.call(), after: began.elapsed(), codec });
    journal.event(began.elapsed(), "answered", serde_json::json!({ "codec": codec }));
    let executor = Executor::new(order.plan.clone(), draw(), &service.standing());
    let caller = Caller::of_ours(Some(order.to.clone()), Some(order.ours.clone()));
    let (carrier, socket, agreed, stream, trunk) = ear.into_parts();
    let up = Up { began, stream, trunk, place: order.place };
    let escalation = order.plan.escalation.clone();
    let events = Events::Leg(events);
    let leg = Leg { carrier, events, caller, agreed, socket, executor, escalation, up: Some(up), parked };
    run_guarded(service, journal, leg).await
}

/// Somebody who is being called.
struct Reaching<'a> {
    service: &'a Arc<Service>,
    journal: &'a Journal,
    began: Instant,
    order: &'a Order,
    question: String,
    legs: Legs,
    news: mpsc::Receiver<(BranchId, News)>,
    /// It rings their number and asks for the key: of its plan only the first step is for us.
    executor: Executor,
    work: CallWork,
    answers: mpsc::Receiver<Answer>,
    end: Option<Result<LegId, LegEnd>>,
    /// Who waits for them.
    parked: Option<&'a mut Parked>,
    ringback: Ringback,
}

impl<'a> Reaching<'a> {
    fn new(
        service: &'a Arc<Service>,
        journal: &'a Journal,
        began: Instant,
        order: &'a Order,
        parked: Option<&'a mut Parked>,
    ) -> Self {
        // A trunk without a number of its own shows the one that they had called.
        let shown = Caller::of_ours(service.number(&order.ours), None);
        let (legs, news) = Legs::new(Arc::clone(service), shown);
        let (work, answers) = service.workers.begin_call();
        Self {
            question: service.prompt.line(order.question, &LineVars::default()),
            legs,
            news,
            executor: Executor::new(ring(&order.to), draw(), &service.standing()),
            service,
            journal,
            began,
            order,
            work,
            answers,
            end: None,
            parked,
            ringback: Ringback::default(),
        }
    }

    /// Until they press a key, or can't be had.
    async fn run(mut self) -> Result<(Ear, mpsc::Receiver<LegEvent>), LegEnd> {
        let mut pace = Pace::new(clock::now());
        let (_nothing_else_happens, mut silence) = mpsc::channel::<()>(1);
        let shut_down = self.service.shut_down.clone();
        self.input(Input::Start);
        loop {
            match self.end {
                None => {}
                Some(Ok(leg)) => return self.legs.release(leg, self.news).ok_or(LegEnd::HungUp),
                Some(Err(why)) => return Err(why),
            }
            tokio::select! {
                biased;
                Some((branch, news)) = self.news.recv() => {
                    self.legs.take(branch, news).await;
                    self.follow();
                }
                beat = pace.next(silence.recv()) => {
                    if let Beat::Tick { missed } = beat {
                        self.tick(missed);
                    }
                }
                Some(answer) = self.answers.recv() => self.take_answer(&answer),
                event = next_event(self.parked.as_deref_mut()) => self.parked_event(event.as_ref()),
                () = shut_down.cancelled() => self.input(Input::CallerGone),
            }
        }
    }

    /// Who waits gives up.
    fn parked_event(&mut self, event: Option<&PageEvent>) {
        if matches!(event, None | Some(PageEvent::HungUp | PageEvent::Gone | PageEvent::Lost | PageEvent::Declined)) {
            self.parked = None;
            self.input(Input::CallerGone);
            self.end = Some(Err(LegEnd::Cancelled(CancelReason::CallerGone)));
        }
    }

    fn tick(&mut self, missed: u32) {
        let now = clock::now();
        self.legs.skip(missed);
        if let Some(parked) = &mut self.parked {
            parked.ear.skip(missed);
            let _nobody_listens = parked.ear.hear(now);
            parked.ear.say(&self.ringback.next_frame());
        }
        let _nobody_is_connected = self.legs.tick(now, Some(&Frame::SILENCE), &[]);
        self.follow();
        if self.executor.poll_timeout().is_some_and(|due| due <= now) {
            self.input(Input::Tick);
        }
    }

    // What the leg has to tell.
    fn follow(&mut self) {
        while let Some((leg, signal)) = self.legs.poll_signal() {
            self.input(signal.of(leg));
        }
    }

    fn input(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.executor.handle_input(clock::now(), input);
            while let Some(output) = self.executor.poll_output().filter(|_| self.end.is_none()) {
                self.act(output);
            }
            inputs.extend(self.legs.poll_signal().map(|(leg, signal)| signal.of(leg)));
        }
    }

    fn act(&mut self, output: Output) {
        match output {
            Output::Dial { leg, .. } => {
                let ringing = self.executor.ring_of(clock::now(), leg);
                self.legs.call(leg, None, targets::over_trunks(self.service, &self.order.to), &ringing);
            }
            Output::AskToAccept { leg } if self.parked.is_some() => self.end = Some(Ok(leg)),
            Output::AskToAccept { leg } => {
                self.legs.ask(leg);
                if let Some(announcer) = self.legs.announcer(leg) {
                    announcer.ask(&self.work, leg, &self.question);
                }
            }
            Output::Bridge { leg } => self.end = Some(Ok(leg)),
            Output::Cancel { leg, why } => self.legs.cancel(leg, why),
            Output::Note(note) => self.note(&note),
            Output::Converse | Output::Over(_) => self.end = Some(Err(LegEnd::Failed(480))),
            _ => {}
        }
    }

    fn note(&mut self, note: &Note) {
        let words = match note {
            Note::LegDialled { .. } => "calling them".to_owned(),
            Note::LegRinging { .. } => "their phone rings".to_owned(),
            Note::LegAnswered { .. } => "somebody answered, and is asked for a key".to_owned(),
            Note::LegEnded { why, .. } => {
                self.end = Some(Err(*why));
                why.to_string()
            }
            _ => return,
        };
        self.journal.event(self.began.elapsed(), "callee", words.into());
    }

    fn take_answer(&mut self, answer: &Answer) {
        match answer {
            Answer::Voice { listener, pcm } => self.told(*listener, |announcer| announcer.voice(pcm)),
            Answer::VoiceFinished(listener) | Answer::VoiceFailed(listener) => {
                self.told(*listener, Announcer::voice_ended);
            }
            Answer::Input(_) => {}
        }
    }

    fn told(&mut self, listener: Listener, hear: impl FnOnce(&mut Announcer)) {
        if let Listener::Leg(leg) = listener
            && let Some(announcer) = self.legs.announcer(leg)
        {
            hear(announcer);
        }
    }
}

/// Rings a number, as a cell: whoever answers has to press a key.
fn ring(to: &PhoneNumber) -> Plan {
    let endpoint = Endpoint::Cell { person: PersonId("callee".to_owned()), number: to.clone() };
    Plan { steps: vec![Step::Ring { endpoint, timeout: RINGS }], longest: RINGS, ..Plan::receptionist_only() }
}

/// What the page is told of somebody who could not be had.
fn not_reached(why: LegEnd) -> String {
    match why {
        LegEnd::Failed(486 | 600) => "they are busy".to_owned(),
        LegEnd::Failed(408 | 480) | LegEnd::Cancelled(CancelReason::Timeout) => "nobody answered".to_owned(),
        LegEnd::Failed(code) => format!("the call could not be put through ({code})"),
        LegEnd::HungUp | LegEnd::Declined | LegEnd::Cancelled(_) | LegEnd::Taken => "they hung up".to_owned(),
    }
}

async fn next_event(parked: Option<&mut Parked>) -> Option<PageEvent> {
    match parked {
        Some(parked) => parked.events.recv().await,
        None => std::future::pending().await,
    }
}
