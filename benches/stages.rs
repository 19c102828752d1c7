//! How long each stage of an answer takes: voice detector, speech to text, language model, voice; p50 and p95.
//!
//! `cargo bench --bench stages -- [--json FILE] [MODEL...]` takes the model files named, and for a kind that isn't named the
//! smallest file of that kind under `BACKSTOP_MODELS` (or the user's cache). Prints a table and writes JSON.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use backstop::conversation::{ExtractRequest, Hint, Message, ReplyRequest, Role};
use backstop::id::{Generation, TurnId};
use backstop::lead::SlotName;
use backstop::media::Frame;
use backstop::speech::{
    CandleOptions, CandleResponder, Piper, PiperPaths, Responder, Stop, Synthesizer, Transcriber,
    VoiceActivityDetector, WebRtcVad, Whisper, WhisperOptions,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::error::Error;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const RUNS: usize = 9;
const SPOKEN: &str = "Hi, my kitchen sink is leaking and there is water all over the floor. \
You can call me back at 2 1 2, 5 5 5, 0 1 4 2, I am at 48 Maple Street.";
const SYSTEM: &str = "You are the receptionist of Harbor Plumbing in Portland, Maine. You answer the phone when nobody can. \
Speak in one or two short sentences, as on the phone, without lists. Never promise a time or a price. Facts: open Monday to \
Friday from 8 to 5; emergency service at all hours; a visit costs 95 dollars, which is taken off the bill when the work is \
done; we serve Portland, South Portland, Westbrook and Cape Elizabeth; we do leaks, drains, water heaters, toilets and \
faucets; we don't do gas lines or heating. The owner is Sam Rivera. If you don't know something, say that Sam will answer it \
when he calls back. Do not ask questions; the next question is asked after you.";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let json_file = arguments.iter().position(|a| a == "--json").and_then(|n| arguments.get(n + 1)).cloned();
    let files = Files::find(&arguments);
    let mut report = Report::default();
    detector(&mut report);
    let speech = match &files.voice {
        Some(voice) => voice_stage(&mut report, voice, files.onnxruntime.as_deref())?,
        None => {
            println!("skipped: no voice found: run `backstop models pull`");
            Vec::new()
        }
    };
    match &files.whisper {
        Some(model) if !speech.is_empty() => ears(&mut report, model, &speech)?,
        _ => println!("skipped: no whisper model found, or no voice to listen to: run `backstop models pull`"),
    }
    match &files.language_model {
        Some(model) => language_model(&mut report, model)?,
        None => println!("skipped: no language model found: run `backstop models pull`"),
    }
    report.finish(json_file.as_deref())
}

#[derive(Default)]
struct Report {
    rows: Vec<Value>,
    models: Vec<Value>,
}

impl Report {
    fn row(&mut self, stage: &str, unit: &str, mut values: Vec<f64>) {
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values.get(((values.len() - 1) as f64 * share).round() as usize).copied().unwrap_or(0.0);
        let (p50, p95) = (at(0.5), at(0.95));
        println!("{stage:<46} {p50:>9.2} {p95:>9.2} {unit}");
        self.rows.push(json!({ "stage": stage, "unit": unit, "p50": p50, "p95": p95, "runs": values.len() }));
    }

    fn milliseconds(&mut self, stage: &str, times: &[Duration]) {
        self.row(stage, "ms", times.iter().map(|time| time.as_secs_f64() * 1e3).collect());
    }

    fn loaded(&mut self, path: &Path, begun: Instant) -> Result<(), Box<dyn Error>> {
        let (seconds, resident) = (begun.elapsed().as_secs_f64(), resident_megabytes());
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        println!("{name}: ready in {seconds:.1} s, {resident} MB resident in all");
        let (bytes, sha256) = identity(path)?;
        self.models.push(json!({
            "file": name, "bytes": bytes, "sha256": sha256, "ready_seconds": seconds, "resident_megabytes": resident,
        }));
        Ok(())
    }

    fn finish(self, json_file: Option<&str>) -> Result<(), Box<dyn Error>> {
        let machine = machine();
        println!("{machine}");
        let report = json!({ "machine": machine, "models": self.models, "stages": self.rows });
        if let Some(file) = json_file {
            std::fs::write(file, serde_json::to_string_pretty(&report)?)?;
        }
        Ok(())
    }
}

fn detector(report: &mut Report) {
    println!("{:<46} {:>9} {:>9}", "stage", "p50", "p95");
    let mut detector = WebRtcVad::new();
    let frame = Frame(std::array::from_fn(|n| ((n * 7_919) % 4_000) as i16 - 2_000));
    let times = (0..2_000).map(|_| timed(|| detector.probability(&frame)).1.as_secs_f64() * 1e6);
    report.row("voice detector, one frame", "µs", times.collect());
}

fn voice_stage(report: &mut Report, voice: &Path, library: Option<&Path>) -> Result<Vec<i16>, Box<dyn Error>> {
    let begun = Instant::now();
    let config = PathBuf::from(format!("{}.json", voice.display()));
    let onnxruntime = library.ok_or("no libonnxruntime.so found: run `backstop models pull`")?.to_path_buf();
    let mut piper = Piper::load(&PiperPaths { voice: voice.to_path_buf(), config, onnxruntime, espeak: None }, 2)?;
    report.loaded(voice, begun)?;
    for text in ["Okay, one moment.", "I can have someone call you back about the leak as soon as possible.", SPOKEN] {
        let (mut first, mut rates) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let (begun, mut samples) = (Instant::now(), 0);
            let mut early = None;
            piper.synthesize(text, &mut |pcm| {
                early.get_or_insert_with(|| begun.elapsed());
                samples += pcm.len();
                ControlFlow::Continue(())
            })?;
            first.extend(early);
            rates.push(begun.elapsed().as_secs_f64() / (samples as f64 / 8_000.0));
        }
        let words = text.split_whitespace().count();
        report.milliseconds(&format!("voice, first sound of {words} words"), &first);
        report.row(&format!("voice, time per second of {words} words"), "s", rates);
    }
    let mut spoken = Vec::new();
    piper.synthesize(SPOKEN, &mut |pcm| {
        spoken.extend_from_slice(pcm);
        ControlFlow::Continue(())
    })?;
    Ok(spoken)
}

fn ears(report: &mut Report, model: &Path, speech: &[i16]) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let mut whisper = Whisper::load(model, &WhisperOptions::default())?;
    report.loaded(model, begun)?;
    for seconds in [1, 3, 5, 8] {
        let piece = &speech[..speech.len().min(seconds * 8_000)];
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let (heard, time) = timed(|| whisper.transcribe(piece, Hint::Open, &Stop::new()));
            heard?;
            times.push(time);
        }
        report.milliseconds(&format!("speech to text, {:.1} s of speech", piece.len() as f32 / 8_000.0), &times);
    }
    Ok(())
}

fn language_model(report: &mut Report, model: &Path) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let mut responder = CandleResponder::load(model, CandleOptions::default())?;
    report.loaded(model, begun)?;
    let message = |role, content: &str| Message { role, content: content.to_owned() };
    let system = vec![message(Role::System, SYSTEM)];
    let (prepared, time) = timed(|| responder.prepare(&system, &Stop::new()));
    prepared?;
    report.milliseconds("language model, system prompt taken in", &[time]);
    for said in [
        "My sink is leaking.",
        "Do you also work on Saturdays, and how much would it cost to have somebody come out and look at a water heater that makes noise?",
    ] {
        let (mut first, mut rates) = (Vec::new(), Vec::new());
        for run in 0..RUNS {
            // Each run's words differ at their start, so that only the system prompt is kept.
            let messages = vec![system[0].clone(), message(Role::User, &format!("{run}. {said}"))];
            let (turn, generation) = (TurnId(1), Generation(1));
            let request = ReplyRequest { turn, generation, messages, max_tokens: 24, budget: Duration::from_secs(120) };
            let (begun, mut early, mut pieces) = (Instant::now(), None, 0_u32);
            responder.reply(&request, &Stop::new(), &mut |_| {
                early.get_or_insert_with(|| begun.elapsed());
                pieces += 1;
                ControlFlow::Continue(())
            })?;
            let early = early.ok_or("the model said nothing")?;
            first.push(early);
            if pieces > 4 {
                rates.push(f64::from(pieces - 1) / (begun.elapsed() - early).as_secs_f64());
            }
        }
        let words = said.split_whitespace().count();
        report.milliseconds(&format!("language model, first word after {words} words"), &first);
        report.row("language model, writing", "tokens/s", rates);
    }
    let request = ExtractRequest {
        turn: TurnId(1),
        asked: "How can I help you today?".to_owned(),
        said: "Hi, this is Dana Whitfield, my kitchen sink is leaking all over the floor.".to_owned(),
        wanted: SlotName::ALL.to_vec(),
    };
    let mut times = Vec::new();
    for _ in 0..3 {
        let (found, time) = timed(|| responder.extract(&request, &Stop::new()));
        found?;
        times.push(time);
    }
    report.milliseconds("language model, six details of one turn", &times);
    println!("{} MB resident in all", resident_megabytes());
    Ok(())
}

#[derive(Default)]
struct Files {
    whisper: Option<PathBuf>,
    language_model: Option<PathBuf>,
    voice: Option<PathBuf>,
    onnxruntime: Option<PathBuf>,
}

impl Files {
    fn find(named: &[String]) -> Self {
        let mut candidates: Vec<PathBuf> = named.iter().map(PathBuf::from).filter(|path| path.is_file()).collect();
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
        let folder = std::env::var_os("BACKSTOP_MODELS").map(PathBuf::from);
        if let Some(folder) = folder.or_else(|| Some(cache?.join("backstop/models"))) {
            let mut stored = Vec::new();
            collect(&folder, 4, &mut stored);
            stored.sort();
            candidates.extend(stored.into_iter().map(|(_, path)| path));
        }
        let first = |is_it: &dyn Fn(&str) -> bool| {
            candidates.iter().find(|path| is_it(&path.file_name().unwrap_or_default().to_string_lossy())).cloned()
        };
        let ends = |ending: &'static str| move |name: &str| name.ends_with(ending);
        Self {
            whisper: first(&|name| name.contains("tiny") && name.ends_with(".bin")).or_else(|| first(&ends(".bin"))),
            language_model: first(&ends(".gguf")),
            voice: first(&|name| name.contains("medium") && name.ends_with(".onnx")),
            onnxruntime: first(&|name| name.starts_with("libonnxruntime.so")),
        }
    }
}

fn collect(folder: &Path, depth: u32, found: &mut Vec<(u64, PathBuf)>) {
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() && depth > 0 => collect(&path, depth - 1, found),
            Ok(metadata) if metadata.is_file() => found.push((metadata.len(), path)),
            _ => {}
        }
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let done = work();
    (done, begun.elapsed())
}

fn identity(path: &Path) -> Result<(u64, String), Box<dyn Error>> {
    let mut file = std::fs::File::open(path)?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 20]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, hex::encode(hash.finalize())));
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
}

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown processor");
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{}, {cores} cores", name.trim_start_matches(['\t', ':', ' ']))
}

fn resident_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
    kilobytes.map_or(0, |kilobytes: u64| kilobytes / 1_024)
}
