//! The time of day that stands beside a day: `after 15:00`, `around 10:30`, `14:00 to 16:00`.

use super::super::numerals::{Reading, numeral_at};
use super::super::vocabulary::FILLERS;
use super::super::words::{Gap, Word, contains_phrase, phrase_at};
use super::days::Day;
use jiff::Zoned;
use jiff::civil::{Time, time};

/// A time in the words; its half of the day may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Clock {
    hour: i8,
    minute: i8,
    half: Option<Half>,
    from: usize,
    to: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
    // Of a clock with 24 hours.
    Whole,
}

/// The one time that goes with all the days; nothing when there are several, or its half of the day can't be told.
pub(super) fn time_of_day(words: &[Word], days: &[Day], now: &Zoned) -> Option<String> {
    let mut clocks = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if let Some(day) = days.iter().find(|day| day.from <= at && at < day.to) {
            at = day.to;
            continue;
        }
        match clock_at(words, at).filter(|clock| is_time(words, days, clock)) {
            Some(clock) => {
                at = clock.to;
                clocks.push(clock);
            }
            None => at += 1,
        }
    }
    let (first, last) = (clocks.first()?, clocks.last()?);
    let is_amid = days.first()?.to <= first.from && last.to <= days.last()?.from;
    if is_amid {
        return None;
    }
    match clocks.as_slice() {
        [one] => single(words, days, one, now),
        [one, other] => span(words, one, other),
        _ => None,
    }
}

fn single(words: &[Word], days: &[Day], clock: &Clock, now: &Zoned) -> Option<String> {
    let time = resolved(words, clock)?;
    let is_past = matches!(days, [day] if day.date() == Some(now.date())) && time < now.time();
    if is_past {
        return None;
    }
    let how = how(words, days, clock);
    Some(format!("{how}{}", time.strftime("%H:%M")))
}

// "Between two and four", "from 10 to 2", "9-11 AM".
fn span(words: &[Word], one: &Clock, other: &Clock) -> Option<String> {
    let between = &words[one.to..other.from];
    let before = one.from.checked_sub(1).map(|at| words[at].lower.as_str());
    let is_span = match between {
        [word] => {
            word.is_one_of(&["to", "till", "until", "through"]) || word.lower == "and" && before == Some("between")
        }
        _ => false,
    };
    if !is_span {
        return None;
    }
    let end = resolved(words, other)?;
    let start = resolved(words, one).filter(|start| *start < end).or_else(|| {
        let half = if end.hour() < 12 { Half::Morning } else { Half::Afternoon };
        Clock { half: Some(half), ..*one }.time().filter(|start| *start < end && one.half.is_none())
    })?;
    Some(format!("{} to {}", start.strftime("%H:%M"), end.strftime("%H:%M")))
}

// What bounds it.
fn how(words: &[Word], days: &[Day], clock: &Clock) -> &'static str {
    let later = phrase_at(words, clock.to, &["or later", "or after", "onward", "onwards", "and later"]).is_some();
    let earlier = phrase_at(words, clock.to, &["or earlier", "or before", "at the latest"]).is_some();
    let day_ends = days.iter().map(|day| day.to).filter(|to| *to <= clock.from).max().unwrap_or(0);
    let before = &words[clock.from.saturating_sub(2).max(day_ends)..clock.from];
    let bound = phrase_at(
        words,
        clock.from.saturating_sub(3).max(day_ends),
        &["no later than", "not later than", "no earlier than", "not earlier than"],
    );
    let bounds = |word: &str| before.len() == 2 && before[0].lower == "not" && before[1].lower == word;
    if bound.is_some() {
        return if words[clock.from - 2].lower == "later" { "by " } else { "from " };
    }
    if bounds("before") || bounds("until") {
        return "from ";
    }
    if bounds("after") {
        return "by ";
    }
    if before.iter().any(|word| word.is_one_of(&["after", "past"])) {
        "after "
    } else if before.iter().any(|word| word.lower == "before") {
        "before "
    } else if before.iter().any(|word| word.lower == "by") || earlier {
        "by "
    } else if before.iter().any(|word| word.is_one_of(&["until", "till"])) {
        "until "
    } else if before.iter().any(|word| word.is_one_of(&["from", "starting", "since"])) || later {
        "from "
    } else if before.iter().any(|word| word.is_one_of(&["around", "about", "roughly", "say"]))
        || words.get(clock.to).is_some_and(|word| word.is_one_of(&["ish", "or", "so"]))
    {
        "around "
    } else {
        ""
    }
}

impl Clock {
    fn time(&self) -> Option<Time> {
        let hour = match self.half? {
            Half::Whole => self.hour,
            Half::Morning => self.hour % 12,
            Half::Afternoon => self.hour % 12 + 12,
        };
        Time::new(hour, self.minute, 0, 0).ok()
    }
}

// Without "AM" or "PM" the words for the part of the day tell; else only hours at which nobody but one half of the day is meant.
fn resolved(words: &[Word], clock: &Clock) -> Option<Time> {
    if clock.half.is_some() {
        return clock.time();
    }
    let says = |phrases: &[&str]| contains_phrase(words, phrases);
    let half = if says(&["morning", "breakfast"]) {
        (5..=11).contains(&clock.hour).then_some(Half::Morning)
    } else if says(&["afternoon", "lunch"]) {
        (clock.hour == 12 || clock.hour <= 6).then_some(Half::Afternoon)
    } else if says(&["evening", "tonight", "night", "dinner"]) {
        (4..=11).contains(&clock.hour).then_some(Half::Afternoon)
    } else {
        match clock.hour {
            9..=11 => Some(Half::Morning),
            12 | 1..=5 => Some(Half::Afternoon),
            _ => None,
        }
    };
    Clock { half: Some(half?), ..*clock }.time()
}

// A number alone is a time where a word says so, or right beside the day.
fn is_time(words: &[Word], days: &[Day], clock: &Clock) -> bool {
    #[rustfmt::skip]
    const LEADS: &[&str] = &[
        "at", "after", "before", "by", "around", "about", "until", "till", "past", "from", "between", "to", "and", "or", "say", "than",
    ];
    #[rustfmt::skip]
    const UNITS: &[&str] = &[
        "hour", "hours", "minute", "minutes", "day", "days", "week", "weeks", "month", "months", "people", "of", "times", "other",
        "dollars", "percent", "th", "st", "street", "avenue",
    ];
    let is_told = clock.half.is_some() || clock.to - clock.from > 1;
    let lead = words[..clock.from].iter().rev().find(|word| !word.is_one_of(FILLERS));
    let follows = lead.is_some_and(|word| word.is_one_of(LEADS));
    let beside =
        days.iter().any(|day| day.to == clock.from) || clock.from > 0 && is_part_of_day(&words[clock.from - 1]);
    let counts = words.get(clock.to).is_some_and(|word| word.is_one_of(UNITS));
    !counts && (is_told || follows || beside)
}

fn is_part_of_day(word: &Word) -> bool {
    word.is_one_of(&["morning", "afternoon", "evening"])
}

fn clock_at(words: &[Word], at: usize) -> Option<Clock> {
    if words[at].is_one_of(&["noon", "midday"]) {
        let noon = time(12, 0, 0, 0);
        return Some(Clock { hour: noon.hour(), minute: 0, half: Some(Half::Whole), from: at, to: at + 1 });
    }
    let (hour, minute, next) = past_or_to(words, at).or_else(|| plain(words, at))?;
    let clock = |half: Option<Half>, to: usize| Clock { hour, minute, half, from: at, to };
    if let Some((half, to)) = half_at(words, next).or_else(|| glued_half(words, next)) {
        return (1..=12).contains(&hour).then(|| clock(Some(half), to));
    }
    if words.get(next).is_some_and(|word| word.lower == "o'clock") && (1..=12).contains(&hour) {
        return Some(clock(None, next + 1));
    }
    // "15:30".
    if hour > 12 {
        let is_clock = next == at + 2 && words[at].gap == Gap::Joint;
        return is_clock.then(|| clock(Some(Half::Whole), next));
    }
    (hour >= 1).then(|| clock(None, next))
}

// "Half past ten", "quarter to four".
fn past_or_to(words: &[Word], at: usize) -> Option<(i8, i8, usize)> {
    let (minutes, length) = [
        (30, &["half past"][..]),
        (15, &["quarter past", "a quarter past", "quarter after", "a quarter after"]),
        (-15, &["quarter to", "a quarter to", "quarter of", "a quarter of"]),
    ]
    .into_iter()
    .find_map(|(minutes, phrases)| phrase_at(words, at, phrases).map(|length| (minutes, length)))?;
    let (hour, next) = hour_at(words, at + length)?;
    if !(1..=12).contains(&hour) {
        return None;
    }
    let before = if hour == 1 { 12 } else { hour - 1 };
    Some(if minutes > 0 { (hour, minutes, next) } else { (before, 60 + minutes, next) })
}

fn plain(words: &[Word], at: usize) -> Option<(i8, i8, usize)> {
    let (hour, next) = hour_at(words, at)?;
    let close = words[next - 1].gap <= Gap::Space;
    let minutes = if close { minutes_at(words, next) } else { None };
    Some(minutes.map_or((hour, 0, next), |(minute, to)| (hour, minute, to)))
}

fn hour_at(words: &[Word], at: usize) -> Option<(i8, usize)> {
    let word = words.get(at)?;
    if let Some(digits) = word.lower.strip_suffix("pm").or_else(|| word.lower.strip_suffix("am")) {
        return digits.parse().ok().filter(|hour| (1..=12).contains(hour)).map(|hour| (hour, at + 1));
    }
    let numeral = numeral_at(words, at, Reading::Digits).filter(|numeral| numeral.digits.len() <= 2)?;
    numeral.digits.parse().ok().filter(|hour| *hour < 24).map(|hour| (hour, numeral.to))
}

// "30", "thirty", "oh five", "30pm".
fn minutes_at(words: &[Word], at: usize) -> Option<(i8, usize)> {
    let word = words.get(at)?;
    let bare = word.lower.strip_suffix("pm").or_else(|| word.lower.strip_suffix("am")).unwrap_or(&word.lower);
    let is_two = bare.len() == 2 && bare.bytes().all(|byte| byte.is_ascii_digit());
    if is_two {
        return bare.parse().ok().filter(|minute| *minute < 60).map(|minute| (minute, at + 1));
    }
    let numeral = numeral_at(words, at, Reading::Digits)?;
    if numeral.digits == "0" {
        let unit = numeral_at(words, numeral.to, Reading::Digits).filter(|unit| unit.digits.len() == 1)?;
        return unit.digits.parse().ok().map(|minute| (minute, unit.to));
    }
    let is_spoken = numeral.digits.len() == 2 && !word.is_digits();
    numeral.digits.parse().ok().filter(|minute| is_spoken && *minute < 60).map(|minute| (minute, numeral.to))
}

fn half_at(words: &[Word], at: usize) -> Option<(Half, usize)> {
    const MORNING: &[&str] = &["am", "a m", "in the morning", "o'clock in the morning", "o'clock am"];
    #[rustfmt::skip]
    const AFTERNOON: &[&str] = &[
        "pm", "p m", "in the afternoon", "in the evening", "at night", "o'clock in the afternoon", "o'clock in the evening", "o'clock pm",
    ];
    let found = |half, phrases| phrase_at(words, at, phrases).map(|length| (half, at + length));
    found(Half::Morning, MORNING).or_else(|| found(Half::Afternoon, AFTERNOON))
}

// "3pm", "3:30pm": the half stands in the last word itself.
fn glued_half(words: &[Word], next: usize) -> Option<(Half, usize)> {
    let last = &words.get(next.checked_sub(1)?)?.lower;
    let is_numbered = last.starts_with(|c: char| c.is_ascii_digit());
    match last {
        _ if !is_numbered => None,
        _ if last.ends_with("pm") => Some((Half::Afternoon, next)),
        _ if last.ends_with("am") => Some((Half::Morning, next)),
        _ => None,
    }
}
