//! A number from the caller's keypad.

use super::{Conversation, Timer};
use crate::conversation::agenda::Decision;
use crate::conversation::protocol::Output;
use crate::conversation::turn::{Heard, Origin, Speaker, StageTimes, Turn};
use std::time::Instant;

/// No number is longer (ITU-T E.164 allows 15 digits, and a prefix may come before them).
const MAX_KEYS: usize = 20;

impl Conversation {
    pub(super) fn key_pressed(&mut self, now: Instant, key: char) {
        if !self.agenda.wants_number(&self.form) {
            return;
        }
        match key {
            // The number was complete without it.
            '#' | '*' if self.keys.is_empty() => return,
            '0'..='9' if self.keys.len() < MAX_KEYS => self.keys.push(key),
            '*' => self.keys.clear(),
            '#' => self.keys_done = true,
            _ => return,
        }
        self.keys_done |= self.agenda.is_complete(&self.keys);
        self.timers.set(Timer::Keypad, now + self.config.keypad_pause);
        let is_free = self.saying.as_ref().is_some_and(|saying| !saying.is_stopping && !saying.is_guarded());
        if is_free {
            self.interrupt(now);
        }
    }

    /// Takes the keys once they are whole and nobody speaks.
    pub(super) fn settle_keys(&mut self, now: Instant) {
        if !self.keys_done || self.saying.is_some() {
            return;
        }
        if let Some(decision) = self.take_keys(now) {
            self.reply(now, decision, None, StageTimes::default(), Some(now));
        }
    }

    /// Keeps the keys as a turn and what they say.
    pub(super) fn take_keys(&mut self, now: Instant) -> Option<Decision> {
        self.timers.cancel(Timer::Keypad);
        self.keys_done = false;
        let keys = std::mem::take(&mut self.keys);
        if keys.is_empty() {
            return None;
        }
        self.is_idle_prompted = false;
        let turn = self.take_turn_id();
        self.outputs.push_back(Output::Turn(Turn {
            id: turn,
            speaker: Speaker::Caller,
            text: keys.clone(),
            started_at: self.since_start(now),
            ended_at: self.since_start(now),
            heard: Heard::Whole,
            origin: Origin::Keypad,
            stages: StageTimes::default(),
        }));
        self.chat.push_caller(&keys, false);
        self.agenda_before = Some(self.agenda.clone());
        let decision = self.agenda.keyed(&mut self.form, turn, &keys);
        self.tell_changes();
        Some(decision)
    }
}
