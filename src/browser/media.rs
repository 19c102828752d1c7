//! The one UDP port for all browsers: whose datagram is whose, and what goes where.
//!
//! One task owns the socket and every browser's [`Peer`]. Packets pass between it and the calls by [`rtp::pipe`](crate::rtp::pipe).

use super::peer::{OfferError, Outcome, Peer};
use crate::clock;
use crate::rtp::{Pipe, RtpSocket, pipe};
use socket2::SockRef;
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};

/// Commands that may wait; who gives one waits for room.
const INBOX: usize = 64;
/// Packets of all calls that may wait: a second of a hundred calls. More are lost.
const OUTBOX: usize = 5_000;
/// Bytes that may wait in the socket, with what the system adds to each datagram: a second of a hundred calls. What it has by itself is
/// full after a moment in which the task doesn't come to its turn, since all browsers send to this port.
const SOCKET_BYTES: usize = 2 << 20;
/// Taken in one turn.
const BURST: usize = 64;
/// Longest datagram that is looked at.
const DATAGRAM_BYTES: usize = 2_048;
/// STUN, DTLS and RTCP keep their times to this.
const BEAT: Duration = Duration::from_millis(10);
/// Addresses from which one browser is known; more are learnt again and again.
const ADDRESSES: usize = 8;

/// Names the media of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct MediaId(u64);

/// The way to the port's task.
#[derive(Clone, Debug)]
pub(super) struct MediaPort {
    commands: mpsc::Sender<Command>,
    outbox: mpsc::Sender<(u64, Vec<u8>)>,
    next: Arc<AtomicU64>,
    open: Arc<AtomicUsize>,
    address: SocketAddr,
}

#[derive(Debug)]
enum Command {
    Open { id: MediaId, offer: String, pipe: Pipe, reply: oneshot::Sender<Result<Opened, OfferError>> },
    Close(MediaId),
}

/// Media that were agreed on.
#[derive(Debug)]
pub(super) struct Opened {
    /// Our SDP answer.
    pub(super) answer: String,
    /// Told once sound can go both ways; dropped when others take the place of these media, or they are closed.
    pub(super) connected: oneshot::Receiver<()>,
}

impl MediaPort {
    /// Takes datagrams at `socket`; browsers are told `candidates`, our addresses as they reach us, with the port.
    pub(super) fn open(socket: UdpSocket, candidates: Vec<SocketAddr>) -> Self {
        if let Err(error) = SockRef::from(&socket).set_recv_buffer_size(SOCKET_BYTES) {
            tracing::warn!(%error, "the port for browsers keeps its small buffer");
        }
        let (commands, inbox) = mpsc::channel(INBOX);
        let (outbox, packets) = mpsc::channel(OUTBOX);
        let (open, address) = (Arc::<AtomicUsize>::default(), candidates[0]);
        let task = Task { socket, candidates, peers: HashMap::new(), sources: HashMap::new(), open: Arc::clone(&open) };
        tokio::spawn(task.run(inbox, packets));
        Self { commands, outbox, next: Arc::default(), open, address }
    }

    /// Where browsers send to.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Media connections that are open.
    pub(super) fn in_use(&self) -> usize {
        self.open.load(Ordering::Acquire)
    }

    /// A new call's way for sound, not connected with any browser yet.
    pub(super) fn line(&self) -> (MediaId, RtpSocket, Pipe) {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (socket, pipe) = pipe(id, self.outbox.clone());
        (MediaId(id), socket, pipe)
    }

    /// Answers a browser's offer: from now on the call's sound is this browser's.
    ///
    /// # Errors
    /// When nothing can come of the offer; what was connected before stays so.
    pub(super) async fn connect(&self, id: MediaId, offer: String, pipe: Pipe) -> Result<Opened, OfferError> {
        let (reply, replied) = oneshot::channel();
        let command = Command::Open { id, offer, pipe, reply };
        self.commands.send(command).await.map_err(|_| OfferError::Closed)?;
        replied.await.map_err(|_| OfferError::Closed)?
    }

    /// The call is over.
    pub(super) async fn close(&self, id: MediaId) {
        let _goes_down = self.commands.send(Command::Close(id)).await;
    }
}

struct Task {
    socket: UdpSocket,
    candidates: Vec<SocketAddr>,
    peers: HashMap<MediaId, Open>,
    /// Whose datagrams come from where.
    sources: HashMap<SocketAddr, MediaId>,
    open: Arc<AtomicUsize>,
}

struct Open {
    peer: Peer,
    pipe: Pipe,
    connected: Option<oneshot::Sender<()>>,
}

impl Task {
    async fn run(mut self, mut inbox: mpsc::Receiver<Command>, mut packets: mpsc::Receiver<(u64, Vec<u8>)>) {
        let (mut burst, mut beats) = (Vec::new(), tokio::time::interval(BEAT));
        beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                command = inbox.recv() => match command {
                    Some(Command::Open { id, offer, pipe, reply }) => _ = reply.send(self.connect(id, &offer, pipe)),
                    Some(Command::Close(id)) => self.close(id),
                    None => return,
                },
                _some = packets.recv_many(&mut burst, BURST) => {
                    for (line, packet) in burst.drain(..) {
                        self.with(MediaId(line), |peer, now, give| peer.send(now, &packet, give));
                    }
                }
                Ok(()) = self.socket.readable() => self.receive(),
                _ = beats.tick() => self.tick(),
            }
        }
    }

    fn connect(&mut self, id: MediaId, offer: &str, pipe: Pipe) -> Result<Opened, OfferError> {
        let candidates = &self.candidates;
        let answered = catch_unwind(AssertUnwindSafe(|| Peer::answer(clock::now(), offer, candidates)));
        let (peer, answer) =
            answered.unwrap_or_else(|_| Err(OfferError::Malformed("it breaks the reader".to_owned())))?;
        self.close(id);
        let (told, connected) = oneshot::channel();
        self.peers.insert(id, Open { peer, pipe, connected: Some(told) });
        self.count();
        Ok(Opened { answer, connected })
    }

    fn close(&mut self, id: MediaId) {
        self.with(id, |peer, now, give| peer.close(now, give));
        self.peers.remove(&id);
        self.sources.retain(|_, whose| *whose != id);
        self.count();
    }

    fn count(&self) {
        self.open.store(self.peers.len(), Ordering::Release);
    }

    fn receive(&mut self) {
        let mut datagram = [0; DATAGRAM_BYTES];
        for _ in 0..BURST {
            match self.socket.try_recv_from(&mut datagram) {
                Ok((length, source)) => {
                    let datagram = &datagram[..length];
                    if let Some(id) = self.whose(clock::now(), source, datagram) {
                        self.with(id, |peer, now, give| peer.receive(now, source, datagram, give));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // A browser that is gone: its host says so.
                Err(_) => {}
            }
        }
    }

    /// Whose datagram it is. A browser is known by the password in its STUN requests, and from then on by its address.
    fn whose(&mut self, now: Instant, source: SocketAddr, datagram: &[u8]) -> Option<MediaId> {
        let accepts = |open: &Open| {
            // Garbage must not take the port from everybody.
            catch_unwind(AssertUnwindSafe(|| open.peer.accepts(now, source, datagram))).unwrap_or(false)
        };
        if let Some(id) = self.sources.get(&source)
            && self.peers.get(id).is_some_and(accepts)
        {
            return Some(*id);
        }
        let (&id, _) = self.peers.iter().find(|(_, open)| accepts(open))?;
        if self.sources.values().filter(|whose| **whose == id).count() < ADDRESSES {
            self.sources.insert(source, id);
        }
        Some(id)
    }

    fn tick(&mut self) {
        let now = clock::now();
        let ids: Vec<MediaId> = self.peers.keys().copied().collect();
        for id in ids {
            self.with(id, |peer, _, give| peer.tick(now, give));
        }
    }

    /// Lets a peer do something, and does what comes of it. One that breaks is closed.
    fn with(&mut self, id: MediaId, act: impl FnOnce(&mut Peer, Instant, &mut dyn FnMut(Outcome<'_>))) {
        let Some(Open { peer, pipe, connected }) = self.peers.get_mut(&id) else { return };
        let socket = &self.socket;
        let mut give = |outcome: Outcome<'_>| match outcome {
            // A full socket buffer loses it, as the network might.
            Outcome::Send(to, datagram) => _ = socket.try_send_to(datagram, to),
            Outcome::Sound(packet) => pipe.give(packet),
            Outcome::Connected => _ = connected.take().map(|connected| connected.send(())),
        };
        if catch_unwind(AssertUnwindSafe(|| act(peer, clock::now(), &mut give))).is_err() {
            tracing::error!("a browser's media broke");
            self.peers.remove(&id);
            self.count();
        }
    }
}
