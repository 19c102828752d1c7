//! The transformer itself, on candle's quantised operations: one chunk of tokens through all layers, against a cache that
//! can be cut back to any length.
//!
//! It runs what GGUF calls `qwen2` and `llama`: RMS norm, grouped-query attention with rotary positions, gated `SiLU`. They
//! differ in the pairs that are rotated (halves or neighbours) and in having biases or not.

use super::matrix::Matrix;
use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::quantized::{QMatMul, QTensor};
use candle_core::{D, DType, Device, Error, Module, Result, Tensor};
use candle_nn::attention::{AttnMask, flash_attn};
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// A model's weights and shape.
pub(super) struct Weights {
    embedding: Arc<QTensor>,
    layers: Vec<Layer>,
    norm: Tensor,
    output: QMatMul,
    // The same matrix by its rows: one for each token.
    rows: Arc<QTensor>,
    shape: Shape,
    cos: Tensor,
    sin: Tensor,
}

#[derive(Clone, Copy)]
struct Shape {
    heads: usize,
    kv_heads: usize,
    head_width: usize,
    epsilon: f64,
    rotation: Rotation,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rotation {
    Halves,
    Neighbours,
}

struct Layer {
    attention_norm: Tensor,
    query: Projection,
    key: Projection,
    value: Projection,
    out: Matrix,
    mlp_norm: Tensor,
    gate: Matrix,
    up: Matrix,
    down: Matrix,
}

struct Projection {
    weight: Matrix,
    bias: Option<Tensor>,
}

/// The keys and values of one chat, layer by layer, each `[capacity, kv heads, head width]`; only the first tokens are
/// meaningful, and the owner knows how many.
pub(super) struct Kept {
    layers: Vec<(Tensor, Tensor)>,
    capacity: usize,
}

impl Kept {
    /// Room for `capacity` tokens in each of `layers` layers.
    pub(super) fn new(layers: usize, capacity: usize, heads: usize, width: usize) -> Result<Self> {
        let empty = || Tensor::zeros((capacity, heads, width), DType::F32, &Device::Cpu);
        let layers = (0..layers).map(|_| Ok((empty()?, empty()?))).collect::<Result<_>>()?;
        Ok(Self { layers, capacity })
    }

    /// How many tokens fit.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// The keys and values of the first `tokens` tokens, layer by layer, as little-endian numbers.
    pub(super) fn to_bytes(&self, tokens: usize) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for part in self.layers.iter().flat_map(|(keys, values)| [keys, values]) {
            let numbers = part.narrow(0, 0, tokens)?.flatten_all()?.to_vec1::<f32>()?;
            bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        }
        Ok(bytes)
    }

    /// Takes over what [`Kept::to_bytes`] gave. False, and nothing is changed, when the length is not that of `tokens` tokens.
    pub(super) fn fill(&mut self, bytes: &[u8], tokens: usize) -> Result<bool> {
        let Some((first, _)) = self.layers.first() else { return Ok(false) };
        let (_, heads, width) = first.dims3()?;
        let part = tokens * heads * width * size_of::<f32>();
        if tokens > self.capacity || part == 0 || bytes.len() != part * self.layers.len() * 2 {
            return Ok(false);
        }
        let parts = self.layers.iter().flat_map(|(keys, values)| [keys, values]);
        for (mine, bytes) in parts.zip(bytes.chunks_exact(part)) {
            let numbers = bytes.as_chunks::<4>().0.iter().map(|number| f32::from_le_bytes(*number)).collect();
            mine.slice_set(&Tensor::from_vec(numbers, (tokens, heads, width), &Device::Cpu)?, 0, 0)?;
        }
        Ok(true)
    }

    /// Takes over the first `tokens` tokens of another chat.
    pub(super) fn copy_from(&mut self, other: &Self, tokens: usize) -> Result<()> {
        for (mine, theirs) in self.layers.iter().zip(&other.layers) {
            mine.0.slice_set(&theirs.0.narrow(0, 0, tokens)?, 0, 0)?;
            mine.1.slice_set(&theirs.1.narrow(0, 0, tokens)?, 0, 0)?;
        }
        Ok(())
    }
}

impl Weights {
    /// Reads the weights of the file whose head is `content`; up to `longest` tokens will be fed.
    pub(super) fn read(content: &Content, path: &Path, longest: usize) -> Result<Self> {
        let architecture = metadata(content, "general.architecture")?.to_string()?.clone();
        let rotation = match architecture.as_str() {
            "qwen2" => Rotation::Halves,
            "llama" => Rotation::Neighbours,
            other => return Err(Error::Msg(format!("its architecture is `{other}`; supported are qwen2 and llama"))),
        };
        let field = |name: &str| metadata(content, &format!("{architecture}.{name}"));
        let count = |name: &str| Ok::<_, Error>(field(name)?.to_u32()? as usize);
        let heads = count("attention.head_count")?;
        let head_width = match field("attention.key_length") {
            Ok(width) => width.to_u32()? as usize,
            Err(_) => count("embedding_length")? / heads,
        };
        let shape = Shape {
            heads,
            kv_heads: count("attention.head_count_kv")?,
            head_width,
            epsilon: f64::from(field("attention.layer_norm_rms_epsilon")?.to_f32()?),
            rotation,
        };
        let base = field("rope.freq_base").and_then(Value::to_f32).unwrap_or(10_000.0);
        let layers = layers(content, path, count("block_count")?)?;
        let mut source = Source { content, file: File::open(path)? };
        let embedding = Arc::new(source.quantised("token_embd.weight")?);
        let rows = source.optional("output.weight")?.map_or_else(|| Arc::clone(&embedding), Arc::new);
        let output = QMatMul::from_arc(Arc::clone(&rows))?;
        let norm = source.plain("output_norm.weight")?;
        let stretch = source.optional("rope_freqs.weight")?.map(|t| t.dequantize(&Device::Cpu)?.to_vec1::<f32>());
        let (cos, sin) = rotations(base, head_width, longest, stretch.transpose()?.as_deref())?;
        Ok(Self { embedding, layers, norm, output, rows, shape, cos, sin })
    }

    /// An empty cache for one chat.
    pub(super) fn keep(&self, capacity: usize) -> Result<Kept> {
        Kept::new(self.layers.len(), capacity, self.shape.kv_heads, self.shape.head_width)
    }

    /// Feeds tokens after the first `past` kept ones and gives the scores of what may follow the last of them.
    pub(super) fn feed(&self, tokens: &[u32], past: usize, kept: &Kept) -> Result<Vec<f32>> {
        let last = self.run(tokens, past, kept, tokens.len() - 1)?;
        self.output.forward(&self.normed(&last)?)?.flatten_all()?.to_vec1()
    }

    /// As [`Weights::feed`], but scores only some tokens, after each of the tokens fed from the one at `from` on: a small part of the work.
    pub(super) fn weigh(
        &self,
        tokens: &[u32],
        past: usize,
        kept: &Kept,
        from: usize,
        candidates: &[u32],
    ) -> Result<Vec<Vec<f32>>> {
        let hidden = self.normed(&self.run(tokens, past, kept, from)?)?.squeeze(0)?;
        let rows = self.rows.embedding(&Tensor::new(candidates, &Device::Cpu)?)?;
        hidden.matmul(&rows.t()?)?.to_vec2()
    }

    /// Feeds tokens only to keep them.
    pub(super) fn absorb(&self, tokens: &[u32], past: usize, kept: &Kept) -> Result<()> {
        self.run(tokens, past, kept, tokens.len() - 1).map(|_| ())
    }

    fn normed(&self, hidden: &Tensor) -> Result<Tensor> {
        candle_nn::ops::rms_norm(&hidden.contiguous()?, &self.norm, self.shape.epsilon as f32)
    }

    // The last layer's results from the token at `from` on; those before it are only kept.
    fn run(&self, tokens: &[u32], past: usize, kept: &Kept, from: usize) -> Result<Tensor> {
        let ids = Tensor::new(tokens, &Device::Cpu)?.unsqueeze(0)?;
        let mut hidden = self.embedding.embedding(&ids)?;
        let turn = (self.cos.narrow(0, past, tokens.len())?, self.sin.narrow(0, past, tokens.len())?);
        for (n, (layer, memory)) in self.layers.iter().zip(&kept.layers).enumerate() {
            let from = if n + 1 == self.layers.len() { from } else { 0 };
            hidden = layer.forward(&hidden, past, memory, &turn, self.shape, from)?;
        }
        Ok(hidden)
    }
}

impl Layer {
    fn forward(
        &self,
        input: &Tensor,
        past: usize,
        memory: &(Tensor, Tensor),
        turn: &(Tensor, Tensor),
        shape: Shape,
        from: usize,
    ) -> Result<Tensor> {
        let normed = candle_nn::ops::rms_norm(input, &self.attention_norm, shape.epsilon as f32)?;
        let attended = (rest(input, from)? + self.attend(&normed, past, memory, turn, shape, from)?)?;
        let normed = candle_nn::ops::rms_norm(&attended, &self.mlp_norm, shape.epsilon as f32)?;
        let gated = (self.gate.forward(&normed)?.silu()? * self.up.forward(&normed)?)?;
        attended + self.down.forward(&gated)?
    }

    fn attend(
        &self,
        input: &Tensor,
        past: usize,
        (keys, values): &(Tensor, Tensor),
        turn: &(Tensor, Tensor),
        shape: Shape,
        from: usize,
    ) -> Result<Tensor> {
        let (_, length, _) = input.dims3()?;
        let Shape { heads, kv_heads, head_width, .. } = shape;
        let left = length - from;
        let query = self.query.forward(&rest(input, from)?)?.reshape((1, left, heads, head_width))?;
        let key = self.key.forward(input)?.reshape((1, length, kv_heads, head_width))?;
        let value = self.value.forward(input)?.reshape((length, kv_heads, head_width))?;
        let turn_left = (turn.0.narrow(0, from, left)?, turn.1.narrow(0, from, left)?);
        let query = rotate(&query, &turn_left, shape.rotation)?;
        let key = rotate(&key, turn, shape.rotation)?;
        keys.slice_set(&key.squeeze(0)?, 0, past)?;
        values.slice_set(&value, 0, past)?;
        let (keys, values) = (keys.narrow(0, 0, past + length)?, values.narrow(0, 0, past + length)?);
        let scale = 1.0 / (head_width as f32).sqrt();
        let mask = AttnMask::causal_with_offset(past + from);
        let mixed = flash_attn::<f32>(&query, &keys.unsqueeze(0)?, &values.unsqueeze(0)?, scale, mask, None, None)?;
        self.out.forward(&mixed.transpose(1, 2)?.reshape((1, left, heads * head_width))?)
    }
}

impl Projection {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let product = self.weight.forward(input)?;
        self.bias.as_ref().map_or(Ok(product.clone()), |bias| product.broadcast_add(bias))
    }
}

// The tokens from the one at `from` on.
fn rest(input: &Tensor, from: usize) -> Result<Tensor> {
    if from == 0 { Ok(input.clone()) } else { input.narrow(1, from, input.dim(1)? - from)?.contiguous() }
}

// Input and result are `[1, length, heads, head width]`.
fn rotate(input: &Tensor, (cos, sin): &(Tensor, Tensor), rotation: Rotation) -> Result<Tensor> {
    match rotation {
        Rotation::Halves => candle_nn::rotary_emb::rope_thd(input, cos, sin),
        Rotation::Neighbours => {
            let turned = candle_nn::rotary_emb::rope_i(&input.transpose(1, 2)?.contiguous()?, cos, sin)?;
            turned.transpose(1, 2)?.contiguous()
        }
    }
}

// Su et al. 2021, "RoFormer"; `stretch` divides the frequencies (Llama 3's long context).
fn rotations(base: f32, width: usize, positions: usize, stretch: Option<&[f32]>) -> Result<(Tensor, Tensor)> {
    let frequency = |n: usize| {
        let divisor = stretch.and_then(|s| s.get(n)).copied().unwrap_or(1.0);
        1.0 / base.powf(2.0 * n as f32 / width as f32) / divisor
    };
    let frequencies: Vec<f32> = (0..width / 2).map(frequency).collect();
    let frequencies = Tensor::from_vec(frequencies, (1, width / 2), &Device::Cpu)?;
    let positions = Tensor::arange(0, positions as u32, &Device::Cpu)?.to_dtype(DType::F32)?.unsqueeze(D::Minus1)?;
    let angles = positions.matmul(&frequencies)?;
    Ok((angles.cos()?, angles.sin()?))
}

pub(super) fn metadata<'a>(content: &'a Content, key: &str) -> Result<&'a Value> {
    content.metadata.get(key).ok_or_else(|| Error::Msg(format!("it has no `{key}`")))
}

// Half of the layers on each of two threads: what takes time is copying, not the disk.
fn layers(content: &Content, path: &Path, count: usize) -> Result<Vec<Layer>> {
    let read = |range: Range<usize>| {
        let mut source = Source { content, file: File::open(path)? };
        range.map(|n| source.layer(n)).collect::<Result<Vec<_>>>()
    };
    let (first, second) = std::thread::scope(|scope| {
        let second = scope.spawn(|| read(count / 2..count));
        (read(0..count / 2), second.join())
    });
    let mut layers = first?;
    layers.extend(second.unwrap_or_else(|_| Err(Error::Msg("reading it panicked".to_owned())))?);
    Ok(layers)
}

struct Source<'a> {
    content: &'a Content,
    file: File,
}

impl Source<'_> {
    fn quantised(&mut self, name: &str) -> Result<QTensor> {
        self.content.tensor(&mut self.file, name, &Device::Cpu)
    }

    fn optional(&mut self, name: &str) -> Result<Option<QTensor>> {
        if self.content.tensor_infos.contains_key(name) { self.quantised(name).map(Some) } else { Ok(None) }
    }

    fn plain(&mut self, name: &str) -> Result<Tensor> {
        self.quantised(name)?.dequantize(&Device::Cpu)
    }

    fn matrix(&mut self, name: &str) -> Result<Matrix> {
        Matrix::new(self.quantised(name)?)
    }

    fn projection(&mut self, name: &str) -> Result<Projection> {
        let weight = self.matrix(&format!("{name}.weight"))?;
        let bias = self.optional(&format!("{name}.bias"))?.map(|bias| bias.dequantize(&Device::Cpu)).transpose()?;
        Ok(Projection { weight, bias })
    }

    fn layer(&mut self, n: usize) -> Result<Layer> {
        let name = |part: &str| format!("blk.{n}.{part}");
        Ok(Layer {
            attention_norm: self.plain(&name("attn_norm.weight"))?,
            query: self.projection(&name("attn_q"))?,
            key: self.projection(&name("attn_k"))?,
            value: self.projection(&name("attn_v"))?,
            out: self.matrix(&name("attn_output.weight"))?,
            mlp_norm: self.plain(&name("ffn_norm.weight"))?,
            gate: self.matrix(&name("ffn_gate.weight"))?,
            up: self.matrix(&name("ffn_up.weight"))?,
            down: self.matrix(&name("ffn_down.weight"))?,
        })
    }
}
