//! Numbers as people say them.

use crate::phone::PhoneNumber;

/// The digits in what was said, joined: `two one two, double five five oh one four two` gives `2125550142`.
#[must_use]
pub fn spoken_digits(said: &str) -> String {
    unimplemented!("{said}")
}

/// Applies a correction such as "the last four are 0143" or a whole new number to the number that was read back. None when the words hold no
/// number that fits.
#[must_use]
pub fn correct_number(known: &PhoneNumber, said: &str, region: &str) -> Option<PhoneNumber> {
    unimplemented!("{known} {said} {region}")
}
