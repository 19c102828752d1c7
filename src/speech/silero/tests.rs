//! With the real network; skipped loudly where there is none.

use super::Silero;
use crate::media::{FRAME_SAMPLES, Frame, level_dbfs};
use crate::speech::{VoiceActivityDetector, real};
use std::path::{Path, PathBuf};

fn network() -> Option<Silero> {
    let (model, onnxruntime) = real::voice_activity()?;
    Some(Silero::load(&model, &onnxruntime).expect("loads"))
}

fn frames(pcm: &[i16]) -> Vec<Frame> {
    pcm.as_chunks::<FRAME_SAMPLES>().0.iter().map(|samples| Frame(*samples)).collect()
}

// The share of frames that are taken for speech.
fn share(network: &Silero, frames: &[Frame]) -> f32 {
    let mut detector = network.detector();
    frames.iter().filter(|frame| detector.probability(frame) >= 0.5).count() as f32 / frames.len().max(1) as f32
}

fn wav(path: &Path) -> Vec<i16> {
    let mut reader = hound::WavReader::open(path).expect("a WAV file");
    let rate = reader.spec().sample_rate;
    let pcm: Vec<i16> = reader.samples::<i16>().map(|sample| sample.expect("whole")).collect();
    crate::media::resample(&pcm, rate, crate::media::SAMPLE_RATE)
}

fn folder(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(name);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "wav"));
    files.sort();
    if files.is_empty() {
        eprintln!("skipped: shared data not found");
    }
    files
}

#[test]
fn hiss_hum_and_silence_are_no_speech() {
    let Some(network) = network() else { return };
    let mut seed = 7_u32;
    let hiss: Vec<i16> = (0..24_000)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((seed >> 16) as i32 % 4_000 - 2_000) as i16
        })
        .collect();
    let hum: Vec<i16> = (0..24_000).map(|n| ((n as f32 * 0.094).sin() * 6_000.0) as i16).collect();
    for (what, pcm) in [("silence", vec![0; 24_000]), ("hiss", hiss), ("hum", hum)] {
        let share = share(&network, &frames(&pcm));
        assert!(share < 0.02, "{what}: {share}");
    }
}

#[test]
fn calls_do_not_hear_each_other() {
    let Some(network) = network() else { return };
    let Some(speech) = folder("speech/tel8k").into_iter().next() else { return };
    let (mut talker, mut listener) = (network.detector(), network.detector());
    let heard = frames(&wav(&speech));
    let (spoken, silent): (Vec<f32>, Vec<f32>) =
        heard.iter().map(|frame| (talker.probability(frame), listener.probability(&Frame::SILENCE))).unzip();
    assert!(spoken.iter().any(|&p| p > 0.9) && silent.iter().all(|&p| p < 0.1));
}

// Over a line of digital silence, the network once took a third of a second to notice somebody.
#[test]
fn who_speaks_again_after_a_long_silence_is_noticed_at_once() {
    const LOUD_DBFS: f32 = -35.0;
    const LATE: usize = 10;
    let Some(network) = network() else { return };
    let heard: Vec<Vec<Frame>> = folder("speech/tel8k").iter().take(60).map(|path| frames(&wav(path))).collect();
    let voices = heard.iter().zip(heard.iter().skip(1)).filter_map(|(before, next)| {
        let begins = next.iter().position(|frame| level_dbfs(&frame.0) > LOUD_DBFS)?;
        let mut detector = network.detector();
        before.iter().chain(&vec![Frame::SILENCE; 250]).for_each(|frame| _ = detector.probability(frame));
        next[begins..].iter().position(|frame| detector.probability(frame) >= 0.5)
    });
    let after: Vec<usize> = voices.collect();
    let late = after.iter().filter(|frames| **frames >= LATE).count();
    assert!(10 * late <= after.len(), "{late} of {}: {after:?}", after.len());
}

#[test]
fn real_noise_is_refused_and_real_speech_is_not() {
    let Some(network) = network() else { return };
    // A greeting is speech.
    let is_noise = |path: &PathBuf| !path.to_string_lossy().contains("voicemail_greeting");
    for noise in folder("noise").into_iter().filter(is_noise) {
        let share = share(&network, &frames(&wav(&noise)));
        assert!(share < 0.05, "{}: {share}", noise.display());
    }
    let shares: Vec<f32> = folder("speech/tel8k").iter().map(|path| share(&network, &frames(&wav(path)))).collect();
    let deaf = shares.iter().filter(|&&share| share < 0.3).count();
    assert!(deaf * 50 <= shares.len(), "{deaf} of {} are hardly heard", shares.len());
}

#[test]
fn a_missing_file_is_named_with_its_cure() {
    let Some((_, onnxruntime)) = real::voice_activity() else { return };
    let error = Silero::load(Path::new("/nowhere/vad.onnx"), &onnxruntime).err().expect("fails");
    let told = error.to_string();
    assert!(told.contains("/nowhere/vad.onnx") && told.contains("backstop models pull"), "{told}");
}
