//! The one place where SIP reads the time; tests may stop tokio's clock.

use std::time::Instant;

/// Monotonic time now.
pub(super) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
