//! Text to speech: how fast a voice is, how soon its first sound comes, and whether it is understood at the other end of a telephone line.

use super::line::g711;
use super::report::{Better, Kind, Observed, Report, Row, Unit};
use super::words::{same_digits, same_spelling, word_errors};
use super::{Watch, measure, ms, now, resident_mib, spread};
use crate::conversation::{Hint, fixed_clauses};
use crate::lead::{speak_letters, speak_number, speak_number_slowly};
use crate::media::SAMPLE_RATE;
use crate::models::{Picked, PickedVoice};
use crate::phone::PhoneNumber;
use crate::prompt::Prompt;
use crate::speech::{Piper, PiperPaths, Stop, Synthesizer, Transcriber, Whisper, WhisperOptions};
use anyhow::Context as _;
use std::ops::ControlFlow;

/// Numbers of fiction: each digit occurs, some twice in a row.
const NUMBERS: [&str; 8] = [
    "+12125550142",
    "+17185550163",
    "+13475550118",
    "+16465550177",
    "+19175550135",
    "+12125550190",
    "+14155550126",
    "+13035550184",
];
const NAMES: [&str; 10] = [
    "Sarah Miller",
    "Alan Wells",
    "Emily Carter",
    "David Cooper",
    "Helen Morgan",
    "Robert Fisher",
    "Maria Lopez",
    "James Walker",
    "Anna Wilson",
    "Thomas Reed",
];
const SPELLED: [&str; 4] = ["Miller", "Wells", "Carter", "Fisher"];
const ADDRESSES: [&str; 6] = [
    "54 Spring Street in Brooklyn",
    "27 Park Avenue in Queens",
    "65 Washington Street in Brooklyn",
    "81 Lincoln Avenue in Queens",
    "1200 Maple Drive",
    "9 Church Road",
];

/// What is to be measured.
#[derive(Clone, Debug)]
pub struct Options {
    /// The voices.
    pub voices: Vec<PickedVoice>,
    /// Who listens.
    pub ear: Picked,
    /// Of each model.
    pub threads: usize,
    /// Whose lines are spoken.
    pub prompt: Prompt,
    /// At most so many sentences; 0 for all.
    pub limit: usize,
}

/// A sentence, and what must be understood of it.
struct Sentence {
    kind: &'static str,
    text: String,
    wanted: Wanted,
}

enum Wanted {
    Words,
    Digits(String),
    Letters(String),
}

/// Measures every voice on every sentence.
///
/// # Errors
/// When a voice or the ear can't be loaded or fails.
pub fn run(name: &str, options: &Options, watch: &dyn Watch) -> anyhow::Result<Report> {
    let mut report = Report::begin(Kind::Tts, name);
    let sentences = spread(sentences(&options.prompt), options.limit);
    describe(&mut report, options, sentences.len());
    let threads = options.threads;
    let mut ear = Whisper::load(&options.ear.path, &WhisperOptions { threads, ..WhisperOptions::default() })
        .with_context(|| options.ear.id.clone())?;
    for picked in &options.voices {
        watch.say(&format!("{}: loading", picked.voice.id));
        let (before, paths) = (resident_mib(), paths(picked));
        let mut voice = Piper::load(&paths, threads).with_context(|| picked.voice.id.clone())?;
        let mut loaded = Row::new("after loading", &picked.voice.id, "");
        loaded.observe("resident", Observed::Value((resident_mib() - before).max(0.0)));
        report.rows.push(loaded);
        watch.start(&picked.voice.id, sentences.len() as u64);
        for (index, sentence) in sentences.iter().enumerate() {
            let item = format!("{} {}", sentence.kind, index + 1);
            report.rows.push(speak(&mut voice, &mut ear, sentence, item, &picked.voice.id)?);
            watch.step(sentence.kind);
        }
        watch.finish();
    }
    Ok(report.finish())
}

fn paths(picked: &PickedVoice) -> PiperPaths {
    PiperPaths {
        voice: picked.voice.path.clone(),
        config: picked.config.clone(),
        onnxruntime: picked.onnxruntime.clone(),
        espeak: picked.espeak_data.clone(),
    }
}

fn describe(report: &mut Report, options: &Options, sentences: usize) {
    report.measures = vec![
        measure("wer", "Words misunderstood at the other end", Unit::Share, Better::Lower),
        measure("digits", "Numbers understood exactly", Unit::Share, Better::Higher),
        measure("spelling", "Spellings understood exactly", Unit::Share, Better::Higher),
        measure("first_ms", "Time to the first sound", Unit::Ms, Better::Lower),
        measure("rtf", "Real-time factor", Unit::Factor, Better::Lower),
        measure("resident", "Memory taken by the voice", Unit::Mib, Better::Lower),
    ];
    for picked in &options.voices {
        report.uses("voice", &picked.voice);
    }
    report.uses("ear", &options.ear);
    report.prompt_hash = Some(options.prompt.hash().to_owned());
    report.option("threads", options.threads);
    report.option("sentences", sentences);
    report.option("line", "G.711 mu-law");
}

/// The prompt file's own lines, then what the receptionist says of a caller: numbers, names, addresses.
fn sentences(prompt: &Prompt) -> Vec<Sentence> {
    let words = |kind, text: String| Sentence { kind, text, wanted: Wanted::Words };
    let mut all: Vec<Sentence> = fixed_clauses(prompt).into_iter().map(|clause| words("line", clause)).collect();
    for number in NUMBERS.iter().filter_map(|number| PhoneNumber::parse(number, "US").ok()) {
        let digits: String = number.groups().concat();
        for spoken in [speak_number(&number), speak_number_slowly(&number)] {
            let text = format!("I have {spoken}. Is that right?");
            all.push(Sentence { kind: "number", text, wanted: Wanted::Digits(digits.clone()) });
        }
    }
    all.extend(NAMES.iter().map(|name| words("name", format!("Thank you, {name}."))));
    all.extend(SPELLED.iter().map(|name| Sentence {
        kind: "spelling",
        text: format!("I have {}.", speak_letters(name)),
        wanted: Wanted::Letters((*name).to_owned()),
    }));
    all.extend(ADDRESSES.iter().map(|address| words("address", format!("You are at {address}."))));
    all
}

fn speak(
    voice: &mut dyn Synthesizer,
    ear: &mut dyn Transcriber,
    sentence: &Sentence,
    item: String,
    subject: &str,
) -> anyhow::Result<Row> {
    let (begun, mut first, mut pcm) = (now(), None, Vec::new());
    voice
        .synthesize(&sentence.text, &mut |piece| {
            first.get_or_insert_with(|| begun.elapsed());
            pcm.extend_from_slice(piece);
            ControlFlow::Continue(())
        })
        .with_context(|| sentence.text.clone())?;
    let took = begun.elapsed();
    let mut row = Row::new(item, subject, sentence.kind);
    let seconds = pcm.len() as f64 / f64::from(SAMPLE_RATE);
    row.observe("rtf", Observed::Value(took.as_secs_f64() / seconds.max(0.1)));
    if let Some(first) = first {
        row.observe("first_ms", Observed::Value(ms(first)));
    }
    let hint = match sentence.wanted {
        Wanted::Words => Hint::Open,
        Wanted::Digits(_) => Hint::Digits,
        Wanted::Letters(_) => Hint::Spelling,
    };
    let heard = ear.transcribe(&g711(&pcm), hint, &Stop::new())?;
    match &sentence.wanted {
        Wanted::Words => {
            let (wrong, of) = word_errors(&sentence.text, &heard.text);
            row.observe("wer", Observed::Part(wrong, of));
        }
        Wanted::Digits(digits) => row.observe("digits", Observed::Hit(same_digits(digits, &heard.text))),
        Wanted::Letters(name) => row.observe("spelling", Observed::Hit(same_spelling(name, &heard.text))),
    }
    row.note("said", &sentence.text);
    row.note("understood", heard.text);
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_sentence_is_there() {
        let all = sentences(&Prompt::bundled());
        for kind in ["line", "number", "name", "spelling", "address"] {
            assert!(all.iter().filter(|sentence| sentence.kind == kind).count() >= 4, "{kind}");
        }
        let count = NUMBERS.len() * 2;
        assert_eq!(all.iter().filter(|sentence| matches!(sentence.wanted, Wanted::Digits(_))).count(), count);
    }
}
