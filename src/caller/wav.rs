//! Sound files: at 8,000 Hz, 16-bit or G.711 mu-law.

use super::error::{CallerError, ScriptError};
use crate::media::{Codec, SAMPLE_RATE};
use hound::{SampleFormat, WavReader};
use std::path::Path;

/// The format tag of mu-law (RFC 2361), which hound does not read.
const MU_LAW: u16 = 7;

/// Reads a mono file.
pub(super) fn read(path: &Path) -> Result<Vec<i16>, ScriptError> {
    let fault = |why: String| ScriptError::Sound { path: path.to_owned(), why };
    let bytes = std::fs::read(path).map_err(|error| fault(error.to_string()))?;
    if let Some((format, samples)) = mu_law(&bytes) {
        return match format {
            (1, SAMPLE_RATE) => Ok(Codec::Pcmu.decode(samples)),
            (channels, rate) => Err(fault(format!("has {channels} channels of mu-law at {rate} Hz"))),
        };
    }
    let mut reader = WavReader::new(bytes.as_slice()).map_err(|error| fault(error.to_string()))?;
    let spec = reader.spec();
    if (spec.channels, spec.sample_rate, spec.bits_per_sample, spec.sample_format)
        != (1, SAMPLE_RATE, 16, SampleFormat::Int)
    {
        return Err(fault(format!(
            "has {} channels of {} bits at {} Hz",
            spec.channels, spec.bits_per_sample, spec.sample_rate
        )));
    }
    reader.samples::<i16>().collect::<Result<_, _>>().map_err(|error| fault(error.to_string()))
}

/// Channels, rate and samples of a mu-law file; `None` when it is none.
fn mu_law(bytes: &[u8]) -> Option<((u16, u32), &[u8])> {
    let format = chunk(bytes, *b"fmt ")?;
    let two = |at: usize| Some(u16::from_le_bytes(format.get(at..at + 2)?.try_into().ok()?));
    let rate = u32::from_le_bytes(format.get(4..8)?.try_into().ok()?);
    (two(0)? == MU_LAW).then_some(((two(2)?, rate), chunk(bytes, *b"data")?))
}

/// The body of the first chunk of this name in a RIFF file.
fn chunk(bytes: &[u8], name: [u8; 4]) -> Option<&[u8]> {
    let mut rest = bytes.strip_prefix(b"RIFF")?.get(8..)?;
    loop {
        let length = u32::from_le_bytes(rest.get(4..8)?.try_into().ok()?) as usize;
        if rest.starts_with(&name) {
            return rest.get(8..8 + length);
        }
        // Chunks begin at even places.
        rest = rest.get(8 + length + length % 2..)?;
    }
}

/// Writes channels of equal length, interleaved.
pub(super) fn write(path: &Path, channels: &[&[i16]]) -> Result<(), CallerError> {
    crate::wav::write(path, channels)
        .map_err(|error| CallerError::Output { path: path.to_owned(), why: error.to_string() })
}
