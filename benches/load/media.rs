//! The sound of many calls at once, both ways, from real sockets: one thread sends every stream on its own grid of 20 ms and notes when
//! each packet comes out at the other end. Every packet says whose it is and which, so that nothing else counts as heard.
//!
//! A socket is shared by 128 phones; what they hear is told apart by the port it comes from. A packet has come when the system has put it into the
//! phone's socket, by the system's stamp. Due packets of a socket go out together, so that the cores are left to what is measured.

use crate::batches::{Inbox, Outbox, open};
use crate::process::{Process, cpu_of};
use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant, SystemTime};

const PHONES_A_SOCKET: u32 = 128;
const FRAME_US: u64 = 20_000;
/// Packets of each stream before what is measured, and how long stragglers are waited for.
const WARM_UP: u64 = 50;
const STRAGGLERS: Duration = Duration::from_millis(500);
const LOOK_EVERY: Duration = Duration::from_micros(400);

/// Whose sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Caller,
    Callee,
}

/// The phones' RTP sockets.
pub(crate) struct Media {
    callers: Vec<UdpSocket>,
    callees: Vec<UdpSocket>,
}

/// A phone of a call that is up: where it sends to, and where it is sent from.
#[derive(Clone, Copy)]
pub(crate) struct Connected {
    pub(crate) index: u32,
    /// Where the caller and the callee send to; what they hear comes from there, too.
    pub(crate) to: [SocketAddr; 2],
}

/// What came of a run.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) sent: u64,
    pub(crate) lost: u64,
    /// Each packet's lateness against its stream's grid, which the quickest packet sets: in microseconds.
    pub(crate) late_us: Vec<u32>,
    /// From the sending to the receiving socket.
    pub(crate) transit_us: Vec<u32>,
    /// How late this thread itself sent.
    pub(crate) sender_us: Vec<u32>,
    /// CPU time of the relay while it was measured, and for how long that was.
    pub(crate) cpu: Duration,
    /// CPU time of this process meanwhile.
    pub(crate) own_cpu: Duration,
    pub(crate) lasted: Duration,
    /// Its memory at the end.
    pub(crate) resident_mib: f64,
}

struct Stream<'a> {
    /// Its place among all sockets.
    place: usize,
    socket: &'a UdpSocket,
    to: SocketAddr,
    phase_us: u64,
    /// When each packet went, in microseconds after the start.
    sent: Vec<u64>,
    /// What this phone heard: number in the stream, packet of its partner, when.
    arrivals: Vec<(u16, u64, u64)>,
}

impl Media {
    /// Sockets for so many calls.
    pub(crate) fn open(calls: u32) -> anyhow::Result<Self> {
        let row = || (0..calls.div_ceil(PHONES_A_SOCKET).max(1)).map(|_| open()).collect::<anyhow::Result<Vec<_>>>();
        Ok(Self { callers: row()?, callees: row()? })
    }

    /// Where a phone wants its sound.
    pub(crate) fn address(&self, side: Side, index: u32) -> SocketAddr {
        self.socket(side, index).1.local_addr().unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)))
    }

    /// Sends a packet of one phone's.
    pub(crate) fn send(&self, side: Side, index: u32, to: SocketAddr, packet: &[u8]) {
        // A full buffer is a packet lost, and counted so.
        let _sent = self.socket(side, index).1.send_to(packet, to);
    }

    /// Takes what has come to the phones of one side: from where, and what.
    pub(crate) fn hear(&self, side: Side, mut take: impl FnMut(SocketAddr, &[u8])) {
        let mut buffer = [0; 2_048];
        for socket in self.row(side) {
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                take(from, &buffer[..length]);
            }
        }
    }

    fn row(&self, side: Side) -> &[UdpSocket] {
        if side == Side::Caller { &self.callers } else { &self.callees }
    }

    // With its place among all.
    fn socket(&self, side: Side, index: u32) -> (usize, &UdpSocket) {
        let row = self.row(side);
        let place = (index / PHONES_A_SOCKET) as usize % row.len();
        (if side == Side::Caller { place } else { row.len() + place }, &row[place])
    }

    /// Lets all of them talk for so many packets each.
    pub(crate) fn talk(&self, calls: &[Connected], packets: u64, relay: &Process) -> Heard {
        let mut streams = self.streams(calls);
        let by_source: HashMap<(Side, SocketAddr), usize> = (0..streams.len())
            .map(|n| ((if n % 2 == 0 { Side::Caller } else { Side::Callee }, streams[n].to), n))
            .collect();
        let mut order: Vec<usize> = (0..streams.len()).collect();
        order.sort_by_key(|n| streams[*n].phase_us);
        let start = Instant::now() + Duration::from_millis(20);
        let wall_start = SystemTime::now() + Duration::from_millis(20);
        let us = |at: Instant| at.saturating_duration_since(start).as_micros() as u64;
        let (mut inbox, mut outbox) = (Inbox::new(), Outbox::default());
        let (mut cycle, mut next) = (0, 0);
        let (mut measured, mut heard) = ((relay.cpu(), own_cpu(), Instant::now()), Heard::default());
        let mut ends = None;
        while ends.is_none_or(|ends| Instant::now() < ends) {
            let mut last: Option<(usize, &UdpSocket)> = None;
            while cycle < packets {
                let stream = &mut streams[order[next]];
                let (due, now) = (cycle * FRAME_US + stream.phase_us, us(Instant::now()));
                if due > now {
                    break;
                }
                if let Some((_, socket)) = last.filter(|(place, _)| *place != stream.place) {
                    outbox.send(socket);
                }
                last = Some((stream.place, stream.socket));
                stream.sent.push(now);
                outbox.push(stream.to, packet(order[next], cycle));
                if cycle >= WARM_UP {
                    heard.sender_us.push((now - due) as u32);
                }
                next += 1;
                if next == order.len() {
                    (cycle, next) = (cycle + 1, 0);
                    if cycle == WARM_UP {
                        measured = (relay.cpu(), own_cpu(), Instant::now());
                    }
                }
            }
            if let Some((_, socket)) = last {
                outbox.send(socket);
            }
            if cycle == packets && ends.is_none() {
                ends = Some(Instant::now() + STRAGGLERS);
                heard.cpu = relay.cpu().saturating_sub(measured.0);
                heard.own_cpu = own_cpu().saturating_sub(measured.1);
                heard.lasted = measured.2.elapsed();
                heard.resident_mib = relay.resident_mib();
            }
            self.listen(&mut inbox, &by_source, &mut streams, wall_start);
            std::thread::sleep(LOOK_EVERY);
        }
        count(&streams, packets, heard)
    }

    fn streams(&self, calls: &[Connected]) -> Vec<Stream<'_>> {
        let all = calls.len() as u64 * 2;
        let sides = calls.iter().flat_map(|call| [(call, Side::Caller, call.to[0]), (call, Side::Callee, call.to[1])]);
        let mut streams: Vec<Stream<'_>> = sides
            .map(|(call, side, to)| {
                let (place, socket) = self.socket(side, call.index);
                Stream { place, socket, to, phase_us: 0, sent: Vec::new(), arrivals: Vec::new() }
            })
            .collect();
        // Evenly over the grid, those of a socket after each other, the two of a call far apart.
        let mut order: Vec<usize> = (0..streams.len()).collect();
        order.sort_by_key(|n| (streams[*n].place, *n as u64 * 7_919 % all));
        for (rank, n) in order.into_iter().enumerate() {
            streams[n].phase_us = rank as u64 * FRAME_US / all;
        }
        streams
    }

    fn listen(
        &self,
        inbox: &mut Inbox,
        by_source: &HashMap<(Side, SocketAddr), usize>,
        streams: &mut [Stream<'_>],
        start: SystemTime,
    ) {
        for side in [Side::Caller, Side::Callee] {
            for socket in self.row(side) {
                inbox.receive(socket, |from, packet, at| {
                    if let Some(&n) = by_source.get(&(side, from))
                        && let Some((sequence, whose, number)) = read(packet)
                        && whose == n ^ 1
                    {
                        let after = at.duration_since(start).unwrap_or_default();
                        streams[n].arrivals.push((sequence, number, after.as_micros() as u64));
                    }
                });
            }
        }
    }
}

/// Six bits a byte, all of which mu-law keeps as they are through decoding and encoding.
pub(crate) fn packet(whose: usize, number: u64) -> [u8; 172] {
    let mut packet = [0xD5; 172];
    packet[..2].copy_from_slice(&[0x80, 0]);
    packet[2..4].copy_from_slice(&(number as u16).to_be_bytes());
    packet[4..8].copy_from_slice(&(number as u32).wrapping_mul(160).to_be_bytes());
    packet[8..12].copy_from_slice(&(0x4C4F_0000 + whose as u32).to_be_bytes());
    let six = |value: u64, n: u32| 0xC0 | (value >> (6 * n) & 0x3F) as u8;
    for n in 0..3 {
        packet[12 + n as usize] = six(whose as u64, n);
        packet[15 + n as usize] = six(number, n);
    }
    packet
}

/// Number in the stream, whose it is, and which of theirs.
pub(crate) fn read(packet: &[u8]) -> Option<(u16, usize, u64)> {
    let (header, payload) = packet.split_at_checked(12)?;
    let six = |at: usize| {
        payload.get(at..at + 3).map(|it| it.iter().rev().fold(0, |sum, byte| sum << 6 | u64::from(byte & 0x3F)))
    };
    let payload_type = header[1] & 0x7F;
    (payload_type == 0).then_some((u16::from_be_bytes([header[2], header[3]]), six(0)? as usize, six(3)?))
}

fn own_cpu() -> Duration {
    cpu_of("self")
}

fn count(streams: &[Stream<'_>], packets: u64, mut heard: Heard) -> Heard {
    for (n, stream) in streams.iter().enumerate() {
        let partner = &streams[n ^ 1];
        let mut has_come = vec![false; packets as usize];
        let measured: Vec<_> =
            stream.arrivals.iter().filter(|(_, number, _)| (WARM_UP..packets).contains(number)).collect();
        let Some((first, ..)) = measured.first() else {
            heard.lost += packets - WARM_UP;
            continue;
        };
        let grid = |sequence: u16| i64::from(sequence.wrapping_sub(*first) as i16) * FRAME_US as i64;
        let base = measured.iter().map(|(sequence, _, at)| *at as i64 - grid(*sequence)).min().unwrap_or(0);
        for (sequence, number, at) in measured {
            has_come[*number as usize] = true;
            heard.late_us.push((*at as i64 - grid(*sequence) - base) as u32);
            heard.transit_us.push(at.saturating_sub(partner.sent[*number as usize]) as u32);
        }
        heard.lost += has_come[WARM_UP as usize..].iter().filter(|has_come| !**has_come).count() as u64;
    }
    heard.sent = streams.len() as u64 * (packets - WARM_UP);
    heard
}
