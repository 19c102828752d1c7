//! The machine itself: takes turns with the caller.

mod answering;
mod caller;
mod closing;
mod keypad;
mod playing;
mod receptionist;

use super::agenda::Agenda;
use super::chat::Chat;
use super::config::ConversationConfig;
use super::listening::{Listening, Noticed};
use super::protocol::{Choice, EndReason, ExtractRequest, Input, Output, WorkAhead};
use super::sentence::choices;
use super::speaking::{Saying, Unsaid};
use super::turn::StageTimes;
use crate::id::{Generation, TurnId};
use crate::lead::Form;
use crate::prompt::{LineName, Prompt};
use crate::timer::Timers;
use answering::Draft;
use caller::Unanswered;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Timer {
    /// The caller says nothing.
    Idle,
    /// The longest conversation.
    TooLong,
    /// The language model's next words.
    Reply,
    /// The pause that ends a keyed number.
    Keypad,
    /// Answers awaited after the end of the talk.
    Drain,
    /// The playout's next report.
    Playout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Not begun.
    Waiting,
    /// Under way.
    Talking,
    /// A person is looked for; the caller hears music.
    Aside,
    /// All was said; answers to open requests are awaited for a moment.
    Draining(EndReason),
    /// Over.
    Over,
}

/// One conversation with one caller. Drain [`Conversation::poll_output`] after every input.
#[derive(Debug)]
pub struct Conversation {
    began_at: Instant,
    // The wall time at `began_at`, where the business is.
    began_on: Option<Zoned>,
    config: ConversationConfig,
    prompt: Arc<Prompt>,
    form: Form,
    agenda: Agenda,
    // The agenda before the reply that is being given: restored when the caller goes on before hearing any of it.
    agenda_before: Option<Agenda>,
    chat: Chat,
    choices: Arc<[Choice]>,
    // What is found for a question whose turn may not be over.
    draft: Option<Draft>,
    listening: Listening,
    saying: Option<Saying>,
    // When the last turn of the receptionist was heard out.
    said_at: Option<Instant>,
    // Whether the caller heard the open question.
    question_heard: bool,
    unanswered: Unanswered,
    keys: String,
    keys_done: bool,
    final_line: Option<(LineName, EndReason)>,
    // What a caller cut off and may have meant nothing by.
    unsaid: Option<Unsaid>,
    extract: Option<ExtractRequest>,
    extracting: Vec<(TurnId, String)>,
    is_idle_prompted: bool,
    transcripts_failed: u8,
    turns_failed: u8,
    phase: Phase,
    timers: Timers<Timer>,
    outputs: VecDeque<Output>,
    next_turn: TurnId,
    generation: Generation,
}

impl Conversation {
    /// A conversation that begins with [`Input::Start`]. Times in its turns are counted from `now`.
    #[must_use]
    pub fn new(now: Instant, config: ConversationConfig, prompt: Arc<Prompt>) -> Self {
        let region = prompt.business().region.clone();
        Self {
            began_at: now,
            began_on: None,
            form: Form::new(prompt.slots()),
            agenda: Agenda::new(&region, prompt.slots(), prompt.streets(), &config),
            agenda_before: None,
            chat: Chat::new(prompt.instructions()),
            choices: choices(&prompt),
            draft: None,
            listening: Listening::new(&config, &region, prompt.streets()),
            config,
            prompt,
            saying: None,
            said_at: None,
            question_heard: false,
            unanswered: Unanswered::default(),
            keys: String::new(),
            keys_done: false,
            final_line: None,
            unsaid: None,
            extract: None,
            extracting: Vec::new(),
            is_idle_prompted: false,
            transcripts_failed: 0,
            turns_failed: 0,
            phase: Phase::Waiting,
            timers: Timers::new(),
            outputs: VecDeque::new(),
            next_turn: TurnId::default(),
            generation: Generation::default(),
        }
    }

    /// Numbers its turns from this one: the call had others before.
    #[must_use]
    pub fn from_turn(mut self, first: TurnId) -> Self {
        self.next_turn = first;
        self
    }

    /// Says what the wall clock shows as the conversation begins, so that a preferred time gets its date. Without it, or where the prompt file's time
    /// zone is unknown to the machine, callers' words stay as they are.
    #[must_use]
    pub fn begun_on(mut self, moment: Timestamp) -> Self {
        let zone = TimeZone::get(&self.prompt.business().timezone);
        self.began_on = zone.ok().map(|zone| moment.to_zoned(zone));
        self
    }

    /// Takes one input; inputs after the end are ignored.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        while self.phase != Phase::Over
            && let Some(timer) = self.timers.pop_expired(now)
        {
            self.expired(now, timer);
        }
        match self.phase {
            Phase::Waiting => self.before_start(now, input),
            Phase::Talking => self.talking(now, input),
            Phase::Aside => self.aside(now, input),
            Phase::Draining(_) => self.draining(now, input),
            Phase::Over => return,
        }
        self.settle(now);
    }

    /// The next thing to do; None when everything is told.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Tick`] is due at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.phase == Phase::Over {
            return None;
        }
        // Utterances wait while the receptionist is being stopped: the playout's answer, or its timer, comes first. They wait as well while a person is
        // looked for.
        let heard = if self.is_stopping() || self.phase == Phase::Aside { None } else { self.listening.next_timeout() };
        self.timers.next().into_iter().chain(heard).min()
    }

    /// The details known so far.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// How much was done ahead, and for nothing.
    #[must_use]
    pub fn work_ahead(&self) -> WorkAhead {
        self.listening.ahead()
    }

    /// Whether [`Output::End`] was given.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    fn before_start(&mut self, now: Instant, input: Input) {
        match input {
            Input::Start { caller } => self.start(now, caller),
            Input::HungUp => self.end(EndReason::CallerHungUp),
            _ => {}
        }
    }

    fn talking(&mut self, now: Instant, input: Input) {
        match input {
            Input::Frame { index, speech } => {
                let noticed = self.listening.frame(now, index, speech, &mut self.outputs);
                self.noticed(now, noticed);
                self.weigh_interruption(now);
            }
            Input::Heard(sound) => self.line_sounded(now, sound),
            Input::Digit(key) => self.key_pressed(now, key),
            Input::Transcribed { utterance, generation, result } => {
                let noticed = self.listening.transcribed(now, utterance, generation, result, &mut self.outputs);
                self.noticed(now, noticed);
            }
            Input::TurnJudged { utterance, generation, done } => {
                self.listening.judged(now, utterance, generation, done);
            }
            Input::Chosen { generation, result } => self.chosen(now, generation, result),
            Input::ReplyText { generation, text } => self.reply_text(now, generation, &text),
            Input::ReplyEnded { generation, result } => self.reply_ended(now, generation, result),
            Input::HungUp => self.hung_up(now),
            Input::Start { .. } | Input::Tick => {}
            other => self.reported(now, other),
        }
    }

    // What was asked before is still taken in.
    fn aside(&mut self, now: Instant, input: Input) {
        match input {
            Input::Resumed => {
                self.phase = Phase::Talking;
                if let Some((line, reason)) = self.final_line.take() {
                    return self.announce(now, line, Some(reason));
                }
                let decision = self.agenda.resumed();
                self.reply(now, decision, None, StageTimes::default(), None);
            }
            Input::HungUp => self.hung_up(now),
            Input::Transcribed { utterance, generation, result } => {
                self.listening.transcribed(now, utterance, generation, result, &mut self.outputs);
            }
            other => self.reported(now, other),
        }
    }

    // What the playout and the background report.
    fn reported(&mut self, now: Instant, input: Input) {
        match input {
            Input::Extracted { turn, values } => self.extracted(turn, values),
            Input::ClauseStarted { turn, clause } => self.on_clause(now, turn, |saying| saying.begun(now, clause)),
            Input::ClauseFinished { turn, clause } => self.on_clause(now, turn, |saying| saying.finished(clause)),
            Input::ClauseFailed { turn, clause } => self.on_clause(now, turn, |saying| saying.failed(clause)),
            Input::Stopped { turn, clause, played } => self.stopped(now, turn, clause, played),
            _ => {}
        }
    }

    fn draining(&mut self, now: Instant, input: Input) {
        match input {
            Input::Transcribed { utterance, generation, result } => {
                self.listening.transcribed(now, utterance, generation, result, &mut self.outputs);
            }
            other => self.reported(now, other),
        }
    }

    fn noticed(&mut self, now: Instant, noticed: Option<Noticed>) {
        match noticed {
            Some(Noticed::Started) => self.utterance_started(now),
            Some(Noticed::Words) => self.words_came(now),
            Some(Noticed::WentOn) => self.drop_draft(),
            None => {}
        }
    }

    fn expired(&mut self, now: Instant, timer: Timer) {
        match timer {
            Timer::Idle => self.idle(now),
            Timer::TooLong => self.close_with(now, LineName::TooLong, EndReason::TooLong),
            Timer::Reply => self.reply_overdue(now),
            Timer::Keypad => self.keys_done = true,
            Timer::Drain => self.drained(now),
            Timer::Playout => self.playout_overdue(now),
        }
    }

    // Does what has become possible: turns that are ready, the idle timer, the end.
    fn settle(&mut self, now: Instant) {
        if self.phase == Phase::Aside {
            return;
        }
        while !self.is_stopping() && self.phase != Phase::Over {
            let Some(utterance) = self.listening.take_ready(now) else { break };
            self.tell_time(now);
            self.caller_said(now, &utterance);
        }
        self.settle_keys(now);
        self.settle_idle(now);
        if matches!(self.phase, Phase::Draining(_)) && self.is_drained() {
            self.drained(now);
        }
    }

    fn is_stopping(&self) -> bool {
        self.saying.as_ref().is_some_and(|saying| saying.is_stopping)
    }

    fn take_turn_id(&mut self) -> TurnId {
        let id = self.next_turn;
        self.next_turn = id.next();
        id
    }

    // The date is taken anew at every turn: a call may last past midnight.
    fn tell_time(&mut self, now: Instant) {
        let present = self.began_on.as_ref().and_then(|began| began.checked_add(self.since_start(now)).ok());
        if let Some(present) = present {
            self.form.set_present(present);
        }
    }

    fn since_start(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.began_at)
    }
}
