//! Details out of a caller's words: the model writes one JSON object whose keys are given and whose values are masked.

use super::failed;
use super::vocabulary::Vocabulary;
use super::writing::{Writing, best};
use super::{Message, SlotName, SpeechError};
use crate::conversation::Role;
use crate::lead::Urgency;

/// Longest answer in tokens: all keys with values of full length.
pub(super) const LONGEST_ANSWER: usize = 240;

const INSTRUCTION: &str = "You read one turn of a phone call to a business and copy out details the caller states, as JSON. \
Copy the caller's own words; never guess. A detail the caller does not state in this turn is null.
need: the problem or the work wanted. name: the caller's own name. callback: a phone number to call back. \
address: street address of the work. urgency: \"emergency\" if harm or damage is going on now, \"soon\" if wanted today or \
tomorrow, \"routine\" if it can wait. preferred_time: day or time the caller asks for.";

const EXAMPLES: [[&str; 3]; 4] = [
    [
        "How can I help you today?",
        "Hi, uh, my water heater is leaking all over the basement floor right now.",
        r#"{"need": "water heater is leaking all over the basement floor", "name": null, "callback": null, "address": null, "urgency": "emergency", "preferred_time": null}"#,
    ],
    ["May I have your name?", "Sure, it's Maria Delgado.", r#"{"name": "Maria Delgado", "callback": null}"#],
    [
        "When would suit you?",
        "Thursday after three would be best, no rush.",
        r#"{"urgency": "routine", "preferred_time": "Thursday after three"}"#,
    ],
    ["And where is that?", "Okay, thanks, um.", r#"{"need": null, "address": null, "urgency": null}"#],
];

/// The chat that asks for the details. Only its last message varies, so that all before it stays kept.
pub(super) fn messages(asked: &str, said: &str) -> Vec<Message> {
    let mut messages = instruction();
    messages.push(turn(asked, said));
    messages
}

/// The part of the chat that never varies.
pub(super) fn instruction() -> Vec<Message> {
    let mut messages = vec![Message { role: Role::System, content: INSTRUCTION.to_owned() }];
    for [asked, said, answer] in EXAMPLES {
        messages.push(turn(asked, said));
        messages.push(Message { role: Role::Assistant, content: answer.to_owned() });
    }
    messages
}

fn turn(asked: &str, said: &str) -> Message {
    Message { role: Role::User, content: format!("Receptionist: {asked}\nCaller: {said}") }
}

/// Has the model fill in the wanted details after the prompt; those it leaves null are left out.
pub(super) fn fill(
    writing: &mut Writing<'_>,
    vocabulary: &Vocabulary,
    wanted: &[SlotName],
) -> Result<Vec<(SlotName, String)>, SpeechError> {
    let mut form = Form { writing, vocabulary };
    let mut found = Vec::new();
    for (n, &slot) in wanted.iter().enumerate() {
        form.force(&format!("{}\"{slot}\":", if n == 0 { "{" } else { ", " }))?;
        let value = if slot == SlotName::Urgency { form.urgency()? } else { form.value(longest(slot))? };
        found.extend(value.filter(|value| is_something(value)).map(|value| (slot, value)));
    }
    Ok(found)
}

// In tokens; a digit is one.
const fn longest(slot: SlotName) -> usize {
    match slot {
        SlotName::Name => 24,
        SlotName::Callback => 22,
        SlotName::Address | SlotName::Need => 28,
        SlotName::Urgency => 4,
        SlotName::PreferredTime => 16,
    }
}

// Small models write their "nothing" as a word.
fn is_something(value: &str) -> bool {
    let value = value.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    !matches!(value.as_str(), "" | "null" | "none" | "n/a" | "unknown" | "not stated" | "not given" | "not provided")
}

struct Form<'a, 'b> {
    writing: &'a mut Writing<'b>,
    vocabulary: &'a Vocabulary,
}

impl Form<'_, '_> {
    fn force(&mut self, text: &str) -> Result<(), SpeechError> {
        self.writing.push(&self.vocabulary.encode(text).map_err(failed)?);
        Ok(())
    }

    fn urgency(&mut self) -> Result<Option<String>, SpeechError> {
        let levels = [Urgency::Emergency, Urgency::Soon, Urgency::Routine].map(Urgency::as_str);
        let mut options = vec![" null".to_owned()];
        options.extend(levels.iter().map(|level| format!(" \"{level}\"")));
        let chosen = self.choose(&options)?;
        Ok(chosen.checked_sub(1).and_then(|n| levels.get(n)).map(|&level| level.to_owned()))
    }

    fn value(&mut self, longest: usize) -> Result<Option<String>, SpeechError> {
        if self.choose(&[" null".to_owned(), " \"".to_owned()])? == 0 {
            return Ok(None);
        }
        let closing = self.vocabulary.closing();
        let mut tokens = Vec::new();
        while tokens.len() < longest {
            let scores = self.writing.scores()?;
            let allowed = |token| self.vocabulary.is_in_value(token) || closing.contains(&token);
            match best(&scores, allowed) {
                Some(token) if !closing.contains(&token) => {
                    tokens.push(token);
                    self.writing.push(&[token]);
                }
                _ => break,
            }
        }
        self.force("\"")?;
        let text = self.vocabulary.decode(&tokens).map_err(failed)?;
        Ok(Some(text.trim().to_owned()))
    }

    // Walks down the options' tokens; where they part, the likeliest way is taken.
    fn choose(&mut self, options: &[String]) -> Result<usize, SpeechError> {
        let paths: Vec<Vec<u32>> =
            options.iter().map(|option| self.vocabulary.encode(option).map_err(failed)).collect::<Result<_, _>>()?;
        let mut open: Vec<usize> = (0..paths.len()).collect();
        let mut depth = 0;
        while open.len() > 1 {
            let next: Vec<u32> = open.iter().filter_map(|&n| paths[n].get(depth).copied()).collect();
            let token = match next.as_slice() {
                [] => break,
                [first, rest @ ..] if rest.iter().all(|token| token == first) => *first,
                _ => best(&self.writing.scores()?, |token| next.contains(&token)).unwrap_or(next[0]),
            };
            self.writing.push(&[token]);
            open.retain(|&n| paths[n].get(depth) == Some(&token));
            depth += 1;
        }
        let chosen = open.first().copied().unwrap_or(0);
        self.writing.push(paths[chosen].get(depth..).unwrap_or_default());
        Ok(chosen)
    }
}
