//! Callers and callees: who calls, who is in use, who answers, and when each message came and went.

use crate::backstop::{BUSY, DESK};
use crate::media::{Media, Side};
use crate::sip::{self, Dialog, answer, description, header, media, register, status, user};
use anyhow::Context as _;
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

const LARGEST: usize = 8_192;
/// What a call may take to come up or down.
const PATIENCE: Duration = Duration::from_secs(20);

/// All phones of a run.
pub(crate) struct Phones {
    service: SocketAddr,
    socket: Arc<UdpSocket>,
    media: Arc<Media>,
    events: Receiver<(u32, Event)>,
    round: u32,
}

/// What happened to one call.
enum Event {
    /// The phone in use: when the INVITE came and when its 486 went.
    Busy(Instant, Instant),
    /// The desk phone: when the INVITE came and its 200 went, and where it sends its sound.
    Desk(Instant, Instant, SocketAddr),
    /// The 200 came to the caller.
    Answered(Instant, String),
    /// The caller was refused.
    Refused(u16),
    /// The caller's BYE was answered.
    Over,
}

/// One call.
pub(crate) struct Placed {
    pub(crate) index: u32,
    dialog: Dialog,
    invited: Instant,
    busy: Option<(Instant, Instant)>,
    desk: Option<(Instant, Instant)>,
    answered: Option<(Instant, String)>,
    pub(crate) refused: Option<u16>,
    /// Where the callee sends its sound.
    pub(crate) callee_to: Option<SocketAddr>,
    is_hanging_up: bool,
    is_over: bool,
}

impl Placed {
    /// From the INVITE to the 200 at the caller, without what the callees took.
    pub(crate) fn added(&self) -> Option<Duration> {
        let (answered, _) = self.answered.as_ref()?;
        let own: Duration = [self.busy?, self.desk?].iter().map(|(came, went)| went.duration_since(*came)).sum();
        Some(answered.duration_since(self.invited).saturating_sub(own))
    }

    /// From the INVITE at the caller to the one at the desk phone.
    pub(crate) fn reached(&self) -> Option<Duration> {
        Some(self.desk?.0.duration_since(self.invited))
    }

    /// Where the caller sends its sound.
    pub(crate) fn caller_to(&self) -> Option<SocketAddr> {
        media(&self.answered.as_ref()?.1)
    }

    fn is_settled(&self) -> bool {
        self.refused.is_some() || self.answered.is_some() && self.desk.is_some()
    }
}

impl Phones {
    /// Registers the callees and begins to listen.
    pub(crate) fn start(service: SocketAddr, sound: Arc<Media>) -> anyhow::Result<Self> {
        let (told, events) = channel();
        let open = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context("no port");
        let socket = Arc::new(open()?);
        for phone in [BUSY, DESK] {
            let callee = open()?;
            register(&callee, service, phone)?;
            callee.set_read_timeout(None)?;
            let (told, sound) = (told.clone(), Arc::clone(&sound));
            std::thread::spawn(move || be_called(&callee, &sound, &told));
        }
        let listening = Arc::clone(&socket);
        std::thread::spawn(move || be_caller(&listening, service, &told));
        Ok(Self { service, socket, media: sound, events, round: 0 })
    }

    /// Places so many calls, `rate` a second, and waits until all are up; with `hold`, until each has been up so long and is down.
    pub(crate) fn place(&mut self, count: u32, rate: f64, hold: Option<Duration>) -> anyhow::Result<Vec<Placed>> {
        self.round += 1;
        let start = Instant::now();
        let mut calls: Vec<Placed> = Vec::new();
        for index in 0..count {
            let due = start + Duration::from_secs_f64(f64::from(index) / rate);
            self.follow(&mut calls, hold, due, |_| false)?;
            calls.push(self.invite(index)?);
        }
        let is_done = |call: &Placed| if hold.is_some() { call.is_over } else { call.is_settled() };
        self.follow(&mut calls, hold, Instant::now() + PATIENCE, |calls| calls.iter().all(is_done))?;
        Ok(calls)
    }

    /// Hangs all of them up.
    pub(crate) fn hang_up(&mut self, mut calls: Vec<Placed>) -> anyhow::Result<()> {
        self.follow(&mut calls, Some(Duration::ZERO), Instant::now() + PATIENCE, |calls| {
            calls.iter().all(|call| call.is_over)
        })
    }

    fn invite(&self, index: u32) -> anyhow::Result<Placed> {
        let (service, round) = (self.service, self.round);
        let dialog = Dialog { local: self.socket.local_addr()?, service, number: number(index), round };
        let invited = Instant::now();
        self.socket.send_to(dialog.invite(self.media.address(Side::Caller, index)).as_bytes(), service)?;
        Ok(Placed {
            index,
            dialog,
            invited,
            busy: None,
            desk: None,
            answered: None,
            refused: None,
            callee_to: None,
            is_hanging_up: false,
            is_over: false,
        })
    }

    // Takes events in until `until`, or until `is_enough`.
    fn follow(
        &self,
        calls: &mut [Placed],
        hold: Option<Duration>,
        until: Instant,
        is_enough: impl Fn(&[Placed]) -> bool,
    ) -> anyhow::Result<()> {
        loop {
            let now = Instant::now();
            if let Some(hold) = hold {
                self.hang_up_due(calls, now, hold)?;
            }
            if now >= until || is_enough(calls) {
                return Ok(());
            }
            let wait = until.duration_since(now).min(Duration::from_millis(5));
            let Ok((index, event)) = self.events.recv_timeout(wait) else { continue };
            if let Some(call) = calls.get_mut(index as usize) {
                call.take(event);
            }
        }
    }

    fn hang_up_due(&self, calls: &mut [Placed], now: Instant, hold: Duration) -> anyhow::Result<()> {
        for call in calls.iter_mut().filter(|call| !call.is_hanging_up) {
            let Some((answered, response)) = &call.answered else { continue };
            if now.duration_since(*answered) >= hold {
                call.is_hanging_up = true;
                self.socket.send_to(call.dialog.bye(response).as_bytes(), self.service)?;
            }
        }
        Ok(())
    }
}

impl Placed {
    fn take(&mut self, event: Event) {
        match event {
            Event::Busy(came, went) => self.busy = self.busy.or(Some((came, went))),
            Event::Desk(came, went, to) => {
                self.desk = self.desk.or(Some((came, went)));
                self.callee_to = Some(to);
            }
            Event::Answered(at, response) if self.answered.is_none() => self.answered = Some((at, response)),
            Event::Answered(..) => {}
            Event::Refused(code) => (self.refused, self.is_over) = (Some(code), true),
            Event::Over => self.is_over = true,
        }
    }
}

fn number(index: u32) -> String {
    format!("+1212600{index:04}")
}

/// Which call a message is of: the caller's number is in it.
fn index(message: &str) -> Option<u32> {
    user(header(message, "From")?)?.strip_prefix("+1212600")?.parse().ok()
}

fn be_caller(socket: &UdpSocket, service: SocketAddr, told: &Sender<(u32, Event)>) {
    let Ok(local) = socket.local_addr() else { return };
    let mut buffer = [0; LARGEST];
    while let Ok(length) = socket.recv(&mut buffer) {
        let at = Instant::now();
        let Ok(message) = std::str::from_utf8(&buffer[..length]) else { continue };
        let (Some(index), Some(code), Some(cseq)) = (index(message), status(message), header(message, "CSeq")) else {
            // The service hangs up: nobody waits for that here, but it gets its answer.
            let _sent = socket.send_to(answer(message, "200 OK", local, "").as_bytes(), service);
            continue;
        };
        let event = match (code, cseq.ends_with("INVITE")) {
            (100..200, _) => continue,
            (200..300, true) => Event::Answered(at, message.to_owned()),
            (_, true) => Event::Refused(code),
            (_, false) => Event::Over,
        };
        if cseq.ends_with("INVITE") {
            let round = header(message, "Call-ID").and_then(|id| id.split('-').next()?.parse().ok()).unwrap_or(0);
            let dialog = Dialog { local, service, number: number(index), round };
            let _sent = socket.send_to(dialog.ack(message).as_bytes(), service);
        }
        if told.send((index, event)).is_err() {
            return;
        }
    }
}

/// One of the registered phones, or both: the user part of the request says which is meant.
fn be_called(socket: &UdpSocket, sound: &Media, told: &Sender<(u32, Event)>) {
    let Ok(local) = socket.local_addr() else { return };
    let mut buffer = [0; LARGEST];
    let mut answers: HashMap<String, String> = HashMap::new();
    while let Ok((length, from)) = socket.recv_from(&mut buffer) {
        let came = Instant::now();
        let Ok(message) = std::str::from_utf8(&buffer[..length]) else { continue };
        let method = message.split(' ').next().unwrap_or_default();
        let call = header(message, "Call-ID").unwrap_or_default().to_owned();
        let reply = match method {
            "ACK" | "SIP/2.0" => continue,
            "INVITE" if answers.contains_key(&call) => answers[&call].clone(),
            "INVITE" if user(message) == Some(BUSY) => answer(message, "486 Busy Here", local, ""),
            "INVITE" => {
                let at = sound.address(Side::Callee, index(message).unwrap_or(0));
                answer(message, "200 OK", local, &description(at))
            }
            _ => answer(message, "200 OK", local, ""),
        };
        let _sent = socket.send_to(reply.as_bytes(), from);
        let (went, is_new) = (Instant::now(), method == "INVITE" && !answers.contains_key(&call));
        if !is_new {
            continue;
        }
        let (Some(index), Some(to)) = (index(message), sip::media(message)) else { continue };
        let event = if status(&reply) == Some(486) { Event::Busy(came, went) } else { Event::Desk(came, went, to) };
        answers.insert(call, reply);
        if told.send((index, event)).is_err() {
            return;
        }
    }
}
