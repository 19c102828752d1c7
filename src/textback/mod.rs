//! The text sent to a caller afterwards: whether one goes, how it is worded, and how often its sending is tried.

mod delivery;
mod outbox;
mod policy;
mod wording;

pub use delivery::Delivery;
pub use outbox::{Claim, Entry, GIVE_UP_AFTER, LEASE, Outcome, State, Step};
pub use policy::{Decision, Facts, Policy, QuietHours, Withheld, can_receive_texts, dedupe_key};
pub use wording::{Encoding, MAX_CHARS, TextBody, text_back};
