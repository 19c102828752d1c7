//! Details in what callers say: how many are found, how many are wrong, by the model, by the rules of `lead`, and by both.

use super::super::report::{Observed, Row};
use super::super::words::plain;
use super::super::{Watch, ms, timed};
use crate::conversation::ExtractRequest;
use crate::id::TurnId;
use crate::lead::{Asked, Evidence, Form, Offered, Refusal, SlotName, stands_alone, understand};
use crate::speech::{Responder, Stop};
use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is looked for. A number to call back is told by digits, for which the model is not needed.
pub(super) const SLOTS: [SlotName; 5] =
    [SlotName::Name, SlotName::Address, SlotName::Need, SlotName::Urgency, SlotName::PreferredTime];
/// Numbers without a country code are read as of here.
const REGION: &str = "US";
/// Words that make no difference to a value.
const SMALL: [&str; 14] = ["a", "an", "the", "my", "our", "i", "is", "at", "in", "on", "of", "and", "have", "need"];
/// What a value must share with the true one, as F1 of their words.
const ALIKE: f64 = 0.6;
const NEED_ALIKE: f64 = 0.5;

/// A dialogue and the details that its caller gives.
#[derive(Clone, Debug)]
pub(super) struct Dialogue {
    id: String,
    /// What was said before each of the caller's turns, and the turn.
    turns: Vec<[String; 2]>,
    gold: BTreeMap<SlotName, String>,
    /// The details that its file tells of at all.
    labelled: Vec<SlotName>,
}

#[derive(Deserialize)]
struct Line {
    id: String,
    turns: Vec<Turn>,
    slots: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Turn {
    speaker: String,
    text: String,
}

/// Reads a file, or every file of a folder.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Dialogue>> {
    let unreadable = || format!("{} can't be read: name a JSONL file or a folder of them with --data", path.display());
    let mut files: Vec<PathBuf> = vec![path.to_owned()];
    if path.is_dir() {
        let inside = std::fs::read_dir(path).with_context(unreadable)?.flatten().map(|entry| entry.path());
        files = inside.filter(|path| path.extension().is_some_and(|ending| ending == "jsonl")).collect();
        files.sort();
    }
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).with_context(unreadable)?;
        all.extend(of_file(&text).with_context(|| file.display().to_string())?);
    }
    ensure!(!all.is_empty(), "{} holds no dialogue", path.display());
    Ok(all)
}

fn of_file(text: &str) -> anyhow::Result<Vec<Dialogue>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let mut dialogues: Vec<Dialogue> = lines
        .map(|(n, line)| serde_json::from_str::<Line>(line).map(dialogue).with_context(|| format!("line {}", n + 1)))
        .collect::<Result<_, _>>()?;
    let labelled: Vec<SlotName> =
        SLOTS.into_iter().filter(|slot| dialogues.iter().any(|one| one.gold.contains_key(slot))).collect();
    for one in &mut dialogues {
        one.labelled.clone_from(&labelled);
    }
    Ok(dialogues)
}

fn dialogue(line: Line) -> Dialogue {
    let (mut turns, mut asked) = (Vec::new(), String::new());
    for turn in line.turns {
        if turn.speaker == "caller" {
            turns.push([asked.clone(), turn.text]);
        } else {
            asked = turn.text;
        }
    }
    // Other sets have other names, and tell day and hour apart.
    let of = |names: &[&str]| {
        let told: Vec<&str> = names.iter().filter_map(|name| line.slots.get(*name)?.as_str()).collect();
        (!told.is_empty()).then(|| told.join(" "))
    };
    let gold = [
        (SlotName::Name, of(&["name"])),
        (SlotName::Address, of(&["address"])),
        (SlotName::Need, of(&["need"])),
        (SlotName::Urgency, of(&["urgency"])),
        (SlotName::PreferredTime, of(&["preferred_date", "preferred_time"])),
    ];
    let gold = gold.into_iter().filter_map(|(slot, value)| Some((slot, value?))).collect();
    Dialogue { id: line.id, turns, gold, labelled: Vec::new() }
}

/// What the rules find.
pub(super) fn by_rules(dialogues: &[Dialogue]) -> Vec<Row> {
    dialogues
        .iter()
        .map(|dialogue| {
            let mut found = Found::new(dialogue);
            for (turn, [asked, said]) in (1..).zip(&dialogue.turns) {
                found.take_rules(TurnId(turn), asked, said);
            }
            found.row("rules of lead", "alone")
        })
        .collect()
}

/// What the model finds, alone and after the rules.
pub(super) fn by_model(
    model: &mut dyn Responder,
    subject: &str,
    dialogues: &[Dialogue],
    watch: &dyn Watch,
) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for dialogue in dialogues {
        watch.step(&dialogue.id);
        for (condition, with_rules) in [("alone", false), ("after the rules", true)] {
            let mut found = Found::new(dialogue);
            for (turn, [asked, said]) in (1..).zip(&dialogue.turns) {
                let turn = TurnId(turn);
                if with_rules {
                    found.take_rules(turn, asked, said);
                }
                let mut wanted = found.missing();
                if with_rules {
                    wanted.retain(|slot| ExtractRequest::FOUND_IN_WORDS.contains(slot));
                }
                if wanted.is_empty() {
                    continue;
                }
                let request = ExtractRequest { turn, asked: asked.clone(), said: said.clone(), wanted };
                let (values, time) = timed(|| model.extract(&request, &Stop::new()));
                found.times.push(ms(time));
                for (name, value) in values? {
                    found.take(name, &value, turn, said);
                }
            }
            rows.extend(found.times(subject, condition));
            rows.push(found.row(subject, condition));
        }
    }
    Ok(rows)
}

/// The details of one dialogue as the product would keep them.
struct Found<'a> {
    dialogue: &'a Dialogue,
    form: Form,
    offered: u32,
    invented: u32,
    times: Vec<f64>,
    notes: Vec<String>,
}

impl<'a> Found<'a> {
    fn new(dialogue: &'a Dialogue) -> Self {
        let form = Form::new(&dialogue.labelled);
        Self { dialogue, form, offered: 0, invented: 0, times: Vec::new(), notes: Vec::new() }
    }

    fn missing(&self) -> Vec<SlotName> {
        self.dialogue.labelled.iter().copied().filter(|slot| self.form.get(*slot).is_none()).collect()
    }

    fn take_rules(&mut self, turn: TurnId, asked: &str, said: &str) {
        for (name, value) in understand(question(asked), said, REGION).values {
            if self.dialogue.labelled.contains(&name) {
                self.form.correct(name, &value, Evidence::Turn(turn), said, REGION);
            }
        }
    }

    // As `Conversation::extracted` does.
    fn take(&mut self, name: SlotName, value: &str, turn: TurnId, said: &str) {
        self.offered += 1;
        if self.form.get(name).is_some() || !stands_alone(name, value) {
            return;
        }
        let offered = self.form.offer(name, value, Evidence::Turn(turn), said, REGION);
        if offered == Offered::Refused(Refusal::NotInEvidence) {
            self.invented += 1;
            self.notes.push(format!("{name}: {value}"));
        }
    }

    fn times(&self, subject: &str, condition: &str) -> Vec<Row> {
        let row = |(n, time): (usize, &f64)| {
            let mut row = Row::new(format!("{}/{}", self.dialogue.id, n + 1), subject, condition);
            row.observe("extract_ms", Observed::Value(*time));
            row
        };
        self.times.iter().enumerate().map(row).collect()
    }

    fn row(&self, subject: &str, condition: &str) -> Row {
        let mut row = Row::new(&self.dialogue.id, subject, condition);
        let (mut parts, mut kept, mut not_meant, mut is_exact) = ([0, 0], 0, 0, true);
        for &slot in &self.dialogue.labelled {
            let gold = self.dialogue.gold.get(&slot).map(String::as_str);
            let value = self.form.get(slot).map(|slot| slot.value.as_str());
            let is_right = matches!((gold, value), (Some(gold), Some(value)) if agrees(slot, gold, value));
            is_exact &= match (gold, value) {
                (Some(gold), Some(value)) => content(gold) == content(value),
                (gold, value) => gold.is_none() && value.is_none(),
            };
            let of = u32::from(gold.is_some()) + u32::from(value.is_some());
            let part = 2 * u32::from(is_right);
            parts = [parts[0] + part, parts[1] + of];
            kept += u32::from(value.is_some());
            not_meant += u32::from(value.is_some() && !is_right);
            row.observe(&format!("f1_{slot}"), Observed::Part(part, of));
            row.note(&format!("{slot} found"), value.unwrap_or("-"));
            row.note(&format!("{slot} true"), gold.unwrap_or("-"));
        }
        row.observe("slot_f1", Observed::Part(parts[0], parts[1]));
        row.observe("exact", Observed::Hit(is_exact));
        row.observe("not_meant", Observed::Part(not_meant, kept));
        if self.offered > 0 {
            row.observe("invented", Observed::Part(self.invented, self.offered));
        }
        if !self.notes.is_empty() {
            row.note("thrown away", self.notes.join("; "));
        }
        row
    }
}

/// What a line of the receptionist asks for.
fn question(asked: &str) -> Asked {
    let asked = asked.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| asked.contains(word));
    if has(&["anything else"]) {
        Asked::AnythingElse
    } else if has(&["how can i help", "help you", "what can we"]) {
        Asked::Need
    } else if has(&["how soon", "no rush"]) {
        Asked::Urgency
    } else if has(&["name"]) {
        Asked::Name
    } else if has(&["address", "where"]) {
        Asked::Address
    } else if has(&["what day", "what time", "when ", "day and time"]) {
        Asked::PreferredTime
    } else {
        Asked::Need
    }
}

fn content(text: &str) -> Vec<String> {
    plain(text).into_iter().filter(|word| !SMALL.contains(&word.as_str())).collect()
}

fn agrees(slot: SlotName, gold: &str, value: &str) -> bool {
    let (gold, mut value) = (content(gold), content(value));
    match slot {
        SlotName::Name | SlotName::Urgency => gold == value,
        _ => {
            let of = gold.len() + value.len();
            let mut shared = 0;
            for word in &gold {
                if let Some(at) = value.iter().position(|other| other == word) {
                    value.swap_remove(at);
                    shared += 1;
                }
            }
            let least = if slot == SlotName::Need { NEED_ALIKE } else { ALIKE };
            of > 0 && f64::from(2 * shared) / of as f64 >= least
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Unwatched;
    use crate::speech::scripted::ScriptedResponder;

    const LINE: &str = r#"{"id": "a", "turns": [{"speaker": "agent", "text": "How can I help?"},
        {"speaker": "caller", "text": "Hi, Dana Whitfield here, about my fence."}], "slots": {"name": "Dana Whitfield", "address": "9 Oak Street"}}"#;

    #[test]
    fn found_missed_and_invented_details_are_told_apart() {
        let dialogues = of_file(&LINE.replace('\n', " ")).expect("reads");
        assert_eq!(dialogues[0].labelled, [SlotName::Name, SlotName::Address]);
        let mut model = ScriptedResponder::new().find_when("dana", SlotName::Name, "Dana Whitfield").find_when(
            "dana",
            SlotName::Address,
            "77 Elm Street",
        );
        let rows = by_model(&mut model, "m", &dialogues, &Unwatched).expect("runs");
        let row = rows.iter().find(|row| row.item == "a" && row.condition == "alone").expect("there");
        assert_eq!(row.observed["slot_f1"], Observed::Part(2, 3));
        assert_eq!(row.observed["f1_name"], Observed::Part(2, 2));
        assert_eq!(row.observed["f1_address"], Observed::Part(0, 1));
        assert_eq!(row.observed["invented"], Observed::Part(1, 2), "nobody said it");
        assert_eq!(row.observed["not_meant"], Observed::Part(0, 1));
        assert_eq!(row.observed["exact"], Observed::Hit(false));
    }

    #[test]
    fn values_agree_by_their_words() {
        assert!(agrees(SlotName::Name, "Kevin O'Brien", "Kevin O'Brien"));
        assert!(!agrees(SlotName::Name, "Kevin O'Brien", "Kevin"));
        assert!(agrees(SlotName::Address, "14 Oak Street", "14 Oak St"));
        assert!(!agrees(SlotName::Address, "14 Oak Street", "Brooklyn"));
        assert!(agrees(SlotName::PreferredTime, "Thursday after lunch", "on Thursday after lunch"));
    }

    #[test]
    fn the_projects_own_dialogues_are_whole() {
        let all = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/dialogues")).expect("read");
        assert!(all.iter().map(|one| one.turns.len()).sum::<usize>() >= 40);
        for one in &all {
            for (slot, gold) in &one.gold {
                let said: Vec<String> = one.turns.iter().flat_map(|[_, said]| plain(said)).collect();
                let is_said = *slot == SlotName::Urgency || plain(gold).iter().all(|word| said.contains(word));
                assert!(is_said, "{}: nobody says {gold}", one.id);
            }
        }
    }
}
