//! Changes the sample rate: 22,050 Hz of the voice to 8,000 Hz of the line, and that to 16,000 Hz for the models.

/// A streaming resampler of mono 16-bit PCM. What comes out is aligned with what goes in: the filter's delay is taken off.
pub struct Resampler {}

impl Resampler {
    /// From one rate to another, both in Hz and above zero.
    #[must_use]
    pub fn new(from_hz: u32, to_hz: u32) -> Self {
        let _ = (from_hz, to_hz);
        Self {}
    }

    /// Takes samples in and gives those that are ready.
    pub fn process(&mut self, pcm: &[i16]) -> Vec<i16> {
        let _ = pcm;
        unimplemented!()
    }

    /// Gives the rest, and is ready for a new stream.
    pub fn finish(&mut self) -> Vec<i16> {
        unimplemented!()
    }
}

/// Resamples a whole piece; the result has `pcm.len() * to_hz / from_hz` samples, rounded up.
#[must_use]
pub fn resample(pcm: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    let mut resampler = Resampler::new(from_hz, to_hz);
    let mut out = resampler.process(pcm);
    out.extend(resampler.finish());
    out
}
