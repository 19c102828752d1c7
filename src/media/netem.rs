//! A bad network in virtual time: loses, delays, reorders and repeats datagrams by a seed. For tests and for `backstop call --loss --jitter`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How bad the network is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NetemConfig {
    /// Share of datagrams lost, 0 to 1.
    pub loss: f32,
    /// Probability, 0 to 1, that the datagram after a lost one is lost too; with 0, losses are independent.
    pub burst: f32,
    /// Every datagram takes at least so long.
    pub delay: Duration,
    /// And up to so much longer, evenly spread.
    pub jitter: Duration,
    /// Share of datagrams delivered twice, 0 to 1.
    pub duplicate: f32,
    /// Share of datagrams that may overtake others, 0 to 1; the others keep their order.
    pub reorder: f32,
}

/// One direction of a bad network.
#[derive(Debug)]
pub struct Netem {
    config: NetemConfig,
    random: SplitMix64,
    /// By due time and order of arrival.
    under_way: BTreeMap<(Instant, u64), Vec<u8>>,
    counter: u64,
    last_due: Option<Instant>,
    lost_before: bool,
}

impl Netem {
    /// The same seed and the same pushes give the same network.
    #[must_use]
    pub fn new(seed: u64, config: NetemConfig) -> Self {
        Self {
            config,
            random: SplitMix64(seed),
            under_way: BTreeMap::new(),
            counter: 0,
            last_due: None,
            lost_before: false,
        }
    }

    /// Takes a datagram in.
    pub fn push(&mut self, now: Instant, datagram: Vec<u8>) {
        let loss = if self.lost_before { self.config.loss.max(self.config.burst) } else { self.config.loss };
        self.lost_before = self.random.chance(loss);
        if self.lost_before {
            return;
        }
        if self.random.chance(self.config.duplicate) {
            self.deliver(now, datagram.clone());
        }
        self.deliver(now, datagram);
    }

    /// The next datagram that is due.
    pub fn pop(&mut self, now: Instant) -> Option<Vec<u8>> {
        let entry = self.under_way.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(entry.remove())
    }

    /// When the next datagram is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.under_way.keys().next().map(|(due, _)| *due)
    }

    fn deliver(&mut self, now: Instant, datagram: Vec<u8>) {
        let mut due = now + self.config.delay + self.config.jitter.mul_f32(self.random.share());
        if !self.random.chance(self.config.reorder) {
            due = self.last_due.map_or(due, |last| due.max(last));
        }
        self.last_due = self.last_due.max(Some(due));
        self.under_way.insert((due, self.counter), datagram);
        self.counter += 1;
    }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014): small, and the same on every machine.
#[derive(Debug)]
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// At least 0, below 1.
    fn share(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u32 << 24) as f32
    }

    fn chance(&mut self, probability: f32) -> bool {
        self.share() < probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timer::epoch;

    /// Sends 2,000 numbered datagrams, 20 ms apart, and gives what arrives, with each one's time under way.
    fn run(seed: u64, config: NetemConfig) -> Vec<(u32, Duration)> {
        let start = epoch();
        let sent_at = |number: u32| start + Duration::from_millis(20) * number;
        let mut netem = Netem::new(seed, config);
        for number in 0..2_000 {
            netem.push(sent_at(number), number.to_be_bytes().to_vec());
        }
        let mut arrived = Vec::new();
        while let Some(due) = netem.poll_timeout() {
            assert_eq!(due.checked_sub(Duration::from_nanos(1)).and_then(|early| netem.pop(early)), None);
            let number = u32::from_be_bytes(netem.pop(due).unwrap().try_into().unwrap());
            arrived.push((number, due - sent_at(number)));
        }
        arrived
    }

    const JITTERY: NetemConfig = NetemConfig {
        loss: 0.05,
        burst: 0.0,
        delay: Duration::from_millis(30),
        jitter: Duration::from_millis(60),
        duplicate: 0.0,
        reorder: 0.0,
    };

    #[test]
    fn a_perfect_network_changes_nothing() {
        let arrived = run(1, NetemConfig::default());
        assert_eq!(arrived.len(), 2_000);
        assert!(arrived.iter().all(|(_, delay)| delay.is_zero()));
    }

    #[test]
    fn loses_and_delays_as_told_and_keeps_the_order() {
        let arrived = run(1, JITTERY);
        assert!((1_860..1_940).contains(&arrived.len()), "{}", arrived.len());
        assert!(arrived.is_sorted_by_key(|(number, _)| *number));
        let delays = || arrived.iter().map(|(_, delay)| *delay);
        assert!(delays().min().unwrap() < Duration::from_millis(33));
        assert!(delays().max().unwrap() > Duration::from_millis(85));
        assert!(delays().max().unwrap() <= Duration::from_millis(90));
    }

    #[test]
    fn reorders_repeats_and_loses_in_bursts_when_told() {
        let arrived = run(1, NetemConfig { reorder: 1.0, ..JITTERY });
        assert!(!arrived.is_sorted_by_key(|(number, _)| *number));
        let repeated = run(1, NetemConfig { duplicate: 0.5, ..NetemConfig::default() });
        assert!((2_900..3_100).contains(&repeated.len()), "{}", repeated.len());
        let bursty = run(1, NetemConfig { burst: 0.8, ..JITTERY });
        assert!(bursty.len() < 1_750, "{}", bursty.len());
    }

    #[test]
    fn the_seed_alone_decides() {
        assert_eq!(run(7, JITTERY), run(7, JITTERY));
        assert_ne!(run(7, JITTERY), run(8, JITTERY));
    }
}
