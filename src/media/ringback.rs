//! The tone that a caller hears while others are rung, once the call is answered already (ITU-T E.180, North America).

use super::{Frame, tone_frame};

const LOW_HZ: f32 = 440.0;
const HIGH_HZ: f32 = 480.0;
/// Frames of sound, and of both sound and pause: 2 s of 6 s.
const SOUND_FRAMES: u32 = 100;
const CYCLE_FRAMES: u32 = 300;
/// Each tone at -19 dBm0.
const LEVEL: f32 = 2_500.0;

/// An endless ring-back tone.
#[derive(Clone, Debug, Default)]
pub struct Ringback {
    frame: u32,
}

impl Ringback {
    /// The next 20 ms.
    pub fn next_frame(&mut self) -> Frame {
        let at = self.frame % CYCLE_FRAMES;
        self.frame += 1;
        if at >= SOUND_FRAMES {
            return Frame::SILENCE;
        }
        tone_frame(at, &[LOW_HZ, HIGH_HZ], LEVEL)
    }
}

#[cfg(test)]
mod tests {
    use super::Ringback;
    use crate::media::{Frame, level_dbfs};

    #[test]
    fn sounds_two_seconds_in_six() {
        let mut tone = Ringback::default();
        let loud: Vec<bool> = (0..600).map(|_| tone.next_frame() != Frame::SILENCE).collect();
        assert_eq!(loud.iter().filter(|&&loud| loud).count(), 200);
        assert!(loud[..100].iter().all(|&loud| loud) && !loud[100] && loud[300]);
        assert!((-30.0..-10.0).contains(&level_dbfs(&Ringback::default().next_frame().0)));
    }
}
