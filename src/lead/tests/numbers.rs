//! Digits and telephone numbers.

use super::table;
use crate::lead::{correct_number, speak_letters, speak_number, speak_number_slowly, spoken_digits};
use crate::phone::PhoneNumber;

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
            ("212 555 O142", "212555"),
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

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text, "US").expect("a number of the table")
}

#[test]
fn a_correction_is_applied_to_the_known_number() {
    let known = number("212 555 0142");
    table(
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
            ("no it's wrong", None),
            ("three", None),
            ("646", None),
            ("", None),
        ]
        .map(|(said, number)| (said, number.map(str::to_owned))),
        |said| correct_number(&known, said, "US").map(|number| number.e164().to_owned()),
    );
}

#[test]
fn a_foreign_number_is_corrected_within_its_own_plan() {
    let known = number("+44 20 7946 0958");
    assert_eq!(correct_number(&known, "No, the last four digits are 01886.", "US"), None, "five are not four");
    let corrected = correct_number(&known, "the last four are 0959", "US");
    assert_eq!(corrected.map(|number| number.e164().to_owned()).as_deref(), Some("+442079460959"));
}

#[test]
fn numbers_and_names_are_spoken_apart() {
    let known = number("212 555 0142");
    assert_eq!(speak_number(&known), "2 1 2, 5 5 5, 0 1 4 2");
    assert_eq!(speak_number_slowly(&known), "2, 1, 2, 5, 5, 5, 0, 1, 4, 2");
    assert_eq!(speak_letters("Dana O'Neil"), "D, A, N, A. O, N, E, I, L");
}
