//! Two reports beside each other: what differs by more than chance.

use super::report::{Better, Observed, Report, Unit, headline};
use super::statistics::{Interval, bootstrap, clusters, rank};
use anyhow::{bail, ensure};
use serde::Serialize;
use std::collections::BTreeMap;

/// The seed of the intervals: the same two reports give the same comparison.
const SEED: u64 = 11;

/// What comparing two reports gave.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The first report, with its subject.
    pub a: String,
    /// The second.
    pub b: String,
    /// What makes them less comparable, for people to read.
    pub warnings: Vec<String>,
    /// Measure by measure, condition by condition.
    pub differences: Vec<Difference>,
}

/// One measure under one condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The measure's key.
    pub measure: String,
    /// The measure for people to read.
    pub title: String,
    /// Its unit.
    pub unit: Unit,
    /// Which way is good.
    pub better: Better,
    /// Under which condition.
    pub condition: String,
    /// Whose; empty where each report has one subject of its own.
    pub subject: String,
    /// What of the numbers is compared.
    pub statistic: Statistic,
    /// How many items both have; 0 when they were compared as two groups because they share none.
    pub pairs: usize,
    /// Items of the first and of the second.
    pub n: [usize; 2],
    /// The first report's.
    pub a: f64,
    /// The second's.
    pub b: f64,
    /// The second's less the first's.
    pub difference: f64,
    /// Its 95 % interval, by bootstrap; none of too few items.
    pub interval: Option<[f64; 2]>,
    /// What that means.
    pub verdict: Verdict,
}

/// What of the numbers is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// A share of hits, or a ratio of sums.
    Rate,
    /// The median.
    P50,
    /// The 95th percentile.
    P95,
}

/// Whether the second is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The interval lies wholly on the good side.
    Better,
    /// The interval lies wholly on the bad side.
    Worse,
    /// Zero lies within the interval, or there are too few items for one.
    NotShown,
}

impl Verdict {
    /// For people to read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::NotShown => "no difference shown",
        }
    }
}

impl Statistic {
    /// For people to read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rate => "",
            Self::P50 => "p50",
            Self::P95 => "p95",
        }
    }
}

/// Compares `b` with `a`. A subject may be named for either; unnamed, those are compared that both have, or the only one of each.
///
/// # Errors
/// When they are of different kinds, or it is not clear which subjects to compare.
pub fn compare(a: (&Report, Option<&str>), b: (&Report, Option<&str>)) -> anyhow::Result<Comparison> {
    let (first, second) = (a.0, b.0);
    ensure!(
        first.kind == second.kind,
        "{} is a report of `{}`, {} one of `{}`: only reports of one kind can be compared",
        first.name,
        first.kind,
        second.name,
        second.kind
    );
    let subjects = subjects(a, b)?;
    let mut differences = Vec::new();
    for (of_a, of_b) in &subjects {
        let conditions = first.groups().into_iter().filter(|(subject, _)| subject == of_a);
        for (_, condition) in conditions {
            for measure in &first.measures {
                let one = first.observed(of_a, &condition, &measure.key);
                let other = second.observed(of_b, &condition, &measure.key);
                for statistic in statistics(&one) {
                    let label = if subjects.len() > 1 { of_a.as_str() } else { "" };
                    differences.extend(difference(&one, &other, statistic).map(|found| Difference {
                        measure: measure.key.clone(),
                        title: measure.title.clone(),
                        unit: measure.unit,
                        better: measure.better,
                        condition: condition.clone(),
                        subject: label.to_owned(),
                        statistic,
                        verdict: verdict(measure.better, found.interval),
                        interval: found.interval.map(|interval| [interval.low, interval.high]),
                        ..found.difference
                    }));
                }
            }
        }
    }
    ensure!(!differences.is_empty(), "the two reports share no condition: run both under the same ones");
    let name = |report: &Report, subject: Option<&str>| match subject {
        Some(subject) => format!("{} ({subject})", report.name),
        None => report.name.clone(),
    };
    Ok(Comparison { a: name(first, a.1), b: name(second, b.1), warnings: warnings(first, second), differences })
}

fn subjects(a: (&Report, Option<&str>), b: (&Report, Option<&str>)) -> anyhow::Result<Vec<(String, String)>> {
    for (report, subject) in [a, b] {
        if let Some(subject) = subject {
            let known = report.subjects();
            ensure!(
                known.iter().any(|one| one == subject),
                "{} holds no `{subject}`: it holds {}",
                report.name,
                known.join(", ")
            );
        }
    }
    let (of_a, of_b) = (a.0.subjects(), b.0.subjects());
    let pair = |one: &str, other: &str| vec![(one.to_owned(), other.to_owned())];
    match (a.1, b.1) {
        (Some(one), Some(other)) => return Ok(pair(one, other)),
        (Some(one), None) if of_b.len() == 1 => return Ok(pair(one, &of_b[0])),
        (None, Some(other)) if of_a.len() == 1 => return Ok(pair(&of_a[0], other)),
        (None, None) if of_a.len() == 1 && of_b.len() == 1 => return Ok(pair(&of_a[0], &of_b[0])),
        (None, None) => {
            let both: Vec<_> =
                of_a.iter().filter(|one| of_b.contains(one)).map(|one| (one.clone(), one.clone())).collect();
            if !both.is_empty() {
                return Ok(both);
            }
        }
        _ => {}
    }
    bail!(
        "which models to compare is not clear: {} holds {}, {} holds {}. Name one of each: `{}:MODEL`",
        a.0.name,
        of_a.join(", "),
        b.0.name,
        of_b.join(", "),
        a.0.name
    )
}

fn statistics(observed: &[(&str, Observed)]) -> Vec<Statistic> {
    match observed.first() {
        Some((_, Observed::Value(_))) => vec![Statistic::P50, Statistic::P95],
        Some(_) => vec![Statistic::Rate],
        None => Vec::new(),
    }
}

struct Found {
    difference: Difference,
    interval: Option<Interval>,
}

fn difference(one: &[(&str, Observed)], other: &[(&str, Observed)], statistic: Statistic) -> Option<Found> {
    let pairs = pairs(one, other);
    let found = if pairs.is_empty() { apart(one, other, statistic)? } else { together(&pairs, statistic)? };
    let (a, b, interval) = found;
    // Over all items of each, also those the other does not have, only when none are shared.
    let n = if pairs.is_empty() { [one.len(), other.len()] } else { [pairs.len(); 2] };
    let difference = Difference {
        measure: String::new(),
        title: String::new(),
        unit: Unit::Factor,
        better: Better::Lower,
        condition: String::new(),
        subject: String::new(),
        statistic,
        pairs: pairs.len(),
        n,
        a,
        b,
        difference: b - a,
        interval: None,
        verdict: Verdict::NotShown,
    };
    Some(Found { difference, interval })
}

/// The items that both have; of one measured several times, the first with the first and so on.
fn pairs<'a>(one: &[(&'a str, Observed)], other: &[(&'a str, Observed)]) -> Vec<(&'a str, Observed, Observed)> {
    let mut by_item: BTreeMap<&str, Vec<Observed>> = BTreeMap::new();
    for (item, observed) in other.iter().rev() {
        by_item.entry(item).or_default().push(*observed);
    }
    let partner = |item: &str, by_item: &mut BTreeMap<&str, Vec<Observed>>| by_item.get_mut(item).and_then(Vec::pop);
    one.iter().filter_map(|(item, observed)| Some((*item, *observed, partner(item, &mut by_item)?))).collect()
}

fn together(pairs: &[(&str, Observed, Observed)], statistic: Statistic) -> Option<(f64, f64, Option<Interval>)> {
    let of = |draw: &[usize]| {
        let a: Vec<Observed> = draw.iter().map(|&n| pairs[n].1).collect();
        let b: Vec<Observed> = draw.iter().map(|&n| pairs[n].2).collect();
        Some((statistic.of(&a)?, statistic.of(&b)?))
    };
    let all: Vec<usize> = (0..pairs.len()).collect();
    let (a, b) = of(&all)?;
    let clusters = clusters(pairs.iter().map(|(item, ..)| *item));
    Some((a, b, bootstrap(&clusters, SEED, &|draw| of(draw).map(|(a, b)| b - a))))
}

fn apart(
    one: &[(&str, Observed)],
    other: &[(&str, Observed)],
    statistic: Statistic,
) -> Option<(f64, f64, Option<Interval>)> {
    let observed =
        |some: &[(&str, Observed)]| -> Vec<Observed> { some.iter().map(|(_, observed)| *observed).collect() };
    let (a, b) = (statistic.of(&observed(one))?, statistic.of(&observed(other))?);
    // Both groups are drawn anew each time: the clusters of the second follow those of the first.
    let interval = |some: &[(&str, Observed)], seed| {
        bootstrap(&clusters(some.iter().map(|(item, _)| *item)), seed, &|draw| {
            statistic.of(&draw.iter().map(|&n| some[n].1).collect::<Vec<_>>())
        })
    };
    let interval = interval(one, SEED).zip(interval(other, SEED + 1)).map(|(of_a, of_b)| {
        // The spreads of two independent groups add up as squares.
        let low = (b - of_b.low).hypot(of_a.high - a);
        let high = (of_b.high - b).hypot(a - of_a.low);
        Interval { low: b - a - low, high: b - a + high }
    });
    Some((a, b, interval))
}

impl Statistic {
    fn of(self, observed: &[Observed]) -> Option<f64> {
        match self {
            Self::Rate | Self::P50 => headline(observed),
            Self::P95 => rank(&observed.iter().filter_map(|one| one.value()).collect::<Vec<_>>(), 0.95),
        }
    }
}

fn verdict(better: Better, interval: Option<Interval>) -> Verdict {
    match interval {
        Some(interval) if interval.excludes_zero() => {
            if (interval.low > 0.0) == (better == Better::Higher) {
                Verdict::Better
            } else {
                Verdict::Worse
            }
        }
        _ => Verdict::NotShown,
    }
}

fn warnings(a: &Report, b: &Report) -> Vec<String> {
    let mut warnings = Vec::new();
    let machine = |report: &Report| format!("{} with {} cores", report.machine.processor, report.machine.cores);
    if machine(a) != machine(b) {
        warnings.push(format!("times are of different machines: {} and {}", machine(a), machine(b)));
    }
    for report in [a, b] {
        // The benchmark itself keeps the cores busy; before it began somebody else did.
        if report.machine.load[0] > report.machine.cores as f64 * 0.5 {
            warnings.push(format!(
                "the machine was busy before {} began (load average {:.1}): its times are too long",
                report.name, report.machine.load[0]
            ));
        }
    }
    warnings.dedup();
    if a.prompt_hash != b.prompt_hash {
        warnings.push("the prompt files differ".to_owned());
    }
    for (option, value) in &a.options {
        if let Some(other) = b.options.get(option).filter(|other| *other != value) {
            warnings.push(format!("`{option}` differs: {value} and {other}"));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::Kind;
    use crate::bench::report::tests::{measure, report};

    fn times(subject: &str, times: &[f64]) -> Report {
        let items: Vec<String> = (0..times.len()).map(|n| format!("item {n}")).collect();
        let rows: Vec<_> =
            items.iter().zip(times).map(|(item, ms)| (item.as_str(), subject, "clean", Observed::Value(*ms))).collect();
        report(measure("ms", Unit::Ms, Better::Lower), &rows)
    }

    fn both(a: &Report, b: &Report) -> Vec<Difference> {
        compare((a, None), (b, None)).expect("comparable").differences
    }

    #[test]
    fn a_steady_gain_is_shown_through_a_wide_spread() {
        // Ten per cent less for each item, while the items differ a hundredfold: only pairing sees it.
        let slow: Vec<f64> = (1..=40).map(|n| f64::from(n) * 25.0).collect();
        let fast: Vec<f64> = slow.iter().map(|ms| ms * 0.9).collect();
        let found = both(&times("m", &slow), &times("m", &fast));
        assert_eq!((found[0].statistic, found[0].pairs, found[0].verdict), (Statistic::P50, 40, Verdict::Better));
        assert_eq!(both(&times("m", &fast), &times("m", &slow))[0].verdict, Verdict::Worse);
        assert_eq!(both(&times("m", &slow), &times("m", &slow))[0].verdict, Verdict::NotShown);
    }

    #[test]
    fn shares_of_few_cases_show_nothing() {
        let hits = |right: usize, of: usize| {
            let items: Vec<String> = (0..of).map(|n| format!("item {n}")).collect();
            let rows =
                items.iter().enumerate().map(|(n, item)| (item.as_str(), "m", "clean", Observed::Hit(n < right)));
            report(measure("right", Unit::Share, Better::Higher), &rows.collect::<Vec<_>>())
        };
        assert_eq!(both(&hits(8, 10), &hits(9, 10))[0].verdict, Verdict::NotShown);
        let found = &both(&hits(40, 100), &hits(90, 100))[0];
        assert_eq!((found.verdict, found.statistic), (Verdict::Better, Statistic::Rate));
        assert!((found.difference - 0.5).abs() < 1e-9);
    }

    #[test]
    fn items_that_only_one_has_are_left_out_and_groups_without_common_items_are_compared_as_such() {
        let (a, mut b) = (times("m", &[10.0, 20.0, 30.0, 40.0]), times("m", &[10.0, 20.0, 30.0, 40.0, 9_000.0]));
        let found = &both(&a, &b)[1];
        assert_eq!((found.statistic, found.pairs, found.difference), (Statistic::P95, 4, 0.0));
        for row in &mut b.rows {
            row.item = format!("other {}", row.item);
        }
        let found = &both(&a, &b)[0];
        assert_eq!((found.pairs, found.n, found.a, found.b), (0, [4, 5], 20.0, 30.0));
    }

    #[test]
    fn what_to_compare_must_be_clear() {
        let one = times("base", &[1.0, 2.0]);
        let mut two = times("tiny", &[1.0, 2.0]);
        assert_eq!(compare((&one, None), (&two, None)).expect("one each").differences.len(), 2);
        two.rows.extend(times("small", &[3.0]).rows);
        let why = compare((&one, None), (&two, None)).expect_err("two").to_string();
        assert!(why.contains("tiny, small") && why.contains("MODEL"), "{why}");
        assert!(compare((&two, Some("tiny")), (&two, Some("small"))).is_ok());
        let why = compare((&one, Some("huge")), (&two, None)).expect_err("unknown").to_string();
        assert!(why.contains("huge") && why.contains("base"), "{why}");
        two.kind = Kind::Tts;
        assert!(compare((&one, None), (&two, Some("tiny"))).is_err());
    }

    #[test]
    fn what_makes_reports_less_comparable_is_told() {
        let (a, mut b) = (times("m", &[1.0, 2.0]), times("m", &[1.0, 2.0]));
        assert!(compare((&a, None), (&b, None)).expect("same").warnings.is_empty());
        b.machine.processor = "another".to_owned();
        b.machine.load[0] = 3.0;
        b.prompt_hash = Some("other".to_owned());
        assert_eq!(compare((&a, None), (&b, None)).expect("still").warnings.len(), 3);
    }
}
