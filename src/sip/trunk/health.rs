//! When to ask a trunk whether it lives, when to register with it, and what to believe.
//!
//! Pure: it is told the time and what came of its requests.

use super::{Registration, TrunkState};
use crate::timer::Timers;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Unanswered questions in a row after which a trunk counts as down.
const DOWN_AFTER: u32 = 2;
/// Answers in a row after which it counts as up again.
const UP_AFTER: u32 = 2;
/// The next question follows soon while the last answer speaks against what is believed.
const IN_DOUBT: Duration = Duration::from_secs(5);
/// A registration is refreshed after this part of its time.
const REFRESH_PART: f64 = 0.75;
const SHORTEST_REFRESH: Duration = Duration::from_secs(10);
/// Before a refused or unanswered registration is tried again; doubled each time, up to the longest.
const FIRST_RETRY: Duration = Duration::from_secs(5);
const LONGEST_RETRY: Duration = Duration::from_mins(10);

/// What happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// Time has passed.
    Tick,
    /// The final status that OPTIONS brought; `None` when none came.
    Answered(Option<u16>),
    /// The final status that REGISTER brought; `None` when none came.
    Registered {
        code: Option<u16>,
        /// For how long, when it was accepted.
        granted: Duration,
    },
}

/// What is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// OPTIONS.
    Ask,
    /// REGISTER.
    Register,
}

/// One trunk's health.
pub(super) struct Health {
    state: TrunkState,
    keepalive: Option<Duration>,
    /// Answers in a row that speak against what is believed.
    doubts: u32,
    /// Registrations in a row that failed.
    failures: u32,
    timers: Timers<Output>,
    outputs: VecDeque<Output>,
}

impl Health {
    /// Starts by doing at once what is wanted. A trunk counts as up until it shows otherwise.
    pub(super) fn new(now: Instant, keepalive: Option<Duration>, registers: bool) -> Self {
        let mut timers = Timers::new();
        if registers {
            timers.set(Output::Register, now);
        }
        if keepalive.is_some() {
            timers.set(Output::Ask, now);
        }
        let registration = if registers { Registration::Pending } else { Registration::Unwanted };
        let state = TrunkState { is_up: true, registration };
        Self { state, keepalive, doubts: 0, failures: 0, timers, outputs: VecDeque::new() }
    }

    pub(super) const fn state(&self) -> TrunkState {
        self.state
    }

    pub(super) fn handle_input(&mut self, now: Instant, input: Input) {
        match input {
            Input::Tick => {}
            Input::Answered(code) => self.take_answer(now, code),
            Input::Registered { code, granted } => self.take_registration(now, code, granted),
        }
        while let Some(due) = self.timers.pop_expired(now) {
            self.outputs.push_back(due);
        }
    }

    pub(super) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    fn take_answer(&mut self, now: Instant, code: Option<u16>) {
        let is_alive = code.is_some_and(|code| !matches!(code, 408 | 503));
        self.doubts = if is_alive == self.state.is_up { 0 } else { self.doubts + 1 };
        if self.doubts >= if is_alive { UP_AFTER } else { DOWN_AFTER } {
            self.state.is_up = is_alive;
            self.doubts = 0;
        }
        if let Some(keepalive) = self.keepalive {
            let pause = if self.doubts > 0 { IN_DOUBT.min(keepalive) } else { keepalive };
            self.timers.set(Output::Ask, now + pause);
        }
    }

    fn take_registration(&mut self, now: Instant, code: Option<u16>, granted: Duration) {
        let pause = match code {
            Some(200..=299) => {
                self.failures = 0;
                self.state.registration = Registration::Accepted;
                granted.mul_f64(REFRESH_PART).max(SHORTEST_REFRESH)
            }
            code => {
                self.state.registration = Registration::Refused(code.unwrap_or(408));
                let pause = FIRST_RETRY.saturating_mul(1 << self.failures.min(16));
                self.failures += 1;
                // A wrong password gets no better by being shown often, and may lock the account.
                if matches!(code, Some(401 | 403 | 407)) { LONGEST_RETRY } else { pause.min(LONGEST_RETRY) }
            }
        };
        self.timers.set(Output::Register, now + pause);
    }
}

#[cfg(test)]
mod tests {
    use super::{Health, Input, Output};
    use crate::sip::trunk::Registration;
    use std::time::{Duration, Instant};

    #[expect(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    fn start() -> Instant {
        Instant::now()
    }

    /// The seconds that pass until the next request, which is given too.
    fn next(health: &mut Health, now: &mut Instant) -> (u64, Output) {
        let due = health.poll_timeout().expect("a timer");
        let pause = due - *now;
        *now = due;
        health.handle_input(due, Input::Tick);
        let output = health.poll_output().expect("a request");
        assert_eq!(health.poll_output(), None);
        (pause.as_secs(), output)
    }

    #[test]
    fn two_failures_bring_it_down_and_two_answers_up() {
        let mut now = start();
        let mut health = Health::new(now, Some(Duration::from_secs(30)), false);
        assert_eq!((health.state().is_up, health.state().registration), (true, Registration::Unwanted));
        assert_eq!(next(&mut health, &mut now), (0, Output::Ask));
        for (answer, is_up, pause) in [
            (Some(200), true, 30),
            (None, true, 5),
            (Some(404), true, 30),
            (Some(503), true, 5),
            (Some(408), false, 30),
            (None, false, 30),
            (Some(200), false, 5),
            (None, false, 30),
            (Some(401), false, 5),
            (Some(500), true, 30),
        ] {
            health.handle_input(now, Input::Answered(answer));
            assert_eq!(health.state().is_up, is_up, "{answer:?}");
            assert_eq!(next(&mut health, &mut now), (pause, Output::Ask), "{answer:?}");
        }
    }

    #[test]
    fn registrations_are_refreshed_and_tried_again_ever_later() {
        let mut now = start();
        let mut health = Health::new(now, None, true);
        assert_eq!(health.state().registration, Registration::Pending);
        assert_eq!(next(&mut health, &mut now), (0, Output::Register));
        for (code, granted, registration, pause) in [
            (Some(200), 3600, Registration::Accepted, 2700),
            (None, 0, Registration::Refused(408), 5),
            (Some(500), 0, Registration::Refused(500), 10),
            (None, 0, Registration::Refused(408), 20),
            (Some(403), 0, Registration::Refused(403), 600),
            (Some(200), 4, Registration::Accepted, 10),
            (Some(503), 0, Registration::Refused(503), 5),
        ] {
            health.handle_input(now, Input::Registered { code, granted: Duration::from_secs(granted) });
            assert_eq!(health.state().registration, registration, "{code:?}");
            assert_eq!(next(&mut health, &mut now), (pause, Output::Register), "{code:?}");
        }
        for _ in 0..100 {
            health.handle_input(now, Input::Registered { code: None, granted: Duration::ZERO });
        }
        assert_eq!(next(&mut health, &mut now), (600, Output::Register));
        assert!(health.state().is_up);
    }
}
