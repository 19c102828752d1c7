//! What queues do. `UPDATE_EXPECT=1` writes what comes now.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use super::driver::{check, check_agents, check_timeline};
use crate::routing::queue::Lost;
use crate::routing::{CancelReason, LegEnd};
use expect_test::expect;

#[test]
fn the_second_caller_hears_their_place_and_gets_the_agent_after_the_wrap_up() {
    let events = "0 join 1 service
                  3 answered ann 1
                  10 join 2 service
                  63 ended ann 1
                  75 answered ann 2
                  200 wait";
    check(
        "service order ann",
        events,
        &expect![[r#"
        0 offer 1 to ann for 15 s: ann's phone
        3 1 left: ann has the call
        10 tell 2 place 1
        55 tell 2 place 1
        73 offer 2 to ann for 15 s: ann's phone
        75 2 left: ann has the call
    "#]],
    );
}

#[test]
fn an_agent_who_is_ready_gets_the_next_caller_before_the_wrap_up_is_over() {
    let events = "0 join 1 service
                  3 answered ann 1
                  10 join 2 service
                  20 ready ann
                  63 ended ann 1
                  66 ready ann
                  70 answered ann 2";
    check(
        "service order ann",
        events,
        &expect![[r#"
            0 offer 1 to ann for 15 s: ann's phone
            3 1 left: ann has the call
            10 tell 2 place 1
            55 tell 2 place 1
            66 offer 2 to ann for 15 s: ann's phone
            70 2 left: ann has the call
        "#]],
    );
}

#[test]
fn who_waits_is_seen_in_order_with_their_waits() {
    use super::driver::{call, number};
    use crate::routing::QueueId;
    use crate::routing::Strategy;
    use crate::routing::queue::{Input, Queue, Queues};
    use crate::timer::epoch;
    use std::time::Duration;

    let service = QueueId("service".to_owned());
    let queue = Queue { waits_unstaffed: true, ..Queue::new(service.clone(), Strategy::InOrder, Vec::new()) };
    let mut queues = Queues::new(vec![queue], 1);
    let now = epoch();
    for (caller, priority, after) in [(1, 0, 0), (2, 5, 30)] {
        let number = Some(number(caller));
        let join = Input::Join { call: call(caller), queue: service.clone(), number, priority };
        queues.handle_input(now + Duration::from_secs(after), join);
    }
    let waiting: Vec<_> = queues.waiting(now + Duration::from_secs(40)).map(|it| (it.number, it.waited)).collect();
    let expected = [(Some(number(2)), Duration::from_secs(10)), (Some(number(1)), Duration::from_secs(40))];
    assert_eq!(waiting, expected);
}

#[test]
fn the_timeline_of_a_call_tells_what_the_line_did() {
    let events = "0 join 1 service
                  15 rang ann 1
                  20 declined bob 1
                  26 answered ann 1";
    check_timeline(
        "service order ann bob",
        events,
        &expect![[r#"
        0 1: queue service: in line at place 1
        0 1: offered to ann
        15 1: ann did not answer
        15 1: offered to bob
        20 1: bob declined
        25 1: offered to ann
        26 1: queue service: ann has the call
    "#]],
    );
}

#[test]
fn an_agent_is_told_of_as_they_change() {
    let events = "0 join 1 service
                  3 answered ann 1
                  60 ended ann 1
                  80 pause ann
                  81 out ann
                  82 resume ann
                  83 in ann
                  84 down ann
                  85 up ann
                  86 busy ann 77
                  87 free ann 77";
    check_agents(
        "service order ann",
        events,
        &expect![[r#"
        0 ann ringing
        3 ann talking
        60 ann wrapping up
        70 ann free
        80 ann paused
        81 ann logged out
        83 ann free
        84 ann not reachable
        85 ann free
        86 ann talking
        87 ann free
    "#]],
    );
}

#[test]
fn all_at_once_rings_everybody_and_the_first_wins() {
    let events = "0 join 1 service
                  1 join 2 service
                  2 free ann 9
                  4 declined bob 1
                  5 answered cid 1";
    check(
        "service all ann bob cid dan:2",
        events,
        &expect![[r#"
        0 offer 1 to ann for 15 s: ann's phone
        0 offer 1 to bob for 15 s: bob's phone
        0 offer 1 to cid for 15 s: cid's phone
        1 offer 2 to dan for 15 s: dan's phone
        5 withdraw 1 from ann: answered elsewhere
        5 1 left: cid has the call
        5 offer 2 to ann for 15 s: ann's phone
    "#]],
    );
}

#[test]
fn a_higher_tier_is_rung_only_when_the_lower_is_not_free() {
    let events = "0 join 1 service
                  1 declined ann 1
                  2 join 2 service
                  40 wait";
    check(
        "service order cid:2 ann bob:3",
        events,
        &expect![[r#"
        0 offer 1 to ann for 15 s: ann's phone
        1 offer 1 to cid for 15 s: cid's phone
        2 offer 2 to bob for 15 s: bob's phone
        36 withdraw 1 from cid: no answer in time
        36 offer 1 to ann for 15 s: ann's phone
        37 withdraw 2 from bob: no answer in time
    "#]],
    );
}

#[test]
fn a_stagger_adds_agents_and_lets_the_first_ring_on() {
    let events = "0 join 1 service
                  12 answered bob 1
                  13 wait";
    check(
        "service stagger:5 ann bob cid",
        events,
        &expect![[r#"
        0 offer 1 to ann for 15 s: ann's phone
        5 offer 1 to bob for 15 s: bob's phone
        10 offer 1 to cid for 15 s: cid's phone
        12 withdraw 1 from ann: answered elsewhere
        12 withdraw 1 from cid: answered elsewhere
        12 1 left: bob has the call
    "#]],
    );
}

#[test]
fn a_stagger_goes_on_at_once_when_the_only_one_who_rings_declines() {
    check(
        "service stagger:8 ann bob cid",
        "0 join 1 service\n 1 declined ann 1\n 20 wait",
        &expect![[r#"
        0 offer 1 to ann for 15 s: ann's phone
        1 offer 1 to bob for 15 s: bob's phone
        9 offer 1 to cid for 15 s: cid's phone
    "#]],
    );
}

#[test]
fn round_robin_goes_on_from_who_was_rung_last() {
    let events = "0 join 1 service
                  1 answered ann 1
                  2 ended ann 1
                  3 join 2 service
                  4 answered bob 2
                  5 ended bob 2
                  20 join 3 service
                  21 answered cid 3
                  22 ended cid 3
                  40 join 4 service";
    check(
        "service robin ann bob cid",
        events,
        &expect![[r#"
        0 offer 1 to ann for 15 s: ann's phone
        1 1 left: ann has the call
        3 offer 2 to bob for 15 s: bob's phone
        4 2 left: bob has the call
        20 offer 3 to cid for 15 s: cid's phone
        21 3 left: cid has the call
        40 offer 4 to ann for 15 s: ann's phone
    "#]],
    );
}

#[test]
fn longest_idle_and_fewest_calls_share_out_fairly() {
    let events = "0 join 1 service
                  1 answered ann 1
                  2 busy bob 77
                  30 ended ann 1
                  50 free bob 77
                  60 join 2 service
                  61 answered ann 2";
    check(
        "service idle ann bob",
        events,
        &expect![[r#"
        0 offer 1 to ann for 15 s: ann's phone
        1 1 left: ann has the call
        60 offer 2 to ann for 15 s: ann's phone
        61 2 left: ann has the call
    "#]],
    );
    check(
        "service fewest ann bob",
        events,
        &expect![[r#"
        0 offer 1 to ann for 15 s: ann's phone
        1 1 left: ann has the call
        60 offer 2 to bob for 15 s: bob's phone
        61 withdraw 2 from bob: answered elsewhere
        61 2 left: ann has the call
    "#]],
    );
}

#[test]
fn who_is_important_goes_first_and_then_the_order_of_joining_holds() {
    let events = "0 busy ann 77
                  1 join 1 service
                  2 join 2 service
                  3 join 3 service priority=5
                  4 free ann 77
                  5 answered ann 3
                  6 ended ann 3
                  17 answered ann 1";
    check(
        "service order ann wrap=10",
        events,
        &expect![[r#"
        1 tell 1 place 1
        2 tell 2 place 2
        3 tell 3 place 1
        4 offer 3 to ann for 15 s: ann's phone
        5 3 left: ann has the call
        16 offer 1 to ann for 15 s: ann's phone
        17 1 left: ann has the call
        17 tell 2 place 1, 11 s
    "#]],
    );
}

#[test]
fn an_unanswered_offer_costs_the_caller_nothing_and_the_agent_a_rest() {
    let events = "0 join 1 service
                  1 join 2 service
                  15 rang ann 1
                  26 declined ann 1
                  47 engaged ann 1
                  63 dead ann 1
                  79 answered ann 1";
    check(
        "service order ann every=600",
        events,
        &expect![[r#"
        0 offer 1 to ann for 15 s: ann's phone
        1 tell 2 place 2
        25 offer 1 to ann for 15 s: ann's phone
        46 offer 1 to ann for 15 s: ann's phone
        62 offer 1 to ann for 15 s: ann's phone
        78 offer 1 to ann for 15 s: ann's phone
        79 1 left: ann has the call
        79 tell 2 place 1
    "#]],
    );
}

#[test]
fn three_unanswered_offers_pause_the_agent_and_the_line_goes_on() {
    let events = "0 join 1 service
                  15 rang ann 1
                  40 rang ann 1
                  65 rang ann 1
                  66 join 2 service
                  70 resume ann
                  71 join 3 service";
    check(
        "service order ann every=600",
        events,
        &expect![[r#"
        0 offer 1 to ann for 15 s: ann's phone
        25 offer 1 to ann for 15 s: ann's phone
        50 offer 1 to ann for 15 s: ann's phone
        65 1 left: went on, nobody is on duty
        66 2 left: went on, nobody is on duty
        71 offer 3 to ann for 15 s: ann's phone
    "#]],
    );
}

#[test]
fn without_anybody_on_duty_callers_go_on_at_once() {
    let events = "0 out ann
                  1 join 1 service
                  2 in ann
                  3 busy ann 77
                  4 join 2 service
                  5 down ann
                  6 join 3 nonsense";
    check(
        "service order ann",
        events,
        &expect![[r#"
        1 1 left: went on, nobody is on duty
        4 tell 2 place 1
        5 2 left: went on, nobody is on duty
        6 3 left: went on, no such queue
    "#]],
    );
}

#[test]
fn a_queue_may_be_told_to_wait_for_its_agents() {
    check(
        "service order ann waits=1",
        "0 out ann\n 1 join 1 service\n 9 in ann",
        &expect![[r#"
        1 tell 1 place 1
        9 offer 1 to ann for 15 s: ann's phone
    "#]],
    );
}

#[test]
fn a_full_line_takes_nobody_else() {
    let events = "0 busy ann 77
                  1 join 1 service
                  2 join 2 service
                  3 join 3 service
                  4 gone 1
                  5 join 4 service
                  6 join 5 service from=1";
    check(
        "service order ann longest=2",
        events,
        &expect![[r#"
        1 tell 1 place 1
        2 tell 2 place 2
        3 3 left: went on, the line is full
        4 1 left: gone
        5 tell 4 place 2
        6 tell 5 place 1
    "#]],
    );
}

#[test]
fn who_drops_and_calls_again_has_their_place_back() {
    let events = "0 busy ann 77
                  1 join 1 service
                  2 join 2 service
                  3 gone 1
                  4 join 3 service from=1
                  5 gone 3
                  6 join 4 service from=0
                  306 join 5 service from=1
                  307 free ann 77";
    check(
        "service order ann every=600",
        events,
        &expect![[r#"
        1 tell 1 place 1
        2 tell 2 place 2
        3 1 left: gone
        4 tell 3 place 1
        5 3 left: gone
        6 tell 4 place 2
        12 tell 2 place 1
        306 tell 5 place 3
        307 offer 2 to ann for 15 s: ann's phone
    "#]],
    );
}

#[test]
fn the_wait_is_told_once_there_is_something_to_go_by() {
    let events = "0 join 1 service
                  5 answered ann 1
                  95 ended ann 1
                  100 join 2 service
                  101 join 3 service
                  105 answered bob 2
                  106 answered ann 3
                  110 join 4 service
                  111 join 5 service
                  130 leave 4
                  200 wait";
    check(
        "service order ann bob",
        events,
        &expect![[r#"
        0 offer 1 to ann for 15 s: ann's phone
        5 1 left: ann has the call
        100 offer 2 to bob for 15 s: bob's phone
        101 tell 3 place 2, 100 s
        105 2 left: bob has the call
        105 offer 3 to ann for 15 s: ann's phone
        106 3 left: ann has the call
        110 tell 4 place 1, 50 s
        111 tell 5 place 2, 100 s
        130 4 left: left the line
        130 tell 5 place 1, 50 s
        175 tell 5 place 1, 50 s
    "#]],
    );
}

#[test]
fn an_agent_of_two_queues_has_one_call_at_a_time() {
    let events = "0 join 1 sales
                  1 join 2 service
                  3 answered ann 1
                  4 join 3 sales priority=1
                  10 ended ann 1
                  21 answered ann 3";
    check(
        "service order ann\n sales order ann",
        events,
        &expect![[r#"
        0 offer 1 to ann for 15 s: ann's phone
        1 tell 2 place 1
        3 1 left: ann has the call
        4 tell 3 place 1
        20 offer 3 to ann for 15 s: ann's phone
        21 3 left: ann has the call
    "#]],
    );
}

#[test]
fn an_answer_that_crosses_a_withdrawal_is_the_truth() {
    let events = "0 join 1 service
                  36 join 2 service priority=5
                  40 answered ann 1";
    check(
        "service order ann every=600",
        events,
        &expect![[r#"
        0 offer 1 to ann for 15 s: ann's phone
        35 withdraw 1 from ann: no answer in time
        36 tell 2 place 1
        40 1 left: ann has the call
    "#]],
    );
    let events = "0 join 1 service
                  36 join 2 service priority=5
                  46 answered ann 1";
    check(
        "service order ann every=600",
        events,
        &expect![[r#"
        0 offer 1 to ann for 15 s: ann's phone
        35 withdraw 1 from ann: no answer in time
        36 tell 2 place 1
        45 offer 2 to ann for 15 s: ann's phone
        46 withdraw 2 from ann: the agent took another call
        46 1 left: ann has the call
    "#]],
    );
}

#[test]
fn a_caller_who_wants_to_be_called_back_keeps_their_place() {
    let events = "0 busy ann 77
                  1 join 1 service
                  2 join 2 service
                  3 callback 1
                  4 gone 1
                  5 free ann 77
                  20 called 1
                  24 answered ann 1
                  60 ended ann 1";
    check(
        "service order ann callback=1 every=600",
        events,
        &expect![[r#"
            1 tell 1 place 1
            2 tell 2 place 2
            3 keep 1, failed 0 times
            5 call 1 back for ann
            20 offer 1 to ann for 15 s: ann's phone
            24 1 left: ann has the call
            24 tell 2 place 1
        "#]],
    );
}

#[test]
fn a_callback_is_tried_twice() {
    let events = "0 busy ann 77
                  1 join 1 service
                  3 callback 1
                  5 free ann 77
                  35 failed 1
                  36 join 2 service
                  40 answered ann 2
                  50 ended ann 2
                  400 failed 1";
    check(
        "service order ann callback=1",
        events,
        &expect![[r#"
        1 tell 1 place 1
        3 keep 1, failed 0 times
        5 call 1 back for ann
        35 keep 1, failed 1 times
        36 offer 2 to ann for 15 s: ann's phone
        40 2 left: ann has the call
        335 call 1 back for ann
        395 1 left: could not be called back
    "#]],
    );
}

#[test]
fn who_waits_for_a_callback_and_calls_has_their_place() {
    let events = "0 busy ann 77
                  1 join 1 service
                  2 callback 1
                  3 join 2 service
                  4 join 3 service from=1
                  5 callback 2
                  6 join 4 service from=0
                  7 callback 4";
    check(
        "service order ann callback=1 every=600",
        events,
        &expect![[r#"
        1 tell 1 place 1
        2 keep 1, failed 0 times
        3 tell 2 place 2
        4 1 left: left the line
        4 tell 3 place 1
        5 keep 2, failed 0 times
        6 tell 4 place 3
    "#]],
    );
}

#[test]
fn a_call_of_ours_that_crosses_the_callers_own_is_the_last() {
    let events = "0 busy ann 77
                  1 join 1 service
                  2 callback 1
                  3 free ann 77
                  4 join 2 service from=1
                  6 failed 1
                  8 answered ann 2
                  700 wait";
    check(
        "service order ann callback=1 every=600",
        events,
        &expect![[r#"
        1 tell 1 place 1
        2 keep 1, failed 0 times
        3 call 1 back for ann
        4 tell 2 place 2
        6 1 left: left the line
        6 offer 2 to ann for 15 s: ann's phone
        8 2 left: ann has the call
    "#]],
    );
}

#[test]
fn what_was_promised_holds_over_a_restart() {
    let events = "0 out ann
                  0 promised 1 service 1
                  0 promised 2 service 0
                  1 in ann
                  2 failed 1
                  3 called 2
                  4 answered ann 2
                  9 wait";
    check(
        "service order ann callback=1 every=600",
        events,
        &expect![[r#"
        1 call 1 back for ann
        2 1 left: could not be called back
        2 call 2 back for ann
        3 offer 2 to ann for 15 s: ann's phone
        4 2 left: ann has the call
    "#]],
    );
    check(
        "service order ann",
        "0 promised 1 sales 0",
        &expect![[r#"
        0 1 left: could not be called back
    "#]],
    );
}

#[test]
fn nobody_is_called_back_hours_later() {
    let events = "0 out ann
                  0 promised 1 service 0
                  3600 wait
                  3601 in ann
                  3700 wait";
    check(
        "service order ann callback=1 waits=1",
        events,
        &expect![[r#"
        3600 1 left: could not be called back
    "#]],
    );
    let events = "0 busy ann 77
                  1 join 1 service
                  3 callback 1
                  14404 free ann 77
                  14500 wait";
    check(
        "service order ann callback=1",
        events,
        &expect![[r#"
        1 tell 1 place 1
        3 keep 1, failed 0 times
        14403 1 left: could not be called back
    "#]],
    );
}

#[test]
fn queues_that_are_taken_out_let_their_callers_go_on() {
    check(
        "service order ann",
        "0 join 1 service\n 2 answered ann 1\n 3 join 2 service\n 4 none",
        &expect![[r#"
        0 offer 1 to ann for 15 s: ann's phone
        2 1 left: ann has the call
        3 tell 2 place 1
        4 2 left: went on, no such queue
    "#]],
    );
}

#[test]
fn an_offer_is_lost_as_the_phone_says() {
    let lost = |why: LegEnd| Lost::from(why);
    assert_eq!(lost(LegEnd::Failed(486)), Lost::Busy);
    assert_eq!(lost(LegEnd::Failed(603)), Lost::Declined);
    assert_eq!(lost(LegEnd::Failed(480)), Lost::Unreachable);
    assert_eq!(lost(LegEnd::Cancelled(CancelReason::Timeout)), Lost::Unanswered);
}
