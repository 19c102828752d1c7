//! Prompts that are the same at every start, kept on disk as the model took them in, so that a start need not do it again.
//!
//! A file holds the keys and values of one prompt and ends with their SHA-256. Its name tells the model's file, the tokens
//! and the format; a file that is missing, cut short or damaged is made anew.

use super::slots::Slot;
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

// Changes with the file's layout and with everything that changes what the model makes of a token.
const FORMAT: &str = "backstop-prefix-1";
const HASH_BYTES: usize = 32;
// Two prompts of each of two models, and as many that were changed since.
const MOST_FILES: usize = 8;

/// The folder, and the model that its files are for.
pub(super) struct Shelf {
    folder: Option<PathBuf>,
    model: String,
}

impl Shelf {
    /// For the model in a file; without a folder nothing is kept.
    pub(super) fn new(folder: Option<PathBuf>, model: &Path) -> io::Result<Self> {
        let file = fs::metadata(model)?;
        let changed = file.modified()?.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let path = fs::canonicalize(model)?;
        Ok(Self { folder, model: format!("{} {} {changed}", path.display(), file.len()) })
    }

    /// Fills the slot with these tokens; false when they aren't there.
    pub(super) fn fetch(&self, slot: &mut Slot, tokens: &[u32]) -> bool {
        let Some(bytes) = self.path(tokens).and_then(|path| fs::read(path).ok()) else { return false };
        let Some((values, hash)) = bytes.split_last_chunk::<HASH_BYTES>() else { return false };
        let is_whole = Sha256::digest(values)[..] == hash[..];
        slot.tokens.clear();
        let is_taken = is_whole && slot.kept.fill(values, tokens.len()).unwrap_or(false);
        if is_taken {
            slot.tokens = tokens.to_vec();
            tracing::debug!(tokens = tokens.len(), "a prompt was taken from disk");
        }
        is_taken
    }

    /// Keeps what the slot holds. A failure costs only time at the next start.
    pub(super) fn put(&self, slot: &Slot) {
        let Some(path) = self.path(&slot.tokens) else { return };
        let written = slot.kept.to_bytes(slot.tokens.len()).map_err(io::Error::other).and_then(|mut bytes| {
            let hash = Sha256::digest(&bytes);
            bytes.extend_from_slice(&hash);
            replace(&path, &bytes)
        });
        if let Err(error) = written {
            tracing::debug!(%error, "a prompt could not be kept on disk");
        }
    }

    fn path(&self, tokens: &[u32]) -> Option<PathBuf> {
        let mut hash = Sha256::new();
        hash.update(format!("{FORMAT} {} ", self.model));
        for token in tokens {
            hash.update(token.to_le_bytes());
        }
        Some(self.folder.as_ref()?.join(format!("{:x}.prefix", hash.finalize())))
    }
}

// Written aside and renamed, so that nobody reads half a file.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
    fs::create_dir_all(folder)?;
    let aside = path.with_extension(format!("{}.partial", std::process::id()));
    fs::write(&aside, bytes)?;
    fs::rename(&aside, path)?;
    forget_oldest(folder)
}

fn forget_oldest(folder: &Path) -> io::Result<()> {
    let is_prefix = |path: &Path| path.extension().is_some_and(|extension| extension == "prefix");
    let mut files: Vec<_> = fs::read_dir(folder)?
        .flatten()
        .filter(|entry| is_prefix(&entry.path()))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    let spare = files.len().saturating_sub(MOST_FILES);
    files.iter().take(spare).try_for_each(|(_, path)| fs::remove_file(path))
}

#[cfg(test)]
mod tests {
    use super::super::weights::Kept;
    use super::{Shelf, Slot};
    use std::fs;

    fn slot() -> Slot {
        Slot::of(Kept::new(2, 8, 1, 4).expect("made"))
    }

    #[test]
    fn what_was_put_is_fetched_and_damage_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (model, prefixes) = (folder.path().join("model.gguf"), folder.path().join("prefixes"));
        fs::write(&model, b"a model").expect("written");
        let shelf = Shelf::new(Some(prefixes.clone()), &model).expect("found");
        let (mut full, values) = (slot(), (0..192_u8).collect::<Vec<_>>());
        assert!(full.kept.fill(&values, 3).expect("fills"));
        full.tokens = vec![7, 8, 9];
        shelf.put(&full);

        let mut empty = slot();
        assert!(!shelf.fetch(&mut empty, &[7, 8]), "other tokens");
        assert!(shelf.fetch(&mut empty, &[7, 8, 9]));
        assert_eq!((empty.tokens.as_slice(), empty.kept.to_bytes(3).expect("read")), ([7, 8, 9].as_slice(), values));

        let file = fs::read_dir(&prefixes).expect("there").flatten().next().expect("one file").path();
        let mut bytes = fs::read(&file).expect("read");
        bytes[5] ^= 1;
        fs::write(&file, &bytes).expect("written");
        assert!(!shelf.fetch(&mut slot(), &[7, 8, 9]), "damaged");
        shelf.put(&full);
        assert!(shelf.fetch(&mut slot(), &[7, 8, 9]), "made anew");
        fs::write(&model, b"another model").expect("written");
        let other = Shelf::new(Some(prefixes), &model).expect("found");
        assert!(!other.fetch(&mut slot(), &[7, 8, 9]), "another model's");
    }

    #[test]
    fn without_a_folder_nothing_is_kept() {
        let model = tempfile::NamedTempFile::new().expect("a file");
        let shelf = Shelf::new(None, model.path()).expect("found");
        let mut full = slot();
        full.tokens = vec![7];
        shelf.put(&full);
        assert!(!shelf.fetch(&mut full, &[7]));
    }
}
