//! Cuts text into clauses that can be spoken one after another.

use crate::prompt::Prompt;

/// A whole text cut at its sentences' ends. Fixed lines are said clause by clause in exactly these pieces.
#[must_use]
pub fn clauses(text: &str) -> Vec<String> {
    unimplemented!("{text}")
}

/// Every clause that is the same in all calls under this prompt file: what a shell may synthesise ahead, keyed by text.
#[must_use]
pub fn fixed_clauses(prompt: &Prompt) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for clause in prompt.fixed_lines().iter().flat_map(|(_, line)| clauses(line)) {
        if !all.contains(&clause) {
            all.push(clause);
        }
    }
    all
}
