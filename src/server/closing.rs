//! The end of a call: its record, and the text that goes back to the caller.

use super::call_task::Ended;
use super::clock;
use super::service::Service;
use crate::call::Outcome;
use crate::id::CallId;
use crate::lead::{Slot, SlotName};
use crate::phone::PhoneNumber;
use crate::prompt::{LineName, LineVars, Prompt};
use crate::store::{CallEnd, NewText, StoreError};
use crate::textback::{self, Decision, Facts, Policy};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

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
pub(super) async fn text_back(
    service: &Service,
    caller: Option<&PhoneNumber>,
    slots: &[Slot],
    outcome: Outcome,
) -> Option<NewText> {
    if !outcome.wants_text() {
        return None;
    }
    let to = destination(caller, slots);
    match decide(service, to.as_ref()).await {
        Ok(Decision::Send { due_at, dedupe_key }) => {
            let body = words(&service.prompt, slots);
            let due_at = due_at.checked_add(service.config.texting.delay).unwrap_or(due_at);
            to.map(|to| NewText { to, body, dedupe_key, due_at })
        }
        Ok(Decision::Withhold(why)) => {
            tracing::info!(why = why.as_str(), "no text follows this call");
            None
        }
        Err(error) => {
            tracing::error!(%error, "no text follows this call: the database could not be asked");
            None
        }
    }
}

/// The number the caller confirmed, else the one the network gave.
fn destination(caller: Option<&PhoneNumber>, slots: &[Slot]) -> Option<PhoneNumber> {
    let confirmed = slots.iter().find(|slot| slot.name == SlotName::Callback && slot.confirmed);
    confirmed.and_then(|slot| PhoneNumber::try_from(slot.value.clone()).ok()).or_else(|| caller.cloned())
}

async fn decide(service: &Service, to: Option<&PhoneNumber>) -> Result<Decision, StoreError> {
    let (last_text_at, opted_out) = match to {
        Some(number) => (service.store.last_text_to(number).await?, service.store.is_opted_out(number).await?),
        None => (None, false),
    };
    let window = SignedDuration::try_from(service.config.texting.window).unwrap_or_default();
    let policy = Policy { window, ..Policy::default() };
    let now = clock::wall();
    let now = now.in_tz(&service.prompt.business().timezone).unwrap_or_else(|_| now.to_zoned(TimeZone::UTC));
    Ok(policy.decide(&Facts { caller: to, now, last_text_at, opted_out }))
}

fn words(prompt: &Prompt, slots: &[Slot]) -> String {
    let value = |name| slots.iter().find(|slot| slot.name == name).map(|slot| slot.value.clone());
    let vars = LineVars { name: value(SlotName::Name), need: value(SlotName::Need), ..LineVars::default() };
    textback::text_back(&prompt.line(LineName::TextBack, &vars), &prompt.business().name).body
}

/// Finishes calls that an earlier run of the service left open: a killed process still sends its texts, once.
pub(super) async fn finish_interrupted(service: &Service) -> Result<(), StoreError> {
    for call in service.store.unfinished_calls().await? {
        tracing::warn!(call = %call.id, "this call was cut off when the service ended: finishing it now");
        let outcome = if call.was_answered { Outcome::CutOff } else { Outcome::Interrupted };
        let text = text_back(service, call.caller.as_ref(), &call.slots, outcome).await;
        let lasted = call.lasted();
        let ended = Ended { lasted, ..Ended::without_trace(outcome) };
        service.store.finish_call(&call_end(call.id, ended, text)).await?;
    }
    Ok(())
}
