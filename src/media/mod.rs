//! Sound on its way between packets and models: 20 ms frames of mono 16-bit PCM at 8,000 Hz.
//!
//! Inbound: datagram -> [`Packet`] -> source lock -> jitter buffer -> [`Frame`], with concealment where packets are missing.
//! Outbound: clauses' PCM -> [`Playout`] -> [`Frame`] -> [`Stream::send`] -> datagram. All of it is pure: `now` is an argument.
//! Between two legs: datagram -> [`Packet`] -> source lock -> other number, stamp and source -> datagram ([`Stream::relay`]); nothing is decoded
//! and nothing waits.
//! Beside them [`Echo`] tells the caller's speech from what comes back of the receptionist's,
//! [`Tones`] from the tones of networks and fax machines, and [`Background`] from voices behind the caller.

mod background;
mod bands;
mod concealment;
mod counters;
mod digits;
mod echo;
mod frame;
mod g711;
mod jitter;
mod level;
pub mod mel;
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
#[cfg(test)]
pub(crate) mod test_sounds;
mod tone;
mod tones;

pub use background::Background;
pub use counters::Counters;
pub use echo::Echo;
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
pub use tones::{LineSound, Tones};
