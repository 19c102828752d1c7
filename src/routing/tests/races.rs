//! Messages that cross each other, by the wire rules that each test names. `UPDATE_EXPECT=1` writes what comes now.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use super::driver::check;
use expect_test::expect;

const THREE: &str = "group all 20 ann-browser bob-phone cid-cell\n voicemail";

#[test]
fn the_first_answer_wins_and_the_losers_are_let_go_in_the_same_breath() {
    check(
        THREE,
        "3 ringing 1\n 4 ringing 2\n 5 answered 2\n 60 gone 2",
        &expect![[r#"
        0 dial 1: ann's browser
        0 dial 2: bob's phone
        0 dial 3: cid's cell
        5 bridge 2
        5 cancel 1: answered elsewhere
        5 cancel 3: answered elsewhere
        60 over: leg 2 hung up
    "#]],
    );
}

#[test]
fn two_answers_at_the_same_time_make_one_bridge() {
    check(
        THREE,
        "5 answered 1\n 5 answered 2\n 5 answered 1",
        &expect![[r#"
        0 dial 1: ann's browser
        0 dial 2: bob's phone
        0 dial 3: cid's cell
        5 bridge 1
        5 cancel 2: answered elsewhere
        5 cancel 3: answered elsewhere
        5 tell 2 that it is taken
    "#]],
    );
}

#[test]
fn a_losers_487_changes_nothing() {
    check(
        THREE,
        "5 answered 1\n 5.1 failed 2 487\n 5.2 failed 3 487\n 60 gone 1",
        &expect![[r#"
        0 dial 1: ann's browser
        0 dial 2: bob's phone
        0 dial 3: cid's cell
        5 bridge 1
        5 cancel 2: answered elsewhere
        5 cancel 3: answered elsewhere
        60 over: leg 1 hung up
    "#]],
    );
}

#[test]
fn an_answer_that_crosses_its_timeout_is_ended_again_and_never_bridged() {
    let plan = "ring ann-phone 10
                ring ann-cell 20";
    check(
        plan,
        "10.1 answered 1\n 10.2 gone 1\n 10.3 answered 1\n 15 answered 2\n 17 accepted 2",
        &expect![[r#"
        0 dial 1: ann's phone
        10 cancel 1: no answer in time
        10 dial 2: ann's cell
        10.1 cancel 1: no answer in time
        15 ask 2 to accept
        17 bridge 2
    "#]],
    );
}

#[test]
fn an_answer_that_comes_before_the_tick_still_wins() {
    check(
        "ring ann-phone 10\n voicemail",
        "10 answered 1\n 30 gone 1",
        &expect![[r#"
        0 dial 1: ann's phone
        10 bridge 1
        30 over: leg 1 hung up
    "#]],
    );
}

#[test]
fn a_timeout_is_never_called_answered_elsewhere() {
    check(
        "group order:10 30 ann-phone bob-phone",
        "12 answered 2\n 12.1 answered 1",
        &expect![[r#"
        0 dial 1: ann's phone
        10 cancel 1: no answer in time
        10 dial 2: bob's phone
        12 bridge 2
        12.1 tell 1 that it is taken
    "#]],
    );
}

#[test]
fn nobody_outlives_the_caller() {
    check(
        THREE,
        "3 answered 3\n 4 caller gone\n 5 answered 1\n 6 accepted 3\n 60 wait",
        &expect![[r#"
        0 dial 1: ann's browser
        0 dial 2: bob's phone
        0 dial 3: cid's cell
        3 ask 3 to accept
        4 cancel 1: the caller hung up
        4 cancel 2: the caller hung up
        4 cancel 3: the caller hung up
        4 over: the caller hung up
    "#]],
    );
    check(
        THREE,
        "3 answered 1\n 4 caller gone",
        &expect![[r#"
        0 dial 1: ann's browser
        0 dial 2: bob's phone
        0 dial 3: cid's cell
        3 bridge 1
        3 cancel 2: answered elsewhere
        3 cancel 3: answered elsewhere
        4 cancel 1: the caller hung up
        4 over: the caller hung up
    "#]],
    );
    check(
        "receptionist",
        "4 caller gone\n 5 step done",
        &expect![[r#"
        0 converse
        4 over: the caller hung up
    "#]],
    );
}

#[test]
fn ringing_and_early_sound_do_not_stop_the_clock() {
    check(
        "ring ann-phone 10\n voicemail",
        "1 ringing 1\n 9.9 ringing 1\n 20 wait",
        &expect![[r#"
        0 dial 1: ann's phone
        10 cancel 1: no answer in time
        10 take a message
    "#]],
    );
}

#[test]
fn every_endpoint_has_its_time_and_the_call_has_a_cap() {
    let plan = "longest 40
                ring ann-browser 15
                ring ann-phone 20
                ring ann-cell 25
                receptionist";
    check(
        plan,
        "60 wait",
        &expect![[r#"
        0 dial 1: ann's browser
        15 cancel 1: no answer in time
        15 dial 2: ann's phone
        35 cancel 2: no answer in time
        35 dial 3: ann's cell
        40 cancel 3: no answer in time
        40 converse
    "#]],
    );
    // A cell that answered under the cap keeps its ten seconds beyond it.
    check(
        plan,
        "38 answered 3\n 47 accepted 3",
        &expect![[r#"
        0 dial 1: ann's browser
        15 cancel 1: no answer in time
        15 dial 2: ann's phone
        35 cancel 2: no answer in time
        35 dial 3: ann's cell
        38 ask 3 to accept
        47 bridge 3
    "#]],
    );
}

#[test]
fn who_accepts_late_hears_that_the_call_is_taken() {
    // It was asked when the other took the call: told at once, and once.
    check(
        THREE,
        "3 answered 3\n 5 answered 1\n 6 accepted 3\n 7 answered 3",
        &expect![[r#"
        0 dial 1: ann's browser
        0 dial 2: bob's phone
        0 dial 3: cid's cell
        3 ask 3 to accept
        5 bridge 1
        5 cancel 2: answered elsewhere
        5 tell 3 that it is taken
    "#]],
    );
    // Its answer crossed the cancel.
    check(
        THREE,
        "5 answered 1\n 5.1 answered 3\n 6 accepted 3",
        &expect![[r#"
        0 dial 1: ann's browser
        0 dial 2: bob's phone
        0 dial 3: cid's cell
        5 bridge 1
        5 cancel 2: answered elsewhere
        5 cancel 3: answered elsewhere
        5.1 tell 3 that it is taken
    "#]],
    );
    // It pressed 1 after its time, before and after the other took the call.
    let plan = "group all 30 ann-cell bob-phone";
    check(
        plan,
        "1 answered 1\n 16.5 accepted 1\n 17 answered 2",
        &expect![[r#"
        0 dial 1: ann's cell
        0 dial 2: bob's phone
        1 ask 1 to accept
        16 cancel 1: not accepted
        16.5 cancel 1: not accepted
        17 bridge 2
    "#]],
    );
    check(
        plan,
        "1 answered 1\n 17 answered 2\n 17.5 accepted 1",
        &expect![[r#"
        0 dial 1: ann's cell
        0 dial 2: bob's phone
        1 ask 1 to accept
        16 cancel 1: not accepted
        17 bridge 2
        17.5 tell 1 that it is taken
    "#]],
    );
}

#[test]
fn two_cells_that_accept_together_make_one_bridge() {
    let plan = "group all 20 ann-cell bob-cell";
    check(
        plan,
        "4 answered 1\n 5 answered 2\n 8 accepted 2\n 8 accepted 1",
        &expect![[r#"
        0 dial 1: ann's cell
        0 dial 2: bob's cell
        4 ask 1 to accept
        5 ask 2 to accept
        8 bridge 2
        8 tell 1 that it is taken
    "#]],
    );
}

#[test]
fn a_key_counts_only_on_a_leg_that_was_asked() {
    check(
        "group all 20 ann-cell bob-phone",
        "4 accepted 1\n 4 accepted 2\n 5 declined 2",
        &expect![[r#"
        0 dial 1: ann's cell
        0 dial 2: bob's phone
    "#]],
    );
}

#[test]
fn a_widening_group_neither_cancels_nor_redials() {
    let plan = "group stagger:5 30 ann-phone bob-phone cid-phone";
    check(
        plan,
        "4.9 ringing 1\n 5 failed 1 486\n 17 answered 2",
        &expect![[r#"
        0 dial 1: ann's phone
        5 dial 2: bob's phone
        10 dial 3: cid's phone
        17 bridge 2
        17 cancel 3: answered elsewhere
    "#]],
    );
}

#[test]
fn a_refusal_that_crosses_our_cancel_does_not_move_the_plan_twice() {
    let plan = "ring ann-phone 10
                ring bob-phone 10
                voicemail";
    check(
        plan,
        "10.2 failed 1 486\n 10.3 gone 1\n 30 wait",
        &expect![[r#"
        0 dial 1: ann's phone
        10 cancel 1: no answer in time
        10 dial 2: bob's phone
        20 cancel 2: no answer in time
        20 take a message
    "#]],
    );
}

#[test]
fn messages_of_unknown_legs_are_ignored() {
    check(
        "ring ann-phone 10",
        "1 answered 0\n 2 answered 7\n 3 failed 7 486\n 4 gone 0\n 5 start",
        &expect![[r#"
        0 dial 1: ann's phone
    "#]],
    );
}

#[test]
fn whatever_fails_the_call_ends_with_a_message() {
    check(
        "group all 20 ann-phone bob-cell\n receptionist",
        "1 failed 1 503\n 2 failed 2 503\n 3 step done\n 60 step done",
        &expect![[r#"
            0 dial 1: ann's phone
            0 dial 2: bob's cell
            2 converse
            3 take a message
            60 over: a message was taken
        "#]],
    );
}
