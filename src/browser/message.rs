//! What a page and the service tell each other, as JSON objects with a `type`, one a WebSocket message.
//!
//! ```text
//! page ── available, answer, decline, rejoin, hold, key, transfer, end, call_back, test_call, duty, pause, ready ──▶ service
//! page ◀── hello, people, duty, line, ring, known, answered, up, ask, held, ring_over, talking, over, problem, recent ── service
//! ```
//!
//! The life of a call in a page: `ring`, then `known`; `answer` with an SDP offer, `answered` with the answer; `up` once sound goes both ways and the
//! call is connected; `over`. Pages that did not answer hear `ring_over`. A page that is opened while its person talks hears `talking`, and may
//! `rejoin`. Unknown types and members are refused: the page is told so by `problem`, and its message changes nothing.

use crate::lead::SlotName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest message of a page, in bytes: an SDP offer of a browser has some 3,000.
pub const LONGEST: usize = 32 * 1024;

/// What a page tells. `call` is always the `call` of a `ring` or `talking`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum FromPage {
    /// The person takes calls in their pages, or doesn't.
    Available {
        /// Whether they do.
        available: bool,
    },
    /// Take the call that rings, here.
    Answer {
        /// Which.
        call: String,
        /// The page's SDP offer, with its ICE candidates.
        sdp: String,
    },
    /// Decline the call that rings, for this person and all their pages.
    Decline {
        /// Which.
        call: String,
    },
    /// Have the person's call here: after a reload, after the network was gone, or to take it over from another device.
    Rejoin {
        /// Which.
        call: String,
        /// A new SDP offer; left out when the media of this very page still works.
        #[serde(default)]
        sdp: Option<String>,
    },
    /// Hold, or go on.
    Hold {
        /// Which.
        call: String,
        /// Whether it is to be held.
        held: bool,
    },
    /// Press a key.
    Key {
        /// Which.
        call: String,
        /// `0` to `9`, `*`, `#`, `A` to `D`.
        key: char,
    },
    /// Pass the call on.
    Transfer {
        /// Which.
        call: String,
        /// The `name` of a destination, or an extension.
        to: String,
    },
    /// End the call.
    End {
        /// Which.
        call: String,
    },
    /// Call back whoever called in that call of the history. The service rings this page at once, with `auto`.
    CallBack {
        /// The id of the call in the history.
        id: String,
    },
    /// Try the line: the service rings this page at once, with `auto`, and the receptionist talks.
    TestCall,
    /// Come on duty in the queues, or go off.
    Duty {
        /// Whether on duty.
        on: bool,
    },
    /// Take a break from the queues, or come back.
    Pause {
        /// Whether on a break.
        paused: bool,
    },
    /// The wrap-up is done: the next caller may come.
    Ready,
}

/// What a page is told.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToPage {
    /// The first message of every connection, and again when something in it has changed.
    Hello(Hello),
    /// Who of the others is there, for transfers.
    People {
        /// Everybody in the configuration but oneself, in its order.
        people: Vec<Presence>,
    },
    /// What the person does in the queues; only for those who serve one.
    Duty(Duty),
    /// Who waits in the queues that the person serves.
    Line {
        /// One for each queue.
        queues: Vec<Queue>,
    },
    /// A call rings.
    Ring(Ring),
    /// What is known of the caller of a call that rings or is up.
    Known {
        /// Which.
        call: String,
        /// Their earlier calls, the latest first, five at most.
        earlier: Vec<Earlier>,
    },
    /// Your answer counts, if the media come to work: the SDP answer.
    Answered {
        /// Which.
        call: String,
        /// For the page's peer connection.
        sdp: String,
    },
    /// The call is connected, and this page has it.
    Up {
        /// Which.
        call: String,
    },
    /// The receptionist tells what it is about, and wants key 1 (take the call) or 2 (decline it).
    Ask {
        /// Which.
        call: String,
        /// What she says.
        text: String,
    },
    /// The call is on hold, or not any more.
    Held {
        /// Which.
        call: String,
        /// Whether it is.
        held: bool,
    },
    /// The call rings no more, and this page did not get it.
    RingOver {
        /// Which.
        call: String,
        /// Why.
        why: RingOver,
        /// Who has it, where that is known.
        by: Option<String>,
    },
    /// The person talks, in another page or in one that is gone: this one may [`FromPage::Rejoin`].
    Talking {
        /// Which call, and all else that its `ring` told; `left_ms` is 0.
        #[serde(flatten)]
        ring: Ring,
        /// How long they have talked.
        since_ms: u64,
        /// Whether a page has it now.
        elsewhere: bool,
        /// Whether it is on hold.
        held: bool,
    },
    /// The call is over for this page.
    Over {
        /// Which.
        call: String,
        /// Why, in words for the user: `the caller hung up`, `passed on to dana`, `taken over on another device`.
        why: String,
    },
    /// What the page asked for can't be had.
    Problem {
        /// The call it was about, if it was about one.
        call: Option<String>,
        /// Why not, and what to do, in words for the user.
        text: String,
    },
    /// The list of calls has changed: read it anew.
    Recent,
}

/// Who is signed in, and what the page needs to know of its surroundings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Hello {
    /// The business.
    pub business: String,
    /// The user's person in the configuration.
    pub person: String,
    /// Whether the person takes calls in their pages.
    pub available: bool,
    /// Whether the configuration lets this person's pages ring (`browser = true`).
    pub rings: bool,
    /// For the page's peer connection: `[{ "urls": "turn:...", "username": "...", "credential": "..." }]`.
    pub ice_servers: Vec<IceServer>,
    /// Where sound goes to, for what a firewall has to let through: `192.0.2.7 UDP port 40000`.
    pub media: String,
    /// Where a call can be passed on to, besides people.
    pub destinations: Vec<Destination>,
    /// Whether callers may be called back: there is a trunk that lets this be done.
    pub calls_back: bool,
}

/// A TURN server, as `RTCPeerConnection` wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IceServer {
    /// `turn:host:port`.
    pub urls: String,
    /// Its user.
    pub username: String,
    /// The password.
    pub credential: String,
}

/// Where a call can be passed on to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Destination {
    /// For [`FromPage::Transfer`].
    pub name: String,
    /// `group`, `queue` or `receptionist`.
    pub kind: &'static str,
    /// Its extension.
    pub extension: Option<String>,
}

/// Whether a person can be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Presence {
    /// The person.
    pub name: String,
    /// Whether they can.
    pub state: PersonState,
    /// Their extension.
    pub extension: Option<String>,
}

/// Whether a person can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonState {
    /// In a page or at a desk phone.
    Available,
    /// In a call.
    Talking,
    /// Only by cell.
    CellOnly,
    /// Not at all.
    Away,
}

/// What an agent does in the queues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Duty {
    /// Whether they are on duty.
    pub on: bool,
    /// Whether they take a break.
    pub paused: bool,
    /// `free`, `rung`, `talking`, `wrapping up`, ...
    pub state: String,
}

/// One queue and who waits in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Who waits, the first one first.
    pub callers: Vec<Waiting>,
}

/// A caller in line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Their number as it is read, unless withheld.
    pub number: Option<String>,
    /// How long they have waited.
    pub waited_ms: u64,
    /// Whether they hung up and wait for our call.
    pub called_back: bool,
}

/// A call that rings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ring {
    /// Names it in everything that follows.
    pub call: String,
    /// What it is.
    pub kind: RingKind,
    /// The caller's number as it is read, unless withheld; of a `call_back` the number that is called.
    pub number: Option<String>,
    /// The caller's name as the network gave it. It may hold anything.
    pub name: Option<String>,
    /// Whether the configuration lists them as VIP.
    pub vip: bool,
    /// What they called.
    pub called: String,
    /// The plan, by its name in the configuration.
    pub plan: String,
    /// The step that rings, in words.
    pub step: String,
    /// How long it rings still.
    pub left_ms: u64,
    /// The user has asked for it: answer without asking.
    pub auto: bool,
}

/// What a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RingKind {
    /// Somebody calls the business.
    Incoming,
    /// The user calls somebody back.
    CallBack,
    /// The user tries the line.
    Test,
}

/// Why a call rings no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RingOver {
    /// It was answered: by somebody else, or in another page of the same person.
    AnsweredElsewhere,
    /// The same person declined it in another page.
    Declined,
    /// It rang long enough, and goes on to the next step.
    Timeout,
    /// The caller gave up.
    CallerGone,
    /// The page's media could not be connected.
    NoMedia,
}

/// An earlier call of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Earlier {
    /// When.
    pub at: Timestamp,
    /// How it ended; none while it lasts.
    pub outcome: Option<String>,
    /// The lead that it made.
    pub lead: Vec<Detail>,
}

/// A detail of a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// Which.
    pub name: SlotName,
    /// What.
    pub value: String,
}
