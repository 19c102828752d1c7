//! What the caller needs, in their own words.

use super::name::introduction_at;
use super::numerals::{Reading, numerals};
use super::preferred_time::clauses;
use super::words::{Word, phrase_at, words};

/// What is needed, after something else that was stated.
#[rustfmt::skip]
const AND_NEEDS: &[&str] = &[
    "and i need", "and i have", "and i've got", "and i want", "and i'd like", "and we have", "and we need", "and there's", "and my",
];
#[rustfmt::skip]
const LEADS: &[&str] = &[
    "hi", "hello", "hey", "hi there", "hello there", "yes", "yeah", "yep", "um", "uh", "er", "erm", "hmm", "so",
    "well", "okay", "ok", "oh", "right", "sure", "look", "and", "but", "please", "good", "good morning",
    "good afternoon", "good evening", "good day", "morning", "i'm calling because", "i am calling because",
    "i was calling because", "i'm calling about", "i am calling about", "i was calling about",
    "i'm calling to see if", "i'm calling to ask if", "i'm calling to", "i am calling to", "i'm calling",
    "i'm calling as", "i'm calling since", "calling because", "calling about", "calling to", "just calling about",
    "i'm just calling about", "i'm just calling because", "i'm just calling to", "the reason i'm calling is",
    "the reason for my call is", "reason i'm calling is", "i was wondering if", "i'm wondering if", "wondering if",
    "i wonder if", "i was hoping", "basically", "actually", "you know", "like", "i mean", "let me see", "is",
    "because", "yes hi", "i was just wondering if", "i guess", "i think", "it's because", "it's about", "it's just",
    "here", "listen", "how are you", "thanks", "thank you", "thank you so much", "sorry", "sorry to bother you",
    "see", "excuse me", "pardon me", "great", "fine", "all right", "alright", "perfect", "good to know", "thanks a lot", "cool",
    "awesome", "hello again", "i'd like to report", "i'm phoning because", "i'm phoning about", "i'm ringing about", "yes please",
    "okay so", "no", "anyway", "the thing is", "the problem is", "the problem is that", "what happened is", "long story short",
];
#[rustfmt::skip]
const STATEMENTS: &[&str] = &[
    "wrong number", "i have the wrong number", "my number is", "my number's", "my phone number is", "my cell is",
    "my cell number is", "my phone is", "you can reach me", "you can call me", "call me back", "call me at",
    "my callback number", "the number is", "my address is", "my name", "reach me at", "the address is", "i'm at",
    "i live at", "my email", "phone number is", "how are you", "how's it going", "number is", "can you hear me",
    "are you there", "have a good", "have a nice", "have a great", "bye", "goodbye", "thanks for", "thank you for",
    "that's all", "that's it", "ignore all", "ignore your", "ignore previous", "ignore the", "disregard", "forget your",
    "forget all", "forget everything", "pretend", "you are now", "repeat after me", "say that", "tell me your", "act as",
    "from now on", "i can be reached", "you can call", "please call me", "call me on", "and you can call", "best number",
    "my e mail", "you can email me", "sorry to", "what a day", "how's your day",
];
#[rustfmt::skip]
const EMPTY: &[&str] = &[
    "yes", "no", "yeah", "nope", "yep", "thanks", "thank", "you", "please", "there", "help", "me", "can", "could",
    "i", "need", "have", "a", "the", "an", "question", "something", "some", "it", "it's", "is", "that", "this",
    "with", "of", "just", "my", "to", "for", "what", "who", "hello", "anyone", "someone", "you", "are", "do", "want",
    "get", "not", "sir", "ma'am", "mean", "hmm", "um", "uh", "okay", "ok", "good", "fine", "great", "and", "hi",
    "hey", "was", "am", "i'm", "sorry", "again", "say", "repeat", "know", "don't", "nothing", "person", "human",
    "real", "bye", "goodbye", "would", "like", "be", "in", "at", "here", "there", "speak", "talk", "hear", "let",
    "see", "hold", "on",
];

/// What is needed, in the caller's words, without greetings, lead-ins, name and number.
#[must_use]
pub fn need_from(said: &str) -> Option<String> {
    let all = words(said);
    let kept: Vec<(usize, usize)> = clauses(&all).into_iter().filter_map(|(from, to)| kept(&all, from, to)).collect();
    let content = kept.iter().flat_map(|(from, to)| &all[*from..*to]).any(|word| {
        word.text.chars().count() > 2 && !word.is_one_of(EMPTY) && word.text.chars().any(char::is_alphabetic)
    });
    content.then(|| joined(said, &all, &essential(&all, &kept)))
}

/// A need is told in so many words; of a longer story the clauses that name the trouble are kept.
const MOST_WORDS: usize = 40;
#[rustfmt::skip]
const TROUBLES: &[&str] = &[
    "leak", "clog", "broke", "burst", "drip", "flood", "block", "back up", "backed", "stuck", "crack", "noise", "smell", "spark",
    "trip", "outage", "repair", "fix", "replac", "install", "drain", "run", "overflow", "heat", "cold", "pressure", "tooth",
    "teeth", "pain", "hurt", "crown", "filling", "swollen", "bleed", "cleaning", "appointment", "inspect", "estimate", "quote",
    "outlet", "switch", "panel", "breaker", "charger", "light", "pipe", "faucet", "toilet", "sink", "shower", "boiler",
    "furnace", "sewage", "sewer", "power", "wiring", "valve", "pump", "gas", "water", "mold", "damp", "tap", "radiator", "bath",
    "dishwasher", "disposal",
];

/// Whether it names something that may be wrong or wanted, of those that callers tell most often.
#[must_use]
pub fn names_trouble(said: &str) -> bool {
    tells_of_trouble(&words(said))
}

fn tells_of_trouble(words: &[Word]) -> bool {
    words.iter().any(|word| TROUBLES.iter().any(|trouble| word.lower.starts_with(trouble)))
}

// A minute's story is cut to what is needed.
fn essential(words: &[Word], kept: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let length = |parts: &[(usize, usize)]| parts.iter().map(|(from, to)| to - from).sum::<usize>();
    let names_trouble = |(from, to): &(usize, usize)| tells_of_trouble(&words[*from..*to]);
    if length(kept) <= MOST_WORDS {
        return kept.to_vec();
    }
    let mut told: Vec<(usize, usize)> = kept.iter().filter(|part| names_trouble(part)).copied().collect();
    while length(&told) > MOST_WORDS && told.len() > 1 {
        told.pop();
    }
    if told.is_empty() { kept.to_vec() } else { told }
}

// What is left of a clause without lead-ins and the caller's introduction.
fn kept(words: &[Word], from: usize, to: usize) -> Option<(usize, usize)> {
    let clause = &words[..to];
    let mut at = from;
    loop {
        if at >= to {
            return None;
        }
        let introduced = introduction(clause, at);
        if introduced.is_none() && phrase_at(clause, at, STATEMENTS).is_some() {
            // "My e-mail is ..., and I need a new faucet."
            let next = (at + 1..to).find(|at| phrase_at(clause, *at, AND_NEEDS).is_some())?;
            at = next + 1;
            continue;
        }
        match introduced.or_else(|| phrase_at(clause, at, LEADS)) {
            Some(length) => at += length,
            None => break,
        }
    }
    let mut end = to;
    while end > at && words[end - 1].is_one_of(&["please", "thanks", "um", "uh", "and", "so"]) {
        end -= 1;
    }
    let rest = words.get(at..end)?;
    let digits: usize = numerals(rest, Reading::Digits).iter().map(|numeral| numeral.digits.len()).sum();
    let spoken_number = digits >= 7;
    let is_spelled = rest.len() > 2 && rest.iter().all(|word| word.text.chars().count() == 1);
    (!is_spelled && !rest.is_empty() && !spoken_number).then_some((at, end))
}

fn introduction(words: &[Word], at: usize) -> Option<usize> {
    let length = introduction_at(words, at)?;
    let next = at + length;
    let from_where = phrase_at(words, next, &["from", "over on", "over at", "with", "at"]);
    if from_where.is_some() {
        // "Dana from Maple Street and ...": the place is no need either.
        let end = (next..words.len())
            .find(|at| words[*at].is_one_of(&["and", "calling", "i", "my", "we", "our", "i'm", "we're"]));
        return Some(end.unwrap_or(words.len()) - at);
    }
    Some(
        length
            + phrase_at(
                words,
                next,
                &["here", "calling", "speaking", "calling about", "calling because", "calling to"],
            )
            .unwrap_or(0),
    )
}

// The clauses as they stand, with the marks between them where they stood side by side.
fn joined(said: &str, words: &[Word], kept: &[(usize, usize)]) -> String {
    let mut out = String::new();
    for (index, (from, to)) in kept.iter().enumerate() {
        if index > 0 {
            let before = kept[index - 1].1;
            let mark =
                said[words[before - 1].end..words[*from].start].chars().find(|c| matches!(c, '.' | '!' | '?' | ';'));
            out.push_str(if mark.is_some() { ". " } else { ", " });
        }
        out.push_str(said[words[*from].start..words[to - 1].end].trim());
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}
