//! The folder that models are kept in, shared by every checkout, and what is known about the files in it.

use super::checksum;
use super::error::{ModelError, ModelFault, Problem};
use super::manifest::ModelEntry;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The folder of models: `$BACKSTOP_MODELS`, `$XDG_CACHE_HOME/backstop/models` or `~/.cache/backstop/models`.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

/// What was found when a file was last read as a whole. While its length and time of change stay, it is not read again.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    bytes: u64,
    changed_ns: u128,
    pub(super) sha256: String,
    /// Where it came from instead, when the manifest has no checksum for that source.
    pub(super) trusted_source: Option<String>,
}

impl Cache {
    /// Finds the folder by the environment.
    ///
    /// # Errors
    /// When neither variable nor a home is set.
    pub fn locate() -> Result<Self, ModelError> {
        Self::locate_by(&|name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from))
    }

    pub(super) fn locate_by(env: &dyn Fn(&str) -> Option<PathBuf>) -> Result<Self, ModelError> {
        let folder = env("BACKSTOP_MODELS")
            .or_else(|| env("XDG_CACHE_HOME").map(|cache| cache.join("backstop/models")))
            .or_else(|| env("HOME").map(|home| home.join(".cache/backstop/models")));
        folder.map(Self::at).ok_or(ModelError::NoCache)
    }

    /// Uses this folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.folder
    }

    /// Where a model's file is, or would be.
    pub fn path(&self, entry: &ModelEntry) -> PathBuf {
        self.folder.join(&entry.file)
    }

    /// Where half-done work is kept, so that it can be resumed.
    pub(super) fn partial(&self) -> PathBuf {
        self.folder.join("partial")
    }

    /// Checks a file by length and stamp; `deep` reads it as a whole. The first check of a file reads it, too. Gives its SHA-256.
    ///
    /// # Errors
    /// What is wrong with the file, and the command that helps.
    pub fn check(&self, entry: &ModelEntry, deep: bool) -> Result<String, Box<ModelFault>> {
        let path = self.path(entry);
        self.examine(entry, &path, deep).map_err(|problem| {
            let fix = format!("Run `backstop models pull {}`", entry.id);
            Box::new(ModelFault { kind: entry.kind, id: entry.id.clone(), path, problem, fix })
        })
    }

    fn examine(&self, entry: &ModelEntry, path: &Path, deep: bool) -> Result<String, Problem> {
        let stamp = self.stamp(path);
        let trusted = stamp.as_ref().filter(|stamp| stamp.trusted_source.is_some());
        let (wanted_bytes, wanted) = match trusted {
            Some(stamp) => (stamp.bytes, stamp.sha256.clone()),
            None => (entry.bytes, entry.sha256.clone()),
        };
        let found_bytes = length(path)?;
        if found_bytes != wanted_bytes {
            return Err(Problem::Size { wanted: wanted_bytes, found: found_bytes });
        }
        let found = self.sha256(path, deep)?;
        if found == wanted { Ok(found) } else { Err(Problem::Content { wanted, found }) }
    }

    /// The SHA-256 of any file: from its stamp when that still holds and `deep` is not asked for.
    pub(super) fn sha256(&self, path: &Path, deep: bool) -> Result<String, Problem> {
        let unreadable = |why: ModelError| Problem::Unreadable(why.to_string());
        let stamp = self.stamp(path);
        let (bytes, changed_ns) = shape(path)?;
        if let Some(stamp) = &stamp
            && !deep
            && (stamp.bytes, stamp.changed_ns) == (bytes, changed_ns)
        {
            return Ok(stamp.sha256.clone());
        }
        let found = checksum::of_file(path).map_err(unreadable)?;
        // A file that was trusted once is held to what it was then.
        if stamp.is_none_or(|stamp| stamp.trusted_source.is_none()) {
            // An unwritable cache still serves; it is only read again next time.
            let _ = self.keep_stamp(path, &found, None);
        }
        Ok(found)
    }

    /// Notes what was found in a file just read or written as a whole.
    pub(super) fn keep_stamp(&self, path: &Path, sha256: &str, trusted: Option<&str>) -> Result<(), ModelError> {
        let (bytes, changed_ns) = shape(path)
            .map_err(|why| ModelError::Io { path: path.to_owned(), why: std::io::Error::other(why.to_string()) })?;
        let stamp = Stamp { bytes, changed_ns, sha256: sha256.to_owned(), trusted_source: trusted.map(str::to_owned) };
        let at = self.stamp_path(path);
        fs::create_dir_all(self.folder.join("stamps")).map_err(ModelError::io(&at))?;
        let text = serde_json::to_string(&stamp).map_err(|why| ModelError::Manifest(why.to_string()))?;
        let written = at.with_extension("new");
        fs::write(&written, text).and_then(|()| fs::rename(&written, &at)).map_err(ModelError::io(&at))
    }

    pub(super) fn stamp(&self, path: &Path) -> Option<Stamp> {
        serde_json::from_str(&fs::read_to_string(self.stamp_path(path)).ok()?).ok()
    }

    // Named by the path's own checksum, so that an owner's file anywhere has one without anything being written beside it.
    fn stamp_path(&self, path: &Path) -> PathBuf {
        use sha2::{Digest, Sha256};
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let name = hex::encode(&Sha256::digest(path.as_os_str().as_encoded_bytes())[..8]);
        self.folder.join("stamps").join(name)
    }
}

fn length(path: &Path) -> Result<u64, Problem> {
    shape(path).map(|(bytes, _)| bytes)
}

fn shape(path: &Path) -> Result<(u64, u128), Problem> {
    let meta = match fs::metadata(path) {
        Ok(meta) if meta.is_file() => meta,
        Ok(_) => return Err(Problem::Unreadable("it is no file".to_owned())),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Err(Problem::Missing),
        Err(why) => return Err(Problem::Unreadable(why.to_string())),
    };
    let changed = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Ok((meta.len(), changed.map_or(0, |time| time.as_nanos())))
}
