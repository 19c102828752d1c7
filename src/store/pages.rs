//! What pages need besides: who takes calls in them, what is known of a caller, and who may see a call.

use super::columns::Columns as _;
use super::{Store, StoreError, during};
use crate::id::CallId;
use crate::lead::Slot;
use crate::phone::PhoneNumber;
use jiff::Timestamp;

/// An earlier call of somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct EarlierCall {
    /// When it came in.
    pub started_at: Timestamp,
    /// How it ended.
    pub outcome: Option<String>,
    /// The details that the caller told.
    pub slots: Vec<Slot>,
}

impl Store {
    /// Keeps whether a person takes calls in their pages.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_available(&self, person: &str, available: bool, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO availability (person, available, changed_at) VALUES ($1, $2, $3)
             ON CONFLICT (person) DO UPDATE SET available = excluded.available, changed_at = excluded.changed_at",
        )
        .bind(person)
        .bind(i64::from(available))
        .bind(at.as_millisecond())
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(during("keep who takes calls in their pages"))
    }

    /// Those who take calls in their pages, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn available(&self) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query("SELECT person FROM availability WHERE available = 1 ORDER BY person")
            .fetch_all(&self.pool)
            .await
            .map_err(during("look who takes calls in their pages"))?;
        rows.iter().map(|row| row.text("person")).collect()
    }

    /// The latest calls of a number that are over, the latest first, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn earlier_calls(&self, number: &PhoneNumber, limit: u32) -> Result<Vec<EarlierCall>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, started_at, outcome FROM calls WHERE caller = $1 AND ended_at IS NOT NULL
             ORDER BY started_at DESC, id DESC LIMIT $2",
        )
        .bind(number.e164().to_owned())
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await
        .map_err(during("look for earlier calls"))?;
        let mut earlier = Vec::with_capacity(rows.len());
        for row in &rows {
            earlier.push(EarlierCall {
                started_at: row.instant("started_at")?,
                outcome: row.maybe_text("outcome")?,
                slots: self.slots(CallId(row.parsed("id")?)).await?,
            });
        }
        Ok(earlier)
    }

    /// Whether a person may see a call: it rang for them, or one of their users is an owner.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn may_see(&self, person: &str, call: CallId) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM call_people WHERE call_id = $1 AND person = $2)
                  + (SELECT COUNT(*) FROM users WHERE person = $2 AND role = 'owner') AS reasons",
        )
        .bind(call.to_string())
        .bind(person)
        .fetch_one(&self.pool)
        .await
        .map_err(during("look who may see a call"))?;
        Ok(row.number("reasons")? > 0)
    }
}
