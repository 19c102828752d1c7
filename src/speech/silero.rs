//! Voice activity by Silero's recurrent network (MIT), which knows speech from noise, music and tones.
//!
//! The weights are shared by all calls; what the network remembers of a caller is that caller's own. It looks at windows of 32 ms at 8,000 Hz,
//! each with the 4 ms before it. A frame gets the value of the last window that is whole: about 0.1 ms of work for every third frame or so.
//!
//! The network still says "speech" for about 0.15 s after it ended. On a quiet line the end shows earlier by loudness: a frame that is close
//! to silence, and far below what was loud lately, is none.

use super::{SpeechError, VoiceActivityDetector, onnx};
use crate::media::{Frame, level_dbfs};
use ort::session::Session;
use ort::value::Tensor;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

const WHAT: &str = "voice activity detection";
const RATE: i64 = 8_000;
const WINDOW: usize = 256;
const CONTEXT: usize = 32;
const STATE: [usize; 3] = [2, 1, 128];
/// The network's own value from which a window is speech; 0.5 is told for it.
const SPEECH: f32 = 0.4;
/// A quieter frame is no speech on a line that is as quiet between words.
const QUIET_DBFS: f32 = -54.0;
/// A caller is faint rather than silent when frames are less than this below the loudest of late.
const FAINT_DB: f32 = 34.0;
/// How fast the loudest is forgotten: 5 dB a second.
const FORGET_DB: f32 = 5.0 / 50.0;

/// After each so many windows (0.5 s) of a line as quiet as that its memory begins anew. After five seconds of digital silence it called 25 of 140
/// voices speech only 0.2 s after they began, or later, so that beginnings were lost; so 2 of them.
const FORGETS_AFTER: u32 = 16;

/// The network, for any number of calls.
#[derive(Clone)]
pub struct Silero {
    // Locked for a tenth of a millisecond at a time. Calls don't share any state through it: a run's memory goes in and comes out.
    session: Arc<Mutex<Session>>,
}

/// One caller's detector.
pub struct SileroVad {
    network: Silero,
    state: Vec<f32>,
    context: [f32; CONTEXT],
    waiting: VecDeque<f32>,
    last: f32,
    loudest_dbfs: f32,
    // Windows in a row without any sound.
    quiet: u32,
    has_failed: bool,
}

impl Silero {
    /// Loads the network and runs it once. `onnxruntime` is ONNX Runtime's library, 1.24 or later.
    ///
    /// # Errors
    /// When a file is missing or of the wrong kind.
    pub fn load(model: &Path, onnxruntime: &Path) -> Result<Self, SpeechError> {
        let session = onnx::open(WHAT, model, onnxruntime, 1)?;
        let network = Self { session: Arc::new(Mutex::new(session)) };
        network
            .run(vec![0.0; CONTEXT + WINDOW], vec![0.0; STATE.iter().product()])
            .map_err(|why| onnx::load_error(WHAT, model, &why))?;
        Ok(network)
    }

    /// A detector for one caller, who was not heard yet.
    #[must_use]
    pub fn detector(&self) -> SileroVad {
        SileroVad {
            network: self.clone(),
            state: vec![0.0; STATE.iter().product()],
            context: [0.0; CONTEXT],
            waiting: VecDeque::with_capacity(2 * WINDOW),
            last: 0.0,
            loudest_dbfs: f32::MIN,
            quiet: 0,
            has_failed: false,
        }
    }

    // Speech probability of a window, and the state after it.
    fn run(&self, window: Vec<f32>, state: Vec<f32>) -> Result<(f32, Vec<f32>), ort::Error> {
        let window = Tensor::from_array(([1, CONTEXT + WINDOW], window))?;
        let state = Tensor::from_array((STATE, state))?;
        let rate = Tensor::from_array(([0_usize; 0], vec![RATE]))?;
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = session.run(ort::inputs!["input" => window, "state" => state, "sr" => rate])?;
        let (_, speech) = outputs["output"].try_extract_tensor::<f32>()?;
        let (_, state) = outputs["stateN"].try_extract_tensor::<f32>()?;
        Ok((speech.first().copied().unwrap_or(0.0), state.to_vec()))
    }
}

impl VoiceActivityDetector for SileroVad {
    fn probability(&mut self, frame: &Frame) -> f32 {
        self.waiting.extend(frame.0.iter().map(|&sample| f32::from(sample) / 32_768.0));
        while self.waiting.len() >= WINDOW {
            self.next_window();
        }
        let level = level_dbfs(&frame.0);
        self.loudest_dbfs = level.max(self.loudest_dbfs - FORGET_DB);
        let is_quiet = level < QUIET_DBFS.min(self.loudest_dbfs - FAINT_DB);
        if is_quiet { 0.0 } else { told(self.last) }
    }
}

impl SileroVad {
    fn next_window(&mut self) {
        let mut window = self.context.to_vec();
        window.extend(self.waiting.drain(..WINDOW));
        self.context.copy_from_slice(&window[WINDOW..]);
        self.quiet = if is_quiet(&window) { self.quiet + 1 } else { 0 };
        if self.quiet > 0 && self.quiet.is_multiple_of(FORGETS_AFTER) {
            self.state = vec![0.0; STATE.iter().product()];
        }
        match self.network.run(window, std::mem::take(&mut self.state)) {
            Ok((speech, state)) => (self.last, self.state) = (speech, state),
            Err(error) => {
                self.state = vec![0.0; STATE.iter().product()];
                // The caller is heard rather than ignored: utterances end by their longest length, and the transcriber tells words from noise.
                self.last = 1.0;
                if !std::mem::replace(&mut self.has_failed, true) {
                    tracing::error!(%error, "speech can't be told from noise on this call");
                }
            }
        }
    }
}

fn is_quiet(window: &[f32]) -> bool {
    let power = window.iter().map(|sample| sample * sample).sum::<f32>() / window.len() as f32;
    10.0 * power.log10() < QUIET_DBFS
}

// The network's value, stretched so that 0.5 parts speech from the rest.
fn told(value: f32) -> f32 {
    if value < SPEECH { value / SPEECH * 0.5 } else { 0.5 + (value - SPEECH) / (1.0 - SPEECH) * 0.5 }
}

#[cfg(test)]
mod tests;
