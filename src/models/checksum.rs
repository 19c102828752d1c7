//! SHA-256 of files and of what is being written.

use super::error::ModelError;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// The SHA-256 of a file, in lower-case hexadecimal.
pub(super) fn of_file(path: &Path) -> Result<String, ModelError> {
    let mut file = File::open(path).map_err(ModelError::io(path))?;
    let mut sum = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).map_err(ModelError::io(path))? {
            0 => return Ok(hex::encode(sum.finalize())),
            length => sum.update(&buffer[..length]),
        }
    }
}

/// Counts and sums what passes through to `inner`.
pub(super) struct Summed<W> {
    inner: W,
    sum: Sha256,
    bytes: u64,
}

impl<W: Write> Summed<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, sum: Sha256::new(), bytes: 0 }
    }

    /// The length and the SHA-256 of everything written, and the inner writer.
    pub(super) fn finish(self) -> (u64, String, W) {
        (self.bytes, hex::encode(self.sum.finalize()), self.inner)
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sum.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
