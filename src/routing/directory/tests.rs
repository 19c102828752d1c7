//! Which plan a call gets, and what is said about it.

use super::{Directory, NumberPlans, Person};
use crate::phone::PhoneNumber;
use crate::routing::{Endpoint, Hours, Override, PersonId, Plan, Step};
use expect_test::expect;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::fmt::Write as _;
use std::time::Duration;

const OFFICE_HOUR: &str = "2026-11-23T10:00";
const LATE: &str = "2026-11-22T23:00";
const CHRISTMAS: &str = "2026-12-25T10:00";

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text, "US").expect("a number")
}

fn plan(name: &str) -> Plan {
    Plan { name: name.to_owned(), ..Plan::receptionist_only() }
}

fn hours() -> Hours {
    let day = || vec!["09:00-17:00".parse().expect("a span")];
    let mut week: [Vec<_>; 7] = std::array::from_fn(|_| day());
    week[6] = Vec::new();
    Hours {
        zone: TimeZone::get("America/New_York").expect("known"),
        week,
        holidays: [("2026-12-25".parse().expect("a date"), Some("Christmas Day".to_owned()))].into(),
        ..Hours::default()
    }
}

fn directory() -> Directory {
    let name = |text: &str| Some(text.to_owned());
    let listed = NumberPlans {
        number: Some(number("+12125550100")),
        open: name("office"),
        closed: name("night"),
        vip: name("vip"),
        ..NumberPlans::default()
    };
    let all_other =
        NumberPlans { open: name("any"), closed: name("gone"), holiday: name("holiday"), ..NumberPlans::default() };
    Directory {
        hours: hours(),
        numbers: vec![listed, all_other],
        plans: ["office", "night", "vip", "any", "holiday"].map(plan).into(),
        vip: [number("+12125550142")].into(),
        blocked: [number("+12125550199")].into(),
        ..Directory::default()
    }
}

fn at(directory: &Directory, clock: &str) -> Timestamp {
    let clock: DateTime = clock.parse().expect("a time");
    clock.to_zoned(directory.hours.zone.clone()).expect("exists").timestamp()
}

/// Asks for each row (called, caller, time) and tells the plan and why.
fn choices(directory: &Directory, rows: &[(&str, Option<&str>, &str)]) -> String {
    let mut text = String::new();
    for (called, from, clock) in rows {
        let to = PhoneNumber::parse(called, "US").ok();
        let from = from.map(number);
        let choice = directory.choose(to.as_ref(), called, from.as_ref(), at(directory, clock));
        writeln!(text, "{}\n  {}", choice.plan.name, choice.why.join("\n  ")).expect("written");
    }
    text
}

#[test]
fn with_nothing_configured_the_receptionist_takes_every_call() {
    let directory = Directory::default();
    let rows = [("receptionist", None, LATE), ("+12125550100", Some("+12125550142"), OFFICE_HOUR)];
    expect![[r#"
        receptionist
          "receptionist" was called, which is not listed, and there is no default
          so the receptionist takes the call
        receptionist
          +…00 was called, which is not listed, and there is no default
          so the receptionist takes the call
    "#]]
    .assert_eq(&choices(&directory, &rows));
    let choice = directory.choose(None, "receptionist", None, Timestamp::UNIX_EPOCH);
    assert_eq!(choice.plan, Plan::receptionist_only());
}

#[test]
fn the_number_and_the_hour_choose() {
    let rows = [
        ("+12125550100", Some("+13125550111"), OFFICE_HOUR),
        ("+12125550100", Some("+13125550111"), LATE),
        ("+12125550100", None, CHRISTMAS),
        ("+12125550177", None, OFFICE_HOUR),
        ("receptionist", None, CHRISTMAS),
    ];
    expect![[r#"
        office
          +…00 was called, which is listed
          Monday 2026-11-23 10:00 (America/New_York) counts as open: Monday's hours are 09:00-17:00
          plan "office" runs
        night
          +…00 was called, which is listed
          Sunday 2026-11-22 23:00 (America/New_York) counts as closed: Sunday has no hours
          plan "night" runs
        night
          +…00 was called, which is listed
          Friday 2026-12-25 10:00 (America/New_York) counts as holiday: 2026-12-25 is a holiday (Christmas Day)
          plan "night" runs
        any
          +…77 was called, which is not listed: the default for all other numbers holds
          Monday 2026-11-23 10:00 (America/New_York) counts as open: Monday's hours are 09:00-17:00
          plan "any" runs
        holiday
          "receptionist" was called, which is not listed: the default for all other numbers holds
          Friday 2026-12-25 10:00 (America/New_York) counts as holiday: 2026-12-25 is a holiday (Christmas Day)
          plan "holiday" runs
    "#]]
    .assert_eq(&choices(&directory(), &rows));
}

#[test]
fn the_caller_goes_before_the_hour() {
    let rows = [
        ("+12125550100", Some("+12125550142"), LATE),
        ("+12125550177", Some("+12125550142"), OFFICE_HOUR),
        ("+12125550100", Some("+12125550199"), OFFICE_HOUR),
    ];
    expect![[r#"
        vip
          +…00 was called, which is listed
          the caller +…42 is a VIP: the hours don't matter
          plan "vip" runs
        any
          +…77 was called, which is not listed: the default for all other numbers holds
          the caller +…42 is a VIP, but the number has no plan for VIPs
          Monday 2026-11-23 10:00 (America/New_York) counts as open: Monday's hours are 09:00-17:00
          plan "any" runs
        blocked
          the caller +…99 is blocked
    "#]]
    .assert_eq(&choices(&directory(), &rows));
    let mut both = directory();
    both.vip.insert(number("+12125550199"));
    let choice = both.choose(None, "x", Some(&number("+12125550199")), Timestamp::UNIX_EPOCH);
    assert_eq!(choice.plan.steps, [Step::Reject { code: 603 }], "who is blocked is blocked, VIP or not");
}

#[test]
fn a_plan_that_is_missing_leaves_the_receptionist() {
    let mut directory = directory();
    directory.numbers[0].closed = None;
    let rows = [("+12125550177", None, LATE), ("+12125550100", None, LATE), ("+12125550100", None, CHRISTMAS)];
    expect![[r#"
        receptionist
          +…77 was called, which is not listed: the default for all other numbers holds
          Sunday 2026-11-22 23:00 (America/New_York) counts as closed: Sunday has no hours
          no plan is called "gone"
          so the receptionist takes the call
        receptionist
          +…00 was called, which is listed
          Sunday 2026-11-22 23:00 (America/New_York) counts as closed: Sunday has no hours
          the number has no "closed" plan
          so the receptionist takes the call
        receptionist
          +…00 was called, which is listed
          Friday 2026-12-25 10:00 (America/New_York) counts as holiday: 2026-12-25 is a holiday (Christmas Day)
          the number has no "holiday" plan
          so the receptionist takes the call
    "#]]
    .assert_eq(&choices(&directory, &rows));
    let choice = directory.choose(None, "", None, at(&directory, LATE));
    assert_eq!(choice.plan, Plan::receptionist_only());
}

#[test]
fn closed_by_hand_is_told_with_its_end() {
    let mut directory = directory();
    directory.hours.by_hand = Some(Override::ClosedUntil(at(&directory, "2026-11-23T12:00")));
    let rows = [("+12125550100", None, OFFICE_HOUR), ("+12125550100", None, "2026-11-23T12:00")];
    expect![[r#"
        night
          +…00 was called, which is listed
          Monday 2026-11-23 10:00 (America/New_York) counts as closed: set by hand until 2026-11-23 12:00
          plan "night" runs
        office
          +…00 was called, which is listed
          Monday 2026-11-23 12:00 (America/New_York) counts as open: Monday's hours are 09:00-17:00
          plan "office" runs
    "#]]
    .assert_eq(&choices(&directory, &rows));
}

#[test]
fn what_a_stranger_wrote_is_neither_a_number_nor_a_line_of_its_own() {
    let directory = directory();
    let said = |called: &str| directory.choose(None, called, None, Timestamp::UNIX_EPOCH).why.remove(0);
    assert!(!said("0012125550100999999").contains("555"));
    assert!(!said("a\nb").contains('\n'));
    assert!(said(&"x".repeat(10_000)).len() < 150);
}

#[test]
fn a_person_has_the_endpoints_that_are_named() {
    let dana = Person {
        id: PersonId("dana".to_owned()),
        browser: true,
        phone: Some("dana".to_owned()),
        cell: Some(number("+19175550100")),
    };
    let named: Vec<_> = dana.endpoints().iter().map(Endpoint::to_string).collect();
    assert_eq!(named, ["dana's browser", "dana's phone", "dana's cell"]);
    let nobody = Person { browser: false, phone: None, cell: None, ..dana };
    assert_eq!(nobody.endpoints(), []);
}

#[test]
fn a_refusal_rings_nobody() {
    let caller = number("+12125550199");
    let plan = directory().choose(None, "x", Some(&caller), Timestamp::UNIX_EPOCH).plan;
    assert_eq!((plan.longest, plan.steps.iter().any(Step::rings)), (Duration::ZERO, false));
}
