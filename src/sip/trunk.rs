//! Trunks: registering with them where they want it, and knowing whether they live.

mod health;

use super::access::TrunkAddresses;
use super::dial::{credential, library_transport, resolve};
use super::endpoint::SipError;
use super::event::{Credentials, Transport};
use super::router::Switchboard;
use crate::clock::{due, now};
use health::{Health, Input, Output};
use rsipstack::dialog::registration::Registration as LibraryRegistration;
use rsipstack::sip::headers::{CallId, Supported};
use rsipstack::sip::{self, Method, Request, SipMessage, StatusCodeKind, typed};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transaction::{make_tag, make_uuid_v4};
use rsipstack::transport::SipAddr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long an answer to OPTIONS may take.
const ANSWER_WAIT: Duration = Duration::from_secs(5);
/// For how long we register; the trunk may grant less.
const REGISTRATION: Duration = Duration::from_hours(1);

/// A trunk to look after.
#[derive(Clone, Debug)]
pub struct TrunkConfig {
    /// Its name in logs.
    pub name: String,
    /// Where it is: `sip:host` or `sip:host:port`.
    pub address: String,
    /// How to send.
    pub transport: Transport,
    /// For trunks that challenge.
    pub credentials: Option<Credentials>,
    /// Whether it wants a REGISTER, under the user of the credentials, before it sends us calls.
    pub registers: bool,
    /// How often it is asked by OPTIONS whether it lives; `None` for trunks that must not be asked, which always count as up.
    pub keepalive: Option<Duration>,
}

/// What is believed of a trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrunkState {
    /// Whether calls should be tried over it: not after two questions without an answer, and again after two with one.
    pub is_up: bool,
    /// Whether it sends us calls.
    pub registration: Registration,
}

/// How our registration with a trunk stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// The trunk wants none.
    Unwanted,
    /// The first one is not answered yet.
    Pending,
    /// In force.
    Accepted,
    /// Refused with this status, 408 when no answer came; it will be tried again.
    Refused(u16),
}

/// A trunk looked after until this is dropped.
#[derive(Debug)]
pub struct Trunk {
    state: watch::Receiver<TrunkState>,
    leave: CancellationToken,
    _stop: DropGuard,
}

impl Trunk {
    /// What is believed of it now.
    #[must_use]
    pub fn state(&self) -> TrunkState {
        *self.state.borrow()
    }

    /// Takes our registration back, if it is in force, and looks after the trunk no more.
    pub fn leave(&self) {
        self.leave.cancel();
    }

    /// Waits until it becomes as `wanted` says.
    pub async fn becomes(&mut self, wanted: impl FnMut(&TrunkState) -> bool) {
        // Without an endpoint there is no news any more.
        if self.state.wait_for(wanted).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Starts looking after a trunk.
pub(super) fn look_after(board: &Arc<Switchboard>, config: TrunkConfig) -> Result<Trunk, SipError> {
    let uri = sip::Uri::try_from(config.address.as_str()).ok().filter(|it| it.scheme == Some(sip::Scheme::Sip));
    let mut uri = uri.ok_or_else(|| SipError::Address(config.address.clone()))?;
    if config.transport == Transport::Tcp {
        uri.params.retain(|it| !matches!(it, sip::Param::Transport(_)));
        uri.params.push(sip::Param::Transport(sip::Transport::Tcp));
    }
    let health = Health::new(now(), config.keepalive, config.registers);
    let (told, state) = watch::channel(health.state());
    let stop = board.stop.child_token();
    let addresses = Arc::new(board.access.add_trunk());
    if let sip::Host::IpAddr(ip) = uri.host_with_port.host {
        addresses.set([ip]);
    }
    let keeper = Keeper { board: Arc::clone(board), uri, config, health, told, addresses, running: JoinSet::new() };
    let leave = CancellationToken::new();
    tokio::spawn(keeper.run(stop.clone(), leave.clone()));
    Ok(Trunk { state, leave, _stop: stop.drop_guard() })
}

struct Keeper {
    board: Arc<Switchboard>,
    uri: sip::Uri,
    config: TrunkConfig,
    health: Health,
    told: watch::Sender<TrunkState>,
    /// Where its calls may come from: all addresses of its name.
    addresses: Arc<TrunkAddresses>,
    /// The requests under way; at most one of each kind, as the next one's timer is set by the answer.
    running: JoinSet<(Input, Option<LibraryRegistration>)>,
}

impl Keeper {
    async fn run(mut self, stop: CancellationToken, leave: CancellationToken) {
        let mut registration = self.config.registers.then(|| self.new_registration());
        loop {
            while let Some(output) = self.health.poll_output() {
                self.send(output, &mut registration);
            }
            let input = tokio::select! {
                biased;
                () = leave.cancelled() => return self.unregister(registration).await,
                () = stop.cancelled() => return,
                () = due(self.health.poll_timeout()) => Input::Tick,
                Some(done) = self.running.join_next() => match done {
                    Ok((input, used)) => {
                        registration = used.or(registration);
                        input
                    }
                    Err(_) => Input::Tick,
                },
            };
            self.health.handle_input(now(), input);
            self.tell();
        }
    }

    async fn unregister(self, registration: Option<LibraryRegistration>) {
        let is_in_force = self.health.state().registration == Registration::Accepted;
        if let Some(mut library) = registration.filter(|_| is_in_force)
            && tokio::time::timeout(ANSWER_WAIT, library.register(self.uri, Some(0))).await.is_err()
        {
            tracing::debug!(trunk = %self.config.name, "a trunk did not answer when we took our registration back");
        }
    }

    fn send(&mut self, output: Output, registration: &mut Option<LibraryRegistration>) {
        let (board, uri, transport) = (Arc::clone(&self.board), self.uri.clone(), self.config.transport);
        match (output, registration.take()) {
            (Output::Ask, kept) => {
                *registration = kept;
                let addresses = Arc::clone(&self.addresses);
                self.running.spawn(async move {
                    learn(&uri, &addresses).await;
                    let asked = tokio::time::timeout(ANSWER_WAIT, ask(&board, uri, transport)).await;
                    (Input::Answered(asked.ok().flatten()), None)
                });
            }
            (Output::Register, Some(library)) => {
                let addresses = Arc::clone(&self.addresses);
                let user = self.config.credentials.as_ref().map(|it| it.user.clone()).unwrap_or_default();
                self.running.spawn(async move {
                    learn(&uri, &addresses).await;
                    register(board, library, uri, transport, user).await
                });
            }
            (Output::Register, None) => {}
        }
    }

    fn new_registration(&self) -> LibraryRegistration {
        let credentials = self.config.credentials.as_ref().map(credential);
        let mut registration = LibraryRegistration::new(Arc::clone(&self.board.layer.endpoint), credentials);
        registration.call_id = CallId::new(make_uuid_v4());
        // The library would claim extensions that are not spoken here.
        registration.extra_headers = vec![Supported::new("").into()];
        registration
    }

    fn tell(&self) {
        let state = self.health.state();
        self.told.send_if_modified(|known| {
            let is_news = *known != state;
            if is_news {
                tracing::info!(trunk = %self.config.name, up = state.is_up, registration = ?state.registration, "trunk");
                *known = state;
            }
            is_news
        });
    }
}

async fn register(
    board: Arc<Switchboard>,
    mut library: LibraryRegistration,
    uri: sip::Uri,
    transport: Transport,
    user: String,
) -> (Input, Option<LibraryRegistration>) {
    let mut code = None;
    if let Some(peer) = resolve(&uri).await {
        let (_, contact) = board.contact_toward(&user, peer, transport);
        library.contact = Some(typed::Contact { display_name: None, uri: contact, params: Vec::new() });
        library.outbound_proxy = Some(peer);
        match library.register(uri, Some(REGISTRATION.as_secs() as u32)).await {
            Ok(response) => code = Some(response.status_code.code()),
            Err(error) => tracing::debug!(%error, "a trunk did not answer our REGISTER"),
        }
    }
    let granted = Duration::from_secs(u64::from(library.expires()));
    (Input::Registered { code, granted }, Some(library))
}

/// Looks the trunk's name up. When that fails, what was known stays.
async fn learn(uri: &sip::Uri, addresses: &TrunkAddresses) {
    if let sip::Host::Domain(name) = &uri.host_with_port.host
        && let Ok(found) = tokio::net::lookup_host((name.to_string(), 0)).await
    {
        addresses.set(found.map(|it| it.ip()));
    }
}

/// The final status that OPTIONS brings.
async fn ask(board: &Switchboard, uri: sip::Uri, transport: Transport) -> Option<u16> {
    let peer = resolve(&uri).await?;
    let mut transaction = question(board, uri, peer, transport).await?;
    transaction.send().await.ok()?;
    while let Some(message) = transaction.receive().await {
        if let SipMessage::Response(response) = message
            && response.status_code.kind() != StatusCodeKind::Provisional
        {
            return Some(response.status_code.code());
        }
    }
    None
}

async fn question(board: &Switchboard, uri: sip::Uri, peer: SocketAddr, transport: Transport) -> Option<Transaction> {
    let endpoint = &board.layer.endpoint;
    let kind = library_transport(transport);
    let (_, contact) = board.contact_toward("", peer, transport);
    let ours = SipAddr { r#type: Some(kind), addr: contact.host_with_port.clone() };
    let via = endpoint.get_via(Some(ours), None).ok()?;
    let from = typed::From { display_name: None, uri: contact.clone(), params: Vec::new() }.with_tag(make_tag());
    let to = typed::To { display_name: None, uri: uri.clone(), params: Vec::new() };
    let call_id = CallId::new(make_uuid_v4());
    let mut request: Request = endpoint.make_request(Method::Options, uri, via, from, to, 1, Some(call_id));
    request.headers.unique_push(typed::Contact { display_name: None, uri: contact, params: Vec::new() }.into());
    request.headers.push(super::wire::accept());
    let key = TransactionKey::from_request(&request, TransactionRole::Client).ok()?;
    // Looked up here, because a transaction would wait for a stream that cannot be opened.
    let target = SipAddr { r#type: Some(kind), addr: peer.into() };
    let (connection, destination) = endpoint.transport_layer.lookup(&target, None).await.ok()?;
    let mut transaction = Transaction::new_client(key, request, Arc::clone(endpoint), Some(connection));
    transaction.destination = Some(destination);
    Some(transaction)
}
