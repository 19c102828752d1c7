//! What the caller's words mean, given what was asked.

use super::address::{address_from, place, stated_address, street_address};
use super::answer::manner;
use super::email::email_from;
use super::name::{name_from, stated_name};
use super::need::need_from;
use super::number::{dictated_digits, number_from, spoken_digits};
use super::once::said_once;
use super::preferred_time::{preferred_time_from, stated_time};
use super::slot::SlotName;
use super::spelling::spelled_name;
use super::urgency::{stated_urgency, urgency_from};
use super::words::{contains_phrase, words};

/// What the receptionist had just asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// How can I help?
    Need,
    /// Your name?
    Name,
    /// How is it spelled?
    NameSpelling,
    /// Shall we call back on the number you call from?
    CallbackOffer,
    /// Which number?
    Callback,
    /// Is this number right?
    CallbackReadBack,
    /// Where is the work?
    Address,
    /// How urgent is it?
    Urgency,
    /// When does it suit?
    PreferredTime,
    /// Which e-mail address?
    Email,
    /// Is this address right?
    EmailReadBack,
    /// Anything else?
    AnythingElse,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Agreed.
    Yes,
    /// Not so.
    No,
}

/// What an utterance holds.
#[expect(clippy::struct_excessive_bools, reason = "independent observations, not states")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Understood {
    /// Details, normalised; a callback number is E.164.
    pub values: Vec<(SlotName, String)>,
    /// Yes or no, when it says so.
    pub answer: Option<Answer>,
    /// The caller asks the business something.
    pub is_question: bool,
    /// The caller asks to hear the last line again.
    pub wants_repeat: bool,
    /// The caller takes leave.
    pub is_goodbye: bool,
    /// The caller asks for a person.
    pub wants_human: bool,
    /// The caller asks whom or what they talk to.
    pub asks_who: bool,
    /// Nothing but a hesitation: "um", "hold on", "let me see".
    pub is_filler: bool,
    /// Every digit in it, joined; a number given in several breaths is the sum of its parts.
    pub digits: String,
    /// It takes back or changes something said before.
    pub is_correction: bool,
}

/// Reads what the caller said in answer to what was asked; what stands twice counts once ([`said_once`]). `region` is the ISO 3166-1 code for numbers without a country code.
#[must_use]
pub fn understand(asked: Asked, said: &str, region: &str) -> Understood {
    let once = said_once(said);
    let said = once.as_str();
    let dictated = matches!(asked, Asked::Callback | Asked::CallbackReadBack);
    let digits = if dictated { dictated_digits(said) } else { spoken_digits(said) };
    let manner = manner(asked, said, digits.len());
    let mut understood = Understood {
        values: Vec::new(),
        answer: manner.answer,
        is_question: manner.is_question,
        wants_repeat: manner.wants_repeat,
        is_goodbye: manner.is_goodbye,
        wants_human: manner.wants_human,
        asks_who: manner.asks_who,
        is_filler: manner.is_filler,
        is_correction: corrects(asked, said, manner.answer, &digits),
        digits,
    };
    if !understood.is_filler {
        understood.values = values(asked, said, region, &understood);
    }
    // "Can you hear me? My basement is flooding" is more than a wish to hear it again.
    if understood.wants_repeat {
        understood.wants_repeat = understood.values.is_empty() || words(said).len() <= 6;
    }
    if understood.wants_repeat {
        understood.values.clear();
    }
    let number = understood.values.iter().any(|(name, _)| *name == SlotName::Callback);
    if number && asked == Asked::CallbackOffer && understood.answer.is_none() {
        // Another number in answer to the offer declines it.
        understood.answer = Some(Answer::No);
    }
    understood
}

fn values(asked: Asked, said: &str, region: &str, understood: &Understood) -> Vec<(SlotName, String)> {
    let answered = direct(asked, said, understood);
    let mut values = Vec::new();
    let mut add = |name: SlotName, value: Option<String>| values.extend(value.map(|value| (name, value)));
    let or_stated = |name: SlotName, stated: &dyn Fn() -> Option<String>| match &answered {
        Some((answered, value)) if *answered == name => Some(value.clone()),
        _ => stated(),
    };
    add(SlotName::Need, or_stated(SlotName::Need, &|| None));
    add(SlotName::Name, or_stated(SlotName::Name, &|| stated_name(said)));
    let dictated = matches!(asked, Asked::Callback | Asked::CallbackOffer | Asked::CallbackReadBack);
    add(SlotName::Callback, number_from(said, region, dictated).map(|number| number.e164().to_owned()));
    add(SlotName::Address, or_stated(SlotName::Address, &|| street_address(said).or_else(|| stated_address(said))));
    add(
        SlotName::Urgency,
        or_stated(SlotName::Urgency, &|| stated_urgency(said).map(|urgency| urgency.as_str().to_owned())),
    );
    // "Tomorrow would be good" says how soon, when that was asked.
    let says_only_how_soon = |time: &String| {
        asked == Asked::Urgency
            && matches!(time.to_lowercase().as_str(), "today" | "tomorrow" | "by tomorrow" | "by today" | "tonight")
    };
    let time = || stated_time(said).filter(|time| !says_only_how_soon(time));
    add(SlotName::PreferredTime, or_stated(SlotName::PreferredTime, &time));
    let is_asked = matches!(asked, Asked::Email | Asked::EmailReadBack);
    add(SlotName::Email, email_from(said, is_asked));
    values
}

/// Whether a value that a model found reads as what it is said to be, without the question that led to it: `my kitchen`
/// is no address, and `as promised` no time.
#[must_use]
pub fn stands_alone(name: SlotName, value: &str) -> bool {
    match name {
        SlotName::Name => name_from(value).is_some(),
        SlotName::Address => address_from(value).is_some(),
        SlotName::PreferredTime => preferred_time_from(value).is_some() && street_address(value).is_none(),
        SlotName::Email => email_from(value, true).is_some(),
        SlotName::Callback | SlotName::Need | SlotName::Urgency | SlotName::Question => true,
    }
}

/// The answer to the question itself.
fn direct(asked: Asked, said: &str, understood: &Understood) -> Option<(SlotName, String)> {
    let (name, value) = match asked {
        Asked::Need => (SlotName::Need, need_from(said).filter(|_| is_need(said, understood))),
        Asked::Name => (SlotName::Name, name_from(after_question(said, understood))),
        Asked::NameSpelling => {
            (SlotName::Name, spelled_with_name(said).or_else(|| name_from(said)).filter(|_| !understood.is_question))
        }
        Asked::Address => {
            (SlotName::Address, address_from(said).or_else(|| place(said).filter(|_| is_place(said, understood))))
        }
        Asked::Urgency => (SlotName::Urgency, urgency_from(said).map(|urgency| urgency.as_str().to_owned())),
        Asked::PreferredTime => {
            let time = preferred_time_from(said).filter(|_| !is_bare_question(understood));
            // "54 Spring Street" names a season and a number, but no time.
            (SlotName::PreferredTime, time.filter(|_| street_address(said).is_none()))
        }
        Asked::CallbackOffer
        | Asked::Callback
        | Asked::CallbackReadBack
        | Asked::Email
        | Asked::EmailReadBack
        | Asked::AnythingElse => return None,
    };
    value.map(|value| (name, value))
}

// "Do I have to? It's Dana."
fn after_question<'a>(said: &'a str, understood: &Understood) -> &'a str {
    if understood.is_question { said.rsplit_once('?').map_or("", |(_, rest)| rest) } else { said }
}

// "It's Dana Whitfield, W H I T ..." keeps the name that was said along with the letters.
fn spelled_with_name(said: &str) -> Option<String> {
    let letters = spelled_name(said)?;
    let stated = stated_name(said).filter(|name| name.split(' ').count() > 1);
    Some(stated.unwrap_or(letters))
}

// A question for a price or for the hours is no need; one for help is.
fn is_need(said: &str, understood: &Understood) -> bool {
    #[rustfmt::skip]
    const REQUESTS: &[&str] = &[
        "can you", "could you", "can someone", "could someone", "can somebody", "would you", "do you fix",
        "do you guys", "do you repair", "do you install", "do you do", "wondering if", "would it be possible",
        "can i get", "could i get", "can i make", "could i make", "can i have", "can i book", "can i schedule",
        "i need", "i have", "my", "i've got", "i want", "we have", "we need", "do you replace", "do you unclog",
        "do you clean", "there's", "i'd like", "i would like", "our", "can we",
    ];
    #[rustfmt::skip]
    const CURIOUS: &[&str] = &[
        "tell me", "how much", "you charge", "wondering what", "wondering how", "are you open", "are you a", "your rates",
        "your prices", "your fees", "it cost", "how long have", "repeat", "hear me",
    ];
    let words = words(said);
    let asks_for_help = contains_phrase(&words, REQUESTS) && !contains_phrase(&words, CURIOUS);
    !understood.wants_human && (!understood.is_question || asks_for_help)
}

fn is_place(said: &str, understood: &Understood) -> bool {
    #[rustfmt::skip]
    const UNSURE: &[&str] = &[
        "don't know", "not sure", "don't want", "rather not", "why do you", "same as", "don't have", "what do you",
        "i said", "i already", "i told", "i'll be", "we'll be", "i will be",
    ];
    let plain = !understood.is_question && !understood.wants_human && !understood.is_goodbye;
    plain && understood.answer.is_none() && !contains_phrase(&words(said), UNSURE)
}

fn is_bare_question(understood: &Understood) -> bool {
    understood.is_question && understood.wants_human
}

fn corrects(asked: Asked, said: &str, answer: Option<Answer>, digits: &str) -> bool {
    #[rustfmt::skip]
    const MARKS: &[&str] = &[
        "actually", "i meant", "i mean", "sorry it's", "no it's", "no wait", "wait no", "make that", "correction",
        "that's wrong", "that's not right", "that's incorrect", "scratch that", "let me correct", "i said",
        "change that", "change the", "change my", "not right", "is wrong", "instead", "no that's", "no my", "no the",
        "no it is", "my mistake", "last four", "last two", "start over", "no sorry", "sorry i", "spelled wrong",
        "got it wrong", "not quite", "no i said", "should be",
    ];
    let words = words(said);
    let not = words
        .windows(2)
        .any(|pair| pair[0].lower == "not" && (pair[1].is_digits() || super::numerals::is_number_word(&pair[1].lower)));
    let answered = asked == Asked::CallbackReadBack && !digits.is_empty() && answer != Some(Answer::Yes);
    let done = asked == Asked::AnythingElse && answer == Some(Answer::No) && digits.is_empty() && words.len() <= 6;
    !done && (not || answered || contains_phrase(&words, MARKS))
}
