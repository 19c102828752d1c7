//! What a call brought in: slots while it lasts, a lead made of them at its end.

use super::columns::{Columns as _, json};
use super::{Batch, Store, StoreError, during};
use crate::id::{CallId, LeadId};
use crate::lead::{Slot, SlotName};
use jiff::Timestamp;
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{Any, Executor};
use uuid::Uuid;

/// What one call brought in. A caller who hung up half-way leaves a partial one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lead {
    /// Its id.
    pub id: LeadId,
    /// The call it came from.
    pub call: CallId,
    /// The end of that call.
    pub created_at: Timestamp,
    /// Its details, in the order of [`SlotName`].
    pub slots: Vec<Slot>,
}

impl Batch {
    /// Keeps a detail in place of the one of the same name. Once the call has ended its lead no longer changes: a detail
    /// that comes later is left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_slot(&mut self, call: CallId, slot: &Slot) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO slots (call_id, name, value, evidence, confirmed)
             SELECT id, $2, $3, $4, $5 FROM calls WHERE id = $1 AND ended_at IS NULL
             ON CONFLICT (call_id, name) DO UPDATE SET
                 value = excluded.value, evidence = excluded.evidence, confirmed = excluded.confirmed",
        )
        .bind(call.to_string())
        .bind(slot.name.as_str())
        .bind(&slot.value)
        .bind(json(&slot.evidence))
        .bind(i64::from(slot.confirmed))
        .execute(&mut *self.tx)
        .await
        .map_err(during("keep a slot"))?;
        Ok(())
    }

    /// Forgets a detail that was taken back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clear_slot(&mut self, call: CallId, name: SlotName) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM slots WHERE call_id = $1 AND name = $2
             AND EXISTS (SELECT 1 FROM calls WHERE id = $1 AND ended_at IS NULL)",
        )
        .bind(call.to_string())
        .bind(name.as_str())
        .execute(&mut *self.tx)
        .await
        .map_err(during("clear a slot"))?;
        Ok(())
    }
}

impl Store {
    /// The newest leads, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leads(&self, limit: u32) -> Result<Vec<Lead>, StoreError> {
        let rows = sqlx::query("SELECT id, call_id, created_at FROM leads ORDER BY created_at DESC, id DESC LIMIT $1")
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(during("list the leads"))?;
        let mut leads = Vec::with_capacity(rows.len());
        for row in &rows {
            let call = CallId(row.parsed("call_id")?);
            leads.push(Lead {
                id: LeadId(row.parsed("id")?),
                call,
                created_at: row.instant("created_at")?,
                slots: self.slots(call).await?,
            });
        }
        Ok(leads)
    }

    /// The lead of a call, if it brought one in.
    pub(super) async fn lead_of(&self, call: CallId) -> Result<Option<LeadId>, StoreError> {
        sqlx::query("SELECT id FROM leads WHERE call_id = $1")
            .bind(call.to_string())
            .fetch_optional(&self.pool)
            .await
            .map_err(during("read a call's lead"))?
            .map(|row| row.parsed("id").map(LeadId))
            .transpose()
    }

    /// A call's details.
    pub(super) async fn slots(&self, call: CallId) -> Result<Vec<Slot>, StoreError> {
        let mut slots = sqlx::query("SELECT name, value, evidence, confirmed FROM slots WHERE call_id = $1")
            .bind(call.to_string())
            .fetch_all(&self.pool)
            .await
            .map_err(during("read a call's slots"))?
            .iter()
            .map(slot)
            .collect::<Result<Vec<_>, _>>()?;
        slots.sort_by_key(|slot| slot.name);
        Ok(slots)
    }
}

/// Makes a lead of a call's details, if there are any.
pub(super) async fn make_lead<'c>(
    on: impl Executor<'c, Database = Any>,
    call: CallId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO leads (id, call_id, created_at)
         SELECT $1, id, $3 FROM calls WHERE id = $2 AND EXISTS (SELECT 1 FROM slots WHERE call_id = $2)",
    )
    .bind(Uuid::now_v7().to_string())
    .bind(call.to_string())
    .bind(at.as_millisecond())
    .execute(on)
    .await
    .map_err(during("make a lead"))?;
    Ok(())
}

fn slot(row: &AnyRow) -> Result<Slot, StoreError> {
    Ok(Slot {
        name: row.parsed("name")?,
        value: row.text("value")?,
        evidence: row.json("evidence")?,
        confirmed: row.number("confirmed")? != 0,
    })
}
