//! Load on bridged calls: how long the router takes to connect a caller, and how many G.711 calls are relayed with all packets there and
//! in time, beside rtpengine on the same work; and how soon pages ring, answer and are heard.
//!
//! `cargo bench --bench load -- [setup] [calls] [rtpengine] [sipp] [browsers] [--steps 50,100,200] [--seconds 10]`: prints tables and writes
//! `target/bench/load.json`. All parts run unless some are named. The service is this program once more, as a process of its own and
//! without models. Both phones of each call are played by this process: their SIP is a few lines, so that the two cores are
//! the service's.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and keeps the beat")]

mod backstop;
mod batches;
mod browsers;
#[path = "../common/mod.rs"]
mod common;
mod media;
mod phones;
mod process;
mod rtpengine;
mod sip;
mod sipp;

use crate::backstop::{BE_BACKSTOP, Backstop};
use anyhow::Context as _;
use common::{load_average, machine, rank};
use media::{Heard, Media};
use phones::Phones;
use rtpengine::RtpEngine;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Calls a second while calls are set up.
const RATE: u32 = 50;
const SETUP_CALLS: u32 = 1_000;
/// How long each of them is up.
const HOLD: Duration = Duration::from_secs(1);
const STEPS: [u32; 5] = [50, 100, 200, 300, 500];
/// A run that is worse than this ends the row of steps.
const LATEST_US: u32 = 5_000;

struct Options {
    parts: Vec<String>,
    /// Empty for each part's own.
    steps: Vec<u32>,
    packets: u64,
}

impl Options {
    fn read() -> Self {
        let mut options = Self { parts: Vec::new(), steps: Vec::new(), packets: 500 };
        let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
        while let Some(word) = words.next() {
            let mut number_list =
                || words.next().unwrap_or_default().split(',').filter_map(|n| n.parse().ok()).collect();
            match word.as_str() {
                "--steps" => options.steps = number_list(),
                "--seconds" => options.packets = 50 * number_list().first().copied().map_or(10, u64::from),
                part => options.parts.push(part.to_owned()),
            }
        }
        options
    }

    fn steps(&self, own: &[u32]) -> Vec<u32> {
        if self.steps.is_empty() { own.to_vec() } else { self.steps.clone() }
    }

    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|it| it == part)
    }
}

fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1);
    if words.next().as_deref() == Some(BE_BACKSTOP) {
        let folder = words.next().context("no folder")?;
        let pages = words.next().context("no number of pages")?.parse()?;
        return tokio::runtime::Runtime::new()?.block_on(backstop::serve(Path::new(&folder), pages));
    }
    let options = Options::read();
    let load_before = load_average();
    let mut result = json!({ "machine": machine(), "rate": RATE });
    if options.wants("setup") {
        result["setup"] = setup()?;
    }
    if options.wants("sipp") {
        result["setup_with_sipp"] = setup_with_sipp()?;
    }
    if options.wants("calls") {
        println!("\n{}", Row::HEADINGS);
        result["calls"] = steps(&options, "backstop", bridged)?;
    }
    if options.wants("rtpengine") {
        result["rtpengine"] = if rtpengine::is_installed() {
            steps(&options, "rtpengine", relayed)?
        } else {
            println!("skipped: rtpengine not found");
            Value::Null
        };
        print_ratios(&result);
    }
    if options.wants("browsers") {
        result["browsers"] = browsers::run(&options)?;
    }
    result["load_average"] = json!([load_before, load_average()]);
    println!("on {}; load average {load_before} before, {} after", machine(), load_average());
    std::fs::create_dir_all("target/bench")?;
    std::fs::write("target/bench/load.json", serde_json::to_string_pretty(&result)?)?;
    println!("written to target/bench/load.json");
    Ok(())
}

/// Calls through two steps, each of them up for a second.
fn setup() -> anyhow::Result<Value> {
    let folder = tempfile::tempdir()?;
    let backstop = Backstop::start(folder.path(), 0)?;
    let mut phones = Phones::start(backstop.address, &Arc::new(Media::open(16)?))?;
    let cpu_before = backstop.process.cpu();
    let calls = phones.place(SETUP_CALLS, f64::from(RATE), Some(HOLD))?;
    let cpu = backstop.process.cpu().saturating_sub(cpu_before);
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let added: Vec<f64> = calls.iter().filter_map(|call| call.added().map(ms)).collect();
    let reached: Vec<f64> = calls.iter().filter_map(|call| call.reached().map(ms)).collect();
    let failed = calls.len() - added.len();
    println!("{SETUP_CALLS} calls, {RATE} a second, through two steps: {failed} failed");
    let added = print_times("added from INVITE to 200 at the caller", &added);
    let reached = print_times("from INVITE at the caller to the second step's phone", &reached);
    let each = ms(cpu) / f64::from(SETUP_CALLS);
    println!("{each:.2} ms of CPU a call");
    Ok(
        json!({ "calls": SETUP_CALLS, "failed": failed, "added_ms": added, "reached_ms": reached, "cpu_ms_a_call": each }),
    )
}

fn setup_with_sipp() -> anyhow::Result<Value> {
    if !sipp::is_installed() {
        println!("skipped: sipp not found");
        return Ok(Value::Null);
    }
    let folder = tempfile::tempdir()?;
    let backstop = Backstop::start(folder.path(), 0)?;
    let measured = sipp::run(folder.path(), backstop.address, SETUP_CALLS / 2, RATE)?;
    let count = measured.setup_ms.len();
    println!("{count} calls of sipp's, {RATE} a second, through two steps to sipp");
    Ok(
        json!({ "calls": count, "setup_ms": print_times("from INVITE to 200, callees' time included", &measured.setup_ms) }),
    )
}

fn print_times(what: &str, ms: &[f64]) -> Value {
    let at = |share| rank(ms, share).unwrap_or(f64::NAN);
    println!("{what:<54} p50 {:>7.2} ms, p99 {:>7.2} ms, max {:>7.2} ms", at(0.5), at(0.99), at(1.0));
    json!({ "p50": at(0.5), "p99": at(0.99), "max": at(1.0) })
}

/// One number of calls, relayed.
struct Row {
    calls: u32,
    heard: Heard,
    /// Memory before the first call.
    empty_mib: f64,
}

impl Row {
    const HEADINGS: &str = "relay       calls  packets    lost    late ms: p50    p99    max   transit ms: p50    p99   CPU s/s per 100 calls   KiB/call   sender p99   sender CPU s/s";

    fn at(values: &[u32], share: f64) -> f64 {
        f64::from(rank(values, share).unwrap_or(u32::MAX)) / 1e3
    }

    fn cpu_per_100(&self) -> f64 {
        self.heard.cpu.as_secs_f64() / self.heard.lasted.as_secs_f64() * 100.0 / f64::from(self.calls)
    }

    fn sender_cpu(&self) -> f64 {
        self.heard.own_cpu.as_secs_f64() / self.heard.lasted.as_secs_f64()
    }

    fn kib_a_call(&self) -> f64 {
        (self.heard.resident_mib - self.empty_mib) * 1_024.0 / f64::from(self.calls)
    }

    fn is_good(&self, latest_us: u32) -> bool {
        self.heard.lost == 0 && rank(&self.heard.late_us, 0.99).is_some_and(|late| late < latest_us)
    }

    fn print(&self, relay: &str) {
        let Heard { sent, lost, late_us, transit_us, sender_us, .. } = &self.heard;
        println!(
            "{relay:<11} {:>5} {sent:>8} {lost:>7} {:>15.2} {:>6.2} {:>6.2} {:>17.2} {:>6.2} {:>23.4} {:>10.0} {:>12.2} {:>16.3}",
            self.calls,
            Self::at(late_us, 0.5),
            Self::at(late_us, 0.99),
            Self::at(late_us, 1.0),
            Self::at(transit_us, 0.5),
            Self::at(transit_us, 0.99),
            self.cpu_per_100(),
            self.kib_a_call(),
            Self::at(sender_us, 0.99),
            self.sender_cpu(),
        );
    }

    fn as_json(&self) -> Value {
        let Heard { sent, lost, late_us, transit_us, sender_us, .. } = &self.heard;
        json!({
            "calls": self.calls,
            "packets": sent,
            "lost": lost,
            "late_ms": { "p50": Self::at(late_us, 0.5), "p99": Self::at(late_us, 0.99), "max": Self::at(late_us, 1.0) },
            "transit_ms": { "p50": Self::at(transit_us, 0.5), "p99": Self::at(transit_us, 0.99) },
            "cpu_per_100_calls": self.cpu_per_100(),
            "kib_a_call": self.kib_a_call(),
            "sender_late_ms": { "p99": Self::at(sender_us, 0.99) },
            "sender_cpu": self.sender_cpu(),
        })
    }
}

fn steps(options: &Options, relay: &str, run: impl Fn(u32, u64) -> anyhow::Result<Row>) -> anyhow::Result<Value> {
    let mut rows = Vec::new();
    for calls in options.steps(&STEPS) {
        let row = run(calls, options.packets)?;
        row.print(relay);
        rows.push(row.as_json());
        if !row.is_good(LATEST_US) {
            println!("{relay} breaks at {calls} calls");
            break;
        }
    }
    Ok(rows.into())
}

fn bridged(count: u32, packets: u64) -> anyhow::Result<Row> {
    let folder = tempfile::tempdir()?;
    let backstop = Backstop::start(folder.path(), 0)?;
    let sound = Arc::new(Media::open(count)?);
    let mut phones = Phones::start(backstop.address, &sound)?;
    let empty_mib = backstop.process.resident_mib();
    let calls = phones.place(count, f64::from(RATE), None)?;
    let connected = calls.iter().map(phones::Placed::connected).collect::<anyhow::Result<Vec<_>>>()?;
    let heard = sound.talk(&connected, packets, &backstop.process);
    phones.hang_up(calls)?;
    Ok(Row { calls: count, heard, empty_mib })
}

fn relayed(count: u32, packets: u64) -> anyhow::Result<Row> {
    let engine = RtpEngine::start().context("rtpengine")?;
    let sound = Media::open(count)?;
    let empty_mib = engine.process.resident_mib();
    let connected = (0..count).map(|index| engine.connect(&sound, index)).collect::<anyhow::Result<Vec<_>>>()?;
    let heard = sound.talk(&connected, packets, &engine.process);
    Ok(Row { calls: count, heard, empty_mib })
}

fn print_ratios(result: &Value) {
    let rows = |of: &str| result[of].as_array().cloned().unwrap_or_default();
    for (ours, theirs) in rows("calls").iter().zip(&rows("rtpengine")) {
        let ratio = |of: &dyn Fn(&Value) -> Option<f64>| Some(of(ours)? / of(theirs)?);
        let cpu = ratio(&|row| row["cpu_per_100_calls"].as_f64()).unwrap_or(f64::NAN);
        let late = ratio(&|row| row["late_ms"]["p99"].as_f64()).unwrap_or(f64::NAN);
        println!("{} calls: Backstop / rtpengine: CPU {cpu:.2}, lateness p99 {late:.2}", ours["calls"]);
    }
}
