//! When a visit suits, in the caller's words.

use super::number::CORRECTIONS;
use super::numerals::is_number_word;
use super::words::{Gap, Word, contains_phrase, phrase_at, words};

#[rustfmt::skip]
const TIMES: &[&str] = &[
    "today", "tomorrow", "tonight", "morning", "mornings", "afternoon", "afternoons", "evening", "evenings", "noon",
    "midday", "night", "weekend", "weekends", "weekday", "weekdays", "week", "month", "monday", "tuesday",
    "wednesday", "thursday", "friday", "saturday", "sunday", "mondays", "tuesdays", "wednesdays", "thursdays",
    "fridays", "saturdays", "sundays", "january", "february", "march", "april", "june", "july", "august",
    "september", "october", "november", "december", "o'clock", "am", "pm", "a.m", "p.m", "anytime", "any",
    "whenever", "asap", "lunch", "lunchtime", "work", "day", "days", "hour", "hours", "now", "later", "earliest",
    "soon", "school", "breakfast", "dinner", "flexible", "next",
];
#[rustfmt::skip]
const LEADS: &[&str] = &[
    "um", "uh", "er", "hmm", "well", "so", "okay", "ok", "oh", "yes", "yeah", "yep", "sure", "maybe", "probably",
    "perhaps", "preferably", "i guess", "i think", "i'd say", "i would say", "i'd prefer", "i would prefer",
    "i prefer", "how about", "what about", "let's say", "let's do", "let's try", "it would be", "can you come",
    "could you come", "can someone come", "could someone come", "can you do", "could you do", "would", "can we do",
    "i'd like", "i would like", "i was thinking", "i'm thinking", "like", "if possible", "ideally", "i'm free",
    "i am free", "i'm available", "i am available", "i'm home", "i can do", "we can do", "do you have", "anything",
    "something", "just", "the best time is", "best time is", "the best time would be", "best would be", "actually",
    "make it", "and", "no", "any chance for", "book it", "do it", "book it for", "do it for", "an appointment",
    "an appointment for", "for", "i need it", "i want it", "i'm around", "honestly", "see", "let me see",
];
#[rustfmt::skip]
const TAILS: &[&str] = &[
    "please", "thanks", "thank you", "would be great", "would be good", "would be best", "would be fine",
    "would be perfect", "would be ideal", "would work", "works for me", "works best", "works", "work for me",
    "is fine", "is good", "is best", "is great", "if possible", "if that works", "if you can", "if that's okay",
    "if that's possible", "would be nice", "would be lovely", "would suit me", "suits me", "suits me best",
    "work best", "i guess", "i think", "or so", "for me", "would be okay", "would do", "is okay", "will do",
    "will work", "would be better", "would suit", "would be wonderful", "be great", "be good", "be best", "work",
    "be fine", "are best", "are good", "is perfect", "that's", "um", "uh", "then",
];

/// The caller's words for a time, without lead-ins and politeness: `tomorrow morning after nine`.
#[must_use]
pub fn preferred_time_from(said: &str) -> Option<String> {
    let words = words(said);
    let mut from = after_correction(&words);
    while let Some(length) = phrase_at(&words, from, LEADS).filter(|length| from + length < words.len()) {
        from += length;
    }
    let mut to = words.len();
    while let Some(length) = tail(&words[from..to]) {
        to -= length;
    }
    let kept = &words[from..to];
    if kept.is_empty() || !kept.iter().any(is_time) || is_unsure(kept) {
        return None;
    }
    let text = &said[kept[0].start..kept[kept.len() - 1].end];
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

// "Monday, no wait, Tuesday": what comes after the correction, when that is a time.
fn after_correction(words: &[Word]) -> usize {
    let ends = |at: usize| {
        let length = phrase_at(words, at, CORRECTIONS).or_else(|| phrase_at(words, at, &["no"]))?;
        let bounds = words
            .get(at + length)
            .is_some_and(|next| next.is_one_of(&["later", "earlier", "sooner", "rush", "hurry", "preference"]));
        let is_time_after = words[at + length..].iter().any(|word| is_time(word) && word.lower != "work");
        (at > 0 && !bounds && is_time_after).then_some(at + length)
    };
    (0..words.len()).rev().find_map(ends).unwrap_or(0)
}

/// A time for a visit in an answer to something else: only in a clause that asks for one.
pub(super) fn stated_time(said: &str) -> Option<String> {
    #[rustfmt::skip]
    const WISHES: &[&str] = &[
        "come", "visit", "appointment", "prefer", "works for me", "work for me", "would work", "would be good",
        "would be great", "would be best", "i'm available", "i'm free", "i'm home", "be home", "schedule", "book",
        "make that", "make it", "change it to", "change that to", "move it to", "instead", "reschedule", "rather have",
        "would suit", "suits me", "better for me", "would be better", "morning works", "afternoon works", "evening works", "day works",
        "mornings work", "afternoons work", "evenings work", "works better", "best for me",
    ];
    // Who sends for somebody and names a day says when.
    const SENT_FOR: &[&str] = &[
        "need someone",
        "need somebody",
        "send someone",
        "send somebody",
        "get someone",
        "get somebody",
        "fit me in",
        "see me",
    ];
    const PAST: &[&str] = &["since", "started", "happened", "was", "ago", "yesterday", "last", "were", "came"];
    let all = words(said);
    clauses(&all).into_iter().find_map(|(from, to)| {
        let clause = &all[from..to];
        let is_fixed = clause.iter().any(|word| {
            word.lower.ends_with("day") && is_time(word) && !word.is_one_of(&["day", "today"])
                || word.lower == "tomorrow"
        });
        let wishes = contains_phrase(clause, WISHES) || is_fixed && contains_phrase(clause, SENT_FOR);
        if !wishes || clause.iter().any(|word| word.is_one_of(PAST)) {
            return None;
        }
        let sure = |word: &&Word| {
            is_time(word) && !word.is_one_of(&["any", "work", "next", "day", "school", "now", "later", "lunch", "soon"])
        };
        let first = clause.iter().position(|word| sure(&word))?;
        let last = clause.iter().rposition(|word| is_time(word))?;
        let start = (0..first).rev().take_while(|at| is_link(&clause[*at])).last().unwrap_or(first);
        let start = if clause[start].lower == "a" && !clause[start + 1].is_one_of(&["week", "day", "quarter"]) {
            start + 1
        } else {
            start
        };
        let end = (last + 1..clause.len())
            .take_while(|at| is_link(&clause[*at]) || is_hour(&clause[*at]))
            .last()
            .filter(|at| is_hour(&clause[*at]))
            .unwrap_or(last);
        // "3 p.m." is three words.
        let end = phrase_at(clause, end + 1, &["p m", "a m"]).map_or(end, |length| end + length);
        Some(said[clause[start].start..clause[end].end].to_owned())
    })
}

fn is_link(word: &Word) -> bool {
    word.is_one_of(&[
        "after", "before", "around", "about", "between", "next", "this", "early", "late", "the", "by", "sometime",
        "any", "on", "in", "within", "at", "or", "and", "until", "till", "from", "to", "half", "past", "quarter",
        "day", "a", "coming", "first", "thing",
    ])
}

fn is_hour(word: &Word) -> bool {
    word.text.starts_with(|c: char| c.is_ascii_digit()) || is_number_word(&word.lower)
}

fn is_time(word: &Word) -> bool {
    word.is_one_of(TIMES) || is_hour(word) || is_day_of_month(&word.lower)
}

// "The fourteenth"; "first" and "second" are more often something else.
fn is_day_of_month(lower: &str) -> bool {
    lower.len() > 5 && (lower.ends_with("teenth") || lower.ends_with("tieth"))
        || matches!(
            lower,
            "tenth" | "eleventh" | "twelfth" | "third" | "fourth" | "fifth" | "sixth" | "seventh" | "eighth" | "ninth"
        )
}

fn is_unsure(words: &[Word]) -> bool {
    contains_phrase(words, &["don't know", "not sure", "do you have to", "no idea"])
}

fn tail(words: &[Word]) -> Option<usize> {
    TAILS
        .iter()
        .map(|phrase| (phrase.split(' ').count(), phrase))
        .filter(|(length, phrase)| {
            *length < words.len()
                && phrase_at(words, words.len() - length, &[phrase]).is_some()
                && !is_after_work(words, phrase)
        })
        .map(|(length, _)| length)
        .max()
}

// "After work" is a time, "would work" is politeness.
fn is_after_work(words: &[Word], phrase: &str) -> bool {
    phrase == "work" && words.len() > 1 && words[words.len() - 2].is_one_of(&["after", "before", "from", "at"])
}

/// Where clauses begin and end, in words.
pub(super) fn clauses(words: &[Word]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, word) in words.iter().enumerate() {
        if word.gap >= Gap::Comma {
            found.push((from, at + 1));
            from = at + 1;
        }
    }
    found
}
