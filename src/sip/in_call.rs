//! Requests within a call.
//!
//! All but BYE are answered here and not by the library, whose dialog would leave its confirmed state for the time of each.

use super::call::{Call, Phase};
use super::dialog::Turn;
use super::event::{DialogEvent, Reoffer};
use super::router::{offer_of, refuse};
use super::sdp::SessionDescription;
use super::session::{TooShort, Wish, answer_headers};
use super::{reinvite, transfer, wire};
use rsipstack::dialog::dialog::Dialog as LibraryDialog;
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::typed::Contact;
use rsipstack::sip::{Header, Method, Request, SipMessage, StatusCode};
use rsipstack::transaction::transaction::Transaction;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a request may run ahead of the answer, or the ACK, that it follows.
const OVERTAKING: Duration = Duration::from_secs(2);

pub(super) async fn serve(call: &Arc<Call>, transaction: &mut Transaction) -> rsipstack::Result<()> {
    if !is_from_peer(call, &transaction.original) {
        return refuse(transaction, StatusCode::CallTransactionDoesNotExist, Vec::new()).await;
    }
    if is_old(call, &transaction.original) {
        return refuse(transaction, StatusCode::ServerInternalError, Vec::new()).await;
    }
    match transaction.original.method {
        Method::Bye => take_bye(call, transaction).await,
        Method::Invite | Method::Update => take_offer(call, transaction).await,
        Method::Info => take_info(call, transaction).await,
        Method::Refer => transfer::take_refer(call, transaction).await,
        Method::Options => transaction.reply_with(StatusCode::OK, wire::abilities(), None).await,
        _ => refuse(transaction, StatusCode::MethodNotAllowed, vec![wire::allow()]).await,
    }
}

/// The From tag is the one of the other side, once that is known.
fn is_from_peer(call: &Call, request: &Request) -> bool {
    let known = call.library.id().remote_tag;
    let tag = request.from_header().ok().and_then(|from| from.tag().ok().flatten());
    known.is_empty() || tag.is_some_and(|tag| tag.value() == known)
}

/// Requests must come in order (RFC 3261, section 12.2.2).
fn is_old(call: &Call, request: &Request) -> bool {
    let Ok(cseq) = request.cseq_header().and_then(rsipstack::sip::headers::CSeq::seq) else { return true };
    call.remote_cseq.fetch_max(cseq, Ordering::AcqRel) > cseq
}

async fn take_bye(call: &Arc<Call>, transaction: &mut Transaction) -> rsipstack::Result<()> {
    if call.phase() == Phase::Early && call.is_incoming() {
        // The caller hangs up an early dialog: the INVITE still needs its final answer.
        transaction.reply(StatusCode::OK).await?;
        call.library.reject(Some(StatusCode::RequestTerminated), None)?;
        call.finish(DialogEvent::Cancelled);
        return Ok(());
    }
    if call.phase() == Phase::Early {
        let _still_early = tokio::time::timeout(OVERTAKING, call.past(Phase::Early)).await;
    }
    let handled = call.library.clone().handle(transaction).await;
    call.finish(DialogEvent::HungUp);
    handled
}

/// A re-INVITE, or an UPDATE (RFC 3311) with or without an offer.
async fn take_offer(call: &Arc<Call>, transaction: &mut Transaction) -> rsipstack::Result<()> {
    let is_update = transaction.original.method == Method::Update;
    let is_bare = is_update && transaction.original.body.is_empty();
    let _acknowledged = tokio::time::timeout(OVERTAKING, call.acknowledged()).await;
    let is_free = call.phase() == Phase::Confirmed;
    let turn = if is_free && !is_bare { Turn::take(call, |it| &it.is_offering) } else { None };
    if turn.is_none() && !(is_free && is_bare) {
        let (code, headers) = reinvite::too_early(call);
        return refuse(transaction, code, headers).await;
    }
    let wish = Wish::read(&transaction.original);
    let judged = offer_of(&transaction.original)
        .and_then(|offer| Ok((offer, call.session.grant(wish).map_err(TooShort::refusal)?)));
    let (offer, terms) = match judged {
        Ok(judged) => judged,
        Err((code, headers)) => return refuse(transaction, code, headers).await,
    };
    let mut headers = vec![Contact::from(call.contact.clone()).into(), wire::allow()];
    headers.extend(answer_headers(wish, terms));
    if is_bare {
        transaction.reply_with(StatusCode::OK, headers, None).await?;
        follow_target(call, &transaction.original);
        call.session.agree(terms);
        return Ok(());
    }
    let is_delayed = offer.is_none();
    let (reply, replied) = oneshot::channel();
    if !call.tell(DialogEvent::Reoffer(Reoffer { offer, reply })) {
        return refuse(transaction, StatusCode::ServerInternalError, Vec::new()).await;
    }
    // A Reoffer dropped without an answer refuses, as its documentation says.
    match replied.await.unwrap_or(Err(488)) {
        Err(code) => refuse(transaction, StatusCode::from(code), Vec::new()).await,
        Ok(answer) => {
            headers.push(wire::content_type());
            let unacknowledged = (!is_update).then(|| Unacknowledged::mark(call));
            transaction.reply_with(StatusCode::OK, headers, Some(answer.to_string().into_bytes())).await?;
            follow_target(call, &transaction.original);
            call.session.describe(answer.to_string());
            call.session.agree(terms);
            if !is_update {
                await_ack(call, transaction, is_delayed).await;
            }
            // In this order: who waits for the ACK takes the turn.
            drop((turn, unacknowledged));
            Ok(())
        }
    }
}

/// Our requests go to the Contact of their last offer (RFC 3261, section 12.2.2).
fn follow_target(call: &Call, request: &Request) {
    if let Some(contact) = request.typed_contact_headers().ok().and_then(|list| list.into_iter().next()) {
        let header = request.contact_header().ok().cloned();
        LibraryDialog::Invite(call.library.clone()).set_remote_target(contact.uri, header);
    }
}

/// Marks that a 200 of ours waits for its ACK, until dropped.
struct Unacknowledged<'a>(&'a Call);

impl<'a> Unacknowledged<'a> {
    fn mark(call: &'a Call) -> Self {
        call.awaits_ack.send_replace(true);
        Self(call)
    }
}

impl Drop for Unacknowledged<'_> {
    fn drop(&mut self) {
        self.0.awaits_ack.send_replace(false);
    }
}

async fn await_ack(call: &Arc<Call>, transaction: &mut Transaction, is_delayed: bool) {
    while let Some(message) = transaction.receive().await {
        if let SipMessage::Request(ack) = message
            && ack.method == Method::Ack
        {
            if is_delayed && let Ok(answer) = SessionDescription::parse(&String::from_utf8_lossy(&ack.body)) {
                call.tell(DialogEvent::Answered(answer));
            }
            return;
        }
    }
    // No ACK in 64*T1 (RFC 3261, section 14.2).
    call.hang_up();
}

async fn take_info(call: &Arc<Call>, transaction: &mut Transaction) -> rsipstack::Result<()> {
    let request = &transaction.original;
    let kind = request.header_value("Content-Type").unwrap_or_default().to_ascii_lowercase();
    let body = String::from_utf8_lossy(&request.body);
    let digit = match kind.split(';').next().unwrap_or_default().trim() {
        "application/dtmf-relay" => relayed_digit(&body),
        "application/dtmf" => digit_of(&body),
        _ if request.body.is_empty() => return transaction.reply(StatusCode::OK).await,
        _ => {
            let headers: Vec<Header> = vec![Header::Accept("application/dtmf-relay, application/dtmf".into())];
            return refuse(transaction, StatusCode::UnsupportedMediaType, headers).await;
        }
    };
    match digit {
        Some(digit) => {
            call.tell(DialogEvent::Digit(digit));
            transaction.reply(StatusCode::OK).await
        }
        None => refuse(transaction, StatusCode::BadRequest, Vec::new()).await,
    }
}

/// `Signal=5`, with `Duration=160` on another line.
fn relayed_digit(body: &str) -> Option<char> {
    let signal = body
        .lines()
        .filter_map(|line| line.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("signal"));
    digit_of(signal?.1)
}

/// The key itself, or its event number in RFC 4733 (10 and 11 are `*` and `#`).
fn digit_of(text: &str) -> Option<char> {
    match text.trim().to_ascii_uppercase().as_str() {
        "10" => Some('*'),
        "11" => Some('#'),
        key => {
            let mut letters = key.chars();
            let digit = letters.next().filter(|digit| matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D'))?;
            letters.next().is_none().then_some(digit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{digit_of, relayed_digit};

    #[test]
    fn reads_digits_of_both_kinds() {
        assert_eq!(relayed_digit("Signal=5\r\nDuration=160\r\n"), Some('5'));
        assert_eq!(relayed_digit("Signal= *\nDuration= 250"), Some('*'));
        assert_eq!(relayed_digit("Duration=250"), None);
        assert_eq!(
            [digit_of("7"), digit_of("11"), digit_of("d"), digit_of("55"), digit_of("")],
            [Some('7'), Some('#'), Some('D'), None, None]
        );
    }
}
