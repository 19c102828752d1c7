//! Real voices on lines with and without an echo.

use super::*;
use crate::media::level::rms;
use crate::media::test_sounds::{frames, through_line, voice};
use proptest::prelude::*;

/// So many frames of the detector's ten make an utterance (`conversation::endpointing`).
const STARTS: usize = 6;
const WITHIN: usize = 10;
const SECOND: usize = 8_000;

/// A line: what comes back of what was sent.
struct Line<'a> {
    delay_ms: usize,
    attenuation_db: f32,
    /// The phone's and the room's response.
    colour: &'a [f32],
    /// Even noise up to so many sample units.
    noise: f32,
}

const FLAT: Line<'_> = Line { delay_ms: 150, attenuation_db: 20.0, colour: &[1.0], noise: 2.0 };
/// Resonances of a small loudspeaker.
const COMB: [f32; 11] = [0.3, 0.5, -0.4, 0.1, 0.3, -0.2, 0.0, 0.1, 0.2, -0.1, 0.05];
const THIN: [f32; 2] = [0.74, -0.67];

impl Line<'_> {
    fn echo(&self, sent: &[i16]) -> Vec<f32> {
        let power: f32 = self.colour.iter().map(|tap| tap * tap).sum();
        let gain = 10_f32.powf(-self.attenuation_db / 20.0) / power.sqrt();
        let at = |n: usize| n.checked_sub(self.delay_ms * 8).and_then(|n| sent.get(n)).map_or(0.0, |s| f32::from(*s));
        let tap = |n: usize, (back, tap): (usize, &f32)| if back <= n { tap * at(n - back) } else { 0.0 };
        let mut seed = 1_u32;
        (0..sent.len())
            .map(|n| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = (f32::from((seed >> 16) as u16) / 32_768.0 - 1.0) * self.noise;
                gain * self.colour.iter().enumerate().map(|it| tap(n, it)).sum::<f32>() + noise
            })
            .collect()
    }
}

/// For each frame, whether it is loud and whether it is left as speech.
fn judge(echo: &mut Echo, sent: &[i16], heard: &[i16], loud: f32) -> (Vec<bool>, Vec<bool>) {
    let judged = frames(heard).zip(frames(sent)).map(|(heard, sent)| {
        let speech = if rms(&heard.0) >= loud { 0.9 } else { 0.0 };
        let left = echo.heard(&heard, speech);
        echo.sent(&sent);
        (speech > 0.5, left > 0.5)
    });
    judged.unzip()
}

fn count(frames: &[bool]) -> usize {
    frames.iter().filter(|it| **it).count()
}

fn has_utterance(frames: &[bool]) -> bool {
    frames.windows(WITHIN).any(|window| count(window) >= STARTS)
}

/// What is heard of her echo and of a caller who begins after three seconds, so much louder than it, and when the caller is loud.
fn double_talk(sent: &[i16], caller: &[i16], above_db: f32) -> (Vec<i16>, Vec<bool>) {
    let mut line = FLAT.echo(sent);
    let gain = 10_f32.powf((above_db - FLAT.attenuation_db) / 20.0) * rms(sent) / rms(caller);
    for (sum, sample) in line[3 * SECOND..].iter_mut().zip(caller) {
        *sum += gain * f32::from(*sample);
    }
    let loud = gain * rms(caller) * 0.3;
    let silence = std::iter::repeat_n(false, 150);
    let talks = silence.chain(frames(caller).map(|frame| gain * rms(&frame.0) > loud)).collect();
    (through_line(&line), talks)
}

#[test]
fn her_echo_never_makes_an_utterance_whatever_delay_loudness_and_colour() {
    for (name, delay_ms, attenuation_db, colour, noise) in [
        ("af_heart", 20, 10.0, &[1.0][..], 0.0),
        ("af_heart", 154, 20.0, &COMB[..], 2.0),
        ("bm_george", 250, 10.0, &COMB[..], 5.0),
        ("bm_george", 400, 30.0, &[1.0][..], 2.0),
        ("hf_alpha", 95, 15.0, &THIN[..], 2.0),
        ("hf_alpha", 333, 40.0, &[1.0][..], 1.0),
    ] {
        let sent = &voice(name)[..8 * SECOND];
        let line = Line { delay_ms, attenuation_db, colour, noise };
        let heard = through_line(&line.echo(sent));
        let (loud, left) = judge(&mut Echo::new(), sent, &heard, (0.05 * rms(&heard)).max(12.0));
        let shown = format!("{name}, {delay_ms} ms, -{attenuation_db} dB: {} of {}", count(&left), count(&loud));
        assert!(count(&loud) > 80, "there is an echo: {shown}");
        assert!(!has_utterance(&left), "{shown}");
        assert!(count(&left) * 20 < count(&loud), "{shown}");
    }
}

#[test]
fn a_line_without_an_echo_is_left_alone() {
    for (her, caller) in [("af_heart", "bf_emma"), ("bm_george", "bm_george_75"), ("hf_alpha", "am_adam")] {
        let (sent, heard) = (voice(her), voice(caller));
        let mut echo = Echo::new();
        for (at, (heard, sent)) in frames(&heard).zip(frames(&sent)).enumerate().take(300) {
            let speech = if rms(&heard.0) < 20.0 { 0.05 } else { 0.3 + (at % 7) as f32 * 0.1 };
            let left = echo.heard(&heard, speech);
            assert_eq!(left.to_bits(), speech.to_bits(), "{her}, {caller}: frame {at}");
            echo.sent(&sent);
        }
    }
}

#[test]
fn a_caller_who_talks_over_her_is_heard() {
    let (sent, caller) = (&voice("af_heart")[..8 * SECOND], &voice("am_adam")[..5 * SECOND]);
    for (above_db, least) in [(15.0, 0.95), (0.0, 0.45)] {
        let (heard, talks) = double_talk(sent, caller, above_db);
        let (_, left) = judge(&mut Echo::new(), sent, &heard, 20.0);
        let heard = talks.iter().zip(&left).filter(|(talks, left)| **talks && **left).count();
        let share = heard as f32 / count(&talks) as f32;
        assert!(share > least, "{above_db} dB above the echo: {share}");
        assert!(has_utterance(&left[150..]), "{above_db} dB above the echo");
        assert!(!has_utterance(&left[..150]), "nobody has spoken yet");
    }
}

#[test]
fn a_loud_caller_is_heard_as_soon_as_without_an_echo() {
    let (sent, caller) = (&voice("af_heart")[..8 * SECOND], &voice("am_adam")[..5 * SECOND]);
    let (heard, talks) = double_talk(sent, caller, 15.0);
    let (_, left) = judge(&mut Echo::new(), sent, &heard, 20.0);
    // When there has been half a second of speech, enough to stop her.
    let stopped = |frames: &[bool]| (0..frames.len()).find(|&at| count(&frames[150..=at.max(150)]) >= 25);
    let (with, without) = (stopped(&left).expect("she is stopped"), stopped(&talks).expect("the caller speaks"));
    assert!(with <= without + 2, "frame {with}, not {without}");
}

#[test]
fn an_echo_that_moves_or_is_interrupted_stays_an_echo() {
    let sent = &voice("bm_george")[..12 * SECOND];
    // A jitter buffer that waits 20 ms longer, a phone that is turned up.
    let lines = [FLAT, Line { delay_ms: 170, ..FLAT }, Line { delay_ms: 170, attenuation_db: 14.0, ..FLAT }];
    let mut echo = Echo::new();
    for (part, line) in lines.iter().chain(&lines[2..]).enumerate() {
        let (from, to) = (part * 3 * SECOND, (part + 1) * 3 * SECOND);
        let mut heard = through_line(&line.echo(sent))[from..to].to_vec();
        if part == 3 {
            // On hold nothing is said; the path is still known after it.
            echo.interrupt();
            heard = through_line(&line.echo(&sent[from..to]));
        }
        let (loud, left) = judge(&mut echo, &sent[from..to], &heard, 20.0);
        let shown = format!("part {part}: {} of {}", count(&left), count(&loud));
        assert!(count(&loud) > 60 && !has_utterance(&left), "{shown}");
    }
}

#[test]
fn a_delay_is_found_only_where_one_stands_out() {
    let sent: Vec<f32> = voice("af_heart")[8_000..8_000 + LONGEST + WINDOW].iter().map(|s| f32::from(*s)).collect();
    let at = |delay: usize| sent[LONGEST - delay..LONGEST - delay + WINDOW].to_vec();
    for delay in [0, 333, 1_500, LONGEST] {
        let found = best_delay(&sent, &at(delay)).map(|(delay, _)| delay);
        assert!(found.is_none_or(|found| found == delay), "{found:?}, not {delay}");
    }
    let tone: Vec<f32> = (0..LONGEST + WINDOW).map(|n| 3_000.0 * (n as f32 * 0.4).sin()).collect();
    assert_eq!(best_delay(&tone, &tone[WINDOW..2 * WINDOW]), None, "a tone fits everywhere");
    assert_eq!(best_delay(&sent, &[0.0; WINDOW]), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_probability_stays_or_becomes_nothing(
        heard in prop::collection::vec((any::<i16>(), 0.0_f32..=1.0), 1..12),
        sent in prop::collection::vec(any::<i16>(), 1..12),
    ) {
        let mut echo = Echo::new();
        for (at, &(step, speech)) in heard.iter().enumerate() {
            let noise = |step: i16| Frame(std::array::from_fn(|n| step.wrapping_mul((n * n) as i16)));
            let left = echo.heard(&noise(step), speech);
            prop_assert!(left == 0.0 || left.to_bits() == speech.to_bits());
            echo.sent(&noise(sent[at % sent.len()]));
        }
    }

    #[test]
    fn where_nothing_was_sent_nothing_is_taken_away(
        heard in prop::collection::vec((any::<i16>(), 0.0_f32..=1.0), 1..20),
    ) {
        let mut echo = Echo::new();
        for (level, speech) in heard {
            let left = echo.heard(&Frame(std::array::from_fn(|n| level.wrapping_mul(n as i16))), speech);
            prop_assert_eq!(left.to_bits(), speech.to_bits());
            echo.sent(&Frame::SILENCE);
        }
    }
}
