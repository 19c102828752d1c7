//! The network's tones, made as the standards say, and sounds that are none.

use super::*;
use crate::media::level_dbfs;
use crate::media::test_sounds::{files, folder, frames, read, through_line};
use proptest::prelude::*;

/// Tones of so many milliseconds: frequencies in hertz, none for a pause.
fn sound(parts: &[(&[f32], usize)], level: f32) -> Vec<f32> {
    let part = |(hertz, ms): &(&[f32], usize)| -> Vec<f32> {
        let at = |n: usize, hertz: f32| (n as f32 * hertz / SAMPLE_RATE as f32 * TAU).sin();
        (0..ms * 8).map(|n| level * hertz.iter().map(|hertz| at(n, *hertz)).sum::<f32>()).collect()
    };
    parts.iter().flat_map(part).collect()
}

fn with_noise(mut pcm: Vec<f32>, peak: f32) -> Vec<f32> {
    let mut seed = 7_u32;
    for sample in &mut pcm {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *sample += (f32::from((seed >> 16) as u16) / 32_768.0 - 1.0) * peak;
    }
    pcm
}

/// What was told, with the second in which it was, and for each frame whether it was a tone.
fn listen(pcm: &[i16]) -> (Vec<(LineSound, f32)>, Vec<bool>) {
    let (mut tones, mut told) = (Tones::new(), Vec::new());
    let tone = |(at, frame): (usize, Frame)| {
        let is_tone = tones.heard(&frame);
        told.extend(tones.poll().map(|sound| (sound, at as f32 * 0.02)));
        is_tone
    };
    let is_tone = frames(pcm).enumerate().map(tone).collect();
    (told, is_tone)
}

fn first(pcm: &[f32]) -> Option<(LineSound, f32)> {
    listen(&through_line(pcm)).0.first().copied()
}

/// A part of a test's sound.
type Part = (&'static [f32], usize);

const CNG: [Part; 2] = [(&[1_100.0], 500), (&[], 3_000)];
const BUSY: [Part; 2] = [(&[480.0, 620.0], 500), (&[], 500)];
const REORDER: [Part; 2] = [(&[480.0, 620.0], 250), (&[], 250)];
const EUROPEAN_BUSY: [Part; 2] = [(&[425.0], 480), (&[], 480)];
const RINGING: [Part; 2] = [(&[440.0, 480.0], 2_000), (&[], 4_000)];
const EUROPEAN_RINGING: [Part; 2] = [(&[425.0], 1_000), (&[], 4_000)];
const SIT: [Part; 4] = [(&[913.8], 274), (&[1_370.6], 274), (&[1_776.7], 380), (&[], 1_000)];
const LONG_SIT: [Part; 4] = [(&[985.2], 380), (&[1_428.5], 380), (&[1_776.7], 380), (&[], 1_000)];
const FALLING: [Part; 4] = [(&[1_776.7], 330), (&[1_370.6], 330), (&[913.8], 330), (&[], 1_000)];
const KEYS: [Part; 4] = [(&[697.0, 1_209.0], 100), (&[], 100), (&[941.0, 1_336.0], 100), (&[], 100)];
const BEEP: [Part; 2] = [(&[1_000.0], 500), (&[], 2_000)];

#[test]
fn each_tone_says_what_it_means_in_its_time() {
    use LineSound::{Dead, Fax};
    for (what, parts, times, expected) in [
        ("fax calling", &CNG[..], 3, Some((Fax, 4.0))),
        ("one burst of it", &CNG[..], 1, None),
        ("fax answer", &[(&[2_100.0][..], 2_600)][..], 1, Some((Fax, 1.0))),
        ("busy", &BUSY[..], 5, Some((Dead, 2.7))),
        ("two cycles of it", &BUSY[..], 2, None),
        ("reorder", &REORDER[..], 6, Some((Dead, 1.4))),
        ("European busy", &EUROPEAN_BUSY[..], 5, Some((Dead, 2.6))),
        ("dial", &[(&[350.0, 440.0][..], 6_000)][..], 1, Some((Dead, 4.0))),
        ("European dial", &[(&[425.0][..], 6_000)][..], 1, Some((Dead, 4.0))),
        ("not long enough", &[(&[350.0, 440.0][..], 3_500)][..], 1, None),
        ("information", &SIT[..], 1, Some((Dead, 1.0))),
        ("longer information", &LONG_SIT[..], 1, Some((Dead, 1.2))),
        ("falling", &FALLING[..], 2, None),
        ("ringing", &RINGING[..], 3, None),
        ("European ringing", &EUROPEAN_RINGING[..], 5, None),
        ("a beep", &BEEP[..], 4, None),
    ] {
        for (level, noise) in [(8_000.0, 2.0), (1_000.0, 100.0), (250.0, 5.0)] {
            let pcm = with_noise(sound(&parts.repeat(times), level), noise);
            match (first(&pcm), expected) {
                (None, None) => {}
                (Some((sound, at)), Some((expected, by))) => {
                    assert_eq!(sound, expected, "{what}, {level}");
                    assert!((at - by).abs() < 0.15, "{what}, {level}: after {at} s, not {by}");
                }
                (found, _) => panic!("{what}, {level}: {found:?}, not {expected:?}"),
            }
        }
    }
}

#[test]
fn a_tone_is_a_tone_from_its_third_frame_to_its_end() {
    for parts in [&BEEP[..], &CNG, &BUSY, &RINGING, &EUROPEAN_BUSY, &SIT] {
        let pcm = through_line(&with_noise(sound(parts, 3_000.0), 20.0));
        let (_, tones) = listen(&pcm);
        let loud = pcm.chunks_exact(FRAME_SAMPLES).filter(|frame| level_dbfs(frame) > -40.0).count();
        let tones = tones.iter().filter(|it| **it).count();
        let starts = parts.iter().filter(|(hertz, _)| !hertz.is_empty()).count();
        assert!(tones <= loud && tones + 4 * starts >= loud, "{parts:?}: {tones} of {loud}");
    }
}

#[test]
fn lost_packets_hide_no_fax() {
    let pcm = through_line(&sound(&CNG.repeat(3), 3_000.0));
    for every in [7, 11, 19] {
        let lossy: Vec<i16> = frames(&pcm)
            .enumerate()
            .flat_map(|(at, frame)| if at % every == 5 { Frame::SILENCE.0 } else { frame.0 })
            .collect();
        let told = listen(&lossy).0.first().map(|(sound, _)| *sound);
        assert_eq!(told, Some(LineSound::Fax), "every {every}th frame lost");
    }
}

#[test]
fn no_callers_line_and_no_noise_says_anything() {
    let fax = folder().join("sounds/fax_calling_tone.wav");
    let (mut all, mut tones) = (0, 0);
    for path in files(&folder()).iter().filter(|path| **path != fax) {
        let (told, is_tone) = listen(&read(path));
        assert!(told.is_empty(), "{}: {told:?}", path.display());
        if path.parent() != fax.parent() {
            let found = is_tone.iter().filter(|it| **it).count();
            assert!(found <= 2, "{}: {found} frames of speech are called a tone", path.display());
            (all, tones) = (all + is_tone.len(), tones + found);
        }
    }
    assert!(all > 50_000, "the sounds were not found");
    assert!(tones * 1_000 < all, "{tones} of {all} frames of speech are called a tone");
}

#[test]
fn the_fixture_of_a_fax_is_one() {
    let once = read(&folder().join("sounds/fax_calling_tone.wav"));
    let (told, _) = listen(&once.repeat(4));
    assert_eq!(told.iter().map(|(sound, _)| *sound).collect::<Vec<_>>(), [LineSound::Fax; 2], "once for two bursts");
}

#[test]
fn keys_and_whistling_say_nothing() {
    assert_eq!(first(&sound(&KEYS.repeat(10), 3_000.0)), None);
    // Up and down between 900 and 1,900 Hz, as one whistles "hello".
    let mut phase = 0.0;
    let glide = |n: usize| {
        phase += TAU * (1_400.0 + 500.0 * (n as f32 * 0.000_8).sin()) / SAMPLE_RATE as f32;
        4_000.0 * phase.sin()
    };
    assert_eq!(first(&(0..40_000).map(glide).collect::<Vec<_>>()), None);
}

proptest! {
    #[test]
    fn a_single_tone_is_told_by_its_frequency(hertz in 320.0_f32..3_300.0, level in 200.0_f32..12_000.0, from in 0_usize..400) {
        let wave: Wave = std::array::from_fn(|n| level * ((n + from) as f32 * hertz / SAMPLE_RATE as f32 * TAU).sin());
        match tone_of(&wave) {
            Some(Tone::Single(found)) => prop_assert!((found - hertz).abs() < 3.0, "{found}"),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn noise_is_no_tone(pcm in prop::collection::vec(-8_000_i16..8_000, 1_600)) {
        let (told, tones) = listen(&pcm);
        prop_assert!(told.is_empty() && !tones.contains(&true));
    }
}
