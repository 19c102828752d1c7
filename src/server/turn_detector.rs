//! The thread that owns the turn detector.

use super::workers::{Load, Promise};
use crate::conversation::Input;
use crate::id::{Generation, UtteranceId};
use crate::speech::{SpeechError, Stop, TurnDetector, Worker};

/// Pauses that may wait: each takes well below a tenth of a second.
const INBOX: usize = 64;
/// What is said when it can't tell: neither done nor not.
pub(super) const UNKNOWN: f32 = 0.5;

/// One pause to judge.
pub(super) struct JudgeJob {
    pub(super) utterance: UtteranceId,
    pub(super) generation: Generation,
    pub(super) pcm: Vec<i16>,
    pub(super) stop: Stop,
    pub(super) promise: Promise,
}

pub(super) fn start(load: Load<dyn TurnDetector>) -> Result<Worker<JudgeJob>, SpeechError> {
    Worker::spawn("turn detector", INBOX, load, |model: &mut Box<dyn TurnDetector>, job| judge(model.as_mut(), job))
}

fn judge(model: &mut dyn TurnDetector, job: JudgeJob) {
    let JudgeJob { utterance, generation, pcm, stop, promise } = job;
    if stop.is_stopped() {
        return;
    }
    let done = model.done(&pcm).unwrap_or_else(|error| {
        tracing::error!(%error, "the end of a turn could not be judged by its sound");
        UNKNOWN
    });
    promise.keep(Input::TurnJudged { utterance, generation, done });
}
