//! The same questions answered in the model's own words: what it would tell callers if it were let.

use super::super::report::{Observed, Row};
use super::super::words::plain;
use super::super::{Watch, ms, now};
use super::questions::{Question, Sheet};
use crate::conversation::{Message, ReplyRequest, Role};
use crate::id::{Generation, TurnId};
use crate::speech::{Responder, Stop};
use std::ops::ControlFlow;
use std::time::Duration;

// As the product asks for a free answer.
const ANSWER: &str = "(Answer this in one or two short sentences, from the facts only. Ask nothing.)";
const LONGEST: usize = 60;
const PROMISES: [&str; 9] = [
    "promise",
    "guarantee",
    "is booked",
    "scheduled",
    "will be there",
    "ll be there",
    "will arrive",
    "on our way",
    "will come",
];
const DEFERS: [&str; 8] =
    ["call you back", "call back", "calls back", "don't have", "don't know", "not sure", "pass that on", "team will"];
const SMALL: [&str; 25] = [
    "a", "an", "the", "of", "in", "at", "on", "to", "and", "is", "my", "for", "with", "no", "not", "it", "we", "our",
    "are", "if", "or", "as", "will", "this", "you",
];

/// Has the model answer all of them.
pub(super) fn ask(
    model: &mut dyn Responder,
    subject: &str,
    sheet: &Sheet,
    watch: &dyn Watch,
) -> anyhow::Result<Vec<Row>> {
    // Facts alone are no instructions for a model that is to word something.
    let Some(prompt) = &sheet.prompt else { return Ok(Vec::new()) };
    let system = Message { role: Role::System, content: prompt.instructions().to_owned() };
    model.prepare(std::slice::from_ref(&system), &Stop::new())?;
    let mut rows = Vec::new();
    for question in &sheet.questions {
        watch.step(&sheet.name);
        let asked = Message { role: Role::User, content: format!("{}\n{ANSWER}", question.said) };
        let request = ReplyRequest {
            turn: TurnId(1),
            generation: Generation(1),
            messages: vec![system.clone(), asked],
            max_tokens: LONGEST,
            budget: Duration::from_mins(10),
        };
        let (begun, mut first, mut reply) = (now(), None, String::new());
        model.reply(&request, &Stop::new(), &mut |piece| {
            first.get_or_insert_with(|| begun.elapsed());
            reply.push_str(piece);
            ControlFlow::Continue(())
        })?;
        let mut row = Row::new(question.item(sheet), subject, question.condition());
        let is_made_up = makes_up(&reply, prompt.instructions());
        row.observe("worded", Observed::Hit(!is_made_up && tells(&reply, question, sheet)));
        row.observe("made_up", Observed::Hit(is_made_up));
        if let Some(first) = first {
            row.observe("worded_ms", Observed::Value(ms(first)));
        }
        row.note("own words", reply);
        rows.push(row);
    }
    Ok(rows)
}

/// Whether a reply holds a number that the instructions don't, or promises something.
fn makes_up(reply: &str, instructions: &str) -> bool {
    let known: Vec<&str> = numbers(instructions).collect();
    let promises = |sentence: &str| {
        let denies = ["not ", "n't ", "never ", "cannot ", "no "].iter().any(|no| sentence.contains(no));
        !denies && PROMISES.iter().any(|promise| sentence.contains(promise))
    };
    numbers(reply).any(|number| !known.contains(&number)) || reply.to_lowercase().split(['.', '!', '?']).any(promises)
}

fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty())
}

/// Whether a reply has the gist of a fact that answers; where none does, whether it leaves the answer to people.
fn tells(reply: &str, question: &Question, sheet: &Sheet) -> bool {
    let lower = reply.to_lowercase();
    if question.right.is_empty() {
        return DEFERS.iter().any(|words| lower.contains(words));
    }
    let said = stems(reply);
    question.right.iter().any(|topic| {
        let fact = sheet.choices.iter().find(|choice| choice.name == *topic).map(|choice| stems(&choice.text));
        fact.is_some_and(|fact| {
            let shared = fact.iter().filter(|word| said.contains(word)).count();
            shared >= 2 || shared * 2 >= fact.len()
        })
    })
}

fn stems(text: &str) -> Vec<String> {
    let words = plain(text).into_iter().filter(|word| !SMALL.contains(&word.as_str()));
    words.map(|word| word.strip_suffix('s').unwrap_or(&word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::makes_up;

    #[test]
    fn numbers_of_nobody_and_promises_are_made_up() {
        let facts = "The service call is 89 dollars. Monday to Friday, 8 AM to 6 PM.";
        assert!(!makes_up("It's 89 dollars, and we close at 6 PM.", facts));
        assert!(makes_up("It's 99 dollars.", facts));
        assert!(makes_up("Your visit is booked.", facts));
        assert!(!makes_up("I can't promise that. Someone calls you back.", facts));
    }
}
