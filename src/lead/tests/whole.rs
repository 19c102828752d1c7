//! Whole utterances in answer to each question, as a recogniser writes them.

mod anything_else;
mod callback;
mod name;
mod need;
mod visit;

use super::{manners, told_details};
use crate::lead::{Answer, Asked, understand};
use expect_test::Expect;

fn told(asked: Asked, rows: &[&str], expected: &Expect) {
    let lines: Vec<String> = rows.iter().map(|said| format!("{said}\n    {}", summary(asked, said))).collect();
    expected.assert_eq(&lines.join("\n"));
}

fn summary(asked: Asked, said: &str) -> String {
    let understood = understand(asked, said, "US");
    let mut parts = told_details(&understood);
    let answer = understood.answer.map(|answer| if answer == Answer::Yes { "yes" } else { "no" });
    parts.extend(answer.into_iter().chain(manners(&understood)).map(str::to_owned));
    if parts.is_empty() { "-".to_owned() } else { parts.join(" | ") }
}
