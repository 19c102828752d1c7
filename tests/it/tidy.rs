//! The house rules that no lint knows: imports run one way, every file says what it is, and none grows too long.

use std::fs;
use std::path::{Path, PathBuf};

const LONGEST: usize = 600;

/// Each module of the crate, and the modules of the crate it must not import.
const FORBIDDEN: &[(&[&str], &[&str])] = &[
    (&["id", "phone", "pii", "timer"], &["config", "prompt", "media", "lead", "conversation", "call", "textback"]),
    (&["media"], &["prompt", "lead", "conversation", "call", "textback", "config"]),
    (&["lead"], &["prompt", "media", "conversation", "call", "textback", "config"]),
    (&["routing"], &["prompt", "media", "lead", "conversation", "call", "textback", "config"]),
    (&["prompt"], &["routing", "media", "conversation", "call", "textback", "config"]),
    (&["conversation"], &["call", "textback", "config"]),
    (&["textback"], &["conversation", "call", "media"]),
    (CORE, SHELL),
    (&["sip", "rtp", "store", "texting", "speech", "models", "caller", "browser", "web"], &["server", "bench", "cli"]),
    (&["web"], &["sip", "rtp", "texting", "speech", "models", "caller"]),
    (&["browser", "store"], &["web"]),
    (&["server"], &["bench", "cli", "caller"]),
    (&["bench"], &["cli", "web", "browser", "routing"]),
];
const CORE: &[&str] = &[
    "id",
    "phone",
    "pii",
    "timer",
    "config",
    "prompt",
    "routing",
    "media",
    "lead",
    "conversation",
    "call",
    "textback",
];
const SHELL: &[&str] =
    &["bench", "browser", "clock", "sip", "rtp", "store", "texting", "models", "caller", "server", "cli", "wav", "web"];

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in ["src", "tests", "benches"] {
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    }
    assert!(found.len() > 50, "the sources were not found");
    found
}

fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("readable").map(|entry| entry.expect("readable").path()) {
        if entry.is_dir() {
            walk(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&entry).expect("readable");
            found.push((entry, text));
        }
    }
}

fn module_of(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    Some(first.trim_end_matches(".rs").to_owned())
}

fn is_test(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.contains("test") || name == "simulation.rs" || path.components().any(|part| part.as_os_str() == "tests")
}

#[test]
fn every_file_says_what_it_is_for() {
    let bare: Vec<_> =
        sources().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(path, _)| path).collect();
    assert!(bare.is_empty(), "no //! header: {bare:#?}");
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<_> = sources()
        .into_iter()
        .filter(|(path, _)| !is_test(path))
        .map(|(path, text)| (path, text.split("#[cfg(test)]\nmod").next().unwrap_or_default().lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .collect();
    assert!(long.is_empty(), "longer than {LONGEST} lines: {long:#?}");
}

#[test]
fn imports_run_one_way() {
    let mut wrong = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| !is_test(path)) {
        let Some(module) = module_of(&path) else { continue };
        let code = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
        for (modules, forbidden) in FORBIDDEN {
            if !modules.contains(&module.as_str()) {
                continue;
            }
            for other in forbidden.iter().filter(|other| **other != module) {
                let import = format!("crate::{other}");
                let found = code.lines().any(|line| {
                    !line.trim_start().starts_with("//")
                        && line
                            .split(import.as_str())
                            .skip(1)
                            .any(|rest| rest.starts_with("::") || rest.starts_with(';'))
                });
                if found {
                    wrong.push(format!("{} imports {other}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
