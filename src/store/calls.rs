//! A call's record: begun, ended once, and found again after a kill.

use super::columns::{Columns as _, millis};
use super::events::BRIDGED;
use super::{Batch, KeptTurn, Store, StoreError, during, leads, texts};
use crate::id::CallId;
use crate::lead::Slot;
use crate::phone::PhoneNumber;
use crate::textback::Kind;
use jiff::Timestamp;
use std::time::Duration;

/// What is known when a call comes in.
#[derive(Clone, Debug)]
pub struct CallStart {
    /// Its id.
    pub id: CallId,
    /// When it came in.
    pub started_at: Timestamp,
    /// The number the network gave.
    pub caller: Option<PhoneNumber>,
    /// The number or name that was called.
    pub called: String,
    /// The content hash of the prompt file.
    pub prompt_hash: String,
    /// The model profile that answers.
    pub profile: String,
    /// We began it: `caller` is whom we called.
    pub outgoing: bool,
    /// The call that it returns.
    pub returns: Option<CallId>,
}

/// What is known when a call is over.
#[derive(Clone, Debug)]
pub struct CallEnd {
    /// Its id.
    pub id: CallId,
    /// When it ended.
    pub ended_at: Timestamp,
    /// How long it lasted.
    pub duration: Duration,
    /// `EndReason::as_str`, or `interrupted`.
    pub outcome: String,
    /// The recording's path.
    pub recording: Option<String>,
    /// Counts of packets, losses and the like.
    pub counters: serde_json::Value,
    /// The text for the caller, when one goes.
    pub text: Option<NewText>,
    /// The notice to the owner, when one goes.
    pub notice: Option<NewText>,
}

/// A text to send.
#[derive(Clone)]
pub struct NewText {
    /// What it is for: a call has one of each kind.
    pub kind: Kind,
    /// To whom.
    pub to: PhoneNumber,
    /// What.
    pub body: String,
    /// From [`crate::textback::dedupe_key`]: of two texts with one key only the first is kept.
    pub dedupe_key: String,
    /// Not before this.
    pub due_at: Timestamp,
}

impl std::fmt::Debug for NewText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The words may hold the caller's name.
        f.debug_struct("NewText").field("to", &self.to).field("due_at", &self.due_at).finish_non_exhaustive()
    }
}

/// What [`Store::finish_call`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The call was still open; otherwise nothing at all was written.
    pub first: bool,
    /// A text was put into the outbox. Without one of its key or its call there yet.
    pub text_queued: bool,
}

/// A call that was never finished: the process was killed while it lasted.
#[derive(Clone, Debug)]
pub struct UnfinishedCall {
    /// Its id.
    pub id: CallId,
    /// When it came in.
    pub started_at: Timestamp,
    /// The number the network gave.
    pub caller: Option<PhoneNumber>,
    /// The number or name that was called.
    pub called: String,
    /// We began it.
    pub outgoing: bool,
    /// What the caller had told.
    pub slots: Vec<Slot>,
    /// What had been said.
    pub turns: Vec<KeptTurn>,
    /// Whether a person had talked with the caller.
    pub was_answered: bool,
    /// When the last thing happened that was written down.
    pub last_event: Duration,
}

impl UnfinishedCall {
    /// How long the call surely lasted: to the end of its last turn, or the last event.
    #[must_use]
    pub fn lasted(&self) -> Duration {
        self.turns.iter().map(|kept| kept.turn.ended_at).max().unwrap_or_default().max(self.last_event)
    }
}

impl Batch {
    /// Keeps that a call came in; from now on turns, events and slots may be written. The same call again changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_call(&mut self, start: &CallStart) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO calls (id, started_at, caller, called, prompt_hash, profile, outgoing, returns)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING",
        )
        .bind(start.id.to_string())
        .bind(start.started_at.as_millisecond())
        .bind(start.caller.as_ref().map(|number| number.e164().to_owned()))
        .bind(&start.called)
        .bind(&start.prompt_hash)
        .bind(&start.profile)
        .bind(i64::from(start.outgoing))
        .bind(start.returns.map(|call| call.to_string()))
        .execute(&mut *self.tx)
        .await
        .map_err(during("begin a call"))?;
        Ok(())
    }

    /// Ends a call: its record, the lead made of its slots and its text are written in one transaction, once; a call
    /// that has ended already stays as it is.
    ///
    /// # Errors
    /// When the call was never begun or the database fails; then nothing was written.
    pub async fn finish_call(&mut self, end: &CallEnd) -> Result<Finished, StoreError> {
        let ended = sqlx::query(
            "UPDATE calls SET ended_at = $2, duration_ms = $3, outcome = $4, recording = $5, counters = $6
             WHERE id = $1 AND ended_at IS NULL",
        )
        .bind(end.id.to_string())
        .bind(end.ended_at.as_millisecond())
        .bind(millis(end.duration))
        .bind(&end.outcome)
        .bind(&end.recording)
        .bind(end.counters.to_string())
        .execute(&mut *self.tx)
        .await
        .map_err(during("end a call"))?;
        if ended.rows_affected() == 0 {
            let known = sqlx::query("SELECT id FROM calls WHERE id = $1")
                .bind(end.id.to_string())
                .fetch_optional(&mut *self.tx)
                .await
                .map_err(during("look for a call"))?;
            known.ok_or(StoreError::UnknownCall(end.id))?;
            return Ok(Finished { first: false, text_queued: false });
        }
        leads::make_lead(&mut *self.tx, end.id, end.ended_at).await?;
        let text_queued = match &end.text {
            Some(text) => texts::queue(&mut *self.tx, end.id, end.ended_at, text).await?,
            None => false,
        };
        if let Some(notice) = &end.notice {
            texts::queue(&mut *self.tx, end.id, end.ended_at, notice).await?;
        }
        Ok(Finished { first: true, text_queued })
    }
}

impl Store {
    /// Calls that were begun and never finished, oldest first. At start these are the ones that a kill cut off: the
    /// server words their texts and finishes them. (While calls go on, they are among these too.)
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unfinished_calls(&self) -> Result<Vec<UnfinishedCall>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, started_at, caller, called, outgoing FROM calls WHERE ended_at IS NULL ORDER BY started_at, id",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(during("look for unfinished calls"))?;
        let mut calls = Vec::with_capacity(rows.len());
        for row in &rows {
            let id = CallId(row.parsed("id")?);
            let events = self.events(id).await?;
            calls.push(UnfinishedCall {
                was_answered: events.iter().any(|event| event.kind == BRIDGED),
                last_event: Duration::from_millis(events.last().map_or(0, |event| event.at_ms)),
                id,
                started_at: row.instant("started_at")?,
                caller: row.maybe_word("caller")?,
                called: row.text("called")?,
                outgoing: row.number("outgoing")? != 0,
                slots: self.slots(id).await?,
                turns: self.turns(id).await?,
            });
        }
        Ok(calls)
    }
}
