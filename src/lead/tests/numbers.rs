//! Digits and telephone numbers.

use super::{detail, table, texts};
use crate::lead::{Asked, SlotName, correct_number, speak_letters, speak_number, speak_number_slowly, spoken_digits};
use crate::phone::PhoneNumber;
use proptest::prelude::proptest;

#[test]
fn digits_come_in_many_forms() {
    table(
        &[
            ("two one two five five five oh one four two", "2125550142"),
            ("It's 212-555-0142.", "2125550142"),
            ("2, 1, 2, 5 5 5 oh 1 4 2", "2125550142"),
            ("Two, one, two. Five, five, five. Zero, one, four, two.", "2125550142"),
            ("(212) 555-0142", "2125550142"),
            ("212.555.0142", "2125550142"),
            ("212 555 O142", "2125550142"),
            ("212, 555, O 1 4 2", "2125550142"),
            ("two one two, double five five, oh one four two", "2125550142"),
            ("two one two triple five oh one four two", "2125550142"),
            ("triple zero", "000"),
            ("twenty-one", "21"),
            ("twenty one", "21"),
            ("eight hundred five five five oh one four two", "8005550142"),
            ("1-800-555-0142", "18005550142"),
            ("one eight hundred, five five five, twelve twelve", "18005551212"),
            ("five hundred and eighty seven", "587"),
            ("fifty five fifty", "5550"),
            ("two twelve, five fifty-five, oh one forty-two", "2125550142"),
            ("My number is area code 212, then 555, and then 0142, thanks.", "2125550142"),
            ("plus one two one two five five five zero one four two", "12125550142"),
            ("uh two one two um five five five, uh, oh one four two", "2125550142"),
            ("this one's fine", ""),
            ("use this one", ""),
            ("one second", ""),
            ("one moment please", ""),
            ("oh yeah, sure", ""),
            ("Oh, two one two, five five five, oh one four two", "2125550142"),
            ("nine one seven oh oh seven", "917007"),
            ("no numbers here", ""),
            ("", ""),
            ("212 555 0142, sorry, 0143", "2125550143"),
            ("two one two five five five oh one four two no wait oh one four three", "2125550143"),
            ("212 555 01, sorry, 0142", "2125550142"),
            ("212 555, no, let me start over, 917 555 0188", "9175550188"),
            ("five five five, no wait, 0143", "0143"),
        ]
        .map(|(said, digits)| (said, digits.to_owned())),
        spoken_digits,
    );
}

#[test]
fn a_number_said_twice_is_one() {
    texts(
        &[
            ("212-555-0142. 212-555-0142.", Some("+12125550142")),
            (
                "It's two one two, five five five, oh one four two. It's two one two, five five five, oh one four two.",
                Some("+12125550142"),
            ),
            ("2125550142 2125550142", Some("+12125550142")),
            ("212 555 0142, again, 212 555 0142", Some("+12125550142")),
            ("555, 555, 0142", Some("+15555550142")),
            ("five five five. five five five. oh one four two", Some("+15555550142")),
            ("double five, double five, double five, oh one four two", Some("+15555550142")),
        ],
        callback(Asked::Callback),
    );
}

fn callback(asked: Asked) -> impl Fn(&str) -> Option<String> {
    detail(asked, SlotName::Callback)
}

#[test]
fn a_whole_number_is_found_among_what_else_is_said() {
    texts(
        &[
            ("four fifteen, five fifty-five, twenty one forty two", Some("+14155552142")),
            ("um, for one five, five five five, oh one four two", Some("+14155550142")),
            ("It's uh, to one two, five five five, oh one four two", Some("+12125550142")),
            ("Area code's two one two, five five five, oh one four two", Some("+12125550142")),
            ("Area code 212, and the number is 555-0142.", Some("+12125550142")),
            ("The area code is three four seven. Then five five five, zero one six three.", Some("+13475550163")),
            ("My area code is 917 and my number is 555 0188", Some("+19175550188")),
            ("555 0142, area code's two one two", Some("+12125550142")),
            ("um, for my wife it's 917 555 0188", Some("+19175550188")),
            ("um, to be honest, 917 555 0188", Some("+19175550188")),
            ("four hundred fifteen, five five five, oh one four two", Some("+14155550142")),
            ("four hundred and fifteen, five five five, oh one four two", Some("+14155550142")),
            ("eight hundred, five five five, twenty one hundred", Some("+18005552100")),
            ("It's 415, three 5s, 0142", Some("+14155550142")),
            ("four one five, three fives, oh one double four", Some("+14155550144")),
            ("Five five five, zero one six six. Oh, and the area code is three four seven.", Some("+13475550166")),
            ("555-0166, area code 347", Some("+13475550166")),
            ("area code is 347, 555 0166", Some("+13475550166")),
            ("212, no, 213 555 0142", Some("+12135550142")),
            ("212 555, no, 556 0142", Some("+12125560142")),
            ("212 555 0142. No wait, 555 0143.", Some("+12125550143")),
            ("212 555 0142, sorry, the last four are 0143", Some("+12125550143")),
            ("212 555 0142, no, the middle part is 556", Some("+12125560142")),
            ("212 555 0142, actually the area code is 646", Some("+16465550142")),
            ("212 555 0142. Actually I have two sinks.", Some("+12125550142")),
            ("it's 917 555 0188, not 212 555 0142", Some("+19175550188")),
            ("not 212 555 0142, it's 917 555 0188", Some("+19175550188")),
            ("212 555 0142. That's 212 555 0142.", Some("+12125550142")),
            (
                "two one two five five five oh one four two, two one two five five five oh one four two",
                Some("+12125550142"),
            ),
            ("212 555 0142, extension 12", Some("+12125550142")),
            ("212 555 0142 ext 4", Some("+12125550142")),
            ("412 Maple Street, zip 11201, 212 555 0142", Some("+12125550142")),
            ("I live at 412 Maple Street, and it's 555 0142", None),
            ("country code 44, 20 7946 0958", Some("+442079460958")),
            ("plus one, two one two, five five five, oh one four two", Some("+12125550142")),
            ("$4.15, 555, 0142", Some("+14155550142")),
            ("4:15, 555, 0142", Some("+14155550142")),
            ("2,125,550,142", Some("+12125550142")),
            ("2125550142", Some("+12125550142")),
            ("212-555-0142nd", Some("+12125550142")),
            ("212 555 O142", Some("+12125550142")),
            ("two one to five five five oh one for two", Some("+12125550142")),
            ("212 555 0142, no, 555", None),
            ("two one two five five five oh one four", None),
            ("two one two five five five oh one four two two", None),
        ],
        callback(Asked::Callback),
    );
    // Where no digits were asked for, small words are words.
    texts(&[("two one to five five five oh one for two", None)], callback(Asked::Need));
}

fn corrected(known: &PhoneNumber, said: &str) -> Option<String> {
    correct_number(known, said, "US").map(|number| number.e164().to_owned())
}

#[test]
fn a_part_is_corrected_at_the_read_back() {
    let known = number("415 555 0187");
    texts(
        &[
            ("No, the last four are oh one five three.", Some("+14155550153")),
            ("no, the last four are 0186", Some("+14155550186")),
            ("it's seven eight, not eight seven", Some("+14155550178")),
            ("not eight seven, seven eight", Some("+14155550178")),
            ("the middle part is 556", Some("+14155560187")),
            ("the first three are four one six", Some("+14165550187")),
            ("the last two digits are eight six", Some("+14155550186")),
            ("the last digit is a six", Some("+14155550186")),
            ("no, four one five five", None),
        ],
        |said| corrected(&known, said),
    );
}

/// How somebody says a group of digits.
const WAYS: usize = 7;

fn said(digits: &str, way: usize) -> String {
    const DIGITS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    const TEENS: [&str; 10] =
        ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];
    const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let values: Vec<usize> = digits.bytes().map(|byte| usize::from(byte - b'0')).collect();
    let single = |digit: &usize| DIGITS[*digit].to_owned();
    let single_oh = |digit: &usize| if *digit == 0 { "oh".to_owned() } else { single(digit) };
    let pair = |pair: &[usize]| match pair {
        [0, 0] => "oh oh".to_owned(),
        [0, unit] => format!("oh {}", DIGITS[*unit]),
        [1, unit] => TEENS[*unit].to_owned(),
        [tens, 0] => TENS[*tens].to_owned(),
        [tens, unit] => format!("{} {}", TENS[*tens], DIGITS[*unit]),
        other => other.iter().map(single).collect::<Vec<_>>().join(" "),
    };
    match way {
        0 => values.iter().map(single).collect::<Vec<_>>().join(" "),
        1 => values.iter().map(single_oh).collect::<Vec<_>>().join(", "),
        2 => digits.to_owned(),
        3 => values.iter().map(ToString::to_string).collect::<Vec<_>>().join("-"),
        4 if values.len() == 3 => format!("{} {}", single(&values[0]), pair(&values[1..])),
        4 => values.chunks(2).map(pair).collect::<Vec<_>>().join(" "),
        5 => {
            let runs = values.chunk_by(|a, b| a == b);
            let run = |run: &[usize]| match run.len() {
                2 => format!("double {}", DIGITS[run[0]]),
                3 => format!("triple {}", DIGITS[run[0]]),
                _ => run.iter().map(single).collect::<Vec<_>>().join(" "),
            };
            runs.map(run).collect::<Vec<_>>().join(" ")
        }
        _ if digits.ends_with("00") && !digits.starts_with('0') => match digits.len() {
            3 if values[0] != 0 => format!("{} hundred", DIGITS[values[0]]),
            4 if values[1] != 0 && values[0] != 0 => format!("{} hundred", pair(&values[..2])),
            _ => said(digits, 0),
        },
        _ if values.len() == 3 && values[1] != 0 => {
            format!("{} hundred and {}", DIGITS[values[0]], pair(&values[1..]))
        }
        _ => said(digits, 1),
    }
}

proptest! {
    #[test]
    fn every_number_is_read_back_from_every_way_to_say_it(
        area in 2_u32..10, rest in 0_u32..100, exchange in 200_u32..1000, line in 0_u32..10_000,
        ways in (0..WAYS, 0..WAYS, 0..WAYS), opening in 0_usize..5, gap in 0_usize..5,
    ) {
        let groups = [format!("{area}{rest:02}"), exchange.to_string(), format!("{line:04}")];
        let expected = PhoneNumber::parse(&groups.concat(), "US");
        proptest::prop_assume!(expected.is_ok());
        let opening = ["", "It's ", "My number is ", "Yeah, um, it's area code ", "plus one "][opening];
        let gap = [", ", ". ", ", um, ", ", then ", ", and then "][gap];
        let text = [said(&groups[0], ways.0), said(&groups[1], ways.1), said(&groups[2], ways.2)].join(gap);
        let text = format!("{opening}{text}.");
        let found = callback(Asked::Callback)(&text);
        proptest::prop_assert_eq!(found, expected.ok().map(|number| number.e164().to_owned()), "{}", text);
    }

    #[test]
    fn a_restart_leaves_only_the_last_number(cut in 1_usize..9, wrong in "[2-9][0-9]{9}", right in "[2-9][0-9]{2}555[0-9]{4}", way in 0..4_usize) {
        let expected = PhoneNumber::parse(&right, "US");
        proptest::prop_assume!(expected.is_ok());
        for taken_back in [", no, ", ", no wait, ", ". Sorry, ", ", scratch that, "] {
            let text = format!("{}{taken_back}{}", said(&wrong[..cut], way), said(&right, way));
            let found = callback(Asked::Callback)(&text);
            proptest::prop_assert_eq!(found.as_deref(), expected.as_ref().ok().map(PhoneNumber::e164), "{}", text);
        }
    }

    #[test]
    fn corrected_last_digits_change_nothing_else(right in "[2-9][0-9]{2}555[0-9]{4}", new in "[0-9]{4}", way in 0..6_usize) {
        let known = PhoneNumber::parse(&right, "US");
        proptest::prop_assume!(known.is_ok() && !right.starts_with(&new));
        let text = format!("No, the last four are {}.", said(&new, way));
        let found = corrected(&number(&right), &text);
        proptest::prop_assert_eq!(found, Some(format!("+1{}{new}", &right[..6])), "{}", text);
    }
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text, "US").expect("a number of the table")
}

#[test]
fn a_correction_is_applied_to_the_known_number() {
    let known = number("212 555 0142");
    texts(
        &[
            ("The last four are 0143.", Some("+12125550143")),
            ("No, the last four digits are oh one four three", Some("+12125550143")),
            ("It ends in 43.", Some("+12125550143")),
            ("no, that's wrong, it's 0143", Some("+12125550143")),
            ("0143, not 0142", Some("+12125550143")),
            ("not 42, it's 43", Some("+12125550143")),
            ("the area code is 646", Some("+16465550142")),
            ("The middle part is 556.", Some("+12125560142")),
            ("No, use 917 555 0188", Some("+19175550188")),
            ("five five six oh one four two", Some("+12125560142")),
            ("It's 0143. It's 0143.", Some("+12125550143")),
            ("0143. 0143.", Some("+12125550143")),
            ("the area code is 646. The area code is 646.", Some("+16465550142")),
            ("no it's wrong", None),
            ("three", None),
            ("646", None),
            ("", None),
        ],
        |said| corrected(&known, said),
    );
}

#[test]
fn a_foreign_number_is_corrected_within_its_own_plan() {
    let known = number("+44 20 7946 0958");
    assert_eq!(corrected(&known, "No, the last four digits are 01886."), None, "five are not four");
    assert_eq!(corrected(&known, "the last four are 0959").as_deref(), Some("+442079460959"));
}

#[test]
fn numbers_and_names_are_spoken_apart() {
    let known = number("212 555 0142");
    assert_eq!(speak_number(&known), "2 1 2, 5 5 5, 0 1 4 2");
    assert_eq!(speak_number_slowly(&known), "2, 1, 2, 5, 5, 5, 0, 1, 4, 2");
    assert_eq!(speak_letters("Dana O'Neil"), "D, A, N, A. O, N, E, I, L");
}
