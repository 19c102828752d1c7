//! Answers, questions and whole utterances in their context.

use super::table;
use crate::lead::{Answer, Asked, SlotName, understand};

fn answer(asked: Asked) -> impl Fn(&str) -> Option<Answer> {
    move |said| understand(asked, said, "US").answer
}

#[test]
fn yes_and_no_come_in_many_words() {
    use Answer::{No, Yes};
    table(
        &[
            ("Yes.", Some(Yes)),
            ("yep", Some(Yes)),
            ("Yeah, that's right.", Some(Yes)),
            ("That's correct", Some(Yes)),
            ("Correct.", Some(Yes)),
            ("sure", Some(Yes)),
            ("Go ahead.", Some(Yes)),
            ("Mm-hmm.", Some(Yes)),
            ("Uh-huh", Some(Yes)),
            ("um, yes it is", Some(Yes)),
            ("perfect, thank you", Some(Yes)),
            ("No yeah that's right", Some(Yes)),
            ("no", Some(No)),
            ("Nope.", Some(No)),
            ("Not quite.", Some(No)),
            ("That's wrong.", Some(No)),
            ("no, that's wrong, it's 0143", Some(No)),
            ("yeah no, that's not right", Some(No)),
            ("Yes, but the last four are 0143.", Some(No)),
            ("The number is wrong", Some(No)),
            ("No, that's right.", None),
            ("212 555 0143", None),
            ("what?", None),
            ("", None),
        ],
        answer(Asked::CallbackReadBack),
    );
}

#[test]
fn the_callers_own_number_is_taken_or_declined() {
    use Answer::{No, Yes};
    table(
        &[
            ("use this number", Some(Yes)),
            ("This one's fine.", Some(Yes)),
            ("Yes, this number is fine", Some(Yes)),
            ("the one I'm calling from", Some(Yes)),
            ("That's the best one, yeah.", Some(Yes)),
            ("no, use 212 555 0143", Some(No)),
            ("Actually my cell is better, it's 917 555 0188", Some(No)),
            ("Please use 917-555-0188", Some(No)),
            ("No, I'd like a different number", Some(No)),
            ("Yes, but use a different number", Some(No)),
            ("what number is that", None),
        ],
        answer(Asked::CallbackOffer),
    );
    let understood = understand(Asked::CallbackOffer, "no, use 212 555 0143", "US");
    assert_eq!(understood.values, [(SlotName::Callback, "+12125550143".to_owned())]);
}

#[test]
fn the_end_is_heard() {
    table(
        &[
            ("no that's all", (Some(Answer::No), true)),
            ("No, that's it, thanks.", (Some(Answer::No), true)),
            ("That's everything.", (Some(Answer::No), true)),
            ("Nothing else, thank you. Bye.", (Some(Answer::No), true)),
            ("I'm good", (Some(Answer::No), true)),
            ("No.", (Some(Answer::No), false)),
            ("No thanks.", (Some(Answer::No), false)),
            ("Yes, the gate code is 4471.", (Some(Answer::Yes), false)),
            ("Have a good day", (None, true)),
            ("the dog bites", (None, false)),
        ],
        |said| {
            let understood = understand(Asked::AnythingElse, said, "US");
            (understood.answer, understood.is_goodbye)
        },
    );
}

// q: question, r: repeat, h: human, f: filler, c: correction, b: goodbye
fn flags(asked: Asked) -> impl Fn(&str) -> String {
    move |said| {
        let understood = understand(asked, said, "US");
        let flags = [
            (understood.is_question, 'q'),
            (understood.wants_repeat, 'r'),
            (understood.wants_human, 'h'),
            (understood.is_filler, 'f'),
            (understood.is_correction, 'c'),
            (understood.is_goodbye, 'b'),
        ];
        flags.into_iter().filter_map(|(set, flag)| set.then_some(flag)).collect()
    }
}

#[test]
fn manners_are_told_apart() {
    table(
        &[
            ("How much do you charge?", "q"),
            ("do you charge for estimates", "q"),
            // As whisper once heard "how much do you charge".
            ("Hello, tell my two you charge for a service call.", "q"),
            ("I'd like to know about your rates", "q"),
            ("Are you open on Saturday?", "q"),
            ("can you come today?", "q"),
            ("What are your hours?", "q"),
            ("Well, how long will it take?", "q"),
            ("Yes. How much is the visit?", "q"),
            ("Are you a real person?", "q"),
            ("Is this a robot?", "q"),
            ("what?", "r"),
            ("Sorry, what was that?", "r"),
            ("Can you repeat that?", "r"),
            ("Could you say that again please", "r"),
            ("Hello?", "r"),
            ("Can I talk to a real person?", "h"),
            ("representative", "h"),
            ("I want to speak to someone.", "h"),
            ("um", "f"),
            ("Hold on.", "f"),
            ("uh, let me see", "f"),
            ("One second, let me get a pen.", "f"),
            ("okay so, um", ""),
            ("Dana Whitfield?", ""),
            ("My sink is leaking.", ""),
            ("goodbye", "b"),
            ("Thanks, bye.", "b"),
            ("actually it's Dana", "c"),
            ("", ""),
        ]
        .map(|(said, flags)| (said, flags.to_owned())),
        flags(Asked::Name),
    );
    let read_back = flags(Asked::CallbackReadBack);
    assert_eq!(read_back("no, that's wrong, it's 0143"), "c");
    assert_eq!(read_back("0143, not 0142"), "c");
    assert_eq!(read_back("yes"), "");
}

#[test]
fn one_utterance_may_hold_several_details() {
    let rows: &[(Asked, &str, &[&str])] = &[
        (
            Asked::Need,
            "Hi, this is Dana Whitfield at 412 Maple Street. A pipe burst in my basement. My number is 212-555-0142.",
            &[
                "need=A pipe burst in my basement",
                "name=Dana Whitfield",
                "callback=+12125550142",
                "address=412 Maple Street",
                "urgency=emergency",
            ],
        ),
        (Asked::Need, "My kitchen sink is leaking.", &["need=My kitchen sink is leaking"]),
        (
            Asked::Need,
            "It started this morning, the drain is clogged",
            &["need=It started this morning, the drain is clogged"],
        ),
        (Asked::Need, "How much do you charge?", &[]),
        (Asked::Need, "Hello, tell my two you charge for a service call.", &[]),
        (Asked::Need, "I'd like to ask about your rates.", &[]),
        (Asked::Need, "Can you come fix my toilet?", &["need=Can you come fix my toilet"]),
        (
            Asked::Need,
            "I'd like to make an appointment for Thursday morning.",
            &["need=I'd like to make an appointment for Thursday morning", "preferred_time=Thursday morning"],
        ),
        (
            Asked::Name,
            "Dana Whitfield, and my number is 212 555 0142",
            &["name=Dana Whitfield", "callback=+12125550142"],
        ),
        (Asked::Name, "hold on", &[]),
        (Asked::Name, "yes", &[]),
        (Asked::NameSpelling, "W-H-I-T-F-I-E-L-D", &["name=Whitfield"]),
        (Asked::NameSpelling, "Whitfield", &["name=Whitfield"]),
        (Asked::Callback, "two one two, five five five, oh one four two", &["callback=+12125550142"]),
        (Asked::Callback, "five five five oh one four two", &[]),
        (Asked::CallbackReadBack, "yes that's right", &[]),
        (Asked::Address, "Four twelve Maple Street.", &["address=412 Maple Street"]),
        (Asked::Address, "The old mill by the river.", &["address=The old mill by the river"]),
        (Asked::Address, "What do you need that for?", &[]),
        (Asked::Address, "I don't know", &[]),
        (Asked::Urgency, "There's no rush.", &["urgency=routine"]),
        (Asked::Urgency, "Right away, the water is everywhere.", &["urgency=emergency"]),
        (
            Asked::PreferredTime,
            "Tomorrow morning after nine would be great.",
            &["preferred_time=Tomorrow morning after nine"],
        ),
        (Asked::AnythingElse, "No, that's all, thank you.", &[]),
    ];
    for (asked, said, expected) in rows {
        let found = understand(*asked, said, "US").values;
        let found: Vec<String> = found.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(found, *expected, "{asked:?}: {said}");
    }
}
