//! A socket's two ends within the process, for media that reach us otherwise than by a UDP port of their own.

use super::RtpSocket;
use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use tokio::sync::mpsc;

/// Datagrams that wait for the call: 320 ms of sound. When it is late, it loses the oldest.
const BACKLOG: usize = 16;

/// What stands for an address of the other side: nothing that is sent within the process goes there.
pub(super) const NOWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9);

/// The far end of a [`RtpSocket`] made by [`pipe`]: gives datagrams to the call. The call's own go into the channel that was given to [`pipe`].
#[derive(Clone, Debug)]
pub struct Pipe(Arc<Mutex<Inbox>>);

#[derive(Debug, Default)]
struct Inbox {
    waiting: VecDeque<Vec<u8>>,
    waker: Option<Waker>,
    dropped: u64,
}

/// The call's end.
#[derive(Debug)]
pub(super) struct Near {
    inbox: Pipe,
    line: u64,
    outbox: mpsc::Sender<(u64, Vec<u8>)>,
}

/// A socket whose datagrams go to `outbox`, marked with `line`, and come from the [`Pipe`]. What does not fit into the outbox is lost, as a full socket
/// buffer would lose it.
#[must_use]
pub fn pipe(line: u64, outbox: mpsc::Sender<(u64, Vec<u8>)>) -> (RtpSocket, Pipe) {
    let inbox = Pipe(Arc::default());
    (RtpSocket::within(Near { inbox: inbox.clone(), line, outbox }), inbox)
}

impl Pipe {
    /// Gives the call a datagram, and drops the oldest that waits when there are too many.
    pub fn give(&self, datagram: Vec<u8>) {
        let mut inbox = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inbox.waiting.len() >= BACKLOG {
            inbox.waiting.pop_front();
            inbox.dropped += 1;
        }
        inbox.waiting.push_back(datagram);
        if let Some(waker) = inbox.waker.take() {
            waker.wake();
        }
    }

    /// How many datagrams were dropped because the call was late.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).dropped
    }

    fn take(&self, waker: Option<&Waker>) -> Option<Vec<u8>> {
        let mut inbox = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = inbox.waiting.pop_front();
        if let (None, Some(waker)) = (&next, waker) {
            inbox.waker = Some(waker.clone());
        }
        next
    }
}

impl Near {
    pub(super) fn poll_recv(&self, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<(usize, SocketAddr)> {
        match self.inbox.take(Some(context.waker())) {
            Some(datagram) => Poll::Ready(copy(&datagram, buffer)),
            None => Poll::Pending,
        }
    }

    pub(super) fn try_recv(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let datagram = self.inbox.take(None).ok_or(io::ErrorKind::WouldBlock)?;
        Ok(copy(&datagram, buffer))
    }

    pub(super) fn try_send(&self, datagram: &[u8]) -> io::Result<()> {
        self.outbox.try_send((self.line, datagram.to_vec())).map_err(|_| io::ErrorKind::WouldBlock.into())
    }
}

fn copy(datagram: &[u8], buffer: &mut [u8]) -> (usize, SocketAddr) {
    let length = datagram.len().min(buffer.len());
    buffer[..length].copy_from_slice(&datagram[..length]);
    (length, NOWHERE)
}

#[cfg(test)]
mod tests {
    use super::{BACKLOG, pipe};
    use tokio::sync::mpsc;

    #[tokio::test]
    async fn datagrams_go_both_ways_and_the_oldest_are_dropped() {
        let (outbox, mut sent) = mpsc::channel(1);
        let (socket, far) = pipe(7, outbox);
        let mut buffer = [0; 4];
        assert!(socket.try_recv(&mut buffer).is_err());
        socket.try_send_to(&[1, 2], socket.local_addr()).expect("room");
        assert!(socket.try_send_to(&[3], socket.local_addr()).is_err(), "no room is left");
        assert_eq!(sent.recv().await, Some((7, vec![1, 2])));
        for number in 0..=BACKLOG {
            far.give(vec![number as u8]);
        }
        let (length, _) = socket.recv(&mut buffer).await.expect("a datagram");
        assert_eq!((length, buffer[0]), (1, 1));
        assert_eq!(far.dropped(), 1);
    }

    #[tokio::test]
    async fn who_waits_is_woken() {
        let (socket, far) = pipe(1, mpsc::channel(1).0);
        let waiting = tokio::spawn(async move {
            let mut buffer = [0; 9];
            socket.recv(&mut buffer).await.map(|(length, _)| length)
        });
        tokio::task::yield_now().await;
        far.give(vec![0; 12]);
        assert_eq!(waiting.await.expect("no panic").expect("a datagram"), 9, "what does not fit is cut off");
    }
}
