//! What a plan is made of.

use crate::phone::PhoneNumber;
use std::fmt;
use std::time::Duration;

macro_rules! names {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub String);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

names! {
    /// A person, by the name that the configuration gives them.
    PersonId,
    /// A ring group, by its name in the configuration.
    GroupId,
    /// A queue, by its name in the configuration.
    QueueId,
}

/// Where a person can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// The page that the person keeps open.
    Browser {
        /// Whose.
        person: PersonId,
    },
    /// A SIP phone.
    Phone {
        /// Whose.
        person: PersonId,
        /// The user name under which it registers.
        user: String,
    },
    /// A telephone number, over a trunk.
    Cell {
        /// Whose.
        person: PersonId,
        /// The number.
        number: PhoneNumber,
    },
}

/// The order in which a group's members are rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// All at once.
    AllAtOnce,
    /// One after the other, always from the first.
    InOrder,
    /// One after the other, from the one after who answered last.
    RoundRobin,
    /// One after the other, who talked longest ago first.
    LongestIdle,
    /// One after the other, who answered the fewest calls first.
    FewestCalls,
    /// One after the other, in an order drawn for each call.
    Random,
    /// The first at once, and one more each time this passes; nobody stops ringing when another begins.
    Stagger(Duration),
}

/// Several endpoints that one step rings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub id: GroupId,
    /// The order.
    pub strategy: Strategy,
    /// Whom, in the order of the configuration.
    pub members: Vec<Endpoint>,
    /// How long each one rings where they are rung one after the other.
    pub member_timeout: Duration,
}

/// One thing to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ring one endpoint.
    Ring {
        /// Which.
        endpoint: Endpoint,
        /// How long.
        timeout: Duration,
    },
    /// Ring a group.
    RingGroup {
        /// Which.
        group: Group,
        /// How long in all.
        timeout: Duration,
    },
    /// Hold in line until an agent is free.
    Queue {
        /// Which line.
        queue: QueueId,
        /// The longest wait.
        timeout: Duration,
    },
    /// Answer and play this text, then go on.
    Announce {
        /// What is said.
        text: String,
    },
    /// Answer; the receptionist talks. Final unless it breaks.
    Receptionist,
    /// Answer; take a message. Final.
    Voicemail,
    /// Refuse. Final.
    Reject {
        /// The SIP status, 400 to 699.
        code: u16,
    },
}

/// What is tried for a call, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its name in the configuration.
    pub name: String,
    /// The steps.
    pub steps: Vec<Step>,
    /// After so long without an answer the rest of the steps that ring are left out: carriers give unanswered calls up.
    pub longest: Duration,
    /// What the receptionist tries when a caller asks for a person or is in danger; only steps that ring.
    pub escalation: Vec<Step>,
}

/// What a leg that rings is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ringing {
    /// The plan's name.
    pub plan: String,
    /// The step, in words.
    pub step: String,
    /// How long it rings still.
    pub left: Duration,
}

/// Each endpoint once, in the order of its first place.
#[must_use]
pub fn distinct(endpoints: impl IntoIterator<Item = Endpoint>) -> Vec<Endpoint> {
    let mut distinct = Vec::new();
    for endpoint in endpoints {
        if !distinct.contains(&endpoint) {
            distinct.push(endpoint);
        }
    }
    distinct
}

impl Endpoint {
    /// Whose it is.
    #[must_use]
    pub const fn person(&self) -> &PersonId {
        match self {
            Self::Browser { person } | Self::Phone { person, .. } | Self::Cell { person, .. } => person,
        }
    }

    /// Whether whoever answers must press a key first: a cell's voicemail answers as readily as its owner.
    #[must_use]
    pub const fn needs_acceptance(&self) -> bool {
        matches!(self, Self::Cell { .. })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Browser { person } => write!(f, "{person}'s browser"),
            Self::Phone { person, .. } => write!(f, "{person}'s phone"),
            Self::Cell { person, .. } => write!(f, "{person}'s cell"),
        }
    }
}

impl Step {
    /// Whether a call can end here: nothing needs to follow.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Receptionist | Self::Voicemail | Self::Reject { .. })
    }

    /// Whether it rings somebody.
    #[must_use]
    pub const fn rings(&self) -> bool {
        matches!(self, Self::Ring { .. } | Self::RingGroup { .. })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ring { endpoint, timeout } => write!(f, "ring {endpoint} for {} s", timeout.as_secs()),
            Self::RingGroup { group, timeout } => write!(f, "ring group {} for {} s", group.id, timeout.as_secs()),
            Self::Queue { queue, timeout } => write!(f, "hold in queue {queue} for up to {} s", timeout.as_secs()),
            Self::Announce { .. } => write!(f, "play an announcement"),
            Self::Receptionist => write!(f, "the receptionist"),
            Self::Voicemail => write!(f, "voicemail"),
            Self::Reject { code } => write!(f, "refuse with {code}"),
        }
    }
}

impl Plan {
    /// The plan of a business that configured none: the receptionist takes every call.
    #[must_use]
    pub fn receptionist_only() -> Self {
        Self {
            name: "receptionist".to_owned(),
            steps: vec![Step::Receptionist, Step::Voicemail],
            longest: Duration::from_mins(1),
            escalation: Vec::new(),
        }
    }
}
