//! Plots as SVG, drawn by hand: they stand in a page that needs no script and nothing from elsewhere.
//!
//! Colours are the page's variables `--s1` to `--s6`, so that light and dark are one drawing; series differ by dashes, too. Every plot has a
//! title and a description for those who hear it, and its numbers stand in a table beside it.

use super::report::Unit;
use std::fmt::Write as _;

/// As many series can be told apart.
pub(super) const SERIES: usize = 6;

const WIDTH: f64 = 460.0;
const DASHES: [&str; SERIES] = ["none", "7 3", "2 3", "9 3 2 3", "4 2", "1 2"];

/// Bars in groups, with the intervals of their values.
#[derive(Clone, Debug)]
pub(super) struct Bars<'a> {
    pub(super) title: &'a str,
    pub(super) unit: Unit,
    pub(super) groups: Vec<Group>,
}

/// The bars of one condition.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) label: String,
    pub(super) bars: Vec<Bar>,
}

/// One bar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    /// Which colour.
    pub(super) series: usize,
    pub(super) value: f64,
    pub(super) interval: Option<[f64; 2]>,
}

/// How the values of several series are spread.
#[derive(Clone, Debug)]
pub(super) struct Distribution<'a> {
    pub(super) title: &'a str,
    pub(super) unit: Unit,
    /// Label, colour and values of each.
    pub(super) series: Vec<(String, usize, Vec<f64>)>,
}

/// Differences with their intervals on both sides of zero.
#[derive(Clone, Debug)]
pub(super) struct Forest<'a> {
    pub(super) title: &'a str,
    pub(super) rows: Vec<ForestRow>,
}

/// One difference, in percent.
#[derive(Clone, Debug)]
pub(super) struct ForestRow {
    pub(super) label: String,
    pub(super) value: f64,
    pub(super) interval: Option<[f64; 2]>,
    /// A class of the page: `better`, `worse` or `same`.
    pub(super) class: &'static str,
}

/// Text that means nothing to SVG and HTML.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Horizontal bars: names of conditions stay readable, and the drawing fits a narrow screen.
pub(super) fn bars(plot: &Bars<'_>) -> String {
    const LEFT: f64 = 114.0;
    const RIGHT: f64 = 74.0;
    const BAR: f64 = 15.0;
    const GAP: f64 = 12.0;
    const TOP: f64 = 6.0;
    let all = || plot.groups.iter().flat_map(|group| &group.bars);
    let most = all().map(|bar| bar.interval.map_or(bar.value, |[_, high]| high.max(bar.value))).fold(0.0, f64::max);
    let ticks = ticks(most, plot.unit);
    let end = ticks.last().copied().unwrap_or(1.0).max(f64::MIN_POSITIVE);
    let x = |value: f64| LEFT + (value / end).clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT);
    let heights = plot.groups.iter().map(|group| group.bars.len() as f64 * BAR + GAP);
    let bottom = TOP + heights.sum::<f64>();
    let mut body = grid(&ticks, plot.unit, x, TOP, bottom);
    let mut y = TOP + GAP / 2.0;
    for group in &plot.groups {
        let middle = y + group.bars.len() as f64 * BAR / 2.0 + 4.0;
        let _ = write!(
            body,
            r#"<text class="label" x="{:.0}" y="{middle:.1}" text-anchor="end">{}</text>"#,
            LEFT - 8.0,
            escape(&shortened(&group.label, 15))
        );
        for bar in &group.bars {
            body.push_str(&drawn_bar(bar, plot.unit, x, y, BAR));
            y += BAR;
        }
        y += GAP;
    }
    figure(plot.title, &describe_bars(plot), bottom + 22.0, &body)
}

fn drawn_bar(bar: &Bar, unit: Unit, x: impl Fn(f64) -> f64, y: f64, height: f64) -> String {
    let series = bar.series % SERIES + 1;
    let (from, to, middle) = (x(0.0), x(bar.value), y + height / 2.0);
    let mut drawn = format!(
        r#"<rect class="fill{series}" x="{from:.1}" y="{:.1}" width="{:.1}" height="{:.1}" rx="1.5"/>"#,
        y + 1.5,
        (to - from).max(1.0),
        height - 3.0
    );
    let mut label_at = to;
    if let Some([low, high]) = bar.interval {
        let (low, high) = (x(low), x(high));
        label_at = label_at.max(high);
        let _ = write!(
            drawn,
            r#"<path class="whisker" d="M{low:.1} {middle:.1}H{high:.1}M{low:.1} {:.1}v6M{high:.1} {:.1}v6"/>"#,
            middle - 3.0,
            middle - 3.0
        );
    }
    let _ = write!(
        drawn,
        r#"<text class="value" x="{:.1}" y="{:.1}">{}</text>"#,
        label_at + 5.0,
        middle + 4.0,
        escape(&unit.show(bar.value))
    );
    drawn
}

/// The share of values that are no larger, from nought to all.
pub(super) fn distribution(plot: &Distribution<'_>) -> String {
    const LEFT: f64 = 50.0;
    const RIGHT: f64 = 24.0;
    const TOP: f64 = 8.0;
    const HEIGHT: f64 = 180.0;
    let most = plot.series.iter().flat_map(|(_, _, values)| values).copied().fold(0.0, f64::max);
    let ticks = ticks(most, plot.unit);
    let end = ticks.last().copied().unwrap_or(1.0).max(f64::MIN_POSITIVE);
    let x = |value: f64| LEFT + (value / end).clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT);
    let y = |share: f64| TOP + (1.0 - share) * HEIGHT;
    let mut body = grid(&ticks, plot.unit, x, TOP, TOP + HEIGHT);
    for share in [0.0, 0.5, 0.95, 1.0] {
        let (at, percent) = (y(share), share * 100.0);
        // 95 and 100 lie too close for a label each.
        if share < 1.0 {
            let _ = write!(
                body,
                r#"<text class="tick" x="{:.0}" y="{:.1}" text-anchor="end">{percent:.0} %</text>"#,
                LEFT - 6.0,
                at + 4.0
            );
        }
        let _ = write!(body, r#"<path class="grid" d="M{LEFT} {at:.1}H{:.1}"/>"#, WIDTH - RIGHT);
    }
    for (_, series, values) in &plot.series {
        let mut values = values.clone();
        values.sort_by(f64::total_cmp);
        let mut path = format!("M{:.1} {:.1}", x(0.0), y(0.0));
        for (index, value) in values.iter().enumerate() {
            let _ = write!(path, "H{:.1}V{:.1}", x(*value), y((index + 1) as f64 / values.len() as f64));
        }
        let _ = write!(path, "H{:.1}", x(end));
        let series = series % SERIES;
        let _ = write!(body, r#"<path class="line{}" stroke-dasharray="{}" d="{path}"/>"#, series + 1, DASHES[series]);
    }
    figure(plot.title, &describe_distribution(plot), TOP + HEIGHT + 22.0, &body)
}

/// Dots with whiskers beside a line at zero, each below its name: names are longer than a narrow screen has room for beside them.
pub(super) fn forest(plot: &Forest<'_>) -> String {
    const SIDE: f64 = 24.0;
    const ROW: f64 = 38.0;
    const TOP: f64 = 4.0;
    let ends = |row: &ForestRow| row.interval.unwrap_or([row.value; 2]);
    let most = plot.rows.iter().flat_map(ends).map(f64::abs).filter(|v| v.is_finite()).fold(1.0, f64::max).min(300.0);
    let end = ticks(most, Unit::Factor).last().copied().unwrap_or(1.0);
    let x = |value: f64| SIDE + f64::midpoint(value.clamp(-end, end) / end, 1.0) * (WIDTH - 2.0 * SIDE);
    let bottom = TOP + plot.rows.len() as f64 * ROW + 4.0;
    let mut body = String::new();
    for at in [-end, -end / 2.0, 0.0, end / 2.0, end] {
        let (class, label) = if at == 0.0 { ("zero", "0".to_owned()) } else { ("grid", signed(at)) };
        let _ = write!(
            body,
            r#"<path class="{class}" d="M{0:.1} {TOP}V{bottom:.1}"/><text class="tick" x="{0:.1}" y="{1:.1}" text-anchor="middle">{label}</text>"#,
            x(at),
            bottom + 14.0
        );
    }
    for (index, row) in plot.rows.iter().enumerate() {
        let top = TOP + index as f64 * ROW;
        let middle = top + 26.0;
        let label = escape(&shortened(&row.label, 62));
        let _ = write!(body, r#"<text class="label backed" x="0" y="{:.1}">{label}</text>"#, top + 14.0);
        if let Some([low, high]) = row.interval {
            let _ = write!(body, r#"<path class="whisker" d="M{:.1} {middle:.1}H{:.1}"/>"#, x(low), x(high));
        }
        let _ =
            write!(body, r#"<circle class="dot {}" cx="{:.1}" cy="{middle:.1}" r="4.5"/>"#, row.class, x(row.value));
    }
    let rows = plot.rows.iter().map(|row| format!("{}: {}", row.label, signed(row.value)));
    figure(plot.title, &rows.collect::<Vec<_>>().join("; "), bottom + 20.0, &body)
}

fn signed(value: f64) -> String {
    format!("{}{}", if value > 0.0 { "+" } else { "" }, trimmed((value * 10.0).round() / 10.0))
}

fn grid(ticks: &[f64], unit: Unit, x: impl Fn(f64) -> f64, top: f64, bottom: f64) -> String {
    let mut grid = String::new();
    for tick in ticks {
        let _ = write!(
            grid,
            r#"<path class="grid" d="M{0:.1} {top}V{bottom:.1}"/><text class="tick" x="{0:.1}" y="{1:.1}" text-anchor="middle">{2}</text>"#,
            x(*tick),
            bottom + 15.0,
            escape(&shown_tick(unit, *tick))
        );
    }
    grid
}

fn figure(title: &str, description: &str, height: f64, body: &str) -> String {
    let (title, description) = (escape(title), escape(description));
    format!(
        r#"<svg viewBox="0 0 {WIDTH} {height:.0}" role="img" aria-label="{title}"><title>{title}</title><desc>{description}</desc>{body}</svg>"#
    )
}

fn describe_bars(plot: &Bars<'_>) -> String {
    let groups = plot.groups.iter().map(|group| {
        let values: Vec<String> = group.bars.iter().map(|bar| plot.unit.show(bar.value)).collect();
        format!("{}: {}", group.label, values.join(", "))
    });
    groups.collect::<Vec<_>>().join("; ")
}

fn describe_distribution(plot: &Distribution<'_>) -> String {
    let series = plot.series.iter().map(|(label, _, values)| {
        let at = |share| super::statistics::rank(values, share).map_or_else(String::new, |value| plot.unit.show(value));
        format!("{label}: half up to {}, 95 % up to {}", at(0.5), at(0.95))
    });
    series.collect::<Vec<_>>().join("; ")
}

/// Round numbers from zero to at least `most`, four or five of them; shares don't go beyond all.
fn ticks(most: f64, unit: Unit) -> Vec<f64> {
    if !most.is_finite() || most <= 0.0 {
        return vec![0.0, 1.0];
    }
    let rough = most / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= rough).unwrap_or(rough);
    let count = (most / step - 1e-9).ceil().max(1.0) as u32;
    let all = (0..=count).map(|n| f64::from(n) * step);
    let cap = if unit == Unit::Share { 1.0 } else { f64::INFINITY };
    let mut ticks: Vec<f64> = all.filter(|tick| *tick <= cap + 1e-9).collect();
    if ticks.len() < 2 {
        ticks.push(cap);
    }
    ticks
}

/// Shorter than in tables: a tick is a round number.
fn shown_tick(unit: Unit, tick: f64) -> String {
    match unit {
        Unit::Ms if tick >= 1_000.0 => format!("{} s", trimmed(tick / 1_000.0)),
        Unit::Ms if tick > 0.0 => format!("{} ms", trimmed(tick)),
        Unit::Share => format!("{} %", trimmed(tick * 100.0)),
        _ => trimmed(tick),
    }
}

fn trimmed(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number_after(svg: &str, key: &str) -> Vec<f64> {
        svg.split(key).skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok()).collect()
    }

    #[test]
    fn bars_are_as_long_as_their_values() {
        let bar = |series, value| Bar { series, value, interval: Some([value * 0.5, value * 1.5]) };
        let groups = vec![Group { label: "clean".to_owned(), bars: vec![bar(0, 0.1), bar(1, 0.2)] }];
        let svg = bars(&Bars { title: "Word error rate", unit: Unit::Share, groups });
        let widths = number_after(&svg, "width=\"");
        assert!((widths[1] / widths[0] - 2.0).abs() < 0.01, "{widths:?}");
        assert!(svg.contains("10.0 %") && svg.contains("<desc>clean: 10.0 %, 20.0 %</desc>"), "{svg}");
    }

    #[test]
    fn a_distribution_ends_at_all() {
        let series = vec![("base".to_owned(), 0, vec![300.0, 100.0, 200.0, 400.0])];
        let svg = distribution(&Distribution { title: "Time", unit: Unit::Ms, series });
        let path = svg.split("class=\"line1\"").nth(1).and_then(|rest| rest.split(" d=\"").nth(1)).expect("a line");
        let heights: Vec<f64> = path
            .split('"')
            .next()
            .expect("a path")
            .split('V')
            .skip(1)
            .filter_map(|v| v.split('H').next()?.parse().ok())
            .collect();
        assert_eq!(heights.len(), 4);
        assert!(heights.is_sorted_by(|a, b| a > b) && (heights[3] - 8.0).abs() < 0.01, "{heights:?}");
        assert!(svg.contains("half up to 200 ms, 95 % up to 400 ms"), "{svg}");
    }

    #[test]
    fn differences_stand_on_their_side_of_zero() {
        let row = |value: f64| ForestRow {
            label: "time".to_owned(),
            value,
            interval: Some([value - 1.0, value + 1.0]),
            class: "same",
        };
        let svg = forest(&Forest { title: "Changes", rows: vec![row(-5.0), row(0.0), row(1_000.0)] });
        let at = number_after(&svg, "cx=\"");
        assert!(at[0] < at[1] && at[1] < at[2] && at[2] <= WIDTH, "{at:?}");
    }

    #[test]
    fn nothing_breaks_out_of_its_place() {
        let groups = vec![Group { label: "<b>\"&'".to_owned(), bars: vec![] }];
        let svg = bars(&Bars { title: "<script>", unit: Unit::Ms, groups });
        assert!(
            !svg.contains("<script>") && !svg.contains("<b>") && svg.contains("&lt;b&gt;&quot;&amp;&#39;"),
            "{svg}"
        );
    }

    #[test]
    fn ticks_are_round_and_reach_far_enough() {
        assert_eq!(ticks(870.0, Unit::Ms), [0.0, 250.0, 500.0, 750.0, 1_000.0]);
        assert_eq!(ticks(0.97, Unit::Share), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(ticks(0.0, Unit::Ms), [0.0, 1.0]);
        assert_eq!(
            (shown_tick(Unit::Ms, 1_500.0), shown_tick(Unit::Share, 0.25)),
            ("1.5 s".to_owned(), "25 %".to_owned())
        );
    }
}
