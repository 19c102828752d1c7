//! One call, as its owner holds it.

use super::sdp::SessionDescription;
use std::net::IpAddr;

/// Why a request within a call brought no answer that counts.
#[derive(Debug, thiserror::Error)]
pub enum DialogError {
    /// The other side refused; the call goes on as it was.
    #[error("refused with {0}")]
    Refused(u16),
    /// No usable answer came, or the call is not up.
    #[error("the call is not up, or the answer is unusable")]
    NotUp,
}

/// One call. Clones are the same call; when the last one is dropped, the call is hung up.
#[derive(Clone, Debug)]
pub struct Dialog;

impl Dialog {
    /// Sends 180 (incoming).
    pub async fn ring(&self) {
        unimplemented!()
    }
    /// Sends 200 with our session description (incoming).
    pub async fn accept(&self, answer: &SessionDescription) {
        unimplemented!("{answer}")
    }
    /// Sends a final refusal, 400 to 699 (incoming, before the answer).
    pub async fn reject(&self, code: u16, reason: &str) {
        unimplemented!("{code} {reason}")
    }
    /// Ends the call whatever its state: BYE, or CANCEL or 480 before the answer.
    pub async fn hang_up(&self) {
        unimplemented!()
    }
    /// Offers a changed session: hold, resume. Gives the other side's answer.
    ///
    /// # Errors
    /// When the other side refuses or the call is not up.
    pub async fn reinvite(&self, offer: &SessionDescription) -> Result<SessionDescription, DialogError> {
        unimplemented!("{offer}")
    }
    /// The Call-ID.
    pub fn call_id(&self) -> String {
        unimplemented!()
    }
    /// The address of ours that the other side reaches: for `c=` and the RTP socket.
    pub fn local_ip(&self) -> IpAddr {
        unimplemented!()
    }
}
