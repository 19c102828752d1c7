//! The thread that owns the speech-to-text model.

use super::responder::GiveWay;
use super::workers::{Load, Promise};
use crate::conversation::{Hint, Input, ModelFailure};
use crate::id::{Generation, UtteranceId};
use crate::speech::{SpeechError, Stop, Transcriber, Worker};

/// Utterances that may wait: with more than that the answers would come too late to be of use.
const INBOX: usize = 64;

/// One stretch of speech.
pub(super) struct TranscribeJob {
    pub(super) utterance: UtteranceId,
    pub(super) generation: Generation,
    pub(super) pcm: Vec<i16>,
    pub(super) hint: Hint,
    pub(super) stop: Stop,
    pub(super) promise: Promise,
    /// The language model's background work rests meanwhile.
    pub(super) give_way: GiveWay,
}

pub(super) fn start(load: Load<dyn Transcriber>) -> Result<Worker<TranscribeJob>, SpeechError> {
    Worker::spawn("transcriber", INBOX, load, |model: &mut Box<dyn Transcriber>, job| transcribe(model.as_mut(), job))
}

fn transcribe(model: &mut dyn Transcriber, job: TranscribeJob) {
    let TranscribeJob { utterance, generation, pcm, hint, stop, promise, give_way } = job;
    let result = if stop.is_stopped() { Err(SpeechError::Stopped) } else { model.transcribe(&pcm, hint, &stop) };
    if let Err(error @ (SpeechError::Run { .. } | SpeechError::Load { .. })) = &result {
        tracing::error!(%error, "an utterance could not be transcribed");
    }
    drop(give_way);
    let result = result.map_err(|error| ModelFailure::from(&error));
    promise.keep(Input::Transcribed { utterance, generation, result });
}
