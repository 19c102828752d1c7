//! `backstop prompts`: checks prompt files and shows what they render to.

use crate::prompt::{LineName, LineVars, Prompt};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Check prompt files, or show what they render to.
#[derive(Debug, Args)]
#[command(after_help = "Example: backstop prompts check prompts/receptionist.md prompts/dentist.md")]
pub(super) struct PromptsArgs {
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Tell every fault of these files, each with its line.
    Check {
        /// The files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print the instructions and every line as a sample call would hear them.
    Show {
        /// The file; the bundled one when left out.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Print each file's hash, as it is stored with every turn.
    Hash {
        /// The files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// Runs the subcommand; fails when a file is faulty.
///
/// # Errors
/// When a file can't be read.
pub(super) fn run(args: PromptsArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        What::Check { files } => each(&files, |file, prompt| {
            let (slots, streets) = (prompt.slots().len(), prompt.streets().len());
            println!("{}: ok: {}, {slots} slots, {streets} streets", file.display(), prompt.name());
        }),
        What::Hash { files } => each(&files, |file, prompt| println!("{}  {}", prompt.hash(), file.display())),
        What::Show { file: Some(file) } => each(&[file], |_, prompt| show(prompt)),
        What::Show { file: None } => {
            show(&Prompt::bundled());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn each(files: &[PathBuf], work: impl Fn(&Path, &Prompt)) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for file in files {
        let text = std::fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?;
        match Prompt::parse(&file.display().to_string(), &text) {
            Ok(prompt) => work(file, &prompt),
            Err(faults) => {
                code = ExitCode::FAILURE;
                for fault in faults {
                    eprintln!("{fault}");
                }
            }
        }
    }
    Ok(code)
}

fn show(prompt: &Prompt) {
    let sample = LineVars {
        name: Some("Dana Whitfield".to_owned()),
        number: Some("2 1 2, 5 5 5, 0 1 4 2".to_owned()),
        need: Some("my kitchen sink is leaking".to_owned()),
        email: Some("D, A, N, A, at, gmail, dot com".to_owned()),
        urgency: Some("emergency".to_owned()),
        time: Some("Tuesday 3:05 PM".to_owned()),
        message: Some("Please call me back.".to_owned()),
        question: Some("Do you take checks?".to_owned()),
    };
    println!("{} ({})\n\n{}\n", prompt.name(), prompt.hash(), prompt.instructions());
    for name in LineName::ALL {
        println!("{:<26} {}", name.as_str(), prompt.line(name, &sample));
    }
}
