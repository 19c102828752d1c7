//! Whoever has the call passes it on, by keys or by their phone.

use super::CallTask;
use crate::call::Signal;
use crate::routing::{Destination, Keypad, settle};
use crate::server::service::draw;

impl CallTask {
    pub(super) async fn transfer_by_keys(&mut self, dialled: &str) {
        if let Some(destination) = self.destination(dialled) {
            self.transfer(&destination).await;
        }
    }

    // A phone is told in its own way, by a leg of its own; a page is told and left.
    pub(super) async fn follow_transfers(&mut self) {
        while let Some(wish) = self.legs.poll_transfer() {
            match self.destination(wish.to()) {
                Some(destination) => {
                    self.legs.follow_transfer(wish.accept(&destination));
                    self.transfer(&destination).await;
                }
                None => wish.refuse(),
            }
        }
    }

    /// Whom `dialled` names, if somebody has the call to pass on.
    fn destination(&self, dialled: &str) -> Option<Destination> {
        let number = self.service.number(dialled);
        let named = self.service.routing().directory.destination(dialled, number.as_ref());
        let destination = named.filter(|_| self.call.is_bridged());
        if destination.is_none() {
            self.note("transfer_refused", "nobody has this extension".into());
        }
        destination
    }

    async fn transfer(&mut self, destination: &Destination) {
        self.note("transfer", destination.to_string().into());
        let routing = self.service.routing();
        let mut steps = routing.directory.steps_to(destination);
        settle(&mut steps, draw(), &self.service.standing());
        self.keypad = Keypad::new(&routing.directory.transfer_code);
        Box::pin(self.signal(Signal::Transfer(steps))).await;
    }
}
