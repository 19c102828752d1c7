//! Links that make one user each.

use super::columns::Columns as _;
use super::{Role, Store, StoreError, User, during, users};
use jiff::Timestamp;

/// What a link gives to whoever follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// What the user may do.
    pub role: Role,
    /// Who of the configuration they are; without it they choose.
    pub person: Option<String>,
    /// Until when it can be followed.
    pub expires_at: Timestamp,
}

/// What became of a link that was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// The user was added, and the link is gone.
    Added,
    /// There is no such link any more.
    Gone,
    /// The name is another's; the link still holds.
    NameTaken,
}

impl Store {
    /// Keeps a link by the hash of its token. Those that have expired are cleared away.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invite(&self, token_hash: &str, invitation: &Invitation, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM invitations WHERE expires_at <= $1")
            .bind(at.as_millisecond())
            .execute(&self.pool)
            .await
            .map_err(during("clear old invitations away"))?;
        sqlx::query(
            "INSERT INTO invitations (token_hash, role, person, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(token_hash)
        .bind(invitation.role.as_str())
        .bind(&invitation.person)
        .bind(at.as_millisecond())
        .bind(invitation.expires_at.as_millisecond())
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(during("keep an invitation"))
    }

    /// What the link gives, if it can still be followed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invitation(&self, token_hash: &str, now: Timestamp) -> Result<Option<Invitation>, StoreError> {
        sqlx::query("SELECT role, person, expires_at FROM invitations WHERE token_hash = $1 AND expires_at > $2")
            .bind(token_hash)
            .bind(now.as_millisecond())
            .fetch_optional(&self.pool)
            .await
            .map_err(during("look for an invitation"))?
            .map(|row| {
                Ok(Invitation {
                    role: row.parsed("role")?,
                    person: row.maybe_text("person")?,
                    expires_at: row.instant("expires_at")?,
                })
            })
            .transpose()
    }

    /// Adds the user and takes the link away, in one transaction: of two who follow it at once one is too late. `user.created_at` is now.
    ///
    /// # Errors
    /// When the database fails; then nothing was written.
    pub async fn accept_invitation(
        &self,
        token_hash: &str,
        user: &User,
        password_hash: &str,
    ) -> Result<Accepted, StoreError> {
        let mut tx = self.write().await?;
        let taken = sqlx::query("DELETE FROM invitations WHERE token_hash = $1 AND expires_at > $2")
            .bind(token_hash)
            .bind(user.created_at.as_millisecond())
            .execute(&mut *tx)
            .await
            .map_err(during("take an invitation"))?;
        if taken.rows_affected() == 0 {
            return Ok(Accepted::Gone);
        }
        if !users::insert(&mut *tx, user, password_hash).await? {
            return Ok(Accepted::NameTaken);
        }
        tx.commit().await.map_err(during("accept an invitation"))?;
        Ok(Accepted::Added)
    }
}
