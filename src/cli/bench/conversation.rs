//! `backstop bench conversation`.

use super::progress::Bar;
use super::{Keep, share};
use crate::bench::Kind as BenchKind;
use crate::bench::conversation::{self, Options};
use crate::bench::utterances::scripts;
use crate::caller::{BadLine, Script};
use crate::config::{Config, SecondChoice};
use crate::models::{Cache, Kind, Manifest, pick, pick_second, resolve};
use anyhow::{anyhow, ensure};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Whole calls by scripted callers over SIP and RTP: waits, interruptions, details right, also several at once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstop bench conversation --callers burst_pipe,speller --rounds 3 --save before
  backstop bench conversation --callers all --loss 0.03 --jitter-ms 30 --noise kitchen.wav --snr-db 15
  backstop bench conversation --profile small --transcriber whisper-base-q8_0 --at-once 2
Times are taken at the caller's own socket, from the end of the caller's speech. The callers' number of fiction, texts and records go nowhere.")]
pub(super) struct ConversationArgs {
    /// Who calls: names of scripts, paths of script files, or `all`.
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "all")]
    callers: Vec<String>,
    /// Where the callers' scripts are.
    #[arg(long, value_name = "FOLDER", default_value = "fixtures/callers")]
    callers_folder: PathBuf,
    /// How often each of them calls.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Calls at the same time.
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = at_least_one)]
    at_once: usize,
    /// Which models: a profile of the manifest.
    #[arg(long, default_value = "standard")]
    profile: String,
    /// Another whisper model than the profile's: its id in the manifest, or a ggml file.
    #[arg(long, value_name = "ID|PATH")]
    transcriber: Option<String>,
    /// What hears with it: the id of a Moonshine model in the manifest, its encoder (NAME.encoder.onnx), or `none`.
    #[arg(long, value_name = "ID|PATH|none")]
    second_transcriber: Option<String>,
    /// Another language model: its id in the manifest, or a GGUF file.
    #[arg(long, value_name = "ID|PATH")]
    responder: Option<String>,
    /// Another voice: its id in the manifest, or an .onnx file with its .onnx.json beside it.
    #[arg(long, value_name = "ID|PATH")]
    voice: Option<String>,
    /// A configuration file whose models, conversation and prompt are used; by default those of no file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The receptionist's prompt file, for every caller; without it, the one that the caller's script names.
    #[arg(long, value_name = "FILE")]
    prompt: Option<PathBuf>,
    /// Share of packets to lose, each way, 0 to 1. Given this, a spread or a noise, the scripts' own lines don't count.
    #[arg(long, value_parser = share)]
    loss: Option<f32>,
    /// Spread of the delay, each way, in milliseconds.
    #[arg(long)]
    jitter_ms: Option<u64>,
    /// A noise to mix under the callers' words: WAV, 8,000 Hz, 16-bit, mono.
    #[arg(long, value_name = "FILE")]
    noise: Option<PathBuf>,
    /// How far speech lies above the noise, in dB.
    #[arg(long, default_value_t = 15.0, requires = "noise", allow_negative_numbers = true)]
    snr_db: f32,
    /// Decides which packets are lost; each call has another from here on.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    keep: Keep,
}

pub(super) async fn run(args: ConversationArgs) -> anyhow::Result<ExitCode> {
    let config = config(&args)?;
    let paths = resolve(&config.models, &Manifest::bundled(), &Cache::locate()?).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow!("{}", lines.join("\n"))
    })?;
    let line = line(&args);
    if let Some(line) = &line {
        line.check()?;
    }
    let options = Options {
        subject: subject(&args),
        config,
        one_prompt: args.prompt.is_some(),
        models: paths,
        callers: callers(&args.callers, &args.callers_folder)?,
        rounds: args.rounds,
        at_once: args.at_once,
        line,
        seed: args.seed,
    };
    let (folder, name) = args.keep.claim(BenchKind::Conversation)?;
    let report = conversation::run(&name, &options, &Bar::default()).await?;
    args.keep.finish(&folder, &report)
}

/// The line of every call, when one is told.
fn line(args: &ConversationArgs) -> Option<BadLine> {
    if args.loss.is_none() && args.jitter_ms.is_none() && args.noise.is_none() {
        return None;
    }
    Some(BadLine {
        loss: args.loss.unwrap_or(0.0),
        jitter: Duration::from_millis(args.jitter_ms.unwrap_or(0)),
        noise: args.noise.clone().map(|path| (path, args.snr_db)),
    })
}

fn config(args: &ConversationArgs) -> anyhow::Result<Config> {
    let mut config = match &args.config {
        Some(file) => super::super::check::load_config(Some(file))?,
        None => Config::default(),
    };
    args.profile.clone_into(&mut config.models.profile);
    if let Some(prompt) = &args.prompt {
        config.prompt.clone_from(prompt);
    }
    let (manifest, cache) = (Manifest::bundled(), Cache::locate()?);
    let own = |kind, name: &Option<String>| -> anyhow::Result<Option<PathBuf>> {
        Ok(name.as_deref().map(|name| pick(kind, name, &manifest, &cache)).transpose()?.map(|found| found.path))
    };
    config.models.transcriber = own(Kind::Transcriber, &args.transcriber)?.or(config.models.transcriber);
    config.models.second_transcriber = match args.second_transcriber.as_deref() {
        None => config.models.second_transcriber,
        Some("none") => SecondChoice::None,
        Some(name) => SecondChoice::Own(pick_second(name, &manifest, &cache)?.path),
    };
    config.models.responder = own(Kind::Responder, &args.responder)?.or(config.models.responder);
    config.models.voice = own(Kind::Voice, &args.voice)?.or(config.models.voice);
    Ok(config)
}

/// What is measured, in a few words.
fn subject(args: &ConversationArgs) -> String {
    let stem = |name: &String| Path::new(name).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let own =
        [&args.transcriber, &args.second_transcriber, &args.responder, &args.voice].into_iter().flatten().map(stem);
    std::iter::once(args.profile.clone()).chain(own).collect::<Vec<_>>().join(" + ")
}

fn callers(names: &[String], folder: &Path) -> anyhow::Result<Vec<Script>> {
    let known = scripts(folder);
    let mut found = Vec::new();
    for name in names {
        if name == "all" {
            for path in known.as_ref().map_err(|why| anyhow!("{why:#}"))? {
                found.push(Script::load(path)?);
            }
            continue;
        }
        let path = Path::new(name);
        let path = if path.extension().is_some() { path.to_owned() } else { folder.join(name).with_extension("toml") };
        ensure!(path.is_file(), "`{name}` is no caller: {}", offered(known.as_deref().unwrap_or_default()));
        found.push(Script::load(&path)?);
    }
    Ok(found)
}

fn offered(known: &[PathBuf]) -> String {
    let names: Vec<String> =
        known.iter().map(|path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned()).collect();
    format!("use `all`, the path of a script, or some of {}", names.join(", "))
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| "write a number from 1".to_owned())
}
