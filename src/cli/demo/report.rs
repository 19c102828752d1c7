//! What is shown after the call: transcript, lead, text, latencies; and whether all of it is as expected.

use super::super::table::render;
use super::view::seconds;
use crate::caller::{CallReport as CallerReport, Script};
use crate::conversation::{Speaker, Turn};
use crate::lead::{Evidence, Slot, SlotName};
use crate::store::CallReport;
use crate::texting::ReceivedText;
use std::time::Duration;

/// Prints the transcript, the lead with its evidence, the text as it was delivered, and the latencies.
pub(super) fn print(call: &CallReport, texts: &[ReceivedText], caller: Option<&CallerReport>) {
    println!("\nTranscript (prompt file {})\n", &call.prompt_hash[..12.min(call.prompt_hash.len())]);
    print!("{}", transcript(call));
    println!("\nLead\n");
    print!("{}", lead(&call.slots));
    println!("\nText-back, as the local SMS sink received it\n");
    for text in texts {
        println!("  to {}: {}", text.to, text.body);
    }
    if texts.is_empty() {
        println!("  none");
    }
    println!("\nLatency, from the caller's last word to the receptionist's first sound\n");
    print!("{}", latencies(call, caller));
    if let Some(recording) = &call.recording {
        println!("\nRecording: {recording} (caller left, receptionist right)");
    }
}

fn transcript(call: &CallReport) -> String {
    let rows: Vec<Vec<String>> = call
        .turns
        .iter()
        .map(|kept| {
            let who = match kept.turn.speaker {
                Speaker::Caller => "caller",
                Speaker::Receptionist => "receptionist",
            };
            vec![kept.turn.id.to_string(), seconds(kept.turn.started_at), who.to_owned(), kept.turn.text.clone()]
        })
        .collect();
    render(&["turn", "at", "who", "words"], &rows)
}

fn lead(slots: &[Slot]) -> String {
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
    render(&["slot", "value", "evidence", "confirmed"], &SlotName::ALL.iter().map(row).collect::<Vec<_>>())
}

fn latencies(call: &CallReport, caller: Option<&CallerReport>) -> String {
    let answers: Vec<&Turn> =
        call.turns.iter().map(|kept| &kept.turn).filter(|turn| turn.stages.first_audio.is_some()).collect();
    let mut rows = vec![
        stage("end of turn decided", answers.iter().filter_map(|turn| turn.stages.endpoint)),
        stage("words transcribed", answers.iter().filter_map(|turn| turn.stages.transcript)),
        stage("language model's first text", answers.iter().filter_map(|turn| turn.stages.first_text)),
        stage("first sound sent", answers.iter().filter_map(|turn| turn.stages.first_audio)),
    ];
    if let Some(caller) = caller {
        rows.push(stage("first sound at the caller's own socket", caller.reply_latencies().into_iter()));
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

/// What is not as the caller's script expects; empty when all is well.
pub(super) fn faults(script: &Script, call: &CallReport, texts: &[ReceivedText]) -> Vec<String> {
    let mut faults: Vec<String> =
        script.expect.compare(&call.slots).into_iter().map(|mismatch| mismatch.to_string()).collect();
    let outcome = call.outcome.as_deref().unwrap_or("none");
    if script.expect.outcome.as_deref().is_some_and(|expected| expected != outcome) {
        let expected = script.expect.outcome.as_deref().unwrap_or_default();
        faults.push(format!("the call ended as `{outcome}`, expected `{expected}`"));
    }
    if texts.len() != script.expect.texts {
        faults.push(format!("{} texts were delivered, expected {}", texts.len(), script.expect.texts));
    }
    faults
}
