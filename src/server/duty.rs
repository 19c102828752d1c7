//! Who is on duty, between the store and the queues: what the command line or a feature code changes there is followed, and what agents
//! are doing is written there.

use super::clock;
use super::queues::{Command, QueueDesk, Tools};
use crate::config::Routing;
use crate::routing::PersonId;
use crate::routing::queue::{AgentState, Input};
use crate::store::{Store, StoreError};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Changes that may wait for the disk; more are logged and not written.
const INBOX: usize = 256;
/// What another process changes is noticed within this time.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is to be written.
#[derive(Clone, Debug)]
pub(super) enum Written {
    /// What an agent is doing.
    State(PersonId, AgentState),
    /// The agent let too many offers ring out.
    Paused(PersonId),
}

/// Whether an agent is on duty, and whether they take a break.
pub(super) type Duty = (bool, bool);

/// Agents that the store does not know are on duty.
pub(super) const ON_DUTY: Duty = (true, false);

struct Follower {
    store: Store,
    routing: watch::Receiver<Arc<Routing>>,
    desk: QueueDesk,
    known: HashMap<String, Duty>,
}

/// Tells the desk who is on duty, now and whenever it changes. Gives where to tell what agents are doing.
pub(super) async fn follow(tools: &Tools, desk: QueueDesk, look: Arc<Notify>) -> mpsc::Sender<Written> {
    let (written, inbox) = mpsc::channel(INBOX);
    let (store, routing) = (tools.store.clone(), tools.routing.clone());
    let mut follower = Follower { store, routing, desk, known: HashMap::new() };
    follower.look().await;
    tokio::spawn(follower.run(inbox, look, tools.shut_down.clone()));
    written
}

impl Follower {
    async fn run(mut self, mut inbox: mpsc::Receiver<Written>, look: Arc<Notify>, shut_down: CancellationToken) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                Some(written) = inbox.recv() => self.write(written).await,
                () = look.notified() => self.look().await,
                Ok(()) = self.routing.changed() => self.look().await,
                _ = looks.tick() => self.look().await,
                () = shut_down.cancelled() => return,
            }
        }
    }

    async fn write(&self, written: Written) {
        let result = match &written {
            Written::State(agent, state) => self.store.tell_agent(&agent.0, &state.to_string(), clock::wall()).await,
            Written::Paused(agent) => self.store.pause_agent(&agent.0, true, clock::wall()).await,
        };
        if let Err(error) = result {
            tracing::error!(%error, ?written, "an agent's change could not be written down");
        }
    }

    async fn look(&mut self) {
        // Most businesses have no queue, and their database is left alone.
        if self.routing.borrow().directory.queues.is_empty() {
            return;
        }
        match self.store.agents().await {
            Ok(agents) => {
                for agent in agents {
                    let duty = (agent.logged_in, agent.paused);
                    let before = self.known.insert(agent.person.clone(), duty).unwrap_or(ON_DUTY);
                    self.tell(&PersonId(agent.person), before, duty).await;
                }
            }
            Err(error) => tracing::error!(%error, "who is on duty could not be looked up"),
        }
    }

    async fn tell(&self, agent: &PersonId, before: Duty, duty: Duty) {
        let agent = || agent.clone();
        if before.0 != duty.0 {
            let input = if duty.0 { Input::LoggedIn { agent: agent() } } else { Input::LoggedOut { agent: agent() } };
            self.desk.send(Command::Tell(input)).await;
        }
        if before.1 != duty.1 {
            let input = if duty.1 { Input::Paused { agent: agent() } } else { Input::Resumed { agent: agent() } };
            self.desk.send(Command::Tell(input)).await;
        }
    }
}

/// Whether an agent is on duty and takes a break, as the store knows it.
///
/// # Errors
/// When the database fails.
pub(super) async fn of(store: &Store, agent: &PersonId) -> Result<Duty, StoreError> {
    let agents = store.agents().await?;
    let found = agents.into_iter().find(|row| row.person == agent.0);
    Ok(found.map_or(ON_DUTY, |row| (row.logged_in, row.paused)))
}
