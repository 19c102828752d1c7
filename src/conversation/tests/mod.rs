//! Whole conversations in virtual time.

pub(crate) mod driver;
mod properties;
mod scripts;
