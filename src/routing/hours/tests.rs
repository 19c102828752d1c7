//! Weeks, holidays, exceptions and overrides, also in the nights in which the clock is moved.

use super::{Hours, HoursKind, Override};
use crate::routing::Span;
use expect_test::expect;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use std::collections::BTreeMap;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("the machine knows its time zones")
}

fn spans(texts: &str) -> Vec<Span> {
    texts.split_whitespace().map(|text| text.parse().expect("a span")).collect()
}

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

/// Closed in every week.
fn none(zone_name: &str) -> Hours {
    Hours { zone: zone(zone_name), week: Default::default(), ..Hours::default() }
}

/// The same spans every day.
fn daily(zone_name: &str, texts: &str) -> Hours {
    Hours { week: std::array::from_fn(|_| spans(texts)), ..none(zone_name) }
}

/// A shop with a lunch break, a short Friday, and a late Saturday.
fn shop() -> Hours {
    let mut hours = none("America/New_York");
    for day in 0..4 {
        hours.week[day] = spans("09:00-12:00 13:00-17:00");
    }
    hours.week[4] = spans("09:00-12:00");
    hours.week[5] = spans("20:00-02:00");
    hours
}

fn at(hours: &Hours, clock: &str) -> Timestamp {
    let clock: DateTime = clock.parse().expect("a time");
    clock.to_zoned(hours.zone.clone()).expect("exists").timestamp()
}

/// What holds at each of these times of the zone's clock.
fn states(hours: &Hours, clocks: &[&str]) -> String {
    let line = |clock: &&str| {
        let state = hours.state(at(hours, clock));
        format!("{clock:<19}  {:<7}  {}\n", state.kind.to_string(), state.why)
    };
    clocks.iter().map(line).collect()
}

/// Every change from a time on, with the offset from UTC.
fn changes(hours: &Hours, from: &str, count: usize) -> String {
    let line = |moment: Timestamp| {
        let local = moment.to_zoned(hours.zone.clone());
        format!("{} {}\n", local.strftime("%a %Y-%m-%d %H:%M %:z"), hours.state(moment).kind)
    };
    let first = hours.next_change(at(hours, from));
    std::iter::successors(first, |moment| hours.next_change(*moment)).take(count).map(line).collect()
}

#[test]
fn without_anything_it_is_always_open() {
    let hours = Hours::default();
    let state = hours.state(Timestamp::UNIX_EPOCH);
    assert_eq!((state.kind, state.why.as_str()), (HoursKind::Open, "every day is open around the clock"));
    assert_eq!(hours.next_change(Timestamp::UNIX_EPOCH), None);
    assert_eq!(hours.state(Timestamp::MAX).kind, HoursKind::Open);
    assert_eq!((hours.next_change(Timestamp::MAX), hours.next_change(Timestamp::MIN)), (None, None));
}

#[test]
fn a_week_has_breaks_short_days_and_nights() {
    let clocks = [
        "2026-11-23T08:59",
        "2026-11-23T09:00",
        "2026-11-23T12:00",
        "2026-11-23T16:59:59",
        "2026-11-23T17:00",
        "2026-11-27T14:00",
        "2026-11-28T20:00",
        "2026-11-29T01:59",
        "2026-11-29T02:00",
    ];
    expect![[r"
        2026-11-23T08:59     closed   Monday's hours are 09:00-12:00, 13:00-17:00
        2026-11-23T09:00     open     Monday's hours are 09:00-12:00, 13:00-17:00
        2026-11-23T12:00     closed   Monday's hours are 09:00-12:00, 13:00-17:00
        2026-11-23T16:59:59  open     Monday's hours are 09:00-12:00, 13:00-17:00
        2026-11-23T17:00     closed   Monday's hours are 09:00-12:00, 13:00-17:00
        2026-11-27T14:00     closed   Friday's hours are 09:00-12:00
        2026-11-28T20:00     open     Saturday's hours are 20:00-02:00
        2026-11-29T01:59     open     Saturday's hours are 20:00-02:00
        2026-11-29T02:00     closed   Sunday has no hours
    "]]
    .assert_eq(&states(&shop(), &clocks));
    expect![[r"
        Fri 2026-11-27 09:00 -05:00 open
        Fri 2026-11-27 12:00 -05:00 closed
        Sat 2026-11-28 20:00 -05:00 open
        Sun 2026-11-29 02:00 -05:00 closed
        Mon 2026-11-30 09:00 -05:00 open
        Mon 2026-11-30 12:00 -05:00 closed
    "]]
    .assert_eq(&changes(&shop(), "2026-11-26T18:00", 6));
}

#[test]
fn what_is_set_by_hand_goes_first_then_exceptions_then_holidays() {
    let mut hours = shop();
    hours.holidays = BTreeMap::from([
        (date("2026-11-26"), Some("Thanksgiving".to_owned())),
        (date("2026-12-24"), None),
        (date("2026-12-25"), Some("Christmas Day".to_owned())),
    ]);
    hours.exceptions = BTreeMap::from([(date("2026-12-24"), spans("09:00-11:00")), (date("2026-12-28"), Vec::new())]);
    let clocks = [
        "2026-11-26T10:00",
        "2026-12-24T10:00",
        "2026-12-24T11:00",
        "2026-12-25T10:00",
        "2026-12-28T10:00",
        "2026-12-29T10:00",
    ];
    expect![[r"
        2026-11-26T10:00     holiday  2026-11-26 is a holiday (Thanksgiving)
        2026-12-24T10:00     open     2026-12-24 is an exception, with the hours 09:00-11:00
        2026-12-24T11:00     closed   2026-12-24 is an exception, with the hours 09:00-11:00
        2026-12-25T10:00     holiday  2026-12-25 is a holiday (Christmas Day)
        2026-12-28T10:00     closed   2026-12-28 is closed by an exception
        2026-12-29T10:00     open     Tuesday's hours are 09:00-12:00, 13:00-17:00
    "]]
    .assert_eq(&states(&hours, &clocks));
    expect![[r"
        Thu 2026-12-24 09:00 -05:00 open
        Thu 2026-12-24 11:00 -05:00 closed
        Fri 2026-12-25 00:00 -05:00 holiday
        Sat 2026-12-26 00:00 -05:00 closed
        Sat 2026-12-26 20:00 -05:00 open
        Sun 2026-12-27 02:00 -05:00 closed
    "]]
    .assert_eq(&changes(&hours, "2026-12-23T18:00", 6));
    hours.by_hand = Some(Override::OpenUntil(at(&hours, "2026-12-25T12:00")));
    expect![[r"
        2026-12-25T10:00     open     set by hand until 2026-12-25 12:00
        2026-12-25T12:00     holiday  2026-12-25 is a holiday (Christmas Day)
    "]]
    .assert_eq(&states(&hours, &["2026-12-25T10:00", "2026-12-25T12:00"]));
    hours.by_hand = Some(Override::ClosedUntil(at(&hours, "2026-12-29T10:30")));
    expect![[r"
        2026-12-29T10:00     closed   set by hand until 2026-12-29 10:30
        2026-12-29T10:30     open     Tuesday's hours are 09:00-12:00, 13:00-17:00
    "]]
    .assert_eq(&states(&hours, &["2026-12-29T10:00", "2026-12-29T10:30"]));
    expect![[r"
        Tue 2026-12-29 10:30 -05:00 open
        Tue 2026-12-29 12:00 -05:00 closed
    "]]
    .assert_eq(&changes(&hours, "2026-12-24T09:30", 2));
}

#[test]
fn a_night_belongs_to_the_day_it_began_on() {
    let mut hours = daily("America/New_York", "20:00-02:00");
    hours.holidays.insert(date("2026-12-25"), None);
    hours.exceptions.insert(date("2026-12-31"), spans("20:00-04:00"));
    hours.exceptions.insert(date("2027-01-01"), Vec::new());
    // The eve's hours run into the holiday; the holiday's own evening and night are off.
    expect![[r"
        Thu 2026-12-24 20:00 -05:00 open
        Fri 2026-12-25 02:00 -05:00 holiday
        Sat 2026-12-26 00:00 -05:00 closed
        Sat 2026-12-26 20:00 -05:00 open
        Sun 2026-12-27 02:00 -05:00 closed
    "]]
    .assert_eq(&changes(&hours, "2026-12-24T12:00", 5));
    expect![[r"
        Thu 2026-12-31 20:00 -05:00 open
        Fri 2027-01-01 04:00 -05:00 closed
        Sat 2027-01-02 20:00 -05:00 open
    "]]
    .assert_eq(&changes(&hours, "2026-12-31T12:00", 3));
}

#[test]
fn a_day_with_an_hour_less() {
    // On 2026-03-08 New York's clocks jump from 02:00 to 03:00.
    let day = daily("America/New_York", "09:00-17:00");
    expect![[r"
        Sat 2026-03-07 17:00 -05:00 closed
        Sun 2026-03-08 09:00 -04:00 open
        Sun 2026-03-08 17:00 -04:00 closed
        Mon 2026-03-09 09:00 -04:00 open
    "]]
    .assert_eq(&changes(&day, "2026-03-07T12:00", 4));
    // A time that is jumped over counts as the moment of the jump.
    expect![[r"
        Sun 2026-03-08 03:00 -04:00 open
        Sun 2026-03-08 05:00 -04:00 closed
        Mon 2026-03-09 02:30 -04:00 open
        Mon 2026-03-09 05:00 -04:00 closed
    "]]
    .assert_eq(&changes(&daily("America/New_York", "02:30-05:00"), "2026-03-07T12:00", 4));
    expect![[r"
        Sat 2026-03-07 22:00 -05:00 open
        Sun 2026-03-08 03:00 -04:00 closed
        Sun 2026-03-08 22:00 -04:00 open
        Mon 2026-03-09 02:30 -04:00 closed
    "]]
    .assert_eq(&changes(&daily("America/New_York", "22:00-02:30"), "2026-03-07T12:00", 4));
    // A span that is jumped over as a whole never opens.
    expect![[r"
        Mon 2026-03-09 02:10 -04:00 open
        Mon 2026-03-09 02:50 -04:00 closed
    "]]
    .assert_eq(&changes(&daily("America/New_York", "02:10-02:50"), "2026-03-07T12:00", 2));
}

#[test]
fn a_day_with_an_hour_more() {
    // On 2026-11-01 New York's clocks go back from 02:00 to 01:00.
    let day = daily("America/New_York", "09:00-17:00");
    expect![[r"
        Sat 2026-10-31 17:00 -04:00 closed
        Sun 2026-11-01 09:00 -05:00 open
        Sun 2026-11-01 17:00 -05:00 closed
        Mon 2026-11-02 09:00 -05:00 open
    "]]
    .assert_eq(&changes(&day, "2026-10-31T12:00", 4));
    // A time that comes twice opens the first time and closes the second.
    expect![[r"
        Sun 2026-11-01 01:30 -04:00 open
        Sun 2026-11-01 05:00 -05:00 closed
    "]]
    .assert_eq(&changes(&daily("America/New_York", "01:30-05:00"), "2026-10-31T12:00", 2));
    expect![[r"
        Sat 2026-10-31 22:00 -04:00 open
        Sun 2026-11-01 01:30 -05:00 closed
        Sun 2026-11-01 22:00 -05:00 open
    "]]
    .assert_eq(&changes(&daily("America/New_York", "22:00-01:30"), "2026-10-31T12:00", 3));
    expect![[r"
        Sun 2026-11-01 01:00 -04:00 open
        Sun 2026-11-01 01:15 -05:00 closed
    "]]
    .assert_eq(&changes(&daily("America/New_York", "01:00-01:15"), "2026-10-31T12:00", 2));
}

#[test]
fn a_zone_may_have_no_midnight_or_two() {
    // In Beirut clocks jump from 00:00 to 01:00; in Havana they go back from 01:00 to 00:00.
    let mut beirut = daily("Asia/Beirut", "00:00-24:00");
    beirut.holidays.insert(date("2026-03-29"), None);
    expect![[r"
        Sun 2026-03-29 01:00 +03:00 holiday
        Mon 2026-03-30 00:00 +03:00 open
    "]]
    .assert_eq(&changes(&beirut, "2026-03-28T12:00", 3));
    let mut havana = daily("America/Havana", "20:00-24:00");
    havana.holidays.insert(date("2026-11-01"), None);
    expect![[r"
        Sat 2026-10-31 20:00 -04:00 open
        Sun 2026-11-01 00:00 -04:00 holiday
        Mon 2026-11-02 00:00 -05:00 closed
        Mon 2026-11-02 20:00 -05:00 open
    "]]
    .assert_eq(&changes(&havana, "2026-10-31T12:00", 4));
}

#[test]
fn around_the_clock_ends_only_for_a_holiday() {
    let mut hours = daily("America/New_York", "06:00-18:00 18:00-06:00");
    assert!(!hours.can_be(HoursKind::Closed) && !hours.can_be(HoursKind::Holiday));
    // Years away, and found all the same.
    hours.holidays.insert(date("2030-07-04"), None);
    assert!(hours.can_be(HoursKind::Holiday));
    assert!(hours.can_be(HoursKind::Closed), "in the night after the holiday");
    expect![[r"
        Thu 2030-07-04 06:00 -04:00 holiday
        Fri 2030-07-05 00:00 -04:00 closed
        Fri 2030-07-05 06:00 -04:00 open
    "]]
    .assert_eq(&changes(&hours, "2026-01-01T12:00", 3));
}

#[test]
fn knows_which_states_there_can_be() {
    use HoursKind::{Closed, Holiday, Open};
    let can = |hours: &Hours| [Open, Closed, Holiday].map(|kind| hours.can_be(kind));
    assert_eq!(can(&Hours::default()), [true, false, false]);
    assert_eq!(can(&none("UTC")), [false, true, false]);
    assert_eq!(can(&shop()), [true, true, false]);
    let mut hours = none("UTC");
    hours.exceptions.insert(date("2026-12-24"), spans("09:00-11:00"));
    hours.holidays.insert(date("2026-12-24"), None);
    assert_eq!(can(&hours), [true, true, false], "the exception takes the holiday's place");
    let mut hours = Hours::default();
    hours.exceptions.insert(date("2026-12-24"), spans("00:00-24:00"));
    assert_eq!(can(&hours), [true, false, false]);
    hours.exceptions.insert(date("2026-12-25"), Vec::new());
    assert_eq!(can(&hours), [true, true, false]);
}

#[test]
fn every_change_is_one_and_nothing_changes_in_between() {
    let mut hours = shop();
    hours.holidays.insert(date("2026-03-09"), None);
    hours.exceptions.insert(date("2026-10-31"), spans("00:30-01:30 22:00-01:30"));
    for start in ["2026-03-06T00:00", "2026-10-29T00:00"] {
        let mut moment = at(&hours, start);
        let mut next = hours.next_change(moment).expect("changes");
        for _ in 0..7 * 24 * 12 {
            moment += 5.minutes();
            let kind = hours.state(moment).kind;
            if moment >= next {
                assert_ne!(hours.state(next - 1.second()).kind, kind, "nothing changed at {next}");
                next = hours.next_change(moment).expect("changes");
            } else {
                assert_eq!(hours.state(next - 1.second()).kind, kind, "a change before {next}, at {moment}");
            }
        }
    }
}
