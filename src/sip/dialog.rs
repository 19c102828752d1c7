//! One call, as its owner holds it.

use super::call::{Call, Phase, description, sdp_headers};
use super::event::CancelReason;
use super::reinvite;
use super::sdp::SessionDescription;
use super::session::answer_headers;
use rsipstack::sip::StatusCodeKind;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long [`Dialog::hang_up`] waits for the other side; the transaction goes on without its owner.
const HANG_UP_WAIT: Duration = Duration::from_secs(2);

/// Why a request within a call brought no answer that counts.
#[derive(Debug, thiserror::Error)]
pub enum DialogError {
    /// The other side refused, or (491) its own offers never end; the call goes on as it was.
    #[error("refused with {0}")]
    Refused(u16),
    /// No usable answer came, or the call is not up.
    #[error("the call is not up, or the answer is unusable")]
    NotUp,
}

/// One call. Clones are the same call; when the last one is dropped, the call is hung up.
#[derive(Clone)]
pub struct Dialog(Arc<Owned>);

struct Owned(Arc<Call>);

impl Dialog {
    pub(super) fn new(call: Arc<Call>) -> Self {
        Self(Arc::new(Owned(call)))
    }

    fn call(&self) -> &Arc<Call> {
        &self.0.0
    }

    /// Sends 180 (incoming, before the answer).
    #[expect(clippy::unused_async, reason = "sending is asynchronous for the owner, whatever carries it")]
    pub async fn ring(&self) {
        if self.call().phase() == Phase::Early
            && let Err(error) = self.call().library.ringing(None, None)
        {
            tracing::debug!(%error, "180 could not be sent");
        }
    }

    /// Sends 200 with our session description (incoming). It is sent again until the ACK comes; [`super::DialogEvent::Confirmed`]
    /// tells that it did, [`super::DialogEvent::Failed`] with 408 that none came in 32 s.
    #[expect(clippy::unused_async, reason = "sending is asynchronous for the owner, whatever carries it")]
    pub async fn accept(&self, answer: &SessionDescription) {
        let call = self.call();
        if call.phase() != Phase::Early {
            return;
        }
        let agreed = call.granted.map(|(wish, terms)| answer_headers(wish, terms)).unwrap_or_default();
        call.session.describe(answer.to_string());
        let headers = [sdp_headers(), agreed].concat();
        if let Err(error) = call.library.accept(Some(headers), Some(answer.to_string().into_bytes())) {
            tracing::debug!(%error, "200 could not be sent");
        }
    }

    /// Sends a final refusal, 400 to 699 (incoming, before the answer). `reason` goes into a Reason header (RFC 3326).
    #[expect(clippy::unused_async, reason = "sending is asynchronous for the owner, whatever carries it")]
    pub async fn reject(&self, code: u16, reason: &str) {
        self.call().refuse(code, reason);
    }

    /// Ends the call whatever its state: BYE, or before the answer CANCEL (outgoing) or 480 (incoming). Returns when the other
    /// side has confirmed it, or after 2 s.
    pub async fn hang_up(&self) {
        self.call().hang_up();
        let _went_on_alone = tokio::time::timeout(HANG_UP_WAIT, self.call().past(Phase::Confirmed)).await;
    }

    /// Calls off a call of ours, with the reason that the other side is told; otherwise like [`Dialog::hang_up`]. The CANCEL
    /// waits for the first provisional answer (RFC 3261, section 9.1), and a 200 that crosses it is ended with a BYE.
    pub async fn cancel(&self, why: CancelReason) {
        if why == CancelReason::AnsweredElsewhere
            && let Some(note) = &self.call().note
        {
            note.say_answered_elsewhere();
        }
        self.hang_up().await;
    }

    /// Offers a changed session: hold, resume. Gives the other side's answer. An offer that crosses one of theirs is made again after
    /// a pause (RFC 3261, section 14.1).
    ///
    /// # Errors
    /// When the other side refuses or the call is not up.
    pub async fn reinvite(&self, offer: &SessionDescription) -> Result<SessionDescription, DialogError> {
        let call = self.call();
        if call.phase() != Phase::Confirmed {
            return Err(DialogError::NotUp);
        }
        let response = reinvite::send(call, call.session.request_headers(), offer.to_string()).await?;
        if response.status_code.kind() != StatusCodeKind::Successful {
            return Err(DialogError::Refused(response.status_code.code()));
        }
        call.session.describe(offer.to_string());
        call.session.agree_by(&response);
        description(&response).ok_or(DialogError::NotUp)
    }

    /// Sends a digit by SIP INFO (`application/dtmf-relay`), for peers without RFC 4733.
    ///
    /// # Errors
    /// When the other side refuses or the call is not up.
    pub async fn send_digit(&self, digit: char) -> Result<(), DialogError> {
        let kind = rsipstack::sip::Header::ContentType("application/dtmf-relay".into());
        let body = format!("Signal={digit}\r\nDuration=160\r\n").into_bytes();
        let sent = self.call().library.info(Some(vec![kind]), Some(body)).await;
        let response = sent.ok().flatten().ok_or(DialogError::NotUp)?;
        match response.status_code.kind() {
            StatusCodeKind::Successful => Ok(()),
            _ => Err(DialogError::Refused(response.status_code.code())),
        }
    }

    /// The Call-ID.
    #[must_use]
    pub fn call_id(&self) -> String {
        self.call().key.0.clone()
    }

    /// The address of ours that the other side reaches: for `c=` and the RTP socket.
    #[must_use]
    pub fn local_ip(&self) -> IpAddr {
        self.call().local_ip
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // Outside a runtime there is nobody left to hang up for.
        if self.0.phase() != Phase::Ended && tokio::runtime::Handle::try_current().is_ok() {
            self.0.hang_up();
        }
    }
}

impl fmt::Debug for Dialog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dialog({:?})", self.call().phase())
    }
}

/// One at a time: held while an offer of either side (RFC 3261, section 14), or a transfer, is under way.
pub(super) struct Turn {
    call: Arc<Call>,
    flag: fn(&Call) -> &AtomicBool,
}

impl Turn {
    pub(super) fn take(call: &Arc<Call>, flag: fn(&Call) -> &AtomicBool) -> Option<Self> {
        (!flag(call).swap(true, Ordering::AcqRel)).then(|| Self { call: Arc::clone(call), flag })
    }

    pub(super) fn call(&self) -> &Arc<Call> {
        &self.call
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        (self.flag)(&self.call).store(false, Ordering::Release);
    }
}
