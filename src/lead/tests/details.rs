//! Addresses, urgency, times and needs.

use super::{detail, table, texts};
use crate::lead::{
    Asked, SlotName, Urgency, address_from, need_from, preferred_time_from, stands_alone, understand, urgency_from,
};

#[test]
fn addresses_get_their_numbers_as_digits() {
    texts(
        &[
            ("four twelve Maple Street", Some("412 Maple Street")),
            ("Four twelve Maple Street.", Some("412 Maple Street")),
            ("37, Garden Place, Brooklyn", Some("37 Garden Place, Brooklyn")),
            ("it's 27 Oak Avenue in Springfield", Some("27 Oak Avenue in Springfield")),
            ("twelve oh five Pine Road", Some("1205 Pine Road")),
            ("one twenty-three Elm Street", Some("123 Elm Street")),
            (
                "I live at two hundred and five West End Avenue, apartment four B.",
                Some("205 West End Avenue, apartment 4 B"),
            ),
            ("The address is 88 5th Avenue, Brooklyn.", Some("88 5th Avenue, Brooklyn")),
            ("Yeah, it's at 1450 North Lake Drive, please.", Some("1450 North Lake Drive")),
            ("five five three five Negley Avenue", Some("5535 Negley Avenue")),
            ("412, no wait, 421 Maple Street", Some("421 Maple Street")),
            ("27 Broadway", Some("27 Broadway")),
            ("12 St. James Place", Some("12 St. James Place")),
            ("Um, ninety-nine Harbor Way and my number is 212 555 0142", Some("99 Harbor Way")),
            ("34 Cedar Lane, zip one one two oh one", Some("34 Cedar Lane, zip 11201")),
            ("twelve hundred Main Street", Some("1200 Main Street")),
            ("I have two sinks at 412 Maple Street", Some("412 Maple Street")),
            ("It's 12 Cedar Street in Brooklyn, there's no rush", Some("12 Cedar Street in Brooklyn")),
            ("41 Oak, not 14", Some("41 Oak")),
            ("220 Bleecker, B-L-E-E-C-K-E-R, Street", Some("220 Bleecker, Street")),
            ("14 thirty-first Avenue", Some("14 thirty-first Avenue")),
            ("twenty two forty thirty-first Avenue", Some("2240 thirty-first Avenue")),
            ("It's 8th Court Street in Brooklyn.", Some("8 Court Street in Brooklyn")),
            ("8th Street and 5th Avenue", None),
            ("On 5th Avenue in Brooklyn", None),
            ("I'd rather not say", None),
            ("in 2 hours", None),
            ("by the way, thanks", None),
            ("9 to 5", None),
            ("", None),
        ],
        address_from,
    );
}

#[test]
fn urgency_is_taken_from_words_that_say_it() {
    use Urgency::{Emergency, Routine, Soon};
    table(
        &[
            ("A pipe burst in the basement", Some(Emergency)),
            ("my kitchen is flooding", Some(Emergency)),
            ("I smell gas", Some(Emergency)),
            ("there are sparks coming from the outlet", Some(Emergency)),
            ("we have no heat", Some(Emergency)),
            ("It's an emergency!", Some(Emergency)),
            ("right now", Some(Emergency)),
            ("Right away, please.", Some(Emergency)),
            ("it's not an emergency", Some(Routine)),
            ("It isn't urgent.", Some(Routine)),
            ("Not an emergency, but I'd like someone today.", Some(Soon)),
            ("as soon as possible", Some(Soon)),
            ("today if you can", Some(Soon)),
            ("In a day or two.", Some(Soon)),
            ("no rush", Some(Routine)),
            ("There's no rush at all.", Some(Routine)),
            ("next week is fine", Some(Routine)),
            ("whenever you have time", Some(Routine)),
            ("nothing is flooding", None),
            ("it hasn't burst", None),
            ("The smoke alarm beeps.", None),
            ("my sink drips", None),
            ("I don't know", None),
            ("", None),
        ],
        urgency_from,
    );
}

#[test]
fn times_stay_in_the_callers_words() {
    texts(
        &[
            ("tomorrow morning after nine", Some("tomorrow morning after nine")),
            ("Um, maybe tomorrow morning after nine, please.", Some("tomorrow morning after nine")),
            ("How about Thursday afternoon?", Some("Thursday afternoon")),
            ("I'd prefer Monday or Tuesday after 3 PM if possible.", Some("Monday or Tuesday after 3 PM")),
            ("Any time after work would be great", Some("Any time after work")),
            ("Friday works best for me.", Some("Friday")),
            ("The 12th of March at 10:00", Some("The 12th of March at 10:00")),
            ("as early as you can tomorrow", Some("as early as you can tomorrow")),
            ("Can you come on Saturday?", Some("on Saturday")),
            ("anytime", Some("anytime")),
            ("The fourteenth.", Some("The fourteenth")),
            ("Half past ten on Friday works", Some("Half past ten on Friday")),
            ("Friday the 4th, no, make that Saturday the 5th", Some("Saturday the 5th")),
            ("Monday, no wait, Tuesday at ten", Some("Tuesday at ten")),
            ("Monday, no later than noon", Some("Monday, no later than noon")),
            ("I don't know", None),
            ("not sure what day", None),
            ("yes", None),
            ("", None),
        ],
        preferred_time_from,
    );
}

#[test]
fn times_are_overheard_whole() {
    texts(
        &[
            ("Could somebody come the day after tomorrow?", Some("the day after tomorrow")),
            ("I'd like an appointment on the fourteenth", Some("on the fourteenth")),
            ("Can you come Thursday at 8 p.m.?", Some("Thursday at 8 p.m")),
            ("Please come around half past ten on Friday", Some("around half past ten on Friday")),
            ("I'd like to book a cleaning in two days", Some("in two days")),
            ("Could you come a week from Monday", Some("a week from Monday")),
            ("I need someone Thursday after three to look at a leaky shower", Some("Thursday after three")),
            ("I need somebody to look at a leak", None),
            ("Tomorrow would be good", None),
            ("Tomorrow afternoon would be good", Some("Tomorrow afternoon")),
            ("There's no rush, any weekday morning works", Some("any weekday morning")),
            ("It would be better on Wednesday", Some("on Wednesday")),
            ("It has been leaking since Monday", None),
            ("I want a plumber to come", None),
        ],
        detail(Asked::Urgency, SlotName::PreferredTime),
    );
}

#[test]
fn needs_lose_their_lead_ins() {
    texts(
        &[
            ("hi yeah I'm calling because my kitchen sink is leaking", Some("my kitchen sink is leaking")),
            ("Hi, my kitchen sink is leaking.", Some("my kitchen sink is leaking")),
            ("Hi, this is Bob Miller, my toilet is clogged.", Some("my toilet is clogged")),
            ("Hello, my name is Dana Whitfield and my water heater is broken.", Some("my water heater is broken")),
            ("this is bob miller calling about a leaking pipe", Some("a leaking pipe")),
            ("My sink is clogged. My number is 212-555-0142.", Some("My sink is clogged")),
            ("Good morning! I need someone to look at my boiler, please.", Some("I need someone to look at my boiler")),
            ("Um, so, basically, a pipe burst, and water is everywhere.", Some("a pipe burst, water is everywhere")),
            ("I was wondering if you could fix a running toilet", Some("you could fix a running toilet")),
            ("Plumbing", Some("Plumbing")),
            ("This is Beth, B-E-T-H, the drain is backed up", Some("the drain is backed up")),
            ("My email is pat dot lowe at example dot com and I need a new faucet.", Some("I need a new faucet")),
            ("My number is 212 555 0142 and my name is Dana", None),
            ("A leak.", Some("A leak")),
            ("Hi, this is Dana from Maple Street. The drain backs up.", Some("The drain backs up")),
            ("hello", None),
            ("Hi, good morning.", None),
            ("yes", None),
            ("Hi, can you hear me?", None),
            ("I need help", None),
            ("", None),
        ],
        need_from,
    );
}

#[test]
fn a_found_value_must_read_as_what_it_is() {
    let rows = [
        (SlotName::Address, "my kitchen", false),
        (SlotName::Address, "54 Spring Street in Brooklyn", true),
        (SlotName::PreferredTime, "fifty-four spring street", false),
        (SlotName::PreferredTime, "tomorrow morning", true),
        (SlotName::Name, "Dana Whitfield", true),
    ];
    for (name, value, expected) in rows {
        assert_eq!(stands_alone(name, value), expected, "{name}: {value}");
    }
}

#[test]
fn a_pause_after_the_house_number_does_not_part_it_from_the_street() {
    texts(
        &[("I live at 37. Garden place in Brooklyn.", Some("37 Garden place in Brooklyn"))],
        detail(Asked::Address, SlotName::Address),
    );
}

#[test]
fn an_address_is_no_time_although_a_season_is_in_it() {
    let values = understand(Asked::PreferredTime, "It is fifty-four spring street in Brooklyn.", "US").values;
    assert!(values.iter().all(|(name, _)| *name != SlotName::PreferredTime), "{values:?}");
    assert!(values.iter().any(|(name, value)| *name == SlotName::Address && value.contains("54")), "{values:?}");
}
