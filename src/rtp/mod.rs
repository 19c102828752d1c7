//! The sockets of RTP: a pool of even ports, each with a rest before reuse.

mod pipe;
mod pool;
mod socket;

pub use pipe::{Pipe, pipe};
pub use pool::{PortError, PortPool};
pub use socket::RtpSocket;

#[cfg(test)]
mod tests;
