//! Who may register: nonces, digests, and sources that fail too often (RFC 3261, section 22; RFC 8760).

use crate::pii::Pii;
use crate::sip::digest::{DigestAlgorithm, Fields, Proof};
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long a nonce is good for.
const NONCE_LIFE: Duration = Duration::from_mins(5);
/// Nonces remembered at once; the oldest go first, and whoever held one is challenged again.
const MAX_NONCES: usize = 10_000;
/// Wrong passwords from one address within [`FAILURE_WINDOW`], after which it is turned away.
pub(super) const MAX_FAILURES: u32 = 10;
const FAILURE_WINDOW: Duration = Duration::from_mins(1);
/// Addresses watched at once; past it, those whose window is over are forgotten.
const MAX_WATCHED: usize = 10_000;
/// A password for users that do not exist, so that their sums take as long.
const NOBODYS: &str = "";

/// Who may register (see [`crate::sip::SipConfig`]), and how they are challenged.
#[derive(Clone, Debug)]
pub struct Accounts {
    passwords: HashMap<String, Pii<String>>,
    algorithms: Vec<DigestAlgorithm>,
}

impl Accounts {
    /// User names with their passwords. They are challenged with MD5, which every phone knows.
    pub fn new(passwords: impl IntoIterator<Item = (String, Pii<String>)>) -> Self {
        Self { passwords: passwords.into_iter().collect(), algorithms: vec![DigestAlgorithm::Md5] }
    }

    /// Challenges with these instead, the best first; others are not accepted. Several at once are as RFC 8760 wants it, but
    /// some phones (baresip 1.0) then give up.
    #[must_use]
    pub fn challenged_by(self, algorithms: &[DigestAlgorithm]) -> Self {
        Self { algorithms: algorithms.to_vec(), ..self }
    }

    /// Whether nobody may register.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.passwords.is_empty()
    }
}

impl Default for Accounts {
    fn default() -> Self {
        Self::new([])
    }
}

/// What becomes of a REGISTER.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its sender knows the password.
    Allowed,
    /// Its sender must show, or show again, that it does: the challenges to send.
    Challenged(Vec<String>),
    /// Too many wrong passwords came from there.
    TurnedAway,
}

/// The gatekeeper.
pub(super) struct Gate {
    accounts: Accounts,
    realm: String,
    nonces: Nonces,
    failures: HashMap<IpAddr, Failures>,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    since: Instant,
}

/// One request to judge.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) source: IpAddr,
    /// Whose phone is to be registered.
    pub(super) user: &'a str,
    pub(super) method: &'a str,
    /// The value of Authorization, if there is one for us.
    pub(super) authorization: Option<&'a str>,
}

impl Gate {
    pub(super) fn new(accounts: Accounts, realm: &str) -> Self {
        let realm = realm.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).collect();
        Self { accounts, realm, nonces: Nonces::default(), failures: HashMap::new() }
    }

    /// Whether nobody may register.
    pub(super) fn is_closed(&self) -> bool {
        self.accounts.is_empty()
    }

    /// Whether the user's password is the same in these accounts.
    pub(super) fn is_same(&self, accounts: &Accounts, user: &str) -> bool {
        accounts.passwords.get(user) == self.accounts.passwords.get(user)
    }

    /// Replaces the accounts. Who has failed too often stays turned away.
    pub(super) fn set_accounts(&mut self, accounts: Accounts) {
        self.accounts = accounts;
    }

    /// The realm, by which an Authorization for us is known.
    pub(super) fn realm(&self) -> &str {
        &self.realm
    }

    /// Judges one request. The answer is the same for unknown users and for wrong passwords.
    pub(super) fn judge(&mut self, now: Instant, request: Request<'_>) -> Verdict {
        if self.is_turned_away(now, request.source) {
            return Verdict::TurnedAway;
        }
        let Some(shown) = request.authorization.and_then(Shown::read) else { return self.challenge(now, false) };
        // Nothing is said about the password with a nonce that is not good: guessing needs one of ours, and thus an address
        // that hears our answers.
        if !self.nonces.is_good(now, shown.proof().nonce, shown.count) {
            return self.challenge(now, true);
        }
        if self.is_right(request, &shown) {
            self.nonces.count(shown.proof().nonce, shown.count);
            return Verdict::Allowed;
        }
        self.watch(now, request.source);
        tracing::warn!(source = %request.source, "a phone gave a wrong user name or password");
        if self.is_turned_away(now, request.source) { Verdict::TurnedAway } else { self.challenge(now, false) }
    }

    fn is_right(&self, request: Request<'_>, shown: &Shown) -> bool {
        let account = self.accounts.passwords.get(request.user);
        let password = account.map_or(NOBODYS, |it| it.reveal().as_str());
        let proof = Proof { realm: &self.realm, method: request.method, ..shown.proof() };
        let is_equal = equal(&proof.response(shown.algorithm, password), &shown.response);
        is_equal
            && account.is_some()
            && proof.user == request.user
            && self.accounts.algorithms.contains(&shown.algorithm)
    }

    fn challenge(&mut self, now: Instant, is_stale: bool) -> Verdict {
        let nonce = self.nonces.issue(now);
        let stale = if is_stale { ", stale=true" } else { "" };
        let realm = &self.realm;
        let one = |it: &DigestAlgorithm| {
            format!("Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm={}, qop=\"auth\"{stale}", it.name())
        };
        Verdict::Challenged(self.accounts.algorithms.iter().map(one).collect())
    }

    fn is_turned_away(&self, now: Instant, source: IpAddr) -> bool {
        self.failures.get(&source).is_some_and(|it| it.is_recent(now) && it.count >= MAX_FAILURES)
    }

    fn watch(&mut self, now: Instant, source: IpAddr) {
        if self.failures.len() >= MAX_WATCHED {
            self.failures.retain(|_, it| it.is_recent(now));
        }
        let failures = self.failures.entry(source).or_insert(Failures { count: 0, since: now });
        if !failures.is_recent(now) {
            *failures = Failures { count: 0, since: now };
        }
        failures.count += 1;
    }
}

impl Failures {
    fn is_recent(self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) < FAILURE_WINDOW
    }
}

/// The nonces given out.
#[derive(Default)]
struct Nonces {
    issued: HashMap<String, Nonce>,
    oldest_first: VecDeque<String>,
}

struct Nonce {
    expires_at: Instant,
    /// The count of its last use.
    count: u32,
}

impl Nonces {
    fn issue(&mut self, now: Instant) -> String {
        while self.oldest_first.len() >= MAX_NONCES
            || self.oldest_first.front().is_some_and(|it| self.issued.get(it).is_none_or(|it| it.expires_at <= now))
        {
            if let Some(oldest) = self.oldest_first.pop_front() {
                self.issued.remove(&oldest);
            }
        }
        let nonce = Uuid::new_v4().simple().to_string();
        self.issued.insert(nonce.clone(), Nonce { expires_at: now + NONCE_LIFE, count: 0 });
        self.oldest_first.push_back(nonce.clone());
        nonce
    }

    /// Ours, not too old, and not used with this count before.
    fn is_good(&self, now: Instant, nonce: &str, count: u32) -> bool {
        self.issued.get(nonce).is_some_and(|it| it.expires_at > now && it.count < count)
    }

    fn count(&mut self, nonce: &str, count: u32) {
        if let Some(nonce) = self.issued.get_mut(nonce) {
            nonce.count = count;
        }
    }
}

/// What an Authorization shows.
struct Shown {
    fields: Fields,
    algorithm: DigestAlgorithm,
    response: String,
    count: u32,
}

impl Shown {
    /// `None` without what `qop=auth` needs.
    fn read(authorization: &str) -> Option<Self> {
        let fields = Fields::parse(authorization)?;
        fields.get("qop").filter(|it| it.eq_ignore_ascii_case("auth"))?;
        let algorithm = fields.get("algorithm").map_or(Some(DigestAlgorithm::Md5), DigestAlgorithm::parse)?;
        let response = fields.get("response")?.to_ascii_lowercase();
        let count = u32::from_str_radix(fields.get("nc")?, 16).ok()?;
        let is_whole = ["username", "nonce", "cnonce", "uri"].iter().all(|it| fields.get(it).is_some());
        is_whole.then_some(Self { fields, algorithm, response, count })
    }

    fn proof(&self) -> Proof<'_> {
        let field = |name| self.fields.get(name).unwrap_or_default();
        Proof {
            user: field("username"),
            realm: field("realm"),
            nonce: field("nonce"),
            nonce_count: field("nc"),
            client_nonce: field("cnonce"),
            method: "",
            uri: field("uri"),
        }
    }
}

/// Compares without telling by its time where the first difference is.
fn equal(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}
