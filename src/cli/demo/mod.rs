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
