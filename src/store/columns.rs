//! Between Rust values and columns: both databases hold only text and 64-bit integers of ours.

use super::StoreError;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::str::FromStr;
use std::time::Duration;

/// A row whose columns are read by name, with errors that name the column.
pub(super) trait Columns {
    fn text(&self, column: &'static str) -> Result<String, StoreError>;
    fn maybe_text(&self, column: &'static str) -> Result<Option<String>, StoreError>;
    fn number(&self, column: &'static str) -> Result<i64, StoreError>;
    fn maybe_number(&self, column: &'static str) -> Result<Option<i64>, StoreError>;

    fn parsed<T: FromStr<Err: ToString>>(&self, column: &'static str) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|error: T::Err| unreadable(column, &error))
    }

    fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|error| unreadable(column, &error))
    }

    /// A value whose serde form is one word.
    fn word<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        from_word(self.text(column)?, column)
    }

    fn maybe_word<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>, StoreError> {
        self.maybe_text(column)?.map(|text| from_word(text, column)).transpose()
    }

    fn instant(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        to_instant(self.number(column)?, column)
    }

    fn maybe_instant(&self, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        self.maybe_number(column)?.map(|ms| to_instant(ms, column)).transpose()
    }

    fn duration(&self, column: &'static str) -> Result<Duration, StoreError> {
        Ok(Duration::from_millis(self.number(column)?.max(0) as u64))
    }

    fn count(&self, column: &'static str) -> Result<u32, StoreError> {
        u32::try_from(self.number(column)?).map_err(|error| unreadable(column, &error))
    }
}

impl Columns for AnyRow {
    fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.try_get(column).map_err(|error| unreadable(column, &error))
    }

    fn maybe_text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.try_get(column).map_err(|error| unreadable(column, &error))
    }

    fn number(&self, column: &'static str) -> Result<i64, StoreError> {
        self.try_get(column).map_err(|error| unreadable(column, &error))
    }

    fn maybe_number(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        self.try_get(column).map_err(|error| unreadable(column, &error))
    }
}

fn from_word<T: DeserializeOwned>(text: String, column: &'static str) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(text)).map_err(|error| unreadable(column, &error))
}

fn to_instant(ms: i64, column: &'static str) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(ms).map_err(|error| unreadable(column, &error))
}

fn unreadable(column: &'static str, problem: &impl ToString) -> StoreError {
    StoreError::Unreadable { column, problem: problem.to_string() }
}

/// The one-word serde form of an enum without fields.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("a fieldless enum is one word, not {other:?}"),
    }
}

/// JSON of a type of ours, which always has one.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("our types have string keys and finite numbers")
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
