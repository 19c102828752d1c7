//! `backstop calls`: what came in.

use super::report;
use super::table::render;
use crate::id::CallId;
use crate::store::Store;
use anyhow::Context as _;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// List calls, or show one with its transcript, lead and texts.
#[derive(Debug, Args)]
#[command(after_help = "Example: backstop calls list --database sqlite:backstop.db")]
pub(super) struct CallsArgs {
    /// The database.
    #[arg(long, global = true, value_name = "URL", env = "BACKSTOP_DATABASE", default_value = "sqlite:backstop.db")]
    database: String,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The latest calls, newest first.
    List {
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// One call: transcript, lead, texts.
    Show {
        /// The call's id, as `list` prints it.
        id: CallId,
    },
}

pub(super) async fn run(args: CallsArgs) -> anyhow::Result<ExitCode> {
    if let Some(path) = args.database.strip_prefix("sqlite:") {
        let exists = std::path::Path::new(path.trim_start_matches("//")).exists();
        anyhow::ensure!(exists, "no database at {path}: name it with --database sqlite:FILE");
    }
    let store = Store::open(&args.database).await?;
    match args.command {
        What::List { limit } => list(&store, limit, args.json).await?,
        What::Show { id } => show(&store, id, args.json).await?,
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn list(store: &Store, limit: u32, json: bool) -> anyhow::Result<()> {
    let calls = store.calls(limit).await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&calls)?);
        return Ok(());
    }
    let word = |word: Option<String>| word.unwrap_or_else(|| "-".to_owned());
    let rows: Vec<Vec<String>> = calls
        .into_iter()
        .map(|call| {
            vec![
                call.id.to_string(),
                call.started_at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
                call.duration_ms.map_or_else(|| "-".to_owned(), |ms| format!("{:.0} s", ms as f64 / 1_000.0)),
                format!(
                    "{}{}",
                    if call.outgoing { "we called " } else { "" },
                    call.caller.map_or_else(|| "withheld".to_owned(), |caller| caller.national().to_owned())
                ),
                word(call.outcome),
                word(call.text),
                word(call.name),
                word(call.need),
            ]
        })
        .collect();
    print!("{}", render(&["call", "started", "lasted", "caller", "outcome", "text", "name", "need"], &rows));
    Ok(())
}

async fn show(store: &Store, id: CallId, json: bool) -> anyhow::Result<()> {
    let call = store.call(id).await?.with_context(|| format!("no call {id}: `backstop calls list` names them"))?;
    if json {
        println!("{}", serde_json::to_string_pretty(&call)?);
    } else {
        print!("{}", report::whole(&call));
    }
    Ok(())
}
