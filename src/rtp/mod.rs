//! The sockets of RTP: a pool of even ports, each with a rest before reuse.

mod pool;
mod socket;

pub use pool::{PortError, PortPool};
pub use socket::RtpSocket;

#[cfg(test)]
mod tests;
