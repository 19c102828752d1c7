//! Where somebody is needed, how soon and when.

use super::told;
use crate::lead::Asked::{Address, PreferredTime, Urgency};
use expect_test::expect;

#[test]
fn addresses() {
    told(
        Address,
        &[
            "Four twelve Maple Street.",
            "It's 27 Oak Avenue, apartment 3B, in Queens.",
            "One hundred and one Pine Court.",
            "twenty three forty five North Elm",
            "Yeah, 1205 Lakeview, just past the school.",
            "The corner of Fifth and Main.",
            "Maple Street.",
            "Same as last time.",
            "Brooklyn.",
            "412 Maple Street, Brooklyn, New York, 1 1 2 0 1.",
            "It's 412... no, 421 Maple Street.",
            "Do you come out to Staten Island?",
            "I'll be home after five.",
            "88 Saint Mark's Place, second floor.",
            "No.",
        ],
        &expect![[r"
            Four twelve Maple Street.
                address=412 Maple Street
            It's 27 Oak Avenue, apartment 3B, in Queens.
                address=27 Oak Avenue, apartment 3B, in Queens
            One hundred and one Pine Court.
                address=101 Pine Court
            twenty three forty five North Elm
                address=2345 North Elm
            Yeah, 1205 Lakeview, just past the school.
                address=1205 Lakeview, just past the school | yes
            The corner of Fifth and Main.
                address=The corner of Fifth and Main
            Maple Street.
                address=Maple Street
            Same as last time.
                -
            Brooklyn.
                -
            412 Maple Street, Brooklyn, New York, 1 1 2 0 1.
                address=412 Maple Street, Brooklyn, New York, 11201
            It's 412... no, 421 Maple Street.
                address=421 Maple Street
            Do you come out to Staten Island?
                question
            I'll be home after five.
                preferred_time=after five
            88 Saint Mark's Place, second floor.
                address=88 Saint Mark's Place, second floor
            No.
                no"]],
    );
}

#[test]
fn urgencies() {
    told(
        Urgency,
        &[
            "Right away.",
            "In a day or two is fine.",
            "There's no rush.",
            "It's pretty bad, water is all over the floor.",
            "The sooner the better.",
            "Today, if possible.",
            "Sometime this week.",
            "It can wait until Monday.",
            "Not an emergency.",
            "Yes.",
            "I don't know.",
            "It's urgent.",
            "Fairly soon.",
            "It isn't flooding or anything, so whenever.",
            "Within the hour please.",
            "Next Tuesday.",
        ],
        &expect![[r"
            Right away.
                urgency=emergency
            In a day or two is fine.
                urgency=soon
            There's no rush.
                urgency=routine
            It's pretty bad, water is all over the floor.
                urgency=emergency
            The sooner the better.
                urgency=soon
            Today, if possible.
                urgency=soon
            Sometime this week.
                urgency=routine
            It can wait until Monday.
                urgency=routine
            Not an emergency.
                urgency=routine
            Yes.
                yes
            I don't know.
                -
            It's urgent.
                urgency=emergency
            Fairly soon.
                urgency=soon
            It isn't flooding or anything, so whenever.
                urgency=routine | no
            Within the hour please.
                urgency=soon
            Next Tuesday.
                -"]],
    );
}

#[test]
fn preferred_times() {
    told(
        PreferredTime,
        &[
            "Tomorrow morning after nine.",
            "Any time on Friday works.",
            "Monday, Wednesday, or Friday in the afternoon, please.",
            "After 5 PM on weekdays would be best.",
            "I'm home all day.",
            "As soon as possible.",
            "Not Tuesday. Anything else is fine.",
            "What times do you have?",
            "Can you do Saturday at ten?",
            "Let me check my calendar.",
            "Mornings are best.",
            "I don't care.",
            "Between eight and noon.",
        ],
        &expect![[r"
            Tomorrow morning after nine.
                preferred_time=Tomorrow morning after nine
            Any time on Friday works.
                preferred_time=Any time on Friday
            Monday, Wednesday, or Friday in the afternoon, please.
                preferred_time=Monday, Wednesday, or Friday in the afternoon
            After 5 PM on weekdays would be best.
                preferred_time=After 5 PM on weekdays
            I'm home all day.
                preferred_time=all day
            As soon as possible.
                urgency=soon | preferred_time=As soon as possible
            Not Tuesday. Anything else is fine.
                preferred_time=Not Tuesday. Anything else
            What times do you have?
                question
            Can you do Saturday at ten?
                preferred_time=Saturday at ten | question
            Let me check my calendar.
                filler
            Mornings are best.
                preferred_time=Mornings
            I don't care.
                -
            Between eight and noon.
                preferred_time=Between eight and noon"]],
    );
}
