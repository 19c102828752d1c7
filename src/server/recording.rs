//! The recording of one call: a stereo WAV, the caller left, the receptionist right.

use crate::media::{Frame, SAMPLE_RATE};
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// Frames between two flushes: what a killed process may lose of the sound.
const FLUSH_FRAMES: u32 = 100;

/// A recording that is being written.
pub(super) struct Recording {
    path: PathBuf,
    wav: hound::WavWriter<BufWriter<File>>,
    unflushed: u32,
}

impl Recording {
    /// Begins a recording; the folder is made if it isn't there.
    ///
    /// # Errors
    /// When folder or file can't be written.
    pub(super) fn create(folder: &Path, name: &str) -> Result<Self, hound::Error> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!("{name}.wav"));
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: SAMPLE_RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        Ok(Self { wav: hound::WavWriter::create(&path, spec)?, path, unflushed: 0 })
    }

    /// Adds 20 ms of both sides.
    ///
    /// # Errors
    /// When the disk is full or gone.
    pub(super) fn add(&mut self, caller: &Frame, receptionist: &Frame) -> Result<(), hound::Error> {
        for (left, right) in caller.0.iter().zip(&receptionist.0) {
            self.wav.write_sample(*left)?;
            self.wav.write_sample(*right)?;
        }
        self.unflushed += 1;
        if self.unflushed >= FLUSH_FRAMES {
            self.unflushed = 0;
            self.wav.flush()?;
        }
        Ok(())
    }

    /// Ends the recording and gives its path.
    ///
    /// # Errors
    /// When the disk is full or gone.
    pub(super) fn finish(self) -> Result<PathBuf, hound::Error> {
        self.wav.finalize()?;
        Ok(self.path)
    }
}
