//! One RTP packet (RFC 3550), read and written by `rtp-rs`.

use rtp_rs::{RtpPacketBuilder, RtpReader};

/// An RTP packet without header extension and contributing sources, with its own payload or (`&[u8]`) one that lies in the datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<P = Vec<u8>> {
    /// 0 to 127.
    pub payload_type: u8,
    /// In sound: the first packet after silence. In digits: the first of an event.
    pub marker: bool,
    /// Rises by one with each packet, and wraps.
    pub sequence: u16,
    /// Of the first sample, in samples; wraps.
    pub timestamp: u32,
    /// The sender's choice for this stream.
    pub ssrc: u32,
    /// Without padding.
    pub payload: P,
}

/// Why a datagram is no RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// Header, extension or padding contradict the length, or the version is not 2.
    #[error("no RTP packet")]
    Malformed,
    /// RTCP on the same port (RFC 5761).
    #[error("an RTCP packet")]
    Rtcp,
    /// STUN, DTLS or another protocol that shares the port (RFC 7983).
    #[error("a packet of another protocol")]
    OtherProtocol,
    /// Nothing inside.
    #[error("an RTP packet without payload")]
    Empty,
}

impl Packet {
    /// Reads a datagram.
    ///
    /// # Errors
    /// When it is not RTP, or carries nothing.
    pub fn parse(datagram: &[u8]) -> Result<Self, PacketError> {
        Packet::read(datagram).map(|packet| packet.with_payload(packet.payload.to_vec()))
    }
}

impl<'a> Packet<&'a [u8]> {
    /// Reads a datagram and leaves the payload where it is.
    ///
    /// # Errors
    /// As [`Packet::parse`].
    pub fn read(datagram: &'a [u8]) -> Result<Self, PacketError> {
        match datagram {
            // RFC 7983: only 128 to 191 is RTP or RTCP.
            [first, ..] if !(128..192).contains(first) => return Err(PacketError::OtherProtocol),
            // RFC 5761, section 4: RTCP's packet types lie where marker and payload types 64 to 95 would.
            [_, 192..=223, ..] => return Err(PacketError::Rtcp),
            _ => {}
        }
        let reader = RtpReader::new(datagram).map_err(|_| PacketError::Malformed)?;
        // The padding is taken from the whole: rtp-rs checks that it does not reach into the header.
        let payload = reader.payload();
        if payload.is_empty() {
            return Err(PacketError::Empty);
        }
        Ok(Self {
            payload_type: reader.payload_type(),
            marker: reader.mark(),
            sequence: reader.sequence_number().into(),
            timestamp: reader.timestamp(),
            ssrc: reader.ssrc(),
            payload,
        })
    }
}

impl<P: AsRef<[u8]>> Packet<P> {
    /// The same packet with another payload.
    pub(super) fn with_payload<Q>(&self, payload: Q) -> Packet<Q> {
        let Self { payload_type, marker, sequence, timestamp, ssrc, .. } = *self;
        Packet { payload_type, marker, sequence, timestamp, ssrc, payload }
    }

    /// Writes the datagram. A payload type above 127 loses its top bit.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.builder().build().expect("the payload type is in range and there is no extension")
    }

    /// Writes the datagram into `buffer` and gives it; `None` when there is no room for it.
    pub(super) fn write<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let length = self.builder().build_into(buffer).ok()?;
        buffer.get(..length)
    }

    fn builder(&self) -> RtpPacketBuilder<'_> {
        RtpPacketBuilder::new()
            .payload_type(self.payload_type & 0x7F)
            .marked(self.marker)
            .sequence(self.sequence.into())
            .timestamp(self.timestamp)
            .ssrc(self.ssrc)
            .payload(self.payload.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packet() -> Packet {
        Packet {
            payload_type: 8,
            marker: true,
            sequence: 65_535,
            timestamp: 0xDEAD_BEEF,
            ssrc: 7,
            payload: vec![0xD5; 160],
        }
    }

    #[test]
    fn reads_what_it_writes() {
        let bytes = packet().to_bytes();
        assert_eq!(bytes.len(), 172);
        assert_eq!(Packet::parse(&bytes), Ok(packet()));
    }

    #[test]
    fn leaves_out_extension_contributing_sources_and_padding() {
        let mut bytes = vec![0x80 | 0x20 | 0x10 | 1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        bytes.extend([9, 9, 9, 9]); // one contributing source
        bytes.extend([0xBE, 0xDE, 0, 1, 1, 2, 3, 4]); // an extension of one word
        bytes.extend([0xAA, 0xBB, 0, 2]); // two bytes of payload, two of padding
        let parsed = Packet::parse(&bytes).unwrap();
        assert_eq!((parsed.payload, parsed.ssrc), (vec![0xAA, 0xBB], 3));
    }

    #[test]
    fn refuses_everything_else() {
        let stun = [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let cases: [(&str, Vec<u8>, PacketError); 8] = [
            ("nothing", vec![], PacketError::Malformed),
            ("a keep-alive", vec![0, 0], PacketError::OtherProtocol),
            ("STUN", stun.to_vec(), PacketError::OtherProtocol),
            ("RTCP sender report", [vec![0x80, 200], vec![0; 26]].concat(), PacketError::Rtcp),
            ("RTCP receiver report", [vec![0x81, 201], vec![0; 30]].concat(), PacketError::Rtcp),
            ("text", b"OPTIONS sip:x SIP/2.0".to_vec(), PacketError::OtherProtocol),
            ("short", vec![0x80; 11], PacketError::Malformed),
            ("header alone", packet().to_bytes()[..12].to_vec(), PacketError::Empty),
        ];
        for (what, bytes, error) in cases {
            assert_eq!(Packet::parse(&bytes), Err(error), "{what}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(first in 120_u8..=200, rest in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Packet::parse(&[&[first], rest.as_slice()].concat());
            let _ = Packet::parse(&rest);
        }
    }
}
