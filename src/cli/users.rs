//! `backstop users`: who may sign in to the page.

use super::check;
use super::table::render;
use crate::config::Config;
use crate::store::{LoginName, Role, Store, User};
use crate::web::{INVITATION_LASTS, SHORTEST, check_password, hash_password, invite};
use anyhow::{Context as _, anyhow, bail, ensure};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// Add, list and remove those who may sign in to the page, give them passwords, invite them.
#[derive(Debug, Args)]
#[command(after_help = "Example: backstop users add dana --role owner")]
pub(super) struct UsersArgs {
    /// The configuration file; without one, `backstop.toml` in the working folder, or the defaults.
    #[arg(long, global = true, value_name = "FILE", env = "BACKSTOP_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Add a user. The password is asked for, or read from the first line of the standard input.
    Add {
        /// What they sign in by.
        name: LoginName,
        /// `owner` (sees everybody's calls) or `agent` (sees their own).
        #[arg(long)]
        role: Role,
        /// The [[person]] they are; left out, the one of the same name.
        #[arg(long)]
        person: Option<String>,
    },
    /// Everybody who may sign in.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take a user out. Their pages are closed within half a minute.
    Remove {
        /// What they sign in by.
        name: LoginName,
    },
    /// Give a user another password, and sign them out everywhere.
    Password {
        /// What they sign in by.
        name: LoginName,
    },
    /// Print a link that makes one user, who chooses name and password.
    Invite {
        /// `owner` (sees everybody's calls) or `agent` (sees their own).
        #[arg(long)]
        role: Role,
        /// The [[person]] they are; left out, they choose.
        #[arg(long)]
        person: Option<String>,
    },
}

/// Runs the subcommand.
///
/// # Errors
/// When the configuration is faulty, the user or the person isn't there, the password won't do, or the database fails.
pub(super) async fn run(args: UsersArgs) -> anyhow::Result<ExitCode> {
    let config = check::load_config(args.config.as_deref())?;
    let store = Store::open(config.database.url.reveal()).await?;
    match args.command {
        What::Add { name, role, person } => add(&config, &store, name, role, person).await?,
        What::List { json } => list(&config, &store, json).await?,
        What::Remove { name } => {
            ensure!(store.remove_user(&name).await?, unknown(&store, &name).await?);
            println!("{name} is removed");
        }
        What::Password { name } => change_password(&store, &name).await?,
        What::Invite { role, person } => print_link(&config, &store, role, person).await?,
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn add(
    config: &Config,
    store: &Store,
    name: LoginName,
    role: Role,
    person: Option<String>,
) -> anyhow::Result<()> {
    let person = match person {
        Some(person) => known(config, &person)?,
        None => known(config, name.as_str()).context("left out, --person is the name itself: add --person NAME")?,
    };
    ensure!(store.account(&name).await?.is_none(), "{}", taken(&name));
    let hash = hash_password(&ask_password(&name)?);
    let user = User { name: name.clone(), person: person.clone(), role, created_at: Timestamp::now() };
    ensure!(store.add_user(&user, &hash).await?, "{}", taken(&name));
    println!("{name} may sign in now, as {person} ({role})");
    Ok(())
}

fn taken(name: &LoginName) -> String {
    format!(
        "the name \"{name}\" is taken: choose another, or change its password with `backstop users password {name}`"
    )
}

async fn list(config: &Config, store: &Store, json: bool) -> anyhow::Result<()> {
    let users = store.users().await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&users)?);
        return Ok(());
    }
    if users.is_empty() {
        println!("nobody may sign in yet: `backstop users invite --role owner` prints a link for the first one");
        return Ok(());
    }
    let row = |user: &User| {
        let is_there = known(config, &user.person).is_ok();
        let person = if is_there { user.person.clone() } else { format!("{} (not in the configuration)", user.person) };
        let added = user.created_at.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        vec![user.name.to_string(), user.role.to_string(), person, added]
    };
    let rows: Vec<_> = users.iter().map(row).collect();
    print!("{}", render(&["name", "role", "person", "added"], &rows));
    Ok(())
}

async fn change_password(store: &Store, name: &LoginName) -> anyhow::Result<()> {
    ensure!(store.account(name).await?.is_some(), unknown(store, name).await?);
    let hash = hash_password(&ask_password(name)?);
    ensure!(store.set_password(name, &hash).await?, unknown(store, name).await?);
    println!("{name} has the new password, and is signed out everywhere within half a minute");
    Ok(())
}

async fn print_link(config: &Config, store: &Store, role: Role, person: Option<String>) -> anyhow::Result<()> {
    let person = person.map(|person| known(config, &person)).transpose()?;
    let path = invite(store, role, person, Timestamp::now()).await?;
    let web = config.web.clone().unwrap_or_default();
    println!("{}{path}", web.address(web.bind));
    eprintln!("for one {role}, within {} hours; `backstop serve` has to run", INVITATION_LASTS.as_secs() / 3_600);
    Ok(())
}

/// The person's name as the configuration has it.
fn known(config: &Config, person: &str) -> anyhow::Result<String> {
    let people = &config.routing.directory.people;
    if people.iter().any(|known| known.id.0 == person) {
        return Ok(person.to_owned());
    }
    let names: Vec<&str> = people.iter().map(|person| person.id.0.as_str()).collect();
    if names.is_empty() {
        bail!("the configuration has no [[person]]: write one with `name` and `browser = true` to it");
    }
    Err(anyhow!("the configuration has no [[person]] \"{person}\": name one of {}", names.join(", ")))
}

async fn unknown(store: &Store, name: &LoginName) -> anyhow::Result<String> {
    let users = store.users().await?;
    let names: Vec<&str> = users.iter().map(|user| user.name.as_str()).collect();
    let fix = if names.is_empty() {
        "add one with `backstop users add`".to_owned()
    } else {
        format!("name one of {}", names.join(", "))
    };
    Ok(format!("nobody signs in by \"{name}\": {fix}"))
}

fn ask_password(name: &LoginName) -> anyhow::Result<String> {
    let password = if std::io::stdin().is_terminal() { ask_twice(name)? } else { read_line()? };
    check_password(&password, name.as_str())?;
    Ok(password)
}

fn ask_twice(name: &LoginName) -> anyhow::Result<String> {
    let terminal = console::Term::stderr();
    let ask = |words: String| {
        eprint!("{words}: ");
        terminal.read_secure_line().context("the password could not be read from the terminal")
    };
    let password = ask(format!("Password for {name}, {SHORTEST} characters or more"))?;
    // What is too short is not asked for twice.
    check_password(&password, name.as_str())?;
    ensure!(ask("Once more".to_owned())? == password, "the two differ: try again");
    Ok(password)
}

fn read_line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("the password could not be read from the standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
