//! Plays a scripted caller against the machine in virtual time, with a fake transcriber, language model and playout.

use crate::conversation::{
    Conversation, ConversationConfig, Hint, Input, ModelFailure, Output, Speaker, Transcript, Turn, UnsureWord,
};
use crate::id::{Generation, TurnId};
use crate::lead::{Slot, SlotName};
use crate::media::{FRAME_DURATION, LineSound};
use crate::phone::PhoneNumber;
use crate::prompt::{LineName, Prompt};
use crate::timer::epoch;
use expect_test::Expect;
use std::collections::VecDeque;
use std::fmt::Write;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

const LETTERS_PER_SECOND: f32 = 15.0;
const TRANSCRIBING: Duration = Duration::from_millis(200);
const CHOOSING: Duration = Duration::from_millis(300);
const JUDGING: Duration = Duration::from_millis(60);
const FIRST_TOKENS: Duration = Duration::from_millis(400);
const REACTION: Duration = Duration::from_millis(600);

/// How a fake model behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Model {
    /// Answers.
    Works,
    /// Says that it failed.
    Broken,
    /// Never answers.
    Hangs,
}

struct Playing {
    turn: TurnId,
    clause: u32,
    began: Instant,
    ends: Instant,
}

/// The caller, the models and the playout.
pub(crate) struct Driver {
    /// The machine.
    pub(crate) conversation: Conversation,
    /// Everything worth telling that came out.
    pub(crate) told: String,
    /// All turns.
    pub(crate) turns: Vec<Turn>,
    /// The transcriber.
    pub(crate) ears: Model,
    /// How sure it is of its words: their mean log-probability.
    pub(crate) sureness: f32,
    // A word that the recogniser is not sure of.
    pub(crate) unsure_of: Option<&'static str>,
    /// What the transcriber hears at first now, whatever was said.
    pub(crate) mishears: Option<String>,
    /// The language model, and its next words.
    pub(crate) model: Model,
    /// The fact that it points at.
    pub(crate) chooses: Option<String>,
    /// What it says.
    pub(crate) wording: String,
    /// The voice.
    pub(crate) voice: Model,
    /// How many times each kind of output came, for checks: transcripts asked, replies asked, stops.
    pub(crate) asked: [usize; 3],
    /// How often the receptionist paused.
    pub(crate) pauses: usize,
    /// How much the caller's speech sounds like its end, if the detector tells.
    pub(crate) sounds_done: Option<f32>,
    /// The chat of the last request.
    pub(crate) chats: Vec<Vec<crate::conversation::Message>>,
    /// What its search for details finds.
    pub(crate) found: Vec<(SlotName, String)>,
    now: Instant,
    began: Instant,
    frame: u64,
    // Words with the frames in which they are spoken.
    speech: Vec<(Range<u64>, String)>,
    due: VecDeque<(Instant, Input)>,
    queue: VecDeque<(TurnId, u32, String)>,
    playing: Option<Playing>,
    paused_at: Option<Instant>,
    clauses_begun: usize,
    is_answered: bool,
}

/// A call to the business of the bundled prompt file.
impl Default for Driver {
    fn default() -> Self {
        Self::new(ConversationConfig::default())
    }
}

impl Driver {
    pub(crate) fn with_prompt(config: ConversationConfig, prompt: Arc<Prompt>) -> Self {
        let now = epoch();
        Self {
            conversation: Conversation::new(now, config, prompt),
            told: String::new(),
            turns: Vec::new(),
            ears: Model::Works,
            sureness: -0.3,
            unsure_of: None,
            mishears: None,
            model: Model::Works,
            chooses: None,
            wording: "I'm sorry to hear that.".to_owned(),
            voice: Model::Works,
            asked: [0; 3],
            pauses: 0,
            sounds_done: None,
            chats: Vec::new(),
            found: Vec::new(),
            now,
            began: now,
            frame: 0,
            speech: Vec::new(),
            due: VecDeque::new(),
            queue: VecDeque::new(),
            playing: None,
            paused_at: None,
            clauses_begun: 0,
            is_answered: true,
        }
    }

    pub(crate) fn new(config: ConversationConfig) -> Self {
        Self::with_prompt(config, Arc::new(Prompt::bundled()))
    }

    /// Somebody can be fetched for the caller.
    pub(crate) fn escalating() -> Self {
        Self::new(ConversationConfig { escalates: true, ..ConversationConfig::default() })
    }

    /// Runs a script: one step a line. `call [NUMBER]`, `say WORDS` (`|1.0|` is a pause) once the receptionist is silent, `over SECONDS WORDS`
    /// that long after its next sound, `keys KEYS`, `noise SECONDS`, `over-noise AFTER SECONDS`, `silence SECONDS`, `listen` (until silent), `hang up`,
    /// `model WORDS`, `model broken|hangs`, `chooses TOPIC|none`, `finds SLOT VALUE`, `ears works|broken|hangs`,
    /// `mishears WORDS` (at a first hearing; no words: no more), `voice works|broken`, `nobody` (came whom the receptionist looked for), `fax`, `dead line`, `end` (run until
    /// it is over).
    pub(crate) fn play(&mut self, script: &str) {
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (step, rest) = line.split_once(' ').unwrap_or((line, ""));
            self.step(step, rest);
        }
    }

    /// Plays, and gives the driver back with all that came of it.
    pub(crate) fn played(mut self, script: &str) -> Self {
        self.play(script);
        self
    }

    /// Plays, and compares what is told of the call.
    pub(crate) fn check(self, script: &str, expected: &Expect) -> Self {
        let driver = self.played(script);
        expected.assert_eq(&driver.told);
        driver
    }

    fn step(&mut self, step: &str, rest: &str) {
        match (step, rest) {
            ("call", number) => {
                let caller = PhoneNumber::parse(number, "US").ok();
                self.input(Input::Start { caller });
            }
            ("say", words) => {
                self.until_silent();
                self.pass(REACTION);
                self.speak(words);
            }
            ("over", rest) => {
                let (after, words) = rest.split_once(' ').expect("over SECONDS WORDS");
                self.until_next_clause();
                self.pass(seconds(after));
                self.speak(words);
            }
            ("over-noise", rest) => {
                let (after, length) = rest.split_once(' ').expect("over-noise AFTER SECONDS");
                self.until_next_clause();
                self.pass(seconds(after));
                self.sound(seconds(length), "");
            }
            ("noise", length) => {
                self.until_silent();
                self.pass(REACTION);
                self.sound(seconds(length), "");
            }
            ("listen", "") => self.until_silent(),
            ("silence", length) => self.pass(seconds(length)),
            ("keys", keys) => {
                self.until_silent();
                for key in keys.chars() {
                    self.pass(Duration::from_millis(200));
                    self.input(Input::Digit(key));
                }
            }
            ("hang", "up") => self.input(Input::HungUp),
            ("fax", "") => self.input(Input::Heard(LineSound::Fax)),
            ("dead", "line") => self.input(Input::Heard(LineSound::Dead)),
            ("model", "broken") => self.model = Model::Broken,
            ("model", "hangs") => self.model = Model::Hangs,
            ("chooses", "none") => self.chooses = None,
            ("chooses", topic) => self.chooses = Some(topic.to_owned()),
            ("model", words) => (self.model, self.wording) = (Model::Works, words.to_owned()),
            ("finds", rest) => {
                let (name, value) = rest.split_once(' ').expect("finds SLOT VALUE");
                self.found.push((name.parse().expect("a slot"), value.to_owned()));
            }
            ("ears", how) => self.ears = how_it_works(how),
            ("mishears", words) => self.mishears = Some(words.to_owned()).filter(|words| !words.is_empty()),
            ("voice", how) => self.voice = how_it_works(how),
            ("nobody", "") => self.input(Input::Resumed),
            ("end", "") => self.until_over(),
            _ => panic!("no such step: {step} {rest}"),
        }
    }

    fn speak(&mut self, words: &str) {
        for (index, part) in words.split('|').enumerate() {
            if index % 2 == 1 {
                self.pass(seconds(part));
            } else {
                self.sound(
                    Duration::from_secs_f32((part.trim().len() as f32 / LETTERS_PER_SECOND).max(0.3)),
                    part.trim(),
                );
            }
        }
    }

    fn sound(&mut self, length: Duration, words: &str) {
        let frames = (length.as_millis() / FRAME_DURATION.as_millis()) as u64;
        self.speech.push((self.frame..self.frame + frames, words.to_owned()));
        self.is_answered = false;
        self.pass(FRAME_DURATION * frames as u32);
    }

    fn until_silent(&mut self) {
        for _ in 0..3_000 {
            if self.playing.is_none() && self.queue.is_empty() && self.clauses_begun > 0 && self.is_quiet() {
                break;
            }
            self.tick();
        }
    }

    // What was said before was answered, or will not be.
    fn is_quiet(&self) -> bool {
        self.is_answered || self.since_last_speech() > Duration::from_secs(9)
    }

    fn since_last_speech(&self) -> Duration {
        let last = self.speech.last().map_or(0, |(frames, _)| frames.end);
        FRAME_DURATION * self.frame.saturating_sub(last) as u32
    }

    fn until_next_clause(&mut self) {
        let begun = self.clauses_begun;
        for _ in 0..3_000 {
            if self.clauses_begun > begun || self.conversation.is_over() {
                break;
            }
            self.tick();
        }
    }

    pub(crate) fn until_over(&mut self) {
        for _ in 0..60_000 {
            if self.conversation.is_over() {
                break;
            }
            self.tick();
        }
        assert!(self.conversation.is_over(), "never over:\n{}", self.told);
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while self.now < until {
            self.tick();
        }
    }

    // 20 ms of the call.
    fn tick(&mut self) {
        self.now += FRAME_DURATION;
        while let Some(index) = self.due.iter().position(|(at, _)| *at <= self.now) {
            let (_, input) = self.due.remove(index).expect("found");
            self.input(input);
        }
        self.play_out();
        let is_speech = self.speech.iter().any(|(frames, _)| frames.contains(&self.frame));
        let index = self.frame;
        self.frame += 1;
        self.input(Input::Frame { index, speech: if is_speech { 0.95 } else { 0.02 } });
        if self.conversation.poll_timeout().is_some_and(|at| at <= self.now) {
            self.input(Input::Tick);
        }
    }

    fn play_out(&mut self) {
        if self.paused_at.is_some() {
            return;
        }
        if let Some(done) = self.playing.take_if(|playing| playing.ends <= self.now) {
            self.input(Input::ClauseFinished { turn: done.turn, clause: done.clause });
        }
        if self.playing.is_some() {
            return;
        }
        let Some((turn, clause, text)) = self.queue.pop_front() else { return };
        if self.voice == Model::Broken {
            return self.input(Input::ClauseFailed { turn, clause });
        }
        let length = Duration::from_secs_f32(text.len() as f32 / LETTERS_PER_SECOND);
        self.playing = Some(Playing { turn, clause, began: self.now, ends: self.now + length });
        self.clauses_begun += 1;
        self.is_answered |= self.since_last_speech() > Duration::from_millis(250);
        self.input(Input::ClauseStarted { turn, clause });
    }

    pub(crate) fn input(&mut self, input: Input) {
        self.conversation.handle_input(self.now, input);
        while let Some(output) = self.conversation.poll_output() {
            self.output(output);
        }
    }

    fn later(&mut self, after: Duration, input: Input) {
        self.due.push_back((self.now + after, input));
    }

    fn output(&mut self, output: Output) {
        match output {
            Output::Transcribe { utterance, generation, frames, hint } => {
                self.asked[0] += 1;
                let result = match self.ears {
                    Model::Works => Ok(self.transcript(&frames, hint)),
                    Model::Broken => Err(ModelFailure::Broken),
                    Model::Hangs => return,
                };
                self.later(TRANSCRIBING, Input::Transcribed { utterance, generation, result });
            }
            Output::Say { turn, clause, text } => self.queue.push_back((turn, clause, text)),
            Output::StopSpeaking { turn } => self.stop(turn),
            Output::PauseSpeaking { .. } => self.pause(),
            Output::GoOnSpeaking { .. } => self.go_on(),
            Output::JudgeTurn { utterance, generation, .. } => {
                if let Some(done) = self.sounds_done {
                    self.later(JUDGING, Input::TurnJudged { utterance, generation, done });
                }
            }
            Output::Discard { .. } | Output::Rehearse { .. } => {}
            Output::Reply(request) => {
                self.asked[1] += 1;
                self.chats.push(request.messages);
                self.word(request.generation);
            }
            Output::CancelReply { generation } => self.due.retain(|(_, input)| {
                !matches!(input, Input::ReplyText { generation: g, .. } | Input::ReplyEnded { generation: g, .. } if *g == generation)
            }),
            Output::Extract(request) => {
                let values = self.found.clone();
                self.tell(&format!("  extract {:?} from turn {}", request.wanted, request.turn));
                self.later(Duration::from_secs(2), Input::Extracted { turn: request.turn, values });
            }
            Output::Choose(request) => {
                self.asked[1] += 1;
                let generation = request.generation;
                let index = self.chooses.as_ref().and_then(|name| request.choices.iter().position(|c| c.name == *name));
                match self.model {
                    Model::Works => self.later(CHOOSING, Input::Chosen { generation, result: Ok(index) }),
                    Model::Broken => {
                        self.later(CHOOSING, Input::Chosen { generation, result: Err(ModelFailure::Broken) });
                    }
                    Model::Hangs => {}
                }
            }
            Output::CancelChoice { generation } => {
                self.due.retain(|(_, input)| !matches!(input, Input::Chosen { generation: g, .. } if *g == generation));
            }
            Output::Prepare { messages } => self.chats.push(messages),
            Output::Turn(turn) => self.tell_turn(turn),
            Output::Slot(slot) => self.tell_slot(&slot),
            Output::SlotCleared(name) => self.tell(&format!("  {name} cleared")),
            Output::Escalate(briefing) => {
                let briefing = Prompt::bundled().line(LineName::Briefing, &briefing);
                self.tell(&format!("escalate: {briefing}"));
            }
            Output::End(reason) => self.tell(&format!("end: {}", reason.as_str())),
        }
    }

    fn word(&mut self, generation: Generation) {
        match self.model {
            Model::Works => {
                let words: Vec<String> = self.wording.split_inclusive(' ').map(str::to_owned).collect();
                let gap = Duration::from_millis(60);
                for (index, text) in words.iter().enumerate() {
                    let text = text.clone();
                    self.later(FIRST_TOKENS + gap * index as u32, Input::ReplyText { generation, text });
                }
                let end = FIRST_TOKENS + gap * words.len() as u32;
                self.later(end, Input::ReplyEnded { generation, result: Ok(()) });
            }
            Model::Broken => {
                self.later(FIRST_TOKENS, Input::ReplyEnded { generation, result: Err(ModelFailure::Broken) });
            }
            Model::Hangs => {}
        }
    }

    fn pause(&mut self) {
        self.pauses += 1;
        self.paused_at = Some(self.now);
    }

    fn go_on(&mut self) {
        let since = self.paused_at.take().expect("it was paused");
        if let Some(playing) = &mut self.playing {
            (playing.began, playing.ends) = (playing.began + (self.now - since), playing.ends + (self.now - since));
        }
    }

    fn stop(&mut self, turn: TurnId) {
        if self.paused_at.is_some() {
            self.go_on();
        }
        self.asked[2] += 1;
        let next = self.queue.iter().find(|(other, ..)| *other == turn).map_or(0, |(_, clause, _)| *clause);
        self.queue.clear();
        let (clause, played) = match self.playing.take() {
            Some(cut) => {
                let length = (cut.ends - cut.began).as_secs_f32();
                (cut.clause, (self.now - cut.began).as_secs_f32() / length)
            }
            None => (next, 0.0),
        };
        self.later(FRAME_DURATION, Input::Stopped { turn, clause, played });
    }

    // The words whose sound lies in the range.
    fn transcript(&self, range: &Range<u64>, hint: Hint) -> Transcript {
        let mut heard = Vec::new();
        for (frames, words) in
            self.speech.iter().filter(|(frames, _)| frames.end > range.start && frames.start < range.end)
        {
            let words: Vec<&str> = words.split_whitespace().collect();
            let share =
                (range.end.min(frames.end).saturating_sub(frames.start)) as f32 / (frames.end - frames.start) as f32;
            heard.extend(words.iter().take((words.len() as f32 * share).round() as usize).copied());
        }
        let misheard = self.mishears.clone().filter(|_| hint != Hint::DigitsAgain);
        let text = misheard.unwrap_or_else(|| heard.join(" "));
        let unsure = self.unsure_of.map(|word| UnsureWord { word: word.to_owned(), probability: 0.6 });
        let unsure = unsure.into_iter().collect();
        Transcript { text, mean_log_probability: self.sureness, no_speech_probability: 0.05, unsure }
    }

    fn tell(&mut self, line: &str) {
        writeln!(self.told, "{line}").expect("fits");
    }

    fn tell_turn(&mut self, turn: Turn) {
        use crate::conversation::{Heard, Origin};
        let who = if turn.speaker == Speaker::Caller { "caller" } else { "receptionist" };
        let origin = match &turn.origin {
            Origin::Speech => String::new(),
            Origin::Keypad => " (keypad)".to_owned(),
            Origin::Line(line) => format!(" ({line})"),
            Origin::Model => " (model)".to_owned(),
            Origin::Fallback(line) => format!(" (fallback {line})"),
        };
        let heard = match turn.heard {
            Heard::Whole => "",
            Heard::Part => " [cut]",
            Heard::Nothing => " [unheard]",
        };
        self.tell(&format!("{} {who}{origin}: {}{heard}", turn.id, turn.text));
        self.turns.push(turn);
    }

    fn tell_slot(&mut self, slot: &Slot) {
        let confirmed = if slot.confirmed { ", confirmed" } else { "" };
        self.tell(&format!("  {} = {} ({:?}{confirmed})", slot.name, slot.value, slot.evidence));
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.now - self.began
    }
}

fn seconds(text: &str) -> Duration {
    Duration::from_secs_f32(text.trim().parse().expect("seconds"))
}

fn how_it_works(how: &str) -> Model {
    match how {
        "works" => Model::Works,
        "broken" => Model::Broken,
        "hangs" => Model::Hangs,
        _ => panic!("works, broken or hangs, not {how}"),
    }
}
