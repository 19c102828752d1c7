//! `backstop bench turn`.

use super::Keep;
use super::tts::read_prompt;
use crate::bench::Kind as BenchKind;
use crate::bench::spread;
use crate::bench::turn::{self, Options};
use crate::bench::utterances::{of_callers, of_folder};
use crate::config::Config;
use crate::models::{Cache, Kind, Manifest, pick, resolve};
use anyhow::anyhow;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// The end of the caller's turn: who is cut off in a pause, and how long who is done waits.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstop bench turn --save turn
  backstop bench turn --data recordings --pause-ms 0,600,1200 --silence-ms 500,1000
Pauses are put into recordings at their quietest inner moment. The product's conversation machine hears them in virtual time, after the question
that fits; beside it stand rules of silence alone. See `backstop bench stt --help` for what --data is.")]
pub(super) struct TurnArgs {
    /// A turn detector: its id in the manifest, or an .onnx file.
    #[arg(long, value_name = "ID|PATH")]
    model: Option<String>,
    /// Another whisper model than the profile's: its id in the manifest, or a ggml file.
    #[arg(long, value_name = "ID|PATH")]
    transcriber: Option<String>,
    /// The profile whose other models are used.
    #[arg(long, default_value = "standard")]
    profile: String,
    /// A folder of recordings with a manifest.tsv.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// The callers' scripts, without --data.
    #[arg(long, value_name = "FOLDER", default_value = "fixtures/callers")]
    callers: PathBuf,
    /// The pauses put in, in milliseconds; 0 leaves a recording as it is.
    #[arg(long, value_name = "MS", value_delimiter = ',', default_value = "0,400,800,1200")]
    pause_ms: Vec<u64>,
    /// The rules of silence alone, in milliseconds.
    #[arg(long, value_name = "MS", value_delimiter = ',', default_value = "300,500,700,1000")]
    silence_ms: Vec<u64>,
    /// The prompt file whose questions are asked.
    #[arg(long, value_name = "FILE", default_value = "prompts/receptionist.md")]
    prompt: PathBuf,
    /// At most so many recordings, spread over all.
    #[arg(long, value_name = "COUNT", default_value_t = 0, hide_default_value = true)]
    limit: usize,
    /// Threads of the transcriber.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    #[command(flatten)]
    keep: Keep,
}

pub(super) async fn run(args: TurnArgs) -> anyhow::Result<ExitCode> {
    let (manifest, cache) = (Manifest::bundled(), Cache::locate()?);
    let mut choice = Config::default().models;
    choice.profile = args.profile;
    let own = |kind, name: Option<String>| name.map(|name| pick(kind, &name, &manifest, &cache)).transpose();
    choice.transcriber = own(Kind::Transcriber, args.transcriber)?.map(|found| found.path);
    choice.turn = own(Kind::Turn, args.model)?.map(|found| found.path);
    let models = resolve(&choice, &manifest, &cache).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow!("{}", lines.join("\n"))
    })?;
    let utterances = match &args.data {
        Some(folder) => of_folder(folder)?,
        None => of_callers(&args.callers)?,
    };
    let times = |all: Vec<u64>| all.into_iter().map(Duration::from_millis).collect();
    let options = Options {
        models,
        threads: args.threads,
        prompt: read_prompt(&args.prompt)?,
        utterances: spread(utterances, args.limit),
        source: args.data.unwrap_or(args.callers).display().to_string(),
        pauses: times(args.pause_ms),
        silences: times(args.silence_ms),
    };
    args.keep.around(BenchKind::Turn, move |name, bar| turn::run(name, &options, bar)).await
}
