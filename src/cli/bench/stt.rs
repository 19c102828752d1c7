//! `backstop bench stt`.

use super::Keep;
use crate::bench::Kind as BenchKind;
use crate::bench::line::Condition;
use crate::bench::stt::{self, Ears, Options};
use crate::models::{Cache, Kind, Manifest, PickError, pick, pick_runtime, pick_second};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Speech to text: words, numbers and spellings heard right, by line and noise; words made of noise; time.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstop bench stt --model whisper-tiny.en-q8_0 --save tiny
  backstop bench stt --model own/ggml-small.bin --data recordings --noise noises --condition clean,noise10

Without --data, the callers of fixtures/callers are heard. A folder of recordings has a manifest.tsv, tab-separated, with a
heading that names the columns: `file` (16-bit WAV) and `transcript` must be there; `tel8k_file` (the same over a telephone line, taken
instead), `speaker`, `item` (`spelled` in it marks a spelling, otherwise `name` a name) and `expected` (the digits, the word or the name to
get) may be.")]
pub(super) struct SttArgs {
    /// A whisper or Moonshine model: its id in the manifest, or a file (ggml, or NAME.encoder.onnx with the others beside it); with a plus
    /// between a whisper and a Moonshine model, both together as `[models] second_transcriber` has them. May be given several times.
    #[arg(long = "model", value_name = "ID|PATH[+ID|PATH]", default_value = "whisper-base-q8_0")]
    models: Vec<String>,
    /// A folder of recordings with a manifest.tsv.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// The callers' scripts, without --data.
    #[arg(long, value_name = "FOLDER", default_value = "fixtures/callers")]
    callers: PathBuf,
    /// A folder of noises (WAV) instead of those made here: they are mixed under speech, and heard alone.
    #[arg(long, value_name = "FOLDER")]
    noise: Option<PathBuf>,
    /// Lines: clean, g711, loss3, noise15, noise10, noise5. All without it.
    #[arg(long = "condition", value_name = "LINE", value_delimiter = ',', value_parser = Condition::parse)]
    conditions: Vec<Condition>,
    /// At most so many recordings, spread over all.
    #[arg(long, value_name = "COUNT", default_value_t = 0, hide_default_value = true)]
    limit: usize,
    /// Threads of the model.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    #[command(flatten)]
    keep: Keep,
}

pub(super) async fn run(args: SttArgs) -> anyhow::Result<ExitCode> {
    let (manifest, cache) = (Manifest::bundled(), Cache::locate()?);
    let models: Result<Vec<_>, _> = args.models.iter().map(|name| ears(name, &manifest, &cache)).collect();
    let options = Options {
        models: models?,
        onnxruntime: pick_runtime(&manifest, &cache)?,
        threads: args.threads,
        callers: args.callers,
        recordings: args.data,
        noise: args.noise,
        conditions: if args.conditions.is_empty() { Condition::ALL.to_vec() } else { args.conditions },
        limit: args.limit,
    };
    args.keep.around(BenchKind::Stt, move |name, bar| stt::run(name, &options, bar)).await
}

fn ears(name: &str, manifest: &Manifest, cache: &Cache) -> Result<Ears, PickError> {
    let (first, second) = name.split_once('+').map_or((name, None), |(first, second)| (first, Some(second)));
    let moonshine = |name: &str| pick_second(name, manifest, cache);
    if let Some(second) = second {
        return Ok(Ears { first: pick(Kind::Transcriber, first, manifest, cache)?, second: Some(moonshine(second)?) });
    }
    let is_moonshine = manifest.model(name).is_some_and(|entry| entry.kind == Kind::SecondTranscriber);
    let first = if is_moonshine { moonshine(name)? } else { pick(Kind::Transcriber, name, manifest, cache)? };
    Ok(Ears { first, second: None })
}
