//! The sockets, the door and the inbox.

use super::access::Access;
use super::admission::Admission;
use super::dialog::Dialog;
use super::door::{Door, StreamDoor};
use super::event::{DialRequest, IncomingCall, OutgoingCall};
use super::notes::Notes;
use super::registrar::{Accounts, Contact, Registrar};
use super::router::{Switchboard, route};
use super::times::Times;
use super::trunk::{Trunk, TrunkConfig};
use super::wire::Outbound;
use super::{dial, listen, trunk};
use crate::config::Network;
use rsipstack::EndpointBuilder;
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::transaction::Endpoint;
use rsipstack::transport::TransportLayer;
use rsipstack::transport::udp::UdpConnection;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How to listen.
#[derive(Clone, Debug)]
pub struct SipConfig {
    /// UDP and TCP both listen here; with port 0, TCP takes the port that UDP got.
    pub bind: SocketAddr,
    /// The address that others reach us at, when it is not our own (port forwarding).
    pub advertised: Option<IpAddr>,
    /// The Server and User-Agent headers.
    pub server_name: String,
    /// Calls taken in at once; further ones are refused with 503. Calls of ours are counted by whoever makes them.
    pub max_calls: usize,
    /// Who may call besides trunks and registered phones; `None` for anybody. Others hear nothing.
    pub allow: Option<Vec<Network>>,
    /// Who may register; with none, REGISTER is refused with 405. Their realm is the server name without its version.
    pub accounts: Accounts,
    /// Calls that wait to be taken from [`SipEndpoint::next_call`]; further ones are refused with 503.
    pub inbox: usize,
    /// How long things take.
    pub times: Times,
}

impl SipConfig {
    /// Takes one call at a time at `bind`, where nobody registers.
    #[must_use]
    pub fn new(bind: SocketAddr, server_name: &str) -> Self {
        Self {
            bind,
            advertised: None,
            server_name: server_name.to_owned(),
            max_calls: 1,
            allow: None,
            accounts: Accounts::default(),
            inbox: 1,
            times: Times::default(),
        }
    }
}

/// Why there is no endpoint or no call.
#[derive(Debug, thiserror::Error)]
pub enum SipError {
    /// A socket could not be opened.
    #[error(
        "cannot listen on {address}: {cause}. Set another address under `sip.bind`, or stop the program that holds it"
    )]
    Bind {
        /// What was tried, such as `udp 0.0.0.0:5060`.
        address: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The address to dial is none.
    #[error("`{0}` is no SIP address: write it as sip:user@host:port")]
    Address(String),
    /// The library did not start.
    #[error("SIP could not start: {0}")]
    Start(String),
    /// The request could not be made.
    #[error("the call could not be placed: {0}")]
    Dial(String),
}

/// Events that a call's owner may leave unread.
pub(super) const EVENT_CAPACITY: usize = 32;

/// A listening endpoint. Dropped, it closes its sockets without a word; see [`SipEndpoint::shut_down`].
pub struct SipEndpoint {
    board: Arc<Switchboard>,
    inbox: mpsc::Receiver<IncomingCall>,
    stop: DropGuard,
}

impl SipEndpoint {
    /// Opens the sockets and starts taking calls.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub async fn bind(config: SipConfig) -> Result<Self, SipError> {
        let (udp, tcp) = listen::open(config.bind).await?;
        let local = udp.local_addr().map_err(|cause| SipError::Bind { address: config.bind.to_string(), cause })?;
        let stop = CancellationToken::new();
        let notes = Arc::<Notes>::default();
        let registrar = Arc::new(Registrar::new(config.accounts.clone(), realm(&config.server_name)));
        let outbound = Outbound {
            server_name: config.server_name.clone(),
            notes: Arc::clone(&notes),
            registrar: Arc::clone(&registrar),
        };
        let endpoint =
            build(&config, udp, local, outbound, &stop).await.map_err(|error| SipError::Start(error.to_string()))?;
        let requests = endpoint.incoming_transactions().map_err(|error| SipError::Start(error.to_string()))?;
        let inner = Arc::clone(&endpoint.inner);
        let board = Arc::new(Switchboard {
            layer: Arc::new(DialogLayer::new(Arc::clone(&inner))),
            calls: Arc::default(),
            notes,
            registrar,
            access: Access::new(config.allow.clone()),
            admission: Admission::new(config.max_calls),
            outgoing: Admission::new(usize::MAX),
            times: config.times,
            local,
            advertised: config.advertised,
            stop: stop.clone(),
        });
        let (inbox_in, inbox) = mpsc::channel(config.inbox.max(1));
        tokio::spawn(listen::accept_streams(tcp, local, Arc::clone(&inner), stop.clone()));
        tokio::spawn(route(Arc::clone(&board), requests, inbox_in, stop.clone()));
        tokio::spawn(async move {
            if let Err(error) = inner.serve().await {
                tracing::error!(%error, "SIP stopped");
            }
        });
        Ok(Self { board, inbox, stop: stop.drop_guard() })
    }

    /// Where UDP and TCP listen.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.board.local
    }

    /// The next call let in; `None` after [`SipEndpoint::shut_down`].
    pub async fn next_call(&mut self) -> Option<IncomingCall> {
        self.inbox.recv().await
    }

    /// What makes calls from elsewhere.
    #[must_use]
    pub fn dialler(&self) -> Dialler {
        Dialler(Arc::clone(&self.board))
    }

    /// Calls somebody. What comes of it is told by the events.
    ///
    /// # Errors
    /// When the address is no SIP address, or the stream to it cannot be opened within 5 s.
    pub async fn dial(&self, request: DialRequest) -> Result<OutgoingCall, SipError> {
        self.dialler().dial(request).await
    }

    /// Where the phones of a user are reached now, the latest to register first.
    #[must_use]
    pub fn contacts(&self, user: &str) -> Vec<Contact> {
        self.dialler().contacts(user)
    }

    /// Looks after a trunk until the returned handle is dropped.
    ///
    /// # Errors
    /// When its address is no SIP address.
    pub fn trunk(&self, config: TrunkConfig) -> Result<Trunk, SipError> {
        self.dialler().trunk(config)
    }

    /// Calls that are ringing or up, of both ways. One that is being hung up by us counts no more.
    #[must_use]
    pub fn active_calls(&self) -> usize {
        self.board.admission.taken() + self.board.outgoing.taken()
    }

    /// Hangs up every call and closes the sockets.
    pub async fn shut_down(&self) {
        let mut ending = JoinSet::new();
        for call in self.board.calls.all() {
            ending.spawn(async move { Dialog::new(call).hang_up().await });
        }
        ending.join_all().await;
        self.stop.token().cancel();
    }

    /// Dialogs that are kept, by us or by the library.
    #[must_use]
    pub fn kept_dialogs(&self) -> usize {
        self.dialler().kept_dialogs()
    }
}

/// Makes calls on an endpoint's sockets, and changes what it goes by. Clones are the same.
#[derive(Clone)]
pub struct Dialler(Arc<Switchboard>);

impl Dialler {
    /// As [`SipEndpoint::dial`].
    ///
    /// # Errors
    /// As there.
    pub async fn dial(&self, request: DialRequest) -> Result<OutgoingCall, SipError> {
        dial::dial(&self.0, request).await
    }

    /// As [`SipEndpoint::contacts`].
    #[must_use]
    pub fn contacts(&self, user: &str) -> Vec<Contact> {
        self.0.registrar.contacts(user)
    }

    /// As [`SipEndpoint::trunk`].
    ///
    /// # Errors
    /// As there.
    pub fn trunk(&self, config: TrunkConfig) -> Result<Trunk, SipError> {
        trunk::look_after(&self.0, config)
    }

    /// Replaces the accounts of phones from now on. Phones whose account is gone, or has another password, have to register anew; calls
    /// under way go on.
    pub fn set_accounts(&self, accounts: Accounts) {
        self.0.registrar.set_accounts(accounts);
    }

    /// Replaces the list of who may call, for calls from now on.
    pub fn allow(&self, allowed: Option<Vec<Network>>) {
        self.0.access.allow(allowed);
    }

    /// As [`SipEndpoint::kept_dialogs`].
    #[must_use]
    pub fn kept_dialogs(&self) -> usize {
        self.0.layer.len().max(self.0.calls.all().len())
    }
}

impl fmt::Debug for SipEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SipEndpoint({}, {} calls)", self.local_addr(), self.active_calls())
    }
}

/// A realm that stays the same from one version to the next: phones may keep passwords by realm.
fn realm(server_name: &str) -> &str {
    server_name.split('/').next().unwrap_or(server_name)
}

async fn build(
    config: &SipConfig,
    udp: UdpSocket,
    local: SocketAddr,
    outbound: Outbound,
    stop: &CancellationToken,
) -> rsipstack::Result<Endpoint> {
    let server_name = config.server_name.clone();
    let registrar = Arc::clone(&outbound.registrar);
    let transports = TransportLayer::new(stop.child_token());
    let door = Arc::new(Door { socket: udp, server_name: server_name.clone() });
    let external = config.advertised.map(|ip| SocketAddr::new(ip, local.port()));
    transports.add_transport(UdpConnection::from_socket(door, external, Some(stop.child_token())).await?.into());
    let endpoint = EndpointBuilder::new()
        .with_user_agent(&server_name)
        .with_transport_layer(transports)
        .with_cancel_token(stop.child_token())
        .with_option(config.times.library())
        .with_transport_inspector(Box::new(StreamDoor { server_name, registrar }))
        .with_inspector(Box::new(outbound))
        .build();
    Ok(endpoint)
}
