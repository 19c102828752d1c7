//! The line in the browser: a real Chromium, real phones, and what each of them heard.

use crate::chromium::Chromium;
use crate::harness::{Backstop, end_of, ringing_from, run, scripted, spoken};
use crate::peers::Phone;
use crate::queue::{FIRST, MUSIC, SECOND, VOICE, agent_is};
use crate::routing::{CALLER, CELL_THEN_RECEPTIONIST, caller, hears, routing_of, timeline};
use crate::web;
use backstop::config::{Config, Web};
use backstop::routing::queue::AgentState;
use backstop::store::Role;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

const CALLERS_TONE: f32 = 600.0;
const BROWSERS_TONE: f32 = 1_000.0;

/// A service with a page; its people have users of their names.
async fn backstop(toml: &str, ports: &[u16]) -> Backstop {
    let routing = routing_of(toml, ports);
    let people: Vec<String> = routing.directory.people.iter().map(|person| person.id.0.clone()).collect();
    let backstop = scripted(&["My kitchen sink is leaking."], |config| {
        config.routing = routing;
        with_page(config);
    })
    .await;
    for person in people {
        web::add(&backstop, &person, &person, Role::Agent).await;
    }
    backstop
}

fn with_page(config: &mut Config) {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    config.web = Some(Web { bind: loopback, ..Web::default() });
    config.browser.bind = loopback;
    config.browser.rejoin = Duration::from_secs(6);
}

/// Dana's browser, which takes calls.
async fn danas(backstop: &Backstop) -> Chromium {
    let dana = Chromium::playing(BROWSERS_TONE).await;
    dana.goes_available(backstop, "dana").await;
    dana
}

#[test]
fn a_call_rings_in_the_page_and_both_hear_each_other_until_the_page_hangs_up() {
    run(async {
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[]).await;
        let (dana, mut caller) = (danas(&backstop).await, caller().await);
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.wait_for_state("ringing").await;
        let card = dana.text("[data-testid=ring]").await;
        for told in ["(212) 555-0142", "smart", "dana's browser"] {
            assert!(card.contains(told), "{told} is not in: {card}");
        }
        dana.listen().await;
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        caller.peer.wait_for("heard_sound").await;
        dana.wait_to_hear(CALLERS_TONE).await;
        dana.click("end").await;
        caller.peer.wait_for("ended").await;
        dana.wait_for_state("idle").await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        let told = timeline(&report);
        assert!(told.contains("dana's browser has the call"), "{told}");
        assert_eq!(report.outcome.as_deref(), Some("answered"), "{told}");
        let near = caller.heard();
        caller.peer.finish().await;
        assert!(hears(&near, BROWSERS_TONE), "the caller hears the browser");
        drop(dana);
        backstop.finish().await;
    });
}

/// Dana's browser, her cell, the receptionist.
const BROWSER_THEN_CELL: &str = r#"
[[person]]
name = "dana"
browser = true
cell = "+1 917 555 0100"

[[trunk]]
name = "carrier"
address = "127.0.0.1:{port}"
from = "+1 212 555 0100"

[[plan]]
name = "smart"
steps = [
    { ring = "dana/browser", seconds = 5 },
    { ring = "dana/cell", seconds = 2 },
    { receptionist = true },
    { voicemail = true },
]

[[number]]
open = "smart"
"#;

/// A call that the page was offered: it went on to the cell, and to the receptionist; the timeline.
async fn goes_on(backstop: &Backstop, caller: &mut Phone, cell: &mut Phone, leave: impl AsyncFnOnce()) -> String {
    let mut notices = backstop.server.watch();
    caller.dial(backstop, "shop").await;
    let id = ringing_from(&mut notices, CALLER).await;
    leave().await;
    cell.peer.wait_for("incoming").await;
    cell.peer.wait_for("cancelled").await;
    spoken(&mut notices, "").await;
    caller.peer.order("hangup").await;
    caller.peer.wait_for("ended").await;
    end_of(&mut notices, id).await;
    let told = timeline(&backstop.report(id).await);
    for line in ["step 1: ring dana's cell", "step 2: the receptionist"] {
        assert!(told.contains(line), "{line} is not in\n{told}");
    }
    assert!(!told.contains("dana's browser has the call"), "{told}");
    told
}

#[test]
fn a_call_that_the_page_does_not_take_goes_on_to_the_cell_and_the_receptionist() {
    run(async {
        let (mut caller, mut cell) = (caller().await, Phone::new("cell", 1_200.0, 30.0, &["--act", "ring"]).await);
        let backstop = backstop(BROWSER_THEN_CELL, &[cell.peer.port()]).await;
        let dana = danas(&backstop).await;
        let told = goes_on(&backstop, &mut caller, &mut cell, async || {
            dana.wait_for_state("ringing").await;
            dana.wait_for_text("goes on to the next step").await;
        })
        .await;
        assert!(told.contains("dana's browser let go: no answer in time"), "{told}");
        let told = goes_on(&backstop, &mut caller, &mut cell, async || dana.click("decline").await).await;
        assert!(told.contains("dana's browser failed with 603"), "{told}");
        let told = goes_on(&backstop, &mut caller, &mut cell, async || {
            dana.wait_for_state("ringing").await;
            dana.client.close_window().await.expect("closed");
        })
        .await;
        assert!(told.contains("dana's browser failed with 480"), "{told}");
        drop(dana);
        // It was left available: no switch is needed again.
        let again = Chromium::playing(BROWSERS_TONE).await;
        again.sign_in(&backstop, "dana").await;
        let told = goes_on(&backstop, &mut caller, &mut cell, async || {
            again.wait_for_state("ringing").await;
            again.kill();
        })
        .await;
        assert!(told.contains("dana's browser failed with 480"), "{told}");
        // With no page open, the cell rings at once.
        let told = goes_on(&backstop, &mut caller, &mut cell, async || ()).await;
        assert!(told.contains("dana's browser failed with 480"), "{told}");
        for phone in [caller, cell] {
            phone.peer.finish().await;
        }
        backstop.finish().await;
    });
}

#[test]
fn the_caller_hangs_up_and_the_page_says_so() {
    run(async {
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[]).await;
        let (dana, mut caller) = (danas(&backstop).await, caller().await);
        let mut notices = backstop.server.watch();
        // First while it rings.
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.wait_for_state("ringing").await;
        caller.peer.order("hangup").await;
        end_of(&mut notices, id).await;
        dana.wait_for_text("The caller gave up").await;
        dana.wait_for_state("idle").await;
        caller.peer.wait_for("ended").await;
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        dana.listen().await;
        dana.wait_to_hear(CALLERS_TONE).await;
        caller.peer.wait_for("heard_sound").await;
        caller.peer.order("hangup").await;
        dana.wait_for_text("The caller hung up").await;
        dana.wait_for_state("idle").await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        assert_eq!(report.outcome.as_deref(), Some("answered"), "{}", timeline(&report));
        let near = caller.heard_again();
        caller.peer.finish().await;
        assert!(hears(&near, BROWSERS_TONE), "the caller hears the browser");
        drop(dana);
        backstop.finish().await;
    });
}

#[test]
fn a_page_that_is_loaded_anew_has_its_call_again() {
    run(async {
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[]).await;
        let (dana, mut caller) = (danas(&backstop).await, caller().await);
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        dana.client.refresh().await.expect("loaded anew");
        dana.wait_for_state("talking").await;
        dana.listen().await;
        dana.wait_to_hear(CALLERS_TONE).await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        // The page has the call in every way.
        dana.click("hold").await;
        dana.wait_for_state("held").await;
        caller.wait_to_hear(MUSIC).await;
        dana.click("end").await;
        caller.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        assert_eq!(report.outcome.as_deref(), Some("answered"), "{}", timeline(&report));
        drop(dana);
        backstop.finish().await;
    });
}

#[test]
fn the_caller_of_a_page_that_is_gone_hears_music_and_then_has_the_next_step() {
    run(async {
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[]).await;
        let (dana, mut caller) = (danas(&backstop).await, caller().await);
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        dana.kill();
        caller.wait_to_hear(MUSIC).await;
        caller.wait_to_hear(VOICE).await;
        caller.peer.order("hangup").await;
        end_of(&mut notices, id).await;
        let told = timeline(&backstop.report(id).await);
        assert!(told.contains("out of touch") && told.contains("the receptionist"), "{told}");
        drop(dana);
        backstop.finish().await;
    });
}

/// Dana in her browser; eli at a desk phone, whose extension is 102.
const TEAM: &str = r#"
[[person]]
name = "dana"
browser = true

[[person]]
name = "eli"
phone = "eli"
extension = "102"

[[plan]]
name = "team"
steps = [{ ring = "dana/browser", seconds = 20 }, { receptionist = true }, { voicemail = true }]

[[number]]
open = "team"
"#;

#[test]
fn a_call_is_held_gets_keys_and_is_passed_on_from_the_page() {
    run(async {
        let backstop = backstop(TEAM, &[]).await;
        let address = format!("eli@{}", backstop.server.sip_address());
        let options = ["--loop", "--act", "answer:0.5", "--register", &address];
        let mut desk = Phone::new("eli", 1_400.0, 30.0, &options).await;
        desk.peer.wait_for("registered").await;
        let (dana, mut caller) = (danas(&backstop).await, caller().await);
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        dana.click("hold").await;
        dana.wait_for_state("held").await;
        caller.wait_to_hear(MUSIC).await;
        dana.click("hold").await;
        dana.wait_for_state("talking").await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        dana.listen().await;
        dana.wait_to_hear(CALLERS_TONE).await;
        dana.click("keypad").await;
        for (button, key) in [("key-1", "1"), ("key-9", "9"), ("key-0", "0"), ("key-hash", "#")] {
            dana.click(button).await;
            assert_eq!(caller.peer.wait_for("key_heard").await["key"], key);
        }
        dana.click("transfer").await;
        dana.click("transfer-to-eli").await;
        desk.peer.wait_for("heard_sound").await;
        dana.wait_for_state("idle").await;
        dana.wait_for_text("Passed on to eli").await;
        caller.wait_to_hear(1_400.0).await;
        caller.peer.order("hangup").await;
        desk.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        let told = timeline(&backstop.report(id).await);
        for line in ["dana's browser passes the call on", "eli's phone has the call"] {
            assert!(told.contains(line), "{line} is not in\n{told}");
        }

        // And to the receptionist.
        caller.peer.wait_for("ended").await;
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        dana.click("transfer").await;
        dana.click("transfer-to-receptionist").await;
        spoken(&mut notices, "").await;
        dana.wait_for_state("idle").await;
        caller.peer.order("hangup").await;
        end_of(&mut notices, id).await;
        let told = timeline(&backstop.report(id).await);
        assert!(told.contains("dana's browser passes the call on") && told.contains("the receptionist"), "{told}");
        let (near, far) = (caller.heard_again(), desk.heard());
        for phone in [caller, desk] {
            phone.peer.finish().await;
        }
        assert!(hears(&near, VOICE) && hears(&far, CALLERS_TONE), "the receptionist, and the desk, have the caller");
        drop(dana);
        backstop.finish().await;
    });
}

const QUEUE: &str = r#"
[[person]]
name = "dana"
browser = true

[[queue]]
name = "service"
agents = "dana"
wrap_up_seconds = 60

[[plan]]
name = "line"
steps = [{ queue = "service", seconds = 100 }, { receptionist = true }, { voicemail = true }]

[[number]]
open = "line"
"#;

#[test]
fn an_agent_serves_a_queue_from_the_page() {
    run(async {
        let backstop = backstop(QUEUE, &[]).await;
        let dana = danas(&backstop).await;
        let (mut first, mut second) = (crate::queue::caller(FIRST).await, crate::queue::caller(SECOND).await);
        let mut notices = backstop.server.watch();
        // Off duty and on again, a break and back.
        for (switch, state) in [
            ("duty", AgentState::LoggedOut),
            ("duty", AgentState::Free),
            ("pause", AgentState::Paused),
            ("pause", AgentState::Free),
        ] {
            dana.click(switch).await;
            agent_is(&mut notices, state).await;
        }
        dana.wait_for_text("Free").await;
        first.dial(&backstop, "shop").await;
        let first_id = ringing_from(&mut notices, FIRST.0).await;
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        dana.listen().await;
        dana.wait_to_hear(FIRST.1).await;
        second.dial(&backstop, "shop").await;
        let second_id = ringing_from(&mut notices, SECOND.0).await;
        dana.wait_for_text("1 waits").await;
        let line = dana.text("[data-testid=queue]").await;
        assert!(line.contains("(212) 555-0143"), "{line}");
        second.wait_to_hear(MUSIC).await;
        dana.click("end").await;
        end_of(&mut notices, first_id).await;
        dana.wait_for_text("Wrapping up").await;
        dana.click("ready").await;
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        second.wait_to_hear(BROWSERS_TONE).await;
        dana.listen().await;
        dana.wait_to_hear(SECOND.1).await;
        second.peer.order("hangup").await;
        end_of(&mut notices, second_id).await;
        let told = timeline(&backstop.report(second_id).await);
        assert!(told.contains("dana's browser has the call") || told.contains("dana has the call"), "{told}");
        drop(dana);
        backstop.finish().await;
    });
}

#[test]
fn two_windows_ring_together_and_the_other_one_says_that_it_was_answered() {
    run(async {
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[]).await;
        let (dana, mut caller) = (danas(&backstop).await, caller().await);
        let mut notices = backstop.server.watch();
        let first = dana.client.window().await.expect("a window");
        let second = dana.client.new_window(false).await.expect("a window").handle;
        dana.client.switch_to_window(second.clone()).await.expect("there");
        dana.client.goto(backstop.server.page().expect("a page").address()).await.expect("opens");
        dana.wait_for_state("idle").await;
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.wait_for_state("ringing").await;
        dana.client.switch_to_window(first.clone()).await.expect("there");
        dana.wait_for_state("ringing").await;
        dana.client.switch_to_window(second.clone()).await.expect("there");
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        dana.client.switch_to_window(first.clone()).await.expect("there");
        dana.wait_for_text("Answered by dana").await;
        dana.wait_for_state("idle").await;
        // Loaded anew, the first window offers to take the call over; the second one then has it no more.
        dana.client.refresh().await.expect("loaded anew");
        dana.click("take-over").await;
        dana.wait_for_state("talking").await;
        dana.listen().await;
        dana.wait_to_hear(CALLERS_TONE).await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        dana.client.switch_to_window(second).await.expect("there");
        dana.wait_for_text("Taken over on another device").await;
        dana.wait_for_state("idle").await;
        dana.client.switch_to_window(first).await.expect("there");
        dana.click("end").await;
        caller.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        drop(dana);
        backstop.finish().await;
    });
}

const GROUP: &str = r#"
[[person]]
name = "dana"
browser = true

[[person]]
name = "eli"
browser = true

[[group]]
name = "desk"
strategy = "all at once"
members = ["dana/browser", "eli/browser"]

[[plan]]
name = "team"
steps = [{ group = "desk", seconds = 20 }, { receptionist = true }, { voicemail = true }]

[[number]]
open = "team"
"#;

#[test]
fn a_group_rings_together_and_the_others_are_told_who_answered() {
    run(async {
        let backstop = backstop(GROUP, &[]).await;
        let (dana, eli) = (danas(&backstop).await, Chromium::playing(1_400.0).await);
        eli.goes_available(&backstop, "eli").await;
        let mut caller = caller().await;
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.wait_for_state("ringing").await;
        eli.wait_for_state("ringing").await;
        eli.click("answer").await;
        eli.wait_for_state("talking").await;
        dana.wait_for_text("Answered by eli").await;
        dana.wait_for_state("idle").await;
        caller.wait_to_hear(1_400.0).await;
        // To dana, who is shown as somebody to be had.
        eli.click("transfer").await;
        eli.click("transfer-to-dana").await;
        dana.click("answer").await;
        eli.wait_for_state("idle").await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        dana.click("end").await;
        caller.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        let told = timeline(&backstop.report(id).await);
        for line in
            ["eli's browser has the call", "dana's browser let go: answered elsewhere", "dana's browser has the call"]
        {
            assert!(told.contains(line), "{line} is not in\n{told}");
        }
        drop((dana, eli));
        backstop.finish().await;
    });
}
