//! Which pages are open, what rings in them and who has which call: a pure machine.
//!
//! A *call* here is one leg of a call, as one person's pages see it: it rings in all of them, one answers, and that page, or after a reload
//! another one, has it until its end.

mod answer;
mod call;
mod protocol;

pub(super) use self::protocol::{Attempt, CallKey, Input, LegNews, Output};
pub use self::protocol::{PageId, Wish};

use self::answer::Said;
use self::call::{Call, State};
use super::message::{FromPage, Ring, RingOver, ToPage};
use crate::routing::PersonId;
use crate::timer::Timers;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

/// A page that is reloaded is back within this time; until then its person still counts as there.
const RELOAD: Duration = Duration::from_millis(1_500);
/// How long media may take to be connected after an answer.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// The caller of a page that is gone hears music after this time.
const MUSIC_AFTER: Duration = Duration::from_secs(2);
/// Pages that one person may have open; the oldest is closed for one more.
const PAGES: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Timer {
    /// The last page of somebody was closed: the person's number.
    Left(usize),
    /// Media are too slow.
    Connecting(CallKey),
    /// The caller hears music.
    Music(CallKey),
    /// The page does not come back.
    Lost(CallKey),
}

#[derive(Debug, Default)]
struct Person {
    number: usize,
    available: bool,
    /// The oldest first.
    pages: Vec<PageId>,
}

/// The machine.
#[derive(Debug)]
pub(super) struct Exchange {
    /// How long a page that is gone in mid-call may take to come back.
    rejoin_within: Duration,
    people: HashMap<PersonId, Person>,
    pages: BTreeMap<PageId, PersonId>,
    calls: BTreeMap<CallKey, Call>,
    timers: Timers<Timer>,
    outputs: VecDeque<Output>,
}

impl Exchange {
    /// No page is open; `available` are those who take calls once one is.
    pub(super) fn new(rejoin_within: Duration, available: impl IntoIterator<Item = PersonId>) -> Self {
        let mut exchange = Self {
            rejoin_within,
            people: HashMap::new(),
            pages: BTreeMap::new(),
            calls: BTreeMap::new(),
            timers: Timers::new(),
            outputs: VecDeque::new(),
        };
        for person in available {
            exchange.person(&person).available = true;
        }
        exchange
    }

    /// Takes in what happened.
    pub(super) fn handle_input(&mut self, now: Instant, input: Input) {
        match input {
            Input::Opened(page, person) => self.opened(now, page, &person),
            Input::Closed(page) => self.closed(now, page),
            Input::Said(page, message) => self.said(now, page, message),
            Input::Rung { key, person, ring, only } => self.rung(now, key, person, ring, only),
            Input::Agreed(key, attempt, sdp) => self.agreed(key, attempt, sdp),
            Input::Connected(key, attempt) => self.connected(now, key, attempt),
            Input::Refused(key, attempt, why) => self.refused(key, attempt, why),
            Input::Up(key) => self.up(key),
            Input::Asked(key, text) => self.asked(key, text),
            Input::Tell(key, message) => self.tell_all(key, &message),
            Input::Stopped(key, why, by) => self.stopped(key, why, by.as_ref()),
            Input::Over(key, why) => self.over(key, &why),
            Input::Tick => self.tick(now),
        }
    }

    /// The next thing to do; drain before the next input.
    pub(super) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Tick`] is due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// Whether the person takes calls, if they have a page open.
    pub(super) fn is_available(&self, person: &PersonId) -> bool {
        self.people.get(person).is_some_and(|person| person.available)
    }

    /// Whether a call would ring: a page is open, its person takes calls, and talks with nobody in it.
    pub(super) fn is_reachable(&self, person: &PersonId) -> bool {
        self.is_open(person) && !self.is_talking(person)
    }

    /// Whether the person takes calls in a page that is open.
    pub(super) fn is_open(&self, person: &PersonId) -> bool {
        self.is_available(person) && self.is_here(person)
    }

    /// Whether the person talks in a page.
    pub(super) fn is_talking(&self, person: &PersonId) -> bool {
        self.calls.values().any(|call| call.person == *person && call.state != State::Ringing)
    }

    /// Whose page it is.
    pub(super) fn whose(&self, page: PageId) -> Option<&PersonId> {
        self.pages.get(&page)
    }

    /// Pages that are open.
    pub(super) fn pages(&self) -> impl Iterator<Item = (PageId, &PersonId)> {
        self.pages.iter().map(|(page, person)| (*page, person))
    }

    /// Calls that ring or go on.
    pub(super) fn calls(&self) -> usize {
        self.calls.len()
    }

    /// The call of this person that pages name so.
    pub(super) fn find(&self, person: &PersonId, name: &str) -> Option<CallKey> {
        self.calls.iter().find(|(_, call)| call.ring.call == name && call.person == *person).map(|(key, _)| *key)
    }

    // ---- pages ----

    fn person(&mut self, id: &PersonId) -> &mut Person {
        let number = self.people.len();
        self.people.entry(id.clone()).or_insert_with(|| Person { number, ..Person::default() })
    }

    fn is_here(&self, id: &PersonId) -> bool {
        self.people
            .get(id)
            .is_some_and(|person| !person.pages.is_empty() || self.timers.is_set(Timer::Left(person.number)))
    }

    fn opened(&mut self, now: Instant, page: PageId, id: &PersonId) {
        let person = self.person(id);
        person.pages.push(page);
        let (number, oldest) = (person.number, person.pages[0]);
        if person.pages.len() > PAGES {
            self.outputs.push_back(Output::Close(oldest));
        }
        self.timers.cancel(Timer::Left(number));
        self.outputs.push_back(Output::Greet(page));
        self.pages.insert(page, id.clone());
        let mut told = Vec::new();
        for call in self.calls.values().filter(|call| call.person == *id && call.only.is_none()) {
            match &call.state {
                State::Ringing => told.push(ToPage::Ring(call.ring_at(now))),
                State::Connecting(_) => {}
                State::Talking { .. } => told.extend(call.talking_at(now)),
            }
        }
        // A call that rang in one page alone, and is up, may be had by any.
        for call in self.calls.values().filter(|call| call.person == *id && call.only.is_some()) {
            told.extend(call.talking_at(now));
        }
        self.outputs.extend(told.into_iter().map(|message| Output::Tell(page, message)));
    }

    fn closed(&mut self, now: Instant, page: PageId) {
        let Some(id) = self.pages.remove(&page) else { return };
        let person = self.person(&id);
        person.pages.retain(|other| *other != page);
        let (number, is_empty) = (person.number, person.pages.is_empty());
        if is_empty {
            self.timers.set(Timer::Left(number), now + RELOAD);
        }
        let mut gone = Vec::new();
        for (&key, call) in self.calls.iter_mut().filter(|(_, call)| call.person == id) {
            match &mut call.state {
                State::Ringing if call.only == Some(page) => gone.push(key),
                State::Connecting(by) if *by == page => {
                    self.timers.cancel(Timer::Connecting(key));
                    if call.only.is_some() {
                        gone.push(key);
                    } else {
                        call.state = State::Ringing;
                    }
                }
                State::Talking { page: by, .. } if *by == Some(page) => {
                    *by = None;
                    self.timers.set(Timer::Music(key), now + MUSIC_AFTER);
                    self.timers.set(Timer::Lost(key), now + self.rejoin_within);
                }
                State::Ringing | State::Connecting(_) | State::Talking { .. } => {}
            }
        }
        for key in gone {
            self.end_leg(key, LegNews::Gone);
        }
    }

    fn tick(&mut self, now: Instant) {
        while let Some(timer) = self.timers.pop_expired(now) {
            match timer {
                Timer::Left(number) => self.left(number),
                Timer::Connecting(key) => self.no_media(key, now),
                Timer::Music(key) => self.set_alone(key, true),
                Timer::Lost(key) => self.end_leg(key, LegNews::Lost),
            }
        }
    }

    /// All pages of somebody are gone: what rings in them goes on elsewhere.
    fn left(&mut self, number: usize) {
        let rings = |call: &Call| call.state == State::Ringing;
        let people = &self.people;
        let is_theirs = |call: &Call| people.get(&call.person).is_some_and(|person| person.number == number);
        let left: Vec<CallKey> =
            self.calls.iter().filter(|(_, call)| rings(call) && is_theirs(call)).map(|(key, _)| *key).collect();
        for key in left {
            self.end_leg(key, LegNews::Gone);
        }
    }

    // ---- what pages say ----

    fn said(&mut self, now: Instant, page: PageId, message: FromPage) {
        let Some(person) = self.pages.get(&page).cloned() else { return };
        let wish = match message {
            FromPage::Available { available } => return self.switched(&person, available),
            FromPage::CallBack { id } => Wish::CallBack(id),
            FromPage::TestCall => Wish::TestCall,
            FromPage::Duty { on } => Wish::Duty(on),
            FromPage::Pause { paused } => Wish::Pause(paused),
            FromPage::Ready => Wish::Ready,
            FromPage::Answer { call, sdp } => return self.of_call(now, page, &person, &call, Said::Answer(sdp)),
            FromPage::Decline { call } => return self.of_call(now, page, &person, &call, Said::Decline),
            FromPage::Rejoin { call, sdp } => return self.of_call(now, page, &person, &call, Said::Rejoin(sdp)),
            FromPage::Hold { call, held } => return self.of_call(now, page, &person, &call, Said::Hold(held)),
            FromPage::Key { call, key } => return self.of_call(now, page, &person, &call, Said::Key(key)),
            FromPage::Transfer { call, to } => return self.of_call(now, page, &person, &call, Said::Transfer(to)),
            FromPage::End { call } => return self.of_call(now, page, &person, &call, Said::End),
        };
        self.outputs.push_back(Output::Wish(page, person, wish));
    }

    fn switched(&mut self, id: &PersonId, available: bool) {
        let person = self.person(id);
        person.available = available;
        let pages = person.pages.clone();
        self.outputs.push_back(Output::Keep(id.clone(), available));
        // All of the person's pages show the same, and who switched sees that it came about.
        self.outputs.extend(pages.into_iter().map(Output::Greet));
    }

    // ---- what the router says ----

    fn rung(&mut self, now: Instant, key: CallKey, person: PersonId, ring: Ring, only: Option<PageId>) {
        let ends = now + Duration::from_millis(ring.left_ms);
        let pages = match only {
            Some(page) => vec![page],
            None => self.people.get(&person).map(|person| person.pages.clone()).unwrap_or_default(),
        };
        self.outputs.extend(pages.into_iter().map(|page| Output::Tell(page, ToPage::Ring(ring.clone()))));
        let (state, attempt) = (State::Ringing, Attempt(0));
        self.calls.insert(key, Call { person, ring, ends, only, state, attempt, is_up: false, asked: None });
    }

    fn up(&mut self, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        (call.is_up, call.asked) = (true, None);
        if let Some(page) = call.page() {
            let call = call.ring.call.clone();
            self.outputs.push_back(Output::Tell(page, ToPage::Up { call }));
        }
    }

    fn asked(&mut self, key: CallKey, text: String) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.asked = Some(text.clone());
        if let Some(page) = call.page() {
            let call = call.ring.call.clone();
            self.outputs.push_back(Output::Tell(page, ToPage::Ask { call, text }));
        }
    }

    fn tell_all(&mut self, key: CallKey, message: &ToPage) {
        let Some(call) = self.calls.get(&key) else { return };
        let pages = match (call.page(), call.only) {
            (Some(page), _) | (None, Some(page)) => vec![page],
            (None, None) => self.people.get(&call.person).map(|person| person.pages.clone()).unwrap_or_default(),
        };
        self.outputs.extend(pages.into_iter().map(|page| Output::Tell(page, message.clone())));
    }

    fn stopped(&mut self, key: CallKey, why: RingOver, by: Option<&PersonId>) {
        let Some(call) = self.calls.get(&key) else { return };
        if call.is_talking() {
            let why = match (why, by) {
                (RingOver::AnsweredElsewhere, Some(by)) => format!("answered by {by}"),
                (RingOver::AnsweredElsewhere, None) => "answered elsewhere".to_owned(),
                (RingOver::CallerGone, _) => "the caller hung up".to_owned(),
                _ => "it was not taken in time".to_owned(),
            };
            return self.over(key, &why);
        }
        let call = call.ring.call.clone();
        self.tell_all(key, &ToPage::RingOver { call, why, by: by.map(|by| by.0.clone()) });
        self.forget(key);
    }

    fn over(&mut self, key: CallKey, why: &str) {
        let Some(call) = self.calls.get(&key) else { return };
        let message = ToPage::Over { call: call.ring.call.clone(), why: why.to_owned() };
        match call.only {
            Some(_) if !call.is_talking() => self.tell_all(key, &message),
            // Pages that show it as elsewhere are told, too.
            _ => {
                let pages = self.people.get(&call.person).map(|person| person.pages.clone()).unwrap_or_default();
                self.outputs.extend(pages.into_iter().map(|page| Output::Tell(page, message.clone())));
            }
        }
        self.forget(key);
    }

    /// The other pages of the person stop ringing.
    fn tell_ring_over(&mut self, key: CallKey, but: PageId, why: RingOver, by: Option<String>) {
        let Some(call) = self.calls.get(&key).filter(|call| call.only.is_none()) else { return };
        let others: HashSet<PageId> = self
            .people
            .get(&call.person)
            .map(|person| person.pages.iter().copied().filter(|page| *page != but).collect())
            .unwrap_or_default();
        let message = ToPage::RingOver { call: call.ring.call.clone(), why, by };
        let mut others: Vec<PageId> = others.into_iter().collect();
        others.sort_unstable();
        self.outputs.extend(others.into_iter().map(|page| Output::Tell(page, message.clone())));
    }

    /// The call ends from this side.
    fn end_leg(&mut self, key: CallKey, news: LegNews) {
        let why = match &news {
            LegNews::HungUp => Some("you ended it"),
            LegNews::Lost => Some("the connection was lost"),
            _ => None,
        };
        self.outputs.push_back(Output::Leg(key, news));
        match why {
            Some(why) => self.over(key, why),
            None => self.forget(key),
        }
    }

    fn forget(&mut self, key: CallKey) {
        for timer in [Timer::Connecting(key), Timer::Music(key), Timer::Lost(key)] {
            self.timers.cancel(timer);
        }
        if self.calls.remove(&key).is_some() {
            self.outputs.push_back(Output::Disconnect(key));
        }
    }
}

#[cfg(test)]
mod tests;
