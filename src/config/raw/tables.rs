//! Lists, and tables within tables. Each such table becomes a section of its own, named by where it stands and by what its `name` says
//! (`plan.office`) or else by its place, counted from one (`plan.office.steps.2`).

use super::{Reader, kind};
use toml::{Table, Value};

impl Reader {
    /// A list of tables, `[[key]]`: the names of their sections, in the order of the file.
    pub(in crate::config) fn tables(&mut self, section: &str, key: &str) -> Vec<String> {
        let value = self.take(section, key);
        // `[plan]` in place of `[[plan]]` was taken for a section.
        let single = || section.is_empty().then(|| self.sections.remove(key)).flatten().map(Value::Table);
        let list = match value.or_else(single) {
            None => return Vec::new(),
            Some(Value::Array(list)) => list,
            Some(other) => {
                let fix = if section.is_empty() {
                    format!("Write [[{key}]]")
                } else {
                    "Write [ { ... }, { ... } ]".to_owned()
                };
                self.fault(section, key, format!("is {}, not a list of tables", kind(&other)), &fix);
                return Vec::new();
            }
        };
        let outer = if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
        list.into_iter().zip(1..).filter_map(|(value, place)| self.add_table(&outer, place, value)).collect()
    }

    fn add_table(&mut self, outer: &str, place: usize, value: Value) -> Option<String> {
        let numbered = format!("{outer}.{place}");
        let Value::Table(table) = value else {
            self.fault("", &numbered, format!("is {}, not a table", kind(&value)), "Write { ... } with its keys");
            return None;
        };
        let mut section = name_of(&table).map_or_else(|| numbered.clone(), |name| format!("{outer}.{name}"));
        if self.has(&section) {
            self.fault(&section, "name", "is taken by another", "Give each a name of its own");
            section = numbered;
        }
        self.sections.insert(section.clone(), table);
        Some(section)
    }

    /// A table with keys of the owner's choice, `[section.key]`: the name of its section, and its keys.
    pub(in crate::config) fn open_table(&mut self, section: &str, key: &str) -> (String, Vec<String>) {
        let inner = format!("{section}.{key}");
        match self.take(section, key) {
            None => (inner, Vec::new()),
            Some(Value::Table(table)) => {
                let keys = table.keys().cloned().collect();
                self.sections.insert(inner.clone(), table);
                (inner, keys)
            }
            Some(other) => {
                let problem = format!("is {}, not a section", kind(&other));
                self.fault(section, key, problem, &format!("Write it as [{inner}]"));
                (inner, Vec::new())
            }
        }
    }

    /// One text, or a list of texts; empty when it isn't there.
    pub(in crate::config) fn texts(&mut self, section: &str, key: &str) -> Vec<String> {
        self.optional_texts(section, key).unwrap_or_default()
    }

    /// One text, or a list of texts that may be empty, when it is there.
    pub(in crate::config) fn optional_texts(&mut self, section: &str, key: &str) -> Option<Vec<String>> {
        let list = match self.take(section, key)? {
            Value::Array(list) => list,
            one => vec![one],
        };
        Some(list.into_iter().filter_map(|value| self.as_text(section, key, value)).collect())
    }

    fn as_text(&mut self, section: &str, key: &str, value: Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text),
            other => {
                let problem = format!("holds {}, not a text", kind(&other));
                self.fault(section, key, problem, "Write it in quotation marks");
                None
            }
        }
    }

    /// True or false; false when it isn't there.
    pub(in crate::config) fn flag(&mut self, section: &str, key: &str) -> bool {
        match self.take(section, key) {
            None => false,
            Some(Value::Boolean(flag)) => flag,
            Some(other) => {
                self.fault(section, key, format!("is {}", kind(&other)), "Write true or false");
                false
            }
        }
    }

    /// A text that has to be there. `fix` says what to write.
    pub(in crate::config) fn required_text(&mut self, section: &str, key: &str, fix: &str) -> Option<String> {
        let is_there = self.sections.get(section).is_some_and(|table| table.contains_key(key));
        let text = self.optional_text(section, key);
        if !is_there {
            self.fault(section, key, "is missing", fix);
        }
        text
    }
}

fn name_of(table: &Table) -> Option<&str> {
    table.get("name").and_then(Value::as_str).map(str::trim).filter(|name| !name.is_empty())
}
