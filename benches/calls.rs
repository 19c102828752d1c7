//! Whole calls: from the caller's last word to the first sound of the answer, measured at the caller's own RTP socket.
//!
//! `cargo bench --bench calls -- [--profile standard] [--rounds 2] [callers...]`: prints a table and writes
//! `target/bench/calls-PROFILE.json` with machine, model and prompt hashes. `make bench` runs it for both profiles.

mod common;

use anyhow::Context as _;
use backstop::caller::{CallOptions, Script};
use backstop::config::Config;
use backstop::models::{Cache, Manifest, resolve};
use backstop::pii::Pii;
use backstop::server::{Server, assemble};
use backstop::texting::Provider;
use backstop::texting::sink::SmsSink;
use common::{load_average, machine, rank, resident_mib};
use std::path::Path;
use std::time::{Duration, Instant};

/// Callers who say a line, wait for the answer and go on.
const CALLERS: [&str; 4] = ["burst_pipe", "asker", "corrector", "withheld"];

struct Options {
    profile: String,
    rounds: u32,
    callers: Vec<String>,
}

fn options() -> Options {
    let mut options = Options { profile: "standard".to_owned(), rounds: 1, callers: Vec::new() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--bench" => {}
            "--profile" => options.profile = words.next().unwrap_or_default(),
            "--rounds" => options.rounds = words.next().and_then(|word| word.parse().ok()).unwrap_or(1),
            caller => options.callers.push(caller.to_owned()),
        }
    }
    if options.callers.is_empty() {
        options.callers = CALLERS.map(str::to_owned).to_vec();
    }
    options
}

fn main() -> anyhow::Result<()> {
    tokio::runtime::Runtime::new()?.block_on(bench(options()))
}

async fn bench(options: Options) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let sink = SmsSink::start().await?;
    let mut config = Config::default();
    config.sip.bind = ([127, 0, 0, 1], 0).into();
    config.models.profile.clone_from(&options.profile);
    config.database.url = Pii::new(format!("sqlite:{}", folder.path().join("backstop.db").display()));
    config.recordings.folder = folder.path().join("recordings");
    let models = resolve(&config.models, &Manifest::bundled(), &Cache::locate()?)
        .map_err(|faults| anyhow::anyhow!("{faults:?}: run `backstop models pull --profile {}`", options.profile))?;
    let setup = assemble(config, Some(Provider::Twilio(sink.sender("+12125550100").map_err(anyhow::Error::msg)?)))?;
    let prompt_hash = setup.prompt.hash().to_owned();
    #[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
    let begun = Instant::now();
    let server = Server::start(setup).await?;
    let ready_s = begun.elapsed().as_secs_f64();
    let mut stages = Stages::default();
    for round in 1..=options.rounds {
        for name in &options.callers {
            let script = Script::load(Path::new(&format!("fixtures/callers/{name}.toml")))?;
            let caller = CallOptions::new(format!("sip:receptionist@{}", server.sip_address()), script);
            let report = backstop::caller::run(caller, &mut |_| {}).await?;
            println!("round {round}, {name}: {} answers, {}", report.latency.count, report.ending);
            stages.at_caller.extend(report.steps.iter().filter_map(|step| step.first_audio_after_ms));
        }
    }
    for call in server.store().calls(u32::MAX >> 1).await? {
        let call = server.store().call(call.id).await?.context("a call is gone")?;
        for turn in call.turns.iter().map(|kept| &kept.turn.stages) {
            stages.add(turn);
        }
    }
    let resident_mib = resident_mib("self", "VmHWM");
    server.stop().await;
    let models: Vec<_> =
        models.description.iter().map(|(_, id, sha256)| serde_json::json!({ "id": id, "sha256": sha256 })).collect();
    let result = serde_json::json!({
        "profile": options.profile,
        "machine": machine(),
        "load_average": load_average(),
        "models": models,
        "prompt_hash": prompt_hash,
        "ready_s": ready_s,
        "resident_mib": resident_mib,
        "rounds": options.rounds,
        "callers": options.callers,
        "stages_ms": stages.summary(),
    });
    stages.print();
    println!("ready after {ready_s:.1} s, {resident_mib:.0} MiB resident, on {}", machine());
    std::fs::create_dir_all("target/bench")?;
    let path = format!("target/bench/calls-{}.json", options.profile);
    std::fs::write(&path, serde_json::to_string_pretty(&result)?)?;
    println!("written to {path}");
    Ok(())
}

/// Times from the caller's last word, in milliseconds.
#[derive(Default)]
struct Stages {
    endpoint: Vec<u64>,
    transcript: Vec<u64>,
    first_text: Vec<u64>,
    first_audio: Vec<u64>,
    first_audio_with_model: Vec<u64>,
    at_caller: Vec<u64>,
}

impl Stages {
    fn add(&mut self, times: &backstop::conversation::StageTimes) {
        let ms = |time: Option<Duration>| time.map(|time| time.as_millis() as u64);
        self.endpoint.extend(ms(times.endpoint));
        self.transcript.extend(ms(times.transcript));
        self.first_text.extend(ms(times.first_text));
        self.first_audio.extend(ms(times.first_audio));
        if times.first_text.is_some() {
            self.first_audio_with_model.extend(ms(times.first_audio));
        }
    }

    fn rows(&self) -> [(&'static str, &[u64]); 6] {
        [
            ("end of turn decided", &self.endpoint),
            ("words transcribed", &self.transcript),
            ("language model's first text", &self.first_text),
            ("first sound sent", &self.first_audio),
            ("first sound sent, model's own words", &self.first_audio_with_model),
            ("first sound at the caller's socket", &self.at_caller),
        ]
    }

    fn print(&self) {
        println!(
            "\n{:<38} {:>7} {:>8} {:>8} {:>8}",
            "from the caller's last word", "answers", "p50 ms", "p95 ms", "max ms"
        );
        for (name, times) in self.rows() {
            let at = |share| rank(times, share).map_or("-".to_owned(), |ms| ms.to_string());
            println!("{name:<38} {:>7} {:>8} {:>8} {:>8}", times.len(), at(0.5), at(0.95), at(1.0));
        }
    }

    fn summary(&self) -> serde_json::Value {
        let rows = self.rows().map(|(name, times)| {
            let value = serde_json::json!({
                "answers": times.len(), "p50": rank(times, 0.5), "p95": rank(times, 0.95), "max": rank(times, 1.0),
            });
            (name.to_owned(), value)
        });
        serde_json::Value::Object(rows.into_iter().collect())
    }
}
