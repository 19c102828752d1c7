//! The model threads, and one call's way to them.
//!
//! Each model lives on a thread of its own with a bounded inbox. Asking never waits: a full inbox is answered at once as
//! [`ModelFailure::Late`], and the conversation falls back to a line of the prompt file.

use super::lines::LineCache;
use super::responder::{self, ResponderJob};
use super::transcriber::{self, TranscribeJob};
use super::turn_detector::{self, JudgeJob};
use super::voice::{self, Listener, SpeakJob, VoiceJob};
use crate::call::Work;
use crate::conversation::{Choice, ChooseRequest, Input, ModelFailure, ReplyRequest};
use crate::id::{Generation, LegId, UtteranceId};
use crate::speech::{
    Refused, Responder, SpeechError, Stop, Synthesizer, Transcriber, TurnDetector, VoiceActivityDetector, Worker,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::mpsc;

/// Answers that may wait in a call's inbox: some seconds of everything a call can be told at once.
const ANSWERS: usize = 1_024;

/// Loads a model on the thread that will own it.
pub type Load<T> = Box<dyn FnOnce() -> Result<Box<T>, SpeechError> + Send>;

/// Makes a detector for each call.
pub type Detectors = dyn Fn() -> Box<dyn VoiceActivityDetector> + Send + Sync;

/// Where the models come from.
pub struct Models {
    /// Makes one detector per call.
    pub voice_activity: Load<Detectors>,
    /// Speech to text.
    pub transcriber: Load<dyn Transcriber>,
    /// End of turn by sound.
    pub turn: Load<dyn TurnDetector>,
    /// The language model.
    pub responder: Load<dyn Responder>,
    /// The voice.
    pub voice: Load<dyn Synthesizer>,
    /// Names this set in the call record: profile, or the models' own ids.
    pub profile: String,
}

/// What a model has to tell a call.
#[derive(Debug)]
pub(super) enum Answer {
    Input(Input),
    Voice { listener: Listener, pcm: Arc<[i16]> },
    VoiceFinished(Listener),
    VoiceFailed(Listener),
}

/// The model threads.
pub(super) struct Workers {
    voice_activity: Box<Detectors>,
    transcriber: Worker<TranscribeJob>,
    turn: Worker<JudgeJob>,
    responder: responder::Inbox,
    voice: Worker<VoiceJob>,
}

impl Workers {
    /// Loads all models side by side and warms them up. Blocks until they are ready.
    ///
    /// # Errors
    /// When a model can't be loaded, or fails at its first work.
    pub(super) fn start(models: Models, warm_up: WarmUp) -> Result<Self, SpeechError> {
        let Models { voice_activity, transcriber, turn, responder, voice, profile: _ } = models;
        std::thread::scope(|scope| {
            let voice_activity = scope.spawn(voice_activity);
            let transcriber = scope.spawn(|| transcriber::start(transcriber));
            let turn = scope.spawn(|| turn_detector::start(turn));
            let responder =
                scope.spawn(|| responder::start(responder, &warm_up.instructions, Arc::clone(&warm_up.choices)));
            let voice = scope.spawn(|| voice::start(voice, LineCache::new(), warm_up.clauses));
            Ok(Self {
                voice_activity: voice_activity.join().unwrap_or_else(|_| Err(panicked("voice activity")))?,
                transcriber: transcriber.join().unwrap_or_else(|_| Err(panicked("speech to text")))?,
                turn: turn.join().unwrap_or_else(|_| Err(panicked("turn detector")))?,
                responder: responder.join().unwrap_or_else(|_| Err(panicked("language model")))?,
                voice: voice.join().unwrap_or_else(|_| Err(panicked("voice")))?,
            })
        })
    }

    /// A detector for a new call.
    pub(super) fn voice_activity(&self) -> Box<dyn VoiceActivityDetector> {
        (self.voice_activity)()
    }

    /// Opens a new call's way to the models.
    pub(super) fn begin_call(self: &Arc<Self>) -> (CallWork, mpsc::Receiver<Answer>) {
        let (answers, inbox) = mpsc::channel(ANSWERS);
        let work = CallWork {
            workers: Arc::clone(self),
            answers,
            hearing: None,
            rehearsal: Stop::new(),
            reply: (Generation::default(), Stop::new()),
            choice: (Generation::default(), Stop::new()),
            background: Stop::new(),
            silenced: Arc::new(AtomicI64::new(-1)),
        };
        (work, inbox)
    }
}

/// What the models do before the first call.
#[derive(Debug)]
pub(super) struct WarmUp {
    /// The system message, taken in by the language model.
    pub(super) instructions: String,
    /// What may be told to callers who ask, taken in by the language model.
    pub(super) choices: Arc<[Choice]>,
    /// Clauses that are the same in every call, synthesised once.
    pub(super) clauses: Vec<String>,
}

fn panicked(what: &'static str) -> SpeechError {
    SpeechError::Run { what, why: "it panicked while it was loaded".to_owned() }
}

/// One call's way to the models; dropping it makes all of its work void.
pub(super) struct CallWork {
    workers: Arc<Workers>,
    answers: mpsc::Sender<Answer>,
    /// The utterance that was asked about last, and what stops the work on it.
    hearing: Option<(UtteranceId, Stop)>,
    /// Stops the clauses that are synthesised ahead.
    rehearsal: Stop,
    /// The reply that is awaited, and what stops it.
    reply: (Generation, Stop),
    /// The choice that is awaited, and what stops it.
    choice: (Generation, Stop),
    /// Stops what is done in the background.
    background: Stop,
    /// Turns up to this one are not to be spoken any more.
    silenced: Arc<AtomicI64>,
}

impl CallWork {
    /// Gives a model its work. Answers come through the call's inbox.
    pub(super) fn give(&mut self, work: Work) {
        match work {
            Work::Transcribe { utterance, generation, pcm, hint } => {
                let stop = self.hear(utterance);
                let promise =
                    self.promise(Input::Transcribed { utterance, generation, result: Err(ModelFailure::Broken) });
                let give_way = self.workers.responder.give_way();
                let job = TranscribeJob { utterance, generation, pcm, hint, stop, promise, give_way };
                if let Err(Refused::Busy(job) | Refused::Gone(job)) = self.workers.transcriber.try_send(job) {
                    job.promise.keep(Input::Transcribed { utterance, generation, result: Err(ModelFailure::Late) });
                }
            }
            Work::JudgeTurn { utterance, generation, pcm } => {
                let done = turn_detector::UNKNOWN;
                let promise = self.promise(Input::TurnJudged { utterance, generation, done });
                let stop = self.hearing.as_ref().map(|(_, stop)| stop.clone()).unwrap_or_default();
                // A refused job drops its promise, which says that nothing is known.
                let _busy = self.workers.turn.try_send(JudgeJob { utterance, generation, pcm, stop, promise });
            }
            Work::Discard { utterance, .. } => {
                self.rehearsal.stop();
                if let Some((_, stop)) = self.hearing.as_ref().filter(|(other, _)| *other == utterance) {
                    stop.stop();
                }
            }
            Work::Rehearse { clauses } => {
                self.rehearsal.stop();
                self.rehearsal = Stop::new();
                // Only a head start: when the voice is busy the clauses are spoken when they are due.
                let _busy = self.workers.voice.try_send(VoiceJob::Rehearse { clauses, stop: self.rehearsal.clone() });
            }
            Work::Say { turn, clause, text } => self.say(Listener::Conversation { turn, clause }, text),
            Work::StopVoice { turn } => self.silenced.store(i64::from(turn.0), Ordering::Relaxed),
            Work::Reply(request) => self.reply(request),
            Work::CancelReply { generation } if self.reply.0 == generation => self.reply.1.stop(),
            Work::Choose(request) => self.choose(request),
            Work::CancelChoice { generation } if self.choice.0 == generation => self.choice.1.stop(),
            Work::Prepare { messages } => {
                // Only a head start: when the model is busy the reply takes in the chat itself.
                let _busy =
                    self.workers.responder.try_send(ResponderJob::Prepare { messages, stop: self.background.clone() });
            }
            Work::Extract(request) => {
                let promise = self.promise(Input::Extracted { turn: request.turn, values: Vec::new() });
                // A refused job drops its promise, which says that nothing was found.
                let job = ResponderJob::Extract { request, stop: self.background.clone(), promise };
                let _busy = self.workers.responder.try_send(job);
            }
            Work::CancelReply { .. }
            | Work::CancelChoice { .. }
            | Work::Turn(_)
            | Work::Slot(_)
            | Work::SlotCleared(_)
            | Work::Escalate(_)
            | Work::End(_) => {}
        }
    }

    // A new request about an utterance makes the one before it void; another utterance's stands.
    fn hear(&mut self, utterance: UtteranceId) -> Stop {
        if let Some((_, before)) = self.hearing.as_ref().filter(|(other, _)| *other == utterance) {
            before.stop();
        }
        let stop = Stop::new();
        self.hearing = Some((utterance, stop.clone()));
        stop
    }

    fn reply(&mut self, request: ReplyRequest) {
        let generation = request.generation;
        self.reply.1.stop();
        self.reply = (generation, Stop::new());
        let promise = self.promise(Input::ReplyEnded { generation, result: Err(ModelFailure::Broken) });
        let job = ResponderJob::Reply { request, stop: self.reply.1.clone(), promise };
        if let Err(Refused::Busy(job) | Refused::Gone(job)) = self.workers.responder.try_send(job)
            && let ResponderJob::Reply { promise, .. } = job
        {
            promise.keep(Input::ReplyEnded { generation, result: Err(ModelFailure::Late) });
        }
    }

    fn choose(&mut self, request: ChooseRequest) {
        let generation = request.generation;
        self.choice.1.stop();
        self.choice = (generation, Stop::new());
        let promise = self.promise(Input::Chosen { generation, result: Err(ModelFailure::Broken) });
        let job = ResponderJob::Choose { request, stop: self.choice.1.clone(), promise };
        if let Err(Refused::Busy(job) | Refused::Gone(job)) = self.workers.responder.try_send(job)
            && let ResponderJob::Choose { promise, .. } = job
        {
            promise.keep(Input::Chosen { generation, result: Err(ModelFailure::Late) });
        }
    }

    /// Speaks to a leg, outside of any conversation.
    pub(super) fn tell(&self, leg: LegId, text: String) {
        self.say(Listener::Leg(leg), text);
    }

    fn say(&self, listener: Listener, text: String) {
        let silenced = Arc::clone(&self.silenced);
        let job = VoiceJob::Speak(SpeakJob { listener, text, silenced, answers: self.answers.clone() });
        if self.workers.voice.try_send(job).is_err() {
            send(&self.answers, Answer::VoiceFailed(listener));
        }
    }

    fn promise(&self, otherwise: Input) -> Promise {
        Promise { answers: self.answers.clone(), otherwise: Some(otherwise) }
    }
}

impl Drop for CallWork {
    fn drop(&mut self) {
        if let Some((_, stop)) = &self.hearing {
            stop.stop();
        }
        self.rehearsal.stop();
        self.reply.1.stop();
        self.choice.1.stop();
        self.background.stop();
        self.silenced.store(i64::MAX, Ordering::Relaxed);
    }
}

/// An answer that a call is owed: when the job that holds it is dropped or panics, the call is told so.
#[derive(Debug)]
pub(super) struct Promise {
    answers: mpsc::Sender<Answer>,
    otherwise: Option<Input>,
}

impl Promise {
    /// Gives the answer.
    pub(super) fn keep(mut self, input: Input) {
        self.otherwise = None;
        send(&self.answers, Answer::Input(input));
    }

    /// Gives a part of the answer. False when the call is gone.
    pub(super) fn part(&self, input: Input) -> bool {
        send(&self.answers, Answer::Input(input))
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        if let Some(input) = self.otherwise.take() {
            send(&self.answers, Answer::Input(input));
        }
    }
}

/// Gives a call an answer without ever waiting for it. False when the call is gone.
pub(super) fn send(answers: &mpsc::Sender<Answer>, answer: Answer) -> bool {
    match answers.try_send(answer) {
        Ok(()) => true,
        Err(mpsc::error::TrySendError::Full(_)) => {
            tracing::error!("a call does not take its models' answers in: one is lost");
            true
        }
        Err(mpsc::error::TrySendError::Closed(_)) => false,
    }
}
