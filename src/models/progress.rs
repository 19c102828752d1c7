//! How far a pull is: a bar on a terminal, plain lines elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::Duration;

/// Is told how a pull gets on.
pub trait Progress {
    /// One line for the reader.
    fn say(&self, line: &str);
    /// Work on so many bytes begins.
    fn start(&self, what: &str, bytes: u64);
    /// So many more bytes are done; `what` is the piece at hand.
    fn advance(&self, what: &str, bytes: u64);
    /// The work begun last is done, or given up.
    fn finish(&self);
}

/// Says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn say(&self, _line: &str) {}
    fn start(&self, _what: &str, _bytes: u64) {}
    fn advance(&self, _what: &str, _bytes: u64) {}
    fn finish(&self) {}
}

/// Writes to standard error, so that standard output stays free for answers.
#[derive(Debug, Default)]
pub struct Terminal {
    work: Mutex<Option<Work>>,
}

#[derive(Debug)]
struct Work {
    what: String,
    bar: ProgressBar,
    done: u64,
    total: u64,
    tenth: u64,
}

const STYLE: &str = "{spinner} {msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {elapsed}";

impl Progress for Terminal {
    fn say(&self, line: &str) {
        match self.lock().as_ref() {
            Some(work) => work.bar.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }

    fn start(&self, what: &str, bytes: u64) {
        let bar = if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(bytes);
            if let Ok(style) = ProgressStyle::with_template(STYLE) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar.set_message(what.to_owned());
            bar
        } else {
            ProgressBar::hidden()
        };
        *self.lock() = Some(Work { what: what.to_owned(), bar, done: 0, total: bytes, tenth: 0 });
    }

    fn advance(&self, what: &str, bytes: u64) {
        let mut work = self.lock();
        let Some(work) = work.as_mut() else { return };
        work.done += bytes;
        work.bar.inc(bytes);
        if work.bar.is_hidden() {
            let tenth = work.done.saturating_mul(10) / work.total.max(1);
            if tenth > work.tenth {
                work.tenth = tenth;
                eprintln!("  {}: {} of {} MB", work.what, work.done / 1_000_000, work.total / 1_000_000);
            }
        } else if !what.is_empty() {
            work.bar.set_message(format!("{} ({what})", work.what));
        }
    }

    fn finish(&self) {
        if let Some(work) = self.lock().take() {
            work.bar.finish_and_clear();
        }
    }
}

impl Terminal {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Work>> {
        self.work.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
