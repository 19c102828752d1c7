//! When a business is open: its week, holidays, exceptions, and what its owner set by hand for a while.
//!
//! All is told by the clock on the wall and looked up in the zone's rules, so it holds over daylight-saving changes. An opening or
//! closing time that the clock jumps over counts as the moment of the jump. One that comes twice opens the first time and closes the
//! second: whoever reads the clock is never turned away within the hours.

use super::Span;
use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan as _};
use std::collections::BTreeMap;
use std::fmt;

#[cfg(test)]
mod tests;

const MINUTES_OF_A_DAY: usize = 24 * 60;

/// When it is open. The default is around the clock.
///
/// What was set by hand goes before an exception, an exception before a holiday, a holiday before the week. A span that passes
/// midnight belongs to the day on which it opens, whatever the next day is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// Whose clock.
    pub zone: TimeZone,
    /// The spans of each day, Monday first; a day without any is closed.
    pub week: [Vec<Span>; 7],
    /// Days off, with the name of each if it has one.
    pub holidays: BTreeMap<Date, Option<String>>,
    /// Days with spans of their own; none means closed.
    pub exceptions: BTreeMap<Date, Vec<Span>>,
    /// What the owner set by hand.
    pub by_hand: Option<Override>,
}

/// Set by hand; it ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Override {
    /// Closed before this moment.
    ClosedUntil(Timestamp),
    /// Open before this moment.
    OpenUntil(Timestamp),
}

/// What the hours say of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HoursKind {
    /// Within a span.
    Open,
    /// Outside every span, on a day that is no holiday.
    Closed,
    /// Outside every span, on a holiday.
    Holiday,
}

/// What the hours say of a moment, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoursState {
    /// What.
    pub kind: HoursKind,
    /// Why, for people: `Monday's hours are 09:00-17:00`.
    pub why: String,
}

/// What decides a moment.
enum Ground {
    Override(Override),
    Day(Date),
    Holiday(Date),
}

/// Which of two moments is meant when the clock shows a time twice.
#[derive(Clone, Copy)]
enum Pass {
    First,
    Second,
}

impl Hours {
    /// What holds at a moment.
    #[must_use]
    pub fn state(&self, at: Timestamp) -> HoursState {
        let (kind, ground) = self.decide(at);
        let why = match ground {
            Ground::Override(hand) => {
                format!("set by hand until {}", self.zone.to_datetime(hand.end()).strftime("%Y-%m-%d %H:%M"))
            }
            Ground::Holiday(date) => match self.holidays.get(&date).and_then(Option::as_ref) {
                Some(name) => format!("{date} is a holiday ({name})"),
                None => format!("{date} is a holiday"),
            },
            Ground::Day(date) => self.describe(date),
        };
        HoursState { kind, why }
    }

    /// The first moment after `at` with another kind of state; `None` when nothing changes any more.
    #[must_use]
    pub fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let kind = self.decide(at).0;
        let last = self.last_special_date(at).saturating_add(8.days());
        std::iter::successors(self.next_boundary(at), |boundary| self.next_boundary(*boundary))
            .take_while(|boundary| self.date(*boundary) <= last)
            .find(|boundary| self.decide(*boundary).0 != kind)
    }

    /// Whether there can be a moment of this kind; what was set by hand is left out, since it passes.
    #[must_use]
    pub fn can_be(&self, kind: HoursKind) -> bool {
        match kind {
            HoursKind::Open => self.week.iter().chain(self.exceptions.values()).any(|spans| !spans.is_empty()),
            HoursKind::Closed => {
                !self.is_around_the_clock()
                    || self.exceptions.values().any(|spans| !covers_a_day(spans))
                    || self.may_lose_a_night()
            }
            HoursKind::Holiday => self.holidays.keys().any(|date| !self.exceptions.contains_key(date)),
        }
    }

    /// Whether a holiday or an exception takes the place of a day whose hours would run into the next one.
    fn may_lose_a_night(&self) -> bool {
        let into_next_day = |span: &Span| span.passes_midnight() && span.closes() != Time::midnight();
        let special = self.holidays.len() + self.exceptions.len();
        special > 0 && self.week.iter().flatten().any(into_next_day)
    }

    fn decide(&self, at: Timestamp) -> (HoursKind, Ground) {
        if let Some(hand) = self.by_hand.filter(|hand| at < hand.end()) {
            return (hand.kind(), Ground::Override(hand));
        }
        let today = self.date(at);
        let open = [today, today.saturating_sub(1.day())].into_iter().find(|date| self.is_within(*date, at));
        match open {
            Some(date) => (HoursKind::Open, Ground::Day(date)),
            None if self.is_holiday(today) => (HoursKind::Holiday, Ground::Holiday(today)),
            None => (HoursKind::Closed, Ground::Day(today)),
        }
    }

    fn describe(&self, date: Date) -> String {
        if let Some(spans) = self.exceptions.get(&date) {
            return match spans.as_slice() {
                [] => format!("{date} is closed by an exception"),
                spans => format!("{date} is an exception, with the hours {}", list(spans)),
            };
        }
        let day = date.strftime("%A");
        match self.spans(date) {
            _ if self.is_around_the_clock() => "every day is open around the clock".to_owned(),
            [] => format!("{day} has no hours"),
            spans => format!("{day}'s hours are {}", list(spans)),
        }
    }

    fn date(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    fn is_holiday(&self, date: Date) -> bool {
        self.holidays.contains_key(&date) && !self.exceptions.contains_key(&date)
    }

    /// The spans that open on this day.
    fn spans(&self, date: Date) -> &[Span] {
        match self.exceptions.get(&date) {
            Some(spans) => spans,
            None if self.is_holiday(date) => &[],
            None => &self.week[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())],
        }
    }

    fn is_within(&self, date: Date, at: Timestamp) -> bool {
        self.spans(date).iter().any(|span| {
            let [opens, closes] = self.ends(date, *span);
            opens.is_none_or(|opens| opens <= at) && closes.is_none_or(|closes| at < closes)
        })
    }

    /// When a span opens and closes on this day; `None` beyond what a timestamp can tell.
    fn ends(&self, date: Date, span: Span) -> [Option<Timestamp>; 2] {
        let closing = if span.passes_midnight() { date.saturating_add(1.day()) } else { date };
        // A day that ends at midnight leaves the second midnight, where there is one, to the next day.
        let pass = if span.closes() == Time::midnight() { Pass::First } else { Pass::Second };
        [self.moment(date, span.opens(), Pass::First), self.moment(closing, span.closes(), pass)]
    }

    fn moment(&self, date: Date, time: Time, pass: Pass) -> Option<Timestamp> {
        let clock = date.to_datetime(time);
        match (self.zone.to_ambiguous_timestamp(clock).offset(), pass) {
            (AmbiguousOffset::Unambiguous { offset }, _)
            | (AmbiguousOffset::Fold { before: offset, .. }, Pass::First)
            | (AmbiguousOffset::Fold { after: offset, .. }, Pass::Second) => offset.to_timestamp(clock).ok(),
            (AmbiguousOffset::Gap { after, .. }, _) => {
                // By the offset that holds after the jump, this clock time is still before it.
                let earlier = after.to_timestamp(clock).ok()?;
                self.zone.following(earlier).next().map(|jump| jump.timestamp())
            }
        }
    }

    /// The first moment after `at` at which anything could change.
    fn next_boundary(&self, at: Timestamp) -> Option<Timestamp> {
        let today = self.date(at);
        let days = (-1..=2).map(|days| today.saturating_add(days.days()));
        days.flat_map(|date| self.boundaries(date))
            .chain(self.by_hand.map(Override::end))
            .filter(|boundary| *boundary > at)
            .min()
    }

    fn boundaries(&self, date: Date) -> Vec<Timestamp> {
        let midnight = self.moment(date, Time::midnight(), Pass::First);
        self.spans(date).iter().flat_map(|span| self.ends(date, *span)).chain([midnight]).flatten().collect()
    }

    /// The last day, not before `at`, on which something else than the week may count.
    fn last_special_date(&self, at: Timestamp) -> Date {
        let by_hand = self.by_hand.map(|hand| self.date(hand.end()));
        let holiday = self.holidays.last_key_value().map(|(date, _)| *date);
        let exception = self.exceptions.last_key_value().map(|(date, _)| *date);
        [by_hand, holiday, exception].into_iter().flatten().fold(self.date(at), Date::max)
    }

    fn is_around_the_clock(&self) -> bool {
        let mut open = vec![false; 7 * MINUTES_OF_A_DAY];
        for (day, spans) in self.week.iter().enumerate() {
            for minute in spans.iter().flat_map(|span| minutes(*span)) {
                open[(day * MINUTES_OF_A_DAY + minute) % (7 * MINUTES_OF_A_DAY)] = true;
            }
        }
        open.iter().all(|open| *open)
    }
}

impl Override {
    /// When it ends.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        match self {
            Self::ClosedUntil(end) | Self::OpenUntil(end) => end,
        }
    }

    const fn kind(self) -> HoursKind {
        match self {
            Self::ClosedUntil(_) => HoursKind::Closed,
            Self::OpenUntil(_) => HoursKind::Open,
        }
    }
}

/// The minutes of a span, counted from the midnight before it; the next day's run on.
fn minutes(span: Span) -> std::ops::Range<usize> {
    let minute = |time: Time| usize::from(time.hour().unsigned_abs()) * 60 + usize::from(time.minute().unsigned_abs());
    let next_day = if span.passes_midnight() { MINUTES_OF_A_DAY } else { 0 };
    minute(span.opens())..minute(span.closes()) + next_day
}

fn covers_a_day(spans: &[Span]) -> bool {
    (0..MINUTES_OF_A_DAY).all(|minute| spans.iter().any(|span| minutes(*span).contains(&minute)))
}

fn list(spans: &[Span]) -> String {
    spans.iter().map(Span::to_string).collect::<Vec<_>>().join(", ")
}

impl Default for Hours {
    fn default() -> Self {
        Self {
            zone: TimeZone::UTC,
            week: std::array::from_fn(|_| vec![Span::WHOLE_DAY]),
            holidays: BTreeMap::new(),
            exceptions: BTreeMap::new(),
            by_hand: None,
        }
    }
}

impl fmt::Display for HoursKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Holiday => "holiday",
        })
    }
}
