//! Rewrites a GGUF (version 3) so that every quantised matrix is `Q8_0`: the kinds that small models are published in have no fast
//! kernel on x86. Everything else is kept byte by byte, so that the result is the same on every machine.

use super::dequantise::Packed;
use super::error::ModelError;
use super::q8_0;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

const MAGIC: u32 = 0x4655_4747;
const VERSION: u32 = 3;
/// Where tensors begin, unless the file says otherwise; a file that does is refused.
const ALIGNMENT: u64 = 32;
const FLOAT32: u32 = 0;
const FLOAT16: u32 = 1;
const Q8_0: u32 = 8;
/// llama.cpp's number for a file that is mostly `Q8_0`.
const FILE_TYPE_Q8_0: u32 = 7;
const BLOCKS_AT_ONCE: usize = 1 << 12;

/// Writes the model at `path` with its quantised tensors as `Q8_0`.
pub(super) fn requantise_q8_0(path: &Path, out: &mut dyn Write) -> Result<(), ModelError> {
    let file = BufReader::with_capacity(1 << 20, File::open(path).map_err(ModelError::io(path))?);
    let broken = |why: io::Error| ModelError::form("the GGUF model", why.to_string());
    let mut gguf = Gguf::read(file).map_err(broken)?;
    gguf.write(out).map_err(broken)
}

struct Gguf<R> {
    file: R,
    /// Everything before the tensors' table, `general.file_type` already changed.
    head: Vec<u8>,
    tensors: Vec<Placed>,
    data: u64,
}

struct Placed {
    name: Vec<u8>,
    shape: Vec<u64>,
    kind: u32,
    offset: u64,
}

impl<R: Read + Seek> Gguf<R> {
    fn read(file: R) -> io::Result<Self> {
        let mut recorder = Recorder { file, kept: Vec::new() };
        let (magic, version) = (recorder.u32()?, recorder.u32()?);
        if (magic, version) != (MAGIC, VERSION) {
            return Err(io::Error::other(format!("no GGUF of version {VERSION}")));
        }
        let (tensors, keys) = (recorder.u64()?, recorder.u64()?);
        for _ in 0..keys {
            recorder.key_value()?;
        }
        let head = std::mem::take(&mut recorder.kept);
        let tensors = (0..tensors).map(|_| recorder.placed()).collect::<io::Result<_>>()?;
        let mut file = recorder.file;
        let data = file.stream_position()?.next_multiple_of(ALIGNMENT);
        Ok(Self { file, head, tensors, data })
    }

    fn write(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&self.head)?;
        let mut written = self.head.len() as u64;
        let mut offset = 0;
        for tensor in &self.tensors {
            let entry = tensor.entry(offset)?;
            out.write_all(&entry)?;
            written += entry.len() as u64;
            offset += tensor.new_bytes()?.next_multiple_of(ALIGNMENT);
        }
        pad(out, written)?;
        for tensor in &self.tensors {
            self.file.seek(SeekFrom::Start(self.data + tensor.offset))?;
            tensor.convert(&mut self.file, out)?;
            pad(out, tensor.new_bytes()?)?;
        }
        Ok(())
    }
}

fn pad(out: &mut dyn Write, written: u64) -> io::Result<()> {
    let zeros = [0; ALIGNMENT as usize];
    out.write_all(&zeros[..(written.next_multiple_of(ALIGNMENT) - written) as usize])
}

impl Placed {
    fn values(&self) -> u64 {
        self.shape.iter().product()
    }

    fn packed(&self) -> Option<Packed> {
        Packed::by_number(self.kind)
    }

    fn new_bytes(&self) -> io::Result<u64> {
        let values = self.values();
        match (self.kind, self.packed()) {
            (FLOAT32, _) => Ok(values * 4),
            (FLOAT16, _) => Ok(values * 2),
            (Q8_0, _) => Ok(values / q8_0::BLOCK as u64 * q8_0::BLOCK_BYTES as u64),
            (_, Some(packed)) if values.is_multiple_of(packed.values() as u64) => {
                Ok(values / q8_0::BLOCK as u64 * q8_0::BLOCK_BYTES as u64)
            }
            (kind, _) => Err(io::Error::other(format!("{} is of kind {kind}", String::from_utf8_lossy(&self.name)))),
        }
    }

    /// Its line in the table.
    fn entry(&self, offset: u64) -> io::Result<Vec<u8>> {
        let kind = if self.packed().is_some() { Q8_0 } else { self.kind };
        let mut entry = Vec::new();
        entry.write_all(&(self.name.len() as u64).to_le_bytes())?;
        entry.write_all(&self.name)?;
        entry.write_all(&(self.shape.len() as u32).to_le_bytes())?;
        for size in &self.shape {
            entry.write_all(&size.to_le_bytes())?;
        }
        entry.write_all(&kind.to_le_bytes())?;
        entry.write_all(&offset.to_le_bytes())?;
        Ok(entry)
    }

    fn convert(&self, file: &mut impl Read, out: &mut dyn Write) -> io::Result<()> {
        let Some(packed) = self.packed() else {
            let bytes = self.new_bytes()?;
            let copied = io::copy(&mut file.take(bytes), out)?;
            return if copied == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        };
        let mut blocks = self.values() as usize / packed.values();
        let (mut values, mut requantised) = (Vec::new(), Vec::new());
        while blocks > 0 {
            let now = blocks.min(BLOCKS_AT_ONCE);
            let mut raw = vec![0; now * packed.bytes()];
            file.read_exact(&mut raw)?;
            values.clear();
            requantised.clear();
            packed.unpack(&raw, &mut values);
            q8_0::quantise(&values, &mut requantised);
            out.write_all(&requantised)?;
            blocks -= now;
        }
        Ok(())
    }
}

/// Reads on, keeping what it read.
struct Recorder<R> {
    file: R,
    kept: Vec<u8>,
}

/// Longest text or list that is believed; a longer one is a broken file.
const LONGEST: u64 = 1 << 28;

impl<R: Read> Recorder<R> {
    fn bytes(&mut self, count: u64) -> io::Result<&[u8]> {
        if count > LONGEST {
            return Err(io::Error::other(format!("a length of {count} can't be")));
        }
        let start = self.kept.len();
        self.kept.resize(start + count as usize, 0);
        self.file.read_exact(&mut self.kept[start..])?;
        Ok(&self.kept[start..])
    }

    fn u32(&mut self) -> io::Result<u32> {
        let raw = self.bytes(4)?;
        Ok(u32::from_le_bytes([raw[0], raw[1], raw[2], raw[3]]))
    }

    fn u64(&mut self) -> io::Result<u64> {
        Ok(u64::from(self.u32()?) | u64::from(self.u32()?) << 32)
    }

    fn text(&mut self) -> io::Result<Vec<u8>> {
        let length = self.u64()?;
        self.bytes(length).map(<[u8]>::to_vec)
    }

    fn key_value(&mut self) -> io::Result<()> {
        let key = self.text()?;
        let kind = self.u32()?;
        let start = self.kept.len();
        self.skip(kind)?;
        match key.as_slice() {
            b"general.file_type" if self.kept.len() - start == 4 => {
                self.kept[start..].copy_from_slice(&FILE_TYPE_Q8_0.to_le_bytes());
            }
            b"general.alignment" => return Err(io::Error::other("it has an alignment of its own")),
            _ => {}
        }
        Ok(())
    }

    /// Reads past a value. The numbers are the format's: 8 is a text, 9 a list.
    fn skip(&mut self, kind: u32) -> io::Result<()> {
        let length = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            10..=12 => 8,
            8 => return self.text().map(drop),
            9 => {
                let (kind, count) = (self.u32()?, self.u64()?);
                if kind == 9 {
                    return Err(io::Error::other("it holds a list of lists"));
                }
                return (0..count).try_for_each(|_| self.skip(kind));
            }
            _ => return Err(io::Error::other(format!("a value is of unknown kind {kind}"))),
        };
        self.bytes(length).map(drop)
    }

    fn placed(&mut self) -> io::Result<Placed> {
        let name = self.text()?;
        let dimensions = self.u32()?;
        if dimensions > 4 {
            return Err(io::Error::other(format!("a tensor of {dimensions} dimensions")));
        }
        let shape = (0..dimensions).map(|_| self.u64()).collect::<io::Result<_>>()?;
        Ok(Placed { name, shape, kind: self.u32()?, offset: self.u64()? })
    }
}
