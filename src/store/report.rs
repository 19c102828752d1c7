//! Calls as the owner looks at them: a line each, or one in full.

use super::columns::Columns as _;
use super::{Event, KeptTurn, Store, StoreError, TextReport, during};
use crate::id::{CallId, LeadId};
use crate::lead::Slot;
use crate::phone::PhoneNumber;
use jiff::Timestamp;
use serde::Serialize;
use sqlx::any::AnyRow;

/// A call in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallSummary {
    /// Its id.
    pub id: CallId,
    /// We began it: `caller` is whom we called.
    pub outgoing: bool,
    /// When it came in.
    pub started_at: Timestamp,
    /// How long it lasted, in milliseconds; none while it lasts.
    pub duration_ms: Option<u64>,
    /// The number the network gave.
    pub caller: Option<PhoneNumber>,
    /// How it ended; none while it lasts.
    pub outcome: Option<String>,
    /// The caller's name, when told.
    pub name: Option<String>,
    /// What is needed, when told.
    pub need: Option<String>,
    /// How many turns it had.
    pub turns: u32,
    /// Where its text stands: `due`, `sending`, `accepted` or `gave_up`; none when none goes.
    pub text: Option<String>,
}

/// A call in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallReport {
    /// Its id.
    pub id: CallId,
    /// We began it: `caller` is whom we called.
    pub outgoing: bool,
    /// The call that it returns.
    pub returns: Option<CallId>,
    /// When it came in.
    pub started_at: Timestamp,
    /// When it ended; none while it lasts.
    pub ended_at: Option<Timestamp>,
    /// How long it lasted, in milliseconds.
    pub duration_ms: Option<u64>,
    /// The number the network gave.
    pub caller: Option<PhoneNumber>,
    /// The number or name that was called.
    pub called: String,
    /// How it ended: `EndReason::as_str`, or `interrupted`.
    pub outcome: Option<String>,
    /// The content hash of the prompt file.
    pub prompt_hash: String,
    /// The model profile that answered.
    pub profile: String,
    /// The recording's path.
    pub recording: Option<String>,
    /// Counts of packets, losses and the like.
    pub counters: Option<serde_json::Value>,
    /// Who said what, in order.
    pub turns: Vec<KeptTurn>,
    /// The lead it made, once it has ended and if it brought in anything.
    pub lead: Option<LeadId>,
    /// The lead's details.
    pub slots: Vec<Slot>,
    /// Dialog and media events, in order.
    pub events: Vec<Event>,
    /// The text to the caller, and the notice to the owner.
    pub texts: Vec<TextReport>,
}

impl Store {
    /// The newest calls, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn calls(&self, limit: u32) -> Result<Vec<CallSummary>, StoreError> {
        sqlx::query(
            "SELECT id, outgoing, started_at, duration_ms, caller, outcome,
                 (SELECT value FROM slots WHERE call_id = calls.id AND name = 'name') AS name,
                 (SELECT value FROM slots WHERE call_id = calls.id AND name = 'need') AS need,
                 (SELECT COUNT(*) FROM turns WHERE call_id = calls.id) AS turns,
                 (SELECT state FROM texts WHERE call_id = calls.id AND kind = 'text_back') AS text
             FROM calls ORDER BY started_at DESC, id DESC LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await
        .map_err(during("list the calls"))?
        .iter()
        .map(summary)
        .collect()
    }

    /// One call in full, if it is known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn call(&self, id: CallId) -> Result<Option<CallReport>, StoreError> {
        let row = sqlx::query("SELECT * FROM calls WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await
            .map_err(during("read a call"))?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(CallReport {
            id,
            outgoing: row.number("outgoing")? != 0,
            returns: row.maybe_text("returns")?.and_then(|call| call.parse().ok()),
            started_at: row.instant("started_at")?,
            ended_at: row.maybe_instant("ended_at")?,
            duration_ms: row.maybe_number("duration_ms")?.map(|ms| ms.max(0) as u64),
            caller: row.maybe_word("caller")?,
            called: row.text("called")?,
            outcome: row.maybe_text("outcome")?,
            prompt_hash: row.text("prompt_hash")?,
            profile: row.text("profile")?,
            recording: row.maybe_text("recording")?,
            counters: if row.maybe_text("counters")?.is_some() { Some(row.json("counters")?) } else { None },
            turns: self.turns(id).await?,
            lead: self.lead_of(id).await?,
            slots: self.slots(id).await?,
            events: self.events(id).await?,
            texts: self.texts(id).await?,
        }))
    }
}

fn summary(row: &AnyRow) -> Result<CallSummary, StoreError> {
    Ok(CallSummary {
        id: CallId(row.parsed("id")?),
        outgoing: row.number("outgoing")? != 0,
        started_at: row.instant("started_at")?,
        duration_ms: row.maybe_number("duration_ms")?.map(|ms| ms.max(0) as u64),
        caller: row.maybe_word("caller")?,
        outcome: row.maybe_text("outcome")?,
        name: row.maybe_text("name")?,
        need: row.maybe_text("need")?,
        turns: row.count("turns")?,
        text: row.maybe_text("text")?,
    })
}
