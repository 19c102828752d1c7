//! Calls that begin in the page: somebody is called back, and the line is tried.

use super::{BROWSERS_TONE, CALLERS_TONE, backstop, danas};
use crate::chromium::Chromium;
use crate::harness::{Backstop, end_of, ringing_from, run, wait_for};
use crate::peers::Phone;
use crate::queue::VOICE;
use crate::routing::{CALLER, CELL_THEN_RECEPTIONIST, timeline};
use backstop::server::Notice;

/// Callers by two trunks, both of which may be called back.
const CALLS_BACK: &str = r#"
[[person]]
name = "dana"
browser = true

[[trunk]]
name = "first"
address = "127.0.0.1:{port}"
from = "+1 212 555 0100"
allow = ["+1212"]

[[trunk]]
name = "second"
address = "127.0.0.1:{other}"
from = "+1 212 555 0100"
allow = ["+1718"]

[[plan]]
name = "smart"
steps = [{ ring = "dana/browser", seconds = 20 }, { receptionist = true }]

[[number]]
open = "smart"
"#;

/// A call that nobody took.
async fn missed(backstop: &Backstop, number: &str) -> String {
    let mut caller = Phone::new(number, CALLERS_TONE, 30.0, &[]).await;
    let mut notices = backstop.server.watch();
    caller.dial(backstop, "shop").await;
    let id = ringing_from(&mut notices, number).await;
    caller.peer.wait_for("ringing").await;
    caller.peer.order("hangup").await;
    end_of(&mut notices, id).await;
    id.to_string()
}

#[test]
fn who_was_missed_is_called_back_from_the_list() {
    run(async {
        let options = ["--loop", "--act", "answer:1"];
        let mut callee = Phone::new("callee", CALLERS_TONE, 30.0, &options).await;
        let mut busy = Phone::new("busy", CALLERS_TONE, 30.0, &["--act", "reject:486"]).await;
        let backstop = backstop(CALLS_BACK, &[callee.peer.port(), busy.peer.port()]).await;
        let dana = danas(&backstop).await;
        let (first, second) = (missed(&backstop, CALLER).await, missed(&backstop, "+17185550143").await);
        let mut notices = backstop.server.watch();
        dana.click(&format!("call-back-{first}")).await;
        let id = wait_for(&mut notices, |notice| match notice {
            Notice::Calling { call, to } if to.e164() == CALLER => Some(call),
            _ => None,
        })
        .await;
        let invited = callee.peer.wait_for("incoming").await;
        assert!(invited["from"].as_str().is_some_and(|from| from.contains("+12125550100")), "ours: {invited}");
        dana.wait_for_state("talking").await;
        dana.listen().await;
        dana.wait_to_hear(CALLERS_TONE).await;
        callee.wait_to_hear(BROWSERS_TONE).await;
        dana.click("end").await;
        callee.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        assert_eq!((report.outcome.as_deref(), report.outgoing), (Some("answered"), true), "{}", timeline(&report));
        assert_eq!(report.returns.map(|call| call.to_string()), Some(first));

        dana.wait_for_state("idle").await;
        dana.click(&format!("call-back-{second}")).await;
        busy.peer.wait_for("incoming").await;
        dana.wait_for_text("busy").await;
        dana.wait_for_state("idle").await;
        drop(dana);
        backstop.finish().await;
    });
}

#[test]
fn a_test_call_lets_the_user_hear_the_receptionist() {
    run(async {
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[]).await;
        let dana = Chromium::playing(BROWSERS_TONE).await;
        dana.sign_in(&backstop, "dana").await;
        let mut notices = backstop.server.watch();
        dana.click("test-call").await;
        dana.wait_for_state("talking").await;
        dana.listen().await;
        dana.wait_to_hear(VOICE).await;
        dana.click("end").await;
        wait_for(&mut notices, |notice| matches!(notice, Notice::Ended { .. }).then_some(())).await;
        dana.wait_for_state("idle").await;
        drop(dana);
        backstop.finish().await;
    });
}
