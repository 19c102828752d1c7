//! `/recent.json`: the latest calls of the user, or of everybody.

use super::gate::SignedIn;
use super::site::{Broken, Site};
use crate::lead::SlotName;
use crate::store::RecentCall;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// So many calls are shown.
const MOST: u32 = 50;

/// Whose calls.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    of: Whose,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Whose {
    #[default]
    Me,
    Everyone,
}

#[derive(Serialize)]
struct Recent {
    calls: Vec<Call>,
}

#[derive(Serialize)]
struct Call {
    id: String,
    at: Timestamp,
    outgoing: bool,
    /// As it is read, unless withheld.
    number: Option<String>,
    name: Option<String>,
    need: Option<String>,
    /// None while it lasts.
    outcome: Option<String>,
    took_by: Option<String>,
    duration_ms: Option<u64>,
    lead: Vec<Detail>,
    text: Option<Text>,
}

#[derive(Serialize)]
struct Detail {
    name: SlotName,
    value: String,
}

#[derive(Serialize)]
struct Text {
    state: String,
    at: Timestamp,
}

pub(super) async fn recent(
    State(site): State<Arc<Site>>,
    Extension(signed_in): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Broken> {
    let person = match wanted.of {
        Whose::Me => Some(signed_in.person()),
        Whose::Everyone if signed_in.is_owner() => None,
        Whose::Everyone => {
            return Ok((StatusCode::FORBIDDEN, "Only owners see everybody's calls.\n").into_response());
        }
    };
    let calls = site.store.recent_calls(person, MOST).await?;
    Ok(Json(Recent { calls: calls.into_iter().map(Call::from).collect() }).into_response())
}

impl From<RecentCall> for Call {
    fn from(call: RecentCall) -> Self {
        let told = |wanted| call.slots.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone());
        Self {
            id: call.id.to_string(),
            at: call.started_at,
            outgoing: call.outgoing,
            number: call.caller.as_ref().map(|number| number.national().to_owned()),
            name: told(SlotName::Name),
            need: told(SlotName::Need),
            outcome: call.outcome,
            took_by: call.took_by,
            duration_ms: call.duration_ms,
            lead: call.slots.iter().map(|(name, value)| Detail { name: *name, value: value.clone() }).collect(),
            text: call.text.map(|(state, at)| Text { state, at }),
        }
    }
}
