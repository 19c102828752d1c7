//! Measures each step by the packets as they arrive, before any jitter buffer.

use super::call_report::StepReport;
use super::ear::AUDIBLE_DBFS;
use super::progress::Progress;
use crate::media::FRAME_DURATION;
use std::time::{Duration, Instant};

/// Sound after a longer quiet is something new.
const FRESH_AFTER: Duration = Duration::from_millis(200);
/// After a longer quiet, the receptionist has let herself be interrupted; shorter ones lie between words.
const YIELDED_AFTER: Duration = Duration::from_millis(400);

#[derive(Debug)]
pub(super) struct Probe {
    answered_at: Instant,
    greeted_at: Option<Instant>,
    last_audible: Option<Instant>,
    done: Vec<StepReport>,
    current: Option<Current>,
}

#[derive(Debug)]
struct Current {
    report: StepReport,
    began_at: Instant,
    ended_at: Option<Instant>,
    /// The receptionist was speaking at the step's start and still is.
    speaking_over: bool,
    /// No reply can be told apart: she was speaking as the caller finished.
    overlapped: bool,
}

impl Probe {
    pub(super) const fn new(answered_at: Instant) -> Self {
        Self { answered_at, greeted_at: None, last_audible: None, done: Vec::new(), current: None }
    }

    pub(super) fn step_begins(&mut self, now: Instant, said: String) {
        self.close();
        let report = StepReport { said, sent_at_ms: self.since_answer(now), ..StepReport::default() };
        let speaking_over = self.last_audible.is_some_and(|last| now - last < YIELDED_AFTER);
        self.current = Some(Current { report, began_at: now, ended_at: None, speaking_over, overlapped: false });
    }

    pub(super) fn speech_ends(&mut self, now: Instant) {
        let (at, overlapped) = (self.since_answer(now), self.is_audible(now));
        if let Some(current) = &mut self.current {
            current.ended_at = Some(now);
            current.overlapped = overlapped;
            current.report.speech_ended_at_ms = Some(at);
        }
    }

    /// A packet has arrived.
    pub(super) fn arrived(&mut self, now: Instant, level_dbfs: f32) -> Option<Progress> {
        if level_dbfs < AUDIBLE_DBFS {
            return None;
        }
        let is_fresh = !self.is_audible(now);
        self.greeted_at.get_or_insert(now);
        self.last_audible = Some(now);
        self.current.as_mut()?.audible(now, is_fresh)
    }

    /// Time passes.
    pub(super) fn tick(&mut self, now: Instant) -> Option<Progress> {
        let last = self.last_audible?;
        let current = self.current.as_mut().filter(|current| current.speaking_over)?;
        if now - last < YIELDED_AFTER {
            return None;
        }
        current.speaking_over = false;
        let after = (last + FRAME_DURATION).saturating_duration_since(current.began_at);
        current.report.interrupted_after_ms = Some(after.as_millis() as u64);
        Some(Progress::Yielded { after })
    }

    pub(super) fn greeting_after(&self) -> Option<Duration> {
        self.greeted_at.map(|at| at - self.answered_at)
    }

    pub(super) fn into_steps(mut self) -> Vec<StepReport> {
        self.close();
        self.done
    }

    fn close(&mut self) {
        self.done.extend(self.current.take().map(|current| current.report));
    }

    fn is_audible(&self, now: Instant) -> bool {
        self.last_audible.is_some_and(|last| now - last < FRESH_AFTER)
    }

    fn since_answer(&self, now: Instant) -> u64 {
        (now - self.answered_at).as_millis() as u64
    }
}

impl Current {
    fn audible(&mut self, now: Instant, is_fresh: bool) -> Option<Progress> {
        self.report.heard_ms += FRAME_DURATION.as_millis() as u64;
        let Some(ended_at) = self.ended_at else {
            if is_fresh && !self.speaking_over {
                let after = now - self.began_at;
                self.report.spoken_into_after_ms.get_or_insert(after.as_millis() as u64);
            }
            return None;
        };
        if self.overlapped {
            return None;
        }
        let after = now - ended_at;
        self.follow(after, is_fresh);
        if self.report.first_audio_after_ms.is_some() {
            return None;
        }
        self.report.first_audio_after_ms = Some(after.as_millis() as u64);
        Some(Progress::Replied { after })
    }

    /// The reply goes on, or begins anew after a quiet.
    fn follow(&mut self, after: Duration, is_fresh: bool) {
        let (begun, end) = (after.as_millis() as u64, (after + FRAME_DURATION).as_millis() as u64);
        match self.report.stretches_ms.last_mut() {
            Some(stretch) if !is_fresh => stretch[1] = end,
            _ => self.report.stretches_ms.push([begun, end]),
        }
    }
}
