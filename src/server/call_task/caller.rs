//! What happens to the caller's leg.

use super::CallTask;
use crate::browser::PageEvent;
use crate::call::Signal;
use crate::server::carrier::LegEvent;
use crate::server::clock;
use crate::server::ear::adopt;
use crate::sip::{Agreed, DialogEvent, Reoffer};

impl CallTask {
    pub(super) async fn take_event(&mut self, event: Option<LegEvent>) {
        match event {
            None => self.signal(Signal::HungUp).await,
            Some(LegEvent::Dialog(event)) => self.take_dialog_event(event).await,
            Some(LegEvent::Page(event)) => self.take_page_event(event).await,
        }
    }

    /// The caller is one of us, in a page.
    async fn take_page_event(&mut self, event: PageEvent) {
        match event {
            PageEvent::HungUp | PageEvent::Gone | PageEvent::Lost | PageEvent::Declined => {
                self.signal(Signal::HungUp).await;
            }
            PageEvent::Key(digit) => {
                self.sound.press(clock::now(), digit);
                self.do_work().await;
            }
            PageEvent::Held(held) => {
                if let Some(stream) = self.sound.stream_mut() {
                    stream.set_hold(!held);
                }
                self.signal(Signal::Held(held)).await;
            }
            // There is nobody else in it.
            PageEvent::Transfer(_) | PageEvent::Answered(_) => {}
        }
    }

    async fn take_dialog_event(&mut self, event: DialogEvent) {
        match event {
            DialogEvent::Confirmed => self.signal(Signal::Confirmed).await,
            DialogEvent::Cancelled => self.signal(Signal::Cancelled).await,
            DialogEvent::HungUp => self.signal(Signal::HungUp).await,
            DialogEvent::Failed { code, reason, .. } => {
                self.note("dialog_failed", serde_json::json!({ "code": code, "reason": reason }));
                self.signal(Signal::HungUp).await;
            }
            DialogEvent::Digit(digit) => {
                self.sound.press(clock::now(), digit);
                self.do_work().await;
            }
            DialogEvent::Reoffer(reoffer) => self.answer_reoffer(reoffer).await,
            // The caller left the offer to us, and answers it with the ACK.
            DialogEvent::Answered(answer) => {
                if let Ok(agreed) = self.agreed.answer.agree(&answer) {
                    self.take_agreed(agreed).await;
                }
            }
            // The caller has nobody to transfer.
            DialogEvent::Transfer(transfer) => transfer.refuse(403),
            DialogEvent::Ringing { .. } => {}
        }
    }

    async fn answer_reoffer(&mut self, reoffer: Reoffer) {
        match reoffer.agree(&self.agreed) {
            Some(agreed) => {
                reoffer.accept(&agreed.answer).await;
                self.take_agreed(agreed).await;
            }
            None => reoffer.refuse(488).await,
        }
    }

    async fn take_agreed(&mut self, agreed: Agreed) {
        let held = agreed.direction.is_held();
        let is_news = held != self.agreed.direction.is_held();
        if let Some(stream) = self.sound.stream_mut() {
            adopt(stream, &self.agreed, &agreed);
        }
        self.agreed = agreed;
        if is_news {
            self.signal(Signal::Held(held)).await;
        }
    }
}
