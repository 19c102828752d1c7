//! Sound of the lines that are the same in every call.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Lines and their sound: mono 16-bit PCM at 8,000 Hz. Written at start, read by every call.
#[derive(Default)]
pub(super) struct LineCache {
    lines: RwLock<HashMap<String, Arc<[i16]>>>,
}

impl LineCache {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn keep(&self, line: String, pcm: Vec<i16>) {
        self.lines.write().unwrap_or_else(PoisonError::into_inner).insert(line, pcm.into());
    }

    pub(super) fn get(&self, line: &str) -> Option<Arc<[i16]>> {
        self.lines.read().unwrap_or_else(PoisonError::into_inner).get(line).cloned()
    }
}
