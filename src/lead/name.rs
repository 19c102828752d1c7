//! Names, said and spelled.

/// The name that was spelled, if letters were: `S H A Y N E`, `W-H-I-T-F-I-E-L-D`, `M as in Mary`, `double t`.
#[must_use]
pub fn spelled_name(said: &str) -> Option<String> {
    unimplemented!("{said}")
}

/// The caller's name, first and last, when the words give one; a spelling corrects the part it resembles.
#[must_use]
pub fn name_from(said: &str) -> Option<String> {
    unimplemented!("{said}")
}
