//! Plays a script: a pure machine that hears levels and gives frames, keys and the hang-up.

use super::call_report::{Ending, StepReport};
use super::ear::Ear;
use super::line::Line;
use super::probe::Probe;
use super::progress::Progress;
use super::script::{Action, Cue, Script, Step, Timing};
use super::steps::Steps;
use crate::media::{FRAME_DURATION, Frame};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// From one key to the next, as fast as people press them.
const KEY_INTERVAL: Duration = Duration::from_millis(300);
/// Her words come about when her sound ends: so long after the quiet they are waited for.
const WORDS_WITHIN: Duration = Duration::from_secs(3);
/// How long a key is held.
pub(super) const KEY_DURATION: Duration = Duration::from_millis(120);

/// What the player is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A packet of sound has arrived, this loud.
    Arrived {
        /// Its level.
        level_dbfs: f32,
    },
    /// 20 ms are over: one frame was heard, one is due.
    Tick {
        /// Level of the frame heard.
        heard_dbfs: f32,
    },
    /// The receptionist said this, whole turns only: by the words a step is chosen that answers them.
    Said(String),
    /// The receptionist hung up.
    HungUp,
    /// The call has lasted as long as it may.
    TimedOut,
}

/// What the player wants done.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every output is a frame: a box would cost an allocation each 20 ms"
)]
pub enum Output {
    /// Send this: one for each [`Input::Tick`] until the call is over.
    Frame(Frame),
    /// Press this key.
    Key(char),
    /// End the call.
    HangUp,
    /// Tell who watches.
    Progress(Progress),
}

/// A script being played. It starts when the call is answered.
#[derive(Debug)]
pub struct Player {
    timing: Timing,
    steps: Steps,
    /// Her words since the caller last spoke.
    words: String,
    steps_begun: usize,
    state: State,
    ear: Ear,
    probe: Probe,
    outputs: VecDeque<Output>,
    next_tick: Instant,
    ending: Option<Ending>,
}

#[derive(Debug)]
enum State {
    /// For the next step's cue, or after the last step for the hang-up.
    Waiting,
    /// The cue has come; the step's pause is not over.
    Pausing { until: Instant, step: Box<Step> },
    /// Speaking.
    Speaking(Line),
    /// Making a sound that is no answer.
    Sounding(Line),
    /// Pressing keys.
    Keying { keys: VecDeque<char>, next_at: Instant },
}

impl Player {
    /// The call was answered now. The caller hears no words: its steps come in the script's order.
    #[must_use]
    pub fn new(now: Instant, script: &Script) -> Self {
        Self::with(now, script, false)
    }

    /// The same, for a caller that is told the receptionist's words by [`Input::Said`].
    #[must_use]
    pub fn hearing(now: Instant, script: &Script) -> Self {
        Self::with(now, script, true)
    }

    fn with(now: Instant, script: &Script, hears_words: bool) -> Self {
        Self {
            timing: script.timing,
            steps: Steps::new(script, hears_words),
            words: String::new(),
            steps_begun: 0,
            state: State::Waiting,
            ear: Ear::new(now, script.timing.quiet),
            probe: Probe::new(now),
            outputs: VecDeque::new(),
            next_tick: now,
            ending: None,
        }
    }

    /// Takes an input in; drain [`Player::poll_output`] afterwards.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        if self.ending.is_some() {
            return;
        }
        match input {
            Input::Arrived { level_dbfs } => {
                let progress = self.probe.arrived(now, level_dbfs);
                self.outputs.extend(progress.map(Output::Progress));
            }
            Input::Tick { heard_dbfs } => self.tick(now, heard_dbfs),
            Input::Said(words) => {
                self.words.push(' ');
                self.words.push_str(&words);
            }
            // Machines sound on until somebody hangs up on them: a last sound need not be over.
            Input::HungUp if self.steps.is_done() && matches!(self.state, State::Waiting | State::Sounding(_)) => {
                self.end(Ending::ReceptionistHungUp);
            }
            // While a step is under way it is the one that was cut.
            Input::HungUp if self.is_acting() => self.end(Ending::CutShort(self.steps_begun)),
            Input::HungUp => self.end(Ending::CutShort(self.steps_begun + 1)),
            Input::TimedOut => self.give_up(Ending::TimedOut),
        }
    }

    /// What is to be done next.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When the next [`Input::Tick`] is due; `None` when the call is over.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.ending.is_none().then_some(self.next_tick)
    }

    /// How the call ended, once it has.
    #[must_use]
    pub const fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// From the answer to the first sound heard.
    #[must_use]
    pub fn greeting_after(&self) -> Option<Duration> {
        self.probe.greeting_after()
    }

    /// What was measured, step by step.
    #[must_use]
    pub fn into_steps(self) -> Vec<StepReport> {
        self.probe.into_steps()
    }

    fn tick(&mut self, now: Instant, heard_dbfs: f32) {
        self.next_tick = now + FRAME_DURATION;
        self.ear.hear(now, heard_dbfs);
        let progress = self.probe.tick(now);
        self.outputs.extend(progress.map(Output::Progress));
        self.take_cue(now);
        if self.ending.is_none() {
            let frame = self.next_frame(now);
            self.outputs.push_back(Output::Frame(frame));
        }
    }

    /// Begins the next step when it is time to.
    fn take_cue(&mut self, now: Instant) {
        if matches!(self.state, State::Waiting) {
            if let Some(step) = self.cued(now) {
                self.state = State::Pausing { until: now + step.pause, step: Box::new(step) };
            } else if self.steps.is_done() {
                if self.ear.waited(now) >= self.timing.linger {
                    self.give_up(Ending::Lingered);
                }
            } else if self.ear.waited(now) >= self.timing.patience {
                self.give_up(Ending::NoReply(self.steps_begun + 1));
            }
        }
        if matches!(&self.state, State::Pausing { until, .. } if now >= *until)
            && let State::Pausing { step, .. } = std::mem::replace(&mut self.state, State::Waiting)
        {
            self.begin(now, step.action);
        }
    }

    /// The step that is due, if one is.
    fn cued(&mut self, now: Instant) -> Option<Step> {
        let is_finished = self.ear.is_finished(now);
        match self.steps.cue() {
            Some(Cue::Nothing) => self.steps.take_next(),
            Some(Cue::BargeIn(after)) if self.ear.speaking_for(now).is_some_and(|speaking| speaking >= after) => {
                self.steps.take_next()
            }
            _ if !is_finished => None,
            _ if self.steps.by_question() => self.answer(now),
            _ => self.steps.take_next(),
        }
    }

    /// By her words. Without any, or when she asks what the script knows nothing of, in order after a while.
    fn answer(&mut self, now: Instant) -> Option<Step> {
        if let Some(step) = self.steps.take_answer(&self.words) {
            return Some(step);
        }
        let is_asked = self.words.is_empty() || self.words.contains('?') || !self.steps.is_done();
        let is_late = self.ear.waited(now) >= self.timing.quiet + WORDS_WITHIN;
        (is_asked && is_late).then(|| self.steps.take_next()).flatten()
    }

    fn begin(&mut self, now: Instant, action: Action) {
        self.steps_begun += 1;
        let text = action.text();
        self.probe.step_begins(now, text.clone());
        self.outputs.push_back(Output::Progress(Progress::Does { step: self.steps_begun, text }));
        match action {
            Action::Say { sound, .. } => self.state = State::Speaking(Line::new(&sound)),
            Action::Sound { sound, .. } => self.state = State::Sounding(Line::new(&sound)),
            Action::Keys(keys) => self.state = State::Keying { keys: keys.chars().collect(), next_at: now },
            Action::HangUp => self.give_up(Ending::CallerHungUp),
        }
    }

    fn next_frame(&mut self, now: Instant) -> Frame {
        match &mut self.state {
            State::Waiting | State::Pausing { .. } => Frame::SILENCE,
            State::Sounding(line) => {
                let Some(played) = line.next() else {
                    self.state = State::Waiting;
                    return Frame::SILENCE;
                };
                if played.ends_speech {
                    self.listen_anew(now);
                }
                played.frame
            }
            State::Speaking(line) => {
                let Some(played) = line.next() else {
                    self.state = State::Waiting;
                    return Frame::SILENCE;
                };
                if played.ends_speech {
                    self.finish_speaking(now);
                }
                played.frame
            }
            State::Keying { keys, next_at } => {
                if now >= *next_at {
                    *next_at = now + KEY_INTERVAL;
                    match keys.pop_front() {
                        Some(key) => self.outputs.push_back(Output::Key(key)),
                        None => self.state = State::Waiting,
                    }
                    if matches!(&self.state, State::Keying { keys, .. } if keys.is_empty()) {
                        self.finish_speaking(now);
                    }
                }
                Frame::SILENCE
            }
        }
    }

    /// From now on, what is heard counts as the reply.
    fn finish_speaking(&mut self, now: Instant) {
        self.probe.speech_ends(now);
        self.listen_anew(now);
    }

    fn listen_anew(&mut self, now: Instant) {
        self.ear.mark(now);
        self.words.clear();
    }

    const fn is_acting(&self) -> bool {
        matches!(self.state, State::Speaking(_) | State::Sounding(_) | State::Keying { .. })
    }

    fn give_up(&mut self, ending: Ending) {
        self.outputs.push_back(Output::HangUp);
        self.end(ending);
    }

    fn end(&mut self, ending: Ending) {
        self.ending = Some(ending);
        self.outputs.push_back(Output::Progress(Progress::Ended(ending)));
    }
}
