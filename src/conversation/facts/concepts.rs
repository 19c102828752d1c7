//! What callers ask every business, and the words they do it with.

/// Something that is asked everywhere.
pub(super) struct Concept {
    /// Words of a fact's topic that name it.
    pub(super) topics: &'static [&'static str],
    /// Words of a fact's text that show it to be about this, where no topic does.
    pub(super) marks: &'static [&'static str],
    /// How it is asked for.
    pub(super) asked: &'static [&'static str],
}

#[rustfmt::skip]
pub(super) const CONCEPTS: &[Concept] = &[
    Concept {
        topics: &["price", "pricing", "cost", "fee", "rate", "charge", "estimate", "quote"],
        marks: &["price", "dollar", "cost", "fee"],
        asked: &[
            "how much", "cost", "costs", "price", "prices", "pricing", "priced", "charge", "charges", "fee", "fees", "rate", "rates",
            "expensive", "estimate", "estimates", "quote", "quotes", "ballpark", "run me", "price wise", "cheap", "the damage",
        ],
    },
    Concept {
        topics: &["payment", "pay", "paying", "billing", "insurance"],
        marks: &["card", "cash", "check", "insurance"],
        asked: &[
            "pay", "paying", "payment", "payments", "card", "cards", "credit", "debit", "cash", "a check", "by check", "checks",
            "insurance", "visa", "mastercard", "amex", "american express", "venmo", "zelle", "paypal", "apple pay", "bank transfer",
        ],
    },
    Concept {
        topics: &["hour", "opening", "open"],
        marks: &["closed", "o'clock"],
        asked: &[
            "hours", "are you open", "you guys open", "do you open", "do you close", "you closed", "are you closed", "you open", "you close",
            "how late", "how early", "the weekend", "weekends", "on saturdays", "on sundays", "saturdays", "sundays", "fridays",
            "at night", "holidays", "christmas", "thanksgiving", "business hours", "opening hours", "after hours", "this sunday", "this saturday",
            "in the morning until", "on call",
        ],
    },
    Concept {
        topics: &["area", "location", "where", "coverage", "territory"],
        marks: &["serve", "located"],
        asked: &[
            "do you serve", "do you cover", "you cover", "you serve", "come to", "come out to", "come up to", "come down to", "come over to",
            "drive out to", "drive to", "do you go to", "you go to", "get out to", "service area", "what area", "what areas", "which area",
            "which areas", "my area", "our area", "where are you", "where you are", "are you located", "which city", "what city", "what town",
            "too far", "that far", "this far", "somewhere you go", "calls in", "work in", "neighborhood",
        ],
    },
    Concept {
        topics: &["visit", "appointment", "booking", "schedule", "scheduling", "arrival"],
        marks: &["booked", "appointment", "schedule"],
        asked: &[
            "book", "booked", "book me", "an appointment", "appointment for", "appointment on", "appointment today", "appointment tomorrow", "schedule", "how soon", "when can", "when could", "when will", "when would", "how long until",
            "how long till", "how fast", "how quickly", "how quick", "put me down", "be here", "get here", "come today", "come tomorrow",
            "come out today", "come out tomorrow", "come right now", "what time will", "slot", "fit me in", "squeeze me in", "available",
        ],
    },
    Concept {
        topics: &["service", "repair", "treatment", "work"],
        marks: &[],
        asked: &[
            "do you do", "you guys do", "you folks do", "do you fix", "you guys fix", "do you repair", "you guys repair", "do you install",
            "you guys install", "can you install", "do you put in", "can you put in", "could you install", "could you put in", "do you replace", "can you replace",
            "do you clean", "do you clear", "do you offer", "do you handle", "do you hang", "do you sell", "do you work on", "do you deal with",
            "can you fix", "can you repair", "could you fix", "able to fix", "able to install", "able to hook up", "hook up", "something you do",
            "repair those", "fix those", "do those", "do that kind", "kind of work", "do you make", "do you service", "you guys handle", "pump out",
            "what services", "what do you do",
        ],
    },
    Concept {
        topics: &["emergency", "danger", "safety"],
        marks: &["emergency"],
        asked: &[
            "what should i do", "what do i do", "what do we do", "what should we do", "shut off", "turn off", "turn it off", "shut it off",
            "until you get here", "in the meantime", "is it dangerous", "is it safe", "is that dangerous", "is that safe",
        ],
    },
];

/// What asks for a promise, or tells the receptionist how to behave: no fact answers it.
#[rustfmt::skip]
pub(super) const DEMANDS: &[&str] = &[
    "promise me", "promise that", "you promise", "swear to me", "you swear", "just tell me you'll", "just say yes", "just say that", "say that you'll", "say that you will",
    "ignore your", "ignore all", "ignore the instructions", "ignore the rules", "ignore what", "ignore previous", "ignore any",
    "forget your", "forget the facts", "forget the rules", "forget all", "forget everything", "disregard", "from now on answer", "from now on you", "from now on say",
    "new rule", "new rules", "your instructions", "your prompt", "system prompt", "system message", "secret instructions", "secret code", "you are now", "pretend you",
    "pretend to be", "repeat after me", "roleplay", "role play", "developer mode", "jailbreak", "tell them that", "answer every question",
];

/// Things that some businesses have a fact about: where this one has none, it is no use to look for one.
#[rustfmt::skip]
pub(super) const OFTEN_ASKED: &[&str] = &[
    "guarantee", "discount", "discounts", "coupon", "coupons", "warranty", "warranties", "insured", "bonded", "financing", "hiring", "a job with", "work for you",
    "apprentice", "apprentices", "email address", "your email", "your website", "who owns", "the owner", "your reviews", "any reviews", "references", "a receipt",
    "an invoice", "a permit", "permits", "parking", "can i park", "where to park", "an elevator", "wheelchair", "a refund", "refunds", "billed", "prescription", "refill",
    "my records", "what brand", "which brand", "certified", "in business", "my landlord have", "a membership", "a complaint",
];

/// Words that tell nothing about what is asked.
#[rustfmt::skip]
pub(super) const EMPTY: &[&str] = &[
    "the", "and", "for", "you", "your", "yours", "are", "can", "could", "would", "will", "what", "what's", "when", "where", "which", "who", "how",
    "that", "that's", "this", "these", "those", "there", "there's", "they", "them", "with", "from", "have", "has", "had", "does", "did", "doing",
    "done", "somebody", "someone", "anybody", "anyone", "something", "anything", "guys", "folks", "get", "got", "going", "come", "comes", "coming",
    "here", "out", "our", "ours", "was", "were", "been", "being", "but", "not", "any", "all", "some", "just", "like", "know", "tell", "told", "want",
    "need", "please", "okay", "yes", "yeah", "well", "about", "into", "after", "before", "also", "its", "it's", "i'm", "i've", "i'd", "i'll", "we're",
    "me", "him", "her", "his", "she", "too", "very", "then", "than", "now", "today", "tonight", "tomorrow", "business", "call", "calls", "calling",
    "called", "back", "time", "times", "work", "works", "working", "one", "day", "days", "way", "let", "make", "made", "take", "takes", "taking",
    "put", "say", "see", "look", "seen", "right", "sure", "good", "only", "other", "more", "most", "must", "may", "might", "should", "never", "ever",
    "don't", "can't", "won't", "isn't", "possible", "usually", "long", "little", "lot", "give", "given", "new", "old", "first", "last",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "team", "phone", "answer", "question", "house", "home", "place",
];
