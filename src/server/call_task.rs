//! One task per call: it owns the leg's socket, its [`Call`] and its [`Talk`], and does what they say.

use super::clock;
use super::journal::Journal;
use super::notice::Notice;
use super::recording::Recording;
use super::service::Service;
use super::workers::{Answer, CallWork};
use crate::call::{Action, Call, Outcome, Signal, Talk, Work};
use crate::conversation::{Conversation, Input};
use crate::lead::Slot;
use crate::media::{Frame, Stream, StreamConfig, StreamSeed};
use crate::phone::PhoneNumber;
use crate::rtp::RtpSocket;
use crate::sip::{Agreed, Dialog, DialogEvent, Reoffer};
use crate::speech::VoiceActivityDetector;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Longest RTP datagram that is looked at; telephone audio needs a few hundred bytes.
const DATAGRAM_BYTES: usize = 2_048;

/// What the task needs to know about an acceptable call.
pub(super) struct Leg {
    pub(super) dialog: Dialog,
    pub(super) events: mpsc::Receiver<DialogEvent>,
    pub(super) caller: Option<PhoneNumber>,
    pub(super) agreed: Agreed,
    pub(super) socket: RtpSocket,
}

/// How the call went.
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    pub(super) lasted: Duration,
    pub(super) slots: Vec<Slot>,
    pub(super) recording: Option<String>,
    pub(super) counters: serde_json::Value,
}

impl Ended {
    /// Of a call that left nothing but its outcome.
    pub(super) fn without_trace(outcome: Outcome) -> Self {
        let counters = serde_json::Value::Null;
        Self { outcome, lasted: Duration::ZERO, slots: Vec::new(), recording: None, counters }
    }
}

/// One call while it lasts.
pub(super) struct CallTask {
    service: Arc<Service>,
    journal: Journal,
    leg: Leg,
    started: Instant,
    answered: Option<Instant>,
    call: Call,
    talk: Option<Talk>,
    vad: Box<dyn VoiceActivityDetector>,
    work: CallWork,
    answers: mpsc::Receiver<Answer>,
    recording: Option<Recording>,
    hung_up: bool,
    ended: Option<Outcome>,
}

impl CallTask {
    pub(super) fn new(service: Arc<Service>, journal: Journal, leg: Leg) -> Self {
        let (work, answers) = service.workers.begin_call();
        Self {
            vad: service.workers.voice_activity(),
            service,
            journal,
            leg,
            started: clock::now(),
            answered: None,
            call: Call::new(),
            talk: None,
            work,
            answers,
            recording: None,
            hung_up: false,
            ended: None,
        }
    }

    /// Runs the call to its end.
    pub(super) async fn run(mut self) -> Ended {
        let mut ticks = tokio::time::interval(crate::media::FRAME_DURATION);
        let mut datagram = [0; DATAGRAM_BYTES];
        let shut_down = self.service.shut_down.clone();
        let mut going_down = false;
        self.signal(Signal::Invited).await;
        while self.ended.is_none() {
            tokio::select! {
                biased;
                _ = ticks.tick() => self.tick().await,
                Some(answer) = self.answers.recv() => self.take_answer(answer).await,
                event = self.leg.events.recv() => self.take_event(event).await,
                received = self.leg.socket.recv(&mut datagram) => {
                    if let (Ok((length, source)), Some(talk)) = (received, &mut self.talk) {
                        talk.receive(clock::now(), source, &datagram[..length]);
                    }
                }
                () = shut_down.cancelled(), if !going_down => {
                    going_down = true;
                    self.signal(Signal::ShutDown).await;
                }
            }
        }
        self.finish()
    }

    async fn signal(&mut self, signal: Signal) {
        self.call.handle_input(clock::now(), signal);
        while let Some(action) = self.call.poll_output() {
            self.act(action).await;
        }
        self.do_work().await;
    }

    async fn act(&mut self, action: Action) {
        match action {
            Action::Ring => self.leg.dialog.ring().await,
            Action::Answer => self.answer().await,
            Action::Converse => self.converse(),
            Action::Hold(held) => {
                self.note("hold", serde_json::json!({ "held": held }));
                if let Some(talk) = &mut self.talk {
                    talk.hold(clock::now(), held);
                }
            }
            Action::FinishConversation => {
                self.hung_up = true;
                self.note("leg_ended", serde_json::Value::Null);
                if let Some(talk) = &mut self.talk {
                    talk.hold(clock::now(), false);
                    talk.handle_input(clock::now(), Input::HungUp);
                }
            }
            Action::Reject(code) => self.leg.dialog.reject(code, "").await,
            Action::HangUp => {
                self.hung_up = true;
                self.leg.dialog.hang_up().await;
            }
            Action::Close(outcome) => self.ended = Some(outcome),
        }
    }

    async fn answer(&mut self) {
        self.leg.dialog.accept(&self.leg.agreed.answer).await;
        let after = self.started.elapsed();
        self.answered = Some(clock::now());
        self.journal.notify(Notice::Answered { call: self.journal.call(), after, codec: self.leg.agreed.codec.name() });
        self.note("answered", serde_json::json!({ "codec": self.leg.agreed.codec.name() }));
    }

    fn converse(&mut self) {
        let now = clock::now();
        let agreed = &self.leg.agreed;
        let config = StreamConfig {
            codec: agreed.codec,
            event_payload_type: agreed.event_payload_type,
            remote: agreed.remote,
            inactivity: self.service.config.rtp.inactivity,
        };
        let seed = u128::from_be_bytes(*uuid::Uuid::new_v4().as_bytes());
        let seed = StreamSeed { ssrc: seed as u32, sequence: (seed >> 32) as u16, timestamp: (seed >> 64) as u32 };
        let conversation = Conversation::new(now, self.service.conversation.clone(), Arc::clone(&self.service.prompt));
        self.recording = self.service.begin_recording(&self.journal.call().to_string());
        let mut talk = Talk::new(now, Stream::new(now, config, seed), conversation, self.leg.caller.clone());
        talk.hold(now, agreed.direction.is_held());
        self.talk = Some(talk);
    }

    /// 20 ms of the call: hear, think, speak.
    async fn tick(&mut self) {
        let now = clock::now();
        let Some(talk) = &mut self.talk else { return };
        let caller = talk.hear(now);
        let speech = self.vad.probability(&caller);
        if !self.hung_up {
            talk.heard(now, &caller, speech);
        }
        if self.call.poll_timeout().is_some_and(|due| due <= now) {
            self.signal(Signal::Tick).await;
        }
        let Some(talk) = &mut self.talk else { return };
        if talk.poll_timeout().is_some_and(|due| due <= now) {
            talk.handle_input(now, Input::Tick);
        }
        if !self.hung_up {
            let (receptionist, packet) = talk.speak(now);
            let lost = talk.is_inactive(now);
            if let Some((remote, bytes)) = packet {
                // A full socket buffer loses this packet, as the network might.
                let _sent = self.leg.socket.try_send_to(&bytes, remote);
            }
            self.record(&caller, &receptionist);
            if lost {
                self.note("media_lost", serde_json::Value::Null);
                self.signal(Signal::MediaLost).await;
            }
        }
        self.do_work().await;
    }

    fn record(&mut self, caller: &Frame, receptionist: &Frame) {
        if let Some(recording) = &mut self.recording
            && let Err(error) = recording.add(caller, receptionist)
        {
            tracing::error!(call = %self.journal.call(), %error, "the recording stops here");
            self.recording = None;
        }
    }

    async fn take_answer(&mut self, answer: Answer) {
        let now = clock::now();
        if let Some(talk) = &mut self.talk {
            match answer {
                Answer::Input(input) => talk.handle_input(now, input),
                Answer::Voice { turn, clause, pcm } => talk.voice(turn, clause, &pcm),
                Answer::VoiceFinished { turn, clause } => talk.voice_finished(turn, clause),
                Answer::VoiceFailed { turn, clause } => talk.voice_failed(now, turn, clause),
            }
        }
        self.do_work().await;
    }

    async fn take_event(&mut self, event: Option<DialogEvent>) {
        match event {
            Some(DialogEvent::Confirmed) => self.signal(Signal::Confirmed).await,
            Some(DialogEvent::Cancelled) => self.signal(Signal::Cancelled).await,
            Some(DialogEvent::HungUp) | None => self.signal(Signal::HungUp).await,
            Some(DialogEvent::Failed { code, reason }) => {
                self.note("dialog_failed", serde_json::json!({ "code": code, "reason": reason }));
                self.signal(Signal::HungUp).await;
            }
            Some(DialogEvent::Digit(digit)) => {
                if let Some(talk) = &mut self.talk {
                    talk.handle_input(clock::now(), Input::Digit(digit));
                }
                self.do_work().await;
            }
            Some(DialogEvent::Reoffer(reoffer)) => self.answer_reoffer(reoffer).await,
            // The caller left the offer to us, and answers it with the ACK.
            Some(DialogEvent::Answered(answer)) => {
                if let Ok(agreed) = self.leg.agreed.answer.agree(&answer) {
                    self.take_agreed(agreed).await;
                }
            }
            Some(DialogEvent::Ringing { .. }) => {}
        }
    }

    async fn answer_reoffer(&mut self, reoffer: Reoffer) {
        match reoffer.agree(&self.leg.agreed) {
            Some(agreed) => {
                reoffer.accept(&agreed.answer).await;
                self.take_agreed(agreed).await;
            }
            None => reoffer.refuse(488).await,
        }
    }

    async fn take_agreed(&mut self, agreed: Agreed) {
        let held = agreed.direction.is_held();
        let has_moved = (agreed.remote, agreed.codec) != (self.leg.agreed.remote, self.leg.agreed.codec);
        if let Some(talk) = &mut self.talk
            && has_moved
            && !held
        {
            talk.stream_mut().set_remote(agreed.remote, agreed.codec, agreed.event_payload_type);
        }
        self.leg.agreed = agreed;
        self.signal(Signal::Held(held)).await;
    }

    async fn do_work(&mut self) {
        // The boxed future breaks the circle signal -> work -> signal.
        while let Some(work) = self.talk.as_mut().and_then(Talk::poll_output) {
            match work {
                Work::Turn(turn) => self.journal.turn(turn),
                Work::Slot(slot) => self.journal.slot(slot),
                Work::SlotCleared(name) => self.journal.slot_cleared(name),
                Work::End(reason) => Box::pin(self.signal(Signal::Ended(reason))).await,
                work => self.work.give(work),
            }
        }
    }

    fn note(&self, kind: &'static str, detail: serde_json::Value) {
        self.journal.event(self.started.elapsed(), kind, detail);
    }

    fn finish(mut self) -> Ended {
        let recording = self.recording.take().and_then(|recording| match recording.finish() {
            Ok(path) => Some(path.display().to_string()),
            Err(error) => {
                tracing::error!(call = %self.journal.call(), %error, "the recording could not be finished");
                None
            }
        });
        let counters = self.talk.as_ref().and_then(|talk| serde_json::to_value(talk.counters()).ok());
        Ended {
            outcome: self.ended.unwrap_or(Outcome::Broken),
            lasted: self.answered.map_or(Duration::ZERO, |answered| answered.elapsed()),
            slots: self.talk.as_ref().map(Talk::slots).unwrap_or_default(),
            recording,
            counters: counters.unwrap_or_default(),
        }
    }
}
