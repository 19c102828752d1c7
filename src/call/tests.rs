//! Scripts of signals and the actions they lead to.

use super::{Action, Call, Outcome, Signal};
use crate::conversation::EndReason;
use std::time::{Duration, Instant};

#[expect(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
fn play(script: &[(u64, Signal)]) -> Vec<Action> {
    let start = Instant::now();
    let mut call = Call::new();
    let mut actions = Vec::new();
    for (ms, signal) in script {
        call.handle_input(start + Duration::from_millis(*ms), *signal);
        actions.extend(std::iter::from_fn(|| call.poll_output()));
    }
    actions
}

const ANSWERED: [Action; 3] = [Action::Ring, Action::Answer, Action::Converse];

#[test]
fn a_call_is_answered_and_ends_after_its_farewell() {
    let actions = play(&[(0, Signal::Invited), (20, Signal::Confirmed), (60_000, Signal::Ended(EndReason::Farewell))]);
    assert_eq!(actions[..3], ANSWERED);
    assert_eq!(actions[3..], [Action::HangUp, Action::Close(Outcome::Ended(EndReason::Farewell))]);
}

#[test]
fn what_a_caller_said_before_hanging_up_is_gathered_first() {
    let script = [(0, Signal::Invited), (20, Signal::Confirmed), (9_000, Signal::HungUp)];
    assert_eq!(play(&script)[3..], [Action::FinishConversation]);
    let ended = [&script[..], &[(9_400, Signal::Ended(EndReason::CallerHungUp)), (9_500, Signal::HungUp)]].concat();
    assert_eq!(play(&ended)[3..], [Action::FinishConversation, Action::Close(Outcome::Ended(EndReason::CallerHungUp))]);
}

#[test]
fn an_answer_that_is_never_confirmed_is_taken_back() {
    let script = [(0, Signal::Invited), (31_000, Signal::Tick), (32_000, Signal::Tick)];
    assert_eq!(play(&script)[3..], [Action::HangUp, Action::FinishConversation]);
    let confirmed = [(0, Signal::Invited), (20, Signal::Confirmed), (32_000, Signal::Tick)];
    assert_eq!(play(&confirmed)[3..], []);
}

#[test]
fn an_unacceptable_call_is_refused_and_closed_once() {
    let actions = play(&[(0, Signal::Unacceptable(488)), (1, Signal::HungUp), (2, Signal::Broken)]);
    assert_eq!(actions, [Action::Reject(488), Action::Close(Outcome::Rejected)]);
}

#[test]
fn whatever_comes_a_call_is_closed_once_and_then_silent() {
    let last = [Signal::HungUp, Signal::MediaLost, Signal::ShutDown, Signal::Broken, Signal::Cancelled];
    for signal in last {
        let script = [
            (0, Signal::Invited),
            (5, Signal::Confirmed),
            (10, Signal::Held(true)),
            (900, signal),
            (950, Signal::HungUp),
            (1_000, Signal::Ended(EndReason::CallerHungUp)),
            (1_100, Signal::Ended(EndReason::CallerHungUp)),
            (1_200, Signal::Invited),
        ];
        let actions = play(&script);
        let closes = actions.iter().filter(|action| matches!(action, Action::Close(_))).count();
        assert_eq!(closes, 1, "{signal:?}: {actions:?}");
        assert!(matches!(actions.last(), Some(Action::Close(_))), "{signal:?}: {actions:?}");
    }
}
