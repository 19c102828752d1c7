//! The one place where the service reads the time.

use std::time::Instant;

/// Monotonic time now.
#[expect(clippy::disallowed_methods, reason = "the shell reads the clock here and hands it on as an argument")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Wall time now.
pub(crate) fn wall() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
