//! Offer and answer (RFC 3264): which codec, where to, and who may send.

use super::sdp::{Audio, Direction, MediaLine, Offer, Payload, SessionDescription, new_session_id};
use crate::media::Codec;
use std::net::SocketAddr;

/// The offer holds no audio over plain RTP in PCMU or PCMA. Its sender deserves a 488.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no codec in common: PCMU and PCMA over plain RTP are spoken here")]
pub struct NoCommonCodec;

/// What both sides agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// The codec to send and to expect.
    pub codec: Codec,
    /// The payload type of RFC 4733 digits, when the other side knows them.
    pub event_payload_type: Option<u8>,
    /// Where the other side wants RTP. Unspecified on an old-style hold; then nothing may be sent.
    pub remote: SocketAddr,
    /// Our description: the answer to their offer, or our own offer.
    pub answer: SessionDescription,
    /// Who may send, from our side: see [`Direction::is_held`].
    pub direction: Direction,
}

/// Answers `offer` with the codec that the caller likes best; RTP is expected at `local`.
///
/// # Errors
/// When there is no audio that we can speak.
pub fn negotiate(offer: &Offer, local: SocketAddr) -> Result<Agreed, NoCommonCodec> {
    answer(offer, local, new_session_id(), 1)
}

impl Agreed {
    /// Answers a later offer of the same dialog: same origin, next version.
    ///
    /// # Errors
    /// When there is no audio that we can speak; what was agreed before stays in force.
    pub fn renegotiate(&self, offer: &Offer) -> Result<Self, NoCommonCodec> {
        let ours = &self.answer;
        answer(offer, ours.audio.remote(), ours.session_id, ours.version + 1)
    }

    /// What to send when the other side asks for an offer by a re-INVITE without one: all as it is, in its next version.
    #[must_use]
    pub fn offered_again(&self) -> Self {
        let answer = self.answer.with_direction(Direction::SendRecv);
        Self { answer, ..self.clone() }
    }
}

impl SessionDescription {
    /// What their answer to our offer means.
    ///
    /// # Errors
    /// When the answer holds no codec of ours.
    pub fn agree(&self, answer: &Self) -> Result<Agreed, NoCommonCodec> {
        let ours = &self.audio;
        let theirs = &answer.audio;
        Ok(Agreed {
            codec: theirs.codecs().find(|codec| ours.codecs().any(|it| it == *codec)).ok_or(NoCommonCodec)?,
            event_payload_type: theirs.event_payload_type(),
            remote: theirs.remote(),
            answer: self.clone(),
            direction: theirs.direction.mirrored(),
        })
    }
}

fn answer(offer: &Offer, local: SocketAddr, session_id: u64, version: u64) -> Result<Agreed, NoCommonCodec> {
    let theirs = offer.audio.as_ref().ok_or(NoCommonCodec)?;
    let codec = theirs.codecs().next().ok_or(NoCommonCodec)?;
    let event_payload_type = theirs.event_payload_type();
    let direction = theirs.direction.mirrored();
    let digits = event_payload_type.map(Payload::event);
    let audio = Audio {
        address: local.ip(),
        port: local.port(),
        profile: theirs.profile.clone(),
        payloads: std::iter::once(Payload::of_codec(codec)).chain(digits).collect(),
        ptime_ms: Some(20),
        direction,
    };
    let answer = SessionDescription { audio, lines: answer_lines(&offer.lines), session_id, version };
    Ok(Agreed { codec, event_payload_type, remote: theirs.remote(), answer, direction })
}

// A refused stream answers with one format: the grammar wants one, and nobody reads it.
fn answer_lines(lines: &[MediaLine]) -> Vec<MediaLine> {
    let answered = lines.iter().cloned().map(|line| match line {
        MediaLine::Taken => MediaLine::Taken,
        MediaLine::Refused { media, profile, formats } => {
            let formats = formats.split(' ').next().unwrap_or("0").to_owned();
            MediaLine::Refused { media, profile, formats }
        }
    });
    answered.collect()
}
