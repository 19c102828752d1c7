//! What the voice says to one leg outside of any conversation, clause by clause.

use super::workers::CallWork;
use crate::conversation::clauses;
use crate::id::{LegId, TurnId};
use crate::media::{Frame, Playout, PlayoutEvent};

/// The queue of what one leg is told. The voice makes the clauses in the order in which they were asked for.
#[derive(Debug, Default)]
pub(super) struct Announcer {
    playout: Playout,
    told: u32,
    made: u32,
    heard: u32,
    /// Clauses before this one are not wanted any more.
    skipped: u32,
    /// Said again and again.
    question: Option<Question>,
}

/// The pause before a question is asked again: a second and a half of 20 ms frames.
const PAUSE_FRAMES: u32 = 75;

#[derive(Debug, Default)]
struct Question {
    pcm: Vec<i16>,
    silent_frames: u32,
}

impl Announcer {
    /// Asks the voice to say `text` to `leg`, whose announcer this is.
    pub(super) fn tell(&mut self, work: &CallWork, leg: LegId, text: &str) {
        self.question = None;
        for clause in clauses(text) {
            self.told += 1;
            work.tell(leg, clause);
        }
    }

    /// As [`Announcer::tell`], and again after a pause, until something else is told or this is skipped: whoever picks up late hears it, too.
    pub(super) fn ask(&mut self, work: &CallWork, leg: LegId, text: &str) {
        self.tell(work, leg, text);
        self.question = Some(Question::default());
    }

    /// Sound of the clause that the voice is making: mono 16-bit PCM at 8,000 Hz.
    pub(super) fn voice(&mut self, pcm: &[i16]) {
        if self.made >= self.skipped {
            self.playout.push(TurnId(0), self.made, pcm);
            if let Some(question) = &mut self.question {
                question.pcm.extend_from_slice(pcm);
            }
        }
    }

    /// The clause is whole, or can't be spoken.
    pub(super) fn voice_ended(&mut self) {
        if self.made >= self.skipped {
            self.playout.finish(TurnId(0), self.made);
        }
        self.made += 1;
    }

    /// The next 20 ms.
    pub(super) fn next_frame(&mut self) -> Frame {
        let frame = self.playout.next_frame();
        while let Some(event) = self.playout.poll_event() {
            if let PlayoutEvent::ClauseFinished { .. } = event {
                self.heard += 1;
            }
        }
        self.ask_again();
        frame
    }

    fn ask_again(&mut self) {
        let is_done = self.is_done();
        let Some(question) = self.question.as_mut().filter(|_| is_done) else { return };
        question.silent_frames += 1;
        if question.silent_frames >= PAUSE_FRAMES && !question.pcm.is_empty() {
            question.silent_frames = 0;
            self.told += 1;
            self.playout.push(TurnId(0), self.made, &question.pcm);
            self.playout.finish(TurnId(0), self.made);
            self.made += 1;
        }
    }

    /// Whether there is something to be heard now.
    pub(super) fn is_speaking(&self) -> bool {
        !self.playout.is_idle()
    }

    /// Whether all that was told was heard.
    pub(super) fn is_done(&self) -> bool {
        self.heard >= self.told && self.playout.is_idle()
    }

    /// What was not heard yet is not wanted any more.
    pub(super) fn skip(&mut self) {
        (self.skipped, self.heard) = (self.told, self.told);
        self.playout = Playout::new();
        self.question = None;
    }
}
