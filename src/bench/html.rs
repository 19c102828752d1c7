//! Reports and comparisons as pages of one file: style and plots within, no script, nothing from elsewhere.

use super::compare::{Comparison, Difference, Statistic, Verdict};
use super::plot::{self, Bar, Bars, Distribution, Forest, ForestRow, Group, SERIES};
use super::report::{Better, Measure, Metric, Observed, Report, Unit};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use serde::Serialize;

/// A report as a page.
///
/// # Errors
/// When the template can't be rendered: a fault of the program.
pub fn page(report: &Report) -> Result<String, minijinja::Error> {
    let sections: Vec<Section> = report.measures.iter().filter_map(|measure| section(report, measure)).collect();
    let made_at = report.made_at.strftime("%Y-%m-%d %H:%M UTC").to_string();
    let options: Vec<(&String, String)> =
        report.options.iter().map(|(name, value)| (name, plain_value(value))).collect();
    let legend = legend(report);
    render(
        "report",
        context! { report, sections, made_at, options, legend, rows => rows(report), title => report.kind.title() },
    )
}

/// A comparison as a page.
///
/// # Errors
/// When the template can't be rendered: a fault of the program.
pub fn comparison_page(comparison: &Comparison) -> Result<String, minijinja::Error> {
    let rows: Vec<_> = comparison.differences.iter().map(shown_difference).collect();
    let (shares, others): (Vec<_>, Vec<_>) =
        comparison.differences.iter().partition(|difference| difference.unit == Unit::Share);
    let points = shares.iter().map(|difference| forest_row(difference, 100.0)).collect();
    let shares = plot::forest(&Forest { title: "Differences of shares", rows: points });
    let relative = others
        .iter()
        .filter(|difference| difference.a != 0.0)
        .map(|difference| forest_row(difference, 100.0 / difference.a.abs()))
        .collect();
    let others = plot::forest(&Forest { title: "Relative differences", rows: relative });
    render("comparison", context! { comparison, rows, shares, others })
}

fn render(name: &str, values: minijinja::Value) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_template("style", include_str!("templates/style.css"))?;
    environment.add_template("report", include_str!("templates/report.html"))?;
    environment.add_template("comparison", include_str!("templates/comparison.html"))?;
    environment.get_template(name)?.render(values)
}

/// A measure with its plots and its table.
#[derive(Serialize)]
struct Section {
    title: String,
    /// Which way is good.
    better: &'static str,
    plots: Vec<String>,
    /// Whether the numbers are values with a median.
    is_values: bool,
    rows: Vec<MetricRow>,
}

#[derive(Serialize)]
struct MetricRow {
    subject: String,
    condition: String,
    n: usize,
    value: String,
    interval: String,
    p95: String,
    max: String,
}

fn section(report: &Report, measure: &Measure) -> Option<Section> {
    let metrics: Vec<&Metric> = report.metrics.iter().filter(|metric| metric.measure == measure.key).collect();
    if metrics.is_empty() {
        return None;
    }
    let is_values = metrics.iter().any(|metric| metric.p95.is_some());
    let title = if is_values { format!("{}: median", measure.title) } else { measure.title.clone() };
    let mut plots = vec![plot::bars(&Bars { title: &title, unit: measure.unit, groups: groups(report, &metrics) })];
    if is_values && metrics.iter().map(|metric| metric.n).sum::<usize>() > metrics.len() {
        let title = format!("{}: share of all up to", measure.title);
        plots.push(plot::distribution(&Distribution {
            title: &title,
            unit: measure.unit,
            series: series(report, &measure.key),
        }));
    }
    let show = |value: Option<f64>| value.map_or_else(String::new, |value| measure.unit.show(value));
    let rows = metrics.iter().map(|metric| MetricRow {
        subject: metric.subject.clone(),
        condition: metric.condition.clone(),
        n: metric.n,
        value: measure.unit.show(metric.value),
        interval: metric.interval.map_or_else(String::new, |[low, high]| {
            format!("{} to {}", measure.unit.show(low), measure.unit.show(high))
        }),
        p95: show(metric.p95),
        max: show(metric.max),
    });
    Some(Section {
        title: measure.title.clone(),
        better: match measure.better {
            Better::Lower => "lower is better",
            Better::Higher => "higher is better",
        },
        plots,
        is_values,
        rows: rows.collect(),
    })
}

/// Conditions with a bar for each subject.
fn groups(report: &Report, metrics: &[&Metric]) -> Vec<Group> {
    let subjects = report.subjects();
    let mut groups: Vec<Group> = Vec::new();
    for metric in metrics {
        let series = subjects.iter().position(|subject| *subject == metric.subject).unwrap_or(0);
        let bar = Bar { series, value: metric.value, interval: metric.interval };
        match groups.iter_mut().find(|group| group.label == metric.condition) {
            Some(group) => group.bars.push(bar),
            None => groups.push(Group { label: metric.condition.clone(), bars: vec![bar] }),
        }
    }
    groups
}

/// A line for each subject: its conditions are taken together, since they hardly change how long something takes.
fn series(report: &Report, key: &str) -> Vec<(String, usize, Vec<f64>)> {
    let subjects = report.subjects().into_iter().enumerate().take(SERIES);
    let values = |subject: &str| -> Vec<f64> {
        let of_subject = report.rows.iter().filter(|row| row.subject == subject);
        of_subject.filter_map(|row| row.observed.get(key)?.value()).collect()
    };
    subjects
        .map(|(index, subject)| (subject.clone(), index, values(&subject)))
        .filter(|(_, _, v)| !v.is_empty())
        .collect()
}

/// The subjects with their colours.
fn legend(report: &Report) -> Vec<(usize, String)> {
    report.subjects().into_iter().enumerate().map(|(index, subject)| (index % SERIES + 1, subject)).collect()
}

/// Every row with what was observed, each in the order of the measures.
#[derive(Serialize)]
struct ShownRow<'a> {
    item: &'a str,
    subject: &'a str,
    condition: &'a str,
    observed: Vec<String>,
    notes: Vec<(&'a str, &'a str)>,
}

fn rows(report: &Report) -> Vec<ShownRow<'_>> {
    let shown = report.rows.iter().map(|row| ShownRow {
        item: &row.item,
        subject: &row.subject,
        condition: &row.condition,
        observed: report
            .measures
            .iter()
            .filter_map(|measure| {
                Some(format!("{}: {}", measure.title, observed(measure, row.observed.get(&measure.key)?)))
            })
            .collect(),
        notes: row.notes.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect(),
    });
    shown.collect()
}

fn observed(measure: &Measure, observed: &Observed) -> String {
    match *observed {
        Observed::Value(value) => measure.unit.show(value),
        Observed::Hit(true) => "yes".to_owned(),
        Observed::Hit(false) => "no".to_owned(),
        Observed::Part(part, of) => format!("{part} of {of}"),
    }
}

fn plain_value(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(all) => all.iter().map(plain_value).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A difference in words.
#[derive(Serialize)]
struct ShownDifference {
    label: String,
    condition: String,
    n: String,
    a: String,
    b: String,
    difference: String,
    interval: String,
    class: &'static str,
    verdict: &'static str,
}

fn shown_difference(difference: &Difference) -> ShownDifference {
    let unit = difference.unit;
    ShownDifference {
        label: difference.label(),
        condition: difference.condition.clone(),
        n: if difference.pairs > 0 {
            format!("{} pairs", difference.pairs)
        } else {
            format!("{} and {}", difference.n[0], difference.n[1])
        },
        a: unit.show(difference.a),
        b: unit.show(difference.b),
        difference: signed(unit, difference.difference),
        interval: difference
            .interval
            .map_or_else(String::new, |[low, high]| format!("{} to {}", signed(unit, low), signed(unit, high))),
        class: class(difference.verdict),
        verdict: difference.verdict.as_str(),
    }
}

/// A difference with its sign.
#[must_use]
pub fn signed(unit: Unit, value: f64) -> String {
    let sign = if value > 0.0 { "+" } else { "" };
    format!("{sign}{}", unit.show(value))
}

fn forest_row(difference: &Difference, scale: f64) -> ForestRow {
    let place = if difference.condition.is_empty() { String::new() } else { format!(", {}", difference.condition) };
    ForestRow {
        label: format!("{}{place}", difference.label()),
        value: difference.difference * scale,
        interval: difference.interval.map(|interval| interval.map(|end| end * scale)),
        class: class(difference.verdict),
    }
}

const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::NotShown => "same",
    }
}

impl Difference {
    /// What was compared, for people to read.
    #[must_use]
    pub fn label(&self) -> String {
        let statistic = match self.statistic {
            Statistic::Rate => String::new(),
            other => format!(", {}", other.as_str()),
        };
        let subject = if self.subject.is_empty() { String::new() } else { format!("{}: ", self.subject) };
        format!("{subject}{}{statistic}", self.title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::compare::compare;
    use crate::bench::report::tests::{measure, report};

    const SCRIPT: &str = "<script>alert(\"x\")</script>";

    fn example(title: &str) -> Report {
        let values = [120.0, 80.0, 240.0, 95.0];
        let items = ["a", "b", "c", "d"];
        let rows: Vec<_> = items
            .iter()
            .zip(values)
            .flat_map(|(item, ms)| {
                [(*item, title, "clean", Observed::Value(ms)), (*item, "other", "noise5", Observed::Value(ms * 2.0))]
            })
            .collect();
        report(Measure { title: title.to_owned(), ..measure("ms", Unit::Ms, Better::Lower) }, &rows)
    }

    #[test]
    fn everything_from_outside_is_escaped() {
        let mut hostile = example(SCRIPT);
        hostile.name = SCRIPT.to_owned();
        hostile.machine.processor = SCRIPT.to_owned();
        hostile.rows[0].note("said", SCRIPT);
        hostile.options.insert(SCRIPT.to_owned(), serde_json::json!([SCRIPT]));
        let comparison = compare((&hostile, Some("other")), (&hostile, Some("other"))).expect("the same");
        for page in [page(&hostile).expect("a page"), comparison_page(&comparison).expect("a page")] {
            assert!(!page.contains("<script"), "no script of ours, and none of theirs");
            assert!(page.contains("&lt;script&gt;"));
        }
    }

    #[test]
    fn a_page_stands_alone_and_holds_its_numbers() {
        let page = page(&example("Time to the first sound")).expect("a page");
        for part in ["<!doctype html>", "prefers-color-scheme: dark", "<svg", "95.0 ms", "aria-label=", "<details"] {
            assert!(page.contains(part), "{part}");
        }
        for outside in ["http://", "https://", "src=", "url(", "@import"] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert_eq!(page.matches("<svg viewBox=\"0 0 460").count(), 2, "bars and a distribution");
    }

    #[test]
    fn a_comparison_names_what_is_better() {
        let (slow, mut fast) = (example("m"), example("m"));
        for row in &mut fast.rows {
            for observed in row.observed.values_mut() {
                if let Observed::Value(ms) = observed {
                    *ms *= 0.5;
                }
            }
        }
        let comparison = compare((&slow, Some("m")), (&fast, Some("m"))).expect("the same items");
        let page = comparison_page(&comparison).expect("a page");
        assert!(page.contains("class=\"better\"") && page.contains("dot better"), "{page}");
    }
}
