//! What a call brought in: what the caller's words mean, and the details they give, each with its evidence.
//!
//! Everything here reads words and gives values that stand in them: nothing is guessed, but for streets ([`Streets`]), which are read as what sounds
//! like them. Transcripts come as a recogniser writes them, so numbers may be words, digits or both, and letters may be apart, hyphenated or named ("M as in Mary").

mod address;
mod ahead;
mod answer;
mod calendar;
mod danger;
mod email;
mod evidence;
mod form;
mod hearings;
mod known_names;
mod likeness;
mod name;
mod need;
mod number;
mod numerals;
mod once;
mod phrases;
mod preferred_time;
mod slot;
mod speak;
mod spelling;
mod streets;
mod understand;
mod urgency;
mod vocabulary;
mod words;

#[cfg(test)]
mod tests;

pub use address::{address_from, is_doubtful_address};
pub use ahead::{Ahead, broken_number_in, is_listed, letters_ahead, letters_cost, name_ahead, name_cost, number_ahead};
pub use danger::{Danger, danger};
pub use form::{Form, Offered, Refusal};
pub use hearings::{Hearings, Way, is_all_letters};
pub(crate) use likeness::distance;
pub use name::{is_strange_name, last_name, name_from, name_in, respells};
pub use need::{names_trouble, need_from};
pub use number::{correct_number, later_area_code, spoken_digits};
pub use once::said_once;
pub use preferred_time::preferred_time_from;
pub use slot::{Evidence, Slot, SlotName, Urgency};
pub use speak::{speak_email, speak_letters, speak_number, speak_number_slowly};
pub use spelling::{spelled_name, spells_known_name};
pub use streets::Streets;
pub use understand::{Answer, Asked, Understood, stands_alone, understand};
pub use urgency::{is_calming, urgency_from};
pub(crate) use words::{Word, contains_phrase, words};
