//! The page that people keep open to take calls: sign-in, the page itself, its files, the list of recent calls, and the WebSocket between
//! page and service.
//!
//! ```text
//! browser ── listen (TCP, TLS) ── app ─┬─ pages     sign-in, sign-out, one-time links, the line page
//!                                      ├─ recent    the user's calls as JSON        ── store
//!                                      └─ line      the WebSocket                   ── browser::Lines
//! ```
//!
//! Nothing but what signs people in is given to those who are not signed in ([`gate`]). A sign-in is a random token in a cookie of which only the
//! hash is kept; every form carries a token that is derived from it. Passwords are hashed with argon2id, one at a time, and who guesses
//! them waits ([`tries`]).

mod app;
mod assets;
mod cookies;
mod gate;
mod headers;
mod line;
mod listen;
mod origin;
mod pages;
mod password;
mod recent;
mod site;
mod templates;
mod tls;
mod token;
mod tries;
mod welcome;

pub use listen::{WebServer, open};
pub use password::{PasswordError, SHORTEST, check_password, hash_password};
pub use site::{WebError, WebSetup};
pub use tls::{TlsError, load_certificate};
pub use welcome::{INVITATION_LASTS, invite};
