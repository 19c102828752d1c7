//! How fast a language model takes a prompt in and writes.

use super::super::report::{Observed, Row};
use super::super::{ms, now, timed};
use crate::conversation::{Message, ReplyRequest, Role};
use crate::id::{Generation, TurnId};
use crate::speech::{CandleResponder, Responder, Stop};
use std::ops::ControlFlow;
use std::time::Duration;

const RUNS: usize = 5;
const LENGTHS: [usize; 3] = [16, 40, 128];
const WRITTEN: usize = 32;

/// Measures it on a short chat that is kept.
pub(super) fn measure(model: &mut CandleResponder, subject: &str) -> anyhow::Result<Vec<Row>> {
    let system = Message { role: Role::System, content: "You answer the telephone of a plumber.".to_owned() };
    model.prepare(std::slice::from_ref(&system), &Stop::new())?;
    let mut rows = Vec::new();
    for length in LENGTHS {
        for run in 0..RUNS {
            let chat = [system.clone(), Message { role: Role::User, content: words(run, length) }];
            let before = model.count(std::slice::from_ref(&system))?;
            let (prepared, time) = timed(|| model.prepare(&chat, &Stop::new()));
            prepared?;
            let taken = model.count(&chat)? - before;
            let mut row = Row::new(format!("{length} words, run {}", run + 1), subject, format!("{length} new words"));
            row.observe("take_in", Observed::Value(taken as f64 / time.as_secs_f64()));
            rows.push(row);
        }
        for run in 0..RUNS {
            let message = Message { role: Role::User, content: words(run + RUNS, length) };
            rows.push(reply(model, subject, vec![system.clone(), message], length, run)?);
        }
    }
    Ok(rows)
}

fn reply(
    model: &mut CandleResponder,
    subject: &str,
    messages: Vec<Message>,
    length: usize,
    run: usize,
) -> anyhow::Result<Row> {
    let (turn, generation, budget) = (TurnId(1), Generation(1), Duration::from_mins(10));
    let request = ReplyRequest { turn, generation, messages, max_tokens: WRITTEN, budget };
    let (begun, mut first, mut last, mut pieces) = (now(), None, Duration::ZERO, 0_u32);
    model.reply(&request, &Stop::new(), &mut |_| {
        last = begun.elapsed();
        first.get_or_insert(last);
        pieces += 1;
        ControlFlow::Continue(())
    })?;
    let mut row = Row::new(format!("reply to {length} words, run {}", run + 1), subject, format!("{length} new words"));
    if let Some(first) = first {
        row.observe("first_ms", Observed::Value(ms(first)));
        // A piece is nearly always one token.
        if pieces > 4 {
            let rate = f64::from(pieces - 1) / last.saturating_sub(first).as_secs_f64();
            row.observe("writing", Observed::Value(rate));
        }
    }
    Ok(row)
}

/// Short common words: each is one token. The first differs from run to run, so that none of them is kept.
fn words(run: usize, count: usize) -> String {
    const WORDS: [&str; 11] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve"];
    let words: Vec<&str> = (0..count).map(|n| WORDS[(run + n) % WORDS.len()]).collect();
    words.join(" ")
}
