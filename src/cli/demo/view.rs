//! The call as it happens, line by line.

use crate::conversation::{Heard, Origin, Speaker, StageTimes, Turn};
use crate::server::Notice;
use std::time::Duration;

/// Prints notices of one call.
pub(super) fn print(notice: &Notice) {
    match notice {
        Notice::Ringing { caller, called, .. } => {
            let caller = caller.as_ref().map_or("a withheld number", |number| number.national());
            line("ringing", &format!("{caller} calls {called}"));
        }
        Notice::Calling { to, .. } => line("calling", to.national()),
        Notice::Answered { after, codec, .. } => {
            line("answered", &format!("after {} ms, {codec}", after.as_millis()));
        }
        Notice::Turn { turn, .. } => print_turn(turn),
        Notice::Slot { slot, .. } => {
            let state = if slot.confirmed { ", confirmed" } else { "" };
            line("", &format!("  + {}: {}{state}", slot.name, slot.value));
        }
        Notice::SlotCleared { name, .. } => line("", &format!("  - {name} taken back")),
        Notice::Agent { agent, state } => line("", &format!("  {agent} is {state}")),
        Notice::Ended { outcome, lasted, .. } => {
            line("ended", &format!("{outcome}, after {:.1} s", lasted.as_secs_f64()));
        }
    }
}

fn print_turn(turn: &Turn) {
    let who = match turn.speaker {
        Speaker::Caller => "caller",
        Speaker::Receptionist => "receptionist",
    };
    let heard = match turn.heard {
        Heard::Whole => "",
        Heard::Part => " … (interrupted)",
        Heard::Nothing => " (not heard)",
    };
    let at = seconds(turn.started_at);
    println!("  {at:>7}  {who:<12}  {}{heard}", turn.text);
    let origin = origin(&turn.origin);
    let stages = stages(&turn.stages);
    if !(origin.is_empty() && stages.is_empty()) {
        println!("  {:>7}  {:<12}    [{origin}{stages}]", "", "");
    }
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Speech => String::new(),
        Origin::Keypad => "keypad".to_owned(),
        Origin::Line(name) => format!("prompt file: {name}"),
        Origin::Model => "language model".to_owned(),
        Origin::Fallback(name) => format!("FALLBACK, the language model was late or failed: {name}"),
    }
}

/// The stages of an answer, each counted from the end of the caller's speech.
fn stages(stages: &StageTimes) -> String {
    let parts = [
        ("end of turn", stages.endpoint),
        ("words", stages.transcript),
        ("first text", stages.first_text),
        ("first sound", stages.first_audio),
    ];
    let parts: Vec<String> =
        parts.into_iter().filter_map(|(name, at)| at.map(|at| format!("{name} {:.2}", at.as_secs_f64()))).collect();
    if parts.is_empty() { String::new() } else { format!(" | after the caller's last word: {} s", parts.join(", ")) }
}

fn seconds(at: Duration) -> String {
    format!("{:.1} s", at.as_secs_f64())
}

fn line(what: &str, text: &str) {
    println!("  {:>7}  {what:<12}  {text}", "");
}
