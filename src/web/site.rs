//! What every request may use, and what can keep the page from being served.

use super::password::Hashing;
use super::templates::Templates;
use super::tls::TlsError;
use super::token::Token;
use super::tries::Tries;
use super::{cookies, gate::SignedIn};
use crate::browser::Lines;
use crate::config::{Routing, Web};
use crate::store::{Account, Store, StoreError};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a sign-in holds after it was used last.
pub(super) const SIGN_IN_LASTS: Duration = Duration::from_hours(14 * 24);
/// Sign-outs that an open page may have to hear of yet; one that misses some looks for itself.
const ENDED: usize = 64;

/// Everything the page is made of.
#[derive(Debug)]
pub struct WebSetup {
    /// Where it is served.
    pub web: Web,
    /// Who may sign in, and the calls.
    pub store: Store,
    /// Where open pages are told of calls.
    pub lines: Lines,
    /// Who is there, as the configuration has it now.
    pub routing: watch::Receiver<Arc<Routing>>,
    /// The name of the business.
    pub business: String,
    /// When to stop.
    pub shut_down: CancellationToken,
}

/// Why the page can't be served.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The port can't be had.
    #[error("web.bind: {bind} can't be listened on: {why}. {fix}")]
    Bind {
        /// The address.
        bind: SocketAddr,
        /// Why not.
        why: std::io::Error,
        /// What to do.
        fix: &'static str,
    },
    /// The certificate won't do.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl WebError {
    /// The port can't be had.
    #[must_use]
    pub fn bind(bind: SocketAddr, why: std::io::Error) -> Self {
        let fix = match why.kind() {
            ErrorKind::AddrInUse => "Stop what is listening there, or change `web.bind`",
            ErrorKind::AddrNotAvailable => "Write an address of this machine to `web.bind`, or 0.0.0.0 for all",
            ErrorKind::PermissionDenied => "Take a port from 1024 on for `web.bind`, and put a proxy in front",
            _ => "Change `web.bind`",
        };
        Self::Bind { bind, why, fix }
    }
}

/// What every request may use.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) web: Web,
    pub(super) store: Store,
    pub(super) lines: Lines,
    routing: watch::Receiver<Arc<Routing>>,
    pub(super) templates: Templates,
    pub(super) hashing: Hashing,
    tries: Mutex<Tries>,
    /// The token hashes of sign-ins that were ended here.
    pub(super) ended: broadcast::Sender<String>,
    pub(super) shut_down: CancellationToken,
    /// Pages that are open.
    pub(super) open_lines: TaskTracker,
}

impl Site {
    pub(super) fn open(setup: WebSetup) -> Self {
        let WebSetup { web, store, lines, routing, business, shut_down } = setup;
        Self {
            web,
            store,
            lines,
            routing,
            templates: Templates::open(business),
            hashing: Hashing::open(),
            tries: Mutex::default(),
            ended: broadcast::Sender::new(ENDED),
            shut_down,
            open_lines: TaskTracker::new(),
        }
    }

    /// Everybody of the configuration, in its order.
    pub(super) fn people(&self) -> Vec<String> {
        let routing = Arc::clone(&self.routing.borrow());
        routing.directory.people.iter().map(|person| person.id.0.clone()).collect()
    }

    /// Whether this person is in the configuration.
    pub(super) fn has_person(&self, person: &str) -> bool {
        self.routing.borrow().directory.people.iter().any(|known| known.id.0 == person)
    }

    /// Who tried how often; held for moments only.
    pub(super) fn tries(&self) -> MutexGuard<'_, Tries> {
        // A panic while it is held leaves counts that are at worst a try behind.
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who sent a request.
    pub(super) async fn who(&self, headers: &HeaderMap) -> Result<Option<SignedIn>, Broken> {
        let Some(token) = cookies::sign_in_of(&self.web, headers) else { return Ok(None) };
        let sign_in = self.store.sign_in(&token.hash(), Timestamp::now()).await?;
        Ok(sign_in.map(|sign_in| SignedIn { token, sign_in }))
    }

    /// Signs the holder of an account in, with a new token; a sign-in that their browser had ends. `None` when the account has changed meanwhile.
    pub(super) async fn sign_in(&self, account: &Account, headers: &HeaderMap) -> Result<Option<Token>, Broken> {
        let (token, now) = (Token::fresh(), Timestamp::now());
        if !self.store.open_sign_in(&token.hash(), account, now, now + SIGN_IN_LASTS).await? {
            return Ok(None);
        }
        if let Some(before) = cookies::sign_in_of(&self.web, headers) {
            self.end_sign_in(&before).await?;
        }
        Ok(Some(token))
    }

    /// Ends a sign-in, and closes its pages.
    pub(super) async fn end_sign_in(&self, token: &Token) -> Result<(), Broken> {
        self.store.end_sign_in(&token.hash()).await?;
        // Nobody listens when no page is open.
        let _heard = self.ended.send(token.hash());
        Ok(())
    }
}

/// The database failed while a request was answered. The browser hears only that.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct Broken(#[from] StoreError);

impl IntoResponse for Broken {
    fn into_response(self) -> Response {
        tracing::error!(error = %self, "a request to the page failed");
        (StatusCode::SERVICE_UNAVAILABLE, "Backstop's database does not answer. Try again in a moment.\n")
            .into_response()
    }
}
