//! The queues while the service runs: one task owns [`Queues`], calls tell it what happens to them and hear what becomes of them.
//!
//! ```text
//! calls ── Command ──▶ queue desk ── QueueEvent ──▶ the call
//!                        ▲   │
//!      duty (the store) ─┘   └─▶ duty: what agents are doing
//! ```

use super::callbacks::{self, Errand};
use super::clock;
use super::duty::{self, Written};
use super::notice::Notice;
use super::service::draw;
use super::targets::is_reachable;
use crate::browser::Lines;
use crate::call::QueueSignal;
use crate::config::Routing;
use crate::id::CallId;
use crate::phone::PhoneNumber;
use crate::routing::queue::{Departure, Input, Note, Output, Overflow, Queues, Waiting};
use crate::routing::{Endpoint, QueueId};
use crate::sip::Dialler;
use crate::store::{Store, StoreError};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, broadcast, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

/// Commands that may wait; calls wait for room.
const INBOX: usize = 1_024;
/// Errands that may wait; more are refused, which their callers' promises outlive.
const ERRANDS: usize = 256;
/// A phone that has registered, or is gone, is noticed within this time.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What the desk is told.
pub(super) enum Command {
    /// A caller gets in line; `events` hears what becomes of them. When it is full, the event is dropped and that is logged: a
    /// call whose task reads nothing is past helping.
    Join { call: CallId, queue: QueueId, number: Option<PhoneNumber>, priority: u8, events: mpsc::Sender<QueueEvent> },
    /// A caller whose place was kept is on the line again, as [`Command::Join`].
    CalledBack { call: CallId, events: mpsc::Sender<QueueEvent> },
    /// Somebody wants to see who waits.
    Look(oneshot::Sender<Vec<Waiting>>),
    /// What else happened.
    Tell(Input),
}

/// What the desk tells a call.
#[derive(Debug)]
pub(super) enum QueueEvent {
    /// For the call's own machine.
    Signal(QueueSignal),
    /// Where the caller stands, 1 is next, and how long it may take.
    Position { position: usize, wait: Option<Duration> },
    /// A line of the call's timeline.
    Note(String),
}

/// The way to the queues.
#[derive(Clone)]
pub(super) struct QueueDesk {
    commands: mpsc::Sender<Command>,
    look: Arc<Notify>,
}

/// What the desk works with.
pub(super) struct Tools {
    pub(super) dialler: Dialler,
    pub(super) lines: Option<Lines>,
    pub(super) routing: watch::Receiver<Arc<Routing>>,
    pub(super) store: Store,
    pub(super) notices: broadcast::Sender<Notice>,
    pub(super) shut_down: CancellationToken,
}

impl QueueDesk {
    /// Starts the desk, with the agents on duty and the promises that the store knows of. Gives what is to be done besides, too.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn open(tools: Tools) -> Result<(Self, mpsc::Receiver<Errand>), StoreError> {
        let (commands, inbox) = mpsc::channel(INBOX);
        let look = Arc::new(Notify::new());
        let desk = Self { commands, look };
        let queues = Queues::new(tools.routing.borrow().directory.queues.clone(), draw());
        let written = duty::follow(&tools, desk.clone(), Arc::clone(&desk.look)).await;
        let from_before = tools.store.callbacks().await?;
        let (errands, errands_out) = mpsc::channel(ERRANDS);
        let promised = from_before.iter().map(|callback| callback.call).collect();
        let (calls, unreachable) = (HashMap::new(), HashSet::new());
        tokio::spawn(Desk { queues, tools, inbox, written, errands, promised, calls, unreachable }.run());
        for callback in from_before {
            desk.send(Command::Tell(Input::Promised(callbacks::promised(callback)))).await;
        }
        Ok((desk, errands_out))
    }

    /// Tells the desk something, and waits for room.
    pub(super) async fn send(&self, command: Command) {
        if self.commands.send(command).await.is_err() {
            tracing::debug!("the queues are closed: the service goes down");
        }
    }

    /// Tells the desk something if there is room at once.
    pub(super) fn send_now(&self, command: Command) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.commands.try_send(command) {
            tracing::error!("the queues can't follow: something that happened is lost");
        }
    }

    /// The store knows something new about agents.
    pub(super) fn agents_changed(&self) {
        self.look.notify_one();
    }
}

struct Desk {
    queues: Queues,
    tools: Tools,
    inbox: mpsc::Receiver<Command>,
    /// What the store is to know of agents.
    written: mpsc::Sender<Written>,
    errands: mpsc::Sender<Errand>,
    /// Those whose promise is kept in the store.
    promised: HashSet<CallId>,
    /// Those in line.
    calls: HashMap<CallId, mpsc::Sender<QueueEvent>>,
    unreachable: HashSet<Endpoint>,
}

impl Desk {
    async fn run(mut self) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        let shut_down = self.tools.shut_down.clone();
        self.look();
        loop {
            let due = self.queues.poll_timeout();
            tokio::select! {
                command = self.inbox.recv() => match command {
                    Some(command) => self.take(command),
                    None => return,
                },
                Ok(()) = self.tools.routing.changed() => self.configure(),
                _ = looks.tick() => self.look(),
                () = until(due) => self.input(Input::Tick),
                () = shut_down.cancelled() => return,
            }
        }
    }

    fn take(&mut self, command: Command) {
        match command {
            Command::Join { call, queue, number, priority, events } => {
                // A phone that has registered just now counts.
                self.look();
                self.calls.insert(call, events);
                self.input(Input::Join { call, queue, number, priority });
            }
            Command::CalledBack { call, events } if self.queues.holds(call) => {
                self.calls.insert(call, events);
                self.input(Input::CalledBack { call });
            }
            // Their queue was taken out of the configuration meanwhile.
            Command::CalledBack { call, events } => {
                self.calls.insert(call, events);
                self.tell(call, QueueEvent::Signal(QueueSignal::Over(Overflow::Unknown.as_str())));
                self.calls.remove(&call);
            }
            Command::Look(reply) => _ = reply.send(self.queues.waiting(clock::now()).collect()),
            Command::Tell(input) => self.input(input),
        }
    }

    fn configure(&mut self) {
        let queues = self.tools.routing.borrow_and_update().directory.queues.clone();
        self.input(Input::Configured(queues));
        self.look();
    }

    /// Which phones are registered.
    fn look(&mut self) {
        let routing = Arc::clone(&self.tools.routing.borrow());
        let endpoints: HashSet<&Endpoint> = routing.directory.members().flat_map(|member| &member.endpoints).collect();
        for endpoint in endpoints {
            match (
                is_reachable(&self.tools.dialler, self.tools.lines.as_ref(), endpoint),
                self.unreachable.contains(endpoint),
            ) {
                (true, true) => {
                    self.unreachable.remove(endpoint);
                    self.input(Input::Reachable { endpoint: endpoint.clone() });
                }
                (false, false) => {
                    self.unreachable.insert(endpoint.clone());
                    self.input(Input::Unreachable { endpoint: endpoint.clone() });
                }
                _ => {}
            }
        }
    }

    fn input(&mut self, input: Input) {
        self.queues.handle_input(clock::now(), input);
        while let Some(output) = self.queues.poll_output() {
            self.act(output);
        }
    }

    fn act(&mut self, output: Output) {
        match output {
            Output::Offer { call, agent, endpoints, ring } => {
                self.tell(call, QueueEvent::Signal(QueueSignal::Offered { agent, endpoints, ring }));
            }
            Output::Withdraw { call, agent, why: _ } => {
                self.tell(call, QueueEvent::Signal(QueueSignal::Withdrawn(agent)));
            }
            Output::Position { call, position, wait } => self.tell(call, QueueEvent::Position { position, wait }),
            Output::Left { call, how, .. } => {
                if let Departure::Overflow(why) = &how {
                    self.tell(call, QueueEvent::Signal(QueueSignal::Over(why.as_str())));
                }
                self.calls.remove(&call);
                if self.promised.remove(&call) {
                    let is_given_up = how == Departure::Unreached;
                    self.errand(if is_given_up { Errand::GiveUp(call) } else { Errand::Done(call) });
                }
            }
            Output::Promise(promise) => {
                self.promised.insert(promise.call);
                self.errand(Errand::Keep(callbacks::kept(&promise)));
            }
            Output::CallBack { call, queue, number, .. } => self.errand(Errand::CallBack { call, queue, number }),
            Output::Agent { agent, state } => {
                self.write(Written::State(agent.clone(), state));
                let _nobody_watches = self.tools.notices.send(Notice::Agent { agent, state });
            }
            Output::Note { call, note } => {
                if let Note::AutoPaused(agent) = &note {
                    self.write(Written::Paused(agent.clone()));
                }
                self.tell(call, QueueEvent::Note(note.to_string()));
            }
        }
    }

    fn tell(&self, call: CallId, event: QueueEvent) {
        let Some(events) = self.calls.get(&call) else { return };
        if let Err(mpsc::error::TrySendError::Full(event)) = events.try_send(event) {
            tracing::error!(%call, ?event, "a call does not hear what its queue tells");
        }
    }

    // An agent who is kept free in vain is free again after a while.
    fn errand(&self, errand: Errand) {
        if self.errands.try_send(errand).is_err() {
            tracing::error!("nobody looks after promises to call back: one is left as it was");
        }
    }

    fn write(&self, written: Written) {
        if self.written.try_send(written).is_err() {
            tracing::error!("the store can't follow the agents: a change is not written down");
        }
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
