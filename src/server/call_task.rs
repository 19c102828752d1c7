//! One task per call: it owns the caller's leg, the legs that were dialled, the call's [`Call`] and [`Talk`], and does what they say.

mod caller;
mod escalation;
mod keys;
mod message;
mod queued;
mod relay;
mod salvage;
mod transfer;

use self::relay::listen;
use super::announcer::Announcer;
use super::branch::{BranchId, News};
use super::carrier::{Carrier, Events};
use super::clock;
use super::ear::{drain, open_stream, post, say, say_key};
use super::hold_tone::HoldTone;
use super::holding::Holding;
use super::journal::Journal;
use super::legs::{Legs, Parked};
use super::line::{CALLER, Line, LineEvent};
use super::notice::Notice;
use super::pace::{Beat, Pace};
use super::recording::Recording;
use super::service::Service;
use super::sound::Sound;
use super::targets::Caller;
use super::trunks::Place;
use super::voice::Listener;
use super::voicemail::Voicemail;
use super::workers::{Answer, CallWork};
use crate::call::{Action, Call, Outcome, QueueSignal, Signal, Talk, Work};
use crate::conversation::{Conversation, ConversationConfig, EndReason, Input};
use crate::id::{CallId, LegId, TurnId};
use crate::lead::Slot;
use crate::media::{Frame, Stream};
use crate::phone::PhoneNumber;
use crate::prompt::{LineName, LineVars};
use crate::routing::{CancelReason, Endpoint, Executor, Keypad, Step};
use crate::rtp::RtpSocket;
use crate::sip::Agreed;
use crate::speech::VoiceActivityDetector;
use crate::store::BRIDGED;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

/// What the task needs to know about an acceptable call.
pub(super) struct Leg {
    pub(super) carrier: Carrier,
    pub(super) events: Events,
    pub(super) caller: Caller,
    pub(super) agreed: Agreed,
    pub(super) socket: RtpSocket,
    /// What is tried for this call.
    pub(super) executor: Executor,
    /// What the receptionist tries when the caller needs a person.
    pub(super) escalation: Vec<Step>,
    /// Of a leg that we called, and that is up.
    pub(super) up: Option<Up>,
    /// Who waits for it.
    pub(super) parked: Option<Parked>,
}

/// A leg that is up already.
pub(super) struct Up {
    /// When we began to call it.
    pub(super) began: Instant,
    pub(super) stream: Stream,
    /// Its place on a trunk, given back at the call's end.
    pub(super) trunk: Option<Place>,
    /// The call under which a line keeps its caller's place.
    pub(super) place: Option<CallId>,
}

/// How the call went.
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    pub(super) lasted: Duration,
    pub(super) slots: Vec<Slot>,
    /// What a message said, or that it can't be made out.
    pub(super) message: Option<String>,
    pub(super) recording: Option<String>,
    pub(super) counters: serde_json::Value,
}

impl Ended {
    /// Of a call that left nothing but its outcome.
    pub(super) fn without_trace(outcome: Outcome) -> Self {
        let counters = serde_json::Value::Null;
        Self { outcome, lasted: Duration::ZERO, slots: Vec::new(), message: None, recording: None, counters }
    }
}

/// One call while it lasts.
pub(super) struct CallTask {
    service: Arc<Service>,
    journal: Journal,
    carrier: Carrier,
    events: Events,
    caller: Option<PhoneNumber>,
    agreed: Agreed,
    socket: RtpSocket,
    started: Instant,
    answered: Option<Instant>,
    call: Call,
    legs: Legs,
    news: mpsc::Receiver<(BranchId, News)>,
    holding: Holding,
    /// Who has talked with the caller.
    taken_by: Option<Endpoint>,
    sound: Sound,
    escalation: Vec<Step>,
    /// What the person is told whom the receptionist looks for; `None` while she looks for nobody.
    briefing: Option<LineVars>,
    /// The place at the receptionist, held while the conversation lasts.
    seat: Option<OwnedSemaphorePermit>,
    music: HoldTone,
    voicemail: Option<Voicemail>,
    message: Option<String>,
    slots: Vec<Slot>,
    next_turn: TurnId,
    /// Made when somebody is to be listened to.
    vad: Option<Box<dyn VoiceActivityDetector>>,
    work: CallWork,
    answers: mpsc::Receiver<Answer>,
    recording: Option<Recording>,
    /// Of who has the call.
    keypad: Keypad,
    hung_up: bool,
    ended: Option<Outcome>,
    /// Of a call that we began.
    trunk: Option<Place>,
}

impl CallTask {
    pub(super) fn new(service: Arc<Service>, journal: Journal, leg: Leg) -> Self {
        let (work, answers) = service.workers.begin_call();
        let Leg { carrier, events, caller, agreed, socket, executor, escalation, up, parked } = leg;
        let answered = up.is_some().then(clock::now);
        let (started, sound, trunk, place) = match up {
            None => (clock::now(), Sound::None, None, None),
            Some(up) => (up.began, Sound::Line(Box::new(Line::new(up.stream))), up.trunk, up.place),
        };
        let keypad = Keypad::new(&service.routing().directory.transfer_code);
        let number = caller.number.clone();
        let (mut legs, news) = Legs::new(Arc::clone(&service), caller);
        legs.park(parked);
        Self {
            vad: None,
            caller: number,
            legs,
            news,
            call: Call::new(executor),
            holding: Holding::new(service.queues.clone(), journal.call(), place),
            service,
            journal,
            carrier,
            events,
            agreed,
            socket,
            started,
            answered,
            taken_by: None,
            sound,
            escalation,
            briefing: None,
            seat: None,
            music: HoldTone::default(),
            voicemail: None,
            message: None,
            slots: Vec::new(),
            next_turn: TurnId::default(),
            work,
            answers,
            keypad,
            recording: None,
            hung_up: false,
            ended: None,
            trunk,
        }
    }

    /// Runs the call to its end.
    pub(super) async fn run(&mut self) -> Ended {
        let mut pace = Pace::new(clock::now());
        // Made once, and a child: all calls wait for the one token, and each new wait would take its turn at one lock.
        let mut shut_down = pin!(self.service.shut_down.child_token().cancelled_owned());
        let mut going_down = false;
        self.signal(if self.answered.is_some() { Signal::Reached } else { Signal::Invited }).await;
        while self.ended.is_none() {
            let relays = self.relays();
            pace.set_slow(self.only_relays());
            tokio::select! {
                biased;
                Some((branch, news)) = self.news.recv() => {
                    self.legs.take(branch, news).await;
                    self.follow_legs().await;
                }
                beat = pace.next(self.events.recv()) => match beat {
                    Beat::Event(event) => self.take_event(event).await,
                    Beat::Tick { missed } => self.tick(missed).await,
                },
                Some(event) = self.holding.next_event() => self.take_queue_event(event).await,
                Some(answer) = self.answers.recv() => self.take_answer(answer).await,
                () = &mut shut_down, if !going_down => {
                    going_down = true;
                    self.signal(Signal::ShutDown).await;
                }
                // Last: what comes in here ends no turn, and whatever else happens is heard first.
                () = listen(relays, &self.socket, &mut self.sound, &mut self.legs) => {}
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

    // What the legs have to tell; an action may make another leg fail at once, so until nothing is left.
    async fn follow_legs(&mut self) {
        while let Some((leg, signal)) = self.legs.poll_signal() {
            Box::pin(self.signal(Signal::Leg(leg, signal))).await;
        }
        Box::pin(self.follow_transfers()).await;
    }

    async fn act(&mut self, action: Action) {
        match action {
            Action::Ring => self.carrier.ring().await,
            Action::Answer => self.answer().await,
            Action::Converse => self.converse(),
            Action::Hold(held) => self.hold(held),
            Action::FinishConversation => self.finish_conversation(),
            Action::Dial { leg, endpoint } => {
                self.journal.rang(endpoint.person());
                self.legs.dial(leg, &endpoint, &self.call.ring_of(clock::now(), leg));
            }
            Action::AskToAccept(leg) => {
                self.legs.ask(leg);
                self.ask_to_accept(leg);
            }
            Action::Bridge(leg) => {
                self.end_talk();
                self.legs.bridge(leg);
                if let Some((endpoint, group)) = self.call.dialled(leg) {
                    self.service.standing().answered(endpoint, group);
                    self.note(BRIDGED, endpoint.to_string().into());
                    self.journal.took(endpoint.person());
                    self.taken_by = Some(endpoint.clone());
                    self.holding.talks(endpoint.person().clone()).await;
                }
            }
            Action::CancelLeg { leg, why } => {
                if matches!(why, CancelReason::Transferred | CancelReason::Lost) {
                    self.talked_enough();
                }
                self.legs.cancel(leg, why);
            }
            Action::TellTaken(leg) => {
                self.legs.dismiss(leg);
                self.tell(leg, LineName::AlreadyTaken, &LineVars::default());
            }
            Action::Announce(text) => {
                if let Sound::Line(line) = &mut self.sound {
                    line.announce(&self.work, &text);
                }
            }
            Action::PromiseCallback => self.promise_callback(),
            Action::TakeMessage => self.take_message(),
            Action::Join(queue) => self.join(queue).await,
            Action::Leave(_, why) => self.leave_line(why).await,
            Action::OfferLost(agent, why) => self.holding.lost(agent, why).await,
            Action::Resume => self.resume_talk(),
            Action::Note(note) => self.note("route", serde_json::to_value(note.to_string()).unwrap_or_default()),
            Action::Reject(code) => self.carrier.reject(code, "").await,
            Action::HangUp => {
                self.hung_up = true;
                self.seat = None;
                self.carrier.hang_up().await;
            }
            Action::Close(outcome) => self.ended = Some(outcome),
        }
    }

    async fn answer(&mut self) {
        self.carrier.accept(&self.agreed.answer).await;
        let now = clock::now();
        let after = self.started.elapsed();
        self.answered = Some(now);
        let stream = open_stream(now, &self.agreed, self.service.config.rtp.inactivity);
        self.sound = Sound::Line(Box::new(Line::new(stream)));
        self.journal.notify(Notice::Answered { call: self.journal.call(), after, codec: self.agreed.codec.name() });
        self.note("answered", serde_json::json!({ "codec": self.agreed.codec.name() }));
    }

    fn converse(&mut self) {
        self.seat = Arc::clone(&self.service.seats).try_acquire_owned().ok();
        if self.seat.is_none() {
            tracing::warn!(call = %self.journal.call(), "the receptionist talks with as many callers as she can: on to the plan's next step");
            self.note("route", "the receptionist has no place free".into());
            return self.call.handle_input(clock::now(), Signal::Ended(EndReason::HandedOn));
        }
        let Sound::Line(line) = std::mem::replace(&mut self.sound, Sound::None) else { return };
        let now = clock::now();
        let config = ConversationConfig { escalates: !self.escalation.is_empty(), ..self.service.conversation.clone() };
        let conversation = Conversation::new(now, config, Arc::clone(&self.service.prompt))
            .from_turn(self.next_turn)
            .begun_on(clock::wall());
        self.begin_recording();
        let mut talk = Talk::new(now, line.into_stream(), conversation, self.caller.clone());
        talk.hold(now, self.agreed.direction.is_held());
        self.sound = Sound::Talk(Box::new(talk));
    }

    fn begin_recording(&mut self) {
        if self.recording.is_none() {
            self.recording = self.service.begin_recording(&self.journal.call().to_string());
        }
    }

    // The stream knows already: what was agreed told it. A conversation stops its clock as well.
    fn hold(&mut self, held: bool) {
        self.note("hold", serde_json::json!({ "held": held }));
        if let Sound::Talk(talk) = &mut self.sound {
            talk.hold(clock::now(), held);
        }
    }

    fn finish_conversation(&mut self) {
        self.hung_up = true;
        // What is still gathered keeps nobody waiting.
        self.seat = None;
        self.note("leg_ended", serde_json::Value::Null);
        self.sound.hung_up(clock::now());
    }

    fn tell(&mut self, leg: LegId, line: LineName, vars: &LineVars) {
        let text = self.service.prompt.line(line, vars);
        if let Some(announcer) = self.legs.announcer(leg) {
            announcer.tell(&self.work, leg, &text);
        }
    }

    /// 20 ms of the call: hear, think, speak.
    async fn tick(&mut self, missed: u32) {
        let now = clock::now();
        if !self.relays() {
            self.legs.skip(missed);
            if let Some(stream) = self.sound.stream_mut() {
                (0..missed).for_each(|_| stream.skip());
                drain(&self.socket, stream, now);
            }
        }
        if self.call.poll_timeout().is_some_and(|due| due <= now) {
            self.signal(Signal::Tick).await;
        }
        match &self.sound {
            Sound::None => _ = self.legs.tick(now, Some(&Frame::SILENCE), &[]),
            Sound::Line(_) => self.tick_line(now).await,
            Sound::Talk(_) => self.tick_talk(now).await,
        }
        self.follow_legs().await;
        self.do_work().await;
    }

    async fn tick_line(&mut self, now: Instant) {
        let relays = self.relays();
        let Sound::Line(line) = &mut self.sound else { return };
        let (vad, service) = (&mut self.vad, &self.service);
        let caller = if relays {
            line.hear_keys();
            None
        } else {
            let speech = |frame: &Frame| vad.get_or_insert_with(|| service.workers.voice_activity()).probability(frame);
            Some(line.hear(now, speech))
        };
        // Whoever is put on hold hears music.
        let for_other = caller.map(|caller| if line.stream_mut().is_held() { line.next_music() } else { caller });
        let other = self.legs.tick(now, for_other.as_ref(), &line.take_keys());
        let other = other.map(|frame| if self.legs.is_held() { line.next_music() } else { frame });
        let dialled = self.follow_keys(now);
        let Sound::Line(line) = &mut self.sound else { return };
        let event = match caller {
            None => {
                say_key(now, &self.socket, line.stream_mut());
                line.poll_event()
            }
            Some(caller) => {
                let heard = line.next_frame(other.as_ref());
                let event = line.poll_event();
                if !self.hung_up {
                    say(&self.socket, line.stream_mut(), &heard);
                    self.record(&caller, &heard);
                }
                event
            }
        };
        let lost = self.sound.stream_mut().is_some_and(|stream| stream.is_inactive(now));
        if let Some(dialled) = dialled {
            self.transfer_by_keys(&dialled).await;
        }
        if let Some(event) = event {
            self.line_event(event).await;
        }
        self.check_voicemail(now).await;
        if lost && !self.hung_up {
            self.media_lost().await;
        }
    }

    async fn line_event(&mut self, event: LineEvent) {
        match event {
            LineEvent::Announced => self.signal(Signal::Announced).await,
            LineEvent::MessageWanted => self.signal(Signal::Queue(QueueSignal::MessageWanted)).await,
            LineEvent::CallbackWanted => self.signal(Signal::Queue(QueueSignal::CallbackWanted)).await,
            LineEvent::MessageOver => self.keep_message(),
            LineEvent::GoodbyeHeard => {
                if let Some(voicemail) = &mut self.voicemail {
                    voicemail.farewell_is_over();
                }
            }
        }
    }

    async fn tick_talk(&mut self, now: Instant) {
        let Sound::Talk(talk) = &mut self.sound else { return };
        let caller = talk.hear(now);
        let vad = self.vad.get_or_insert_with(|| self.service.workers.voice_activity());
        let speech = vad.probability(&caller);
        if !self.hung_up {
            talk.heard(now, &caller, speech);
        }
        if talk.poll_timeout().is_some_and(|due| due <= now) {
            talk.handle_input(now, Input::Tick);
        }
        let _nobody_is_connected = self.legs.tick(now, Some(&Frame::SILENCE), &[]);
        if self.hung_up {
            return;
        }
        let lost = talk.is_inactive(now);
        let heard = if talk.is_aside() {
            let music = self.music.next_frame();
            say(&self.socket, talk.stream_mut(), &music);
            music
        } else {
            let (receptionist, packet) = talk.speak(now);
            if let Some(packet) = packet {
                post(&self.socket, packet);
            }
            receptionist
        };
        self.record(&caller, &heard);
        if lost {
            self.media_lost().await;
        }
    }

    async fn media_lost(&mut self) {
        self.note("media_lost", serde_json::Value::Null);
        self.signal(Signal::MediaLost).await;
    }

    fn record(&mut self, caller: &Frame, other: &Frame) {
        if let Some(recording) = &mut self.recording
            && let Err(error) = recording.add(caller, other)
        {
            tracing::error!(call = %self.journal.call(), %error, "the recording stops here");
            self.recording = None;
        }
    }

    async fn take_answer(&mut self, answer: Answer) {
        match answer {
            Answer::Input(Input::Transcribed { result, .. }) if self.voicemail.is_some() => {
                if let Some(work) = self.voicemail.as_mut().and_then(|voicemail| voicemail.transcribed(result)) {
                    self.work.give(work);
                }
            }
            Answer::Input(input) => self.sound.think(clock::now(), input),
            Answer::Voice { listener, pcm } => match self.announcer(listener) {
                Some(announcer) => announcer.voice(&pcm),
                None => self.sound.voice(listener, &pcm),
            },
            Answer::VoiceFinished(listener) => match self.announcer(listener) {
                Some(announcer) => announcer.voice_ended(),
                None => self.sound.voice_finished(listener),
            },
            Answer::VoiceFailed(listener) => match self.announcer(listener) {
                Some(announcer) => announcer.voice_ended(),
                None => self.sound.voice_failed(clock::now(), listener),
            },
        }
        self.do_work().await;
    }

    /// Who plays what is spoken to a leg; nobody for what belongs to the conversation.
    fn announcer(&mut self, listener: Listener) -> Option<&mut Announcer> {
        match (listener, &mut self.sound) {
            (Listener::Leg(CALLER), Sound::Line(line)) => Some(line.announcer()),
            (Listener::Leg(leg), _) => self.legs.announcer(leg),
            (Listener::Conversation { .. }, _) => None,
        }
    }

    async fn do_work(&mut self) {
        // The boxed future breaks the circle signal -> work -> signal.
        while let Sound::Talk(talk) = &mut self.sound
            && let Some(work) = talk.poll_output()
        {
            match work {
                Work::Turn(turn) => {
                    self.next_turn = self.next_turn.max(turn.id.next());
                    self.journal.turn(turn);
                }
                Work::Slot(slot) => self.journal.slot(slot),
                Work::SlotCleared(name) => self.journal.slot_cleared(name),
                Work::End(reason) => {
                    let ahead = serde_json::to_value(talk.work_ahead()).unwrap_or_default();
                    self.note("worked_ahead", ahead);
                    Box::pin(self.signal(Signal::Ended(reason))).await;
                }
                Work::Escalate(briefing) => Box::pin(self.escalate(briefing)).await,
                work => self.work.give(work),
            }
        }
    }

    fn note(&self, kind: &'static str, detail: serde_json::Value) {
        self.journal.event(self.started.elapsed(), kind, detail);
    }

    // Who had the call is free again.
    fn talked_enough(&mut self) {
        self.holding.talked_enough();
        if let Some(endpoint) = self.taken_by.take() {
            self.service.standing().ended(&endpoint, clock::now());
        }
    }

    fn finish(&mut self) -> Ended {
        self.legs.cancel_all();
        self.talked_enough();
        let recording = self.recording.take().and_then(|recording| match recording.finish() {
            Ok(path) => Some(path.display().to_string()),
            Err(error) => {
                tracing::error!(call = %self.journal.call(), %error, "the recording could not be finished");
                None
            }
        });
        let counters = self.sound.counters().and_then(|counters| serde_json::to_value(counters).ok());
        self.end_talk();
        Ended {
            outcome: self.ended.unwrap_or(Outcome::Broken),
            lasted: self.answered.map_or(Duration::ZERO, |answered| answered.elapsed()),
            slots: std::mem::take(&mut self.slots),
            message: self.message.take(),
            recording,
            counters: counters.unwrap_or_default(),
        }
    }
}
