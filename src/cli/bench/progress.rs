//! How far a benchmark is: a bar on a terminal, plain lines elsewhere; on standard error, so that standard output stays free for the report.

use crate::bench::Watch;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const STYLE: &str = "{spinner} {prefix} [{bar:30}] {pos}/{len} {msg} {elapsed}, {eta} left";

/// A progress bar.
#[derive(Debug, Default)]
pub(super) struct Bar(Mutex<Option<Work>>);

#[derive(Debug)]
struct Work {
    what: String,
    bar: ProgressBar,
    done: u64,
    total: u64,
}

impl Bar {
    fn lock(&self) -> MutexGuard<'_, Option<Work>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Bar {
    fn say(&self, line: &str) {
        match self.lock().as_ref() {
            Some(work) => work.bar.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }

    fn start(&self, what: &str, steps: u64) {
        let bar = if std::io::stderr().is_terminal() {
            let style = ProgressStyle::with_template(STYLE).unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::new(steps).with_style(style).with_prefix(what.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        } else {
            ProgressBar::hidden()
        };
        *self.lock() = Some(Work { what: what.to_owned(), bar, done: 0, total: steps });
    }

    fn step(&self, what: &str) {
        let mut work = self.lock();
        let Some(work) = work.as_mut() else { return };
        let tenth = |done: u64| done * 10 / work.total.max(1);
        let is_new = tenth(work.done + 1) > tenth(work.done);
        work.done += 1;
        work.bar.inc(1);
        work.bar.set_message(what.to_owned());
        if work.bar.is_hidden() && is_new {
            eprintln!("  {}: {} of {}", work.what, work.done, work.total);
        }
    }

    fn finish(&self) {
        if let Some(work) = self.lock().take() {
            work.bar.finish_and_clear();
        }
    }
}
