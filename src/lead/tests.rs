//! What callers say, and what is made of it.

mod danger;
mod dates;
mod details;
mod form;
mod manner;
mod names;
mod numbers;
mod shared_speech;
mod whole;

use super::{Asked, SlotName, Understood, understand};
use proptest::collection;
use proptest::sample::select;
use proptest::strategy::Strategy;
use std::ops::Range;

/// Compares a reader with a table and tells every row that differs.
pub(super) fn table<T: PartialEq + std::fmt::Debug>(rows: &[(&str, T)], read: impl Fn(&str) -> T) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(said, expected)| {
            let found = read(said);
            (found != *expected).then(|| format!("{said:?}: {found:?} instead of {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The same for a reader that finds a text, or nothing.
pub(super) fn texts(rows: &[(&str, Option<&str>)], read: impl Fn(&str) -> Option<String>) {
    let rows: Vec<(&str, Option<String>)> = rows.iter().map(|(said, text)| (*said, text.map(str::to_owned))).collect();
    table(&rows, read);
}

/// All details, as `name=value`.
fn told_details(understood: &Understood) -> Vec<String> {
    understood.values.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// What the words do besides giving details, in words of our own.
fn manners(understood: &Understood) -> impl Iterator<Item = &'static str> {
    let manners = [
        (understood.is_question, "question"),
        (understood.wants_repeat, "repeat"),
        (understood.wants_human, "human"),
        (understood.is_filler, "filler"),
        (understood.is_correction, "correction"),
        (understood.is_goodbye, "goodbye"),
    ];
    manners.into_iter().filter_map(|(is_so, manner)| is_so.then_some(manner))
}

/// Reads one detail out of the answer to a question.
fn detail(asked: Asked, wanted: SlotName) -> impl Fn(&str) -> Option<String> {
    move |said| {
        let values = understand(asked, said, "US").values;
        values.into_iter().find(|(name, _)| *name == wanted).map(|(_, value)| value)
    }
}

/// What is said by putting these pieces together, so many at a time.
fn said_in_pieces(pieces: &'static [&'static str], count: Range<usize>) -> impl Strategy<Value = String> {
    collection::vec(select(pieces), count).prop_map(|pieces| pieces.join(" "))
}

/// Every question.
fn every_question() -> [Asked; 12] {
    use Asked::{
        Address, AnythingElse, Callback, CallbackOffer, CallbackReadBack, Email, EmailReadBack, Name, NameSpelling,
        Need, PreferredTime, Urgency,
    };
    [
        Need,
        Name,
        NameSpelling,
        CallbackOffer,
        Callback,
        CallbackReadBack,
        Address,
        Urgency,
        PreferredTime,
        Email,
        EmailReadBack,
        AnythingElse,
    ]
}
