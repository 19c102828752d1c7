//! Where the shell reads the time, and waits for it; tests may stop tokio's clock.

use std::time::Instant;

/// Monotonic time now.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// Waits until then; for ever without a time.
pub(crate) async fn due(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
