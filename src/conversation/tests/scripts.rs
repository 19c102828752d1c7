//! Scripted calls and what came of them.

use super::driver::Driver;
use crate::conversation::{Heard, Speaker};
use expect_test::{Expect, expect};

fn check(script: &str, expected: &Expect) -> Driver {
    let driver = Driver::run(script);
    expected.assert_eq(&driver.told);
    driver
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
        &expect![[]],
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
         hang up
         end",
        &expect![[]],
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
         hang up
         end",
        &expect![[]],
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
         hang up
         end",
        &expect![[]],
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
         hang up
         end",
        &expect![[]],
    );
    assert!(driver.turns.iter().any(|turn| turn.heard == Heard::Part));
}

#[test]
fn plays_the_disclosure_whoever_speaks_and_answers_what_was_said_over_it() {
    let driver = check(
        "call
         over 0.3 My kitchen sink is leaking
         silence 8
         hang up
         end",
        &expect![[]],
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
         hang up
         end",
        &expect![[]],
    );
    assert_eq!(driver.asked[2], 0, "nothing was stopped");
}

#[test]
fn asks_again_after_noise_stopped_it() {
    check(
        "call
         say My kitchen sink is leaking
         over-noise 0.4 0.8
         silence 4
         say Dana Whitfield
         hang up
         end",
        &expect![[]],
    );
}

#[test]
fn takes_a_reply_back_when_the_caller_goes_on() {
    let driver = check(
        "call
         say My kitchen sink |0.75| is leaking badly
         say Dana Whitfield
         hang up
         end",
        &expect![[]],
    );
    assert!(driver.turns.iter().all(|turn| turn.heard != Heard::Part));
}

#[test]
fn prompts_a_silent_caller_and_then_ends() {
    let driver = check("call\nend", &expect![[]]);
    assert!((22..40).contains(&driver.elapsed().as_secs()), "{:?}", driver.elapsed());
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
         hang up
         end",
        &expect![[]],
    );
}

#[test]
fn ends_politely_at_the_longest_length() {
    use crate::conversation::ConversationConfig;
    let config = ConversationConfig { max_length: std::time::Duration::from_secs(14), ..ConversationConfig::default() };
    let mut driver = Driver::new(config);
    driver.play("call\nsay My kitchen sink is leaking\nend");
    expect![[]].assert_eq(&driver.told);
}

#[test]
fn speaks_a_line_of_the_file_when_the_model_is_late_or_broken() {
    for how in ["hangs", "broken"] {
        let driver =
            check(&format!("call\nmodel {how}\nsay My kitchen sink is leaking\nsilence 9\nhang up\nend"), &expect![[]]);
        assert!(driver.turns[2].stages.first_text.is_none());
    }
}

#[test]
fn says_goodbye_when_nothing_can_be_transcribed() {
    check("call\nears broken\nsay My sink\nsay My sink\nsay My sink\nend", &expect![[]]);
    check("call\nears hangs\nsay My sink leaks\nsilence 14\nhang up\nend", &expect![[]]);
}

#[test]
fn ends_when_nothing_can_be_spoken() {
    check("call\nvoice broken\nend", &expect![[]]);
}

#[test]
fn keeps_what_a_caller_said_who_hung_up_in_mid_sentence() {
    check(
        "call
         say My kitchen sink is leaking
         say My name is Dana Whitfield and
         hang up
         end",
        &expect![[]],
    );
}

#[test]
fn answers_a_question_and_comes_back_to_its_own() {
    check(
        "call
         say My kitchen sink is leaking
         model The service call is 89 dollars. Would you like to book? It counts towards the repair.
         say How much is a visit?
         say Can you say that again?
         say Dana Whitfield
         hang up
         end",
        &expect![[]],
    );
}

#[test]
fn leaves_a_detail_out_rather_than_ask_for_ever() {
    check(
        "call
         say My kitchen sink is leaking
         noise 0.8
         noise 0.8
         noise 0.8
         noise 0.8
         noise 0.8
         noise 0.8
         end",
        &expect![[]],
    );
}

#[test]
fn says_goodbye_when_the_caller_does() {
    check("call\nsay My kitchen sink is leaking\nsay Never mind, goodbye\nend", &expect![[]]);
}

#[test]
fn sends_the_model_a_chat_that_only_grows() {
    let driver = Driver::run(
        "call 2125550142
         say My kitchen sink is leaking
         say How much is a visit?
         say Dana Whitfield
         say Yes
         hang up
         end",
    );
    for pair in driver.chats.windows(2) {
        let kept = pair[0].iter().zip(&pair[1]).take_while(|(a, b)| a == b).count();
        assert!(kept + 1 >= pair[0].len(), "{pair:#?}");
    }
}
