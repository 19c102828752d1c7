//! Callers who were promised a call: kept until the promise is, so that no restart breaks it.

use super::columns::Columns as _;
use super::{NewText, Store, StoreError, during, texts};
use crate::id::CallId;
use crate::phone::PhoneNumber;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{Any, Executor};

/// A caller who waits to be called back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// The call in which they asked for it.
    pub call: CallId,
    /// The line that keeps their place.
    pub queue: String,
    /// Their number.
    pub number: PhoneNumber,
    /// Higher goes first.
    pub priority: u8,
    /// So many calls to them were in vain.
    pub failed: u32,
    /// The next one waits until then.
    pub not_before: Option<Timestamp>,
    /// Later they are not called any more.
    pub until: Timestamp,
}

impl Store {
    /// Keeps a promise, in place of what was kept for its call before; `at` is when it was asked for.
    ///
    /// # Errors
    /// When the call was not begun or the database fails.
    pub async fn keep_callback(&self, callback: &Callback, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO callbacks (call_id, queue, number, priority, failed, asked_at, not_before_at, until_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (call_id) DO UPDATE SET
                 failed = excluded.failed, not_before_at = excluded.not_before_at, until_at = excluded.until_at",
        )
        .bind(callback.call.to_string())
        .bind(&callback.queue)
        .bind(callback.number.e164())
        .bind(i64::from(callback.priority))
        .bind(i64::from(callback.failed))
        .bind(at.as_millisecond())
        .bind(callback.not_before.map(Timestamp::as_millisecond))
        .bind(callback.until.as_millisecond())
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(during("keep a callback"))
    }

    /// Everybody who waits to be called back, who asked first first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn callbacks(&self) -> Result<Vec<Callback>, StoreError> {
        let rows = sqlx::query("SELECT * FROM callbacks ORDER BY asked_at, call_id")
            .fetch_all(&self.pool)
            .await
            .map_err(during("look for callbacks"))?;
        rows.iter().map(callback).collect()
    }

    /// The caller was had, or wants nothing any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn callback_done(&self, call: CallId) -> Result<(), StoreError> {
        forget(&self.pool, call).await
    }

    /// The promise is given up. Its caller gets a text instead, in the same transaction; `false` when none was put into the outbox.
    ///
    /// # Errors
    /// When the database fails; then nothing was written.
    pub async fn give_callback_up(
        &self,
        call: CallId,
        at: Timestamp,
        text: Option<&NewText>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        forget(&mut *tx, call).await?;
        let is_queued = match text {
            Some(text) => texts::queue(&mut *tx, call, at, text).await?,
            None => false,
        };
        tx.commit().await.map_err(during("give a callback up"))?;
        Ok(is_queued)
    }
}

async fn forget<'c>(on: impl Executor<'c, Database = Any>, call: CallId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM callbacks WHERE call_id = $1")
        .bind(call.to_string())
        .execute(on)
        .await
        .map(drop)
        .map_err(during("forget a callback"))
}

fn callback(row: &AnyRow) -> Result<Callback, StoreError> {
    Ok(Callback {
        call: CallId(row.parsed("call_id")?),
        queue: row.text("queue")?,
        number: row.word("number")?,
        priority: u8::try_from(row.count("priority")?).unwrap_or(u8::MAX),
        failed: row.count("failed")?,
        not_before: row.maybe_instant("not_before_at")?,
        until: row.instant("until_at")?,
    })
}
