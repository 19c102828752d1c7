//! Where every request goes: a new call, a call that exists, or an answer on the spot.

use super::access::{Access, Verdict};
use super::admission::Admission;
use super::call::{Call, Calls, Key, NewCall};
use super::dialog::Dialog;
use super::endpoint::EVENT_CAPACITY;
use super::event::{IncomingCall, MAX_FORWARDS, Transport};
use super::listen::local_ip_toward;
use super::notes::Notes;
use super::registrar::Registrar;
use super::sdp::Offer;
use super::session::{Session, Wish};
use super::times::Times;
use super::{identity, in_call, wire};
use crate::clock::now;
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::sip::headers::Unsupported;
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{self, Header, Method, Request, SipMessage, StatusCode};
use rsipstack::transaction::TransactionReceiver;
use rsipstack::transaction::transaction::Transaction;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What the router and the dialler share.
pub(super) struct Switchboard {
    pub(super) layer: Arc<DialogLayer>,
    pub(super) calls: Arc<Calls>,
    pub(super) notes: Arc<Notes>,
    pub(super) registrar: Arc<Registrar>,
    pub(super) access: Access,
    /// Calls taken in.
    pub(super) admission: Arc<Admission>,
    /// Calls of ours.
    pub(super) outgoing: Arc<Admission>,
    pub(super) times: Times,
    pub(super) local: SocketAddr,
    pub(super) advertised: Option<IpAddr>,
    /// Cancelled when the sockets close.
    pub(super) stop: CancellationToken,
}

impl Switchboard {
    /// Our address as `peer` reaches it, and the Contact that says so.
    pub(super) fn contact_toward(&self, user: &str, peer: SocketAddr, transport: Transport) -> (IpAddr, sip::Uri) {
        let ip = local_ip_toward(self.local.ip(), self.advertised, peer);
        let params = match transport {
            Transport::Udp => Vec::new(),
            Transport::Tcp => vec![sip::Param::Transport(sip::Transport::Tcp)],
        };
        let contact = sip::Uri {
            scheme: Some(sip::Scheme::Sip),
            auth: (!user.is_empty()).then(|| sip::Auth { user: user.to_owned(), password: None }),
            host_with_port: SocketAddr::new(ip, self.local.port()).into(),
            params,
            ..sip::Uri::default()
        };
        (ip, contact)
    }
}

/// Runs until `stop`; each request gets its own task, so that a slow one delays no other.
pub(super) async fn route(
    board: Arc<Switchboard>,
    mut requests: TransactionReceiver,
    inbox: mpsc::Sender<IncomingCall>,
    stop: CancellationToken,
) {
    loop {
        let request = tokio::select! {
            request = requests.recv() => request,
            () = stop.cancelled() => None,
        };
        let Some(mut transaction) = request else { return };
        let (board, inbox) = (Arc::clone(&board), inbox.clone());
        tokio::spawn(async move {
            if let Err(error) = serve(&board, &inbox, &mut transaction).await {
                tracing::debug!(%error, method = %transaction.original.method, "a request could not be served");
            }
        });
    }
}

async fn serve(
    board: &Switchboard,
    inbox: &mpsc::Sender<IncomingCall>,
    transaction: &mut Transaction,
) -> rsipstack::Result<()> {
    let request = &transaction.original;
    if let Some((code, headers)) = unfit(request) {
        return refuse(transaction, code, headers).await;
    }
    if let Some(key) = key_of(request) {
        return match board.calls.get(&key) {
            Some(call) => in_call::serve(&call, transaction).await,
            None => refuse(transaction, StatusCode::CallTransactionDoesNotExist, Vec::new()).await,
        };
    }
    match request.method {
        Method::Invite => take_call(board, inbox, transaction).await,
        Method::Options => transaction.reply_with(StatusCode::OK, wire::abilities(), None).await,
        Method::Bye | Method::Info => refuse(transaction, StatusCode::CallTransactionDoesNotExist, Vec::new()).await,
        // Outside of a call it would let anybody make us dial.
        Method::Refer => refuse(transaction, StatusCode::Forbidden, Vec::new()).await,
        Method::Register => take_register(board, transaction).await,
        _ => refuse(transaction, StatusCode::MethodNotAllowed, vec![wire::allow()]).await,
    }
}

/// Faults that any request may have.
fn unfit(request: &Request) -> Option<(StatusCode, Vec<Header>)> {
    if max_forwards(request) == Some(0) {
        return Some((StatusCode::TooManyHops, Vec::new()));
    }
    // RFC 3261, section 8.2.2.3.
    let unsupported = wire::unsupported(request);
    (!unsupported.is_empty())
        .then(|| (StatusCode::BadExtension, vec![Header::Unsupported(Unsupported::new(unsupported.join(", ")))]))
}

fn max_forwards(request: &Request) -> Option<u32> {
    request.max_forwards_header().ok()?.value().trim().parse().ok()
}

/// Sends a final answer and, when it refuses an INVITE, waits for the ACK so that it is sent again until then.
pub(super) async fn refuse(
    transaction: &mut Transaction,
    code: StatusCode,
    headers: Vec<Header>,
) -> rsipstack::Result<()> {
    transaction.reply_with(code, headers, None).await?;
    if transaction.original.method == Method::Invite {
        while let Some(message) = transaction.receive().await {
            if matches!(message, SipMessage::Request(request) if request.method == Method::Ack) {
                break;
            }
        }
    }
    Ok(())
}

/// Call-ID and To tag of a request within a call; `None` outside of one.
fn key_of(request: &Request) -> Option<Key> {
    let tag = request.to_header().ok()?.tag().ok()??;
    let call_id = request.call_id_header().ok()?;
    Some((call_id.value().to_owned(), tag.value().to_owned()))
}

/// The offer in a request: `Ok(None)` without a body, `Err` with the status that its sender deserves.
pub(super) fn offer_of(request: &Request) -> Result<Option<Offer>, (StatusCode, Vec<Header>)> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let kind = request.header_value("Content-Type").or_else(|| request.header_value("c")).unwrap_or_default();
    if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wire::SDP)) {
        return Err((StatusCode::UnsupportedMediaType, vec![wire::accept()]));
    }
    let malformed = || (StatusCode::BadRequest, Vec::new());
    let text = std::str::from_utf8(&request.body).map_err(|_| malformed())?;
    let offer = Offer::parse(text).map_err(|error| {
        tracing::debug!(%error, "an offer could not be read");
        malformed()
    })?;
    Ok(Some(offer))
}

async fn take_register(board: &Switchboard, transaction: &mut Transaction) -> rsipstack::Result<()> {
    let Some((source, transport)) = origin(transaction) else {
        return refuse(transaction, StatusCode::BadRequest, Vec::new()).await;
    };
    let (code, headers) = board.registrar.answer(&transaction.original, source, transport);
    transaction.reply_with(code, headers, None).await
}

async fn take_call(
    board: &Switchboard,
    inbox: &mpsc::Sender<IncomingCall>,
    transaction: &mut Transaction,
) -> rsipstack::Result<()> {
    let Some((source, transport)) = origin(transaction) else {
        return refuse(transaction, StatusCode::BadRequest, Vec::new()).await;
    };
    let verdict = board.access.judge(now(), source.ip(), board.registrar.knows(source, transport));
    match verdict {
        Verdict::Trusted | Verdict::Allowed => {}
        Verdict::Excluded => {
            tracing::warn!(%source, "a call from there was dropped: `sip.allow` does not list it");
            return Ok(());
        }
        Verdict::TooOften => {
            tracing::warn!(%source, "too many calls from there");
            return refuse(transaction, StatusCode::ServiceUnavailable, Vec::new()).await;
        }
    }
    let offer = match offer_of(&transaction.original) {
        Ok(offer) => offer,
        Err((code, headers)) => return refuse(transaction, code, headers).await,
    };
    let (Some(slot), Ok(place)) = (board.admission.take(), inbox.try_reserve()) else {
        tracing::warn!(calls = board.admission.taken(), "no room for another call");
        return refuse(transaction, StatusCode::ServiceUnavailable, Vec::new()).await;
    };
    let session = Session::new(board.times, String::new());
    session.learn(&transaction.original);
    let wish = Wish::read(&transaction.original);
    let terms = match session.grant(wish) {
        Ok(terms) => terms,
        Err(too_short) => {
            let (code, headers) = too_short.refusal();
            return refuse(transaction, code, headers).await;
        }
    };
    let called = identity::called(&transaction.original.uri);
    let hops = max_forwards(&transaction.original).map_or(MAX_FORWARDS, |hops| hops.try_into().unwrap_or(MAX_FORWARDS));
    let (local_ip, contact) = board.contact_toward("", source, transport);
    let (states_out, states) = board.layer.new_dialog_state_channel();
    let Ok(mut library) = board.layer.get_or_create_server_invite(transaction, states_out, None, Some(contact.clone()))
    else {
        return refuse(transaction, StatusCode::BadRequest, Vec::new()).await;
    };
    pin_tag(transaction, &library.id().local_tag);
    let (events_out, events) = mpsc::channel(EVENT_CAPACITY);
    let new = NewCall {
        library: library.clone(),
        layer: Arc::clone(&board.layer),
        calls: Arc::clone(&board.calls),
        local_ip,
        contact,
        is_delayed: offer.is_none(),
        remote_cseq: transaction.original.cseq_header().and_then(sip::headers::CSeq::seq).unwrap_or(0),
        note: None,
        session,
        granted: Some((wish, terms)),
        slot: Some(slot),
        events: events_out,
    };
    let call = Call::start(new, states);
    let (user, display_name) = identity::caller(&transaction.original, verdict == Verdict::Trusted);
    let diversions = identity::diversions(&transaction.original);
    let dialog = Dialog::new(Arc::clone(&call));
    place.send(IncomingCall {
        caller: user,
        caller_name: display_name,
        called,
        source,
        transport,
        max_forwards: hops,
        diversions,
        offer,
        dialog,
        events,
    });
    let handled = library.handle(transaction).await;
    call.settle();
    handled
}

// The library gives the dialog a tag but would answer a CANCEL with another one.
fn pin_tag(transaction: &mut Transaction, tag: &str) {
    if let Ok(to) = transaction.original.to_header() {
        let tagged = to.clone().with_tag(tag.into());
        transaction.original.headers.unique_push(tagged.into());
    }
}

fn origin(transaction: &Transaction) -> Option<(SocketAddr, Transport)> {
    let connection = transaction.connection.as_ref()?;
    let source = connection.get_remote_addr()?.get_socketaddr().ok()?;
    Some((source, if connection.is_reliable() { Transport::Tcp } else { Transport::Udp }))
}
