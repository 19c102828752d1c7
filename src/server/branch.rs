//! One way to somebody that is being tried: an INVITE of ours, or the ringing of their pages.

use super::carrier::{Carrier, LegEvent};
use super::clock;
use super::ear::Ear;
use super::legs::hang_up;
use super::pages;
use super::service::Service;
use super::targets::{Caller, Target};
use super::trunks::Place;
use crate::browser::message::RingOver;
use crate::browser::{PageEvent, PageLeg};
use crate::media::Codec;
use crate::routing::{CancelReason, PersonId, Ringing};
use crate::rtp::RtpSocket;
use crate::sip::{self, DialRequest, Dialler, Dialog, DialogEvent, OutgoingCall, SessionDescription};
use anyhow::Context as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
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
    Event(LegEvent),
}

/// One way without an answer.
pub(super) struct Branch {
    pub(super) id: BranchId,
    way: Way,
}

enum Way {
    Invite { dialog: Option<Dialog>, socket: RtpSocket, offer: Box<SessionDescription>, place: Option<Place> },
    Page(PageLeg),
}

impl Branch {
    /// Begins to ring; the rest is told by `news`.
    ///
    /// # Errors
    /// When no port is free, the trunk carries as many calls as it may, or no page is open.
    pub(super) fn begin(
        service: &Arc<Service>,
        id: BranchId,
        target: &Target,
        (caller, ringing): (&Caller, &Ringing),
        news: mpsc::Sender<(BranchId, News)>,
    ) -> anyhow::Result<Self> {
        if let Target::Page(person) = target {
            let (page, events) = pages::ring(service, person, caller, ringing).context("no page is open")?;
            tokio::spawn(follow_page(id, events, news));
            return Ok(Self { id, way: Way::Page(page) });
        }
        let place = target.take_place()?;
        let socket = service.ports.open(clock::now()).context("no RTP port for a leg")?;
        // Which of our addresses the other side reaches is known once the way to it is: the dialling fills it in.
        let local = SocketAddr::from((Ipv4Addr::UNSPECIFIED, socket.local_addr().port()));
        let offer = SessionDescription::offer(local, &[Codec::Pcmu, Codec::Pcma]);
        let request = target.request(caller, offer.clone()).context("a page has no INVITE")?;
        let trying = Trying { id, dialler: service.dialler.clone(), target: target.clone(), news };
        tokio::spawn(trying.run(request));
        Ok(Self { id, way: Way::Invite { dialog: None, socket, offer: Box::new(offer), place } })
    }

    /// Whether it rings as soon as it is begun.
    pub(super) const fn rings_at_once(&self) -> bool {
        matches!(self.way, Way::Page(_))
    }

    /// The INVITE is out.
    pub(super) fn placed(&mut self, placed: Dialog) {
        if let Way::Invite { dialog, .. } = &mut self.way {
            *dialog = Some(placed);
        }
    }

    /// The other side took the INVITE. `None` when its answer is of no use: then it is hung up.
    pub(super) fn answered(self, now: Instant, answer: &SessionDescription, inactivity: Duration) -> Option<Ear> {
        let Way::Invite { dialog: Some(dialog), socket, mut offer, place } = self.way else { return None };
        offer.audio.address = dialog.local_ip();
        match offer.agree(answer) {
            Ok(agreed) => Some(Ear::new(now, Carrier::Dialog(dialog), socket, agreed, inactivity, place)),
            Err(error) => {
                tracing::warn!(%error, "a leg answered with nothing that can be spoken");
                hang_up(Carrier::Dialog(dialog));
                None
            }
        }
    }

    /// A page took the call, whose sound comes and goes by `socket`.
    pub(super) fn answered_in_page(self, now: Instant, socket: RtpSocket, inactivity: Duration) -> Option<Ear> {
        let Way::Page(page) = self.way else { return None };
        Some(Ear::of_page(now, page, socket, inactivity))
    }

    /// Gives it up. Only when somebody else took the call its phone is told so: it then shows no missed call.
    pub(super) fn leave(self, why: CancelReason, by: Option<&PersonId>) {
        match self.way {
            Way::Page(page) => page.stop(ring_over(why), by.cloned()),
            // Without a dialog it is not placed yet: its news finds no branch, and the dropped dialog hangs up.
            Way::Invite { dialog, .. } => {
                let reason = match why {
                    CancelReason::AnsweredElsewhere => sip::CancelReason::AnsweredElsewhere,
                    _ => sip::CancelReason::GivenUp,
                };
                if let Some(dialog) = dialog {
                    tokio::spawn(async move { dialog.cancel(reason).await });
                }
            }
        }
    }
}

/// What pages are told.
pub(super) const fn ring_over(why: CancelReason) -> RingOver {
    match why {
        CancelReason::AnsweredElsewhere => RingOver::AnsweredElsewhere,
        CancelReason::CallerGone => RingOver::CallerGone,
        CancelReason::Timeout | CancelReason::NotAccepted | CancelReason::Transferred | CancelReason::Lost => {
            RingOver::Timeout
        }
    }
}

/// Tells the call what happens in the pages.
pub(super) async fn follow_page(
    id: BranchId,
    mut events: mpsc::Receiver<PageEvent>,
    news: mpsc::Sender<(BranchId, News)>,
) {
    let mut is_heard = true;
    while is_heard && let Some(event) = events.recv().await {
        is_heard = news.send((id, News::Event(LegEvent::Page(event)))).await.is_ok();
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
            is_heard = self.tell(News::Event(LegEvent::Dialog(event))).await;
        }
        None
    }

    /// `false` when the call is over, and nobody listens.
    async fn tell(&self, news: News) -> bool {
        self.news.send((self.id, news)).await.is_ok()
    }
}
