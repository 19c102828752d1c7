//! Word lists that several readers share.

/// Sounds and words that carry nothing.
#[rustfmt::skip]
pub(super) const FILLERS: &[&str] = &[
    "um", "uh", "er", "erm", "ah", "hmm", "hm", "mm", "uhm", "umm", "like", "huh", "eh",
];

/// Surnames that recognisers write as the words they sound like, or that are such words: taken only behind another part of a name.
pub(super) const SURNAME_WORDS: &[&str] = &["right", "day", "best", "house", "good", "call"];

/// Words that are never part of a name given over the phone.
#[rustfmt::skip]
pub(super) const NOT_NAMES: &[&str] = &[
    "a", "about", "actually", "again", "all", "also", "am", "an", "and", "another", "any", "anything", "are", "as",
    "at", "back", "bad", "basement", "bathroom", "because", "before", "best", "bit", "boiler", "broken", "burst",
    "busy", "but", "bye", "by", "call", "called", "calling", "can", "can't", "ceiling", "clogged", "come", "correct",
    "could", "customer", "day", "did", "didn't", "different", "do", "does", "doesn't", "doing", "don't", "done",
    "door", "dot", "drain", "emergency", "everything", "faucet", "fine", "first", "fix", "flooded", "flooding", "for",
    "forget", "from", "full", "get", "getting", "give", "go", "going", "good", "goodbye", "got", "great", "had",
    "happy", "has", "have", "having", "he", "heater", "hello", "help", "her", "here", "hers", "hey", "hi", "his",
    "hold", "home", "house", "how", "i", "i'd", "i'll", "i'm", "i've", "if", "in", "interested", "is", "isn't", "it",
    "it's", "its", "just", "kitchen", "know", "last", "leak", "leaking", "let", "let's", "live", "locked", "looking",
    "me", "mean", "minute", "moment", "morning", "my", "name", "need", "needing", "never", "new", "next", "no",
    "nope", "not", "nothing", "now", "number", "of", "off", "oh", "ok", "okay", "on", "one", "or", "our", "out",
    "outlet", "person", "phone", "pipe", "please", "pretty", "problem", "question", "quite", "ready", "really",
    "repeat", "right", "running", "say", "second", "see", "she", "sink", "so", "some", "somebody", "someone",
    "something", "sorry", "speaking", "spell", "spelled", "spelt", "stuck", "sure", "tell", "thank", "thanks",
    "that", "that's", "the", "their", "them", "there", "they", "thing", "think", "this", "to", "today", "toilet",
    "tomorrow", "tooth", "trying", "two", "under", "urgent", "very", "wait", "waiting", "want", "wanted", "was",
    "water", "we", "we're", "well", "were", "what", "what's", "when", "where", "who", "why", "with", "without",
    "wondering", "wrong", "yeah", "yep", "yes", "you", "your",
];
