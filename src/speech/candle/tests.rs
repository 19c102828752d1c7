//! With a real model; skipped loudly where there is none.

use super::super::real;
use super::{CandleOptions, CandleResponder};
use crate::conversation::{ExtractRequest, Message, ReplyRequest, Role};
use crate::id::{Generation, TurnId};
use crate::lead::SlotName;
use crate::speech::{Responder, SpeechError, Stop};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

fn chat(said: &str) -> ReplyRequest {
    let message = |role, content: &str| Message { role, content: content.to_owned() };
    ReplyRequest {
        turn: TurnId(1),
        generation: Generation(1),
        messages: vec![
            message(
                Role::System,
                "You answer the phone of Harbor Plumbing in one short sentence. A visit costs 95 dollars.",
            ),
            message(Role::User, said),
        ],
        max_tokens: 12,
        budget: Duration::from_mins(10),
    }
}

fn reply(responder: &mut CandleResponder, request: &ReplyRequest) -> Result<String, SpeechError> {
    let mut text = String::new();
    responder.reply(request, &Stop::new(), &mut |piece| {
        text.push_str(piece);
        ControlFlow::Continue(())
    })?;
    Ok(text)
}

#[test]
fn replies_the_same_from_a_kept_prefix_and_stops_when_told() {
    let Some(path) = real::language_model() else { return };
    let mut responder = CandleResponder::load(&path, CandleOptions::default()).expect("loads");

    let (price, other) = (chat("How much is a visit?"), chat("Are you open on Sundays, or only during the week?"));
    let fresh = reply(&mut responder, &price).expect("replies");
    assert!(!fresh.is_empty());
    reply(&mut responder, &other).expect("replies");
    responder.prepare(&price.messages, &Stop::new()).expect("prepares");
    assert_eq!(reply(&mut responder, &price).expect("replies"), fresh, "the kept prefix changes nothing");

    let late = ReplyRequest { budget: Duration::ZERO, ..chat("Hello?") };
    assert!(matches!(reply(&mut responder, &late), Err(SpeechError::Late { .. })));

    let mut pieces = 0;
    let stopped = responder.reply(&price, &Stop::new(), &mut |_| {
        pieces += 1;
        ControlFlow::Break(())
    });
    assert!(matches!(stopped, Err(SpeechError::Stopped)) && pieces == 1);
    let stop = Stop::new();
    stop.stop();
    assert!(matches!(responder.prepare(&other.messages, &stop), Err(SpeechError::Stopped)));

    let request = ExtractRequest {
        turn: TurnId(1),
        asked: "May I have your name?".to_owned(),
        said: "Yes, my name is Dana Whitfield.".to_owned(),
        wanted: vec![SlotName::Name, SlotName::PreferredTime],
    };
    let found = responder.extract(&request, &Stop::new()).expect("extracts");
    assert_eq!(found, [(SlotName::Name, "Dana Whitfield".to_owned())]);
}

#[test]
fn a_missing_or_foreign_file_is_named_with_its_cure() {
    let load = |path: &Path| CandleResponder::load(path, CandleOptions::default()).err().expect("fails").to_string();
    let missing = load(Path::new("/nowhere/model.gguf"));
    assert!(missing.contains("/nowhere/model.gguf") && missing.contains("backstop models pull"), "{missing}");
    let folder = tempfile::tempdir().expect("a folder");
    let foreign = folder.path().join("foreign.gguf");
    std::fs::write(&foreign, b"not a model at all").expect("written");
    assert!(load(&foreign).contains("foreign.gguf"));
}
