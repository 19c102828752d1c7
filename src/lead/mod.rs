//! What a call brought in: what the caller's words mean, and the details they give, each with its evidence.
//!
//! Everything here reads words and gives values that stand in them: nothing is guessed. Transcripts come as a recogniser
//! writes them, so numbers may be words, digits or both, and letters may be apart, hyphenated or named ("M as in Mary").

mod form;
mod name;
mod number;
mod slot;
mod speak;
mod understand;

pub use form::{Form, Offered, Refusal};
pub use name::{name_from, spelled_name};
pub use number::{correct_number, spoken_digits};
pub use slot::{Evidence, Slot, SlotName, Urgency};
pub use speak::{speak_letters, speak_number, speak_number_slowly};
pub use understand::{
    Answer, Asked, Understood, address_from, need_from, preferred_time_from, understand, urgency_from,
};
