//! What holds for any inputs in any order.

use crate::conversation::{Conversation, ConversationConfig, Input, ModelFailure, Output, Transcript};
use crate::id::{Generation, TurnId, UtteranceId};
use crate::lead::SlotName;
use crate::media::LineSound;
use crate::phone::PhoneNumber;
use crate::prompt::Prompt;
use crate::timer::epoch;
use proptest::prelude::*;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Clone, Debug)]
enum Event {
    Frames { count: u64, is_speech: bool },
    Wait { millis: u64 },
    Input(Input),
    // Answers to what the machine really asked for.
    AnswerTranscript { said: String, works: bool },
    AnswerReply { text: String, ends: bool, works: bool },
    AnswerClause { fails: bool },
    AnswerStop { played: f32 },
    NobodyCame,
}

const SAYINGS: [&str; 24] = [
    "",
    "um",
    "Yes.",
    "No.",
    "No, that's all. Goodbye.",
    "My sink is leaking and there is water all over the kitchen floor.",
    "Dana Whitfield.",
    "W H I T F I E L D",
    "212 555 0142",
    "212 555",
    "No, it's 212 555 0143",
    "the last four are 0199",
    "14 Oak Street, Brooklyn",
    "right away, please",
    "tomorrow at 3",
    "How much is a visit?",
    "Can you say that again?",
    "asdf qwer",
    "Can I talk to a person?",
    "My name is",
    "Use this number.",
    "Uh-huh",
    "Bye.",
    "Actually my number is 917 555 0177 and I'm at 9 Elm Street",
];

fn saying() -> impl Strategy<Value = String> {
    prop::sample::select(SAYINGS.to_vec()).prop_map(str::to_owned)
}

fn stray() -> impl Strategy<Value = Input> {
    let (turn, clause) = (0u32..12, 0u32..4);
    prop_oneof![
        Just(Input::Start { caller: None }),
        prop::sample::select("0123456789*#x".chars().collect::<Vec<_>>()).prop_map(Input::Digit),
        (0u32..5, 0u32..9).prop_map(|(u, g)| Input::Transcribed {
            utterance: UtteranceId(u),
            generation: Generation(g),
            result: Err(ModelFailure::Late)
        }),
        (0u32..5, "[a-z .,?]{0,20}").prop_map(|(g, text)| Input::ReplyText { generation: Generation(g), text }),
        (0u32..5).prop_map(|g| Input::ReplyEnded { generation: Generation(g), result: Ok(()) }),
        (0u32..12).prop_map(|t| Input::Extracted {
            turn: TurnId(t),
            values: vec![(SlotName::Name, "Dana".into()), (SlotName::Callback, "x".into())]
        }),
        (turn.clone(), clause.clone()).prop_map(|(t, clause)| Input::ClauseStarted { turn: TurnId(t), clause }),
        (turn.clone(), clause.clone()).prop_map(|(t, clause)| Input::ClauseFinished { turn: TurnId(t), clause }),
        (turn, clause, any::<f32>()).prop_map(|(t, clause, played)| Input::Stopped { turn: TurnId(t), clause, played }),
        Just(Input::Tick),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => (1u64..80, any::<bool>()).prop_map(|(count, is_speech)| Event::Frames { count, is_speech }),
        2 => (1u64..15_000).prop_map(|millis| Event::Wait { millis }),
        2 => stray().prop_map(Event::Input),
        6 => (saying(), prop::bool::weighted(0.9)).prop_map(|(said, works)| Event::AnswerTranscript { said, works }),
        3 => ("[A-Za-z ,.?]{0,40}", any::<bool>(), any::<bool>())
            .prop_map(|(text, ends, works)| Event::AnswerReply { text, ends, works }),
        12 => prop::bool::weighted(0.1).prop_map(|fails| Event::AnswerClause { fails }),
        3 => (0f32..1.0).prop_map(|played| Event::AnswerStop { played }),
        3 => Just(Event::NobodyCame),
    ]
}

struct World {
    conversation: Conversation,
    now: Instant,
    index: u64,
    transcripts: Vec<(UtteranceId, Generation)>,
    clauses: Vec<(TurnId, u32)>,
    reply: Option<Generation>,
    choice: Option<Generation>,
    stopping: Option<TurnId>,
    turns: HashSet<TurnId>,
    is_aside: bool,
    ended: usize,
}

impl World {
    fn input(&mut self, input: Input) {
        self.conversation.handle_input(self.now, input);
        while let Some(output) = self.conversation.poll_output() {
            assert_eq!(self.ended, 0, "after the end: {output:?}");
            self.check(output);
        }
        assert_eq!(self.ended == 1, self.conversation.is_over());
        let timeout = self.conversation.poll_timeout();
        assert!(timeout.is_none_or(|at| at > self.now), "a busy loop: {timeout:?} at {:?}", self.now);
    }

    fn check(&mut self, output: Output) {
        match output {
            Output::Transcribe { utterance, generation, frames, .. } => {
                assert!(frames.start < frames.end && frames.end <= self.index, "{frames:?} of {}", self.index);
                self.transcripts.push((utterance, generation));
            }
            Output::Say { turn, clause, text } => {
                assert!(!text.trim().is_empty());
                assert!(!self.is_aside, "speaks over the music: {text}");
                self.clauses.push((turn, clause));
            }
            Output::StopSpeaking { turn } => {
                self.clauses.clear();
                self.stopping = Some(turn);
            }
            Output::Reply(request) => {
                assert_eq!(self.reply.replace(request.generation), None, "two replies at once");
            }
            Output::CancelReply { generation } => assert_eq!(self.reply.take(), Some(generation)),
            Output::Choose(request) => {
                assert_eq!(self.choice.replace(request.generation), None, "two choices at once");
            }
            Output::CancelChoice { generation } => assert_eq!(self.choice.take(), Some(generation)),
            Output::Turn(turn) => {
                assert!(turn.started_at <= turn.ended_at, "{turn:?}");
                assert!(self.turns.insert(turn.id), "twice: {turn:?}");
            }
            Output::Escalate(_) => self.is_aside = true,
            Output::End(_) => self.ended += 1,
            Output::JudgeTurn { .. }
            | Output::Discard { .. }
            | Output::Rehearse { .. }
            | Output::PauseSpeaking { .. }
            | Output::GoOnSpeaking { .. }
            | Output::Prepare { .. }
            | Output::Extract(_)
            | Output::Slot(_)
            | Output::SlotCleared(_) => {}
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Frames { count, is_speech } => {
                for _ in 0..count {
                    self.pass(20);
                    let index = self.index;
                    self.index += 1;
                    self.input(Input::Frame { index, speech: if is_speech { 1.0 } else { 0.0 } });
                }
            }
            Event::Wait { millis } => {
                self.pass(millis);
                self.input(Input::Tick);
            }
            Event::Input(Input::ReplyEnded { generation, result }) => {
                self.reply.take_if(|awaited| *awaited == generation);
                self.input(Input::ReplyEnded { generation, result });
            }
            Event::Input(input) => self.input(input),
            Event::AnswerTranscript { said, works } => {
                if let Some((utterance, generation)) = self.transcripts.pop() {
                    let transcript = Transcript {
                        text: said,
                        mean_log_probability: -0.4,
                        no_speech_probability: 0.1,
                        unsure: Vec::new(),
                    };
                    let result = if works { Ok(transcript) } else { Err(ModelFailure::Broken) };
                    self.input(Input::Transcribed { utterance, generation, result });
                }
            }
            Event::AnswerReply { text, ends, works } => self.answer_reply(text, ends, works),
            Event::AnswerClause { fails } => self.answer_clause(fails),
            Event::NobodyCame => self.nobody_came(),
            Event::AnswerStop { played } => {
                if let Some(turn) = self.stopping.take() {
                    self.input(Input::Stopped { turn, clause: 0, played });
                }
            }
        }
    }

    // Whatever was asked for, it is over within the longest conversation, if somebody tells when nobody comes.
    fn until_over(&mut self) {
        for _ in 0..700 {
            self.pass(1_000);
            if self.is_aside {
                self.nobody_came();
            }
        }
    }

    fn nobody_came(&mut self) {
        self.is_aside = false;
        self.input(Input::Resumed);
    }

    fn answer_reply(&mut self, text: String, ends: bool, works: bool) {
        if let Some(generation) = self.choice.take_if(|_| ends) {
            let result = if works { Ok(Some(text.len() % 3).filter(|n| *n > 0)) } else { Err(ModelFailure::Broken) };
            self.input(Input::Chosen { generation, result });
        }
        if let Some(generation) = self.reply {
            self.input(Input::ReplyText { generation, text });
        }
        if let Some(generation) = self.reply.take_if(|_| ends) {
            let result = if works { Ok(()) } else { Err(ModelFailure::Broken) };
            self.input(Input::ReplyEnded { generation, result });
        }
    }

    fn answer_clause(&mut self, fails: bool) {
        if self.clauses.is_empty() {
            return;
        }
        let (turn, clause) = self.clauses.remove(0);
        if fails {
            return self.input(Input::ClauseFailed { turn, clause });
        }
        self.input(Input::ClauseStarted { turn, clause });
        self.pass(900);
        self.input(Input::ClauseFinished { turn, clause });
    }

    fn pass(&mut self, millis: u64) {
        let until = self.now + Duration::from_millis(millis);
        while let Some(at) = self.conversation.poll_timeout().filter(|at| *at < until) {
            self.now = self.now.max(at);
            self.input(Input::Tick);
        }
        self.now = until;
    }
}

fn world() -> World {
    let now = epoch();
    let prompt = Arc::new(Prompt::bundled());
    let config = ConversationConfig { escalates: true, ..ConversationConfig::default() };
    World {
        conversation: Conversation::new(now, config, prompt),
        now,
        index: 0,
        transcripts: Vec::new(),
        clauses: Vec::new(),
        reply: None,
        choice: None,
        stopping: None,
        turns: HashSet::new(),
        is_aside: false,
        ended: 0,
    }
}

/// What ends the call, if not the receptionist.
fn last() -> impl Strategy<Value = Option<Input>> {
    prop_oneof![
        Just(None),
        Just(Some(Input::HungUp)),
        Just(Some(Input::Heard(LineSound::Fax))),
        Just(Some(Input::Heard(LineSound::Dead))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_conversation_keeps_its_promises_and_ends(
        known in any::<bool>(), events in prop::collection::vec(event(), 0..120), last in last()
    ) {
        let mut world = world();
        let caller = known.then(|| PhoneNumber::parse("2125550142", "US").expect("valid"));
        world.input(Input::Start { caller });
        for event in events {
            world.event(event);
        }
        match last {
            Some(Input::HungUp) => {
                world.input(Input::HungUp);
                world.pass(3_100);
            }
            Some(last) => {
                // While a person is looked for nobody listens, and a farewell is played to its end.
                world.input(last);
                world.until_over();
            }
            None => world.until_over(),
        }
        world.input(Input::Tick);
        prop_assert!(world.conversation.is_over());
        prop_assert_eq!(world.ended, 1);
    }
}
