//! Yes and no, questions, leave-taking and the other things said besides details.

use super::phrases::{DONE, GOODBYES, HOLDS, HUMANS, MUTTERED, NO, OTHER_NUMBER, REPEATS, THIS_NUMBER, WHO, YES};
use super::understand::{Answer, Asked};
use super::vocabulary::FILLERS;
use super::words::{Gap, Word, contains_phrase, matches_at, phrase_at, words};

/// What is said besides details.
#[expect(clippy::struct_excessive_bools, reason = "independent observations, not states")]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manner {
    pub(super) answer: Option<Answer>,
    pub(super) is_question: bool,
    pub(super) wants_repeat: bool,
    pub(super) is_goodbye: bool,
    pub(super) wants_human: bool,
    pub(super) asks_who: bool,
    pub(super) is_filler: bool,
}

/// Reads the manner of an utterance; `digits` counts those in it.
pub(super) fn manner(asked: Asked, said: &str, digits: usize) -> Manner {
    let words = words(said);
    let wants_human = contains_phrase(&words, HUMANS)
        && !contains_phrase(&words, &["are you a", "is this a", "am i talking to", "am i speaking", "is it a"]);
    let wants_repeat = repeats(&words);
    // "That's all" takes leave when it is all that is said.
    let done = asked == Asked::AnythingElse
        && answer(asked, &words, digits) == Some(Answer::No)
        && leads_done(&words)
        && words.len() <= 8
        && !said.contains('?');
    Manner {
        answer: answer(asked, &words, digits),
        is_question: !wants_repeat && !wants_human && asks(said, &words),
        wants_repeat,
        is_goodbye: contains_phrase(&words, GOODBYES) || done,
        wants_human,
        asks_who: contains_phrase(&words, WHO),
        is_filler: digits == 0 && is_filler(&words),
    }
}

fn answer(asked: Asked, words: &[Word], digits: usize) -> Option<Answer> {
    let goes_on = contains_phrase(words, &["but", "except", "for the", "except for"]);
    if asked == Asked::AnythingElse && leads_done(words) && !goes_on {
        return Some(Answer::No);
    }
    let start = opening(words);
    if phrase_at(words, start, &["right away", "right now", "right after", "good question", "great question"]).is_some()
    {
        return None;
    }
    if asked == Asked::CallbackReadBack && phrase_at(words, start, &["almost", "close", "nearly"]).is_some() {
        return Some(Answer::No);
    }
    let (yes, no) = (phrase_at(words, start, YES), phrase_at(words, start, NO));
    let about_number = matches!(asked, Asked::CallbackOffer | Asked::CallbackReadBack);
    let found = match (yes, no) {
        (Some(a), Some(b)) if b > a => no_or_mixed(words, start + b),
        (Some(length), _) => yes_or_mixed(words, start + length),
        (None, Some(length)) => no_or_mixed(words, start + length),
        (None, None) => None,
    };
    let other =
        contains_phrase(words, OTHER_NUMBER) || contains_phrase(words, &["wrong", "change", "incorrect", "not right"]);
    match found {
        Some(Answer::Yes) if about_number && other => Some(Answer::No),
        Some(Answer::Yes)
            if asked == Asked::CallbackReadBack && digits > 0 && words.iter().any(|word| word.lower == "but") =>
        {
            Some(Answer::No)
        }
        None if asked == Asked::CallbackOffer
            && digits < 7
            && !other
            && contains_phrase(words, THIS_NUMBER)
            && !negated(words) =>
        {
            Some(Answer::Yes)
        }
        None if about_number
            && digits < 7
            && contains_phrase(words, &["that's right", "that's correct", "is right", "is correct", "is fine"])
            && !negated(words) =>
        {
            Some(Answer::Yes)
        }
        None if about_number
            && contains_phrase(
                words,
                &["is wrong", "that's wrong", "isn't right", "not right", "not correct", "is incorrect"],
            ) =>
        {
            Some(Answer::No)
        }
        other => other,
    }
}

// "Yeah no" is a no; "yes, no, that's right" tells nothing sure.
fn yes_or_mixed(words: &[Word], next: usize) -> Option<Answer> {
    let no = phrase_at(
        words,
        next,
        &["no", "nope", "nah", "not", "that's not", "that's wrong", "it's not", "it isn't", "that isn't"],
    );
    match no {
        Some(_)
            if contains_phrase(&words[next..], &["that's right", "that's correct", "no problem", "not a problem"]) =>
        {
            None
        }
        Some(_) => Some(Answer::No),
        None => Some(Answer::Yes),
    }
}

// "No yeah" is a yes; "no, that's right" tells nothing sure.
fn no_or_mixed(words: &[Word], next: usize) -> Option<Answer> {
    let rest = words.get(next..).unwrap_or_default();
    if phrase_at(words, next, &["yeah", "yes", "yep"]).is_some() {
        return Some(Answer::Yes);
    }
    let agreed = contains_phrase(
        rest,
        &[
            "that's right",
            "that's correct",
            "that is right",
            "that is correct",
            "that's fine",
            "this is fine",
            "this one's fine",
        ],
    );
    (!agreed).then_some(Answer::No)
}

fn negated(words: &[Word]) -> bool {
    words.iter().any(|word| word.is_one_of(&["not", "no", "don't", "isn't", "never", "can't", "nope"]))
}

fn leads_done(words: &[Word]) -> bool {
    let start = opening(words);
    (start..words.len().min(start + 5)).any(|at| phrase_at(words, at, DONE).is_some())
}

fn opening(words: &[Word]) -> usize {
    let skip = |word: &Word| {
        word.is_one_of(FILLERS)
            || word
                .is_one_of(&["oh", "well", "so", "i", "think", "and", "hi", "hello", "hey", "actually", "thanks", "um"])
    };
    (0..words.len())
        .find(|at| !skip(&words[*at]) || phrase_at(words, *at, YES).is_some() || phrase_at(words, *at, NO).is_some())
        .unwrap_or(0)
}

fn repeats(words: &[Word]) -> bool {
    let bare = matches!(words, [only] if only.is_one_of(&["what", "huh", "sorry", "pardon", "hello", "eh"]))
        || matches!(words, [first, second] if first.is_one_of(&["sorry", "wait", "hello"]) && second.is_one_of(&["what", "hello", "huh"]));
    // "Excuse me. My toilet keeps running." begs no pardon for what was not heard.
    let polite =
        ["excuse me", "pardon me", "pardon"].iter().any(|phrase| matches_at(words, 0, phrase)) && words.len() > 4;
    let asks_again = (0..words.len()).any(|at| phrase_at(words, at, REPEATS).is_some() && !(polite && at == 0));
    bare || (asks_again && words.len() <= 12)
}

fn asks(said: &str, words: &[Word]) -> bool {
    #[rustfmt::skip]
    const OPENERS: &[&str] = &[
        "what", "what's", "when", "where", "why", "who", "which", "how", "how's", "do you", "do i", "does",
        "did you", "is there", "is it", "is this", "is that", "are you", "are there", "are we", "can you", "can i",
        "can someone", "can somebody", "can we", "could you", "could i", "could someone", "will you", "will it",
        "will someone", "will there", "would you", "would it", "would i", "should i", "have you", "may i", "do they",
        "can they", "could you guys", "do you guys", "are you guys", "can you guys", "am i",
    ];
    #[rustfmt::skip]
    const ANYWHERE: &[&str] = &[
        "how much", "how long", "how soon", "what time do", "what time are", "you charge", "your rates", "your prices",
        "your fees", "does it cost", "would it cost", "do you take",
        "do you have", "do you offer", "do you do", "do you know", "do you fix", "do you work", "do you guys",
        "do you accept", "do you service", "do you cover", "are you open", "wondering if", "wondering what",
        "wondering when", "wondering whether", "wondering how", "can i ask", "i have a question", "tell me how",
        "tell me what", "tell me when", "tell me if", "can you tell me", "could you tell me",
    ];
    #[rustfmt::skip]
    const STATED: &[&str] = &[
        "what i need", "when i", "which is", "who is", "where i", "what happened", "when the", "when you",
        "what i'm", "how about", "which means", "when it", "where the", "why i",
    ];
    let opens = |at: usize| phrase_at(words, at, OPENERS).is_some() && phrase_at(words, at, STATED).is_none();
    let starts = (0..words.len()).filter(|at| *at == 0 || words[at - 1].gap >= Gap::Comma);
    let light = |at: &usize| {
        words[*at].is_one_of(FILLERS)
            || words[*at].is_one_of(&[
                "hi", "hello", "and", "so", "but", "yes", "yeah", "well", "okay", "also", "no", "oh", "hey", "just",
                "um", "uh",
            ])
    };
    let first = |start: usize| (start..words.len()).find(|at| !light(at)).unwrap_or(start);
    let opened = starts.map(first).any(opens);
    let marked = said.trim_end().ends_with('?') && words.len() >= 5;
    words.len() > 1 && (opened || marked || contains_phrase(words, ANYWHERE))
}

// "Hold on, I have to find my glasses", but "Wait, am I talking to a robot?" and "Wait, the toilet is leaking as well".
fn holds(hold: &[Word], rest: &[Word]) -> bool {
    const STOPS: &[&str] = &["wait", "hold on", "hang on", "one second", "one moment"];
    let is_wait = hold.len() == 1 && hold[0].lower == "wait";
    let goes_on = is_wait && rest.len() > 2 && phrase_at(rest, 0, HOLDS).is_none();
    let asks_then = phrase_at(hold, 0, STOPS).is_some() && (asks("", rest) || contains_phrase(rest, WHO));
    !goes_on && !asks_then
}

fn is_filler(words: &[Word]) -> bool {
    if words.is_empty() {
        return false;
    }
    let start = (0..words.len())
        .find(|at| {
            !(words[*at].is_one_of(FILLERS)
                || words[*at].is_one_of(&["so", "well", "okay", "ok", "oh", "yeah", "sure", "please"]))
        })
        .unwrap_or(words.len());
    if let Some(length) = phrase_at(words, start, HOLDS)
        && words.len() <= start + 14
    {
        return holds(&words[start..start + length], &words[start + length..]);
    }
    let hesitates = words.iter().any(|word| word.is_one_of(FILLERS))
        || words.iter().all(|word| word.is_one_of(&["so", "well", "and", "the", "it's", "my", "but"]));
    hesitates
        && words.iter().all(|word| word.is_one_of(FILLERS) || word.is_one_of(MUTTERED))
        && !words.iter().any(|word| word.is_one_of(&["yeah", "okay", "ok", "right", "alright"]))
}
