//! A weight matrix, kept as it stands in its file where candle would lay it out anew at a loss.
//!
//! Candle copies `Q4_K` matrices into tiles of sixteen rows. With VNNI that pays; with AVX2 it costs half as much memory
//! again, seconds at the first use, and speed at every single token. Candle takes only matrices whose height is a multiple
//! of sixteen, so eight rows of zeros keep the others out of it.

use candle_core::quantized::{GgmlDType, QMatMul, QStorage, QTensor};
use candle_core::{D, Device, Module, Result, Tensor};
use std::borrow::Cow;

const TILE: usize = 16;

/// A weight matrix.
pub(super) struct Matrix {
    weight: QMatMul,
    // Rows that count, when there are others below them.
    padded: Option<usize>,
}

impl Matrix {
    /// Takes a matrix over.
    pub(super) fn new(tensor: QTensor) -> Result<Self> {
        let (rows, columns) = tensor.shape().dims2()?;
        if tensor.dtype() != GgmlDType::Q4K || !rows.is_multiple_of(TILE) || tiles_pay() {
            return Ok(Self { weight: QMatMul::from_qtensor(tensor)?, padded: None });
        }
        let zeros = TILE / 2;
        let bytes = tensor.data()?;
        let mut all = Vec::with_capacity(bytes.len() / rows * (rows + zeros));
        all.extend_from_slice(&bytes);
        all.resize(bytes.len() / rows * (rows + zeros), 0);
        let storage = QStorage::from_data(Cow::Owned(all), &Device::Cpu, GgmlDType::Q4K)?;
        let weight = QMatMul::from_qtensor(QTensor::new(storage, (rows + zeros, columns))?)?;
        Ok(Self { weight, padded: Some(rows) })
    }

    /// The product with each row of the input.
    pub(super) fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let product = self.weight.forward(input)?;
        match self.padded {
            Some(rows) => product.narrow(D::Minus1, 0, rows)?.contiguous(),
            None => Ok(product),
        }
    }
}

/// How many tokens are taken in at a time: enough to keep the cores busy, few enough to be stopped within half a second.
///
/// Candle gives blocks of 32 tokens to AMX where the processor has it: each to one core, and from another copy of the weights, twice as large
/// as they are. With less than 32 it stays with VNNI, which takes a seventh longer for seventy tokens (92 a second instead of 107).
pub(super) fn chunk() -> usize {
    if has_amx() { 31 } else { 64 }
}

#[cfg(target_arch = "x86_64")]
fn has_amx() -> bool {
    const TILE: u32 = 1 << 24;
    const INT8: u32 = 1 << 25;
    let features = std::arch::x86_64::__cpuid_count(7, 0).edx;
    std::arch::is_x86_feature_detected!("avx512vnni") && features & (TILE | INT8) == TILE | INT8
}

#[cfg(not(target_arch = "x86_64"))]
fn has_amx() -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
fn tiles_pay() -> bool {
    std::arch::is_x86_feature_detected!("avx512vnni") || std::arch::is_x86_feature_detected!("avxvnni")
}

// Other processors have layouts of their own, which candle chooses well.
#[cfg(not(target_arch = "x86_64"))]
fn tiles_pay() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::Matrix;
    use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
    use candle_core::{Device, Module, Tensor};

    #[test]
    fn the_product_is_candles_own() {
        let weight = Tensor::rand(-1.0_f32, 1.0, (32, 256), &Device::Cpu).expect("made");
        let quantised = || QTensor::quantize(&weight, GgmlDType::Q4K).expect("quantised");
        let own = QMatMul::from_qtensor(quantised()).expect("taken");
        let matrix = Matrix::new(quantised()).expect("taken");
        for length in [1, 3] {
            let input = Tensor::rand(-1.0_f32, 1.0, (1, length, 256), &Device::Cpu).expect("made");
            let (expected, product) = (own.forward(&input).expect("runs"), matrix.forward(&input).expect("runs"));
            assert_eq!(product.dims(), [1, length, 32]);
            let difference = (expected - product).expect("same shape").abs().expect("runs").flatten_all();
            let most = difference.and_then(|all| all.max(0)?.to_scalar::<f32>()).expect("a number");
            assert!(most < 0.1, "{most}");
        }
    }
}
