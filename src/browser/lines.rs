//! Who has a page open, and which call rings or goes on in it.

use crate::routing::PersonId;
use tokio::sync::mpsc;

/// Messages that may wait for a page; one that does not read them is closed.
const INBOX: usize = 64;

/// All pages. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Lines;

/// A page that somebody has open. When it is dropped, the page is gone.
#[derive(Debug)]
pub struct Page {
    messages: mpsc::Receiver<String>,
    _kept: mpsc::Sender<String>,
}

impl Lines {
    /// A page of this person was opened.
    #[must_use]
    pub fn connect(&self, _person: PersonId) -> Page {
        let (kept, messages) = mpsc::channel(INBOX);
        Page { messages, _kept: kept }
    }
}

impl Page {
    /// Takes in what the page tells: one message, JSON.
    pub fn receive(&self, _text: &str) {}

    /// The next message to the page, JSON. `None`: the service closes it.
    pub async fn next(&mut self) -> Option<String> {
        self.messages.recv().await
    }
}
