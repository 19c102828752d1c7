//! One call for the terminal: transcript, lead, text and latencies.

use super::table::render;
use crate::conversation::{Speaker, Turn};
use crate::lead::{Evidence, Slot, SlotName};
use crate::phone::PhoneNumber;
use crate::store::{CallReport, TextReport};
use crate::textback::Kind;
use std::time::Duration;

/// All that is kept of a call.
pub(super) fn whole(call: &CallReport) -> String {
    let mut parts = vec![heading(call), format!("Timeline\n\n{}", timeline(call))];
    // Of a call that a person took there is nothing to show here.
    let has_talked = !call.turns.is_empty() || !call.slots.is_empty();
    if has_talked {
        parts.push(format!("Transcript\n\n{}", transcript(call)));
        parts.push(format!("Lead\n\n{}", lead(&call.slots)));
    }
    parts.push(format!("Texts\n\n{}", texts(call)));
    if has_talked {
        parts.push(format!("From the caller's last word, as the service saw it\n\n{}", latencies(call, &[])));
    }
    parts.extend(call.recording.as_ref().map(|path| format!("Recording: {path} (caller left, receptionist right)\n")));
    parts.join("\n")
}

fn heading(call: &CallReport) -> String {
    let prompt = call.prompt_hash.get(..12).unwrap_or_default();
    let returns = call.returns.map(|returned| format!(" for call {returned}")).unwrap_or_default();
    let whom = if call.outgoing { format!("back to {}{returns}", caller(call)) } else { format!("to {}", call.called) };
    format!("Call {} {whom}, prompt file {prompt}", call.id)
}

fn caller(call: &CallReport) -> &str {
    call.caller.as_ref().map_or("a withheld number", PhoneNumber::national)
}

/// What happened when: the plan, every step and leg with its reason, the answer, the end.
fn timeline(call: &CallReport) -> String {
    let mut rows: Vec<Vec<String>> =
        call.events.iter().map(|event| vec![seconds(event.at_ms), happening(&event.kind, &event.detail)]).collect();
    if let (Some(ended_at), Some(outcome)) = (call.ended_at, &call.outcome) {
        let ms = ended_at.duration_since(call.started_at).as_millis().max(0) as u64;
        rows.push(vec![seconds(ms), format!("over: {}", outcome.replace('_', " "))]);
    }
    render(&["at", "what"], &rows)
}

fn seconds(ms: u64) -> String {
    format!("{:.1} s", ms as f64 / 1_000.0)
}

fn happening(kind: &str, detail: &serde_json::Value) -> String {
    let field = |name: &str| detail.get(name).map(|value| value.as_str().map_or(value.to_string(), str::to_owned));
    match (kind, detail.as_str()) {
        ("route", Some(note)) => note.to_owned(),
        (kind, Some(words)) => format!("{}: {words}", kind.replace('_', " ")),
        ("answered", _) => format!("answered, {}", field("codec").unwrap_or_default()),
        ("hold", _) if field("held").as_deref() == Some("true") => "on hold".to_owned(),
        ("hold", _) => "back from hold".to_owned(),
        ("leg_ended", _) => "the caller hung up".to_owned(),
        ("media_lost", _) => "no sound came any more".to_owned(),
        ("voicemail", _) => format!("message kept: {}", field("path").unwrap_or_default()),
        ("worked_ahead", _) => format!(
            "asked for {} transcripts at pauses, {} of them for nothing: the caller went on",
            field("transcripts").unwrap_or_default(),
            field("discarded").unwrap_or_default(),
        ),
        ("dialog_failed", _) => {
            format!("failed with {} {}", field("code").unwrap_or_default(), field("reason").unwrap_or_default())
        }
        (kind, _) => kind.replace('_', " "),
    }
}

fn texts(call: &CallReport) -> String {
    let line = |text: &TextReport| {
        let whom = if text.kind == Kind::Notice.as_str() { "the owner at " } else { "" };
        format!("  {} to {whom}{}: {}\n", text.state, text.to.national(), text.body)
    };
    let lines: Vec<String> = call.texts.iter().map(line).collect();
    if lines.is_empty() { "  none\n".to_owned() } else { lines.concat() }
}

/// Who said what.
pub(super) fn transcript(call: &CallReport) -> String {
    let rows: Vec<Vec<String>> = call
        .turns
        .iter()
        .map(|kept| {
            let who = match kept.turn.speaker {
                Speaker::Caller => "caller",
                Speaker::Receptionist => "receptionist",
            };
            vec![
                kept.turn.id.to_string(),
                format!("{:.1} s", kept.turn.started_at.as_secs_f64()),
                who.to_owned(),
                kept.turn.text.clone(),
            ]
        })
        .collect();
    render(&["turn", "at", "who", "words"], &rows)
}

/// The details, and where each came from.
pub(super) fn lead(slots: &[Slot]) -> String {
    let row = |name: &SlotName| {
        let slot = slots.iter().find(|slot| slot.name == *name);
        let value = slot.map_or("(not told)".to_owned(), |slot| slot.value.clone());
        let from = slot.map_or(String::new(), |slot| match slot.evidence {
            Evidence::Turn(turn) => format!("said in turn {turn}"),
            Evidence::Keypad(turn) => format!("keyed in, turn {turn}"),
            Evidence::CallerId => "caller ID".to_owned(),
        });
        let confirmed = if slot.is_some_and(|slot| slot.confirmed) { "yes" } else { "" };
        vec![name.to_string(), value, from, confirmed.to_owned()]
    };
    // A question that got no answer and an e-mail address are rare, and no gap when there is none.
    let is_rare = |name: SlotName| matches!(name, SlotName::Question | SlotName::Email);
    let is_shown = |name: &&SlotName| !is_rare(**name) || slots.iter().any(|slot| slot.name == **name);
    let rows: Vec<_> = SlotName::ALL.iter().filter(is_shown).map(row).collect();
    render(&["slot", "value", "evidence", "confirmed"], &rows)
}

/// How long each stage of the answers took; `at_caller` are the times a caller measured at its own socket.
pub(super) fn latencies(call: &CallReport, at_caller: &[Duration]) -> String {
    let answers: Vec<&Turn> =
        call.turns.iter().map(|kept| &kept.turn).filter(|turn| turn.stages.first_audio.is_some()).collect();
    let mut rows = vec![
        stage("end of turn decided", answers.iter().filter_map(|turn| turn.stages.endpoint)),
        stage("words transcribed", answers.iter().filter_map(|turn| turn.stages.transcript)),
        stage("language model's first text", answers.iter().filter_map(|turn| turn.stages.first_text)),
        stage("first sound sent", answers.iter().filter_map(|turn| turn.stages.first_audio)),
    ];
    if !at_caller.is_empty() {
        rows.push(stage("first sound at the caller's own socket", at_caller.iter().copied()));
    }
    render(&["stage", "answers", "p50", "p95", "longest"], &rows)
}

fn stage(name: &str, times: impl Iterator<Item = Duration>) -> Vec<String> {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    let at = |share: f64| {
        let index = ((times.len() as f64 * share).ceil() as usize).saturating_sub(1);
        times.get(index).map_or("-".to_owned(), |time| format!("{:.2} s", time.as_secs_f64()))
    };
    vec![name.to_owned(), times.len().to_string(), at(0.5), at(0.95), at(1.0)]
}
