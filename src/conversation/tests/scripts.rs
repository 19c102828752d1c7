//! Scripted calls and what came of them. `UPDATE_EXPECT=1` writes what comes now.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use super::check;
use super::driver::Driver;
use crate::conversation::{ConversationConfig, Heard, Speaker};
use expect_test::expect;
use std::time::Duration;

/// The language model may answer what no fact does.
fn wording_freely() -> Driver {
    Driver::new(ConversationConfig { words_freely: true, ..ConversationConfig::default() })
}

#[test]
fn fills_the_form_one_question_at_a_time() {
    let driver = check(
        "call 2125550142
         say My kitchen sink is leaking
         say Dana Whitfield
         say Yes
         say 14 Oak Street, Brooklyn
         say In a day or two
         say Tomorrow morning
         say No, that's all
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(3)))
            4 receptionist (offer_callback): Thank you. Is 2 1 2, 5 5 5, 0 1 4 2 the best number to call you back on?
            5 caller: Yes
              callback = +12125550142 (CallerId)
              callback = +12125550142 (CallerId, confirmed)
            6 receptionist (ask_address): What's the address where you need us?
            7 caller: 14 Oak Street, Brooklyn
              address = 14 Oak Street, Brooklyn (Turn(TurnId(7)))
            8 receptionist (ask_urgency): Thank you. How soon do you need someone: right away, in a day or two, or is there no rush?
            9 caller: In a day or two
              urgency = soon (Turn(TurnId(9)))
            10 receptionist (ask_preferred_time): What day and time suit you best?
            11 caller: Tomorrow morning
              preferred_time = Tomorrow morning (Turn(TurnId(11)))
            12 receptionist (anything_else): Thank you. Is there anything else we should know?
            13 caller: No, that's all
            14 receptionist (farewell): Thank you, Dana Whitfield. Someone from Harbor Plumbing will call you back. Goodbye.
            end: farewell
        "#]],
    );
    for pair in driver.turns.windows(2) {
        if pair[0].speaker == Speaker::Caller {
            let stages = pair[1].stages;
            assert!(stages.endpoint <= stages.first_audio && stages.transcript <= stages.first_audio, "{stages:?}");
            assert!(stages.first_audio.is_some_and(|time| time.as_millis() < 1_500), "{stages:?}");
        }
    }
}

#[test]
fn reads_a_corrected_number_back_slowly_and_then_asks_for_keys() {
    check(
        "call
         say My kitchen sink is leaking
         say Dana Whitfield
         say 212 555 0142
         say No, it's 212 555 0143
         say No, the last four are 0144
         keys 2125550149#
         say Yes
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(3)))
            4 receptionist (ask_callback): Thank you. What's the best number to call you back on?
            5 caller: 212 555 0142
              callback = +12125550142 (Turn(TurnId(5)))
            6 receptionist (read_back_callback): I have 2 1 2, 5 5 5, 0 1 4 2. Is that right?
            7 caller: No, it's 212 555 0143
              callback = +12125550143 (Turn(TurnId(7)))
            8 receptionist (read_back_callback_slowly): Let me read that slowly. 2, 1, 2, 5, 5, 5, 0, 1, 4, 3. Is that right?
            9 caller: No, the last four are 0144
              callback = +12125550144 (Turn(TurnId(9)))
            10 receptionist (ask_callback_keypad): Please key in the number on your phone, then press the pound key.
            11 caller (keypad): 2125550149
              callback = +12125550149 (Keypad(TurnId(11)))
            12 receptionist (read_back_callback): I have 2 1 2, 5 5 5, 0 1 4 9. Is that right?
            13 caller: Yes
              callback = +12125550149 (Keypad(TurnId(11)), confirmed)
            14 receptionist (ask_address): Thank you. What's the address where you need us?
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn takes_another_number_than_the_offered_one() {
    check(
        "call 2125550142
         say My kitchen sink is leaking
         say Dana Whitfield
         say No, use 917 555 0177
         say Yes, that's right
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(3)))
            4 receptionist (offer_callback): Thank you. Is 2 1 2, 5 5 5, 0 1 4 2 the best number to call you back on?
            5 caller: No, use 917 555 0177
              callback = +19175550177 (Turn(TurnId(5)))
            6 receptionist (read_back_callback): I have 9 1 7, 5 5 5, 0 1 7 7. Is that right?
            7 caller: Yes, that's right
              callback = +19175550177 (Turn(TurnId(5)), confirmed)
            8 receptionist (ask_address): Thank you. What's the address where you need us?
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn hears_a_broken_number_again_as_a_number() {
    check(
        "call 2125550142
         say My kitchen sink is leaking
         say Dana Whitfield
         listen
         mishears No, my number is 917555. We are 177
         say No, use 917 555 0177
         listen
         mishears
         say Yes, that's right
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(3)))
            4 receptionist (offer_callback): Thank you. Is 2 1 2, 5 5 5, 0 1 4 2 the best number to call you back on?
            5 caller: No, use 917 555 0177
              callback = +19175550177 (Turn(TurnId(5)))
            6 receptionist (read_back_callback): I have 9 1 7, 5 5 5, 0 1 7 7. Is that right?
            7 caller: Yes, that's right
              callback = +19175550177 (Turn(TurnId(5)), confirmed)
            8 receptionist (ask_address): Thank you. What's the address where you need us?
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn lets_a_number_be_dictated_with_long_pauses() {
    let driver = check(
        "call
         say My kitchen sink is leaking
         say Dana Whitfield
         say It's |0.8| two one two |1.0| five five five |1.2| zero one four two
         say Yes
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(3)))
            4 receptionist (ask_callback): Thank you. What's the best number to call you back on?
            5 caller: It's two one two five five five zero one four two
              callback = +12125550142 (Turn(TurnId(5)))
            6 receptionist (read_back_callback): I have 2 1 2, 5 5 5, 0 1 4 2. Is that right?
            7 caller: Yes
              callback = +12125550142 (Turn(TurnId(5)), confirmed)
            8 receptionist (ask_address): Thank you. What's the address where you need us?
            end: caller_hung_up
        "#]],
    );
    assert_eq!(driver.asked[2], 0, "nobody was interrupted");
}

#[test]
fn stops_when_the_caller_speaks_and_keeps_what_was_heard() {
    let driver = check(
        "call 2125550142
         model I'm sorry to hear about that, we will certainly pass it on to our plumber.
         say My kitchen sink is leaking
         over 1.5 Sorry, it is really the bathroom sink
         silence 4
         say Dana Whitfield
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on [cut]
            3 caller: Sorry, it is really the bathroom sink
            4 receptionist (ask_name): Thank you. May I have your first and last name?
            5 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(5)))
            6 receptionist (offer_callback): Is 2 1 2, 5 5 5, 0 1 4 2 the best number to call you back on?
              callback = +12125550142 (CallerId)
            end: caller_hung_up
        "#]],
    );
    assert!(driver.turns.iter().any(|turn| turn.heard == Heard::Part));
}

#[test]
fn plays_the_disclosure_whoever_speaks_and_answers_what_was_said_over_it() {
    let driver = check(
        "call
         over 0.3 My kitchen sink is leaking
         silence 8
         listen
         hang up
         end",
        &expect![[r#"
            1 caller: My kitchen sink is leaking
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            end: caller_hung_up
        "#]],
    );
    assert_eq!(driver.turns.first().map(|turn| turn.speaker), Some(Speaker::Caller));
}

#[test]
fn goes_on_over_short_sounds() {
    let driver = check(
        "call 2125550142
         say My kitchen sink is leaking
         over 0.5 Uh-huh
         say Dana Whitfield
         over-noise 0.4 0.3
         say Yes
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            3 caller: Uh-huh
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            4 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(4)))
            5 receptionist (offer_callback): Thank you. Is 2 1 2, 5 5 5, 0 1 4 2 the best number to call you back on?
            6 caller: Yes
              callback = +12125550142 (CallerId)
              callback = +12125550142 (CallerId, confirmed)
            7 receptionist (ask_address): What's the address where you need us?
            end: caller_hung_up
        "#]],
    );
    assert_eq!(driver.asked[2], 0, "nothing was stopped");
}

#[test]
fn goes_on_after_noise_stopped_it() {
    check(
        "call
         say My kitchen sink is leaking
         over-noise 0.4 0.8
         silence 4
         say Dana Whitfield
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, [cut]
            3 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            4 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(4)))
            5 receptionist (ask_callback): Thank you. What's the best number to call you back on?
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn takes_a_reply_back_when_the_caller_goes_on() {
    check(
        "call
         say My kitchen sink |0.75| is leaking badly
         say Dana Whitfield
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink
              need = My kitchen sink (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, [cut]
            3 caller: is leaking badly
              need = My kitchen sink is leaking badly (Turn(TurnId(3)))
            4 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            5 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(5)))
            6 receptionist (ask_callback): Thank you. What's the best number to call you back on?
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn prompts_a_silent_caller_and_then_ends() {
    let driver = check(
        "call\nend",
        &expect![[r#"
        0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
        1 receptionist (still_there): Are you still there?
        2 receptionist (idle_goodbye): I can't hear you any more, so I'll let you go. We'll follow up. Goodbye.
        end: idle
    "#]],
    );
    assert!((22..40).contains(&driver.elapsed().as_secs()), "{:?}", driver.elapsed());
}

#[test]
fn says_nothing_more_to_a_fax_machine() {
    let driver = check(
        "call 2125550142
         silence 4
         fax
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated [cut]
            end: fax
        "#]],
    );
    assert_eq!(driver.asked[2], 1, "she stops");
    assert!(driver.elapsed().as_secs() < 6, "{:?}", driver.elapsed());
}

#[test]
fn keeps_what_was_said_when_the_line_goes_dead() {
    check(
        "call 2125550142
         finds name Dana Whitfield
         say This is Dana Whitfield and my kitchen sink is leaking all over the floor
         dead line
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: This is Dana Whitfield and my kitchen sink is leaking all over the floor
              need = my kitchen sink is leaking all over the floor (Turn(TurnId(1)))
              name = Dana Whitfield (Turn(TurnId(1)))
              urgency = emergency (Turn(TurnId(1)))
              extract [Address, PreferredTime] from turn 1
              callback = +12125550142 (CallerId)
            end: line_tone
        "#]],
    );
}

#[test]
fn a_farewell_under_way_is_not_disturbed_by_the_line() {
    check(
        "call
         say My kitchen sink is leaking
         say I have to go, goodbye
         silence 2.5
         dead line
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: I have to go, goodbye
            4 receptionist (farewell): Thank you. Someone from Harbor Plumbing will call you back. Goodbye.
            end: farewell
        "#]],
    );
}

#[test]
fn being_there_is_no_answer_to_the_question() {
    check(
        "call 2125550142
         say My kitchen sink is leaking
         say Dana Whitfield
         silence 17
         say Yes
         say Yes
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(3)))
            4 receptionist (offer_callback): Thank you. Is 2 1 2, 5 5 5, 0 1 4 2 the best number to call you back on?
            5 receptionist (still_there): Are you still there?
            6 caller: Yes
            7 receptionist (offer_callback): Is 2 1 2, 5 5 5, 0 1 4 2 the best number to call you back on?
            8 caller: Yes
              callback = +12125550142 (CallerId)
              callback = +12125550142 (CallerId, confirmed)
            9 receptionist (ask_address): What's the address where you need us?
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn ends_politely_at_the_longest_length() {
    let config = ConversationConfig { max_length: Duration::from_secs(14), ..ConversationConfig::default() };
    Driver::new(config).check(
        "call\nsay My kitchen sink is leaking\nend",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first [cut]
            3 receptionist (too_long): We've reached the end of the time I have. I'll pass on all you told me. Goodbye.
            end: too_long
        "#]],
    );
}

#[test]
fn speaks_a_line_of_the_file_when_the_model_is_late_or_broken() {
    let late = check(
        "call\nmodel hangs\nsay Do you have a store?\nlisten\nhang up\nend",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: Do you have a store?
              question = Do you have a store? (Turn(TurnId(1)))
            2 receptionist (fallback fallback_answer): I don't have that to hand. I'll ask our plumber to tell you when they call. What can we help you with today?
            end: caller_hung_up
        "#]],
    );
    let broken = check(
        "call\nmodel broken\nsay Do you have a store?\nlisten\nhang up\nend",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: Do you have a store?
              question = Do you have a store? (Turn(TurnId(1)))
            2 receptionist (fallback fallback_answer): I don't have that to hand. I'll ask our plumber to tell you when they call. What can we help you with today?
            end: caller_hung_up
        "#]],
    );
    for driver in [late, broken] {
        assert_eq!(driver.asked[1], 1, "asked ahead, and not again");
    }
}

#[test]
fn gives_up_when_nothing_can_be_transcribed() {
    check(
        "call\nears broken\nsay My sink\nsay My sink\nsay My sink\nend",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 receptionist (did_not_catch): Sorry, I didn't catch that. Could you say it again?
            2 receptionist (ask_need): What can we help you with today?
            3 receptionist (leave_message): I'm sorry, I have trouble understanding you. Then I'll take a message for our team.
            end: handed_on
        "#]],
    );
    check(
        "call\nears hangs\nsay My sink leaks\nsilence 14\nhang up\nend",
        &expect![[r#"
        0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
        1 receptionist (did_not_catch): Sorry, I didn't catch that. Could you say it again?
        end: caller_hung_up
    "#]],
    );
}

#[test]
fn ends_when_nothing_can_be_spoken() {
    check(
        "call\nvoice broken\nend",
        &expect![[r#"
            0 receptionist (greeting):  [unheard]
            1 receptionist (still_there):  [unheard]
            end: failed
        "#]],
    );
}

#[test]
fn keeps_what_a_caller_said_who_hung_up_in_mid_sentence() {
    check(
        "call
         say My kitchen sink is leaking
         say My name is Dana Whitfield and
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: My name is Dana Whitfield and
              name = Dana Whitfield (Turn(TurnId(3)))
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn answers_a_question_and_comes_back_to_its_own() {
    check(
        "call
         say My kitchen sink is leaking
         listen
         chooses prices
         say How much is a visit?
         listen
         chooses none
         say Do you have a store?
         say Can you say that again?
         say Dana Whitfield
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: How much is a visit?
            4 receptionist (facts.prices): The service call is 89 dollars and counts towards the repair. Other prices only after a look on site. May I have your first and last name?
            5 caller: Do you have a store?
              question = Do you have a store? (Turn(TurnId(5)))
            6 receptionist (fallback_answer): I don't have that to hand. I'll ask our plumber to tell you when they call. May I have your first and last name?
            7 caller: Can you say that again?
            8 receptionist (ask_name): May I have your first and last name?
            9 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(9)))
            10 receptionist (ask_callback): Thank you. What's the best number to call you back on?
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn leaves_a_detail_out_rather_than_ask_for_ever() {
    check(
        "call 2125550142
         say My kitchen sink is leaking
         noise 0.8
         noise 0.8
         noise 0.8
         noise 0.8
         noise 0.8
         noise 0.8
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 receptionist (did_not_catch): Sorry, I didn't catch that. Could you say it again?
            4 receptionist (ask_name): May I have your first and last name?
            5 receptionist (offer_callback): Is 2 1 2, 5 5 5, 0 1 4 2 the best number to call you back on?
            6 receptionist (did_not_catch): Sorry, I didn't catch that. Could you say it again?
            7 receptionist (offer_callback): Is 2 1 2, 5 5 5, 0 1 4 2 the best number to call you back on?
            8 receptionist (leave_message): I'm sorry, I have trouble understanding you. Then I'll take a message for our team.
              callback = +12125550142 (CallerId)
            end: handed_on
        "#]],
    );
}

#[test]
fn says_goodbye_when_the_caller_does() {
    check(
        "call\nsay My kitchen sink is leaking\nsay Never mind, goodbye\nend",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: Never mind, goodbye
            4 receptionist (farewell): Thank you. Someone from Harbor Plumbing will call you back. Goodbye.
            end: farewell
        "#]],
    );
}

#[test]
fn sends_the_model_a_chat_that_only_grows() {
    let driver = wording_freely().played(
        "call 2125550142
         say My kitchen sink is leaking
         say How much is a visit?
         say Dana Whitfield
         say Yes
         listen
         hang up
         end",
    );
    assert!(driver.chats.len() > 4, "{:#?}", driver.chats);
    for pair in driver.chats.windows(2) {
        let kept = pair[0].iter().zip(&pair[1]).take_while(|(a, b)| a == b).count();
        assert!(kept + 1 >= pair[0].len(), "{pair:#?}");
    }
}

#[test]
fn takes_found_details_only_with_their_proof_and_where_nothing_is_known() {
    check(
        "call
         finds address 14 Oak Street
         finds name Peter Pan
         say There is a leak at fourteen Oak Street and it is getting worse by the hour
         say Dana Whitfield
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: There is a leak at fourteen Oak Street and it is getting worse by the hour
              need = There is a leak at fourteen Oak Street and it is getting worse by the hour (Turn(TurnId(1)))
              address = 14 Oak Street (Turn(TurnId(1)))
              extract [Name, Urgency, PreferredTime] from turn 1
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(3)))
            4 receptionist (ask_callback): Thank you. What's the best number to call you back on?
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn takes_keys_whenever_a_number_is_wanted() {
    check(
        "call 2125550142
         say My kitchen sink is leaking
         say Dana Whitfield
         keys 917555*9175550177#
         say Yes
         keys 123#
         say 14 Oak Street, Brooklyn
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(3)))
            4 receptionist (offer_callback): Thank you. Is 2 1 2, 5 5 5, 0 1 4 2 the best number to call you back on?
            5 caller (keypad): 9175550177
              callback = +19175550177 (Keypad(TurnId(5)))
            6 receptionist (read_back_callback): I have 9 1 7, 5 5 5, 0 1 7 7. Is that right?
            7 caller: Yes
              callback = +19175550177 (Keypad(TurnId(5)), confirmed)
            8 receptionist (ask_address): What's the address where you need us?
            9 caller: 14 Oak Street, Brooklyn
              address = 14 Oak Street, Brooklyn (Turn(TurnId(9)))
            10 receptionist (ask_urgency): Thank you. How soon do you need someone: right away, in a day or two, or is there no rush?
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn does_not_cut_off_a_sentence_left_hanging() {
    let driver = check(
        "call
         say My kitchen sink is leaking and |1.1| the floor is wet
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking and the floor is wet
              need = My kitchen sink is leaking and the floor is wet (Turn(TurnId(1)))
              extract [Name, Address, Urgency, PreferredTime] from turn 1
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            end: caller_hung_up
        "#]],
    );
    assert_eq!(driver.turns.iter().filter(|turn| turn.speaker == Speaker::Caller).count(), 1);
}

#[test]
fn plays_the_farewell_to_its_end() {
    let driver = check(
        "call
         say Goodbye
         over 1.0 Thank you very much, goodbye
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: Goodbye
            3 caller: Thank you very much, goodbye
            2 receptionist (farewell): Thank you. Someone from Harbor Plumbing will call you back. Goodbye.
            end: farewell
        "#]],
    );
    assert_eq!(driver.asked[2], 0, "nothing was stopped");
}

#[test]
fn an_uh_huh_pauses_her_for_a_moment_only() {
    let driver = check(
        "call
         say My kitchen sink is leaking
         over 0.4 uh-huh
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            3 caller: uh-huh
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            end: caller_hung_up
        "#]],
    );
    assert_eq!((driver.pauses, driver.asked[2]), (1, 0), "paused once, never stopped");
}

#[test]
fn she_does_not_go_on_between_a_yes_and_the_next() {
    let driver = check(
        "call
         say My kitchen sink is leaking
         over 0.4 yes |0.36| yes, it is my kitchen sink
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, [cut]
            3 caller: yes yes, it is my kitchen sink
            4 receptionist (ask_name): Thank you. May I have your first and last name?
            end: caller_hung_up
        "#]],
    );
    assert_eq!((driver.pauses, driver.asked[2]), (1, 1), "paused once, then stopped");
}

#[test]
fn ones_own_number_is_known_by_its_first_half() {
    check(
        "call 2125550142
         say My kitchen sink is leaking
         say Dana Whitfield
         over 1.6 Yes, yes, that is my number
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(3)))
            4 receptionist (offer_callback): Thank you. Is 2 1 2, 5 5 5, [cut]
            5 caller: Yes, yes, that is my number
              callback = +12125550142 (CallerId)
              callback = +12125550142 (CallerId, confirmed)
            6 receptionist (ask_address): What's the address where you need us?
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn a_short_no_stops_her() {
    let driver = check(
        "call 2125550142
         say My kitchen sink is leaking
         say Dana Whitfield
         say Yes
         over 0.4 no
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(3)))
            4 receptionist (offer_callback): Thank you. Is 2 1 2, 5 5 5, 0 1 4 2 the best number to call you back on?
            5 caller: Yes
              callback = +12125550142 (CallerId)
              callback = +12125550142 (CallerId, confirmed)
            7 caller: no
            6 receptionist (ask_address): What's [cut]
            8 receptionist (ask_address): What's the address where you need us?
            end: caller_hung_up
        "#]],
    );
    assert_eq!(driver.asked[2], 1, "stopped once");
}

#[test]
fn a_pause_that_sounds_unfinished_is_given_longer() {
    let mut driver = Driver::default();
    driver.sounds_done = Some(0.1);
    let driver = driver.check(
        "call
         say My kitchen sink |0.9| is leaking
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            end: caller_hung_up
        "#]],
    );
    let ahead = driver.conversation.work_ahead();
    assert_eq!((ahead.transcripts, ahead.discarded), (2, 1));
}

#[test]
fn words_an_answer_that_no_fact_is_only_where_that_is_wanted() {
    wording_freely().check(
        "call
         say My kitchen sink is leaking
         listen
         model Yes, it is by the river. Would you like to book? It opens at nine.
         say Do you have a store?
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: Do you have a store?
            4 receptionist (model): Yes, it is by the river. It opens at nine. May I have your first and last name?
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn an_answer_that_begins_with_an_uh_huh_over_the_question_is_one() {
    check(
        "call
         say My kitchen sink is leaking
         over 4.9 uh-huh |0.45| Dana Whitfield
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: uh-huh
            4 caller: Dana Whitfield
              name = Dana Whitfield (Turn(TurnId(4)))
            5 receptionist (ask_callback): Thank you. What's the best number to call you back on?
            end: caller_hung_up
        "#]],
    );
}

#[test]
fn who_asks_whether_this_is_a_machine_is_told() {
    check(
        "call
         say My kitchen sink is leaking
         say Am I talking to a real person?
         listen
         hang up
         end",
        &expect![[r#"
            0 receptionist (greeting): Thanks for calling Harbor Plumbing. I'm an automated assistant, and this call is recorded. How can I help?
            1 caller: My kitchen sink is leaking
              need = My kitchen sink is leaking (Turn(TurnId(1)))
            2 receptionist (ask_name): Okay, I'll pass that on to our plumber. May I have your first and last name?
            3 caller: Am I talking to a real person?
            4 receptionist (ask_name): I'm the automated assistant of Harbor Plumbing, not a person. I take down what you need, and somebody calls you back. May I have your first and last name?
            end: caller_hung_up
        "#]],
    );
}
