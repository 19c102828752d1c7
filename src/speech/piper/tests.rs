//! With a real voice and real ears; skipped loudly where there are none.

use super::super::real;
use super::Piper;
use crate::conversation::Hint;
use crate::speech::{SpeechError, Stop, Synthesizer, Transcriber, Whisper, WhisperOptions};
use std::ops::ControlFlow;

#[test]
fn what_is_spoken_is_heard_and_a_stop_is_obeyed() {
    let (Some(voice), Some(ears)) = (real::voice(), real::whisper()) else { return };
    let mut piper = Piper::load(&voice, 2).expect("loads");
    let mut whisper = Whisper::load(&ears, &WhisperOptions::default()).expect("loads");

    let mut pieces = Vec::new();
    // No two syntheses are the same, and the small ears mistake a digit now and then: words tell whether the voice is understood.
    let text = "Hi, my kitchen sink is leaking. Please come tomorrow morning if you can.";
    let spoken = piper.synthesize(text, &mut |pcm| {
        pieces.push(pcm.to_vec());
        ControlFlow::Continue(())
    });
    assert!(spoken.is_ok() && pieces.len() == 2, "{spoken:?}, {} pieces", pieces.len());
    let heard = whisper.transcribe(&pieces[0], Hint::Open, &Stop::new()).expect("hears").text.to_lowercase();
    assert!(heard.contains("kitchen sink is leaking"), "{heard}");
    let heard = whisper.transcribe(&pieces[1], Hint::Open, &Stop::new()).expect("hears").text.to_lowercase();
    assert!(heard.contains("tomorrow morning"), "{heard}");

    let mut given = 0;
    let stopped = piper.synthesize(text, &mut |_| {
        given += 1;
        ControlFlow::Break(())
    });
    assert!(matches!(stopped, Err(SpeechError::Stopped)) && given == 1);
}
