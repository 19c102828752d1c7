//! Answers, questions and whole utterances in their context.

use super::{manners, table, told_details};
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

fn manners_at(asked: Asked) -> impl Fn(&str) -> String {
    move |said| manners(&understand(asked, said, "US")).collect::<Vec<_>>().join(" ")
}

#[test]
fn manners_are_told_apart() {
    table(
        &[
            ("How much do you charge?", "question"),
            ("Hold on, I have to find my glasses", "filler"),
            ("wait, let me get my phone", "filler"),
            ("Wait a second", "filler"),
            ("Wait, am I talking to a robot?", "question"),
            ("Hang on, how much do you charge?", "question"),
            ("Wait, the toilet is leaking as well", ""),
            ("Let me see, what's my number now", "question filler"),
            ("do you charge for estimates", "question"),
            // As whisper once heard "how much do you charge".
            ("Hello, tell my two you charge for a service call.", "question"),
            ("I'd like to know about your rates", "question"),
            ("Are you open on Saturday?", "question"),
            ("can you come today?", "question"),
            ("What are your hours?", "question"),
            ("Well, how long will it take?", "question"),
            ("Yes. How much is the visit?", "question"),
            ("Are you a real person?", "question"),
            ("Is this a robot?", "question"),
            ("what?", "repeat"),
            ("Sorry, what was that?", "repeat"),
            ("Can you repeat that?", "repeat"),
            ("Could you say that again please", "repeat"),
            ("Hello?", "repeat"),
            ("Can I talk to a real person?", "human"),
            ("representative", "human"),
            ("I want to speak to someone.", "human"),
            ("um", "filler"),
            ("Hold on.", "filler"),
            ("uh, let me see", "filler"),
            ("One second, let me get a pen.", "filler"),
            ("okay so, um", ""),
            ("Dana Whitfield?", ""),
            ("My sink is leaking.", ""),
            ("goodbye", "goodbye"),
            ("Thanks, bye.", "goodbye"),
            ("actually it's Dana", "correction"),
            ("", ""),
        ]
        .map(|(said, manners)| (said, manners.to_owned())),
        manners_at(Asked::Name),
    );
    let read_back = manners_at(Asked::CallbackReadBack);
    assert_eq!(read_back("no, that's wrong, it's 0143"), "correction");
    assert_eq!(read_back("0143, not 0142"), "correction");
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
        assert_eq!(told_details(&understand(*asked, said, "US")), *expected, "{asked:?}: {said}");
    }
}
