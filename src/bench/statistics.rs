//! Ranks and intervals. What is drawn at random comes from a seed, so that the same report gives the same interval.

use std::collections::BTreeMap;

/// A bootstrap interval leaves out so much at either end: 95 % lie within.
const TAIL: f64 = 0.025;
/// How often a bootstrap draws anew.
const RESAMPLES: usize = 2_000;
/// The normal distribution's 97.5 % point.
const Z: f64 = 1.959_964;

/// A value between two others, which it may touch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// Whether zero lies outside.
    #[must_use]
    pub fn excludes_zero(self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// The value below or at which `share` (0 to 1) of the values lie, by nearest rank; none of none.
#[must_use]
pub fn rank(values: &[f64], share: f64) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(((values.len() as f64 * share).ceil() as usize).saturating_sub(1)).copied()
}

/// The 95 % interval of a share (E. B. Wilson, 1927): honest for few cases and for shares near 0 and 1.
#[must_use]
pub fn wilson(hits: usize, of: usize) -> Interval {
    if of == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let (n, share) = (of as f64, hits as f64 / of as f64);
    let scale = 1.0 + Z * Z / n;
    let middle = (share + Z * Z / (2.0 * n)) / scale;
    let half = Z / scale * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    // At the ends the formula's rounding must not leave a trace.
    let low = if hits == 0 { 0.0 } else { (middle - half).max(0.0) };
    let high = if hits == of { 1.0 } else { (middle + half).min(1.0) };
    Interval { low, high }
}

/// The 95 % interval of what `measure` makes of the items (B. Efron, 1979): they are drawn with replacement, 2,000 times, those of one cluster
/// together, since the steps of one call or the lines of one voice are not independent. `measure` is given the numbers of the items drawn. None
/// when there are fewer than two clusters or `measure` makes nothing of them.
#[must_use]
pub fn bootstrap(clusters: &[Vec<usize>], seed: u64, measure: &dyn Fn(&[usize]) -> Option<f64>) -> Option<Interval> {
    if clusters.len() < 2 {
        return None;
    }
    let mut random = Random(seed);
    let mut draw = Vec::new();
    let mut results = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        draw.clear();
        for _ in 0..clusters.len() {
            draw.extend_from_slice(&clusters[random.below(clusters.len())]);
        }
        results.extend(measure(&draw));
    }
    Some(Interval { low: rank(&results, TAIL)?, high: rank(&results, 1.0 - TAIL)? })
}

/// Items by their names' part before the first `/`: `burst_pipe/3` and `burst_pipe/4` are steps of one caller.
#[must_use]
pub fn clusters<'a>(items: impl Iterator<Item = &'a str>) -> Vec<Vec<usize>> {
    let mut clusters: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, item) in items.enumerate() {
        clusters.entry(item.split('/').next().unwrap_or(item)).or_default().push(index);
    }
    clusters.into_values().collect()
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014): small, and the same on every machine.
#[derive(Clone, Debug)]
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// At least 0, below `limit`.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }

    /// At least 0, below 1.
    pub(super) fn share(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u32 << 24) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(count: usize) -> Vec<Vec<usize>> {
        (0..count).map(|n| vec![n]).collect()
    }

    #[test]
    fn ranks_are_values_that_occurred() {
        let values = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!((rank(&values, 0.5), rank(&values, 0.95), rank(&values, 0.0)), (Some(3.0), Some(5.0), Some(1.0)));
        assert_eq!((rank(&[1.0, 2.0], 0.5), rank(&[], 0.5)), (Some(1.0), None));
    }

    #[test]
    fn shares_have_wilson_intervals() {
        // By hand, and as R's prop.test(correct = FALSE) gives them.
        for ((hits, of), (low, high)) in
            [((8, 10), (0.4902, 0.9433)), ((0, 10), (0.0, 0.2775)), ((10, 10), (0.7225, 1.0)), ((0, 0), (0.0, 1.0))]
        {
            let found = wilson(hits, of);
            assert!((found.low - low).abs() < 1e-4 && (found.high - high).abs() < 1e-4, "{hits}/{of}: {found:?}");
        }
    }

    #[test]
    fn a_bootstrap_covers_the_mean_about_as_often_as_it_says() {
        let mut random = Random(3);
        let mut covered = 0;
        for trial in 0..200 {
            let values: Vec<f64> = (0..40).map(|_| f64::from(random.share())).collect();
            let mean = |draw: &[usize]| Some(draw.iter().map(|&n| values[n]).sum::<f64>() / draw.len() as f64);
            let interval = bootstrap(&alone(values.len()), trial, &mean).expect("forty values");
            covered += u32::from(interval.low <= 0.5 && 0.5 <= interval.high);
        }
        assert!((180..=199).contains(&covered), "{covered} of 200");
    }

    #[test]
    fn the_seed_decides_and_too_few_items_give_nothing() {
        let first = |draw: &[usize]| Some(draw[0] as f64);
        assert_eq!(bootstrap(&alone(9), 5, &first), bootstrap(&alone(9), 5, &first));
        assert_eq!(bootstrap(&alone(1), 5, &first), None);
        assert_eq!(bootstrap(&alone(9), 5, &|_| None), None);
    }

    #[test]
    fn what_belongs_together_is_drawn_together() {
        let found = clusters(["dana/1", "lee/1", "dana/2", "alone"].into_iter());
        assert_eq!(found, [vec![3], vec![0, 2], vec![1]]);
        // Ten copies of two values are no twenty values: the interval must not be narrower for them.
        let values = [0.0, 1.0];
        let copied: Vec<Vec<usize>> = vec![(0..10).collect(), (10..20).collect()];
        let mean = |draw: &[usize]| Some(draw.iter().map(|&n| values[n / 10]).sum::<f64>() / draw.len() as f64);
        assert_eq!(bootstrap(&copied, 1, &mean), Some(Interval { low: 0.0, high: 1.0 }));
    }
}
