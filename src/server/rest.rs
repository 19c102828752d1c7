//! Threads that rest for a moment before they wait for packets, while many calls are relayed: one look then finds the packets of many calls.
//!
//! Waking an idle processor for each packet costs several times what passing it on does. With few calls nobody rests, and nothing is later.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Calls relayed now, of all services in the process.
static RELAYED: AtomicUsize = AtomicUsize::new(0);
/// From so many on, packets come faster than the processors can fall asleep in between.
const MANY: usize = 20;
/// A twentieth of a packet's time.
const REST: Duration = Duration::from_millis(1);

/// The threads that a service runs on.
///
/// # Errors
/// When the system gives none.
pub fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().on_thread_park(rest).build()
}

#[expect(clippy::disallowed_methods, reason = "a thread that has nothing to do rests; no task waits by it")]
fn rest() {
    if RELAYED.load(Ordering::Relaxed) >= MANY {
        std::thread::sleep(REST);
    }
}

/// A call whose packets are passed on, while this value lives.
pub(super) struct Relayed(());

impl Relayed {
    pub(super) fn begin() -> Self {
        RELAYED.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Relayed {
    fn drop(&mut self) {
        RELAYED.fetch_sub(1, Ordering::Relaxed);
    }
}
