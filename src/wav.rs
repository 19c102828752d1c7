//! Sound files of the telephone line: 16-bit linear PCM at 8,000 Hz.

use crate::media::SAMPLE_RATE;
use hound::{SampleFormat, WavSpec, WavWriter};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Begins a file of so many interleaved channels.
///
/// # Errors
/// When it can't be written.
pub(crate) fn create(path: &Path, channels: u16) -> Result<WavWriter<BufWriter<File>>, hound::Error> {
    let spec = WavSpec { channels, sample_rate: SAMPLE_RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };
    WavWriter::create(path, spec)
}

/// Writes whole channels; a shorter one ends in silence.
///
/// # Errors
/// When the file can't be written.
pub(crate) fn write(path: &Path, channels: &[&[i16]]) -> Result<(), hound::Error> {
    let mut writer = create(path, channels.len() as u16)?;
    let length = channels.iter().map(|channel| channel.len()).max().unwrap_or(0);
    for index in 0..length {
        for channel in channels {
            writer.write_sample(channel.get(index).copied().unwrap_or(0))?;
        }
    }
    writer.finalize()
}
