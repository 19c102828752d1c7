//! What happened on one stream, in numbers: kept with the call and shown in its record.

use serde::Serialize;
use std::time::Duration;

/// Counts of one two-way stream since its start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Valid packets from the locked source, each once: audio, digits, comfort noise.
    pub received: u64,
    /// Packets that the sequence numbers promise and that never came.
    pub lost: u64,
    /// Packets that came after their place in the sound had been played.
    pub late: u64,
    /// Packets that came more than once.
    pub duplicate: u64,
    /// 20 ms frames that held made-up sound in place of missing packets.
    pub concealed: u64,
    /// Frames dropped so that the delay stays within its bounds.
    pub shortened: u64,
    /// Frames inserted so that the delay suffices for the network's jitter.
    pub lengthened: u64,
    /// Datagrams from a source other than the locked one.
    pub foreign: u64,
    /// Datagrams that are no RTP: noise, RTCP, STUN.
    pub garbage: u64,
    /// RTP packets of a payload type that was not agreed.
    pub wrong_payload: u64,
    /// Interarrival jitter (RFC 3550, section 6.4.1), now.
    pub jitter: Duration,
    /// The jitter buffer's target delay, now.
    pub target_delay: Duration,
    /// Packets sent.
    pub sent: u64,
    /// Keypad digits received.
    pub digits: u64,
}
