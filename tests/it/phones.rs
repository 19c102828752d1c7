//! Phones that are not ours: PJSIP, baresip, and sipp for load.
//!
//! `make test` installs them (scripts/setup.sh); without them these tests fail and say so.

use crate::harness::{Backstop, PATIENCE, end_of, real, repository, ringing_from, run, run_alone, scripted, wait_for};
use backstop::conversation::Hint;
use backstop::models::{Cache, Manifest, resolve};
use backstop::server::Notice;
use backstop::speech::{Stop, Transcriber, Whisper, WhisperOptions};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

/// What a caller plays: quiet during the greeting, then the need, then quiet again.
pub(crate) fn microphone(folder: &Path) -> PathBuf {
    let line = repository().join("fixtures/callers/audio/burst_pipe_need.wav");
    let mut line = hound::WavReader::open(&line).unwrap_or_else(|error| panic!("{}: {error}", line.display()));
    assert_eq!(line.spec().sample_rate, 8_000);
    let path = folder.join("microphone.wav");
    let mut wav = hound::WavWriter::create(&path, line.spec()).expect("created");
    let quiet = |wav: &mut hound::WavWriter<_>, seconds: u32| {
        (0..seconds * 8_000).for_each(|_| wav.write_sample(0_i16).expect("written"));
    };
    quiet(&mut wav, 11);
    line.samples::<i16>().for_each(|sample| wav.write_sample(sample.expect("a sample")).expect("written"));
    quiet(&mut wav, 20);
    wav.finalize().expect("finished");
    path
}

/// What was recorded, in words.
pub(crate) fn words(recording: &Path) -> String {
    let mut wav = hound::WavReader::open(recording).unwrap_or_else(|error| panic!("{}: {error}", recording.display()));
    let rate = wav.spec().sample_rate;
    let channels = usize::from(wav.spec().channels);
    let pcm: Vec<i16> = wav.samples().step_by(channels).map(|sample| sample.expect("a sample")).collect();
    let pcm = backstop::media::resample(&pcm, rate, 8_000);
    let choice = backstop::config::ModelChoice {
        profile: crate::harness::PROFILE.to_owned(),
        ..backstop::config::Config::default().models
    };
    let paths =
        resolve(&choice, &Manifest::bundled(), &Cache::locate().expect("a cache")).expect("the models are there");
    let mut whisper = Whisper::load(&paths.transcriber, &WhisperOptions::default()).expect("loads");
    // In pieces of twelve seconds: a transcriber hears one utterance at a time.
    let pieces =
        pcm.chunks(12 * 8_000).map(|piece| whisper.transcribe(piece, Hint::Open, &Stop::new()).expect("runs").text);
    pieces.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The Python that has PJSIP.
pub(crate) fn python() -> PathBuf {
    let python = backstop::models::Cache::locate().expect("a cache").root().join("../phones/bin/python3");
    assert!(python.exists(), "{} is missing: run `make setup`", python.display());
    python
}

/// Runs a phone to its end, which must be a good one: what it printed.
pub(crate) async fn finish(mut command: Command, name: &str) -> String {
    let output = tokio::time::timeout(PATIENCE, command.stdin(Stdio::null()).kill_on_drop(true).output());
    let output = output.await.unwrap_or_else(|_| panic!("{name} does not end"));
    let output = output.unwrap_or_else(|error| panic!("{name} can't be run ({error}): run `make setup`"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name} ended with {}: {said}", output.status);
    said
}

fn assert_heard(recording: &Path, reply: &[&str]) {
    let heard = words(recording);
    for expected in ["automated", "recorded"] {
        assert!(heard.contains(expected), "`{expected}` of the greeting was not heard: {heard}");
    }
    assert!(reply.iter().any(|word| heard.contains(word)), "no reply was heard: {heard}");
}

async fn pjsip(
    backstop: &Backstop,
    number: &str,
    rtp_port: u16,
    more: &[&str],
) -> (String, PathBuf, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = folder.path().join("heard.wav");
    let mut command = Command::new(python());
    command
        .arg(repository().join("tests/peers/pjsip_phone.py"))
        .arg(backstop.uri())
        .arg("--play")
        .arg(microphone(folder.path()))
        .arg("--record")
        .arg(&recording)
        .args(["--number", number, "--rtp-port", &rtp_port.to_string(), "--seconds", "26"])
        .args(more);
    let said = finish(command, "the PJSIP phone").await;
    (said, recording, folder)
}

#[test]
fn a_pjsip_phone_hears_the_greeting_and_a_reply() {
    run_alone(async {
        let backstop = real().await;
        let mut notices = backstop.server.watch();
        let (said, recording, _folder) = pjsip(backstop, "+12125550117", 34_000, &[]).await;
        assert!(said.contains("STATE CONFIRMED"), "{said}");
        let call = ringing_from(&mut notices, "+12125550117").await;
        end_of(&mut notices, call).await;
        tokio::task::block_in_place(|| assert_heard(&recording, &["name", "first and last"]));
        let report = backstop.report(call).await;
        assert_eq!(report.outcome.as_deref(), Some("caller_hung_up"));
        assert!(report.slots.iter().any(|slot| slot.value.contains("pipe")), "{:?}", report.slots);
    });
}

#[test]
fn a_pjsip_phone_holds_and_resumes_by_tcp() {
    run_alone(async {
        let backstop = real().await;
        let mut notices = backstop.server.watch();
        let more = ["--tcp", "--hold-at", "3", "--resume-at", "7"];
        let (said, recording, _folder) = pjsip(backstop, "+12125550118", 34_100, &more).await;
        assert!(said.contains("STATE CONFIRMED"), "{said}");
        let call = ringing_from(&mut notices, "+12125550118").await;
        end_of(&mut notices, call).await;
        let report = backstop.report(call).await;
        let holds: Vec<bool> = report
            .events
            .iter()
            .filter(|event| event.kind == "hold")
            .filter_map(|event| event.detail["held"].as_bool())
            .collect();
        assert!(holds.windows(2).any(|pair| pair == [true, false]), "held, then resumed: {:?}", report.events);
        tokio::task::block_in_place(|| assert_heard(&recording, &["help", "name", "first and last"]));
    });
}

/// Baresip, about to dial: it plays this WAV, records in the folder, and quits after so many seconds.
pub(crate) fn baresip(folder: &Path, microphone: &Path, number: &str, uri: &str, seconds: u32) -> Command {
    let config = std::fs::read_to_string(repository().join("tests/peers/baresip.config")).expect("readable");
    let config = config
        .replace("MICROPHONE", &microphone.display().to_string())
        .replace("FOLDER", &folder.display().to_string());
    std::fs::write(folder.join("config"), config).expect("written");
    let account = format!("<sip:{number}@127.0.0.1>;regint=0;audio_codecs=PCMU/8000/1,PCMA/8000/1;ptime=20\n");
    std::fs::write(folder.join("accounts"), account).expect("written");
    let mut command = Command::new("baresip");
    command.args(["-4", "-f"]).arg(folder).args(["-t", &seconds.to_string(), "-e", &format!("/dial {uri}")]);
    command
}

/// What baresip recorded of the other side, once it has ended.
pub(crate) fn heard_by_baresip(folder: &Path) -> PathBuf {
    std::fs::read_dir(folder)
        .expect("readable")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.to_string_lossy().ends_with("-dec.wav"))
        .expect("baresip recorded what it heard")
}

#[test]
fn a_baresip_phone_hears_the_greeting_and_a_reply() {
    run_alone(async {
        let backstop = real().await;
        let folder = tempfile::tempdir().expect("a folder");
        let microphone = microphone(folder.path());
        let mut notices = backstop.server.watch();
        let command = baresip(folder.path(), &microphone, "+12125550119", &backstop.uri(), 30);
        let phone = tokio::spawn(async move { finish(command, "baresip").await });
        let call = ringing_from(&mut notices, "+12125550119").await;
        end_of(&mut notices, call).await;
        phone.await.expect("baresip runs");
        let heard = heard_by_baresip(folder.path());
        tokio::task::block_in_place(|| assert_heard(&heard, &["name", "first and last"]));
    });
}

/// Headerless mu-law that sipp plays: a second of quiet noise.
fn load_audio(folder: &Path) -> PathBuf {
    let path = folder.join("noise.pcmu");
    let noise: Vec<u8> = (0..8_000_u32).map(|n| 0xf0 | (n.wrapping_mul(2_654_435_761) >> 29) as u8).collect();
    std::fs::write(&path, noise).expect("written");
    path
}

#[test]
fn sipp_places_twenty_calls_at_once() {
    run(async {
        let backstop = scripted(&[], |config| config.sip.max_calls = 20).await;
        let folder = tempfile::tempdir().expect("a folder");
        let scenario = std::fs::read_to_string(repository().join("tests/peers/load.xml")).expect("readable");
        let scenario = scenario.replace("[$audio]", &load_audio(folder.path()).display().to_string());
        std::fs::write(folder.path().join("load.xml"), scenario).expect("written");
        let mut notices = backstop.server.watch();
        let mut command = Command::new("sipp");
        command
            .current_dir(folder.path())
            .args(["-sf", "load.xml", &backstop.server.sip_address().to_string(), "-s", "receptionist"])
            .args(["-i", "127.0.0.1", "-mi", "127.0.0.1", "-mp", "40000", "-nostdin"])
            .args(["-m", "20", "-l", "20", "-r", "20", "-timeout", "60s", "-timeout_error"]);
        let sipp = tokio::spawn(async move { finish(command, "sipp").await });
        let mut open = 0_usize;
        let mut most = 0;
        let mut ended = 0;
        while ended < 20 {
            let outcome = wait_for(&mut notices, |notice| match notice {
                Notice::Answered { .. } => Some(None),
                Notice::Ended { outcome, .. } => Some(Some(outcome)),
                _ => None,
            })
            .await;
            match outcome {
                None => open += 1,
                Some(outcome) => {
                    assert_eq!(outcome.as_str(), "caller_hung_up");
                    open -= 1;
                    ended += 1;
                }
            }
            most = most.max(open);
        }
        sipp.await.expect("sipp runs");
        assert_eq!(most, 20, "all twenty were up at once");
        for call in backstop.server.store().calls(50).await.expect("the database answers") {
            let report = backstop.report(call.id).await;
            let received = report.counters.as_ref().and_then(|counters| counters["received"].as_u64());
            assert!(received.is_some_and(|packets| packets > 400), "each call had its sound: {:?}", report.counters);
        }
        backstop.finish().await;
    });
}
