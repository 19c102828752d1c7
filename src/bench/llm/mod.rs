//! The language model: whether it points at the right fact, finds the details in what callers say, and how long it takes.
//!
//! It is run as the product runs it: the prompt file's facts and the search's instructions are taken in first, and what is found is kept only
//! as far as [`crate::lead::Form`] would keep it. Beside the models stand the rules of `lead` alone.

mod dialogues;
mod questions;
mod speed;
mod wording;

use super::report::{Better, Kind, Observed, Report, Row, Unit};
use super::{Watch, measure, resident_mib, spread};
use crate::models::Picked;
use crate::speech::{CandleOptions, CandleResponder};
use anyhow::Context as _;
use dialogues::Dialogue;
use questions::Sheet;
use std::path::PathBuf;

/// What is to be measured.
#[derive(Clone, Debug)]
pub struct Options {
    /// The language models.
    pub models: Vec<Picked>,
    /// The folder with the questions that callers ask: one TOML file for each prompt file.
    pub questions: PathBuf,
    /// The dialogues: a JSONL file, or a folder of such files.
    pub dialogues: PathBuf,
    /// Whether questions are also answered in the model's own words, for comparison.
    pub wording: bool,
    /// At most so many questions of each file, and so many dialogues; 0 for all.
    pub limit: usize,
}

/// Measures every model.
///
/// # Errors
/// When a file can't be read or a model fails.
pub fn run(name: &str, options: &Options, watch: &dyn Watch) -> anyhow::Result<Report> {
    let mut report = Report::begin(Kind::Llm, name);
    let mut sheets = questions::read(&options.questions)?;
    for sheet in &mut sheets {
        sheet.questions = spread(std::mem::take(&mut sheet.questions), options.limit);
    }
    let dialogues = spread(dialogues::read(&options.dialogues)?, options.limit);
    describe(&mut report, options, &sheets, dialogues.len());
    report.rows.extend(sheets.iter().flat_map(questions::by_words));
    report.rows.extend(dialogues::by_rules(&dialogues));
    for picked in &options.models {
        measure_model(&mut report, picked, (&sheets, &dialogues), options.wording, watch)
            .with_context(|| picked.id.clone())?;
    }
    Ok(report.finish())
}

fn measure_model(
    report: &mut Report,
    picked: &Picked,
    (sheets, dialogues): (&[Sheet], &[Dialogue]),
    wording: bool,
    watch: &dyn Watch,
) -> anyhow::Result<()> {
    let (id, before) = (picked.id.as_str(), resident_mib());
    watch.say(&format!("{id}: loading"));
    let mut model = CandleResponder::load(&picked.path, CandleOptions::default())?;
    let count: usize = sheets.iter().map(|sheet| sheet.questions.len()).sum();
    watch.start(id, (count * (1 + usize::from(wording)) + dialogues.len()) as u64);
    for sheet in sheets {
        report.rows.extend(questions::ask(&mut model, id, sheet, watch)?);
        if wording {
            report.rows.extend(wording::ask(&mut model, id, sheet, watch)?);
        }
    }
    report.rows.extend(dialogues::by_model(&mut model, id, dialogues, watch)?);
    watch.finish();
    watch.say(&format!("{id}: times"));
    report.rows.extend(speed::measure(&mut model, id)?);
    let mut memory = Row::new("after all", id, "");
    memory.observe("resident", Observed::Value((resident_mib() - before).max(0.0)));
    report.rows.push(memory);
    Ok(())
}

fn describe(report: &mut Report, options: &Options, sheets: &[Sheet], dialogues: usize) {
    let (higher, lower) = (Better::Higher, Better::Lower);
    report.measures = vec![
        measure("choice", "Questions led to the right answer", Unit::Share, higher),
        measure("wrong_fact", "Questions led to a wrong fact", Unit::Share, lower),
        measure("all_told", "Questions after several things led to all of them", Unit::Share, higher),
        measure("choice_ms", "Time to choose an answer", Unit::Ms, lower),
        measure("worded", "Questions answered rightly in own words", Unit::Share, higher),
        measure("made_up", "Own words with a number or promise that no fact holds", Unit::Share, lower),
        measure("worded_ms", "Time to the first of the own words", Unit::Ms, lower),
        measure("slot_f1", "F1 of details", Unit::Share, higher),
        measure("exact", "Dialogues with every detail exactly right and nothing else", Unit::Share, higher),
    ];
    report.measures.extend(dialogues::SLOTS.map(|slot| {
        measure(&format!("f1_{slot}"), &format!("F1 of {}", slot.as_str().replace('_', " ")), Unit::Share, higher)
    }));
    report.measures.extend([
        measure("not_meant", "Kept details that the caller did not mean", Unit::Share, lower),
        measure("invented", "Found values that nobody said: thrown away", Unit::Share, lower),
        measure("extract_ms", "Time to find the details of a turn", Unit::Ms, lower),
        measure("take_in", "Taking in a prompt", Unit::TokensPerSecond, higher),
        measure("first_ms", "Time to the first word of a reply", Unit::Ms, lower),
        measure("writing", "Writing a reply", Unit::TokensPerSecond, higher),
        measure("resident", "Memory taken by the model", Unit::Mib, lower),
    ]);
    for picked in &options.models {
        report.uses("responder", picked);
    }
    report.option("questions", options.questions.display().to_string());
    report.option("questions asked", sheets.iter().map(|sheet| sheet.questions.len()).sum::<usize>());
    report.option("dialogues", options.dialogues.display().to_string());
    report.option("dialogues read", dialogues);
}
