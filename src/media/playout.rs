//! The receptionist's voice on its way to the line: clauses of any length in, paced frames out.

use super::Frame;
use crate::id::TurnId;

/// Queue of the clauses to be spoken, in the order of turn and clause.
#[derive(Debug, Default)]
pub struct Playout {}

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

    /// Adds sound to the end of a clause.
    pub fn push(&mut self, turn: TurnId, clause: u32, pcm: &[i16]) {
        let _ = (turn, clause, pcm);
        unimplemented!()
    }

    /// No more sound will come for a clause.
    pub fn finish(&mut self, turn: TurnId, clause: u32) {
        let _ = (turn, clause);
        unimplemented!()
    }

    /// The next 20 ms for the line.
    pub fn next_frame(&mut self) -> Frame {
        unimplemented!()
    }

    /// The next event; drain it after each frame.
    pub fn poll_event(&mut self) -> Option<PlayoutEvent> {
        unimplemented!()
    }

    /// Fades out within 5 ms and forgets the queue. `None` when nothing was queued or playing.
    pub fn stop(&mut self) -> Option<StoppedAt> {
        unimplemented!()
    }

    /// Whether nothing is queued or playing.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        unimplemented!()
    }

    /// Frames that were silent, wholly or in part, because a clause's sound came too slowly.
    #[must_use]
    pub fn underruns(&self) -> u64 {
        unimplemented!()
    }
}
