//! `backstop serve`: takes calls until stopped.

use super::check;
use crate::server::{Server, assemble};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// Take calls until stopped by Ctrl-C or SIGTERM.
#[derive(Debug, Args)]
#[command(after_help = "Example: backstop serve --config backstop.toml")]
pub(super) struct ServeArgs {
    /// The configuration file; without one, the defaults: SIP on 127.0.0.1:5060, SQLite in the working folder.
    #[arg(long, value_name = "FILE", env = "BACKSTOP_CONFIG")]
    config: Option<PathBuf>,
}

pub(super) async fn run(args: ServeArgs) -> anyhow::Result<ExitCode> {
    let faults = check::find_faults(args.config.as_deref()).await;
    if !faults.is_empty() {
        check::print(&faults);
        return Ok(ExitCode::FAILURE);
    }
    let setup = assemble(check::load_config(args.config.as_deref())?, None)?;
    let begun = tokio::time::Instant::now();
    println!("loading the models ({})", setup.models.profile);
    let server = Server::start(setup).await?;
    let took = begun.elapsed().as_secs_f64();
    println!("ready after {took:.1} s: sip:receptionist@{} (UDP and TCP). Ctrl-C stops.", server.sip_address());
    wait_for_stop().await?;
    println!("stopping: calls are ended and written down");
    server.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Until Ctrl-C or SIGTERM.
pub(super) async fn wait_for_stop() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
