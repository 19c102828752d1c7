//! One browser's media: ICE-lite, DTLS-SRTP and RTP by str0m. Sound is PCMU, as telephones speak it, so that nothing is transcoded.

use crate::media::{Codec, Packet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use str0m::change::SdpOffer;
use str0m::media::Mid;
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

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
    /// Its sound in the session description.
    mid: Mid,
    /// Of the last packet that we sent, extended.
    sequence: Option<u64>,
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
        let mid = sound_of(&answer).ok_or(OfferError::NoSound)?;
        let mut peer = Self { rtc, ours: candidates[0], mid, sequence: None, due: now };
        peer.poll(now, &mut |_| {});
        Ok((peer, answer))
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
        if !self.rtc.is_connected() {
            return;
        }
        let Ok(packet) = Packet::read(datagram) else { return };
        let Some(sequence) = extend(self.sequence, packet.sequence) else { return };
        self.sequence = Some(sequence.max(self.sequence.unwrap_or_default()));
        let write = RtpWrite::new(packet.payload_type.into(), sequence.into(), packet.timestamp, now, packet.payload)
            .marker(packet.marker);
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(self.mid, None) {
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

/// What of our answer is sound in PCMU that goes both ways. The library itself tells of media only once they are connected.
fn sound_of(answer: &str) -> Option<Mid> {
    let mut sections = answer.split("\r\nm=").skip(1);
    sections.find_map(|section| {
        let mut lines = section.lines();
        let mut words = lines.next()?.split(' ');
        let is_sound = words.next() == Some("audio") && words.next() != Some("0") && words.nth(1) == Some("0");
        let goes_both_ways = is_sound && section.lines().any(|line| line == "a=sendrecv");
        lines.filter(|_| goes_both_ways).find_map(|line| line.strip_prefix("a=mid:")).map(Mid::from)
    })
}

/// The extended number nearest to the last one; none for what was sent before the first. It counts from the very first number: whoever
/// decrypts takes the upper half for zero until it has seen it change (RFC 3711, 3.3.1).
fn extend(last: Option<u64>, number: u16) -> Option<u64> {
    let Some(last) = last else { return Some(number.into()) };
    let step = number.wrapping_sub(last as u16) as i16;
    last.checked_add_signed(step.into())
}

#[cfg(test)]
mod tests {
    use super::{OfferError, Peer, extend};
    use crate::clock::now;

    #[test]
    fn numbers_are_extended_over_the_wrap_and_back() {
        assert_eq!(extend(None, 7), Some(7));
        assert_eq!(extend(Some(7), 5), Some(5));
        assert_eq!(extend(Some(7), 65_535), None, "older than the first");
        assert_eq!(extend(Some(65_535), 2), Some(65_538));
        assert_eq!(extend(Some(65_537), 65_534), Some(65_534));
    }

    /// Chromium's, and one that prefers another codec and has a video besides.
    const OFFER: &str = "v=0\r\no=- 8582258091908947813 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=msid-semantic: WMS\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:NvwO\r\n\
        a=ice-pwd:V+Aq5xOtqBcDUqstDD7bvKFQ\r\na=ice-options:trickle\r\na=fingerprint:sha-256 EA:18:C2:A4:5C:5D:DA:13:2E:D6:BE:\
        E7:82:E0:B7:25:07:17:7D:A4:74:46:08:21:24:69:CE:EF:B9:54:C6:1F\r\na=setup:actpass\r\na=mid:0\r\na=extmap:1 \
        urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=sendrecv\r\na=msid:- f0ed9276-e03d-4228-92f6-1e5d844c72e8\r\n\
        a=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:0 PCMU/8000\r\na=ssrc:3727418114 cname:Oyjl9eUYp2onmcpz\r\n";

    #[test]
    fn an_offer_is_answered_if_it_has_telephone_sound_both_ways() {
        let address = "127.0.0.1:5000".parse().expect("an address");
        let answered = |offer: &str| Peer::answer(now(), offer, &[address]);
        let many = OFFER
            .replace("SAVPF 0\r\n", "SAVPF 96 0 8\r\n")
            .replace("a=rtpmap:0", "a=rtpmap:96 opus/48000/2\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0");
        for offer in [OFFER, &many] {
            let (_, answer) = answered(offer).expect("an answer");
            for line in ["m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", "a=sendrecv", "a=ice-lite", "127.0.0.1 5000 typ host"] {
                assert!(answer.contains(line), "{line} is not in {answer}");
            }
        }
        let opus =
            OFFER.replace("SAVPF 0\r\n", "SAVPF 96\r\n").replace("a=rtpmap:0 PCMU/8000", "a=rtpmap:96 opus/48000/2");
        for offer in [&opus, &OFFER.replace("sendrecv", "recvonly"), &OFFER.replace("m=audio", "m=video")] {
            assert_eq!(answered(offer).err(), Some(OfferError::NoSound), "{offer}");
        }
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
