//! Who may sign in. Passwords come as hashes; who made them checks them.

use super::columns::Columns as _;
use super::{Store, StoreError, during};
use crate::pii::Pii;
use jiff::Timestamp;
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{Any, Executor};
use std::fmt;
use std::str::FromStr;

const LONGEST_NAME: usize = 64;

/// The name that somebody signs in by, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct LoginName(String);

/// Why a text is no name to sign in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name to sign in by has 1 to 64 letters, digits, dots, hyphens, underscores or @")]
pub struct LoginNameError;

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everybody's calls.
    Owner,
    /// Sees their own calls.
    Agent,
}

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// What they sign in by.
    pub name: LoginName,
    /// Who of the configuration they are.
    pub person: String,
    /// What they may do.
    pub role: Role,
    /// When they were added.
    pub created_at: Timestamp,
}

/// A user with what proves them.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who.
    pub user: User,
    /// The hash of their password, in PHC form.
    pub password_hash: Pii<String>,
}

impl LoginName {
    /// Reads a name as it was typed.
    ///
    /// # Errors
    /// When it is empty, too long, or holds what a name can't.
    pub fn parse(text: &str) -> Result<Self, LoginNameError> {
        let name = text.trim().to_lowercase();
        let is_name = !name.is_empty()
            && name.chars().count() <= LONGEST_NAME
            && name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_' | '@'));
        if is_name { Ok(Self(name)) } else { Err(LoginNameError) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LoginName {
    type Err = LoginNameError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for LoginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Role {
    /// The word used in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Agent => "agent",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "owner" => Ok(Self::Owner),
            "agent" => Ok(Self::Agent),
            other => Err(format!("\"{other}\" is no role: use owner or agent")),
        }
    }
}

impl Store {
    /// Everybody who may sign in, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let rows = sqlx::query("SELECT name, person, role, created_at FROM users ORDER BY name")
            .fetch_all(&self.pool)
            .await
            .map_err(during("list the users"))?;
        rows.iter().map(user).collect()
    }

    /// The user of this name, and what proves them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account(&self, name: &LoginName) -> Result<Option<Account>, StoreError> {
        sqlx::query("SELECT name, person, role, created_at, password_hash FROM users WHERE name = $1")
            .bind(name.as_str())
            .fetch_optional(&self.pool)
            .await
            .map_err(during("look for a user"))?
            .map(|row| Ok(Account { user: user(&row)?, password_hash: row.text("password_hash")?.into() }))
            .transpose()
    }

    /// Adds a user. `false` when the name is taken; then nothing was written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_user(&self, user: &User, password_hash: &str) -> Result<bool, StoreError> {
        insert(&self.pool, user, password_hash).await
    }

    /// Takes a user out, with all sign-ins. `false` when there was none of this name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_user(&self, name: &LoginName) -> Result<bool, StoreError> {
        sqlx::query("DELETE FROM users WHERE name = $1")
            .bind(name.as_str())
            .execute(&self.pool)
            .await
            .map(|done| done.rows_affected() == 1)
            .map_err(during("remove a user"))
    }

    /// Gives a user another password, and ends all their sign-ins. `false` when there is none of this name.
    ///
    /// # Errors
    /// When the database fails; then nothing was written.
    pub async fn set_password(&self, name: &LoginName, password_hash: &str) -> Result<bool, StoreError> {
        let failed = || during("change a password");
        let mut tx = self.write().await?;
        let changed = sqlx::query("UPDATE users SET password_hash = $2 WHERE name = $1")
            .bind(name.as_str())
            .bind(password_hash)
            .execute(&mut *tx)
            .await
            .map_err(failed())?;
        sqlx::query("DELETE FROM sign_ins WHERE user_name = $1")
            .bind(name.as_str())
            .execute(&mut *tx)
            .await
            .map_err(failed())?;
        tx.commit().await.map_err(failed())?;
        Ok(changed.rows_affected() == 1)
    }
}

/// Adds a user, unless the name is taken.
pub(super) async fn insert<'c>(
    on: impl Executor<'c, Database = Any>,
    user: &User,
    password_hash: &str,
) -> Result<bool, StoreError> {
    sqlx::query(
        "INSERT INTO users (name, person, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO NOTHING",
    )
    .bind(user.name.as_str())
    .bind(&user.person)
    .bind(user.role.as_str())
    .bind(password_hash)
    .bind(user.created_at.as_millisecond())
    .execute(on)
    .await
    .map(|done| done.rows_affected() == 1)
    .map_err(during("add a user"))
}

/// Reads a user's columns.
pub(super) fn user(row: &AnyRow) -> Result<User, StoreError> {
    Ok(User {
        name: row.parsed("name")?,
        person: row.text("person")?,
        role: row.parsed("role")?,
        created_at: row.instant("created_at")?,
    })
}
