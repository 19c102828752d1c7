//! Offline benchmarks of the models and of the whole receptionist: `backstop bench`.
//!
//! One file for each benchmark; each gives a [`Report`] of rows. What the rows come to, how they are drawn, kept and compared is the same for
//! all: [`report`], [`html`], [`kept`], [`compare`]. A benchmark runs the product's own code: the adapters of `speech` as `server` loads them,
//! the line of `media`, the caller of `caller` over real SIP and RTP.

pub mod compare;
pub mod conversation;
pub mod html;
pub mod kept;
pub mod line;
pub mod llm;
mod machine;
mod plot;
pub mod report;
pub mod statistics;
pub mod stt;
pub mod tts;
pub mod turn;
pub mod utterances;
pub mod words;

pub use machine::resident_mib;
pub use report::{Better, Kind, Measure, Metric, Observed, Report, Row, Unit};

use crate::models::Picked;
use jiff::Timestamp;
use report::{FORMAT, UsedModel};
use std::time::{Duration, Instant};

/// Is told how a benchmark gets on.
pub trait Watch: Sync {
    /// One line for the reader.
    fn say(&self, line: &str);
    /// So many steps begin.
    fn start(&self, what: &str, steps: u64);
    /// One of them is done; `what` is the next piece at hand, or empty.
    fn step(&self, what: &str);
    /// The steps begun last are done.
    fn finish(&self);
}

/// Says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn say(&self, _line: &str) {}
    fn start(&self, _what: &str, _steps: u64) {}
    fn step(&self, _what: &str) {}
    fn finish(&self) {}
}

impl Report {
    /// A report that begins now, on this machine: rows, measures, models and options are to be filled in, then [`Report::finish`].
    #[must_use]
    pub fn begin(kind: Kind, name: &str) -> Self {
        Self {
            format: FORMAT,
            kind,
            name: name.to_owned(),
            made_at: Timestamp::now(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            machine: machine::machine(),
            models: Vec::new(),
            prompt_hash: None,
            options: std::collections::BTreeMap::new(),
            measures: Vec::new(),
            metrics: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Names a model that takes part.
    pub fn uses(&mut self, role: &str, model: &Picked) {
        let (id, sha256) = (model.id.clone(), model.sha256.clone());
        self.models.push(UsedModel { role: role.to_owned(), id, sha256 });
    }

    /// Notes an option for people to read.
    pub fn option(&mut self, name: &str, value: impl Into<serde_json::Value>) {
        self.options.insert(name.to_owned(), value.into());
    }

    /// The work is over: works out what the rows come to.
    #[must_use]
    pub fn finish(mut self) -> Self {
        self.machine.load[1] = machine::load();
        self.summarise();
        self
    }
}

/// A measure in one line.
fn measure(key: &str, title: &str, unit: Unit, better: Better) -> Measure {
    Measure { key: key.to_owned(), title: title.to_owned(), unit, better }
}

/// What it gives, and how long it took.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = now();
    let done = work();
    (done, begun.elapsed())
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// At most `limit` of them, spread evenly over all; 0 for all.
pub(crate) fn spread<T>(all: Vec<T>, limit: usize) -> Vec<T> {
    let count = all.len();
    if limit == 0 || count <= limit {
        return all;
    }
    let is_kept = |n: usize| (n + 1) * limit / count > n * limit / count;
    all.into_iter().enumerate().filter(|(n, _)| is_kept(*n)).map(|(_, one)| one).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_left_is_spread_evenly() {
        assert_eq!(super::spread((0..10).collect(), 3), [3, 6, 9]);
        assert_eq!(super::spread(vec![1, 2], 5), [1, 2]);
        assert_eq!(super::spread(vec![1, 2], 0), [1, 2]);
        assert_eq!(super::spread((0..1_000).collect::<Vec<_>>(), 7).len(), 7);
    }
}
