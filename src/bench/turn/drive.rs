//! The product's conversation machine and real ears, in virtual time.

use super::Recording;
use crate::conversation::{Conversation, ConversationConfig, Hint, Input, Output, Transcript};
use crate::id::{Generation, TurnId};
use crate::media::{FRAME_DURATION, FRAME_SAMPLES};
use crate::prompt::{LineName, LineVars, Prompt};
use crate::server::Load;
use crate::speech::{SpeechError, Stop, Transcriber, TurnDetector, Worker};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// What the models take, about what they take on two quiet cores.
pub(super) const TRANSCRIBING: Duration = Duration::from_millis(200);
pub(super) const JUDGING: Duration = Duration::from_millis(60);
pub(super) const WORDING: Duration = Duration::from_millis(800);
/// From a clause's words to its first sound.
const VOICING: Duration = Duration::from_millis(100);
/// Lines on the way to the question are played so fast: nobody listens.
const LINE: Duration = Duration::from_millis(40);
/// A caller's answer on the way to the question: so many frames of speech, then of silence.
const ANSWER_FRAMES: u64 = 40;
/// The question has to be reached within so many frames: a minute and a half.
const WAY: u64 = 4_500;

/// What the receptionist has asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// How can I help?
    Need,
    /// What is your name?
    Name,
    /// How is it spelt?
    Spelling,
    /// Which number?
    Number,
}

/// What came of one recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    /// The receptionist was heard before the caller was done.
    pub(super) is_cut_off: bool,
    /// From the end of speech to the decision that the turn is over; none when it was cut off, or never decided.
    pub(super) decided_after: Option<Duration>,
}

/// The real models that hear. What was heard once is kept: the same sound is judged with and without the turn detector.
pub(super) struct Ears {
    /// On a thread of its own: on that of the turn detector it would write gibberish ([`Transcriber`]).
    transcriber: Worker<Asked>,
    detector: Box<dyn TurnDetector>,
    /// Whether the turn detector is asked; it says that it can't tell otherwise.
    pub(super) by_sound: bool,
    transcripts: HashMap<(u64, Hint), Transcript>,
}

/// A sound to transcribe.
struct Asked {
    pcm: Vec<i16>,
    hint: Hint,
    answer: SyncSender<Result<Transcript, SpeechError>>,
}

impl Ears {
    pub(super) fn new(
        transcriber: Load<dyn Transcriber>,
        detector: Box<dyn TurnDetector>,
    ) -> Result<Self, SpeechError> {
        let hear = |transcriber: &mut Box<dyn Transcriber>, asked: Asked| {
            // Who asked waits for it.
            drop(asked.answer.send(transcriber.transcribe(&asked.pcm, asked.hint, &Stop::new())));
        };
        let transcriber = Worker::spawn("transcriber", 1, transcriber, hear)?;
        Ok(Self { transcriber, detector, by_sound: true, transcripts: HashMap::new() })
    }

    fn transcript(&mut self, pcm: &[i16], hint: Hint) -> Result<Transcript, SpeechError> {
        let mut hasher = DefaultHasher::new();
        pcm.hash(&mut hasher);
        let key = (hasher.finish(), hint);
        if let Some(known) = self.transcripts.get(&key) {
            return Ok(known.clone());
        }
        let (answer, answers) = sync_channel(1);
        let gone = || SpeechError::Run { what: "the transcriber", why: "its thread is gone".to_owned() };
        self.transcriber.try_send(Asked { pcm: pcm.to_vec(), hint, answer }).map_err(|_| gone())?;
        let heard = answers.recv().map_err(|_| gone())??;
        self.transcripts.insert(key, heard.clone());
        Ok(heard)
    }
}

/// Lets a conversation reach the question, then hear the recording. None when the prompt file never asks it.
pub(super) fn hear(
    ears: &mut Ears,
    prompt: &Arc<Prompt>,
    question: Question,
    recording: &Recording,
    speech: &[f32],
) -> Result<Option<Heard>, SpeechError> {
    let mut call = Call::new(prompt);
    if !call.reach(ears, prompt, question)? {
        return Ok(None);
    }
    call.listen(ears, recording, speech).map(Some)
}

/// A conversation and its caller.
struct Call {
    conversation: Conversation,
    start: Instant,
    frame: u64,
    /// What the models will have said by when.
    due: Vec<(Instant, Input)>,
    /// What the receptionist said last.
    said: String,
    /// What the caller answers on the way to the question.
    answer: &'static str,
    /// Where the recording begins, once it does.
    began: Option<u64>,
    /// When the decision was made that stands.
    decided_at: Option<Instant>,
    /// When the receptionist was first heard after the recording's begin.
    heard_at: Option<Instant>,
}

impl Call {
    fn new(prompt: &Arc<Prompt>) -> Self {
        let start = start();
        Self {
            conversation: Conversation::new(start, ConversationConfig::default(), Arc::clone(prompt)),
            start,
            frame: 0,
            due: Vec::new(),
            said: String::new(),
            answer: "",
            began: None,
            decided_at: None,
            heard_at: None,
        }
    }

    fn now(&self) -> Instant {
        self.start + FRAME_DURATION * self.frame as u32
    }

    /// Answers what is asked before the question.
    fn reach(&mut self, ears: &mut Ears, prompt: &Prompt, question: Question) -> Result<bool, SpeechError> {
        let line = |name| prompt.line(name, &LineVars::default());
        let (name, spelling) = (line(LineName::AskName), line(LineName::AskNameSpelling));
        let number = line(LineName::AskCallback);
        self.conversation.handle_input(self.now(), Input::Start { caller: None });
        self.outputs(ears, &[])?;
        while self.frame < WAY && !self.conversation.is_over() {
            // The silence after the last line, then an answer.
            for _ in 0..ANSWER_FRAMES {
                self.pass(ears, 0.0, &[])?;
            }
            if !self.due.is_empty() {
                continue;
            }
            let asked = if self.said.contains(&number) {
                Question::Number
            } else if self.said.contains(&spelling) {
                Question::Spelling
            } else if self.said.contains(&name) {
                Question::Name
            } else {
                Question::Need
            };
            if asked == question {
                return Ok(true);
            }
            self.answer = match asked {
                Question::Need => "My kitchen sink is clogged, there is no rush.",
                // A name that few have is asked to be spelled.
                Question::Name if question == Question::Spelling => "My name is Sarah Grabowiecka.",
                Question::Name => "My name is Sarah Miller.",
                Question::Spelling | Question::Number => return Ok(false),
            };
            self.said.clear();
            for _ in 0..ANSWER_FRAMES {
                self.pass(ears, 0.9, &[])?;
            }
        }
        Ok(false)
    }

    /// Hears the recording, until the receptionist is heard or nothing more comes.
    fn listen(&mut self, ears: &mut Ears, recording: &Recording, speech: &[f32]) -> Result<Heard, SpeechError> {
        let began = self.frame;
        self.began = Some(began);
        self.decided_at = None;
        for probability in speech {
            self.pass(ears, *probability, &recording.pcm)?;
            if self.heard_at.is_some() {
                break;
            }
        }
        let end = self.start + FRAME_DURATION * (began + recording.end as u64) as u32;
        let is_cut_off = self.heard_at.is_some_and(|at| at < end);
        let decided = self.decided_at.filter(|_| self.heard_at.is_some() && !is_cut_off);
        Ok(Heard { is_cut_off, decided_after: decided.map(|at| at.saturating_duration_since(end)) })
    }

    /// 20 ms.
    fn pass(&mut self, ears: &mut Ears, speech: f32, pcm: &[i16]) -> Result<(), SpeechError> {
        let now = self.now();
        while let Some(at) = self.due.iter().position(|(due, _)| *due <= now) {
            let (due, input) = self.due.remove(at);
            if let Input::ClauseStarted { .. } = input
                && self.began.is_some()
            {
                self.heard_at.get_or_insert(due);
            }
            self.conversation.handle_input(now, input);
            self.outputs(ears, pcm)?;
        }
        while self.conversation.poll_timeout().is_some_and(|at| at <= now) {
            self.conversation.handle_input(now, Input::Tick);
            self.outputs(ears, pcm)?;
        }
        self.conversation.handle_input(now, Input::Frame { index: self.frame, speech });
        self.outputs(ears, pcm)?;
        self.frame += 1;
        Ok(())
    }

    fn outputs(&mut self, ears: &mut Ears, pcm: &[i16]) -> Result<(), SpeechError> {
        let now = self.now();
        while let Some(output) = self.conversation.poll_output() {
            match output {
                Output::Transcribe { utterance, generation, frames, hint } => {
                    let transcript = match self.sound(pcm, &frames) {
                        Some(sound) => ears.transcript(sound, hint)?,
                        None => told(self.answer),
                    };
                    self.later(TRANSCRIBING, Input::Transcribed { utterance, generation, result: Ok(transcript) });
                }
                Output::JudgeTurn { utterance, generation, frames } => {
                    let done = match self.sound(pcm, &frames) {
                        Some(sound) if ears.by_sound => ears.detector.done(sound)?,
                        Some(_) => 0.5,
                        None => 0.9,
                    };
                    self.later(JUDGING, Input::TurnJudged { utterance, generation, done });
                }
                Output::Reply(request) => {
                    self.decided_at = Some(now);
                    self.word(request.generation);
                }
                Output::CancelReply { generation } => {
                    self.due.retain(|(_, input)| reply_of(input) != Some(generation));
                    self.decided_at = None;
                }
                Output::Say { turn, clause, text } => {
                    // A reply of the language model was decided on when it was asked for, a second clause with the first.
                    if self.decided_at.is_none_or(|at| now > at + WORDING + VOICING) {
                        self.decided_at = Some(now);
                    }
                    self.say(turn, clause, &text);
                }
                Output::StopSpeaking { turn } => self.stop(turn),
                _ => {}
            }
        }
        Ok(())
    }

    fn word(&mut self, generation: Generation) {
        self.later(WORDING, Input::ReplyText { generation, text: "I understand.".to_owned() });
        self.later(WORDING, Input::ReplyEnded { generation, result: Ok(()) });
    }

    fn say(&mut self, turn: TurnId, clause: u32, text: &str) {
        self.said.push_str(text);
        self.said.push(' ');
        let after = if self.began.is_some() { VOICING } else { LINE };
        let place =
            1 + self.due.iter().filter(|(_, input)| matches!(input, Input::ClauseFinished { .. })).count() as u32;
        self.later(after * place, Input::ClauseStarted { turn, clause });
        self.later(after * place + LINE / 2, Input::ClauseFinished { turn, clause });
    }

    /// Nothing of it was heard yet: the reply is taken back.
    fn stop(&mut self, turn: TurnId) {
        let is_of = |input: &Input| match input {
            Input::ClauseStarted { turn: of, .. } | Input::ClauseFinished { turn: of, .. } => *of == turn,
            _ => false,
        };
        self.due.retain(|(_, input)| !is_of(input));
        self.decided_at = None;
        self.later(Duration::ZERO, Input::Stopped { turn, clause: 0, played: 0.0 });
    }

    fn later(&mut self, after: Duration, input: Input) {
        self.due.push((self.now() + after, input));
        self.due.sort_by_key(|(due, _)| *due);
    }

    /// The recording's sound in these frames of the call; none on the way to the question.
    fn sound<'a>(&self, pcm: &'a [i16], frames: &Range<u64>) -> Option<&'a [i16]> {
        let began = self.began?;
        let sample = |frame: u64| (frame.saturating_sub(began) as usize * FRAME_SAMPLES).min(pcm.len());
        Some(&pcm[sample(frames.start)..sample(frames.end)])
    }
}

fn reply_of(input: &Input) -> Option<Generation> {
    match input {
        Input::ReplyText { generation, .. } | Input::ReplyEnded { generation, .. } => Some(*generation),
        _ => None,
    }
}

fn told(text: &str) -> Transcript {
    Transcript { text: text.to_owned(), mean_log_probability: -0.1, ..Transcript::default() }
}

#[expect(clippy::disallowed_methods, reason = "an arbitrary start: all times are relative to it")]
fn start() -> Instant {
    Instant::now()
}
