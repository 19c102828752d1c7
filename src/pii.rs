//! Personal data that may be used but never printed by accident.

use std::fmt;

/// Holds a caller's number, name or words; `Display` and `Debug` show only that something is there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Wraps a personal value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself: for the store, a provider or the owner's own screen, never for a log.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Display for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> From<T> for Pii<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

#[cfg(test)]
mod tests {
    use super::Pii;

    #[test]
    fn never_prints_its_value() {
        let number = Pii::new("+15550100".to_owned());
        assert_eq!(format!("{number} {number:?}"), "[redacted] [redacted]");
        assert_eq!(number.reveal(), "+15550100");
    }
}
