//! Writes that are committed together: a disk that takes milliseconds for each commit would otherwise set how many calls there can be.

use super::{CallEnd, CallStart, Finished, Store, StoreError, during};
use crate::conversation::Turn;
use crate::id::CallId;
use crate::lead::{Slot, SlotName};
use sqlx::{Any, Transaction};
use std::time::Duration;

/// Writes that are committed together, or not at all: dropped without [`Batch::commit`], nothing was written.
#[derive(Debug)]
pub struct Batch {
    pub(super) tx: Transaction<'static, Any>,
}

impl Batch {
    /// Makes the writes last.
    ///
    /// # Errors
    /// When the database fails; then nothing was written.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.tx.commit().await.map_err(during("write down what happened"))
    }
}

/// One write alone, committed when its function returns; otherwise each is like that of [`Batch`] with its name.
impl Store {
    /// Begins a batch. In SQLite the next one waits until this one is committed or dropped.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn batch(&self) -> Result<Batch, StoreError> {
        Ok(Batch { tx: self.write().await? })
    }

    /// See [`Batch::begin_call`].
    ///
    /// # Errors
    /// As there.
    pub async fn begin_call(&self, start: &CallStart) -> Result<(), StoreError> {
        let mut batch = self.batch().await?;
        batch.begin_call(start).await?;
        batch.commit().await
    }

    /// See [`Batch::finish_call`].
    ///
    /// # Errors
    /// As there.
    pub async fn finish_call(&self, end: &CallEnd) -> Result<Finished, StoreError> {
        let mut batch = self.batch().await?;
        let finished = batch.finish_call(end).await?;
        batch.commit().await?;
        Ok(finished)
    }

    /// See [`Batch::add_turn`].
    ///
    /// # Errors
    /// As there.
    pub async fn add_turn(&self, call: CallId, turn: &Turn, prompt_hash: &str) -> Result<(), StoreError> {
        let mut batch = self.batch().await?;
        batch.add_turn(call, turn, prompt_hash).await?;
        batch.commit().await
    }

    /// See [`Batch::add_event`].
    ///
    /// # Errors
    /// As there.
    pub async fn add_event(
        &self,
        call: CallId,
        at: Duration,
        kind: &str,
        detail: &serde_json::Value,
    ) -> Result<(), StoreError> {
        let mut batch = self.batch().await?;
        batch.add_event(call, at, kind, detail).await?;
        batch.commit().await
    }

    /// See [`Batch::save_slot`].
    ///
    /// # Errors
    /// As there.
    pub async fn save_slot(&self, call: CallId, slot: &Slot) -> Result<(), StoreError> {
        let mut batch = self.batch().await?;
        batch.save_slot(call, slot).await?;
        batch.commit().await
    }

    /// See [`Batch::clear_slot`].
    ///
    /// # Errors
    /// As there.
    pub async fn clear_slot(&self, call: CallId, name: SlotName) -> Result<(), StoreError> {
        let mut batch = self.batch().await?;
        batch.clear_slot(call, name).await?;
        batch.commit().await
    }
}
