//! Each fault of a plan, alone and all together.

use super::{Flaw, audit};
use crate::phone::PhoneNumber;
use crate::routing::queue::{Member, Queue};
use crate::routing::{
    Directory, Endpoint, Group, GroupId, HoursKind, NumberPlans, Person, PersonId, Plan, QueueId, Step, Strategy,
};
use expect_test::expect;
use std::time::Duration;

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn dana() -> Person {
    let cell = PhoneNumber::parse("+19175550100", "US").expect("a number");
    Person { id: PersonId("dana".to_owned()), browser: true, phone: None, cell: Some(cell) }
}

fn browser() -> Endpoint {
    Endpoint::Browser { person: dana().id }
}

fn cell() -> Endpoint {
    dana().endpoints().remove(1)
}

fn ring(endpoint: Endpoint, timeout: u64) -> Step {
    Step::Ring { endpoint, timeout: seconds(timeout) }
}

fn group(strategy: Strategy, members: Vec<Endpoint>) -> Group {
    Group { id: GroupId("techs".to_owned()), strategy, members, member_timeout: seconds(20) }
}

/// A directory of dana and one plan for all numbers.
fn directory(steps: Vec<Step>) -> Directory {
    let groups = steps.iter().filter_map(|step| match step {
        Step::RingGroup { group, .. } => Some(group.clone()),
        _ => None,
    });
    Directory {
        people: vec![dana()],
        groups: groups.collect(),
        plans: vec![Plan { name: "office".to_owned(), steps, longest: seconds(60), escalation: Vec::new() }],
        numbers: vec![NumberPlans { open: Some("office".to_owned()), ..NumberPlans::default() }],
        ..Directory::default()
    }
}

fn flaws(steps: Vec<Step>) -> Vec<Flaw> {
    audit(&directory(steps)).into_iter().map(|fault| fault.flaw).collect()
}

#[test]
fn good_plans_have_no_faults() {
    use Step::{Receptionist, Reject, Voicemail};
    let announce = || Step::Announce { text: "Please hold.".to_owned() };
    for steps in [
        vec![Receptionist, Voicemail],
        vec![Receptionist],
        vec![announce(), Reject { code: 603 }],
        vec![ring(browser(), 10), ring(cell(), 20), Receptionist, Voicemail],
        vec![ring(browser(), 40), announce(), ring(cell(), 20), Voicemail],
    ] {
        assert_eq!(flaws(steps.clone()), [], "{steps:?}");
    }
    assert_eq!(audit(&Directory::default()), []);
}

#[test]
fn a_plan_ends_once() {
    use Step::{Receptionist, Reject, Voicemail};
    let after = |step, end| vec![Flaw::AfterTheEnd { step, end }];
    let table = [
        (vec![], vec![Flaw::NoFinalStep]),
        (vec![ring(browser(), 10)], vec![Flaw::NoFinalStep]),
        (vec![Receptionist, ring(browser(), 10)], after(2, 1)),
        (vec![Receptionist, Voicemail, Receptionist], after(3, 2)),
        (vec![Voicemail, Receptionist], after(2, 1)),
        (vec![ring(browser(), 10), Reject { code: 486 }, Voicemail], after(3, 2)),
        (vec![Receptionist, Receptionist, Voicemail], after(2, 1)),
    ];
    for (steps, expected) in table {
        assert_eq!(flaws(steps.clone()), expected, "{steps:?}");
    }
}

#[test]
fn a_cell_rings_for_less_than_its_voicemail_waits() {
    let too_long = |rings| vec![Flaw::CellRingsTooLong { step: 1, rings: seconds(rings) }];
    let in_group =
        |strategy, members, timeout| Step::RingGroup { group: group(strategy, members), timeout: seconds(timeout) };
    let table = [
        (ring(cell(), 25), vec![]),
        (ring(cell(), 26), too_long(26)),
        (ring(browser(), 50), vec![]),
        (in_group(Strategy::AllAtOnce, vec![browser(), cell()], 25), vec![]),
        (in_group(Strategy::AllAtOnce, vec![browser(), cell()], 30), too_long(30)),
        (in_group(Strategy::AllAtOnce, vec![browser()], 30), vec![]),
        // One after the other: each rings 20 s.
        (in_group(Strategy::InOrder, vec![browser(), cell()], 40), vec![]),
        // The cell begins ten seconds later than the step.
        (in_group(Strategy::Stagger(seconds(10)), vec![browser(), cell()], 35), vec![]),
        (in_group(Strategy::Stagger(seconds(10)), vec![browser(), cell()], 36), too_long(26)),
    ];
    for (step, expected) in table {
        assert_eq!(flaws(vec![step.clone(), Step::Receptionist]), expected, "{step:?}");
    }
}

#[test]
fn steps_fit_under_the_cap() {
    let steps = |last| vec![ring(browser(), 40), ring(cell(), 20), ring(browser(), last), Step::Voicemail];
    assert_eq!(flaws(steps(0)), []);
    assert_eq!(flaws(steps(1)), [Flaw::LongerThanItsCap { rings: seconds(61), longest: seconds(60) }]);
}

#[test]
fn every_name_is_known() {
    let stranger = PersonId("eli".to_owned());
    let phone = Endpoint::Phone { person: dana().id, user: "dana".to_owned() };
    let unknown = ring(Endpoint::Browser { person: stranger.clone() }, 10);
    assert_eq!(flaws(vec![unknown, Step::Voicemail]), [Flaw::UnknownPerson(stranger)]);
    assert_eq!(flaws(vec![ring(phone.clone(), 10), Step::Voicemail]), [Flaw::UnknownEndpoint(phone)]);
    let techs = Step::RingGroup { group: group(Strategy::InOrder, vec![browser()]), timeout: seconds(20) };
    let mut nowhere = directory(vec![techs, Step::Voicemail]);
    nowhere.groups.clear();
    assert_eq!(audit(&nowhere)[0].flaw, Flaw::UnknownGroup(GroupId("techs".to_owned())));
}

#[test]
fn a_line_has_agents_who_are_known() {
    let hold = || Step::Queue { queue: QueueId("service".to_owned()), timeout: seconds(300) };
    let with = |members| Directory {
        queues: vec![Queue::new(QueueId("service".to_owned()), Strategy::LongestIdle, members)],
        ..directory(vec![hold(), Step::Receptionist])
    };
    let member = |endpoint: Endpoint| Member { person: endpoint.person().clone(), endpoints: vec![endpoint], tier: 1 };
    assert_eq!(audit(&with(vec![member(browser()), member(cell())])), []);
    assert_eq!(
        audit(&with(Vec::new()))[0].to_string(),
        "queue.service: has no agents. Name its `agents`, or take it out"
    );
    let stranger = PersonId("eli".to_owned());
    let unknown = member(Endpoint::Browser { person: stranger.clone() });
    assert_eq!(audit(&with(vec![unknown]))[0].flaw, Flaw::UnknownPerson(stranger));
    assert_eq!(flaws(vec![hold(), Step::Receptionist]), [Flaw::UnknownQueue(QueueId("service".to_owned()))]);
    let mut endless = with(vec![member(browser())]);
    endless.plans[0].steps.pop();
    assert_eq!(audit(&endless)[0].flaw, Flaw::NoFinalStep);
}

#[test]
fn a_number_has_a_plan_for_each_state_that_there_can_be() {
    let mut directory = directory(vec![Step::Receptionist]);
    assert_eq!(audit(&directory), [], "it is never closed");
    directory.hours.week[6].clear();
    directory.hours.holidays.insert("2026-12-25".parse().expect("a date"), None);
    let flaws = |directory: &Directory| audit(directory).into_iter().map(|fault| fault.flaw).collect::<Vec<_>>();
    assert_eq!(flaws(&directory), [Flaw::Uncovered(HoursKind::Closed), Flaw::Uncovered(HoursKind::Holiday)]);
    directory.numbers[0].holiday = Some("office".to_owned());
    assert_eq!(flaws(&directory), [Flaw::Uncovered(HoursKind::Closed)]);
    directory.numbers[0] = NumberPlans { closed: Some("office".to_owned()), ..NumberPlans::default() };
    assert_eq!(flaws(&directory), [Flaw::Uncovered(HoursKind::Open)], "holidays are as closed");
}

#[test]
fn all_faults_are_told_at_once_each_with_its_fix() {
    let eli = Endpoint::Browser { person: PersonId("eli".to_owned()) };
    let techs = group(Strategy::AllAtOnce, Vec::new());
    let mut directory =
        directory(vec![ring(eli, 10), Step::RingGroup { group: techs, timeout: seconds(20) }, ring(cell(), 45)]);
    directory.numbers[0].vip = Some("gold".to_owned());
    directory.numbers[0].open = None;
    let told: Vec<_> = audit(&directory).iter().map(ToString::to_string).collect();
    expect![[r#"
        group.techs: has no members. Name its members, or take it out
        plan.office: nobody is called "eli". Write the name of a [[person]]
        plan.office: step 3 rings a cell for 45 s, and its carrier's voicemail answers after 25 to 30 s. Ring it for 25 s or less
        plan.office: rings for 75 s in all, and is cut off after 60 s. Shorten its steps, or raise `longest_seconds`
        plan.office: has no final step, so a call that nobody answers would just end. End it with { receptionist = true }, { voicemail = true } or { reject = 603 }
        number.1: no plan is called "gold". Write the name of a [[plan]]
        number.1: has no "open" plan. Write `open = ...` with the name of a [[plan]]"#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn what_the_receptionist_tries_rings_somebody_who_is_there_and_no_voicemail() {
    let mut directory = directory(vec![Step::Receptionist]);
    directory.plans[0].escalation = vec![ring(cell(), 25), ring(browser(), 60)];
    assert_eq!(audit(&directory), []);
    let stranger = Endpoint::Browser { person: PersonId("eli".to_owned()) };
    directory.plans[0].escalation = vec![ring(stranger, 10), Step::Voicemail, ring(cell(), 26)];
    let flaws: Vec<Flaw> = audit(&directory).into_iter().map(|fault| fault.flaw).collect();
    let too_long = Flaw::EscalationRingsTooLong { step: 3, rings: seconds(26) };
    let nobody = Flaw::UnknownPerson(PersonId("eli".to_owned()));
    assert_eq!(flaws, [nobody, Flaw::EscalationWithoutRinging(2), too_long]);
}
