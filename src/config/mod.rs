//! The configuration: `backstop.toml` and the environment, read and checked as a whole.
//!
//! A file that is wrong in five places is told so five times: [`Config::parse`] gives every fault with its key and its fix.
//! Without a file, [`Config::default`] answers calls on loopback.

mod browser;
mod checked;
mod fault;
mod network;
mod raw;
mod routing;
mod sections;
#[cfg(test)]
mod tests;
mod web;

pub use browser::{Browser, Turn};
pub use checked::Config;
pub use fault::{ConfigFault, ConfigFaults};
pub use network::{Network, NetworkError};
pub use routing::{PhoneAccount, Routing, Transport, Trunk};
pub use sections::{
    Conversation, Database, DetectorChoice, ModelChoice, Notice, Provider, Recordings, Rtp, SecondChoice, Sip, Texting,
};
pub use web::{PublicUrl, PublicUrlError, Tls, Web};

/// The name of the configuration file that is looked for in the working folder.
pub const FILE_NAME: &str = "backstop.toml";
