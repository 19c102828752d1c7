//! Writes calls down as they happen, in order, beside the calls' own tasks: a slow disk never delays any sound.
//!
//! One task writes for all calls, and commits together what came in since the last commit: the busier it is, the more goes into each.

use super::notice::Notice;
use crate::conversation::Turn;
use crate::id::CallId;
use crate::lead::{Slot, SlotName};
use crate::routing::PersonId;
use crate::store::{Batch, CallEnd, CallStart, Store, StoreError};
use std::collections::HashSet;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};

/// Entries of all calls that may wait; a call writes a handful a second, so a full inbox means that the disk has stopped.
const INBOX: usize = 16_384;
/// Entries in one commit.
const AT_ONCE: usize = 512;

/// One thing to write down.
enum Entry {
    Start(CallStart),
    Turn(Turn),
    Event {
        at: Duration,
        kind: &'static str,
        detail: serde_json::Value,
    },
    Slot(Slot),
    SlotCleared(SlotName),
    /// Whom the call rings.
    Rang(PersonId),
    /// Who took it.
    Took(PersonId),
    /// Tells whether everything of the call was stored.
    Finish(Box<CallEnd>, oneshot::Sender<bool>),
}

type Line = (CallId, Entry);

/// Where calls are written down. Clones are the same.
#[derive(Clone)]
pub(super) struct Archive(mpsc::Sender<Line>);

/// The writing end of a call's journal. Clones write into the same journal.
#[derive(Clone)]
pub(super) struct Journal {
    call: CallId,
    archive: Archive,
    notices: broadcast::Sender<Notice>,
}

impl Archive {
    /// Begins to write down; `prompt_hash` is of the prompt file under which all calls are answered.
    pub(super) fn open(store: Store, prompt_hash: String) -> Self {
        let (lines, inbox) = mpsc::channel(INBOX);
        tokio::spawn(write_down(store, prompt_hash, inbox));
        Self(lines)
    }
}

impl Journal {
    /// Opens a call's journal.
    pub(super) fn open(archive: Archive, start: CallStart, notices: broadcast::Sender<Notice>) -> Self {
        let journal = Self { call: start.id, archive, notices };
        journal.put(Entry::Start(start));
        journal
    }

    /// Whose journal it is.
    pub(super) fn call(&self) -> CallId {
        self.call
    }

    /// A turn is over.
    pub(super) fn turn(&self, turn: Turn) {
        self.notify(Notice::Turn { call: self.call, turn: turn.clone() });
        self.put(Entry::Turn(turn));
    }

    /// A detail is new or changed.
    pub(super) fn slot(&self, slot: Slot) {
        self.notify(Notice::Slot { call: self.call, slot: slot.clone() });
        self.put(Entry::Slot(slot));
    }

    /// A detail was taken back.
    pub(super) fn slot_cleared(&self, name: SlotName) {
        self.notify(Notice::SlotCleared { call: self.call, name });
        self.put(Entry::SlotCleared(name));
    }

    /// Something happened on the line, `at` after the INVITE.
    pub(super) fn event(&self, at: Duration, kind: &'static str, detail: serde_json::Value) {
        self.put(Entry::Event { at, kind, detail });
    }

    /// The call rings for somebody.
    pub(super) fn rang(&self, person: &PersonId) {
        self.put(Entry::Rang(person.clone()));
    }

    /// Somebody has it.
    pub(super) fn took(&self, person: &PersonId) {
        self.put(Entry::Took(person.clone()));
    }

    /// The call is over: call record, lead and text in one transaction. Gives whether everything of the call was stored.
    pub(super) async fn finish(&self, end: CallEnd) -> bool {
        let (told, stored) = oneshot::channel();
        // The last entry waits for room, so that it is never the one that is lost.
        let _closed = self.archive.0.send((self.call, Entry::Finish(Box::new(end), told))).await;
        stored.await.unwrap_or(false)
    }

    /// Tells the watchers.
    pub(super) fn notify(&self, notice: Notice) {
        let _nobody_watches = self.notices.send(notice);
    }

    fn put(&self, entry: Entry) {
        if self.archive.0.try_send((self.call, entry)).is_err() {
            tracing::error!(call = %self.call, "the journal is full: an entry is lost; is the disk stuck?");
        }
    }
}

async fn write_down(store: Store, prompt_hash: String, mut inbox: mpsc::Receiver<Line>) {
    let mut lines = Vec::new();
    let mut incomplete = HashSet::new();
    while inbox.recv_many(&mut lines, AT_ONCE).await > 0 {
        if let Err(error) = together(&store, &prompt_hash, &lines).await {
            tracing::warn!(%error, entries = lines.len(), "entries could not be written together: each alone now");
            for line in lines.chunks(1) {
                if let Err(error) = together(&store, &prompt_hash, line).await {
                    tracing::error!(call = %line[0].0, %error, "the call could not be written down");
                    incomplete.insert(line[0].0);
                }
            }
        }
        for (call, entry) in lines.drain(..) {
            if let Entry::Finish(_, told) = entry {
                let _nobody_waits = told.send(!incomplete.remove(&call));
            }
        }
    }
}

async fn together(store: &Store, prompt_hash: &str, lines: &[Line]) -> Result<(), StoreError> {
    let mut batch = store.batch().await?;
    for (call, entry) in lines {
        write(&mut batch, *call, prompt_hash, entry).await?;
    }
    batch.commit().await
}

async fn write(batch: &mut Batch, call: CallId, prompt_hash: &str, entry: &Entry) -> Result<(), StoreError> {
    match entry {
        Entry::Start(start) => batch.begin_call(start).await,
        Entry::Turn(turn) => batch.add_turn(call, turn, prompt_hash).await,
        Entry::Event { at, kind, detail } => batch.add_event(call, *at, kind, detail).await,
        Entry::Slot(slot) => batch.save_slot(call, slot).await,
        Entry::SlotCleared(name) => batch.clear_slot(call, *name).await,
        Entry::Rang(person) => batch.rang(call, &person.0).await,
        Entry::Took(person) => batch.took(call, &person.0).await,
        Entry::Finish(end, _) => batch.finish_call(end).await.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::{Archive, Journal};
    use crate::id::CallId;
    use crate::server::clock;
    use crate::store::{CallEnd, CallStart, Store};
    use std::time::Duration;
    use tokio::sync::broadcast;

    fn start() -> CallStart {
        CallStart {
            id: CallId(uuid::Uuid::now_v7()),
            started_at: clock::wall(),
            caller: None,
            called: "shop".to_owned(),
            prompt_hash: "abc".to_owned(),
            profile: "scripted".to_owned(),
            outgoing: false,
            returns: None,
        }
    }

    fn end(id: CallId) -> CallEnd {
        CallEnd {
            id,
            ended_at: clock::wall(),
            duration: Duration::ZERO,
            outcome: "answered".to_owned(),
            recording: None,
            counters: serde_json::Value::Null,
            text: None,
            notice: None,
        }
    }

    #[tokio::test]
    async fn an_entry_that_cant_be_written_spoils_no_other_calls_record() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&format!("sqlite:{}/calls.db", folder.path().display())).await.expect("opens");
        let archive = Archive::open(store.clone(), "abc".to_owned());
        let notices = broadcast::Sender::new(1);
        let (good, unknown) = (start(), start());
        // The start of the other call was lost, so nothing can be kept of it.
        let lost = Journal { call: unknown.id, archive: archive.clone(), notices: notices.clone() };
        let journal = Journal::open(archive, good.clone(), notices);
        journal.event(Duration::from_millis(1), "first", serde_json::Value::Null);
        lost.event(Duration::from_millis(1), "nowhere", serde_json::Value::Null);
        journal.event(Duration::from_millis(2), "second", serde_json::Value::Null);
        let (lost, kept) = tokio::join!(lost.finish(end(unknown.id)), journal.finish(end(good.id)));
        assert_eq!((lost, kept), (false, true));
        let report = store.call(good.id).await.expect("the database answers").expect("known");
        let kinds: Vec<_> = report.events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!((kinds, report.outcome.as_deref()), (vec!["first", "second"], Some("answered")));
        assert!(store.call(unknown.id).await.expect("the database answers").is_none());
    }
}
