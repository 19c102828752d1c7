//! G.711: the two codecs of every telephone line (ITU-T G.711, RFC 3551).
//!
//! Own tables: `audio-codec` 0.4 shifts the decision levels of negative A-law samples and is not bit-exact with the standard.

use super::Frame;
use serde::Serialize;
use std::sync::LazyLock;

/// A codec of the line: 8 bits a sample, 8,000 samples a second, 160 bytes a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Codec {
    /// Mu-law: North America, Japan.
    Pcmu,
    /// A-law: everywhere else.
    Pcma,
}

impl Codec {
    /// The static RTP payload type (RFC 3551): 0 or 8.
    #[must_use]
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
        }
    }

    /// The encoding name in SDP.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
        }
    }

    /// The codec of a static payload type.
    #[must_use]
    pub const fn from_payload_type(payload_type: u8) -> Option<Self> {
        match payload_type {
            0 => Some(Self::Pcmu),
            8 => Some(Self::Pcma),
            _ => None,
        }
    }

    /// One byte for each sample.
    #[must_use]
    pub fn encode(self, frame: &Frame) -> Vec<u8> {
        let law = match self {
            Self::Pcmu => encode_pcmu,
            Self::Pcma => encode_pcma,
        };
        frame.0.iter().map(|&sample| law(sample)).collect()
    }

    /// One sample for each byte; any bytes are valid.
    #[must_use]
    pub fn decode(self, payload: &[u8]) -> Vec<i16> {
        let table = match self {
            Self::Pcmu => &PCMU,
            Self::Pcma => &PCMA,
        };
        payload.iter().map(|&code| table[usize::from(code)]).collect()
    }

    /// The same sound in another codec, byte for byte.
    pub(super) fn recode(self, to: Self, payload: &mut [u8]) {
        let table = match (self, to) {
            (Self::Pcmu, Self::Pcma) => &TO_PCMA,
            (Self::Pcma, Self::Pcmu) => &TO_PCMU,
            _ => return,
        };
        for code in payload {
            *code = table[usize::from(*code)];
        }
    }
}

static PCMU: [i16; 256] = table(true);
static PCMA: [i16; 256] = table(false);
static TO_PCMA: LazyLock<[u8; 256]> = LazyLock::new(|| PCMU.map(encode_pcma));
static TO_PCMU: LazyLock<[u8; 256]> = LazyLock::new(|| PCMA.map(encode_pcmu));

const fn table(mu: bool) -> [i16; 256] {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = if mu { decode_pcmu(code as u8) } else { decode_pcma(code as u8) };
        code += 1;
    }
    table
}

/// Sign, three bits of segment, four of mantissa, all inverted; the segments start 33 quarter-steps (132) below zero.
const fn decode_pcmu(code: u8) -> i16 {
    let code = !code;
    let segment = (code >> 4) & 7;
    let magnitude = ((((code & 0x0F) as i16) << 3) + 0x84) << segment;
    if code & 0x80 == 0 { magnitude - 0x84 } else { 0x84 - magnitude }
}

/// Sign (set is positive), segment, mantissa, with every second bit inverted; values lie in the middle of their step.
const fn decode_pcma(code: u8) -> i16 {
    let code = code ^ 0x55;
    let segment = (code >> 4) & 7;
    let mantissa = ((code & 0x0F) as i16) << 4;
    let magnitude = if segment == 0 { mantissa + 8 } else { (mantissa + 0x108) << (segment - 1) };
    if code & 0x80 == 0 { -magnitude } else { magnitude }
}

fn encode_pcmu(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = sample.unsigned_abs().min(32_635) + 0x84;
    let segment = 8 - magnitude.leading_zeros() as u16;
    let mantissa = (magnitude >> (segment + 3)) & 0x0F;
    !(sign | (segment << 4) as u8 | mantissa as u8)
}

fn encode_pcma(sample: i16) -> u8 {
    // One's complement puts the decision levels of both signs at multiples of 16: -1 to -16 is the first step below zero.
    let (sign, magnitude) = if sample < 0 { (0, !sample as u16) } else { (0x80, sample as u16) };
    let segment = 8_u16.saturating_sub(magnitude.leading_zeros() as u16);
    let mantissa = (magnitude >> if segment == 0 { 4 } else { segment + 3 }) & 0x0F;
    (sign | (segment << 4) as u8 | mantissa as u8) ^ 0x55
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_known_codes() {
        let cases = [
            (Codec::Pcmu, 0xFF, 0),
            (Codec::Pcmu, 0x7F, 0),
            (Codec::Pcmu, 0x00, -32_124),
            (Codec::Pcmu, 0x80, 32_124),
            (Codec::Pcmu, 0xFE, 8),
            (Codec::Pcmu, 0xEF, 132),
            (Codec::Pcmu, 0x55, -716),
            (Codec::Pcma, 0xD5, 8),
            (Codec::Pcma, 0x55, -8),
            (Codec::Pcma, 0xAA, 32_256),
            (Codec::Pcma, 0x2A, -32_256),
            (Codec::Pcma, 0x00, -5_504),
            (Codec::Pcma, 0x80, 5_504),
            (Codec::Pcma, 0xC5, 264),
            (Codec::Pcma, 0xF5, 528),
        ];
        for (codec, code, sample) in cases {
            assert_eq!(codec.decode(&[code]), [sample], "{codec:?} {code:#04x}");
        }
    }

    #[test]
    fn encodes_known_samples() {
        let cases = [
            (Codec::Pcmu, 0, 0xFF),
            (Codec::Pcmu, 1_000, 0xCE),
            (Codec::Pcmu, -1_000, 0x4E),
            (Codec::Pcmu, i16::MAX, 0x80),
            (Codec::Pcmu, i16::MIN, 0x00),
            (Codec::Pcma, 0, 0xD5),
            (Codec::Pcma, -1, 0x55),
            (Codec::Pcma, -16, 0x55),
            (Codec::Pcma, -17, 0x54),
            (Codec::Pcma, 1_000, 0xFA),
            (Codec::Pcma, -1_000, 0x7A),
            (Codec::Pcma, i16::MAX, 0xAA),
            (Codec::Pcma, i16::MIN, 0x2A),
        ];
        for (codec, sample, code) in cases {
            assert_eq!(codec.encode(&Frame([sample; 160])), [code; 160], "{codec:?} {sample}");
        }
    }

    #[test]
    fn every_code_survives_a_round_trip() {
        for codec in [Codec::Pcmu, Codec::Pcma] {
            for code in 0..=255_u8 {
                let sample = codec.decode(&[code])[0];
                let again = codec.encode(&Frame([sample; 160]))[0];
                // Mu-law has two zeros; both become the positive one.
                let expected = if codec == Codec::Pcmu && code == 0x7F { 0xFF } else { code };
                assert_eq!(again, expected, "{codec:?} {sample}");
            }
        }
    }

    #[test]
    fn the_error_stays_within_half_a_step() {
        for codec in [Codec::Pcmu, Codec::Pcma] {
            for sample in (i16::MIN..=i16::MAX).step_by(7) {
                let code = codec.encode(&Frame([sample; 160]))[0];
                let error = (i32::from(codec.decode(&[code])[0]) - i32::from(sample)).abs();
                let allowed = 8 + i32::from(sample).abs() / 32;
                assert!(error <= allowed, "{codec:?} {sample}: {error} > {allowed}");
            }
        }
    }

    #[test]
    fn payload_types_lead_back() {
        for codec in [Codec::Pcmu, Codec::Pcma] {
            assert_eq!(Codec::from_payload_type(codec.payload_type()), Some(codec));
        }
        assert_eq!(Codec::from_payload_type(3), None);
    }
}
