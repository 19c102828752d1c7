//! The days that words name.

use super::super::numerals::{ORDINALS, Reading, numeral_at};
use super::super::words::{Gap, Word, phrase_at};
use super::written;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// Days that stand in the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) span: Span,
    /// Its first word.
    pub(super) from: usize,
    /// Past its last word.
    pub(super) to: usize,
}

/// What a day's words cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// A date. A weekday may be one of several weeks when the day of the month stands beside it.
    On(Date),
    /// As `On`, by its weekday alone.
    Weekday(Date),
    /// Saturday and Sunday.
    Weekend(Date, Date),
    /// The week that begins on this Monday.
    Week(Date),
    /// This day at the latest.
    By(Date),
}

impl Day {
    /// As it is written, with the word before it that bounds it: `after Thu Nov 26`.
    pub(super) fn written(&self, words: &[Word], today: Date) -> String {
        let text = match self.span {
            Span::On(date) | Span::Weekday(date) => written(date, today),
            Span::Weekend(first, last) if first == last => written(first, today),
            Span::Weekend(first, last) => format!("{} to {}", written(first, today), written(last, today)),
            Span::Week(monday) => return format!("week of {}", written(monday, today)),
            Span::By(date) => return format!("by {}", written(date, today)),
        };
        let before = self.from.checked_sub(1).map(|at| words[at].lower.as_str());
        match before {
            Some(bound @ ("after" | "before" | "by" | "from" | "until")) => format!("{bound} {text}"),
            Some("till") => format!("until {text}"),
            Some("starting" | "beginning") => format!("from {text}"),
            _ => text,
        }
    }

    /// A weekday that ends a span is the one after its beginning.
    pub(super) fn not_before(self, first: &Self) -> Self {
        match (first.date(), self.span) {
            (Some(first), Span::Weekday(date)) if date < first => {
                let later = date.checked_add(7.days()).unwrap_or(date);
                Self { span: Span::Weekday(later), ..self }
            }
            _ => self,
        }
    }

    /// The date when it is a single one.
    pub(super) const fn date(&self) -> Option<Date> {
        match self.span {
            Span::On(date) | Span::Weekday(date) => Some(date),
            Span::Weekend(..) | Span::Week(_) | Span::By(_) => None,
        }
    }
}

/// All days in the words' order, each once; nothing when two of them contradict each other.
pub(super) fn days(words: &[Word], today: Date) -> Option<Vec<Day>> {
    let mut found: Vec<Day> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some(day) = day_at(words, at, today) else {
            at += 1;
            continue;
        };
        at = day.to;
        match found.last_mut().filter(|last| is_same_day(words, last, &day)) {
            Some(last) => *last = merged(last, &day)?,
            None => found.push(day),
        }
    }
    let mut told = Vec::new();
    found.retain(|day| {
        !told.contains(&day.span) && {
            told.push(day.span);
            true
        }
    });
    Some(found)
}

// "Monday the fourteenth", "tomorrow, Friday".
fn is_same_day(words: &[Word], one: &Day, other: &Day) -> bool {
    let between = &words[one.to..other.from];
    between.iter().all(|word| word.is_one_of(&["the", "that's", "so"])) && words[other.from - 1].gap <= Gap::Comma
}

// Two namings of one day must agree; the day of the month says which of a weekday's dates is meant.
fn merged(one: &Day, other: &Day) -> Option<Day> {
    let (first, second) = (one.date()?, other.date()?);
    let span = match (one.span, other.span) {
        _ if first == second => one.span,
        (Span::Weekday(_), Span::On(date)) | (Span::On(date), Span::Weekday(_))
            if first.weekday() == second.weekday() =>
        {
            Span::On(date)
        }
        _ => return None,
    };
    Some(Day { span, from: one.from, to: other.to })
}

fn day_at(words: &[Word], at: usize, today: Date) -> Option<Day> {
    let day = |span: Span, length: usize| Some(Day { span, from: at, to: at + length });
    let plus = |days: i64| today.checked_add(days.days()).ok();
    if let Some(length) = phrase_at(words, at, &["the day after tomorrow", "day after tomorrow"]) {
        return day(Span::On(plus(2)?), length);
    }
    if let Some(length) = phrase_at(words, at, &["today", "tonight", "this morning", "this afternoon", "this evening"])
    {
        return day(Span::On(today), length);
    }
    if phrase_at(words, at, &["tomorrow", "tomorrow's"]).is_some() {
        return day(Span::On(plus(1)?), 1);
    }
    weeks_from(words, at, today)
        .or_else(|| counted(words, at, today))
        .or_else(|| week(words, at, today))
        .or_else(|| weekday(words, at, today))
        .or_else(|| of_month(words, at, today))
}

// "A week from Thursday", "two weeks from tomorrow".
fn weeks_from(words: &[Word], at: usize, today: Date) -> Option<Day> {
    let bare = (1, at);
    let (weeks, next) = if words[at].lower == "week" { bare } else { count_at(words, at)? };
    let is_weeks = words.get(next)?.is_one_of(&["week", "weeks"]) && words.get(next + 1)?.lower == "from";
    if !is_weeks {
        return None;
    }
    let start = day_at(words, next + 2, today)?;
    let date = start.date()?.checked_add((weeks * 7).days()).ok()?;
    Some(Day { span: Span::On(date), from: at, to: start.to })
}

// "In two days", "three days from now", "within a week", "in the next two days".
fn counted(words: &[Word], at: usize, today: Date) -> Option<Day> {
    let limit = phrase_at(words, at, &["within", "within the next", "in the next"]);
    let lead = limit.or_else(|| phrase_at(words, at, &["in"])).unwrap_or(0);
    let (count, unit) = count_at(words, at + lead)?;
    let days = match words.get(unit)?.lower.as_str() {
        "day" | "days" => count,
        "week" | "weeks" => count * 7,
        _ => return None,
    };
    let from_now = phrase_at(words, unit + 1, &["from now", "from today"]).unwrap_or(0);
    let is_about = phrase_at(words, unit + 1, &["or", "or so"]).is_some();
    if is_about || lead == 0 && from_now == 0 {
        return None;
    }
    let date = today.checked_add(days.days()).ok()?;
    let span = if limit.is_some() { Span::By(date) } else { Span::On(date) };
    Some(Day { span, from: at, to: unit + 1 + from_now })
}

fn count_at(words: &[Word], at: usize) -> Option<(i64, usize)> {
    if words.get(at)?.is_one_of(&["a", "one"]) {
        return Some((1, at + 1));
    }
    let numeral = numeral_at(words, at, Reading::House)?;
    let count = numeral.digits.parse().ok().filter(|count| (1..=60).contains(count))?;
    Some((count, numeral.to))
}

// "Next week", "this weekend".
fn week(words: &[Word], at: usize, today: Date) -> Option<Day> {
    let day = |span: Span, length: usize| Some(Day { span, from: at, to: at + length });
    let monday = today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days()).ok()?;
    let next = monday.checked_add(7.days()).ok()?;
    // On a Sunday nobody knows which week is the next one.
    let is_sure = today.weekday() != Weekday::Sunday;
    let weekend = |monday: Date| Some((monday.checked_add(5.days()).ok()?, monday.checked_add(6.days()).ok()?));
    if let Some(length) = phrase_at(words, at, &["next week"]) {
        return day(Span::Week(next), length).filter(|_| is_sure);
    }
    if let Some(length) = phrase_at(words, at, &["the week after next", "week after next"]) {
        return day(Span::Week(next.checked_add(7.days()).ok()?), length).filter(|_| is_sure);
    }
    if let Some(length) = phrase_at(words, at, &["next weekend"]) {
        let (first, last) = weekend(next)?;
        return day(Span::Weekend(first, last), length);
    }
    let length = phrase_at(words, at, &["this weekend", "this coming weekend", "the weekend", "on the weekend"])?;
    let (first, last) = weekend(monday)?;
    day(Span::Weekend(first.max(today), last), length)
}

fn weekday(words: &[Word], at: usize, today: Date) -> Option<Day> {
    let lead = phrase_at(words, at, &["next", "this", "this coming", "coming"]).unwrap_or(0);
    let weekday = weekday_named(words.get(at + lead)?)?;
    let (is_next, is_this) = (lead == 1 && words[at].lower == "next", lead == 1 && words[at].lower == "this");
    // "Tuesday next week".
    let after = phrase_at(words, at + lead + 1, &["next week", "of next week"]).unwrap_or(0);
    let offset = i64::from(today.weekday().to_monday_zero_offset());
    let days = if is_next || after > 0 {
        7 - offset + i64::from(weekday.to_monday_zero_offset())
    } else if is_this && weekday == today.weekday() {
        0
    } else {
        i64::from(today.weekday().until(weekday)).max(i64::from(today.weekday() == weekday) * 7)
    };
    // "Tuesday week" is a week later.
    let week = usize::from(lead + after == 0 && words.get(at + 1).is_some_and(|word| word.lower == "week"));
    let (days, after) = if week > 0 { (days + 7, 1) } else { (days, after) };
    let date = today.checked_add(days.days()).ok()?;
    let span = if lead + after > 0 { Span::On(date) } else { Span::Weekday(date) };
    Some(Day { span, from: at, to: at + lead + 1 + after })
}

fn weekday_named(word: &Word) -> Option<Weekday> {
    Some(match word.lower.strip_suffix("'s").unwrap_or(&word.lower) {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

// "The fourteenth", "December third", "the third of December", "Dec 3".
fn of_month(words: &[Word], at: usize, today: Date) -> Option<Day> {
    if let Some(month) = month_named(words.get(at)?) {
        let the = usize::from(words.get(at + 1)?.lower == "the");
        let (day, to) = ordinal_at(words, at + 1 + the).or_else(|| plain_day(words, at + 1 + the))?;
        return Some(Day { span: Span::On(next_date(today, month, day)?), from: at, to });
    }
    // "1 December".
    if let Some((day, next)) = plain_day(words, at)
        && let Some(month) = words.get(next).and_then(month_named)
    {
        return Some(Day { span: Span::On(next_date(today, month, day)?), from: at, to: next + 1 });
    }
    let the = usize::from(words[at].lower == "the");
    let (day, next) = ordinal_at(words, at + the)?;
    let of = usize::from(words.get(next).is_some_and(|word| word.lower == "of"));
    if let Some(month) = words.get(next + of).and_then(month_named) {
        return Some(Day { span: Span::On(next_date(today, month, day)?), from: at, to: next + of + 1 });
    }
    if the == 0 && !is_after_weekday(words, at) || !ends_day(words, next) {
        return None;
    }
    Some(Day { span: Span::On(next_day_of_month(today, day)?), from: at, to: next })
}

// "Monday, 14th".
fn is_after_weekday(words: &[Word], at: usize) -> bool {
    at > 0 && weekday_named(&words[at - 1]).is_some()
}

// "The first" is a day, "the first appointment" is none.
fn ends_day(words: &[Word], next: usize) -> bool {
    #[rustfmt::skip]
    const GOES_ON: &[&str] = &[
        "at", "in", "after", "before", "around", "about", "or", "and", "between", "from", "morning", "afternoon", "evening", "anytime",
        "any", "sometime", "would", "is", "works", "please", "by", "to", "until", "through", "if", "early", "late", "of",
    ];
    words.get(next).is_none_or(|word| word.is_one_of(GOES_ON)) || words[next - 1].gap >= Gap::Comma
}

fn month_named(word: &Word) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let is_short = word.lower.len() == 3;
    let index = MONTHS.iter().position(|month| *month == word.lower || is_short && month.starts_with(&word.lower))?;
    i8::try_from(index + 1).ok()
}

// "December 3", but not "March 10 o'clock".
fn plain_day(words: &[Word], at: usize) -> Option<(i8, usize)> {
    let numeral = numeral_at(words, at, Reading::House)?;
    let is_time = words.get(numeral.to).is_some_and(|word| word.is_one_of(&["am", "pm", "o'clock", "a", "p"]));
    let day = numeral.digits.parse().ok().filter(|day| (1..=31).contains(day) && !is_time)?;
    Some((day, numeral.to))
}

fn ordinal_at(words: &[Word], at: usize) -> Option<(i8, usize)> {
    let word = words.get(at)?;
    let index = |lower: &str| ORDINALS.iter().position(|name| *name == lower).and_then(|at| i8::try_from(at + 1).ok());
    if let Some(day) = index(&word.lower) {
        return Some((day, at + 1));
    }
    let written = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.lower.strip_suffix(ending));
    if let Some(day) = written.and_then(|digits| digits.parse().ok()).filter(|day| (1..=31).contains(day)) {
        return Some((day, at + 1));
    }
    match word.lower.as_str() {
        "thirtieth" => Some((30, at + 1)),
        tens @ ("twenty" | "thirty") => {
            let unit = index(&words.get(at + 1)?.lower).filter(|unit| *unit < 10)?;
            let day = if tens == "twenty" { 20 } else { 30 } + unit;
            (day <= 31).then_some((day, at + 2))
        }
        _ => None,
    }
}

fn next_date(today: Date, month: i8, day: i8) -> Option<Date> {
    let in_year = |year: i16| Date::new(year, month, day).ok().filter(|date| *date >= today);
    in_year(today.year()).or_else(|| in_year(today.year() + 1))
}

// The next month that has this day.
fn next_day_of_month(today: Date, day: i8) -> Option<Date> {
    let first = today.first_of_month();
    (0..3_i64).find_map(|months| {
        let month = first.checked_add(months.months()).ok()?;
        Date::new(month.year(), month.month(), day).ok().filter(|date| *date >= today)
    })
}
