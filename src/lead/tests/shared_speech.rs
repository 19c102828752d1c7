//! Accuracy over transcripts of real people, when the shared data is there. The texts themselves stay out of the project.

use super::detail;
use crate::lead::{Asked, SlotName, name_from, preferred_time_from, spelled_name, spoken_digits};
use serde_json::Value;
use std::path::Path;

fn shared(path: &str) -> Option<String> {
    let folder = std::env::var("BACKSTOP_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let text = std::fs::read_to_string(Path::new(&folder).join(path)).ok();
    if text.is_none() {
        eprintln!("skipped: shared data not found");
    }
    text
}

/// Fails under the floor, telling which rows were missed.
fn floor(what: &str, rows: &[(String, Option<String>, String)], at_least: usize) {
    let missed: Vec<String> = rows
        .iter()
        .filter(|(_, found, expected)| found.as_ref().is_none_or(|found| !found.eq_ignore_ascii_case(expected)))
        .map(|(said, found, expected)| format!("  {said:?}: {found:?}, not {expected:?}"))
        .collect();
    let right = rows.len() - missed.len();
    eprintln!("{what}: {right} of {}", rows.len());
    assert!(right * 100 >= at_least * rows.len(), "{what}: {right} of {}\n{}", rows.len(), missed.join("\n"));
}

#[test]
fn real_people_spell_names_and_say_digits() {
    let Some(manifest) = shared("speech/manifest.tsv") else { return };
    let mut spelled = Vec::new();
    let mut digits = Vec::new();
    for row in manifest.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>()) {
        let [said, item, expected] = [row[1], row[8], row[9]];
        if expected.is_empty() {
            continue;
        }
        if item.ends_with("_spelled") {
            spelled.push((said.to_owned(), spelled_name(said), expected.to_owned()));
        } else if matches!(item, "phone" | "zip" | "house_number") {
            digits.push((said.to_owned(), Some(spoken_digits(said)), expected.to_owned()));
        }
    }
    floor("spelled words", &spelled, 100);
    floor("digit strings", &digits, 100);
}

#[test]
fn real_callers_give_their_names() {
    let Some(calls) = shared("dialogues/evi_phone_asr.jsonl") else { return };
    let mut rows = Vec::new();
    let mut by_letters = Vec::new();
    for call in calls.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let name = call["slots"]["name"].as_str().unwrap_or_default();
        let turns = call["turns"].as_array().into_iter().flatten().filter(|turn| turn["item"] == "name");
        let said: Vec<&str> = turns.filter_map(|turn| turn["text"].as_str()).collect();
        // Only texts that hold the name's words: what the recogniser lost can't be found again.
        for text in &said {
            let holds =
                name.to_lowercase().split(' ').all(|part| text.to_lowercase().split(' ').any(|word| word == part));
            if holds {
                rows.push(((*text).to_owned(), name_from(text), name.to_owned()));
            }
        }
        let plain =
            |part: &&str| said.last().is_some_and(|text| text.to_lowercase().replace(' ', "") == part.to_lowercase());
        if let Some(part) = [name].into_iter().chain(name.split(' ')).find(|part| plain(&&*part.replace(' ', ""))) {
            let text = said.last().copied().unwrap_or_default();
            let letters = spelled_name(text).or_else(|| name_from(text)).map(|name| name.replace(' ', ""));
            by_letters.push((text.to_owned(), letters, part.replace(' ', "")));
        }
    }
    floor("said names", &rows, 99);
    floor("spelled names", &by_letters, 90);
}

#[test]
fn real_texts_hold_whole_numbers() {
    let Some(chats) = shared("dialogues/multidogo.jsonl") else { return };
    let mut rows = Vec::new();
    for chat in chats.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let Some(number) = chat["slots"]["phone"].as_str() else { continue };
        let Ok(expected) = crate::phone::PhoneNumber::parse(number, "US") else { continue };
        let turns = chat["turns"].as_array().into_iter().flatten().filter_map(|turn| turn["text"].as_str());
        let Some(text) = turns.into_iter().find(|text| text.contains(number)) else { continue };
        let found = detail(Asked::Callback, SlotName::Callback)(text);
        rows.push((text.to_owned(), found, expected.e164().to_owned()));
    }
    floor("numbers among other words", &rows, 100);
}

#[test]
fn real_answers_to_when_hold_a_time() {
    let Some(dialogues) = shared("dialogues/sgd_services.jsonl") else { return };
    let mut rows = Vec::new();
    for dialogue in dialogues.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let turns: Vec<(&str, &str)> = dialogue["turns"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|turn| Some((turn["speaker"].as_str()?, turn["text"].as_str()?)))
            .collect();
        for pair in turns.windows(2) {
            let [(from, question), (_, said)] = pair else { continue };
            let asked = *from == "agent"
                && ["what time", "what date", "which day", "when would"]
                    .iter()
                    .any(|q| question.to_lowercase().contains(q));
            let timed = said.split(|c: char| !c.is_alphanumeric()).any(|word| {
                matches!(
                    word.to_lowercase().as_str(),
                    "morning" | "afternoon" | "evening" | "pm" | "am" | "march" | "next" | "today" | "tomorrow"
                )
            });
            if asked && timed {
                let found = preferred_time_from(said).map(|_| "a time".to_owned());
                rows.push(((*said).to_owned(), found, "a time".to_owned()));
            }
        }
    }
    floor("times", &rows, 100);
}
