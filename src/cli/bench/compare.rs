//! `backstop bench compare`: what differs by more than chance.

use super::show;
use crate::bench::Report;
use crate::bench::compare::compare;
use crate::bench::html::comparison_page;
use crate::bench::kept::Folder;
use anyhow::{Context as _, ensure};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Compare two reports: the second less the first, item by item where both have it, with 95 % intervals.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstop bench compare before after
  backstop bench compare stt-ears:whisper-tiny.en-q8_0 stt-ears:whisper-base-q8_0 --html ears.html
A name is that of --save, KIND-NAME, or the path of a JSON file; `:MODEL` picks one of several that a report holds.
Exit code: 0, whatever the verdict.")]
pub(super) struct CompareArgs {
    /// The first report.
    a: String,
    /// The second.
    b: String,
    /// Look for names in this folder instead of the user's own (`$XDG_DATA_HOME/backstop/bench`).
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Write a page with plots to this file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Overwrite that file.
    #[arg(long)]
    force: bool,
    /// Print the comparison as JSON and nothing else.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &CompareArgs) -> anyhow::Result<ExitCode> {
    let folder = Folder::locate(args.out.as_deref())?;
    let ((a, of_a), (b, of_b)) = (load(&folder, &args.a)?, load(&folder, &args.b)?);
    let comparison = compare((&a, of_a.as_deref()), (&b, of_b.as_deref()))?;
    if let Some(path) = &args.html {
        ensure!(args.force || !path.exists(), "{} is there already: overwrite it with --force", path.display());
        std::fs::write(path, comparison_page(&comparison)?)
            .with_context(|| format!("{} can't be written: choose another file with --html", path.display()))?;
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&comparison)?);
    } else {
        println!("{}", show::comparison(&comparison));
    }
    Ok(ExitCode::SUCCESS)
}

/// A report, and which of its models is meant. A path may hold a colon, too.
fn load(folder: &Folder, name: &str) -> anyhow::Result<(Report, Option<String>)> {
    match name.split_once(':') {
        Some((report, model)) if !Path::new(name).exists() => Ok((folder.load(report)?, Some(model.to_owned()))),
        _ => Ok((folder.load(name)?, None)),
    }
}
