//! How many connections there may be, in all and from one address. A seat is free again when its connection is dropped, WebSocket or not.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const MOST: usize = 512;
const MOST_OF_ONE: usize = 64;

/// All seats. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Seats(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place for one connection.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Seats,
    address: Option<IpAddr>,
}

impl Seats {
    /// A seat, if one is free. Those without an address are only counted in all.
    pub(super) fn take(&self, address: Option<IpAddr>) -> Option<Seat> {
        let mut taken = self.lock();
        let of_one = address.and_then(|address| taken.by_address.get(&address)).copied().unwrap_or(0);
        if taken.all >= MOST || of_one >= MOST_OF_ONE {
            return None;
        }
        taken.all += 1;
        if let Some(address) = address {
            taken.by_address.insert(address, of_one + 1);
        }
        Some(Seat { seats: self.clone(), address })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        taken.all -= 1;
        let Some(address) = self.address else { return };
        if let Some(count) = taken.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&address);
            }
        }
    }
}

/// A stream that has a seat.
#[derive(Debug)]
pub(super) struct Seated<S> {
    stream: S,
    _seat: Seat,
}

impl<S> Seated<S> {
    pub(super) fn new(stream: S, seat: Seat) -> Self {
        Self { stream, _seat: seat }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Seated<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Seated<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, MOST_OF_ONE, Seats};
    use std::net::{IpAddr, Ipv4Addr};

    #[test]
    fn nobody_takes_all_seats() {
        let (seats, here) = (Seats::default(), IpAddr::V4(Ipv4Addr::LOCALHOST));
        let mut taken: Vec<_> = (0..MOST_OF_ONE).filter_map(|_| seats.take(Some(here))).collect();
        assert_eq!(taken.len(), MOST_OF_ONE);
        assert!(seats.take(Some(here)).is_none());
        let others: Vec<_> = (0..MOST).map_while(|_| seats.take(None)).collect();
        assert_eq!(taken.len() + others.len(), MOST);
        taken.pop();
        taken.extend(seats.take(Some(here)));
        assert_eq!(taken.len(), MOST_OF_ONE);
        drop((taken, others));
        let left = seats.lock();
        assert_eq!((left.all, left.by_address.len()), (0, 0));
    }
}
