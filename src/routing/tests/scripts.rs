//! What each kind of step does. `UPDATE_EXPECT=1` writes what comes now.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use super::driver::{check, check_timeline};
use expect_test::expect;

#[test]
fn steps_follow_each_other_when_nobody_answers() {
    let plan = "ring ann-browser 10
                ring ann-cell 20
                receptionist
                voicemail";
    check(
        plan,
        "1 ringing 1\n 14 ringing 2\n 60 wait",
        &expect![[r#"
        0 dial 1: ann's browser
        10 cancel 1: no answer in time
        10 dial 2: ann's cell
        30 cancel 2: no answer in time
        30 converse
    "#]],
    );
}

#[test]
fn the_timeline_tells_every_step_and_leg_with_its_reason() {
    let plan = "ring ann-browser 10
                announce One moment.
                group all 20 ann-phone ann-cell bob-phone bob-browser
                voicemail";
    let events = "0 failed 1 480
                  0 step done
                  1 ringing 2
                  1 ringing 2
                  2 failed 4 486
                  3 ringing 3
                  6 answered 3
                  7 declined 3
                  8 answered 2
                  9 answered 5
                  30 gone 2";
    check_timeline(
        plan,
        events,
        &expect![[r#"
        0 step 0: ring ann's browser for 10 s
        0 leg 1: calling ann's browser
        0 leg 1: ann's browser failed with 480
        0 step 0 ended: nobody was left to ring
        0 step 1: play an announcement
        0 step 1 ended: played
        0 step 2: ring group office for 20 s
        0 leg 2: calling ann's phone
        0 leg 3: calling ann's cell
        0 leg 4: calling bob's phone
        0 leg 5: calling bob's browser
        1 leg 2: ann's phone rings
        2 leg 4: bob's phone failed with 486
        3 leg 3: ann's cell rings
        6 leg 3: ann's cell answered
        7 leg 3: ann's cell declined
        8 leg 2: ann's phone answered
        8 leg 2: ann's phone has the call
        8 leg 5: bob's browser let go: answered elsewhere
        8 step 2 ended: answered
        9 leg 5: bob's browser answered too late
        30 leg 2: ann's phone hung up
        30 over: leg 2 hung up
    "#]],
    );
}

#[test]
fn an_unregistered_endpoint_costs_no_time() {
    check(
        "ring ann-browser 10\n ring ann-phone 20",
        "0.1 failed 1 480\n 5 answered 2",
        &expect![[r#"
        0 dial 1: ann's browser
        0.1 dial 2: ann's phone
        5 bridge 2
    "#]],
    );
}

#[test]
fn an_unregistered_business_reaches_the_receptionist_at_once() {
    let plan = "ring ann-browser 10
                group all 20 ann-phone bob-phone
                receptionist";
    check(
        plan,
        "0 failed 1 480\n 0 failed 2 480\n 0 failed 3 480",
        &expect![[r#"
        0 dial 1: ann's browser
        0 dial 2: ann's phone
        0 dial 3: bob's phone
        0 converse
    "#]],
    );
}

#[test]
fn whoever_refuses_leaves_the_others_ringing() {
    let plan = "group all 20 a-phone b-phone c-phone d-phone e-phone f-phone g-phone h-phone";
    let events = "1 failed 1 486
                  2 failed 2 480
                  3 failed 3 408
                  4 failed 4 404
                  5 failed 5 503
                  6 failed 6 603
                  7 failed 7 600
                  9 answered 8";
    check(
        plan,
        events,
        &expect![[r#"
        0 dial 1: a's phone
        0 dial 2: b's phone
        0 dial 3: c's phone
        0 dial 4: d's phone
        0 dial 5: e's phone
        0 dial 6: f's phone
        0 dial 7: g's phone
        0 dial 8: h's phone
        9 bridge 8
    "#]],
    );
}

#[test]
fn a_step_ends_when_its_last_leg_failed() {
    check(
        "group all 20 ann-phone bob-phone\n voicemail",
        "1 failed 1 486\n 2 failed 2 603\n 60 step done",
        &expect![[r#"
            0 dial 1: ann's phone
            0 dial 2: bob's phone
            2 take a message
            60 over: a message was taken
        "#]],
    );
}

#[test]
fn nobody_is_dialled_twice_in_a_step() {
    check(
        "group all 20 ann-phone bob-phone ann-phone",
        "5 wait",
        &expect![[r#"
        0 dial 1: ann's phone
        0 dial 2: bob's phone
    "#]],
    );
}

#[test]
fn in_order_each_member_rings_alone_and_a_refusal_brings_the_next() {
    let plan = "group order:10 60 ann-phone bob-phone cid-phone
                voicemail";
    check(
        plan,
        "14 failed 2 486\n 40 wait",
        &expect![[r#"
        0 dial 1: ann's phone
        10 cancel 1: no answer in time
        10 dial 2: bob's phone
        14 dial 3: cid's phone
        24 cancel 3: no answer in time
        24 take a message
    "#]],
    );
}

#[test]
fn the_steps_own_time_cuts_the_members_short() {
    check(
        "group order:10 15 ann-phone bob-phone cid-phone\n voicemail",
        "40 wait",
        &expect![[r#"
        0 dial 1: ann's phone
        10 cancel 1: no answer in time
        10 dial 2: bob's phone
        15 cancel 2: no answer in time
        15 take a message
    "#]],
    );
    // A member that would begin when the time is up is not dialled at all.
    check(
        "group order:10 20 ann-phone bob-phone cid-phone\n voicemail",
        "40 wait",
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
fn staggered_phones_join_without_interrupting_the_first() {
    let plan = "group stagger:5 20 ann-phone bob-phone cid-phone
                voicemail";
    check(
        plan,
        "1 ringing 1\n 40 wait",
        &expect![[r#"
        0 dial 1: ann's phone
        5 dial 2: bob's phone
        10 dial 3: cid's phone
        20 cancel 1: no answer in time
        20 cancel 2: no answer in time
        20 cancel 3: no answer in time
        20 take a message
    "#]],
    );
}

#[test]
fn a_failing_phone_brings_the_next_of_a_staggered_group_at_once() {
    check(
        "group stagger:5 20 ann-phone bob-phone cid-phone",
        "2 failed 1 486\n 6 wait\n 8 answered 3",
        &expect![[r#"
            0 dial 1: ann's phone
            2 dial 2: bob's phone
            7 dial 3: cid's phone
            8 bridge 3
            8 cancel 2: answered elsewhere
        "#]],
    );
}

#[test]
fn a_cell_must_accept() {
    check(
        "ring ann-cell 20",
        "6 answered 1\n 9 accepted 1\n 60 gone 1",
        &expect![[r#"
        0 dial 1: ann's cell
        6 ask 1 to accept
        9 bridge 1
        60 over: leg 1 hung up
    "#]],
    );
}

#[test]
fn a_voicemail_that_answers_a_cell_never_gets_the_call() {
    // It answers in the last second, and has its ten seconds nevertheless.
    check(
        "ring ann-cell 20\n receptionist",
        "19 answered 1\n 60 wait",
        &expect![[r#"
            0 dial 1: ann's cell
            19 ask 1 to accept
            34 cancel 1: not accepted
            34 converse
        "#]],
    );
}

#[test]
fn a_cell_that_declines_or_hangs_up_is_done_at_once() {
    check(
        "ring ann-cell 20\n receptionist",
        "6 answered 1\n 8 declined 1",
        &expect![[r#"
        0 dial 1: ann's cell
        6 ask 1 to accept
        8 cancel 1: not accepted
        8 converse
    "#]],
    );
    check(
        "ring ann-cell 20\n receptionist",
        "6 answered 1\n 8 gone 1",
        &expect![[r#"
        0 dial 1: ann's cell
        6 ask 1 to accept
        8 converse
    "#]],
    );
}

#[test]
fn while_a_cell_is_asked_the_others_keep_their_own_time() {
    let plan = "group all 20 ann-cell bob-phone
                receptionist";
    check(
        plan,
        "15 answered 1\n 60 wait",
        &expect![[r#"
            0 dial 1: ann's cell
            0 dial 2: bob's phone
            15 ask 1 to accept
            20 cancel 2: no answer in time
            30 cancel 1: not accepted
            30 converse
        "#]],
    );
    check(
        plan,
        "15 answered 1\n 22 accepted 1",
        &expect![[r#"
        0 dial 1: ann's cell
        0 dial 2: bob's phone
        15 ask 1 to accept
        20 cancel 2: no answer in time
        22 bridge 1
    "#]],
    );
}

#[test]
fn nobody_else_is_rung_in_order_while_a_cell_is_asked() {
    let plan = "group order:10 60 ann-cell bob-phone
                voicemail";
    check(
        plan,
        "9 answered 1\n 40 wait",
        &expect![[r#"
            0 dial 1: ann's cell
            9 ask 1 to accept
            24 cancel 1: not accepted
            24 dial 2: bob's phone
            34 cancel 2: no answer in time
            34 take a message
        "#]],
    );
}

#[test]
fn a_staggered_group_widens_while_a_cell_is_asked() {
    check(
        "group stagger:5 30 ann-cell bob-phone",
        "3 answered 1\n 7 answered 2",
        &expect![[r#"
        0 dial 1: ann's cell
        3 ask 1 to accept
        5 dial 2: bob's phone
        7 bridge 2
        7 tell 1 that it is taken
    "#]],
    );
}

#[test]
fn past_the_longest_ringing_the_steps_that_ring_are_left_out() {
    let plan = "longest 25
                ring ann-phone 20
                ring bob-phone 20
                ring cid-phone 20
                announce Please hold.
                ring ann-phone 20
                receptionist";
    check(
        plan,
        "27 step done\n 60 wait",
        &expect![[r#"
        0 dial 1: ann's phone
        20 cancel 1: no answer in time
        20 dial 2: bob's phone
        25 cancel 2: no answer in time
        25 announce: Please hold.
        27 converse
    "#]],
    );
    check_timeline(
        plan,
        "27 step done",
        &expect![[r#"
        0 step 0: ring ann's phone for 20 s
        0 leg 1: calling ann's phone
        20 leg 1: ann's phone let go: no answer in time
        20 step 0 ended: nobody took the call in time
        20 step 1: ring bob's phone for 20 s
        20 leg 2: calling bob's phone
        25 leg 2: bob's phone let go: no answer in time
        25 step 1 ended: nobody took the call in time
        25 step 2 left out: the call rang as long as it may
        25 step 3: play an announcement
        27 step 3 ended: played
        27 step 4 left out: the call rang as long as it may
        27 step 5: the receptionist
    "#]],
    );
}

#[test]
fn an_announcement_does_not_count_as_ringing() {
    let plan = "longest 25
                ring ann-phone 20
                announce Please hold.
                ring bob-phone 20
                voicemail";
    check(
        plan,
        "80 step done\n 120 wait",
        &expect![[r#"
        0 dial 1: ann's phone
        20 cancel 1: no answer in time
        20 announce: Please hold.
        80 dial 2: bob's phone
        85 cancel 2: no answer in time
        85 take a message
    "#]],
    );
}

#[test]
fn a_plan_without_an_end_is_given_one() {
    check(
        "",
        "5 step done\n 65 step done",
        &expect![[r#"
        0 converse
        5 take a message
        65 over: a message was taken
    "#]],
    );
    check(
        "ring ann-phone 20",
        "30 step done\n 90 step done",
        &expect![[r#"
        0 dial 1: ann's phone
        20 cancel 1: no answer in time
        20 converse
        30 take a message
        90 over: a message was taken
    "#]],
    );
    check(
        "receptionist",
        "30 step done\n 90 step done",
        &expect![[r#"
        0 converse
        30 take a message
        90 over: a message was taken
    "#]],
    );
    check(
        "group all 20\n group order 20",
        "1 wait",
        &expect![[r#"
        0 converse
    "#]],
    );
}

#[test]
fn a_broken_receptionist_gives_way_to_the_next_step() {
    check(
        "receptionist\n ring ann-phone 20\n voicemail",
        "5 step done\n 9 answered 1",
        &expect![[r#"
        0 converse
        5 dial 1: ann's phone
        9 bridge 1
    "#]],
    );
}

#[test]
fn a_conversation_ends_the_call() {
    check(
        "receptionist\n voicemail",
        "90 conversation over\n 91 step done",
        &expect![[r#"
        0 converse
        90 over: the receptionist was done
    "#]],
    );
}

#[test]
fn a_refusal_is_final() {
    check(
        "announce We are closed.\n reject 603\n receptionist",
        "4 step done\n 5 step done",
        &expect![[r#"
        0 announce: We are closed.
        4 reject with 603
        4 over: refused with 603
    "#]],
    );
}
