//! One leg's way for RTP: a UDP socket, or a pipe within the process.

use super::pipe::{NOWHERE, Near};
use super::pool::Lease;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll, ready};
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;

/// A socket for one stream. Dropped, its port, if it has one, goes back to the pool to rest.
#[derive(Debug)]
pub struct RtpSocket {
    // Dropped before the lease, so that the port is closed when the pool gets it back.
    way: Way,
    local: SocketAddr,
    _lease: Option<Lease>,
}

#[derive(Debug)]
enum Way {
    Udp(UdpSocket),
    Within(Near),
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
        Ok(Self { way: Way::Udp(UdpSocket::from_std(socket)?), local, _lease: None })
    }

    pub(super) fn within(near: Near) -> Self {
        Self { way: Way::Within(near), local: NOWHERE, _lease: None }
    }

    pub(super) fn leased(self, lease: Lease) -> Self {
        Self { _lease: Some(lease), ..self }
    }

    /// The address and port it is bound to.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Waits for a datagram; what does not fit into `buffer` is cut off. Safe to cancel. One task at a time may wait.
    ///
    /// # Errors
    /// When the system says so; a peer that is not there (connection refused) is not an error here.
    pub async fn recv(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        poll_fn(|context| self.poll_recv(context, buffer)).await
    }

    /// Looks for a datagram; `Pending` when there is none, and the task is woken once there is. One task at a time may wait so.
    ///
    /// # Errors
    /// As [`RtpSocket::recv`].
    pub fn poll_recv(&self, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<(usize, SocketAddr)>> {
        let socket = match &self.way {
            Way::Udp(socket) => socket,
            Way::Within(near) => return near.poll_recv(context, buffer).map(Ok),
        };
        loop {
            let mut buffer = ReadBuf::new(buffer);
            match ready!(socket.poll_recv_from(context, &mut buffer)) {
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
        let socket = match &self.way {
            Way::Udp(socket) => socket,
            Way::Within(near) => return near.try_recv(buffer),
        };
        loop {
            match socket.try_recv_from(buffer) {
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
        match &self.way {
            Way::Udp(socket) => socket.send_to(datagram, to).await.map(drop),
            Way::Within(near) => near.try_send(datagram),
        }
    }

    /// Sends a datagram if the system takes it at once: sound that waits is sound too late.
    ///
    /// # Errors
    /// `WouldBlock` when the system's queue is full.
    pub fn try_send_to(&self, datagram: &[u8], to: SocketAddr) -> io::Result<()> {
        match &self.way {
            Way::Udp(socket) => socket.try_send_to(datagram, to).map(drop),
            Way::Within(near) => near.try_send(datagram),
        }
    }
}

/// The peer's host answered an earlier datagram of ours with "nobody here": nothing that concerns receiving.
fn is_peers(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset)
}
