//! Calls that we make.

use super::call::{Call, NewCall};
use super::dialog::Dialog;
use super::endpoint::{EVENT_CAPACITY, SipError};
use super::event::{Advice, Credentials, DialRequest, DialogEvent, OutgoingCall, Transport};
use super::notes::Note;
use super::router::Switchboard;
use super::session::{Session, invite_headers};
use super::times::Times;
use super::wire;
use crate::clock::{due, now};
use rsipstack::dialog::DialogId;
use rsipstack::dialog::authenticate::Credential;
use rsipstack::dialog::dialog::DialogState;
use rsipstack::dialog::invitation::{InviteAsyncResult, InviteOption};
use rsipstack::sip::headers::{Diversion, PAssertedIdentity, Privacy};
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{self, Response, StatusCode, StatusCodeKind};
use rsipstack::transaction::make_uuid_v4;
use rsipstack::transport::SipAddr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};

/// How long opening a stream may take.
const CONNECT_WAIT: Duration = Duration::from_secs(5);

/// Sends the INVITE.
pub(super) async fn dial(board: &Switchboard, mut request: DialRequest) -> Result<OutgoingCall, SipError> {
    let callee = callee(&request)?;
    let peer = match request.destination {
        Some(flow) => flow,
        None => resolve(&callee).await.ok_or_else(|| SipError::Address(request.to.clone()))?,
    };
    if request.transport == Transport::Tcp {
        open_stream(board, peer).await?;
    }
    let (local_ip, contact) = board.contact_toward(request.from_user.as_deref().unwrap_or(""), peer, request.transport);
    if request.offer.audio.address.is_unspecified() {
        request.offer.audio.address = local_ip;
    }
    let session = request.session.unwrap_or(board.times.session);
    let options = invitation(&request, session, callee, peer, contact.clone());
    let note = options.call_id.clone().map(|call_id| board.notes.write(call_id, request.destination));
    let (states_out, states) = board.layer.new_dialog_state_channel();
    let (library, invite) =
        board.layer.do_invite_async(options, states_out).map_err(|error| SipError::Dial(error.to_string()))?;
    let (events_out, events) = mpsc::channel(EVENT_CAPACITY);
    let new = NewCall {
        library,
        layer: Arc::clone(&board.layer),
        calls: Arc::clone(&board.calls),
        local_ip,
        contact,
        is_delayed: false,
        remote_cseq: 0,
        note,
        session: Session::new(board.times, request.offer.to_string()),
        granted: None,
        slot: board.outgoing.take(),
        events: events_out,
    };
    let call = Call::start(new, states);
    tokio::spawn(calling(Arc::clone(&call), invite, board.times));
    Ok(OutgoingCall { dialog: Dialog::new(call), events })
}

/// Opens the stream unless it is, because the library's transaction would wait half a minute for one that cannot be opened.
async fn open_stream(board: &Switchboard, peer: SocketAddr) -> Result<(), SipError> {
    let target = SipAddr { r#type: Some(sip::Transport::Tcp), addr: peer.into() };
    let opening = board.layer.endpoint.transport_layer.lookup(&target, None);
    match tokio::time::timeout(CONNECT_WAIT, opening).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(SipError::Dial(error.to_string())),
        Err(_) => Err(SipError::Dial("the stream could not be opened in time".to_owned())),
    }
}

/// The Request-URI. A registered phone gets it as it gave it.
fn callee(request: &DialRequest) -> Result<sip::Uri, SipError> {
    let unusable = || SipError::Address(request.to.clone());
    let mut callee = sip::Uri::try_from(request.to.as_str()).map_err(|_| unusable())?;
    if callee.scheme != Some(sip::Scheme::Sip) {
        return Err(unusable());
    }
    let is_told =
        request.destination.is_some() || callee.params.iter().any(|it| matches!(it, sip::Param::Transport(_)));
    if request.transport == Transport::Tcp && !is_told {
        callee.params.push(sip::Param::Transport(sip::Transport::Tcp));
    }
    Ok(callee)
}

fn invitation(
    request: &DialRequest,
    session: Duration,
    callee: sip::Uri,
    peer: SocketAddr,
    contact: sip::Uri,
) -> InviteOption {
    let (from_uri, from_name) = from(request, &contact);
    let kind = library_transport(request.transport);
    InviteOption {
        caller_display_name: from_name,
        caller: from_uri,
        callee,
        destination: Some(SipAddr { r#type: Some(kind), addr: peer.into() }),
        content_type: Some(wire::SDP.to_owned()),
        offer: Some(request.offer.to_string().into_bytes()),
        headers: Some([headers(request, &contact), invite_headers(session)].concat()),
        contact,
        credential: request.credentials.as_ref().map(credential),
        call_id: Some(make_uuid_v4()),
        ..InviteOption::default()
    }
}

fn headers(request: &DialRequest, contact: &sip::Uri) -> Vec<sip::Header> {
    // The library escapes whatever could end a URI.
    let ours = |user: &String| {
        let auth = Some(sip::Auth { user: user.clone(), password: None });
        sip::Uri { auth, params: Vec::new(), ..contact.clone() }
    };
    let mut headers =
        vec![wire::allow(), wire::accept(), sip::Header::MaxForwards(u32::from(request.max_forwards).into())];
    if let Some(user) = &request.asserted {
        headers.push(PAssertedIdentity::new(format!("<{}>", ours(user))).into());
        if request.from_user.is_none() {
            headers.push(Privacy::new("id").into());
        }
    }
    if let Some(diversion) = &request.diversion {
        let (by, times) = (ours(&diversion.user), diversion.times);
        headers.push(Diversion::new(format!("<{by}>;reason=no-answer;counter={times}")).into());
    }
    headers
}

/// What the library answers challenges with.
pub(super) fn credential(credentials: &Credentials) -> Credential {
    Credential {
        username: credentials.user.clone(),
        password: credentials.password.reveal().clone(),
        ..Credential::default()
    }
}

/// Waits for the INVITE's final answer and ends the call when it is none to talk on.
async fn calling(call: Arc<Call>, mut invite: JoinHandle<InviteAsyncResult>, times: Times) {
    let Some(ended) = unless_silent(&call, &mut invite, times.silence()).await else {
        tracing::info!("a call brought no response at all");
        call.finish(DialogEvent::failed(408, "Request Timeout"));
        // Should an answer come yet, the library ends it with ACK and BYE, and finds the way by the note that the call holds.
        return due(Some(now() + times.longest_wait() * 2)).await;
    };
    let answer = match ended {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            tracing::debug!(%error, "a call could not be placed");
            return call.finish(match error {
                // Nothing was left of a challenge: it asks for what we cannot give.
                rsipstack::Error::DialogError(_, _, status) => DialogEvent::failed(status.code(), status.text()),
                _ => DialogEvent::failed(503, "Service Unavailable"),
            });
        }
        Err(_) => return call.finish(DialogEvent::failed(500, "Server Internal Error")),
    };
    let (id, response): (DialogId, Option<Response>) = answer;
    match response {
        Some(response) if response.status_code.kind() != StatusCodeKind::Successful => {
            let reason = response.reason_phrase().unwrap_or(response.status_code.text()).to_owned();
            let (code, advice) = (response.status_code.code(), advice(&response));
            call.finish(DialogEvent::Failed { code, reason, advice });
        }
        // Our CANCEL crossed their 200, which the library has acknowledged and ended with a BYE.
        Some(_) if call.library.state().is_terminated() && call.phase() == super::call::Phase::Early => {
            call.finish(DialogEvent::failed(487, "Request Terminated"));
        }
        Some(_) if call.phase() == super::call::Phase::Ended => call.layer.remove_dialog(&id),
        Some(_) => {}
        None => call.finish(DialogEvent::failed(408, "Request Timeout")),
    }
}

/// How the INVITE ends. `None` when no response at all came within `silence`, which the library does not tell from a 100: then it is given up.
async fn unless_silent(
    call: &Call,
    invite: &mut JoinHandle<InviteAsyncResult>,
    silence: Duration,
) -> Option<Result<InviteAsyncResult, JoinError>> {
    let mut known = 0;
    loop {
        if let Ok(ended) = tokio::time::timeout(silence, &mut *invite).await {
            return Some(ended);
        }
        let heard = call.note.as_ref().map_or(0, Note::responses);
        if !matches!(call.library.state(), DialogState::Calling(_)) {
            return Some(invite.await);
        }
        // A challenge was answered with another INVITE, which has its own time.
        if heard == known {
            break;
        }
        known = heard;
    }
    // The library ceases to send it, and cancels it should a provisional response come.
    invite.abort();
    match invite.await {
        Err(error) if error.is_cancelled() => None,
        // An answer came at the last moment.
        ended => Some(ended),
    }
}

/// What a refusal asks for.
fn advice(response: &Response) -> Option<Advice> {
    // `120 (in a meeting);duration=60`.
    let seconds = |name| {
        let value: String = response.header_value(name)?.chars().take_while(char::is_ascii_digit).collect();
        value.parse::<u32>().ok().map(|it| Duration::from_secs(it.into()))
    };
    match response.status_code {
        StatusCode::ServiceUnavailable => seconds("Retry-After").map(Advice::StayAway),
        StatusCode::SessionIntervalTooSmall => seconds("Min-SE").map(Advice::LongerSession),
        _ => None,
    }
}

/// From: the caller's own name and number, or the anonymous one (RFC 3323).
fn from(request: &DialRequest, contact: &sip::Uri) -> (sip::Uri, Option<String>) {
    let Some(user) = &request.from_user else {
        let uri = sip::Uri {
            scheme: Some(sip::Scheme::Sip),
            auth: Some(sip::Auth { user: "anonymous".to_owned(), password: None }),
            host_with_port: sip::Domain::from("anonymous.invalid").into(),
            ..sip::Uri::default()
        };
        return (uri, Some("Anonymous".to_owned()));
    };
    let auth = Some(sip::Auth { user: user.clone(), password: None });
    let uri = sip::Uri { auth, params: Vec::new(), ..contact.clone() };
    let printable =
        |name: &String| name.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).collect::<String>();
    (uri, request.from_name.as_ref().map(printable).filter(|name| !name.is_empty()))
}

pub(super) async fn resolve(uri: &sip::Uri) -> Option<SocketAddr> {
    let port = uri.host_with_port.port.as_ref().map_or(5060, |port| port.value().to_owned());
    match &uri.host_with_port.host {
        sip::Host::IpAddr(ip) => Some(SocketAddr::new(*ip, port)),
        sip::Host::Domain(name) => tokio::net::lookup_host((name.to_string(), port)).await.ok()?.next(),
    }
}

pub(super) fn library_transport(transport: Transport) -> sip::Transport {
    match transport {
        Transport::Udp => sip::Transport::Udp,
        Transport::Tcp => sip::Transport::Tcp,
    }
}
