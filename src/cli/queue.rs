//! `backstop queue`: who takes the queues' calls.

use super::check;
use super::table::render;
use crate::config::Config;
use crate::store::{Agent, Store};
use anyhow::ensure;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

/// Show who takes the queues' calls, log agents in or out, give them a break.
#[derive(Debug, Args)]
#[command(after_help = "Example: backstop queue pause dana")]
pub(super) struct QueueArgs {
    /// The configuration file; without one, `backstop.toml` in the working folder, or the defaults.
    #[arg(long, global = true, value_name = "FILE", env = "BACKSTOP_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Every agent, and what the service told of them last.
    Status {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// The agent comes on duty.
    Login {
        /// The [[person]]'s name.
        agent: String,
    },
    /// The agent goes off duty.
    Logout {
        /// The [[person]]'s name.
        agent: String,
    },
    /// The agent takes a break.
    Pause {
        /// The [[person]]'s name.
        agent: String,
    },
    /// The agent is back from a break.
    Resume {
        /// The [[person]]'s name.
        agent: String,
    },
}

/// Runs the subcommand. A running service follows within a second.
///
/// # Errors
/// When the configuration is faulty, nobody of this name is an agent, or the database fails.
pub(super) async fn run(args: QueueArgs) -> anyhow::Result<ExitCode> {
    let config = check::load_config(args.config.as_deref())?;
    let store = Store::open(config.database.url.reveal()).await?;
    let now = Timestamp::now();
    match args.command {
        What::Status { json } => status(&config, &store, json).await?,
        What::Login { agent } => store.log_agent(known(&config, &agent)?, true, now).await?,
        What::Logout { agent } => store.log_agent(known(&config, &agent)?, false, now).await?,
        What::Pause { agent } => store.pause_agent(known(&config, &agent)?, true, now).await?,
        What::Resume { agent } => store.pause_agent(known(&config, &agent)?, false, now).await?,
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn status(config: &Config, store: &Store, json: bool) -> anyhow::Result<()> {
    let known = store.agents().await?;
    let agents = agents(config);
    let listed: Vec<Agent> = known.into_iter().filter(|agent| agents.contains(agent.person.as_str())).collect();
    if json {
        println!("{}", serde_json::to_string_pretty(&listed)?);
        return Ok(());
    }
    let row_of = |person: &&str| row(person, listed.iter().find(|agent| agent.person == *person));
    let rows: Vec<_> = agents.iter().map(row_of).collect();
    print!("{}", render(&["agent", "duty", "last seen", "since"], &rows));
    Ok(())
}

fn row(person: &str, agent: Option<&Agent>) -> Vec<String> {
    let duty = match agent {
        Some(agent) if !agent.logged_in => "logged out",
        Some(agent) if agent.paused => "paused",
        _ => "on duty",
    };
    let state = agent.map(|agent| agent.state.clone()).filter(|state| !state.is_empty());
    let since = agent.map(|agent| agent.changed_at.strftime("%Y-%m-%d %H:%M:%SZ").to_string());
    let word = |word: Option<String>| word.unwrap_or_else(|| "-".to_owned());
    vec![person.to_owned(), duty.to_owned(), word(state), word(since)]
}

fn known<'a>(config: &Config, agent: &'a str) -> anyhow::Result<&'a str> {
    let agents = agents(config);
    let names: Vec<&str> = agents.iter().copied().collect();
    ensure!(agents.contains(agent), "no queue has an agent \"{agent}\": name one of {}", names.join(", "));
    Ok(agent)
}

fn agents(config: &Config) -> BTreeSet<&str> {
    config.routing.directory.members().map(|member| member.person.0.as_str()).collect()
}
