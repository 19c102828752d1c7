//! `[hours]`: when it is open.

use crate::config::raw::Reader;
use crate::routing::{Hours, HoursKind, Override, Span};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

const SECTION: &str = "hours";
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const CLOSED: &str = "closed";

/// Without the section it is always open.
pub(super) fn read(reader: &mut Reader) -> Hours {
    let is_there = reader.has(SECTION);
    let zone = read_zone(reader, is_there);
    let hours = Hours {
        week: DAYS.map(|day| read_spans(reader, SECTION, day)),
        holidays: read_holidays(reader),
        exceptions: read_exceptions(reader),
        by_hand: read_override(reader, &zone),
        zone,
    };
    if !is_there {
        return Hours::default();
    }
    if !reader.is_faulty(SECTION) && !hours.can_be(HoursKind::Open) {
        let fix = "Write a day such as monday = \"09:00-17:00\"; without [hours] it is always open";
        reader.fault("", SECTION, "no day has opening times, so that it would never be open", fix);
    }
    hours
}

fn read_zone(reader: &mut Reader, is_required: bool) -> TimeZone {
    let fix = "Write an IANA name such as \"America/New_York\"";
    let name =
        if is_required { reader.required_text(SECTION, "zone", fix) } else { reader.optional_text(SECTION, "zone") };
    let Some(name) = name else { return TimeZone::UTC };
    TimeZone::get(&name).unwrap_or_else(|_| {
        let known = !jiff::tz::db().is_definitively_empty();
        let fix = if known { fix } else { "Install the time zones of this system (tzdata)" };
        reader.fault(SECTION, "zone", format!("\"{name}\" is no time zone"), fix);
        TimeZone::UTC
    })
}

/// Spans, or `closed`.
fn read_spans(reader: &mut Reader, section: &str, key: &str) -> Vec<Span> {
    let texts = reader.texts(section, key);
    if texts == [CLOSED] {
        return Vec::new();
    }
    let mut spans = Vec::new();
    for text in texts {
        match text.parse() {
            Ok(span) => spans.push(span),
            Err(why) => {
                let fix = "Write times such as \"09:00-17:00\", \"00:00-24:00\" for the whole day, or \"closed\"";
                reader.fault(section, key, format!("{why}"), fix);
            }
        }
    }
    spans
}

/// Dates, each with a name after it if it has one.
fn read_holidays(reader: &mut Reader) -> BTreeMap<Date, Option<String>> {
    let mut holidays = BTreeMap::new();
    for text in reader.texts(SECTION, "holidays") {
        let (date, name) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        if let Some(date) = read_date(reader, "hours.holidays", date, "Write dates such as \"2026-12-25\"") {
            holidays.insert(date, name);
        }
    }
    holidays
}

fn read_exceptions(reader: &mut Reader) -> BTreeMap<Date, Vec<Span>> {
    let (section, dates) = reader.open_table(SECTION, "exceptions");
    let mut exceptions = BTreeMap::new();
    for text in dates {
        let spans = read_spans(reader, &section, &text);
        if let Some(date) = read_date(reader, &section, &text, "Write a date such as \"2026-12-24\"") {
            exceptions.insert(date, spans);
        }
    }
    exceptions
}

fn read_date(reader: &mut Reader, key: &str, text: &str, fix: &str) -> Option<Date> {
    let date = text.parse().ok();
    if date.is_none() {
        reader.fault("", key, format!("\"{text}\" is no date"), fix);
    }
    date
}

fn read_override(reader: &mut Reader, zone: &TimeZone) -> Option<Override> {
    let closed = read_moment(reader, "closed_until", zone);
    let open = read_moment(reader, "open_until", zone);
    match (closed, open) {
        (Some(_), Some(_)) => {
            reader.fault(SECTION, "open_until", "stands beside `closed_until`", "Keep one of them");
            None
        }
        (closed, open) => closed.map(Override::ClosedUntil).or(open.map(Override::OpenUntil)),
    }
}

fn read_moment(reader: &mut Reader, key: &str, zone: &TimeZone) -> Option<Timestamp> {
    let clock: DateTime = reader.parsed(SECTION, key, "a date and a time such as \"2026-11-23T08:00\"")?;
    zone.to_timestamp(clock).ok()
}
