//! The date behind the words of a preferred time, in the business's time zone: `Thursday after three` is `Thu Dec 3, after 15:00`.
//!
//! Only what the words settle is told. "Morning" stays morning and "soon" gets no date; words that are vague, speak of the
//! past, exclude a day or contradict each other get none. A weekday without "this" is the next one after today, "next" puts it into
//! the next week, which begins on Monday.

mod days;
mod time_of_day;

use super::numerals::{Reading, numeral_at};
use super::words::{Word, contains_phrase, phrase_at, words};
use days::{Day, days};
use jiff::civil::Date;
use jiff::{SignedDuration, Zoned};
use time_of_day::time_of_day;

/// More days than these are no appointment.
const MOST_DAYS: usize = 3;
/// Words that take a day out, or put it into the past.
#[rustfmt::skip]
const UNSETTLED: &[&str] = &[
    "not", "no", "never", "except", "besides", "but", "other than", "instead of", "cannot", "ago", "yesterday", "last", "since", "every",
    "if", "unless", "was", "were", "i work", "i'm working", "we work", "busy", "i'm at work",
];

/// What the words mean by the calendar, at most some 40 characters; nothing when they settle no day.
pub(super) fn date_of(said: &str, now: &Zoned) -> Option<String> {
    let said = spans_in_words(said);
    let words = words(&said);
    if is_unsettled(&words) {
        return None;
    }
    if let Some(soon) = hours_ahead(&words, now) {
        return Some(soon);
    }
    let today = now.date();
    let mut days = days(&words, today)?;
    if days.is_empty() || days.len() > MOST_DAYS {
        return None;
    }
    for at in 1..days.len() {
        // "Monday through Friday" goes forward.
        if link(&words, &days[at - 1], &days[at]) == " to " {
            days[at] = days[at].not_before(&days[at - 1]);
        }
    }
    let mut text = String::new();
    for (index, day) in days.iter().enumerate() {
        if index > 0 {
            text.push_str(link(&words, &days[index - 1], day));
        }
        text.push_str(&day.written(&words, today));
    }
    if let Some(time) = time_of_day(&words, &days, now) {
        text.push_str(", ");
        text.push_str(&time);
    }
    Some(text)
}

fn is_unsettled(words: &[Word]) -> bool {
    #[rustfmt::skip]
    const SETTLED: &[&str] = &[
        "not too", "not before", "not until", "not after", "no later than", "no earlier than", "not later than", "not earlier than",
        "no preference", "no rush",
    ];
    (0..words.len()).any(|at| {
        let denies = phrase_at(words, at, UNSETTLED).is_some() || words[at].lower.ends_with("n't");
        denies && phrase_at(words, at, SETTLED).is_none()
    })
}

// "9-11" is "9 to 11"; what is joined else is a time: "10:30".
fn spans_in_words(said: &str) -> String {
    let chars: Vec<char> = said.chars().collect();
    let is_span = |at: usize| {
        let beside = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
        matches!(chars[at], '-' | '\u{2013}') && at > 0 && beside(at - 1) && beside(at + 1)
    };
    (0..chars.len()).map(|at| if is_span(at) { " to ".to_owned() } else { chars[at].to_string() }).collect()
}

// What stands between two days.
fn link(words: &[Word], one: &Day, other: &Day) -> &'static str {
    let between = &words[one.to..other.from];
    let is_span = between.iter().any(|word| word.is_one_of(&["through", "thru", "to", "till", "until"]));
    let is_between = one.from > 0 && words[one.from - 1].lower == "between";
    if is_span || is_between {
        " to "
    } else if between.iter().any(|word| word.lower == "and") {
        " and "
    } else {
        " or "
    }
}

// "In two hours", "within half an hour": a moment, also over the change of the clocks.
fn hours_ahead(words: &[Word], now: &Zoned) -> Option<String> {
    if contains_phrase(words, &["or two", "or so", "a few", "couple", "or three"]) {
        return None;
    }
    (0..words.len()).find_map(|at| {
        let (lead, is_limit) = match words[at].lower.as_str() {
            "within" => (1, true),
            "in" if phrase_at(words, at, &["in the next"]).is_some() => (3, true),
            "in" if phrase_at(words, at, &["in about", "in around"]).is_some() => (2, false),
            "in" => (1, false),
            _ => return None,
        };
        let minutes = minutes_at(words, at + lead)?;
        let then = now.checked_add(SignedDuration::from_mins(minutes)).ok()?;
        let how = if is_limit { "by" } else { "around" };
        Some(format!("{}, {how} {}", written(then.date(), now.date()), then.strftime("%H:%M")))
    })
}

fn minutes_at(words: &[Word], at: usize) -> Option<i64> {
    if phrase_at(words, at, &["half an hour", "half hour"]).is_some() {
        return Some(30);
    }
    let (count, next) = match words.get(at)?.lower.as_str() {
        "a" | "an" => (1, at + 1),
        _ => {
            let numeral = numeral_at(words, at, Reading::House)?;
            (numeral.digits.parse::<i64>().ok().filter(|count| (1..=600).contains(count))?, numeral.to)
        }
    };
    let half = if phrase_at(words, next + 1, &["and a half"]).is_some() { 30 } else { 0 };
    match words.get(next)?.lower.as_str() {
        "hour" | "hours" => Some(count * 60 + half),
        "minute" | "minutes" => Some(count),
        _ => None,
    }
}

// `Thu Nov 26`; the year only where it is another.
fn written(date: Date, today: Date) -> String {
    let format = if date.year() == today.year() { "%a %b %-d" } else { "%a %b %-d %Y" };
    date.strftime(format).to_string()
}
