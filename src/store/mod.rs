//! What outlives a call: calls, turns, slots, events, leads, the outbox of texts, the opt-out list, who is on duty and who was promised a
//! call, who may sign in and who is signed in.
//!
//! One SQL text for SQLite (embedded, the default) and PostgreSQL, by `sqlx::Any` with `$1` placeholders; one file per
//! aggregate. Wall times are stored as integer milliseconds since 1970-01-01 UTC, times within a call as integer
//! milliseconds since its conversation began, ids as text.
//!
//! # What a kill leaves
//! Every write is committed before its function returns, or with its [`Batch`], in SQLite with `synchronous=FULL` on a write-ahead log, so neither
//! a killed process nor a power cut loses a turn that was written. [`Store::finish_call`] writes call record, lead and
//! outbox row in one transaction: a call either has all of them or is still among [`Store::unfinished_calls`].

mod agents;
mod batch;
mod callbacks;
mod calls;
mod columns;
mod error;
mod events;
mod invitations;
mod leads;
mod open;
mod opt_outs;
mod pages;
mod recent;
mod report;
mod sign_ins;
mod texts;
mod turns;
mod users;

pub use agents::Agent;
pub use batch::Batch;
pub use callbacks::Callback;
pub use calls::{CallEnd, CallStart, Finished, NewText, UnfinishedCall};
pub use error::StoreError;
pub use events::{BRIDGED, Event};
pub use invitations::{Accepted, Invitation};
pub use leads::Lead;
pub use pages::EarlierCall;
pub use recent::RecentCall;
pub use report::{CallReport, CallSummary};
pub use sign_ins::SignIn;
pub use texts::TextReport;
pub use turns::KeptTurn;
pub use users::{Account, LoginName, LoginNameError, Role, User};

use error::during;
use open::Backend;
use sqlx::{AnyPool, Transaction};

/// The database, open and at the schema of this version. Clones share one pool.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    backend: Backend,
}

impl Store {
    /// Ends every connection; in SQLite the write-ahead log is folded into the file. Without it nothing is lost either.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A transaction that will write.
    async fn write(&self) -> Result<Transaction<'static, sqlx::Any>, StoreError> {
        // A SQLite transaction that reads first and writes later fails when another one wrote in between: take the
        // write lock at once and wait for it.
        let begin = match self.backend {
            Backend::Sqlite => "BEGIN IMMEDIATE",
            Backend::Postgres => "BEGIN",
        };
        self.pool.begin_with(begin).await.map_err(during("begin a transaction"))
    }
}

#[cfg(test)]
mod tests;
