//! Session timers (RFC 4028): both sides agree how long a call lasts without a refresh, so that one whose other side is gone ends.
//!
//! Who calls us is asked to refresh, unless they want us to; who is called by us chooses. We refresh by UPDATE where the other side
//! takes it, and else by a re-INVITE with the description that it has already.

mod timer;

use super::call::{Call, Phase, description};
use super::event::DialogEvent;
use super::reinvite;
use super::times::Times;
use super::wire;
use crate::clock::{due, now};
use rsipstack::sip::headers::{MinSE, Require, SessionExpires};
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Header, Response, StatusCode, StatusCodeKind};
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use timer::{Input, Output, Refreshed, SessionTimer};
pub(super) use timer::{Refresher, Terms};
use tokio::sync::watch;
use tokio::task::JoinSet;

const TIMER: &str = "timer";

/// What a call knows of its session.
pub(super) struct Session {
    times: Times,
    /// In force; every change, also to the same, is a refresh.
    terms: watch::Sender<Option<Terms>>,
    takes_update: AtomicBool,
    /// Our description as the other side has it.
    described: Mutex<String>,
}

/// What the sender of a message says about sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    /// Whether it knows session timers.
    is_able: bool,
    interval: Option<Duration>,
    /// Whether the sender of the request refreshes, when it says so.
    by_requester: Option<bool>,
}

/// The session would be too short for us: 422 says how long it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooShort(Duration);

impl Wish {
    pub(super) fn read(message: &impl HeadersExt) -> Self {
        let value = message.header_value("Session-Expires");
        let mut parts = value.as_deref().unwrap_or_default().split(';').map(str::trim);
        let interval = parts.next().and_then(seconds);
        let mut parameters = parts.filter_map(|part| part.split_once('='));
        let refresher = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("refresher"));
        let by_requester = refresher.map(|(_, who)| who.trim().eq_ignore_ascii_case("uac"));
        let is_able = ["Supported", "Require"].iter().any(|name| message.header_contains_token(name, TIMER));
        Self { is_able, interval, by_requester }
    }

    /// What we make of a request's wish (RFC 4028, section 9, table 2).
    fn grant(self, times: &Times) -> Result<Option<Terms>, TooShort> {
        let refresher = if self.is_able && self.by_requester != Some(false) { Refresher::Them } else { Refresher::Us };
        match self.interval {
            Some(interval) if interval >= times.shortest_session => Ok(Some(Terms { interval, refresher })),
            Some(_) if self.is_able => Err(TooShort(times.shortest_session)),
            // Put in by a proxy between, and of no use to us.
            Some(_) => Ok(None),
            None => Ok(self.is_able.then_some(Terms { interval: times.session, refresher: Refresher::Them })),
        }
    }

    /// What a 2xx to our request says.
    fn granted(self) -> Option<Terms> {
        let refresher = if self.by_requester == Some(false) { Refresher::Them } else { Refresher::Us };
        self.interval.filter(|it| !it.is_zero()).map(|interval| Terms { interval, refresher })
    }
}

impl TooShort {
    pub(super) fn refusal(self) -> (StatusCode, Vec<Header>) {
        let least = MinSE::new(self.0.as_secs().to_string());
        (StatusCode::SessionIntervalTooSmall, vec![least.into(), wire::supported()])
    }
}

/// Headers of a 2xx of ours that agrees to this.
pub(super) fn answer_headers(wish: Wish, terms: Option<Terms>) -> Vec<Header> {
    let Some(Terms { interval, refresher }) = terms else { return Vec::new() };
    let who = if refresher == Refresher::Them { "uac" } else { "uas" };
    let expires = SessionExpires::new(format!("{};refresher={who}", interval.as_secs()));
    let require = wish.is_able.then(|| Header::Require(Require::new(TIMER)));
    std::iter::once(expires.into()).chain(require).chain([wire::supported()]).collect()
}

/// Headers of the INVITE that begins a session.
pub(super) fn invite_headers(interval: Duration) -> Vec<Header> {
    vec![SessionExpires::new(interval.as_secs().to_string()).into(), wire::supported()]
}

impl Session {
    /// Of a call that has said `described` so far.
    pub(super) fn new(times: Times, described: String) -> Self {
        let (terms, takes_update) = (watch::Sender::new(None), AtomicBool::new(false));
        Self { times, terms, takes_update, described: Mutex::new(described) }
    }

    /// What a request of the other side comes to.
    ///
    /// # Errors
    /// When the session would be too short.
    pub(super) fn grant(&self, wish: Wish) -> Result<Option<Terms>, TooShort> {
        wish.grant(&self.times)
    }

    /// The session begins, or is refreshed.
    pub(super) fn agree(&self, terms: Option<Terms>) {
        self.terms.send_replace(terms);
    }

    /// As [`Session::agree`], by what the 2xx to a request of ours says.
    pub(super) fn agree_by(&self, response: &Response) {
        self.learn(response);
        self.agree(Wish::read(response).granted());
    }

    /// Takes in which requests the other side takes.
    pub(super) fn learn(&self, message: &impl HeadersExt) {
        if let Some(methods) = message.header_value("Allow") {
            let takes_update = methods.split(',').any(|it| it.trim().eq_ignore_ascii_case("UPDATE"));
            self.takes_update.store(takes_update, Ordering::Release);
        }
    }

    /// Remembers our description as the other side has it from now on.
    pub(super) fn describe(&self, description: String) {
        *self.described.lock().unwrap_or_else(PoisonError::into_inner) = description;
    }

    /// Headers of a request of ours within the call, which is a refresh whatever else it is.
    pub(super) fn request_headers(&self) -> Vec<Header> {
        match *self.terms.borrow() {
            Some(Terms { interval, refresher }) => refresh_headers(interval, refresher),
            None => vec![wire::supported()],
        }
    }

    fn described(&self) -> String {
        self.described.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn refresh_headers(interval: Duration, refresher: Refresher) -> Vec<Header> {
    let who = if refresher == Refresher::Us { "uac" } else { "uas" };
    let expires = SessionExpires::new(format!("{};refresher={who}", interval.as_secs()));
    vec![expires.into(), wire::supported()]
}

/// Keeps a call's session alive.
pub(super) struct Keeper {
    call: Arc<Call>,
    news: watch::Receiver<Option<Terms>>,
    timer: SessionTimer,
    /// At most one at a time: the next one's timer is set by the answer.
    refreshing: JoinSet<Refreshed>,
}

impl Keeper {
    pub(super) fn new(call: Arc<Call>) -> Self {
        let news = call.session.terms.subscribe();
        Self { call, news, timer: SessionTimer::default(), refreshing: JoinSet::new() }
    }

    /// Runs on; may be dropped at any point and begun again.
    pub(super) async fn run(&mut self) -> Infallible {
        loop {
            let input = tokio::select! {
                // The sender lives in the call, so waiting cannot fail.
                _news = self.news.changed() => Input::Agreed(*self.news.borrow_and_update()),
                () = due(self.timer.poll_timeout()) => Input::Tick,
                Some(done) = self.refreshing.join_next() => Input::Refreshed(done.unwrap_or(Refreshed::Refused)),
            };
            self.timer.handle_input(now(), input);
            while let Some(output) = self.timer.poll_output() {
                match output {
                    Output::Refresh => _ = self.refreshing.spawn(refresh(Arc::clone(&self.call))),
                    Output::Expire => self.call.fail(408, "Session Expired"),
                }
            }
        }
    }
}

async fn refresh(call: Arc<Call>) -> Refreshed {
    let terms = *call.session.terms.borrow();
    let Some(Terms { mut interval, .. }) = terms else { return Refreshed::Accepted };
    for _ in 0..2 {
        let Some(response) = ask(&call, interval).await else { return Refreshed::Refused };
        match response.status_code.code() {
            422 => match Wish::least(&response) {
                Some(least) if least > interval => interval = least,
                _ => return Refreshed::Refused,
            },
            408 | 481 => return Refreshed::Gone,
            _ if response.status_code.kind() == StatusCodeKind::Successful => {
                call.session.agree_by(&response);
                // Nothing changes here, but the other side may move with its answer.
                if let Some(answer) = description(&response) {
                    call.tell(DialogEvent::Answered(answer));
                }
                return Refreshed::Accepted;
            }
            _ => return Refreshed::Refused,
        }
    }
    Refreshed::Refused
}

async fn ask(call: &Arc<Call>, interval: Duration) -> Option<Response> {
    if call.phase() != Phase::Confirmed {
        return None;
    }
    let headers = refresh_headers(interval, Refresher::Us);
    if call.session.takes_update.load(Ordering::Acquire) {
        return call.library.update(Some(headers), None).await.ok().flatten();
    }
    reinvite::send(call, headers, call.session.described()).await.ok()
}

impl Wish {
    fn least(response: &Response) -> Option<Duration> {
        seconds(response.header_value("Min-SE")?.split(';').next()?)
    }
}

/// Within 32 bits, as the standard says: what is longer could not be added to a time.
fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse::<u32>().ok().map(|seconds| Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
    use super::{Refresher, Terms, TooShort, Wish};
    use crate::sip::Times;
    use rsipstack::sip::{Request, SipMessage};
    use std::time::Duration;

    fn wish(headers: &str) -> Wish {
        let text = format!("INVITE sip:a@b SIP/2.0\r\nCSeq: 1 INVITE\r\n{headers}Content-Length: 0\r\n\r\n");
        let Ok(SipMessage::Request(request)) = SipMessage::try_from(text.as_str()) else { panic!("{text}") };
        let request: Request = request;
        Wish::read(&request)
    }

    fn terms(seconds: u64, refresher: Refresher) -> Terms {
        Terms { interval: Duration::from_secs(seconds), refresher }
    }

    /// RFC 4028, section 9, table 2.
    #[test]
    fn wishes_are_granted_as_the_table_says() {
        use Refresher::{Them, Us};
        let short = Err(TooShort(Duration::from_secs(90)));
        for (headers, granted) in [
            ("", Ok(None)),
            ("Supported: 100rel\r\n", Ok(None)),
            ("Supported: replaces, timer\r\n", Ok(Some(terms(1_800, Them)))),
            ("Require: timer\r\nSession-Expires: 90\r\n", Ok(Some(terms(90, Them)))),
            ("Supported: timer\r\nSession-Expires: 600;refresher=uac\r\n", Ok(Some(terms(600, Them)))),
            ("Supported: timer\r\nSession-Expires: 600; Refresher=UAS\r\n", Ok(Some(terms(600, Us)))),
            ("Session-Expires: 600\r\n", Ok(Some(terms(600, Us)))),
            ("Session-Expires: 600;refresher=uac\r\n", Ok(Some(terms(600, Us)))),
            ("Supported: timer\r\nSession-Expires: 89\r\n", short),
            ("Session-Expires: 5\r\n", Ok(None)),
            ("Supported: timer\r\nSession-Expires: 18446744073709551615\r\n", Ok(Some(terms(1_800, Them)))),
        ] {
            assert_eq!(wish(headers).grant(&Times::default()), granted, "{headers}");
        }
    }

    #[test]
    fn answers_say_who_refreshes() {
        for (headers, granted) in [
            ("", None),
            ("Session-Expires: 1800;refresher=uas\r\nRequire: timer\r\n", Some(terms(1_800, Refresher::Them))),
            ("Session-Expires: 1800;refresher=uac\r\n", Some(terms(1_800, Refresher::Us))),
            ("Session-Expires: 1800\r\n", Some(terms(1_800, Refresher::Us))),
            ("Session-Expires: 0\r\n", None),
        ] {
            assert_eq!(wish(headers).granted(), granted, "{headers}");
        }
    }
}
