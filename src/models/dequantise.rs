//! Turns ggml's quantised blocks into 32-bit floats: the kinds that the manifest's language model holds.

use half::f16;

/// A quantised kind that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packed {
    Q5_0,
    Q4K,
    Q6K,
}

impl Packed {
    /// By ggml's number.
    pub(super) const fn by_number(number: u32) -> Option<Self> {
        match number {
            6 => Some(Self::Q5_0),
            12 => Some(Self::Q4K),
            14 => Some(Self::Q6K),
            _ => None,
        }
    }

    /// Values in a block.
    pub(super) const fn values(self) -> usize {
        match self {
            Self::Q5_0 => 32,
            Self::Q4K | Self::Q6K => 256,
        }
    }

    /// Bytes in a block.
    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::Q5_0 => 22,
            Self::Q4K => 144,
            Self::Q6K => 210,
        }
    }

    /// Appends the values of whole blocks.
    pub(super) fn unpack(self, raw: &[u8], out: &mut Vec<f32>) {
        for block in raw.chunks_exact(self.bytes()) {
            match self {
                Self::Q5_0 => q5_0(block, out),
                Self::Q4K => q4_k(block, out),
                Self::Q6K => q6_k(block, out),
            }
        }
    }
}

fn scale(raw: &[u8]) -> f32 {
    f16::from_le_bytes([raw[0], raw[1]]).to_f32()
}

/// Scale, 32 high bits, 32 low nibbles; the value is centred on 16.
fn q5_0(block: &[u8], out: &mut Vec<f32>) {
    let step = scale(block);
    let high = u32::from_le_bytes([block[2], block[3], block[4], block[5]]);
    let low = &block[6..22];
    let value = |index: usize| {
        let nibble = if index < 16 { low[index] & 15 } else { low[index - 16] >> 4 };
        let bit = (high >> index & 1) as u8;
        f32::from((nibble | bit << 4) as i8 - 16) * step
    };
    out.extend((0..32).map(value));
}

/// Two scales, eight 6-bit pairs of scale and minimum, 256 nibbles.
fn q4_k(block: &[u8], out: &mut Vec<f32>) {
    let (step, minimum) = (scale(block), scale(&block[2..]));
    let (pairs, nibbles) = (&block[4..16], &block[16..144]);
    for (group, bytes) in nibbles.chunks_exact(32).enumerate() {
        for (half, shift) in [(0, 0), (1, 4)] {
            let (factor, offset) = q4_k_pair(pairs, 2 * group + half);
            let (factor, offset) = (step * f32::from(factor), minimum * f32::from(offset));
            out.extend(bytes.iter().map(|byte| factor * f32::from(byte >> shift & 15) - offset));
        }
    }
}

/// The first four pairs lie in six bits of a byte each, the others in nibbles and the bits left over.
fn q4_k_pair(pairs: &[u8], index: usize) -> (u8, u8) {
    if index < 4 {
        return (pairs[index] & 63, pairs[index + 4] & 63);
    }
    let factor = pairs[index + 4] & 15 | pairs[index - 4] >> 6 << 4;
    let offset = pairs[index + 4] >> 4 | pairs[index] >> 6 << 4;
    (factor, offset)
}

/// 256 low nibbles, 256 high bit pairs, 16 signed scales, one scale over all; the value is centred on 32.
fn q6_k(block: &[u8], out: &mut Vec<f32>) {
    let (low, high, scales) = (&block[..128], &block[128..192], &block[192..208]);
    let step = scale(&block[208..]);
    for part in 0..2 {
        let (low, high, scales) = (&low[64 * part..], &high[32 * part..], &scales[8 * part..]);
        for quarter in 0..4 {
            for index in 0..32 {
                let nibble = low[index + 32 * (quarter % 2)] >> (4 * (quarter / 2)) & 15;
                let pair = high[index] >> (2 * quarter) & 3;
                let value = (nibble | pair << 4) as i8 - 32;
                let factor = scales[2 * quarter + index / 16] as i8;
                out.push(step * f32::from(factor) * f32::from(value));
            }
        }
    }
}
