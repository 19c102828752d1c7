//! The text sent to a caller afterwards, and the notice to the owner: whether one goes, how it is worded, and how often its sending is tried.

mod delivery;
mod outbox;
mod policy;
mod wording;

pub use delivery::Delivery;
pub use outbox::{Claim, Entry, GIVE_UP_AFTER, Kind, LEASE, Outcome, State, Step};
pub use policy::{Decision, Facts, Policy, QuietHours, Withheld, can_receive_texts, dedupe_key, notice_key};
pub use wording::{Encoding, MAX_CHARS, TextBody, beginning, notice, text_back};
