//! One browser's media: ICE-lite, DTLS-SRTP and RTP by str0m. Sound is PCMU, as telephones speak it, so that nothing is transcoded.

use crate::media::{Codec, Packet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use str0m::change::SdpOffer;
use str0m::media::{MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

/// The number that a browser's first packet gets. Low, because the browser takes it for one of the first round (RFC 3711, 3.3.1), whatever was
/// lost before it; not zero, because earlier ones may come later.
const FIRST: u64 = 1_024;
/// How often the machine is asked in one turn; a fault of its must not stop all others.
const ANSWERS: usize = 256;
/// When a machine that is broken is looked at again.
const NEVER: Duration = Duration::from_hours(24);

/// Why an offer can't be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// It is no session description, or lacks what WebRTC needs.
    #[error("this browser's offer can't be read: {0}")]
    Malformed(String),
    /// It has no sound in PCMU that goes both ways.
    #[error("this browser offers no sound that telephones understand (PCMU)")]
    NoSound,
    /// Nobody answers: the service goes down.
    #[error("the service is going down")]
    Closed,
}

/// What comes of a datagram, a packet or the time.
pub(super) enum Outcome<'a> {
    /// To be sent to this address.
    Send(SocketAddr, &'a [u8]),
    /// Sound can go both ways now.
    Connected,
    /// An RTP packet of the browser's.
    Sound(Vec<u8>),
}

/// One browser's media connection.
pub(super) struct Peer {
    rtc: Rtc,
    /// The address of ours that the browser knows.
    ours: SocketAddr,
    mid: Option<Mid>,
    /// The call's number and ours of the highest packet that we sent.
    sequence: Option<(u16, u64)>,
    due: Instant,
}

impl Peer {
    /// Answers an offer; `candidates` are our addresses, the likeliest first.
    ///
    /// # Errors
    /// When nothing can come of the offer.
    pub(super) fn answer(now: Instant, offer: &str, candidates: &[SocketAddr]) -> Result<(Self, String), OfferError> {
        let malformed = |error: &dyn ToString| OfferError::Malformed(error.to_string());
        let offer = SdpOffer::from_sdp_string(offer).map_err(|error| malformed(&error))?;
        let config = RtcConfig::new().clear_codecs().enable_pcmu(true, false).set_rtp_mode(true).set_ice_lite(true);
        let mut rtc = config.build(now);
        for address in candidates {
            let candidate = Candidate::host(*address, Protocol::Udp).map_err(|error| malformed(&error))?;
            rtc.add_local_candidate(candidate);
        }
        let answer = rtc.sdp_api().accept_offer(offer).map_err(|error| malformed(&error))?.to_sdp_string();
        if !goes_both_ways(&answer) {
            return Err(OfferError::NoSound);
        }
        Ok((Self { rtc, ours: candidates[0], mid: None, sequence: None, due: now }, answer))
    }

    /// Whether the datagram is from this browser. `false` for garbage.
    pub(super) fn accepts(&self, now: Instant, source: SocketAddr, datagram: &[u8]) -> bool {
        self.as_input(now, source, datagram).is_some_and(|input| self.rtc.accepts(&input))
    }

    /// Takes in a datagram.
    pub(super) fn receive(
        &mut self,
        now: Instant,
        source: SocketAddr,
        datagram: &[u8],
        give: &mut dyn FnMut(Outcome<'_>),
    ) {
        if let Some(input) = self.as_input(now, source, datagram) {
            self.input(now, input, give);
        }
    }

    /// Sends a packet of the call's.
    pub(super) fn send(&mut self, now: Instant, datagram: &[u8], give: &mut dyn FnMut(Outcome<'_>)) {
        let Some(mid) = self.mid.filter(|_| self.rtc.is_connected()) else { return };
        let Ok(packet) = Packet::read(datagram) else { return };
        let Some(sequence) = self.number(packet.sequence) else { return };
        let write = RtpWrite::new(packet.payload_type.into(), sequence.into(), packet.timestamp, now, packet.payload)
            .marker(packet.marker);
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
            stream.write_rtp(write);
        }
        self.input(now, Input::Timeout(now), give);
    }

    /// Lets time pass, if it is due.
    pub(super) fn tick(&mut self, now: Instant, give: &mut dyn FnMut(Outcome<'_>)) {
        if self.due <= now {
            self.input(now, Input::Timeout(now), give);
        }
    }

    /// Says goodbye.
    pub(super) fn close(&mut self, now: Instant, give: &mut dyn FnMut(Outcome<'_>)) {
        if let Err(error) = self.rtc.close() {
            tracing::debug!(%error, "a browser's media could not be closed");
        }
        self.poll(now, give);
    }

    /// Our number for the call's; `None` for one from before the first.
    fn number(&mut self, number: u16) -> Option<u64> {
        let (highest, ours) = *self.sequence.get_or_insert((number, FIRST));
        let step = i64::from(number.wrapping_sub(highest) as i16);
        let sequence = ours.checked_add_signed(step)?;
        if step > 0 {
            self.sequence = Some((number, sequence));
        }
        Some(sequence)
    }

    fn as_input<'a>(&self, now: Instant, source: SocketAddr, datagram: &'a [u8]) -> Option<Input<'a>> {
        let contents = datagram.try_into().ok()?;
        Some(Input::Receive(now, Receive { proto: Protocol::Udp, source, destination: self.ours, contents }))
    }

    fn input(&mut self, now: Instant, input: Input<'_>, give: &mut dyn FnMut(Outcome<'_>)) {
        if let Err(error) = self.rtc.handle_input(input) {
            tracing::debug!(%error, "a browser's datagram is of no use");
        }
        self.poll(now, give);
    }

    fn poll(&mut self, now: Instant, give: &mut dyn FnMut(Outcome<'_>)) {
        for _ in 0..ANSWERS {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(datagram)) => give(Outcome::Send(datagram.destination, &datagram.contents)),
                Ok(Output::Event(event)) => self.take(event, give),
                Ok(Output::Timeout(due)) if due <= now => {
                    if self.rtc.handle_input(Input::Timeout(now)).is_err() {
                        break;
                    }
                }
                Ok(Output::Timeout(due)) => {
                    self.due = due;
                    return;
                }
                Err(error) => {
                    tracing::debug!(%error, "a browser's media are broken");
                    break;
                }
            }
        }
        self.due = if self.rtc.is_alive() { now } else { now + NEVER };
    }

    fn take(&mut self, event: Event, give: &mut dyn FnMut(Outcome<'_>)) {
        match event {
            Event::Connected => give(Outcome::Connected),
            Event::MediaAdded(media) if media.kind == MediaKind::Audio && self.mid.is_none() => {
                self.mid = Some(media.mid);
            }
            Event::RtpPacket(packet) => {
                let payload_type = *packet.header.payload_type;
                if Codec::from_payload_type(payload_type) == Some(Codec::Pcmu) && !packet.payload.is_empty() {
                    let packet = Packet {
                        payload_type,
                        marker: packet.header.marker,
                        sequence: packet.header.sequence_number,
                        timestamp: packet.header.timestamp,
                        ssrc: *packet.header.ssrc,
                        payload: &packet.payload[..],
                    };
                    give(Outcome::Sound(packet.to_bytes()));
                }
            }
            _ => {}
        }
    }
}

/// Whether sound in PCMU goes both ways by this answer.
fn goes_both_ways(answer: &str) -> bool {
    let sections = answer.split("\r\nm=").skip(1);
    sections.into_iter().any(|section| {
        let mut lines = section.lines();
        let media = lines.next().unwrap_or_default();
        let is_taken = media.starts_with("audio ") && !media.starts_with("audio 0 ");
        let has = |wanted: &str| section.lines().any(|line| line.eq_ignore_ascii_case(wanted));
        is_taken && has("a=rtpmap:0 PCMU/8000") && has("a=sendrecv")
    })
}

#[cfg(test)]
mod tests {
    use super::{FIRST, OfferError, Peer};
    use crate::clock::now;
    use std::net::SocketAddr;
    use str0m::media::{Direction, MediaKind};
    use str0m::net::Protocol;
    use str0m::{Candidate, RtcConfig};

    #[test]
    fn packets_are_numbered_from_a_low_number_over_the_wrap_and_back() {
        let mut peer = answered();
        let numbers = [65_534, 65_535, 1, 0, 2, 65_000];
        let ours = numbers.map(|number| peer.number(number).map(|ours| ours as i64 - FIRST as i64));
        assert_eq!(ours, [Some(0), Some(1), Some(3), Some(2), Some(4), Some(-534)]);
        assert_eq!(peer.number(64_000), None);
    }

    /// A peer that has answered the offer of another one.
    fn answered() -> Peer {
        let address: SocketAddr = "127.0.0.1:5000".parse().expect("an address");
        let mut other = RtcConfig::new().clear_codecs().enable_pcmu(true, false).build(now());
        other.add_local_candidate(Candidate::host(address, Protocol::Udp).expect("a candidate"));
        let mut change = other.sdp_api();
        change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, _pending) = change.apply().expect("an offer");
        Peer::answer(now(), &offer.to_sdp_string(), &[address]).expect("an answer").0
    }

    #[test]
    fn what_is_no_offer_is_refused() {
        let address = "127.0.0.1:5000".parse().expect("an address");
        let refused = |offer: &str| Peer::answer(now(), offer, &[address]).err();
        for garbage in ["", "v=0", "hello\r\nworld", &"a=b\r\n".repeat(5_000)] {
            assert!(matches!(refused(garbage), Some(OfferError::Malformed(_) | OfferError::NoSound)), "{garbage}");
        }
    }
}
