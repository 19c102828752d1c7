//! A call that holds in line.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use super::driver::check;
use expect_test::expect;

const PLAN: &str = "queue sales
                    receptionist";

#[test]
fn an_agent_takes_the_call_from_the_line() {
    check(
        PLAN,
        "5 offered ann 15 ann-phone ann-cell\n 9 answered 1\n 60 gone 1",
        &expect![[r#"
        0 join sales
        5 dial 1: ann's phone
        5 dial 2: ann's cell
        9 bridge 1
        9 leave sales: Answered(PersonId("ann"))
        9 cancel 2: answered elsewhere
        60 over: leg 1 hung up
    "#]],
    );
}

#[test]
fn an_offer_that_nobody_takes_leaves_the_call_in_line() {
    let events = "5 offered ann 15 ann-phone ann-cell
                  6 failed 1 486
                  21 offered bob 15 bob-cell
                  25 answered 3
                  27 declined 3
                  70 wait";
    check(
        PLAN,
        events,
        &expect![[r#"
        0 join sales
        5 dial 1: ann's phone
        5 dial 2: ann's cell
        20 cancel 2: no answer in time
        20 offer to ann lost: let go: no answer in time
        21 dial 3: bob's cell
        25 ask 3 to accept
        27 cancel 3: not accepted
        27 offer to bob lost: declined
        60 leave sales: TimedOut
        60 converse
    "#]],
    );
}

#[test]
fn what_the_line_takes_back_is_not_lost() {
    check(
        PLAN,
        "5 offered ann 15 ann-phone\n 7 withdrawn ann\n 8 answered 1\n 9 offered ann 15 ann-phone\n 10 answered 2",
        &expect![[r#"
            0 join sales
            5 dial 1: ann's phone
            7 cancel 1: no answer in time
            8 cancel 1: no answer in time
            9 dial 2: ann's phone
            10 bridge 2
            10 leave sales: Answered(PersonId("ann"))
        "#]],
    );
}

#[test]
fn two_agents_are_offered_one_call_and_one_has_it() {
    check(
        PLAN,
        "5 offered ann 15 ann-phone\n 5 offered bob 15 bob-phone\n 7 answered 2\n 7 answered 1",
        &expect![[r#"
            0 join sales
            5 dial 1: ann's phone
            5 dial 2: bob's phone
            7 bridge 2
            7 leave sales: Answered(PersonId("bob"))
            7 cancel 1: answered elsewhere
            7 tell 1 that it is taken
        "#]],
    );
}

#[test]
fn a_line_that_lets_the_call_go_leads_to_the_next_step() {
    check(
        PLAN,
        "5 offered ann 15 ann-phone\n 6 queue over\n 6 answered 1",
        &expect![[r#"
        0 join sales
        5 dial 1: ann's phone
        6 cancel 1: no answer in time
        6 converse
        6 cancel 1: no answer in time
    "#]],
    );
}

#[test]
fn the_caller_leaves_a_message_rather_than_wait() {
    check(
        PLAN,
        "5 offered ann 15 ann-phone\n 6 message wanted\n 30 step done",
        &expect![[r#"
        0 join sales
        5 dial 1: ann's phone
        6 leave sales: Message
        6 cancel 1: no answer in time
        6 take a message
        30 over: a message was taken
    "#]],
    );
}

#[test]
fn the_caller_is_called_back() {
    check(
        PLAN,
        "6 callback wanted\n 30 caller gone",
        &expect![[r#"
        0 join sales
        6 leave sales: Callback
        6 over: the caller will be called back
    "#]],
    );
}

#[test]
fn the_caller_hangs_up_in_line() {
    check(
        PLAN,
        "5 offered ann 15 ann-phone\n 6 caller gone",
        &expect![[r#"
        0 join sales
        5 dial 1: ann's phone
        6 leave sales: CallerGone
        6 cancel 1: the caller hung up
        6 over: the caller hung up
    "#]],
    );
}

#[test]
fn an_agent_without_endpoints_is_lost_at_once() {
    check(
        PLAN,
        "5 offered ann 15\n 70 wait",
        &expect![[r#"
        0 join sales
        5 offer to ann lost: failed with 480
        60 leave sales: TimedOut
        60 converse
    "#]],
    );
}

#[test]
fn an_offer_out_of_line_is_ignored() {
    check(
        "ring ann-phone 20",
        "5 offered bob 15 bob-phone\n 6 queue over\n 6 message wanted\n 6 callback wanted\n 7 answered 1",
        &expect![[r#"
            0 dial 1: ann's phone
            7 bridge 1
        "#]],
    );
}
