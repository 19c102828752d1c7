//! Who gets a text, and when.

use super::{Decision, Facts, Policy, QuietHours, Withheld, can_receive_texts, dedupe_key};
use crate::phone::PhoneNumber;
use jiff::{SignedDuration, Timestamp, Zoned, civil::time};
use proptest::prelude::*;

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text, "US").unwrap()
}

fn zoned(text: &str) -> Zoned {
    format!("{text}[America/New_York]").parse().unwrap()
}

fn facts<'a>(caller: Option<&'a PhoneNumber>, now: &str) -> Facts<'a> {
    Facts { caller, now: zoned(now), last_text_at: None, opted_out: false }
}

#[test]
fn says_why_no_text_goes() {
    let policy = Policy::default();
    let (caller, freephone) = (number("+12125550142"), number("+18005550142"));
    let now = "2026-03-04T12:00:00";
    let just = Some(zoned("2026-03-04T11:56:00").timestamp());
    let earlier = Some(zoned("2026-03-04T11:55:00").timestamp());
    let withheld = |facts: &Facts<'_>| match policy.decide(facts) {
        Decision::Send { .. } => None,
        Decision::Withhold(why) => Some(why),
    };
    assert_eq!(withheld(&facts(None, now)), Some(Withheld::NoNumber));
    assert_eq!(withheld(&facts(Some(&freephone), now)), Some(Withheld::NotTextable));
    assert_eq!(withheld(&Facts { opted_out: true, ..facts(Some(&caller), now) }), Some(Withheld::OptedOut));
    assert_eq!(withheld(&Facts { last_text_at: just, ..facts(Some(&caller), now) }), Some(Withheld::JustSent));
    assert_eq!(withheld(&Facts { last_text_at: earlier, ..facts(Some(&caller), now) }), None);
    assert_eq!(withheld(&facts(Some(&caller), now)), None);
}

#[test]
fn knows_numbers_that_get_no_texts() {
    for (text, textable) in [
        ("+12125550142", true),   // fiction
        ("+12124567890", true),   // fixed or mobile: the plan can't tell
        ("+18004567890", false),  // freephone
        ("+19004567890", false),  // premium
        ("+447911123456", true),  // mobile
        ("+442079460018", false), // fixed line
    ] {
        assert_eq!(can_receive_texts(&number(text)), textable, "{text}");
    }
}

#[test]
fn waits_for_the_end_of_quiet_hours() {
    let quiet = Some(QuietHours { from: time(21, 0, 0, 0), until: time(8, 0, 0, 0) });
    let noon = Some(QuietHours { from: time(12, 0, 0, 0), until: time(13, 0, 0, 0) });
    let caller = number("+12125550142");
    for (quiet, now, due) in [
        (quiet, "2026-03-04T20:59:59", "2026-03-04T20:59:59"),
        (quiet, "2026-03-04T21:00:00", "2026-03-05T08:00:00"),
        (quiet, "2026-03-05T03:00:00", "2026-03-05T08:00:00"),
        (quiet, "2026-03-05T08:00:00", "2026-03-05T08:00:00"),
        (quiet, "2026-03-07T23:00:00", "2026-03-08T08:00:00"), // the night is an hour short
        (noon, "2026-03-04T12:30:00", "2026-03-04T13:00:00"),
        (None, "2026-03-05T03:00:00", "2026-03-05T03:00:00"),
    ] {
        let policy = Policy { quiet, ..Policy::default() };
        let Decision::Send { due_at, .. } = policy.decide(&facts(Some(&caller), now)) else { panic!("{now}") };
        assert_eq!(due_at, zoned(due).timestamp(), "{now}");
    }
}

#[test]
fn a_key_does_not_give_the_number_away() {
    let key = dedupe_key(&number("+12125550142"), Timestamp::UNIX_EPOCH, SignedDuration::from_mins(5));
    assert_eq!(key.len(), 32);
    assert!(!key.contains("5550142"));
}

proptest! {
    /// Texts to two callers, or to one caller a window apart, never share a key.
    #[test]
    fn no_two_texts_share_a_key(a in 0..10_000_u32, b in 0..10_000_u32, at in 0..4_000_000_000_i64, gap in 300..100_000_i64) {
        let window = SignedDuration::from_mins(5);
        let caller = |tail: u32| number(&format!("+1212555{tail:04}"));
        let when = |seconds| Timestamp::from_second(seconds).unwrap();
        let key = dedupe_key(&caller(a), when(at), window);
        prop_assert_eq!(a == b, key == dedupe_key(&caller(b), when(at), window));
        prop_assert_ne!(key, dedupe_key(&caller(a), when(at + gap), window));
    }
}
