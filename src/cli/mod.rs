//! The command line: one file per subcommand.

mod bench;
mod call;
mod calls;
mod check;
mod demo;
mod dry_run;
mod models;
mod prompts;
mod queue;
mod report;
mod route;
mod serve;
mod table;
mod users;

use clap::{Parser, Subcommand};
use std::io::IsTerminal as _;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Answers every missed call with a local voice receptionist: offline, on one small machine.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = "Example: backstop demo --caller burst_pipe")]
struct Cli {
    /// What is logged to stderr, such as `info` or `backstop=debug,sqlx=warn`.
    #[arg(long, global = true, env = "BACKSTOP_LOG", default_value = "warn,backstop=info")]
    log: String,
    /// Log as JSON, one object a line.
    #[arg(long, global = true)]
    log_json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take calls until stopped.
    Serve(serve::ServeArgs),
    /// Show the whole path of one call: a scripted caller phones in over real SIP and RTP.
    Demo(demo::DemoArgs),
    /// Be a scripted caller: phone a number and say what the script says.
    Call(call::CallArgs),
    /// List calls, or show one with its transcript, lead and texts.
    Calls(calls::CallsArgs),
    /// List, pull or verify the models.
    Models(models::ModelsArgs),
    /// Measure models and whole calls on this machine, and compare what was found.
    Bench(bench::BenchArgs),
    /// Check prompt files, or show what they render to.
    Prompts(prompts::PromptsArgs),
    /// Show who would get a call, and why.
    Route(route::RouteArgs),
    /// Show who takes the queues' calls, log agents in or out, give them a break.
    Queue(queue::QueueArgs),
    /// Add, list and remove those who may sign in to the page, give them passwords, invite them.
    Users(users::UsersArgs),
    /// Check configuration, prompts, models, ports and database, and tell all faults at once.
    Check(check::CheckArgs),
}

/// Runs the command that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    start_logging(&cli.log, cli.log_json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: no threads could be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(dispatch(cli.command)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(args) => serve::run(args).await,
        Command::Demo(args) => demo::run(args).await,
        Command::Call(args) => call::run(args).await,
        Command::Calls(args) => calls::run(args).await,
        Command::Models(args) => models::run(args).await,
        Command::Bench(args) => bench::run(args).await,
        Command::Prompts(args) => prompts::run(args),
        Command::Route(args) => route::run(args),
        Command::Queue(args) => queue::run(args).await,
        Command::Users(args) => users::run(args).await,
        Command::Check(args) => check::run(args).await,
    }
}

fn start_logging(filter: &str, json: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|error| {
        eprintln!("warning: --log `{filter}` is not understood ({error}); logging warnings only");
        EnvFilter::new("warn")
    });
    // The SIP stack logs whole messages, with numbers and names, from `info` on. Whisper calls a cancelled transcription an
    // error; real ones come back as results and are logged here.
    let filter = ["rsipstack=warn", "whisper_rs=off"]
        .iter()
        .filter_map(|directive| directive.parse().ok())
        .fold(filter, EnvFilter::add_directive);
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if json { builder.json().init() } else { builder.init() }
}
