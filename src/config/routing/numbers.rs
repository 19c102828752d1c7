//! `[[number]]` and `[callers]`: which plan for which number, and who is known.

use super::Source;
use crate::phone::PhoneNumber;
use crate::routing::NumberPlans;
use std::collections::HashSet;

pub(super) fn read(source: &mut Source<'_>) -> Vec<NumberPlans> {
    let mut entries: Vec<NumberPlans> = Vec::new();
    let mut seen = Vec::new();
    for section in source.reader.tables("", "number") {
        let entry = read_entry(source, &section);
        let is_readable = !source.reader.is_faulty(&section);
        if is_readable && seen.contains(&entry.number) {
            let problem = if entry.number.is_some() { "is listed twice" } else { "is left out twice" };
            let fix = "Take one of the two out; the one without a number is the default for all others";
            source.reader.fault(&section, "number", problem, fix);
        } else if is_readable {
            seen.push(entry.number.clone());
        }
        entries.push(entry);
    }
    entries
}

fn read_entry(source: &mut Source<'_>, section: &str) -> NumberPlans {
    NumberPlans {
        number: source.number(section, "number"),
        open: source.reader.optional_text(section, "open"),
        closed: source.reader.optional_text(section, "closed"),
        holiday: source.reader.optional_text(section, "holiday"),
        vip: source.reader.optional_text(section, "vip"),
    }
}

/// Very important callers, and blocked ones.
pub(super) fn read_callers(source: &mut Source<'_>) -> (HashSet<PhoneNumber>, HashSet<PhoneNumber>) {
    let vip = source.numbers("callers", "vip").into_iter().collect();
    (vip, source.numbers("callers", "blocked").into_iter().collect())
}
