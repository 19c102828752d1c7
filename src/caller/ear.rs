//! How the caller hears that the receptionist speaks: by level alone, not by the product's own voice activity detection.

use std::time::{Duration, Instant};

/// What is louder counts as heard.
pub(super) const AUDIBLE_DBFS: f32 = -45.0;

/// Follows the receptionist's speech from one mark to the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ear {
    /// A longer quiet ends a stretch of speech.
    quiet: Duration,
    marked_at: Instant,
    began_at: Option<Instant>,
    last_heard: Option<Instant>,
}

impl Ear {
    pub(super) const fn new(now: Instant, quiet: Duration) -> Self {
        Self { quiet, marked_at: now, began_at: None, last_heard: None }
    }

    /// Forgets what was heard: only what comes from now on counts.
    pub(super) fn mark(&mut self, now: Instant) {
        *self = Self::new(now, self.quiet);
    }

    /// One more frame.
    pub(super) fn hear(&mut self, now: Instant, level_dbfs: f32) {
        if level_dbfs < AUDIBLE_DBFS {
            return;
        }
        if self.last_heard.is_none_or(|last| now - last > self.quiet) {
            self.began_at = Some(now);
        }
        self.last_heard = Some(now);
    }

    /// Whether something was said since the mark and then nothing for the quiet time.
    pub(super) fn is_finished(&self, now: Instant) -> bool {
        self.last_heard.is_some_and(|last| now - last >= self.quiet)
    }

    /// For how long the receptionist has been speaking.
    pub(super) fn speaking_for(&self, now: Instant) -> Option<Duration> {
        self.began_at.filter(|_| !self.is_finished(now)).map(|began| now - began)
    }

    /// For how long nothing has come that was waited for: since the mark, or since the last sound.
    pub(super) fn waited(&self, now: Instant) -> Duration {
        now - self.last_heard.unwrap_or(self.marked_at)
    }
}
