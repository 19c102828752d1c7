//! Sound of the clauses that are the same in every call.

use std::collections::HashMap;
use std::sync::Arc;

/// Clauses and their sound: mono 16-bit PCM at 8,000 Hz. Filled at start; the voice thread owns it.
#[derive(Default)]
pub(super) struct LineCache {
    clauses: HashMap<String, Arc<[i16]>>,
}

impl LineCache {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn keep(&mut self, clause: String, pcm: Vec<i16>) {
        self.clauses.insert(clause, pcm.into());
    }

    pub(super) fn get(&self, clause: &str) -> Option<Arc<[i16]>> {
        self.clauses.get(clause).cloned()
    }
}
