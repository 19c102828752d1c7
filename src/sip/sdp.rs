//! Session descriptions (RFC 8866): the audio of an offer or an answer, and nothing more than audio needs.

use super::sdp_parse;
use crate::media::Codec;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// Why a text is no session description. Its sender deserves a 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// The text does not begin with `v=0`.
    #[error("a session description begins with `v=0`")]
    Version,
    /// A line is not of the form `letter=value`, or its value does not parse. The number counts from 1.
    #[error("line {0} of the session description is malformed")]
    Line(usize),
    /// A line that must be there is missing.
    #[error("the session description has no `{0}=` line")]
    Missing(char),
    /// An answer without an accepted audio stream.
    #[error("the answer accepts no audio")]
    NoAudio,
}

/// Who may send (RFC 3264), as seen by the one who wrote the description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Both sides.
    #[default]
    SendRecv,
    /// Only the writer.
    SendOnly,
    /// Only the reader.
    RecvOnly,
    /// Nobody.
    Inactive,
}

impl Direction {
    /// The attribute's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// What the other side answers when it agrees.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        match self {
            Self::SendOnly => Self::RecvOnly,
            Self::RecvOnly => Self::SendOnly,
            both => both,
        }
    }

    /// The writer must not send: the other side has put it on hold.
    #[must_use]
    pub const fn is_held(self) -> bool {
        matches!(self, Self::RecvOnly | Self::Inactive)
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::SendRecv, Self::SendOnly, Self::RecvOnly, Self::Inactive].into_iter().find(|it| it.name() == name)
    }
}

/// One format of an audio stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// RTP payload type, 0..=127.
    pub number: u8,
    /// Encoding name from `a=rtpmap`; empty when a static payload type came without one.
    pub name: String,
    /// Samples a second from `a=rtpmap`; 0 without one.
    pub clock_rate: u32,
}

impl Payload {
    /// The codec of ours that this is. G.711 only under its static number (RFC 3551), which every sender of it uses.
    #[must_use]
    pub fn codec(&self) -> Option<Codec> {
        let codec = Codec::from_payload_type(self.number)?;
        let named = self.name.eq_ignore_ascii_case(codec.name()) && self.clock_rate == 8_000;
        (self.name.is_empty() || named).then_some(codec)
    }

    fn is_event(&self) -> bool {
        self.name.eq_ignore_ascii_case("telephone-event") && self.clock_rate == 8_000
    }

    pub(super) fn of_codec(codec: Codec) -> Self {
        Self { number: codec.payload_type(), name: codec.name().to_owned(), clock_rate: 8_000 }
    }

    pub(super) fn event(number: u8) -> Self {
        Self { number, name: "telephone-event".to_owned(), clock_rate: 8_000 }
    }
}

/// One audio stream over plain RTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audio {
    /// Where the writer wants RTP; unspecified (`0.0.0.0`) means hold (RFC 3264, section 8.4).
    pub address: IpAddr,
    /// RTP port.
    pub port: u16,
    /// `RTP/AVP` or `RTP/AVPF`.
    pub profile: String,
    /// Formats, best first.
    pub payloads: Vec<Payload>,
    /// Wished packet length in milliseconds.
    pub ptime_ms: Option<u32>,
    /// Who may send, from the writer's side. `c=0.0.0.0` has been taken in already.
    pub direction: Direction,
}

impl Audio {
    /// Where to send RTP.
    #[must_use]
    pub fn remote(&self) -> SocketAddr {
        SocketAddr::new(self.address, self.port)
    }

    /// The codecs of ours in it, best first.
    pub fn codecs(&self) -> impl Iterator<Item = Codec> + '_ {
        self.payloads.iter().filter_map(Payload::codec)
    }

    /// The payload type of RFC 4733 digits at 8,000 Hz.
    #[must_use]
    pub fn event_payload_type(&self) -> Option<u8> {
        self.payloads.iter().find(|payload| payload.is_event()).map(|payload| payload.number)
    }
}

/// One `m=` line, kept in order because an answer must mirror the offer's (RFC 3264, section 6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MediaLine {
    /// The audio stream taken: the first one over plain RTP with a port.
    Taken,
    /// Anything else: media, profile and formats, refused with port 0.
    Refused { media: String, profile: String, formats: String },
}

/// What a caller offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The audio stream that can be taken; `None` when there is only video, fax or encrypted media.
    pub audio: Option<Audio>,
    pub(super) lines: Vec<MediaLine>,
    pub(super) session_id: u64,
    pub(super) version: u64,
}

impl Offer {
    /// Reads an offer.
    ///
    /// # Errors
    /// When the text is malformed. An offer of media that we cannot take is no error here, but fails in [`super::negotiate`].
    pub fn parse(text: &str) -> Result<Self, SdpError> {
        sdp_parse::parse(text)
    }
}

/// A whole description with one audio stream: ours, or the answer to ours. `Display` writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionDescription {
    /// The audio stream.
    pub audio: Audio,
    pub(super) lines: Vec<MediaLine>,
    pub(super) session_id: u64,
    pub(super) version: u64,
}

/// The payload type that we offer for digits; most peers use the same.
const EVENT_PAYLOAD_TYPE: u8 = 101;

impl SessionDescription {
    /// Offers `codecs`, best first, and digits, to be received at `local`.
    #[must_use]
    pub fn offer(local: SocketAddr, codecs: &[Codec]) -> Self {
        let digits = std::iter::once(Payload::event(EVENT_PAYLOAD_TYPE));
        let audio = Audio {
            address: local.ip(),
            port: local.port(),
            profile: "RTP/AVP".to_owned(),
            payloads: codecs.iter().copied().map(Payload::of_codec).chain(digits).collect(),
            ptime_ms: Some(20),
            direction: Direction::SendRecv,
        };
        Self { audio, lines: vec![MediaLine::Taken], session_id: new_session_id(), version: 1 }
    }

    /// Reads the answer to an offer.
    ///
    /// # Errors
    /// When the text is malformed or accepts no audio.
    pub fn parse(text: &str) -> Result<Self, SdpError> {
        let Offer { audio, lines, session_id, version } = Offer::parse(text)?;
        Ok(Self { audio: audio.ok_or(SdpError::NoAudio)?, lines, session_id, version })
    }

    /// The same offer with its last codec alone; `None` when it holds no other.
    pub(super) fn with_last_codec(&self) -> Option<Self> {
        let last = self.audio.codecs().last().filter(|_| self.audio.codecs().count() > 1)?;
        let mut offer = self.clone();
        offer.audio.payloads.retain(|payload| payload.codec().is_none_or(|codec| codec == last));
        Some(offer)
    }

    /// The next version of this description with another direction: hold is [`Direction::SendOnly`], resume
    /// [`Direction::SendRecv`].
    #[must_use]
    pub fn with_direction(&self, direction: Direction) -> Self {
        let mut next = self.clone();
        next.audio.direction = direction;
        next.version += 1;
        next
    }
}

/// Random, as RFC 8866 wants it to be unique; within 63 bits, as some peers read it as a signed number.
pub(super) fn new_session_id() -> u64 {
    (uuid::Uuid::now_v7().as_u128() as u64) & (i64::MAX as u64)
}

impl fmt::Display for SessionDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let audio = &self.audio;
        let family = if audio.address.is_ipv6() { "IP6" } else { "IP4" };
        write!(f, "v=0\r\no=- {} {} IN {family} {}\r\ns=-\r\n", self.session_id, self.version, audio.address)?;
        write!(f, "c=IN {family} {}\r\nt=0 0\r\n", audio.address)?;
        for line in &self.lines {
            match line {
                MediaLine::Taken => write_audio(f, audio)?,
                MediaLine::Refused { media, profile, formats } => write!(f, "m={media} 0 {profile} {formats}\r\n")?,
            }
        }
        Ok(())
    }
}

fn write_audio(f: &mut fmt::Formatter<'_>, audio: &Audio) -> fmt::Result {
    write!(f, "m=audio {} {}", audio.port, audio.profile)?;
    for payload in &audio.payloads {
        write!(f, " {}", payload.number)?;
    }
    f.write_str("\r\n")?;
    for payload in audio.payloads.iter().filter(|payload| !payload.name.is_empty()) {
        write!(f, "a=rtpmap:{} {}/{}\r\n", payload.number, payload.name, payload.clock_rate)?;
        if payload.is_event() {
            write!(f, "a=fmtp:{} 0-15\r\n", payload.number)?;
        }
    }
    if let Some(ptime) = audio.ptime_ms {
        write!(f, "a=ptime:{ptime}\r\n")?;
    }
    write!(f, "a={}\r\n", audio.direction.name())
}
