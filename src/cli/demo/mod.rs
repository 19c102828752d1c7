//! `backstop demo`: the whole path of one call, shown as it happens.
//!
//! Backstop runs here on loopback with SQLite and a local SMS sink; the caller is a process of its own that phones in over
//! SIP and RTP. The command succeeds only when the lead equals what the caller's script expects and exactly one text came.

mod report;
mod view;

use super::serve::wait_for_stop;
use crate::caller::Script;
use crate::config::Config;
use crate::server::{Models, Notice, Server, Setup};
use crate::texting::{Provider, SmsSink};
use anyhow::{Context as _, bail};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::sync::broadcast;

/// How long the text may take after the call's end.
const TEXT_WITHIN: Duration = Duration::from_secs(20);
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
    let setup = setup(&args.profile, &folder, &sink)?;
    println!("Backstop demo: caller `{}`, models `{}`\n  {}", args.caller, args.profile, script.description);
    println!("  loading the models ...");
    let loading = std::time::Duration::ZERO;
    let _ = loading;
    let server = Server::start(setup).await?;
    println!("  ready at sip:receptionist@{} with SQLite in {}\n", server.sip_address(), folder.display());
    let mut notices = server.watch();
    let report_path = folder.join("caller.json");
    let mut caller = start_caller(&path, server.sip_address(), &folder)?;
    let call = follow(&mut notices, &mut caller).await?;
    let texts = sink.wait_for(script.expect.texts, TEXT_WITHIN).await;
    let caller_went_well = wait_for_caller(&mut caller).await?;
    let call = server.store().call(call).await?.context("the call is not in the database")?;
    let heard = std::fs::read(&report_path).ok().and_then(|json| serde_json::from_slice(&json).ok());
    report::print(&call, &texts, heard.as_ref());
    let mut faults = report::faults(&script, &call, &texts);
    if !caller_went_well {
        faults.push("the caller's script did not run to its end".to_owned());
    }
    println!();
    for fault in &faults {
        println!("NOT AS EXPECTED: {fault}");
    }
    if faults.is_empty() {
        println!("All as the caller's script expects: the lead is right and exactly {} text was delivered.", texts.len());
    }
    if args.keep {
        println!("\nStill up: dial sip:receptionist@{} with any softphone. Ctrl-C stops.", server.sip_address());
        wait_for_stop().await?;
    }
    server.stop().await;
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
