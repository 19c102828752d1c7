//! Queues in virtual time.

mod driver;
mod properties;
mod scripts;
