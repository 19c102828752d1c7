//! Sound on its way between packets and models: 20 ms frames of mono 16-bit PCM at 8,000 Hz.
//!
//! Inbound: datagram -> [`Packet`] -> source lock -> jitter buffer -> [`Frame`], with concealment where packets are missing.
//! Outbound: clauses' PCM -> [`Playout`] -> [`Frame`] -> [`Stream::send`] -> datagram. All of it is pure: `now` is an argument.
//! Between two legs: datagram -> [`Packet`] -> source lock -> other number, stamp and source -> datagram ([`Stream::relay`]); nothing is decoded
//! and nothing waits.

mod concealment;
mod counters;
mod digits;
mod frame;
mod g711;
mod jitter;
mod level;
mod netem;
mod outbound;
mod packet;
mod playout;
mod reception;
mod relayed;
mod resample;
mod ringback;
mod source;
mod stream;
mod tone;

pub use counters::Counters;
pub use frame::{FRAME_DURATION, FRAME_SAMPLES, Frame, SAMPLE_RATE};
pub use g711::Codec;
pub use level::level_dbfs;
pub use netem::{Netem, NetemConfig};
pub use packet::{Packet, PacketError};
pub use playout::{Playout, PlayoutEvent, StoppedAt};
pub use resample::{Resampler, resample};
pub use ringback::Ringback;
pub use stream::{Stream, StreamConfig, StreamSeed};
pub use tone::tone_frame;
