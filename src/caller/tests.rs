//! The caller's own tests: scripts, the player in virtual time, the fixtures, and a real call on loopback.

mod call;
mod fixtures;
mod player;
mod script;
mod sense;

use super::{Action, BadLine, Cue, Expect, Script, Step, Timing};
use crate::media::{Codec, FRAME_SAMPLES};
use std::time::Duration;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A square wave of `frames` frames at -20 dBFS, then `silent` frames of silence.
fn sound(frames: usize, silent: usize) -> Vec<i16> {
    let wave = (0..frames * FRAME_SAMPLES).map(|index| if index / 8 % 2 == 0 { 3_276 } else { -3_276 });
    wave.chain(std::iter::repeat_n(0, silent * FRAME_SAMPLES)).collect()
}

fn say(cue: Cue, frames: usize, silent: usize) -> Step {
    step(cue, ms(0), Action::Say { text: format!("{frames}"), sound: sound(frames, silent) })
}

fn step(cue: Cue, pause: Duration, action: Action) -> Step {
    Step { cue, pause, action, when: Vec::new(), optional: false }
}

fn script(steps: Vec<Step>) -> Script {
    Script {
        name: "test".to_owned(),
        description: String::new(),
        from: None,
        codec: Codec::Pcmu,
        prompt: None,
        line: BadLine::default(),
        timing: Timing { quiet: ms(500), patience: ms(3_000), linger: ms(2_000) },
        steps,
        expect: Expect::default(),
    }
}
