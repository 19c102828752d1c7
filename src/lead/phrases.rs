//! What people say for yes, no, goodbye and the like.

#[rustfmt::skip]
pub(super) const YES: &[&str] = &[
    "i think so", "i believe so", "whatever works", "that's me", "yes", "yeah", "yep", "yup", "yah", "ya", "yea",
    "yes sir", "yes ma'am", "uh huh", "mhm", "mm hmm", "sure", "sure thing", "correct", "right", "that's right",
    "that is right", "that's correct", "that is correct", "exactly", "absolutely", "definitely", "certainly",
    "of course", "sounds good", "sounds right", "go ahead", "please do", "okay", "ok", "perfect", "great",
    "that's fine", "that is fine", "that works", "it is", "you got it", "got it", "affirmative", "fine", "indeed",
    "that'll work", "that would be fine", "that would be great", "it's correct", "it's right", "all right",
    "alright", "that's good", "that's perfect", "you bet", "totally", "that sounds right", "that sounds good",
    "that's great", "i do", "i am", "works for me", "it does", "that's the number", "that's my number", "that's it",
    "good", "that will do", "that one's fine", "no problem", "very good",
];

#[rustfmt::skip]
pub(super) const NO: &[&str] = &[
    "no", "nope", "nah", "no no", "not quite", "not really", "not exactly", "that's wrong", "that is wrong",
    "that's not right", "that is not right", "that isn't right", "that's not correct", "that is not correct",
    "that isn't correct", "that's incorrect", "incorrect", "wrong", "negative", "it's not", "it isn't", "it is not",
    "that's not it", "not correct", "not right", "i don't think so", "please don't", "i'd rather not",
    "absolutely not", "definitely not", "of course not", "not at all", "no thanks", "no thank you", "it's wrong",
    "you got it wrong", "wrong number", "not that one", "not that number", "not this number", "not this one",
    "that's not my number", "that's the wrong number", "no sir", "no ma'am",
];

/// After "anything else?": nothing more.
#[rustfmt::skip]
pub(super) const DONE: &[&str] = &[
    "that's all", "that is all", "that's it", "that is it", "that's everything", "that'll be all",
    "that will be all", "that'll do", "nothing else", "nothing", "nothing more", "i'm good", "i'm all set",
    "all set", "all good", "we're good", "that's about it", "that was all", "i think that's it",
    "i think that's all", "i'm done", "just that", "nope that's it", "that should be it", "that should do it",
    "that covers it", "not that i can think of", "i don't think so", "can't think of anything", "i'm fine",
    "we're all set", "that would be all", "enough",
];

#[rustfmt::skip]
pub(super) const THIS_NUMBER: &[&str] = &[
    "use this number", "use this one", "use that number", "use that one", "this one's fine", "this one is fine",
    "that one's fine", "that one is fine", "this number is fine", "this number's fine", "this number works",
    "that number works", "that number is fine", "this is fine", "this is good", "this works", "same number",
    "the same", "the number i'm calling from", "the one i'm calling from", "number i'm calling on",
    "this is the best", "that's the best", "this number", "that number", "this one", "this phone",
    "this is my number", "call me back on this", "call this number", "call me on this",
];

#[rustfmt::skip]
pub(super) const OTHER_NUMBER: &[&str] = &[
    "different number", "another number", "other number", "different one", "another one", "my cell", "my mobile",
    "my work number", "my office", "my husband", "my wife", "instead", "rather", "better number",
];

#[rustfmt::skip]
pub(super) const GOODBYES: &[&str] = &[
    "bye", "goodbye", "good bye", "bye bye", "have a good day", "have a good one", "have a great day",
    "have a nice day", "have a good night", "have a good evening", "have a great one", "talk to you later",
    "talk to you soon", "see you", "see ya", "take care",
];

#[rustfmt::skip]
pub(super) const REPEATS: &[&str] = &[
    "anyone there", "anybody there", "read it again", "read that again", "read the number again",
    "say the number again", "again please", "repeat that", "repeat", "say that again", "say it again", "come again",
    "what was that", "what did you say", "can't hear you", "couldn't hear", "didn't hear", "can you hear me",
    "didn't catch", "didn't get that", "pardon", "pardon me", "excuse me", "one more time", "are you there",
    "are you still there", "you're breaking up", "what's that", "speak up", "can't understand you",
    "couldn't understand", "i missed that", "could you slow down", "slow down", "say again", "run that by me again",
    "what was the question",
];

#[rustfmt::skip]
pub(super) const HUMANS: &[&str] = &[
    "real person", "a human", "human being", "a person", "actual person", "live person", "representative",
    "an operator", "operator", "an agent", "a real agent", "transfer me", "put me through", "connect me",
    "speak to someone", "talk to someone", "speak with someone", "talk with someone", "speak to somebody",
    "talk to somebody", "the owner", "a manager", "the manager", "your manager", "your boss", "the boss",
    "customer service", "real human", "someone real", "somebody real", "speak to a plumber", "talk to a plumber",
    "someone i can talk to", "someone i can speak to",
];

/// Whether there is a person at all.
#[rustfmt::skip]
pub(super) const WHO: &[&str] = &[
    "are you a robot", "are you a machine", "are you a computer", "are you a bot", "are you a real person", "are you a person",
    "are you a human", "are you human", "are you real", "are you a real human", "are you an ai", "are you ai", "are you automated",
    "is this a robot", "is this a machine", "is this a computer", "is this a bot", "is this a recording", "is this a real person",
    "is this an ai", "is this ai", "is this automated", "am i talking to a robot", "am i talking to a machine",
    "am i talking to a computer", "am i talking to a person", "am i talking to a real person", "am i talking to a human",
    "am i speaking to a robot", "am i speaking to a machine", "am i speaking to a person", "am i speaking to a real person",
    "am i speaking with a real person", "am i talking to an ai", "who am i talking to", "who am i speaking to",
    "who am i speaking with", "who is this", "what are you",
];

#[rustfmt::skip]
pub(super) const HOLDS: &[&str] = &[
    "hold on", "hang on", "one second", "one sec", "one moment", "just a second", "just a sec", "just a moment",
    "just a minute", "one minute", "give me a second", "give me a moment", "give me a minute", "give me one second",
    "let me see", "let me think", "let me check", "let me look", "let me find", "let me get", "wait a second",
    "wait a minute", "wait", "bear with me", "let me grab", "a moment please", "a second", "let's see",
    "good question", "hmm let me think",
];

#[rustfmt::skip]
pub(super) const MUTTERED: &[&str] = &[
    "so", "well", "okay", "ok", "yeah", "and", "oh", "you know", "i mean", "please", "sorry", "the", "it's", "my",
    "is", "i", "i'm", "it", "a", "that's", "let", "me", "but", "just", "now", "right", "alright",
];
