//! ggml's `Q8_0`: blocks of 32 values, each a half-precision scale and 32 signed bytes.

use half::f16;

/// Values of one block.
pub(super) const BLOCK: usize = 32;
/// Bytes of one block.
pub(super) const BLOCK_BYTES: usize = 34;

/// Appends whole blocks of values. Ties are rounded to even, as the reference converter does.
///
/// # Panics
/// When `values` is no multiple of 32 long: callers check the tensor's shape.
pub(super) fn quantise(values: &[f32], out: &mut Vec<u8>) {
    assert!(values.len().is_multiple_of(BLOCK), "whole blocks only");
    out.reserve(values.len() / BLOCK * BLOCK_BYTES);
    for block in values.chunks_exact(BLOCK) {
        let largest = block.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let scale = largest / 127.0;
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        out.extend(f16::from_f32(scale).to_le_bytes());
        out.extend(block.iter().map(|value| (value * inverse).round_ties_even() as i8 as u8));
    }
}
