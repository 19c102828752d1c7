//! The end of a call: its record, and the text that goes back to the caller.

use super::call_task::Ended;
use super::clock;
use super::service::Service;
use crate::call::Outcome;
use crate::id::CallId;
use crate::lead::{Slot, SlotName};
use crate::phone::PhoneNumber;
use crate::prompt::{LineName, LineVars};
use crate::store::{CallEnd, NewText, StoreError};
use crate::textback;
use std::time::Duration;

/// The last entry of a call's journal.
pub(super) fn call_end(id: CallId, ended: Ended, text: Option<NewText>) -> CallEnd {
    CallEnd {
        id,
        ended_at: clock::wall(),
        duration: ended.lasted,
        outcome: ended.outcome.as_str().to_owned(),
        recording: ended.recording,
        counters: ended.counters,
        text,
    }
}

/// The text that follows a call, if one is due.
pub(super) fn text_back(
    service: &Service,
    call: CallId,
    caller: Option<&PhoneNumber>,
    slots: &[Slot],
    outcome: Outcome,
) -> Option<NewText> {
    if !outcome.wants_text() {
        return None;
    }
    let to = destination(caller, slots)?;
    let value = |name| slots.iter().find(|slot| slot.name == name).map(|slot| slot.value.clone());
    let vars = LineVars { name: value(SlotName::Name), number: None, need: value(SlotName::Need) };
    let body = textback::wording(service.prompt.line(LineName::TextBack, &vars));
    Some(NewText { to, body, dedupe_key: call.to_string(), due_at: clock::wall() + service.config.texting.delay })
}

/// The number the caller confirmed, else the one the network gave.
fn destination(caller: Option<&PhoneNumber>, slots: &[Slot]) -> Option<PhoneNumber> {
    let confirmed = slots.iter().find(|slot| slot.name == SlotName::Callback && slot.confirmed);
    confirmed.and_then(|slot| PhoneNumber::parse(&slot.value, "US").ok()).or_else(|| caller.cloned())
}

/// Finishes calls that an earlier run of the service left open: a killed process still sends its texts, once.
pub(super) async fn finish_interrupted(service: &Service) -> Result<(), StoreError> {
    for call in service.store.unfinished_calls().await? {
        tracing::warn!(call = %call.id, "this call was cut off when the service ended: finishing it now");
        let text = text_back(service, call.id, call.caller.as_ref(), &call.slots, Outcome::Interrupted);
        let ended = Ended {
            outcome: Outcome::Interrupted,
            lasted: Duration::ZERO,
            recording: None,
            counters: serde_json::Value::Null,
        };
        service.store.finish_call(&call_end(call.id, ended, text)).await?;
    }
    Ok(())
}
