//! Load on the in-app line: pages that all ring at once, and calls that are answered in pages. Each page is signed in, has its WebSocket
//! open, and answers by WebRTC as a browser does.

mod greeting;
mod page;
mod peer;
mod ringing;

use crate::backstop::{Backstop, number_of};
use crate::media::{Media, Side, packet};
use crate::phones::{Phones, Placed};
use crate::{Options, RATE, Row, print_times};
use anyhow::{Context as _, bail};
use page::{Answering, Page};
use peer::Peer;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

const STEPS: [u32; 3] = [25, 50, 100];
/// A run that is worse than this ends the row of steps.
const LATEST_US: u32 = 10_000;
/// Greetings of each side, 20 ms apart.
const HELLOS: u64 = 250;
const PATIENCE: Duration = Duration::from_secs(20);

/// Something that happened to a page, or to the call that it has: the call of the same number.
struct News {
    page: u32,
    at: Instant,
    what: What,
}

enum What {
    Ring,
    RingOver,
    /// Its answer goes out.
    Answering,
    Up,
    /// The first packet of the caller's has come.
    PageHears,
    /// The first packet of the page's has come to the caller.
    CallerHears,
    Failed(String),
}

/// Pages that are open, each of somebody else's.
struct Pages {
    news: Receiver<News>,
    teller: Sender<News>,
    /// What they all do goes on in one thread; the phones have another.
    _runtime: Runtime,
}

/// When things happened to one call.
#[derive(Clone, Copy, Default)]
struct Steps {
    answering: Option<Instant>,
    up: Option<Instant>,
    page_hears: Option<Instant>,
    caller_hears: Option<Instant>,
}

/// One number of calls.
struct Measured {
    row: Row,
    up_ms: Vec<f64>,
    sound_ms: Vec<f64>,
    kib_a_page: f64,
}

/// Measures both.
pub(crate) fn run(options: &Options) -> anyhow::Result<Value> {
    println!();
    let ringing = ringing::ring()?;
    println!("\n{}", Row::HEADINGS);
    let (mut measured, mut rows) = (Vec::new(), Vec::new());
    for calls in options.steps(&STEPS) {
        let one = bridged(calls, options.packets)?;
        one.row.print("browsers");
        let is_good = one.row.is_good(LATEST_US);
        measured.push(one);
        if !is_good {
            println!("browsers break at {calls} calls");
            break;
        }
    }
    for one in &measured {
        println!("{} calls; an open page takes {:.0} KiB", one.row.calls, one.kib_a_page);
        let mut row = one.row.as_json();
        row["up_ms"] = print_times("from `answer` to `up`", &one.up_ms);
        row["sound_ms"] = print_times("from `answer` to the first packet heard, both ways", &one.sound_ms);
        row["kib_a_page"] = json!(one.kib_a_page);
        rows.push(row);
    }
    Ok(json!({ "ringing": ringing, "calls": rows }))
}

fn bridged(count: u32, packets: u64) -> anyhow::Result<Measured> {
    let folder = tempfile::tempdir()?;
    let backstop = Backstop::start(folder.path(), count)?;
    let sound = Arc::new(Media::open(count)?);
    let (connections, connected) = channel();
    let mut phones = Phones::callers(backstop.address, Arc::clone(&sound), number_of, Some(connections))?;
    let (greeted, ended) = (CancellationToken::new(), CancellationToken::new());
    let closed_mib = backstop.process.resident_mib();
    let pages = Pages::open(&backstop, count, |index| {
        let phone = sound.address(Side::Callee, index);
        Some(Answering { told: phones.told(), phone, greeted: greeted.clone(), ended: ended.clone() })
    })?;
    let empty_mib = backstop.process.resident_mib();
    let (greeting, news) = ((Arc::clone(&sound), greeted.clone()), pages.teller.clone());
    let greeting = std::thread::spawn(move || greeting::greet(&greeting.0, &connected, &news, &greeting.1));
    let calls = phones.place(count, f64::from(RATE), None);
    let steps = pages.steps(count);
    greeted.cancel();
    // It says nothing of its own: what failed is told by the pages.
    let _ended = greeting.join();
    let (calls, steps) = (calls?, steps?);
    let connected = calls.iter().map(Placed::connected).collect::<anyhow::Result<Vec<_>>>()?;
    let heard = sound.talk(&connected, packets, &backstop.process);
    phones.hang_up(calls)?;
    ended.cancel();
    let kib_a_page = (empty_mib - closed_mib) * 1_024.0 / f64::from(count);
    let times = |of: fn(&Steps) -> Option<Duration>| {
        steps.iter().filter_map(of).map(|time| time.as_secs_f64() * 1e3).collect::<Vec<_>>()
    };
    let (up_ms, sound_ms) = (times(Steps::until_up), times(Steps::until_heard));
    Ok(Measured { row: Row { calls: count, heard, empty_mib }, up_ms, sound_ms, kib_a_page })
}

/// A packet from before the sound that is measured: their numbers end where its begin.
fn hello(whose: usize, number: u64) -> [u8; 172] {
    packet(whose, number.wrapping_sub(HELLOS))
}

impl Pages {
    fn open(backstop: &Backstop, count: u32, answering: impl Fn(u32) -> Option<Answering>) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let base = backstop.page.as_deref().context("no page is served")?;
        let (teller, news) = channel();
        // What is done once in this process is not to be counted as a call's.
        runtime.block_on(runtime.spawn(async { Peer::warm_up() }))??;
        for index in 0..count {
            // One after the other: the service checks one password at a time.
            let page = runtime.block_on(Page::open(base, index, teller.clone()))?;
            runtime.spawn(page.run(answering(index)));
        }
        Ok(Self { news, teller, _runtime: runtime })
    }

    /// Waits until all calls are up and heard.
    fn steps(&self, count: u32) -> anyhow::Result<Vec<Steps>> {
        let until = Instant::now() + PATIENCE;
        let mut steps = vec![Steps::default(); count as usize];
        while !steps.iter().all(Steps::are_done) {
            let news = match self.news.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(news) => news,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    bail!("{}", Steps::what_is_missing(&steps))
                }
            };
            let call = &mut steps[news.page as usize];
            match news.what {
                What::Answering => call.answering = Some(news.at),
                What::Up => call.up = Some(news.at),
                What::PageHears => call.page_hears = Some(news.at),
                What::CallerHears => call.caller_hears = Some(news.at),
                What::Failed(why) => bail!("page {}: {why}", news.page),
                What::Ring | What::RingOver => {}
            }
        }
        Ok(steps)
    }
}

impl Steps {
    fn until_up(&self) -> Option<Duration> {
        Some(self.up?.duration_since(self.answering?))
    }

    fn until_heard(&self) -> Option<Duration> {
        Some(self.page_hears?.max(self.caller_hears?).duration_since(self.answering?))
    }

    fn are_done(&self) -> bool {
        self.until_up().is_some() && self.until_heard().is_some()
    }

    fn what_is_missing(steps: &[Self]) -> String {
        let count = |of: fn(&Self) -> bool| steps.iter().filter(|it| of(it)).count();
        format!(
            "of {} calls {} were answered, {} came up, {} pages and {} callers heard the other side",
            steps.len(),
            count(|it| it.answering.is_some()),
            count(|it| it.up.is_some()),
            count(|it| it.page_hears.is_some()),
            count(|it| it.caller_hears.is_some()),
        )
    }
}
