//! The receptionist's voice on its way to the line: clauses of any length in, paced frames out.

use super::{FRAME_SAMPLES, Frame};
use crate::id::TurnId;
use std::collections::{BTreeMap, VecDeque};

/// 5 ms: short enough to be "at once", long enough not to click.
const FADE_SAMPLES: usize = 40;
/// 200 ms: how far back it goes for the beginning of a syllable.
const REWIND_SAMPLES: usize = 1_600;

/// Queue of the clauses to be spoken, in the order of turn and clause.
#[derive(Debug, Default)]
pub struct Playout {
    clauses: BTreeMap<Key, Clause>,
    /// The clause whose sound has begun: it is played to its end even if an earlier one is pushed late.
    playing: Option<Key>,
    /// The fade-out of what was stopped or paused, still to be played.
    fade: Vec<i16>,
    /// Nothing is played for now.
    is_paused: bool,
    /// Sound of this and earlier turns comes too late: it was stopped.
    stopped: Option<TurnId>,
    events: VecDeque<PlayoutEvent>,
    underruns: u64,
}

type Key = (TurnId, u32);

#[derive(Debug, Default)]
struct Clause {
    pcm: Vec<i16>,
    played: usize,
    finished: bool,
}

/// What the playout reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlayoutEvent {
    /// The frame just given holds the first sound of a clause.
    ClauseStarted {
        /// The receptionist's turn.
        turn: TurnId,
        /// The clause's number in its turn.
        clause: u32,
    },
    /// The frame just given holds the last sound of a clause.
    ClauseFinished {
        /// The receptionist's turn.
        turn: TurnId,
        /// The clause's number in its turn.
        clause: u32,
    },
}

/// Where the voice was cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoppedAt {
    /// The receptionist's turn.
    pub turn: TurnId,
    /// The clause that was cut, or would have been next.
    pub clause: u32,
    /// How much of its known sound was played, 0 to 1.
    pub played: f32,
}

impl Playout {
    /// An empty queue.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds sound (8,000 Hz) to the end of a clause. Sound of a turn that was stopped is dropped.
    pub fn push(&mut self, turn: TurnId, clause: u32, pcm: &[i16]) {
        if let Some(clause) = self.clause(turn, clause) {
            clause.pcm.extend_from_slice(pcm);
        }
    }

    /// No more sound will come for a clause. One that never had any is reported as finished, but not as started.
    pub fn finish(&mut self, turn: TurnId, clause: u32) {
        if let Some(clause) = self.clause(turn, clause) {
            clause.finished = true;
        }
    }

    /// The next 20 ms for the line. When a clause's sound comes too slowly, whole frames wait for it, so that no frame is cut in two.
    pub fn next_frame(&mut self) -> Frame {
        let mut frame = Frame::SILENCE;
        let mut filled = self.fade.len().min(FRAME_SAMPLES);
        frame.0[..filled].copy_from_slice(&self.fade[..filled]);
        self.fade.clear();
        while filled < FRAME_SAMPLES && !self.is_paused {
            let Some(&key) = self.playing.as_ref().or_else(|| self.clauses.keys().next()) else { break };
            let Some(clause) = self.clauses.get_mut(&key) else { break };
            let rest = &clause.pcm[clause.played..];
            let taken = rest.len().min(FRAME_SAMPLES - filled);
            if !clause.finished && taken < FRAME_SAMPLES - filled {
                self.underruns += u64::from(self.playing.is_some());
                break;
            }
            frame.0[filled..filled + taken].copy_from_slice(&rest[..taken]);
            clause.played += taken;
            filled += taken;
            let at_end = clause.finished && clause.played == clause.pcm.len();
            self.report(key, taken > 0, at_end);
        }
        frame
    }

    /// The next event; drain it after each frame.
    pub fn poll_event(&mut self) -> Option<PlayoutEvent> {
        self.events.pop_front()
    }

    /// Fades out within 5 ms and plays nothing until [`Playout::go_on`]; sound may be pushed meanwhile.
    pub fn pause(&mut self) {
        if std::mem::replace(&mut self.is_paused, true) {
            return;
        }
        if let Some(clause) = self.playing.and_then(|key| self.clauses.get(&key)) {
            self.fade = fade_out(&clause.pcm[clause.played..]);
        }
    }

    /// Goes on where it was paused, from the beginning of the syllable that was cut.
    pub fn go_on(&mut self) {
        if !std::mem::take(&mut self.is_paused) {
            return;
        }
        self.fade.clear();
        if let Some(clause) = self.playing.and_then(|key| self.clauses.get_mut(&key)) {
            clause.played = last_quiet(&clause.pcm[..clause.played]);
        }
    }

    /// Fades out within 5 ms and forgets the queue, and what may still come for the queued turns. `None` when nothing was queued or playing.
    pub fn stop(&mut self) -> Option<StoppedAt> {
        let was_paused = std::mem::take(&mut self.is_paused);
        let key = self.playing.or_else(|| self.clauses.keys().next().copied())?;
        let clause = self.clauses.get(&key)?;
        if self.playing.is_some() && !was_paused {
            self.fade = fade_out(&clause.pcm[clause.played..]);
        }
        let played = clause.played as f32 / clause.pcm.len().max(1) as f32;
        self.stopped = self.clauses.keys().next_back().map(|(turn, _)| *turn).max(self.stopped);
        self.clauses.clear();
        self.playing = None;
        Some(StoppedAt { turn: key.0, clause: key.1, played })
    }

    /// Whether nothing is queued or playing.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.clauses.is_empty() && self.fade.is_empty()
    }

    /// Frames that were silent, wholly or from some sample on, because a begun clause's sound came too slowly.
    #[must_use]
    pub fn underruns(&self) -> u64 {
        self.underruns
    }

    fn clause(&mut self, turn: TurnId, clause: u32) -> Option<&mut Clause> {
        let too_late = self.stopped.is_some_and(|stopped| turn <= stopped);
        (!too_late).then(|| self.clauses.entry((turn, clause)).or_default())
    }

    fn report(&mut self, key: Key, sounded: bool, at_end: bool) {
        let (turn, clause) = key;
        if sounded && self.playing != Some(key) {
            self.playing = Some(key);
            self.events.push_back(PlayoutEvent::ClauseStarted { turn, clause });
        }
        if at_end {
            self.clauses.remove(&key);
            self.playing = None;
            self.events.push_back(PlayoutEvent::ClauseFinished { turn, clause });
        }
    }
}

/// The quietest 5 ms of the last 200 ms: there a syllable ends.
fn last_quiet(played: &[i16]) -> usize {
    let from = played.len().saturating_sub(REWIND_SAMPLES);
    let loudness = |piece: &[i16]| piece.iter().map(|&s| u64::from(s.unsigned_abs())).sum::<u64>();
    let pieces = played[from..].chunks_exact(FADE_SAMPLES).enumerate();
    let quietest = pieces.min_by_key(|(at, piece)| (loudness(piece), std::cmp::Reverse(*at)));
    quietest.map_or(played.len(), |(at, _)| from + at * FADE_SAMPLES)
}

/// The next 5 ms, falling to nothing.
fn fade_out(rest: &[i16]) -> Vec<i16> {
    let ramp = (0..FADE_SAMPLES).rev().map(|left| left as f32 / FADE_SAMPLES as f32);
    rest.iter().zip(ramp).map(|(&sample, gain)| (f32::from(sample) * gain) as i16).collect()
}

#[cfg(test)]
mod tests;
