//! Whole conversations in virtual time.

mod danger;
mod details;
pub(crate) mod driver;
mod person;
mod properties;
mod scripts;

use driver::Driver;
use expect_test::Expect;

/// Plays a call and compares what is told of it.
fn check(script: &str, expected: &Expect) -> Driver {
    Driver::default().check(script, expected)
}

/// The same, where somebody can be fetched for the caller.
fn check_escalating(script: &str, expected: &Expect) -> Driver {
    Driver::escalating().check(script, expected)
}
