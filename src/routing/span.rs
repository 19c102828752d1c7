//! From when to when it is open, by the clock on the wall.

use jiff::civil::Time;
use std::fmt;
use std::str::FromStr;

/// An opening time such as `09:00-17:00`. One that closes at or before the hour at which it opens passes midnight: `22:00-02:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    opens: Time,
    closes: Time,
}

/// Why a text is not an opening time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// Not two times of the 24-hour clock.
    #[error("\"{0}\" is no opening time")]
    NotATime(String),
    /// Opens and closes at the same minute, which is either never or a whole day.
    #[error("\"{0}\" opens and closes at the same time")]
    Empty(String),
}

impl Span {
    /// From midnight to midnight.
    pub const WHOLE_DAY: Self = Self { opens: Time::midnight(), closes: Time::midnight() };

    /// When it opens, on the day it belongs to.
    #[must_use]
    pub const fn opens(self) -> Time {
        self.opens
    }

    /// When it closes: on the next day if [`Span::passes_midnight`].
    #[must_use]
    pub const fn closes(self) -> Time {
        self.closes
    }

    /// Whether it closes on the next day; closing at midnight counts.
    #[must_use]
    pub fn passes_midnight(self) -> bool {
        self.closes <= self.opens
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let (opens, closes) = text
            .split_once('-')
            .and_then(|(opens, closes)| Some((minute(opens)?, end(closes)?)))
            .ok_or_else(|| SpanError::NotATime(text.to_owned()))?;
        let span = Self { opens, closes };
        if opens == closes && span != Self::WHOLE_DAY {
            return Err(SpanError::Empty(text.to_owned()));
        }
        Ok(span)
    }
}

fn end(text: &str) -> Option<Time> {
    if text.trim() == "24:00" { Some(Time::midnight()) } else { minute(text) }
}

fn minute(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str| text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) || minute.len() != 2 {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let closes = if self.closes == Time::midnight() { (24, 0) } else { (self.closes.hour(), self.closes.minute()) };
        write!(f, "{:02}:{:02}-{:02}:{:02}", self.opens.hour(), self.opens.minute(), closes.0, closes.1)
    }
}

#[cfg(test)]
mod tests {
    use super::{Span, SpanError};

    #[test]
    fn reads_and_writes_the_24_hour_clock() {
        let read = |text: &str| text.parse::<Span>().map(|span| (span.to_string(), span.passes_midnight()));
        let ok = |text: &str, passes| Ok((text.to_owned(), passes));
        assert_eq!(read("09:00-17:30"), ok("09:00-17:30", false));
        assert_eq!(read(" 9:00 - 17:30 "), ok("09:00-17:30", false));
        assert_eq!(read("22:00-02:00"), ok("22:00-02:00", true));
        assert_eq!(read("18:00-24:00"), ok("18:00-24:00", true));
        assert_eq!(read("00:00-24:00"), ok("00:00-24:00", true));
        assert_eq!("00:00-24:00".parse(), Ok(Span::WHOLE_DAY));
    }

    #[test]
    fn refuses_what_could_be_read_in_two_ways() {
        assert_eq!("09:00-09:00".parse::<Span>(), Err(SpanError::Empty("09:00-09:00".to_owned())));
        for text in
            ["", "9-5", "09:00", "09:00-25:00", "24:00-09:00", "09:00-17:60", "09:00-1:0", "+9:00-17:00", "9am-5pm"]
        {
            assert_eq!(text.parse::<Span>(), Err(SpanError::NotATime(text.to_owned())));
        }
    }
}
