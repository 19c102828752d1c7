//! Sound of clauses that is there before they are to be spoken.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Clauses synthesised ahead that are kept: what one turn needs, for some calls. They may hold a caller's number.
const FOR_NOW: usize = 12;

/// Clauses and their sound: mono 16-bit PCM at 8,000 Hz. The voice thread owns it.
#[derive(Default)]
pub(super) struct LineCache {
    /// The same in every call: filled at start.
    clauses: HashMap<String, Arc<[i16]>>,
    /// Of one call, the oldest first.
    for_now: VecDeque<(String, Arc<[i16]>)>,
}

impl LineCache {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn keep(&mut self, clause: String, pcm: Vec<i16>) {
        self.clauses.insert(clause, pcm.into());
    }

    /// Keeps a clause that may be wanted soon; the oldest such one makes room.
    pub(super) fn keep_for_now(&mut self, clause: String, pcm: Vec<i16>) {
        if self.for_now.len() == FOR_NOW {
            self.for_now.pop_front();
        }
        self.for_now.push_back((clause, pcm.into()));
    }

    pub(super) fn get(&self, clause: &str) -> Option<Arc<[i16]>> {
        let for_now = || self.for_now.iter().find(|(kept, _)| kept == clause).map(|(_, pcm)| pcm);
        self.clauses.get(clause).or_else(for_now).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::{FOR_NOW, LineCache};

    #[test]
    fn what_is_kept_for_now_makes_room_for_newer() {
        let mut cache = LineCache::new();
        cache.keep("always".to_owned(), vec![1]);
        for n in 0..=FOR_NOW as i16 {
            cache.keep_for_now(format!("clause {n}"), vec![n]);
        }
        assert_eq!(cache.get("always").as_deref(), Some([1].as_slice()));
        assert_eq!(cache.get("clause 0"), None);
        assert_eq!(cache.get("clause 1").as_deref(), Some([1].as_slice()));
        assert_eq!(cache.get(&format!("clause {FOR_NOW}")).as_deref(), Some([FOR_NOW as i16].as_slice()));
    }
}
