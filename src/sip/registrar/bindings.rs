//! Which phones are reached where, and until when (RFC 3261, section 10.3).

use crate::sip::event::Transport;
use crate::sip::identity::listed;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The shortest registration; for less, phones would do little else.
pub(super) const SHORTEST: Duration = Duration::from_mins(1);
/// The longest registration, and the one of a phone that asks for none.
const LONGEST: Duration = Duration::from_hours(1);
/// The longest over a stream: it must come again before the stream is closed for its silence, at five minutes.
const LONGEST_OVER_STREAM: Duration = Duration::from_mins(4);
/// Phones of one user at once.
const MAX_CONTACTS: usize = 10;

/// Where a registered phone is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The Contact that it gave, as it gave it: the address to dial.
    pub uri: String,
    /// The address and port that its REGISTER came from: where the call is sent.
    pub flow: SocketAddr,
    /// How it came.
    pub transport: Transport,
    /// How long this holds.
    pub expires_in: Duration,
}

/// What a REGISTER asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// To forget every phone of the user.
    Clear,
    /// To know phones for so long each; zero forgets one. None at all only asks which are known.
    Bind(Vec<(String, Duration)>),
}

/// Where a wish comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub(super) user: &'a str,
    pub(super) call_id: &'a str,
    pub(super) cseq: u32,
    pub(super) flow: SocketAddr,
    pub(super) transport: Transport,
}

/// Why a wish is not fulfilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfulfilled {
    /// It cannot be read.
    Malformed,
    /// For less than [`SHORTEST`].
    TooBrief,
    /// A later request of the same phone came before it.
    OutOfOrder,
    /// The user has enough phones.
    TooMany,
}

/// The registered phones, by user.
#[derive(Default)]
pub(super) struct Bindings(HashMap<String, Vec<Binding>>);

#[derive(Clone)]
struct Binding {
    uri: String,
    flow: SocketAddr,
    transport: Transport,
    call_id: String,
    cseq: u32,
    expires_at: Instant,
}

impl Wish {
    /// Reads the values of Contact and Expires.
    pub(super) fn read(contacts: &[&str], expires: Option<&str>) -> Result<Self, Unfulfilled> {
        let asked = expires.and_then(|it| it.trim().parse().ok()).map(Duration::from_secs);
        let contacts: Vec<&str> = contacts.iter().flat_map(|it| listed(it)).collect();
        if contacts.contains(&"*") {
            let is_clear = contacts.len() == 1 && asked == Some(Duration::ZERO);
            return is_clear.then_some(Self::Clear).ok_or(Unfulfilled::Malformed);
        }
        let mut wishes = Vec::with_capacity(contacts.len());
        for contact in contacts {
            let (uri, own) = read_contact(contact).ok_or(Unfulfilled::Malformed)?;
            let time = own.or(asked).unwrap_or(LONGEST);
            if !time.is_zero() && time < SHORTEST {
                return Err(Unfulfilled::TooBrief);
            }
            wishes.push((uri, time));
        }
        Ok(Self::Bind(wishes))
    }
}

impl Bindings {
    /// Does what is asked, wholly or not at all.
    pub(super) fn fulfil(&mut self, now: Instant, origin: Origin<'_>, wish: Wish) -> Result<(), Unfulfilled> {
        let mut bindings = self.0.get(origin.user).cloned().unwrap_or_default();
        bindings.retain(|it| it.expires_at > now);
        let is_late = |it: &Binding| it.call_id == origin.call_id && it.cseq >= origin.cseq;
        match wish {
            Wish::Clear if bindings.iter().any(is_late) => return Err(Unfulfilled::OutOfOrder),
            Wish::Clear => bindings.clear(),
            Wish::Bind(wishes) => {
                for (uri, time) in wishes {
                    if bindings.iter().any(|it| it.uri == uri && is_late(it)) {
                        return Err(Unfulfilled::OutOfOrder);
                    }
                    bindings.retain(|it| it.uri != uri);
                    if !time.is_zero() {
                        bindings.push(origin.bind(now, uri, time));
                    }
                }
            }
        }
        if bindings.len() > MAX_CONTACTS {
            return Err(Unfulfilled::TooMany);
        }
        self.0.insert(origin.user.to_owned(), bindings);
        Ok(())
    }

    /// A user's phones, the latest to register first.
    pub(super) fn contacts(&self, now: Instant, user: &str) -> Vec<Contact> {
        let live = self.0.get(user).into_iter().flatten().rev().filter(|it| it.expires_at > now);
        live.map(|it| Contact {
            uri: it.uri.clone(),
            flow: it.flow,
            transport: it.transport,
            expires_in: it.expires_at - now,
        })
        .collect()
    }

    /// Keeps the phones of these users only.
    pub(super) fn retain(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.0.retain(|user, _| is_kept(user));
    }

    /// Whether a registered phone sends from there.
    pub(super) fn knows(&self, now: Instant, flow: SocketAddr, transport: Transport) -> bool {
        let mut bindings = self.0.values().flatten();
        bindings.any(|it| (it.flow, it.transport) == (flow, transport) && it.expires_at > now)
    }

    /// A stream is closed: nobody is reached over it any more.
    pub(super) fn forget_stream(&mut self, flow: SocketAddr) {
        for bindings in self.0.values_mut() {
            bindings.retain(|it| (it.flow, it.transport) != (flow, Transport::Tcp));
        }
    }
}

impl Origin<'_> {
    fn bind(&self, now: Instant, uri: String, time: Duration) -> Binding {
        let longest = match self.transport {
            Transport::Udp => LONGEST,
            Transport::Tcp => LONGEST_OVER_STREAM,
        };
        Binding {
            uri,
            flow: self.flow,
            transport: self.transport,
            call_id: self.call_id.to_owned(),
            cseq: self.cseq,
            expires_at: now + time.min(longest),
        }
    }
}

/// `"Name" <uri>;expires=600` or `uri;expires=600`.
fn read_contact(text: &str) -> Option<(String, Option<Duration>)> {
    let rest = match text.strip_prefix('"') {
        Some(name) => name.split_once('"')?.1,
        None => text,
    };
    // Parameters may hold brackets too: `+sip.instance="<urn:uuid:...>"`.
    let (before, after) = rest.split_once('<').unwrap_or((rest, ""));
    let is_bare = after.is_empty() || before.contains(':');
    let (uri, params) = if is_bare { rest.split_once(';').unwrap_or((rest, "")) } else { after.split_once('>')? };
    let uri = uri.trim();
    if !uri.get(..4)?.eq_ignore_ascii_case("sip:") || uri.len() == 4 || uri.contains(|c: char| c.is_whitespace()) {
        return None;
    }
    let mut named = params.split(';').filter_map(|it| it.split_once('='));
    let expires = named.find(|(name, _)| name.trim().eq_ignore_ascii_case("expires"));
    // A time that cannot be read counts as none (RFC 3261, section 10.2.1.1).
    let time = expires.and_then(|(_, time)| time.trim().trim_matches('"').parse().ok()).map(Duration::from_secs);
    Some((uri.to_owned(), time))
}
