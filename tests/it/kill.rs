//! The process is killed in mid-call: nothing that was said is lost, and the text goes out once.

use crate::harness::{PATIENCE, SMALL, repository, run_alone};
use crate::peers::{PASSWORD, Phone};
use backstop::caller::{CallOptions, Script};
use backstop::lead::SlotName;
use backstop::store::{CallReport, Store};
use backstop::texting::sink::SmsSink;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

fn write_config(folder: &Path, sink: &SmsSink, routing: &str) {
    let prompt = repository().join("prompts/receptionist.md");
    let text = format!(
        r#"
prompt = "{prompt}"
[sip]
bind = "127.0.0.1:0"
[models]
profile = "{SMALL}"
[database]
url = "sqlite:{folder}/backstop.db"
[recordings]
folder = "{folder}/recordings"
[texting]
provider = "twilio"
from = "+12125550100"
base_url = "{url}"
{routing}
"#,
        prompt = prompt.display(),
        folder = folder.display(),
        url = sink.url(),
    );
    std::fs::write(folder.join("backstop.toml"), text).expect("written");
}

struct Service {
    process: Child,
    output: Lines<BufReader<ChildStdout>>,
    uri: String,
}

async fn serve(folder: &Path, sink: &SmsSink) -> Service {
    let account = sink.account("+12125550100");
    let mut process = Command::new(env!("CARGO_BIN_EXE_backstop"))
        .args(["serve", "--config"])
        .arg(folder.join("backstop.toml"))
        .env("BACKSTOP_TWILIO_SID", account.account_sid)
        .env("BACKSTOP_TWILIO_TOKEN", account.auth_token.reveal())
        .env("BACKSTOP_PHONE_DANA", PASSWORD)
        .env("BACKSTOP_PHONE_ELI", PASSWORD)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("starts");
    let mut output = BufReader::new(process.stdout.take().expect("piped")).lines();
    let ready = async {
        while let Some(line) = output.next_line().await.expect("readable") {
            if let Some(at) = line.find("sip:receptionist@") {
                return line[at..].split_whitespace().next().unwrap_or_default().to_owned();
            }
        }
        panic!("the service ended before it was ready");
    };
    let uri = tokio::time::timeout(PATIENCE, ready).await.expect("ready in time");
    Service { process, output, uri }
}

#[test]
fn a_killed_process_loses_no_turn_and_sends_its_text_once() {
    run_alone(async {
        let folder = tempfile::tempdir().expect("a folder");
        let sink = SmsSink::start().await.expect("a port");
        write_config(folder.path(), &sink, "");
        let mut service = serve(folder.path(), &sink).await;
        let script = Script::load(&repository().join("fixtures/callers/burst_pipe.toml")).expect("a good script");
        let talking = tokio::spawn({
            let options = CallOptions::new(service.uri.clone(), script);
            async move { backstop::caller::run(options, &mut |_| {}).await }
        });
        let store = Store::open(&format!("sqlite:{}/backstop.db", folder.path().display())).await.expect("opens");
        let said = wait_for_turns(&store, 4).await;
        service.process.start_kill().expect("killed");
        service.process.wait().await.expect("ended");
        drop(service.output);
        talking.abort();
        assert!(sink.received().is_empty(), "no text while the call lasts");

        let mut service = serve(folder.path(), &sink).await;
        let texts = sink.wait_for(1, PATIENCE).await;
        assert_eq!(texts.len(), 1);
        assert_eq!(texts[0].to, "+12125550142");
        let calls = store.calls(10).await.expect("the database answers");
        assert_eq!(calls.len(), 1);
        let call = store.call(calls[0].id).await.expect("the database answers").expect("known");
        assert_eq!(call.outcome.as_deref(), Some("interrupted"));
        assert!(call.lead.is_some(), "a partial lead");
        assert!(call.slots.iter().any(|slot| slot.name == SlotName::Need), "{:?}", call.slots);
        let kept: Vec<&str> = call.turns.iter().map(|kept| kept.turn.text.as_str()).collect();
        for turn in &said {
            assert!(kept.contains(&turn.as_str()), "`{turn}` is lost: {kept:?}");
        }
        service.process.start_kill().expect("killed");
        service.process.wait().await.expect("ended");

        let third = serve(folder.path(), &sink).await;
        assert_eq!(sink.received().len(), 1, "still once after another restart");
        drop(third);
    });
}

/// One line whose phone answers, and one whose phone rings and rings.
const TWO_LINES: &str = r#"
[[person]]
name = "dana"
phone = "dana"
[[person]]
name = "eli"
phone = "eli"
[[plan]]
name = "answered"
steps = [{ ring = "dana/phone", seconds = 60 }, { receptionist = true }]
[[plan]]
name = "ringing"
steps = [{ ring = "eli/phone", seconds = 60 }, { receptionist = true }]
[[number]]
number = "+12125550101"
open = "answered"
[[number]]
number = "+12125550102"
open = "ringing"
"#;

#[test]
fn who_talked_with_a_person_when_the_process_was_killed_gets_no_text_and_who_was_still_waiting_gets_one() {
    run_alone(async {
        let folder = tempfile::tempdir().expect("a folder");
        let sink = SmsSink::start().await.expect("a port");
        write_config(folder.path(), &sink, TWO_LINES);
        let mut service = serve(folder.path(), &sink).await;
        let host = service.uri.split('@').nth(1).expect("an address").to_owned();
        let (dana, eli) = (format!("dana@{host}"), format!("eli@{host}"));
        let mut desk = Phone::new("dana", 1_000.0, 30.0, &["--loop", "--act", "answer:1", "--register", &dana]).await;
        let mut bell = Phone::new("eli", 1_000.0, 30.0, &["--act", "ring", "--register", &eli]).await;
        desk.peer.wait_for("registered").await;
        bell.peer.wait_for("registered").await;
        let mut talking = Phone::new(TALKING, 600.0, 30.0, &["--loop"]).await;
        let mut waiting = Phone::new(WAITING, 600.0, 30.0, &["--loop"]).await;
        talking.peer.order(&format!("dial sip:+12125550101@{host}")).await;
        waiting.peer.order(&format!("dial sip:+12125550102@{host}")).await;
        desk.peer.wait_for("heard_sound").await;
        talking.peer.wait_for("heard_sound").await;
        bell.peer.wait_for("ringing").await;
        let store = Store::open(&format!("sqlite:{}/backstop.db", folder.path().display())).await.expect("opens");
        wait_for_event(&store, TALKING, "bridged").await;
        service.process.start_kill().expect("killed");
        service.process.wait().await.expect("ended");
        drop(service.output);
        assert!(sink.received().is_empty(), "no text while the calls last");

        for start in ["the first restart", "the second restart"] {
            let mut service = serve(folder.path(), &sink).await;
            let texts = sink.wait_for(1, PATIENCE).await;
            let to: Vec<&str> = texts.iter().map(|text| text.to.as_str()).collect();
            assert_eq!(to, [WAITING], "after {start}");
            for (number, outcome) in [(TALKING, "cut_off"), (WAITING, "interrupted")] {
                let call = call_from(&store, number).await.expect("known");
                assert_eq!(call.outcome.as_deref(), Some(outcome), "{call:?}");
            }
            service.process.start_kill().expect("killed");
            service.process.wait().await.expect("ended");
        }
        assert_eq!(sink.received().len(), 1, "still once");
    });
}

const TALKING: &str = "+12125550163";
const WAITING: &str = "+12125550164";

async fn call_from(store: &Store, number: &str) -> Option<CallReport> {
    let calls = store.calls(10).await.expect("the database answers");
    let call = calls.iter().find(|call| call.caller.as_ref().is_some_and(|caller| caller.e164() == number))?;
    store.call(call.id).await.expect("the database answers")
}

/// Waits until this has been written down of the call from this number.
async fn wait_for_event(store: &Store, number: &str, kind: &str) {
    let waiting = async {
        let mut looks = tokio::time::interval(std::time::Duration::from_millis(100));
        loop {
            looks.tick().await;
            let call = call_from(store, number).await;
            if call.is_some_and(|call| call.events.iter().any(|event| event.kind == kind)) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it is written while the call lasts");
}

/// The words of the turns, once there are so many.
async fn wait_for_turns(store: &Store, count: usize) -> Vec<String> {
    let waiting = async {
        let mut looks = tokio::time::interval(std::time::Duration::from_millis(100));
        loop {
            looks.tick().await;
            let calls = store.calls(1).await.expect("the database answers");
            let Some(call) = calls.first() else { continue };
            let call = store.call(call.id).await.expect("the database answers").expect("known");
            if call.turns.len() >= count {
                return call.turns.into_iter().map(|kept| kept.turn.text).collect();
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("turns are written while the call lasts")
}
