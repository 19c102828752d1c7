//! Who of the queues' agents is on duty. It outlives a restart, and the command line and the service meet here.

use super::columns::Columns as _;
use super::{Store, StoreError, during};
use jiff::Timestamp;
use serde::Serialize;
use sqlx::any::AnyRow;

/// An agent as they were told of last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Agent {
    /// The person's name in the configuration.
    pub person: String,
    /// Whether they are on duty.
    pub logged_in: bool,
    /// Whether they take a break.
    pub paused: bool,
    /// What they were doing when the service told last, in words; empty when it never did.
    pub state: String,
    /// When any of this changed.
    pub changed_at: Timestamp,
}

impl Store {
    /// Everybody who ever logged in or out, paused, or took a call, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agents(&self) -> Result<Vec<Agent>, StoreError> {
        let rows = sqlx::query("SELECT person, logged_in, paused, state, changed_at FROM agents ORDER BY person")
            .fetch_all(&self.pool)
            .await
            .map_err(during("list the agents"))?;
        rows.iter().map(agent).collect()
    }

    /// The agent comes on duty, or goes off. Whoever logs in takes no break.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log_agent(&self, person: &str, logged_in: bool, at: Timestamp) -> Result<(), StoreError> {
        self.change_agent(
            "INSERT INTO agents (person, logged_in, paused, state, changed_at) VALUES ($1, $2, 0, '', $3)
             ON CONFLICT (person) DO UPDATE SET logged_in = excluded.logged_in, paused = 0, changed_at = excluded.changed_at",
            person,
            logged_in,
            at,
        )
        .await
    }

    /// The agent takes a break, or is back from it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pause_agent(&self, person: &str, paused: bool, at: Timestamp) -> Result<(), StoreError> {
        self.change_agent(
            "INSERT INTO agents (person, logged_in, paused, state, changed_at) VALUES ($1, 1, $2, '', $3)
             ON CONFLICT (person) DO UPDATE SET paused = excluded.paused, changed_at = excluded.changed_at",
            person,
            paused,
            at,
        )
        .await
    }

    /// What the agent is doing, for those who look.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tell_agent(&self, person: &str, state: &str, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO agents (person, logged_in, paused, state, changed_at) VALUES ($1, 1, 0, $2, $3)
             ON CONFLICT (person) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at",
        )
        .bind(person)
        .bind(state)
        .bind(at.as_millisecond())
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(during("write down what an agent does"))
    }

    async fn change_agent(&self, sql: &'static str, person: &str, flag: bool, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query(sql)
            .bind(person)
            .bind(i64::from(flag))
            .bind(at.as_millisecond())
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(during("write down whether an agent is on duty"))
    }
}

fn agent(row: &AnyRow) -> Result<Agent, StoreError> {
    Ok(Agent {
        person: row.text("person")?,
        logged_in: row.number("logged_in")? != 0,
        paused: row.number("paused")? != 0,
        state: row.text("state")?,
        changed_at: row.instant("changed_at")?,
    })
}
