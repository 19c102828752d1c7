//! Details as recognisers write them and callers give them, through whole conversations.

use super::driver::Driver;
use crate::conversation::ConversationConfig;
use crate::lead::{Slot, SlotName};
use crate::prompt::Prompt;
use jiff::Timestamp;
use std::sync::Arc;

fn slot(driver: &Driver, name: SlotName) -> Option<&Slot> {
    driver.conversation.form().get(name)
}

fn value(driver: &Driver, name: SlotName) -> Option<&str> {
    slot(driver, name).map(|slot| slot.value.as_str())
}

#[track_caller]
fn expect_value(driver: &Driver, name: SlotName, expected: Option<&str>) {
    assert_eq!(value(driver, name), expected, "{}", driver.told);
}

#[track_caller]
fn expect_confirmed(driver: &Driver, name: SlotName, expected: bool) {
    assert_eq!(slot(driver, name).map(|slot| slot.confirmed), Some(expected), "{}", driver.told);
}

// A call that begins at this moment, and what is said to the question which time suits.
fn asked_for_a_time_on(moment: &str, said: &str) -> Driver {
    let mut driver = Driver::default();
    let moment: Timestamp = moment.parse().expect("a moment");
    driver.conversation = driver.conversation.begun_on(moment);
    driver
        .played(
            "call 2125550142
             say My sink is dripping
             say Dana Whitfield
             say Yes
             say 14 Oak Street
             say No rush",
        )
        .played(said)
}

#[test]
fn what_a_recogniser_writes_twice_is_taken_once() {
    let driver = Driver::default().played(
        "call 2125550142
         say The boiler is making a banging noise. The boiler is making a banging noise.
         say Josh Warner. Josh Warner.
         say Yes. Yes.
         say Nine Elm Street. Nine Elm Street.
         say No rush. No rush.
         say Friday. Friday.
         say No, that's all. No, that's all.
         end",
    );
    for (name, expected) in [
        (SlotName::Need, "The boiler is making a banging noise"),
        (SlotName::Name, "Josh Warner"),
        (SlotName::Callback, "+12125550142"),
        (SlotName::Address, "9 Elm Street"),
        (SlotName::Urgency, "routine"),
        (SlotName::PreferredTime, "Friday"),
    ] {
        expect_value(&driver, name, Some(expected));
    }
}

#[test]
fn a_preferred_time_gets_the_date_where_the_business_is() {
    // In New York it is still Thursday.
    let driver = asked_for_a_time_on(
        "2026-11-27T02:30:00Z",
        "say Tomorrow morning after nine, please
         say No, that's all
         end",
    );
    expect_value(&driver, SlotName::PreferredTime, Some("Tomorrow morning after nine (Fri Nov 27, after 09:00)"));
}

#[test]
fn a_call_past_midnight_counts_from_the_day_on_which_it_is_said() {
    let driver = asked_for_a_time_on(
        "2027-01-01T04:59:55Z",
        "say Tomorrow morning
         end",
    );
    expect_value(&driver, SlotName::PreferredTime, Some("Tomorrow morning (Sat Jan 2)"));
}

#[test]
fn a_changed_time_gets_its_own_date_and_vague_words_none() {
    let driver = asked_for_a_time_on(
        "2026-11-26T19:00:00Z",
        "say Monday morning
         say Actually, make that Tuesday after two
         end",
    );
    let found = value(&driver, SlotName::PreferredTime).expect("a time");
    assert!(found.contains("Tue Dec 1, after 14:00"), "{found}\n{}", driver.told);
    assert!(!found.contains("Nov 30"), "{found}");
}

#[test]
fn an_address_given_at_any_time_is_kept_and_not_asked_for() {
    let driver = Driver::default().played(
        "call 2125550142
         say I need an estimate for a bathroom remodel
         say Mark Ellis
         say Yes
         say 200 Smith Street in Brooklyn
         say No rush
         say Any afternoon next week
         say Yes, please send the estimate to mark dot ellis at example dot com
         say No, that's all
         end",
    );
    expect_value(&driver, SlotName::Email, Some("mark.ellis@example.com"));
    expect_confirmed(&driver, SlotName::Email, false);
    expect_value(&driver, SlotName::Name, Some("Mark Ellis"));
    assert!(!driver.told.contains("ask_email") && !driver.told.contains("read_back_email"), "{}", driver.told);
}

// A call to a business that wants to write.
fn with_email(script: &str) -> Driver {
    let text = include_str!("../../../prompts/receptionist.md");
    let wanted = text.replacen(
        "slots = [\"need\", \"name\", \"callback\", \"address\", \"urgency\", \"preferred_time\"]",
        "slots = [\"name\", \"email\"]",
        1,
    );
    assert_ne!(text, wanted);
    let prompt = Prompt::parse("mail.md", &wanted).expect("a whole file");
    Driver::with_prompt(ConversationConfig::default(), Arc::new(prompt)).played(script)
}

#[test]
fn an_address_that_is_wanted_is_asked_for_and_read_back() {
    let driver = with_email(
        "call 2125550142
         say Josh Warner
         say It's j underscore warner 22 at gmail dot com
         say Yes
         say No, that's all
         end",
    );
    expect_value(&driver, SlotName::Email, Some("j_warner22@gmail.com"));
    expect_confirmed(&driver, SlotName::Email, true);
    let read = "J, underscore, W, A, R, N, E, R, 2, 2, at, gmail, dot com. Is that right?";
    assert!(driver.told.contains(read), "{}", driver.told);
}

#[test]
fn a_wrong_address_is_corrected_or_dropped_and_the_call_ends() {
    let corrected = with_email(
        "call 2125550142
         say Josh Warner
         say josh at example dot com
         say No, it's josh dot w at example dot com
         say Yes
         say No, that's all
         end",
    );
    expect_value(&corrected, SlotName::Email, Some("josh.w@example.com"));
    expect_confirmed(&corrected, SlotName::Email, true);
    let dropped = with_email(
        "call 2125550142
         say Josh Warner
         say josh at example dot com
         say No
         say josh at example dot com
         say No
         say No, that's all
         end",
    );
    expect_value(&dropped, SlotName::Email, None);
    assert!(dropped.conversation.is_over(), "{}", dropped.told);
}

#[test]
fn who_has_no_address_is_not_asked_for_ever() {
    let driver = with_email(
        "call 2125550142
         say Josh Warner
         say I don't have one
         say I don't have one
         say I don't have one
         say No, that's all
         end",
    );
    expect_value(&driver, SlotName::Email, None);
    assert!(driver.conversation.is_over(), "{}", driver.told);
}

// A call in which the name is heard badly, and then this is said to the question how it is spelled.
fn unsure_name(heard: &str, answers: &[&str]) -> Driver {
    let mut driver = Driver::default().played("call 2125550142\nsay My sink is dripping");
    driver.sureness = -1.4;
    driver.play(&format!("say {heard}\nlisten"));
    driver.sureness = -0.3;
    for answer in answers {
        driver.play(&format!("say {answer}"));
    }
    driver.played("say Yes\nsay 14 Oak Street\nsay No rush\nsay Tomorrow morning\nsay No, that's all\nend")
}

#[test]
fn an_unsure_name_is_kept_unless_something_better_comes() {
    let mumbled = "It's just like it sounds";
    for (heard, answers, name) in [
        ("Amma right.", &["W-R-I-G-H-T"][..], "Amma Wright"),
        ("Emma right. Emma right.", &["E-M-M-A, W-R-I-G-H-T"], "Emma Wright"),
        ("Amma right.", &["Wright, W-R-I-G-H-T. W-R-I-G-H-T."], "Amma Wright"),
        ("Josh Werner", &["Warner, the usual way"], "Josh Warner"),
        ("Josh Werner", &[mumbled, mumbled, mumbled], "Josh Werner"),
        // S, T, O, N, E, as a recogniser wrote it.
        ("Gloria Stone", &["Bestie Hohenny."], "Gloria Stone"),
        ("Gloria Stone", &["No, my name is Bestie Hohenny."], "Bestie Hohenny"),
        ("Gloria Stowe", &["Stone."], "Gloria Stone"),
        ("Josh Werner", &["Peter Miller."], "Peter Miller"),
    ] {
        let driver = unsure_name(heard, answers);
        assert!(driver.told.contains("ask_name_spelling"), "{}", driver.told);
        expect_value(&driver, SlotName::Name, Some(name));
        expect_confirmed(&driver, SlotName::Name, false);
        expect_value(&driver, SlotName::Callback, Some("+12125550142"));
    }
}

#[test]
fn who_gives_a_number_instead_of_letters_is_asked_for_it_and_not_offered_their_own() {
    for (said, next) in [
        ("No, my number is 212-555-0187.", "read_back_callback"),
        ("No, my number is 212555. We are 187.", "ask_callback"),
        ("It's like Wright with a W", "offer_callback"),
    ] {
        let mut driver = Driver::default().played("call 2125550142\nsay My sink is dripping");
        driver.sureness = -1.4;
        let driver = driver.played(&format!("say Amma right\nlisten\nsay {said}\nlisten"));
        for line in ["read_back_callback", "ask_callback", "offer_callback"] {
            assert_eq!(driver.told.contains(line), line == next, "{line} after {said}\n{}", driver.told);
        }
    }
}

#[test]
fn a_yes_confirms_only_what_was_read_back_just_before() {
    let script = "call withheld\nsay My sink is dripping\nsay Dana Whitfield\nsay 212 555 0187\nlisten\nsay The lost foreign ditches\nlisten";
    let driver = Driver::default().played(script);
    assert_eq!(driver.told.matches("read_back_callback").count(), 2, "{}", driver.told);
    expect_confirmed(&driver, SlotName::Callback, false);
}

#[test]
fn a_last_name_that_may_have_been_another_is_spelled() {
    for (unsure_of, is_asked) in [("roth", true), ("daniel", false)] {
        let mut driver = Driver::default();
        driver.unsure_of = Some(unsure_of);
        let driver = driver.played("call 2125550142\nsay My sink is dripping\nsay Daniel Roth\nlisten");
        assert_eq!(driver.told.contains("ask_name_spelling"), is_asked, "{}", driver.told);
        let driver = driver.played(if is_asked { "say R-O-S-S\nlisten" } else { "listen" });
        expect_value(&driver, SlotName::Name, Some(if is_asked { "Daniel Ross" } else { "Daniel Roth" }));
        assert_eq!(driver.told.matches("ask_name_spelling").count(), usize::from(is_asked), "{}", driver.told);
    }
}

#[test]
fn an_address_without_number_or_known_street_is_asked_for_once_more() {
    const START: &str = "call 2125550142\nsay My sink is dripping\nsay Josh Warner\nsay Yes";
    for (heard, again, address) in [
        ("Rirum Sennstreet", "39 Bond Street", "39 Bond Street"),
        ("39 Bonstree", "39 Bond Street", "39 Bond Street"),
        ("39 Bonstree", "Bond Street", "39 Bonstree"),
        ("39 Bonstree", "I told you", "39 Bonstree"),
        ("The corner of Bond Street", "Thirty-nine", "39 The corner of Bond Street"),
        ("The corner of Bond Street", "There is none", "The corner of Bond Street"),
        ("16th Street", "6 Dean Street", "6 Dean Street"),
    ] {
        let driver = Driver::default().played(&format!("{START}\nsay {heard}\nsay {again}\nlisten"));
        assert_eq!(driver.told.matches("ask_address_again").count(), 1, "{}", driver.told);
        expect_value(&driver, SlotName::Address, Some(address));
        assert!(driver.told.contains("ask_urgency"), "{}", driver.told);
    }
    for heard in ["39 Bond Street", "27 Broadway, apartment 3", "12 16th Street", "40 Avenue U", "14 Oak Lane"] {
        let driver = Driver::default().played(&format!("{START}\nsay {heard}\nlisten"));
        assert!(!driver.told.contains("ask_address_again"), "{}", driver.told);
    }
}

#[test]
fn who_is_not_heard_when_a_doubt_is_settled_is_asked_the_next_question() {
    let script = "call 2125550142\nsay My sink is dripping\nsay Rebecca Mua\nlisten\nsilence 7\nlisten";
    let driver = Driver::default().played(script);
    assert!(driver.told.contains("ask_name_spelling") && driver.told.contains("offer_callback"), "{}", driver.told);
    let driver = driver.played(
        "say Yes\nsay Rirum Sennstreet\nlisten\nsilence 7\nlisten\nsay No rush\nsay Tomorrow morning\nsay No, that's all\nend",
    );
    assert!(driver.told.contains("ask_address_again") && !driver.told.contains("still_there"), "{}", driver.told);
    expect_value(&driver, SlotName::Name, Some("Rebecca Mua"));
    expect_value(&driver, SlotName::Callback, Some("+12125550142"));
}

#[test]
fn a_name_that_few_people_have_is_spelled_also_when_nobody_asked_for_it() {
    let script = "call 2125550142\nsay Hi, this is Rebecca Mua, my sink is dripping\nsay M, O, O, R, E\nlisten";
    let driver = Driver::default().played(script);
    assert!(!driver.told.contains("ask_name)"), "{}", driver.told);
    expect_value(&driver, SlotName::Name, Some("Rebecca Moore"));
}

#[test]
fn a_name_that_few_people_have_is_spelled_and_the_likelier_one_kept() {
    let script = "call 2125550142\nsay My sink is dripping\nsay Rebecca Mua\nsay N, O, O, R, E\nlisten";
    let driver = Driver::default().played(script);
    assert!(driver.told.contains("ask_name_spelling"), "{}", driver.told);
    expect_value(&driver, SlotName::Name, Some("Rebecca Moore"));
    for name in ["Dana Whitfield", "Zofia Grabowiecka, G-R-A-B-O-W-I-E-C-K-A"] {
        let driver = Driver::default().played(&format!("call 2125550142\nsay My sink is dripping\nsay {name}\nlisten"));
        assert!(!driver.told.contains("ask_name_spelling"), "{}", driver.told);
    }
}
