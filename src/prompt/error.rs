//! What is wrong with a prompt file, and where.

/// One fault of a prompt file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct PromptError {
    /// The file as it was named.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong and how to mend it.
    pub message: String,
}
