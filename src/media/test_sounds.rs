//! The repository's sounds, for tests: WAV files of G.711 mu-law or 16-bit PCM, mono, 8,000 Hz.

use super::{Codec, FRAME_SAMPLES, Frame, level_dbfs};
use std::fs;
use std::path::{Path, PathBuf};

/// Where the callers' lines and sounds are.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/callers/audio")
}

/// The files in this folder and those in it, in order of their names.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("readable").map(|entry| entry.expect("readable").path()).collect();
    entries.sort();
    let inside = |entry: PathBuf| if entry.is_dir() { files(&entry) } else { vec![entry] };
    entries.into_iter().flat_map(inside).collect()
}

/// A file's samples.
pub(crate) fn read(path: &Path) -> Vec<i16> {
    const MU_LAW: u8 = 7;
    let bytes = fs::read(path).expect("readable");
    let (mut at, mut format) = (12, 0);
    while let Some((head, rest)) = bytes.get(at..).and_then(|rest| rest.split_at_checked(8)) {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        match &head[..4] {
            b"fmt " => format = rest[0],
            b"data" if format == MU_LAW => return Codec::Pcmu.decode(&rest[..length]),
            b"data" => return rest[..length].as_chunks().0.iter().map(|sample| i16::from_le_bytes(*sample)).collect(),
            _ => {}
        }
        at += 8 + length + length % 2;
    }
    panic!("{} holds no sound", path.display());
}

/// What a voice of the callers says, line after line.
pub(crate) fn voice(name: &str) -> Vec<i16> {
    files(&folder().join(name)).iter().flat_map(|path| read(path)).collect()
}

/// The same without its pauses.
pub(crate) fn dense_voice(name: &str) -> Vec<i16> {
    voice(name).chunks_exact(FRAME_SAMPLES).filter(|frame| level_dbfs(frame) > -35.0).flatten().copied().collect()
}

/// The sound cut into frames; what is left over at the end is left out.
pub(crate) fn frames(pcm: &[i16]) -> impl Iterator<Item = Frame> {
    let (frames, _) = pcm.as_chunks::<FRAME_SAMPLES>();
    frames.iter().map(|frame| Frame(*frame))
}

/// How it sounds once a line of G.711 mu-law has carried it.
pub(crate) fn through_line(pcm: &[f32]) -> Vec<i16> {
    let pcm: Vec<i16> = pcm.iter().map(|sample| *sample as i16).collect();
    frames(&pcm).flat_map(|frame| Codec::Pcmu.decode(&Codec::Pcmu.encode(&frame))).collect()
}
