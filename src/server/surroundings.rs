//! What pages are told of what goes on around them: who else is there, where a call can be passed on to, who waits in the queues.

use super::duty;
use super::queues::Command;
use super::service::Service;
use super::targets::is_reachable;
use crate::browser::message::{
    Destination as Place, Duty, Hello, IceServer, PersonState, Presence, Queue, ToPage, Waiting,
};
use crate::browser::{Errand, LineSettings, Lines};
use crate::config::{Config, Routing};
use crate::prompt::Prompt;
use crate::routing::queue::{AgentState, Waiting as InLine};
use crate::routing::{Destination, Directory, Endpoint, Person, PersonId, RECEPTIONIST_EXTENSION};
use crate::store::Store;
use anyhow::Context as _;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

/// What has changed is told within this time.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Opens the in-app line, when the page is served.
///
/// # Errors
/// When its port or the database can't be had.
pub(super) async fn open_lines(
    config: &Config,
    prompt: &Prompt,
    store: &Store,
    routing: &watch::Sender<Arc<Routing>>,
    shut_down: &CancellationToken,
) -> anyhow::Result<Option<(Lines, mpsc::Receiver<Errand>)>> {
    if config.web.is_none() {
        return Ok(None);
    }
    let (business, turn, routing) = (prompt.business().name.clone(), config.browser.turn.clone(), routing.subscribe());
    let ice_servers: Vec<_> = turn.iter().flat_map(|turn| turn.urls.iter().map(move |url| (turn, url))).collect();
    let ice_servers: Vec<IceServer> = ice_servers
        .into_iter()
        .map(|(turn, url)| IceServer {
            urls: url.clone(),
            username: turn.user.reveal().clone(),
            credential: turn.password.reveal().clone(),
        })
        .collect();
    let settings = LineSettings {
        bind: config.browser.bind,
        advertised: config.browser.advertised.clone(),
        rejoin_within: config.browser.rejoin,
        available: store.available().await?.into_iter().map(PersonId).collect(),
        greeting: Box::new(move |person| greeting(&business, &ice_servers, &Arc::clone(&routing.borrow()), person)),
    };
    let bind = config.browser.bind;
    let opened = Lines::open(settings, shut_down.clone()).await.with_context(|| {
        format!("browser.bind: {bind} (UDP) can't be had. Stop what listens there, or change `bind` in [browser]")
    })?;
    Ok(Some(opened))
}

fn greeting(business: &str, ice_servers: &[IceServer], routing: &Routing, person: &PersonId) -> Hello {
    let directory = &routing.directory;
    Hello {
        business: business.to_owned(),
        person: person.0.clone(),
        rings: directory.person(person).is_some_and(|person| person.browser),
        ice_servers: ice_servers.to_vec(),
        destinations: destinations(directory),
        calls_back: routing.trunks.iter().any(|trunk| !trunk.allow.is_empty()),
        ..Hello::default()
    }
}

fn destinations(directory: &Directory) -> Vec<Place> {
    let groups =
        directory.groups.iter().map(|group| (group.id.0.clone(), "group", Destination::Group(group.id.clone())));
    let queues =
        directory.queues.iter().map(|queue| (queue.id.0.clone(), "queue", Destination::Queue(queue.id.clone())));
    let named = groups.chain(queues).map(|(name, kind, destination)| {
        let extension = extension_of(directory, &destination);
        Place { name, kind, extension }
    });
    let receptionist = Place {
        name: Destination::RECEPTIONIST.to_owned(),
        kind: "receptionist",
        extension: Some(RECEPTIONIST_EXTENSION.to_owned()),
    };
    named.chain([receptionist]).collect()
}

fn extension_of(directory: &Directory, wanted: &Destination) -> Option<String> {
    directory.extensions.iter().find(|(_, destination)| destination == wanted).map(|(extension, _)| extension.clone())
}

/// What a page was told last.
#[derive(Default, PartialEq)]
struct Told {
    people: Vec<Presence>,
    duty: Option<Duty>,
    line: Vec<Queue>,
}

/// Tells pages what has changed, until the service goes down.
pub(super) async fn keep_told(service: Arc<Service>) {
    let Some(lines) = service.lines.clone() else { return };
    let (mut looks, mut told) = (tokio::time::interval(LOOK_EVERY), HashMap::new());
    let mut routing = service.watch_routing();
    while let Some(changed) = service
        .shut_down
        .run_until_cancelled(async {
            tokio::select! {
                _ = looks.tick() => false,
                changed = routing.changed() => changed.is_ok(),
            }
        })
        .await
    {
        if changed {
            lines.greet_all();
        }
        let pages = lines.pages();
        if pages.is_empty() {
            told.clear();
            continue;
        }
        let directory = &service.routing().directory;
        let (states, waiting) = (agents(&service).await, waiting(&service).await);
        let mut still = HashMap::new();
        for (page, person) in pages {
            let before: Told = told.remove(&page).unwrap_or_default();
            let now = Told {
                people: people(&service, &lines, directory, &person),
                duty: states.get(&person).cloned(),
                line: in_line(directory, &person, &waiting),
            };
            if now.people != before.people {
                lines.tell_page(page, &ToPage::People { people: now.people.clone() });
            }
            if let Some(duty) = now.duty.as_ref().filter(|duty| before.duty.as_ref() != Some(duty)) {
                lines.tell_page(page, &ToPage::Duty(duty.clone()));
            }
            if !is_same_line(&now.line, &before.line) {
                lines.tell_page(page, &ToPage::Line { queues: now.line.clone() });
            }
            still.insert(page, now);
        }
        told = still;
    }
}

/// Waits grow by themselves, and are not told again.
fn is_same_line(now: &[Queue], before: &[Queue]) -> bool {
    let plain = |queues: &[Queue]| -> Vec<Queue> {
        let still = |caller: &Waiting| Waiting { waited_ms: 0, ..caller.clone() };
        queues
            .iter()
            .map(|queue| Queue { name: queue.name.clone(), callers: queue.callers.iter().map(still).collect() })
            .collect()
    };
    plain(now) == plain(before)
}

fn people(service: &Service, lines: &Lines, directory: &Directory, but: &PersonId) -> Vec<Presence> {
    let others = directory.people.iter().filter(|person| person.id != *but);
    others
        .map(|person| Presence {
            name: person.id.0.clone(),
            state: presence(service, lines, person),
            extension: extension_of(directory, &Destination::Person(person.id.clone())),
        })
        .collect()
}

fn presence(service: &Service, lines: &Lines, person: &Person) -> PersonState {
    let endpoints = person.endpoints();
    let is_talking = {
        let standing = service.standing();
        endpoints.iter().any(|endpoint| standing.is_talking(endpoint))
    };
    let mut there = endpoints.iter().filter(|endpoint| is_reachable(&service.dialler, Some(lines), endpoint));
    if is_talking || lines.is_talking(&person.id) {
        PersonState::Talking
    } else if there.clone().any(|endpoint| !matches!(endpoint, Endpoint::Cell { .. })) {
        PersonState::Available
    } else if there.next().is_some() {
        PersonState::CellOnly
    } else {
        PersonState::Away
    }
}

/// What those who serve a queue do.
async fn agents(service: &Service) -> HashMap<PersonId, Duty> {
    let routing = service.routing();
    let mut duties = HashMap::new();
    if routing.directory.queues.is_empty() {
        return duties;
    }
    let rows = match service.store.agents().await {
        Ok(rows) => rows,
        Err(error) => {
            tracing::error!(%error, "who is on duty could not be looked up");
            return duties;
        }
    };
    for member in routing.directory.members() {
        let row = rows.iter().find(|row| row.person == member.person.0);
        let (on, paused) = row.map_or(duty::ON_DUTY, |row| (row.logged_in, row.paused));
        let state = row.map_or(AgentState::Free.to_string(), |row| row.state.clone());
        duties.insert(member.person.clone(), Duty { on, paused, state });
    }
    duties
}

async fn waiting(service: &Service) -> Vec<InLine> {
    if service.routing().directory.queues.is_empty() {
        return Vec::new();
    }
    let (reply, replied) = oneshot::channel();
    service.queues.send(Command::Look(reply)).await;
    replied.await.unwrap_or_default()
}

fn in_line(directory: &Directory, person: &PersonId, waiting: &[InLine]) -> Vec<Queue> {
    let serves = |queue: &&crate::routing::queue::Queue| queue.members.iter().any(|member| member.person == *person);
    directory
        .queues
        .iter()
        .filter(serves)
        .map(|queue| Queue {
            name: queue.id.0.clone(),
            callers: waiting.iter().filter(|caller| caller.queue == queue.id).map(as_seen).collect(),
        })
        .collect()
}

fn as_seen(caller: &InLine) -> Waiting {
    Waiting {
        number: caller.number.as_ref().map(|number| number.national().to_owned()),
        waited_ms: caller.waited.as_millis() as u64,
        called_back: caller.is_called_back,
    }
}
