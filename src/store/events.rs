//! What happened to a call besides the talk: dialog and media events with their times.

use super::columns::{Columns as _, millis};
use super::{Batch, Store, StoreError, during};
use crate::id::CallId;
use serde::Serialize;
use sqlx::any::AnyRow;
use std::time::Duration;
use uuid::Uuid;

/// The kind of the event that a person has the call: who reads it knows that the caller was not missed.
pub const BRIDGED: &str = "bridged";

/// Something that happened in a call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// When, in milliseconds since the conversation began.
    pub at_ms: u64,
    /// What, in one word.
    pub kind: String,
    /// Its particulars.
    pub detail: serde_json::Value,
}

impl Batch {
    /// Keeps an event. Events of the same time stay in the order of their writing.
    ///
    /// # Errors
    /// When the call was not begun or the database fails.
    pub async fn add_event(
        &mut self,
        call: CallId,
        at: Duration,
        kind: &str,
        detail: &serde_json::Value,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO events (id, call_id, at_ms, kind, detail) VALUES ($1, $2, $3, $4, $5)")
            .bind(Uuid::now_v7().to_string())
            .bind(call.to_string())
            .bind(millis(at))
            .bind(kind)
            .bind(detail.to_string())
            .execute(&mut *self.tx)
            .await
            .map_err(during("keep an event"))?;
        Ok(())
    }
}

impl Store {
    /// A call's events, in order.
    pub(super) async fn events(&self, call: CallId) -> Result<Vec<Event>, StoreError> {
        sqlx::query("SELECT at_ms, kind, detail FROM events WHERE call_id = $1 ORDER BY at_ms, id")
            .bind(call.to_string())
            .fetch_all(&self.pool)
            .await
            .map_err(during("read a call's events"))?
            .iter()
            .map(event)
            .collect()
    }
}

fn event(row: &AnyRow) -> Result<Event, StoreError> {
    Ok(Event { at_ms: row.duration("at_ms")?.as_millis() as u64, kind: row.text("kind")?, detail: row.json("detail")? })
}
