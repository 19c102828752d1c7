//! With the real model; skipped loudly where there is none.

use super::super::real;
use super::SmartTurn;
use crate::speech::TurnDetector;
use std::path::Path;

#[test]
fn judges_as_the_reference_does() {
    let Some((model, onnxruntime)) = real::turn_detector() else { return };
    let mut detector = SmartTurn::load(&model, &onnxruntime).expect("loads");
    let silence = detector.done(&vec![0; 16_000]).expect("runs");
    let again = detector.done(&vec![0; 16_000]).expect("runs");
    assert!((0.0..=1.0).contains(&silence), "{silence}");
    assert!((silence - again).abs() < 1e-6, "{silence}, then {again}");
}

#[test]
fn a_missing_file_is_named_with_its_cure() {
    let Some((_, onnxruntime)) = real::turn_detector() else { return };
    let error = SmartTurn::load(Path::new("/nowhere/turn.onnx"), &onnxruntime).err().expect("fails");
    let told = error.to_string();
    assert!(told.contains("/nowhere/turn.onnx") && told.contains("backstop models pull"), "{told}");
}
