//! Who is signed in, by the hash of the token that their browser holds.

use super::columns::Columns as _;
use super::{Account, Store, StoreError, User, during, users};
use jiff::Timestamp;

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Who.
    pub user: User,
    /// When it was used last, as far as that was written down.
    pub seen_at: Timestamp,
    /// Until when it holds.
    pub expires_at: Timestamp,
}

impl Store {
    /// Signs in whoever proved to be the holder of `account`. `false` when it was removed or has another password by now. What has expired is
    /// cleared away.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_sign_in(
        &self,
        token_hash: &str,
        account: &Account,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        sqlx::query("DELETE FROM sign_ins WHERE expires_at <= $1")
            .bind(at.as_millisecond())
            .execute(&self.pool)
            .await
            .map_err(during("clear old sign-ins away"))?;
        sqlx::query(
            "INSERT INTO sign_ins (token_hash, user_name, created_at, seen_at, expires_at)
             SELECT $1, name, $2, $2, $3 FROM users WHERE name = $4 AND password_hash = $5",
        )
        .bind(token_hash)
        .bind(at.as_millisecond())
        .bind(expires_at.as_millisecond())
        .bind(account.user.name.as_str())
        .bind(account.password_hash.reveal())
        .execute(&self.pool)
        .await
        .map(|done| done.rows_affected() == 1)
        .map_err(during("sign somebody in"))
    }

    /// Whose token it is, if it still holds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_in(&self, token_hash: &str, now: Timestamp) -> Result<Option<SignIn>, StoreError> {
        sqlx::query(
            "SELECT users.name, users.person, users.role, users.created_at, sign_ins.seen_at, sign_ins.expires_at
             FROM sign_ins JOIN users ON users.name = sign_ins.user_name
             WHERE sign_ins.token_hash = $1 AND sign_ins.expires_at > $2",
        )
        .bind(token_hash)
        .bind(now.as_millisecond())
        .fetch_optional(&self.pool)
        .await
        .map_err(during("look for a sign-in"))?
        .map(|row| {
            let (seen_at, expires_at) = (row.instant("seen_at")?, row.instant("expires_at")?);
            Ok(SignIn { user: users::user(&row)?, seen_at, expires_at })
        })
        .transpose()
    }

    /// It was used: it holds longer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew_sign_in(
        &self,
        token_hash: &str,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE sign_ins SET seen_at = $2, expires_at = $3 WHERE token_hash = $1 AND expires_at > $2")
            .bind(token_hash)
            .bind(at.as_millisecond())
            .bind(expires_at.as_millisecond())
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(during("renew a sign-in"))
    }

    /// It holds no longer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_sign_in(&self, token_hash: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sign_ins WHERE token_hash = $1")
            .bind(token_hash)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(during("sign somebody out"))
    }
}
