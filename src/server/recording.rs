//! The recording of one call: a stereo WAV, the caller left, the receptionist right.

use crate::media::Frame;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
        Ok(Self { wav: crate::wav::create(&path, 2)?, path, unflushed: 0 })
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

/// Deletes recordings older than `keep` and says how many.
///
/// # Errors
/// When the folder can't be read; a file that can't be deleted is logged and left.
pub(super) fn sweep(folder: &Path, keep: Duration) -> std::io::Result<usize> {
    let mut swept = 0;
    if !folder.exists() {
        return Ok(swept);
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let is_recording = entry.path().extension().is_some_and(|extension| extension == "wav");
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if is_recording && age > keep {
            match std::fs::remove_file(entry.path()) {
                Ok(()) => swept += 1,
                Err(error) => tracing::error!(%error, "an old recording could not be deleted"),
            }
        }
    }
    Ok(swept)
}

#[cfg(test)]
mod tests {
    use super::{Recording, sweep};
    use crate::media::{FRAME_SAMPLES, Frame};
    use std::time::Duration;

    #[test]
    fn the_caller_is_left_and_the_receptionist_right() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut recording = Recording::create(&folder.path().join("new"), "call").expect("created");
        recording.add(&Frame([1; FRAME_SAMPLES]), &Frame([-2; FRAME_SAMPLES])).expect("written");
        let mut wav = hound::WavReader::open(recording.finish().expect("finished")).expect("a WAV");
        assert_eq!((wav.spec().channels, wav.spec().sample_rate), (2, 8_000));
        let samples: Vec<i16> = wav.samples().map(|sample| sample.expect("a sample")).collect();
        assert_eq!(samples.len(), 2 * FRAME_SAMPLES);
        assert_eq!(samples[..4], [1, -2, 1, -2]);
    }

    #[test]
    fn a_recording_that_is_cut_off_keeps_what_was_flushed() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut recording = Recording::create(folder.path(), "call").expect("created");
        for _ in 0..150 {
            recording.add(&Frame::SILENCE, &Frame::SILENCE).expect("written");
        }
        // A killed process runs no destructor.
        std::mem::forget(recording);
        let wav = hound::WavReader::open(folder.path().join("call.wav")).expect("a whole WAV");
        assert!(wav.duration() >= 100 * FRAME_SAMPLES as u32);
    }

    #[test]
    fn only_old_recordings_are_swept() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["old.wav", "notes.txt"] {
            let file = std::fs::File::create(folder.path().join(name)).expect("created");
            let modified = file.metadata().and_then(|meta| meta.modified()).expect("a time");
            file.set_modified(modified - Duration::from_hours(48)).expect("dated back");
        }
        std::fs::File::create(folder.path().join("new.wav")).expect("created");
        assert_eq!(sweep(folder.path(), Duration::from_hours(24)).expect("swept"), 1);
        assert!(!folder.path().join("old.wav").exists());
        assert!(folder.path().join("new.wav").exists() && folder.path().join("notes.txt").exists());
        assert_eq!(sweep(&folder.path().join("missing"), Duration::ZERO).expect("nothing to do"), 0);
    }
}
