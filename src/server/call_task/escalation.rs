//! The receptionist and the person whom she looks for.

use super::CallTask;
use crate::call::Signal;
use crate::id::LegId;
use crate::lead::speak_number;
use crate::prompt::{LineName, LineVars};
use crate::routing::settle;
use crate::server::clock;
use crate::server::line::Line;
use crate::server::service::draw;
use crate::server::sound::Sound;

impl CallTask {
    /// Looks for a person, who is to be told this.
    pub(super) async fn escalate(&mut self, briefing: LineVars) {
        self.briefing = Some(briefing);
        let mut steps = self.escalation.clone();
        settle(&mut steps, draw(), &self.service.standing());
        self.signal(Signal::Escalate(steps)).await;
    }

    /// Nobody came: the receptionist goes on.
    pub(super) fn resume_talk(&mut self) {
        self.briefing = None;
        if let Sound::Talk(talk) = &mut self.sound {
            talk.resume(clock::now());
        }
    }

    /// Asks who answered to take the call: with what the receptionist knows of it, or who calls.
    pub(super) fn ask_to_accept(&mut self, leg: LegId) {
        if let Some(briefing) = self.briefing.clone() {
            return self.ask(leg, LineName::Briefing, &briefing);
        }
        let number = self.caller.as_ref().map(speak_number);
        self.ask(leg, LineName::AskToAccept, &LineVars { number, ..LineVars::default() });
    }

    // Again and again, until a key is pressed.
    fn ask(&mut self, leg: LegId, line: LineName, vars: &LineVars) {
        let text = self.service.prompt.line(line, vars);
        self.legs.show_question(leg, &text);
        if let Some(announcer) = self.legs.announcer(leg) {
            announcer.ask(&self.work, leg, &text);
        }
    }

    /// A conversation, if there is one, is over: what it learnt is kept, and the caller stays on the line.
    pub(super) fn end_talk(&mut self) {
        (self.briefing, self.seat) = (None, None);
        self.sound = match std::mem::replace(&mut self.sound, Sound::None) {
            Sound::Talk(talk) => {
                let learnt = talk.slots();
                self.slots.retain(|slot| learnt.iter().all(|newer| newer.name != slot.name));
                self.slots.extend(learnt);
                Sound::Line(Box::new(Line::new(talk.into_stream())))
            }
            sound => sound,
        };
    }
}
