//! Reads CTranslate2's `model.bin` (version 6): a table of named tensors. They stay on disk until they are asked for.

use super::error::ModelError;
use half::f16;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// An opened model.
#[derive(Debug)]
pub(super) struct Ct2 {
    file: BufReader<File>,
    /// The kind of model, such as `WhisperSpec`.
    pub(super) spec: String,
    tensors: BTreeMap<String, Place>,
}

#[derive(Debug)]
struct Place {
    shape: Vec<usize>,
    kind: u8,
    offset: u64,
    bytes: u64,
}

/// A tensor, read as 32-bit floats, the last dimension being the fastest.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tensor {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f32>,
}

const FLOAT32: u8 = 0;
const FLOAT16: u8 = 4;

impl Ct2 {
    /// Reads the table.
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let mut file = BufReader::new(File::open(path).map_err(ModelError::io(path))?);
        let end = file.get_ref().metadata().map_err(ModelError::io(path))?.len();
        read_table(&mut file, end).map_err(|why| broken(&why)).map(|(spec, tensors)| Self { file, spec, tensors })
    }

    /// How many layers there are of `encoder` or `decoder`.
    pub(super) fn layers(&self, side: &str) -> usize {
        let first = |layer: &usize| self.tensors.contains_key(&format!("{side}/layer_{layer}/ffn/linear_0/weight"));
        (0..self.tensors.len()).take_while(first).count()
    }

    /// Reads one tensor.
    pub(super) fn read(&mut self, name: &str) -> Result<Tensor, ModelError> {
        let Some(place) = self.tensors.get(name) else {
            return Err(ModelError::form("the CTranslate2 model", format!("it has no tensor {name}")));
        };
        let mut raw = vec![0; place.bytes as usize];
        self.file
            .seek(SeekFrom::Start(place.offset))
            .and_then(|_| self.file.read_exact(&mut raw))
            .map_err(|why| broken(&why))?;
        let values: Vec<f32> = match place.kind {
            FLOAT32 => raw.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
            FLOAT16 => raw.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect(),
            kind => return Err(ModelError::form("the CTranslate2 model", format!("{name} is of unknown kind {kind}"))),
        };
        let shape = place.shape.clone();
        if shape.iter().product::<usize>() != values.len() {
            return Err(ModelError::form("the CTranslate2 model", format!("{name} has not the length of its shape")));
        }
        Ok(Tensor { shape, values })
    }
}

fn broken(why: &io::Error) -> ModelError {
    ModelError::form("the CTranslate2 model", why.to_string())
}

fn read_table(file: &mut BufReader<File>, end: u64) -> io::Result<(String, BTreeMap<String, Place>)> {
    let _version = read_u32(file)?;
    let spec = read_name(file)?;
    let _revision = read_u32(file)?;
    let count = read_u32(file)?;
    let mut tensors = BTreeMap::new();
    for _ in 0..count {
        let name = read_name(file)?;
        let dimensions = read_u8(file)?;
        let shape = (0..dimensions).map(|_| read_u32(file).map(|size| size as usize)).collect::<io::Result<_>>()?;
        let kind = read_u8(file)?;
        let bytes = u64::from(read_u32(file)?);
        let offset = file.stream_position()?;
        if offset + bytes > end {
            return Err(io::Error::other(format!("{name} goes past the end of the file")));
        }
        file.seek_relative(bytes as i64)?;
        tensors.insert(name, Place { shape, kind, offset, bytes });
    }
    Ok((spec, tensors))
}

fn read_u8(file: &mut impl Read) -> io::Result<u8> {
    let mut raw = [0];
    file.read_exact(&mut raw).map(|()| raw[0])
}

fn read_u32(file: &mut impl Read) -> io::Result<u32> {
    let mut raw = [0; 4];
    file.read_exact(&mut raw).map(|()| u32::from_le_bytes(raw))
}

/// A name is preceded by its length and followed by a zero, which counts.
fn read_name(file: &mut impl Read) -> io::Result<String> {
    let mut raw = [0; 2];
    file.read_exact(&mut raw)?;
    let mut name = vec![0; usize::from(u16::from_le_bytes(raw))];
    file.read_exact(&mut name)?;
    name.pop();
    String::from_utf8(name).map_err(io::Error::other)
}
