//! How often a password may be tried: five times for nothing, then with waits that double up to a quarter of an hour, by name and by address.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::{Duration, Instant};

const FREE: u32 = 5;
const LONGEST_WAIT: Duration = Duration::from_mins(15);
/// After so long without a try all is forgotten.
const MEMORY: Duration = Duration::from_hours(1);
/// So many names and so many addresses are remembered.
const MOST: usize = 4_096;

/// Who tried how often. A try counts as it begins, and is taken back when the password was right, so that many at once gain nothing.
#[derive(Debug, Default)]
pub(super) struct Tries {
    names: Counts<String>,
    addresses: Counts<IpAddr>,
}

#[derive(Debug)]
struct Counts<K>(HashMap<K, Count>);

#[derive(Clone, Copy, Debug)]
struct Count {
    tries: u32,
    last: Instant,
}

impl Tries {
    /// A try begins.
    ///
    /// # Errors
    /// How long to wait; then the try doesn't count.
    pub(super) fn begin(&mut self, now: Instant, name: &str, address: IpAddr) -> Result<(), Duration> {
        let address = network_of(address);
        // The address first: whoever waits fills no memory with names.
        self.addresses.wait(now, &address)?;
        self.names.wait(now, &name.to_owned())?;
        self.addresses.add(now, address);
        self.names.add(now, name.to_owned());
        Ok(())
    }

    /// The password was right: the name is free again. The address only gets this try back, or an own account would buy it any number.
    pub(super) fn was_right(&mut self, name: &str, address: IpAddr) {
        self.names.0.remove(name);
        self.addresses.take_back(&network_of(address));
    }

    /// It never came to a look at the password.
    pub(super) fn take_back(&mut self, name: &str, address: IpAddr) {
        self.names.take_back(&name.to_owned());
        self.addresses.take_back(&network_of(address));
    }
}

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Clone + Eq + Hash> Counts<K> {
    fn wait(&self, now: Instant, key: &K) -> Result<(), Duration> {
        let Some(count) = self.0.get(key).filter(|count| !count.is_old(now)) else { return Ok(()) };
        let left = (count.last + count.wait()).saturating_duration_since(now);
        if left.is_zero() { Ok(()) } else { Err(left) }
    }

    fn add(&mut self, now: Instant, key: K) {
        if self.0.len() >= MOST && !self.0.contains_key(&key) {
            self.make_room(now);
        }
        let count = self.0.entry(key).or_insert(Count { tries: 0, last: now });
        let tries = if count.is_old(now) { 0 } else { count.tries };
        *count = Count { tries: tries.saturating_add(1), last: now };
    }

    fn take_back(&mut self, key: &K) {
        if let Some(count) = self.0.get_mut(key) {
            count.tries = count.tries.saturating_sub(1);
        }
    }

    fn make_room(&mut self, now: Instant) {
        self.0.retain(|_, count| !count.is_old(now));
        if self.0.len() < MOST {
            return;
        }
        let first = self.0.iter().min_by_key(|(_, count)| (count.tries, count.last)).map(|(key, _)| key.clone());
        if let Some(key) = first {
            self.0.remove(&key);
        }
    }
}

impl Count {
    fn wait(self) -> Duration {
        let Some(beyond) = self.tries.checked_sub(FREE) else { return Duration::ZERO };
        Duration::from_secs(1).saturating_mul(1 << beyond.min(20)).min(LONGEST_WAIT)
    }

    fn is_old(self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) >= MEMORY
    }
}

/// A customer has at least a /64 of IPv6 addresses.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() & !u128::from(u64::MAX)).into()),
        ip @ IpAddr::V4(_) => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Tries};
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    use std::time::{Duration, Instant};

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from(n))
    }

    #[expect(clippy::disallowed_methods, reason = "any instant will do to count from")]
    fn begin() -> Instant {
        Instant::now()
    }

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let (mut tries, mut now) = (Tries::default(), begin());
        let mut waits = Vec::new();
        for _ in 0..20 {
            if let Err(wait) = tries.begin(now, "dana", HERE) {
                waits.push(wait.as_secs());
                assert_eq!(tries.begin(now, "dana", HERE), Err(wait), "a refused try costs nothing");
                now += wait;
                tries.begin(now, "dana", HERE).expect("the wait is over");
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900]);
        now += Duration::from_hours(1);
        assert_eq!((0..5).filter(|_| tries.begin(now, "dana", HERE).is_ok()).count(), 5);
        assert!(tries.begin(now, "dana", HERE).is_err());
    }

    #[test]
    fn names_and_addresses_count_apart() {
        let (mut tries, now) = (Tries::default(), begin());
        for n in 0..5 {
            tries.begin(now, "dana", address(n)).expect("free");
            tries.begin(now, &format!("user {n}"), HERE).expect("free");
        }
        assert!(tries.begin(now, "dana", address(9)).is_err(), "from many addresses");
        assert!(tries.begin(now, "eli", HERE).is_err(), "many names");
        tries.begin(now, "eli", address(9)).expect("another one");
    }

    #[test]
    fn a_right_password_frees_the_name_but_not_the_address() {
        let (mut tries, now) = (Tries::default(), begin());
        for n in 0..4 {
            tries.begin(now, &format!("user {n}"), HERE).expect("free");
        }
        for n in 0..5 {
            tries.begin(now, "dana", address(n)).expect("free");
        }
        tries.begin(now, "mallory", HERE).expect("the fifth");
        tries.was_right("mallory", HERE);
        tries.begin(now, "eve", HERE).expect("the fifth, still");
        assert!(tries.begin(now, "eve", HERE).is_err());
        assert!(tries.begin(now, "dana", address(9)).is_err());
        tries.was_right("dana", address(9));
        tries.begin(now, "dana", address(9)).expect("free again");
    }

    #[test]
    fn all_addresses_of_a_network_are_one() {
        let (mut tries, now) = (Tries::default(), begin());
        let of = |net: u16, host: u16| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, net, 0, 0, 0, host));
        for n in 0..5 {
            tries.begin(now, &format!("user {n}"), of(1, n)).expect("free");
        }
        assert!(tries.begin(now, "dana", of(1, 77)).is_err());
        tries.begin(now, "dana", of(2, 77)).expect("another network");
    }

    #[test]
    fn memory_is_bounded_and_keeps_the_worst() {
        let (mut tries, now) = (Tries::default(), begin());
        for n in 0..5 {
            tries.begin(now, "dana", address(n)).expect("free");
        }
        for n in 0..10_000 {
            tries.begin(now, &format!("user {n}"), address(100 + n)).expect("free");
        }
        assert_eq!((tries.names.0.len(), tries.addresses.0.len()), (MOST, MOST));
        assert!(tries.begin(now, "dana", address(99)).is_err());
    }
}
