//! Callers and callees: who calls, who is in use, who answers, and when each message came and went.

mod ends;

use crate::backstop::{BUSY, DESK};
use crate::media::{Connected, Media, Side};
use crate::sip::{Dialog, media, register};
use anyhow::Context as _;
use ends::{be_called, be_caller};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// What a call may take to come up or down.
const PATIENCE: Duration = Duration::from_secs(20);

/// All phones of a run.
pub(crate) struct Phones {
    line: Line,
    socket: Arc<UdpSocket>,
    media: Arc<Media>,
    events: Receiver<(u32, Event)>,
    told: Told,
    round: u32,
}

/// The callers' way to the service.
#[derive(Clone, Copy)]
struct Line {
    local: SocketAddr,
    service: SocketAddr,
    /// Whom each of them calls.
    called: fn(u32) -> String,
}

/// Where callees of another kind tell that they have answered.
#[derive(Clone)]
pub(crate) struct Told(Sender<(u32, Event)>);

/// Where it is told to what address a caller may send from now on.
pub(crate) type Connections = Sender<(u32, SocketAddr)>;

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
    index: u32,
    dialog: Dialog,
    invited: Instant,
    busy: Option<(Instant, Instant)>,
    desk: Option<(Instant, Instant)>,
    answered: Option<(Instant, String)>,
    refused: Option<u16>,
    /// Where the callee sends its sound.
    callee_to: Option<SocketAddr>,
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
    fn caller_to(&self) -> Option<SocketAddr> {
        media(&self.answered.as_ref()?.1)
    }

    /// Both ends, for a call that is up.
    pub(crate) fn connected(&self) -> anyhow::Result<Connected> {
        let to = self.caller_to().zip(self.callee_to);
        let (near, far) = to.with_context(|| format!("call {} failed: {:?}", self.index, self.refused))?;
        Ok(Connected { index: self.index, to: [near, far] })
    }

    fn is_settled(&self) -> bool {
        self.refused.is_some() || self.answered.is_some() && self.desk.is_some()
    }
}

impl Phones {
    /// Registers the callees and begins to listen.
    pub(crate) fn start(service: SocketAddr, sound: &Arc<Media>) -> anyhow::Result<Self> {
        let phones = Self::callers(service, Arc::clone(sound), |_| "shop".to_owned(), None)?;
        for phone in [BUSY, DESK] {
            let callee = open()?;
            register(&callee, service, phone)?;
            callee.set_read_timeout(None)?;
            let (told, sound) = (phones.told(), Arc::clone(sound));
            std::thread::spawn(move || be_called(&callee, &sound, &told.0));
        }
        Ok(phones)
    }

    /// Callers only, of whom each calls a number of their own. Who answers them tells so by [`Phones::told`].
    pub(crate) fn callers(
        service: SocketAddr,
        sound: Arc<Media>,
        called: fn(u32) -> String,
        connections: Option<Connections>,
    ) -> anyhow::Result<Self> {
        let (told, events) = channel();
        let socket = Arc::new(open()?);
        let line = Line { local: socket.local_addr()?, service, called };
        let (listening, caller_told) = (Arc::clone(&socket), told.clone());
        std::thread::spawn(move || be_caller(&listening, &line, &caller_told, connections.as_ref()));
        Ok(Self { line, socket, media: sound, events, told: Told(told), round: 0 })
    }

    /// For callees of another kind.
    pub(crate) fn told(&self) -> Told {
        self.told.clone()
    }

    /// One caller, whose call is to ring only. Gives when the INVITE went, too.
    pub(crate) fn ring(&mut self) -> anyhow::Result<(Placed, Instant)> {
        self.round += 1;
        let call = self.invite(0)?;
        let invited = call.invited;
        Ok((call, invited))
    }

    /// The caller gives up. Gives when the CANCEL went.
    pub(crate) fn give_up(&self, call: &Placed) -> anyhow::Result<Instant> {
        let at = Instant::now();
        self.socket.send_to(call.dialog.cancel().as_bytes(), self.line.service)?;
        Ok(at)
    }

    /// Waits until calls that were given up are over.
    pub(crate) fn settle(&self, calls: &mut [Placed]) -> anyhow::Result<()> {
        self.follow(calls, None, Instant::now() + PATIENCE, |calls| calls.iter().all(|call| call.refused.is_some()))
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
        let dialog = self.line.dialog(index, self.round);
        let invited = Instant::now();
        self.socket.send_to(dialog.invite(self.media.address(Side::Caller, index)).as_bytes(), self.line.service)?;
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
                self.socket.send_to(call.dialog.bye(response).as_bytes(), self.line.service)?;
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

impl Told {
    /// A call was answered: when it rang, when the answer went, and where the callee sends its sound.
    pub(crate) fn answered(&self, index: u32, rang: Instant, answered: Instant, to: SocketAddr) {
        // Nobody waits for it when the run has ended.
        let _heard = self.0.send((index, Event::Desk(rang, answered, to)));
    }
}

impl Line {
    fn dialog(&self, index: u32, round: u32) -> Dialog {
        let Self { local, service, called } = *self;
        Dialog { local, service, called: called(index), number: number(index), round }
    }
}

fn open() -> anyhow::Result<UdpSocket> {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context("no port")
}

fn number(index: u32) -> String {
    format!("+1212600{index:04}")
}
