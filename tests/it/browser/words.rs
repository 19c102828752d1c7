//! Real speech through the browser line, both ways, and how long an answer takes.

use super::{backstop, danas, is_available, with_page};
use crate::chromium::{Chromium, write_wav};
use crate::harness::{PROFILE, end_of, own, repository, ringing_from, run, run_alone};
use crate::peers::Phone;
use crate::phones::words;
use crate::routing::{CALLER, CELL_THEN_RECEPTIONIST, caller, routing_of, timeline};
use crate::web;
use backstop::store::Role;
use std::path::Path;

/// What a fixture says, with a second of silence on either side.
fn speech(name: &str) -> Vec<i16> {
    let path = repository().join("fixtures/callers/audio").join(name);
    let mut wav = hound::WavReader::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let said = wav.samples::<i16>().map(|sample| sample.expect("a sample"));
    let quiet = || std::iter::repeat_n(0, 8_000);
    quiet().chain(said).chain(quiet()).collect()
}

#[test]
fn the_words_of_either_side_are_understood_on_the_other() {
    run_alone(async {
        let routing = routing_of(CELL_THEN_RECEPTIONIST, &[]);
        let backstop = own(PROFILE, |config| {
            config.routing = routing;
            with_page(config);
        })
        .await;
        web::add(&backstop, "dana", "dana", Role::Agent).await;
        let says = |path: &Path| {
            let pcm = backstop::media::resample(&speech("burst_pipe_address.wav"), 8_000, 48_000);
            write_wav(path, 48_000, pcm);
        };
        let dana = Chromium::with_microphone(says).await;
        dana.sign_in(&backstop, "dana").await;
        dana.click("available").await;
        is_available(&backstop, "dana").await;
        let folder = tempfile::tempdir().expect("a folder");
        let sound = folder.path().join("caller.wav");
        // The caller says it once, and listens then: browsers make a user quieter who talks at the same time.
        write_wav(&sound, 8_000, speech("burst_pipe_need.wav"));
        let mut caller = Phone::playing(CALLER, &sound, &["--hang-up-after", "22"]).await;
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.wait_for_state("ringing").await;
        dana.listen().await;
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        caller.peer.wait_for("ended").await;
        dana.wait_for_state("idle").await;
        end_of(&mut notices, id).await;
        assert_eq!(backstop.report(id).await.outcome.as_deref(), Some("answered"));
        let (near, far) = (caller.heard(), dana.heard().await);
        caller.peer.finish().await;
        let (near, far) = tokio::task::block_in_place(|| (words(&near), words(&far)));
        for (heard, expected) in [(&near, ["spring street", "brooklyn"]), (&far, ["pipe", "kitchen"])] {
            for word in expected {
                assert!(heard.contains(word), "`{word}` is not in: {heard}");
            }
        }
        drop(dana);
        backstop.finish().await;
    });
}

/// `cargo test --release --test it -- --ignored --nocapture how_long_an_answer_takes`
#[test]
#[ignore = "a measurement: it asserts nothing"]
fn how_long_an_answer_takes() {
    const ANSWERS: usize = 10;
    run(async {
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[]).await;
        let (dana, mut caller) = (danas(&backstop).await, caller().await);
        let mut notices = backstop.server.watch();
        let mut all = [Vec::new(), Vec::new()];
        for _ in 0..ANSWERS {
            caller.dial(&backstop, "shop").await;
            let id = ringing_from(&mut notices, CALLER).await;
            dana.click("answer").await;
            dana.wait_until(
                "performance.getEntriesByName('remote-audio').length && performance.getEntriesByName('up').length",
            )
            .await;
            for (mark, times) in ["up", "remote-audio"].iter().zip(&mut all) {
                let from_click = format!(
                    "performance.getEntriesByName('{mark}')[0].startTime - performance.getEntriesByName('answer-click')[0].startTime"
                );
                times.push(dana.evaluate(&from_click).await.as_f64().expect("milliseconds"));
            }
            dana.click("end").await;
            caller.peer.wait_for("ended").await;
            end_of(&mut notices, id).await;
            dana.wait_for_state("idle").await;
            assert!(timeline(&backstop.report(id).await).contains("dana's browser has the call"));
        }
        for (what, times) in ["connected", "first sound of the caller"].iter().zip(&mut all) {
            times.sort_by(f64::total_cmp);
            let listed: Vec<String> = times.iter().map(|ms| format!("{ms:.0}")).collect();
            println!("from the click to `{what}`, ms: median {:.0}; {}", times[times.len() / 2], listed.join(" "));
        }
        drop(dana);
        backstop.finish().await;
    });
}
