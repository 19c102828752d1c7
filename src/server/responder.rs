//! The thread that owns the language model. A caller who waits for a reply comes first: background work stops for it
//! and is taken up again afterwards.

use super::workers::{Load, Promise};
use crate::conversation::{Choice, ChooseRequest, ExtractRequest, Input, Message, ModelFailure, ReplyRequest, Role};
use crate::speech::{Refused, Responder, SpeechError, Stop, Worker};
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Requests that may wait, over all calls.
const INBOX: usize = 64;

/// One request.
pub(super) enum ResponderJob {
    /// A caller waits for this.
    Reply { request: ReplyRequest, stop: Stop, promise: Promise },
    /// What answers a question: a caller waits for this, or will in a moment.
    Choose { request: ChooseRequest, stop: Stop, promise: Promise },
    /// A head start for a later reply.
    Prepare { messages: Vec<Message>, stop: Stop },
    /// What every call needs later, in the background.
    WarmUp,
    /// Details, in the background.
    Extract { request: ExtractRequest, stop: Stop, promise: Promise },
}

/// The way to the language model.
pub(super) struct Inbox {
    worker: Worker<ResponderJob>,
    rush: Rush,
}

impl Inbox {
    /// Hands a job over without waiting.
    ///
    /// # Errors
    /// When too many wait already; the job is given back.
    #[expect(clippy::result_large_err, reason = "the job itself is what comes back")]
    pub(super) fn try_send(&self, job: ResponderJob) -> Result<(), Refused<ResponderJob>> {
        let is_reply = matches!(job, ResponderJob::Reply { .. } | ResponderJob::Choose { .. });
        if is_reply {
            self.rush.begin_reply();
        }
        if matches!(job, ResponderJob::Prepare { .. }) {
            // A reply is near: what is done in the background is taken up again afterwards.
            self.rush.push_aside();
        }
        let sent = self.worker.try_send(job);
        if sent.is_err() && is_reply {
            self.rush.end_reply();
        }
        sent
    }

    /// A caller waits for a transcript: background work gives the processor up until the guard is dropped.
    pub(super) fn give_way(&self) -> GiveWay {
        self.rush.begin_transcription();
        GiveWay(self.rush.clone())
    }
}

/// While it lives, the language model does no background work.
pub(super) struct GiveWay(Rush);

impl Drop for GiveWay {
    fn drop(&mut self) {
        self.0.end_transcription();
    }
}

/// What callers wait for, and what stops the background work that is in its way.
#[derive(Clone, Default)]
struct Rush(Arc<(Mutex<Waiting>, Condvar)>);

#[derive(Default)]
struct Waiting {
    replies: usize,
    transcriptions: usize,
    background: Option<Stop>,
}

impl Rush {
    fn change(&self, change: impl FnOnce(&mut Waiting)) {
        let (waiting, changed) = &*self.0;
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut waiting);
        if waiting.replies + waiting.transcriptions > 0
            && let Some(stop) = waiting.background.take()
        {
            stop.stop();
        }
        changed.notify_all();
    }

    fn push_aside(&self) {
        let (waiting, _) = &*self.0;
        if let Some(stop) = waiting.lock().unwrap_or_else(PoisonError::into_inner).background.take() {
            stop.stop();
        }
    }

    fn begin_reply(&self) {
        self.change(|waiting| waiting.replies += 1);
    }

    fn end_reply(&self) {
        self.change(|waiting| waiting.replies = waiting.replies.saturating_sub(1));
    }

    fn begin_transcription(&self) {
        self.change(|waiting| waiting.transcriptions += 1);
    }

    fn end_transcription(&self) {
        self.change(|waiting| waiting.transcriptions = waiting.transcriptions.saturating_sub(1));
    }

    fn has_replies(&self) -> bool {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).replies > 0
    }

    /// Waits until no caller waits for a transcript, and gives what stops the work that may begin then; nothing when a
    /// caller waits for a reply.
    fn begin_background(&self) -> Option<Stop> {
        let (waiting, changed) = &*self.0;
        let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let is_busy = |waiting: &mut Waiting| waiting.transcriptions > 0 && waiting.replies == 0;
        let mut waiting = changed.wait_while(waiting, is_busy).unwrap_or_else(PoisonError::into_inner);
        (waiting.replies == 0).then(|| {
            let stop = Stop::new();
            waiting.background = Some(stop.clone());
            stop
        })
    }
}

struct Desk {
    model: Box<dyn Responder>,
    rush: Rush,
    postponed: VecDeque<ResponderJob>,
    choices: Arc<[Choice]>,
}

/// Loads the model and lets it take in the system message.
pub(super) fn start(
    load: Load<dyn Responder>,
    instructions: &str,
    choices: Arc<[Choice]>,
) -> Result<Inbox, SpeechError> {
    let rush = Rush::default();
    let seen = rush.clone();
    let system = Message { role: Role::System, content: instructions.to_owned() };
    let load = move || {
        let mut model = load()?;
        model.prepare(&[system], &Stop::new())?;
        Ok(Desk { model, rush: seen, postponed: VecDeque::new(), choices })
    };
    let worker = Worker::spawn("responder", INBOX, load, |desk: &mut Desk, job| desk.take(job))?;
    let inbox = Inbox { worker, rush };
    // Only a head start: without it the first search takes longer.
    let _busy = inbox.try_send(ResponderJob::WarmUp);
    Ok(inbox)
}

impl Desk {
    fn take(&mut self, job: ResponderJob) {
        self.work(job);
        // What a reply pushed aside is taken up until the next reply comes.
        while !self.rush.has_replies()
            && let Some(job) = self.postponed.pop_front()
        {
            self.work(job);
        }
    }

    fn work(&mut self, job: ResponderJob) {
        match job {
            ResponderJob::Reply { request, stop, promise } => self.reply(&request, &stop, promise),
            ResponderJob::Choose { request, stop, promise } => self.choose(&request, &stop, promise),
            ResponderJob::Prepare { messages, stop } => self.prepare(&messages, &stop),
            ResponderJob::WarmUp => self.warm_up(),
            ResponderJob::Extract { request, stop, promise } => self.extract(request, stop, promise),
        }
    }

    fn reply(&mut self, request: &ReplyRequest, stop: &Stop, promise: Promise) {
        self.rush.end_reply();
        let generation = request.generation;
        let mut sink = |text: &str| {
            let text = text.to_owned();
            if !stop.is_stopped() && promise.part(Input::ReplyText { generation, text }) {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        };
        let result =
            if stop.is_stopped() { Err(SpeechError::Stopped) } else { self.model.reply(request, stop, &mut sink) };
        if let Err(error @ (SpeechError::Run { .. } | SpeechError::Late { .. })) = &result {
            tracing::error!(%error, "the language model gave no reply");
        }
        let result = result.map_err(|error| ModelFailure::from(&error));
        promise.keep(Input::ReplyEnded { generation, result });
    }

    fn choose(&mut self, request: &ChooseRequest, stop: &Stop, promise: Promise) {
        self.rush.end_reply();
        let result = if stop.is_stopped() { Err(SpeechError::Stopped) } else { self.model.choose(request, stop) };
        if let Err(error @ (SpeechError::Run { .. } | SpeechError::Late { .. })) = &result {
            tracing::error!(%error, "the language model found no answer");
        }
        let result = result.map_err(|error| ModelFailure::from(&error));
        promise.keep(Input::Chosen { generation: request.generation, result });
    }

    fn warm_up(&mut self) {
        let result = match self.rush.begin_background() {
            Some(stop) => self.model.warm_up(&self.choices, &stop),
            None => Err(SpeechError::Stopped),
        };
        match result {
            Ok(()) => {}
            Err(SpeechError::Stopped) => self.postponed.push_back(ResponderJob::WarmUp),
            Err(error) => tracing::warn!(%error, "the language model could not be warmed up"),
        }
    }

    fn prepare(&mut self, messages: &[Message], call_over: &Stop) {
        if call_over.is_stopped() {
            return;
        }
        let Some(stop) = self.rush.begin_background() else { return };
        match self.model.prepare(messages, &stop) {
            Ok(()) | Err(SpeechError::Stopped) => {}
            Err(error) => tracing::warn!(%error, "the language model could not take the chat in ahead of time"),
        }
    }

    fn extract(&mut self, request: ExtractRequest, call_over: Stop, promise: Promise) {
        if call_over.is_stopped() {
            return;
        }
        let result = match self.rush.begin_background() {
            Some(stop) => self.model.extract(&request, &stop),
            None => Err(SpeechError::Stopped),
        };
        match result {
            Ok(values) => promise.keep(Input::Extracted { turn: request.turn, values }),
            Err(SpeechError::Stopped) => {
                self.postponed.push_back(ResponderJob::Extract { request, stop: call_over, promise });
            }
            Err(error) => tracing::error!(%error, "the language model found no details"),
        }
    }
}
