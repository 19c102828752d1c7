//! The legs of one call that we dialled: what is tried to reach each, its sound once it is up, and what happens to it.
//!
//! A leg may have several branches: every contact of a registered phone rings at once, trunks are tried one after the other. The first
//! branch that answers is the leg; the executor never hears of the others.

use super::announcer::Announcer;
use super::branch::{Branch, BranchId, News, follow_page, ring_over};
use super::carrier::{Carrier, LegEvent};
use super::clock;
use super::ear::Ear;
use super::pass_on::PassOn;
use super::service::Service;
use super::targets::{self, Caller, Target};
use crate::browser::{PageEvent, PageLeg};
use crate::call::LegSignal;
use crate::id::LegId;
use crate::media::Frame;
use crate::routing::{CancelReason, Endpoint, PersonId, Ringing};
use crate::sip::{DialogEvent, TransferProgress};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;

/// News that may wait; branches wait in turn when it is full.
const INBOX: usize = 64;
/// These keys take or decline a call, on a leg that was asked.
const ACCEPT: char = '1';
const DECLINE: char = '2';

/// All legs of one call but the caller's.
pub(super) struct Legs {
    service: Arc<Service>,
    caller: Caller,
    all: BTreeMap<LegId, Leg>,
    bridged: Option<LegId>,
    next_branch: BranchId,
    news: mpsc::Sender<(BranchId, News)>,
    signals: VecDeque<(LegId, LegSignal)>,
    /// Keys that the bridged leg pressed, for the caller.
    keys: VecDeque<char>,
    /// What the bridged leg asks for.
    transfers: VecDeque<PassOn>,
    /// Its phone hears how the transfer goes.
    progress: Option<TransferProgress>,
    /// Whoever is on the line already, and rings without being rung.
    parked: Option<Parked>,
}

/// A person in a page who waits for the call to come about.
pub(super) struct Parked {
    pub(super) person: PersonId,
    pub(super) ear: Ear,
    pub(super) events: mpsc::Receiver<PageEvent>,
}

struct Leg {
    /// Whose, as far as it is known.
    person: Option<PersonId>,
    branches: Vec<Branch>,
    /// Trunks still to be tried.
    waiting: VecDeque<Target>,
    rang: bool,
    up: Option<(BranchId, Ear)>,
    is_asked: bool,
    /// Hears that the call is taken, and is ended then.
    is_leaving: bool,
    last_code: u16,
}

impl Legs {
    /// No legs yet, and where news of their branches will come in: to be given to [`Legs::take`].
    pub(super) fn new(service: Arc<Service>, caller: Caller) -> (Self, mpsc::Receiver<(BranchId, News)>) {
        let (told, news) = mpsc::channel(INBOX);
        let legs = Self {
            service,
            caller,
            all: BTreeMap::new(),
            bridged: None,
            next_branch: BranchId(0),
            news: told,
            signals: VecDeque::new(),
            keys: VecDeque::new(),
            transfers: VecDeque::new(),
            progress: None,
            parked: None,
        };
        (legs, news)
    }

    /// Keeps somebody on the line until they are dialled.
    pub(super) fn park(&mut self, parked: Option<Parked>) {
        self.parked = parked;
    }

    /// Who calls.
    pub(super) const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Calls an endpoint. One that can't be reached at all fails at once.
    pub(super) fn dial(&mut self, leg: LegId, endpoint: &Endpoint, ringing: &Ringing) {
        if let (Endpoint::Browser { person }, Some(parked)) = (endpoint, &self.parked)
            && *person == parked.person
        {
            return self.take_parked(leg);
        }
        let targets = targets::of(&self.service, &self.caller, endpoint);
        self.call(leg, Some(endpoint.person()), targets, ringing);
    }

    fn take_parked(&mut self, leg: LegId) {
        let Some(Parked { person, ear, events }) = self.parked.take() else { return };
        self.next_branch = self.next_branch.next();
        let id = self.next_branch;
        tokio::spawn(follow_page(id, events, self.news.clone()));
        self.all.insert(leg, Leg { up: Some((id, ear)), rang: true, ..Leg::new(Some(person)) });
        self.signals.push_back((leg, LegSignal::Answered));
    }

    /// Calls somebody: the first targets at once, the others in turn when those are nothing.
    pub(super) fn call(
        &mut self,
        leg: LegId,
        person: Option<&PersonId>,
        (all_at_once, mut one_by_one): (Vec<Target>, VecDeque<Target>),
        ringing: &Ringing,
    ) {
        let mut new = Leg::new(person.cloned());
        for target in all_at_once {
            self.begin(leg, &mut new, &target, ringing);
        }
        new.waiting.append(&mut one_by_one);
        self.go_on(leg, &mut new, ringing);
        if !new.branches.is_empty() {
            self.all.insert(leg, new);
        }
    }

    // Tries the next trunk when nothing else is under way, or says that there is none.
    fn go_on(&mut self, leg: LegId, trying: &mut Leg, ringing: &Ringing) {
        while trying.branches.is_empty() {
            match trying.waiting.pop_front() {
                Some(target) => self.begin(leg, trying, &target, ringing),
                None => return self.signals.push_back((leg, LegSignal::Failed(trying.last_code))),
            }
        }
    }

    fn begin(&mut self, id: LegId, leg: &mut Leg, target: &Target, ringing: &Ringing) {
        self.next_branch = self.next_branch.next();
        match Branch::begin(&self.service, self.next_branch, target, (&self.caller, ringing), self.news.clone()) {
            Ok(branch) => {
                if branch.rings_at_once() && !std::mem::replace(&mut leg.rang, true) {
                    self.signals.push_back((id, LegSignal::Ringing));
                }
                leg.branches.push(branch);
            }
            Err(error) => {
                tracing::error!(%error, "a leg could not be dialled");
                leg.last_code = 503;
            }
        }
    }

    /// The leg that is connected with the caller, while its sound can be passed on as it is.
    pub(super) fn talking(&mut self) -> Option<&mut Ear> {
        let (_, ear) = self.all.get_mut(&self.bridged?)?.up.as_mut()?;
        ear.is_talking().then_some(ear)
    }

    /// Takes news of a branch in.
    pub(super) async fn take(&mut self, id: BranchId, news: News) {
        let Some(leg) = self.leg_of(id) else {
            // Cancelled before it was placed: dropped, its dialog hangs up.
            return;
        };
        match news {
            News::Placed(dialog) => {
                let branches = self.all.values_mut().flat_map(|leg| &mut leg.branches);
                for branch in branches.filter(|branch| branch.id == id) {
                    branch.placed(dialog.clone());
                }
            }
            News::Event(LegEvent::Dialog(event)) => self.event(leg, id, event).await,
            News::Event(LegEvent::Page(event)) => self.page_event(leg, id, event),
            News::Unplaced(code) => self.branch_failed(leg, id, code),
        }
    }

    async fn event(&mut self, leg: LegId, id: BranchId, event: DialogEvent) {
        match event {
            DialogEvent::Ringing { .. } => {
                let Some(found) = self.all.get_mut(&leg) else { return };
                if !std::mem::replace(&mut found.rang, true) {
                    self.signals.push_back((leg, LegSignal::Ringing));
                }
            }
            DialogEvent::Answered(answer) => self.answered(leg, id, &answer),
            DialogEvent::Failed { code, .. } => self.ended(leg, id, code),
            DialogEvent::HungUp | DialogEvent::Cancelled => self.ended(leg, id, 480),
            DialogEvent::Digit(digit) => self.key(leg, digit),
            DialogEvent::Reoffer(reoffer) => {
                let ear = self.all.get_mut(&leg).and_then(|leg| leg.up.as_mut());
                match ear.filter(|(up, _)| *up == id) {
                    Some((_, ear)) => ear.reoffered(reoffer).await,
                    None => reoffer.refuse(491).await,
                }
            }
            DialogEvent::Transfer(transfer) if self.bridged == Some(leg) => {
                self.transfers.push_back(PassOn::Phone(transfer));
            }
            DialogEvent::Transfer(transfer) => transfer.refuse(603),
            DialogEvent::Confirmed => {}
        }
    }

    fn page_event(&mut self, leg: LegId, id: BranchId, event: PageEvent) {
        match event {
            PageEvent::Answered(socket) => {
                let inactivity = self.service.config.rtp.inactivity;
                self.take_up(leg, id, |branch| branch.answered_in_page(clock::now(), socket, inactivity));
            }
            PageEvent::Declined => self.ended(leg, id, 603),
            PageEvent::Gone | PageEvent::HungUp => self.ended(leg, id, 480),
            PageEvent::Lost => {
                self.all.remove(&leg);
                self.bridged.take_if(|bridged| *bridged == leg);
                self.signals.push_back((leg, LegSignal::Lost));
            }
            PageEvent::Held(held) => {
                if let Some((_, ear)) = self.all.get_mut(&leg).and_then(|leg| leg.up.as_mut()) {
                    ear.hold(held);
                }
            }
            PageEvent::Key(key) => self.key(leg, key),
            PageEvent::Transfer(to) => {
                let up = self.all.get(&leg).and_then(|leg| leg.up.as_ref());
                if let Some(Carrier::Page(page)) = up.map(|(_, ear)| ear.carrier()) {
                    let wish = PassOn::Page(to, page.clone());
                    if self.bridged == Some(leg) { self.transfers.push_back(wish) } else { wish.refuse() }
                }
            }
        }
    }

    fn answered(&mut self, leg: LegId, id: BranchId, answer: &crate::sip::SessionDescription) {
        let inactivity = self.service.config.rtp.inactivity;
        let Some(found) = self.all.get_mut(&leg) else { return };
        if let Some((up, ear)) = &mut found.up {
            if *up == id {
                ear.answered(answer);
            }
            return;
        }
        self.take_up(leg, id, |branch| branch.answered(clock::now(), answer, inactivity));
    }

    // The branch has answered, if something can come of its answer.
    fn take_up(&mut self, leg: LegId, id: BranchId, listen: impl FnOnce(Branch) -> Option<Ear>) {
        let Some(found) = self.all.get_mut(&leg) else { return };
        let Some(index) = found.branches.iter().position(|branch| branch.id == id) else { return };
        let branch = found.branches.swap_remove(index);
        match listen(branch) {
            Some(ear) => {
                found.up = Some((id, ear));
                found.waiting.clear();
                for other in found.branches.drain(..) {
                    other.leave(CancelReason::AnsweredElsewhere, None);
                }
                self.signals.push_back((leg, LegSignal::Answered));
            }
            None => self.settle(leg, 488),
        }
    }

    // A branch is over: of a leg that is up it is the leg, else there may be another way.
    fn ended(&mut self, leg: LegId, id: BranchId, code: u16) {
        let is_up = self.all.get(&leg).and_then(|leg| leg.up.as_ref()).is_some_and(|(up, _)| *up == id);
        if is_up {
            self.all.remove(&leg);
            self.bridged.take_if(|bridged| *bridged == leg);
            self.signals.push_back((leg, LegSignal::Gone));
        } else {
            self.branch_failed(leg, id, code);
        }
    }

    fn branch_failed(&mut self, leg: LegId, id: BranchId, code: u16) {
        if let Some(found) = self.all.get_mut(&leg) {
            found.branches.retain(|branch| branch.id != id);
        }
        self.settle(leg, code);
    }

    fn settle(&mut self, leg: LegId, code: u16) {
        let Some(mut found) = self.all.remove(&leg) else { return };
        found.last_code = code;
        // Another trunk helps when this one is out of order, not when the callee is busy or declines.
        if !is_trunks_fault(code, found.rang) {
            found.waiting.clear();
        }
        if found.up.is_none() {
            // Only trunks wait, and they show nothing of it.
            let ringing = Ringing { plan: String::new(), step: String::new(), left: std::time::Duration::ZERO };
            self.go_on(leg, &mut found, &ringing);
        }
        if found.up.is_some() || !found.branches.is_empty() {
            self.all.insert(leg, found);
        }
    }

    /// Ends a leg, whatever its state.
    pub(super) fn cancel(&mut self, leg: LegId, why: CancelReason) {
        let by = self.bridged.and_then(|bridged| self.all.get(&bridged)?.person.clone());
        self.bridged.take_if(|bridged| *bridged == leg);
        let Some(gone) = self.all.remove(&leg) else { return };
        match (why, self.progress.take(), gone.up) {
            (CancelReason::Transferred, Some(progress), Some((_, ear))) => hang_up_after(ear.into_carrier(), progress),
            (_, _, up) => Leg { up, ..gone }.leave(why, by.as_ref()),
        }
    }

    /// Gives a leg that is up to somebody else, with what will happen to it. The other legs can't be heard of any more.
    pub(super) fn release(
        &mut self,
        leg: LegId,
        news: mpsc::Receiver<(BranchId, News)>,
    ) -> Option<(Ear, mpsc::Receiver<LegEvent>)> {
        let (_, ear) = self.all.remove(&leg)?.up?;
        let (events_in, events) = mpsc::channel(INBOX);
        tokio::spawn(pass_on(news, events_in));
        // It ends with the leg's own branch.
        self.news = mpsc::channel(1).0;
        Some((ear, events))
    }

    /// Ends every leg.
    pub(super) fn cancel_all(&mut self) {
        for (_, leg) in std::mem::take(&mut self.all) {
            leg.leave(CancelReason::CallerGone, None);
        }
        self.parked = None;
    }

    /// The leg's keys accept or decline from now on.
    pub(super) fn ask(&mut self, leg: LegId) {
        if let Some(leg) = self.all.get_mut(&leg) {
            leg.is_asked = true;
        }
    }

    /// What is spoken to the leg next is the last that it hears.
    pub(super) fn dismiss(&mut self, leg: LegId) {
        if let Some(leg) = self.all.get_mut(&leg) {
            leg.is_leaving = true;
            leg.is_asked = false;
            // The question is void.
            if let Some((_, ear)) = &mut leg.up {
                ear.announcer.skip();
            }
        }
    }

    /// Connects the leg with the caller.
    pub(super) fn bridge(&mut self, leg: LegId) {
        if let Some(bridged) = self.all.get_mut(&leg) {
            bridged.is_asked = false;
            self.bridged = Some(leg);
            if let Some(page) = bridged.page() {
                page.up();
            }
        }
    }

    /// Whether no leg hears anything of ours: no key, and no word while another one is connected.
    pub(super) fn is_quiet(&self) -> bool {
        let mut up = self.all.iter().filter_map(|(leg, it)| Some((leg, &it.up.as_ref()?.1)));
        up.all(|(leg, ear)| self.bridged == Some(*leg) && !ear.is_key_down())
    }

    /// Whether the bridged leg has put the caller on hold.
    pub(super) fn is_held(&self) -> bool {
        let up = self.bridged.and_then(|leg| self.all.get(&leg)).and_then(|leg| leg.up.as_ref());
        up.is_some_and(|(_, ear)| ear.is_held())
    }

    /// Leaves out so many times 20 ms of what the legs hear.
    pub(super) fn skip(&mut self, missed: u32) {
        for (_, ear) in self.all.values_mut().filter_map(|leg| leg.up.as_mut()) {
            ear.skip(missed);
        }
    }

    /// 20 ms of every leg that is up. `caller` and `keys` are what the caller said and pressed; gives what the bridged leg said. Without
    /// `caller`, both say their sound to each other packet by packet.
    pub(super) fn tick(&mut self, now: Instant, caller: Option<&Frame>, keys: &[char]) -> Option<Frame> {
        let (mut heard, mut pressed, mut gone) = (None, Vec::new(), Vec::new());
        for (&leg, found) in &mut self.all {
            let Some((_, ear)) = &mut found.up else { continue };
            let is_bridged = self.bridged == Some(leg);
            let frame = if is_bridged && caller.is_none() { None } else { Some(ear.hear(now)) };
            while let Some(key) = ear.poll_key() {
                pressed.push((leg, key));
            }
            if is_bridged {
                for key in keys {
                    ear.press(*key);
                }
                match caller {
                    Some(caller) => ear.say(caller),
                    None => ear.say_key(now),
                }
                heard = frame;
            } else {
                ear.say_next();
            }
            if found.is_leaving && ear.announcer.is_done() {
                gone.push((leg, CancelReason::AnsweredElsewhere));
            } else if ear.is_lost(now) {
                gone.push((leg, CancelReason::NotAccepted));
            }
        }
        for (leg, key) in pressed {
            self.key(leg, key);
        }
        for (leg, why) in gone {
            self.cancel(leg, why);
            self.signals.push_back((leg, LegSignal::Gone));
        }
        heard
    }

    /// What a leg is told while it is not connected with the caller.
    pub(super) fn announcer(&mut self, leg: LegId) -> Option<&mut Announcer> {
        self.all.get_mut(&leg)?.up.as_mut().map(|(_, ear)| &mut ear.announcer)
    }

    /// What happened to a leg; drain after each input.
    pub(super) fn poll_signal(&mut self) -> Option<(LegId, LegSignal)> {
        self.signals.pop_front()
    }

    /// What the bridged leg's phone wants: the caller connected with somebody else.
    pub(super) fn poll_transfer(&mut self) -> Option<PassOn> {
        self.transfers.pop_front()
    }

    /// The bridged leg's phone hears how its transfer goes.
    pub(super) fn follow_transfer(&mut self, progress: Option<TransferProgress>) {
        self.progress = progress;
    }

    /// Shows a question to the leg's page, if it has one.
    pub(super) fn show_question(&self, leg: LegId, text: &str) {
        if let Some(page) = self.all.get(&leg).and_then(Leg::page) {
            page.ask(text.to_owned());
        }
    }

    /// A key of the bridged leg, for the caller.
    pub(super) fn poll_key(&mut self) -> Option<char> {
        self.keys.pop_front()
    }

    fn key(&mut self, leg: LegId, key: char) {
        let is_asked = self.all.get(&leg).is_some_and(|leg| leg.is_asked);
        match key {
            _ if self.bridged == Some(leg) => self.keys.push_back(key),
            ACCEPT if is_asked => self.signals.push_back((leg, LegSignal::Accepted)),
            DECLINE if is_asked => self.signals.push_back((leg, LegSignal::Declined)),
            _ => {}
        }
    }

    fn leg_of(&self, id: BranchId) -> Option<LegId> {
        self.all.iter().find(|(_, leg)| leg.has(id)).map(|(leg, _)| *leg)
    }
}

impl Leg {
    fn new(person: Option<PersonId>) -> Self {
        Self {
            person,
            branches: Vec::new(),
            waiting: VecDeque::new(),
            rang: false,
            up: None,
            is_asked: false,
            is_leaving: false,
            // Nobody is registered, or no trunk is up: as a busy network would say it.
            last_code: 480,
        }
    }

    /// The page that has it.
    fn page(&self) -> Option<&PageLeg> {
        match self.up.as_ref()?.1.carrier() {
            Carrier::Page(page) => Some(page),
            Carrier::Dialog(_) => None,
        }
    }

    fn has(&self, id: BranchId) -> bool {
        self.branches.iter().any(|branch| branch.id == id) || self.up.as_ref().is_some_and(|(up, _)| *up == id)
    }

    fn leave(self, why: CancelReason, by: Option<&PersonId>) {
        for branch in self.branches {
            branch.leave(why, by);
        }
        match self.up.map(|(_, ear)| ear.into_carrier()) {
            Some(Carrier::Page(page)) => page.stop(ring_over(why), by.cloned()),
            Some(carrier) => hang_up(carrier),
            None => {}
        }
    }
}

impl Drop for Legs {
    fn drop(&mut self) {
        self.cancel_all();
    }
}

/// Tells who has taken a leg over what happens to it.
async fn pass_on(mut news: mpsc::Receiver<(BranchId, News)>, events: mpsc::Sender<LegEvent>) {
    let mut is_heard = true;
    while is_heard && let Some((_, news)) = news.recv().await {
        if let News::Event(event) = news {
            is_heard = events.send(event).await.is_ok();
        }
    }
}

/// Ends a leg without making the call wait for the other side.
pub(super) fn hang_up(carrier: Carrier) {
    tokio::spawn(async move { carrier.hang_up().await });
}

/// A phone that passed its call on is told that it did before it is hung up.
fn hang_up_after(carrier: Carrier, progress: TransferProgress) {
    tokio::spawn(async move {
        progress.finish(200).await;
        carrier.hang_up().await;
    });
}

/// Out of order, overloaded, or nobody there at all (RFC 3261, 21.5); a callee that rang is another matter.
fn is_trunks_fault(code: u16, rang: bool) -> bool {
    !rang && matches!(code, 401 | 403 | 407 | 408 | 500 | 502 | 503 | 504)
}
