//! Whole calls in virtual time: a scripted caller, a lossy line both ways, models with realistic delays. No sockets, no
//! clock, no weights: a seed replays a call exactly.

use super::{Talk, Work};
use crate::conversation::{Conversation, ConversationConfig, EndReason, Input, Speaker, Transcript, Turn};
use crate::lead::{Evidence, Slot, SlotName};
use crate::media::{Codec, Frame, Netem, NetemConfig, Stream, StreamConfig, StreamSeed, tone_frame};
use crate::phone::PhoneNumber;
use crate::prompt::Prompt;
use crate::speech::VoiceActivityDetector;
use crate::speech::scripted::LoudnessVad;
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(20);
const FRAMES_PER_CHARACTER: usize = 3;
/// The scripted caller speaks when the receptionist has been quiet for so long.
const CALLER_WAITS: Duration = Duration::from_millis(700);

/// What the caller does next.
#[derive(Clone, Copy)]
enum Line {
    Say(&'static str),
    Keys(&'static str),
    HangUp,
}

/// A model's answer on its way.
enum Answer {
    Input(Input),
    Voice(crate::id::TurnId, u32, usize),
}

struct Simulation {
    now: Instant,
    talk: Talk,
    vad: LoudnessVad,
    phone: Stream,
    to_phone: Netem,
    to_receptionist: Netem,
    answers: BTreeMap<(Instant, u32), Answer>,
    sequence: u32,
    script: VecDeque<Line>,
    /// Lines the caller has begun to say and the transcriber has not been asked for yet.
    said: VecDeque<&'static str>,
    speaking: usize,
    quiet_since: Option<Instant>,
    heard_anything: bool,
    turns: Vec<Turn>,
    slots: BTreeMap<SlotName, Slot>,
    end: Option<EndReason>,
}

fn address(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

fn stream(now: Instant, remote: u16, ssrc: u32) -> Stream {
    let config = StreamConfig {
        codec: Codec::Pcmu,
        event_payload_type: Some(101),
        remote: address(remote),
        inactivity: Duration::from_secs(30),
    };
    Stream::new(now, config, StreamSeed { ssrc, sequence: 65_000, timestamp: u32::MAX - 4_000 })
}

fn tone(frame: usize) -> Frame {
    tone_frame(frame as u32, &[440.0], 6_000.0)
}

impl Simulation {
    #[expect(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    fn new(seed: u64, line: &NetemConfig, script: &[Line]) -> Self {
        let now = Instant::now();
        let conversation = Conversation::new(now, ConversationConfig::default(), Arc::new(Prompt::bundled()));
        let caller = PhoneNumber::parse("+12125550142", "US").ok();
        Self {
            now,
            talk: Talk::new(now, stream(now, 4_000, 1), conversation, caller),
            vad: LoudnessVad::default(),
            phone: stream(now, 5_000, 2),
            to_phone: Netem::new(seed, *line),
            to_receptionist: Netem::new(seed ^ 0x5eed, *line),
            answers: BTreeMap::new(),
            sequence: 0,
            script: script.iter().copied().collect(),
            said: VecDeque::new(),
            speaking: 0,
            quiet_since: None,
            heard_anything: false,
            turns: Vec::new(),
            slots: BTreeMap::new(),
            end: None,
        }
    }

    fn run(mut self) -> Self {
        let limit = self.now + Duration::from_mins(5);
        while self.end.is_none() {
            assert!(self.now < limit, "the call does not end: {:#?}", self.turns);
            self.tick();
            self.now += TICK;
        }
        self
    }

    fn tick(&mut self) {
        while let Some(datagram) = self.to_receptionist.pop(self.now) {
            self.talk.receive(self.now, address(4_000), &datagram);
        }
        while let Some(datagram) = self.to_phone.pop(self.now) {
            self.phone.receive(self.now, address(5_000), &datagram);
        }
        let frame = self.talk.hear(self.now);
        let speech = self.vad.probability(&frame);
        self.talk.heard(self.now, &frame, speech);
        if self.talk.poll_timeout().is_some_and(|due| due <= self.now) {
            self.talk.handle_input(self.now, Input::Tick);
        }
        self.give_due_answers();
        let (_, packet) = self.talk.speak(self.now);
        if let Some((_, bytes)) = packet {
            self.to_phone.push(self.now, bytes);
        }
        self.be_the_caller();
        self.do_work();
    }

    fn give_due_answers(&mut self) {
        while let Some(entry) = self.answers.first_entry()
            && entry.key().0 <= self.now
        {
            match entry.remove() {
                Answer::Input(input) => self.talk.handle_input(self.now, input),
                Answer::Voice(turn, clause, frames) => {
                    for frame in 0..frames {
                        self.talk.voice(turn, clause, &tone(frame).0);
                    }
                    self.talk.voice_finished(turn, clause);
                }
            }
        }
    }

    fn answer_in(&mut self, ms: u64, answer: Answer) {
        self.sequence += 1;
        self.answers.insert((self.now + Duration::from_millis(ms), self.sequence), answer);
    }

    /// The caller's phone: hears, waits for its turn, speaks.
    fn be_the_caller(&mut self) {
        let heard = self.phone.next_frame(self.now);
        let is_loud = self.vad.probability(&heard) > 0.5;
        self.heard_anything |= is_loud;
        if is_loud || self.speaking > 0 {
            self.quiet_since = None;
        } else if self.quiet_since.is_none() {
            self.quiet_since = Some(self.now);
        }
        let may_speak = self.heard_anything && self.quiet_since.is_some_and(|since| self.now - since >= CALLER_WAITS);
        if may_speak && self.speaking == 0 {
            self.next_line();
        }
        let frame = if self.speaking > 0 { tone(self.speaking) } else { Frame::SILENCE };
        self.speaking = self.speaking.saturating_sub(1);
        let (_, bytes) = self.phone.send(&frame);
        self.to_receptionist.push(self.now, bytes);
    }

    fn next_line(&mut self) {
        match self.script.pop_front() {
            Some(Line::Say(words)) => {
                self.said.push_back(words);
                self.speaking = words.len() * FRAMES_PER_CHARACTER;
            }
            Some(Line::Keys(keys)) => {
                for key in keys.chars() {
                    self.phone.start_digit(key, Duration::from_millis(100));
                }
            }
            Some(Line::HangUp) => self.talk.handle_input(self.now, Input::HungUp),
            None => return,
        }
        self.heard_anything = false;
    }

    fn do_work(&mut self) {
        while let Some(work) = self.talk.poll_output() {
            match work {
                Work::Transcribe { utterance, generation, pcm, .. } => {
                    let text = self.said.back().copied().unwrap_or_default().to_owned();
                    let sound = pcm.iter().any(|sample| *sample != 0);
                    assert!(sound, "silence is not worth a transcription");
                    let transcript = Transcript { text, mean_log_probability: -0.2, no_speech_probability: 0.01 };
                    let result = Ok(transcript);
                    self.answer_in(190, Answer::Input(Input::Transcribed { utterance, generation, result }));
                }
                Work::Say { turn, clause, text } => {
                    self.answer_in(120, Answer::Voice(turn, clause, text.len() * FRAMES_PER_CHARACTER));
                }
                Work::Reply(request) => {
                    let generation = request.generation;
                    let text = "Thanks for telling me, we can help with that.".to_owned();
                    self.answer_in(400, Answer::Input(Input::ReplyText { generation, text }));
                    self.answer_in(900, Answer::Input(Input::ReplyEnded { generation, result: Ok(()) }));
                }
                Work::Extract(request) => {
                    let input = Input::Extracted { turn: request.turn, values: Vec::new() };
                    self.answer_in(3_000, Answer::Input(input));
                }
                Work::Turn(turn) => self.turns.push(turn),
                Work::Slot(slot) => {
                    self.slots.insert(slot.name, slot);
                }
                Work::SlotCleared(name) => {
                    self.slots.remove(&name);
                }
                Work::End(reason) => self.end = Some(reason),
                Work::StopVoice { .. } | Work::CancelReply { .. } | Work::Prepare { .. } | Work::Escalate(_) => {}
            }
        }
    }

    fn value(&self, name: SlotName) -> Option<&str> {
        self.slots.get(&name).map(|slot| slot.value.as_str())
    }
}

const HAPPY: [Line; 8] = [
    Line::Say("Hi, a pipe burst under my kitchen sink and there is water everywhere."),
    Line::Say("My name is Dana Whitfield."),
    Line::Say("Yes, that's fine."),
    Line::Say("Four twelve Maple Street."),
    Line::Say("As soon as possible please."),
    Line::Say("Tomorrow morning after nine."),
    Line::Say("No, that's all."),
    Line::Say("Bye."),
];

fn rough(loss: f32, jitter_ms: u64) -> NetemConfig {
    NetemConfig {
        loss,
        jitter: Duration::from_millis(jitter_ms),
        delay: Duration::from_millis(30),
        ..NetemConfig::default()
    }
}

#[test]
fn a_call_becomes_a_lead_on_every_line() {
    for (seed, line) in [(1, rough(0.0, 0)), (2, rough(0.01, 20)), (3, rough(0.03, 40)), (4, rough(0.05, 60))] {
        let call = Simulation::new(seed, &line, &HAPPY).run();
        let shown = format!("seed {seed}: {:#?} {:#?}", call.turns, call.slots);
        assert_eq!(call.end, Some(EndReason::Farewell), "{shown}");
        assert_eq!(call.value(SlotName::Name), Some("Dana Whitfield"), "{shown}");
        assert_eq!(call.value(SlotName::Callback), Some("+12125550142"), "{shown}");
        assert_eq!(call.slots[&SlotName::Callback].evidence, Evidence::CallerId, "{shown}");
        assert!(call.slots[&SlotName::Callback].confirmed, "{shown}");
        assert_eq!(call.value(SlotName::Address), Some("412 Maple Street"), "{shown}");
        assert!(call.slots.len() >= 5, "{shown}");
        let counters = call.talk.counters();
        assert_eq!(counters.foreign + counters.garbage, 0, "{shown}");
    }
}

#[test]
fn the_same_seed_gives_the_same_call() {
    let run = || Simulation::new(7, &rough(0.05, 60), &HAPPY).run();
    let (one, other) = (run(), run());
    assert_eq!(one.turns, other.turns);
    assert_eq!(one.slots, other.slots);
}

#[test]
fn keys_pressed_on_a_lossy_line_arrive_once_each() {
    let script = [
        Line::Say("My water heater is leaking."),
        Line::Say("It's Bob Miller."),
        Line::Say("No, use a different number."),
        Line::Keys("2125550199#"),
        Line::Say("Yes."),
        Line::HangUp,
    ];
    for seed in 11..16 {
        let call = Simulation::new(seed, &rough(0.04, 30), &script).run();
        let shown = format!("seed {seed}: {:#?} {:#?}", call.turns, call.slots);
        assert_eq!(call.end, Some(EndReason::CallerHungUp), "{shown}");
        assert_eq!(call.value(SlotName::Callback), Some("+12125550199"), "{shown}");
        assert!(matches!(call.slots[&SlotName::Callback].evidence, Evidence::Keypad(_)), "{shown}");
    }
}

#[test]
fn a_caller_who_hangs_up_half_way_leaves_what_was_said() {
    let script = [Line::Say("Hi, my name is Dana Whitfield and my sink is leaking."), Line::HangUp];
    let call = Simulation::new(21, &rough(0.01, 20), &script).run();
    assert_eq!(call.end, Some(EndReason::CallerHungUp));
    assert!(call.turns.iter().any(|turn| turn.speaker == Speaker::Caller && turn.text.contains("Whitfield")));
    assert_eq!(call.value(SlotName::Name), Some("Dana Whitfield"));
    let callback = &call.slots[&SlotName::Callback];
    assert_eq!((callback.value.as_str(), callback.confirmed), ("+12125550142", false));
    assert_eq!(callback.evidence, Evidence::CallerId);
}

#[test]
fn a_silent_caller_is_asked_and_then_let_go() {
    let call = Simulation::new(31, &rough(0.0, 0), &[]).run();
    assert_eq!(call.end, Some(EndReason::Idle));
    assert!(call.slots.is_empty());
}
