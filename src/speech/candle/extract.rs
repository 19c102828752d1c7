//! Details out of a caller's words: the model writes one JSON object whose keys are given and whose values are stretches of what was said.
//!
//! So nothing can be made up, and a value need not be written token by token: the caller's words are guessed to go on, and one step tells how
//! far the model goes along (as speculative decoding does with a smaller model's guesses, Leviathan et al. 2023).

use super::failed;
use super::vocabulary::Vocabulary;
use super::writing::Writing;
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

/// Has the model fill in the wanted details after the prompt; those it leaves null are left out. Every value but the urgency is a stretch of
/// what was said.
pub(super) fn fill(
    writing: &mut Writing<'_>,
    vocabulary: &Vocabulary,
    said: &str,
    wanted: &[SlotName],
) -> Result<Vec<(SlotName, String)>, SpeechError> {
    let mut form = Form { writing, vocabulary, stretches: Stretches::of(vocabulary, said)?, before: "{" };
    let mut found = Vec::new();
    for &slot in wanted {
        let value = if slot == SlotName::Urgency { form.urgency()? } else { form.value(slot)? };
        found.extend(value.filter(|value| is_something(value)).map(|value| (slot, value)));
    }
    Ok(found)
}

// In tokens; a digit is one.
const fn longest(slot: SlotName) -> usize {
    match slot {
        SlotName::Name | SlotName::Email => 24,
        SlotName::Callback => 22,
        SlotName::Address | SlotName::Need | SlotName::Question => 28,
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
    stretches: Stretches,
    // What stands before the next key: it depends on the value before.
    before: &'static str,
}

impl Form<'_, '_> {
    fn encode(&self, text: &str) -> Result<Vec<u32>, SpeechError> {
        self.vocabulary.encode(text).map_err(failed)
    }

    // Writes the key, and tells how these tokens score as the begin of its value; nothing when the value is likelier to be null. Both are
    // seen in one step.
    fn begin(&mut self, slot: SlotName, starts: &[u32]) -> Result<Option<Vec<f32>>, SpeechError> {
        let key = self.encode(&format!("{}\"{slot}\":", self.before))?;
        let (null, quote) = (self.encode(" null")?, self.encode(" \"")?);
        let (Some(&first_of_null), Some(&first_of_quote)) = (null.first(), quote.first()) else {
            return Err(failed("the model has no quotation mark"));
        };
        self.writing.push(&key);
        let candidates = [&[first_of_null, first_of_quote], starts].concat();
        let scores = self.writing.weigh_each(&quote, &candidates)?;
        let (Some(before), Some(after)) = (scores.first(), scores.last()) else {
            return Err(failed("the model gave no scores"));
        };
        if starts.is_empty() || before[0] >= before[1] {
            self.writing.take_back(quote.len());
            self.writing.push(&null);
            self.before = ", ";
            return Ok(None);
        }
        self.before = "\", ";
        Ok(Some(after[2..].to_vec()))
    }

    fn urgency(&mut self) -> Result<Option<String>, SpeechError> {
        let levels = [Urgency::Emergency, Urgency::Soon, Urgency::Routine].map(Urgency::as_str);
        let words: Vec<Vec<u32>> = levels.iter().map(|level| self.encode(level)).collect::<Result<_, _>>()?;
        let starts: Vec<u32> = words.iter().filter_map(|word| word.first().copied()).collect();
        let Some(scores) = self.begin(SlotName::Urgency, &starts)? else { return Ok(None) };
        let Some(level) = likeliest(&scores) else { return Ok(None) };
        self.writing.push(&words[level]);
        Ok(Some(levels[level].to_owned()))
    }

    fn value(&mut self, slot: SlotName) -> Result<Option<String>, SpeechError> {
        let starts = self.stretches.starts();
        let Some(scores) = self.begin(slot, &starts)? else { return Ok(None) };
        let Some(start) = likeliest(&scores).map(|index| starts[index]) else { return Ok(None) };
        let tokens = self.follow(start, longest(slot))?;
        let text = self.vocabulary.decode(&tokens).map_err(failed)?;
        Ok(Some(text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()))
    }

    // The caller's words are guessed to go on as they did: one step tells how far the model goes along.
    fn follow(&mut self, start: u32, longest: usize) -> Result<Vec<u32>, SpeechError> {
        let closing = self.vocabulary.closing();
        let mut ways = self.stretches.beginning_with(start);
        let mut value: Vec<u32> = Vec::new();
        while let Some(way) = ways.first().cloned() {
            let guess = &way[value.len()..way.len().min(longest)];
            let nexts: Vec<u32> = ways.iter().flatten().copied().collect();
            let candidates = [closing.as_slice(), &nexts].concat();
            let scores = self.writing.weigh_each(guess, &candidates)?;
            let mut taken = 0;
            let mut is_over = true;
            for scores in &scores {
                taken += 1;
                value.push(guess[taken - 1]);
                let at = value.len();
                ways.retain(|way| way[..at.min(way.len())] == value[..]);
                let score = |token: u32| {
                    candidates.iter().position(|other| *other == token).map_or(f32::MIN, |index| scores[index])
                };
                let onward = ways.iter().filter_map(|way| way.get(at).copied());
                let Some(next) = onward.max_by(|a, b| score(*a).total_cmp(&score(*b))) else { break };
                let end = closing.iter().map(|token| score(*token)).fold(f32::MIN, f32::max);
                if at >= longest || (end >= score(next) && self.vocabulary.begins_word(next)) {
                    break;
                }
                // Another place where the same words were said goes on as the model would.
                if guess.get(taken) != Some(&next) {
                    ways.retain(|way| way.get(at) == Some(&next));
                    is_over = false;
                    break;
                }
            }
            self.writing.take_back(guess.len() - taken);
            if is_over {
                break;
            }
        }
        Ok(value)
    }
}

/// What a value may be: the tokens of what was said, from each of its words on.
struct Stretches(Vec<Vec<u32>>);

impl Stretches {
    fn of(vocabulary: &Vocabulary, said: &str) -> Result<Self, SpeechError> {
        let said = said.replace(['"', '\\', '\n'], " ").replace("<|", "< |").replace("|>", "| >");
        let mut from_each = Vec::new();
        let mut was_word = false;
        for (at, letter) in said.char_indices() {
            let is_word = letter.is_alphanumeric() || (was_word && matches!(letter, '\'' | '-'));
            if is_word && !was_word {
                from_each.push(vocabulary.encode(said[at..].trim_end()).map_err(failed)?);
            }
            was_word = is_word;
        }
        Ok(Self(from_each))
    }

    // The tokens with which they begin, each once.
    fn starts(&self) -> Vec<u32> {
        let mut starts: Vec<u32> = self.0.iter().filter_map(|tokens| tokens.first().copied()).collect();
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    fn beginning_with(&self, start: u32) -> Vec<Vec<u32>> {
        self.0.iter().filter(|tokens| tokens.first() == Some(&start)).cloned().collect()
    }
}

fn likeliest(scores: &[f32]) -> Option<usize> {
    scores.iter().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(index, _)| index)
}
