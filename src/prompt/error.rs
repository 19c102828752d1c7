//! What is wrong with a prompt file, and where.

use crate::lead::distance;

/// One fault of a prompt file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct PromptError {
    /// The file as it was named.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong and how to mend it.
    pub message: String,
}

/// The faults found so far.
pub(super) struct Faults<'a> {
    file: &'a str,
    found: Vec<PromptError>,
}

impl<'a> Faults<'a> {
    pub(super) fn new(file: &'a str) -> Self {
        Self { file, found: Vec::new() }
    }

    pub(super) fn add(&mut self, line: usize, message: impl Into<String>) {
        self.found.push(PromptError { file: self.file.to_owned(), line, message: message.into() });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// In the file's order.
    pub(super) fn into_sorted(mut self) -> Vec<PromptError> {
        self.found.sort();
        self.found.dedup();
        self.found
    }
}

/// ", did you mean `x`?" for the nearest of the allowed words, or the list of them.
pub(super) fn hint<'b>(wrong: &str, allowed: impl IntoIterator<Item = &'b str>) -> String {
    let allowed: Vec<&str> = allowed.into_iter().collect();
    let nearest = allowed.iter().map(|word| (distance(wrong, word), word)).min();
    match nearest {
        Some((steps, word)) if steps <= 1 + word.len() / 4 => format!("did you mean `{word}`?"),
        _ => format!("use one of {}", allowed.join(", ")),
    }
}
