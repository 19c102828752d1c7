//! What pages do with a call, and the media that follow.

use super::call::State;
use super::protocol::{Attempt, CallKey, LegNews, Output, PageId};
use super::{CONNECT_WITHIN, Exchange, Timer};
use crate::browser::message::{RingOver, ToPage};
use crate::routing::PersonId;
use std::time::Instant;

/// What a page says of a call.
pub(super) enum Said {
    Answer(String),
    Decline,
    Rejoin(Option<String>),
    Hold(bool),
    Key(char),
    Transfer(String),
    End,
}

impl Exchange {
    pub(super) fn of_call(&mut self, now: Instant, page: PageId, person: &PersonId, name: &str, said: Said) {
        let Some(key) = self.find(person, name) else {
            let text = "This call is over.".to_owned();
            return self.outputs.push_back(Output::Tell(page, ToPage::Problem { call: Some(name.to_owned()), text }));
        };
        let Some(call) = self.calls.get_mut(&key) else { return };
        match (&mut call.state, said) {
            (State::Ringing, Said::Answer(sdp)) if call.only.is_none_or(|only| only == page) => {
                call.state = State::Connecting(page);
                self.timers.set(Timer::Connecting(key), now + CONNECT_WITHIN);
                self.connect(key, sdp);
            }
            (State::Ringing, Said::Decline) | (State::Connecting(_), Said::End | Said::Decline) => {
                self.tell_ring_over(key, page, RingOver::Declined, None);
                self.end_leg(key, LegNews::Declined);
            }
            (State::Talking { page: by, .. }, Said::Rejoin(sdp)) => {
                let before = by.replace(page).filter(|before| *before != page);
                if let Some(before) = before {
                    let why = "taken over on another device".to_owned();
                    self.outputs.push_back(Output::Tell(before, ToPage::Over { call: name.to_owned(), why }));
                }
                match sdp {
                    Some(sdp) => self.connect(key, sdp),
                    None => self.back(key),
                }
            }
            (State::Talking { page: by, held, is_alone, .. }, said) if *by == Some(page) => match said {
                Said::Hold(hold) => {
                    let is_news = std::mem::replace(held, hold) != hold;
                    if is_news && !*is_alone {
                        self.outputs.push_back(Output::Leg(key, LegNews::Held(hold)));
                    }
                    let call = name.to_owned();
                    self.outputs.push_back(Output::Tell(page, ToPage::Held { call, held: hold }));
                }
                Said::Key(digit) if is_key(digit) => self.outputs.push_back(Output::Leg(key, LegNews::Key(digit))),
                Said::Transfer(to) => self.outputs.push_back(Output::Leg(key, LegNews::Transfer(to))),
                Said::End => self.end_leg(key, LegNews::HungUp),
                Said::Key(_) | Said::Answer(_) | Said::Decline | Said::Rejoin(_) => {}
            },
            // Somebody was quicker, or has taken it over.
            (State::Connecting(_) | State::Talking { .. }, Said::Answer(_)) => {
                let call = name.to_owned();
                let over = ToPage::RingOver { call, why: RingOver::AnsweredElsewhere, by: Some(person.0.clone()) };
                self.outputs.push_back(Output::Tell(page, over));
            }
            _ => {}
        }
    }

    // ---- media ----

    fn connect(&mut self, key: CallKey, sdp: String) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.attempt.0 += 1;
        self.outputs.push_back(Output::Connect(key, call.attempt, sdp));
    }

    pub(super) fn agreed(&mut self, key: CallKey, attempt: Attempt, sdp: String) {
        let Some(call) = self.calls.get(&key).filter(|call| call.attempt == attempt) else { return };
        if let Some(page) = call.page() {
            let call = call.ring.call.clone();
            self.outputs.push_back(Output::Tell(page, ToPage::Answered { call, sdp }));
        }
    }

    pub(super) fn connected(&mut self, now: Instant, key: CallKey, attempt: Attempt) {
        let Some(call) = self.calls.get_mut(&key).filter(|call| call.attempt == attempt) else { return };
        match call.state {
            State::Connecting(page) => {
                self.timers.cancel(Timer::Connecting(key));
                call.state = State::Talking { page: Some(page), since: now, held: false, is_alone: false };
                self.outputs.push_back(Output::Leg(key, LegNews::Answered));
                let by = call.person.0.clone();
                self.tell_ring_over(key, page, RingOver::AnsweredElsewhere, Some(by));
            }
            State::Talking { .. } => self.back(key),
            State::Ringing => {}
        }
    }

    pub(super) fn refused(&mut self, key: CallKey, attempt: Attempt, text: String) {
        let Some(call) = self.calls.get_mut(&key).filter(|call| call.attempt == attempt) else { return };
        let Some(page) = call.page() else { return };
        let name = call.ring.call.clone();
        self.outputs.push_back(Output::Tell(page, ToPage::Problem { call: Some(name), text }));
        self.timers.cancel(Timer::Connecting(key));
        if let State::Connecting(_) = call.state {
            match call.only {
                Some(_) => self.end_leg(key, LegNews::Gone),
                None => call.state = State::Ringing,
            }
        }
    }

    /// The page that answered gets no sound through: the call rings on for others.
    pub(super) fn no_media(&mut self, key: CallKey, now: Instant) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let State::Connecting(page) = call.state else { return };
        let name = call.ring.call.clone();
        call.state = State::Ringing;
        // What comes of this attempt comes too late.
        call.attempt.0 += 1;
        let over = ToPage::RingOver { call: name, why: RingOver::NoMedia, by: None };
        self.outputs.push_back(Output::Tell(page, over));
        if call.only.is_some() || call.ends <= now {
            self.end_leg(key, LegNews::Gone);
        }
    }

    /// A page has the call again.
    fn back(&mut self, key: CallKey) {
        self.timers.cancel(Timer::Music(key));
        self.timers.cancel(Timer::Lost(key));
        self.set_alone(key, false);
        let Some(call) = self.calls.get(&key) else { return };
        let State::Talking { page: Some(page), held, .. } = call.state else { return };
        let name = &call.ring.call;
        let mut told = Vec::new();
        if call.is_up {
            told.push(ToPage::Up { call: name.clone() });
        }
        if held {
            told.push(ToPage::Held { call: name.clone(), held });
        }
        if let Some(text) = call.asked.clone() {
            told.push(ToPage::Ask { call: name.clone(), text });
        }
        self.outputs.extend(told.into_iter().map(|message| Output::Tell(page, message)));
    }

    pub(super) fn set_alone(&mut self, key: CallKey, alone: bool) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let State::Talking { held, is_alone, .. } = &mut call.state else { return };
        let is_news = std::mem::replace(is_alone, alone) != alone;
        if is_news && !*held {
            self.outputs.push_back(Output::Leg(key, LegNews::Held(alone)));
        }
    }
}

fn is_key(key: char) -> bool {
    key.is_ascii_digit() || matches!(key, '*' | '#' | 'A'..='D')
}
