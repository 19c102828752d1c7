//! The scripts and sounds that come with the project.

use crate::caller::{Action, Script};
use crate::media::SAMPLE_RATE;
use std::path::{Path, PathBuf};

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/callers")
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|it| it == extension)).collect();
    found.sort();
    found
}

pub(super) fn scripts() -> Vec<Script> {
    files(&folder(), "toml").iter().map(|path| Script::load(path).unwrap_or_else(|error| panic!("{error}"))).collect()
}

#[test]
fn every_script_loads_with_its_sounds() {
    let scripts = scripts();
    assert!(scripts.len() >= 40, "{} callers", scripts.len());
    let prompts = folder().join("../../prompts");
    for script in &scripts {
        assert!(script.expect.outcome.is_some(), "{}", script.name);
        let prompt = script.prompt.as_deref().unwrap_or("receptionist");
        assert!(prompts.join(prompt).with_extension("md").exists(), "{}: no prompt file `{prompt}`", script.name);
        for step in &script.steps {
            if let Action::Say { text, sound } = &step.action {
                let seconds = sound.len() / SAMPLE_RATE as usize;
                let longest = if script.name == "talker" { 40 } else { 25 };
                assert!(seconds < longest, "{}: `{text}` takes {seconds} s", script.name);
            }
        }
    }
}

#[test]
fn every_sound_is_small_audible_and_used() {
    let scripts: String = files(&folder(), "toml").iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let mut total = 0;
    for path in sounds(&folder().join("audio")) {
        let bytes = path.metadata().unwrap().len();
        total += bytes;
        assert!(bytes < 150_000, "{}: {bytes} bytes", path.display());
        let level = crate::caller::noise::active_level_dbfs(&crate::caller::wav::read(&path).unwrap());
        assert!((-30.0..-12.0).contains(&level), "{}: {level} dBFS", path.display());
        let name = path.strip_prefix(folder()).unwrap().to_str().unwrap();
        assert!(scripts.contains(&format!("\"{name}\"")), "{name} belongs to no script: delete it");
    }
    assert!(total < 12_000_000, "{total} bytes");
}

fn sounds(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sounds(&path) } else { vec![path] }).collect()
}
