//! Offers of ours within a call, and when they cross one of the other side (RFC 3261, section 14).

use super::call::{Call, Phase};
use super::dialog::{DialogError, Turn};
use super::wire;
use crate::clock::{due, now};
use rsipstack::sip::headers::RetryAfter;
use rsipstack::sip::{Header, Response, StatusCode};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often an offer is made when it keeps crossing theirs.
const TRIES: usize = 3;
/// In steps of 10 ms, how long whoever made the call waits before the next try, and whoever was called.
const CALLERS_PAUSE: (u64, u64) = (210, 400);
const CALLEES_PAUSE: (u64, u64) = (0, 200);
/// The longest pause that we ask of others, in seconds.
const LONGEST_PAUSE: u64 = 10;

/// Sends a re-INVITE with this description and gives its final answer; again after a pause, when an offer of theirs is under way.
///
/// # Errors
/// When the call is not up any more, or their offers never end (491).
pub(super) async fn send(call: &Arc<Call>, headers: Vec<Header>, body: String) -> Result<Response, DialogError> {
    let mut headers = headers;
    headers.extend([wire::content_type(), wire::allow()]);
    for _ in 0..TRIES {
        if let Some(_turn) = Turn::take(call, |it| &it.is_offering) {
            let _ours = Ours::mark(call);
            let sent = call.library.reinvite(Some(headers.clone()), Some(body.clone().into_bytes())).await;
            let response = sent.ok().flatten().ok_or(DialogError::NotUp)?;
            if response.status_code != StatusCode::RequestPending {
                return Ok(response);
            }
        }
        let (least, most) = if call.is_incoming() { CALLEES_PAUSE } else { CALLERS_PAUSE };
        due(Some(now() + Duration::from_millis(10 * drawn(least, most)))).await;
        if call.phase() != Phase::Confirmed {
            return Err(DialogError::NotUp);
        }
    }
    Err(DialogError::Refused(StatusCode::RequestPending.code()))
}

/// What an offer of theirs gets while another one is under way, or the call is not up yet: 491 when that one is ours, else 500
/// (RFC 3261, section 14.2).
pub(super) fn too_early(call: &Call) -> (StatusCode, Vec<Header>) {
    let is_inviting = call.phase() == Phase::Early && !call.is_incoming();
    if is_inviting || call.is_our_offer.load(Ordering::Acquire) {
        return (StatusCode::RequestPending, Vec::new());
    }
    let pause = RetryAfter::new(drawn(0, LONGEST_PAUSE).to_string());
    (StatusCode::ServerInternalError, vec![Header::RetryAfter(pause)])
}

/// Marks the offer under way as ours, until dropped.
struct Ours<'a>(&'a Call);

impl<'a> Ours<'a> {
    fn mark(call: &'a Call) -> Self {
        call.is_our_offer.store(true, Ordering::Release);
        Self(call)
    }
}

impl Drop for Ours<'_> {
    fn drop(&mut self) {
        self.0.is_our_offer.store(false, Ordering::Release);
    }
}

fn drawn(least: u64, most: u64) -> u64 {
    least + uuid::Uuid::new_v4().as_u64_pair().0 % (most - least + 1)
}
