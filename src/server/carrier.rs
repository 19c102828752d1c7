//! What carries a leg: SIP, or the page of a browser.

use crate::browser::{PageEvent, PageLeg};
use crate::media::Codec;
use crate::rtp::RtpSocket;
use crate::sip::{Agreed, Dialog, DialogEvent, Direction, SessionDescription};
use tokio::sync::mpsc;

/// A leg's signalling. Clones are the same; when the last one is dropped, the leg is hung up.
#[derive(Clone)]
pub(super) enum Carrier {
    /// A SIP dialog.
    Dialog(Dialog),
    /// A call in the pages of a person.
    Page(PageLeg),
}

/// What happens to a leg.
pub(super) enum LegEvent {
    /// To its dialog.
    Dialog(DialogEvent),
    /// In its person's pages.
    Page(PageEvent),
}

/// Where a leg's events come in.
pub(super) enum Events {
    /// From a dialog.
    Dialog(mpsc::Receiver<DialogEvent>),
    /// From pages.
    Page(mpsc::Receiver<PageEvent>),
    /// From who had the leg before.
    Leg(mpsc::Receiver<LegEvent>),
}

impl Carrier {
    /// Tells a caller that it rings.
    pub(super) async fn ring(&self) {
        if let Self::Dialog(dialog) = self {
            dialog.ring().await;
        }
    }

    /// Answers a caller.
    pub(super) async fn accept(&self, answer: &SessionDescription) {
        if let Self::Dialog(dialog) = self {
            dialog.accept(answer).await;
        }
    }

    /// Refuses a caller with a SIP status.
    pub(super) async fn reject(&self, code: u16, reason: &str) {
        match self {
            Self::Dialog(dialog) => dialog.reject(code, reason).await,
            Self::Page(page) => page.end("the call could not be put through"),
        }
    }

    /// Ends the leg, whatever its state.
    pub(super) async fn hang_up(&self) {
        match self {
            Self::Dialog(dialog) => dialog.hang_up().await,
            Self::Page(page) => page.end("the call is over"),
        }
    }
}

impl Events {
    /// The next one; `None` when nothing will happen any more. Safe to cancel.
    pub(super) async fn recv(&mut self) -> Option<LegEvent> {
        match self {
            Self::Dialog(events) => events.recv().await.map(LegEvent::Dialog),
            Self::Page(events) => events.recv().await.map(LegEvent::Page),
            Self::Leg(events) => events.recv().await,
        }
    }
}

/// What a page speaks: PCMU both ways. The description goes nowhere.
pub(super) fn agreed_with_page(socket: &RtpSocket) -> Agreed {
    let remote = socket.local_addr();
    Agreed {
        codec: Codec::Pcmu,
        event_payload_type: None,
        remote,
        answer: SessionDescription::offer(remote, &[Codec::Pcmu]),
        direction: Direction::SendRecv,
    }
}
