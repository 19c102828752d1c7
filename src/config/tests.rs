//! Good files, bad files, and files that are bad in many places.

use super::{Config, Provider};
use expect_test::expect;
use std::time::Duration;

fn nothing(_: &str) -> Option<String> {
    None
}

#[test]
fn an_empty_file_is_the_default_and_stays_on_loopback() {
    let config = Config::parse("backstop.toml", "", &nothing).expect("valid");
    assert_eq!(config, Config::default());
    assert!(config.sip.bind.ip().is_loopback() && config.rtp.ip.is_loopback());
    assert_eq!(config.texting.provider, Provider::Log);
}

#[test]
fn the_example_is_valid_and_gives_the_defaults() {
    let example = include_str!("../../backstop.example.toml");
    assert_eq!(Config::parse("backstop.example.toml", example, &nothing), Ok(Config::default()));
    // Every line that is commented out must be right as well.
    let whole: Vec<_> = example.lines().map(|line| line.strip_prefix("#:").map_or(line, str::trim_start)).collect();
    let secret = |name: &str| Some(format!("value of {name}"));
    let config = Config::parse("backstop.example.toml", &whole.join("\n"), &secret).expect("valid");
    assert!(config.models.voice.is_some());
}

#[test]
fn five_faults_are_told_at_once() {
    let text = r#"
        prompt = 7
        [sip]
        bind = "localhost"
        max_calls = 0
        [rtp]
        ports = "20001-20000"
        [database]
        url = "mysql://root:hunter2@db"
        [texting]
        provider = "twilio"
        from = "12"
        [modells]
        profile = "small"
        [recordings]
        folders = "x"
    "#;
    let faults = Config::parse("backstop.toml", text, &nothing).expect_err("many faults");
    expect![[r#"
        backstop.toml: prompt: is a whole number, not a text. Write it in quotation marks
        backstop.toml: sip.bind: "localhost" can't be read. Write an address and a port such as "0.0.0.0:5060"
        backstop.toml: sip.max_calls: 0 is out of bounds. Write a whole number from 1 to 10000
        backstop.toml: rtp.ports: "20001-20000" is no range of ports. Write an even first port from 1024 on and a higher last one, such as "16384-16584"
        backstop.toml: database.url: its scheme is not known. Write "sqlite:FILE" or "postgres://..."
        backstop.toml: BACKSTOP_TWILIO_SID: is not set in the environment, and provider "twilio" needs it. Run `export BACKSTOP_TWILIO_SID=...` before Backstop
        backstop.toml: BACKSTOP_TWILIO_TOKEN: is not set in the environment, and provider "twilio" needs it. Run `export BACKSTOP_TWILIO_TOKEN=...` before Backstop
        backstop.toml: texting.from: not a telephone number: write it with its country code, such as "+1 212 555 0123". Write the number that texts come from, such as "+12125550100"
        backstop.toml: texting.base_url: is missing, and this provider needs it. Write the address of the service's HTTP interface
        backstop.toml: modells: is no section. Take it out, or use one of browser, callers, conversation, database, hours, models, notice, recordings, routing, rtp, sip, texting, transfer, web
        backstop.toml: recordings.folders: is not known. Take it out, or use one of folder, keep_days"#]]
    .assert_eq(&faults.to_string());
}

#[test]
fn broken_syntax_is_told_with_its_line() {
    let faults = Config::parse("x.toml", "[sip]\nbind = \n", &nothing).expect_err("broken");
    assert_eq!(faults.0.len(), 1);
    assert!(faults.to_string().starts_with("x.toml: line 2: "), "{faults}");
}

#[test]
fn secrets_come_from_the_environment_and_are_never_printed() {
    let text = "[texting]\nprovider = \"twilio\"\nfrom = \"212 555 0100\"\nbase_url = \"http://127.0.0.1:9/\"\n";
    let env = |name: &str| match name {
        "ORT_DYLIB_PATH" => Some("/lib/onnx.so".to_owned()),
        name => Some(format!("secret of {name}")),
    };
    let config = Config::parse("backstop.toml", text, &env).expect("valid");
    assert!(!format!("{config:?}").contains("secret of"), "{config:?}");
    let Provider::Twilio { sid, from, base_url, .. } = config.texting.provider else { panic!("twilio") };
    assert_eq!(sid.reveal(), "secret of BACKSTOP_TWILIO_SID");
    assert_eq!((from.e164(), base_url.as_str()), ("+12125550100", "http://127.0.0.1:9"));
    assert_eq!(config.models.onnxruntime, Some("/lib/onnx.so".into()));
}

#[test]
fn who_may_call_is_anybody_or_a_list() {
    let allow = |text: &str| Config::parse("x", &format!("[sip]\n{text}"), &nothing).map(|config| config.sip.allow);
    assert_eq!(allow(""), Ok(None));
    assert_eq!(allow("allow = []"), Ok(Some(Vec::new())));
    let two = ["203.0.113.0/24", "2001:db8::1"].map(|text| text.parse().expect("a range")).to_vec();
    assert_eq!(allow("allow = [\"203.0.113.0/24\", \"2001:db8::1\"]"), Ok(Some(two)));
    let faults = allow("allow = [\"203.0.113.0/33\", 7]").expect_err("faulty").to_string();
    expect![[r#"
        x: sip.allow: holds a whole number, not a text. Write it in quotation marks
        x: sip.allow: "203.0.113.0/33" is no range of addresses. Write ranges such as "203.0.113.0/24", or single addresses"#]]
    .assert_eq(&faults);
}

#[test]
fn units_are_those_of_the_keys() {
    let text = "[conversation]\nendpoint_ms = 700\nidle_seconds = 5\nmax_minutes = 3\n[recordings]\nkeep_days = 2\n[rtp]\nports = \"20000-20010\"";
    let config = Config::parse("backstop.toml", text, &nothing).expect("valid");
    assert_eq!(config.conversation.endpoint, Duration::from_millis(700));
    assert_eq!(config.conversation.idle, Duration::from_secs(5));
    assert_eq!(config.conversation.longest, Duration::from_mins(3));
    assert_eq!(config.recordings.keep, Duration::from_hours(48));
    assert_eq!((config.rtp.first_port, config.rtp.last_port), (20_000, 20_010));
}

#[test]
fn the_owner_is_told_at_a_number() {
    let parse = |text: &str| Config::parse("x", text, &|_| None);
    let config = parse("[notice]\nto = \"917 555 0100\"\n").expect("valid");
    assert_eq!(config.notice.to.map(|number| number.e164().to_owned()).as_deref(), Some("+19175550100"));
    assert_eq!(parse("").expect("valid").notice.to, None);
    let why = parse("[notice]\nto = \"the owner\"\n").expect_err("no number").to_string();
    assert!(why.starts_with("x: notice.to: \"the owner\" is no telephone number"), "{why}");
}
