//! Keys of whoever has the call: for the caller to hear, or a code that passes the call on.

use super::CallTask;
use crate::routing::Keyed;
use crate::server::ear::KEY;
use std::time::Instant;

impl CallTask {
    /// Lets the caller hear the keys that the leg pressed; gives the extension that was dialled with a code.
    pub(super) fn follow_keys(&mut self, now: Instant) -> Option<String> {
        self.keypad.tick(now);
        while let Some(key) = self.legs.poll_key() {
            self.keypad.handle_input(now, key);
        }
        let mut dialled = None;
        while let Some(keyed) = self.keypad.poll_output() {
            match (keyed, self.sound.stream_mut()) {
                (Keyed::Key(key), Some(stream)) => stream.start_digit(key, KEY),
                (Keyed::Key(_), None) => {}
                (Keyed::Transfer(extension), _) => dialled = Some(extension),
            }
        }
        dialled
    }
}
