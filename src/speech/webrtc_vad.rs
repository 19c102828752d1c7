//! Voice activity by WebRTC's Gaussian-mixture detector, smoothed and checked against the line's noise.
//!
//! The library's detector may not leave its thread, while a call's task wanders between threads. So one thread keeps the
//! detectors of all calls, and each call holds a ticket to its own: a frame goes there and its decision comes back, which
//! takes some 10 µs.
//!
//! The library says yes or no. The probability given here is the mean of its last three decisions, scaled down when the
//! frame is less than 9 dB above the noise floor, which falls at once and rises by 2 dB a second.

use super::VoiceActivityDetector;
use crate::media::{FRAME_SAMPLES, Frame};
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{LazyLock, atomic::AtomicU64, atomic::Ordering};
use webrtc_vad::{SampleRate, Vad, VadMode};

// Full: a call's task waits for its turn. Each call has at most one frame in it, so that is a matter of microseconds.
const INBOX: usize = 256;
const DECISIONS: usize = 3;
// In decibels below full scale.
const SILENCE_DBFS: f32 = -60.0;
const FLOOR_RISE_DB: f32 = 2.0 / 50.0;
const CLEAR_DB: f32 = 9.0;

/// One caller's detector.
pub struct WebRtcVad {
    ticket: u64,
    answers: Receiver<bool>,
    recent: [bool; DECISIONS],
    floor_dbfs: f32,
}

impl WebRtcVad {
    /// A detector that has heard nothing yet.
    #[must_use]
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let ticket = NEXT.fetch_add(1, Ordering::Relaxed);
        let (answer, answers) = sync_channel(1);
        tell(Errand::Open { ticket, answer });
        Self { ticket, answers, recent: [false; DECISIONS], floor_dbfs: 0.0 }
    }

    // How clearly the frame stands above the noise, 0 to 1.
    fn clearness(&mut self, level_dbfs: f32) -> f32 {
        self.floor_dbfs = level_dbfs.min(self.floor_dbfs + FLOOR_RISE_DB);
        if level_dbfs < SILENCE_DBFS {
            return 0.0;
        }
        // Below this, noise is too faint to be taken for speech.
        let floor = self.floor_dbfs.max(SILENCE_DBFS);
        ((level_dbfs - floor) / CLEAR_DB).clamp(0.0, 1.0)
    }
}

impl Default for WebRtcVad {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for WebRtcVad {
    fn drop(&mut self) {
        tell(Errand::Close { ticket: self.ticket });
    }
}

impl VoiceActivityDetector for WebRtcVad {
    fn probability(&mut self, frame: &Frame) -> f32 {
        tell(Errand::Decide { ticket: self.ticket, frame: *frame });
        // Without its thread (it can't end while the process lives) a call is still served, by loudness alone.
        let speech = self.answers.recv().unwrap_or(true);
        self.recent.rotate_left(1);
        self.recent[DECISIONS - 1] = speech;
        let share = self.recent.iter().filter(|&&speech| speech).count() as f32 / DECISIONS as f32;
        share * self.clearness(level_dbfs(frame))
    }
}

#[expect(clippy::large_enum_variant, reason = "nearly every errand carries a frame")]
enum Errand {
    Open { ticket: u64, answer: SyncSender<bool> },
    Decide { ticket: u64, frame: Frame },
    Close { ticket: u64 },
}

fn tell(errand: Errand) {
    static DETECTORS: LazyLock<Option<SyncSender<Errand>>> = LazyLock::new(|| {
        let (inbox, errands) = sync_channel(INBOX);
        std::thread::Builder::new().name("vad".to_owned()).spawn(move || keep_detectors(&errands)).ok()?;
        Some(inbox)
    });
    if let Some(inbox) = &*DETECTORS {
        // A closed inbox shows as a closed answer.
        let _closed = inbox.send(errand);
    }
}

fn keep_detectors(errands: &Receiver<Errand>) {
    let mut detectors: HashMap<u64, (Vad, SyncSender<bool>)> = HashMap::new();
    while let Ok(errand) = errands.recv() {
        match errand {
            Errand::Open { ticket, answer } => {
                let detector = Vad::new_with_rate_and_mode(SampleRate::Rate8kHz, VadMode::VeryAggressive);
                detectors.insert(ticket, (detector, answer));
            }
            Errand::Decide { ticket, frame } => {
                if let Some((detector, answer)) = detectors.get_mut(&ticket) {
                    // It refuses only frames of other lengths than 10, 20 and 30 ms.
                    let speech = detector.is_voice_segment(&frame.0).unwrap_or(false);
                    // The call may have gone meanwhile.
                    let _gone = answer.try_send(speech);
                }
            }
            Errand::Close { ticket } => drop(detectors.remove(&ticket)),
        }
    }
}

fn level_dbfs(frame: &Frame) -> f32 {
    let power = frame.0.iter().map(|&s| f32::from(s) * f32::from(s)).sum::<f32>() / FRAME_SAMPLES as f32;
    10.0 * (power.max(1.0) / (32_768.0 * 32_768.0)).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(level: i32, seed: &mut u32) -> Frame {
        Frame(std::array::from_fn(|_| {
            *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((*seed >> 16) as i32 % (2 * level) - level) as i16
        }))
    }

    // A buzz with the harmonics of a voice, louder and softer as syllables are.
    fn voice(index: usize) -> Frame {
        Frame(std::array::from_fn(|n| {
            let t = (index * FRAME_SAMPLES + n) as f32 / 8_000.0;
            let syllable = 0.6 + 0.4 * (t * 25.0).sin();
            let harmonics =
                (1..20).map(|k| (t * 140.0 * k as f32 * std::f32::consts::TAU).sin() / k as f32).sum::<f32>();
            (harmonics * syllable * 3_000.0) as i16
        }))
    }

    #[test]
    fn voices_are_speech_and_silence_and_steady_hiss_are_not() {
        let mut detector = WebRtcVad::new();
        let mut seed = 7;
        let silent = (0..50).filter(|_| detector.probability(&Frame::SILENCE) > 0.5).count();
        let spoken = (0..50).filter(|&index| detector.probability(&voice(index)) > 0.5).count();
        assert!(silent == 0 && spoken > 35, "{silent} {spoken}");
        let mut detector = WebRtcVad::new();
        let hissing = (0..200).filter(|_| detector.probability(&noise(400, &mut seed)) > 0.5).count();
        assert!(hissing < 20, "{hissing}");
    }

    #[test]
    fn calls_do_not_hear_each_other() {
        let (mut talker, mut listener) = (WebRtcVad::new(), WebRtcVad::new());
        let heard = (0..50).map(|index| (talker.probability(&voice(index)), listener.probability(&Frame::SILENCE)));
        let (spoken, silent): (Vec<f32>, Vec<f32>) = heard.unzip();
        assert!(spoken.iter().any(|&p| p > 0.9) && silent.iter().all(|&p| p < 0.1));
    }
}
