//! What goes into and comes out of a conversation: closed enums, so that the shell can be a plain loop.

use super::turn::Turn;
use crate::id::{Generation, TurnId, UtteranceId};
use crate::lead::{Slot, SlotName};
use crate::media::LineSound;
use crate::phone::PhoneNumber;
use crate::prompt::LineVars;
use serde::Serialize;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Who a [`Message`] to the language model is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The prompt file's instructions.
    System,
    /// The caller.
    User,
    /// The receptionist.
    Assistant,
}

/// One message of the chat that the language model continues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// Its words.
    pub content: String,
}

/// What the transcriber should expect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Hint {
    /// Free speech.
    #[default]
    Open,
    /// A telephone number or other digits.
    Digits,
    /// A number whose first hearing made none: worth more time.
    DigitsAgain,
    /// Letters one by one.
    Spelling,
    /// A caller's name.
    Name,
}

/// What a stretch of speech said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transcript {
    /// The words, trimmed; empty when there were none.
    pub text: String,
    /// Mean log-probability of the words' tokens; closer to 0 is surer.
    pub mean_log_probability: f32,
    /// How likely it is that nothing was said, 0 to 1.
    pub no_speech_probability: f32,
    /// Which of the words it is unsure of; a recogniser that does not tell names none.
    pub unsure: Vec<UnsureWord>,
}

/// A word that may have been another one.
#[derive(Clone, Debug, PartialEq)]
pub struct UnsureWord {
    /// In small letters, without punctuation.
    pub word: String,
    /// How likely the least likely of its tokens is, 0 to 1.
    pub probability: f32,
}

/// Why a model gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelFailure {
    /// Its inbox was full or its time was up.
    #[error("the model was too busy to answer in time")]
    Late,
    /// It failed.
    #[error("the model failed")]
    Broken,
}

/// What was asked about utterances at a pause, before it was known that they were over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WorkAhead {
    /// Transcripts asked for.
    pub transcripts: u32,
    /// Those that were void because the caller went on, with the judgements and clauses made for them.
    pub discarded: u32,
}

/// Asks the language model for the receptionist's next words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyRequest {
    /// The turn that will speak them.
    pub turn: TurnId,
    /// A later request makes answers to this one void.
    pub generation: Generation,
    /// The whole chat so far, the system message first; it grows only at its end, so that kept prefixes stay useful.
    pub messages: Vec<Message>,
    /// At most so many tokens.
    pub max_tokens: usize,
    /// How long the first words may take.
    pub budget: Duration,
}

/// Something that may be told to a caller: a fact of the prompt file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its topic, in a word or two.
    pub name: String,
    /// What is told, as it is spoken.
    pub text: String,
}

/// Asks the language model which of the things that may be told answers a caller's question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChooseRequest {
    /// A later request makes answers to this one void.
    pub generation: Generation,
    /// The caller's words.
    pub said: String,
    /// What may be told: the same in every call, so that it is taken in once.
    pub choices: Arc<[Choice]>,
    /// How long it may take.
    pub budget: Duration,
}

/// Asks the language model which of the wanted details a caller's turn holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtractRequest {
    /// The caller's turn.
    pub turn: TurnId,
    /// What the receptionist had said before it.
    pub asked: String,
    /// The caller's words.
    pub said: String,
    /// The details to look for.
    pub wanted: Vec<SlotName>,
}

impl ExtractRequest {
    /// The details that the model finds where the rules of [`crate::lead`] may not: the need is what is said, and a number is its digits.
    pub const FOUND_IN_WORDS: [SlotName; 4] =
        [SlotName::Name, SlotName::Address, SlotName::Urgency, SlotName::PreferredTime];
}

/// What a conversation is told.
#[derive(Clone, Debug)]
pub enum Input {
    /// The media path is open: greet.
    Start {
        /// The number the network gave, when it did.
        caller: Option<PhoneNumber>,
    },
    /// One frame from the caller; `index` counts frames from the start without gaps.
    Frame {
        /// Position in the call, in 20 ms frames.
        index: u64,
        /// Probability that it holds speech, 0 to 1.
        speech: f32,
    },
    /// The line sounds as if no person were there.
    Heard(LineSound),
    /// A key of the caller's keypad: `0` to `9`, `*`, `#`.
    Digit(char),
    /// The answer to [`Output::Transcribe`].
    Transcribed {
        /// Which utterance.
        utterance: UtteranceId,
        /// Which request for it.
        generation: Generation,
        /// Its words.
        result: Result<Transcript, ModelFailure>,
    },
    /// A piece of the language model's reply, as it comes.
    ReplyText {
        /// Which request.
        generation: Generation,
        /// The next characters.
        text: String,
    },
    /// The reply is complete, or there will be none.
    ReplyEnded {
        /// Which request.
        generation: Generation,
        /// Whether it went well.
        result: Result<(), ModelFailure>,
    },
    /// The answer to [`Output::JudgeTurn`].
    TurnJudged {
        /// Which utterance.
        utterance: UtteranceId,
        /// Which request for it.
        generation: Generation,
        /// How likely it is that the caller is done, 0 to 1.
        done: f32,
    },
    /// The answer to [`Output::Choose`].
    Chosen {
        /// Which request.
        generation: Generation,
        /// The choice's place in the list; nothing when none answers the question.
        result: Result<Option<usize>, ModelFailure>,
    },
    /// The answer to [`Output::Extract`].
    Extracted {
        /// The caller's turn.
        turn: TurnId,
        /// Details and their values, unchecked.
        values: Vec<(SlotName, String)>,
    },
    /// The first sound of a clause left for the caller.
    ClauseStarted {
        /// The receptionist's turn.
        turn: TurnId,
        /// The clause's number in its turn, from 0.
        clause: u32,
    },
    /// The last sound of a clause left for the caller.
    ClauseFinished {
        /// The receptionist's turn.
        turn: TurnId,
        /// The clause's number in its turn.
        clause: u32,
    },
    /// The voice could not speak a clause.
    ClauseFailed {
        /// The receptionist's turn.
        turn: TurnId,
        /// The clause's number in its turn.
        clause: u32,
    },
    /// The answer to [`Output::StopSpeaking`]: how far the clause being played had got.
    Stopped {
        /// The receptionist's turn.
        turn: TurnId,
        /// The clause that was cut; the ones before it were finished.
        clause: u32,
        /// How much of it was played, 0 to 1.
        played: f32,
    },
    /// Nobody came whom [`Output::Escalate`] asked for: go on with the caller.
    Resumed,
    /// The other side ended the call.
    HungUp,
    /// A deadline given by `poll_timeout` is reached (any input does as well; this one carries nothing else).
    Tick,
}

/// Why a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// Everything was said; the farewell was played to its end.
    Farewell,
    /// The caller hung up.
    CallerHungUp,
    /// The caller said nothing any more.
    Idle,
    /// The longest length allowed was reached.
    TooLong,
    /// It did not work, or the caller would rather not: the plan's next step has the caller.
    HandedOn,
    /// Nothing could be said.
    Failed,
    /// A fax machine calls.
    Fax,
    /// The network's tones say that nobody is there any more.
    LineTone,
}

impl EndReason {
    /// The word stored with the call.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Farewell => "farewell",
            Self::CallerHungUp => "caller_hung_up",
            Self::Idle => "idle",
            Self::TooLong => "too_long",
            Self::HandedOn => "handed_on",
            Self::Failed => "failed",
            Self::Fax => "fax",
            Self::LineTone => "line_tone",
        }
    }

    /// Whether nobody is on the line any more who could hear something.
    pub(super) const fn is_alone(self) -> bool {
        matches!(self, Self::CallerHungUp | Self::Fax | Self::LineTone)
    }
}

/// What a conversation wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Transcribe these frames of the caller.
    Transcribe {
        /// Which utterance.
        utterance: UtteranceId,
        /// Answers to earlier requests are void.
        generation: Generation,
        /// From its first to past its last frame.
        frames: Range<u64>,
        /// What to expect.
        hint: Hint,
    },
    /// Judge by the sound of these frames, which end in a pause, whether the caller is done.
    JudgeTurn {
        /// Which utterance.
        utterance: UtteranceId,
        /// Answers to earlier requests are void.
        generation: Generation,
        /// From its first to past its last frame.
        frames: Range<u64>,
    },
    /// The caller goes on: what was asked about this utterance so far is void.
    Discard {
        /// Which utterance.
        utterance: UtteranceId,
        /// Which request for it.
        generation: Generation,
    },
    /// Clauses that may be said next: make their sound ahead.
    Rehearse {
        /// The clauses.
        clauses: Vec<String>,
    },
    /// Speak one clause after those before it.
    Say {
        /// The receptionist's turn.
        turn: TurnId,
        /// The clause's number in its turn, from 0.
        clause: u32,
        /// What to say.
        text: String,
    },
    /// The caller may be cutting in: be silent at once, but forget nothing.
    PauseSpeaking {
        /// The receptionist's turn.
        turn: TurnId,
    },
    /// It was nothing: go on where it was paused.
    GoOnSpeaking {
        /// The receptionist's turn.
        turn: TurnId,
    },
    /// Stop playing at once and forget what is queued; answered by [`Input::Stopped`].
    StopSpeaking {
        /// The receptionist's turn.
        turn: TurnId,
    },
    /// Ask the language model for words.
    Reply(ReplyRequest),
    /// The awaited reply is not wanted any more.
    CancelReply {
        /// Which request.
        generation: Generation,
    },
    /// Ask the language model what answers the caller's question.
    Choose(ChooseRequest),
    /// The awaited choice is not wanted any more.
    CancelChoice {
        /// Which request.
        generation: Generation,
    },
    /// Feed the chat so far to the language model while there is time, so that the next reply comes sooner.
    Prepare {
        /// The chat so far.
        messages: Vec<Message>,
    },
    /// Look for details in a caller's turn, in the background.
    Extract(ExtractRequest),
    /// A turn is over (or was cut): keep it.
    Turn(Turn),
    /// A detail is new, changed, confirmed: keep it.
    Slot(Slot),
    /// A detail was taken back: forget it.
    SlotCleared(SlotName),
    /// The caller was told that a person is looked for: look for one, and let the caller hear music meanwhile. What is known of the call is for
    /// that person's ear. Answered by [`Input::Resumed`] when nobody comes; until then nothing is said.
    Escalate(LineVars),
    /// The conversation is over: hang up.
    End(EndReason),
}
