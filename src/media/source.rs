//! Symmetric RTP with a source lock: the peer's real address is learnt from its packets, since SDP's may lie behind a NAT, and then
//! kept, so that nobody else can speak into the call or have it sent to them ("RTP bleed", AST-2017-005 and AST-2017-008).

use super::Packet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// So many packets in sequence prove a source that SDP did not name.
const PROOF: usize = 3;
/// A locked source that starts another stream proves it by two.
const PROOF_OF_NEW_STREAM: usize = 2;
/// After a re-INVITE to another address, the old source is believed only when the new one stays away: half a second.
const PROOF_OF_RETIRED: usize = 25;
/// A locked source that is silent for so long may be replaced, by SDP's address or by the same stream from elsewhere.
const SILENT_AFTER: Duration = Duration::from_secs(2);
/// Sources observed at once.
const MAX_CANDIDATES: usize = 4;
/// Forward steps in sequence that still count as one stream: a lossy network must be able to lock.
const LARGEST_STEP: u16 = 4;

/// Which source is listened to.
#[derive(Debug)]
pub(super) struct SourceLock {
    /// The address in the peer's SDP.
    signalled: SocketAddr,
    /// The source before the last re-INVITE moved the stream.
    retired: Option<SocketAddr>,
    locked: Option<Locked>,
    candidates: Vec<Candidate>,
    pub(super) foreign: u64,
}

#[derive(Debug)]
struct Locked {
    source: SocketAddr,
    ssrc: u32,
    heard_at: Instant,
}

#[derive(Debug)]
struct Candidate {
    source: SocketAddr,
    heard_at: Instant,
    run: usize,
    /// The newest of its packets, so that nothing is lost when it is believed.
    held: Vec<Packet>,
}

/// What may be heard now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Admitted {
    /// In order of arrival.
    pub(super) packets: Vec<Packet>,
    /// They begin another stream than the last.
    pub(super) is_new_stream: bool,
}

impl SourceLock {
    pub(super) fn new(signalled: SocketAddr) -> Self {
        Self { signalled, retired: None, locked: None, candidates: Vec::new(), foreign: 0 }
    }

    /// Where to send to.
    pub(super) fn remote(&self) -> SocketAddr {
        self.locked.as_ref().map_or(self.signalled, |locked| locked.source)
    }

    /// Whether the lock has fallen on another source than this.
    pub(super) fn excludes(&self, source: SocketAddr) -> bool {
        self.locked.as_ref().is_some_and(|locked| locked.source != source)
    }

    /// A new offer or answer. The same address again (hold, resume, refresh) changes nothing.
    pub(super) fn signal(&mut self, signalled: SocketAddr) {
        if signalled == self.signalled {
            return;
        }
        self.signalled = signalled;
        self.candidates.clear();
        // A peer that now signals the address it has been sending from all along is no other source.
        if self.remote() != signalled {
            self.retired = self.locked.take().map(|locked| locked.source).or(self.retired);
        }
    }

    /// Whether a packet of an agreed payload type goes on with the locked stream: nearly all do, and need nothing else.
    pub(super) fn goes_on(&mut self, now: Instant, source: SocketAddr, ssrc: u32) -> bool {
        let locked = self.locked.as_mut().filter(|locked| (locked.source, locked.ssrc) == (source, ssrc));
        locked.map(|locked| locked.heard_at = now).is_some()
    }

    /// Takes in any other packet of an agreed payload type.
    pub(super) fn admit(&mut self, now: Instant, source: SocketAddr, packet: Packet) -> Option<Admitted> {
        if !self.may_speak(now, source, packet.ssrc) {
            self.foreign += 1;
            return None;
        }
        let proof = self.proof(source);
        let candidate = self.candidate(now, source);
        candidate.hear(now, packet);
        if candidate.run < proof {
            return None;
        }
        Some(self.lock(now, source))
    }

    /// Whether a source other than the locked stream is worth observing.
    fn may_speak(&self, now: Instant, source: SocketAddr, ssrc: u32) -> bool {
        let Some(locked) = &self.locked else { return true };
        let is_silent = now.saturating_duration_since(locked.heard_at) >= SILENT_AFTER;
        let is_likely =
            source.ip() == self.signalled.ip() || ssrc == locked.ssrc || self.retired == Some(locked.source);
        source == locked.source || source == self.signalled || is_silent && is_likely
    }

    fn proof(&self, source: SocketAddr) -> usize {
        match &self.locked {
            Some(locked) if locked.source == source => PROOF_OF_NEW_STREAM,
            None if source == self.signalled => 1,
            _ if self.retired == Some(source) => PROOF_OF_RETIRED,
            _ => PROOF,
        }
    }

    fn candidate(&mut self, now: Instant, source: SocketAddr) -> &mut Candidate {
        if let Some(index) = self.candidates.iter().position(|candidate| candidate.source == source) {
            return &mut self.candidates[index];
        }
        if self.candidates.len() == MAX_CANDIDATES {
            let oldest = (0..MAX_CANDIDATES).min_by_key(|&index| self.candidates[index].heard_at).unwrap_or(0);
            self.foreign += self.candidates.swap_remove(oldest).held.len() as u64;
        }
        self.candidates.push(Candidate { source, heard_at: now, run: 0, held: Vec::new() });
        self.candidates.last_mut().expect("it was pushed just now")
    }

    fn lock(&mut self, now: Instant, source: SocketAddr) -> Admitted {
        let mut packets = Vec::new();
        for candidate in self.candidates.drain(..) {
            if candidate.source == source {
                packets = candidate.held;
            } else {
                self.foreign += candidate.held.len() as u64;
            }
        }
        let ssrc = packets.last().map_or(0, |packet| packet.ssrc);
        let is_new_stream = self.locked.as_ref().is_none_or(|locked| locked.ssrc != ssrc);
        self.locked = Some(Locked { source, ssrc, heard_at: now });
        Admitted { packets, is_new_stream }
    }
}

impl Candidate {
    fn hear(&mut self, now: Instant, packet: Packet) {
        self.heard_at = now;
        let follows = self.held.last().is_some_and(|last| {
            last.ssrc == packet.ssrc && (1..=LARGEST_STEP).contains(&packet.sequence.wrapping_sub(last.sequence))
        });
        if !follows {
            self.run = 0;
            self.held.clear();
        }
        self.run += 1;
        self.held.push(packet);
        if self.held.len() > PROOF {
            self.held.remove(0);
        }
    }
}

#[cfg(test)]
mod tests;
