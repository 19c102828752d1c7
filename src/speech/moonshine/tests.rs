//! With the real model; skipped loudly where there is none.

use super::super::real;
use super::Moonshine;
use crate::conversation::Hint;
use crate::speech::{SecondEar, SpeechError, Stop, Transcriber};
use std::path::Path;

#[test]
fn silence_is_no_words_and_a_stop_is_heard() {
    let Some((encoder, library)) = real::second_ear() else { return };
    let mut ear = Moonshine::load(&encoder, &library, 2).expect("loads");
    assert_eq!(ear.transcribe(&vec![0; 16_000], Hint::Open, &Stop::new()).expect("runs").text, "");
    let stop = Stop::new();
    stop.stop();
    assert!(matches!(ear.transcribe(&vec![9_000; 8_000], Hint::Open, &stop), Err(SpeechError::Stopped)));
}

#[cfg(feature = "server")]
#[test]
fn hears_a_voice_and_weighs_what_else_it_may_have_said() {
    use crate::caller::{Action, Script};
    let Some((encoder, library)) = real::second_ear() else { return };
    let callers = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/callers");
    let script = Script::load(&callers.join("double_digits.toml")).expect("a good script");
    let name = script.steps.iter().find_map(|step| match &step.action {
        Action::Say { text, sound } if text == "My name is Kevin Marshall." => Some(sound.clone()),
        _ => None,
    });
    let pcm = name.expect("the caller says its name");
    let mut ear = Moonshine::load(&encoder, &library, 2).expect("loads");
    let heard = ear.transcribe(&pcm, Hint::Name, &Stop::new()).expect("runs");
    assert_eq!(heard.text.to_lowercase().trim_end_matches('.'), "my name is kevin marshall", "{heard:?}");
    assert!(heard.mean_log_probability > -0.5, "{heard:?}");
    let texts = ["My name is Kevin Marshall.", "My name is Carol Mitchell.", "My number is seven."].map(str::to_owned);
    let weights = ear.weigh(&texts).expect("weighs");
    assert!(weights[0] > weights[1] && weights[1] > weights[2], "{weights:?}");
    // Alone or among others, a text weighs the same.
    let alone = ear.weigh(&texts[..1]).expect("weighs");
    assert!((alone[0] - weights[0]).abs() < 0.5, "{alone:?} {weights:?}");
}

#[test]
fn a_missing_file_is_named_with_its_cure() {
    let error = Moonshine::load(Path::new("/nowhere/own.encoder.onnx"), Path::new("/nowhere/lib.so"), 2).err();
    let told = error.expect("fails").to_string();
    assert!(told.contains("/nowhere/own.tokenizer.json") && told.contains("backstop models pull"), "{told}");
}
