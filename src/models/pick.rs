//! One model by its id in the manifest or by its file's path, for those who try models out.

use super::cache::Cache;
use super::error::{ModelFault, Problem};
use super::manifest::{Kind, Manifest, ModelEntry};
use super::resolve::{beside, find_espeak_data};
use crate::speech::parts_beside;
use std::path::{Path, PathBuf};

/// Why a model could not be picked.
#[derive(Debug, thiserror::Error)]
pub enum PickError {
    /// Neither an id nor a file.
    #[error("`{name}` is no model of the manifest, and no file: use one of {offered}, or write the path of a file")]
    Unknown {
        /// As it was written.
        name: String,
        /// The ids of that kind.
        offered: String,
    },
    /// A model for something else.
    #[error("`{name}` is a {found}, not a {wanted}: use one of {offered}")]
    OtherKind {
        /// As it was written.
        name: String,
        /// What it is.
        found: Kind,
        /// What is needed.
        wanted: Kind,
        /// The ids of that kind.
        offered: String,
    },
    /// It has to be pulled.
    #[error(transparent)]
    Fault(#[from] Box<ModelFault>),
    /// An own file can't be used.
    #[error("{} {problem}", .path.display())]
    Own {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        problem: Problem,
    },
    /// Nothing runs voices here.
    #[error("no ONNX Runtime is offered for this machine: name one with `onnxruntime` in [models]")]
    NoRuntime,
}

/// A model file that is there and whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picked {
    /// Its id in the manifest, or its file's name.
    pub id: String,
    /// Where it is.
    pub path: PathBuf,
    /// Of its content.
    pub sha256: String,
}

/// A voice with all that runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickedVoice {
    /// The voice itself.
    pub voice: Picked,
    /// Its configuration.
    pub config: PathBuf,
    /// The ONNX Runtime library.
    pub onnxruntime: PathBuf,
    /// The folder that holds `espeak-ng-data`, when one was found.
    pub espeak_data: Option<PathBuf>,
}

/// Finds the model of this kind that `name` says: an id of the manifest, or the path of a file.
///
/// # Errors
/// When it is neither (the message lists the ids), when it is a model of another kind, or when it has to be pulled.
pub fn pick(kind: Kind, name: &str, manifest: &Manifest, cache: &Cache) -> Result<Picked, PickError> {
    let offered = || offered(kind, manifest);
    if let Some(entry) = manifest.models.iter().find(|entry| entry.id == name) {
        if entry.kind != kind {
            return Err(PickError::OtherKind {
                name: name.to_owned(),
                found: entry.kind,
                wanted: kind,
                offered: offered(),
            });
        }
        return of_manifest(entry, cache);
    }
    let path = Path::new(name);
    if !path.is_file() {
        return Err(PickError::Unknown { name: name.to_owned(), offered: offered() });
    }
    let sha256 = cache.sha256(path, false).map_err(|problem| PickError::Own { path: path.to_owned(), problem })?;
    let id = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(Picked { id, path: path.to_owned(), sha256 })
}

/// Finds a voice, its configuration (of a file: `voice.onnx.json` beside it), and what runs it.
///
/// # Errors
/// As [`pick()`].
pub fn pick_voice(name: &str, manifest: &Manifest, cache: &Cache) -> Result<PickedVoice, PickError> {
    let voice = pick(Kind::Voice, name, manifest, cache)?;
    let config = match manifest.models.iter().find(|entry| entry.id == format!("{name}-config")) {
        Some(entry) => of_manifest(entry, cache)?.path,
        None => beside(&voice.path),
    };
    if !config.is_file() {
        return Err(PickError::Own { path: config, problem: Problem::Missing });
    }
    Ok(PickedVoice { voice, config, onnxruntime: pick_runtime(manifest, cache)?, espeak_data: find_espeak_data(cache) })
}

/// Finds the encoder of a second transcriber, whose other files must be there as well (of a file: beside it).
///
/// # Errors
/// As [`pick()`].
pub fn pick_second(name: &str, manifest: &Manifest, cache: &Cache) -> Result<Picked, PickError> {
    let encoder = pick(Kind::SecondTranscriber, name, manifest, cache)?;
    for part in parts_beside(&encoder.path) {
        match manifest.models.iter().find(|entry| cache.path(entry) == part) {
            Some(entry) => drop(of_manifest(entry, cache)?),
            None if part.is_file() => {}
            None => return Err(PickError::Own { path: part, problem: Problem::Missing }),
        }
    }
    Ok(encoder)
}

/// Finds the library that runs voices and Moonshine.
///
/// # Errors
/// When there is none for this machine, or it has to be pulled.
pub fn pick_runtime(manifest: &Manifest, cache: &Cache) -> Result<PathBuf, PickError> {
    let runtime = manifest.models.iter().find(|entry| entry.kind == Kind::Runtime && entry.is_for_this_machine());
    Ok(of_manifest(runtime.ok_or(PickError::NoRuntime)?, cache)?.path)
}

fn of_manifest(entry: &ModelEntry, cache: &Cache) -> Result<Picked, PickError> {
    let sha256 = cache.check(entry, false)?;
    Ok(Picked { id: entry.id.clone(), path: cache.path(entry), sha256 })
}

fn offered(kind: Kind, manifest: &Manifest) -> String {
    let ids: Vec<&str> =
        manifest.models.iter().filter(|entry| entry.kind == kind).map(|entry| entry.id.as_str()).collect();
    ids.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_had_is_told_with_what_can() {
        let (manifest, folder) = (Manifest::bundled(), tempfile::tempdir().expect("a folder"));
        let cache = Cache::at(folder.path());
        let why = |name: &str| format!("{:#}", pick(Kind::Transcriber, name, &manifest, &cache).expect_err(name));
        assert!(why("whisper-huge").contains("whisper-base-q8_0"), "{}", why("whisper-huge"));
        assert!(why("whisper-base-q8_0").contains("backstop models pull whisper-base-q8_0"));
        let voice = &manifest.models.iter().find(|entry| entry.kind == Kind::Voice).expect("a voice").id;
        assert!(why(voice).contains("not a"), "{}", why(voice));
    }

    #[test]
    fn a_file_is_named_by_its_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("own.bin");
        std::fs::write(&path, b"weights").expect("written");
        let name = path.to_str().expect("a path");
        let found = pick(Kind::Transcriber, name, &Manifest::bundled(), &Cache::at(folder.path())).expect("there");
        assert_eq!((found.id.as_str(), found.path.as_path(), found.sha256.len()), ("own.bin", path.as_path(), 64));
    }
}
