//! What a benchmark found: rows as they were measured, and what they come to. Kept as JSON.
//!
//! A [`Row`] is one item (an utterance, a sentence, a call, a step of a call) with one subject (the model, or the set of models) under one
//! condition (the line, the noise). What was observed there is kept under the key of a [`Measure`], so that tables, plots and
//! comparisons are made from the rows alone, whatever the benchmark.

use super::statistics::{bootstrap, clusters, rank, wilson};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// The seed of a report's own intervals.
const SEED: u64 = 5;
/// Another number means another form of the file.
pub const FORMAT: u32 = 1;

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Speech to text.
    Stt,
    /// The language model.
    Llm,
    /// Text to speech.
    Tts,
    /// The end of the caller's turn.
    Turn,
    /// Whole calls.
    Conversation,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Stt, Self::Llm, Self::Tts, Self::Turn, Self::Conversation];

    /// The word on the command line and in files' names.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stt => "stt",
            Self::Llm => "llm",
            Self::Tts => "tts",
            Self::Turn => "turn",
            Self::Conversation => "conversation",
        }
    }

    /// The heading of its report.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Stt => "Speech to text",
            Self::Llm => "Language model",
            Self::Tts => "Text to speech",
            Self::Turn => "End of turn",
            Self::Conversation => "Whole calls",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A finished benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The form of the file: [`FORMAT`].
    pub format: u32,
    /// What was measured.
    pub kind: Kind,
    /// The name it is saved under.
    pub name: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Of Backstop.
    pub version: String,
    /// What it ran on.
    pub machine: Machine,
    /// Every model that took part.
    pub models: Vec<UsedModel>,
    /// The content hash of the prompt file, where one was used.
    pub prompt_hash: Option<String>,
    /// What it was told on the command line, for people to read.
    pub options: BTreeMap<String, Value>,
    /// What the keys of the rows mean, in the order in which they are shown.
    pub measures: Vec<Measure>,
    /// What the rows come to.
    pub metrics: Vec<Metric>,
    /// What was observed.
    pub rows: Vec<Row>,
}

/// The machine of a benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Its processor.
    pub processor: String,
    /// How many cores the program could use.
    pub cores: usize,
    /// Its memory, in MiB.
    pub memory_mib: u64,
    /// The load average of the last minute before it began, and at its end: above the number of cores, times are too long.
    pub load: [f64; 2],
}

/// A model that took part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedModel {
    /// What it was used for, such as `transcriber`.
    pub role: String,
    /// Its id in the manifest, or its file's name.
    pub id: String,
    /// Of its file.
    pub sha256: String,
}

/// What a key of the rows means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// As it stands in the rows.
    pub key: String,
    /// For people to read.
    pub title: String,
    /// Of its numbers.
    pub unit: Unit,
    /// Which way is good.
    pub better: Better,
}

/// The unit of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Milliseconds.
    Ms,
    /// A share, 0 to 1, shown in percent.
    Share,
    /// A number without a unit, such as a real-time factor.
    Factor,
    /// Tokens a second.
    TokensPerSecond,
    /// MiB.
    Mib,
}

/// Which way is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
}

/// One item with one subject under one condition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The item's name: reports are paired by it.
    pub item: String,
    /// What was measured: a model's id, a profile.
    pub subject: String,
    /// Under which condition, such as `g711`.
    pub condition: String,
    /// What was observed, by the keys of the measures.
    pub observed: BTreeMap<String, Observed>,
    /// For people to read, such as what was said and what was heard.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, String>,
}

impl Row {
    /// A row in which nothing was observed yet.
    #[must_use]
    pub fn new(item: impl Into<String>, subject: impl Into<String>, condition: impl Into<String>) -> Self {
        Self { item: item.into(), subject: subject.into(), condition: condition.into(), ..Self::default() }
    }

    /// Adds what was observed.
    pub fn observe(&mut self, key: &str, observed: Observed) {
        self.observed.insert(key.to_owned(), observed);
    }

    /// Adds words for people to read.
    pub fn note(&mut self, key: &str, text: impl Into<String>) {
        self.notes.insert(key.to_owned(), text.into());
    }
}

/// One observation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observed {
    /// A number, such as a time: the median and the 95th percentile are shown.
    Value(f64),
    /// It was so, or it wasn't: the share is shown.
    Hit(bool),
    /// So many of so many, such as wrong words: their sums' ratio is shown.
    Part(u32, u32),
}

/// What the rows of one subject under one condition come to in one measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Which subject.
    pub subject: String,
    /// Which condition.
    pub condition: String,
    /// The measure's key.
    pub measure: String,
    /// Of how many rows.
    pub n: usize,
    /// A share, the ratio of sums, or the median.
    pub value: f64,
    /// The 95 % interval of `value`: Wilson's for shares, else by bootstrap. None of fewer than two independent items.
    pub interval: Option<[f64; 2]>,
    /// Numbers: the 95th percentile, by nearest rank.
    pub p95: Option<f64>,
    /// Numbers: the largest.
    pub max: Option<f64>,
}

impl Report {
    /// Works out what the rows come to, anew.
    pub fn summarise(&mut self) {
        let mut metrics = Vec::new();
        for measure in &self.measures {
            for (subject, condition) in self.groups() {
                let observed = self.observed(&subject, &condition, &measure.key);
                metrics.extend(Metric::of(&subject, &condition, &measure.key, &observed));
            }
        }
        self.metrics = metrics;
    }

    /// The items of one subject under one condition in which a measure was observed, with what was observed.
    #[must_use]
    pub fn observed(&self, subject: &str, condition: &str, measure: &str) -> Vec<(&str, Observed)> {
        let of_group = self.rows.iter().filter(|row| row.subject == subject && row.condition == condition);
        of_group.filter_map(|row| Some((row.item.as_str(), *row.observed.get(measure)?))).collect()
    }

    /// Every subject with every condition it was measured under, in the order of the rows.
    #[must_use]
    pub fn groups(&self) -> Vec<(String, String)> {
        let mut groups: Vec<(String, String)> = Vec::new();
        for row in &self.rows {
            if !groups.iter().any(|(subject, condition)| *subject == row.subject && *condition == row.condition) {
                groups.push((row.subject.clone(), row.condition.clone()));
            }
        }
        groups
    }

    /// The subjects, in the order of the rows.
    #[must_use]
    pub fn subjects(&self) -> Vec<String> {
        let mut subjects: Vec<String> = Vec::new();
        for row in &self.rows {
            if !subjects.contains(&row.subject) {
                subjects.push(row.subject.clone());
            }
        }
        subjects
    }

    /// A measure by its key.
    #[must_use]
    pub fn measure(&self, key: &str) -> Option<&Measure> {
        self.measures.iter().find(|measure| measure.key == key)
    }
}

impl Metric {
    fn of(subject: &str, condition: &str, measure: &str, found: &[(&str, Observed)]) -> Option<Self> {
        let observed: Vec<Observed> = found.iter().map(|(_, observed)| *observed).collect();
        let values: Vec<f64> = observed.iter().filter_map(|one| one.value()).collect();
        let value = headline(&observed)?;
        let interval = if observed.iter().all(|one| matches!(one, Observed::Hit(_))) {
            let hits = observed.iter().filter(|one| matches!(one, Observed::Hit(true))).count();
            Some(wilson(hits, observed.len()))
        } else {
            bootstrap(&clusters(found.iter().map(|(item, _)| *item)), SEED, &|draw| {
                headline(&draw.iter().map(|&n| observed[n]).collect::<Vec<_>>())
            })
        };
        Some(Self {
            subject: subject.to_owned(),
            condition: condition.to_owned(),
            measure: measure.to_owned(),
            n: observed.len(),
            value,
            interval: interval.map(|interval| [interval.low, interval.high]),
            p95: rank(&values, 0.95),
            max: rank(&values, 1.0),
        })
    }
}

impl Observed {
    /// The number, if it is one.
    #[must_use]
    pub const fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::Hit(_) | Self::Part(..) => None,
        }
    }
}

/// What observations of one measure come to: the median of numbers, the share of hits, the ratio of sums. None of none.
#[must_use]
pub fn headline(observed: &[Observed]) -> Option<f64> {
    let values: Vec<f64> = observed.iter().filter_map(|one| one.value()).collect();
    if !values.is_empty() {
        return rank(&values, 0.5);
    }
    let (part, whole) = observed.iter().fold((0_u64, 0_u64), |(part, whole), one| match *one {
        Observed::Hit(hit) => (part + u64::from(hit), whole + 1),
        Observed::Part(some, of) => (part + u64::from(some), whole + u64::from(of)),
        Observed::Value(_) => (part, whole),
    });
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Unit {
    /// A number with its unit, for people to read.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Ms if value.abs() >= 9_999.5 => format!("{:.1} s", value / 1_000.0),
            Self::Ms if value.abs() >= 99.5 || value == 0.0 => format!("{value:.0} ms"),
            Self::Ms => format!("{value:.1} ms"),
            Self::Share => format!("{:.1} %", value * 100.0),
            Self::Factor => format!("{value:.3}"),
            Self::TokensPerSecond => format!("{value:.1} tokens/s"),
            Self::Mib => format!("{value:.0} MiB"),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A report of these rows, each of which is an item, a subject, a condition and what was observed under `key`.
    pub(in crate::bench) fn report(measure: Measure, rows: &[(&str, &str, &str, Observed)]) -> Report {
        let rows = rows.iter().map(|(item, subject, condition, observed)| {
            let mut row = Row::new(*item, *subject, *condition);
            row.observe(&measure.key, *observed);
            row
        });
        let mut report = Report {
            format: FORMAT,
            kind: Kind::Stt,
            name: "example".to_owned(),
            made_at: Timestamp::UNIX_EPOCH,
            version: "0.1.0".to_owned(),
            machine: Machine { processor: "a processor".to_owned(), cores: 2, memory_mib: 8_192, load: [0.1, 1.9] },
            models: Vec::new(),
            prompt_hash: None,
            options: BTreeMap::new(),
            rows: rows.collect(),
            measures: vec![measure],
            metrics: Vec::new(),
        };
        report.summarise();
        report
    }

    pub(in crate::bench) fn measure(key: &str, unit: Unit, better: Better) -> Measure {
        Measure { key: key.to_owned(), title: format!("The {key}"), unit, better }
    }

    #[test]
    fn rows_come_to_shares_ratios_and_medians() {
        let share = report(
            measure("right", Unit::Share, Better::Higher),
            &[
                ("a", "m", "clean", Observed::Hit(true)),
                ("b", "m", "clean", Observed::Hit(false)),
                ("a", "m", "noisy", Observed::Hit(false)),
            ],
        );
        let found: Vec<_> = share.metrics.iter().map(|m| (m.condition.as_str(), m.n, m.value)).collect();
        assert_eq!(found, [("clean", 2, 0.5), ("noisy", 1, 0.0)]);
        let ratio = report(
            measure("wer", Unit::Share, Better::Lower),
            &[("a", "m", "clean", Observed::Part(1, 9)), ("b", "m", "clean", Observed::Part(1, 1))],
        );
        assert!((ratio.metrics[0].value - 0.2).abs() < 1e-9, "a short item must not weigh as much as a long one");
        let rows: Vec<(String, f64)> = (1..=20).map(|n| (n.to_string(), f64::from(n))).collect();
        let rows: Vec<_> = rows.iter().map(|(item, n)| (item.as_str(), "m", "", Observed::Value(*n))).collect();
        let times = report(measure("ms", Unit::Ms, Better::Lower), &rows);
        let metric = &times.metrics[0];
        assert_eq!((metric.value, metric.p95, metric.max), (10.0, Some(19.0), Some(20.0)));
        let [low, high] = metric.interval.expect("twenty items");
        assert!(low < 10.0 && 10.0 < high && low > 2.0 && high < 18.0, "{low} {high}");
    }

    #[test]
    fn a_report_survives_being_written_and_read() {
        let report = report(
            measure("wer", Unit::Share, Better::Lower),
            &[("a", "m", "clean", Observed::Part(1, 9)), ("b", "m", "clean", Observed::Part(0, 3))],
        );
        let text = serde_json::to_string(&report).expect("plain data");
        assert_eq!(serde_json::from_str::<Report>(&text).expect("reads"), report);
    }

    #[test]
    fn numbers_are_shown_with_their_unit() {
        let shown = [
            Unit::Ms.show(12_345.0),
            Unit::Ms.show(842.4),
            Unit::Ms.show(3.21),
            Unit::Share.show(0.0312),
            Unit::Factor.show(0.2),
        ];
        assert_eq!(shown, ["12.3 s", "842 ms", "3.2 ms", "3.1 %", "0.200"]);
    }
}
