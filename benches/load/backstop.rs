//! The service under load, in a process of its own, so that its CPU and memory are its own. No models: those that follow a script do.

use crate::process::Process;
use anyhow::Context as _;
use backstop::config::Config;
use backstop::pii::Pii;
use backstop::prompt::Prompt;
use backstop::server::{Models, Server, Setup};
use backstop::speech::scripted::{LoudnessVad, ScriptedResponder, ScriptedTranscriber, ToneVoice};
use backstop::texting::{LogSender, Provider};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use tokio::io::AsyncReadExt as _;

/// How this program is told to be the service: followed by its folder.
pub(crate) const BE_BACKSTOP: &str = "--be-backstop";
/// The phones' password.
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

/// A running service.
pub(crate) struct Backstop {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
}

impl Backstop {
    /// Starts this program again as the service.
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(BE_BACKSTOP)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the service can't be started")?;
        let stdout = child.stdout.take().context("no output")?;
        let process = Process::new(child);
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.trim().parse().context("the service ended before it was ready")?;
        Ok(Self { process, address })
    }
}

/// Is the service: tells its address, and stops when its input ends.
pub(crate) async fn serve(folder: &Path) -> anyhow::Result<()> {
    let log = std::env::var("BACKSTOP_LOG").unwrap_or_else(|_| "error".to_owned());
    tracing_subscriber::fmt().with_env_filter(log).with_writer(std::io::stderr).init();
    let env = |name: &str| name.starts_with("BACKSTOP_PHONE_").then(|| PASSWORD.to_owned());
    let routing = Config::parse("bench", ROUTING, &env).map_err(|faults| anyhow::anyhow!("{faults}"))?.routing;
    let mut config = Config { routing, ..Config::default() };
    config.sip.bind = ([127, 0, 0, 1], 0).into();
    config.sip.max_calls = 10_000;
    (config.rtp.first_port, config.rtp.last_port) = (10_000, 29_999);
    config.database.url = Pii::new(format!("sqlite:{}", folder.join("backstop.db").display()));
    config.recordings.folder = folder.join("recordings");
    let models = Models {
        voice_activity: Box::new(|| Box::new(LoudnessVad::default())),
        transcriber: Box::new(|| Ok(Box::new(ScriptedTranscriber::default()))),
        responder: Box::new(|| Ok(Box::new(ScriptedResponder::new()))),
        voice: Box::new(|| Ok(Box::new(ToneVoice::default()))),
        profile: "scripted".to_owned(),
    };
    let texting = Provider::Log(LogSender);
    let server = Server::start(Setup { config, prompt: Prompt::bundled(), models, texting }).await?;
    println!("{}", server.sip_address());
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    server.stop().await;
    Ok(())
}
