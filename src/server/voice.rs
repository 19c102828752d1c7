//! The thread that owns the voice.

use super::lines::LineCache;
use super::workers::{Answer, Load, send};
use crate::id::{LegId, TurnId};
use crate::speech::{SpeechError, Synthesizer, Worker};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::mpsc;

/// Clauses that may wait, over all calls.
const INBOX: usize = 256;

/// For whom something is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listener {
    /// The caller, as a clause of the conversation.
    Conversation { turn: TurnId, clause: u32 },
    /// Whoever is on this leg, outside of any conversation.
    Leg(LegId),
}

/// One clause or announcement to speak.
pub(super) struct VoiceJob {
    pub(super) listener: Listener,
    pub(super) text: String,
    pub(super) silenced: Arc<AtomicI64>,
    pub(super) answers: mpsc::Sender<Answer>,
}

pub(super) fn start(
    load: Load<dyn Synthesizer>,
    mut cache: LineCache,
    clauses: Vec<String>,
) -> Result<Worker<VoiceJob>, SpeechError> {
    let load = move || {
        let mut model = load()?;
        for clause in clauses {
            let pcm = whole(model.as_mut(), &clause)?;
            cache.keep(clause, pcm);
        }
        Ok((model, cache))
    };
    Worker::spawn("voice", INBOX, load, |(model, cache): &mut (Box<dyn Synthesizer>, LineCache), job| {
        speak(model.as_mut(), cache, job);
    })
}

fn whole(model: &mut dyn Synthesizer, line: &str) -> Result<Vec<i16>, SpeechError> {
    let mut pcm = Vec::new();
    model.synthesize(line, &mut |piece| {
        pcm.extend_from_slice(piece);
        ControlFlow::Continue(())
    })?;
    Ok(pcm)
}

fn speak(model: &mut dyn Synthesizer, cache: &LineCache, job: VoiceJob) {
    let VoiceJob { listener, text, silenced, answers } = job;
    let is_silenced = || match listener {
        Listener::Conversation { turn, .. } => i64::from(turn.0) <= silenced.load(Ordering::Relaxed),
        Listener::Leg(_) => false,
    };
    let is_wanted = || !is_silenced() && !answers.is_closed();
    if !is_wanted() {
        return;
    }
    if let Some(pcm) = cache.get(&text) {
        send(&answers, Answer::Voice { listener, pcm });
        send(&answers, Answer::VoiceFinished(listener));
        return;
    }
    let mut sink = |piece: &[i16]| {
        if is_wanted() && send(&answers, Answer::Voice { listener, pcm: piece.into() }) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    };
    let answer = match model.synthesize(&text, &mut sink) {
        Ok(()) => Answer::VoiceFinished(listener),
        Err(SpeechError::Stopped) => return,
        Err(error) => {
            tracing::error!(%error, "a clause could not be spoken");
            Answer::VoiceFailed(listener)
        }
    };
    send(&answers, answer);
}
