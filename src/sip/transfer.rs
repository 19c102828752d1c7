//! Blind transfer (RFC 3515): the other side asks within a call that its partner be connected with somebody else.
//!
//! Attended transfer, a Refer-To with Replaces, is refused with 501: the call that it names is one of ours, between two legs of which
//! the phone knows one. Outside of a call REFER gets 403, because it would let anybody make us dial.

use super::call::{Call, Phase};
use super::dialog::Turn;
use super::event::DialogEvent;
use super::router::refuse;
use super::{identity, wire};
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Header, Method, Request, StatusCode};
use rsipstack::transaction::transaction::Transaction;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::{oneshot, watch};

/// What a dropped [`TransferProgress`] leaves to be told.
const ABANDONED: u16 = 503;
/// How long a phone may expect to hear of its transfer, in seconds: longer than any plan rings.
const EXPIRES: u32 = 300;

/// A transfer that the other side asks for. Dropped without an answer, it is refused with 603.
#[derive(Debug)]
pub struct Transfer {
    /// The user part of Refer-To, such as an extension or a number.
    pub user: String,
    /// Its host and port; empty for a `tel:` URI.
    pub host: String,
    reply: oneshot::Sender<Reply>,
}

/// A transfer under way: tells the phone that asked for it how far it has come. Dropped before a final code, it tells a 503.
#[derive(Debug)]
pub struct TransferProgress(watch::Sender<u16>);

#[derive(Debug)]
enum Reply {
    Accepted(watch::Receiver<u16>),
    Refused(u16),
}

impl Transfer {
    /// Sends 202, and a NOTIFY with `100 Trying`. From now on the other side may hang up at any time.
    #[must_use]
    pub fn accept(self) -> TransferProgress {
        let (codes, told) = watch::channel(100);
        let _ended_meanwhile = self.reply.send(Reply::Accepted(told));
        TransferProgress(codes)
    }

    /// Refuses with 400 to 699; the call goes on as it was.
    pub fn refuse(self, code: u16) {
        let _ended_meanwhile = self.reply.send(Reply::Refused(code));
    }
}

impl TransferProgress {
    /// Sends a NOTIFY with this status: 180 when the target rings, 200 when it has answered, 486 and the like when it was of no use.
    /// Codes may be skipped when they come faster than they can be told, but for the final one, from 200: what follows it counts no more.
    pub fn progress(&self, code: u16) {
        self.0.send_if_modified(|now| {
            let is_news = *now < 200 && *now != code;
            if is_news {
                *now = code;
            }
            is_news
        });
    }

    /// Tells the final status and waits until the phone has it, or the call is over: the time to hang up.
    pub async fn finish(self, code: u16) {
        self.progress(code);
        self.0.closed().await;
    }
}

/// How many transfers a dialog has seen, and whether one is under way.
#[derive(Default)]
pub(super) struct Transfers {
    pub(super) pending: std::sync::atomic::AtomicBool,
    seen: AtomicU32,
}

/// Answers a REFER within a call.
pub(super) async fn take_refer(call: &Arc<Call>, transaction: &mut Transaction) -> rsipstack::Result<()> {
    let turn = if call.phase() == Phase::Confirmed { Turn::take(call, |it| &it.transfers.pending) } else { None };
    let Some(turn) = turn else { return refuse(transaction, StatusCode::RequestPending, Vec::new()).await };
    let (user, host) = match target(&transaction.original) {
        Ok(target) => target,
        Err(code) => return refuse(transaction, code, Vec::new()).await,
    };
    let (reply, replied) = oneshot::channel();
    if !call.tell(DialogEvent::Transfer(Transfer { user, host, reply })) {
        return refuse(transaction, StatusCode::ServerInternalError, Vec::new()).await;
    }
    match replied.await.unwrap_or(Reply::Refused(603)) {
        Reply::Refused(code) => refuse(transaction, StatusCode::from(code), Vec::new()).await,
        Reply::Accepted(codes) => {
            let event = event(call, &transaction.original);
            let is_silent = wants_no_news(&transaction.original);
            let silent = is_silent.then(|| Header::Other("Refer-Sub".to_owned(), "false".to_owned()));
            let contact = rsipstack::sip::typed::Contact::from(call.contact.clone()).into();
            let headers = std::iter::once(contact).chain(silent).collect();
            transaction.reply_with(StatusCode::Accepted, headers, None).await?;
            tokio::spawn(follow(turn, codes, (!is_silent).then_some(event)));
            Ok(())
        }
    }
}

/// User part and host of Refer-To, or the status that its sender deserves.
fn target(request: &Request) -> Result<(String, String), StatusCode> {
    let values: Vec<&str> = request.headers.iter().filter_map(refer_to).collect();
    let [value] = values[..] else { return Err(StatusCode::BadRequest) };
    let uri = match value.split_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or_default(),
        None => value.split(';').next().unwrap_or_default(),
    };
    let (uri, headers) = uri.trim().split_once('?').unwrap_or((uri.trim(), ""));
    let (scheme, rest) = uri.split_once(':').ok_or(StatusCode::BadRequest)?;
    if !["sip", "sips", "tel"].iter().any(|it| scheme.eq_ignore_ascii_case(it)) {
        return Err(StatusCode::UnsupportedUriScheme);
    }
    let is_attended = headers.split('&').any(|it| it.split('=').next().is_some_and(is_replaces));
    let mut parameters = rest.split(';').filter_map(|it| it.split_once('='));
    let method =
        parameters.find(|(name, _)| name.eq_ignore_ascii_case("method")).map_or("INVITE", |(_, method)| method);
    if is_attended || !method.eq_ignore_ascii_case("INVITE") {
        return Err(StatusCode::NotImplemented);
    }
    let user = identity::user_of(uri).ok_or(StatusCode::BadRequest)?;
    let host = rest.rsplit_once('@').map_or("", |(_, host)| host.split(';').next().unwrap_or_default());
    Ok((user, host.to_owned()))
}

fn refer_to(header: &Header) -> Option<&str> {
    match header {
        Header::ReferTo(value) => Some(value.value()),
        _ => None,
    }
}

fn is_replaces(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case("replaces")
}

/// RFC 4488.
fn wants_no_news(request: &Request) -> bool {
    request.header_value("Refer-Sub").is_some_and(|value| value.trim().eq_ignore_ascii_case("false"))
}

/// From the second REFER of a dialog on, the Event header names which one is meant (RFC 3515, section 2.4.6).
fn event(call: &Call, request: &Request) -> String {
    let cseq = request.cseq_header().and_then(rsipstack::sip::headers::CSeq::seq).unwrap_or(0);
    match call.transfers.seen.fetch_add(1, Ordering::AcqRel) {
        0 => "refer".to_owned(),
        _ => format!("refer;id={cseq}"),
    }
}

/// Until the final code is told; nothing is told without an event, or when the call is over.
async fn follow(turn: Turn, mut codes: watch::Receiver<u16>, event: Option<String>) {
    loop {
        let code = *codes.borrow_and_update();
        if let Some(event) = &event {
            notify(turn.call(), event, code).await;
        }
        if code >= 200 {
            return;
        }
        if codes.changed().await.is_err() {
            if let Some(event) = &event {
                notify(turn.call(), event, ABANDONED).await;
            }
            return;
        }
    }
}

async fn notify(call: &Arc<Call>, event: &str, code: u16) {
    let status = StatusCode::from(code);
    let state =
        if code < 200 { format!("active;expires={EXPIRES}") } else { "terminated;reason=noresource".to_owned() };
    let headers = vec![
        Header::Event(event.into()),
        Header::SubscriptionState(state.into()),
        Header::ContentType("message/sipfrag;version=2.0".into()),
        wire::allow(),
    ];
    let body = format!("SIP/2.0 {code} {}\r\n", status.text()).into_bytes();
    if let Err(error) = call.library.request(Method::Notify, Some(headers), Some(body)).await {
        tracing::debug!(%error, "a transfer's progress could not be told");
    }
}

#[cfg(test)]
mod tests {
    use super::target;
    use rsipstack::sip::{Request, SipMessage, StatusCode};

    fn refer(headers: &str) -> Request {
        let text = format!("REFER sip:a@b SIP/2.0\r\nCSeq: 1 REFER\r\n{headers}Content-Length: 0\r\n\r\n");
        let Ok(SipMessage::Request(request)) = SipMessage::try_from(text.as_str()) else { panic!("{text}") };
        request
    }

    #[test]
    fn reads_whom_the_call_is_to_go_to() {
        let to = |value: &str| target(&refer(&format!("Refer-To: {value}\r\n")));
        let found = |user: &str, host: &str| Ok((user.to_owned(), host.to_owned()));
        assert_eq!(to("<sip:101@10.0.0.1:5070;transport=udp>"), found("101", "10.0.0.1:5070"));
        assert_eq!(to("\"Ann\" <sips:ann%20b@shop>;x=y"), found("ann b", "shop"));
        assert_eq!(to("sip:101@shop;method=INVITE"), found("101", "shop"));
        assert_eq!(to("tel:+12125550117"), found("+12125550117", ""));
        assert_eq!(target(&refer("r: <sip:101@shop>\r\n")), found("101", "shop"));
        assert_eq!(to("<sip:101@shop?Replaces=c%3Bto-tag%3Da%3Bfrom-tag%3Db>"), Err(StatusCode::NotImplemented));
        assert_eq!(to("<sip:101@shop;method=BYE>"), Err(StatusCode::NotImplemented));
        assert_eq!(to("<https://shop>"), Err(StatusCode::UnsupportedUriScheme));
        for malformed in ["<sip:shop>", "<>", "101", "<sip:@shop>"] {
            assert_eq!(to(malformed), Err(StatusCode::BadRequest), "{malformed}");
        }
        assert_eq!(target(&refer("")), Err(StatusCode::BadRequest));
        assert_eq!(target(&refer("Refer-To: <sip:a@b>\r\nRefer-To: <sip:c@d>\r\n")), Err(StatusCode::BadRequest));
    }
}
