//! What is done with a call in the page, and who else has to do with it: hold, keys, transfers, queues, other windows, other people.

use super::{BROWSERS_TONE, CALLERS_TONE, backstop, danas, takes_calls, with_users};
use crate::harness::{end_of, ringing_from, run, spoken};
use crate::peers::{Phone, write_interrupted_tone};
use crate::queue::{FIRST, MUSIC, SECOND, VOICE, agent_is};
use crate::routing::{CALLER, CELL_THEN_RECEPTIONIST, caller, hears, routing_of, timeline};
use backstop::routing::queue::AgentState;

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
        // The caller may hold, too.
        caller.peer.order("hold").await;
        dana.wait_to_hear(MUSIC).await;
        caller.peer.order("resume").await;
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
        caller.peer.finish().await;
        desk.peer.finish().await;
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
        for (switch, state, told) in [
            ("duty", AgentState::LoggedOut, "Off duty"),
            ("duty", AgentState::Free, "Free"),
            ("pause", AgentState::Paused, "On a break"),
            ("pause", AgentState::Free, "Free"),
        ] {
            dana.click(switch).await;
            agent_is(&mut notices, state).await;
            dana.wait_for_text(told).await;
        }
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

pub(super) const GROUP: &str = r#"
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
        let (dana, eli) = (danas(&backstop).await, takes_calls(&backstop, "eli", 1_400.0).await);
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

/// The receptionist fetches dana, who is in her browser.
const RECEPTIONIST_FETCHES: &str = r#"
[[person]]
name = "dana"
browser = true

[[plan]]
name = "night"
steps = [{ receptionist = true }, { voicemail = true }]
escalate = [{ ring = "dana/browser", seconds = 20 }]

[[number]]
open = "night"
"#;

#[test]
fn the_receptionist_tells_the_page_what_it_is_about_and_waits_for_a_word() {
    run(async {
        let lines = &["A pipe burst and there is water everywhere."];
        let backstop = with_users(lines, routing_of(RECEPTIONIST_FETCHES, &[])).await;
        let sounds = tempfile::tempdir().expect("a folder");
        let sound = sounds.path().join("caller.wav");
        write_interrupted_tone(&sound, CALLERS_TONE, [3.0, 8.0, 60.0]);
        let (dana, mut caller) = (danas(&backstop).await, Phone::playing(CALLER, &sound, &[]).await);
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.click("answer").await;
        dana.wait_until("!document.getElementById('ask').hidden").await;
        let asked = dana.text("#ask").await;
        assert!(asked.contains("pipe"), "it is told what it is about: {asked}");
        dana.listen().await;
        dana.wait_to_hear(VOICE).await;
        assert_eq!(dana.evaluate("document.body.dataset.state").await, "connecting");
        dana.click("ask-take").await;
        dana.wait_for_state("talking").await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        dana.listen().await;
        dana.wait_to_hear(CALLERS_TONE).await;
        dana.click("end").await;
        caller.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        let told = timeline(&backstop.report(id).await);
        for line in ["the receptionist asks for a person", "dana's browser has the call"] {
            assert!(told.contains(line), "{line} is not in\n{told}");
        }
        drop(dana);
        backstop.finish().await;
    });
}
