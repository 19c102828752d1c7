//! Callers' lines over babble, and alone.

use super::*;
use crate::media::FRAME_SAMPLES;
use crate::media::test_sounds::{files, folder, frames, read, voice};
use proptest::prelude::*;
use std::ops::Range;
use std::path::PathBuf;

/// Speech is this loud in the callers' lines.
const LINE_DBFS: f32 = -20.0;
/// Frames of a line from here on are voiced: consonants and the ends of words are softer. Below the other, they are silent.
const VOICED_DBFS: f32 = -36.0;
const SILENT_DBFS: f32 = -42.0;
const SECOND: usize = 50;

/// Even numbers below a bound, from a seed.
struct Random(u32);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as usize % bound
    }
}

/// What is heard in a call, and where its lines are, in frames.
struct Call {
    heard: Vec<f32>,
    lines: Vec<Range<usize>>,
    levels: Vec<f32>,
}

impl Call {
    /// Lines after so many frames of silence, with as many as a random number of this range between them.
    fn new(lines: &[Vec<i16>], before: usize, between: Range<usize>, random: &mut Random) -> Self {
        let mut call = Self { heard: Vec::new(), lines: Vec::new(), levels: Vec::new() };
        call.add(&vec![0; before * FRAME_SAMPLES]);
        for line in lines {
            let from = call.add(line);
            call.lines.push(from..call.levels.len());
            call.add(&vec![0; (between.start + random.below(between.len())) * FRAME_SAMPLES]);
        }
        call
    }

    fn add(&mut self, pcm: &[i16]) -> usize {
        let from = self.levels.len();
        for frame in frames(pcm) {
            self.heard.extend(frame.0.map(f32::from));
            self.levels.push(level_dbfs(&frame.0));
        }
        from
    }

    /// The same on a noise so many dB below speech.
    fn over(mut self, noise: &[i16], snr_db: f32) -> Self {
        let gain = 10_f32.powf((LINE_DBFS - snr_db - level_dbfs(noise)) / 20.0);
        for (sample, noise) in self.heard.iter_mut().zip(noise.iter().cycle()) {
            *sample += gain * f32::from(*noise);
        }
        self
    }

    fn louder(mut self, gain_db: f32) -> Self {
        self.heard.iter_mut().for_each(|sample| *sample *= 10_f32.powf(gain_db / 20.0));
        self
    }

    /// Whether each frame counts, by a detector's probabilities.
    fn weighed(&self, mut detector: impl FnMut(usize) -> f32) -> Vec<(f32, f32)> {
        let pcm: Vec<i16> = self.heard.iter().map(|sample| *sample as i16).collect();
        let mut background = Background::new();
        let weigh = |(n, frame)| (detector(n), background.weigh(&frame, detector(n)));
        frames(&pcm).enumerate().map(weigh).collect()
    }

    fn counted(&self, detector: impl FnMut(usize) -> f32) -> Vec<bool> {
        self.weighed(detector).iter().map(|(_, left)| *left >= SPEECH).collect()
    }

    fn is_voiced(&self, n: usize) -> bool {
        self.levels[n] > VOICED_DBFS
    }

    /// A line without the silence around it.
    fn speech(&self, line: &Range<usize>) -> Range<usize> {
        let audible = || line.clone().filter(|n| self.levels[*n] > SILENT_DBFS);
        audible().next().unwrap_or(line.start)..audible().next_back().map_or(line.end, |last| last + 1)
    }
}

/// How many frames' probabilities are not left as given.
fn altered(weighed: &[(f32, f32)]) -> usize {
    weighed.iter().filter(|(given, left)| left < given).count()
}

fn longest_run(frames: impl Iterator<Item = bool>) -> usize {
    let (mut longest, mut run) = (0, 0);
    for counts in frames {
        run = if counts { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

fn babble() -> Vec<i16> {
    read(&folder().join("noise/babble.wav"))
}

/// So many lines of a voice, or all.
fn lines(voice: &str, most: usize) -> Vec<Vec<i16>> {
    files(&folder().join(voice)).iter().take(most).map(|path| read(path)).collect()
}

/// What a voice says, no pause longer than 0.12 s.
fn breathless(name: &str) -> Vec<i16> {
    let (pcm, mut pause) = (voice(name), 0);
    let is_kept = |frame: &&[i16]| {
        pause = if level_dbfs(frame) < SILENT_DBFS { pause + 1 } else { 0 };
        pause <= 6
    };
    pcm.chunks_exact(FRAME_SAMPLES).filter(is_kept).flatten().copied().collect()
}

/// Every voice, its lines together; the first callers' lines are of one voice each file.
fn voices() -> Vec<Vec<Vec<i16>>> {
    let mut voices = Vec::new();
    let mut loose = Vec::new();
    let entries = std::fs::read_dir(folder()).expect("readable");
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    entries.sort();
    for path in entries.iter().filter(|path| !path.ends_with("noise") && !path.ends_with("sounds")) {
        if path.is_dir() {
            voices.push(files(path).iter().map(|path| read(path)).collect());
        } else {
            loose.push(read(path));
        }
    }
    voices.push(loose);
    voices
}

fn steady(_: usize) -> f32 {
    1.0
}

/// A detector's answers that miss one frame in ten.
fn flickering(n: usize) -> f32 {
    if Random(n as u32).below(10) == 0 { 0.2 } else { 1.0 }
}

const CALLERS: [&str; 7] = ["am_michael", "af_heart", "bm_george_75", "af_jessica", "bf_emma", "am_onyx", "hf_alpha"];

#[test]
fn babble_alone_never_counts_and_the_caller_over_it_does() {
    for (snr_db, enough, detector) in [
        (10.0, 0.85, steady as fn(usize) -> f32),
        (12.0, 0.90, steady),
        (15.0, 0.93, steady),
        (20.0, 0.95, steady),
        (12.0, 0.78, flickering),
        (20.0, 0.85, flickering),
    ] {
        let (mut voiced, mut counted_voiced) = (0, 0);
        for (seed, caller) in CALLERS.iter().enumerate() {
            let mut random = Random(seed as u32);
            let call = Call::new(&lines(caller, 8), 4 * SECOND, 3 * SECOND..5 * SECOND, &mut random);
            let mut noise = babble();
            let from = random.below(noise.len());
            noise.rotate_left(from);
            let call = call.over(&noise, snr_db);
            let counted = call.counted(detector);
            let shown = format!("{caller}, {snr_db} dB");
            let mut alone_from = 0;
            for line in &call.lines {
                let speech = call.speech(line);
                let alone = longest_run(counted[alone_from..speech.start].iter().copied());
                assert!(alone <= 12, "{shown}: babble counted for {} ms", alone * 20);
                let after = &counted[speech.end..speech.end + 3 * SECOND];
                let end = after.windows(30).position(|window| window.iter().all(|counts| !counts));
                assert!(end.is_some_and(|end| end <= 15), "{shown}: its end is heard after {end:?} frames");
                let left_out = longest_run(speech.clone().map(|n| call.is_voiced(n) && !counted[n]));
                assert!(snr_db < 12.0 || left_out <= 14, "{shown}: left out for {} ms", left_out * 20);
                voiced += speech.clone().filter(|n| call.is_voiced(*n)).count();
                counted_voiced += speech.clone().filter(|n| call.is_voiced(*n) && counted[*n]).count();
                alone_from = speech.end + 15;
            }
        }
        let share = counted_voiced as f32 / voiced as f32;
        assert!(share >= enough, "{snr_db} dB: {share}");
    }
}

/// So many callers over each other for 20 s.
fn crowd(count: usize, seed: u32) -> Vec<i16> {
    let (mut random, voices, mut sum) = (Random(seed), voices(), vec![0.0; 24 * SECOND * FRAME_SAMPLES]);
    for _ in 0..count {
        let mut at = random.below(SECOND * FRAME_SAMPLES);
        while at < sum.len() {
            let voice = &voices[random.below(voices.len())];
            let line = &voice[random.below(voice.len())];
            for (sum, sample) in sum[at..].iter_mut().zip(line) {
                *sum += f32::from(*sample) / count as f32;
            }
            at += line.len() + random.below(30 * FRAME_SAMPLES);
        }
    }
    sum[2 * SECOND * FRAME_SAMPLES..22 * SECOND * FRAME_SAMPLES].iter().map(|sample| *sample as i16).collect()
}

#[test]
fn other_crowds_do_not_stop_the_greeting() {
    for (seed, count) in (0..6).flat_map(|seed| [(seed, 7), (seed, 10)]) {
        let call = Call::new(&[], 20 * SECOND, 1..2, &mut Random(1)).over(&crowd(count, seed), 12.0);
        let longest = longest_run(call.counted(steady).into_iter());
        assert!(longest <= 12, "{count} voices, seed {seed}: counted for {} ms", longest * 20);
    }
}

#[test]
fn a_line_without_background_is_left_alone() {
    let mut random = Random(3);
    let hiss: Vec<i16> = (0..SECOND * FRAME_SAMPLES).map(|_| random.below(200) as i16 - 100).collect();
    for (number, voice) in voices().iter().enumerate() {
        for (gain_db, hiss_dbfs) in [(0.0, None), (-20.0, None), (0.0, Some(-50.0)), (-20.0, Some(-40.0))] {
            let call = Call::new(voice, 20, 15..60, &mut random);
            let call = if let Some(hiss_dbfs) = hiss_dbfs { call.over(&hiss, LINE_DBFS - hiss_dbfs) } else { call };
            let call = call.louder(gain_db);
            // A detector finds no speech in what is softer than the hiss.
            let mut said = vec![false; call.levels.len()];
            for line in &call.lines {
                let voiced = || line.clone().filter(|n| call.is_voiced(*n));
                said[voiced().next().unwrap_or(0)..voiced().next_back().unwrap_or(0)].fill(true);
            }
            let is_said = |n: usize| if said[n] { 1.0 } else { 0.0 };
            let weighed = call.weighed(is_said);
            assert_eq!(altered(&weighed), 0, "voice {number}, {gain_db} dB, hiss {hiss_dbfs:?}");
        }
    }
}

#[test]
fn whom_the_detector_notices_late_is_left_alone() {
    let (mut altered_calls, mut all) = (0, 0);
    for voice in voices() {
        for late in [8, 12, 16, 20] {
            let call = Call::new(&voice[..1], 2 * SECOND, 50..51, &mut Random(3));
            let said = call.speech(&call.lines[0]);
            let noticed = said.start + late..said.end;
            all += 1;
            altered_calls += usize::from(altered(&call.weighed(|n| if noticed.contains(&n) { 1.0 } else { 0.0 })) > 0);
        }
    }
    assert!(altered_calls * 50 <= all, "{altered_calls} of {all}");
}

#[test]
fn who_takes_no_breath_for_long_is_left_alone() {
    for caller in CALLERS {
        let call = Call::new(&[breathless(caller)], 20, 50..51, &mut Random(1));
        let weighed = call.weighed(|n| if n < 20 { 0.0 } else { 1.0 });
        assert_eq!(altered(&weighed), 0, "{caller}");
    }
}

#[test]
fn who_speaks_from_the_first_moment_on_is_heard_soon() {
    let (mut within, mut all) = (0, 0);
    for line in voices().iter().flatten() {
        let call = Call::new(std::slice::from_ref(line), 0, 150..151, &mut Random(1));
        let start = call.speech(&call.lines[0]).start * FRAME_SAMPLES;
        let pcm: Vec<i16> = call.heard[start..].iter().map(|sample| *sample as i16).collect();
        let mut background = Background::new();
        let mut is_free = |frame| {
            background.weigh(&frame, 1.0);
            background.known.is_none() && matches!(background.opening, Opening::Over)
        };
        let after = frames(&pcm).position(&mut is_free).expect("soon");
        all += 1;
        within += usize::from(after <= 2 * SECOND);
    }
    assert!(within * 10 >= all * 9, "{within} of {all}");
}

#[test]
fn babble_that_the_detector_takes_long_to_call_speech_is_known_at_once() {
    let call = Call::new(&[], 10 * SECOND, 1..2, &mut Random(1)).over(&babble(), 12.0);
    for late in [0, 8, 16, 25, 40, 220] {
        let counted = call.counted(|n| if n < late { 0.1 } else { 1.0 });
        let longest = longest_run(counted.into_iter());
        assert!(longest < 9, "late by {late}: counted for {} ms", longest * 20);
    }
}

#[test]
fn a_hello_into_a_quiet_line_is_heard_whole() {
    let hello = &lines("am_michael", 1)[0];
    for (before, hiss_db) in [(20, 60.0), (20, 30.0), (60, 30.0), (20, 20.0)] {
        let mut random = Random(5);
        let hiss: Vec<i16> = (0..8_000).map(|_| random.below(200) as i16 - 100).collect();
        let call = Call::new(std::slice::from_ref(hello), before, 50..51, &mut random).over(&hiss, hiss_db);
        let said = call.speech(&call.lines[0]);
        let weighed = call.weighed(|n| if said.contains(&n) { 1.0 } else { 0.0 });
        assert!(altered(&weighed) == 0, "{before} {hiss_db}");
    }
}

#[test]
fn when_the_background_is_gone_a_soft_caller_is_heard() {
    let line = &lines("af_heart", 2);
    let mut call = Call::new(&[], 5 * SECOND, 1..2, &mut Random(1)).over(&babble(), 10.0);
    let quiet = Call::new(line, SECOND, 50..51, &mut Random(1)).louder(-20.0);
    let from = call.levels.len();
    call.heard.extend(&quiet.heard);
    let counted = call.counted(|_| 1.0);
    assert!(counted[from + SECOND..].iter().all(|counts| *counts));
}

proptest! {
    #[test]
    fn nothing_is_made_speech_that_was_not(levels in prop::collection::vec((0_i16..=i16::MAX, 0.0_f32..=1.0), 1..800)) {
        let mut background = Background::new();
        for (level, speech) in levels {
            let left = background.weigh(&Frame([level; FRAME_SAMPLES]), speech);
            prop_assert!(left >= 0.0 && left <= speech, "{left} of {speech}");
            prop_assert!(background.known.as_ref().is_none_or(|known| known.level.is_finite()));
        }
    }
}
