//! A call that rings in all pages at once, and is given up: how soon each of them knows.

use super::{News, Pages, What};
use crate::backstop::{Backstop, NUMBER_OF_ALL};
use crate::media::Media;
use crate::phones::Phones;
use crate::print_times;
use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PAGES: u32 = 100;
const CALLS: u32 = 20;
const PATIENCE: Duration = Duration::from_secs(20);

/// What one call's pages heard, in milliseconds: the first page first.
#[derive(Default)]
struct Times {
    each: Vec<f64>,
    last: Vec<f64>,
}

/// Measures it over some calls, one after the other.
pub(super) fn ring() -> anyhow::Result<Value> {
    let folder = tempfile::tempdir()?;
    let backstop = Backstop::start(folder.path(), PAGES)?;
    let sound = Arc::new(Media::open(1)?);
    let mut phones = Phones::callers(backstop.address, sound, |_| NUMBER_OF_ALL.to_owned(), None)?;
    let pages = Pages::open(&backstop, PAGES, |_| None)?;
    let (mut ring, mut over) = (Times::default(), Times::default());
    let cpu_before = backstop.process.cpu();
    for _ in 0..CALLS {
        let (call, invited) = phones.ring()?;
        ring.add(&pages, invited, |what| matches!(what, What::Ring))?;
        let given_up = phones.give_up(&call)?;
        over.add(&pages, given_up, |what| matches!(what, What::RingOver))?;
        phones.settle(&mut [call])?;
    }
    let cpu_ms = backstop.process.cpu().saturating_sub(cpu_before).as_secs_f64() * 1e3 / f64::from(CALLS);
    println!("{CALLS} calls that ring in {PAGES} pages at once");
    let result = json!({
        "calls": CALLS,
        "pages": PAGES,
        "ring_ms": print_times("from INVITE to `ring` in each page", &ring.each),
        "last_ring_ms": print_times("from INVITE to `ring` in the last page of each call", &ring.last),
        "ring_over_ms": print_times("from CANCEL to `ring_over` in each page", &over.each),
        "last_ring_over_ms": print_times("from CANCEL to `ring_over` in the last page", &over.last),
        "cpu_ms_a_call": cpu_ms,
    });
    println!("{cpu_ms:.1} ms of CPU a call");
    Ok(result)
}

impl Times {
    // Waits until all pages have heard it.
    fn add(&mut self, pages: &Pages, since: Instant, is_it: impl Fn(&What) -> bool) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        let mut heard = vec![false; PAGES as usize];
        let mut last = 0.0_f64;
        while heard.contains(&false) {
            let wait = until.saturating_duration_since(Instant::now());
            let News { page, at, what } = pages.news.recv_timeout(wait).context("some pages heard nothing")?;
            if let What::Failed(why) = what {
                bail!("page {page}: {why}");
            }
            if is_it(&what) && !std::mem::replace(&mut heard[page as usize], true) {
                let ms = at.duration_since(since).as_secs_f64() * 1e3;
                self.each.push(ms);
                last = last.max(ms);
            }
        }
        self.last.push(last);
        Ok(())
    }
}
