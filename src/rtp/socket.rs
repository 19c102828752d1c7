//! One call's UDP socket.

use super::pool::Lease;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll, ready};
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;

/// A UDP socket for one stream. Dropped, its port goes back to the pool to rest.
#[derive(Debug)]
pub struct RtpSocket {
    // Dropped before the lease, so that the port is closed when the pool gets it back.
    socket: UdpSocket,
    local: SocketAddr,
    _lease: Option<Lease>,
}

impl RtpSocket {
    /// A socket on any free port, outside of any pool. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the address can't be used.
    pub fn ephemeral(ip: IpAddr) -> io::Result<Self> {
        Self::bind(SocketAddr::new(ip, 0))
    }

    pub(super) fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = std::net::UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        let local = socket.local_addr()?;
        Ok(Self { socket: UdpSocket::from_std(socket)?, local, _lease: None })
    }

    pub(super) fn leased(self, lease: Lease) -> Self {
        Self { _lease: Some(lease), ..self }
    }

    /// The address and port it is bound to.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Waits for a datagram; what does not fit into `buffer` is cut off. Safe to cancel.
    ///
    /// # Errors
    /// When the system says so; a peer that is not there (connection refused) is not an error here.
    pub async fn recv(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        loop {
            match self.socket.recv_from(buffer).await {
                Err(error) if is_peers(&error) => {}
                result => return result,
            }
        }
    }

    /// Looks for a datagram; `Pending` when there is none, and the task is woken once there is. One task at a time may wait so.
    ///
    /// # Errors
    /// As [`RtpSocket::recv`].
    pub fn poll_recv(&self, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<(usize, SocketAddr)>> {
        loop {
            let mut buffer = ReadBuf::new(buffer);
            match ready!(self.socket.poll_recv_from(context, &mut buffer)) {
                Err(error) if is_peers(&error) => {}
                result => return Poll::Ready(result.map(|source| (buffer.filled().len(), source))),
            }
        }
    }

    /// A datagram that is already there.
    ///
    /// # Errors
    /// `WouldBlock` when there is none.
    pub fn try_recv(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        loop {
            match self.socket.try_recv_from(buffer) {
                Err(error) if is_peers(&error) => {}
                result => return result,
            }
        }
    }

    /// Sends a datagram.
    ///
    /// # Errors
    /// When the system says so.
    pub async fn send_to(&self, datagram: &[u8], to: SocketAddr) -> io::Result<()> {
        self.socket.send_to(datagram, to).await.map(drop)
    }

    /// Sends a datagram if the system takes it at once: sound that waits is sound too late.
    ///
    /// # Errors
    /// `WouldBlock` when the system's queue is full.
    pub fn try_send_to(&self, datagram: &[u8], to: SocketAddr) -> io::Result<()> {
        self.socket.try_send_to(datagram, to).map(drop)
    }
}

/// The peer's host answered an earlier datagram of ours with "nobody here": nothing that concerns receiving.
fn is_peers(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset)
}
