//! Real model files for tests, wherever under the models' folder they lie.

use std::path::{Path, PathBuf};

/// The smallest file whose name passes; `None` after a loud word that the test is skipped.
pub(super) fn model(what: &str, is_it: impl Fn(&str) -> bool) -> Option<PathBuf> {
    let mut found = Vec::new();
    if let Some(folder) = folder() {
        collect(&folder, 4, &is_it, &mut found);
    }
    found.sort();
    let path = found.into_iter().next().map(|(_, path)| path);
    if path.is_none() {
        eprintln!("skipped: no {what} found: run `backstop models pull`");
    }
    path
}

/// A small language model.
pub(super) fn language_model() -> Option<PathBuf> {
    model("language model", |name| Path::new(name).extension().is_some_and(|e| e == "gguf"))
}

/// A whisper model.
pub(super) fn whisper() -> Option<PathBuf> {
    model("whisper model", |name| name.contains("tiny") && Path::new(name).extension().is_some_and(|e| e == "bin"))
}

/// The voice activity network and the library that runs it.
pub(super) fn voice_activity() -> Option<(PathBuf, PathBuf)> {
    let network = model("voice activity network", |name| name.starts_with("silero"))?;
    Some((network, model("ONNX Runtime", |name| name.starts_with("libonnxruntime.so"))?))
}

/// The turn detector and the library that runs it.
pub(super) fn turn_detector() -> Option<(PathBuf, PathBuf)> {
    let detector = model("turn detector", |name| name.starts_with("smart-turn"))?;
    Some((detector, model("ONNX Runtime", |name| name.starts_with("libonnxruntime.so"))?))
}

/// The encoder of the second transcriber and the library that runs it.
pub(super) fn second_ear() -> Option<(PathBuf, PathBuf)> {
    let encoder = model("second transcriber", |name| name.ends_with(".encoder.onnx"))?;
    Some((encoder, model("ONNX Runtime", |name| name.starts_with("libonnxruntime.so"))?))
}

/// The receptionist's voice.
#[cfg(feature = "piper")]
pub(super) fn voice() -> Option<super::PiperPaths> {
    let voice =
        model("voice", |name| name.contains("medium") && Path::new(name).extension().is_some_and(|e| e == "onnx"))?;
    let config = PathBuf::from(format!("{}.json", voice.display()));
    let onnxruntime = model("ONNX Runtime", |name| name.starts_with("libonnxruntime.so"))?;
    Some(super::PiperPaths { voice, config, onnxruntime, espeak: None })
}

fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("BACKSTOP_MODELS").map(PathBuf::from);
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
    named.or_else(|| Some(cache.or_else(home)?.join("backstop/models")))
}

fn collect(folder: &Path, depth: u32, is_it: &impl Fn(&str) -> bool, found: &mut Vec<(u64, PathBuf)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(metadata) = std::fs::metadata(&path) else { continue };
        if metadata.is_dir() && depth > 0 {
            collect(&path, depth - 1, is_it, found);
        } else if metadata.is_file() && is_it(&entry.file_name().to_string_lossy()) {
            found.push((metadata.len(), path));
        }
    }
}
