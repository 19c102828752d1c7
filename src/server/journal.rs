//! Writes one call down as it happens, in order, beside the call's own task: a slow disk never delays its sound.

use super::notice::Notice;
use crate::conversation::Turn;
use crate::id::CallId;
use crate::lead::{Slot, SlotName};
use crate::store::{CallEnd, CallStart, Store, StoreError};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinHandle;

/// Entries that may wait; a call writes a handful a second, so a full inbox means that the disk has stopped.
const INBOX: usize = 1_024;

/// One thing to write down.
enum Entry {
    Start(CallStart),
    Turn(Turn),
    Event { at: Duration, kind: &'static str, detail: serde_json::Value },
    Slot(Slot),
    SlotCleared(SlotName),
    Finish(Box<CallEnd>),
}

/// The writing end of a call's journal. Clones write into the same journal.
#[derive(Clone)]
pub(super) struct Journal {
    call: CallId,
    entries: mpsc::Sender<Entry>,
    notices: broadcast::Sender<Notice>,
}

/// Ends with whether everything was stored.
pub(super) type JournalTask = JoinHandle<bool>;

impl Journal {
    /// Opens a call's journal.
    pub(super) fn open(
        store: Store,
        start: CallStart,
        prompt_hash: String,
        notices: broadcast::Sender<Notice>,
    ) -> (Self, JournalTask) {
        let (entries, inbox) = mpsc::channel(INBOX);
        let call = start.id;
        let journal = Self { call, entries, notices };
        journal.put(Entry::Start(start));
        (journal, tokio::spawn(write_down(store, call, prompt_hash, inbox)))
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

    /// The call is over: call record, lead and text in one transaction.
    pub(super) async fn finish(&self, end: CallEnd) {
        // The last entry waits for room, so that it is never the one that is lost.
        let _closed = self.entries.send(Entry::Finish(Box::new(end))).await;
    }

    /// Tells the watchers.
    pub(super) fn notify(&self, notice: Notice) {
        let _nobody_watches = self.notices.send(notice);
    }

    fn put(&self, entry: Entry) {
        if self.entries.try_send(entry).is_err() {
            tracing::error!(call = %self.call, "the call's journal is full: an entry is lost; is the disk stuck?");
        }
    }
}

async fn write_down(store: Store, call: CallId, prompt_hash: String, mut inbox: mpsc::Receiver<Entry>) -> bool {
    let mut stored = true;
    while let Some(entry) = inbox.recv().await {
        if let Err(error) = write(&store, call, &prompt_hash, entry).await {
            tracing::error!(%call, %error, "the call could not be written down");
            stored = false;
        }
    }
    stored
}

async fn write(store: &Store, call: CallId, prompt_hash: &str, entry: Entry) -> Result<(), StoreError> {
    match entry {
        Entry::Start(start) => store.begin_call(&start).await,
        Entry::Turn(turn) => store.add_turn(call, &turn, prompt_hash).await,
        Entry::Event { at, kind, detail } => store.add_event(call, at, kind, &detail).await,
        Entry::Slot(slot) => store.save_slot(call, &slot).await,
        Entry::SlotCleared(name) => store.clear_slot(call, name).await,
        Entry::Finish(end) => store.finish_call(&end).await.map(drop),
    }
}
