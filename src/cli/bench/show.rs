//! Reports and comparisons as tables for the terminal.

use super::super::table;
use crate::bench::compare::Comparison;
use crate::bench::html::signed;
use crate::bench::{Metric, Report};
use std::fmt::Write as _;

/// A table for each measure.
pub(super) fn report(report: &Report) -> String {
    let mut text = format!(
        "{}: {}, on {} with {} cores, load average {:.1} before\n",
        report.kind.title(),
        report.name,
        report.machine.processor,
        report.machine.cores,
        report.machine.load[0]
    );
    for measure in &report.measures {
        let metrics: Vec<&Metric> = report.metrics.iter().filter(|metric| metric.measure == measure.key).collect();
        if metrics.is_empty() {
            continue;
        }
        let is_values = metrics.iter().any(|metric| metric.p95.is_some());
        let heading: &[&str] = if is_values {
            &["measured", "condition", "items", "p50", "95 % interval", "p95", "largest"]
        } else {
            &["measured", "condition", "items", "value", "95 % interval"]
        };
        let show = |value: f64| measure.unit.show(value);
        let rows: Vec<Vec<String>> = metrics
            .iter()
            .map(|metric| {
                let interval = metric
                    .interval
                    .map_or_else(|| "-".to_owned(), |[low, high]| format!("{} to {}", show(low), show(high)));
                let mut row = vec![
                    metric.subject.clone(),
                    metric.condition.clone(),
                    metric.n.to_string(),
                    show(metric.value),
                    interval,
                ];
                if is_values {
                    row.extend([metric.p95, metric.max].map(|value| value.map_or_else(|| "-".to_owned(), show)));
                }
                row
            })
            .collect();
        let _ = write!(text, "\n{}\n\n{}", measure.title, table::render(heading, &rows));
    }
    text
}

/// A line for each difference.
pub(super) fn comparison(comparison: &Comparison) -> String {
    let mut text = format!("{} compared with {}\n", comparison.b, comparison.a);
    for warning in &comparison.warnings {
        let _ = writeln!(text, "  note: {warning}");
    }
    let rows: Vec<Vec<String>> = comparison
        .differences
        .iter()
        .map(|one| {
            let interval = one.interval.map_or_else(
                || "-".to_owned(),
                |[low, high]| format!("{} to {}", signed(one.unit, low), signed(one.unit, high)),
            );
            let items = if one.pairs > 0 { one.pairs.to_string() } else { format!("{}, {}", one.n[0], one.n[1]) };
            vec![
                one.label(),
                one.condition.clone(),
                items,
                one.unit.show(one.a),
                one.unit.show(one.b),
                signed(one.unit, one.difference),
                interval,
                one.verdict.as_str().to_owned(),
            ]
        })
        .collect();
    let heading = ["measure", "condition", "items", "first", "second", "difference", "95 % interval", "second is"];
    let _ = write!(text, "\n{}", table::render(&heading, &rows));
    text.push_str(
        "\n  Items that both have are compared pair by pair; two numbers of items are groups without common items.\n",
    );
    text
}
