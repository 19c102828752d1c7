//! How well whisper hears real people on a telephone line: exact digits, exact spelled words and word error rate, with time.
//!
//! `cargo bench --bench hearing -- MODEL.bin...` reads `speech/manifest.tsv` under `BACKSTOP_SHARED` (or `../shared`); that
//! data is not part of the project. Also says what the voice detector and whisper make of noise alone.

use backstop::conversation::Hint;
use backstop::media::{FRAME_SAMPLES, Frame, resample};
use backstop::speech::{Stop, Transcriber, VoiceActivityDetector, WebRtcVad, Whisper, WhisperOptions};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

struct Utterance {
    pcm: Vec<i16>,
    said: String,
    item: String,
    expected: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let shared = std::env::var_os("BACKSTOP_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let Ok(manifest) = std::fs::read_to_string(shared.join("speech/manifest.tsv")) else {
        println!("skipped: shared data not found at {}", shared.display());
        return Ok(());
    };
    let utterances: Vec<Utterance> =
        manifest.lines().skip(1).map(|line| read(&shared, line)).collect::<Result<_, _>>()?;
    let noises = read_noises(&shared.join("noise"))?;
    show_detector(&utterances, &noises);
    for model in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        show_whisper(Path::new(&model), &utterances, &noises)?;
    }
    Ok(())
}

fn show_detector(utterances: &[Utterance], noises: &[(String, Vec<i16>)]) {
    let share = |pcm: &[i16]| {
        let mut detector = WebRtcVad::new();
        let frames = pcm.chunks_exact(FRAME_SAMPLES).filter_map(|chunk| chunk.try_into().ok());
        let speech: Vec<bool> = frames.map(|samples| detector.probability(&Frame(samples)) > 0.5).collect();
        speech.iter().filter(|&&speech| speech).count() as f32 / speech.len().max(1) as f32
    };
    let spoken = utterances.iter().map(|u| share(&u.pcm)).sum::<f32>() / utterances.len() as f32;
    println!("voice detector: {:.0} % of the frames of utterances are speech", spoken * 100.0);
    for (name, pcm) in noises {
        println!("  {name}: {:.0} %", share(pcm) * 100.0);
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn show_whisper(model: &Path, utterances: &[Utterance], noises: &[(String, Vec<i16>)]) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let mut whisper = Whisper::load(model, &WhisperOptions::default())?;
    println!("{}: loaded in {:.1?}", model.display(), begun.elapsed());
    let (mut digits, mut letters, mut words) = ((0, 0), (0, 0), (0, 0));
    let mut times: Vec<(Duration, f32)> = Vec::new();
    for utterance in utterances {
        let is_number = !utterance.expected.is_empty() && utterance.expected.chars().all(|c| c.is_ascii_digit());
        let is_spelled = utterance.item.contains("spelled");
        let hint = if is_number {
            Hint::Digits
        } else if is_spelled {
            Hint::Spelling
        } else {
            Hint::Open
        };
        let begun = Instant::now();
        let heard = whisper.transcribe(&utterance.pcm, hint, &Stop::new())?;
        times.push((begun.elapsed(), utterance.pcm.len() as f32 / 8_000.0));
        let right = match hint {
            Hint::Digits | Hint::DigitsAgain => count(&mut digits, as_digits(&heard.text) == utterance.expected),
            Hint::Spelling => count(&mut letters, as_letters(&heard.text) == utterance.expected.to_lowercase()),
            Hint::Open => {
                let (wrong, all) = word_errors(&utterance.said, &heard.text);
                words = (words.0 + wrong, words.1 + all);
                wrong == 0
            }
        };
        if !right && std::env::var_os("SHOW").is_some() {
            println!(
                "  {:?} {} -> {} ({:.2} {:.2})",
                hint, utterance.said, heard.text, heard.mean_log_probability, heard.no_speech_probability
            );
        }
    }
    println!(
        "  digits {}/{}, spelled {}/{}, word errors {}/{}",
        digits.0, digits.1, letters.0, letters.1, words.0, words.1
    );
    for (from, to) in [(0.0, 2.0), (2.0, 4.0), (4.0, 8.0), (8.0, 30.0)] {
        let mut some: Vec<Duration> = times.iter().filter(|(_, s)| (from..to).contains(s)).map(|(t, _)| *t).collect();
        some.sort();
        if let (Some(median), Some(late)) = (some.get(some.len() / 2), some.get(some.len() * 95 / 100)) {
            println!("  {from}-{to} s: p50 {median:.0?}, p95 {late:.0?} of {}", some.len());
        }
    }
    for (name, pcm) in noises {
        for hint in [Hint::Open, Hint::Digits, Hint::Spelling] {
            for second in [0, 4] {
                let piece = pcm.get(second * 8_000..).unwrap_or_default();
                let heard = whisper.transcribe(&piece[..piece.len().min(24_000)], hint, &Stop::new())?;
                if !heard.text.is_empty() {
                    let (sure, nothing) = (heard.mean_log_probability, heard.no_speech_probability);
                    println!("  {name} {hint:?}: `{}` ({sure:.2}, no speech {nothing:.2})", heard.text);
                }
            }
        }
    }
    Ok(())
}

fn count((right, all): &mut (u32, u32), is_right: bool) -> bool {
    *all += 1;
    *right += u32::from(is_right);
    is_right
}

fn read(shared: &Path, line: &str) -> Result<Utterance, Box<dyn Error>> {
    let fields: Vec<&str> = line.split('\t').collect();
    let field = |n: usize| fields.get(n).copied().unwrap_or_default();
    let file = if field(7).is_empty() { field(0) } else { field(7) };
    Ok(Utterance {
        pcm: read_wav(&shared.join("speech").join(file))?,
        said: field(1).to_owned(),
        item: field(8).to_owned(),
        expected: field(9).to_owned(),
    })
}

/// Its name and its sound: mono 16-bit PCM at 8,000 Hz.
type Noise = (String, Vec<i16>);

fn read_noises(folder: &Path) -> Result<Vec<Noise>, Box<dyn Error>> {
    let mut noises = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wav") && !path.to_string_lossy().contains("voicemail")
        {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            noises.push((name, read_wav(&path)?));
        }
    }
    noises.sort();
    Ok(noises)
}

fn read_wav(path: &Path) -> Result<Vec<i16>, Box<dyn Error>> {
    let mut reader = hound::WavReader::open(path)?;
    let (rate, channels) = (reader.spec().sample_rate, reader.spec().channels as usize);
    let samples: Vec<i16> = reader.samples::<i16>().collect::<Result<_, _>>()?;
    let mono: Vec<i16> = samples.iter().step_by(channels).copied().collect();
    Ok(resample(&mono, rate, 8_000))
}

fn as_digits(text: &str) -> String {
    const WORDS: [(&str, char); 13] = [
        ("zero", '0'),
        ("oh", '0'),
        ("o", '0'),
        ("one", '1'),
        ("two", '2'),
        ("three", '3'),
        ("four", '4'),
        ("five", '5'),
        ("six", '6'),
        ("seven", '7'),
        ("eight", '8'),
        ("nine", '9'),
        ("to", '2'),
    ];
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .flat_map(|word| {
            let word = word.to_lowercase();
            match WORDS.iter().find(|(name, _)| *name == word) {
                Some((_, digit)) => vec![*digit],
                None => word.chars().filter(char::is_ascii_digit).collect(),
            }
        })
        .collect()
}

fn as_letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}

fn word_errors(said: &str, heard: &str) -> (usize, usize) {
    let plain = |text: &str| -> Vec<String> {
        let kept: String = text
            .chars()
            .map(|c| {
                if c.is_alphanumeric() {
                    c.to_ascii_lowercase()
                } else if c == '\'' {
                    '\''
                } else {
                    ' '
                }
            })
            .collect();
        kept.split_whitespace().map(str::to_owned).collect()
    };
    let (said, heard) = (plain(said), plain(heard));
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (n, word) in said.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], n + 1);
        for (m, other) in heard.iter().enumerate() {
            let cost = (diagonal + usize::from(word != other)).min(row[m] + 1).min(row[m + 1] + 1);
            diagonal = std::mem::replace(&mut row[m + 1], cost);
        }
    }
    (row[heard.len()], said.len())
}
