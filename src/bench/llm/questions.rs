//! Questions that callers ask of a prompt file's business: is the fact that answers pointed at, and none where none does?
//!
//! By the words alone ([`point`]), by the model alone, and as in a call: by the model where the words don't tell.

use super::super::report::{Observed, Row};
use super::super::{Watch, ms, timed};
use crate::conversation::{Choice, ChooseRequest, Pointed, choices, point};
use crate::id::Generation;
use crate::prompt::Prompt;
use crate::speech::{Responder, Stop};
use anyhow::{Context as _, anyhow, ensure};
use serde::Deserialize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The subject of what needs no model: no answer where the words don't tell.
const WORDS: &str = "words alone";
const PATIENCE: Duration = Duration::from_mins(10);

/// The questions to one business.
pub(super) struct Sheet {
    /// The file's name without its ending.
    pub(super) name: String,
    /// None when the file has facts of its own.
    pub(super) prompt: Option<Prompt>,
    pub(super) choices: Arc<[Choice]>,
    pub(super) questions: Vec<Question>,
}

/// A caller's question and what answers it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    /// The caller's words.
    pub(super) said: String,
    /// `fact`, `several`, `unknown` and others, for people to read.
    kind: String,
    /// The topics that answer it.
    pub(super) right: Vec<String>,
    /// Topics that may be told as well.
    #[serde(default)]
    also: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    prompt: Option<String>,
    #[serde(default)]
    facts: toml::Table,
    questions: Vec<Question>,
}

/// Reads every file of the folder. Prompt files are looked for from the folder's grandparent on: `fixtures/questions` stands beside `prompts`.
pub(super) fn read(folder: &Path) -> anyhow::Result<Vec<Sheet>> {
    let files = std::fs::read_dir(folder)
        .with_context(|| format!("{} can't be read: name the folder with --questions", folder.display()))?;
    let mut paths: Vec<_> = files.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    ensure!(!paths.is_empty(), "{} holds no file of questions (.toml)", folder.display());
    paths.iter().map(|path| sheet(path).with_context(|| path.display().to_string())).collect()
}

fn sheet(path: &Path) -> anyhow::Result<Sheet> {
    let File { prompt, facts, questions } = toml::from_str(&std::fs::read_to_string(path)?)?;
    let root = path.ancestors().nth(3).unwrap_or(Path::new(""));
    let prompt = prompt.map(|name| read_prompt(&name, &root.join(&name))).transpose()?;
    let choices = match &prompt {
        Some(prompt) => choices(prompt),
        None => own(&facts)?,
    };
    let topics = questions.iter().flat_map(|question| question.right.iter().chain(&question.also));
    for topic in topics {
        ensure!(choices.iter().any(|choice| choice.name == *topic), "`{topic}` is no topic of its facts");
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Sheet { name, prompt, choices, questions })
}

fn read_prompt(name: &str, file: &Path) -> anyhow::Result<Prompt> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    Prompt::parse(name, &text)
        .map_err(|faults| anyhow!(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

fn own(facts: &toml::Table) -> anyhow::Result<Arc<[Choice]>> {
    ensure!(!facts.is_empty(), "it needs `prompt`, the path of a prompt file, or `[facts]` of its own");
    let fact = |(name, text): (&String, &toml::Value)| -> anyhow::Result<Choice> {
        let text = text.as_str().with_context(|| format!("the fact `{name}` is no text"))?;
        Ok(Choice { name: name.clone(), text: text.to_owned() })
    };
    facts.iter().map(fact).collect()
}

impl Question {
    /// Its name in the report.
    pub(super) fn item(&self, sheet: &Sheet) -> String {
        format!("{}/{}: {}", sheet.name, self.kind, self.said)
    }

    /// What it is told apart by.
    pub(super) fn condition(&self) -> &'static str {
        match self.right.len() {
            0 => "no fact answers",
            1 => "a fact answers",
            _ => "several facts answer",
        }
    }

    fn may_be_told(&self, topic: &str) -> bool {
        self.right.iter().chain(&self.also).any(|right| right == topic)
    }
}

/// What the words alone point at.
pub(super) fn by_words(sheet: &Sheet) -> Vec<Row> {
    let rows = sheet.questions.iter().map(|question| {
        let (pointed, time) = timed(|| point(&sheet.choices, &question.said));
        let facts = if let Pointed::At(facts) = pointed { facts } else { Vec::new() };
        row(question, sheet, WORDS, &facts, time)
    });
    rows.collect()
}

/// Asks the model all of them.
pub(super) fn ask(
    model: &mut dyn Responder,
    subject: &str,
    sheet: &Sheet,
    watch: &dyn Watch,
) -> anyhow::Result<Vec<Row>> {
    model.warm_up(&sheet.choices, &Stop::new())?;
    let mut rows = Vec::new();
    for question in &sheet.questions {
        watch.step(&sheet.name);
        let request = ChooseRequest {
            generation: Generation(1),
            said: question.said.clone(),
            choices: Arc::clone(&sheet.choices),
            budget: PATIENCE,
        };
        let (chosen, time) = timed(|| model.choose(&request, &Stop::new()));
        let chosen: Vec<usize> = chosen?.into_iter().collect();
        rows.push(row(question, sheet, subject, &chosen, time));
        let (facts, time) = match point(&sheet.choices, &question.said) {
            Pointed::At(facts) => (facts, Duration::ZERO),
            Pointed::Nowhere => (Vec::new(), Duration::ZERO),
            Pointed::Unsure => (chosen, time),
        };
        rows.push(row(question, sheet, &format!("{subject} after words"), &facts, time));
    }
    Ok(rows)
}

// Facts are places in the sheet's list. Right is: nothing but what was asked for, and something of it; nothing where no fact answers.
fn row(question: &Question, sheet: &Sheet, subject: &str, facts: &[usize], time: Duration) -> Row {
    let mut row = Row::new(question.item(sheet), subject, question.condition());
    let told: Vec<&str> = facts.iter().filter_map(|&n| sheet.choices.get(n)).map(|fact| fact.name.as_str()).collect();
    let is_wrong = told.iter().any(|topic| !question.may_be_told(topic));
    let is_right = !is_wrong && (question.right.is_empty() || !told.is_empty());
    row.observe("choice", Observed::Hit(is_right));
    row.observe("wrong_fact", Observed::Hit(is_wrong));
    if question.right.len() > 1 {
        let all = question.right.iter().all(|topic| told.contains(&topic.as_str()));
        row.observe("all_told", Observed::Hit(all));
    }
    row.observe("choice_ms", Observed::Value(ms(time)));
    row.note("chosen", if told.is_empty() { "none".to_owned() } else { told.join(", ") });
    row.note("right", question.right.join(", "));
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projects_own_questions_are_whole() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/questions");
        let sheets = read(&folder).expect("read");
        assert!(sheets.len() >= 3);
        for sheet in &sheets {
            for condition in ["no fact answers", "a fact answers", "several facts answer"] {
                let count = sheet.questions.iter().filter(|question| question.condition() == condition).count();
                assert!(count >= 2, "{}: {count} where {condition}", sheet.name);
            }
        }
    }

    #[test]
    fn a_wrong_fact_is_worse_than_none() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/questions");
        let sheet = read(&folder).expect("read").remove(0);
        let question = Question {
            said: "How much?".to_owned(),
            kind: "fact".to_owned(),
            right: vec!["payment".to_owned()],
            also: vec!["hours".to_owned()],
        };
        let place = |topic: &&str| sheet.choices.iter().position(|choice| choice.name == **topic).expect("a topic");
        let seen = |told: &[&str]| {
            let told: Vec<usize> = told.iter().map(place).collect();
            let row = row(&question, &sheet, "m", &told, Duration::ZERO);
            (row.observed["choice"], row.observed["wrong_fact"])
        };
        assert_eq!(seen(&["payment"]), (Observed::Hit(true), Observed::Hit(false)));
        assert_eq!(seen(&["payment", "hours"]), (Observed::Hit(true), Observed::Hit(false)));
        assert_eq!(seen(&["payment", "area"]), (Observed::Hit(false), Observed::Hit(true)));
        assert_eq!(seen(&[]), (Observed::Hit(false), Observed::Hit(false)));
    }
}
