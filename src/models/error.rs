//! What can be wrong with models, each with the command that helps.

use super::manifest::Kind;
use std::io;
use std::path::{Path, PathBuf};

/// Why models could not be listed, pulled or found.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// There is no folder for the models.
    #[error("no folder for models is known: set BACKSTOP_MODELS to one, or HOME")]
    NoCache,
    /// The manifest is wrong.
    #[error("models/manifest.toml: {0}")]
    Manifest(String),
    /// No such model or profile.
    #[error("`{0}` is no model: run `backstop models list`")]
    Unknown(String),
    /// A file can't be read or written.
    #[error("{path}: {why}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// Something that came is not what the manifest says.
    #[error("{id}: {what} is not what the manifest says: {why}. Run `backstop models pull {id}` again")]
    Damaged {
        /// Which model.
        id: String,
        /// Which file of it.
        what: String,
        /// In what it differs.
        why: String,
    },
    /// A model's file has not the form that its conversion reads.
    #[error("{what} has not the expected form: {why}")]
    Form {
        /// Which file.
        what: &'static str,
        /// What was found.
        why: String,
    },
    /// Every source of a model failed.
    #[error("{id} could not be fetched:\n{why}\nRun `backstop models pull {id}` again; what has come is kept")]
    Fetch {
        /// Which model.
        id: String,
        /// What each source said, line by line.
        why: String,
    },
}

impl ModelError {
    /// For `map_err`, with the file at hand.
    pub(super) fn io(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        move |why| Self::Io { path: path.to_owned(), why }
    }

    pub(super) fn form(what: &'static str, why: impl Into<String>) -> Self {
        Self::Form { what, why: why.into() }
    }
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is not there.
    #[error("is missing")]
    Missing,
    /// It has the wrong length.
    #[error("has {found} bytes instead of {wanted}")]
    Size {
        /// As the manifest says.
        wanted: u64,
        /// As it is.
        found: u64,
    },
    /// Its content is not the manifest's.
    #[error("is damaged: its SHA-256 is {found} instead of {wanted}")]
    Content {
        /// As the manifest says.
        wanted: String,
        /// As it is.
        found: String,
    },
    /// It can't be read.
    #[error("can't be read: {0}")]
    Unreadable(String),
    /// The manifest has none for this platform or profile.
    #[error("{0}")]
    NotOffered(String),
}

/// One model that keeps the configuration from being served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {id}: {} {problem}. {fix}", .path.display())]
pub struct ModelFault {
    /// What it is for.
    pub kind: Kind,
    /// Its id in the manifest, or the key of the configuration that names it.
    pub id: String,
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub problem: Problem,
    /// The command that helps.
    pub fix: String,
}
