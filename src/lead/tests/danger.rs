//! Danger told from talk of danger.

use super::table;
use crate::lead::Danger::{CarbonMonoxide, Fire, Gas, Injury, Sparking, Water};
use crate::lead::{Urgency, danger, urgency_from};

#[rustfmt::skip]
const PRESENT: &[(&str, crate::lead::Danger)] = &[
    ("I smell gas in my basement.", Gas),
    ("It smells like gas in the kitchen", Gas),
    ("there's a strong smell of gas", Gas),
    ("Hi, um, I think I can smell some gas near the stove.", Gas),
    ("we have a gas leak", Gas),
    ("My gas line is leaking", Gas),
    ("I hear gas hissing from the pipe behind the dryer", Gas),
    ("the whole house smells of rotten eggs", Gas),
    ("There's an odor of propane by the tank", Gas),
    ("I'm not sure if it's gas but I smell gas by the meter", Gas),
    ("The gas company said it's fine, but I still smell gas.", Gas),
    ("No, I smell gas", Gas),
    ("My contractor just hit the gas line with his shovel", Gas),
    ("I don't know what it is, it smells like gas", Gas),
    ("my gas water heater won't light and I smell gas", Gas),
    ("We had a gas leak last year. Now it smells like gas again.", Gas),
    ("the carbon monoxide alarm by our boiler keeps going off, and I feel a bit dizzy", CarbonMonoxide),
    ("My carbon monoxide detector went off", CarbonMonoxide),
    ("our CO alarm is beeping and won't stop", CarbonMonoxide),
    ("I think it's carbon monoxide", CarbonMonoxide),
    ("the carbon monoxide detector is going off, there's no smell of gas", CarbonMonoxide),
    ("we may have carbon monoxide poisoning", CarbonMonoxide),
    ("my outlet is on fire", Fire),
    ("The dryer caught fire", Fire),
    ("there's smoke coming out of the outlet", Fire),
    ("I smell something burning behind the wall", Fire),
    ("a burning smell is coming from the breaker box", Fire),
    ("the outlet is smoking", Fire),
    ("The smoke alarm is going off and I smell smoke", Fire),
    ("it smells like burnt plastic near the panel", Fire),
    ("there's a fire in my kitchen", Fire),
    ("I see flames", Fire),
    ("the furnace you put in last year is smoking", Fire),
    ("I'm not kidding, there is smoke everywhere", Fire),
    ("there are sparks coming from the outlet", Sparking),
    ("My light switch sparked when I turned it on", Sparking),
    ("the panel is sparking", Sparking),
    ("I got a shock when I touched the dryer", Sparking),
    ("there's a live wire hanging in the garden", Sparking),
    ("the outlet is melting", Sparking),
    ("a power line is down in my yard", Sparking),
    ("my basement is flooding and the water is near the electrical panel", Water),
    ("Water is dripping through the ceiling light", Water),
    ("water's coming. The water is running into the breaker box", Water),
    ("my kitchen is flooded and the outlets are under water", Water),
    ("there is a leak right over the fuse box", Water),
    ("The basement is flooded and the freezer is still plugged in.", Water),
    ("my husband fell off the ladder", Injury),
    ("he got electrocuted", Injury),
    ("My wife can't breathe", Injury),
    ("the tooth came out and I can't stop the bleeding", Injury),
    ("my son is unconscious", Injury),
    ("someone is hurt", Injury),
    ("I'm bleeding heavily after the extraction", Injury),
    ("Hi, my daughter cut her hand and she's bleeding quite a lot", Injury),
    ("It keeps on bleeding and the bleeding won't stop", Injury),
    ("the socket hasn't stopped bleeding since this morning", Injury),
    ("there is blood all over", Injury),
    ("my dad got knocked out when the shelf hit him", Injury),
    ("A worker fell and he was knocked out", Injury),
    ("I can't catch my breath", Injury),
    ("she passed out in the bathroom", Injury),
    ("my face is swelling up and it hurts to swallow", Injury),
    ("his tongue is swollen", Injury),
    ("there are sparks and the curtain is on fire", Fire),
    ("There are sparks coming out of an outlet, and it smells like something's burning.", Sparking),
    ("It smells like something's burning.", Fire),
];

#[rustfmt::skip]
const ABSENT: &[&str] = &[
    "",
    "the gas company said it's fine",
    "I smelled gas, but the gas company came and said it was fine.",
    "I smelled gas this morning. The gas company fixed it.",
    "there's no smell of gas",
    "No gas smell or anything",
    "I don't smell gas",
    "I can't smell any gas",
    "my gas bill smells fishy",
    "my gas bill is too high",
    "the gas water heater won't light",
    "my gas stove doesn't light",
    "I need a gas line for a new stove",
    "do you fix gas leaks?",
    "What should I do if I smell gas?",
    "what if there's a fire",
    "we had a gas leak last year",
    "my bathroom smells like sewer gas",
    "my hot water smells like rotten eggs",
    "is it normal for laughing gas to smell",
    "I need a fire alarm battery replaced",
    "the fire alarm needs a new battery",
    "The smoke alarm beeps.",
    "my toilet is clogged and the smoke detector keeps beeping",
    "the smoke detector is chirping",
    "I want carbon monoxide detectors installed",
    "the carbon monoxide detector is beeping, it needs a battery",
    "my fireplace needs cleaning",
    "there's a fire pit in the garden",
    "fire department inspection next week",
    "the fire is out now, but I need the wall rewired",
    "we had a fire years ago",
    "my tooth is killing me",
    "It's a burning pain in my gum",
    "we quit smoking in the house, it's a non smoking building",
    "I need a spark plug",
    "the spark plugs for my generator",
    "nothing is sparking",
    "I was shocked by the price",
    "my water heater is leaking",
    "my electric water heater is leaking",
    "the water heater is near the panel and makes no hot water",
    "the light on my water heater is blinking",
    "my basement is flooded",
    "I have no water",
    "water pressure is low and a light switch doesn't work",
    "nobody is hurt",
    "no one's been hurt or anything",
    "my tooth hurts",
    "my gums bleed when I brush",
    "the radiator bled all over the carpet",
    "can you bleed the radiators",
    "I need somebody to bleed my radiators, there's a lot of air in them",
    "it's not bleeding any more",
    "It was bleeding a lot but it stopped bleeding",
    "it bled a lot yesterday, but the bleeding has stopped",
    "he knocked out a tooth",
    "my front tooth got knocked out",
    "the storm knocked out our power",
    "my screen blacked out",
    "the ceiling collapsed",
    "my face isn't swelling",
    "no swelling in my face",
    "I have high blood pressure",
    "I bled the valves myself a lot",
    "the air is let out by bleeding it",
    "my crown fell off",
    "I'd like an outlet put in near the sink",
    "the breaker trips when I use the microwave",
    "my kitchen sink is clogged",
    "Dana Sparks",
    "412 Burning Tree Road",
];

#[test]
fn danger_is_told_and_makes_an_emergency() {
    let rows: Vec<_> = PRESENT.iter().map(|(said, danger)| (*said, Some(*danger))).collect();
    table(&rows, danger);
    let rows: Vec<_> = PRESENT.iter().map(|(said, _)| (*said, Some(Urgency::Emergency))).collect();
    table(&rows, urgency_from);
}

#[test]
fn talk_of_danger_is_none() {
    let rows: Vec<_> = ABSENT.iter().map(|said| (*said, None)).collect();
    table(&rows, danger);
}

proptest::proptest! {
    #[test]
    fn never_fails_and_small_talk_before_a_sign_changes_nothing(text in "\\PC{0,120}", at in 0..PRESENT.len()) {
        let _ = danger(&text);
        // What is told stays told when small talk goes before it.
        let (said, expected) = PRESENT[at];
        proptest::prop_assert_eq!(danger(&format!("Good morning. My name is Dana Whitfield. {said}")), Some(expected));
    }
}
