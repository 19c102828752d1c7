//! Keys of who has the call: most are for the caller, a feature code and an extension pass the call on.
//!
//! A key that may begin the code waits until it is clear what it is, so that the caller hears no part of a code.

use crate::timer::Timers;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long the rest of the code may take.
const CODE_WITHIN: Duration = Duration::from_secs(2);
/// The pause that ends an extension; `#` ends it at once.
const EXTENSION_ENDS: Duration = Duration::from_secs(3);
/// More keys are no extension.
const LONGEST_EXTENSION: usize = 16;
/// Ends an extension.
const END: char = '#';

/// The keys that begin a transfer; none when it is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferCode(pub String);

impl Default for TransferCode {
    fn default() -> Self {
        Self("*2".to_owned())
    }
}

/// What the keys mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keyed {
    /// A key for the caller.
    Key(char),
    /// The call goes to whom these keys name.
    Transfer(String),
}

/// The machine that reads them.
#[derive(Debug)]
pub struct Keypad {
    code: String,
    /// Keys that may be the code, or the extension behind it.
    held: String,
    is_extension: bool,
    timers: Timers<()>,
    outputs: VecDeque<Keyed>,
}

impl Keypad {
    /// Reads this code; an empty one lets every key through.
    #[must_use]
    pub fn new(code: &TransferCode) -> Self {
        Self {
            code: code.0.clone(),
            held: String::new(),
            is_extension: false,
            timers: Timers::new(),
            outputs: VecDeque::new(),
        }
    }

    /// A key was pressed.
    pub fn handle_input(&mut self, now: Instant, key: char) {
        self.tick(now);
        if self.is_extension {
            self.take_extension(now, key);
        } else {
            self.take_code(now, key);
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Instant) {
        if self.timers.pop_expired(now).is_none() {
            return;
        }
        if self.is_extension { self.finish() } else { self.let_through() }
    }

    /// What the keys mean; drain after each input.
    pub fn poll_output(&mut self) -> Option<Keyed> {
        self.outputs.pop_front()
    }

    /// When [`Keypad::tick`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    fn take_code(&mut self, now: Instant, key: char) {
        self.held.push(key);
        while !self.code.starts_with(&self.held) && !self.held.is_empty() {
            let first = self.held.remove(0);
            self.outputs.push_back(Keyed::Key(first));
        }
        if self.held.is_empty() {
            return self.timers.cancel(());
        }
        self.is_extension = self.held == self.code;
        if self.is_extension {
            self.held.clear();
        }
        self.timers.set((), now + if self.is_extension { EXTENSION_ENDS } else { CODE_WITHIN });
    }

    fn take_extension(&mut self, now: Instant, key: char) {
        if key == END {
            return self.finish();
        }
        self.held.push(key);
        if self.held.len() > LONGEST_EXTENSION {
            return self.finish();
        }
        self.timers.set((), now + EXTENSION_ENDS);
    }

    fn finish(&mut self) {
        self.timers.cancel(());
        self.is_extension = false;
        let extension = std::mem::take(&mut self.held);
        if !extension.is_empty() {
            self.outputs.push_back(Keyed::Transfer(extension));
        }
    }

    fn let_through(&mut self) {
        self.outputs.extend(std::mem::take(&mut self.held).chars().map(Keyed::Key));
    }
}

#[cfg(test)]
mod tests {
    use super::{Keyed, Keypad, TransferCode};
    use crate::timer::epoch;
    use std::time::Duration;

    /// Presses `SECONDS KEY` and waits to the end; gives keys as they are, and transfers as `>EXTENSION`.
    fn read(code: &str, keys: &str) -> String {
        let (mut keypad, began, mut told) = (Keypad::new(&TransferCode(code.to_owned())), epoch(), String::new());
        let mut drain = |keypad: &mut Keypad| {
            while let Some(output) = keypad.poll_output() {
                match output {
                    Keyed::Key(key) => told.push(key),
                    Keyed::Transfer(extension) => told.extend(std::iter::once('>').chain(extension.chars())),
                }
            }
        };
        let mut at = began;
        for (index, word) in keys.split(' ').enumerate() {
            match word.parse::<u64>() {
                Ok(seconds) if index % 2 == 0 => at = began + Duration::from_secs(seconds),
                _ => keypad.handle_input(at, word.chars().next().expect("a key")),
            }
            drain(&mut keypad);
        }
        while let Some(due) = keypad.poll_timeout() {
            keypad.tick(due);
            drain(&mut keypad);
        }
        told
    }

    #[test]
    fn keys_are_for_the_caller_and_the_code_is_not() {
        assert_eq!(read("*2", "0 7 1 0 2 #"), "70#");
        assert_eq!(read("*2", "0 * 0 2 1 1 1 0 2 1 2 #"), ">101");
        assert_eq!(read("*2", "0 * 0 2 1 1 1 0 9 5"), ">105", "a pause ends it, and the next key is the caller's");
    }

    #[test]
    fn what_only_begins_like_the_code_is_let_through_whole() {
        assert_eq!(read("*2", "0 * 1 3"), "*3");
        assert_eq!(read("*2", "0 * 9 2"), "*2", "too slow");
        assert_eq!(read("*2", "0 * 0 * 0 2 1 0 1 #"), "*>0", "the second star begins it");
        assert_eq!(read("**", "0 * 0 * 1 1 1 #"), ">1");
        assert_eq!(read("", "0 * 0 2"), "*2", "no code");
    }

    #[test]
    fn a_code_without_an_extension_does_nothing() {
        assert_eq!(read("*2", "0 * 0 2 1 #"), "");
        assert_eq!(read("*2", "0 * 0 2 9 7"), "7");
    }
}
