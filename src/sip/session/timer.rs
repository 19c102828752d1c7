//! When to refresh a session, and when to take it for dead (RFC 4028, section 10).
//!
//! Pure: it is told the time, what was agreed, and what came of its refreshes.

use crate::timer::Timers;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// We refresh after this part of a session's time.
const REFRESH_PART: u32 = 2;
/// A refused refresh is tried again after this part of it: three times more before the end.
const RETRY_PART: u32 = 20;
/// A session ends before its time is up by its third, but by no more than this, so that the BYE comes through.
const EARLY: Duration = Duration::from_secs(32);

/// Whose refresh keeps the session alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Refresher {
    /// Ours.
    Us,
    /// The other side's.
    Them,
}

/// What was agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Terms {
    /// How long the session lasts without a refresh.
    pub(in crate::sip) interval: Duration,
    /// Who refreshes it.
    pub(in crate::sip) refresher: Refresher,
}

/// What came of a refresh of ours. When it was accepted, [`Input::Agreed`] tells the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Refreshed {
    /// 2xx.
    Accepted,
    /// Refused for now, such as by 500.
    Refused,
    /// No answer, 408 or 481: the other side does not know the call any more.
    Gone,
}

/// What happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Input {
    /// Time has passed.
    Tick,
    /// The session begins or was refreshed, by either side; `None` when it needs no refresh any more.
    Agreed(Option<Terms>),
    /// Our refresh is over.
    Refreshed(Refreshed),
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Output {
    /// Refresh the session.
    Refresh,
    /// End the call: nobody is there any more. The last output.
    Expire,
}

/// One session's time.
#[derive(Debug, Default)]
pub(in crate::sip) struct SessionTimer {
    terms: Option<Terms>,
    timers: Timers<Output>,
    outputs: VecDeque<Output>,
}

impl SessionTimer {
    pub(in crate::sip) fn handle_input(&mut self, now: Instant, input: Input) {
        match input {
            Input::Tick | Input::Refreshed(Refreshed::Accepted) => {}
            Input::Agreed(terms) => self.begin(now, terms),
            Input::Refreshed(Refreshed::Refused) => {
                if let Some(terms) = self.terms {
                    self.timers.set(Output::Refresh, now + terms.interval / RETRY_PART);
                }
            }
            Input::Refreshed(Refreshed::Gone) => self.timers.set(Output::Expire, now),
        }
        while let Some(due) = self.timers.pop_expired(now) {
            if due == Output::Expire {
                self.begin(now, None);
            }
            self.outputs.push_back(due);
        }
    }

    pub(in crate::sip) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub(in crate::sip) fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    fn begin(&mut self, now: Instant, terms: Option<Terms>) {
        self.terms = terms;
        self.timers = Timers::new();
        if let Some(Terms { interval, refresher }) = terms {
            self.timers.set(Output::Expire, now + interval.saturating_sub(EARLY.min(interval / 3)));
            if refresher == Refresher::Us {
                self.timers.set(Output::Refresh, now + interval / REFRESH_PART);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Input, Output, Refreshed, Refresher, SessionTimer, Terms};
    use std::time::{Duration, Instant};

    #[expect(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    fn start() -> Instant {
        Instant::now()
    }

    /// The seconds until something is due, and what.
    fn next(timer: &mut SessionTimer, now: &mut Instant) -> Option<(u64, Output)> {
        let due = timer.poll_timeout()?;
        let pause = due - *now;
        *now = due;
        timer.handle_input(due, Input::Tick);
        let output = timer.poll_output().expect("something to do");
        assert_eq!(timer.poll_output(), None);
        Some((pause.as_secs(), output))
    }

    fn agreed(seconds: u64, refresher: Refresher) -> Input {
        Input::Agreed(Some(Terms { interval: Duration::from_secs(seconds), refresher }))
    }

    #[test]
    fn we_refresh_at_half_time_for_as_long_as_it_is_accepted() {
        let (mut timer, mut now) = (SessionTimer::default(), start());
        timer.handle_input(now, agreed(1_800, Refresher::Us));
        for _ in 0..3 {
            assert_eq!(next(&mut timer, &mut now), Some((900, Output::Refresh)));
            timer.handle_input(now, agreed(1_800, Refresher::Us));
            timer.handle_input(now, Input::Refreshed(Refreshed::Accepted));
        }
        // The other side needs no refresh any more.
        timer.handle_input(now, Input::Agreed(None));
        assert_eq!(next(&mut timer, &mut now), None);
    }

    #[test]
    fn a_refused_refresh_is_tried_again_until_the_session_ends() {
        let (mut timer, mut now) = (SessionTimer::default(), start());
        timer.handle_input(now, agreed(300, Refresher::Us));
        assert_eq!(next(&mut timer, &mut now), Some((150, Output::Refresh)));
        for _ in 0..7 {
            timer.handle_input(now, Input::Refreshed(Refreshed::Refused));
            assert_eq!(next(&mut timer, &mut now), Some((15, Output::Refresh)));
        }
        timer.handle_input(now, Input::Refreshed(Refreshed::Refused));
        // 268 s of the 300 are over.
        assert_eq!(next(&mut timer, &mut now), Some((13, Output::Expire)));
        assert_eq!(next(&mut timer, &mut now), None);
    }

    #[test]
    fn whoever_is_gone_is_hung_up_on_at_once() {
        let (mut timer, mut now) = (SessionTimer::default(), start());
        timer.handle_input(now, agreed(90, Refresher::Us));
        assert_eq!(next(&mut timer, &mut now), Some((45, Output::Refresh)));
        timer.handle_input(now, Input::Refreshed(Refreshed::Gone));
        assert_eq!((timer.poll_output(), timer.poll_timeout()), (Some(Output::Expire), None));
    }

    #[test]
    fn a_session_that_they_do_not_refresh_ends_before_its_time() {
        for (interval, ends) in [(1_800, 1_768), (90, 60)] {
            let (mut timer, mut now) = (SessionTimer::default(), start());
            timer.handle_input(now, agreed(interval, Refresher::Them));
            now += Duration::from_secs(interval / 2);
            timer.handle_input(now, agreed(interval, Refresher::Them));
            assert_eq!(next(&mut timer, &mut now), Some((ends, Output::Expire)), "{interval}");
            assert_eq!(next(&mut timer, &mut now), None);
        }
    }
}
