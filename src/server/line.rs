//! The caller's leg while no conversation is on it: ring-back, announcements, another leg's sound, a message being taken.

use super::announcer::Announcer;
use super::hold_tone::HoldTone;
use super::workers::CallWork;
use crate::call::{Message, MessageEvent};
use crate::id::LegId;
use crate::media::{Frame, Ringback, Stream};
use std::time::Instant;

/// The caller's leg.
pub(super) const CALLER: LegId = LegId(0);

/// What happened on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEvent {
    /// All that was announced was heard.
    Announced,
    /// The caller has said their message, or hung up.
    MessageOver,
    /// The words after the message were heard.
    GoodbyeHeard,
    /// Who holds in line would rather leave a message.
    MessageWanted,
    /// Who holds in line would rather be called back.
    CallbackWanted,
}

/// Held callers ask to be called back by this key, where that is offered.
const CALLBACK_KEY: char = '1';
/// Held callers leave a message by this one.
const MESSAGE_KEY: char = '2';

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Ringing,
    Announcing,
    Message,
    Goodbye,
    Holding,
}

/// The caller's answered leg without a conversation.
pub(super) struct Line {
    stream: Stream,
    doing: Doing,
    announcer: Announcer,
    ringback: Ringback,
    music: HoldTone,
    offers_callback: bool,
    /// What who holds in line wants instead.
    wish: Option<LineEvent>,
    message: Message,
    keys: Vec<char>,
}

impl Line {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            doing: Doing::Ringing,
            announcer: Announcer::default(),
            ringback: Ringback::default(),
            music: HoldTone::default(),
            offers_callback: false,
            wish: None,
            message: Message::new(),
            keys: Vec::new(),
        }
    }

    /// Plays a text; [`LineEvent::Announced`] tells its end.
    pub(super) fn announce(&mut self, work: &CallWork, text: &str) {
        self.doing = Doing::Announcing;
        self.announcer.tell(work, CALLER, text);
    }

    /// Takes a message after this greeting; [`LineEvent::MessageOver`] tells its end.
    pub(super) fn take_message(&mut self, work: &CallWork, greeting: &str) {
        self.doing = Doing::Message;
        self.message = Message::new();
        self.announcer.skip();
        self.announcer.tell(work, CALLER, greeting);
    }

    /// Says goodbye after the message; [`LineEvent::GoodbyeHeard`] tells its end.
    pub(super) fn say_goodbye(&mut self, work: &CallWork, text: &str) {
        self.doing = Doing::Goodbye;
        self.announcer.tell(work, CALLER, text);
    }

    /// Plays music until [`Line::stop_holding`], or something else is played.
    pub(super) fn hold_in_line(&mut self, offers_callback: bool) {
        self.doing = Doing::Holding;
        (self.offers_callback, self.wish) = (offers_callback, None);
    }

    /// Says something over the music.
    pub(super) fn tell_in_line(&mut self, work: &CallWork, text: &str) {
        if self.doing == Doing::Holding {
            self.announcer.tell(work, CALLER, text);
        }
    }

    /// The caller is out of line.
    pub(super) fn stop_holding(&mut self) {
        if self.doing == Doing::Holding {
            self.doing = Doing::Ringing;
            self.announcer.skip();
        }
    }

    /// The caller hung up: a message ends with what was said.
    pub(super) fn hung_up(&mut self) {
        self.message.finish();
    }

    /// What the caller says: their next 20 ms. `speech` is how likely it is that they speak.
    pub(super) fn hear(&mut self, now: Instant, speech: impl FnOnce(&Frame) -> f32) -> Frame {
        let frame = self.stream.next_frame(now);
        self.hear_keys();
        if self.doing == Doing::Message {
            self.message.hear(&frame, speech(&frame));
        }
        frame
    }

    /// Takes in the keys that the caller pressed.
    pub(super) fn hear_keys(&mut self) {
        while let Some(key) = self.stream.poll_digit() {
            self.press(key);
        }
    }

    /// A key of the caller, however it came.
    pub(super) fn press(&mut self, key: char) {
        match self.doing {
            Doing::Message => self.message.digit(key),
            Doing::Holding => self.wish = self.wish_for(key).or(self.wish),
            Doing::Ringing | Doing::Announcing | Doing::Goodbye => self.keys.push(key),
        }
    }

    fn wish_for(&self, key: char) -> Option<LineEvent> {
        match key {
            CALLBACK_KEY if self.offers_callback => Some(LineEvent::CallbackWanted),
            MESSAGE_KEY => Some(LineEvent::MessageWanted),
            _ => None,
        }
    }

    /// The caller's keys since the last time, for the leg that they are connected with.
    pub(super) fn take_keys(&mut self) -> Vec<char> {
        std::mem::take(&mut self.keys)
    }

    /// What the caller is to hear: the other leg, else what they are told, else ringing.
    pub(super) fn next_frame(&mut self, other: Option<&Frame>) -> Frame {
        if let Some(frame) = other {
            return *frame;
        }
        let tone = if self.doing == Doing::Message { self.message.speak() } else { None };
        if let Some(frame) = tone {
            return frame;
        }
        match self.doing {
            Doing::Ringing => self.ringback.next_frame(),
            Doing::Holding if self.announcer.is_speaking() => {
                mixed(&self.announcer.next_frame(), &self.music.next_frame())
            }
            Doing::Holding => self.music.next_frame(),
            _ => self.announcer.next_frame(),
        }
    }

    /// The next 20 ms of the tune that who is put on hold hears.
    pub(super) fn next_music(&mut self) -> Frame {
        self.music.next_frame()
    }

    /// What happened in the last 20 ms.
    pub(super) fn poll_event(&mut self) -> Option<LineEvent> {
        if self.doing == Doing::Message {
            if self.announcer.is_done() {
                self.message.greeted();
            }
            let over = std::iter::from_fn(|| self.message.poll_event()).any(|event| event == MessageEvent::Done);
            return over.then(|| {
                self.announcer.skip();
                self.doing = Doing::Ringing;
                LineEvent::MessageOver
            });
        }
        let event = match self.doing {
            Doing::Announcing => LineEvent::Announced,
            Doing::Goodbye => LineEvent::GoodbyeHeard,
            Doing::Holding => return self.wish.take(),
            Doing::Ringing | Doing::Message => return None,
        };
        self.announcer.is_done().then(|| {
            self.doing = Doing::Ringing;
            event
        })
    }

    /// The message: mono 16-bit PCM at 8,000 Hz; empty when nothing was said.
    pub(super) fn message(&self) -> &[i16] {
        self.message.sound()
    }

    pub(super) fn announcer(&mut self) -> &mut Announcer {
        &mut self.announcer
    }

    pub(super) fn stream_mut(&mut self) -> &mut Stream {
        &mut self.stream
    }

    pub(super) fn into_stream(self) -> Stream {
        self.stream
    }
}

/// Words over music that steps back.
fn mixed(words: &Frame, music: &Frame) -> Frame {
    let mut sum = words.0;
    for (sample, note) in sum.iter_mut().zip(&music.0) {
        *sample = sample.saturating_add(note / 4);
    }
    Frame(sum)
}
