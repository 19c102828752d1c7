//! Plans that run in virtual time.

mod driver;
mod order;
mod properties;
mod races;
mod scripts;
