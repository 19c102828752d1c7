//! The caller's side: utterances from their first frame to their words.
//!
//! At a short pause the words so far are asked for; when the caller goes on, the answer is void and the utterance goes on too. It ends once
//! its words are there and the pause is as long as those words need. A number that is none is heard a second time, in the pause that it gets
//! anyway.

use super::agenda::Question;
use super::config::ConversationConfig;
use super::endpointing::{Endpointer, Heard};
use super::patience::{self, Manner, Pace};
use super::protocol::{Hint, ModelFailure, Output, Transcript, WorkAhead};
use crate::id::{Generation, UtteranceId};
use crate::lead::{SlotName, Streets, understand};
use std::collections::VecDeque;
use std::ops::Range;
use std::time::{Duration, Instant};

/// So many digits are meant as a whole number; fewer may be its beginning or its end.
const DIGITS_OF_A_NUMBER: usize = 5;

/// One utterance of the caller.
#[derive(Clone, Debug)]
pub(super) struct Utterance {
    id: UtteranceId,
    generation: Generation,
    asked_at: Option<Instant>,
    frames: Range<u64>,
    // Words whose digits make no number: they count only if the second hearing brings none either.
    doubted: Option<Transcript>,
    // How much its sound is that of somebody who is done, 0 to 1.
    done: Option<f32>,
    is_closed: bool,
    patience: Duration,
    /// When it was noticed.
    pub(super) started_at: Instant,
    /// When its last speech was heard.
    pub(super) last_speech_at: Instant,
    /// When its end was decided.
    pub(super) endpoint_at: Option<Instant>,
    /// Its words.
    pub(super) result: Option<Result<Transcript, ModelFailure>>,
    /// When its words were there.
    pub(super) transcript_at: Option<Instant>,
    /// How much speech it holds.
    pub(super) voiced: Duration,
    /// So much of it was heard by the receptionist as an "uh-huh".
    pub(super) let_pass: Duration,
    /// How much of the open question had been heard when it began, 0 to 1; 1 when nobody spoke over it.
    pub(super) question_share: f32,
    /// Whether it stopped the receptionist.
    pub(super) interrupted: bool,
}

/// What a change on the caller's side was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noticed {
    /// The caller began to speak.
    Started,
    /// New words are there, of an utterance that may still go on.
    Words,
    /// It goes on: its words so far are void.
    WentOn,
}

/// The machine.
#[derive(Clone, Debug)]
pub(super) struct Listening {
    config: ConversationConfig,
    region: String,
    streets: Streets,
    question: Question,
    endpointer: Endpointer,
    utterances: VecDeque<Utterance>,
    next_id: UtteranceId,
    generation: Generation,
    pace: Pace,
    ahead: WorkAhead,
}

impl Listening {
    pub(super) fn new(config: &ConversationConfig, region: &str, streets: &Streets) -> Self {
        Self {
            config: config.clone(),
            region: region.to_owned(),
            streets: streets.clone(),
            question: Question::Need,
            endpointer: Endpointer::new(config),
            utterances: VecDeque::new(),
            next_id: UtteranceId::default(),
            generation: Generation::default(),
            pace: Pace::default(),
            ahead: WorkAhead::default(),
        }
    }

    /// How much was asked ahead, and for nothing.
    pub(super) fn ahead(&self) -> WorkAhead {
        self.ahead
    }

    /// Says what is asked now.
    pub(super) fn expect(&mut self, question: Question) {
        self.question = question;
    }

    /// Takes one frame.
    pub(super) fn frame(
        &mut self,
        now: Instant,
        index: u64,
        speech: f32,
        outputs: &mut VecDeque<Output>,
    ) -> Option<Noticed> {
        let eager = patience::eager(self.question, &self.config);
        let heard = self.endpointer.frame(now, index, speech, eager);
        let noticed = match heard {
            Some(Heard::Started) => {
                self.begin(now);
                Some(Noticed::Started)
            }
            Some(Heard::Paused(range)) => {
                self.transcribe(now, range, outputs);
                self.judge(outputs);
                None
            }
            Some(Heard::Resumed(pause)) => {
                self.pace.paused(pause);
                self.resume(outputs);
                Some(Noticed::WentOn)
            }
            Some(Heard::Full(range)) => {
                self.transcribe(now, range, outputs);
                self.close_last(now);
                None
            }
            None => None,
        };
        self.follow(now);
        noticed
    }

    fn begin(&mut self, now: Instant) {
        self.utterances.push_back(Utterance {
            id: self.next_id,
            generation: self.generation,
            asked_at: None,
            frames: 0..0,
            doubted: None,
            done: None,
            is_closed: false,
            patience: patience::before_words(self.question, &self.config),
            started_at: now,
            last_speech_at: now,
            endpoint_at: None,
            result: None,
            transcript_at: None,
            voiced: Duration::ZERO,
            let_pass: Duration::ZERO,
            question_share: 1.0,
            interrupted: false,
        });
        self.next_id = self.next_id.next();
    }

    fn resume(&mut self, outputs: &mut VecDeque<Output>) {
        let patience = patience::before_words(self.question, &self.config);
        if let Some(last) = self.utterances.back_mut() {
            if last.asked_at.is_some() {
                self.ahead.discarded += 1;
                outputs.push_back(Output::Discard { utterance: last.id, generation: last.generation });
            }
            (last.asked_at, last.result, last.transcript_at, last.endpoint_at) = (None, None, None, None);
            (last.doubted, last.done) = (None, None);
            last.patience = patience;
        }
    }

    // Words say more than sound where something is dictated: a number is over when it is whole.
    fn judge(&mut self, outputs: &mut VecDeque<Output>) {
        let Some(last) = self.utterances.back().filter(|_| !self.question.is_dictated()) else { return };
        let (utterance, generation) = (last.id, last.generation);
        outputs.push_back(Output::JudgeTurn { utterance, generation, frames: last.frames.clone() });
    }

    /// Takes the answer to a judgement; a void one is ignored.
    pub(super) fn judged(&mut self, now: Instant, id: UtteranceId, generation: Generation, done: f32) {
        let manner = Manner { question: self.question, region: &self.region, config: &self.config, pace: self.pace };
        let wanted = |utterance: &&mut Utterance| utterance.id == id && utterance.generation == generation;
        if let Some(utterance) = self.utterances.iter_mut().find(wanted) {
            utterance.done = Some(done.clamp(0.0, 1.0));
            utterance.weigh(now, manner);
        }
    }

    fn close_last(&mut self, now: Instant) {
        if let Some(last) = self.utterances.back_mut() {
            last.is_closed = true;
            last.endpoint_at.get_or_insert(now);
        }
    }

    // Brings the open utterance's times up to date.
    fn follow(&mut self, now: Instant) {
        let (voiced, last_speech_at) = (self.endpointer.voiced(), self.endpointer.last_speech_at());
        let Some(last) = self.utterances.back_mut().filter(|last| !last.is_closed) else {
            return;
        };
        last.voiced = voiced;
        last.last_speech_at = last_speech_at.unwrap_or(last.last_speech_at);
        if last.endpoint_at.is_none() && now.saturating_duration_since(last.last_speech_at) >= last.patience {
            last.endpoint_at = Some(now);
        }
    }

    fn transcribe(&mut self, now: Instant, frames: Range<u64>, outputs: &mut VecDeque<Output>) {
        self.generation = self.generation.next();
        if let Some(last) = self.utterances.back_mut() {
            last.frames = frames;
            (last.doubted, last.done) = (None, None);
            self.ahead.transcripts += 1;
            outputs.push_back(last.ask(now, self.generation, self.question.hint()));
        }
    }

    /// Takes the answer to a request; a void one is ignored.
    pub(super) fn transcribed(
        &mut self,
        now: Instant,
        id: UtteranceId,
        generation: Generation,
        result: Result<Transcript, ModelFailure>,
        outputs: &mut VecDeque<Output>,
    ) -> Option<Noticed> {
        let utterance = self
            .utterances
            .iter_mut()
            .find(|utterance| utterance.id == id && utterance.generation == generation && utterance.is_awaited())?;
        let streets = &self.streets;
        // A street that the recogniser can't know is written as one that sounds like it.
        let result = result.map(|words| Transcript { text: streets.heard(&words.text), ..words });
        match result {
            Ok(words) if utterance.doubted.is_none() && is_broken_number(self.question, &words.text, &self.region) => {
                self.generation = self.generation.next();
                utterance.doubted = Some(words);
                outputs.push_back(utterance.ask(now, self.generation, Hint::DigitsAgain));
                None
            }
            result => {
                let manner =
                    Manner { question: self.question, region: &self.region, config: &self.config, pace: self.pace };
                utterance.take(now, result, manner);
                Some(Noticed::Words)
            }
        }
    }

    /// The words of the newest utterance, which may still go on.
    pub(super) fn words_so_far(&self) -> Option<&str> {
        match &self.utterances.back()?.result {
            Some(Ok(transcript)) => Some(&transcript.text),
            _ => None,
        }
    }

    /// The next utterance that is over and whose words are there.
    pub(super) fn take_ready(&mut self, now: Instant) -> Option<Utterance> {
        let manner = Manner { question: self.question, region: &self.region, config: &self.config, pace: self.pace };
        let first = self.utterances.front_mut()?;
        if first.is_awaited() && first.overdue_at(&self.config).is_some_and(|at| at <= now) {
            first.take(now, Err(ModelFailure::Late), manner);
        }
        if first.result.is_some() && !first.is_closed && first.last_speech_at + first.patience <= now {
            first.is_closed = true;
            first.endpoint_at.get_or_insert(now);
            self.endpointer.close();
        }
        let is_ready = first.is_closed && first.result.is_some();
        if is_ready { self.utterances.pop_front() } else { None }
    }

    /// Ends the open utterance where it is and asks for its words.
    pub(super) fn flush(&mut self, now: Instant, outputs: &mut VecDeque<Output>) {
        let Some(range) = self.endpointer.close() else {
            return;
        };
        if self.utterances.back().is_some_and(|last| last.asked_at.is_none()) {
            self.transcribe(now, range, outputs);
        }
        self.close_last(now);
    }

    /// The utterance that is being spoken.
    pub(super) fn open(&mut self) -> Option<&mut Utterance> {
        if self.endpointer.is_open() { self.utterances.back_mut() } else { None }
    }

    /// Whether nothing was said that still waits for its words or its end.
    pub(super) fn is_idle(&self) -> bool {
        self.utterances.is_empty()
    }

    /// When `take_ready` may give something without a new input.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let first = self.utterances.front()?;
        match &first.result {
            None => first.overdue_at(&self.config),
            Some(_) => Some(first.last_speech_at + first.patience),
        }
    }
}

impl Utterance {
    fn is_awaited(&self) -> bool {
        self.asked_at.is_some() && self.result.is_none()
    }

    fn ask(&mut self, now: Instant, generation: Generation, hint: Hint) -> Output {
        self.generation = generation;
        self.asked_at = Some(now);
        Output::Transcribe { utterance: self.id, generation, frames: self.frames.clone(), hint }
    }

    fn overdue_at(&self, config: &ConversationConfig) -> Option<Instant> {
        self.asked_at.map(|at| at + config.transcript_budget)
    }

    fn take(&mut self, now: Instant, result: Result<Transcript, ModelFailure>, manner: Manner<'_>) {
        let result = match (result, self.doubted.take()) {
            (Ok(second), Some(_)) if has_number(manner.question, &second.text, manner.region) => Ok(second),
            (_, Some(doubted)) => Ok(doubted),
            (result, None) => result,
        };
        self.result = Some(result);
        self.transcript_at = Some(now);
        self.weigh(now, manner);
    }

    // How long a pause must be, by all that is known by now.
    fn weigh(&mut self, now: Instant, manner: Manner<'_>) {
        let Some(result) = &self.result else { return };
        let said = result.as_ref().map_or("", |transcript| transcript.text.as_str());
        self.patience = patience::after_words(said, self.done, manner);
        if !self.is_closed && self.last_speech_at + self.patience > now {
            self.endpoint_at = None;
        }
    }
}

fn has_number(question: Question, said: &str, region: &str) -> bool {
    understand(question.asked(), said, region).values.iter().any(|(name, _)| *name == SlotName::Callback)
}

fn is_broken_number(question: Question, said: &str, region: &str) -> bool {
    question.slot() == Some(SlotName::Callback)
        && understand(question.asked(), said, region).digits.len() >= DIGITS_OF_A_NUMBER
        && !has_number(question, said, region)
}
