//! The thread that owns the voice.

use super::lines::LineCache;
use super::workers::{Answer, Load, send};
use crate::id::{LegId, TurnId};
use crate::speech::{SpeechError, Stop, Synthesizer, Worker};
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

/// What the voice is asked for.
pub(super) enum VoiceJob {
    /// Somebody waits for this.
    Speak(SpeakJob),
    /// Clauses that may be wanted soon.
    Rehearse { clauses: Vec<String>, stop: Stop },
}

/// One clause or announcement to speak.
pub(super) struct SpeakJob {
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
    Worker::spawn("voice", INBOX, load, |(model, cache): &mut (Box<dyn Synthesizer>, LineCache), job| match job {
        VoiceJob::Speak(job) => speak(model.as_mut(), cache, job),
        VoiceJob::Rehearse { clauses, stop } => rehearse(model.as_mut(), cache, &clauses, &stop),
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

fn rehearse(model: &mut dyn Synthesizer, cache: &mut LineCache, clauses: &[String], stop: &Stop) {
    for clause in clauses {
        if stop.is_stopped() {
            return;
        }
        if cache.get(clause).is_some() {
            continue;
        }
        match whole(model, clause) {
            Ok(pcm) => cache.keep_for_now(clause.clone(), pcm),
            Err(error) => tracing::warn!(%error, "a clause could not be synthesised ahead"),
        }
    }
}

fn speak(model: &mut dyn Synthesizer, cache: &LineCache, job: SpeakJob) {
    let SpeakJob { listener, text, silenced, answers } = job;
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
