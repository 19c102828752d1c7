//! What goes into and comes out of the exchange.

use crate::browser::message::{FromPage, Ring, RingOver, ToPage};
use crate::routing::PersonId;

/// Names a page that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PageId(pub(in crate::browser) u64);

/// Names a call: what pages know it by is [`Ring::call`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::browser) struct CallKey(pub(in crate::browser) u64);

/// One connection of media: a call may have several, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::browser) struct Attempt(pub(in crate::browser) u32);

/// What happened.
#[derive(Clone, Debug)]
pub(in crate::browser) enum Input {
    /// A page was opened.
    Opened(PageId, PersonId),
    /// A page is gone.
    Closed(PageId),
    /// A page tells something.
    Said(PageId, FromPage),
    /// A call rings for a person, in this page alone or in all.
    Rung { key: CallKey, person: PersonId, ring: Ring, only: Option<PageId> },
    /// The media of an attempt are agreed on, but not connected yet.
    Agreed(CallKey, Attempt, String),
    /// The media of an attempt are connected.
    Connected(CallKey, Attempt),
    /// The media of an attempt could not be agreed on.
    Refused(CallKey, Attempt, String),
    /// The call is connected with its caller.
    Up(CallKey),
    /// The receptionist asks for a key.
    Asked(CallKey, String),
    /// Something to tell the page that has the call, or all pages that it rings in.
    Tell(CallKey, Box<ToPage>),
    /// The call rings no more.
    Stopped(CallKey, RingOver, Option<PersonId>),
    /// The call is over.
    Over(CallKey, String),
    /// A deadline is reached.
    Tick,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::browser) enum Output {
    /// Tell a page something.
    Tell(PageId, ToPage),
    /// Tell a page who it is for.
    Greet(PageId),
    /// Close a page.
    Close(PageId),
    /// Agree on media with the page's offer; then [`Input::Agreed`] and [`Input::Connected`].
    Connect(CallKey, Attempt, String),
    /// The call needs its media no more; nothing follows for it.
    Disconnect(CallKey),
    /// Something for the leg.
    Leg(CallKey, LegNews),
    /// Whether the person takes calls, to be kept.
    Keep(PersonId, bool),
    /// Something that a page wants of the service.
    Wish(PageId, PersonId, Wish),
}

/// What a leg is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::browser) enum LegNews {
    /// Somebody has answered, and sound goes both ways.
    Answered,
    /// Its person does not want it.
    Declined,
    /// Nobody is there any more: all pages are gone.
    Gone,
    /// The page that had it did not come back.
    Lost,
    /// The user ended it.
    HungUp,
    Held(bool),
    Key(char),
    /// Its user passes it on.
    Transfer(String),
}

/// What a page wants of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Call back whoever called in this call of the history.
    CallBack(String),
    /// Let the receptionist talk with the page.
    TestCall,
    /// Come on duty in the queues, or go off.
    Duty(bool),
    /// Take a break, or come back.
    Pause(bool),
    /// The wrap-up is done.
    Ready,
}
