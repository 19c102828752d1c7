//! Many packets of one socket in one system call, and when each came: by the system's own stamp, so that it is no matter when they are looked at.

use anyhow::Context as _;
use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::sockopt::{RcvBuf, ReceiveTimestampns};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, MultiHeaders, RecvMsg, SockaddrIn, recvmmsg, sendmmsg, setsockopt,
};
use nix::sys::time::TimeSpec;
use std::io::{IoSlice, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::time::{Duration, SystemTime};

/// Packets in one call.
const BATCH: usize = 64;
const PACKET_BYTES: usize = 512;
/// What may wait in a socket; the system gives what it allows.
const WAITING_BYTES: usize = 4 << 20;

/// A socket whose packets are stamped as they come in.
pub(crate) fn open() -> anyhow::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context("no port")?;
    socket.set_nonblocking(true)?;
    setsockopt(&socket, RcvBuf, &WAITING_BYTES).context("the socket takes no buffer")?;
    setsockopt(&socket, ReceiveTimestampns, &true).context("the socket stamps no packets")?;
    Ok(socket)
}

/// Room for a batch of packets that come in.
pub(crate) struct Inbox {
    headers: MultiHeaders<SockaddrIn>,
    packets: Vec<[u8; PACKET_BYTES]>,
}

impl Inbox {
    pub(crate) fn new() -> Self {
        let headers = MultiHeaders::preallocate(BATCH, Some(cmsg_space!(TimeSpec)));
        Self { headers, packets: vec![[0; PACKET_BYTES]; BATCH] }
    }

    /// Takes all that has come to a socket: from where, what, and when by the wall clock.
    pub(crate) fn receive(&mut self, socket: &UdpSocket, mut take: impl FnMut(SocketAddr, &[u8], SystemTime)) {
        loop {
            let notes = self.next_batch(socket);
            for ((from, length, at), packet) in notes.iter().zip(&self.packets) {
                take(*from, &packet[..*length], *at);
            }
            if notes.len() < BATCH {
                return;
            }
        }
    }

    // Of each packet of the next batch: from where, how long, and when it came.
    fn next_batch(&mut self, socket: &UdpSocket) -> Vec<(SocketAddr, usize, SystemTime)> {
        let mut slices: Vec<_> = self.packets.iter_mut().map(|packet| [IoSliceMut::new(packet)]).collect();
        let flags = MsgFlags::MSG_DONTWAIT;
        let messages = recvmmsg(socket.as_raw_fd(), &mut self.headers, slices.iter_mut(), flags, None);
        let note = |message: RecvMsg<'_, '_, SockaddrIn>| {
            let stamp = message.cmsgs().ok().into_iter().flatten().find_map(|part| match part {
                ControlMessageOwned::ScmTimestampns(at) => Some(SystemTime::UNIX_EPOCH + Duration::from(at)),
                _ => None,
            });
            let from = message
                .address
                .map_or(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0), |from| SocketAddrV4::new(from.ip(), from.port()));
            (from.into(), message.bytes, stamp.unwrap_or(SystemTime::UNIX_EPOCH))
        };
        messages.map(|messages| messages.map(note).collect()).unwrap_or_default()
    }
}

/// Packets that go out of one socket together.
#[derive(Default)]
pub(crate) struct Outbox {
    packets: Vec<[u8; 172]>,
    to: Vec<Option<SockaddrIn>>,
}

impl Outbox {
    /// One more packet.
    pub(crate) fn push(&mut self, to: SocketAddr, packet: [u8; 172]) {
        let SocketAddr::V4(to) = to else { return };
        self.packets.push(packet);
        self.to.push(Some(SockaddrIn::from(to)));
    }

    /// Sends what was pushed. What the system does not take is lost, and is counted so by whoever waits for it.
    pub(crate) fn send(&mut self, socket: &UdpSocket) {
        for (packets, to) in self.packets.chunks(BATCH).zip(self.to.chunks(BATCH)) {
            let slices: Vec<[IoSlice<'_>; 1]> = packets.iter().map(|packet| [IoSlice::new(packet)]).collect();
            let mut headers = MultiHeaders::preallocate(packets.len(), None);
            let nothing: [ControlMessage<'_>; 0] = [];
            let sent = sendmmsg(socket.as_raw_fd(), &mut headers, &slices, to, nothing, MsgFlags::empty());
            let _sent: Result<usize, Errno> = sent.map(Iterator::count);
        }
        self.packets.clear();
        self.to.clear();
    }
}
