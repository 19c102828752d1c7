//! Sound files: 16-bit at 8,000 Hz.

use super::error::{CallerError, ScriptError};
use crate::media::SAMPLE_RATE;
use hound::{SampleFormat, WavReader};
use std::path::Path;

/// Reads a mono file.
pub(super) fn read(path: &Path) -> Result<Vec<i16>, ScriptError> {
    let fault = |why: String| ScriptError::Sound { path: path.to_owned(), why };
    let mut reader = WavReader::open(path).map_err(|error| fault(error.to_string()))?;
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

/// Writes channels of equal length, interleaved.
pub(super) fn write(path: &Path, channels: &[&[i16]]) -> Result<(), CallerError> {
    crate::wav::write(path, channels)
        .map_err(|error| CallerError::Output { path: path.to_owned(), why: error.to_string() })
}
