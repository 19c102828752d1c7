//! Packages of public registries, fetched by their own clients: those know the machine's registry, mirror and proxy, so that we need not.

use super::manifest::{Part, Registry};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

const PIP: Client = Client {
    program: "python3",
    name: "pip",
    missing: "No module named pip",
    install: "install it with `sudo apt-get install -y python3 python3-pip` (or your system's like)",
};
const NPM: Client = Client {
    program: "npm",
    name: "npm",
    missing: "npm: not found",
    install: "install it with `sudo apt-get install -y npm` (or your system's like)",
};

struct Client {
    program: &'static str,
    name: &'static str,
    // Of what it says when a part of it is not there.
    missing: &'static str,
    install: &'static str,
}

/// Fetches one package and leaves it, as it is kept by the registry, at `into`. It appears there only when it is whole.
pub(super) fn download(registry: Registry, part: &Part, into: &Path) -> Result<(), String> {
    let folder = into.with_extension("fetching");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    }
    fs::create_dir_all(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let (client, command) = match registry {
        Registry::Pypi => (&PIP, pip(part, &folder)),
        Registry::Npm => (&NPM, npm(part, &folder)),
    };
    let result = client.run(command, part).and_then(|()| {
        let fetched = only_file(&folder).ok_or_else(|| format!("{} left no package {}", client.name, part.package))?;
        fs::rename(&fetched, into).map_err(|why| format!("{}: {why}", into.display()))
    });
    // What is left is of no use: no client can continue a half-fetched file.
    let _ = fs::remove_dir_all(&folder);
    result
}

fn pip(part: &Part, folder: &Path) -> Command {
    let mut command = Command::new(PIP.program);
    command.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-cache-dir"]);
    command.args(["--no-deps", "--only-binary=:all:"]);
    if let Some(platform) = &part.platform {
        command.args(["--platform", platform, "--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"]);
    }
    command.arg("--dest").arg(folder).arg(format!("{}=={}", part.package, part.version));
    command
}

fn npm(part: &Part, folder: &Path) -> Command {
    let mut command = Command::new(NPM.program);
    command.args(["pack", "--silent", "--no-update-notifier", "--pack-destination"]);
    command.arg(folder).arg(format!("{}@{}", part.package, part.version));
    command
}

impl Client {
    fn run(&self, mut command: Command, part: &Part) -> Result<(), String> {
        let Self { program, name, missing, install } = self;
        let output = match command.output() {
            Ok(output) => output,
            Err(why) if why.kind() == ErrorKind::NotFound => return Err(format!("{program} is missing: {install}")),
            Err(why) => return Err(format!("{program} can't be started: {why}")),
        };
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        if said.contains(missing) {
            return Err(format!("{name} is missing: {install}"));
        }
        let is_error = |line: &&str| line.to_lowercase().contains("error");
        let why = said.lines().rev().find(is_error).or(said.lines().last()).unwrap_or("it said nothing");
        Err(format!("{name} could not fetch {} {}: {}", part.package, part.version, why.trim()))
    }
}

fn only_file(folder: &Path) -> Option<PathBuf> {
    fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).find(|path| path.is_file())
}
