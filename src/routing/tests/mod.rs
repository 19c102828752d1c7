//! Plans that run in virtual time.

mod aside;
mod driver;
mod order;
mod properties;
mod races;
mod scripts;
mod waiting;

pub(super) use driver::{lines, seconds};
