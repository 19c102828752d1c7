//! A part of one call breaks, or the receptionist can take no more: the caller stays, the other calls hear nothing of it.

use crate::harness::{Backstop, PATIENCE, end_of, ringing_from, run, scripted, scripted_with};
use crate::peers::Phone;
use crate::routing::{hears, timeline};
use backstop::id::CallId;
use backstop::speech::VoiceActivityDetector;
use backstop::speech::scripted::{BreakingVad, LoudnessVad};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const LUCKY: (&str, f32) = ("+12125550161", 500.0);
const UNLUCKY: (&str, f32) = ("+12125550162", 900.0);

/// A service whose detectors break after a second, of those that come from the `first`th to the `last`th.
async fn breaking(first: u32, last: u32) -> Backstop {
    let made = AtomicU32::new(0);
    let detectors = move || -> Box<dyn VoiceActivityDetector> {
        let number = made.fetch_add(1, Ordering::Relaxed) + 1;
        if (first..=last).contains(&number) {
            Box::new(BreakingVad { frames: 50 })
        } else {
            Box::<LoudnessVad>::default()
        }
    };
    scripted_with(&["My kitchen sink is leaking."], |_| {}, detectors).await
}

/// Waits until the call has broken.
async fn broken(backstop: &Backstop, call: CallId) {
    let looking = async {
        let mut looks = tokio::time::interval(Duration::from_millis(100));
        loop {
            looks.tick().await;
            let report = backstop.server.store().call(call).await.expect("the database answers");
            if report.is_some_and(|call| call.events.iter().any(|event| event.kind == "fault")) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("it breaks");
}

#[test]
fn a_panic_ends_nobody_elses_call_and_its_caller_reaches_the_voicemail() {
    run(async {
        let backstop = breaking(2, 2).await;
        let mut lucky = Phone::new(LUCKY.0, LUCKY.1, 30.0, &["--loop"]).await;
        let mut unlucky = Phone::new(UNLUCKY.0, UNLUCKY.1, 8.0, &[]).await;
        let mut notices = backstop.server.watch();
        lucky.dial(&backstop, "receptionist").await;
        let lucky_id = ringing_from(&mut notices, LUCKY.0).await;
        lucky.peer.wait_for("heard_sound").await;
        unlucky.dial(&backstop, "receptionist").await;
        let unlucky_id = ringing_from(&mut notices, UNLUCKY.0).await;
        broken(&backstop, unlucky_id).await;
        // Past the greeting; what is said after the tone ends in silence.
        unlucky.peer.order("press #").await;
        end_of(&mut notices, unlucky_id).await;
        let report = backstop.report(unlucky_id).await;
        assert_eq!(report.outcome.as_deref(), Some("voicemail"), "{}", timeline(&report));
        assert_eq!(report.texts.len(), 1);
        let kept = report.events.iter().find(|event| event.kind == "voicemail").expect("a message");
        let path = std::path::Path::new(kept.detail["path"].as_str().expect("a path"));
        assert!(hears(path, UNLUCKY.1), "the message is what the caller said");
        lucky.peer.order("hangup").await;
        end_of(&mut notices, lucky_id).await;
        assert_eq!(backstop.report(lucky_id).await.outcome.as_deref(), Some("caller_hung_up"));
        backstop.finish().await;
    });
}

#[test]
fn a_caller_for_whom_everything_breaks_is_hung_up_on_and_gets_a_text() {
    run(async {
        let backstop = breaking(1, u32::MAX).await;
        let mut unlucky = Phone::new(UNLUCKY.0, UNLUCKY.1, 30.0, &["--loop"]).await;
        let mut notices = backstop.server.watch();
        unlucky.dial(&backstop, "receptionist").await;
        let id = ringing_from(&mut notices, UNLUCKY.0).await;
        broken(&backstop, id).await;
        unlucky.peer.order("press #").await;
        unlucky.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        assert_eq!((report.outcome.as_deref(), report.texts.len()), (Some("broken"), 1), "{}", timeline(&report));
        backstop.finish().await;
    });
}

#[test]
fn who_calls_while_the_receptionist_has_no_place_leaves_a_message_and_the_next_talks_with_her() {
    run(async {
        let backstop = scripted(&["My kitchen sink is leaking."], |config| config.conversation.at_once = Some(1)).await;
        let mut first = Phone::new(LUCKY.0, LUCKY.1, 60.0, &["--loop"]).await;
        let mut second = Phone::new(UNLUCKY.0, UNLUCKY.1, 6.0, &[]).await;
        let mut notices = backstop.server.watch();
        first.dial(&backstop, "receptionist").await;
        let talking = ringing_from(&mut notices, LUCKY.0).await;
        first.peer.wait_for("heard_sound").await;
        second.dial(&backstop, "receptionist").await;
        let waiting = ringing_from(&mut notices, UNLUCKY.0).await;
        second.peer.wait_for("heard_sound").await;
        // Past the greeting; what is said after the tone ends in silence.
        second.peer.order("press #").await;
        end_of(&mut notices, waiting).await;
        let report = backstop.report(waiting).await;
        let told = timeline(&report);
        assert_eq!((report.outcome.as_deref(), report.texts.len()), (Some("voicemail"), 1), "{told}");
        assert!(told.contains("the receptionist has no place free"), "{told}");
        first.peer.order("hangup").await;
        end_of(&mut notices, talking).await;
        assert_eq!(backstop.report(talking).await.outcome.as_deref(), Some("caller_hung_up"));
        let mut third = Phone::new(UNLUCKY.0, UNLUCKY.1, 60.0, &["--loop"]).await;
        third.dial(&backstop, "receptionist").await;
        let id = ringing_from(&mut notices, UNLUCKY.0).await;
        third.peer.wait_for("heard_sound").await;
        third.peer.order("hangup").await;
        end_of(&mut notices, id).await;
        assert_eq!(backstop.report(id).await.outcome.as_deref(), Some("caller_hung_up"), "her place is free again");
        backstop.finish().await;
    });
}
