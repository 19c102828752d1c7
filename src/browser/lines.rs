//! The in-app line at work: pages that are open, the calls in them, and their media.
//!
//! ```text
//! web ── Page ──▶ Exchange ◀── PageLeg ── server
//!                  │    ▲
//!                  ▼    │
//!                 MediaPort ◀── RtpSocket ── the call
//! ```

use super::exchange::{CallKey, Exchange, Input, LegNews, Output, PageId, Wish};
use super::media::{MediaId, MediaPort};
use super::message::{FromPage, Hello, LONGEST, Ring, RingOver, ToPage};
use crate::clock;
use crate::routing::PersonId;
use crate::rtp::{Pipe, RtpSocket};
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

/// Messages that may wait for a page; one that does not read them is closed.
const INBOX: usize = 256;
/// Events that may wait for a call; what a page does beyond is lost.
const EVENTS: usize = 64;
/// Errands that may wait; more are refused, and the page is told so.
const ERRANDS: usize = 256;

/// What the in-app line needs to know.
pub struct LineSettings {
    /// The address of the one UDP port.
    pub bind: SocketAddr,
    /// The addresses by which browsers reach it; empty for those of this machine.
    pub advertised: Vec<IpAddr>,
    /// How long a page that is gone in mid-call may take to come back.
    pub rejoin_within: Duration,
    /// Who takes calls once they have a page open.
    pub available: Vec<PersonId>,
    /// What a page of a person is told first; [`Hello::available`] and [`Hello::media`] are filled in here.
    pub greeting: Box<dyn Fn(&PersonId) -> Hello + Send + Sync>,
}

/// Something to be done for a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Keep whether the person takes calls.
    Keep(PersonId, bool),
    /// A page of this person wants something.
    Wish(PageId, PersonId, Wish),
}

/// What happens to a call in its person's pages. After `Declined`, `Gone`, `Lost` or `HungUp` nothing follows.
#[derive(Debug)]
pub enum PageEvent {
    /// Somebody has answered: the way for sound, which works already. PCMU both ways.
    Answered(RtpSocket),
    /// The person does not want it.
    Declined,
    /// All pages are gone, or no sound gets through.
    Gone,
    /// The page that had it did not come back.
    Lost,
    /// The user ended it.
    HungUp,
    /// The user holds the call, or goes on.
    Held(bool),
    /// A key pressed.
    Key(char),
    /// The user passes it on to this name or extension.
    Transfer(String),
}

/// All pages. Clones are the same.
#[derive(Clone)]
pub struct Lines(Arc<Shared>);

struct Shared {
    state: Mutex<Switchboard>,
    media: MediaPort,
    errands: mpsc::Sender<Errand>,
    greeting: Box<dyn Fn(&PersonId) -> Hello + Send + Sync>,
    /// A deadline may have changed.
    changed: Notify,
}

struct Switchboard {
    exchange: Exchange,
    pages: HashMap<PageId, mpsc::Sender<String>>,
    legs: HashMap<CallKey, Leg>,
    /// Numbers given so far.
    next: u64,
}

struct Leg {
    events: mpsc::Sender<PageEvent>,
    media: MediaId,
    pipe: Pipe,
    /// Until the call is answered.
    socket: Option<RtpSocket>,
}

/// A page that somebody has open. When it is dropped, the page is gone.
#[derive(Debug)]
pub struct Page {
    lines: Lines,
    id: PageId,
    messages: mpsc::Receiver<String>,
}

/// A call that rings or goes on in a person's pages. Clones are the same; when the last one is dropped, the call is over.
#[derive(Clone, Debug)]
pub struct PageLeg(Arc<Owned>);

#[derive(Debug)]
struct Owned {
    lines: Lines,
    key: CallKey,
}

impl Lines {
    /// Opens the port. Gives what is to be done for pages, too.
    ///
    /// # Errors
    /// When the port can't be had.
    pub async fn open(
        settings: LineSettings,
        shut_down: CancellationToken,
    ) -> io::Result<(Self, mpsc::Receiver<Errand>)> {
        let socket = UdpSocket::bind(settings.bind).await?;
        let candidates = candidates(socket.local_addr()?, &settings.advertised)?;
        let (errands, errands_out) = mpsc::channel(ERRANDS);
        let exchange = Exchange::new(settings.rejoin_within, settings.available);
        let lines = Self(Arc::new(Shared {
            state: Mutex::new(Switchboard { exchange, pages: HashMap::new(), legs: HashMap::new(), next: 0 }),
            media: MediaPort::open(socket, candidates),
            errands,
            greeting: settings.greeting,
            changed: Notify::new(),
        }));
        tokio::spawn(keep_time(lines.clone(), shut_down));
        Ok((lines, errands_out))
    }

    /// A page of this person was opened.
    #[must_use]
    pub fn connect(&self, person: PersonId) -> Page {
        let (inbox, messages) = mpsc::channel(INBOX);
        let mut state = self.locked();
        let id = PageId(state.number());
        state.pages.insert(id, inbox);
        self.input(state, Input::Opened(id, person));
        Page { lines: self.clone(), id, messages }
    }

    /// Rings in the person's pages, or (`only`) in one of them. `None` when nobody would hear it.
    #[must_use]
    pub fn ring(
        &self,
        person: &PersonId,
        ring: Ring,
        only: Option<PageId>,
    ) -> Option<(PageLeg, mpsc::Receiver<PageEvent>)> {
        let (events, news) = mpsc::channel(EVENTS);
        let mut state = self.locked();
        let is_there = match only {
            Some(page) => state.exchange.whose(page) == Some(person) && !state.exchange.is_talking(person),
            None => state.exchange.is_reachable(person),
        };
        if !is_there {
            return None;
        }
        let key = CallKey(state.number());
        let (media, socket, pipe) = self.0.media.line();
        state.legs.insert(key, Leg { events, media, pipe, socket: Some(socket) });
        self.input(state, Input::Rung { key, person: person.clone(), ring, only });
        Some((PageLeg(Arc::new(Owned { lines: self.clone(), key })), news))
    }

    /// Whether a call would ring in a page of the person: one is open, they take calls, and talk with nobody.
    #[must_use]
    pub fn is_reachable(&self, person: &PersonId) -> bool {
        self.locked().exchange.is_reachable(person)
    }

    /// Whether the person takes calls in a page that is open; they may talk in it.
    #[must_use]
    pub fn is_open(&self, person: &PersonId) -> bool {
        self.locked().exchange.is_open(person)
    }

    /// Whether the person talks in a page.
    #[must_use]
    pub fn is_talking(&self, person: &PersonId) -> bool {
        self.locked().exchange.is_talking(person)
    }

    /// Tells the pages that are open something: what `message` gives for their person.
    pub fn tell(&self, message: impl Fn(&PersonId) -> Option<ToPage>) {
        let mut state = self.locked();
        let told: Vec<_> = state.exchange.pages().filter_map(|(page, person)| Some((page, message(person)?))).collect();
        for (page, message) in told {
            state.tell(page, &message);
        }
    }

    /// The pages that are open, and whose they are.
    #[must_use]
    pub fn pages(&self) -> Vec<(PageId, PersonId)> {
        self.locked().exchange.pages().map(|(page, person)| (page, person.clone())).collect()
    }

    /// Tells one page something.
    pub fn tell_page(&self, page: PageId, message: &ToPage) {
        self.locked().tell(page, message);
    }

    /// Greets every page anew: the configuration has changed.
    pub fn greet_all(&self) {
        let mut state = self.locked();
        let pages: Vec<PageId> = state.exchange.pages().map(|(page, _)| page).collect();
        for page in pages {
            self.greet(&mut state, page);
        }
    }

    /// Calls that ring or go on in pages, and media connections that are open.
    #[must_use]
    pub fn in_use(&self) -> (usize, usize) {
        (self.locked().exchange.calls(), self.0.media.in_use())
    }

    /// Where browsers send sound to.
    #[must_use]
    pub fn media_address(&self) -> SocketAddr {
        self.0.media.address()
    }

    // A panic while it is held leaves at worst a call that ends by its time.
    fn locked(&self) -> MutexGuard<'_, Switchboard> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn input(&self, mut state: MutexGuard<'_, Switchboard>, input: Input) {
        state.exchange.handle_input(clock::now(), input);
        while let Some(output) = state.exchange.poll_output() {
            self.act(&mut state, output);
        }
        drop(state);
        self.0.changed.notify_one();
    }

    fn act(&self, state: &mut Switchboard, output: Output) {
        match output {
            Output::Tell(page, message) => state.tell(page, &message),
            Output::Greet(page) => self.greet(state, page),
            Output::Close(page) => _ = state.pages.remove(&page),
            Output::Leg(key, news) => state.tell_leg(key, news),
            Output::Keep(person, available) => self.errand(state, None, Errand::Keep(person, available)),
            Output::Wish(page, person, wish) => self.errand(state, Some(page), Errand::Wish(page, person, wish)),
            Output::Connect(key, attempt, offer) => {
                let Some(leg) = state.legs.get(&key) else { return };
                let (lines, media, pipe) = (self.clone(), leg.media, leg.pipe.clone());
                tokio::spawn(async move {
                    match lines.0.media.connect(media, offer, pipe).await {
                        Ok(opened) => {
                            lines.input(lines.locked(), Input::Agreed(key, attempt, opened.answer));
                            if !lines.locked().legs.contains_key(&key) {
                                // The call was over before its media were open.
                                return lines.0.media.close(media).await;
                            }
                            if opened.connected.await.is_ok() {
                                lines.input(lines.locked(), Input::Connected(key, attempt));
                            }
                        }
                        Err(error) => lines.input(lines.locked(), Input::Refused(key, attempt, error.to_string())),
                    }
                });
            }
            Output::Disconnect(key) => {
                if let Some(leg) = state.legs.remove(&key) {
                    let port = self.0.media.clone();
                    tokio::spawn(async move { port.close(leg.media).await });
                }
            }
        }
    }

    fn greet(&self, state: &mut Switchboard, page: PageId) {
        let Some(person) = state.exchange.whose(page).cloned() else { return };
        let address = self.0.media.address();
        let hello = Hello {
            available: state.exchange.is_available(&person),
            media: format!("{} UDP port {}", address.ip(), address.port()),
            ..(self.0.greeting)(&person)
        };
        state.tell(page, &ToPage::Hello(hello));
    }

    fn errand(&self, state: &mut Switchboard, page: Option<PageId>, errand: Errand) {
        if self.0.errands.try_send(errand).is_err() {
            tracing::error!("the service can't follow what pages want: a wish is lost");
            if let Some(page) = page {
                let text = "The service is too busy. Try again in a moment.".to_owned();
                state.tell(page, &ToPage::Problem { call: None, text });
            }
        }
    }
}

impl Switchboard {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn tell(&mut self, page: PageId, message: &ToPage) {
        let Some(inbox) = self.pages.get(&page) else { return };
        let Ok(text) = serde_json::to_string(message) else { return };
        if inbox.try_send(text).is_err() {
            tracing::warn!("a page does not read what it is told, and is closed");
            self.pages.remove(&page);
        }
    }

    fn tell_leg(&mut self, key: CallKey, news: LegNews) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let event = match news {
            LegNews::Answered => match leg.socket.take() {
                Some(socket) => PageEvent::Answered(socket),
                None => return,
            },
            LegNews::Declined => PageEvent::Declined,
            LegNews::Gone => PageEvent::Gone,
            LegNews::Lost => PageEvent::Lost,
            LegNews::HungUp => PageEvent::HungUp,
            LegNews::Held(held) => PageEvent::Held(held),
            LegNews::Key(key) => PageEvent::Key(key),
            LegNews::Transfer(to) => PageEvent::Transfer(to),
        };
        if leg.events.try_send(event).is_err() {
            tracing::debug!("a call does not hear what its page does");
        }
    }
}

impl Page {
    /// Names it.
    #[must_use]
    pub fn id(&self) -> PageId {
        self.id
    }

    /// Takes in what the page tells: one message, JSON. What can't be understood is told to the page and changes nothing.
    pub fn receive(&self, text: &str) {
        let message = if text.len() > LONGEST {
            Err(format!("a message of {} bytes is too long", text.len()))
        } else {
            serde_json::from_str::<FromPage>(text).map_err(|error| format!("a message is not understood: {error}"))
        };
        let mut state = self.lines.locked();
        match message {
            Ok(message) => self.lines.input(state, Input::Said(self.id, message)),
            Err(text) => state.tell(self.id, &ToPage::Problem { call: None, text }),
        }
    }

    /// The next message to the page, JSON. `None`: the service closes it.
    pub async fn next(&mut self) -> Option<String> {
        self.messages.recv().await
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let mut state = self.lines.locked();
        state.pages.remove(&self.id);
        self.lines.input(state, Input::Closed(self.id));
    }
}

impl PageLeg {
    /// The call is connected with its caller.
    pub fn up(&self) {
        self.tell(Input::Up(self.0.key));
    }

    /// Who answered is asked for key 1 or 2, in these words.
    pub fn ask(&self, text: String) {
        self.tell(Input::Asked(self.0.key, text));
    }

    /// Tells the page that has the call, or all pages that it rings in.
    pub fn show(&self, message: ToPage) {
        self.tell(Input::Tell(self.0.key, Box::new(message)));
    }

    /// It rings no more; somebody may have it.
    pub fn stop(&self, why: RingOver, by: Option<PersonId>) {
        self.tell(Input::Stopped(self.0.key, why, by));
    }

    /// It is over, for this reason in words for the user.
    pub fn end(&self, why: &str) {
        self.tell(Input::Over(self.0.key, why.to_owned()));
    }

    fn tell(&self, input: Input) {
        let lines = &self.0.lines;
        lines.input(lines.locked(), input);
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let over = Input::Over(self.key, "the call is over".to_owned());
        self.lines.input(self.lines.locked(), over);
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lines({})", self.0.media.address())
    }
}

async fn keep_time(lines: Lines, shut_down: CancellationToken) {
    loop {
        let due = lines.locked().exchange.poll_timeout();
        tokio::select! {
            () = lines.0.changed.notified() => {}
            () = clock::due(due) => lines.input(lines.locked(), Input::Tick),
            () = shut_down.cancelled() => return,
        }
    }
}

/// Our addresses as browsers reach them: the advertised ones, else the bound one, else all of this machine.
fn candidates(bound: SocketAddr, advertised: &[IpAddr]) -> io::Result<Vec<SocketAddr>> {
    let mut addresses = advertised.to_vec();
    if addresses.is_empty() && !bound.ip().is_unspecified() {
        addresses.push(bound.ip());
    }
    if addresses.is_empty() {
        let all = if_addrs::get_if_addrs()?;
        let is_usable = |ip: &IpAddr| ip.is_ipv4() == bound.is_ipv4() && !is_link_local(*ip);
        addresses.extend(all.iter().map(if_addrs::Interface::ip).filter(is_usable));
        // Other machines' first: those of this one need no network.
        addresses.sort_by_key(IpAddr::is_loopback);
    }
    if addresses.is_empty() {
        return Err(io::Error::new(io::ErrorKind::AddrNotAvailable, "this machine has no address"));
    }
    Ok(addresses.into_iter().map(|ip| SocketAddr::new(ip, bound.port())).collect())
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}
