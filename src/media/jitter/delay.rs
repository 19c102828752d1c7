//! How much delay the network asks for: a forgetting histogram of each packet's lateness against the quickest of late.

use super::MAX_DELAY_US;

/// Width of one bucket.
const BUCKET_US: i64 = 5_000;
const BUCKETS: usize = 60;
/// Weight kept from one packet to the next: half is forgotten within two seconds.
const MEMORY: f32 = 0.993;
/// The delay suffices for so many of the packets.
const QUANTILE: f32 = 0.97;
/// Before anything is known.
const FIRST_TARGET_US: i64 = 40_000;
const MIN_TARGET_US: i64 = 20_000;
/// The quickest packet is sought among those of the last four to eight seconds, so that clock drift and route changes are followed.
const WINDOW_US: i64 = 4_000_000;

/// Learns the target delay. All times are in microseconds; transits have an arbitrary zero.
#[derive(Debug)]
pub(super) struct DelayEstimate {
    histogram: [f32; BUCKETS],
    window_start: i64,
    quickest: Option<i64>,
    quickest_before: Option<i64>,
}

impl DelayEstimate {
    pub(super) fn new() -> Self {
        let mut histogram = [0.0; BUCKETS];
        histogram[(FIRST_TARGET_US / BUCKET_US) as usize - 1] = 1.0;
        Self { histogram, window_start: 0, quickest: None, quickest_before: None }
    }

    /// Takes in a packet that arrived at `arrival` and whose first sample has the time `sample_time`.
    pub(super) fn observe(&mut self, arrival: i64, sample_time: i64) {
        let transit = arrival - sample_time;
        if arrival - self.window_start > WINDOW_US {
            self.quickest_before = self.quickest.take();
            self.window_start = arrival;
        }
        self.quickest = Some(self.quickest.map_or(transit, |quickest| quickest.min(transit)));
        let lateness = transit - self.base();
        let bucket = ((lateness / BUCKET_US) as usize).min(BUCKETS - 1);
        self.histogram.iter_mut().for_each(|weight| *weight *= MEMORY);
        self.histogram[bucket] += 1.0 - MEMORY;
    }

    /// The transit of the quickest packet.
    pub(super) fn base(&self) -> i64 {
        self.quickest.into_iter().chain(self.quickest_before).min().unwrap_or(0)
    }

    /// Another timeline: its transits can't be compared with those before; its jitter is likely the same.
    pub(super) fn restart(&mut self) {
        self.quickest = None;
        self.quickest_before = None;
    }

    /// The delay, counted from the quickest packet, at which nearly all packets are in time.
    pub(super) fn target(&self) -> i64 {
        let total: f32 = self.histogram.iter().sum();
        let mut sum = 0.0;
        let bucket = self.histogram.iter().position(|weight| {
            sum += weight;
            sum >= QUANTILE * total
        });
        ((bucket.unwrap_or(BUCKETS) as i64 + 1) * BUCKET_US).clamp(MIN_TARGET_US, MAX_DELAY_US)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds packets of 20 ms with the given lateness in ms, cyclically, and gives the target in ms.
    fn target(estimate: &mut DelayEstimate, from: i64, packets: i64, lateness: &[i64]) -> i64 {
        for packet in from..from + packets {
            let late = lateness[packet as usize % lateness.len()] * 1_000;
            estimate.observe(packet * 20_000 + late, packet * 20_000);
        }
        estimate.target() / 1_000
    }

    #[test]
    fn follows_the_network() {
        let mut estimate = DelayEstimate::new();
        assert_eq!(estimate.target(), FIRST_TARGET_US);
        assert_eq!(target(&mut estimate, 0, 1_000, &[0, 1, 2]), 20, "a quiet network");
        assert_eq!(target(&mut estimate, 1_000, 1_000, &[0, 20, 60, 40, 5]), 65, "jitter of 60 ms");
        assert_eq!(target(&mut estimate, 2_000, 1_000, &[0, 400]), 200, "never more than 200 ms");
        assert_eq!(target(&mut estimate, 3_000, 1_500, &[0]), 20, "forgotten");
        assert_eq!(target(&mut estimate, 4_500, 1_500, &[100]), 20, "a longer way is not jitter");
    }

    #[test]
    fn growth_is_quick() {
        let mut estimate = DelayEstimate::new();
        target(&mut estimate, 0, 1_000, &[0]);
        assert!(target(&mut estimate, 1_000, 10, &[80]) >= 80, "within 200 ms");
    }
}
