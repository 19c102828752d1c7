//! A message once it is said: kept as a WAV, written down by the transcriber, piece by piece.

use crate::call::Work;
use crate::conversation::{Heard, Hint, ModelFailure, Origin, Speaker, StageTimes, Transcript, Turn};
use crate::id::{Generation, TurnId, UtteranceId};
use crate::media::SAMPLE_RATE;
use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

/// The transcriber's window is 30 s.
const PIECE_SAMPLES: usize = 28 * SAMPLE_RATE as usize;
/// The call's record does not wait longer for the words.
const WORDS_WITHIN: Duration = Duration::from_mins(1);

/// One voicemail.
pub(super) struct Voicemail {
    began: Duration,
    length: Duration,
    path: Option<String>,
    pieces: VecDeque<Vec<i16>>,
    asked: u32,
    answered: u32,
    words: Vec<String>,
    is_kept: bool,
    farewell_is_over: bool,
    is_told: bool,
    due: Option<Instant>,
}

/// What became of it.
pub(super) struct Taken {
    /// The WAV; `None` when nothing was said.
    pub(super) path: Option<String>,
    /// What was said, when it could be understood.
    pub(super) turn: Option<Turn>,
}

impl Voicemail {
    /// Begins `began` after the INVITE.
    pub(super) fn new(began: Duration) -> Self {
        Self {
            began,
            length: Duration::ZERO,
            path: None,
            pieces: VecDeque::new(),
            asked: 0,
            answered: 0,
            words: Vec::new(),
            is_kept: false,
            farewell_is_over: false,
            is_told: false,
            due: None,
        }
    }

    /// Keeps what was said: mono 16-bit PCM at 8,000 Hz; empty when nothing was.
    pub(super) fn keep(&mut self, now: Instant, pcm: &[i16], path: &Path) {
        self.is_kept = true;
        self.due = Some(now + WORDS_WITHIN);
        if pcm.is_empty() {
            return;
        }
        self.length = Duration::from_secs_f64(pcm.len() as f64 / f64::from(SAMPLE_RATE));
        self.pieces = pcm.chunks(PIECE_SAMPLES).map(<[i16]>::to_vec).collect();
        match crate::wav::write(path, &[pcm]) {
            Ok(()) => self.path = Some(path.display().to_string()),
            Err(error) => tracing::error!(%error, "a message could not be written to disk"),
        }
    }

    /// The next piece for the transcriber.
    pub(super) fn next_work(&mut self) -> Option<Work> {
        let pcm = self.pieces.pop_front()?;
        self.asked += 1;
        let (utterance, generation) = (UtteranceId(self.asked), Generation(self.asked));
        Some(Work::Transcribe { utterance, generation, pcm, hint: Hint::Open })
    }

    /// The words of a piece; gives the next piece.
    pub(super) fn transcribed(&mut self, result: Result<Transcript, ModelFailure>) -> Option<Work> {
        self.answered += 1;
        self.words.extend(result.ok().map(|transcript| transcript.text).filter(|text| !text.is_empty()));
        self.next_work()
    }

    /// The caller has heard the farewell, or is gone.
    pub(super) fn farewell_is_over(&mut self) {
        self.farewell_is_over = true;
    }

    /// What became of it, once, when all is done.
    pub(super) fn take_result(&mut self, now: Instant, turn: TurnId) -> Option<Taken> {
        let is_late = self.due.is_some_and(|due| due <= now);
        let is_written = self.answered >= self.asked && self.pieces.is_empty();
        if self.is_told || !self.is_kept || !self.farewell_is_over || !(is_written || is_late) {
            return None;
        }
        self.is_told = true;
        let text = self.words.join(" ");
        let turn = (!text.is_empty()).then(|| Turn {
            id: turn,
            speaker: Speaker::Caller,
            text,
            started_at: self.began,
            ended_at: self.began + self.length,
            heard: Heard::Whole,
            origin: Origin::Speech,
            stages: StageTimes::default(),
        });
        Some(Taken { path: self.path.take(), turn })
    }
}
