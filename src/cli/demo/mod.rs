//! `backstop demo`: the whole path of one call, shown as it happens.
//!
//! Backstop runs here on loopback with SQLite and a local SMS sink; the caller is a process of its own that phones in over
//! SIP and RTP. The command succeeds only when the lead equals what the caller's script expects and exactly one text came.

mod verdict;
mod view;

use super::report;
use super::serve::wait_for_stop;
use crate::caller::Script;
use crate::config::Config;
use crate::id::CallId;
use crate::pii::Pii;
use crate::server::{Notice, Server, Setup, assemble, words_for};
use crate::store::CallReport;
use crate::texting::Provider;
use crate::texting::sink::{ReceivedText, SmsSink};
use anyhow::{Context as _, bail};
use clap::Args;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::sync::{broadcast, mpsc};

/// Where the demo's texts come from: a number of fiction.
const BUSINESS_NUMBER: &str = "+12125550100";
/// How long the text may take after the call's end.
const TEXT_WITHIN: Duration = Duration::from_secs(20);
/// A text that should not come is waited for so long.
const NO_TEXT_AFTER: Duration = Duration::from_secs(2);
/// How long the caller's process may take to write its report after the call.
const REPORT_WITHIN: Duration = Duration::from_secs(10);

/// Show the whole path of one call: a scripted caller phones in over real SIP and RTP.
#[derive(Debug, Args)]
#[command(after_help = "Example: backstop demo --caller speller --profile small")]
pub(super) struct DemoArgs {
    /// Who calls: a script's name in the callers' folder.
    #[arg(long, default_value = "burst_pipe")]
    caller: String,
    /// Where the callers' scripts are.
    #[arg(long, value_name = "FOLDER", default_value = "fixtures/callers")]
    callers: PathBuf,
    /// Which models: `standard` or `small`.
    #[arg(long, default_value = "standard")]
    profile: String,
    /// Where database, recording and reports of this run go.
    #[arg(long, value_name = "FOLDER", default_value = "target/demo")]
    folder: PathBuf,
    /// Leave the service up afterwards, to be dialled with any softphone.
    #[arg(long)]
    keep: bool,
}

pub(super) async fn run(args: DemoArgs) -> anyhow::Result<ExitCode> {
    let path = args.callers.join(format!("{}.toml", args.caller));
    let script = Script::load(&path)?;
    let folder = args.folder.join(format!("{}-{}", args.caller, jiff::Timestamp::now().as_millisecond()));
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("{} can't be made: choose another with --folder", folder.display()))?;
    let sink = SmsSink::start().await?;
    let setup = setup(&args.profile, script.prompt.as_deref(), &folder, &sink)?;
    println!("Backstop demo: caller `{}`, models `{}`\n  {}", args.caller, args.profile, script.description);
    println!("  loading the models ...");
    let server = Server::start(setup).await?;
    println!("  ready at sip:receptionist@{} with SQLite in {}\n", server.sip_address(), folder.display());
    let mut notices = server.watch();
    let words = words_for(server.watch(), |_, _| true);
    let report_path = folder.join("report.json");
    let mut caller = start_caller(&path, server.sip_address(), &folder, words)?;
    let call = follow(&mut notices, &mut caller).await?;
    let text_within = if script.expect.texts == 0 { NO_TEXT_AFTER } else { TEXT_WITHIN };
    let texts = sink.wait_for((script.expect.texts as usize).max(1), text_within).await;
    let caller_went_well = wait_for_caller(&mut caller).await?;
    let call = server.store().call(call).await?.context("the call is not in the database")?;
    show(&call, &texts, &measured_by_caller(&report_path));
    let mut faults = verdict::faults(&script, &call, &texts);
    if !caller_went_well {
        faults.push("the caller's script did not run to its end".to_owned());
    }
    println!();
    for fault in &faults {
        println!("NOT AS EXPECTED: {fault}");
    }
    if faults.is_empty() {
        println!(
            "All as the caller's script expects: the lead is right and exactly {} text was delivered.",
            texts.len()
        );
    }
    if args.keep {
        println!("\nStill up: dial sip:receptionist@{} with any softphone. Ctrl-C stops.", server.sip_address());
        wait_for_stop().await?;
    }
    server.stop().await;
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Transcript, lead with its evidence, the text as it was delivered, and the latencies.
fn show(call: &CallReport, texts: &[ReceivedText], at_caller: &[Duration]) {
    println!("\nTranscript\n\n{}", report::transcript(call));
    println!("Lead\n\n{}", report::lead(&call.slots));
    println!("Text-back, as the local SMS sink received it\n");
    for text in texts {
        println!("  to {}: {}", text.to, text.body);
    }
    println!("\nFrom the caller's last word\n\n{}", report::latencies(call, at_caller));
    if let Some(recording) = &call.recording {
        println!("Recording: {recording} (caller left, receptionist right)");
    }
}

/// From the end of each of the caller's lines to the first sound of the reply, as its own socket saw it.
fn measured_by_caller(report: &Path) -> Vec<Duration> {
    let json: Option<serde_json::Value> =
        std::fs::read(report).ok().and_then(|json| serde_json::from_slice(&json).ok());
    let steps = json.as_ref().and_then(|json| json["steps"].as_array());
    let times = steps.into_iter().flatten().filter_map(|step| step["first_audio_after_ms"].as_u64());
    times.map(Duration::from_millis).collect()
}

/// Backstop as the demo runs it: loopback, any free port, SQLite and recordings in `folder`, texts to the local sink.
fn setup(profile: &str, prompt: Option<&str>, folder: &Path, sink: &SmsSink) -> anyhow::Result<Setup> {
    let mut config = Config::default();
    if let Some(prompt) = prompt {
        config.prompt = Path::new("prompts").join(prompt).with_extension("md");
    }
    config.sip.bind = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    profile.clone_into(&mut config.models.profile);
    config.database.url = Pii::new(format!("sqlite:{}", folder.join("backstop.db").display()));
    config.recordings.folder = folder.join("recordings");
    let sender = sink.sender(BUSINESS_NUMBER).map_err(anyhow::Error::msg)?;
    assemble(config, Some(Provider::Twilio(sender)))
}

fn start_caller(
    script: &Path,
    to: SocketAddr,
    folder: &Path,
    mut words: mpsc::Receiver<String>,
) -> anyhow::Result<Child> {
    let mut caller = Command::new(std::env::current_exe()?)
        .arg("call")
        .arg(format!("sip:receptionist@{to}"))
        .arg("--script")
        .arg(script)
        .arg("--out")
        .arg(folder)
        .args(["--quiet", "--words"])
        .stdin(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("the caller's process could not be started")?;
    let mut ears = caller.stdin.take().context("the caller's process has no standard input")?;
    tokio::spawn(async move {
        while let Some(words) = words.recv().await {
            // A caller that has gone hears nothing more.
            if ears.write_all(format!("{}\n", words.replace('\n', " ")).as_bytes()).await.is_err() {
                return;
            }
        }
    });
    Ok(caller)
}

/// Prints the call until it is over; an end of the caller's process before any call is an error.
async fn follow(notices: &mut broadcast::Receiver<Notice>, caller: &mut Child) -> anyhow::Result<CallId> {
    loop {
        tokio::select! {
            biased;
            notice = notices.recv() => match notice {
                Ok(notice) => {
                    view::print(&notice);
                    if let Notice::Ended { call, stored, .. } = notice {
                        anyhow::ensure!(stored, "the call could not be written down");
                        return Ok(call);
                    }
                }
                Err(broadcast::error::RecvError::Lagged(missed)) => println!("  ... {missed} events not shown"),
                Err(broadcast::error::RecvError::Closed) => bail!("the service ended during the call"),
            },
            ended = caller.wait(), if caller.id().is_some() => {
                let ended = ended?;
                anyhow::ensure!(ended.success(), "the caller's process ended with {ended}: its own message is above");
            }
        }
    }
}

async fn wait_for_caller(caller: &mut Child) -> anyhow::Result<bool> {
    if let Ok(ended) = tokio::time::timeout(REPORT_WITHIN, caller.wait()).await {
        return Ok(ended?.success());
    }
    caller.kill().await?;
    Ok(false)
}
