//! Numbers whose owners asked for no more texts. Carriers don't keep this list for us.

use super::{Store, StoreError, during};
use crate::phone::PhoneNumber;
use jiff::Timestamp;

impl Store {
    /// Sends this number no more texts; those still waiting are given up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn opt_out(&self, number: &PhoneNumber, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        sqlx::query("INSERT INTO opt_outs (number, since_at) VALUES ($1, $2) ON CONFLICT (number) DO NOTHING")
            .bind(number.e164())
            .bind(at.as_millisecond())
            .execute(&mut *tx)
            .await
            .map_err(during("keep an opt-out"))?;
        // One that is being sent right now can't be called back, but is not tried again.
        sqlx::query(
            "UPDATE texts SET state = 'gave_up', why = 'opted out' WHERE recipient = $1 AND state IN ('due', 'sending')",
        )
        .bind(number.e164())
        .execute(&mut *tx)
        .await
        .map_err(during("withdraw waiting texts"))?;
        tx.commit().await.map_err(during("keep an opt-out"))
    }

    /// Texts may go to this number again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn opt_in(&self, number: &PhoneNumber) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM opt_outs WHERE number = $1")
            .bind(number.e164())
            .execute(&self.pool)
            .await
            .map_err(during("forget an opt-out"))?;
        Ok(())
    }

    /// Whether the number's owner asked for no more texts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_opted_out(&self, number: &PhoneNumber) -> Result<bool, StoreError> {
        sqlx::query("SELECT number FROM opt_outs WHERE number = $1")
            .bind(number.e164())
            .fetch_optional(&self.pool)
            .await
            .map(|row| row.is_some())
            .map_err(during("look for an opt-out"))
    }
}
