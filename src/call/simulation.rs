//! Whole calls in virtual time: a scripted caller, a lossy line both ways, models with realistic delays. No sockets, no
//! clock, no weights: a seed replays a call exactly.

mod caller;

use self::caller::{Caller, FRAMES_PER_CHARACTER, Feedback, Line};
use super::{Talk, Work};
use crate::conversation::{Conversation, ConversationConfig, EndReason, Heard, Input, Speaker, Transcript, Turn};
use crate::lead::{Evidence, Slot, SlotName};
use crate::media::test_sounds::{dense_voice, folder, frames, read};
use crate::media::{Codec, Frame, Netem, NetemConfig, Stream, StreamConfig, StreamSeed};
use crate::phone::PhoneNumber;
use crate::prompt::Prompt;
use crate::speech::VoiceActivityDetector;
use crate::speech::scripted::LoudnessVad;
use crate::timer::epoch;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(20);

/// A model's answer on its way.
enum Answer {
    Input(Input),
    Voice(crate::id::TurnId, u32, usize),
}

struct Simulation {
    now: Instant,
    talk: Talk,
    vad: LoudnessVad,
    caller: Caller,
    to_phone: Netem,
    to_receptionist: Netem,
    answers: BTreeMap<(Instant, u32), Answer>,
    sequence: u32,
    voice: Vec<Frame>,
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

/// The frame of this number of a sound that never ends.
fn of(voice: &[Frame], number: usize) -> Frame {
    voice[number % voice.len()]
}

impl Simulation {
    fn new(seed: u64, line: &NetemConfig, script: &[Line]) -> Self {
        let now = epoch();
        let conversation = Conversation::new(now, ConversationConfig::default(), Arc::new(Prompt::bundled()));
        let number = PhoneNumber::parse("+12125550142", "US").ok();
        let [hers, callers] = ["af_heart", "am_adam"].map(|voice| frames(&dense_voice(voice)).collect());
        Self {
            now,
            talk: Talk::new(now, stream(now, 4_000, 1), conversation, number),
            vad: LoudnessVad::default(),
            caller: Caller::new(stream(now, 5_000, 2), callers, script),
            to_phone: Netem::new(seed, *line),
            to_receptionist: Netem::new(seed ^ 0x5eed, *line),
            answers: BTreeMap::new(),
            sequence: 0,
            voice: hers,
            turns: Vec::new(),
            slots: BTreeMap::new(),
            end: None,
        }
    }

    fn with_feedback(mut self, after_frames: usize, attenuation_db: f32) -> Self {
        self.caller.feedback = Some(Feedback { after_frames, gain: 10_f32.powf(-attenuation_db / 20.0) });
        self
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
            self.caller.phone.receive(self.now, address(5_000), &datagram);
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
        let done = self.caller.tick(self.now);
        if done.has_hung_up {
            self.talk.handle_input(self.now, Input::HungUp);
        }
        self.to_receptionist.push(self.now, done.packet);
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
                        let sound = of(&self.voice, self.sequence as usize + frame);
                        self.talk.voice(turn, clause, &sound.0);
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

    fn do_work(&mut self) {
        while let Some(work) = self.talk.poll_output() {
            match work {
                Work::Transcribe { utterance, generation, pcm, .. } => {
                    let text = self.caller.said.to_owned();
                    let sound = pcm.iter().any(|sample| *sample != 0);
                    assert!(sound, "silence is not worth a transcription");
                    let transcript = Transcript {
                        text,
                        mean_log_probability: -0.2,
                        no_speech_probability: 0.01,
                        unsure: Vec::new(),
                    };
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
                Work::Choose(request) => {
                    let generation = request.generation;
                    self.answer_in(300, Answer::Input(Input::Chosen { generation, result: Ok(None) }));
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
                Work::JudgeTurn { .. }
                | Work::Discard { .. }
                | Work::Rehearse { .. }
                | Work::StopVoice { .. }
                | Work::CancelReply { .. }
                | Work::CancelChoice { .. }
                | Work::Prepare { .. }
                | Work::Escalate(_) => {}
            }
        }
    }

    fn value(&self, name: SlotName) -> Option<&str> {
        self.slots.get(&name).map(|slot| slot.value.as_str())
    }
}

mod background;

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
fn her_own_voice_is_never_taken_for_the_callers() {
    for (seed, line, after_frames, attenuation_db) in
        [(41, rough(0.0, 0), 4, 10.0), (42, rough(0.01, 20), 10, 14.0), (43, rough(0.02, 40), 2, 10.0)]
    {
        let call = Simulation::new(seed, &line, &HAPPY).with_feedback(after_frames, attenuation_db).run();
        let shown = format!("seed {seed}: {:#?}", call.turns);
        assert_eq!(call.end, Some(EndReason::Farewell), "{shown}");
        let of = |speaker| call.turns.iter().filter(move |turn| turn.speaker == speaker);
        assert_eq!(of(Speaker::Caller).count(), HAPPY.len() - 1, "what nobody said is no turn: {shown}");
        assert!(of(Speaker::Receptionist).all(|turn| turn.heard == Heard::Whole), "nothing was cut off: {shown}");
    }
}

#[test]
fn who_cuts_in_is_heard_through_her_echo() {
    let script = [
        Line::Say("Hi, a pipe burst under my kitchen sink and there is water everywhere."),
        Line::CutIn("My name is Dana Whitfield."),
        Line::HangUp,
    ];
    let stopped_at = |attenuation_db: Option<f32>| {
        let call = Simulation::new(51, &rough(0.0, 10), &script);
        let call = if let Some(db) = attenuation_db { call.with_feedback(5, db) } else { call }.run();
        let shown = format!("{attenuation_db:?} {:#?}", call.turns);
        assert_eq!(call.value(SlotName::Name), Some("Dana Whitfield"), "{shown}");
        let cut = call.turns.iter().find(|turn| turn.heard == Heard::Part).expect("she was stopped");
        cut.ended_at
    };
    let without = stopped_at(None);
    let with = stopped_at(Some(15.0));
    assert!(with <= without + 3 * TICK, "{with:?}, not {without:?}");
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

#[test]
fn a_fax_machine_is_let_go_at_once() {
    for (seed, line) in [(61, rough(0.0, 0)), (62, rough(0.02, 30))] {
        let mut call = Simulation::new(seed, &line, &[]);
        let began = call.now;
        call.caller.line_sound = frames(&read(&folder().join("sounds/fax_calling_tone.wav"))).collect();
        let call = call.run();
        let shown = format!("seed {seed}: {:#?}", call.turns);
        assert_eq!(call.end, Some(EndReason::Fax), "{shown}");
        assert!(call.now - began < Duration::from_secs(12), "{:?}", call.now - began);
        assert!(call.turns.iter().all(|turn| turn.speaker == Speaker::Receptionist), "{shown}");
        assert!(call.slots.is_empty(), "{shown}");
    }
}

#[test]
fn a_line_that_goes_dead_ends_the_call_and_keeps_what_was_said() {
    let script = [Line::Say("My water heater is leaking."), Line::Say("It's Bob Miller."), Line::Leave];
    let call = Simulation::new(71, &rough(0.01, 20), &script).run();
    let shown = format!("{:#?}", call.turns);
    assert_eq!(call.end, Some(EndReason::LineTone), "{shown}");
    assert_eq!(call.value(SlotName::Name), Some("Bob Miller"), "{shown}");
    assert_eq!(call.turns.iter().filter(|turn| turn.speaker == Speaker::Caller).count(), 2, "{shown}");
}
