//! Backstop answers a small business's calls: a call never just dies.
//!
//! # The path of one call
//!
//! 1. [`sip`] turns an INVITE into a [`call::Signal`]; [`call::Call`] decides and gives [`call::Action`]s back.
//! 2. [`rtp`] receives packets; [`media`] turns them into paced 20 ms [`media::Frame`]s.
//! 3. [`conversation`] hears where an utterance ends, asks for its transcript, decides what the receptionist does next,
//!    and says which words the caller really heard.
//! 4. [`lead`] keeps what was understood, each value with its evidence.
//! 5. [`store`] writes call, lead and text-back in one transaction; [`texting`] sends what [`textback`] decided.
//!
//! # Two halves
//!
//! The first block of modules is the pure core: deterministic machines that take `now` and an input and give outputs.
//! It has no sockets, files, clock or runtime, and builds alone with `--no-default-features`.
//! The second block is the shell, which touches the world. See `ARCHITECTURE.md`.

// The pure core.
pub mod call;
pub mod config;
pub mod conversation;
pub mod id;
pub mod lead;
pub mod media;
pub mod phone;
pub mod pii;
pub mod prompt;
pub mod routing;
pub mod textback;
pub mod timer;

// The shell.
#[cfg(all(feature = "server", feature = "speech"))]
pub mod bench;
#[cfg(feature = "server")]
pub mod browser;
#[cfg(feature = "server")]
pub mod caller;
#[cfg(all(feature = "server", feature = "speech"))]
pub mod cli;
#[cfg(feature = "server")]
mod clock;
#[cfg(feature = "server")]
pub mod models;
#[cfg(feature = "server")]
pub mod rtp;
#[cfg(all(feature = "server", feature = "speech"))]
pub mod server;
#[cfg(feature = "server")]
pub mod sip;
pub mod speech;
#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
pub mod texting;
#[cfg(feature = "server")]
mod wav;
#[cfg(feature = "server")]
pub mod web;
