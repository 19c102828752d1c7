//! `backstop models`: lists, pulls and verifies the models.

use crate::models::{Cache, Manifest, ModelEntry, ModelError, Network, Terminal, pull};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// List, pull or verify the models.
#[derive(Debug, Args)]
#[command(after_help = "Example: backstop models pull --profile small")]
pub(super) struct ModelsArgs {
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show every model with its size, its licence and whether it is here.
    List,
    /// Fetch what is missing or damaged; what has come before an interruption is kept.
    Pull(Choice),
    /// Check the files: quickly by length and stamp, or byte by byte with `--deep`.
    Verify {
        #[command(flatten)]
        choice: Choice,
        /// Read every file as a whole.
        #[arg(long)]
        deep: bool,
    },
}

/// Which models; without any, those of the profile `standard`.
#[derive(Debug, Args)]
struct Choice {
    /// Models by their ids.
    #[arg(value_name = "ID", conflicts_with_all = ["profile", "all"])]
    ids: Vec<String>,
    /// The models of this profile.
    #[arg(long, conflicts_with = "all")]
    profile: Option<String>,
    /// Every model that is of use on this machine.
    #[arg(long)]
    all: bool,
}

/// Runs the subcommand; fails when a model can't be had or is not whole.
///
/// # Errors
/// When the cache can't be used, a name is unknown, or a pull failed.
pub(super) async fn run(args: ModelsArgs) -> anyhow::Result<ExitCode> {
    let manifest = Manifest::bundled();
    let cache = Cache::locate()?;
    match args.command {
        What::List => {
            list(&manifest, &cache);
            Ok(ExitCode::SUCCESS)
        }
        What::Pull(choice) => fetch(manifest, cache, choice).await,
        What::Verify { choice, deep } => {
            tokio::task::spawn_blocking(move || verify(&manifest, &cache, &choice, deep)).await?
        }
    }
}

fn list(manifest: &Manifest, cache: &Cache) {
    println!("models in {}", cache.root().display());
    for model in &manifest.models {
        let state = if cache.path(model).is_file() { "here" } else { "not here" };
        let megabytes = model.bytes.div_ceil(1_000_000);
        println!("{:<36} {:<12} {megabytes:>5} MB  {:<8}  {}", model.id, model.kind, state, model.licence);
        if let Some(note) = &model.licence_note {
            println!("{:<36} {note}", "");
        }
    }
    for profile in &manifest.profiles {
        println!("profile {}: {}: {}", profile.name, profile.description, profile.models.join(", "));
    }
}

async fn fetch(manifest: Manifest, cache: Cache, choice: Choice) -> anyhow::Result<ExitCode> {
    let address = std::env::var("HF_ENDPOINT").unwrap_or_else(|_| manifest.hub.clone());
    let mut network = Network::new(&address);
    // pip and the conversions block; so does the hub's side, which waits for this runtime.
    tokio::task::spawn_blocking(move || {
        let entries = chosen(&manifest, &choice)?;
        pull(&entries, &cache, &mut network, &Terminal::default())?;
        eprintln!("{} models are here and whole, in {}", entries.len(), cache.root().display());
        Ok(ExitCode::SUCCESS)
    })
    .await
    .context("the pull broke off")?
}

fn verify(manifest: &Manifest, cache: &Cache, choice: &Choice, deep: bool) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for entry in chosen(manifest, choice)? {
        match cache.check(entry, deep) {
            Ok(sha256) => println!("{:<36} ok  {sha256}", entry.id),
            Err(fault) => {
                println!("{:<36} NOT OK: {fault}", entry.id);
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn chosen<'a>(manifest: &'a Manifest, choice: &Choice) -> Result<Vec<&'a ModelEntry>, ModelError> {
    let unknown = |name: &str| ModelError::Unknown(name.to_owned());
    if choice.all {
        return Ok(manifest.models.iter().filter(|model| model.is_for_this_machine()).collect());
    }
    if choice.ids.is_empty() {
        let name = choice.profile.as_deref().unwrap_or("standard");
        return manifest.profile(name).ok_or_else(|| unknown(name));
    }
    choice.ids.iter().map(|id| manifest.model(id).ok_or_else(|| unknown(id))).collect()
}
