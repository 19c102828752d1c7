//! Words to phonemes by espeak-ng, which keeps one state for the whole process and needs its data folder.

use super::{SpeechError, WHAT, failed};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const DATA: &str = "espeak-ng-data";
// espeak-rs looks there first.
const VARIABLE: &str = "PIPER_ESPEAKNG_DATA_DIRECTORY";
// Where distributions put it.
const INSTALLED: [&str; 5] =
    ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/share", "/usr/lib", "/usr/local/share"];

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Starts espeak-ng with the data under `given`, or else under the usual places.
pub(super) fn start(given: Option<&Path>, language: &str) -> Result<(), SpeechError> {
    let folder = find(given).ok_or_else(|| SpeechError::Load {
        what: WHAT,
        path: given.map_or_else(|| DATA.to_owned(), |folder| folder.join(DATA).display().to_string()),
        why: format!("espeak-ng's data is not there; the package `{DATA}` has it"),
    })?;
    {
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        // The library reads its data at the first call, from the working folder, and offers no other way but a
        // variable that can't be set safely once threads run.
        let here = std::env::current_dir().map_err(failed)?;
        std::env::set_current_dir(&folder).map_err(failed)?;
        let started = espeak_rs::text_to_phonemes("a", language, None);
        std::env::set_current_dir(here).map_err(failed)?;
        started.map_err(failed)?;
    }
    Ok(())
}

/// The phonemes (IPA) of some words without marks between them.
pub(super) fn phonemes(words: &str, language: &str) -> Result<String, SpeechError> {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let sentences = espeak_rs::text_to_phonemes(words, language, None).map_err(failed)?;
    let joined = sentences.join(" ");
    Ok(joined.trim_matches(|c: char| c.is_whitespace() || ".,;:!?".contains(c)).to_owned())
}

fn find(given: Option<&Path>) -> Option<PathBuf> {
    let holds = |folder: &PathBuf| folder.join(DATA).join("phontab").is_file();
    if let Some(given) = given {
        return Some(given.to_path_buf()).filter(holds);
    }
    let named = std::env::var_os(VARIABLE).map(PathBuf::from);
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.to_path_buf()));
    let installed = INSTALLED.into_iter().map(PathBuf::from);
    named.into_iter().chain(beside).chain(installed).chain(built()).find(holds)
}

// Where the library was built, for a binary that runs on the machine that built it.
fn built() -> Vec<PathBuf> {
    let Some(builds) = Path::new(env!("OUT_DIR")).ancestors().nth(2) else { return Vec::new() };
    let entries = std::fs::read_dir(builds).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("espeak-rs-sys-"));
    ours.map(|entry| entry.path().join("out/share")).collect()
}
