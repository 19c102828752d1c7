//! What callers say, and what is made of it.

mod details;
mod form;
mod manner;
mod names;
mod numbers;
mod shared_speech;
mod whole;

/// Compares a reader with a table and tells every row that differs.
fn table<T: PartialEq + std::fmt::Debug>(rows: &[(&str, T)], read: impl Fn(&str) -> T) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(said, expected)| {
            let found = read(said);
            (found != *expected).then(|| format!("{said:?}: {found:?} instead of {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Every question.
fn manner_asked() -> [crate::lead::Asked; 10] {
    use crate::lead::Asked::{
        Address, AnythingElse, Callback, CallbackOffer, CallbackReadBack, Name, NameSpelling, Need, PreferredTime,
        Urgency,
    };
    [Need, Name, NameSpelling, CallbackOffer, Callback, CallbackReadBack, Address, Urgency, PreferredTime, AnythingElse]
}
