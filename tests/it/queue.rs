//! Callers in line, and the agents who take their calls: real phones, and what each of them heard.

use crate::harness::{Backstop, end_of, ringing_from, run, wait_for};
use crate::peers::Phone;
use crate::routing::{backstop, hears, timeline};
use backstop::routing::queue::AgentState;
use backstop::server::Notice;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::broadcast;

pub(crate) const FIRST: (&str, f32) = ("+12125550142", 600.0);
pub(crate) const SECOND: (&str, f32) = ("+12125550143", 800.0);
pub(crate) const AGENTS_TONE: f32 = 1_000.0;
/// One note of the music, and the voice of announcements.
pub(crate) const MUSIC: f32 = 330.0;
pub(crate) const VOICE: f32 = 440.0;

const QUEUE: &str = r#"
[[person]]
name = "dana"
phone = "dana"

[[queue]]
name = "service"
agents = "dana"
wrap_up_seconds = 3
announce_seconds = 15

[[plan]]
name = "line"
steps = [{ queue = "service", seconds = 100 }, { receptionist = true }, { voicemail = true }]

[[number]]
open = "line"
"#;

pub(crate) async fn caller((number, hertz): (&str, f32)) -> Phone {
    Phone::new(number, hertz, 30.0, &["--loop"]).await
}

/// Dana's desk phone, registered.
pub(crate) async fn agent(backstop: &Backstop, act: &str) -> Phone {
    let address = format!("dana@{}", backstop.server.sip_address());
    let mut phone = Phone::new("dana", AGENTS_TONE, 30.0, &["--loop", "--act", act, "--register", &address]).await;
    phone.peer.wait_for("registered").await;
    phone
}

pub(crate) async fn agent_is(notices: &mut broadcast::Receiver<Notice>, wanted: AgentState) {
    wait_for(notices, |notice| matches!(notice, Notice::Agent { state, .. } if state == wanted).then_some(())).await;
}

fn seconds(event: &Value) -> f64 {
    event["at"].as_f64().expect("a time")
}

#[test]
fn the_second_caller_holds_with_music_and_has_the_agent_after_the_wrap_up() {
    run(async {
        let backstop = backstop(QUEUE, &[]).await;
        let mut desk = agent(&backstop, "answer:1").await;
        let (mut first, mut second) = (caller(FIRST).await, caller(SECOND).await);
        let mut notices = backstop.server.watch();
        first.dial(&backstop, "shop").await;
        let first_id = ringing_from(&mut notices, FIRST.0).await;
        desk.peer.wait_for("heard_sound").await;
        agent_is(&mut notices, AgentState::Talking).await;
        second.dial(&backstop, "shop").await;
        let second_id = ringing_from(&mut notices, SECOND.0).await;
        second.peer.wait_for("heard_sound").await;
        // The place is told; then there is only music for a while.
        desk.peer.order("press 5").await;
        first.peer.wait_for("key_heard").await;
        first.peer.order("hangup").await;
        let free = seconds(&desk.peer.wait_for("ended").await);
        desk.peer.wait_for("incoming").await;
        let rung = desk.peer.wait_for("incoming").await;
        let after = seconds(&rung) - free;
        assert!((2.8..5.0).contains(&after), "rung {after} s after the first call, with a wrap-up of 3 s");
        desk.peer.wait_for("heard_sound").await;
        desk.peer.order("press 7").await;
        assert_eq!(second.peer.wait_for("key_heard").await["key"], "7");
        desk.peer.order("hangup").await;
        second.peer.wait_for("ended").await;
        end_of(&mut notices, second_id).await;
        let report = backstop.report(second_id).await;
        let told = timeline(&report);
        for line in [
            "queue queue service: in line at place 1",
            "queue You are next in line. Press 2 to leave a message instead.",
            "queue offered to dana",
            "queue queue service: dana has the call",
        ] {
            assert!(told.contains(line), "{line} is not in\n{told}");
        }
        assert_eq!(report.outcome.as_deref(), Some("answered"), "{told}");
        assert_eq!(backstop.report(first_id).await.outcome.as_deref(), Some("answered"));
        let (near, far) = (second.heard(), [desk.heard(), desk.heard_again()]);
        let firsts = first.heard();
        let mut folders = Vec::new();
        for Phone { peer, folder, .. } in [first, second, desk] {
            peer.finish().await;
            folders.push(folder);
        }
        assert!(hears(&firsts, AGENTS_TONE) && !hears(&firsts, VOICE), "the first caller has the agent at once");
        assert!(hears(&near, MUSIC) && hears(&near, VOICE), "the second caller hears music and the voice");
        assert!(hears(&near, AGENTS_TONE), "and then the agent");
        assert!(hears(&far[0], FIRST.1) && !hears(&far[0], SECOND.1), "the agent hears the first caller");
        assert!(hears(&far[1], SECOND.1) && !hears(&far[1], FIRST.1), "and then the second");
        backstop.finish().await;
    });
}

#[test]
fn without_anybody_on_duty_the_receptionist_answers_at_once() {
    run(async {
        let backstop = backstop(QUEUE, &[]).await;
        let mut desk = agent(&backstop, "ring").await;
        let mut notices = backstop.server.watch();
        backstop.server.store().log_agent("dana", false, Timestamp::now()).await.expect("written");
        agent_is(&mut notices, AgentState::LoggedOut).await;
        let mut caller = caller(FIRST).await;
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, FIRST.0).await;
        caller.peer.wait_for("heard_sound").await;
        caller.peer.order("hangup").await;
        end_of(&mut notices, id).await;
        let told = timeline(&backstop.report(id).await);
        assert!(
            told.contains("step 0 ended: nobody is on duty") && told.contains("step 1: the receptionist"),
            "{told}"
        );

        // On duty again, but with the phone unplugged.
        backstop.server.store().log_agent("dana", true, Timestamp::now()).await.expect("written");
        agent_is(&mut notices, AgentState::Free).await;
        desk.peer.order("unregister").await;
        agent_is(&mut notices, AgentState::Unreachable).await;
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, FIRST.0).await;
        caller.peer.wait_for("heard_sound").await;
        caller.peer.order("hangup").await;
        end_of(&mut notices, id).await;
        let told = timeline(&backstop.report(id).await);
        assert!(told.contains("step 0 ended: nobody is on duty"), "{told}");
        assert!(!told.contains("calling dana"), "{told}");
        backstop.finish().await;
    });
}

#[test]
fn a_caller_in_line_leaves_a_message_by_key() {
    run(async {
        let backstop = backstop(QUEUE, &[]).await;
        let mut desk = agent(&backstop, "ring").await;
        let mut caller = Phone::new(FIRST.0, FIRST.1, 20.0, &[]).await;
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, FIRST.0).await;
        desk.peer.wait_for("ringing").await;
        caller.peer.wait_for("answered").await;
        caller.peer.order("press 2").await;
        desk.peer.wait_for("cancelled").await;
        // What is said after the tone ends in silence.
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        assert_eq!(report.outcome.as_deref(), Some("voicemail"), "{}", timeline(&report));
        let kept = report.events.iter().find(|event| event.kind == "voicemail").expect("a message");
        let path = kept.detail["path"].as_str().expect("a path");
        assert!(hears(std::path::Path::new(path), FIRST.1), "the message is what the caller said");
        backstop.finish().await;
    });
}

#[test]
fn agents_log_out_and_pause_by_codes_from_their_own_phone_alone() {
    run(async {
        let backstop = backstop(QUEUE, &[]).await;
        let mut desk = agent(&backstop, "ring").await;
        let mut notices = backstop.server.watch();
        for (code, state) in [
            ("*45", AgentState::LoggedOut),
            ("*45", AgentState::Free),
            ("*46", AgentState::Paused),
            ("*46", AgentState::Free),
        ] {
            desk.dial(&backstop, code).await;
            agent_is(&mut notices, state).await;
            desk.peer.wait_for("recorded").await;
        }
        assert!(hears(&desk.heard(), VOICE), "the first code was confirmed");
        // A stranger who dials the code is a caller like any other.
        let mut stranger = caller(FIRST).await;
        stranger.dial(&backstop, "*45").await;
        let id = ringing_from(&mut notices, FIRST.0).await;
        desk.peer.wait_for("incoming").await;
        stranger.peer.order("hangup").await;
        end_of(&mut notices, id).await;
        let agents = backstop.server.store().agents().await.expect("a list");
        assert!(agents[0].logged_in && !agents[0].paused, "{agents:?}");
        backstop.finish().await;
    });
}

#[test]
fn who_drops_and_calls_again_has_the_place_back_and_who_is_important_goes_first() {
    run(async {
        const IMPORTANT: (&str, f32) = ("+12125550144", 700.0);
        let toml = format!("{QUEUE}\n[callers]\nvip = [\"{}\"]\n", IMPORTANT.0);
        let backstop = backstop(&toml, &[]).await;
        let mut desk = agent(&backstop, "answer:1").await;
        let mut notices = backstop.server.watch();
        let (mut first, mut second, mut important) =
            (caller(FIRST).await, caller(SECOND).await, caller(IMPORTANT).await);
        first.dial(&backstop, "shop").await;
        desk.peer.wait_for("heard_sound").await;
        agent_is(&mut notices, AgentState::Talking).await;
        second.dial(&backstop, "shop").await;
        let dropped = ringing_from(&mut notices, SECOND.0).await;
        second.peer.wait_for("heard_sound").await;
        important.dial(&backstop, "shop").await;
        let vip = ringing_from(&mut notices, IMPORTANT.0).await;
        important.peer.wait_for("heard_sound").await;
        second.peer.order("hangup").await;
        end_of(&mut notices, dropped).await;
        second.dial(&backstop, "shop").await;
        let again = ringing_from(&mut notices, SECOND.0).await;
        second.peer.wait_for("heard_sound").await;
        desk.peer.wait_for("incoming").await;
        first.peer.order("hangup").await;
        for (caller, number) in [(&mut important, IMPORTANT.0), (&mut second, SECOND.0)] {
            let rung = desk.peer.wait_for("incoming").await;
            assert!(rung["from"].as_str().is_some_and(|from| from.contains(number)), "{number} is next: {rung}");
            desk.peer.wait_for("heard_sound").await;
            caller.peer.order("hangup").await;
        }
        end_of(&mut notices, again).await;
        let told = timeline(&backstop.report(again).await);
        assert!(told.contains("queue service: back at place 2"), "{told}");
        let told = timeline(&backstop.report(vip).await);
        assert!(told.contains("queue service: in line at place 1"), "{told}");
        backstop.finish().await;
    });
}

#[test]
fn who_has_waited_long_enough_goes_on_to_the_receptionist() {
    run(async {
        let backstop = backstop(&QUEUE.replace("seconds = 100", "seconds = 10"), &[]).await;
        let mut desk = agent(&backstop, "ring").await;
        let mut caller = caller(FIRST).await;
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, FIRST.0).await;
        desk.peer.wait_for("cancelled").await;
        wait_for(&mut notices, |notice| matches!(notice, Notice::Turn { call, .. } if call == id).then_some(())).await;
        caller.peer.order("hangup").await;
        end_of(&mut notices, id).await;
        let told = timeline(&backstop.report(id).await);
        assert!(told.contains("step 0 ended: nobody was free in time"), "{told}");
        assert!(told.contains("step 1: the receptionist"), "{told}");
        let heard = caller.heard();
        caller.peer.finish().await;
        assert!(hears(&heard, MUSIC) && hears(&heard, VOICE), "music, then the receptionist");
        backstop.finish().await;
    });
}
