//! A call whose caller leaves a message.

use super::CallTask;
use crate::call::Signal;
use crate::prompt::{LineName, LineVars};
use crate::server::clock;
use crate::server::sound::Sound;
use crate::server::voicemail::Voicemail;
use std::time::Instant;

impl CallTask {
    /// Greets the caller, and lets them speak.
    pub(super) fn take_message(&mut self) {
        // A conversation that broke is over.
        self.end_talk();
        self.begin_recording();
        self.voicemail = Some(Voicemail::new(self.started.elapsed()));
        let greeting = self.service.prompt.line(LineName::Voicemail, &LineVars::default());
        if let Sound::Line(line) = &mut self.sound {
            line.take_message(&self.work, &greeting);
        }
    }

    /// What the caller has said is kept, and they hear goodbye.
    pub(super) fn keep_message(&mut self) {
        let (Sound::Line(line), Some(voicemail)) = (&mut self.sound, &mut self.voicemail) else { return };
        voicemail.keep(clock::now(), line.message(), &self.service.message_path(self.journal.call()));
        if let Some(work) = voicemail.next_work() {
            self.work.give(work);
        }
        if !self.hung_up {
            let goodbye = self.service.prompt.line(LineName::VoicemailGoodbye, &LineVars::default());
            line.say_goodbye(&self.work, &goodbye);
        }
    }

    /// The message is written down before the call is: its text is part of the record.
    pub(super) async fn check_voicemail(&mut self, now: Instant) {
        let Some(voicemail) = &mut self.voicemail else { return };
        if self.hung_up {
            voicemail.farewell_is_over();
        }
        if let Some(taken) = voicemail.take_result(now, self.next_turn) {
            if let Some(path) = &taken.path {
                self.note("voicemail", serde_json::json!({ "path": path }));
                self.message = Some("(no words could be made out)".to_owned());
            }
            if let Some(turn) = taken.turn {
                self.message = Some(turn.text.clone());
                self.next_turn = turn.id.next();
                self.journal.turn(turn);
            }
            self.signal(Signal::MessageTaken(taken.path.is_some())).await;
        }
    }
}
