//! Plans at work: real phones are called over SIP and RTP, and what each side heard is looked at. The receptionist's models follow a
//! script here: it matters who gets the call, not what she makes of it.

use crate::harness::{Backstop, PATIENCE, end_of, ringing_from, run, scripted};
use crate::peers::{PASSWORD, Phone, loudest_tone};
use crate::queue::{MUSIC, VOICE};
use backstop::config::{Config, Routing};
use backstop::conversation::Speaker;
use backstop::store::CallReport;
use serde_json::Value;

pub(crate) const CALLER: &str = "+12125550142";
const CALLERS_TONE: f32 = 600.0;
const CALLEES_TONE: f32 = 1_000.0;

/// The caller.
pub(crate) async fn caller() -> Phone {
    caller_playing(30.0, &["--loop"]).await
}

async fn caller_playing(seconds: f32, more: &[&str]) -> Phone {
    Phone::new(CALLER, CALLERS_TONE, seconds, more).await
}

/// A phone to be called, that does as `act` says.
async fn callee(act: &str, more: &[&str]) -> Phone {
    Phone::new("cell", CALLEES_TONE, 30.0, &[&["--act", act, "--loop"][..], more].concat()).await
}

/// A service whose plan rings what `toml` says; `{port}` stands for the first cell's trunk, `{other}` for the second one's.
pub(crate) async fn backstop(toml: &str, ports: &[u16]) -> Backstop {
    let parsed = parsed(toml, ports);
    scripted(&SAID, |config| (config.routing, config.notice) = (parsed.routing, parsed.notice)).await
}

/// The service, ended and started again with the same database.
pub(crate) async fn restarted(before: Backstop, toml: &str, ports: &[u16]) -> Backstop {
    let parsed = parsed(toml, ports);
    let change = |config: &mut Config| (config.routing, config.notice) = (parsed.routing, parsed.notice);
    Box::pin(before.restarted(&SAID, change)).await
}

/// What callers say.
const SAID: [&str; 1] = ["My kitchen sink is leaking."];

/// What `toml` says of routing.
pub(crate) fn routing_of(toml: &str, ports: &[u16]) -> Routing {
    parsed(toml, ports).routing
}

fn parsed(toml: &str, ports: &[u16]) -> Config {
    let port = |n: usize| ports.get(n).copied().unwrap_or(9).to_string();
    let text = toml.replace("{port}", &port(0)).replace("{other}", &port(1));
    let env = |name: &str| name.starts_with("BACKSTOP_PHONE_").then(|| PASSWORD.to_owned());
    Config::parse("test", &text, &env).expect("a good configuration")
}

/// The owner, who is called Dana here: browser, cell, receptionist.
pub(crate) const CELL_THEN_RECEPTIONIST: &str = r#"
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
    { ring = "dana/browser", seconds = 10 },
    { ring = "dana/cell", seconds = 4 },
    { receptionist = true },
    { voicemail = true },
]

[[number]]
open = "smart"
"#;

/// The timeline of a call, a line each.
pub(crate) fn timeline(call: &CallReport) -> String {
    let line = |kind: &str, detail: &Value| format!("{kind} {}", detail.as_str().unwrap_or_default());
    call.events.iter().map(|event| line(&event.kind, &event.detail)).collect::<Vec<_>>().join("\n")
}

pub(crate) fn receptionist_spoke(call: &CallReport) -> bool {
    call.turns.iter().any(|kept| kept.turn.speaker == Speaker::Receptionist)
}

#[test]
fn a_cell_that_presses_one_talks_with_the_caller() {
    run(async {
        let (mut caller, mut phone) = (caller().await, callee("accept:1:1", &[]).await);
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[phone.peer.port()]).await;
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "receptionist").await;
        let id = ringing_from(&mut notices, CALLER).await;
        let invited = phone.peer.wait_for("incoming").await;
        assert!(
            invited["from"].as_str().is_some_and(|from| from.contains("+12125550100")),
            "an owned number: {invited}"
        );
        assert!(invited["headers"]["Diversion"].is_array(), "it says for whom the call was: {invited}");
        phone.peer.wait_for("key_sent").await;
        caller.peer.wait_for("answered").await;
        caller.peer.wait_for("heard_sound").await;
        phone.peer.order("hold").await;
        phone.peer.wait_for("held").await;
        phone.peer.order("resume").await;
        phone.peer.wait_for("resumed").await;
        caller.peer.order("press 7").await;
        assert_eq!(phone.peer.wait_for("key_heard").await["key"], "7");
        caller.peer.order("hangup").await;
        phone.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        assert_eq!(report.outcome.as_deref(), Some("answered"), "{}", timeline(&report));
        assert!(!receptionist_spoke(&report) && report.texts.is_empty(), "{report:?}");
        let (near, far) = (caller.heard(), phone.heard());
        caller.peer.finish().await;
        phone.peer.finish().await;
        assert!(hears(&near, CALLEES_TONE), "the caller hears the cell");
        assert!(hears(&far, CALLERS_TONE), "the cell hears the caller");
        backstop.finish().await;
    });
}

/// Whether some second of the recording holds this tone above all.
pub(crate) fn hears(wav: &std::path::Path, tone: f32) -> bool {
    let reader = hound::WavReader::open(wav).expect("a recording");
    let seconds = reader.duration() as f32 / reader.spec().sample_rate as f32;
    let starts = (0..).map(|n| n as f32 * 0.25).take_while(|from| from + 0.5 <= seconds);
    starts
        .map(|from| loudest_tone(wav, from, from + 0.5))
        .any(|found| found.is_some_and(|found| (found - tone).abs() < 20.0))
}

/// How often the tone begins after a second without it.
fn times(wav: &std::path::Path, tone: f32) -> usize {
    let reader = hound::WavReader::open(wav).expect("a recording");
    let quarters = (reader.duration() as f32 / reader.spec().sample_rate as f32 / 0.25) as usize;
    let is_heard = |n: usize| {
        let found = loudest_tone(wav, n as f32 * 0.25, (n + 1) as f32 * 0.25);
        found.is_some_and(|found| (found - tone).abs() < 20.0)
    };
    let heard: Vec<bool> = (0..quarters).map(is_heard).collect();
    let begins = |n: &usize| heard[*n] && heard[n.saturating_sub(4)..*n].iter().all(|heard| !heard);
    (0..quarters).filter(begins).count()
}

#[test]
fn whoever_is_put_on_hold_hears_music_until_both_talk_again() {
    run(async {
        let backstop = backstop(DESK_THEN_RECEPTIONIST, &[]).await;
        let address = format!("dana@{}", backstop.server.sip_address());
        let mut caller = caller_playing(30.0, &["--loop", "--hold-after", "7", "--resume-after", "10"]).await;
        let holds = ["--hold-after", "2", "--resume-after", "5"];
        let mut desk = callee("answer:1", &[&["--register", &address][..], &holds].concat()).await;
        desk.peer.wait_for("registered").await;
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "receptionist").await;
        let id = ringing_from(&mut notices, CALLER).await;
        for phone in [&mut desk, &mut caller] {
            phone.peer.wait_for("held").await;
            phone.peer.wait_for("resumed").await;
        }
        // Through both holds they are connected.
        caller.peer.order("press 7").await;
        assert_eq!(desk.peer.wait_for("key_heard").await["key"], "7");
        caller.peer.order("hangup").await;
        end_of(&mut notices, id).await;
        let (near, far) = (caller.heard(), desk.heard());
        caller.peer.finish().await;
        desk.peer.finish().await;
        assert!(hears(&near, CALLEES_TONE) && hears(&near, MUSIC), "the caller hears dana, and music while on hold");
        assert!(hears(&far, CALLERS_TONE) && hears(&far, MUSIC), "dana hears the caller, and music while on hold");
        backstop.finish().await;
    });
}

#[test]
fn a_cells_voicemail_never_takes_the_call() {
    run(async {
        let (mut caller, mut phone) = (caller().await, callee("voicemail", &[]).await);
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[phone.peer.port()]).await;
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "receptionist").await;
        let id = ringing_from(&mut notices, CALLER).await;
        phone.peer.wait_for("answered").await;
        phone.peer.wait_for("ended").await;
        caller.peer.wait_for("answered").await;
        caller.peer.wait_for("heard_sound").await;
        caller.peer.order("hangup").await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        assert!(receptionist_spoke(&report), "{}", timeline(&report));
        let far = phone.heard();
        phone.peer.finish().await;
        assert!(!hears(&far, CALLERS_TONE), "a voicemail never hears the caller");
        assert!(times(&far, VOICE) > 1, "the question is asked again while its answer is awaited");
        backstop.finish().await;
    });
}

#[test]
fn a_busy_or_declining_cell_is_left_at_once_and_nobody_registered_is_not_waited_for() {
    run(async {
        for code in ["486", "603"] {
            let (mut caller, mut phone) = (caller().await, callee(&format!("reject:{code}"), &[]).await);
            let backstop = backstop(CELL_THEN_RECEPTIONIST, &[phone.peer.port()]).await;
            let mut notices = backstop.server.watch();
            caller.dial(&backstop, "receptionist").await;
            let id = ringing_from(&mut notices, CALLER).await;
            phone.peer.wait_for("ended").await;
            caller.peer.wait_for("answered").await;
            caller.peer.order("hangup").await;
            end_of(&mut notices, id).await;
            let report = backstop.report(id).await;
            let told = timeline(&report);
            assert!(told.contains(&format!("failed with {code}")) && told.contains("failed with 480"), "{told}");
            let answered =
                report.events.iter().find(|event| event.kind == "answered").expect("the receptionist answers");
            assert!(answered.at_ms < 2_000, "neither step waited for its timeout: {told}");
            backstop.finish().await;
        }
    });
}

#[test]
fn a_cell_that_rings_for_ever_or_is_dead_gives_way_to_the_receptionist() {
    run(async {
        for (act, seconds, told) in [("ring", "4", "let go"), ("silent", "20", "408")] {
            let (mut caller, phone) = (caller().await, callee(act, &[]).await);
            let plan = CELL_THEN_RECEPTIONIST.replace("seconds = 4", &format!("seconds = {seconds}"));
            let backstop = backstop(&plan, &[phone.peer.port()]).await;
            let mut notices = backstop.server.watch();
            caller.dial(&backstop, "receptionist").await;
            let id = ringing_from(&mut notices, CALLER).await;
            caller.peer.wait_for("answered").await;
            caller.peer.order("hangup").await;
            end_of(&mut notices, id).await;
            let report = backstop.report(id).await;
            assert!(timeline(&report).contains(told), "{act}: {}", timeline(&report));
            assert_eq!(report.texts.len(), 1, "the missed caller gets a text: {report:?}");
            backstop.finish().await;
        }
    });
}

#[test]
fn the_first_to_accept_wins_and_the_other_is_told_that_the_call_is_taken() {
    run(async {
        let toml = r#"
[[person]]
name = "dana"
cell = "+1 917 555 0100"
[[person]]
name = "eli"
cell = "+1 718 555 0101"
[[group]]
name = "techs"
strategy = "all at once"
members = ["dana/cell", "eli/cell"]
[[trunk]]
name = "first"
address = "127.0.0.1:{port}"
allow = ["+1917"]
[[trunk]]
name = "second"
address = "127.0.0.1:{other}"
allow = ["+1718"]
[[plan]]
name = "team"
steps = [{ group = "techs", seconds = 15 }, { receptionist = true }]
[[number]]
open = "team"
"#;
        let mut caller = caller().await;
        let (mut quick, mut slow) = (callee("accept:1:1", &[]).await, callee("ring", &[]).await);
        let backstop = backstop(toml, &[quick.peer.port(), slow.peer.port()]).await;
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "receptionist").await;
        let id = ringing_from(&mut notices, CALLER).await;
        slow.peer.wait_for("ringing").await;
        quick.peer.wait_for("key_sent").await;
        let cancelled = slow.peer.wait_for("cancelled").await;
        assert!(
            cancelled["reason"].as_str().is_some_and(|reason| reason.contains("completed elsewhere")),
            "{cancelled}"
        );
        quick.peer.order("hangup").await;
        caller.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        assert_eq!(backstop.report(id).await.outcome.as_deref(), Some("answered"));
        backstop.finish().await;
    });
}

#[test]
fn a_caller_who_gives_up_leaves_no_phone_ringing() {
    run(async {
        let (mut caller, mut phone) = (caller().await, callee("ring", &[]).await);
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[phone.peer.port()]).await;
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "receptionist").await;
        let id = ringing_from(&mut notices, CALLER).await;
        phone.peer.wait_for("incoming").await;
        caller.peer.order("hangup").await;
        let cancelled = phone.peer.wait_for("cancelled").await;
        assert!(cancelled["reason"].is_null(), "its owner sees a missed call: {cancelled}");
        phone.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        assert_eq!((report.outcome.as_deref(), report.texts.len()), (Some("cancelled"), 1), "{}", timeline(&report));
        backstop.finish().await;
    });
}

pub(crate) const DESK_THEN_RECEPTIONIST: &str = r#"
[[person]]
name = "dana"
phone = "dana"

[[plan]]
name = "desk"
steps = [{ ring = "dana/phone", seconds = 20 }, { receptionist = true }, { voicemail = true }]

[[number]]
open = "desk"
"#;

#[test]
fn a_registered_desk_phone_answers_and_once_it_is_gone_it_is_not_waited_for() {
    run(async {
        for transport in [&[][..], &["--tcp"]] {
            let backstop = backstop(DESK_THEN_RECEPTIONIST, &[]).await;
            let address = format!("dana@{}", backstop.server.sip_address());
            let more = [&["--register", &address][..], transport].concat();
            let (mut caller, mut desk) = (caller().await, callee("answer:1", &more).await);
            desk.peer.wait_for("registered").await;
            let mut notices = backstop.server.watch();
            caller.dial(&backstop, "receptionist").await;
            let id = ringing_from(&mut notices, CALLER).await;
            let invited = desk.peer.wait_for("incoming").await;
            assert!(
                invited["from"].as_str().is_some_and(|from| from.contains(CALLER)),
                "it shows who calls: {invited}"
            );
            desk.peer.wait_for("heard_sound").await;
            caller.peer.wait_for("heard_sound").await;
            desk.peer.order("hangup").await;
            caller.peer.wait_for("ended").await;
            end_of(&mut notices, id).await;
            assert_eq!(backstop.report(id).await.outcome.as_deref(), Some("answered"));

            desk.peer.order("unregister").await;
            desk.peer.wait_for("unregistered").await;
            caller.dial(&backstop, "receptionist").await;
            let id = ringing_from(&mut notices, CALLER).await;
            caller.peer.wait_for("answered").await;
            caller.peer.wait_for("answered").await;
            caller.peer.order("hangup").await;
            end_of(&mut notices, id).await;
            let report = backstop.report(id).await;
            assert!(receptionist_spoke(&report), "{}", timeline(&report));
            let (near, far) = (caller.heard(), desk.heard());
            caller.peer.finish().await;
            desk.peer.finish().await;
            assert!(hears(&near, CALLEES_TONE) && hears(&far, CALLERS_TONE), "both hear each other");
            backstop.finish().await;
        }
    });
}

#[test]
fn a_message_is_taken_written_down_and_followed_by_a_text() {
    run(async {
        let mut caller = caller_playing(6.0, &[]).await;
        let toml = "[[plan]]\nname = \"night\"\nsteps = [{ voicemail = true }]\n[[number]]\nopen = \"night\"\n";
        let backstop = backstop(toml, &[]).await;
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "receptionist").await;
        let id = ringing_from(&mut notices, CALLER).await;
        caller.peer.wait_for("heard_sound").await;
        // Past the greeting; what is said after the tone ends in silence.
        caller.peer.order("press #").await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        assert_eq!(report.outcome.as_deref(), Some("voicemail"), "{}", timeline(&report));
        assert!(report.turns.iter().any(|kept| kept.turn.text == "My kitchen sink is leaking."), "{:?}", report.turns);
        let kept = report.events.iter().find(|event| event.kind == "voicemail").expect("a message");
        let path = kept.detail["path"].as_str().expect("a path");
        assert!(hears(std::path::Path::new(path), CALLERS_TONE), "the message is what the caller said");
        assert_eq!(report.texts.len(), 1);
        backstop.finish().await;
    });
}

#[test]
fn the_owner_is_told_of_a_message_once_and_the_caller_gets_their_own_text() {
    run(async {
        let mut caller = caller_playing(6.0, &[]).await;
        let toml = "[notice]\nto = \"+1 917 555 0177\"\n[[plan]]\nname = \"night\"\nsteps = [{ voicemail = true }]\n\
                    [[number]]\nopen = \"night\"\n";
        let backstop = backstop(toml, &[]).await;
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "receptionist").await;
        let id = ringing_from(&mut notices, CALLER).await;
        caller.peer.wait_for("heard_sound").await;
        caller.peer.order("press #").await;
        end_of(&mut notices, id).await;
        let texts = backstop.sink.wait_for(2, PATIENCE).await;
        let to = |number: &str| {
            texts.iter().filter(|text| text.to == number).map(|text| text.body.clone()).collect::<Vec<_>>()
        };
        let ([notice], [text]) = (&to("+19175550177")[..], &to(CALLER)[..]) else { panic!("one each: {texts:?}") };
        for part in ["Harbor Plumbing: message", "(212) 555-0142", "\"My kitchen sink is leaking.\""] {
            assert!(notice.contains(part), "`{part}` is not in {notice}");
        }
        assert!(text.contains("STOP") && !text.contains("0142"), "{text}");
        let kinds: Vec<String> = backstop.report(id).await.texts.into_iter().map(|text| text.kind).collect();
        assert_eq!(kinds, ["text_back", "notice"]);
        let backstop = restarted(backstop, toml, &[]).await;
        assert_eq!(backstop.sink.received().len(), 2, "once each, also after a restart");
        backstop.finish().await;
    });
}

const TWO_DESKS: &str = r#"
[[person]]
name = "dana"
phone = "dana"
extension = "101"

[[person]]
name = "eli"
phone = "eli"
extension = "102"

[[plan]]
name = "desk"
steps = [{ ring = "dana/phone", seconds = 20 }, { receptionist = true }, { voicemail = true }]

[[number]]
open = "desk"
"#;

/// How a desk phone passes its call on to eli: orders for the phone.
async fn passed_on(how: impl Fn(&Backstop) -> String) {
    let backstop = backstop(TWO_DESKS, &[]).await;
    let address = |name: &str| format!("{name}@{}", backstop.server.sip_address());
    let (dana, eli) = (address("dana"), address("eli"));
    let mut caller = caller().await;
    let mut first = callee("answer:1", &["--register", &dana]).await;
    let mut second = callee("answer:1", &["--register", &eli]).await;
    first.peer.wait_for("registered").await;
    second.peer.wait_for("registered").await;
    let mut notices = backstop.server.watch();
    caller.dial(&backstop, "receptionist").await;
    let id = ringing_from(&mut notices, CALLER).await;
    first.peer.wait_for("heard_sound").await;
    first.peer.order(&how(&backstop)).await;
    first.peer.wait_for("ended").await;
    second.peer.wait_for("heard_sound").await;
    caller.peer.order("press 7").await;
    assert_eq!(second.peer.wait_for("key_heard").await["key"], "7", "the caller talks with the second phone");
    second.peer.order("hangup").await;
    caller.peer.wait_for("ended").await;
    end_of(&mut notices, id).await;
    let report = backstop.report(id).await;
    let told = timeline(&report);
    assert_eq!(report.outcome.as_deref(), Some("answered"), "{told}");
    assert!(told.contains("dana's phone passes the call on") && told.contains("eli's phone has the call"), "{told}");
    let far = second.heard();
    second.peer.finish().await;
    assert!(hears(&far, CALLERS_TONE), "the second phone hears the caller");
    backstop.finish().await;
}

#[test]
fn a_desk_phone_passes_its_call_on_by_refer() {
    run(passed_on(|backstop| format!("transfer sip:102@{}", backstop.server.sip_address())));
}

#[test]
fn a_desk_phone_passes_its_call_on_by_keys() {
    run(passed_on(|_| "press *2102#".to_owned()));
}

#[test]
fn a_call_goes_nowhere_but_where_the_configuration_says_and_comes_back_from_who_does_not_answer() {
    run(async {
        let backstop = backstop(TWO_DESKS, &[]).await;
        let address = format!("dana@{}", backstop.server.sip_address());
        let mut caller = caller().await;
        let mut desk = callee("answer:1", &["--register", &address]).await;
        desk.peer.wait_for("registered").await;
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "receptionist").await;
        let id = ringing_from(&mut notices, CALLER).await;
        desk.peer.wait_for("heard_sound").await;
        desk.peer.order(&format!("transfer sip:+19005550100@{}", backstop.server.sip_address())).await;
        let refused = desk.peer.wait_for("transferred").await;
        assert_eq!(refused["code"], 404, "{refused}");
        // Nobody is registered as eli: the call comes back to dana at once.
        desk.peer.order("press *2102#").await;
        desk.peer.wait_for("ended").await;
        desk.peer.wait_for("answered").await;
        desk.peer.wait_for("answered").await;
        desk.peer.order("hangup").await;
        caller.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        let told = timeline(&backstop.report(id).await);
        assert!(told.contains("transfer_refused") && told.contains("eli's phone failed with 480"), "{told}");
        assert_eq!(told.matches("dana's phone has the call").count(), 2, "{told}");
        backstop.finish().await;
    });
}
