//! Callers who want a person, or are in danger. `UPDATE_EXPECT=1` writes what comes now.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use super::{check, check_escalating};
use expect_test::expect;

#[test]
fn a_caller_who_asks_for_a_person_is_told_that_one_is_looked_for() {
    check_escalating(
        "call 2125550142
         say My kitchen sink is leaking
         say Can I speak to a real person please?
         listen
         silence 40",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: Can I speak to a real person please?
            4 receptionist (connecting): I'll try to reach someone for you right now. Please stay on the line.
            escalate: Call for Harbor Plumbing at 2 1 2, 5 5 5, 0 1 4 2, about this: My kitchen sink is leaking. Press 1 to take the call, or 2 to decline.
        "#]],
    );
}

#[test]
fn in_an_emergency_somebody_is_fetched_at_once_and_once() {
    check_escalating(
        "call 2125550142
         say Help, a pipe burst and there is water everywhere
         listen
         silence 20
         nobody
         say Sarah Miller
         say Yes, and please hurry, it is an emergency
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: Help, a pipe burst and there is water everywhere
              need = Help, a pipe burst and there is water everywhere (Turn(TurnId(1)))
              urgency = emergency (Turn(TurnId(1)))
              extract [Name, Address, PreferredTime] from turn 1
            2 receptionist (connecting): I'll try to reach someone for you right now. Please stay on the line.
            escalate: Call for Harbor Plumbing at 2 1 2, 5 5 5, 0 1 4 2, about this: Help, a pipe burst and there is water everywhere. It is an emergency. Press 1 to take the call, or 2 to decline.
            3 receptionist (ask_name): I'm sorry, nobody can come to the phone right now. I'll make sure that you are called back. May I have your first and last name?
            4 caller: Sarah Miller
              name = Sarah Miller (Turn(TurnId(4)))
            5 receptionist (offer_callback): Thank you. Is 2 1 2, 5 5 5, 0 1 4 2 the best number to call you back on?
            6 caller: Yes, and please hurry, it is an emergency
              callback = +12125550142 (CallerId)
              callback = +12125550142 (CallerId, confirmed)
            7 receptionist (ask_address): What's the address where you need us?
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn who_asks_a_third_time_may_leave_a_message() {
    check_escalating(
        "call 2125550142
         say I want to talk to a human
         listen
         nobody
         say Give me a person
         listen
         nobody
         say I need to speak to a person
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: I want to talk to a human
            2 receptionist (connecting): I'll try to reach someone for you right now. Please stay on the line.
            escalate: Call for Harbor Plumbing at 2 1 2, 5 5 5, 0 1 4 2. Press 1 to take the call, or 2 to decline.
            3 receptionist (ask_need): I'm sorry, nobody can come to the phone right now. I'll make sure that you are called back. What can we help you with today?
            4 caller: Give me a person
            5 receptionist (connecting): I'll try to reach someone for you right now. Please stay on the line.
            escalate: Call for Harbor Plumbing at 2 1 2, 5 5 5, 0 1 4 2. Press 1 to take the call, or 2 to decline.
            6 receptionist (ask_need): I'm sorry, nobody can come to the phone right now. I'll make sure that you are called back. What can we help you with today?
            7 caller: I need to speak to a person
            8 receptionist (leave_message): Then I'll take a message for our team.
            end: handed_on
        "#]],
    );
}

#[test]
fn a_caller_who_hangs_up_meanwhile_leaves_what_was_said() {
    check_escalating(
        "call 2125550142
         say My basement is flooding
         listen
         silence 5
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My basement is flooding
              need = My basement is flooding (Turn(TurnId(1)))
              urgency = emergency (Turn(TurnId(1)))
            2 receptionist (connecting): I'll try to reach someone for you right now. Please stay on the line.
            escalate: Call for Harbor Plumbing at 2 1 2, 5 5 5, 0 1 4 2, about this: My basement is flooding. It is an emergency. Press 1 to take the call, or 2 to decline.
              callback = +12125550142 (CallerId)
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn who_asks_for_a_person_where_nobody_can_come_may_leave_a_message() {
    check(
        "call 2125550142
         say I want to talk to a human
         say No, I really want a real person
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: I want to talk to a human
            2 receptionist (ask_need): I'm sorry, nobody can come to the phone right now. I'll make sure that you are called back. What can we help you with today?
            3 caller: No, I really want a real person
            4 receptionist (leave_message): Then I'll take a message for our team.
            end: handed_on
        "#]],
    );
}

#[test]
fn three_turns_without_sense_fetch_a_person_or_else_take_a_message() {
    check_escalating(
        "call 2125550142
         noise 0.8
         noise 0.8
         noise 0.8
         listen
         nobody
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 receptionist (did_not_catch): Sorry, I didn't catch that. Could you say it again?
            2 receptionist (ask_need): What can we help you with today?
            3 receptionist (connecting): I'm sorry, I have trouble understanding you. I'll try to reach someone for you right now. Please stay on the line.
            escalate: Call for Harbor Plumbing at 2 1 2, 5 5 5, 0 1 4 2. Press 1 to take the call, or 2 to decline.
            4 receptionist (leave_message): Then I'll take a message for our team.
            end: handed_on
        "#]],
    );
}
