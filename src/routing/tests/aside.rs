//! A leg that passes the call on, and the receptionist that asks for a person.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use super::driver::{check, check_timeline};
use expect_test::expect;

#[test]
fn a_call_is_passed_on() {
    let events = "5 answered 1\n 20 transfer ring bob-phone 25\n 20 gone 1\n 25 answered 2\n 90 gone 2";
    check_timeline(
        "ring ann-phone 20",
        events,
        &expect![[r#"
        0 step 0: ring ann's phone for 20 s
        0 leg 1: calling ann's phone
        5 leg 1: ann's phone answered
        5 leg 1: ann's phone has the call
        5 step 0 ended: answered
        20 leg 1: ann's phone passes the call on
        20 leg 1: ann's phone let go: it passed the call on
        20 step 1: ring bob's phone for 25 s
        20 leg 2: calling bob's phone
        25 leg 2: bob's phone answered
        25 leg 2: bob's phone has the call
        25 step 1 ended: answered
        90 leg 2: bob's phone hung up
        90 over: leg 2 hung up
    "#]],
    );
}

#[test]
fn who_passed_the_call_on_gets_it_back_when_nobody_takes_it() {
    let events = "5 answered 1\n 20 transfer ring bob-cell 25\n 50 answered 3";
    check(
        "ring ann-phone 20",
        events,
        &expect![[r#"
        0 dial 1: ann's phone
        5 bridge 1
        20 cancel 1: it passed the call on
        20 dial 2: bob's cell
        45 cancel 2: no answer in time
        45 dial 3: ann's phone
        50 bridge 3
    "#]],
    );
}

#[test]
fn a_call_that_nobody_takes_back_ends_at_the_receptionist() {
    check(
        "ring ann-phone 20",
        "5 answered 1\n 20 transfer ring bob-cell 25\n 90 wait",
        &expect![[r#"
        0 dial 1: ann's phone
        5 bridge 1
        20 cancel 1: it passed the call on
        20 dial 2: bob's cell
        45 cancel 2: no answer in time
        45 dial 3: ann's phone
        65 cancel 3: no answer in time
        65 converse
    "#]],
    );
}

#[test]
fn a_call_is_passed_on_to_the_receptionist_or_a_line() {
    check(
        "receptionist",
        "5 transfer ring ann-phone 20\n 6 escalate ring ann-phone 20\n 9 answered 1\n 10 accepted 1\n 20 transfer receptionist\n 30 conversation over",
        &expect![[r#"
            0 converse
            6 dial 1: ann's phone
            9 ask 1 to accept
            10 bridge 1
            20 cancel 1: it passed the call on
            20 converse
            30 over: the receptionist was done
        "#]],
    );
    check(
        "ring ann-phone 20",
        "5 answered 1\n 20 transfer queue sales\n 25 offered bob 10 bob-phone\n 26 answered 2",
        &expect![[r#"
            0 dial 1: ann's phone
            5 bridge 1
            20 cancel 1: it passed the call on
            20 join sales
            25 dial 2: bob's phone
            26 bridge 2
            26 leave sales: Answered(PersonId("bob"))
        "#]],
    );
}

#[test]
fn a_person_is_asked_before_they_get_the_receptionists_caller() {
    let events = "30 escalate ring ann-phone 20, ring bob-cell 20
                  32 answered 1
                  36 declined 1
                  40 answered 2
                  45 accepted 2
                  99 gone 2";
    check(
        "receptionist",
        events,
        &expect![[r#"
        0 converse
        30 dial 1: ann's phone
        32 ask 1 to accept
        36 cancel 1: not accepted
        36 dial 2: bob's cell
        40 ask 2 to accept
        45 bridge 2
        99 over: leg 2 hung up
    "#]],
    );
}

#[test]
fn the_receptionist_goes_on_when_nobody_comes() {
    let events = "30 escalate ring ann-phone 20, announce Hello., group all 20 bob-phone cid-phone\n 90 escalate ring ann-phone 20\n 91 failed 4 480\n 99 conversation over";
    check_timeline(
        "receptionist",
        events,
        &expect![[r#"
        0 step 0: the receptionist
        30 the receptionist asks for a person
        30 step 1: ring ann's phone for 20 s
        30 leg 1: calling ann's phone
        50 leg 1: ann's phone let go: no answer in time
        50 step 1 ended: nobody took the call in time
        50 step 2: ring group office for 20 s
        50 leg 2: calling bob's phone
        50 leg 3: calling cid's phone
        70 leg 2: bob's phone let go: no answer in time
        70 leg 3: cid's phone let go: no answer in time
        70 step 2 ended: nobody took the call in time
        70 nobody came: the receptionist goes on
        90 the receptionist asks for a person
        90 step 3: ring ann's phone for 20 s
        90 leg 4: calling ann's phone
        91 leg 4: ann's phone failed with 480
        91 step 3 ended: nobody was left to ring
        91 nobody came: the receptionist goes on
        99 over: the receptionist was done
    "#]],
    );
}

#[test]
fn the_caller_hangs_up_while_a_person_is_sought() {
    check(
        "receptionist",
        "30 escalate ring ann-phone 20\n 35 caller gone",
        &expect![[r#"
        0 converse
        30 dial 1: ann's phone
        35 cancel 1: the caller hung up
        35 over: the caller hung up
    "#]],
    );
}

#[test]
fn an_escalation_without_anybody_is_over_at_once() {
    check(
        "receptionist",
        "30 escalate announce Hello.\n 31 step done",
        &expect![[r#"
        0 converse
        30 resume
        31 take a message
    "#]],
    );
}

#[test]
fn the_caller_of_somebody_who_is_out_of_touch_is_taken_further() {
    check(
        "ring ann-browser 10\nring ann-cell 20\nreceptionist",
        "4 answered 1\n 60 lost 1\n 62 ringing 2\n 95 conversation over",
        &expect![[r#"
            0 dial 1: ann's browser
            4 bridge 1
            60 cancel 1: out of touch
            60 dial 2: ann's cell
            80 cancel 2: no answer in time
            80 converse
            95 over: the receptionist was done
        "#]],
    );
    check_timeline(
        "ring ann-browser 10",
        "3 lost 1\n 4 wait",
        &expect![[r#"
            0 step 0: ring ann's browser for 10 s
            0 leg 1: calling ann's browser
            3 leg 1: ann's browser hung up
            3 step 0 ended: nobody was left to ring
            3 step 1: the receptionist
        "#]],
    );
}

#[test]
fn a_ring_tells_its_plan_its_step_and_how_long_it_lasts() {
    use super::driver::endpoint;
    use crate::id::LegId;
    use crate::routing::{Executor, Input, Plan, Standing, Step};
    use crate::timer::epoch;
    use std::time::Duration;

    let ring = Step::Ring { endpoint: endpoint("ann-browser"), timeout: Duration::from_secs(10) };
    let plan = Plan { name: "smart".to_owned(), steps: vec![ring], ..Plan::receptionist_only() };
    let (mut executor, now) = (Executor::new(plan, 1, &Standing::new()), epoch());
    executor.handle_input(now, Input::Start);
    let ring = executor.ring_of(now + Duration::from_secs(4), LegId(1));
    assert_eq!((ring.plan.as_str(), ring.step.as_str()), ("smart", "ring ann's browser for 10 s"));
    assert_eq!(ring.left, Duration::from_secs(6));
}
