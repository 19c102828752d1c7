//! Who was rung by a call and who took it, and the latest calls of a person.

use super::columns::Columns as _;
use super::{Batch, Store, StoreError, during};
use crate::id::CallId;
use crate::lead::SlotName;
use crate::phone::PhoneNumber;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use std::collections::HashMap;

/// A call as those look at it who might have taken it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentCall {
    /// Its id.
    pub id: CallId,
    /// When it came in.
    pub started_at: Timestamp,
    /// We began it: `caller` is whom we called.
    pub outgoing: bool,
    /// The number the network gave.
    pub caller: Option<PhoneNumber>,
    /// How it ended; none while it lasts.
    pub outcome: Option<String>,
    /// How long it lasted, in milliseconds; none while it lasts.
    pub duration_ms: Option<u64>,
    /// Who took it.
    pub took_by: Option<String>,
    /// What the caller told, in the order of [`SlotName`].
    pub slots: Vec<(SlotName, String)>,
    /// Where the text to the caller stands, and since when: taken by the provider, or else put into the outbox.
    pub text: Option<(String, Timestamp)>,
}

/// The same calls twice: themselves, and their slots. `$1` is how many.
macro_rules! latest {
    ($which:literal) => {
        [
            concat!(
                "SELECT calls.id, calls.started_at, calls.outgoing, calls.caller, calls.outcome, calls.duration_ms,
                     (SELECT MIN(person) FROM call_people WHERE call_id = calls.id AND took = 1) AS took_by,
                     texts.state, COALESCE(texts.accepted_at, texts.created_at) AS text_at
                 FROM calls LEFT JOIN texts ON texts.call_id = calls.id AND texts.kind = 'text_back'
                 WHERE calls.id IN (",
                $which,
                ") ORDER BY calls.started_at DESC, calls.id DESC"
            ),
            concat!("SELECT call_id, name, value FROM slots WHERE call_id IN (", $which, ")"),
        ]
    };
}

const EVERYONE: [&str; 2] = latest!("SELECT id FROM calls ORDER BY started_at DESC, id DESC LIMIT $1");
const OF_PERSON: [&str; 2] =
    latest!("SELECT call_id FROM call_people WHERE person = $2 ORDER BY call_id DESC LIMIT $1");

impl Batch {
    /// The call rang this person. Again changes nothing.
    ///
    /// # Errors
    /// When the call was not begun or the database fails.
    pub async fn rang(&mut self, call: CallId, person: &str) -> Result<(), StoreError> {
        self.keep_person(
            "INSERT INTO call_people (call_id, person, took) VALUES ($1, $2, 0) ON CONFLICT (call_id, person) DO NOTHING",
            call,
            person,
        )
        .await
    }

    /// This person took the call, rung before or not.
    ///
    /// # Errors
    /// When the call was not begun or the database fails.
    pub async fn took(&mut self, call: CallId, person: &str) -> Result<(), StoreError> {
        self.keep_person(
            "INSERT INTO call_people (call_id, person, took) VALUES ($1, $2, 1)
             ON CONFLICT (call_id, person) DO UPDATE SET took = 1",
            call,
            person,
        )
        .await
    }

    async fn keep_person(&mut self, sql: &'static str, call: CallId, person: &str) -> Result<(), StoreError> {
        sqlx::query(sql)
            .bind(call.to_string())
            .bind(person)
            .execute(&mut *self.tx)
            .await
            .map(drop)
            .map_err(during("write down who was rung"))
    }
}

impl Store {
    /// The newest calls that rang this person or were taken by them, or of everybody; at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recent_calls(&self, person: Option<&str>, limit: u32) -> Result<Vec<RecentCall>, StoreError> {
        let [calls, slots] = if person.is_some() { OF_PERSON } else { EVERYONE };
        let mut slots = self.latest(slots, person, limit).await?.iter().map(slot).try_fold(
            HashMap::<CallId, Vec<_>>::new(),
            |mut by_call, slot| {
                let (call, name, value) = slot?;
                by_call.entry(call).or_default().push((name, value));
                Ok::<_, StoreError>(by_call)
            },
        )?;
        let rows = self.latest(calls, person, limit).await?;
        let whole = |row| {
            let mut call = recent(row)?;
            call.slots = slots.remove(&call.id).unwrap_or_default();
            call.slots.sort_by_key(|(name, _)| *name);
            Ok(call)
        };
        rows.iter().map(whole).collect()
    }

    async fn latest(&self, sql: &'static str, person: Option<&str>, limit: u32) -> Result<Vec<AnyRow>, StoreError> {
        let query = sqlx::query(sql).bind(i64::from(limit));
        let query = match person {
            Some(person) => query.bind(person),
            None => query,
        };
        query.fetch_all(&self.pool).await.map_err(during("list the latest calls"))
    }
}

fn recent(row: &AnyRow) -> Result<RecentCall, StoreError> {
    let text = row.maybe_text("state")?.zip(row.maybe_instant("text_at")?);
    Ok(RecentCall {
        id: CallId(row.parsed("id")?),
        started_at: row.instant("started_at")?,
        outgoing: row.number("outgoing")? != 0,
        caller: row.maybe_word("caller")?,
        outcome: row.maybe_text("outcome")?,
        duration_ms: row.maybe_number("duration_ms")?.map(|ms| ms.max(0) as u64),
        took_by: row.maybe_text("took_by")?,
        slots: Vec::new(),
        text,
    })
}

fn slot(row: &AnyRow) -> Result<(CallId, SlotName, String), StoreError> {
    Ok((CallId(row.parsed("call_id")?), row.parsed("name")?, row.text("value")?))
}
