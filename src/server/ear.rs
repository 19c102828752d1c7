//! The sound of one leg that is up, outside of any conversation: what it says, what it hears, its keys.

use super::announcer::Announcer;
use super::carrier::{Carrier, agreed_with_page};
use super::trunks::Place;
use crate::browser::PageLeg;
use crate::media::{Codec, Frame, Stream, StreamConfig, StreamSeed};
use crate::rtp::RtpSocket;
use crate::sip::{Agreed, Direction, Reoffer, SessionDescription};
use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Longest RTP datagram that is looked at; telephone audio needs a few hundred bytes.
const DATAGRAM_BYTES: usize = 2_048;
/// Datagrams that are taken in one turn.
const BURST: usize = 16;
/// How long a relayed key sounds.
pub(super) const KEY: Duration = Duration::from_millis(160);

/// One leg's signalling, socket and stream.
pub(super) struct Ear {
    carrier: Carrier,
    socket: RtpSocket,
    agreed: Agreed,
    stream: Stream,
    /// What the leg is told while it is not connected with the caller.
    pub(super) announcer: Announcer,
    /// Its place on a trunk, given back with the leg.
    place: Option<Place>,
}

impl Ear {
    /// The leg of a branch that was answered; `place` is what it takes of a trunk.
    pub(super) fn new(
        now: Instant,
        carrier: Carrier,
        socket: RtpSocket,
        agreed: Agreed,
        inactivity: Duration,
        place: Option<Place>,
    ) -> Self {
        let stream = open_stream(now, &agreed, inactivity);
        Self { carrier, socket, agreed, stream, announcer: Announcer::default(), place }
    }

    /// The leg that a page has answered.
    pub(super) fn of_page(now: Instant, page: PageLeg, socket: RtpSocket, inactivity: Duration) -> Self {
        let agreed = agreed_with_page(&socket);
        Self::new(now, Carrier::Page(page), socket, agreed, inactivity, None)
    }

    /// What the leg says: its next 20 ms.
    pub(super) fn hear(&mut self, now: Instant) -> Frame {
        drain(&self.socket, &mut self.stream, now);
        self.stream.next_frame(now)
    }

    /// Passes on what the leg and the caller say to each other, as far as it is there. Says whether there may be more at once.
    pub(super) fn poll_relay(
        &mut self,
        context: &mut Context<'_>,
        now: Instant,
        (socket, caller): (&RtpSocket, &mut Stream),
    ) -> bool {
        let to_leg = relay(context, now, (socket, caller), (&self.socket, &mut self.stream));
        let to_caller = relay(context, now, (&self.socket, &mut self.stream), (socket, caller));
        to_leg || to_caller
    }

    /// Whether its sound, and the caller's, can be passed on as it is.
    pub(super) fn is_talking(&self) -> bool {
        !self.stream.is_held()
    }

    /// Whether a key sounds for the leg.
    pub(super) fn is_key_down(&self) -> bool {
        self.stream.is_key_down()
    }

    /// Lets the leg hear the key that is down, if one is, while the caller's sound is passed on to it.
    pub(super) fn say_key(&mut self, now: Instant) {
        say_key(now, &self.socket, &mut self.stream);
    }

    /// The next key that the leg pressed.
    pub(super) fn poll_key(&mut self) -> Option<char> {
        self.stream.poll_digit()
    }

    /// Lets the leg hear this.
    pub(super) fn say(&mut self, frame: &Frame) {
        say(&self.socket, &mut self.stream, frame);
    }

    /// Lets the leg hear what it is told, or silence.
    pub(super) fn say_next(&mut self) {
        let frame = self.announcer.next_frame();
        self.say(&frame);
    }

    /// Leaves out so many times 20 ms of what the leg hears.
    pub(super) fn skip(&mut self, missed: u32) {
        (0..missed).for_each(|_| self.stream.skip());
    }

    /// Presses a key at the leg.
    pub(super) fn press(&mut self, key: char) {
        self.stream.start_digit(key, KEY);
    }

    /// Whether it has put us on hold.
    pub(super) fn is_held(&self) -> bool {
        self.stream.is_held()
    }

    /// Whether its sound has stopped for too long.
    pub(super) fn is_lost(&self, now: Instant) -> bool {
        self.stream.is_inactive(now)
    }

    /// The user of a page holds the call, or goes on.
    pub(super) fn hold(&mut self, held: bool) {
        self.agreed.direction = if held { Direction::RecvOnly } else { Direction::SendRecv };
        self.stream.set_hold(!held);
    }

    /// Answers a re-INVITE: hold, resume, another address.
    pub(super) async fn reoffered(&mut self, reoffer: Reoffer) {
        let Some(agreed) = reoffer.agree(&self.agreed) else { return reoffer.refuse(488).await };
        reoffer.accept(&agreed.answer).await;
        adopt(&mut self.stream, &self.agreed, &agreed);
        self.agreed = agreed;
    }

    /// Takes in the answer to an offer of ours, which the other side had asked for by its re-INVITE.
    pub(super) fn answered(&mut self, answer: &SessionDescription) {
        if let Ok(agreed) = self.agreed.answer.agree(answer) {
            adopt(&mut self.stream, &self.agreed, &agreed);
            self.agreed = agreed;
        }
    }

    pub(super) fn carrier(&self) -> &Carrier {
        &self.carrier
    }

    pub(super) fn into_carrier(self) -> Carrier {
        self.carrier
    }

    /// What both sides speak.
    pub(super) fn codec(&self) -> Codec {
        self.agreed.codec
    }

    /// What it was made of, for who takes it over.
    pub(super) fn into_parts(self) -> (Carrier, RtpSocket, Agreed, Stream, Option<Place>) {
        (self.carrier, self.socket, self.agreed, self.stream, self.place)
    }
}

/// Takes in what waits in the socket: it came before this tick, and a task that was late must not see jitter where there is none.
pub(super) fn drain(socket: &RtpSocket, stream: &mut Stream, now: Instant) {
    let mut datagram = [0; DATAGRAM_BYTES];
    while let Ok((length, source)) = socket.try_recv(&mut datagram) {
        stream.receive(now, source, &datagram[..length]);
    }
}

// From one side to the other. A flood is not passed on without end: there may be more when this says so.
fn relay(
    context: &mut Context<'_>,
    now: Instant,
    (from, heard): (&RtpSocket, &mut Stream),
    (to, said): (&RtpSocket, &mut Stream),
) -> bool {
    poll_each(context, from, |source, datagram| {
        heard.relay(now, source, datagram, said, |remote, packet| {
            let _sent = to.try_send_to(packet, remote);
        });
    })
}

/// Gives each datagram that is there to `take`, up to [`BURST`]; says whether there may be more. If not, the task is woken by the next one.
pub(super) fn poll_each(
    context: &mut Context<'_>,
    socket: &RtpSocket,
    mut take: impl FnMut(SocketAddr, &[u8]),
) -> bool {
    let mut datagram = [0; DATAGRAM_BYTES];
    for _ in 0..BURST {
        match socket.poll_recv(context, &mut datagram) {
            Poll::Ready(Ok((length, source))) => take(source, &datagram[..length]),
            Poll::Ready(Err(error)) => tracing::debug!(%error, "a datagram could not be received"),
            Poll::Pending => return false,
        }
    }
    true
}

/// Sends the key that is down, if one is.
pub(super) fn say_key(now: Instant, socket: &RtpSocket, stream: &mut Stream) {
    if let Some(packet) = stream.relay_key(now) {
        post(socket, packet);
    }
}

/// Sends the next 20 ms, unless on hold.
pub(super) fn say(socket: &RtpSocket, stream: &mut Stream, frame: &Frame) {
    if stream.is_held() {
        stream.skip();
    } else {
        post(socket, stream.send(frame));
    }
}

/// Sends a packet. A full socket buffer loses it, as the network might.
pub(super) fn post(socket: &RtpSocket, (remote, packet): (SocketAddr, Vec<u8>)) {
    let _sent = socket.try_send_to(&packet, remote);
}

/// The stream that was agreed on.
pub(super) fn open_stream(now: Instant, agreed: &Agreed, inactivity: Duration) -> Stream {
    let config = StreamConfig {
        codec: agreed.codec,
        event_payload_type: agreed.event_payload_type,
        remote: agreed.remote,
        inactivity,
    };
    let seed = u128::from_be_bytes(*uuid::Uuid::new_v4().as_bytes());
    let seed = StreamSeed { ssrc: seed as u32, sequence: (seed >> 32) as u16, timestamp: (seed >> 64) as u32 };
    let mut stream = Stream::new(now, config, seed);
    stream.set_hold(!agreed.direction.is_held());
    stream
}

/// Brings a stream from what was agreed before to what is agreed now.
pub(super) fn adopt(stream: &mut Stream, before: &Agreed, after: &Agreed) {
    let held = after.direction.is_held();
    let has_moved = (after.remote, after.codec) != (before.remote, before.codec);
    if has_moved && !held {
        stream.set_remote(after.remote, after.codec, after.event_payload_type);
    }
    stream.set_hold(!held);
}
