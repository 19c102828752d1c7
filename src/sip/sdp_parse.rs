//! Reads a session description: strict in its frame, deaf to what audio does not need.

use super::sdp::{Audio, Direction, MediaLine, Offer, Payload, SdpError};
use std::net::{IpAddr, Ipv4Addr};

/// Reads any description.
pub(super) fn parse(text: &str) -> Result<Offer, SdpError> {
    let mut reading = Reading::default();
    for (index, line) in text.lines().enumerate() {
        let fault = SdpError::Line(index + 1);
        let line = line.trim_end();
        if index == 0 {
            if line != "v=0" {
                return Err(SdpError::Version);
            }
        } else if !line.is_empty() {
            let (letter, value) = line.split_once('=').ok_or(fault.clone())?;
            reading.take(letter, value).ok_or(fault)?;
        }
    }
    reading.finish()
}

#[derive(Default)]
struct Reading {
    origin: Option<(u64, u64)>,
    address: Option<IpAddr>,
    direction: Direction,
    media: Vec<Media>,
}

struct Media {
    media: String,
    port: u16,
    profile: String,
    formats: Vec<String>,
    address: Option<IpAddr>,
    direction: Option<Direction>,
    ptime_ms: Option<u32>,
    names: Vec<Payload>,
}

impl Reading {
    /// `None` when the line is malformed.
    fn take(&mut self, letter: &str, value: &str) -> Option<()> {
        match letter {
            "o" => self.origin = Some(origin(value)?),
            "c" => {
                let address = Some(connection(value)?);
                match self.media.last_mut() {
                    Some(media) => media.address = address,
                    None => self.address = address,
                }
            }
            "m" => self.media.push(media_line(value)?),
            "a" => self.attribute(value)?,
            // Known letters that audio does not need, and single letters of the future (RFC 8866, section 5).
            other => return (other.len() == 1 && other.as_bytes()[0].is_ascii_lowercase()).then_some(()),
        }
        Some(())
    }

    fn attribute(&mut self, attribute: &str) -> Option<()> {
        if let Some(direction) = Direction::from_name(attribute) {
            match self.media.last_mut() {
                Some(media) => media.direction = Some(direction),
                None => self.direction = direction,
            }
        } else if let (Some((name, value)), Some(media)) = (attribute.split_once(':'), self.media.last_mut()) {
            // Only what audio is made of has to be right: a strange attribute of a video stream is not our matter.
            match name {
                "rtpmap" if media.media == "audio" => media.names.push(rtpmap(value)?),
                "ptime" if media.media == "audio" => {
                    media.ptime_ms = value.trim().parse::<f32>().ok().map(|ms| ms as u32)
                }
                _ => {}
            }
        }
        Some(())
    }

    fn finish(self) -> Result<Offer, SdpError> {
        let (session_id, version) = self.origin.ok_or(SdpError::Missing('o'))?;
        let mut audio = None;
        let mut lines = Vec::with_capacity(self.media.len());
        for media in self.media {
            if audio.is_none() && media.is_plain_audio() {
                let address = media.address.or(self.address).ok_or(SdpError::Missing('c'))?;
                audio = Some(media.into_audio(address, self.direction));
                lines.push(MediaLine::Taken);
            } else {
                let Media { media, profile, formats, .. } = media;
                lines.push(MediaLine::Refused { media, profile, formats: formats.join(" ") });
            }
        }
        if lines.is_empty() {
            return Err(SdpError::Missing('m'));
        }
        Ok(Offer { audio, lines, session_id, version })
    }
}

impl Media {
    fn is_plain_audio(&self) -> bool {
        self.media == "audio"
            && self.port != 0
            && matches!(self.profile.as_str(), "RTP/AVP" | "RTP/AVPF")
            && self.formats.iter().all(|format| payload_type(format).is_some())
    }

    fn into_audio(self, address: IpAddr, session_direction: Direction) -> Audio {
        let Self { port, profile, formats, direction, ptime_ms, names, .. } = self;
        let unnamed = |number| Payload { number, name: String::new(), clock_rate: 0 };
        let payloads = formats.iter().filter_map(|format| payload_type(format)).map(|number| {
            names.iter().find(|payload| payload.number == number).cloned().unwrap_or_else(|| unnamed(number))
        });
        let direction = direction.unwrap_or(session_direction);
        Audio {
            payloads: payloads.collect(),
            direction: held_by_address(address, direction),
            address,
            port,
            profile,
            ptime_ms,
        }
    }
}

// The old way to hold (RFC 2543, still answered by RFC 3264, section 8.4): do not send to nowhere.
fn held_by_address(address: IpAddr, direction: Direction) -> Direction {
    match direction {
        _ if address != IpAddr::V4(Ipv4Addr::UNSPECIFIED) => direction,
        Direction::SendRecv | Direction::SendOnly => Direction::SendOnly,
        Direction::RecvOnly | Direction::Inactive => Direction::Inactive,
    }
}

/// `username session-id version IN IP4 address`. Ids of more than 64 bits occur in the wild and only need to be unique.
fn origin(value: &str) -> Option<(u64, u64)> {
    let fields: Vec<&str> = value.split_whitespace().collect();
    let [_user, id, version, "IN", "IP4" | "IP6", _address] = fields.as_slice() else { return None };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    Some((number(id)?, number(version)?))
}

/// `IN IP4 address`, with the time to live that some write after a slash.
fn connection(value: &str) -> Option<IpAddr> {
    let fields: Vec<&str> = value.split_whitespace().collect();
    let ["IN", family @ ("IP4" | "IP6"), address] = fields.as_slice() else { return None };
    let address: IpAddr = address.split('/').next()?.parse().ok()?;
    (address.is_ipv6() == (*family == "IP6") && !address.is_multicast()).then_some(address)
}

/// `audio 49170 RTP/AVP 0 8 101`, with a port count after a slash.
fn media_line(value: &str) -> Option<Media> {
    let mut fields = value.split_whitespace();
    let media = fields.next()?.to_owned();
    let port = fields.next()?.split('/').next()?.parse().ok()?;
    let profile = fields.next()?.to_owned();
    let formats: Vec<String> = fields.map(str::to_owned).collect();
    let line =
        Media { media, port, profile, formats, address: None, direction: None, ptime_ms: None, names: Vec::new() };
    (!line.formats.is_empty()).then_some(line)
}

/// `101 telephone-event/8000`, with channels after a second slash.
fn rtpmap(value: &str) -> Option<Payload> {
    let (number, encoding) = value.trim().split_once(char::is_whitespace)?;
    let mut parts = encoding.trim().split('/');
    let name = parts.next()?.to_owned();
    let clock_rate = parts.next()?.trim().parse().ok()?;
    Some(Payload { number: payload_type(number)?, name, clock_rate })
}

fn payload_type(text: &str) -> Option<u8> {
    text.parse().ok().filter(|number| *number < 128)
}
