//! What a call brought in: slots with their evidence, and the lead they make.

mod slot;

pub use slot::{Evidence, Slot, SlotName, Urgency};
