//! The answered call: datagrams, the 20 ms beat and the dialog's events, all given to the machines.

use super::super::error::CallerError;
use super::super::noise::Noise;
use super::super::player::{Input, KEY_DURATION, Output, Player};
use super::super::progress::Progress;
use super::super::wav;
use super::{CallOptions, now};
use crate::media::{
    Codec, Counters, FRAME_DURATION, Frame, Netem, Packet, Stream, StreamConfig, StreamSeed, level_dbfs,
};
use crate::rtp::RtpSocket;
use crate::sip::{Agreed, DialogEvent, OutgoingCall, Reoffer};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Instant;
use tokio::sync::mpsc;

/// Larger than any datagram of a telephone call.
const DATAGRAM_BYTES: usize = 2_048;

pub(super) struct Talk {
    player: Player,
    stream: Stream,
    socket: RtpSocket,
    noise: Option<Noise>,
    words: Option<mpsc::Receiver<String>>,
    /// The emulated network lies between our socket and the other side, so what it does to a packet counts as its travel.
    inbound: Netem,
    outbound: Netem,
    source: SocketAddr,
    own: Vec<i16>,
    heard: Vec<i16>,
    /// The call must be over by then.
    limit: Instant,
}

enum Happening {
    Datagram(Vec<u8>, SocketAddr),
    Dialog(Option<DialogEvent>),
    Words(String),
    Beat,
    Network,
}

impl Talk {
    pub(super) fn new(
        now: Instant,
        options: &CallOptions,
        socket: RtpSocket,
        agreed: &Agreed,
        (noise, words): (Option<Noise>, Option<mpsc::Receiver<String>>),
    ) -> Self {
        let config = StreamConfig {
            codec: agreed.codec,
            event_payload_type: agreed.event_payload_type,
            remote: agreed.remote,
            inactivity: options.timeout,
        };
        Self {
            player: if words.is_some() {
                Player::hearing(now, &options.script)
            } else {
                Player::new(now, &options.script)
            },
            stream: Stream::new(now, config, random_start()),
            socket,
            noise,
            words,
            inbound: Netem::new(options.seed, options.network),
            outbound: Netem::new(options.seed.wrapping_add(1), options.network),
            source: agreed.remote,
            own: Vec::new(),
            heard: Vec::new(),
            limit: now + options.timeout,
        }
    }

    /// Until the script or the call is over.
    pub(super) async fn run(
        &mut self,
        call: &mut OutgoingCall,
        mut agreed: Agreed,
        progress: &mut (dyn FnMut(&Progress) + Send),
    ) {
        let mut beat = tokio::time::interval(FRAME_DURATION);
        let mut buffer = [0; DATAGRAM_BYTES];
        while self.player.ending().is_none() {
            let due = [self.inbound.poll_timeout(), self.outbound.poll_timeout()].into_iter().flatten().min();
            let happening = tokio::select! {
                Ok((length, source)) = self.socket.recv(&mut buffer) => {
                    Happening::Datagram(buffer[..length].to_vec(), source)
                }
                event = call.events.recv() => Happening::Dialog(event),
                Some(words) = next(&mut self.words) => Happening::Words(words),
                _ = beat.tick() => Happening::Beat,
                () = at(due), if due.is_some() => Happening::Network,
            };
            match happening {
                Happening::Datagram(datagram, source) => {
                    self.source = source;
                    self.inbound.push(now(), datagram);
                }
                Happening::Dialog(Some(DialogEvent::Reoffer(reoffer))) => self.reoffered(reoffer, &mut agreed).await,
                Happening::Dialog(Some(DialogEvent::HungUp | DialogEvent::Failed { .. }) | None) => {
                    self.player.handle_input(now(), Input::HungUp);
                }
                Happening::Dialog(Some(_)) | Happening::Network => {}
                Happening::Words(words) => self.player.handle_input(now(), Input::Said(words)),
                Happening::Beat => self.beat(now()),
            }
            self.deliver(now());
            self.do_outputs(progress);
        }
    }

    fn beat(&mut self, now: Instant) {
        if now >= self.limit {
            self.player.handle_input(now, Input::TimedOut);
            return;
        }
        let heard = self.stream.next_frame(now);
        while self.stream.poll_digit().is_some() {}
        self.heard.extend(heard.0);
        self.player.handle_input(now, Input::Tick { heard_dbfs: level_dbfs(&heard.0) });
    }

    /// Lets everything through that the emulated network has carried by now.
    fn deliver(&mut self, now: Instant) {
        while let Some(datagram) = self.inbound.pop(now) {
            self.stream.receive(now, self.source, &datagram);
            if let Some(level_dbfs) = level_of(&datagram) {
                self.player.handle_input(now, Input::Arrived { level_dbfs });
            }
        }
        while let Some(datagram) = self.outbound.pop(now) {
            // A full socket buffer loses a packet, as networks do.
            let _lost = self.socket.try_send_to(&datagram, self.stream.remote());
        }
    }

    fn do_outputs(&mut self, progress: &mut (dyn FnMut(&Progress) + Send)) {
        while let Some(output) = self.player.poll_output() {
            match output {
                Output::Frame(frame) => self.send(frame),
                Output::Key(key) => self.stream.start_digit(key, KEY_DURATION),
                // The call is hung up once the loop is left.
                Output::HangUp => {}
                Output::Progress(event) => progress(&event),
            }
        }
    }

    fn send(&mut self, mut frame: Frame) {
        if let Some(noise) = &mut self.noise {
            noise.add_to(&mut frame);
        }
        self.own.extend(frame.0);
        let (_, datagram) = self.stream.send(&frame);
        let now = now();
        self.outbound.push(now, datagram);
        self.deliver(now);
    }

    async fn reoffered(&mut self, reoffer: Reoffer, agreed: &mut Agreed) {
        let Some(next) = reoffer.agree(agreed) else {
            reoffer.refuse(488).await;
            return;
        };
        reoffer.accept(&next.answer).await;
        self.stream.set_remote(next.remote, next.codec, next.event_payload_type);
        *agreed = next;
    }

    pub(super) fn counters(&self) -> Counters {
        self.stream.counters()
    }

    pub(super) fn into_player(self) -> Player {
        self.player
    }

    /// What was heard alone, and both sides.
    pub(super) fn write(&self, folder: Option<&Path>) -> Result<(), CallerError> {
        let Some(folder) = folder else { return Ok(()) };
        wav::write(&folder.join("heard.wav"), &[&self.heard])?;
        wav::write(&folder.join("call.wav"), &[&self.own, &self.heard])
    }
}

async fn next(words: &mut Option<mpsc::Receiver<String>>) -> Option<String> {
    match words {
        Some(words) => words.recv().await,
        None => None,
    }
}

async fn at(due: Option<Instant>) {
    if let Some(due) = due {
        tokio::time::sleep_until(due.into()).await;
    }
}

/// Level of an arriving packet of sound; `None` for everything else.
fn level_of(datagram: &[u8]) -> Option<f32> {
    let packet = Packet::parse(datagram).ok()?;
    let codec = Codec::from_payload_type(packet.payload_type)?;
    Some(level_dbfs(&codec.decode(&packet.payload)))
}

fn random_start() -> StreamSeed {
    let random = uuid::Uuid::now_v7().as_u128();
    StreamSeed { ssrc: random as u32, sequence: (random >> 32) as u16 & 0x7FFF, timestamp: (random >> 8) as u32 }
}
