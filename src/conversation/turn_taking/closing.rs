//! How a conversation ends: farewell played, caller silent, too long, hung up, or no person.

use super::{Conversation, Phase, Timer};
use crate::conversation::protocol::{EndReason, Output};
use crate::conversation::turn::StageTimes;
use crate::lead::{Evidence, Offered, SlotName};
use crate::media::LineSound;
use crate::prompt::LineName;
use std::time::{Duration, Instant};

/// After the farewell the line is silent: words spoken over it are awaited only so long.
const DRAIN_AFTER_FAREWELL: Duration = Duration::from_secs(1);

/// A turn that could not be spoken is followed by another after so long.
const AFTER_FAILED_TURN: Duration = Duration::from_secs(2);

/// A question that only settles a doubt is left after so long: who begins with the letters of a name, and is not heard, must not be lost over it.
const DOUBT: Duration = Duration::from_secs(6);

impl Conversation {
    /// Runs the idle timer while nobody speaks and nothing is awaited.
    pub(super) fn settle_idle(&mut self, now: Instant) {
        let is_free =
            self.phase == Phase::Talking && self.saying.is_none() && self.listening.is_idle() && self.keys.is_empty();
        if !is_free {
            self.timers.cancel(Timer::Idle);
        } else if !self.timers.is_set(Timer::Idle) {
            let rest = self.config.idle_end.saturating_sub(self.config.idle_prompt);
            let wait = if self.is_idle_prompted { rest } else { self.config.idle_prompt };
            let wait = if self.agenda.open().settles_doubt() { wait.min(DOUBT) } else { wait };
            // The caller hears nothing and waits: the next try comes soon.
            let wait = if self.turns_failed > 0 { wait.min(AFTER_FAILED_TURN) } else { wait };
            // A wait of nothing would speak without end.
            self.timers.set(Timer::Idle, now + wait.max(Duration::from_millis(100)));
        }
    }

    pub(super) fn idle(&mut self, now: Instant) {
        if self.saying.is_some() || self.phase != Phase::Talking {
            return;
        }
        if self.agenda.open().settles_doubt() {
            self.agenda_before = None;
            let decision = self.agenda.leave_doubt(&self.form);
            self.reply(now, decision, None, StageTimes::default(), None);
        } else if self.is_idle_prompted {
            self.announce(now, LineName::IdleGoodbye, Some(EndReason::Idle));
        } else {
            self.is_idle_prompted = true;
            self.announce(now, LineName::StillThere, None);
        }
    }

    /// Ends with a line, after stopping what is being said. A farewell that is under way stays.
    pub(super) fn close_with(&mut self, now: Instant, line: LineName, reason: EndReason) {
        if self.phase == Phase::Aside {
            // Once it is known that nobody comes.
            self.final_line = Some((line, reason));
        }
        if self.is_ending() || self.phase != Phase::Talking {
            return;
        }
        if self.saying.is_none() {
            return self.announce(now, line, Some(reason));
        }
        self.final_line = Some((line, reason));
        if !self.is_stopping() {
            self.interrupt(now);
        }
    }

    pub(super) fn hung_up(&mut self, now: Instant) {
        self.leave(now, EndReason::CallerHungUp);
    }

    /// No person is there, so that nothing is said to them. A farewell that is under way stays.
    pub(super) fn line_sounded(&mut self, now: Instant, sound: LineSound) {
        if self.is_ending() {
            return;
        }
        self.leave(
            now,
            match sound {
                LineSound::Fax => EndReason::Fax,
                LineSound::Dead => EndReason::LineTone,
            },
        );
    }

    fn is_ending(&self) -> bool {
        self.saying.as_ref().is_some_and(|saying| saying.end().is_some() && saying.is_guarded())
    }

    fn leave(&mut self, now: Instant, reason: EndReason) {
        self.unanswered.before = None;
        // The keys are kept; nobody is there for the answer.
        let _ = self.take_keys(now);
        self.drain(now, reason);
        if self.saying.is_some() && !self.is_stopping() {
            self.interrupt(now);
        }
        self.begin_extraction();
    }

    /// Waits for the answers to open requests, then ends.
    pub(super) fn drain(&mut self, now: Instant, reason: EndReason) {
        self.phase = Phase::Draining(reason);
        let limit = if reason.is_alone() { self.config.drain } else { self.config.drain.min(DRAIN_AFTER_FAREWELL) };
        let playout = self.is_stopping();
        for timer in [Timer::Idle, Timer::TooLong, Timer::Reply, Timer::Keypad] {
            self.timers.cancel(timer);
        }
        if !playout {
            self.timers.cancel(Timer::Playout);
        }
        self.timers.set(Timer::Drain, now + limit);
        self.listening.flush(now, &mut self.outputs);
        for overlap in std::mem::take(&mut self.unanswered.meanwhile) {
            self.overhear_overlap(&overlap);
        }
    }

    pub(super) fn is_drained(&self) -> bool {
        let Phase::Draining(reason) = self.phase else {
            return false;
        };
        let has_searched = self.extracting.is_empty() || !reason.is_alone();
        self.saying.is_none() && self.listening.is_idle() && has_searched
    }

    pub(super) fn drained(&mut self, now: Instant) {
        let Phase::Draining(reason) = self.phase else {
            return;
        };
        if let Some(saying) = &mut self.saying {
            saying.fail_rest();
            self.finish_saying(now);
            while let Some(utterance) = self.listening.take_ready(now) {
                self.caller_said(now, &utterance);
            }
        }
        self.end(reason);
    }

    pub(super) fn end(&mut self, reason: EndReason) {
        self.phase = Phase::Over;
        self.fall_back_on_caller_id();
        self.outputs.push_back(Output::End(reason));
    }

    /// A caller who told something but no number can still be called back where the call came from.
    fn fall_back_on_caller_id(&mut self) {
        let Some(number) = self.agenda.caller().map(|number| number.e164().to_owned()) else { return };
        let is_open = self.prompt.slots().contains(&SlotName::Callback) && self.form.get(SlotName::Callback).is_none();
        if !is_open || self.form.slots().is_empty() {
            return;
        }
        let region = &self.prompt.business().region;
        if let Offered::Stored(slot) = self.form.offer(SlotName::Callback, &number, Evidence::CallerId, "", region) {
            self.outputs.push_back(Output::Slot(slot));
        }
    }
}
