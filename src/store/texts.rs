//! The outbox: every text that is to be sent once, and how far it has come.

use super::columns::Columns as _;
use super::{NewText, Store, StoreError, during};
use crate::id::CallId;
use crate::phone::PhoneNumber;
use crate::textback::{Claim, Delivery, Entry, Kind, State};
use jiff::Timestamp;
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{Any, Executor};

/// A text of a call, for the owner's eyes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextReport {
    /// `text_back` to the caller, or `notice` to the owner.
    pub kind: String,
    /// Names it in the outbox.
    pub dedupe_key: String,
    /// To whom.
    pub to: PhoneNumber,
    /// What.
    pub body: String,
    /// `due`, `sending`, `accepted` or `gave_up`.
    pub state: String,
    /// Tries so far.
    pub attempt: u32,
    /// When it was put into the outbox.
    pub created_at: Timestamp,
    /// When the provider took it.
    pub accepted_at: Option<Timestamp>,
    /// The provider's name for it.
    pub provider_id: Option<String>,
    /// The provider's last report.
    pub delivery: Option<Delivery>,
    /// What went wrong last.
    pub why: Option<String>,
}

impl Store {
    /// Texts whose time has come, longest waiting first, at most `limit`; among them those whose claim ran out.
    /// A row that can't be read is given up, so that it doesn't hold up the others.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_texts(&self, now: Timestamp, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let rows = sqlx::query(
            "SELECT dedupe_key, recipient, body, state, attempt, due_at, created_at FROM texts
             WHERE state IN ('due', 'sending') AND due_at <= $1 ORDER BY due_at, dedupe_key LIMIT $2",
        )
        .bind(now.as_millisecond())
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await
        .map_err(during("look for due texts"))?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in &rows {
            match entry(row) {
                Ok(entry) => entries.push(entry),
                Err(error) => {
                    let key = row.text("dedupe_key")?;
                    tracing::error!(text = %key, %error, "a text can't be read and is given up");
                    self.text_gave_up(&key, "unreadable").await?;
                }
            }
        }
        Ok(entries)
    }

    /// When the next text is to be sent, or a claim runs out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_text_due(&self) -> Result<Option<Timestamp>, StoreError> {
        sqlx::query("SELECT MIN(due_at) AS due_at FROM texts WHERE state IN ('due', 'sending')")
            .fetch_one(&self.pool)
            .await
            .map_err(during("look for the next text"))?
            .maybe_instant("due_at")
    }

    /// Takes a text for one try. False when another worker took it first, or it was withdrawn.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn text_sending(&self, entry: &Entry, claim: &Claim) -> Result<bool, StoreError> {
        sqlx::query(
            "UPDATE texts SET state = 'sending', attempt = $2, due_at = $3
             WHERE dedupe_key = $1 AND state = $4 AND attempt = $5 AND due_at = $6",
        )
        .bind(&entry.dedupe_key)
        .bind(i64::from(claim.attempt))
        .bind(claim.until.as_millisecond())
        .bind(entry.state.as_str())
        .bind(i64::from(entry.attempt))
        .bind(entry.due_at.as_millisecond())
        .execute(&self.pool)
        .await
        .map(|done| done.rows_affected() == 1)
        .map_err(during("claim a text"))
    }

    /// The provider has the text. Holds even when the claim had run out meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn text_accepted(&self, key: &str, provider_id: &str, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE texts SET state = 'accepted', provider_id = $2, accepted_at = $3, why = NULL
             WHERE dedupe_key = $1 AND state <> 'accepted'",
        )
        .bind(key)
        .bind(provider_id)
        .bind(at.as_millisecond())
        .execute(&self.pool)
        .await
        .map_err(during("mark a text as accepted"))?;
        Ok(())
    }

    /// The try `attempt` failed; another is due later. Nothing changes when a later try is under way already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn text_retry(&self, key: &str, attempt: u32, due_at: Timestamp, why: &str) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE texts SET state = 'due', due_at = $3, why = $4
             WHERE dedupe_key = $1 AND attempt = $2 AND state = 'sending'",
        )
        .bind(key)
        .bind(i64::from(attempt))
        .bind(due_at.as_millisecond())
        .bind(why)
        .execute(&self.pool)
        .await
        .map_err(during("put a text back"))?;
        Ok(())
    }

    /// The text will not be sent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn text_gave_up(&self, key: &str, why: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE texts SET state = 'gave_up', why = $2 WHERE dedupe_key = $1 AND state <> 'accepted'")
            .bind(key)
            .bind(why)
            .execute(&self.pool)
            .await
            .map_err(during("give a text up"))?;
        Ok(())
    }

    /// The provider reports on a text. Reports may come twice, late, out of order, and before
    /// [`Store::text_accepted`]: the most final one counts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn text_status(&self, provider_id: &str, status: Delivery) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO text_statuses (provider_id, status, rank) VALUES ($1, $2, $3)
             ON CONFLICT (provider_id) DO UPDATE SET status = excluded.status, rank = excluded.rank
             WHERE excluded.rank > text_statuses.rank",
        )
        .bind(provider_id)
        .bind(status.as_str())
        .bind(i64::from(status.rank()))
        .execute(&self.pool)
        .await
        .map_err(during("keep a delivery report"))?;
        Ok(())
    }

    /// When a text-back was last written for this number, unless it was given up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_text_to(&self, number: &PhoneNumber) -> Result<Option<Timestamp>, StoreError> {
        sqlx::query("SELECT MAX(created_at) AS at FROM texts WHERE recipient = $1 AND kind = $2 AND state <> 'gave_up'")
            .bind(number.e164())
            .bind(Kind::TextBack.as_str())
            .fetch_one(&self.pool)
            .await
            .map_err(during("look for an earlier text"))?
            .maybe_instant("at")
    }

    /// A call's texts, the one to the caller first.
    pub(super) async fn texts(&self, call: CallId) -> Result<Vec<TextReport>, StoreError> {
        sqlx::query(
            "SELECT texts.*, text_statuses.status FROM texts
             LEFT JOIN text_statuses ON text_statuses.provider_id = texts.provider_id WHERE call_id = $1
             ORDER BY kind DESC",
        )
        .bind(call.to_string())
        .fetch_all(&self.pool)
        .await
        .map_err(during("read a call's texts"))?
        .iter()
        .map(report)
        .collect()
    }
}

/// Puts a call's text into the outbox. False when its key is taken, or its call has one of its kind already.
pub(super) async fn queue<'c>(
    on: impl Executor<'c, Database = Any>,
    call: CallId,
    at: Timestamp,
    text: &NewText,
) -> Result<bool, StoreError> {
    sqlx::query(
        "INSERT INTO texts (dedupe_key, call_id, recipient, body, state, attempt, due_at, created_at, kind)
         VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8) ON CONFLICT DO NOTHING",
    )
    .bind(&text.dedupe_key)
    .bind(call.to_string())
    .bind(text.to.e164())
    .bind(&text.body)
    .bind(State::Due.as_str())
    .bind(text.due_at.as_millisecond())
    .bind(at.as_millisecond())
    .bind(text.kind.as_str())
    .execute(on)
    .await
    .map(|done| done.rows_affected() == 1)
    .map_err(during("queue a text"))
}

fn entry(row: &AnyRow) -> Result<Entry, StoreError> {
    Ok(Entry {
        dedupe_key: row.text("dedupe_key")?,
        to: row.word("recipient")?,
        body: row.text("body")?.into(),
        queued_at: row.instant("created_at")?,
        attempt: row.count("attempt")?,
        due_at: row.instant("due_at")?,
        state: row.parsed("state")?,
    })
}

fn report(row: &AnyRow) -> Result<TextReport, StoreError> {
    Ok(TextReport {
        kind: row.text("kind")?,
        dedupe_key: row.text("dedupe_key")?,
        to: row.word("recipient")?,
        body: row.text("body")?,
        state: row.text("state")?,
        attempt: row.count("attempt")?,
        created_at: row.instant("created_at")?,
        accepted_at: row.maybe_instant("accepted_at")?,
        provider_id: row.maybe_text("provider_id")?,
        delivery: row.maybe_word("status")?,
        why: row.maybe_text("why")?,
    })
}
