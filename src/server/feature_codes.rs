//! What agents dial from their own phones: `*45` to log in or out, `*46` to pause or go on. A spoken line confirms it.

use super::service::Service;
use super::{clock, duty};
use crate::routing::{PersonId, Plan, Step};
use crate::sip::IncomingCall;
use crate::store::StoreError;

const LOG: &str = "*45";
const PAUSE: &str = "*46";
/// How the call ends once the line was heard (RFC 3261, 21.6.2); nobody ever sees it.
const DONE: u16 = 603;

/// Does what the code says, and gives the plan that confirms it. `None` when it is no code, or not dialled from an agent's phone.
pub(super) async fn take(service: &Service, incoming: &IncomingCall) -> Option<Plan> {
    if ![LOG, PAUSE].contains(&incoming.called.as_str()) {
        return None;
    }
    let agent = dialled_by(service, incoming)?;
    let said = match change(service, &agent, &incoming.called).await {
        Ok(said) => said,
        Err(error) => {
            tracing::error!(%error, %agent, "an agent's feature code could not be followed");
            "That did not work. Please try again later."
        }
    };
    service.queues.agents_changed();
    let steps = vec![Step::Announce { text: said.to_owned() }, Step::Reject { code: DONE }];
    let name = format!("feature code {}", incoming.called);
    Some(Plan { name, steps, ..Plan::receptionist_only() })
}

/// The agent from whose registered phone the call came: by the very flow that the phone registered from.
fn dialled_by(service: &Service, incoming: &IncomingCall) -> Option<PersonId> {
    let routing = service.routing();
    let is_theirs = |user: &String| {
        let contacts = service.dialler.contacts(user);
        contacts.iter().any(|contact| contact.flow == incoming.source && contact.transport == incoming.transport)
    };
    let person = routing.directory.people.iter().find(|person| person.phone.as_ref().is_some_and(is_theirs))?;
    routing.directory.members().any(|member| member.person == person.id).then(|| person.id.clone())
}

async fn change(service: &Service, agent: &PersonId, code: &str) -> Result<&'static str, StoreError> {
    let (is_logged_in, is_paused) = duty::of(&service.store, agent).await?;
    if code == LOG {
        service.store.log_agent(&agent.0, !is_logged_in, clock::wall()).await?;
        return Ok(if is_logged_in { "You are logged out of the queues." } else { "You are logged in to the queues." });
    }
    service.store.pause_agent(&agent.0, !is_paused, clock::wall()).await?;
    Ok(if is_paused { "You take calls of the queues again." } else { "You are paused, and no queue rings." })
}
