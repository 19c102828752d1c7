//! Whole conversations in virtual time.

pub(crate) mod driver;
mod person;
mod properties;
mod scripts;
