"""Sound of the telephone line: mono, 8,000 Hz, 16 bits a sample."""
import array
import math
import pathlib
import struct
import wave

RATE = 8_000
FRAME_BYTES = RATE // 50 * 2
MU_LAW = 7


def read(path):
    """The samples of a 16-bit or a mu-law file, as bytes."""
    chunks = dict(_chunks(pathlib.Path(path).read_bytes()))
    form, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunks[b"fmt "][:16])
    if (channels, rate) != (1, RATE) or (form, bits) not in ((1, 16), (MU_LAW, 8)):
        raise ValueError(f"{path} is no mono file at 8,000 Hz of 16 bits or mu-law")
    data = chunks[b"data"]
    return data if form == 1 else array.array("h", (EXPANDED[byte] for byte in data)).tobytes()


def write(path, pcm):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm)


def frames(pcm):
    """Pieces of 20 ms, the last filled up with silence."""
    pieces = [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES)]
    return [piece.ljust(FRAME_BYTES, b"\0") for piece in pieces]


def level_dbfs(pcm):
    """As `media::level_dbfs` measures it."""
    samples = array.array("h", pcm)
    rms = math.sqrt(sum(sample * sample for sample in samples) / max(1, len(samples)))
    return -120.0 if rms < 0.5 else 20.0 * math.log10(rms / 32_768.0)


def _chunks(riff):
    at = 12
    while at + 8 <= len(riff):
        name, length = struct.unpack("<4sI", riff[at : at + 8])
        yield name, riff[at + 8 : at + 8 + length]
        # Chunks begin at even places.
        at += 8 + length + length % 2


def _expand(byte):
    byte = ~byte & 0xFF
    magnitude = (((byte & 0x0F) << 3) + 0x84 << ((byte & 0x70) >> 4)) - 0x84
    return -magnitude if byte & 0x80 else magnitude


EXPANDED = [_expand(byte) for byte in range(256)]
