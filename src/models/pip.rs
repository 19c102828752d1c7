//! Packages of Python's index, fetched by pip: it knows the machine's registry, mirror and proxy, so that we need not.

use super::manifest::Part;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

const INSTALL: &str = "install it with `sudo apt-get install -y python3 python3-pip` (or your system's like)";

/// Fetches one package and leaves its wheel at `into`. The wheel appears there only when it is whole.
pub(super) fn download(part: &Part, into: &Path) -> Result<(), String> {
    let folder = into.with_extension("fetching");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    }
    fs::create_dir_all(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let result = run(part, &folder).and_then(|()| {
        let wheel = only_wheel(&folder).ok_or_else(|| format!("pip left no wheel of {}", part.package))?;
        fs::rename(&wheel, into).map_err(|why| format!("{}: {why}", into.display()))
    });
    // What is left is of no use: pip can't continue a half-fetched file.
    let _ = fs::remove_dir_all(&folder);
    result
}

fn run(part: &Part, folder: &Path) -> Result<(), String> {
    let mut command = Command::new("python3");
    command.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-cache-dir"]);
    command.args(["--no-deps", "--only-binary=:all:"]);
    if let Some(platform) = &part.platform {
        command.args(["--platform", platform, "--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"]);
    }
    command.arg("--dest").arg(folder).arg(format!("{}=={}", part.package, part.version));
    let output = match command.output() {
        Ok(output) => output,
        Err(why) if why.kind() == ErrorKind::NotFound => return Err(format!("python3 is missing: {INSTALL}")),
        Err(why) => return Err(format!("python3 can't be started: {why}")),
    };
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("No module named pip") {
        return Err(format!("pip is missing: {INSTALL}"));
    }
    let why =
        said.lines().rev().find(|line| line.contains("ERROR")).or(said.lines().last()).unwrap_or("it said nothing");
    Err(format!("pip could not fetch {}=={}: {}", part.package, part.version, why.trim()))
}

fn only_wheel(folder: &Path) -> Option<PathBuf> {
    let mut files = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    files.find(|path| path.extension().is_some_and(|extension| extension == "whl"))
}
