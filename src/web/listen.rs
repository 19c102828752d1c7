//! Connections: each in a task of its own, so many at most, none for longer than it needs.

use super::app::app;
use super::site::{Site, WebError, WebSetup};
use super::tls::Certificate;
use super::welcome::invite;
use crate::store::Role;
use axum::extract::ConnectInfo;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use jiff::Timestamp;
use seats::{Seated, Seats};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod seats;

/// A TLS handshake may take so long.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A request's headers may.
const READ_HEADERS: Duration = Duration::from_secs(10);
/// A connection is used for requests so long, and gets so much longer for the last one; what became a WebSocket is none any more.
const LIFE: Duration = Duration::from_mins(1);
const LAST_WORDS: Duration = Duration::from_secs(20);
/// The certificate's files are looked at so often.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// After a failure to accept, such as too many open files.
const PAUSE: Duration = Duration::from_millis(200);
/// How long all may take to end when the service goes down.
const GRACE: Duration = Duration::from_secs(3);

/// The page, being served.
#[derive(Debug)]
pub struct WebServer {
    address: SocketAddr,
    page: String,
    first_link: Option<String>,
    serving: JoinHandle<()>,
}

impl WebServer {
    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Where a browser finds it.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.page
    }

    /// The link that makes the first user, an owner, when there was none at the start.
    #[must_use]
    pub fn first_link(&self) -> Option<&str> {
        self.first_link.as_deref()
    }

    /// Waits until all has ended, once `shut_down` is cancelled.
    pub async fn stopped(self) {
        let _ended = self.serving.await;
    }
}

/// Serves the page.
///
/// # Errors
/// When the port, the certificate or the database can't be had; the message says how to mend it.
pub async fn open(setup: WebSetup) -> Result<WebServer, WebError> {
    let web = setup.web.clone();
    let certificate = web.tls.clone().map(Certificate::open).transpose()?;
    let bound = TcpListener::bind(web.bind).await.and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = bound.map_err(|why| WebError::bind(web.bind, why))?;
    let site = Arc::new(Site::open(setup));
    let page = web.address(address);
    let first_link = first_link(&site, &page).await?;
    let serving = tokio::spawn(serve(listener, certificate, site));
    Ok(WebServer { address, page, first_link, serving })
}

async fn first_link(site: &Site, page: &str) -> Result<Option<String>, WebError> {
    if !site.store.users().await?.is_empty() {
        return Ok(None);
    }
    let path = invite(&site.store, Role::Owner, None, Timestamp::now()).await?;
    Ok(Some(format!("{page}{path}")))
}

async fn serve(listener: TcpListener, mut certificate: Option<Certificate>, site: Arc<Site>) {
    let (seats, connections, app) = (Seats::default(), TaskTracker::new(), app(Arc::clone(&site)));
    let is_proxied = site.web.public_url.is_some();
    let mut looks = interval(LOOK_EVERY);
    loop {
        let accepted = tokio::select! {
            () = site.shut_down.cancelled() => break,
            accepted = listener.accept() => accepted,
            _ = looks.tick() => {
                certificate.iter_mut().for_each(Certificate::look);
                continue;
            }
        };
        match accepted {
            Ok((stream, peer)) => {
                // A proxy's connections are many people's.
                let address = (!is_proxied || !peer.ip().is_loopback()).then(|| peer.ip());
                let Some(seat) = seats.take(address) else { continue };
                let acceptor = certificate.as_ref().map(Certificate::acceptor);
                let connection = Connection { app: app.clone(), peer, shut_down: site.shut_down.clone() };
                connections.spawn(connection.begin(stream, seat, acceptor));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection to the page could not be accepted");
                sleep_until(Instant::now() + PAUSE).await;
            }
        }
    }
    drop(listener);
    connections.close();
    site.open_lines.close();
    let ended = timeout(GRACE, async {
        connections.wait().await;
        site.open_lines.wait().await;
    });
    if ended.await.is_err() {
        tracing::warn!("some pages did not end in time");
    }
}

struct Connection {
    app: Router,
    peer: SocketAddr,
    shut_down: CancellationToken,
}

impl Connection {
    async fn begin(self, stream: TcpStream, seat: seats::Seat, acceptor: Option<TlsAcceptor>) {
        // Small messages are not to wait for each other; without it they only come later.
        let _best_effort = stream.set_nodelay(true);
        match acceptor {
            None => self.serve(Seated::new(stream, seat)).await,
            Some(acceptor) => {
                if let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await {
                    self.serve(Seated::new(stream, seat)).await;
                }
            }
        }
    }

    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let service = TowerToHyperService::new(self.app.layer(Extension(ConnectInfo(self.peer))));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(READ_HEADERS)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        tokio::select! {
            _ended = connection.as_mut() => return,
            () = self.shut_down.cancelled() => {}
            () = sleep_until(Instant::now() + LIFE) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ended = timeout(LAST_WORDS, connection).await;
    }
}
