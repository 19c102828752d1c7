//! Who said what, written while the call lasts.

use super::columns::{Columns as _, json, millis, word};
use super::{Batch, Store, StoreError, during};
use crate::conversation::Turn;
use crate::id::{CallId, TurnId};
use serde::Serialize;
use sqlx::any::AnyRow;

/// A turn and the prompt file under which it was spoken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptTurn {
    /// The turn.
    #[serde(flatten)]
    pub turn: Turn,
    /// The content hash of that prompt file.
    pub prompt_hash: String,
}

impl Batch {
    /// Keeps a turn; the same turn again (a reply that was cut later) replaces it.
    ///
    /// # Errors
    /// When the call was not begun or the database fails.
    pub async fn add_turn(&mut self, call: CallId, turn: &Turn, prompt_hash: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO turns (call_id, turn, speaker, text, started_ms, ended_ms, heard, origin, stages, prompt_hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (call_id, turn) DO UPDATE SET
                 speaker = excluded.speaker, text = excluded.text, started_ms = excluded.started_ms,
                 ended_ms = excluded.ended_ms, heard = excluded.heard, origin = excluded.origin,
                 stages = excluded.stages, prompt_hash = excluded.prompt_hash",
        )
        .bind(call.to_string())
        .bind(i64::from(turn.id.0))
        .bind(word(&turn.speaker))
        .bind(&turn.text)
        .bind(millis(turn.started_at))
        .bind(millis(turn.ended_at))
        .bind(word(&turn.heard))
        .bind(json(&turn.origin))
        .bind(json(&turn.stages))
        .bind(prompt_hash)
        .execute(&mut *self.tx)
        .await
        .map_err(during("keep a turn"))?;
        Ok(())
    }
}

impl Store {
    /// A call's turns, in order.
    pub(super) async fn turns(&self, call: CallId) -> Result<Vec<KeptTurn>, StoreError> {
        sqlx::query("SELECT * FROM turns WHERE call_id = $1 ORDER BY turn")
            .bind(call.to_string())
            .fetch_all(&self.pool)
            .await
            .map_err(during("read a call's turns"))?
            .iter()
            .map(kept_turn)
            .collect()
    }
}

fn kept_turn(row: &AnyRow) -> Result<KeptTurn, StoreError> {
    Ok(KeptTurn {
        turn: Turn {
            id: TurnId(row.count("turn")?),
            speaker: row.word("speaker")?,
            text: row.text("text")?,
            started_at: row.duration("started_ms")?,
            ended_at: row.duration("ended_ms")?,
            heard: row.word("heard")?,
            origin: row.json("origin")?,
            stages: row.json("stages")?,
        },
        prompt_hash: row.text("prompt_hash")?,
    })
}
