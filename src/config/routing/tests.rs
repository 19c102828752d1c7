//! Routing as it is written down: the whole format, the presets, and files that are wrong in many places.

use super::{Routing, Transport};
use crate::config::Config;
use crate::phone::PhoneNumber;
use crate::routing::queue::{Member, Queue};
use crate::routing::{Directory, Plan, Strategy};
use expect_test::expect;
use jiff::Timestamp;
use jiff::civil::DateTime;
use std::fmt::Write as _;
use std::time::Duration;

const WHOLE: &str = r#"
    [hours]
    zone = "America/New_York"
    monday = "09:00-17:00"
    tuesday = ["09:00-12:00", "13:00-17:00"]
    saturday = "closed"
    holidays = ["2026-12-25 Christmas Day", "2027-01-01"]
    closed_until = "2026-11-23T08:00"
    [hours.exceptions]
    "2026-12-24" = "09:00-12:00"
    "2026-12-28" = "closed"

    [[person]]
    name = "dana"
    browser = true
    phone = "dana-1"
    cell = "917 555 0100"

    [[person]]
    name = "eli"
    cell = "+1 917 555 0101"

    [[group]]
    name = "techs"
    strategy = "stagger"
    stagger_seconds = 4
    member_seconds = 12
    members = ["dana/phone", "eli/cell", "eli"]

    [[queue]]
    name = "service"
    strategy = "round robin"
    agents = ["dana/phone", "dana/browser"]
    second_agents = ["eli", "dana"]
    ring_seconds = 20
    wrap_up_seconds = 0
    longest_line = 5
    when_unstaffed = "wait"
    pause_after = 0
    declined_seconds = 30
    announce_seconds = 60
    resume_minutes = 2

    [[plan]]
    name = "office"
    longest_seconds = 90
    steps = [
        { ring = "dana/browser", seconds = 10 }, { ring = "eli", seconds = 20 }, { group = "techs", seconds = 25 },
        { queue = "service", seconds = 240 }, { announce = "Please hold the line." }, { receptionist = true }, { voicemail = true },
    ]
    [[plan]]
    name = "night"
    steps = [{ receptionist = true }]
    escalate = [{ ring = "eli", seconds = 15 }, { group = "techs" }]
    [[plan]]
    name = "vip"
    steps = [{ ring = "dana/cell" }, { reject = 486 }]

    [[number]]
    number = "+1 212 555 0100"
    open = "office"
    closed = "night"
    vip = "vip"
    [[number]]
    open = "night"
    closed = "night"
    holiday = "office"

    [callers]
    vip = ["+1 212 555 0142"]
    blocked = ["+1 212 555 0199", "212 555 0198"]

    [[trunk]]
    name = "carrier one"
    address = "sip.carrier.example"
    transport = "tcp"
    user = "backstop"
    register = true
    from = "+1 212 555 0100"
    max_calls = 4
    allow = ["+1"]
    [[trunk]]
    name = "spare"
    address = "[2001:db8::1]:5080"
"#;

fn secret(name: &str) -> Option<String> {
    name.starts_with("BACKSTOP_").then(|| format!("value of {name}"))
}

fn nothing(_: &str) -> Option<String> {
    None
}

fn routing(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Routing {
    Config::parse("backstop.toml", text, env).map_err(|faults| faults.to_string()).expect("valid").routing
}

fn faults(text: &str) -> String {
    Config::parse("x", text, &nothing).expect_err("faulty").to_string()
}

/// The plans with their steps, one a line.
fn plans(directory: &Directory) -> String {
    let mut text = String::new();
    for plan in &directory.plans {
        let steps: Vec<_> = plan.steps.iter().map(ToString::to_string).collect();
        write!(text, "{} ({} s): {}", plan.name, plan.longest.as_secs(), steps.join("; ")).expect("written");
        let escalation: Vec<_> = plan.escalation.iter().map(ToString::to_string).collect();
        let escalation = if escalation.is_empty() { String::new() } else { format!(" / {}", escalation.join("; ")) };
        writeln!(text, "{escalation}").expect("written");
    }
    text
}

fn chosen(routing: &Routing, clock: &str) -> String {
    let clock: DateTime = clock.parse().expect("a time");
    let at = clock.to_zoned(routing.directory.hours.zone.clone()).expect("exists").timestamp();
    routing.directory.choose(None, "receptionist", None, at).plan.name
}

#[test]
fn the_whole_format_is_read() {
    let routing = routing(WHOLE, &secret);
    let directory = &routing.directory;
    expect![[r"
        office (90 s): ring dana's browser for 10 s; ring eli's cell for 20 s; ring group techs for 25 s; hold in queue service for up to 240 s; play an announcement; the receptionist; voicemail
        night (60 s): the receptionist / ring eli's cell for 15 s; ring group techs for 25 s
        vip (60 s): ring dana's cell for 20 s; refuse with 486
    "]]
    .assert_eq(&plans(directory));
    let techs = &directory.groups[0];
    assert_eq!(techs.strategy, Strategy::Stagger(Duration::from_secs(4)));
    assert_eq!(techs.member_timeout, Duration::from_secs(12));
    let members: Vec<_> = techs.members.iter().map(ToString::to_string).collect();
    assert_eq!(members, ["dana's phone", "eli's cell"], "who is named twice is rung once");
    assert_eq!(directory.people[0].cell.as_ref().map(PhoneNumber::e164), Some("+19175550100"));
    assert_eq!((directory.vip.len(), directory.blocked.len()), (1, 2));
    assert_eq!(directory.numbers[0].number.as_ref().map(PhoneNumber::e164), Some("+12125550100"));
    assert_eq!((directory.numbers[1].number.as_ref(), directory.numbers[1].holiday.as_deref()), (None, Some("office")));
}

#[test]
fn a_queue_is_read_with_its_agents_and_times() {
    let whole = routing(WHOLE, &secret);
    let [service] = whole.directory.queues.as_slice() else { panic!("one queue") };
    let member = |member: &Member| {
        let endpoints: Vec<_> = member.endpoints.iter().map(ToString::to_string).collect();
        format!("{} {}: {}", member.tier, member.person, endpoints.join(", "))
    };
    let members: Vec<_> = service.members.iter().map(member).collect();
    assert_eq!(members, ["1 dana: dana's phone, dana's browser, dana's cell", "2 eli: eli's cell"]);
    assert_eq!((service.strategy, service.ring), (Strategy::RoundRobin, Duration::from_secs(20)));
    assert_eq!((service.longest_line, service.waits_unstaffed, service.pause_after), (5, true, 0));
    assert_eq!(service.rests.declined, Duration::from_secs(30));
    assert_eq!((service.announce_every, service.resume_within), (Duration::from_mins(1), Duration::from_mins(2)));
    let plain = "[[person]]\nname = \"dana\"\nbrowser = true\n[[queue]]\nname = \"q\"\nagents = \"dana\"\n";
    let plain = routing(plain, &nothing).directory.queues.remove(0);
    let usual = Queue::new(plain.id.clone(), Strategy::LongestIdle, plain.members.clone());
    assert_eq!(plain, usual, "what is left out is as the core has it");
}

#[test]
fn faults_of_queues_are_told_at_once() {
    let text = r#"
        [[person]]
        name = "dana"
        cell = "+1 917 555 0100"
        [[queue]]
        strategy = "loudest"
        agents = ["dan"]
        [[queue]]
        name = "service"
        agents = ["dana/phone", "dana"]
        second_agents = "dana/fax"
        ring_seconds = 60
        when_unstaffed = "hope"
        callback = true
        longest = 3
        [[queue]]
        name = "nobody"
        [[queue]]
        name = "cells"
        agents = "dana"
        [[plan]]
        name = "office"
        steps = [{ queue = "servic", seconds = 5 }, { queue = "cells", announce = "Hello." }]
    "#;
    expect![[r#"
        x: queue.1.name: is missing. Write a name, such as "service"
        x: queue.1.strategy: "loudest" is no order of ringing. Write "all at once", "in order", "round robin", "longest idle", "fewest calls", "random" or "stagger"
        x: queue.1.agents: nobody is called "dan". Write one of dana
        x: queue.service.agents: dana has no phone. Give dana a `phone`, or ring another of theirs
        x: queue.service.second_agents: "fax" is nothing that rings. Write dana/browser, dana/phone or dana/cell
        x: queue.service.ring_seconds: 60 is out of bounds. Write a whole number from 5 to 25
        x: queue.service.when_unstaffed: "hope" is nothing to do. Write "overflow", so that callers go on to the next step, or "wait"
        x: plan.office.steps.1.seconds: 5 is out of bounds. Write a whole number from 10 to 3600
        x: plan.office.steps.1.queue: no queue is called "servic". Write one of service, nobody, cells
        x: plan.office.steps.2: is two steps in one. Write { ... }, { ... } instead
        x: queue.nobody: has no agents. Name its `agents`, or take it out
        x: trunk: is missing, and queue "service" rings dana's cell. Write a [[trunk]], or `trunk` with its address under [routing]
        x: queue.service.longest: is not known. Take it out, or use one of name, strategy, agents, second_agents, third_agents, ring_seconds, wrap_up_seconds, longest_line, pause_after, declined_seconds, busy_seconds, unanswered_seconds, announce_seconds, resume_minutes, when_unstaffed, callback, extension"#]].assert_eq(&faults(text));
    let text = r#"
        [[person]]
        name = "dana"
        cell = "+1 917 555 0100"
        [[queue]]
        name = "nobody"
        [[queue]]
        name = "cells"
        agents = "dana"
        [[plan]]
        name = "office"
        steps = [{ queue = "cells" }]
        [[number]]
        open = "office"
    "#;
    expect![[r#"
        x: queue.nobody: has no agents. Name its `agents`, or take it out
        x: plan.office: has no final step, so a call that nobody answers would just end. End it with { receptionist = true }, { voicemail = true } or { reject = 603 }
        x: trunk: is missing, and queue "cells" rings dana's cell. Write a [[trunk]], or `trunk` with its address under [routing]"#]].assert_eq(&faults(text));
}

#[test]
fn callers_are_called_back_only_over_a_trunk_that_says_whom_it_may_call() {
    let text = |allow: &str| {
        format!(
            r#"
        [[person]]
        name = "dana"
        browser = true
        [[queue]]
        name = "service"
        agents = "dana"
        callback = true
        [[trunk]]
        name = "carrier"
        address = "sip.carrier.example"
        {allow}
        "#
        )
    };
    let good = routing(&text("allow = \"+1212\""), &nothing);
    assert!(good.directory.queues[0].offers_callback);
    let may_call = |number: &str| {
        let number = PhoneNumber::parse(number, "US").expect("a number");
        good.trunks[0].may_call_back(&number)
    };
    assert!(may_call("+1 212 555 0142") && !may_call("+1 718 555 0142"));
    expect![[r#"x: queue.service.callback: has no trunk that says which callers it may call. Write the beginnings of callers' numbers, such as "+1", as `allow` of a [[trunk]]"#]]
        .assert_eq(&faults(&text("")));
}

#[test]
fn hours_are_read_in_their_zone() {
    let routing = routing(WHOLE, &secret);
    let hours = &routing.directory.hours;
    let mut told = String::new();
    for clock in [
        "2026-11-23T07:59",
        "2026-11-23T09:00",
        "2026-11-24T12:30",
        "2026-11-28T12:00",
        "2026-12-24T11:59",
        "2026-12-25T11:00",
        "2026-12-28T11:00",
        "2027-01-01T11:00",
    ] {
        let at: DateTime = clock.parse().expect("a time");
        let state = hours.state(at.to_zoned(hours.zone.clone()).expect("exists").timestamp());
        writeln!(told, "{clock} {}: {}", state.kind, state.why).expect("written");
    }
    expect![[r"
        2026-11-23T07:59 closed: set by hand until 2026-11-23 08:00
        2026-11-23T09:00 open: Monday's hours are 09:00-17:00
        2026-11-24T12:30 closed: Tuesday's hours are 09:00-12:00, 13:00-17:00
        2026-11-28T12:00 closed: Saturday has no hours
        2026-12-24T11:59 open: 2026-12-24 is an exception, with the hours 09:00-12:00
        2026-12-25T11:00 holiday: 2026-12-25 is a holiday (Christmas Day)
        2026-12-28T11:00 closed: 2026-12-28 is closed by an exception
        2027-01-01T11:00 holiday: 2027-01-01 is a holiday
    "]]
    .assert_eq(&told);
}

#[test]
fn trunks_and_phones_have_their_secrets_from_the_environment() {
    let routing = routing(WHOLE, &secret);
    let [carrier, spare] = routing.trunks.as_slice() else { panic!("two trunks") };
    assert_eq!((carrier.address.as_str(), carrier.transport), ("sip.carrier.example:5060", Transport::Tcp));
    let (user, password) = carrier.user.as_ref().expect("a user");
    assert_eq!((user.as_str(), password.reveal().as_str()), ("backstop", "value of BACKSTOP_TRUNK_CARRIER_ONE"));
    assert!(carrier.register && carrier.max_calls == 4);
    assert_eq!((spare.address.as_str(), spare.max_calls, spare.user.as_ref()), ("[2001:db8::1]:5080", 10, None));
    let number = |text: &str| PhoneNumber::parse(text, "US").expect("a number");
    assert!(carrier.may_dial(&number("+19175550100")) && !carrier.may_dial(&number("+442079460018")));
    assert!(spare.may_dial(&number("+442079460018")), "without a list, whatever the configuration names");
    assert_eq!(routing.phones.len(), 1);
    assert_eq!(routing.phones[0].user, "dana-1");
    assert_eq!(routing.phones[0].password.reveal(), "value of BACKSTOP_PHONE_DANA_1");
    assert!(!format!("{routing:?}").contains("value of"), "{routing:?}");
}

#[test]
fn nothing_configured_is_the_receptionist_alone() {
    let routing = routing("", &secret);
    assert_eq!(routing, Routing::default());
    let choice = routing.directory.choose(None, "receptionist", None, Timestamp::UNIX_EPOCH);
    assert_eq!(choice.plan, Plan::receptionist_only());
}

#[test]
fn a_preset_is_three_lines() {
    let cell = "cell = \"+1 917 555 0100\"\ntrunk = \"sip.carrier.example\"\n";
    let phone = |name: &str| (name == "BACKSTOP_PHONE_OWNER").then(|| "secret".to_owned());
    let mut told = String::new();
    for (preset, rest, env) in [
        ("smart routing", cell, &nothing as &dyn Fn(&str) -> Option<String>),
        ("ring my phone", cell, &nothing),
        ("ring my phone", cell, &phone),
        ("ring my phone", "", &phone),
        ("answer in app", "", &nothing),
    ] {
        let routing = routing(&format!("[routing]\npreset = \"{preset}\"\n{rest}"), env);
        told.push_str(&plans(&routing.directory));
        assert_eq!(chosen(&routing, "2026-11-22T23:00"), preset, "without hours it is always open");
        assert_eq!(routing.trunks.len(), usize::from(!rest.is_empty()));
    }
    expect![[r"
        smart routing (60 s): ring owner's browser for 10 s; ring owner's cell for 20 s; the receptionist; voicemail / ring owner's browser for 10 s; ring owner's cell for 20 s
        receptionist (60 s): the receptionist; voicemail / ring owner's browser for 10 s; ring owner's cell for 20 s
        ring my phone (60 s): ring owner's cell for 25 s; the receptionist; voicemail / ring owner's cell for 25 s
        receptionist (60 s): the receptionist; voicemail / ring owner's cell for 25 s
        ring my phone (60 s): ring group owner's phones for 25 s; the receptionist; voicemail / ring group owner's phones for 25 s
        receptionist (60 s): the receptionist; voicemail / ring group owner's phones for 25 s
        ring my phone (60 s): ring owner's phone for 25 s; the receptionist; voicemail / ring owner's phone for 25 s
        receptionist (60 s): the receptionist; voicemail / ring owner's phone for 25 s
        answer in app (60 s): ring owner's browser for 20 s; the receptionist; voicemail / ring owner's browser for 20 s
        receptionist (60 s): the receptionist; voicemail / ring owner's browser for 20 s
    "]]
    .assert_eq(&told);
}

#[test]
fn at_eleven_at_night_a_preset_leaves_the_call_to_the_receptionist() {
    let text = "[routing]\npreset = \"smart routing\"\ncell = \"917 555 0100\"\ntrunk = \"10.0.0.1\"\n\
                [hours]\nzone = \"America/New_York\"\nsunday = \"09:00-17:00\"\nholidays = [\"2026-12-27\"]\n";
    let routing = routing(text, &nothing);
    assert_eq!(chosen(&routing, "2026-11-22T10:00"), "smart routing");
    assert_eq!(chosen(&routing, "2026-11-22T23:00"), "receptionist");
    assert_eq!(chosen(&routing, "2026-12-27T10:00"), "receptionist");
}

#[test]
fn a_preset_may_ring_a_person_of_the_list_and_serve_single_numbers() {
    let text = r#"
        [routing]
        preset = "answer in app"
        person = "dana"
        [[person]]
        name = "dana"
        browser = true
        [[plan]]
        name = "night"
        steps = [{ voicemail = true }]
        [[number]]
        open = "night"
        [[number]]
        number = "+1 212 555 0100"
        open = "answer in app"
    "#;
    let routing = routing(text, &nothing);
    expect![[r"
        night (60 s): voicemail
        answer in app (60 s): ring dana's browser for 20 s; the receptionist; voicemail / ring dana's browser for 20 s
        receptionist (60 s): the receptionist; voicemail / ring dana's browser for 20 s
    "]]
    .assert_eq(&plans(&routing.directory));
    assert_eq!(chosen(&routing, "2026-11-22T10:00"), "night", "the file's own default goes first");
    assert_eq!(routing.directory.people.len(), 1);
}

#[test]
fn many_faults_are_told_at_once() {
    let text = r#"
        [routing]
        preset = "clever routing"
        [hours]
        zone = "America/Gotham"
        monday = "9-5"
        funday = "09:00-17:00"
        holidays = ["Christmas"]
        closed_until = "tomorrow"
        [hours.exceptions]
        "24.12." = "09:00-09:00"
        [[person]]
        name = "dana"
        phone = "dana"
        [[person]]
        name = "dana"
        cell = "12"
        [[person]]
        browser = "yes"
        [[group]]
        name = "techs"
        strategy = "loudest"
        members = ["dan/cell", "dana/cell", "dana/fax", 7]
        [[plan]]
        name = "office"
        steps = [
            { ring = "dan", seconds = 0 }, { group = "tech" }, { receptionist = true, voicemail = true }, {}, 7,
            { reject = 200 }, { rang = "dana" },
        ]
        [[number]]
        number = "100"
        open = "office"
        [callers]
        vip = "12"
        [[trunk]]
        address = "sip:carrier"
        transport = "pigeon"
        register = true
        allow = ["1"]
        [plans]
        [number_of_lines]
    "#;
    expect![[r#"
        x: hours.zone: "America/Gotham" is no time zone. Write an IANA name such as "America/New_York"
        x: hours.monday: "9-5" is no opening time. Write times such as "09:00-17:00", "00:00-24:00" for the whole day, or "closed"
        x: hours.holidays: "Christmas" is no date. Write dates such as "2026-12-25"
        x: hours.exceptions.24.12.: "09:00-09:00" opens and closes at the same time. Write times such as "09:00-17:00", "00:00-24:00" for the whole day, or "closed"
        x: hours.exceptions: "24.12." is no date. Write a date such as "2026-12-24"
        x: hours.closed_until: "tomorrow" can't be read. Write a date and a time such as "2026-11-23T08:00"
        x: person.dana.name: is taken by another. Give each a name of its own
        x: BACKSTOP_PHONE_DANA: is not set in the environment, and phone "dana" needs it. Run `export BACKSTOP_PHONE_DANA=...` before Backstop
        x: person.2.cell: "12" is no telephone number. Write it with its country code, such as "+1 212 555 0100"
        x: person.3.name: is missing. Write a name, such as "dana"
        x: person.3.browser: is a text. Write true or false
        x: routing.preset: "clever routing" is no preset. Write "smart routing", "ring my phone" or "answer in app"
        x: group.techs.strategy: "loudest" is no order of ringing. Write "all at once", "in order", "round robin", "longest idle", "fewest calls", "random" or "stagger"
        x: group.techs.members: holds a whole number, not a text. Write it in quotation marks
        x: group.techs.members: nobody is called "dan". Write one of dana, dana
        x: group.techs.members: dana has no cell. Give dana a `cell`, or ring another of theirs
        x: group.techs.members: "fax" is nothing that rings. Write dana/browser, dana/phone or dana/cell
        x: plan.office.steps.5: is a whole number, not a table. Write { ... } with its keys
        x: plan.office.steps.1.seconds: 0 is out of bounds. Write a whole number from 1 to 180
        x: plan.office.steps.1.ring: nobody is called "dan". Write one of dana, dana
        x: plan.office.steps.2.group: no group is called "tech". Write one of techs
        x: plan.office.steps.3: is two steps in one. Write { ... }, { ... } instead
        x: plan.office.steps.4: says nothing to do. Write one of ring, group, queue, announce, receptionist, voicemail or reject
        x: plan.office.steps.6.reject: 200 is out of bounds. Write a whole number from 400 to 699
        x: plan.office.steps.7: says nothing to do. Write one of ring, group, queue, announce, receptionist, voicemail or reject
        x: number.1.number: "100" is no telephone number. Write it with its country code, such as "+1 212 555 0100"
        x: callers.vip: "12" is no telephone number. Write it with its country code, such as "+1 212 555 0100"
        x: trunk.1.name: is missing. Write a name, such as "carrier"
        x: trunk.1.address: "sip:carrier" is no address. Write a host and a port, such as "sip.carrier.example:5060"
        x: trunk.1.transport: "pigeon" is no way to send messages. Write "udp" or "tcp"
        x: trunk.1.allow: "1" is no beginning of a number. Write + and digits, such as "+1"
        x: trunk.1.user: is missing, and registering needs it. Write the user name it gave you
        x: hours.funday: is not known. Take it out, or use one of zone, monday, tuesday, wednesday, thursday, friday, saturday, sunday, holidays, exceptions, closed_until, open_until
        x: number_of_lines: is no section. Take it out, or use one of browser, callers, conversation, database, hours, models, notice, recordings, routing, rtp, sip, texting, transfer, web
        x: plan.office.steps.7.rang: is not known. Take it out, or use one of ring, group, queue, announce, receptionist, voicemail, reject
        x: plans: is no section. Take it out, or use one of browser, callers, conversation, database, hours, models, notice, recordings, routing, rtp, sip, texting, transfer, web"#]]
    .assert_eq(&faults(text));
}

#[test]
fn what_would_lose_a_call_is_told_with_its_place() {
    let text = r#"
        [hours]
        zone = "America/New_York"
        monday = "09:00-17:00"
        [[person]]
        name = "dana"
        browser = true
        cell = "+1 917 555 0100"
        [[group]]
        name = "nobody"
        members = []
        [[plan]]
        name = "endless"
        steps = [{ ring = "dana/cell", seconds = 40 }, { ring = "dana/browser", seconds = 40 }]
        [[plan]]
        name = "upside down"
        steps = [{ voicemail = true }, { receptionist = true }]
        [[number]]
        open = "endles"
    "#;
    expect![[r#"
        x: group.nobody: has no members. Name its members, or take it out
        x: plan.endless: step 1 rings a cell for 40 s, and its carrier's voicemail answers after 25 to 30 s. Ring it for 25 s or less
        x: plan.endless: rings for 80 s in all, and is cut off after 60 s. Shorten its steps, or raise `longest_seconds`
        x: plan.endless: has no final step, so a call that nobody answers would just end. End it with { receptionist = true }, { voicemail = true } or { reject = 603 }
        x: plan.upside down: step 2 comes after step 1, which ends the call. Take it out, or move it up; only voicemail may follow the receptionist
        x: number.1: no plan is called "endles". Write the name of a [[plan]]
        x: number.1: has no "closed" plan. Write `closed = ...` with the name of a [[plan]]; it holds on holidays as well
        x: trunk: is missing, and plan "endless" rings dana's cell. Write a [[trunk]], or `trunk` with its address under [routing]"#]]
    .assert_eq(&faults(text));
}

#[test]
fn contradictions_are_told() {
    let person = "[[person]]\nname = \"owner\"\ncell = \"917 555 0100\"\n";
    let trunk = "[[trunk]]\nname = \"trunk\"\naddress = \"a:5060\"\n";
    let mut told = String::new();
    for text in [
        "[routing]\npreset = \"smart routing\"\n",
        "[routing]\npreset = \"ring my phone\"\n",
        "[routing]\npreset = \"smart routing\"\nperson = \"dana\"\n",
        &format!("[routing]\npreset = \"answer in app\"\n{person}{trunk}"),
        &format!("[routing]\npreset = \"smart routing\"\ncell = \"917 555 0100\"\n{person}{trunk}"),
        &format!("[routing]\npreset = \"smart routing\"\nperson = \"owner\"\ncell = \"917 555 0100\"\n{person}{trunk}"),
        &format!("[routing]\ntrunk = \"b\"\n{trunk}"),
        "[routing]\npreset = \"smart routing\"\ncell = \"917 555 0100\"\n",
        &format!("[routing]\npreset = \"smart routing\"\n{person}{trunk}allow = [\"+44\"]\n"),
        "[hours]\nzone = \"UTC\"\n",
        "[hours]\nzone = \"UTC\"\nmonday = \"09:00-17:00\"\nclosed_until = \"2026-11-23T08:00\"\nopen_until = \"2026-11-23T08:00\"\n",
        "[[number]]\nopen = \"a\"\n[[number]]\nopen = \"a\"\n[[plan]]\nname = \"a\"\nsteps = [{ voicemail = true }]\n",
        "[plan]\nname = \"a\"\n",
        &format!("{person}phone = \"a/b\"\n[[person]]\nname = \"a/b\"\nbrowser = true\n"),
    ] {
        writeln!(told, "{}\n", faults(text)).expect("written");
    }
    expect![[r#"
        x: routing.preset: "smart routing" rings a cell, and owner has none. Write `cell` with its number, or choose "answer in app"

        x: routing.preset: "ring my phone" rings a phone or a cell, and owner has none. Write `cell` with its number, or put the phone's password into BACKSTOP_PHONE_OWNER

        x: routing.person: nobody is called "dana". Write a [[person]] of this name

        x: routing.preset: "answer in app" rings a browser, and owner has none. Write browser = true at that [[person]]

        x: routing.cell: belongs to "owner", who is a [[person]] already. Write it at the [[person]], and person = "owner" here

        x: routing.cell: stands beside `person`. Keep one of them; a [[person]] has a `cell` of their own

        x: trunk.trunk.name: is that of the trunk under [routing]. Take one of the two out

        x: trunk: is missing, and plan "smart routing" rings owner's cell. Write a [[trunk]], or `trunk` with its address under [routing]

        x: trunk: none may dial owner's cell, which plan "smart routing" rings. Add the beginning of its number to `allow`

        x: hours: no day has opening times, so that it would never be open. Write a day such as monday = "09:00-17:00"; without [hours] it is always open

        x: hours.open_until: stands beside `closed_until`. Keep one of them

        x: number.2.number: is left out twice. Take one of the two out; the one without a number is the default for all others

        x: plan: is a section, not a list of tables. Write [[plan]]

        x: person.owner.phone: "a/b" is no user name. Use letters, digits, dots, hyphens and underscores
        x: person.a/b.name: "a/b" holds a slash. Leave the slash out: "dana/cell" is dana's cell

    "#]]
    .assert_eq(&told);
}

#[test]
fn a_cell_that_is_a_number_of_the_business_is_told() {
    let number = "[[number]]\nnumber = \"+1 917 555 0100\"\n";
    let person = "[[person]]\nname = \"dana\"\ncell = \"917 555 0100\"\n";
    let preset = "[routing]\npreset = \"smart routing\"\ncell = \"917 555 0100\"\ntrunk = \"10.0.0.1\"\n";
    for (text, place) in [(person, "person.dana.cell"), (preset, "routing.cell")] {
        let told = faults(&format!("{text}{number}"));
        assert!(told.contains(&format!("{place}: is a [[number]] that is answered here")), "{told}");
    }
}
