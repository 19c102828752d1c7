//! Sound on its way between packets and models: 20 ms frames of mono 16-bit PCM at 8,000 Hz.

mod frame;

pub use frame::{FRAME_DURATION, FRAME_SAMPLES, Frame, SAMPLE_RATE};
