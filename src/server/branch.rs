//! One INVITE of ours, from its dialling to its answer.

use super::clock;
use super::ear::Ear;
use super::legs::hang_up;
use super::service::Service;
use super::targets::{Caller, Target};
use super::trunks::Place;
use crate::media::Codec;
use crate::routing::CancelReason;
use crate::rtp::RtpSocket;
use crate::sip::{self, DialRequest, Dialler, Dialog, DialogEvent, OutgoingCall, SessionDescription};
use anyhow::Context as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Counts the branches of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BranchId(pub(super) u32);

impl BranchId {
    pub(super) const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// What a branch's task tells.
pub(super) enum News {
    /// The INVITE is out.
    Placed(Dialog),
    /// It could not be sent: as a SIP status.
    Unplaced(u16),
    /// What happened to it.
    Event(DialogEvent),
}

/// One INVITE of ours without an answer.
pub(super) struct Branch {
    pub(super) id: BranchId,
    pub(super) dialog: Option<Dialog>,
    socket: RtpSocket,
    offer: SessionDescription,
    place: Option<Place>,
}

impl Branch {
    /// Opens a port and sends the INVITE; the rest is told by `news`.
    ///
    /// # Errors
    /// When no port is free, or the trunk carries as many calls as it may.
    pub(super) fn begin(
        service: &Service,
        id: BranchId,
        target: &Target,
        caller: &Caller,
        news: mpsc::Sender<(BranchId, News)>,
    ) -> anyhow::Result<Self> {
        let place = target.take_place()?;
        let socket = service.ports.open(clock::now()).context("no RTP port for a leg")?;
        // Which of our addresses the other side reaches is known once the way to it is: the dialling fills it in.
        let local = SocketAddr::from((Ipv4Addr::UNSPECIFIED, socket.local_addr().port()));
        let offer = SessionDescription::offer(local, &[Codec::Pcmu, Codec::Pcma]);
        let request = target.request(caller, offer.clone());
        let trying = Trying { id, dialler: service.dialler.clone(), target: target.clone(), news };
        tokio::spawn(trying.run(request));
        Ok(Self { id, dialog: None, socket, offer, place })
    }

    /// The other side took it. `None` when its answer is of no use: then it is hung up.
    pub(super) fn answered(self, now: Instant, answer: &SessionDescription, inactivity: Duration) -> Option<Ear> {
        let (dialog, mut offer) = (self.dialog?, self.offer);
        offer.audio.address = dialog.local_ip();
        match offer.agree(answer) {
            Ok(agreed) => Some(Ear::new(now, dialog, self.socket, agreed, inactivity, self.place)),
            Err(error) => {
                tracing::warn!(%error, "a leg answered with nothing that can be spoken");
                hang_up(dialog);
                None
            }
        }
    }

    /// Gives it up. Only when somebody else took the call its phone is told so: it then shows no missed call.
    pub(super) fn leave(self, why: CancelReason) {
        let reason = match why {
            CancelReason::AnsweredElsewhere => sip::CancelReason::AnsweredElsewhere,
            CancelReason::Timeout
            | CancelReason::CallerGone
            | CancelReason::NotAccepted
            | CancelReason::Transferred => sip::CancelReason::GivenUp,
        };
        // Without a dialog it is not placed yet: its news finds no branch, and the dropped dialog hangs up.
        if let Some(dialog) = self.dialog {
            tokio::spawn(async move { dialog.cancel(reason).await });
        }
    }
}

/// The INVITE under way, in a task of its own.
struct Trying {
    id: BranchId,
    dialler: Dialler,
    target: Target,
    news: mpsc::Sender<(BranchId, News)>,
}

impl Trying {
    async fn run(self, request: DialRequest) {
        let mut next = Some(request);
        while let Some(request) = next.take() {
            match self.dialler.dial(request.clone()).await {
                Ok(OutgoingCall { dialog, events }) => next = self.follow(dialog, events, request).await,
                Err(error) => {
                    tracing::warn!(%error, "a leg could not be placed");
                    let _is_heard = self.tell(News::Unplaced(503)).await;
                }
            }
        }
    }

    /// Passes on what happens, to the end. A refusal that another INVITE may mend is not told: that one is given.
    async fn follow(
        &self,
        dialog: Dialog,
        mut events: mpsc::Receiver<DialogEvent>,
        request: DialRequest,
    ) -> Option<DialRequest> {
        let mut is_heard = self.tell(News::Placed(dialog)).await;
        let mut has_rung = false;
        while is_heard && let Some(event) = events.recv().await {
            match event {
                DialogEvent::Failed { code, advice, .. } if !has_rung => {
                    self.target.failed(code, advice);
                    if let Some(mended) = request.clone().mended(code, advice) {
                        tracing::info!(code, "a refused call is tried once more");
                        return Some(mended);
                    }
                }
                DialogEvent::Ringing { .. } | DialogEvent::Answered(_) => has_rung = true,
                _ => {}
            }
            is_heard = self.tell(News::Event(event)).await;
        }
        None
    }

    /// `false` when the call is over, and nobody listens.
    async fn tell(&self, news: News) -> bool {
        self.news.send((self.id, news)).await.is_ok()
    }
}
