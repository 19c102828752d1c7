//! What a browser does for a call's sound: ICE, DTLS and SRTP. In the place of microphone and loudspeaker stands a plain socket, so that the phones
//! of [`Media`](crate::media::Media) talk and hear through it.

use super::page::Answering;
use super::{HELLOS, News, What, hello};
use crate::media;
use anyhow::Context as _;
use backstop::media::Packet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use tokio::net::UdpSocket;
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

const FRAME: Duration = Duration::from_millis(20);
const DATAGRAM_BYTES: usize = 2_048;

/// A browser's peer connection.
pub(super) struct Peer {
    rtc: Rtc,
    pending: Option<SdpPendingOffer>,
    mid: Mid,
    /// Where the service's packets come.
    wire: UdpSocket,
    ours: SocketAddr,
    sound: Sound,
}

/// The side of microphone and loudspeaker.
struct Sound {
    index: u32,
    plain: UdpSocket,
    phone: SocketAddr,
    greeted: CancellationToken,
    news: Sender<News>,
    /// Of the last packet that went to the service, extended.
    sequence: Option<u64>,
    hellos: u64,
    is_connected: bool,
    has_heard: bool,
    /// The phone talks: from now on it hears, too.
    is_open: bool,
}

impl Peer {
    /// Has the cryptography make its first key, which takes longer than all others.
    pub(super) fn warm_up() -> anyhow::Result<()> {
        offer((Ipv4Addr::LOCALHOST, 9).into()).map(drop)
    }

    /// Offers sound both ways. Gives the session description, too.
    pub(super) async fn offer(index: u32, answering: &Answering, news: Sender<News>) -> anyhow::Result<(Self, String)> {
        let (wire, plain) = (open().await?, open().await?);
        let ours = wire.local_addr()?;
        let (rtc, offer, pending, mid) = self::offer(ours)?;
        let sound = Sound {
            index,
            plain,
            phone: answering.phone,
            greeted: answering.greeted.clone(),
            news,
            sequence: None,
            hellos: 0,
            is_connected: false,
            has_heard: false,
            is_open: false,
        };
        Ok((Self { rtc, pending: Some(pending), mid, wire, ours, sound }, offer))
    }

    /// Where its phone sends to, and hears from.
    pub(super) fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.sound.plain.local_addr()?)
    }

    /// Connects by the service's answer, and passes sound on until `ended`.
    pub(super) async fn run(mut self, answer: oneshot::Receiver<String>, ended: CancellationToken) {
        // Without an answer there is no call.
        let Ok(answer) = answer.await else { return };
        let worked = match self.accept(&answer) {
            Ok(()) => self.pass_on(ended).await,
            Err(error) => Err(error),
        };
        if let Err(error) = worked {
            self.sound.tell(What::Failed(format!("{error:#}")));
        }
    }

    fn accept(&mut self, answer: &str) -> anyhow::Result<()> {
        let pending = self.pending.take().context("it was answered already")?;
        Ok(self.rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(answer)?)?)
    }

    async fn pass_on(&mut self, ended: CancellationToken) -> anyhow::Result<()> {
        let (mut wire, mut plain) = ([0; DATAGRAM_BYTES], [0; DATAGRAM_BYTES]);
        let mut beats = interval(FRAME);
        beats.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let due = self.poll()?;
            tokio::select! {
                Ok((length, source)) = self.wire.recv_from(&mut wire) => self.receive(source, &wire[..length])?,
                Ok(length) = self.sound.plain.recv(&mut plain) => {
                    self.sound.is_open = true;
                    self.send(&plain[..length])?;
                }
                _ = beats.tick(), if self.sound.greets() => {
                    let hello = hello(2 * self.sound.index as usize + 1, self.sound.hellos);
                    self.sound.hellos += 1;
                    self.send(&hello)?;
                }
                () = sleep_until(due.into()) => self.rtc.handle_input(Input::Timeout(Instant::now()))?,
                () = ended.cancelled() => break,
            }
        }
        self.rtc.close()?;
        self.poll().map(drop)
    }

    fn receive(&mut self, source: SocketAddr, datagram: &[u8]) -> anyhow::Result<()> {
        let contents = datagram.try_into()?;
        let receive = Receive { proto: Protocol::Udp, source, destination: self.ours, contents };
        Ok(self.rtc.handle_input(Input::Receive(Instant::now(), receive))?)
    }

    fn send(&mut self, datagram: &[u8]) -> anyhow::Result<()> {
        let (packet, now) = (Packet::read(datagram)?, Instant::now());
        let last = self.sound.sequence.unwrap_or(packet.sequence.into());
        let sequence = last.saturating_add_signed(i64::from(packet.sequence.wrapping_sub(last as u16) as i16));
        self.sound.sequence = Some(sequence);
        let write = RtpWrite::new(packet.payload_type.into(), sequence.into(), packet.timestamp, now, packet.payload);
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(self.mid, None) {
            stream.write_rtp(write);
        }
        Ok(self.rtc.handle_input(Input::Timeout(now))?)
    }

    /// Does all there is to do. Gives when there will be more.
    fn poll(&mut self) -> anyhow::Result<Instant> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(due) => return Ok(due),
                // A full buffer is a packet lost, and counted so.
                Output::Transmit(datagram) => _ = self.wire.try_send_to(&datagram.contents, datagram.destination),
                Output::Event(Event::Connected) => self.sound.is_connected = true,
                Output::Event(Event::RtpPacket(packet)) => self.sound.hear(&packet),
                Output::Event(_) => {}
            }
        }
    }
}

impl Sound {
    fn greets(&self) -> bool {
        self.is_connected && !self.is_open && self.hellos < HELLOS && !self.greeted.is_cancelled()
    }

    fn hear(&mut self, packet: &RtpPacket) {
        let datagram = Packet {
            payload_type: *packet.header.payload_type,
            marker: packet.header.marker,
            sequence: packet.header.sequence_number,
            timestamp: packet.header.timestamp,
            ssrc: *packet.header.ssrc,
            payload: &packet.payload[..],
        }
        .to_bytes();
        if self.is_open {
            // A full buffer is a packet lost, and counted so.
            let _sent = self.plain.try_send_to(&datagram, self.phone);
        }
        let is_callers = || media::read(&datagram).is_some_and(|(_, whose, _)| whose == 2 * self.index as usize);
        if !self.has_heard && is_callers() {
            self.has_heard = true;
            self.tell(What::PageHears);
        }
    }

    fn tell(&self, what: What) {
        // Nobody listens when the run has ended.
        let _heard = self.news.send(News { page: self.index, at: Instant::now(), what });
    }
}

/// What a browser offers that sends from this address.
fn offer(ours: SocketAddr) -> anyhow::Result<(Rtc, String, SdpPendingOffer, Mid)> {
    let mut rtc = RtcConfig::new().clear_codecs().enable_pcmu(true, false).set_rtp_mode(true).build(Instant::now());
    rtc.add_local_candidate(Candidate::host(ours, Protocol::Udp)?);
    let mut changes = rtc.sdp_api();
    let mid = changes.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
    let (offer, pending) = changes.apply().context("nothing to offer")?;
    Ok((rtc, offer.to_sdp_string(), pending, mid))
}

async fn open() -> anyhow::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no port")?;
    socket.writable().await?;
    Ok(socket)
}
