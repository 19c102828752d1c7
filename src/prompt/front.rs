//! The front matter: TOML between `+++` lines, read with the line of every value, so that all faults are told at once.

use super::error::{Faults, hint};
use super::file::Business;
use super::line::LineName;
use crate::lead::SlotName;
use crate::phone::{PhoneError, PhoneNumber};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const BUSINESS_KEYS: [&str; 8] =
    ["name", "trade", "phone", "region", "timezone", "hours", "service_area", "emergency_number"];
const AREA_KEYS: [&str; 1] = ["streets"];
const SECTIONS: [&str; 5] = ["area", "business", "facts", "lines", "slots"];
const OPTIONAL_SECTIONS: [&str; 2] = ["area", "facts"];

/// A template's text and the line of the file on which it starts.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) text: String,
    pub(super) line: usize,
}

/// What the front matter holds; missing parts are empty and have been told as faults.
pub(super) struct Front {
    pub(super) business: Business,
    pub(super) lines: Vec<(LineName, Source)>,
    pub(super) slots: Vec<SlotName>,
    pub(super) streets: Vec<String>,
}

/// The two parts of a prompt file: front matter and instructions, each with the line on which it starts.
pub(super) fn split(text: &str, faults: &mut Faults) -> Option<(Source, Source)> {
    let mut fences = text.split_inclusive('\n').enumerate().scan(0, |offset, (index, line)| {
        let start = *offset;
        *offset += line.len();
        Some((index + 1, start, *offset, line.trim_end()))
    });
    let Some((1, _, front_start, "+++")) = fences.next() else {
        faults.add(1, "the file must start with a line `+++`, TOML, and another line `+++`");
        return None;
    };
    let Some((fence, front_end, body_start, _)) = fences.find(|(_, _, _, line)| *line == "+++") else {
        faults.add(1, "the front matter has no end: close it with a line `+++`");
        return None;
    };
    let front = Source { text: text[front_start..front_end].to_owned(), line: 2 };
    let body = Source { text: text[body_start..].to_owned(), line: fence + 1 };
    Some((front, body))
}

/// Reads the front matter.
pub(super) fn read(front: &Source, faults: &mut Faults) -> Option<Front> {
    let (table, errors) = DeTable::parse_recoverable(&front.text);
    let reader = Reader { front };
    for error in &errors {
        let line = error.span().map_or(front.line, |span| reader.line(&span));
        faults.add(line, format!("this is no TOML: {}", error.message()));
    }
    if !errors.is_empty() {
        return None;
    }
    Some(reader.front(table.get_ref(), faults))
}

struct Reader<'a> {
    front: &'a Source,
}

impl Reader<'_> {
    fn front(&self, table: &DeTable, faults: &mut Faults) -> Front {
        for (key, _) in table.iter().filter(|(key, _)| !SECTIONS.contains(&key.get_ref().as_ref())) {
            let message = format!("`{}` is no part of a prompt file: {}", key.get_ref(), hint(key.get_ref(), SECTIONS));
            faults.add(self.line(&key.span()), message);
        }
        let mut business = self.business(table, faults);
        business.facts = self.texts(table, "facts", faults).into_iter().map(|(key, value)| (key, value.text)).collect();
        let (lines, slots) = (self.lines(table, faults), self.slots(table, faults));
        Front { business, lines, slots, streets: self.streets(table, faults) }
    }

    fn business(&self, table: &DeTable, faults: &mut Faults) -> Business {
        let found = self.keyed_texts(table, "business", BUSINESS_KEYS, faults);
        let get = |key: &str| found.iter().find(|(name, _)| name == key).map(|(_, source)| source);
        let section = self.section_line(table, "business");
        let mut needed = |key: &str, example: &str| {
            let source = get(key).filter(|source| !source.text.trim().is_empty());
            let told_already = get(key).is_none() && has_key(table, "business", key);
            if source.is_none() && has_table(table, "business") && !told_already {
                let line = get(key).map_or(section, |source| source.line);
                faults.add(line, format!("[business] needs `{key} = \"{example}\"`"));
            }
            source.map(|source| source.text.trim().to_owned()).unwrap_or_default()
        };
        let (name, region) = (needed("name", "Harbor Plumbing"), needed("region", "US"));
        let timezone = needed("timezone", "America/New_York");
        let optional = |key: &str| get(key).map(|source| source.text.trim().to_owned());
        let line_of = |key: &str| get(key).map_or(section, |source| source.line);
        check_region(&region, optional("phone").as_deref(), (line_of("region"), line_of("phone")), faults);
        check_timezone(&timezone, line_of("timezone"), faults);
        let emergency_number = optional("emergency_number").unwrap_or_else(|| emergency_number(&region).to_owned());
        Business {
            emergency_number,
            name,
            trade: optional("trade"),
            phone: optional("phone"),
            region,
            timezone,
            hours: optional("hours"),
            service_area: optional("service_area"),
            facts: Vec::new(),
        }
    }

    fn lines(&self, table: &DeTable, faults: &mut Faults) -> Vec<(LineName, Source)> {
        let mut lines = Vec::new();
        for (key, source) in self.texts(table, "lines", faults) {
            if let Some(name) = LineName::ALL.into_iter().find(|name| name.as_str() == key) {
                lines.push((name, source));
            } else {
                let names = LineName::ALL.map(LineName::as_str);
                faults.add(source.line, format!("`{key}` is no line: {}", hint(&key, names)));
            }
        }
        let mut missing: Vec<String> = Vec::new();
        for name in LineName::ALL {
            let is_there = lines.iter().any(|(other, _)| *other == name);
            match name.otherwise().filter(|_| !is_there) {
                Some(text) => {
                    lines.push((name, Source { text: text.to_owned(), line: self.section_line(table, "lines") }));
                }
                None if !is_there => missing.push(format!("`{}`", name.as_str())),
                None => {}
            }
        }
        if !missing.is_empty() && has_table(table, "lines") {
            faults.add(self.section_line(table, "lines"), format!("[lines] lacks {}", missing.join(", ")));
        }
        lines
    }

    fn slots(&self, table: &DeTable, faults: &mut Faults) -> Vec<SlotName> {
        let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == "slots") else {
            let example = "slots = [\"need\", \"name\", \"callback\"]";
            let message = format!("`slots` is missing: write `{example}` before the first [section]");
            faults.add(self.front.line, message);
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            faults.add(self.line(&key.span()), "`slots` must be a list, such as [\"need\", \"name\", \"callback\"]");
            return Vec::new();
        };
        let mut slots: Vec<SlotName> = Vec::new();
        for item in array {
            let line = self.line(&item.span());
            match item.get_ref().as_str().map(str::parse::<SlotName>) {
                Some(Ok(SlotName::Question)) => {
                    faults.add(line, "`question` is filled by itself and never asked for: take it out of `slots`");
                }
                Some(Ok(slot)) if slots.contains(&slot) => {
                    faults.add(line, format!("`{slot}` stands twice in `slots`"));
                }
                Some(Ok(slot)) => slots.push(slot),
                Some(Err(why)) => faults.add(line, why),
                None => faults.add(line, "`slots` holds texts only"),
            }
        }
        if array.is_empty() {
            faults.add(self.line(&key.span()), "`slots` is empty: the receptionist would have nothing to ask");
        }
        slots
    }

    // The streets of the area: names with commas or line ends between them.
    fn streets(&self, table: &DeTable, faults: &mut Faults) -> Vec<String> {
        let mut streets: Vec<String> = Vec::new();
        let found = self.keyed_texts(table, "area", AREA_KEYS, faults);
        let lists = found.iter().filter(|(key, _)| key == "streets").map(|(_, source)| source);
        let lines = lists.flat_map(|source| (source.line..).zip(source.text.lines()));
        let names = lines.flat_map(|(line, text)| text.split(',').map(move |street| (line, street.trim())));
        for (line, street) in names.filter(|(_, street)| !street.is_empty()) {
            if !street.contains(char::is_alphabetic) {
                faults.add(line, format!("`{street}` is no street: write names such as `Maple Street, Oak Avenue`"));
            } else if streets.iter().any(|other| other.eq_ignore_ascii_case(street)) {
                faults.add(line, format!("`{street}` stands twice in `streets`"));
            } else {
                streets.push(street.to_owned());
            }
        }
        streets
    }

    /// The texts of a section that knows these keys only.
    fn keyed_texts<const N: usize>(
        &self,
        table: &DeTable,
        section: &str,
        keys: [&str; N],
        faults: &mut Faults,
    ) -> Vec<(String, Source)> {
        let found = self.texts(table, section, faults);
        for (key, source) in found.iter().filter(|(key, _)| !keys.contains(&key.as_str())) {
            faults.add(source.line, format!("`{key}` is no key of [{section}]: {}", hint(key, keys)));
        }
        found
    }

    /// The texts of a section in the file's order; what is no text is a fault.
    fn texts(&self, table: &DeTable, section: &str, faults: &mut Faults) -> Vec<(String, Source)> {
        let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == section) else {
            if !OPTIONAL_SECTIONS.contains(&section) {
                faults.add(self.front.line, format!("the section [{section}] is missing"));
            }
            return Vec::new();
        };
        let Some(entries) = value.get_ref().as_table() else {
            faults.add(self.line(&key.span()), format!("`{section}` must be a section: write [{section}]"));
            return Vec::new();
        };
        let mut texts: Vec<(usize, String, Source)> = Vec::new();
        for (key, value) in entries {
            match text_of(value) {
                Some(text) => texts.push((key.span().start, key.get_ref().to_string(), self.source(text, value))),
                None => faults.add(self.line(&key.span()), format!("`{}` must be a text in quotes", key.get_ref())),
            }
        }
        texts.sort_by_key(|(start, _, _)| *start);
        texts.into_iter().map(|(_, key, source)| (key, source)).collect()
    }

    fn source(&self, text: &str, value: &Spanned<DeValue>) -> Source {
        let written = &self.front.text[value.span()];
        let opening = ["\"\"\"\n", "\"\"\"\r\n", "'''\n", "'''\r\n"];
        let skipped = usize::from(opening.iter().any(|mark| written.starts_with(mark)));
        Source { text: text.to_owned(), line: self.line(&value.span()) + skipped }
    }

    fn section_line(&self, table: &DeTable, section: &str) -> usize {
        let found = table.iter().find(|(key, _)| key.get_ref() == section);
        found.map_or(self.front.line, |(key, _)| self.line(&key.span()))
    }

    fn line(&self, span: &Range<usize>) -> usize {
        let before = self.front.text.get(..span.start).unwrap_or(&self.front.text);
        self.front.line + before.matches('\n').count()
    }
}

fn has_table(table: &DeTable, section: &str) -> bool {
    table.iter().any(|(key, value)| key.get_ref() == section && value.get_ref().is_table())
}

fn has_key(table: &DeTable, section: &str, name: &str) -> bool {
    let section = table.iter().find(|(key, _)| key.get_ref() == section);
    let entries = section.and_then(|(_, value)| value.get_ref().as_table());
    entries.is_some_and(|entries| entries.keys().any(|key| key.get_ref() == name))
}

fn text_of<'v>(value: &'v Spanned<DeValue>) -> Option<&'v str> {
    value.get_ref().as_str()
}

// Where help is called; 112 works in most of the world's mobile networks.
fn emergency_number(region: &str) -> &'static str {
    match region {
        "US" | "CA" | "MX" | "PR" | "PH" => "911",
        "GB" | "IE" | "SG" | "HK" | "MY" => "999",
        "AU" => "000",
        "NZ" => "111",
        _ => "112",
    }
}

fn check_region(region: &str, phone: Option<&str>, lines: (usize, usize), faults: &mut Faults) {
    if region.is_empty() {
        return;
    }
    match PhoneNumber::parse(phone.unwrap_or_default(), region) {
        Err(error @ PhoneError::UnknownRegion(_)) => faults.add(lines.0, error.to_string()),
        Err(error @ PhoneError::NotANumber) if phone.is_some() => faults.add(lines.1, format!("`phone`: {error}")),
        _ => {}
    }
}

fn check_timezone(name: &str, line: usize, faults: &mut Faults) {
    // Without zone data on the machine nothing can be said about a name.
    let unknown = !jiff::tz::db().is_definitively_empty() && jiff::tz::TimeZone::get(name).is_err();
    if !name.is_empty() && unknown {
        faults.add(line, format!("`{name}` is no time zone: write an IANA name such as \"America/New_York\""));
    }
}
