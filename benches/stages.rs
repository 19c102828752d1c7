//! How long each stage of an answer takes on its own: voice detector, speech to text, language model, voice.
//!
//! `cargo bench --bench stages -- [--profile standard]`: prints p50 and p95 of every stage and the resident memory after each
//! model is loaded, and writes `target/bench/stages-PROFILE.json` with machine, load average, models and prompt hash. The
//! models are loaded one after another and measured alone; `backstop bench conversation` measures them together, in whole calls.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod common;

use anyhow::Context as _;
use backstop::config::Config;
use backstop::conversation::{ExtractRequest, Hint, Message, ReplyRequest, Role};
use backstop::id::{Generation, TurnId};
use backstop::lead::SlotName;
use backstop::media::Frame;
use backstop::models::{Cache, Manifest, ModelPaths, resolve};
use backstop::prompt::Prompt;
use backstop::speech::{
    CandleOptions, CandleResponder, Piper, PiperPaths, Responder, Silero, Stop, Synthesizer, Transcriber,
    VoiceActivityDetector, WebRtcVad, Whisper, WhisperOptions,
};
use common::{load_average, machine, rank, resident_mib};
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

const RUNS: usize = 9;
const SPOKEN: &str = "Hi, my kitchen sink is leaking and there is water all over the floor. \
You can call me back at 2 1 2, 5 5 5, 0 1 4 2, I am at 48 Maple Street.";

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let profile = words.iter().position(|word| word == "--profile").and_then(|n| words.get(n + 1)).cloned();
    let profile = profile.unwrap_or_else(|| "standard".to_owned());
    let mut config = Config::default();
    config.models.profile.clone_from(&profile);
    let paths = resolve(&config.models, &Manifest::bundled(), &Cache::locate()?)
        .map_err(|faults| anyhow::anyhow!("{faults:?}: run `backstop models pull --profile {profile}`"))?;
    let file = config.prompt.display().to_string();
    let prompt = Prompt::parse(&file, &std::fs::read_to_string(&config.prompt).context(file.clone())?)
        .map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let load_before = load_average();
    let mut report = Report::default();
    println!("{:<52} {:>9} {:>9}", "stage", "p50", "p95");
    detectors(&mut report, &paths)?;
    let speech = voice(&mut report, &paths, config.models.threads)?;
    ears(&mut report, &paths, config.models.threads, &speech)?;
    language_model(&mut report, &paths, prompt.instructions())?;
    let models: Vec<_> =
        paths.description.iter().map(|(_, id, sha256)| json!({ "id": id, "sha256": sha256 })).collect();
    let result = json!({
        "profile": profile,
        "machine": machine(),
        "load_average": [load_before, load_average()],
        "models": models,
        "prompt_hash": prompt.hash(),
        "loaded": report.loaded,
        "stages": report.stages,
    });
    println!("on {}; load average {load_before} before, {} after", machine(), load_average());
    std::fs::create_dir_all("target/bench")?;
    let path = format!("target/bench/stages-{profile}.json");
    std::fs::write(&path, serde_json::to_string_pretty(&result)?)?;
    println!("written to {path}");
    Ok(())
}

#[derive(Default)]
struct Report {
    stages: Vec<Value>,
    loaded: Vec<Value>,
}

impl Report {
    fn row(&mut self, stage: &str, unit: &str, values: &[f64]) {
        let (p50, p95) = (rank(values, 0.5).unwrap_or(0.0), rank(values, 0.95).unwrap_or(0.0));
        println!("{stage:<52} {p50:>9.2} {p95:>9.2} {unit}");
        self.stages.push(json!({ "stage": stage, "unit": unit, "p50": p50, "p95": p95, "runs": values.len() }));
    }

    fn ms(&mut self, stage: &str, times: &[Duration]) {
        let values: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
        self.row(stage, "ms", &values);
    }

    fn loaded(&mut self, what: &str, begun: Instant) {
        let (seconds, resident) = (begun.elapsed().as_secs_f64(), resident_mib("self", "VmRSS"));
        println!("{what}: loaded in {seconds:.1} s, {resident:.0} MiB resident in all");
        self.loaded.push(json!({ "what": what, "seconds": seconds, "resident_mib": resident }));
    }
}

fn detectors(report: &mut Report, paths: &ModelPaths) -> anyhow::Result<()> {
    if let Some(network) = &paths.voice_activity {
        detector(report, "Silero", &mut Silero::load(network, &paths.onnxruntime)?.detector());
    }
    detector(report, "WebRTC", &mut WebRtcVad::new());
    Ok(())
}

fn detector(report: &mut Report, name: &str, detector: &mut dyn VoiceActivityDetector) {
    let frame = Frame(std::array::from_fn(|n| ((n * 7_919) % 4_000) as i16 - 2_000));
    let times: Vec<f64> = (0..2_000).map(|_| timed(|| detector.probability(&frame)).1.as_secs_f64() * 1e6).collect();
    report.row(&format!("voice detector {name}: one frame"), "µs", &times);
}

/// Gives what the ears are to hear.
fn voice(report: &mut Report, paths: &ModelPaths, threads: usize) -> anyhow::Result<Vec<i16>> {
    let begun = Instant::now();
    let files = PiperPaths {
        voice: paths.voice.clone(),
        config: paths.voice_config.clone(),
        onnxruntime: paths.onnxruntime.clone(),
        espeak: paths.espeak_data.clone(),
    };
    let mut piper = Piper::load(&files, threads)?;
    report.loaded("voice", begun);
    for text in ["Okay, one moment.", "I can have someone call you back about the leak as soon as possible.", SPOKEN] {
        let (mut first, mut factors) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let (begun, mut samples, mut early) = (Instant::now(), 0, None);
            piper.synthesize(text, &mut |pcm| {
                early.get_or_insert_with(|| begun.elapsed());
                samples += pcm.len();
                ControlFlow::Continue(())
            })?;
            first.extend(early);
            factors.push(begun.elapsed().as_secs_f64() / (samples as f64 / 8_000.0));
        }
        let words = text.split_whitespace().count();
        report.ms(&format!("voice: first sound of {words} words"), &first);
        report.row(&format!("voice: real-time factor, {words} words"), "", &factors);
    }
    let mut spoken = Vec::new();
    piper.synthesize(SPOKEN, &mut |pcm| {
        spoken.extend_from_slice(pcm);
        ControlFlow::Continue(())
    })?;
    Ok(spoken)
}

fn ears(report: &mut Report, paths: &ModelPaths, threads: usize, speech: &[i16]) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut whisper = Whisper::load(&paths.transcriber, &WhisperOptions { threads, ..WhisperOptions::default() })?;
    report.loaded("speech to text", begun);
    for seconds in [1, 3, 5, 8] {
        let piece = &speech[..speech.len().min(seconds * 8_000)];
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let (heard, time) = timed(|| whisper.transcribe(piece, Hint::Open, &Stop::new()));
            heard?;
            times.push(time);
        }
        report.ms(&format!("speech to text: {:.1} s of speech", piece.len() as f32 / 8_000.0), &times);
    }
    Ok(())
}

fn language_model(report: &mut Report, paths: &ModelPaths, instructions: &str) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut model = CandleResponder::load(&paths.responder, CandleOptions::default())?;
    report.loaded("language model", begun);
    let system = message(Role::System, instructions);
    let (prepared, time) = timed(|| model.prepare(std::slice::from_ref(&system), &Stop::new()));
    prepared?;
    report.ms("language model: the prompt's instructions taken in", &[time]);
    let mut rates = Vec::new();
    for run in 0..3 {
        let messages = [system.clone(), message(Role::User, &tokens(run, 256))];
        let (prepared, time) = timed(|| model.prepare(&messages, &Stop::new()));
        prepared?;
        rates.push(256.0 / time.as_secs_f64());
    }
    report.row("language model: taking in", "tokens/s", &rates);
    let mut rates = Vec::new();
    for count in [16, 40] {
        let mut first = Vec::new();
        for run in 0..RUNS {
            let (early, rate) = reply(&mut model, vec![system.clone(), message(Role::User, &tokens(run, count))])?;
            first.push(early);
            rates.extend(rate);
        }
        report.ms(&format!("language model: first token, {count} new in a kept chat"), &first);
    }
    report.row("language model: writing", "tokens/s", &rates);
    extraction(report, &mut model)
}

fn extraction(report: &mut Report, model: &mut CandleResponder) -> anyhow::Result<()> {
    let (warm, time) = timed(|| model.warm_up(&std::sync::Arc::from([]), &Stop::new()));
    warm?;
    report.ms("language model: the search's instructions taken in", &[time]);
    let request = ExtractRequest {
        turn: TurnId(1),
        asked: "How can I help you today?".to_owned(),
        said: "Hi, this is Dana Whitfield, my kitchen sink is leaking all over the floor.".to_owned(),
        wanted: SlotName::ALL
            .into_iter()
            .filter(|name| !matches!(name, SlotName::Email | SlotName::Question))
            .collect(),
    };
    let mut times = Vec::new();
    for _ in 0..3 {
        let (found, time) = timed(|| model.extract(&request, &Stop::new()));
        found?;
        times.push(time);
    }
    report.ms("language model: six details of one turn", &times);
    Ok(())
}

/// Time to the first piece, and pieces per second after it; a piece is nearly always one token.
fn reply(model: &mut CandleResponder, messages: Vec<Message>) -> anyhow::Result<(Duration, Option<f64>)> {
    let (turn, generation, budget) = (TurnId(1), Generation(1), Duration::from_mins(2));
    let request = ReplyRequest { turn, generation, messages, max_tokens: 24, budget };
    let (begun, mut early, mut last, mut pieces) = (Instant::now(), None, Duration::ZERO, 0_u32);
    model.reply(&request, &Stop::new(), &mut |_| {
        last = begun.elapsed();
        early.get_or_insert(last);
        pieces += 1;
        ControlFlow::Continue(())
    })?;
    let early = early.context("the model said nothing")?;
    Ok((early, (pieces > 4).then(|| f64::from(pieces - 1) / last.saturating_sub(early).as_secs_f64())))
}

/// About so many tokens: short common words are one each. The first differs from run to run, so that none of them is kept.
fn tokens(run: usize, count: usize) -> String {
    const WORDS: [&str; 9] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let words: Vec<&str> = (0..count).map(|n| WORDS[(run + n) % WORDS.len()]).collect();
    words.join(" ")
}

fn message(role: Role, content: &str) -> Message {
    Message { role, content: content.to_owned() }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let done = work();
    (done, begun.elapsed())
}
