//! The outbox entry's life, step by step.

use super::{Claim, Entry, GIVE_UP_AFTER, LEASE, Outcome, State, Step};
use crate::phone::PhoneNumber;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::time::Duration;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn entry() -> Entry {
    Entry {
        dedupe_key: "k".into(),
        to: PhoneNumber::parse("+12125550142", "US").unwrap(),
        body: "hello".to_owned().into(),
        queued_at: at(0),
        attempt: 0,
        due_at: at(0),
        state: State::Due,
    }
}

fn busy() -> Outcome {
    Outcome::Transient { retry_after: None, why: "503".into() }
}

#[test]
fn is_claimed_only_when_due() {
    assert_eq!(entry().claim(at(-1)), Err(None));
    assert_eq!(entry().claim(at(0)), Ok(Claim { attempt: 1, until: at(0) + LEASE, maybe_sent: false }));
    for state in [State::Accepted, State::GaveUp] {
        assert_eq!(Entry { state, ..entry() }.claim(at(9)), Err(None));
    }
}

#[test]
fn a_claim_that_ran_out_is_taken_up_and_may_have_been_sent() {
    let stuck = Entry { state: State::Sending, attempt: 1, due_at: at(60), ..entry() };
    assert_eq!(stuck.claim(at(59)), Err(None));
    let claim = stuck.claim(at(60)).unwrap();
    assert_eq!((claim.attempt, claim.maybe_sent), (2, true));
}

#[test]
fn pauses_grow_until_it_is_given_up() {
    let pauses: Vec<_> = (1..=GIVE_UP_AFTER)
        .map(|attempt| Claim { attempt, until: at(60), maybe_sent: attempt > 1 }.settle(at(0), busy(), 0.0))
        .map(|step| match step {
            Step::Retry { due_at, .. } => due_at.duration_since(at(0)).as_secs(),
            Step::GiveUp { why } => {
                assert_eq!(why, "503");
                -1
            }
            Step::Accepted { .. } => unreachable!(),
        })
        .collect();
    assert_eq!(pauses, [2, 10, 60, 300, 1_800, 3_600, 3_600, 3_600, 3_600, -1]);
}

#[test]
fn a_provider_may_ask_for_a_longer_pause_within_reason() {
    let claim = Claim { attempt: 1, until: at(60), maybe_sent: false };
    let wait = |secs| Outcome::Transient { retry_after: Some(Duration::from_secs(secs)), why: "429".into() };
    for (asked, given) in [(1, 2), (30, 30), (1_000_000, 21_600)] {
        let step = claim.settle(at(0), wait(asked), 0.0);
        assert_eq!(step, Step::Retry { due_at: at(given), why: "429".into() }, "{asked}");
    }
}

#[test]
fn a_final_refusal_ends_it_at_once() {
    let claim = Claim { attempt: 1, until: at(60), maybe_sent: false };
    let step = claim.settle(at(0), Outcome::Final { why: "21211".into() }, 0.0);
    assert_eq!(step, Step::GiveUp { why: "21211".into() });
}

proptest! {
    /// Whatever a provider answers and whoever dies, a text's tries are numbered one after the other, never overlap,
    /// and come to an end.
    #[test]
    fn every_text_comes_to_an_end(answers in prop::collection::vec(0..4_u8, 40), jitter in 0.0..1.0_f64) {
        let mut entry = entry();
        let mut now = entry.due_at;
        let mut tries = 0;
        for answer in answers {
            now = now.max(entry.due_at);
            let claim = match entry.claim(now) {
                Ok(claim) => claim,
                Err(Some(Step::GiveUp { .. })) => { entry.state = State::GaveUp; break }
                Err(other) => panic!("{other:?}"),
            };
            tries += 1;
            prop_assert_eq!(claim.attempt, tries);
            entry = Entry { state: State::Sending, attempt: claim.attempt, due_at: claim.until, ..entry };
            prop_assert_eq!(entry.claim(now + SignedDuration::from_secs(59)), Err(None));
            if answer == 0 { continue } // killed before the answer came
            let outcome = match answer {
                1 | 2 => busy(),
                _ => Outcome::Accepted { provider_id: "SM1".into() },
            };
            match claim.settle(now, outcome, jitter) {
                Step::Retry { due_at, .. } => {
                    prop_assert!(due_at > now);
                    entry = Entry { state: State::Due, due_at, ..entry };
                }
                Step::GiveUp { .. } => { entry.state = State::GaveUp; break }
                Step::Accepted { .. } => { entry.state = State::Accepted; break }
            }
        }
        prop_assert!(matches!(entry.state, State::Accepted | State::GaveUp));
        prop_assert!(tries <= GIVE_UP_AFTER);
    }
}
