//! What can go wrong with the database, told so that the owner can mend it.

use crate::id::CallId;

/// Why something could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be opened. Says which one, what is wrong, and what to do.
    #[error("database.url: {place} can't be used: {problem}; {fix}")]
    Open {
        /// The file's path, or the server's address without its password.
        place: String,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        fix: String,
    },
    /// A statement failed.
    #[error("the database failed to {what}")]
    Failed {
        /// What was to be done.
        what: &'static str,
        /// Why not.
        source: sqlx::Error,
    },
    /// A call that was never begun can't be ended.
    #[error("call {0} was never begun")]
    UnknownCall(CallId),
    /// A row holds what this version never wrote.
    #[error("the database holds a {column} that can't be read: {problem}")]
    Unreadable {
        /// Which column.
        column: &'static str,
        /// What is wrong with its value.
        problem: String,
    },
}

/// Names the step that failed.
pub(super) fn during(what: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |source| StoreError::Failed { what, source }
}
