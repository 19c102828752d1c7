//! The beat of a call, 20 ms, and what goes before it: what happened is heard before time is, however late the task comes.
//!
//! A task that was kept waiting catches up beat by beat, so that what it sends stays in step with the clock. Beyond [`CATCH_UP`] it
//! leaves beats out, because a task that is always late would do nothing else.
//!
//! A call whose packets are passed on as they come needs no beat for its sound: five in one ([`Pace::set_slow`]) do for all else.

use crate::media::FRAME_DURATION;
use std::time::{Duration, Instant};
use tokio::time::Interval;

/// What jitter buffers of telephones make up for.
const CATCH_UP: Duration = Duration::from_millis(200);

/// The beat of a call without sound of its own.
const SLOW: Duration = Duration::from_millis(100);

/// What comes next in a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beat<T> {
    /// Something happened; `None` once: nothing will any more.
    Event(Option<T>),
    /// 20 ms are over, after so many beats that were left out.
    Tick {
        /// Beats of 20 ms that nobody did anything in.
        missed: u32,
    },
}

/// A beat every 20 ms.
pub(super) struct Pace {
    ticks: Interval,
    is_slow: bool,
    is_over: bool,
}

impl Pace {
    /// The first beat is at `start`.
    pub(super) fn new(start: Instant) -> Self {
        Self { ticks: tokio::time::interval_at(start.into(), FRAME_DURATION), is_slow: false, is_over: false }
    }

    /// From the next beat on, one every 100 ms; or again one every 20 ms, from now on.
    pub(super) fn set_slow(&mut self, is_slow: bool) {
        if std::mem::replace(&mut self.is_slow, is_slow) && !is_slow {
            self.ticks.reset_immediately();
        }
    }

    /// The next beat, or what `event` gives: it is made anew each time, so it must not lose anything when it is dropped, as this does not.
    pub(super) async fn next<T>(&mut self, event: impl Future<Output = Option<T>>) -> Beat<T> {
        tokio::select! {
            biased;
            event = event, if !self.is_over => {
                self.is_over = event.is_none();
                Beat::Event(event)
            }
            due = self.ticks.tick() => {
                let missed = left_out(due.elapsed());
                if self.is_slow {
                    self.ticks.reset_after(SLOW);
                } else if missed > 0 {
                    self.ticks.reset();
                }
                Beat::Tick { missed }
            }
        }
    }
}

/// The beats to be left out by who is so late.
fn left_out(late: Duration) -> u32 {
    let beats = late.as_millis() / FRAME_DURATION.as_millis();
    if late > CATCH_UP { u32::try_from(beats).unwrap_or(u32::MAX) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::{Beat, Pace, left_out};
    use crate::server::clock;
    use std::time::Duration;
    use tokio::sync::mpsc;

    #[tokio::test]
    async fn a_hang_up_is_heard_before_the_time_that_passed_since() {
        // A task that was kept from running for seconds, during which the caller hung up.
        let starved = clock::now().checked_sub(Duration::from_secs(5)).expect("the machine is older than that");
        let mut pace = Pace::new(starved);
        let (told, mut events) = mpsc::channel(1);
        told.try_send("BYE").expect("room");
        drop(told);
        assert_eq!(pace.next(events.recv()).await, Beat::Event(Some("BYE")));
        // That nothing will come any more is told once, and the call goes on to its end.
        assert_eq!(pace.next(events.recv()).await, Beat::Event(None));
        let Beat::Tick { missed } = pace.next(events.recv()).await else { panic!("no beat") };
        assert!(missed >= 250, "{missed}");
        // There is no backlog that would keep everything else waiting.
        assert!(matches!(pace.next(events.recv()).await, Beat::Tick { missed } if missed < 250));
    }

    #[tokio::test]
    async fn a_slow_beat_comes_five_times_as_seldom() {
        let (_told, mut events) = mpsc::channel::<()>(1);
        let begun = clock::now();
        let mut pace = Pace::new(begun);
        pace.set_slow(true);
        for least in [0, 100, 200] {
            assert_eq!(pace.next(events.recv()).await, Beat::Tick { missed: 0 });
            // Timers have a grain of a millisecond.
            assert!(begun.elapsed() + Duration::from_millis(2) >= Duration::from_millis(least), "{least}");
        }
    }

    #[test]
    fn a_short_delay_is_made_up_for_and_a_long_one_left_out() {
        let late = [0, 20, 200, 201, 400, 5_000].map(Duration::from_millis);
        assert_eq!(late.map(left_out), [0, 0, 0, 10, 20, 250]);
    }
}
