//! Takes values out of a TOML file one by one and notes each fault. A derived `Deserialize` stops at the first one, and the owner
//! would have to run the check once per fault. What is left over in the end is unknown, as `deny_unknown_fields` would have it.
//!
//! Tables within tables are in the file `tables`.

mod tables;

use super::fault::{ConfigFault, ConfigFaults};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;
use toml::{Table, Value};

/// A file that is being taken apart.
pub(super) struct Reader {
    file: String,
    /// By section; the keys above the first section stand under the empty name, and a table within another under both names,
    /// with a dot between: `plan.office`.
    sections: BTreeMap<String, Table>,
    /// What may stand there, by section: filled as it is asked for.
    known: BTreeMap<String, Vec<String>>,
    faults: Vec<ConfigFault>,
}

impl Reader {
    pub(super) fn empty() -> Self {
        Self { file: String::new(), sections: BTreeMap::new(), known: BTreeMap::new(), faults: Vec::new() }
    }

    /// Reads the file's syntax; nothing can be said about the rest of a file whose syntax is broken.
    pub(super) fn open(file: &str, text: &str) -> Result<Self, ConfigFaults> {
        let mut reader = Self { file: file.to_owned(), ..Self::empty() };
        let table: Table = text.parse().map_err(|why: toml::de::Error| {
            let line = why.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
            reader.as_fault("", "", format!("line {line}: {}", why.message()), "Correct the line")
        })?;
        for (key, value) in table {
            match value {
                Value::Table(section) => _ = reader.sections.insert(key, section),
                value => _ = reader.sections.entry(String::new()).or_default().insert(key, value),
            }
        }
        Ok(reader)
    }

    /// Notes a fault.
    pub(super) fn fault(&mut self, section: &str, key: &str, problem: impl Into<String>, fix: &str) {
        let fault = self.as_fault(section, key, problem.into(), fix);
        self.faults.push(fault);
    }

    fn as_fault(&self, section: &str, key: &str, problem: String, fix: &str) -> ConfigFault {
        let key = if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
        ConfigFault { file: self.file.clone(), key, problem, fix: fix.to_owned() }
    }

    /// Whether the section is in the file.
    pub(super) fn has(&self, section: &str) -> bool {
        self.sections.contains_key(section)
    }

    /// Whether a fault was noted in this section, or in one within it.
    pub(super) fn is_faulty(&self, section: &str) -> bool {
        self.faults
            .iter()
            .any(|fault| fault.key.strip_prefix(section).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    }

    fn take(&mut self, section: &str, key: &str) -> Option<Value> {
        let known = self.known.entry(section.to_owned()).or_default();
        if !known.iter().any(|known| known == key) {
            known.push(key.to_owned());
        }
        self.sections.get_mut(section)?.remove(key)
    }

    /// A text, when it is there.
    pub(super) fn optional_text(&mut self, section: &str, key: &str) -> Option<String> {
        match self.take(section, key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text),
            Value::String(_) => {
                self.fault(section, key, "is empty", "Write a value, or leave the line out");
                None
            }
            other => {
                self.fault(section, key, format!("is {}, not a text", kind(&other)), "Write it in quotation marks");
                None
            }
        }
    }

    /// A text, or what stands for it.
    pub(super) fn text(&mut self, section: &str, key: &str, default: &str) -> String {
        self.optional_text(section, key).unwrap_or_else(|| default.to_owned())
    }

    /// A text that is read further; `form` says what it should look like.
    pub(super) fn parsed<T: FromStr>(&mut self, section: &str, key: &str, form: &str) -> Option<T> {
        let text = self.optional_text(section, key)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.fault(section, key, format!("\"{text}\" can't be read"), &format!("Write {form}"));
        }
        value
    }

    /// A whole number within bounds.
    pub(super) fn number(&mut self, section: &str, key: &str, default: u32, bounds: RangeInclusive<u32>) -> u32 {
        self.optional_number(section, key, bounds).unwrap_or(default)
    }

    /// A whole number within bounds, when it is there.
    pub(super) fn optional_number(&mut self, section: &str, key: &str, bounds: RangeInclusive<u32>) -> Option<u32> {
        let value = self.take(section, key)?;
        let fix = format!("Write a whole number from {} to {}", bounds.start(), bounds.end());
        match &value {
            Value::Integer(number) => match u32::try_from(*number).ok().filter(|number| bounds.contains(number)) {
                Some(number) => return Some(number),
                None => self.fault(section, key, format!("{number} is out of bounds"), &fix),
            },
            other => self.fault(section, key, format!("is {}, not a whole number", kind(other)), &fix),
        }
        None
    }

    /// A time as a whole number of `unit`s.
    pub(super) fn duration(
        &mut self,
        section: &str,
        key: &str,
        unit: Duration,
        default: u32,
        bounds: RangeInclusive<u32>,
    ) -> Duration {
        unit * self.number(section, key, default, bounds)
    }

    /// Everything that was wrong, unknown keys last.
    pub(super) fn finish(mut self) -> Vec<ConfigFault> {
        for (section, left) in std::mem::take(&mut self.sections) {
            let Some(known) = self.known.get(section.as_str()).cloned() else {
                let names: Vec<_> = self
                    .known
                    .keys()
                    .map(String::as_str)
                    .filter(|name| !name.is_empty() && !name.contains('.'))
                    .collect();
                let fix = format!("Take it out, or use one of {}", names.join(", "));
                self.fault("", &section, "is no section", &fix);
                continue;
            };
            for key in left.keys() {
                let fix = format!("Take it out, or use one of {}", known.join(", "));
                self.fault(&section, key, "is not known", &fix);
            }
        }
        self.faults
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a fraction",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section",
    }
}
