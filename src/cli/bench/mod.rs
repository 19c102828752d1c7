//! `backstop bench`: measures models and whole calls, keeps what was found, compares it.

mod compare;
mod conversation;
mod llm;
mod progress;
mod show;
mod stt;
mod tts;
mod turn;

use super::call::share;
use crate::bench::kept::Folder;
use crate::bench::{Kind, Report};
use clap::{Args, Subcommand};
use progress::Bar;
use std::path::PathBuf;
use std::process::ExitCode;

/// Measure models and whole calls on this machine, and compare what was found.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstop bench stt --model whisper-base-q8_0 --model whisper-tiny.en-q8_0 --save ears
  backstop bench compare ears:whisper-tiny.en-q8_0 ears:whisper-base-q8_0")]
pub(super) struct BenchArgs {
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Speech to text: words, numbers and spellings heard right, by line and noise; words made of noise; time.
    Stt(stt::SttArgs),
    /// Language model: questions led to the right fact, details found in dialogues, time and memory.
    Llm(llm::LlmArgs),
    /// Text to speech: time, first sound, and what is understood at the other end of the line.
    Tts(tts::TtsArgs),
    /// The end of the caller's turn: who is cut off in a pause, and how long who is done waits.
    Turn(turn::TurnArgs),
    /// Whole calls by scripted callers over SIP and RTP: waits, interruptions, details right, also several at once.
    Conversation(conversation::ConversationArgs),
    /// Compare two reports, with intervals.
    Compare(compare::CompareArgs),
    /// List the reports that are kept.
    List(ListArgs),
}

/// Where a report goes.
#[derive(Debug, Args)]
struct Keep {
    /// Save the report under this name; without one, under the date and time.
    #[arg(long, value_name = "NAME")]
    save: Option<String>,
    /// Save into this folder instead of the user's own (`$XDG_DATA_HOME/backstop/bench`).
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Overwrite a report of the same name.
    #[arg(long)]
    force: bool,
    /// Print the report as JSON and nothing else to standard output.
    #[arg(long)]
    json: bool,
}

/// List the reports that are kept.
#[derive(Debug, Args)]
#[command(after_help = "Example: backstop bench list")]
struct ListArgs {
    /// Look into this folder instead of the user's own (`$XDG_DATA_HOME/backstop/bench`).
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub(super) async fn run(args: BenchArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        What::Stt(args) => stt::run(args).await,
        What::Llm(args) => llm::run(args).await,
        What::Tts(args) => tts::run(args).await,
        What::Turn(args) => turn::run(args).await,
        What::Conversation(args) => conversation::run(args).await,
        What::Compare(args) => compare::run(&args),
        What::List(args) => list(&args),
    }
}

fn list(args: &ListArgs) -> anyhow::Result<ExitCode> {
    let folder = Folder::locate(args.out.as_deref())?;
    let names = folder.names();
    println!("{} reports in {}", names.len(), folder.path().display());
    for name in names {
        println!("  {name}");
    }
    Ok(ExitCode::SUCCESS)
}

impl Keep {
    /// The folder and the name, claimed before the work begins.
    fn claim(&self, kind: Kind) -> anyhow::Result<(Folder, String)> {
        let folder = Folder::locate(self.out.as_deref())?;
        let name = self.save.clone().unwrap_or_else(|| jiff::Timestamp::now().strftime("%Y-%m-%d-%H%M%S").to_string());
        folder.claim(kind, &name, self.force)?;
        Ok((folder, name))
    }

    /// Prints and saves.
    fn finish(&self, folder: &Folder, report: &Report) -> anyhow::Result<ExitCode> {
        let [json, page] = folder.save(report)?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(report)?);
        } else {
            println!("{}", show::report(report));
        }
        eprintln!("saved as {} and {}", json.display(), page.display());
        Ok(ExitCode::SUCCESS)
    }

    /// Runs work that blocks, with a progress bar, and keeps its report.
    async fn around(
        self,
        kind: Kind,
        work: impl FnOnce(&str, &Bar) -> anyhow::Result<Report> + Send + 'static,
    ) -> anyhow::Result<ExitCode> {
        let (folder, name) = self.claim(kind)?;
        let report = tokio::task::spawn_blocking(move || work(&name, &Bar::default())).await??;
        self.finish(&folder, &report)
    }
}
