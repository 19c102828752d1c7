//! Calls from a place where many people talk.

use super::*;
use crate::media::level_dbfs;

/// The callers' voices are this loud.
const VOICE_DBFS: f32 = -19.0;

fn babble(below_voice_db: f32) -> Vec<Frame> {
    let pcm = read(&folder().join("noise/babble.wav"));
    let gain = 10_f32.powf((VOICE_DBFS - below_voice_db - level_dbfs(&pcm)) / 20.0);
    let pcm: Vec<i16> = pcm.iter().map(|sample| (f32::from(*sample) * gain) as i16).collect();
    frames(&pcm).collect()
}

#[test]
fn voices_behind_the_caller_neither_stop_her_nor_keep_a_turn_open() {
    for (seed, line, below_voice_db) in [(81, rough(0.0, 0), 10.0), (82, rough(0.01, 20), 12.0)] {
        let mut call = Simulation::new(seed, &line, &HAPPY);
        call.caller.behind = babble(below_voice_db);
        let call = call.run();
        let shown = format!("{below_voice_db} dB: {:#?}", call.turns);
        assert_eq!(call.end, Some(EndReason::Farewell), "{shown}");
        let of = |speaker| call.turns.iter().filter(move |turn| turn.speaker == speaker);
        assert!(of(Speaker::Receptionist).all(|turn| turn.heard == Heard::Whole), "nothing was cut off: {shown}");
        assert_eq!(of(Speaker::Caller).count(), HAPPY.len() - 1, "every line is one turn that ends: {shown}");
    }
}
