//! Writes whisper.cpp's ggml form from CTranslate2's: header, mel filters, vocabulary, then the tensors under OpenAI's names.
//! CTranslate2 keeps query, key and value in one matrix; they are taken apart here.

use super::ct2::{Ct2, Tensor};
use super::error::ModelError;
use super::manifest::Quant;
use super::{q8_0, vocabulary};
use crate::media::mel;
use half::f16;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const MAGIC: u32 = 0x6767_6d6c;
const WIDTH_OF_HEAD: usize = 64;
/// These stay 32-bit floats whatever the rest becomes: whisper.cpp expects them so.
const KEPT_FLOAT: [&str; 4] =
    ["encoder.conv1.bias", "encoder.conv2.bias", "encoder.positional_embedding", "decoder.positional_embedding"];

/// Converts a whisper model. `tokens` is its `vocabulary.txt`.
pub(super) fn from_ct2(model: &Path, tokens: &[u8], quant: Quant, out: &mut dyn Write) -> Result<(), ModelError> {
    let ct2 = Ct2::open(model)?;
    if ct2.spec != "WhisperSpec" {
        return Err(ModelError::form("the CTranslate2 model", format!("it is a {}, no WhisperSpec", ct2.spec)));
    }
    let tokens = vocabulary::parse(tokens)?;
    let mut writer = Writer { ct2, quant, out };
    writer.header()?;
    writer.vocabulary(&tokens).map_err(unwritable)?;
    writer.ends()?;
    for side in ["encoder", "decoder"] {
        for layer in 0..writer.ct2.layers(side) {
            writer.layer(side, layer)?;
        }
    }
    Ok(())
}

fn unwritable(why: io::Error) -> ModelError {
    ModelError::Io { path: PathBuf::from("the converted model"), why }
}

struct Writer<'a> {
    ct2: Ct2,
    quant: Quant,
    out: &'a mut dyn Write,
}

impl Writer<'_> {
    fn header(&mut self) -> Result<(), ModelError> {
        let embedding = self.ct2.read("decoder/embeddings/weight")?.shape;
        let audio_context = self.ct2.read("encoder/position_encodings/encodings")?.shape[0];
        let text_context = self.ct2.read("decoder/position_encodings/encodings")?.shape[0];
        let bands = *self.ct2.read("encoder/conv1/weight")?.shape.get(1).unwrap_or(&0);
        let [words, width] = embedding[..] else {
            return Err(ModelError::form("the CTranslate2 model", "its embedding is no matrix"));
        };
        let heads = width / WIDTH_OF_HEAD;
        let (encoder, decoder) = (self.ct2.layers("encoder"), self.ct2.layers("decoder"));
        let kind = match self.quant {
            Quant::F16 => 1,
            Quant::Q8_0 => 2_007,
        };
        let numbers = [words, audio_context, width, heads, encoder, text_context, width, heads, decoder, bands, kind];
        self.numbers(&[MAGIC]).map_err(unwritable)?;
        self.numbers(&numbers.map(|number| number as u32)).map_err(unwritable)?;
        self.numbers(&[bands as u32, mel::BINS as u32]).map_err(unwritable)?;
        self.out.write_all(&floats(&mel::filters(bands))).map_err(unwritable)
    }

    fn vocabulary(&mut self, tokens: &[Vec<u8>]) -> io::Result<()> {
        self.numbers(&[tokens.len() as u32])?;
        for token in tokens {
            self.numbers(&[token.len() as u32])?;
            self.out.write_all(token)?;
        }
        Ok(())
    }

    /// What stands before and after the layers.
    fn ends(&mut self) -> Result<(), ModelError> {
        for conv in ["conv1", "conv2"] {
            self.copy(&format!("encoder.{conv}.weight"), &format!("encoder/{conv}/weight"))?;
            let mut bias = self.ct2.read(&format!("encoder/{conv}/bias"))?;
            bias.shape.push(1);
            self.write(&format!("encoder.{conv}.bias"), &bias)?;
        }
        self.copy("encoder.positional_embedding", "encoder/position_encodings/encodings")?;
        self.copy("decoder.positional_embedding", "decoder/position_encodings/encodings")?;
        self.copy("decoder.token_embedding.weight", "decoder/embeddings/weight")?;
        self.norm("encoder.ln_post", "encoder/layer_norm")?;
        self.norm("decoder.ln", "decoder/layer_norm")
    }

    fn layer(&mut self, side: &str, layer: usize) -> Result<(), ModelError> {
        let (from, to) = (format!("{side}/layer_{layer}"), format!("{side}.blocks.{layer}"));
        let own = format!("{from}/self_attention");
        self.split(&format!("{to}.attn"), &format!("{own}/linear_0"), &["query", "key", "value"])?;
        self.linear(&format!("{to}.attn.out"), &format!("{own}/linear_1"))?;
        self.norm(&format!("{to}.attn_ln"), &format!("{own}/layer_norm"))?;
        if side == "decoder" {
            let cross = format!("{from}/attention");
            self.linear(&format!("{to}.cross_attn.query"), &format!("{cross}/linear_0"))?;
            self.split(&format!("{to}.cross_attn"), &format!("{cross}/linear_1"), &["key", "value"])?;
            self.linear(&format!("{to}.cross_attn.out"), &format!("{cross}/linear_2"))?;
            self.norm(&format!("{to}.cross_attn_ln"), &format!("{cross}/layer_norm"))?;
        }
        self.linear(&format!("{to}.mlp.0"), &format!("{from}/ffn/linear_0"))?;
        self.linear(&format!("{to}.mlp.2"), &format!("{from}/ffn/linear_1"))?;
        self.norm(&format!("{to}.mlp_ln"), &format!("{from}/ffn/layer_norm"))
    }

    fn linear(&mut self, to: &str, from: &str) -> Result<(), ModelError> {
        self.copy(&format!("{to}.weight"), &format!("{from}/weight"))?;
        self.copy(&format!("{to}.bias"), &format!("{from}/bias"))
    }

    fn norm(&mut self, to: &str, from: &str) -> Result<(), ModelError> {
        self.copy(&format!("{to}.weight"), &format!("{from}/gamma"))?;
        self.copy(&format!("{to}.bias"), &format!("{from}/beta"))
    }

    /// Takes a fused matrix apart. CTranslate2 gives the key a bias of zeros, which whisper has not.
    fn split(&mut self, to: &str, from: &str, names: &[&str]) -> Result<(), ModelError> {
        let weights = in_equal_rows(&self.ct2.read(&format!("{from}/weight"))?, names.len())?;
        let biases = in_equal_rows(&self.ct2.read(&format!("{from}/bias"))?, names.len())?;
        for ((name, weight), bias) in names.iter().zip(weights).zip(biases) {
            self.write(&format!("{to}.{name}.weight"), &weight)?;
            if *name != "key" {
                self.write(&format!("{to}.{name}.bias"), &bias)?;
            } else if bias.values.iter().any(|value| *value != 0.0) {
                return Err(ModelError::form("the CTranslate2 model", format!("{from}: the key's bias is not zero")));
            }
        }
        Ok(())
    }

    fn copy(&mut self, to: &str, from: &str) -> Result<(), ModelError> {
        let tensor = self.ct2.read(from)?;
        self.write(to, &tensor)
    }

    fn write(&mut self, name: &str, tensor: &Tensor) -> Result<(), ModelError> {
        let (kind, raw) = encode(name, tensor, self.quant)?;
        self.numbers(&[tensor.shape.len() as u32, name.len() as u32, kind])
            .and_then(|()| tensor.shape.iter().rev().try_for_each(|size| self.numbers(&[*size as u32])))
            .and_then(|()| self.out.write_all(name.as_bytes()))
            .and_then(|()| self.out.write_all(&raw))
            .map_err(unwritable)
    }

    fn numbers(&mut self, numbers: &[u32]) -> io::Result<()> {
        numbers.iter().try_for_each(|number| self.out.write_all(&number.to_le_bytes()))
    }
}

/// ggml's number of the kind, and the bytes.
fn encode(name: &str, tensor: &Tensor, quant: Quant) -> Result<(u32, Vec<u8>), ModelError> {
    let Tensor { shape, values } = tensor;
    if shape.len() < 2 || KEPT_FLOAT.contains(&name) {
        return Ok((0, floats(values)));
    }
    if quant == Quant::F16 || shape.len() > 2 {
        return Ok((1, values.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes()).collect()));
    }
    if !shape[1].is_multiple_of(q8_0::BLOCK) {
        return Err(ModelError::form("the CTranslate2 model", format!("{name} has rows of {}", shape[1])));
    }
    let mut raw = Vec::new();
    q8_0::quantise(values, &mut raw);
    Ok((8, raw))
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn in_equal_rows(tensor: &Tensor, count: usize) -> Result<Vec<Tensor>, ModelError> {
    let rows = tensor.shape.first().copied().unwrap_or(0);
    if rows == 0 || !rows.is_multiple_of(count) {
        return Err(ModelError::form("the CTranslate2 model", format!("{rows} rows can't be taken apart in {count}")));
    }
    let mut shape = tensor.shape.clone();
    shape[0] = rows / count;
    let length = tensor.values.len() / count;
    Ok(tensor
        .values
        .chunks_exact(length)
        .map(|values| Tensor { shape: shape.clone(), values: values.to_vec() })
        .collect())
}
