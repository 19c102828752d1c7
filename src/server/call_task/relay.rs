//! The sound of a caller and of the leg that has the call, passed on between them as it comes: while nobody records it, nobody holds and nobody
//! else is to be heard, nothing is decoded, made up for or kept waiting.

use super::CallTask;
use crate::rtp::RtpSocket;
use crate::server::clock;
use crate::server::ear::poll_each;
use crate::server::legs::Legs;
use crate::server::sound::Sound;
use std::future::poll_fn;
use std::task::Poll;

impl CallTask {
    /// Whether sound is passed on packet by packet.
    pub(super) fn relays(&mut self) -> bool {
        let is_plain = self.recording.is_none() && !self.hung_up;
        is_plain && self.sound.talking().is_some() && self.legs.talking().is_some()
    }

    /// Whether nothing but what is passed on sounds on any leg: no key, no word to somebody else.
    pub(super) fn only_relays(&mut self) -> bool {
        let is_key_down = self.sound.stream_mut().is_some_and(|stream| stream.is_key_down());
        self.relays() && !is_key_down && self.legs.is_quiet()
    }
}

/// Takes in what comes from the caller and, if it is passed on, from the leg that has the call. Never done: it goes on inside of one wait, since
/// a turn of the task for each packet would cost more than the packet.
pub(super) async fn listen(relays: bool, socket: &RtpSocket, sound: &mut Sound, legs: &mut Legs) {
    poll_fn(|context| -> Poll<()> {
        let now = clock::now();
        let is_flood = if relays && let (Some(line), Some(ear)) = (sound.talking(), legs.talking()) {
            ear.poll_relay(context, now, (socket, line.stream_mut()))
        } else {
            poll_each(context, socket, |source, datagram| {
                if let Some(stream) = sound.stream_mut() {
                    stream.receive(now, source, datagram);
                }
            })
        };
        if is_flood {
            context.waker().wake_by_ref();
        }
        Poll::Pending
    })
    .await;
}
