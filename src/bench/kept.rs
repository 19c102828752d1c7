//! Where reports are kept: one folder of the user's, `KIND-NAME.json` with its HTML beside it.

use super::html;
use super::report::{FORMAT, Kind, Report};
use anyhow::{Context as _, bail, ensure};
use std::path::{Path, PathBuf};

/// A folder of reports.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// This folder, or `$XDG_DATA_HOME/backstop/bench`, or `~/.local/share/backstop/bench`.
    ///
    /// # Errors
    /// When none is named and neither variable is set.
    pub fn locate(named: Option<&Path>) -> anyhow::Result<Self> {
        let env = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        named
            .map(Path::to_owned)
            .or_else(|| env("XDG_DATA_HOME").map(|folder| folder.join("backstop/bench")))
            .or_else(|| env("HOME").map(|home| home.join(".local/share/backstop/bench")))
            .map(Self)
            .context("no folder for reports is known: name one with --out, or set HOME")
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Says at once, before hours of work, when the name can't be had.
    ///
    /// # Errors
    /// When the name is no file's name, or a report of that name is there and `force` is not set.
    pub fn claim(&self, kind: Kind, name: &str, force: bool) -> anyhow::Result<()> {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        ensure!(
            !name.is_empty() && name.chars().all(plain) && !name.starts_with('.'),
            "--save {name}: a name is made of letters, digits, `-`, `_` and `.`"
        );
        let path = self.json(kind, name);
        ensure!(
            force || !path.exists(),
            "{} is there already: choose another name with --save, or overwrite it with --force",
            path.display()
        );
        std::fs::create_dir_all(&self.0)
            .with_context(|| format!("{} can't be made: name another folder with --out", self.0.display()))
    }

    /// Writes both files, each as a whole or not at all. Gives their paths.
    ///
    /// # Errors
    /// When they can't be written.
    pub fn save(&self, report: &Report) -> anyhow::Result<[PathBuf; 2]> {
        let json = self.json(report.kind, &report.name);
        let page = json.with_extension("html");
        let write = |path: &Path, text: String| {
            let half = path.with_extension("half");
            std::fs::write(&half, text)
                .and_then(|()| std::fs::rename(&half, path))
                .with_context(|| format!("{} can't be written: name another folder with --out", path.display()))
        };
        write(&json, serde_json::to_string_pretty(report)?)?;
        write(&page, html::page(report)?)?;
        Ok([json, page])
    }

    /// A report by its name, by `KIND-NAME`, or by its file's path.
    ///
    /// # Errors
    /// When there is none, when several kinds have one of that name, or when it can't be read.
    pub fn load(&self, name: &str) -> anyhow::Result<Report> {
        let path = Path::new(name);
        if path.extension().is_some_and(|extension| extension == "json") && path.is_file() {
            return read(path);
        }
        let whole = self.0.join(format!("{name}.json"));
        if whole.is_file() {
            return read(&whole);
        }
        let found: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| self.json(*kind, name).is_file()).collect();
        match found.as_slice() {
            [kind] => read(&self.json(*kind, name)),
            [] => bail!("`{name}` is no report in {}, and no file. {}", self.0.display(), self.known()),
            several => {
                let names: Vec<String> = several.iter().map(|kind| format!("{kind}-{name}")).collect();
                bail!("`{name}` is the name of several reports: write one of {}", names.join(", "))
            }
        }
    }

    /// The names of all reports, `KIND-NAME`, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let files = std::fs::read_dir(&self.0).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut names: Vec<String> = files
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .filter(|name| Kind::ALL.iter().any(|kind| name.starts_with(&format!("{kind}-"))))
            .collect();
        names.sort();
        names
    }

    fn known(&self) -> String {
        let names = self.names();
        if names.is_empty() {
            "There are none yet: `backstop bench stt --save NAME` makes one".to_owned()
        } else {
            format!("There are {}", names.join(", "))
        }
    }

    fn json(&self, kind: Kind, name: &str) -> PathBuf {
        self.0.join(format!("{kind}-{name}.json"))
    }
}

fn read(path: &Path) -> anyhow::Result<Report> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))?;
    let report: Report =
        serde_json::from_str(&text).with_context(|| format!("{} is no report of `backstop bench`", path.display()))?;
    ensure!(
        report.format == FORMAT,
        "{} has the form {} of another version of Backstop: run that benchmark again",
        path.display(),
        report.format
    );
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::tests::{measure, report};
    use crate::bench::report::{Better, Observed, Unit};

    #[test]
    fn reports_are_kept_found_and_never_overwritten_silently() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = Folder::locate(Some(&folder.path().join("deep/er"))).expect("named");
        let one = report(measure("wer", Unit::Share, Better::Lower), &[("a", "m", "clean", Observed::Part(1, 9))]);
        kept.claim(Kind::Stt, "example", false).expect("free");
        let [json, page] = kept.save(&one).expect("written");
        assert!(page.is_file() && json.ends_with("stt-example.json"));
        for name in ["example", "stt-example", json.to_str().expect("a path")] {
            assert_eq!(kept.load(name).expect(name), one);
        }
        let why = kept.claim(Kind::Stt, "example", false).expect_err("taken").to_string();
        assert!(why.contains("--force"), "{why}");
        kept.claim(Kind::Stt, "example", true).expect("forced");
        kept.claim(Kind::Tts, "example", false).expect("of another kind");
        let why = kept.load("other").expect_err("none").to_string();
        assert!(why.contains("stt-example"), "{why}");
        assert!(kept.claim(Kind::Stt, "../up", false).is_err());
    }

    #[test]
    fn a_file_of_another_form_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = Folder::locate(Some(folder.path())).expect("named");
        std::fs::write(folder.path().join("stt-odd.json"), "{}").expect("written");
        let why = format!("{:#}", kept.load("odd").expect_err("odd"));
        assert!(why.contains("stt-odd.json") && why.contains("no report"), "{why}");
    }
}
