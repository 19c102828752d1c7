//! `backstop bench`: a small run with a real model, its files, and the comparison of two.

use crate::harness::{beside_others, repository, run, run_alone};
use std::path::Path;
use std::process::{Command, Output};

fn bench(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_backstop"))
        .current_dir(repository())
        .args(["bench"])
        .args(args)
        .args(["--out", folder.to_str().expect("a path")])
        .output()
        .expect("runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn two_items_are_heard_kept_and_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let hear = |name: &str, more: &[&str]| {
        let args =
            ["stt", "--model", "whisper-tiny.en-q8_0", "--limit", "2", "--condition", "clean,loss3", "--save", name];
        bench(folder, &[&args[..], more].concat())
    };
    let first = run_alone(async { hear("first", &[]) });
    assert!(first.status.success(), "{}", said(&first));
    assert!(said(&first).contains("Word error rate") && said(&first).contains("loss3"), "{}", said(&first));
    let json = std::fs::read_to_string(folder.join("stt-first.json")).expect("saved");
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(report["models"][0]["sha256"].as_str().map(str::len), Some(64), "{report}");
    let heard = report["rows"].as_array().expect("rows").iter().filter(|row| row["condition"] == "loss3");
    assert_eq!(heard.clone().count(), 2);
    assert!(heard.clone().all(|row| row["notes"]["heard"].as_str().is_some_and(|text| text.len() > 4)), "{json}");
    assert!(heard.clone().all(|row| row["observed"]["rtf"]["value"].as_f64().is_some_and(|rtf| rtf > 0.0)));
    let page = std::fs::read_to_string(folder.join("stt-first.html")).expect("saved");
    assert!(page.contains("<svg") && page.contains("Word error rate") && !page.contains("<script"), "a page of plots");

    let again = run(async { hear("first", &[]) });
    assert!(!again.status.success() && said(&again).contains("--force"), "nothing is overwritten: {}", said(&again));
    let second = run_alone(async { hear("second", &["--json"]) });
    let printed: serde_json::Value =
        serde_json::from_slice(&second.stdout).expect("nothing but JSON on standard output");
    assert_eq!(printed["name"], "second");

    let html = folder.join("both.html");
    let both =
        run(async { bench(folder, &["compare", "first", "stt-second", "--html", html.to_str().expect("a path")]) });
    assert!(both.status.success(), "{}", said(&both));
    let text = said(&both);
    // The same model hears the same: a word error rate that differed would be a fault of pairing.
    let words = text.lines().find(|line| line.contains("Word error rate")).expect("the measure");
    assert!(words.contains("no difference shown"), "{text}");
    assert!(std::fs::read_to_string(html).expect("written").contains("second compared with first"));
}

#[test]
fn what_can_not_be_measured_is_told_with_its_fix() {
    let _beside = beside_others();
    let folder = tempfile::tempdir().expect("a folder");
    let cases: [(&[&str], &str); 5] = [
        (&["stt", "--model", "whisper-enormous"], "whisper-base-q8_0"),
        (&["stt", "--condition", "tincan"], "noise10"),
        (&["stt", "--data", "nowhere"], "manifest.tsv"),
        (&["conversation", "--callers", "nobody"], "burst_pipe"),
        (&["compare", "this", "that"], "backstop bench stt --save"),
    ];
    for (args, fix) in cases {
        let output = bench(folder.path(), args);
        assert!(!output.status.success() && said(&output).contains(fix), "{args:?}: {}", said(&output));
    }
    let missing = Command::new(env!("CARGO_BIN_EXE_backstop"))
        .current_dir(repository())
        .args(["bench", "stt", "--model", "whisper-tiny.en-q8_0", "--out"])
        .arg(folder.path())
        .env("BACKSTOP_MODELS", folder.path().join("nothing"))
        .output()
        .expect("runs");
    let text = said(&missing);
    assert!(text.contains("backstop models pull whisper-tiny.en-q8_0"), "{text}");
}
