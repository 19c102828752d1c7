//! The service under load, in a process of its own, so that its CPU and memory are its own. No models: those that follow a script do.

use crate::process::Process;
use anyhow::Context as _;
use backstop::config::{Config, Web};
use backstop::pii::Pii;
use backstop::prompt::Prompt;
use backstop::server::{Models, Server, Setup};
use backstop::speech::scripted::{EvenTurnDetector, LoudnessVad, ScriptedResponder, ScriptedTranscriber, ToneVoice};
use backstop::store::{LoginName, Role, Store, User};
use backstop::texting::{LogSender, Provider};
use backstop::web::hash_password;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use tokio::io::AsyncReadExt as _;

/// How this program is told to be the service: followed by its folder, and how many people answer in a page.
pub(crate) const BE_BACKSTOP: &str = "--be-backstop";
/// The phones' password, and that of the people who answer in pages.
pub(crate) const PASSWORD: &str = "a password of no worth";
/// The phone of the first step, which is in use, and the one of the second.
pub(crate) const BUSY: &str = "busy";
pub(crate) const DESK: &str = "desk";

const ROUTING: &str = r#"
[[person]]
name = "busy"
phone = "busy"
[[person]]
name = "desk"
phone = "desk"
[[plan]]
name = "two steps"
steps = [{ ring = "busy/phone", seconds = 10 }, { ring = "desk/phone", seconds = 10 }, { receptionist = true }]
[[number]]
open = "two steps"
"#;

/// Who answers in a page; they sign in by the same name.
pub(crate) fn person(index: u32) -> String {
    format!("page{index}")
}

/// The number that rings in one person's page only.
pub(crate) fn number_of(index: u32) -> String {
    format!("+1212700{index:04}")
}

/// The number that rings in all pages.
pub(crate) const NUMBER_OF_ALL: &str = "+12127019999";

/// People with a page, and a number for each and for all.
fn with_pages(count: u32) -> String {
    let ring = |name: &str, number: &str, step: &str| {
        format!(
            "[[plan]]\nname = \"{name}\"\nsteps = [{{ {step}, seconds = 60 }}, {{ receptionist = true }}]\n\
             [[number]]\nnumber = \"{number}\"\nopen = \"{name}\"\n"
        )
    };
    let each = (0..count).map(|index| {
        let (person, number) = (person(index), number_of(index));
        let plan = ring(&person, &number, &format!("ring = \"{person}/browser\""));
        format!("[[person]]\nname = \"{person}\"\nbrowser = true\n{plan}")
    });
    let each: String = each.collect();
    let members: Vec<String> = (0..count).map(|index| format!("\"{}/browser\"", person(index))).collect();
    if members.is_empty() {
        return ROUTING.to_owned();
    }
    let members = members.join(", ");
    let group = format!("[[group]]\nname = \"all\"\nstrategy = \"all at once\"\nmembers = [{members}]\n");
    let all = ring("all", NUMBER_OF_ALL, "group = \"all\"");
    format!("{ROUTING}{each}{group}{all}")
}

/// A running service.
pub(crate) struct Backstop {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    /// Where the page is served, if anybody answers in one.
    pub(crate) page: Option<String>,
}

impl Backstop {
    /// Starts this program again as the service, for so many people who answer in a page.
    pub(crate) fn start(folder: &Path, pages: u32) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(BE_BACKSTOP)
            .arg(folder)
            .arg(pages.to_string())
            // What checking a password has used goes back to the system, and is not what the first calls are then given.
            .env("MALLOC_MMAP_THRESHOLD_", "1000000")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the service can't be started")?;
        let stdout = child.stdout.take().context("no output")?;
        let process = Process::new(child);
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let mut words = line.split_whitespace();
        let address =
            words.next().and_then(|word| word.parse().ok()).context("the service ended before it was ready")?;
        Ok(Self { process, address, page: words.next().map(str::to_owned) })
    }
}

/// Is the service: tells its addresses, and stops when its input ends.
pub(crate) async fn serve(folder: &Path, pages: u32) -> anyhow::Result<()> {
    let log = std::env::var("BACKSTOP_LOG").unwrap_or_else(|_| "error".to_owned());
    tracing_subscriber::fmt().with_env_filter(log).with_writer(std::io::stderr).init();
    let env = |name: &str| name.starts_with("BACKSTOP_PHONE_").then(|| PASSWORD.to_owned());
    let routing =
        Config::parse("bench", &with_pages(pages), &env).map_err(|faults| anyhow::anyhow!("{faults}"))?.routing;
    let mut config = Config { routing, ..Config::default() };
    config.sip.bind = ([127, 0, 0, 1], 0).into();
    config.sip.max_calls = 10_000;
    let anywhere = ([127, 0, 0, 1], 0).into();
    config.browser.bind = anywhere;
    config.web = (pages > 0).then(|| Web { bind: anywhere, ..Web::default() });
    (config.rtp.first_port, config.rtp.last_port) = (10_000, 29_999);
    config.database.url = Pii::new(format!("sqlite:{}", folder.join("backstop.db").display()));
    config.recordings.folder = folder.join("recordings");
    let models = Models {
        voice_activity: Box::new(|| Ok(Box::new(|| Box::new(LoudnessVad::default())))),
        transcriber: Box::new(|| Ok(Box::new(ScriptedTranscriber::default()))),
        turn: Box::new(|| Ok(Box::new(EvenTurnDetector(0.5)))),
        responder: Box::new(|| Ok(Box::new(ScriptedResponder::new()))),
        voice: Box::new(|| Ok(Box::new(ToneVoice::default()))),
        profile: "scripted".to_owned(),
    };
    let texting = Provider::Log(LogSender);
    let server = Server::start(Setup { config, prompt: Prompt::bundled(), models, texting }).await?;
    add_users(server.store(), pages).await?;
    println!("{} {}", server.sip_address(), server.page().map_or("", |page| page.address()));
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    server.stop().await;
    Ok(())
}

async fn add_users(store: &Store, count: u32) -> anyhow::Result<()> {
    // One hash for all: each takes as long to check as any.
    let hash = hash_password(PASSWORD);
    for index in 0..count {
        let (name, created_at) = (LoginName::parse(&person(index))?, jiff::Timestamp::now());
        let user = User { name, person: person(index), role: Role::Agent, created_at };
        store.add_user(&user, &hash).await.context("no user")?;
    }
    Ok(())
}
