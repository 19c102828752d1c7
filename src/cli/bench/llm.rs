//! `backstop bench llm`.

use super::Keep;
use crate::bench::Kind as BenchKind;
use crate::bench::llm::{self, Options};
use crate::models::{Cache, Kind, Manifest, pick};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Language model: questions led to the right fact, details found in dialogues, time and memory.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstop bench llm --save qwen
  backstop bench llm --model own/model.gguf --data dialogues.jsonl --wording

--data takes JSONL: one dialogue a line, {\"id\", \"turns\": [{\"speaker\": \"agent\"|\"caller\", \"text\"}], \"slots\": {\"name\", \"address\",
\"need\", \"urgency\", \"preferred_time\"}}. Details that no dialogue of a file has are not looked for in it.")]
pub(super) struct LlmArgs {
    /// A language model: its id in the manifest, or a GGUF file. May be given several times.
    #[arg(long = "model", value_name = "ID|PATH", default_value = "qwen2.5-coder-1.5b-instruct-q4_k_m")]
    models: Vec<String>,
    /// A folder of questions that callers ask, one TOML file for each prompt file.
    #[arg(long, value_name = "FOLDER", default_value = "fixtures/questions")]
    questions: PathBuf,
    /// Dialogues with their details: a JSONL file, or a folder of them.
    #[arg(long, value_name = "PATH", default_value = "fixtures/dialogues")]
    data: PathBuf,
    /// Have the questions answered in the model's own words, too.
    #[arg(long)]
    wording: bool,
    /// At most so many questions of each file, and so many dialogues.
    #[arg(long, value_name = "COUNT", default_value_t = 0, hide_default_value = true)]
    limit: usize,
    #[command(flatten)]
    keep: Keep,
}

pub(super) async fn run(args: LlmArgs) -> anyhow::Result<ExitCode> {
    let (manifest, cache) = (Manifest::bundled(), Cache::locate()?);
    let models: Result<Vec<_>, _> =
        args.models.iter().map(|name| pick(Kind::Responder, name, &manifest, &cache)).collect();
    let options = Options {
        models: models?,
        questions: args.questions,
        dialogues: args.data,
        wording: args.wording,
        limit: args.limit,
    };
    args.keep.around(BenchKind::Llm, move |name, bar| llm::run(name, &options, bar)).await
}
