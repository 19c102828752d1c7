//! The answered leg: sound in and out, and the conversation on it, tied together without touching socket, clock or model.
//!
//! Every 20 ms the shell calls [`Talk::hear`], asks the voice activity detector about the frame, hands the answer to
//! [`Talk::heard`], and sends what [`Talk::speak`] gives. Between ticks it passes in packets and the models' answers, and
//! does the [`Work`] that comes out.

use super::window::SoundWindow;
use crate::conversation::{
    ChooseRequest, Conversation, EndReason, ExtractRequest, Hint, Input, Message, Output, ReplyRequest, Turn, WorkAhead,
};
use crate::id::{Generation, TurnId, UtteranceId};
use crate::lead::{Slot, SlotName};
use crate::media::{Background, Counters, Echo, Frame, Playout, PlayoutEvent, Stream, Tones};
use crate::phone::PhoneNumber;
use crate::prompt::LineVars;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// What the shell is to do for a conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// Transcribe this sound: mono 16-bit PCM at 8,000 Hz.
    Transcribe {
        /// Which utterance.
        utterance: UtteranceId,
        /// Answers to earlier requests are void.
        generation: Generation,
        /// The sound.
        pcm: Vec<i16>,
        /// What to expect.
        hint: Hint,
    },
    /// Judge by this sound, which ends in a pause, whether the caller is done: mono 16-bit PCM at 8,000 Hz.
    JudgeTurn {
        /// Which utterance.
        utterance: UtteranceId,
        /// Answers to earlier requests are void.
        generation: Generation,
        /// The sound.
        pcm: Vec<i16>,
    },
    /// What was asked about this utterance is not wanted any more.
    Discard {
        /// Which utterance.
        utterance: UtteranceId,
        /// Which request for it.
        generation: Generation,
    },
    /// Synthesise these clauses ahead, when there is nothing else to do.
    Rehearse {
        /// The clauses.
        clauses: Vec<String>,
    },
    /// Synthesise one clause.
    Say {
        /// The receptionist's turn.
        turn: TurnId,
        /// The clause's number in its turn.
        clause: u32,
        /// What to say.
        text: String,
    },
    /// Clauses of this turn that are not synthesised yet are not wanted any more.
    StopVoice {
        /// The receptionist's turn.
        turn: TurnId,
    },
    /// Ask the language model for words.
    Reply(ReplyRequest),
    /// That reply is not wanted any more.
    CancelReply {
        /// Which request.
        generation: Generation,
    },
    /// Ask the language model what answers the caller's question.
    Choose(ChooseRequest),
    /// That choice is not wanted any more.
    CancelChoice {
        /// Which request.
        generation: Generation,
    },
    /// Take in the chat ahead of time.
    Prepare {
        /// The chat so far.
        messages: Vec<Message>,
    },
    /// Look for details in the background.
    Extract(ExtractRequest),
    /// Keep this turn.
    Turn(Turn),
    /// Keep this detail.
    Slot(Slot),
    /// Forget this detail.
    SlotCleared(SlotName),
    /// The conversation stands still: look for a person, who is told this. [`Talk::resume`] when nobody comes.
    Escalate(LineVars),
    /// The conversation is over.
    End(EndReason),
}

/// The answered leg of one call.
pub struct Talk {
    stream: Stream,
    playout: Playout,
    conversation: Conversation,
    sound: SoundWindow,
    echo: Echo,
    tones: Tones,
    background: Background,
    work: VecDeque<Work>,
    /// Sound of turns up to this one comes too late to be played.
    silenced: Option<TurnId>,
    /// The last clause that was played to its end.
    last_played: Option<(TurnId, u32)>,
    is_held: bool,
    /// A person is looked for.
    is_aside: bool,
    /// Since when the conversation's clock stands still, for either reason.
    paused_since: Option<Instant>,
    paused_for: Duration,
}

impl Talk {
    /// Starts the conversation: greets.
    pub fn new(now: Instant, stream: Stream, mut conversation: Conversation, caller: Option<PhoneNumber>) -> Self {
        conversation.handle_input(now, Input::Start { caller });
        let mut talk = Self {
            stream,
            playout: Playout::new(),
            conversation,
            sound: SoundWindow::new(),
            echo: Echo::new(),
            tones: Tones::new(),
            background: Background::new(),
            work: VecDeque::new(),
            silenced: None,
            last_played: None,
            is_held: false,
            is_aside: false,
            paused_since: None,
            paused_for: Duration::ZERO,
        };
        talk.drain_conversation(now);
        talk
    }

    /// A datagram came in on the leg's port.
    pub fn receive(&mut self, now: Instant, source: SocketAddr, datagram: &[u8]) {
        self.stream.receive(now, source, datagram);
    }

    /// The caller's next 20 ms.
    pub fn hear(&mut self, now: Instant) -> Frame {
        let frame = self.stream.next_frame(now);
        while let Some(digit) = self.stream.poll_digit() {
            self.handle_input(now, Input::Digit(digit));
        }
        frame
    }

    /// The frame given by [`Talk::hear`] holds speech with this probability. The receptionist's own echo is not
    /// the caller's speech, nor is a tone of the network or of a fax machine, nor are voices behind the caller.
    pub fn heard(&mut self, now: Instant, frame: &Frame, speech: f32) {
        if self.paused_since.is_none() {
            let speech = self.callers_speech(frame, speech);
            let index = self.sound.push(frame);
            self.handle_input(now, Input::Frame { index, speech });
            if let Some(sound) = self.tones.poll() {
                self.handle_input(now, Input::Heard(sound));
            }
        }
    }

    // What a tone or her echo explains says nothing about what is behind the caller.
    fn callers_speech(&mut self, frame: &Frame, speech: f32) -> f32 {
        let is_tone = self.tones.heard(frame);
        let speech = if is_tone { 0.0 } else { speech };
        let without_echo = self.echo.heard(frame, speech);
        let is_explained = is_tone || without_echo < speech;
        if is_explained { without_echo } else { self.background.weigh(frame, speech) }
    }

    /// The receptionist's next 20 ms, and the packet that carries it.
    pub fn speak(&mut self, now: Instant) -> (Frame, Option<(SocketAddr, Vec<u8>)>) {
        if self.paused_since.is_some() {
            self.stream.skip();
            return (Frame::SILENCE, None);
        }
        let frame = self.playout.next_frame();
        while let Some(event) = self.playout.poll_event() {
            let input = match event {
                PlayoutEvent::ClauseStarted { turn, clause } => Input::ClauseStarted { turn, clause },
                PlayoutEvent::ClauseFinished { turn, clause } => {
                    self.last_played = Some((turn, clause));
                    Input::ClauseFinished { turn, clause }
                }
            };
            self.handle_input(now, input);
        }
        self.echo.sent(&frame);
        (frame, Some(self.stream.send(&frame)))
    }

    /// More of a clause's sound: mono 16-bit PCM at 8,000 Hz.
    pub fn voice(&mut self, turn: TurnId, clause: u32, pcm: &[i16]) {
        if self.is_wanted(turn) {
            self.playout.push(turn, clause, pcm);
        }
    }

    /// All of a clause's sound was given.
    pub fn voice_finished(&mut self, turn: TurnId, clause: u32) {
        if self.is_wanted(turn) {
            self.playout.finish(turn, clause);
        }
    }

    /// A clause can't be spoken.
    pub fn voice_failed(&mut self, now: Instant, turn: TurnId, clause: u32) {
        if self.is_wanted(turn) {
            self.handle_input(now, Input::ClauseFailed { turn, clause });
        }
    }

    /// A model's answer, a digit that came by signalling, a hang-up, or a deadline.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        let now = self.conversation_time(now);
        self.conversation.handle_input(now, input);
        self.drain_conversation(now);
    }

    /// The caller put us on hold or came back: nothing is said or heard meanwhile, and no idle time runs.
    pub fn hold(&mut self, now: Instant, held: bool) {
        self.stream.set_hold(!held);
        self.is_held = held;
        self.pause(now);
    }

    /// Whether a person is looked for: the caller is to hear music, and nothing is said or heard meanwhile.
    #[must_use]
    pub fn is_aside(&self) -> bool {
        self.is_aside
    }

    /// Nobody came: goes on with the caller.
    pub fn resume(&mut self, now: Instant) {
        self.is_aside = false;
        self.pause(now);
        self.handle_input(now, Input::Resumed);
    }

    /// The caller hung up: what was said is still gathered.
    pub fn hung_up(&mut self, now: Instant) {
        self.is_aside = false;
        self.hold(now, false);
        self.handle_input(now, Input::HungUp);
    }

    fn pause(&mut self, now: Instant) {
        match (self.is_held || self.is_aside, self.paused_since) {
            (true, None) => {
                self.paused_since = Some(now);
                self.echo.interrupt();
            }
            (false, Some(since)) => {
                self.paused_for += now.saturating_duration_since(since);
                self.paused_since = None;
            }
            _ => {}
        }
    }

    /// The leg's stream: for a changed remote address, and for its counters.
    pub fn stream_mut(&mut self) -> &mut Stream {
        &mut self.stream
    }

    /// Ends the talk and gives the leg's stream back.
    #[must_use]
    pub fn into_stream(self) -> Stream {
        self.stream
    }

    /// The details known so far.
    #[must_use]
    pub fn slots(&self) -> Vec<Slot> {
        self.conversation.form().slots()
    }

    /// How much was done ahead for this conversation, and for nothing.
    #[must_use]
    pub fn work_ahead(&self) -> WorkAhead {
        self.conversation.work_ahead()
    }

    /// What was counted on the leg's stream.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.stream.counters()
    }

    /// Whether sound from the caller has stopped for too long.
    #[must_use]
    pub fn is_inactive(&self, now: Instant) -> bool {
        !self.is_held && self.stream.is_inactive(now)
    }

    /// The next thing to do; drain before the next input.
    pub fn poll_output(&mut self) -> Option<Work> {
        self.work.pop_front()
    }

    /// When [`Input::Tick`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.paused_since {
            Some(_) => None,
            None => self.conversation.poll_timeout().map(|at| at + self.paused_for),
        }
    }

    fn conversation_time(&self, now: Instant) -> Instant {
        let paused = self.paused_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        now.checked_sub(self.paused_for + paused).unwrap_or(now)
    }

    fn is_wanted(&self, turn: TurnId) -> bool {
        self.silenced.is_none_or(|last| turn > last)
    }

    fn drain_conversation(&mut self, now: Instant) {
        while let Some(output) = self.conversation.poll_output() {
            let work = self.take(now, output);
            self.work.extend(work);
        }
    }

    fn take(&mut self, now: Instant, output: Output) -> Option<Work> {
        Some(match output {
            Output::Transcribe { utterance, generation, frames, hint } => {
                Work::Transcribe { utterance, generation, pcm: self.sound.slice(frames), hint }
            }
            Output::JudgeTurn { utterance, generation, frames } => {
                Work::JudgeTurn { utterance, generation, pcm: self.sound.slice(frames) }
            }
            Output::Discard { utterance, generation } => Work::Discard { utterance, generation },
            Output::Rehearse { clauses } => Work::Rehearse { clauses },
            Output::Say { turn, clause, text } => Work::Say { turn, clause, text },
            Output::PauseSpeaking { .. } => {
                self.playout.pause();
                return None;
            }
            Output::GoOnSpeaking { .. } => {
                self.playout.go_on();
                return None;
            }
            Output::StopSpeaking { turn } => {
                self.silence(now, turn);
                Work::StopVoice { turn }
            }
            Output::Reply(request) => Work::Reply(request),
            Output::CancelReply { generation } => Work::CancelReply { generation },
            Output::Choose(request) => Work::Choose(request),
            Output::CancelChoice { generation } => Work::CancelChoice { generation },
            Output::Prepare { messages } => Work::Prepare { messages },
            Output::Extract(request) => Work::Extract(request),
            Output::Turn(turn) => Work::Turn(turn),
            Output::Slot(slot) => Work::Slot(slot),
            Output::SlotCleared(name) => Work::SlotCleared(name),
            Output::Escalate(briefing) => {
                self.is_aside = true;
                // `now` is the conversation's own time.
                self.pause(now + self.paused_for);
                Work::Escalate(briefing)
            }
            Output::End(reason) => Work::End(reason),
        })
    }

    /// The first clause that was not played to its end.
    fn next_clause_of(&self, turn: TurnId) -> u32 {
        self.last_played.filter(|(played, _)| *played == turn).map_or(0, |(_, clause)| clause + 1)
    }

    fn silence(&mut self, now: Instant, turn: TurnId) {
        self.silenced = Some(turn);
        let stopped = match self.playout.stop() {
            Some(at) => Input::Stopped { turn: at.turn, clause: at.clause, played: at.played },
            None => Input::Stopped { turn, clause: self.next_clause_of(turn), played: 0.0 },
        };
        self.conversation.handle_input(now, stopped);
    }
}
