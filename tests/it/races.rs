//! Messages that cross, with sipp as the other side: it ends with an error when an ACK, a BYE or a CANCEL that is due does not come.

use crate::harness::{Backstop, end_of, ringing_from, run};
use crate::peers::{Phone, free_port, sipp};
use crate::phones::finish;
use crate::routing::{
    CALLER, CELL_THEN_RECEPTIONIST, DESK_THEN_RECEPTIONIST, backstop, caller, receptionist_spoke, timeline,
};
use crate::trunks::Trunk;

/// What the scenario's caller calls from.
const WHO_HANGS_UP: &str = "+12125550199";

/// A service whose trunk has just said that it lives, and where it is.
async fn with_trunk() -> (Backstop, u16) {
    let trunk = Trunk::new().await;
    let port = trunk.port();
    let backstop = backstop(CELL_THEN_RECEPTIONIST, &[port]).await;
    trunk.answer_options().await;
    (backstop, port)
}

#[test]
fn an_answer_across_the_cancel_and_early_media_take_no_call() {
    run(async {
        for scenario in ["uas_late_200.xml", "uas_183_early.xml"] {
            let folder = tempfile::tempdir().expect("a folder");
            let (backstop, port) = with_trunk().await;
            let mut caller = caller().await;
            let mut trunk = sipp(scenario, folder.path());
            trunk.args(["-m", "1", "-p", &port.to_string()]);
            let trunk = tokio::spawn(async move { finish(trunk, scenario).await });
            let mut notices = backstop.server.watch();
            caller.dial(&backstop, "receptionist").await;
            let id = ringing_from(&mut notices, CALLER).await;
            // After the cell's time, and whatever it says then, the receptionist has the call.
            caller.peer.wait_for("heard_sound").await;
            trunk.await.expect("sipp runs");
            caller.peer.order("hangup").await;
            end_of(&mut notices, id).await;
            let report = backstop.report(id).await;
            let told = timeline(&report);
            assert!(told.contains("dana's cell rings") && told.contains("no answer in time"), "{scenario}: {told}");
            assert!(!told.contains("has the call") && receptionist_spoke(&report), "{scenario}: {told}");
            backstop.finish().await;
        }
    });
}

#[test]
fn a_caller_who_hangs_up_while_a_phone_answers_leaves_nothing() {
    run(async {
        let folder = tempfile::tempdir().expect("a folder");
        let backstop = backstop(DESK_THEN_RECEPTIONIST, &[]).await;
        let address = format!("dana@{}", backstop.server.sip_address());
        let mut desk =
            Phone::new("dana", 1_000.0, 30.0, &["--loop", "--act", "answer:2", "--register", &address]).await;
        desk.peer.wait_for("registered").await;
        let mut notices = backstop.server.watch();
        let mut command = sipp("uac_hangs_while_answered.xml", folder.path());
        command.args(["-m", "1", "-s", "shop", "-p", &free_port().to_string()]);
        command.arg(backstop.server.sip_address().to_string());
        let sipp = tokio::spawn(async move { finish(command, "the caller who hangs up").await });
        let id = ringing_from(&mut notices, WHO_HANGS_UP).await;
        sipp.await.expect("sipp runs");
        desk.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        let outcome = backstop.report(id).await.outcome;
        assert!(matches!(outcome.as_deref(), Some("cancelled" | "answered")), "{outcome:?}");
        backstop.finish().await;
    });
}
