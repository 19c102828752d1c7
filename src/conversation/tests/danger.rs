//! Callers in danger: what keeps them safe first, then where they are, then somebody who comes.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use super::{check, check_escalating};
use expect_test::expect;

#[test]
fn gas_is_warned_of_at_once_and_somebody_fetched_once_the_place_is_known() {
    check_escalating(
        "call 2125550142
         say Hello, I smell gas in my kitchen
         say 14 Oak Street
         listen
         nobody
         say Yes
         say Dana Whitfield
         say No, that's all
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: Hello, I smell gas in my kitchen
              need = I smell gas in my kitchen (Turn(TurnId(1)))
              urgency = emergency (Turn(TurnId(1)))
            2 receptionist (ask_address): If you smell gas, leave the building now. Don't touch any switch, and call 911 from outside. What's the address where you need us?
            3 caller: 14 Oak Street
              address = 14 Oak Street (Turn(TurnId(3)))
            4 receptionist (connecting): I'll try to reach someone for you right now. Please stay on the line.
            escalate: Call for Harbor Plumbing at 2 1 2, 5 5 5, 0 1 4 2, about this: I smell gas in my kitchen. It is an emergency. Press 1 to take the call, or 2 to decline.
            5 receptionist (offer_callback): I'm sorry, nobody can come to the phone right now. I'll make sure that you are called back. Is 2 1 2, 5 5 5, 0 1 4 2 the best number to call you back on?
            6 caller: Yes
              callback = +12125550142 (CallerId)
              callback = +12125550142 (CallerId, confirmed)
            7 receptionist (ask_name): May I have your first and last name?
            8 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(8)))
            9 receptionist (anything_else): Thank you. Is there anything else we should know?
            10 caller: No, that's all
            11 receptionist (farewell): Thank you, Dana Whitfield. Someone from Harbor Plumbing will call you back. Goodbye.
            end: farewell
        "#]],
    );
}

#[test]
fn a_withheld_number_is_asked_for_before_somebody_is_fetched() {
    check_escalating(
        "call
         say There are sparks coming out of the outlet
         say 14 Oak Street
         say 212 555 0142
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: There are sparks coming out of the outlet
              need = There are sparks coming out of the outlet (Turn(TurnId(1)))
              urgency = emergency (Turn(TurnId(1)))
              extract [Name, Address, PreferredTime] from turn 1
            2 receptionist (ask_address): Keep away from it. Switch off the main breaker if you can reach it safely. If you see smoke or flames, leave and call 911. What's the address where you need us?
            3 caller: 14 Oak Street
              address = 14 Oak Street (Turn(TurnId(3)))
            4 receptionist (ask_callback): Thank you. What's the best number to call you back on?
            5 caller: 212 555 0142
              callback = +12125550142 (Turn(TurnId(5)))
            6 receptionist (connecting): I'll try to reach someone for you right now. Please stay on the line.
            escalate: Call for Harbor Plumbing at 2 1 2, 5 5 5, 0 1 4 2, about this: There are sparks coming out of the outlet. It is an emergency. Press 1 to take the call, or 2 to decline.
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn without_somebody_to_fetch_the_details_are_taken() {
    check(
        "call 2125550142
         say My kitchen sink is leaking
         say Dana Whitfield, and there is smoke coming out of the wall
         say 14 Oak Street
         say Yes
         say No, that's all
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: Dana Whitfield, and there is smoke coming out of the wall
              name = Dana Whitfield (Turn(TurnId(3)))
              urgency = emergency (Turn(TurnId(3)))
            4 receptionist (ask_address): If there is fire or smoke, leave the building now and call 911. What's the address where you need us?
            5 caller: 14 Oak Street
              address = 14 Oak Street (Turn(TurnId(5)))
            6 receptionist (offer_callback): Thank you. Is 2 1 2, 5 5 5, 0 1 4 2 the best number to call you back on?
            7 caller: Yes
              callback = +12125550142 (CallerId)
              callback = +12125550142 (CallerId, confirmed)
            8 receptionist (anything_else): Is there anything else we should know?
            9 caller: No, that's all
            10 receptionist (farewell): Thank you, Dana Whitfield. Someone from Harbor Plumbing will call you back. Goodbye.
            end: farewell
        "#]],
    );
}
