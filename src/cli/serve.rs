//! `backstop serve`: takes calls until stopped.

use super::check;
use crate::server::{Server, assemble};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// A changed configuration file is noticed within this time.
const LOOK_EVERY: Duration = Duration::from_secs(2);

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
    let config = check::load_config(args.config.as_deref())?;
    check::print_warnings(&config);
    let setup = assemble(config, None)?;
    let begun = tokio::time::Instant::now();
    println!("loading the models ({})", setup.models.profile);
    let server = Server::start(setup).await?;
    let took = begun.elapsed().as_secs_f64();
    println!("ready after {took:.1} s: sip:receptionist@{} (UDP and TCP). Ctrl-C stops.", server.sip_address());
    if let Some(page) = server.page() {
        println!("the page: {}", page.address());
        if let Some(link) = page.first_link() {
            println!(
                "\n  *** Nobody may sign in yet. Open this link within 24 hours to be the first owner:\n  *** {link}\n"
            );
        }
    }
    match &args.config {
        Some(file) => tokio::select! {
            () = follow(&server, file) => {}
            stopped = wait_for_stop() => stopped?,
        },
        None => wait_for_stop().await?,
    }
    println!("stopping: calls are ended and written down");
    server.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Takes a changed configuration file over while calls go on. A faulty one is refused, and the old one stays.
async fn follow(server: &Server, file: &Path) {
    let changed_at = || std::fs::metadata(file).and_then(|file| file.modified()).ok();
    let mut looks = tokio::time::interval(LOOK_EVERY);
    let mut known = changed_at();
    loop {
        looks.tick().await;
        let now = changed_at();
        if now.is_none() || now == known {
            continue;
        }
        known = now;
        match check::load_config(Some(file)) {
            Ok(config) => {
                let is_all = server.reconfigure(config);
                println!("{} is read again: calls from now on follow it", file.display());
                if !is_all {
                    println!("more than routing, phones, trunks and `sip.allow` has changed: restart to take it over");
                }
            }
            Err(faults) => {
                eprintln!("{} has changed and is refused, so all stays as it was:\n{faults:#}", file.display());
            }
        }
    }
}

/// Until Ctrl-C or SIGTERM.
pub(super) async fn wait_for_stop() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
