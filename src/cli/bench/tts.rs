//! `backstop bench tts`.

use super::Keep;
use crate::bench::Kind as BenchKind;
use crate::bench::tts::{self, Options};
use crate::models::{Cache, Kind, Manifest, pick, pick_voice};
use crate::prompt::Prompt;
use anyhow::{Context as _, anyhow};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Text to speech: time, first sound, and what is understood at the other end of the line.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstop bench tts --save joe
  backstop bench tts --model own/en_US-amy-medium.onnx --prompt prompts/dentist.md
Spoken are the prompt file's own lines, numbers, names, spellings and addresses; whisper listens over a G.711 line.")]
pub(super) struct TtsArgs {
    /// A Piper voice: its id in the manifest, or an .onnx file with its .onnx.json beside it. May be given several times.
    #[arg(long = "model", value_name = "ID|PATH", default_value = "piper-en_US-joe-medium")]
    models: Vec<String>,
    /// The whisper model that listens: its id in the manifest, or a ggml file.
    #[arg(long, value_name = "ID|PATH", default_value = "whisper-base-q8_0")]
    ear: String,
    /// The prompt file whose lines are spoken.
    #[arg(long, value_name = "FILE", default_value = "prompts/receptionist.md")]
    prompt: PathBuf,
    /// At most so many sentences, spread over all.
    #[arg(long, value_name = "COUNT", default_value_t = 0, hide_default_value = true)]
    limit: usize,
    /// Threads of each model.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    #[command(flatten)]
    keep: Keep,
}

pub(super) async fn run(args: TtsArgs) -> anyhow::Result<ExitCode> {
    let (manifest, cache) = (Manifest::bundled(), Cache::locate()?);
    let voices: Result<Vec<_>, _> = args.models.iter().map(|name| pick_voice(name, &manifest, &cache)).collect();
    let options = Options {
        voices: voices?,
        ear: pick(Kind::Transcriber, &args.ear, &manifest, &cache)?,
        threads: args.threads,
        prompt: read_prompt(&args.prompt)?,
        limit: args.limit,
    };
    args.keep.around(BenchKind::Tts, move |name, bar| tts::run(name, &options, bar)).await
}

/// A prompt file that is whole.
pub(super) fn read_prompt(path: &Path) -> anyhow::Result<Prompt> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the prompt file {file} can't be read: name another with --prompt"))?;
    let lines = |faults: Vec<_>| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    Prompt::parse(&file, &text).map_err(|faults: Vec<crate::prompt::PromptError>| anyhow!(lines(faults)))
}
