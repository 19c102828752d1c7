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
use crate::textback::{self, Decision, Facts, Kind, Policy};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The beginning of a message that goes into the notice.
const MESSAGE_CHARS: usize = 240;

/// The last entry of a call's journal.
pub(super) fn call_end(id: CallId, ended: Ended, text: Option<NewText>, notice: Option<NewText>) -> CallEnd {
    CallEnd {
        id,
        ended_at: clock::wall(),
        duration: ended.lasted,
        outcome: ended.outcome.as_str().to_owned(),
        recording: ended.recording,
        counters: ended.counters,
        text,
        notice,
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
    text_to(service, destination(caller, slots), LineName::TextBack, slots).await
}

/// The text to somebody who was promised a call that could not be made.
pub(super) async fn missed_callback(service: &Service, caller: Option<&PhoneNumber>) -> Option<NewText> {
    text_to(service, caller.cloned(), LineName::CallbackMissed, &[]).await
}

async fn text_to(service: &Service, to: Option<PhoneNumber>, line: LineName, slots: &[Slot]) -> Option<NewText> {
    match decide(service, to.as_ref()).await {
        Ok(Decision::Send { due_at, dedupe_key }) => {
            let body = words(&service.prompt, line, slots);
            let due_at = due_at.checked_add(service.config.texting.delay).unwrap_or(due_at);
            to.map(|to| NewText { kind: Kind::TextBack, to, body, dedupe_key, due_at })
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

/// The notice to the owner, when a message was left or the receptionist was told something. It never goes to the caller themselves.
pub(super) async fn notice(
    service: &Service,
    id: CallId,
    caller: Option<&PhoneNumber>,
    ended: &Ended,
    at: Timestamp,
) -> Option<NewText> {
    let has_told = ended.outcome == Outcome::Voicemail || ended.outcome.wants_text() && !ended.slots.is_empty();
    let to = service.config.notice.to.clone().filter(|to| has_told && caller != Some(to))?;
    match service.store.is_opted_out(&to).await {
        Ok(false) => {}
        Ok(true) => {
            tracing::info!("the owner asked for no texts, and gets no notice");
            return None;
        }
        Err(error) => {
            tracing::error!(%error, "no notice follows this call: the database could not be asked");
            return None;
        }
    }
    let at = at.to_zoned(zone(&service.prompt));
    let number = destination(caller, &ended.slots).map(|number| number.national().to_owned());
    let vars = LineVars {
        number,
        urgency: value(&ended.slots, SlotName::Urgency),
        question: value(&ended.slots, SlotName::Question),
        time: Some(at.strftime("%A %-I:%M %p").to_string()),
        message: ended.message.as_deref().map(|message| textback::beginning(message, MESSAGE_CHARS)),
        ..told(&ended.slots)
    };
    let body = textback::notice(&service.prompt.line(LineName::OwnerNotice, &vars));
    Some(NewText { kind: Kind::Notice, to, body, dedupe_key: textback::notice_key(id), due_at: clock::wall() })
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
    let now = clock::wall().to_zoned(zone(&service.prompt));
    Ok(policy.decide(&Facts { caller: to, now, last_text_at, opted_out }))
}

fn words(prompt: &Prompt, line: LineName, slots: &[Slot]) -> String {
    textback::text_back(&prompt.line(line, &told(slots)), &prompt.business().name).body
}

fn told(slots: &[Slot]) -> LineVars {
    LineVars { name: value(slots, SlotName::Name), need: value(slots, SlotName::Need), ..LineVars::default() }
}

fn value(slots: &[Slot], name: SlotName) -> Option<String> {
    slots.iter().find(|slot| slot.name == name).map(|slot| slot.value.clone())
}

/// Where the business is.
fn zone(prompt: &Prompt) -> TimeZone {
    TimeZone::get(&prompt.business().timezone).unwrap_or(TimeZone::UTC)
}

/// Finishes calls that an earlier run of the service left open: a killed process still sends its texts, once.
pub(super) async fn finish_interrupted(service: &Service) -> Result<(), StoreError> {
    for call in service.store.unfinished_calls().await? {
        tracing::warn!(call = %call.id, "this call was cut off when the service ended: finishing it now");
        let outcome = if call.was_answered { Outcome::CutOff } else { Outcome::Interrupted };
        let (caller, lasted) = (call.caller.as_ref(), call.lasted());
        // Whom we were calling is called again, if there was a promise.
        let text = if call.outgoing { None } else { text_back(service, caller, &call.slots, outcome).await };
        let ended = Ended { lasted, slots: call.slots, ..Ended::without_trace(outcome) };
        let notice = notice(service, call.id, caller, &ended, call.started_at).await;
        service.store.finish_call(&call_end(call.id, ended, text, notice)).await?;
    }
    Ok(())
}
