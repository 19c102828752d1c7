//! The sound of a caller and of the leg that has the call, passed on between them as it comes: while nobody records it, nobody holds and nobody
//! else is to be heard, nothing is decoded, made up for or kept waiting.

use super::CallTask;
use crate::rtp::RtpSocket;
use crate::server::clock;
use crate::server::ear::Received;
use std::net::SocketAddr;
use std::sync::Arc;

impl CallTask {
    /// Whether sound is passed on packet by packet.
    pub(super) fn relays(&mut self) -> bool {
        let is_plain = self.recording.is_none() && !self.hung_up;
        is_plain && self.sound.talking().is_some() && self.legs.talking().is_some()
    }

    /// Where the sound of the leg that has the call comes in, while it is passed on.
    pub(super) fn relayed_leg(&mut self) -> Option<Arc<RtpSocket>> {
        let relays = self.relays();
        self.legs.talking().filter(|_| relays).map(|ear| ear.socket())
    }

    /// A datagram came from the caller.
    pub(super) fn hear(&mut self, first: Received<'_>) {
        let now = clock::now();
        if self.relays()
            && let (Some(line), Some(ear)) = (self.sound.talking(), self.legs.talking())
        {
            return ear.relay_from(now, first, &self.socket, line.stream_mut());
        }
        if let Some(stream) = self.sound.stream_mut() {
            let (datagram, length, source) = first;
            stream.receive(now, source, &datagram[..length]);
        }
    }

    /// A datagram came from the leg that has the call.
    pub(super) fn hear_leg(&mut self, first: Received<'_>) {
        if let (Some(line), Some(ear)) = (self.sound.talking(), self.legs.talking()) {
            ear.relay_to(clock::now(), first, &self.socket, line.stream_mut());
        }
    }
}

/// A datagram of this leg's; never one of none.
pub(super) async fn recv_from(leg: Option<&RtpSocket>, datagram: &mut [u8]) -> Option<(usize, SocketAddr)> {
    leg?.recv(datagram).await.ok()
}
