//! `backstop calls`: what came in.

use super::table;
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
