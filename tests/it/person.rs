//! The receptionist fetches a person: real phones, and what each side heard.

use crate::harness::{Backstop, SMALL, end_of, own, ringing_from, run, run_alone, scripted, spoken};
use crate::peers::{Phone, write_interrupted_tone};
use crate::phones::{microphone, words};
use crate::routing::{hears, routing_of, timeline};
use backstop::store::CallReport;

const CALLER: &str = "+12125550142";
const CALLERS_TONE: f32 = 600.0;
const DESKS_TONE: f32 = 1_000.0;
/// One note of the music, and the voice of the scripted receptionist.
const MUSIC: f32 = 330.0;
const VOICE: f32 = 440.0;

const RECEPTIONIST_THEN_DANA: &str = r#"
[[person]]
name = "dana"
phone = "dana"

[[plan]]
name = "night"
steps = [{ receptionist = true }, { voicemail = true }]
escalate = [{ ring = "dana/phone", seconds = 5 }]

[[number]]
open = "night"
"#;

/// Dana's desk phone, registered.
async fn desk(backstop: &Backstop, act: &str) -> Phone {
    let address = format!("dana@{}", backstop.server.sip_address());
    let mut phone = Phone::new("dana", DESKS_TONE, 30.0, &["--loop", "--act", act, "--register", &address]).await;
    phone.peer.wait_for("registered").await;
    phone
}

/// Says something over the greeting, and then nothing until the receptionist has found somebody, or is looking for them.
async fn caller(folder: &tempfile::TempDir) -> Phone {
    let sound = folder.path().join("caller.wav");
    write_interrupted_tone(&sound, CALLERS_TONE, [3.0, 12.0, 40.0]);
    Phone::playing(CALLER, &sound, &[]).await
}

fn all_spoken(call: &CallReport) -> String {
    call.turns.iter().map(|kept| kept.turn.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_caller_in_an_emergency_hears_music_and_then_the_person_who_was_told_what_it_is_about() {
    run(async {
        let routing = routing_of(RECEPTIONIST_THEN_DANA, &[]);
        let backstop =
            scripted(&["A pipe burst and there is water everywhere."], |config| config.routing = routing).await;
        let sounds = tempfile::tempdir().expect("a folder");
        let (mut desk, mut caller) = (desk(&backstop, "accept:3:1:9").await, caller(&sounds).await);
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        desk.peer.wait_for("key_sent").await;
        // Keys take their time, in which either side hears the other.
        for key in ["7", "8", "9"] {
            desk.peer.order(&format!("press {key}")).await;
            assert_eq!(caller.peer.wait_for("key_heard").await["key"], key);
            caller.peer.order(&format!("press {key}")).await;
            assert_eq!(desk.peer.wait_for("key_heard").await["key"], key);
        }
        desk.peer.order("hangup").await;
        caller.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        let told = timeline(&report);
        assert!(
            told.contains("the receptionist asks for a person") && told.contains("dana's phone has the call"),
            "{told}"
        );
        assert_eq!(report.outcome.as_deref(), Some("answered"), "{told}");
        assert!(report.texts.is_empty(), "who talked with a person gets no text: {report:?}");
        assert!(report.slots.iter().any(|slot| slot.value.contains("pipe")), "the lead is kept: {:?}", report.slots);
        assert!(all_spoken(&report).contains("try to reach someone"), "{}", all_spoken(&report));
        let (near, desks) = (caller.heard(), desk.heard());
        caller.peer.finish().await;
        desk.peer.finish().await;
        assert!(hears(&near, VOICE) && hears(&near, MUSIC) && hears(&near, DESKS_TONE), "words, music, the person");
        assert!(hears(&desks, VOICE) && hears(&desks, CALLERS_TONE), "the person was told, and then heard the caller");
        backstop.finish().await;
    });
}

#[test]
fn the_receptionist_takes_the_caller_back_with_an_apology_when_nobody_comes() {
    run(async {
        let routing = routing_of(RECEPTIONIST_THEN_DANA, &[]);
        let backstop = scripted(&["Can I talk to a real person?"], |config| config.routing = routing).await;
        let sounds = tempfile::tempdir().expect("a folder");
        let (mut desk, mut caller) = (desk(&backstop, "ring").await, caller(&sounds).await);
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        desk.peer.wait_for("ringing").await;
        desk.peer.wait_for("cancelled").await;
        spoken(&mut notices, "nobody can come").await;
        caller.peer.order("hangup").await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        let told = timeline(&report);
        assert!(told.contains("nobody came: the receptionist goes on"), "{told}");
        assert!(all_spoken(&report).contains("What can we help you with today?"), "{}", all_spoken(&report));
        let near = caller.heard();
        caller.peer.finish().await;
        assert!(hears(&near, MUSIC), "the caller heard music");
        backstop.finish().await;
    });
}

#[test]
fn the_real_receptionist_tells_the_person_in_a_sentence_who_calls_and_why() {
    run_alone(async {
        let routing = routing_of(RECEPTIONIST_THEN_DANA, &[]);
        let backstop = own(SMALL, |config| config.routing = routing).await;
        let sounds = tempfile::tempdir().expect("a folder");
        let mut desk = desk(&backstop, "accept:1:1:16").await;
        let mut caller = Phone::playing(CALLER, &microphone(sounds.path()), &[]).await;
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        desk.peer.wait_for("key_sent").await;
        desk.peer.order("press 7").await;
        caller.peer.wait_for("key_heard").await;
        caller.peer.order("hangup").await;
        desk.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        assert_eq!(report.outcome.as_deref(), Some("answered"), "{}", timeline(&report));
        let (near, far) = (caller.heard(), desk.heard());
        caller.peer.finish().await;
        desk.peer.finish().await;
        let (briefing, heard) = tokio::task::block_in_place(|| (words(&far), words(&near)));
        for word in ["harbor", "pipe", "emergency"] {
            assert!(briefing.contains(word), "`{word}` is not in what the person was told: {briefing}");
        }
        assert!(heard.contains("stay on the line"), "the caller was told: {heard}");
        backstop.finish().await;
    });
}
