//! Whole calls: scripted callers phone in over real SIP and RTP, and what they waited for and what came of it is measured.
//!
//! The service runs in this process, with its real models, on loopback; every call has a socket of its own. Times from the end of the caller's
//! speech are taken at that socket, so they hold all that the product and the line add.

mod score;

use super::report::{Better, Kind, Observed, Report, Row, Unit};
use super::{Watch, measure, ms, now, resident_mib};
use crate::caller::{BadLine, CallOptions, CallReport as Heard, CallerError, Script};
use crate::config::Config;
use crate::conversation::Speaker;
use crate::lead::SlotName;
use crate::media::NetemConfig;
use crate::models::{Kind as ModelKind, ModelPaths};
use crate::pii::Pii;
use crate::server::{Notice, Server, assemble};
use crate::store::CallReport as Kept;
use crate::texting::Provider;
use crate::texting::sink::SmsSink;
use anyhow::Context as _;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc};

/// Where texts come from: a number of fiction.
const BUSINESS_NUMBER: &str = "+12125550100";
/// How long after the last call its record and text may take.
const WRITTEN_WITHIN: Duration = Duration::from_secs(20);
/// How many turns wait for a caller who is slow to hear them: more than a call has.
const WORDS_INBOX: usize = 64;
/// How often that is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What is to be measured.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which models answer, in a word or two: the rows' subject.
    pub subject: String,
    /// The service's configuration: models, conversation, prompt, how many calls. Addresses, routing, database, recordings and texts are set here.
    pub config: Config,
    /// Every caller hears the configuration's prompt file, also one whose script names another.
    pub one_prompt: bool,
    /// The models that it names.
    pub models: ModelPaths,
    /// Who calls.
    pub callers: Vec<Script>,
    /// How often each.
    pub rounds: u32,
    /// So many calls at the same time.
    pub at_once: usize,
    /// The line of every call instead of the scripts' own.
    pub line: Option<BadLine>,
    /// Of the network and the noise: each call has another.
    pub seed: u64,
}

/// One call to be made.
#[derive(Clone, Debug)]
struct Job {
    script: Script,
    round: u32,
    /// The number or name called, by which the call is told from others.
    called: String,
    seed: u64,
}

/// A job, what its caller heard, and its record.
struct Made {
    job: Job,
    heard: Result<Heard, CallerError>,
    kept: Option<Kept>,
}

/// Makes all calls, `at_once` at a time. Callers of one prompt file phone one service, those of another the next.
///
/// # Errors
/// When the service can't start; a call that fails is a row.
pub async fn run(name: &str, options: &Options, watch: &(dyn Watch + Send)) -> anyhow::Result<Report> {
    let mut report = Report::begin(Kind::Conversation, name);
    describe(&mut report, options);
    let mut hashes = Vec::new();
    for (prompt, jobs) in jobs(options) {
        let folder = Scratch::make(name)?;
        let sink = SmsSink::start().await?;
        let sender = Provider::Twilio(sink.sender(BUSINESS_NUMBER).map_err(anyhow::Error::msg)?);
        let setup = assemble(config(options, &prompt, folder.path()), Some(sender))?;
        hashes.push(setup.prompt.hash().to_owned());
        watch.say(&format!("{}: loading the models for {}", options.subject, prompt.display()));
        let begun = now();
        let server = Server::start(setup).await?;
        let mut service = Row::new(format!("service of {}", prompt.display()), &options.subject, "");
        service.observe("ready_ms", Observed::Value(ms(begun.elapsed())));
        let made = make_calls(options, jobs, &server, &sink, watch).await?;
        service.observe("resident", Observed::Value(resident_mib()));
        server.stop().await;
        report.rows.push(service);
        for made in &made {
            let call = score::Call {
                script: &made.job.script,
                round: made.job.round,
                heard: made.heard.as_ref(),
                kept: made.kept.as_ref(),
            };
            report.rows.extend(call.rows(&options.subject, &condition(options, &made.job.script)));
        }
    }
    report.prompt_hash = Some(hashes.join(" "));
    Ok(report.finish())
}

/// The calls by the prompt file that answers them.
fn jobs(options: &Options) -> BTreeMap<PathBuf, VecDeque<Job>> {
    let mut jobs: BTreeMap<PathBuf, VecDeque<Job>> = BTreeMap::new();
    let all = (1..=options.rounds).flat_map(|round| options.callers.iter().map(move |script| (round, script)));
    for ((round, script), seed) in all.zip(options.seed..) {
        let usual = &options.config.prompt;
        let prompt = match &script.prompt {
            Some(name) if !options.one_prompt => usual.with_file_name(name).with_extension("md"),
            _ => usual.clone(),
        };
        let job = Job { script: script.clone(), round, called: format!("bench-{seed}"), seed };
        jobs.entry(prompt).or_default().push_back(job);
    }
    jobs
}

/// Every call comes to the receptionist, from this machine only, and nobody else is told.
fn config(options: &Options, prompt: &Path, folder: &Path) -> Config {
    let (mut config, plain) = (options.config.clone(), Config::default());
    prompt.clone_into(&mut config.prompt);
    (config.sip.bind, config.sip.advertised, config.sip.allow) = (([127, 0, 0, 1], 0).into(), None, None);
    (config.routing, config.rtp, config.notice, config.web) = (plain.routing, plain.rtp, plain.notice, None);
    config.database.url = Pii::new(format!("sqlite:{}", folder.join("backstop.db").display()));
    config.recordings.folder = folder.join("recordings");
    // The same caller phones again and again, and is to have a text each time.
    config.texting.window = Duration::ZERO;
    // All callers are to talk with the receptionist: what is measured is how long they wait, not where the next one goes.
    config.conversation.at_once = Some(2 * options.at_once.max(1));
    config
}

async fn make_calls(
    options: &Options,
    jobs: VecDeque<Job>,
    server: &Server,
    sink: &SmsSink,
    watch: &(dyn Watch + Send),
) -> anyhow::Result<Vec<Made>> {
    let to = server.sip_address().to_string();
    watch.start("calls", jobs.len() as u64);
    let waiting = Mutex::new(jobs);
    let (tell, mut told) = mpsc::unbounded_channel();
    let lines = (0..options.at_once.max(1)).map(|_| {
        let (waiting, to, tell) = (&waiting, &to, tell.clone());
        async move {
            while let Some(job) = next(waiting) {
                let heard = call(options, &job, to, server).await;
                // The receiver stays until all lines are done.
                let _told = tell.send((job, heard));
            }
        }
    });
    let lines = join_all(lines.collect());
    drop(tell);
    let mut made = Vec::new();
    let listen = async {
        while let Some((job, heard)) = told.recv().await {
            let how = match &heard {
                Ok(heard) => heard.ending.to_string(),
                Err(error) => error.to_string(),
            };
            watch.step(&format!("{}: {how}", job.script.name));
            made.push(Made { job, heard, kept: None });
        }
    };
    tokio::join!(lines, listen);
    watch.finish();
    made.sort_by_key(|made| made.job.seed);
    written(server, sink, &made).await;
    for kept in records(server).await? {
        if let Some(made) = made.iter_mut().find(|made| made.job.called == kept.called) {
            made.kept = Some(kept);
        }
    }
    Ok(made)
}

fn next(waiting: &Mutex<VecDeque<Job>>) -> Option<Job> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

/// Runs futures side by side in one task.
async fn join_all(futures: Vec<impl Future<Output = ()>>) {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    std::future::poll_fn(|context| {
        futures.retain_mut(|future| future.as_mut().poll(context).is_pending());
        if futures.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

async fn call(options: &Options, job: &Job, to: &str, server: &Server) -> Result<Heard, CallerError> {
    let words = words(server.watch(), job.called.clone());
    let mut call = CallOptions::new(format!("sip:{}@{to}", job.called), job.script.clone());
    if let Some(BadLine { loss, jitter, noise }) = options.line.clone() {
        call.network = NetemConfig { loss, jitter, ..NetemConfig::default() };
        call.noise = noise;
    }
    call.seed = job.seed;
    crate::caller::run_hearing(call, words, &mut |_| {}).await
}

/// What the receptionist says in one call, a turn each as it ends. Several callers may have the same number, or none: the call is told by what
/// was called.
fn words(mut notices: broadcast::Receiver<Notice>, to: String) -> mpsc::Receiver<String> {
    let (words, heard) = mpsc::channel(WORDS_INBOX);
    tokio::spawn(async move {
        let mut ours = None;
        loop {
            match notices.recv().await {
                Ok(Notice::Ringing { call, called, .. }) if called == to => ours = Some(call),
                Ok(Notice::Turn { call, turn }) if ours == Some(call) && turn.speaker == Speaker::Receptionist => {
                    if words.send(turn.text).await.is_err() {
                        return;
                    }
                }
                Ok(Notice::Ended { call, .. }) if ours == Some(call) => return,
                // Missed ones are words not heard; the caller goes on by its script's order.
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    });
    heard
}

/// Until every call is written down and its text is out, within reason.
async fn written(server: &Server, sink: &SmsSink, made: &[Made]) {
    let texts: u32 = made.iter().filter(|made| made.heard.is_ok()).map(|made| made.job.script.expect.texts).sum();
    let all = async {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        while server.in_use().calls > 0 || sink.received().len() < texts as usize {
            looks.tick().await;
        }
    };
    // What is missing then is seen in the rows.
    let _in_time = tokio::time::timeout(WRITTEN_WITHIN, all).await;
}

async fn records(server: &Server) -> anyhow::Result<Vec<Kept>> {
    let mut kept = Vec::new();
    for call in server.store().calls(u32::MAX >> 1).await? {
        kept.extend(server.store().call(call.id).await?);
    }
    Ok(kept)
}

fn describe(report: &mut Report, options: &Options) {
    let mut all = vec![
        measure("first_audio_ms", "From the end of the caller's speech to the first sound", Unit::Ms, Better::Lower),
        measure(
            "content_ms",
            "From the end of the caller's speech to the first word with content",
            Unit::Ms,
            Better::Lower,
        ),
        measure("cut_off", "Spoken into before the caller was done", Unit::Share, Better::Lower),
        measure("cut_off_in_number", "Spoken into within a number", Unit::Share, Better::Lower),
        measure(
            "interrupted_ms",
            "From the caller's first sound to silence, when interrupted",
            Unit::Ms,
            Better::Lower,
        ),
        measure("backchannel_stopped", "Stopped by a mere \"uh-huh\"", Unit::Share, Better::Lower),
        measure("answered", "Calls answered", Unit::Share, Better::Higher),
        measure("completed", "Scripts that ran to their end", Unit::Share, Better::Higher),
    ];
    all.extend(SlotName::ALL.map(|slot| {
        let title = match slot {
            SlotName::Callback => "Telephone number right".to_owned(),
            slot => format!("Detail right: {slot}"),
        };
        measure(&score::slot_key(slot), &title, Unit::Share, Better::Higher)
    }));
    all.extend([
        measure("wrong_confirmed", "Wrong number marked as confirmed", Unit::Share, Better::Lower),
        measure("invented", "Calls with an invented detail", Unit::Share, Better::Lower),
        measure("outcome", "Ended as expected", Unit::Share, Better::Higher),
        measure("texts", "As many texts as expected", Unit::Share, Better::Higher),
        measure("all_right", "All as the script expects", Unit::Share, Better::Higher),
        measure("greeting_ms", "From the answer to the first sound", Unit::Ms, Better::Lower),
        measure("endpoint_ms", "Within: end of turn decided", Unit::Ms, Better::Lower),
        measure("transcript_ms", "Within: words transcribed", Unit::Ms, Better::Lower),
        measure("first_text_ms", "Within: language model's first text", Unit::Ms, Better::Lower),
        measure("sent_ms", "Within: first sound sent", Unit::Ms, Better::Lower),
        measure("sent_by_model_ms", "Within: first sound sent, language model's own words", Unit::Ms, Better::Lower),
        measure("ready_ms", "Ready after", Unit::Ms, Better::Lower),
        measure("resident", "Memory, resident", Unit::Mib, Better::Lower),
    ]);
    report.measures = all;
    for (kind, id, sha256) in &options.models.description {
        if matches!(kind, ModelKind::VoiceConfig | ModelKind::Runtime) {
            continue;
        }
        let (id, sha256) = (id.clone(), sha256.clone());
        report.models.push(super::report::UsedModel { role: kind.to_string(), id, sha256 });
    }
    report.option("callers", options.callers.iter().map(|script| script.name.clone()).collect::<Vec<_>>());
    report.option("rounds", options.rounds);
    report.option("at once", options.at_once);
    report.option("line", options.line.as_ref().map_or_else(|| "as the scripts say".to_owned(), in_words));
    report.option("seed", options.seed);
    report.option("threads of a model", options.config.models.threads);
}

/// Under which condition a script's call is made.
fn condition(options: &Options, script: &Script) -> String {
    let line = in_words(options.line.as_ref().unwrap_or(&script.line));
    if options.at_once > 1 { format!("{line}, {} at once", options.at_once) } else { line }
}

/// A line in words.
fn in_words(line: &BadLine) -> String {
    let mut parts = Vec::new();
    if line.loss > 0.0 {
        parts.push(format!("{} % loss", f64::from((line.loss * 1_000.0).round()) / 10.0));
    }
    if !line.jitter.is_zero() {
        parts.push(format!("{} ms jitter", line.jitter.as_millis()));
    }
    if let Some((path, snr_db)) = &line.noise {
        parts.push(format!("{} at {snr_db} dB", path.file_stem().unwrap_or_default().to_string_lossy()));
    }
    if parts.is_empty() { "clean line".to_owned() } else { parts.join(", ") }
}

/// A folder that is gone afterwards.
#[derive(Debug)]
struct Scratch(PathBuf);

impl Scratch {
    fn make(name: &str) -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("backstop-bench-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("{} can't be made: set TMPDIR", path.display()))?;
        Ok(Self(path))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left in the folder for temporary files is the system's to clear.
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}
