//! Callers who ask to be called back: their own phones ring, and they talk with the agent who was kept free for them.

use crate::harness::{Backstop, PATIENCE, end_of, ringing_from, run, wait_for};
use crate::peers::Phone;
use crate::queue::{AGENTS_TONE, FIRST, SECOND, VOICE, agent, agent_is, caller};
use crate::routing::{backstop, hears, restarted, timeline};
use backstop::id::CallId;
use backstop::routing::queue::AgentState;
use backstop::server::Notice;
use backstop::store::Callback;
use std::time::Duration;
use tokio::sync::broadcast;

const OWN_NUMBER: &str = "+12125550100";

/// The callers' own phones are behind the trunk.
const CALLBACK: &str = r#"
[[person]]
name = "dana"
phone = "dana"

[[queue]]
name = "service"
agents = "dana"
wrap_up_seconds = 0
callback = true

[[trunk]]
name = "carrier"
address = "127.0.0.1:{port}"
from = "+1 212 555 0100"
allow = ["+1212"]

[[plan]]
name = "line"
steps = [{ queue = "service", seconds = 100 }, { receptionist = true }, { voicemail = true }]

[[number]]
open = "line"
"#;

/// A caller whose phone does this when it is called.
async fn called_back(act: &str) -> Phone {
    Phone::new(FIRST.0, FIRST.1, 30.0, &["--loop", "--act", act]).await
}

/// Backstop calls somebody: the call's id.
async fn calling(notices: &mut broadcast::Receiver<Notice>) -> CallId {
    wait_for(notices, |notice| match notice {
        Notice::Calling { call, to } if to.e164() == FIRST.0 => Some(call),
        _ => None,
    })
    .await
}

/// Somebody else talks with dana; the first caller holds, hears that they may be called back, and asks for it.
async fn ask(
    backstop: &Backstop,
    notices: &mut broadcast::Receiver<Notice>,
    desk: &mut Phone,
    asking: &mut Phone,
) -> (Phone, CallId) {
    let mut other = caller(SECOND).await;
    other.dial(backstop, "shop").await;
    desk.peer.wait_for("heard_sound").await;
    agent_is(notices, AgentState::Talking).await;
    asking.dial(backstop, "shop").await;
    let asked = ringing_from(notices, FIRST.0).await;
    asking.peer.wait_for("heard_sound").await;
    asking.peer.order("press 1").await;
    // They are told that their place is kept, and only then let go.
    asking.peer.wait_for("ended").await;
    end_of(notices, asked).await;
    let report = backstop.report(asked).await;
    let told = timeline(&report);
    assert_eq!(report.outcome.as_deref(), Some("callback"), "{told}");
    assert!(told.contains("Press 1 to be called back, or 2 to leave a message."), "{told}");
    assert!(told.contains("to be called back, the place is kept"), "{told}");
    assert!(report.texts.is_empty(), "{:?}", report.texts);
    (other, asked)
}

/// What is kept of promises, once it is as it should be: it is written beside the calls.
async fn promises(backstop: &Backstop, is_right: impl Fn(&[Callback]) -> bool) -> Vec<Callback> {
    let looking = async {
        let mut looks = tokio::time::interval(Duration::from_millis(50));
        loop {
            looks.tick().await;
            let kept = backstop.server.store().callbacks().await.expect("the database answers");
            if is_right(&kept) {
                return kept;
            }
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("promises are kept and forgotten in time")
}

#[test]
fn a_caller_who_asks_for_it_is_called_back_and_talks_with_the_agent() {
    run(async {
        let mut asking = called_back("answer:1").await;
        let backstop = backstop(CALLBACK, &[asking.peer.port()]).await;
        let mut desk = agent(&backstop, "answer:1").await;
        let mut notices = backstop.server.watch();
        let (mut other, asked) = ask(&backstop, &mut notices, &mut desk, &mut asking).await;
        other.peer.order("hangup").await;
        let ours = calling(&mut notices).await;
        let invited = asking.peer.wait_for("incoming").await;
        assert!(invited["from"].as_str().is_some_and(|from| from.contains(OWN_NUMBER)), "{invited}");
        assert!(invited["headers"]["Diversion"].is_null(), "it is nobody else's call: {invited}");
        // The question; the agent is rung once it is answered.
        asking.peer.wait_for("heard_sound").await;
        asking.peer.order("press 1").await;
        desk.peer.wait_for("incoming").await;
        let rung = desk.peer.wait_for("incoming").await;
        assert!(rung["from"].as_str().is_some_and(|from| from.contains(FIRST.0)), "the agent sees who it is: {rung}");
        desk.peer.wait_for("heard_sound").await;
        desk.peer.order("press 7").await;
        assert_eq!(asking.peer.wait_for("key_heard").await["key"], "7");
        asking.peer.order("hangup").await;
        end_of(&mut notices, ours).await;
        let report = backstop.report(ours).await;
        let told = timeline(&report);
        assert_eq!(
            (report.outcome.as_deref(), report.outgoing, report.returns),
            (Some("answered"), true, Some(asked)),
            "{told}"
        );
        for line in
            ["callee calling them", "callee somebody answered, and is asked for a key", "dana's phone has the call"]
        {
            assert!(told.contains(line), "{line} is not in\n{told}");
        }
        assert_eq!(promises(&backstop, <[_]>::is_empty).await, [], "a promise that was kept is forgotten");
        let (first, again, far) = (asking.heard(), asking.heard_again(), desk.heard_again());
        let mut folders = Vec::new();
        for Phone { peer, folder, .. } in [asking, desk, other] {
            peer.finish().await;
            folders.push(folder);
        }
        assert!(hears(&first, VOICE), "in line there is the voice");
        assert!(hears(&again, VOICE) && hears(&again, AGENTS_TONE), "then the question, and the agent");
        assert!(hears(&far, FIRST.1), "the agent hears the caller");
        backstop.finish().await;
    });
}

#[test]
fn a_voicemail_is_no_caller_and_who_was_not_reached_is_called_again_later() {
    run(async {
        let mut asking = called_back("voicemail").await;
        let backstop = backstop(CALLBACK, &[asking.peer.port()]).await;
        let mut desk = agent(&backstop, "answer:1").await;
        let mut notices = backstop.server.watch();
        let (mut other, asked) = ask(&backstop, &mut notices, &mut desk, &mut asking).await;
        other.peer.order("hangup").await;
        let ours = calling(&mut notices).await;
        end_of(&mut notices, ours).await;
        agent_is(&mut notices, AgentState::Free).await;
        let report = backstop.report(ours).await;
        let told = timeline(&report);
        assert_eq!((report.outcome.as_deref(), report.texts.len()), (Some("not_reached"), 0), "{told}");
        assert!(told.contains("callee let go: not accepted"), "{told}");
        let kept = promises(&backstop, |kept| kept.iter().any(|kept| kept.failed > 0)).await;
        let [kept] = &kept[..] else { panic!("one promise: {kept:?}") };
        assert_eq!((kept.call, kept.failed, kept.not_before.is_some()), (asked, 1, true));
        let heard = asking.heard_again();
        asking.peer.finish().await;
        assert!(hears(&heard, VOICE) && !hears(&heard, AGENTS_TONE), "a voicemail hears the question and nobody else");
        backstop.finish().await;
    });
}

#[test]
fn a_promise_holds_over_a_restart_and_is_void_when_its_caller_says_so() {
    run(async {
        let mut asking = called_back("answer:1").await;
        let port = asking.peer.port();
        let first = backstop(CALLBACK, &[port]).await;
        let mut desk = agent(&first, "answer:1").await;
        let mut notices = first.server.watch();
        let (other, asked) = ask(&first, &mut notices, &mut desk, &mut asking).await;
        let second = restarted(first, CALLBACK, &[port]).await;
        let kept = promises(&second, |kept| !kept.is_empty()).await;
        let [kept] = &kept[..] else { panic!("one promise: {kept:?}") };
        assert_eq!((kept.call, kept.failed), (asked, 0));
        drop((other, desk));
        let mut notices = second.server.watch();
        let _desk = agent(&second, "ring").await;
        let ours = calling(&mut notices).await;
        asking.peer.wait_for("incoming").await;
        asking.peer.wait_for("heard_sound").await;
        asking.peer.order("press 2").await;
        end_of(&mut notices, ours).await;
        agent_is(&mut notices, AgentState::Free).await;
        let report = second.report(ours).await;
        assert_eq!((report.outcome.as_deref(), report.returns), (Some("not_reached"), Some(asked)));
        assert!(timeline(&report).contains("callee declined"), "{}", timeline(&report));
        assert_eq!(promises(&second, <[_]>::is_empty).await, [], "nobody is called who wants nothing any more");
        second.finish().await;
    });
}
