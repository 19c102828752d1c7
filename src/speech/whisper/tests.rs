//! With a real model; skipped loudly where there is none.

use super::super::real;
use super::{DIGITS_PROMPT, NAME_PROMPT, SPELLING_PROMPT, Whisper, WhisperOptions, is_told, longest, window};
use crate::conversation::Hint;
use crate::speech::{SpeechError, Stop, Transcriber};
use std::path::Path;

#[test]
fn the_window_follows_the_length() {
    assert_eq!([window(16_000), window(16_000 * 4), window(16_000 * 29)], [384, 544, 1_500]);
    assert_eq!([longest(16_000), longest(16_000 * 60)], [24, 220]);
}

#[test]
fn what_a_prompt_tells_is_known_when_it_comes_back() {
    let told = |prompt: &str| prompt.split_inclusive(". ").all(is_told);
    assert!(told(DIGITS_PROMPT) && told(SPELLING_PROMPT) && told(NAME_PROMPT));
    assert!(!is_told("My name is Diana Brooks.") && !is_told("It's 212-555-0142."));
}

#[test]
fn silence_and_noise_are_no_words() {
    let Some(path) = real::whisper() else { return };
    let mut whisper = Whisper::load(&path, &WhisperOptions::default()).expect("loads");
    let mut seed = 1_u32;
    let mut noise = |level: i32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((seed >> 16) as i32 % (2 * level) - level) as i16
    };
    for (what, pcm) in [
        ("silence", vec![0; 16_000]),
        ("a quiet line", (0..16_000).map(|_| noise(40)).collect::<Vec<_>>()),
        ("hiss", (0..16_000).map(|_| noise(2_000)).collect()),
    ] {
        for hint in [Hint::Open, Hint::Digits, Hint::Spelling, Hint::Name] {
            let heard = whisper.transcribe(&pcm, hint, &Stop::new()).expect("runs");
            assert_eq!(heard.text, "", "{what} with {hint:?}: {heard:?}");
        }
    }
    let stop = Stop::new();
    stop.stop();
    assert!(matches!(whisper.transcribe(&[9_000; 8_000], Hint::Open, &stop), Err(SpeechError::Stopped)));
}

#[test]
fn a_missing_file_is_named_with_its_cure() {
    let error = Whisper::load(Path::new("/nowhere/model.bin"), &WhisperOptions::default()).err().expect("fails");
    let told = error.to_string();
    assert!(told.contains("/nowhere/model.bin") && told.contains("backstop models pull"), "{told}");
}
