//! What is on the caller's leg.

use super::line::Line;
use super::voice::Listener;
use crate::call::Talk;
use crate::conversation::Input;
use crate::media::{Counters, Stream};
use std::time::Instant;

/// What is on the caller's leg.
pub(super) enum Sound {
    /// Nothing: it is not answered yet.
    None,
    /// Ringing, announcements, another leg, a message.
    Line(Box<Line>),
    /// The conversation.
    Talk(Box<Talk>),
}

impl Sound {
    pub(super) fn stream_mut(&mut self) -> Option<&mut Stream> {
        match self {
            Self::None => None,
            Self::Line(line) => Some(line.stream_mut()),
            Self::Talk(talk) => Some(talk.stream_mut()),
        }
    }

    /// The line, while its sound can be passed on as it is.
    pub(super) fn talking(&mut self) -> Option<&mut Line> {
        let Self::Line(line) = self else { return None };
        if line.stream_mut().is_held() { None } else { Some(line) }
    }

    pub(super) fn counters(&mut self) -> Option<Counters> {
        self.stream_mut().map(|stream| stream.counters())
    }

    /// A key of the caller that came by signalling.
    pub(super) fn press(&mut self, now: Instant, key: char) {
        match self {
            Self::None => {}
            Self::Line(line) => line.press(key),
            Self::Talk(talk) => talk.handle_input(now, Input::Digit(key)),
        }
    }

    /// The caller hung up: a conversation gathers what was said, a message ends.
    pub(super) fn hung_up(&mut self, now: Instant) {
        match self {
            Self::None => {}
            Self::Line(line) => line.hung_up(),
            Self::Talk(talk) => talk.hung_up(now),
        }
    }

    /// An input of the conversation, if there is one.
    pub(super) fn think(&mut self, now: Instant, input: Input) {
        if let Self::Talk(talk) = self {
            talk.handle_input(now, input);
        }
    }

    /// More of a clause's sound: mono 16-bit PCM at 8,000 Hz.
    pub(super) fn voice(&mut self, listener: Listener, pcm: &[i16]) {
        if let (Self::Talk(talk), Listener::Conversation { turn, clause }) = (self, listener) {
            talk.voice(turn, clause, pcm);
        }
    }

    /// All of a clause's sound was given.
    pub(super) fn voice_finished(&mut self, listener: Listener) {
        if let (Self::Talk(talk), Listener::Conversation { turn, clause }) = (self, listener) {
            talk.voice_finished(turn, clause);
        }
    }

    /// A clause can't be spoken.
    pub(super) fn voice_failed(&mut self, now: Instant, listener: Listener) {
        if let (Self::Talk(talk), Listener::Conversation { turn, clause }) = (self, listener) {
            talk.voice_failed(now, turn, clause);
        }
    }
}
