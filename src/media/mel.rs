//! Whisper's mel filters: Slaney's scale and area norm, as librosa's `filters.mel(sr=16000, n_fft=400)` gives them.

const SAMPLE_RATE: f64 = 16_000.0;
const FFT: usize = 400;
/// Frequency bins per filter.
pub const BINS: usize = FFT / 2 + 1;

// Slaney's scale is linear up to 1 kHz and logarithmic above.
const HZ_PER_MEL: f64 = 200.0 / 3.0;
const BREAK_HZ: f64 = 1_000.0;
const BREAK_MEL: f64 = BREAK_HZ / HZ_PER_MEL;

/// `bands` filters of [`BINS`] weights each, one after the other.
#[must_use]
pub fn filters(bands: usize) -> Vec<f32> {
    let edges = edges(bands);
    let bin_hz = 1.0 / (FFT as f64 * (1.0 / SAMPLE_RATE));
    let mut weights = Vec::with_capacity(bands * BINS);
    for edge in edges.windows(3) {
        let (low, centre, high) = (edge[0], edge[1], edge[2]);
        let area = 2.0 / (high - low);
        for bin in 0..BINS {
            let hz = bin as f64 * bin_hz;
            let rising = -(low - hz) / (centre - low);
            let falling = (high - hz) / (high - centre);
            let weight = rising.min(falling);
            // Not `max`: which zero it gives of two is the compiler's choice, and the reference keeps a negative one.
            weights.push((if weight < 0.0 { 0.0 } else { weight } * area) as f32);
        }
    }
    weights
}

/// The filters' lower edges, centres and upper edges in hertz, evenly apart in mel.
fn edges(bands: usize) -> Vec<f64> {
    let (first, last) = (to_mel(0.0), to_mel(SAMPLE_RATE / 2.0));
    let step = (last - first) / (bands + 1) as f64;
    (0..bands + 2).map(|index| if index == bands + 1 { last } else { index as f64 * step + first }).map(to_hz).collect()
}

fn log_step() -> f64 {
    6.4_f64.ln() / 27.0
}

fn to_mel(hz: f64) -> f64 {
    if hz < BREAK_HZ { hz / HZ_PER_MEL } else { BREAK_MEL + (hz / BREAK_HZ).ln() / log_step() }
}

fn to_hz(mel: f64) -> f64 {
    if mel >= BREAK_MEL { BREAK_HZ * (log_step() * (mel - BREAK_MEL)).exp() } else { HZ_PER_MEL * mel }
}
