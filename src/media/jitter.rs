//! The adaptive jitter buffer: packets of any length in, in any order; a paced row of frames out.
//!
//! It works on a timeline of samples. `play_at` is the next sample to be played; the *delay* of the playout is how long after the
//! quickest possible arrival of a sample it is played, and is steered towards the target of [`DelayEstimate`]:
//! - it grows at once when a packet comes while its place is being concealed: the playout steps back to it, and nothing is lost;
//! - it grows and shrinks by a frame in quiet stretches (also against clock drift), and freely in pauses of the sender;
//! - past its upper bound it shrinks even in speech, by whole pitch periods.

mod correction;
mod delay;

use super::concealment::Concealer;
use super::level::rms;
use super::{FRAME_SAMPLES, Frame};
use delay::DelayEstimate;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The target never exceeds this.
const MAX_DELAY_US: i64 = 200_000;
/// More sound than this is never kept waiting: the oldest is dropped.
const MAX_QUEUED: i64 = 400 * 8;
/// A packet whose timestamp and arrival disagree by more begins another timeline.
const DISCONTINUITY_US: i64 = 1_000_000;
const SAMPLE_US: i64 = 125;
const FRAME: i64 = FRAME_SAMPLES as i64;
/// So many packets in a row that are too late are no accident.
const LATE_IN_A_ROW: u32 = 10;
/// After so long a pause of the sender, the delay is set anew: everything made up has faded.
const PAUSE: i64 = 60 * 8;
/// Orders, delays and completes the sound of one sender.
#[derive(Debug)]
pub(super) struct JitterBuffer {
    epoch: Instant,
    queue: BTreeMap<i64, Piece>,
    newest: Option<Newest>,
    delay: DelayEstimate,
    concealer: Concealer,
    /// `None` before the first packet.
    play_at: Option<i64>,
    is_playing: bool,
    /// Where the current gap began: nothing at or after this sample has been played yet.
    gap_from: Option<i64>,
    last_played: i64,
    smoothed_delay_us: f32,
    recent_level: f32,
    frames_since_correction: u32,
    late_run: u32,
    #[cfg(test)]
    played: Vec<std::ops::Range<i64>>,
    pub(super) counts: Counts,
}

/// What the buffer did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) late: u64,
    pub(super) concealed: u64,
    pub(super) shortened: u64,
    pub(super) lengthened: u64,
}

#[derive(Debug)]
struct Piece {
    sequence: i64,
    pcm: Vec<i16>,
}

/// The newest packet by sequence: the reference of the timeline.
#[derive(Debug)]
struct Newest {
    sequence: i64,
    timestamp: u32,
    at: i64,
    arrival_us: i64,
}

impl JitterBuffer {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            epoch: now,
            queue: BTreeMap::new(),
            newest: None,
            delay: DelayEstimate::new(),
            concealer: Concealer::new(),
            play_at: None,
            is_playing: false,
            gap_from: None,
            last_played: i64::MIN,
            smoothed_delay_us: 0.0,
            recent_level: 0.0,
            frames_since_correction: 0,
            late_run: 0,
            #[cfg(test)]
            played: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Forgets all sound and its time; what was counted stays.
    pub(super) fn begin_again(&mut self, now: Instant) {
        *self = Self { counts: self.counts, ..Self::new(now) };
    }

    /// The next packet belongs to another stream: its timestamps don't follow on the last ones.
    pub(super) fn begin_stream(&mut self) {
        self.newest = None;
    }

    /// Takes in a packet's sound; `sequence` is extended and never repeats.
    pub(super) fn insert(&mut self, now: Instant, sequence: i64, timestamp: u32, pcm: Vec<i16>) {
        let arrival_us = self.micros(now);
        let at = self.place(arrival_us, sequence, timestamp);
        let end = at + pcm.len() as i64;
        self.delay.observe(arrival_us, at * SAMPLE_US);
        if !self.make_way(arrival_us, at, end) {
            self.count_late();
            return;
        }
        self.late_run = 0;
        self.queue.entry(at).or_insert(Piece { sequence, pcm });
        self.bound();
    }

    /// The next 20 ms.
    pub(super) fn pop(&mut self, now: Instant) -> Frame {
        let now_us = self.micros(now);
        let Some(play_at) = self.play_at else { return Frame::SILENCE };
        let delay_us = self.delay_us(now_us, play_at);
        if !self.is_playing {
            if delay_us < self.delay.target() {
                return Frame::SILENCE;
            }
            self.is_playing = true;
            self.smoothed_delay_us = delay_us as f32;
        }
        self.smoothed_delay_us += (delay_us as f32 - self.smoothed_delay_us) / 8.0;
        self.frames_since_correction += 1;
        self.correct(play_at).unwrap_or_else(|| self.play(play_at))
    }

    pub(super) fn target(&self) -> Duration {
        Duration::from_micros(self.delay.target() as u64)
    }

    /// Where a packet lies on the timeline.
    fn place(&mut self, arrival_us: i64, sequence: i64, timestamp: u32) -> i64 {
        let follows = self.newest.as_ref().map(|newest| {
            let step = i64::from(timestamp.wrapping_sub(newest.timestamp) as i32);
            let disagreement = (step * SAMPLE_US - (arrival_us - newest.arrival_us)).abs();
            (newest.at + step, sequence > newest.sequence, disagreement > DISCONTINUITY_US)
        });
        let at = match follows {
            // It lies before the newest, whatever its timestamp says.
            Some((at, false, _)) => return at.min(self.newest.as_ref().map_or(at, |newest| newest.at)),
            Some((at, true, false)) => at,
            _ => {
                self.delay.restart();
                let in_time = self.play_at.map_or(0, |play_at| play_at + self.delay.target() / SAMPLE_US);
                self.queued_end().map_or(in_time, |end| end.max(in_time))
            }
        };
        self.newest = Some(Newest { sequence, timestamp, at, arrival_us });
        at
    }

    /// Moves the playout so that a packet can be heard, if that is still possible.
    fn make_way(&mut self, arrival_us: i64, at: i64, end: i64) -> bool {
        let Some(play_at) = self.play_at.filter(|_| self.is_playing) else {
            let play_at = self.play_at.unwrap_or(at);
            let can_be_heard = at >= play_at - MAX_DELAY_US / SAMPLE_US;
            // What comes too late for that must not delay what waits already.
            self.play_at = Some(if can_be_heard { play_at.min(at) } else { play_at });
            return can_be_heard;
        };
        let Some(gap_from) = self.gap_from else { return end > play_at };
        // The sample that the quickest packet could bring just now.
        let front = (arrival_us - self.delay.base()) / SAMPLE_US;
        let earliest = gap_from.max(play_at.min(front - MAX_DELAY_US / SAMPLE_US));
        let wanted = if self.queue.is_empty() && play_at - gap_from >= PAUSE {
            front - self.delay.target() / SAMPLE_US
        } else {
            play_at
        };
        let moved = wanted.min(at).max(earliest);
        if end <= moved {
            return false;
        }
        self.smoothed_delay_us += ((play_at - moved) * SAMPLE_US) as f32;
        self.play_at = Some(moved);
        true
    }

    /// Drops the oldest when too much waits (a burst after a stall, a sender's leap).
    fn bound(&mut self) {
        // Not the newest packet's end: an early one may have moved the playout away from what waits already.
        let (Some(play_at), Some(end)) = (self.play_at, self.queued_end()) else { return };
        if end - play_at <= MAX_QUEUED {
            return;
        }
        let moved = end - self.delay.target() / SAMPLE_US;
        let before = self.queued_samples();
        self.smoothed_delay_us -= ((moved - play_at) * SAMPLE_US) as f32;
        self.advance(moved);
        self.counts.shortened += (before - self.queued_samples()).div_ceil(FRAME_SAMPLES) as u64;
        self.concealer.splice();
    }

    fn count_late(&mut self) {
        self.counts.late += 1;
        self.late_run += 1;
        if self.late_run == LATE_IN_A_ROW {
            // The way has become longer, or the sender's clock has leapt back: take the next packet as the new measure.
            self.late_run = 0;
            self.newest = None;
        }
    }

    /// Plays what is there, and conceals what is not.
    fn play(&mut self, play_at: i64) -> Frame {
        let mut frame = Frame::SILENCE;
        let mut filled = 0;
        let mut concealed = false;
        while filled < FRAME_SAMPLES {
            let at = play_at + filled as i64;
            let rest = &mut frame.0[filled..];
            let piece = self.queue.range(..=at).next_back();
            if let Some((sequence, pcm)) = piece.and_then(|(start, piece)| piece.from(at - start)) {
                let taken = pcm.len().min(rest.len());
                let heard = &mut rest[..taken];
                heard.copy_from_slice(&pcm[..taken]);
                self.concealer.hear(heard);
                self.last_played = sequence;
                #[cfg(test)]
                self.played.push(at..at + taken as i64);
                self.gap_from = None;
                filled += taken;
            } else {
                let next = self.queue.range(at..).next();
                let missing = next.map_or(rest.len(), |(start, _)| rest.len().min((start - at) as usize));
                // The sender made a pause where the next packet has the next number.
                let is_pause = next.is_some_and(|(_, piece)| piece.sequence == self.last_played + 1);
                concealed |= self.concealer.conceal(&mut rest[..missing]) && !is_pause;
                self.gap_from.get_or_insert(at);
                filled += missing;
            }
        }
        self.counts.concealed += u64::from(concealed);
        if !concealed {
            self.recent_level += (rms(&frame.0) - self.recent_level) / 32.0;
        }
        self.advance(play_at + FRAME);
        frame
    }

    fn advance(&mut self, play_at: i64) {
        self.play_at = Some(play_at);
        self.drop_before(play_at);
    }

    fn drop_before(&mut self, play_at: i64) {
        while let Some(first) = self.queue.first_entry()
            && *first.key() + first.get().pcm.len() as i64 <= play_at
        {
            self.last_played = first.remove().sequence;
        }
    }

    fn queued_samples(&self) -> usize {
        self.queue.values().map(|piece| piece.pcm.len()).sum()
    }

    fn queued_end(&self) -> Option<i64> {
        let (start, piece) = self.queue.last_key_value()?;
        Some((start + piece.pcm.len() as i64).max(self.play_at?))
    }

    /// How long after its quickest possible arrival the next sample is played.
    fn delay_us(&self, now_us: i64, play_at: i64) -> i64 {
        now_us - self.delay.base() - play_at * SAMPLE_US
    }

    fn micros(&self, now: Instant) -> i64 {
        now.saturating_duration_since(self.epoch).as_micros() as i64
    }
}

impl Piece {
    /// Its number, and its sound from an offset on, if any is left there.
    fn from(&self, offset: i64) -> Option<(i64, &[i16])> {
        let pcm = self.pcm.get(offset as usize..).filter(|pcm| !pcm.is_empty())?;
        Some((self.sequence, pcm))
    }
}

#[cfg(test)]
mod tests;
