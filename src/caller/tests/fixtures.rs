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
    let names: Vec<&str> = scripts.iter().map(|script| script.name.as_str()).collect();
    let wanted = ["asker", "burst_pipe", "corrector", "dictates", "hangs_up", "interrupter", "keypad", "silent"];
    assert_eq!(names, [&wanted[..], &["speller", "withheld"]].concat());
    for script in &scripts {
        assert!(script.expect.outcome.is_some(), "{}", script.name);
        for step in &script.steps {
            if let Action::Say { text, sound } = &step.action {
                let seconds = sound.len() / SAMPLE_RATE as usize;
                assert!(seconds < 12, "{}: `{text}` takes {seconds} s", script.name);
            }
        }
    }
}

#[test]
fn every_sound_is_small_audible_and_used() {
    let scripts: String = files(&folder(), "toml").iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let mut total = 0;
    for path in files(&folder().join("audio"), "wav") {
        let bytes = path.metadata().unwrap().len();
        total += bytes;
        assert!(bytes < 300_000, "{}: {bytes} bytes", path.display());
        let level = crate::caller::noise::active_level_dbfs(&crate::caller::wav::read(&path).unwrap());
        assert!((-30.0..-12.0).contains(&level), "{}: {level} dBFS", path.display());
        let name = format!("audio/{}", path.file_name().unwrap().to_str().unwrap());
        assert!(scripts.contains(&name), "{name} belongs to no script: delete it");
    }
    assert!(total < 4_000_000, "{total} bytes");
}
