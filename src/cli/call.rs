//! `backstop call`: phones in and plays a script.

use crate::caller::{CallOptions, CallReport, Progress, Script, run as make_call, run_hearing};
use crate::media::{Codec, NetemConfig};
use crate::sip::Transport;
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::mpsc;

/// More turns than a call has.
const WORDS_INBOX: usize = 64;

/// Calls somebody over SIP, plays a scripted caller and measures the replies.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  backstop call sip:100@127.0.0.1:5060
  backstop call sip:100@127.0.0.1:5060 --script speller --loss 0.05 --jitter-ms 40 --seed 7 --out /tmp/call
Exit code: 0 if the script ran to its end, 1 if the call ended before it or never came about.")]
pub(super) struct CallArgs {
    /// Whom to call: sip:user@host:port.
    pub to: String,
    /// A script: the name of one in fixtures/callers, or the path of a file.
    #[arg(long, default_value = "burst_pipe")]
    pub script: String,
    /// How SIP travels.
    #[arg(long, value_enum, default_value = "udp")]
    pub transport: TransportArg,
    /// Call from this number instead of the script's; an empty one withholds it.
    #[arg(long)]
    pub from: Option<String>,
    /// Offer this codec instead of the script's.
    #[arg(long, value_enum)]
    pub codec: Option<CodecArg>,
    /// Share of packets to lose, each way, 0 to 1, instead of the script's.
    #[arg(long, value_parser = share)]
    pub loss: Option<f32>,
    /// Spread of the delay, each way, in milliseconds, instead of the script's.
    #[arg(long)]
    pub jitter_ms: Option<u64>,
    /// A noise to mix under the caller's words, instead of the script's: WAV, 8,000 Hz, mono, 16-bit or mu-law.
    #[arg(long)]
    pub noise: Option<PathBuf>,
    /// How far speech lies above the noise, in dB.
    #[arg(long, default_value_t = 15.0, requires = "noise", allow_negative_numbers = true)]
    pub snr_db: f32,
    /// Decides which packets are lost and delayed.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Writes report.json, heard.wav and call.wav (left the caller, right what was heard) into this folder.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// The longest the call may take, in seconds.
    #[arg(long, default_value_t = 300)]
    pub timeout_s: u64,
    /// Reads from standard input what the receptionist says, a turn a line, and answers what was asked: for `backstop demo`,
    /// which knows her words. Without it the steps come in the script's order.
    #[arg(long)]
    pub words: bool,
    /// Prints nothing but errors.
    #[arg(long, conflicts_with = "json")]
    pub quiet: bool,
    /// Prints the report as JSON and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// How SIP travels.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum TransportArg {
    /// Datagrams.
    Udp,
    /// A stream.
    Tcp,
}

/// The codecs of the telephone line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum CodecArg {
    /// G.711 mu-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
}

/// Makes the call.
///
/// # Errors
/// When the script is unusable or the call never comes about; the message says what to do.
pub(super) async fn run(args: CallArgs) -> anyhow::Result<ExitCode> {
    let (quiet, json, words) = (args.quiet, args.json, args.words);
    let options = options(args)?;
    let mut print = |event: &Progress| {
        if !quiet && !json {
            println!("{event}");
        }
    };
    let report = if words {
        run_hearing(options, words_of_stdin(), &mut print).await?
    } else {
        make_call(options, &mut print).await?
    };
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else if !quiet {
        print_summary(&report);
    }
    Ok(if report.completed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Its lines, until it ends. A thread of its own reads them: it may block for ever, and ends with the process.
fn words_of_stdin() -> mpsc::Receiver<String> {
    let (words, heard) = mpsc::channel(WORDS_INBOX);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if words.blocking_send(line).is_err() {
                return;
            }
        }
    });
    heard
}

fn options(args: CallArgs) -> anyhow::Result<CallOptions> {
    let script = Script::load(&script_path(&args.script)).context("the caller's script is unusable")?;
    let scripted = CallOptions::new(args.to, script);
    Ok(CallOptions {
        transport: match args.transport {
            TransportArg::Udp => Transport::Udp,
            TransportArg::Tcp => Transport::Tcp,
        },
        from: args.from,
        codec: args.codec.map(|codec| match codec {
            CodecArg::Pcmu => Codec::Pcmu,
            CodecArg::Pcma => Codec::Pcma,
        }),
        network: NetemConfig {
            loss: args.loss.unwrap_or(scripted.network.loss),
            jitter: args.jitter_ms.map_or(scripted.network.jitter, Duration::from_millis),
            ..NetemConfig::default()
        },
        noise: args.noise.map(|path| (path, args.snr_db)).or(scripted.noise),
        seed: args.seed,
        out_dir: args.out,
        timeout: Duration::from_secs(args.timeout_s),
        ..scripted
    })
}

/// A bare name is one of the scripts of the repository.
fn script_path(script: &str) -> PathBuf {
    let path = Path::new(script);
    if path.extension().is_some() {
        return path.to_owned();
    }
    Path::new("fixtures/callers").join(script).with_extension("toml")
}

pub(super) fn share(text: &str) -> Result<f32, String> {
    let share: f32 = text.parse().map_err(|_| "write a number from 0 to 1, such as 0.05".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("use a number from 0 to 1, such as 0.05".to_owned()) }
}

fn print_summary(report: &CallReport) {
    let seconds = |ms: Option<u64>| ms.map_or_else(|| "-".to_owned(), |ms| format!("{:.2} s", ms as f64 / 1_000.0));
    println!(
        "{} replies: p50 {}, p95 {}; packets sent {}, received {}, lost {}",
        report.latency.count,
        seconds(report.latency.p50_ms),
        seconds(report.latency.p95_ms),
        report.packets_sent,
        report.packets_received,
        report.packets_lost
    );
}
