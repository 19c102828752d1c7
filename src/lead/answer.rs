//! Yes and no, questions, leave-taking and the other things said besides details.

use super::understand::{Answer, Asked};
use super::vocabulary::FILLERS;
use super::words::{Gap, Word, contains_phrase, phrase_at, words};

const YES: &[&str] = &[
    "yes",
    "yeah",
    "yep",
    "yup",
    "yah",
    "ya",
    "yea",
    "yes sir",
    "yes ma'am",
    "uh huh",
    "mhm",
    "mm hmm",
    "sure",
    "sure thing",
    "correct",
    "right",
    "that's right",
    "that is right",
    "that's correct",
    "that is correct",
    "exactly",
    "absolutely",
    "definitely",
    "certainly",
    "of course",
    "sounds good",
    "sounds right",
    "go ahead",
    "please do",
    "okay",
    "ok",
    "perfect",
    "great",
    "that's fine",
    "that is fine",
    "that works",
    "it is",
    "you got it",
    "got it",
    "affirmative",
    "fine",
    "indeed",
    "that'll work",
    "that would be fine",
    "that would be great",
    "it's correct",
    "it's right",
    "all right",
    "alright",
    "that's good",
    "that's perfect",
    "you bet",
    "totally",
    "that sounds right",
    "that sounds good",
    "that's great",
    "i do",
    "i am",
    "works for me",
    "it does",
    "that's the number",
    "that's my number",
    "that's it",
    "good",
    "that will do",
    "that one's fine",
    "no problem",
    "very good",
];
const NO: &[&str] = &[
    "no",
    "nope",
    "nah",
    "no no",
    "not quite",
    "not really",
    "not exactly",
    "that's wrong",
    "that is wrong",
    "that's not right",
    "that is not right",
    "that isn't right",
    "that's not correct",
    "that is not correct",
    "that isn't correct",
    "that's incorrect",
    "incorrect",
    "wrong",
    "negative",
    "it's not",
    "it isn't",
    "it is not",
    "that's not it",
    "not correct",
    "not right",
    "i don't think so",
    "don't",
    "please don't",
    "i'd rather not",
    "absolutely not",
    "definitely not",
    "of course not",
    "not at all",
    "no thanks",
    "no thank you",
    "it's wrong",
    "you got it wrong",
    "wrong number",
    "not that one",
    "not that number",
    "not this number",
    "not this one",
    "that's not my number",
    "that's the wrong number",
    "no sir",
    "no ma'am",
];
/// After "anything else?": nothing more.
const DONE: &[&str] = &[
    "that's all",
    "that is all",
    "that's it",
    "that is it",
    "that's everything",
    "that'll be all",
    "that will be all",
    "that'll do",
    "nothing else",
    "nothing",
    "nothing more",
    "i'm good",
    "i'm all set",
    "all set",
    "all good",
    "we're good",
    "that's about it",
    "that was all",
    "i think that's it",
    "i think that's all",
    "i'm done",
    "just that",
    "nope that's it",
    "that should be it",
    "that should do it",
    "that covers it",
    "not that i can think of",
    "i don't think so",
    "can't think of anything",
    "i'm fine",
    "we're all set",
    "that would be all",
    "enough",
];
const THIS_NUMBER: &[&str] = &[
    "use this number",
    "use this one",
    "use that number",
    "use that one",
    "this one's fine",
    "this one is fine",
    "that one's fine",
    "that one is fine",
    "this number is fine",
    "this number's fine",
    "this number works",
    "that number works",
    "that number is fine",
    "this is fine",
    "this is good",
    "this works",
    "same number",
    "the same",
    "the number i'm calling from",
    "the one i'm calling from",
    "number i'm calling on",
    "this is the best",
    "that's the best",
    "this number",
    "that number",
    "this one",
    "this phone",
    "this is my number",
    "call me back on this",
    "call this number",
    "call me on this",
];
const OTHER_NUMBER: &[&str] = &[
    "different number",
    "another number",
    "other number",
    "different one",
    "another one",
    "my cell",
    "my mobile",
    "my work number",
    "my office",
    "my husband",
    "my wife",
    "instead",
    "rather",
    "better number",
];
const GOODBYES: &[&str] = &[
    "bye",
    "goodbye",
    "good bye",
    "bye bye",
    "have a good day",
    "have a good one",
    "have a great day",
    "have a nice day",
    "have a good night",
    "have a good evening",
    "have a great one",
    "talk to you later",
    "talk to you soon",
    "see you",
    "see ya",
    "take care",
];
const REPEATS: &[&str] = &[
    "repeat that",
    "repeat",
    "say that again",
    "say it again",
    "come again",
    "what was that",
    "what did you say",
    "can't hear you",
    "couldn't hear",
    "didn't hear",
    "can you hear me",
    "didn't catch",
    "didn't get that",
    "pardon",
    "pardon me",
    "excuse me",
    "one more time",
    "are you there",
    "are you still there",
    "you're breaking up",
    "what's that",
    "speak up",
    "can't understand you",
    "couldn't understand",
    "i missed that",
    "could you slow down",
    "slow down",
    "say again",
    "run that by me again",
    "what was the question",
];
const HUMANS: &[&str] = &[
    "real person",
    "a human",
    "human being",
    "a person",
    "actual person",
    "live person",
    "representative",
    "an operator",
    "operator",
    "an agent",
    "a real agent",
    "transfer me",
    "put me through",
    "connect me",
    "speak to someone",
    "talk to someone",
    "speak with someone",
    "talk with someone",
    "speak to somebody",
    "talk to somebody",
    "the owner",
    "a manager",
    "the manager",
    "your manager",
    "your boss",
    "the boss",
    "customer service",
    "real human",
    "someone real",
    "somebody real",
    "speak to a plumber",
    "talk to a plumber",
    "someone i can talk to",
    "someone i can speak to",
];
const HOLDS: &[&str] = &[
    "hold on",
    "hang on",
    "one second",
    "one sec",
    "one moment",
    "just a second",
    "just a sec",
    "just a moment",
    "just a minute",
    "one minute",
    "give me a second",
    "give me a moment",
    "give me a minute",
    "give me one second",
    "let me see",
    "let me think",
    "let me check",
    "let me look",
    "let me find",
    "let me get",
    "wait a second",
    "wait a minute",
    "wait",
    "bear with me",
    "let me grab",
    "a moment please",
    "a second",
    "let's see",
    "good question",
    "hmm let me think",
];
const MUTTERED: &[&str] = &[
    "so", "well", "okay", "ok", "yeah", "and", "oh", "you know", "i mean", "please", "sorry", "the", "it's", "my",
    "is", "i", "i'm", "it", "a", "that's", "let", "me", "but", "just", "now", "right", "alright",
];

/// What is said besides details.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manner {
    pub(super) answer: Option<Answer>,
    pub(super) is_question: bool,
    pub(super) wants_repeat: bool,
    pub(super) is_goodbye: bool,
    pub(super) wants_human: bool,
    pub(super) is_filler: bool,
}

/// Reads the manner of an utterance; `digits` counts those in it.
pub(super) fn manner(asked: Asked, said: &str, digits: usize) -> Manner {
    let words = words(said);
    let wants_human =
        contains_phrase(&words, HUMANS) && !contains_phrase(&words, &["are you a", "am i talking to", "am i speaking"]);
    let wants_repeat = repeats(&words);
    let done = asked == Asked::AnythingElse && contains_phrase(&words, DONE);
    Manner {
        answer: answer(asked, &words, digits),
        is_question: !wants_repeat && !wants_human && asks(said, &words),
        wants_repeat,
        is_goodbye: contains_phrase(&words, GOODBYES) || (done && !said.contains('?')),
        wants_human,
        is_filler: digits == 0 && is_filler(&words),
    }
}

fn answer(asked: Asked, words: &[Word], digits: usize) -> Option<Answer> {
    if asked == Asked::AnythingElse && leads_done(words) {
        return Some(Answer::No);
    }
    let start = opening(words);
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
    bare || (contains_phrase(words, REPEATS) && words.len() <= 12)
}

fn asks(said: &str, words: &[Word]) -> bool {
    const OPENERS: &[&str] = &[
        "what",
        "what's",
        "when",
        "where",
        "why",
        "who",
        "which",
        "how",
        "how's",
        "do you",
        "do i",
        "does",
        "did you",
        "is there",
        "is it",
        "is this",
        "is that",
        "are you",
        "are there",
        "are we",
        "can you",
        "can i",
        "can someone",
        "can somebody",
        "can we",
        "could you",
        "could i",
        "could someone",
        "will you",
        "will it",
        "will someone",
        "will there",
        "would you",
        "would it",
        "would i",
        "should i",
        "have you",
        "may i",
        "do they",
        "can they",
        "could you guys",
        "do you guys",
        "are you guys",
        "can you guys",
        "am i",
    ];
    const ANYWHERE: &[&str] = &[
        "how much",
        "how long",
        "how soon",
        "what time do",
        "what time are",
        "do you charge",
        "do you take",
        "do you have",
        "do you offer",
        "do you do",
        "do you know",
        "do you fix",
        "do you work",
        "do you guys",
        "do you accept",
        "do you service",
        "do you cover",
        "are you open",
        "wondering if",
        "wondering whether",
        "wondering how",
        "can i ask",
        "i have a question",
        "tell me how",
        "tell me what",
        "tell me when",
        "tell me if",
        "can you tell me",
        "could you tell me",
    ];
    const STATED: &[&str] = &[
        "what i need",
        "when i",
        "which is",
        "who is",
        "where i",
        "what happened",
        "when the",
        "when you",
        "what i'm",
        "how about",
        "which means",
        "when it",
        "where the",
        "why i",
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
    if phrase_at(words, start, HOLDS).is_some() && words.len() <= start + 14 {
        return true;
    }
    let hesitates = words.iter().any(|word| word.is_one_of(FILLERS))
        || words.iter().all(|word| word.is_one_of(&["so", "well", "and", "the", "it's", "my", "but"]));
    hesitates
        && words.iter().all(|word| word.is_one_of(FILLERS) || word.is_one_of(MUTTERED))
        && !words.iter().any(|word| word.is_one_of(&["yeah", "okay", "ok", "right", "alright"]))
}
