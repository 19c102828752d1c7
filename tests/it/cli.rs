//! What the command says when something is wrong: every fault at once, each with its fix.

use crate::harness::{beside_others, repository};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn backstop(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_backstop"))
        .current_dir(folder)
        .args(args)
        .env_remove("BACKSTOP_CONFIG")
        .output()
        .expect("runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn config(folder: &Path, more: &str) {
    let prompt = repository().join("prompts/receptionist.md");
    let text = format!("prompt = \"{}\"\n{more}", prompt.display());
    std::fs::write(folder.join("backstop.toml"), text).expect("written");
}

#[test]
fn every_command_has_an_example() {
    let _beside = beside_others();
    let folder = tempfile::tempdir().expect("a folder");
    for command in ["serve", "demo", "call", "calls", "models", "prompts", "route", "users", "check", "bench"] {
        let output = backstop(folder.path(), &[command, "--help"]);
        assert!(output.status.success());
        assert!(said(&output).contains("Example"), "{command}: {}", said(&output));
    }
}

#[test]
fn five_faults_are_told_at_once_and_serve_refuses_to_start() {
    let _beside = beside_others();
    let folder = tempfile::tempdir().expect("a folder");
    config(
        folder.path(),
        r#"
[sip]
bind = "everywhere"
[rtp]
ports = "9-1"
[models]
profile = "enormous"
[database]
url = "mysql://here"
[texting]
provider = "pigeon"
"#,
    );
    for command in ["check", "serve"] {
        let output = backstop(folder.path(), &[command, "--config", "backstop.toml"]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{command}: {said}");
        for fault in ["bind", "ports", "enormous", "url", "pigeon"] {
            assert!(said.contains(fault), "{command} tells of `{fault}`: {said}");
        }
    }
}

#[test]
fn a_missing_model_is_named_with_the_command_that_fetches_it() {
    let _beside = beside_others();
    let folder = tempfile::tempdir().expect("a folder");
    config(folder.path(), "[sip]\nbind = \"127.0.0.1:0\"\n");
    let output = Command::new(env!("CARGO_BIN_EXE_backstop"))
        .current_dir(folder.path())
        .args(["check", "--config", "backstop.toml"])
        .env("BACKSTOP_MODELS", folder.path().join("nothing"))
        .output()
        .expect("runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("backstop models pull"), "{}", said(&output));
}

#[test]
fn a_corrupt_model_is_named() {
    let _beside = beside_others();
    let folder = tempfile::tempdir().expect("a folder");
    let broken = folder.path().join("broken.gguf");
    std::fs::write(&broken, b"GGUF but not really").expect("written");
    let sip = "[sip]\nbind = \"127.0.0.1:0\"\n";
    config(folder.path(), &format!("{sip}[models]\nprofile = \"small\"\nresponder = \"{}\"\n", broken.display()));
    let output = backstop(folder.path(), &["serve", "--config", "backstop.toml"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("broken.gguf"), "{}", said(&output));
}

#[test]
fn an_unwritable_database_is_named_with_its_key() {
    let _beside = beside_others();
    let folder = tempfile::tempdir().expect("a folder");
    // A folder where the file should be can't be opened by anybody, not even by root.
    std::fs::create_dir(folder.path().join("backstop.db")).expect("made");
    config(folder.path(), "[sip]\nbind = \"127.0.0.1:0\"\n[models]\nprofile = \"small\"\n");
    let output = backstop(folder.path(), &["check", "--config", "backstop.toml"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("database"), "{}", said(&output));
}

#[test]
fn a_port_in_use_is_named_with_its_key() {
    let _beside = beside_others();
    let folder = tempfile::tempdir().expect("a folder");
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").expect("binds");
    let address = taken.local_addr().expect("bound");
    config(folder.path(), &format!("[sip]\nbind = \"{address}\"\n[models]\nprofile = \"small\"\n"));
    let output = backstop(folder.path(), &["check", "--config", "backstop.toml"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains(&address.port().to_string()), "{}", said(&output));
}

const ROUTED: &str = r#"
[hours]
zone = "America/New_York"
monday = "09:00-17:00"
[routing]
preset = "smart routing"
cell = "+1 917 555 0177"
trunk = "127.0.0.1:5080"
[callers]
blocked = ["+1 212 555 0199"]
"#;

#[test]
fn a_route_is_explained_for_any_hour_and_caller() {
    let _beside = beside_others();
    let folder = tempfile::tempdir().expect("a folder");
    config(folder.path(), ROUTED);
    let explain = |more: &[&str]| {
        let args = [&["route", "explain", "--to", "+1 212 555 0100"], more].concat();
        let output = backstop(folder.path(), &args);
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    };
    let day = explain(&["--at", "2026-11-23T10:00"]);
    for part in ["Plan \"smart routing\"", "1     ring owner's browser for 10 s", "2     ring owner's cell for 20 s"] {
        assert!(day.contains(part), "`{part}` in {day}");
    }
    let night = explain(&["--at", "2026-11-22T23:00"]);
    assert!(night.contains("Plan \"receptionist\"") && night.contains("Sunday has no hours"), "{night}");
    assert!(night.contains("until 2026-11-23T09:00:00-05:00, then open"), "{night}");
    let blocked = explain(&["--from", "+1 212 555 0199"]);
    assert!(blocked.contains("refuse with 603") && blocked.contains("…99 is blocked"), "{blocked}");
    let json: serde_json::Value =
        serde_json::from_str(&explain(&["--at", "2026-11-23T10:00", "--json"])).expect("JSON and nothing else");
    assert_eq!((json["plan"].as_str(), json["hours"].as_str()), (Some("smart routing"), Some("open")));
    assert_eq!(json["steps"].as_array().map(Vec::len), Some(4));
    let timeline = json["timeline"].as_array().expect("a list");
    let last = timeline.last().expect("an end");
    assert_eq!(
        (last["at_seconds"].as_u64(), last["what"].as_str()),
        (Some(20), Some("  the receptionist talks with the caller"))
    );
    let answered = explain(&["--at", "2026-11-23T10:00", "--answer", "owner/cell"]);
    assert!(
        answered.contains("owner's cell has the call") && !answered.contains("talks with the caller"),
        "{answered}"
    );
    let stranger = backstop(folder.path(), &["route", "explain", "--to", "1", "--answer", "dana"]);
    assert!(!stranger.status.success() && said(&stranger).contains("nothing that rings is called \"dana\""));
    assert_eq!(json["next_change"]["at"].as_str(), Some("2026-11-23T17:00:00-05:00"));
}

#[test]
fn plans_that_would_lose_a_call_are_told_and_serve_refuses_to_start() {
    let _beside = beside_others();
    let folder = tempfile::tempdir().expect("a folder");
    let plans = r#"
[[person]]
name = "dana"
browser = true
[[group]]
name = "techs"
members = []
[[plan]]
name = "endless"
longest_seconds = 20
steps = [{ ring = "dana/browser", seconds = 30 }]
[[plan]]
name = "upside down"
steps = [{ voicemail = true }, { ring = "dana/cell" }]
[[number]]
open = "missing"
"#;
    config(folder.path(), plans);
    for command in ["check", "serve"] {
        let output = backstop(folder.path(), &[command]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{command}: {said}");
        for fault in [
            "group.techs: has no members",
            "plan.endless: has no final step",
            "plan.endless: rings for 30 s in all, and is cut off after 20 s",
            "plan.upside down.steps.2.ring: dana has no cell",
            "number.1: no plan is called \"missing\"",
        ] {
            assert!(said.contains(fault), "{command} tells `{fault}`: {said}");
        }
    }
}

/// As [`backstop`], with this on its standard input.
fn backstop_hears(folder: &Path, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_backstop"))
        .current_dir(folder)
        .args(args)
        .env_remove("BACKSTOP_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("runs");
    // Who refuses the name before reads nothing.
    let _written = child.stdin.take().expect("piped").write_all(input.as_bytes());
    child.wait_with_output().expect("ends")
}

#[test]
fn users_are_added_listed_and_removed() {
    let _beside = beside_others();
    let folder = tempfile::tempdir().expect("a folder");
    config(
        folder.path(),
        "[[person]]\nname = \"dana\"\nbrowser = true\n[web]\npublic_url = \"https://phone.example.com\"\n",
    );
    let users = |args: &[&str], input: &str| {
        let output = backstop_hears(folder.path(), &[&["users"], args].concat(), input);
        (output.status.success(), said(&output))
    };
    assert!(users(&["list"], "").1.contains("backstop users invite --role owner"));
    for (args, input, is_right, words) in [
        (&["add", "eli", "--role", "agent"][..], "correct horse\n", false, "no [[person]] \"eli\": name one of dana"),
        (&["add", "d/a", "--role", "agent", "--person", "dana"], "", false, "1 to 64 letters"),
        (&["add", "dana", "--role", "boss"], "", false, "use owner or agent"),
        (&["add", "dana", "--role", "owner"], "short\n", false, "take 10 characters or more"),
        (&["add", "Dana", "--role", "owner"], "correct horse\n", true, "dana may sign in now, as dana (owner)"),
        (&["add", "dana", "--role", "owner"], "correct horse\n", false, "backstop users password dana"),
        (&["add", "desk", "--role", "agent", "--person", "dana"], "correct horse\r\n", true, "desk may sign in"),
        (&["password", "dana"], "another horse", true, "signed out everywhere"),
        (&["password", "eli"], "another horse", false, "nobody signs in by \"eli\": name one of dana, desk"),
        (&["invite", "--role", "agent", "--person", "eli"], "", false, "name one of dana"),
        (&["invite", "--role", "agent"], "", true, "https://phone.example.com/welcome/"),
        (&["remove", "desk"], "", true, "desk is removed"),
        (&["remove", "desk"], "", false, "name one of dana"),
    ] {
        let (was_right, said) = users(args, input);
        assert_eq!((was_right, said.contains(words)), (is_right, true), "{args:?}: {said}");
    }
    let (_, listed) = users(&["list", "--json"], "");
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!((listed.as_array().map(Vec::len), listed[0]["name"].as_str()), (Some(1), Some("dana")));
    assert_eq!(listed[0].as_object().map(serde_json::Map::len), Some(4), "no hash: {listed}");
}
