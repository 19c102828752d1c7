//! The buffer alone, in virtual time.

use super::*;
use crate::timer::epoch;
use proptest::prelude::*;

/// Feeds packets and takes frames in the order of their times.
struct Line {
    start: Instant,
    buffer: JitterBuffer,
    /// Time of the next frame to be taken, in ms.
    clock: u64,
    frames: Vec<Frame>,
}

impl Line {
    fn new() -> Self {
        let start = epoch();
        Self { start, buffer: JitterBuffer::new(start), clock: 10, frames: Vec::new() }
    }

    fn run_to(&mut self, at_ms: u64) {
        while self.clock < at_ms {
            self.frames.push(self.buffer.pop(self.start + Duration::from_millis(self.clock)));
            self.clock += 20;
        }
    }

    /// A packet of `ms` milliseconds of the tone, the `number`th of its size, arriving at `at_ms`.
    fn packet(&mut self, at_ms: u64, number: i64, ms: i64) {
        let first = number * ms * 8;
        let pcm = (first..first + ms * 8).map(tone).collect();
        self.packet_of(at_ms, number, first as u32, pcm);
    }

    fn packet_of(&mut self, at_ms: u64, number: i64, timestamp: u32, pcm: Vec<i16>) {
        self.run_to(at_ms);
        // Timestamps wrap in the middle of every test.
        let timestamp = timestamp.wrapping_add(u32::MAX - 20_000);
        self.buffer.insert(self.start + Duration::from_millis(at_ms), number, timestamp, pcm);
    }

    fn sound(&self) -> Vec<i16> {
        self.frames.iter().flat_map(|frame| frame.0).collect()
    }

    /// The delay of the playout now, in ms.
    fn delay_ms(&self) -> i64 {
        self.buffer.smoothed_delay_us as i64 / 1_000
    }
}

/// 125 Hz: 64 samples a period, so that whole periods match.
fn tone(at: i64) -> i16 {
    (8_000.0 * (std::f32::consts::TAU * at as f32 / 64.0).sin()) as i16
}

/// Cuts the silence before the sound off.
fn from_start(sound: &[i16]) -> &[i16] {
    &sound[sound.iter().position(|sample| *sample != 0).unwrap_or(0).saturating_sub(1)..]
}

#[test]
fn packets_of_any_length_play_as_they_were() {
    for ms in [10, 20, 30, 40, 60] {
        let mut line = Line::new();
        for number in 0..3_000 / ms {
            line.packet((number * ms) as u64, number, ms);
        }
        let sound = line.sound();
        let played = from_start(&sound);
        assert!(played.len() > 22_000, "{ms} ms: {} samples", played.len());
        assert!((0..played.len()).all(|i| played[i] == tone(i as i64)), "{ms} ms");
        assert_eq!(line.buffer.counts, Counts::default(), "{ms} ms");
    }
}

#[test]
fn reordered_packets_play_in_order() {
    let mut line = Line::new();
    for number in 0..100_i64 {
        let swapped = number ^ 1;
        line.packet(number as u64 * 20, swapped, 20);
    }
    let sound = line.sound();
    let played = from_start(&sound);
    assert!((0..played.len()).all(|i| played[i] == tone(i as i64)));
    assert_eq!(line.buffer.counts, Counts::default());
}

#[test]
fn a_lost_packet_is_concealed_once_and_the_rest_keeps_its_place() {
    let mut line = Line::new();
    for number in (0..100).filter(|number| *number != 50) {
        line.packet(number as u64 * 20, number, 20);
    }
    let sound = line.sound();
    let played = from_start(&sound);
    let wrong =
        (0..played.len()).filter(|i| (i32::from(played[*i]) - i32::from(tone(*i as i64))).abs() > 1_700).count();
    assert_eq!(wrong, 0, "a tone is concealed up to its fade");
    assert_eq!(line.buffer.counts, Counts { concealed: 1, ..Counts::default() });
}

#[test]
fn a_packet_that_comes_while_it_is_concealed_is_still_played_and_the_delay_grows_at_once() {
    let mut line = Line::new();
    for number in 0..50 {
        line.packet(number as u64 * 20, number, 20);
    }
    let before = line.delay_ms();
    // All later packets take 70 ms longer.
    for number in 50..100 {
        line.packet(number as u64 * 20 + 70, number, 20);
    }
    assert_eq!(line.buffer.counts.late, 0);
    assert!((20..=70).contains(&(line.delay_ms() - before)), "{} after {before}", line.delay_ms());
    let numbers: Vec<i64> = line.buffer.played.windows(2).map(|pair| pair[1].start - pair[0].end).collect();
    assert!(numbers.iter().all(|gap| *gap == 0), "nothing was skipped: {numbers:?}");
}

#[test]
fn the_delay_shrinks_again_in_quiet_stretches() {
    let mut line = Line::new();
    // Two seconds with jitter up to 90 ms, then a quiet network; every other second is nearly silent.
    for number in 0..1_500_i64 {
        let late = if number < 100 { [0, 90, 40, 10, 60][number as usize % 5] } else { 0 };
        let quiet = number / 50 % 2 == 1;
        let pcm = (number * 160..number * 160 + 160).map(|at| if quiet { tone(at) / 400 } else { tone(at) }).collect();
        line.packet_of(number as u64 * 20 + late, number, number as u32 * 160, pcm);
        if number == 120 {
            assert!(line.delay_ms() >= 80, "{}", line.delay_ms());
        }
    }
    assert!(line.delay_ms() <= 50, "{}", line.delay_ms());
    assert!(line.buffer.counts.shortened >= 2);
}

#[test]
fn a_pause_of_the_sender_is_no_loss() {
    let mut line = Line::new();
    for number in 0..200_i64 {
        // After number 99 the sender is silent for two seconds; the numbers go on, the timestamps leap.
        let slot = if number < 100 { number } else { number + 100 };
        let pcm = (slot * 160..slot * 160 + 160).map(tone).collect();
        line.packet_of(slot as u64 * 20, number, slot as u32 * 160, pcm);
    }
    assert!(line.buffer.counts.concealed <= 3, "{:?}", line.buffer.counts);
    assert_eq!(line.buffer.counts.late, 0);
    assert!((20..=60).contains(&line.delay_ms()), "{}", line.delay_ms());
}

#[test]
fn a_leap_of_the_timestamps_is_bridged() {
    for leap in
        [1_000_000_u32, 1_000_000_u32.wrapping_neg(), 6_400, 4_000_u32.wrapping_neg(), 16_000_u32.wrapping_neg()]
    {
        let mut line = Line::new();
        for number in 0..400_i64 {
            let shift = if number < 200 { 0 } else { leap };
            let pcm = (number * 160..number * 160 + 160).map(tone).collect();
            line.packet_of(number as u64 * 20, number, (number as u32 * 160).wrapping_add(shift), pcm);
        }
        assert!(line.buffer.counts.late <= 10, "{leap}: {:?}", line.buffer.counts);
        assert!(line.buffer.counts.concealed <= 12, "{leap}: {:?}", line.buffer.counts);
        assert!((15..=225).contains(&line.delay_ms()), "{leap}: {}", line.delay_ms());
    }
}

#[test]
fn a_longer_way_deafens_only_for_a_moment() {
    let mut line = Line::new();
    for number in 0..400_i64 {
        line.packet(number as u64 * 20 + if number < 200 { 0 } else { 500 }, number, 20);
    }
    assert!(line.buffer.counts.late <= 10, "{:?}", line.buffer.counts);
}

#[test]
fn a_burst_after_a_stall_does_not_stay_as_delay() {
    let mut line = Line::new();
    for number in 0..400_i64 {
        let at = if (200..260).contains(&number) { 260 * 20 } else { number as u64 * 20 };
        line.packet(at, number, 20);
    }
    assert!(line.delay_ms() <= 250, "{}", line.delay_ms());
    assert!(line.buffer.queued_samples() as i64 <= MAX_QUEUED);
}

#[test]
fn clock_drift_is_followed() {
    for packet_us in [19_960_u64, 20_040] {
        let mut line = Line::new();
        for number in 0..6_000_i64 {
            let quiet = number / 40 % 3 == 2;
            let pcm = (number * 160..number * 160 + 160).map(|at| if quiet { 0 } else { tone(at) }).collect();
            line.packet_of(number as u64 * packet_us / 1_000, number, number as u32 * 160, pcm);
        }
        assert!((0..=90).contains(&line.delay_ms()), "{packet_us}: {}", line.delay_ms());
        assert!(line.buffer.counts.concealed < 20, "{packet_us}: {:?}", line.buffer.counts);
    }
}

#[test]
fn a_sender_that_never_pauses_and_runs_fast_loses_whole_periods() {
    let mut line = Line::new();
    // Half a percent: far more than any real clock, to fill the buffer soon.
    for number in 0..4_000_i64 {
        let pcm = (number * 160..number * 160 + 160).map(tone).collect();
        line.packet_of(number as u64 * 199 / 10, number, number as u32 * 160, pcm);
    }
    assert!(line.delay_ms() <= 250, "{}", line.delay_ms());
    assert!(line.buffer.counts.shortened >= 5, "{:?}", line.buffer.counts);
    let sound = line.sound();
    let largest_step = sound.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max().unwrap();
    assert!(largest_step <= 900, "a step of {largest_step}, where the tone itself has 785");
    assert_eq!((line.buffer.counts.late, line.buffer.counts.concealed), (0, 0));
}

#[test]
fn a_packet_that_is_far_too_late_does_not_delay_what_waits() {
    let mut line = Line::new();
    line.packet_of(0, 1, 50_000, vec![1_000; 160]);
    let before = line.buffer.play_at;
    line.packet_of(1, 0, 50_000 - 40_000, vec![1_000; 160]);
    assert_eq!((line.buffer.play_at, line.buffer.counts.late), (before, 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes, whenever: no panic, nothing is played twice or backwards, and what waits is bounded.
    #[test]
    fn order_and_bounds_hold(
        events in proptest::collection::vec((0_u64..80, -40_i64..40, -700_i32..700, 1_usize..600, 0_u8..40), 1..200)
    ) {
        let mut line = Line::new();
        let (mut at, mut sequence, mut timestamp) = (0, 1_000_i64, 50_000_u32);
        for (pause, step, leap, length, wild) in events {
            at += pause;
            sequence += if wild < 30 { 1 } else { step };
            let wild_leap = if wild == 39 { leap.wrapping_mul(3_000_000) } else { leap };
            timestamp = timestamp.wrapping_add(if wild < 30 { 160 } else { wild_leap as u32 });
            line.packet_of(at, sequence, timestamp, vec![1_000; length]);
            prop_assert!(line.buffer.queued_end().unwrap_or(0) - line.buffer.play_at.unwrap_or(0) <= MAX_QUEUED);
        }
        line.run_to(at + 1_000);
        prop_assert!(line.buffer.queue.is_empty());
        prop_assert!(line.buffer.played.is_sorted_by(|a, b| a.end <= b.start));
    }
}
