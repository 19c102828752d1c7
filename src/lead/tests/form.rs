//! What the form takes, keeps and refuses.

use super::{every_question, said_in_pieces};
use crate::id::TurnId;
use crate::lead::{Evidence, Form, Offered, Refusal, SlotName, understand};
use proptest::prelude::*;

const TURN: fn(u32) -> Evidence = |turn| Evidence::Turn(TurnId(turn));

fn offer(form: &mut Form, name: SlotName, value: &str, turn: u32, text: &str) -> &'static str {
    told(&form.offer(name, value, TURN(turn), text, "US"))
}

fn told(offered: &Offered) -> &'static str {
    match offered {
        Offered::Stored(_) => "stored",
        Offered::Unchanged => "unchanged",
        Offered::Refused(Refusal::NotInEvidence) => "not said",
        Offered::Refused(Refusal::NotAValue) => "no value",
        Offered::Refused(Refusal::Settled) => "settled",
    }
}

#[test]
fn only_what_was_said_is_taken() {
    let rows: &[(SlotName, &str, &str, &str)] = &[
        (SlotName::Callback, "+12125550142", "two one two, five five five, oh one four two", "stored"),
        (SlotName::Callback, "212-555-0142", "It's 212-555-0142.", "stored"),
        (SlotName::Callback, "+12125550143", "two one two, five five five, oh one four two", "not said"),
        (SlotName::Callback, "555", "five five five", "no value"),
        (SlotName::Name, "dana whitfield", "my name is dana whitfield", "stored"),
        (SlotName::Name, "Whitfield", "W-H-I-T-F-I-E-L-D", "stored"),
        (SlotName::Name, "Dana Whitfield", "It's Dana, uh, W H I T F I E L D", "stored"),
        (SlotName::Name, "Diana Whitfield", "my name is dana whitfield", "not said"),
        (SlotName::Name, "John Doe", "I'd rather not say", "not said"),
        (SlotName::Name, "  ", "", "no value"),
        (SlotName::Address, "412 Maple Street", "Four twelve Maple Street.", "stored"),
        (SlotName::Address, "412 Maple Street, Brooklyn", "Four twelve Maple Street.", "not said"),
        (SlotName::Address, "421 Maple Street", "Four twelve Maple Street.", "not said"),
        (SlotName::Need, "leaking kitchen sink", "my kitchen sink is leaking", "stored"),
        (SlotName::Need, "plumbing problem in the kitchen", "my kitchen sink is leaking", "not said"),
        (SlotName::Urgency, "emergency", "the basement is flooding", "stored"),
        (SlotName::Urgency, "emergency", "my sink drips", "not said"),
        (SlotName::Urgency, "high", "it's urgent", "no value"),
        (SlotName::PreferredTime, "tomorrow after 9", "tomorrow after nine", "stored"),
        (SlotName::PreferredTime, "tomorrow at noon", "tomorrow after nine", "not said"),
    ];
    for (name, value, text, expected) in rows {
        let mut form = Form::new(&SlotName::ALL);
        assert_eq!(offer(&mut form, *name, value, 1, text), *expected, "{name}: {value:?} from {text:?}");
    }
}

#[test]
fn the_network_and_the_keypad_prove_numbers_only() {
    let mut form = Form::new(&SlotName::ALL);
    assert_eq!(told(&form.offer(SlotName::Name, "Dana", Evidence::CallerId, "", "US")), "not said");
    assert_eq!(told(&form.offer(SlotName::Callback, "+12125550142", Evidence::CallerId, "", "US")), "stored");
    let keyed = Evidence::Keypad(TurnId(3));
    assert_eq!(told(&form.correct(SlotName::Callback, "9175550188", keyed, "9175550189", "US")), "not said");
    assert_eq!(told(&form.correct(SlotName::Callback, "9175550188", keyed, "9175550188", "US")), "stored");
    assert_eq!(form.get(SlotName::Callback).map(|slot| slot.value.as_str()), Some("+19175550188"));
}

#[test]
fn the_background_never_replaces_what_is_newer_or_confirmed() {
    let mut form = Form::new(&SlotName::ALL);
    assert_eq!(offer(&mut form, SlotName::Need, "sink leaks", 3, "my sink leaks"), "stored");
    assert_eq!(offer(&mut form, SlotName::Need, "drain clogged", 1, "drain clogged"), "settled");
    assert_eq!(offer(&mut form, SlotName::Need, "sink leaks", 5, "my sink leaks"), "unchanged");
    assert_eq!(offer(&mut form, SlotName::Need, "toilet runs", 5, "my toilet runs"), "stored");
    assert!(form.confirm(SlotName::Need).is_some_and(|slot| slot.confirmed));
    assert_eq!(offer(&mut form, SlotName::Need, "drain clogged", 7, "drain clogged"), "settled");
    assert_eq!(told(&form.correct(SlotName::Need, "drain clogged", TURN(7), "no, drain clogged", "US")), "stored");
    assert!(form.get(SlotName::Need).is_some_and(|slot| !slot.confirmed));
}

#[test]
fn a_spelling_completes_the_name_and_a_part_corrects_the_number() {
    let mut form = Form::new(&SlotName::ALL);
    offer(&mut form, SlotName::Name, "Dana Whitfeld", 1, "Dana Whitfeld");
    form.correct(SlotName::Name, "Whitfield", TURN(3), "W-H-I-T-F-I-E-L-D", "US");
    assert_eq!(form.get(SlotName::Name).map(|slot| slot.value.as_str()), Some("Dana Whitfield"));

    for (said, value, expected) in [
        ("Whitfield, the usual way", "Whitfield", "Dana Whitfield"),
        ("It's Diana", "Diana", "Diana Whitfield"),
        ("No, it's Bob", "Bob", "Bob"),
        ("Bob Right", "Bob Right", "Bob Right"),
        ("W-R-I-G-H-T", "Wright", "Bob Wright"),
    ] {
        form.correct(SlotName::Name, value, TURN(4), said, "US");
        assert_eq!(form.get(SlotName::Name).map(|slot| slot.value.as_str()), Some(expected), "{said}");
    }

    offer(&mut form, SlotName::Callback, "+12125550142", 5, "212 555 0142");
    let told = told(&form.correct(SlotName::Callback, "+12125550143", TURN(7), "the last four are 0143", "US"));
    assert_eq!((told, form.get(SlotName::Callback).map(|slot| slot.value.as_str())), ("stored", Some("+12125550143")));
}

#[test]
fn asks_in_order_for_what_is_wanted() {
    let mut form = Form::new(&[SlotName::Callback, SlotName::Need]);
    assert_eq!(form.missing(), Some(SlotName::Need));
    offer(&mut form, SlotName::Need, "sink leaks", 1, "my sink leaks");
    assert_eq!(form.missing(), Some(SlotName::Callback));
    form.offer(SlotName::Callback, "+12125550142", Evidence::CallerId, "", "US");
    assert!(form.is_complete());
    assert_eq!(form.slots().len(), 2);
    assert!(form.clear(SlotName::Need) && !form.clear(SlotName::Need));
    assert_eq!((form.missing(), form.confirm(SlotName::Need)), (Some(SlotName::Need), None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_confirmed_slot_is_never_silently_replaced(steps in proptest::collection::vec((0_usize..4, 0_usize..4, 0_u32..6), 0..40)) {
        let words = ["sink leaks", "drain clogged", "toilet runs", "no heat"];
        let mut form = Form::new(&SlotName::ALL);
        for (action, word, turn) in steps {
            let before = form.get(SlotName::Need).cloned();
            let text = words[word];
            match action {
                0 => {
                    form.offer(SlotName::Need, text, TURN(turn), text, "US");
                    if let Some(before) = before.filter(|slot| slot.confirmed) {
                        prop_assert_eq!(form.get(SlotName::Need), Some(&before));
                    }
                }
                1 => {
                    form.correct(SlotName::Need, text, TURN(turn), text, "US");
                    let now = form.get(SlotName::Need).cloned();
                    prop_assert_eq!(now.as_ref().map(|slot| slot.value.as_str()), Some(text));
                    prop_assert!(now == before || now.is_some_and(|slot| !slot.confirmed));
                }
                2 => prop_assert_eq!(form.confirm(SlotName::Need).map(|slot| slot.value), before.map(|slot| slot.value)),
                _ => prop_assert_eq!(form.clear(SlotName::Need), before.is_some()),
            }
        }
    }

    #[test]
    fn no_text_makes_a_reader_fail(said in "\\PC{0,60}") {
        for asked in every_question() {
            let _ = understand(asked, &said, "US");
        }
    }

    #[test]
    fn what_is_understood_is_always_proven(said in said_in_pieces(&PIECES, 1..12)) {
        for asked in every_question() {
            for (name, value) in understand(asked, &said, "US").values {
                let mut form = Form::new(&SlotName::ALL);
                let told = told(&form.offer(name, &value, TURN(1), &said, "US"));
                prop_assert_eq!(told, "stored", "{} {:?} from {:?}", name, value, said);
            }
        }
    }
}

#[rustfmt::skip]
const PIECES: [&str; 36] = [
    "my name is", "Dana", "Whitfield,", "W-H-I-T", "F I E L D", "212", "five", "double", "oh", "0142.", "no",
    "sorry,", "not", "twenty", "hundred", "Street", "Maple", "at", "my sink", "is leaking.", "burst", "no rush",
    "tomorrow", "morning", "please", "and", "yes", "this is", "calling", "I'd like", "it's", "apartment", "space",
    "M as in Mary", "come", "thousand",
];
