//! Speech to text: how well a transcriber hears callers over which line, what it makes of noise, how long it takes.

use super::line::{Condition, babble, wordless};
use super::report::{Better, Kind, Observed, Report, Row, Unit};
use super::utterances::{Expected, Utterance, of_callers, of_folder, sounds};
use super::words::{same_digits, same_name, same_spelling, word_errors};
use super::{Watch, measure, ms, spread, timed};
use crate::conversation::Hint;
use crate::media::SAMPLE_RATE;
use crate::models::Picked;
use crate::server::ears;
use crate::speech::{Moonshine, SpeechError, Stop, Transcriber, WhisperOptions};
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// Of the lost packets and the noise.
const SEED: u64 = 3;
/// A sound without words is cut into pieces of so many samples, as an endpointer would cut it.
const PIECE: usize = 3 * SAMPLE_RATE as usize;
/// So many pieces of one sound.
const PIECES: usize = 3;
/// Times are told apart by how long was spoken, in seconds.
const LENGTHS: [(&str, &str, f64); 4] = [
    ("ms_under_2_s", "Time for under 2 s of speech", 2.0),
    ("ms_under_4_s", "Time for 2 to 4 s of speech", 4.0),
    ("ms_under_8_s", "Time for 4 to 8 s of speech", 8.0),
    ("ms_over_8_s", "Time for 8 s of speech and more", f64::INFINITY),
];

/// A transcriber, or two that hear together.
#[derive(Clone, Debug)]
pub struct Ears {
    /// A whisper model, or a Moonshine encoder (`.onnx`).
    pub first: Picked,
    /// The Moonshine encoder that hears with it.
    pub second: Option<Picked>,
}

/// What is to be measured.
#[derive(Clone, Debug)]
pub struct Options {
    /// The transcribers.
    pub models: Vec<Ears>,
    /// What runs Moonshine.
    pub onnxruntime: PathBuf,
    /// Of each.
    pub threads: usize,
    /// Where the callers' scripts are.
    pub callers: PathBuf,
    /// A folder of other recordings instead of the callers'.
    pub recordings: Option<PathBuf>,
    /// A folder of noises instead of those made here.
    pub noise: Option<PathBuf>,
    /// The lines.
    pub conditions: Vec<Condition>,
    /// At most so many recordings; 0 for all.
    pub limit: usize,
}

/// Measures every model on every recording over every line.
///
/// # Errors
/// When a recording can't be read or a model fails.
pub fn run(name: &str, options: &Options, watch: &dyn Watch) -> anyhow::Result<Report> {
    let mut report = Report::begin(Kind::Stt, name);
    let utterances = match &options.recordings {
        Some(folder) => of_folder(folder)?,
        None => of_callers(&options.callers)?,
    };
    let utterances = spread(utterances, options.limit);
    let noises = options.noise.as_deref().map(sounds).transpose()?;
    let voices: Vec<&[i16]> = utterances.iter().take(6).map(|one| one.pcm.as_slice()).collect();
    let babble = babble(&voices, 20 * SAMPLE_RATE as usize, SEED);
    let wordless = noises.clone().unwrap_or_else(|| wordless(&babble, SEED));
    describe(&mut report, options, utterances.len());
    let listen = |model: &Ears| -> anyhow::Result<Vec<Row>> {
        let id = model.id();
        let mut rows = Vec::new();
        watch.say(&format!("{id}: loading"));
        let mut ears = model.load(&options.onnxruntime, options.threads).with_context(|| id.clone())?;
        watch.start(&id, (utterances.len() * options.conditions.len()) as u64);
        for condition in &options.conditions {
            for (utterance, seed) in utterances.iter().zip(SEED..) {
                // Each recording has another noise behind it, the same for every model.
                let noise = noises.as_ref().map_or(babble.as_slice(), |all| &all[seed as usize % all.len()].1);
                let arrived = condition.apply(&utterance.pcm, noise, seed);
                rows.push(hear(ears.as_mut(), utterance, &arrived, &id, *condition)?);
                watch.step(&condition.name());
            }
        }
        watch.finish();
        rows.extend(hear_nothing(ears.as_mut(), &wordless, &id)?);
        Ok(rows)
    };
    for model in &options.models {
        // On a thread of its own: whisper needs one on which no ONNX model ran, and Moonshine alone is one.
        let heard = std::thread::scope(|scope| scope.spawn(|| listen(model)).join());
        report.rows.extend(heard.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
    }
    Ok(report.finish())
}

impl Ears {
    fn id(&self) -> String {
        self.second.as_ref().map_or_else(|| self.first.id.clone(), |second| format!("{}+{}", self.first.id, second.id))
    }

    fn load(&self, library: &Path, threads: usize) -> Result<Box<dyn Transcriber>, SpeechError> {
        if self.first.path.extension().is_some_and(|extension| extension == "onnx") {
            return Ok(Box::new(Moonshine::load(&self.first.path, library, threads)?));
        }
        let second = self.second.as_ref().map(|second| (second.path.clone(), library.to_owned()));
        ears(&self.first.path, second, &WhisperOptions { threads, ..WhisperOptions::default() })
    }
}

fn describe(report: &mut Report, options: &Options, recordings: usize) {
    report.measures = vec![
        measure("wer", "Word error rate", Unit::Share, Better::Lower),
        measure("digits", "Numbers heard exactly", Unit::Share, Better::Higher),
        measure("spelling", "Spellings heard exactly", Unit::Share, Better::Higher),
        measure("names", "Names heard exactly", Unit::Share, Better::Higher),
        measure("invented", "Words made of noise or silence", Unit::Share, Better::Lower),
        measure("rtf", "Real-time factor", Unit::Factor, Better::Lower),
    ];
    report.measures.extend(LENGTHS.map(|(key, title, _)| measure(key, title, Unit::Ms, Better::Lower)));
    for model in &options.models {
        report.uses("transcriber", &model.first);
        if let Some(second) = &model.second {
            report.uses("second transcriber", second);
        }
    }
    let shown = |path: &PathBuf| path.display().to_string();
    report.option("recordings", options.recordings.as_ref().map_or_else(|| shown(&options.callers), shown));
    report.option("recordings used", recordings);
    report.option(
        "noise",
        options.noise.as_ref().map_or_else(|| "made here: voices backwards and hiss".to_owned(), shown),
    );
    report.option("conditions", options.conditions.iter().map(|condition| condition.name()).collect::<Vec<_>>());
    report.option("threads", options.threads);
}

fn hear(
    ears: &mut dyn Transcriber,
    utterance: &Utterance,
    arrived: &[i16],
    subject: &str,
    condition: Condition,
) -> anyhow::Result<Row> {
    let (heard, time) = timed(|| ears.transcribe(arrived, utterance.expected.hint(), &Stop::new()));
    let heard = heard.with_context(|| utterance.item.clone())?;
    let mut row = Row::new(&utterance.item, subject, condition.name());
    let (wrong, of) = word_errors(&utterance.said, &heard.text);
    match &utterance.expected {
        Expected::Words => row.observe("wer", Observed::Part(wrong, of)),
        Expected::Digits(digits) => row.observe("digits", Observed::Hit(same_digits(digits, &heard.text))),
        // Letters and the name that they make are the same to the product: its words can't be counted.
        Expected::Spelling(name) => row.observe("spelling", Observed::Hit(same_spelling(name, &heard.text))),
        Expected::Name(name) => {
            row.observe("wer", Observed::Part(wrong, of));
            row.observe("names", Observed::Hit(same_name(name, &heard.text)));
        }
    }
    let seconds = utterance.pcm.len() as f64 / f64::from(SAMPLE_RATE);
    row.observe("rtf", Observed::Value(time.as_secs_f64() / seconds.max(0.1)));
    if let Some((key, ..)) = LENGTHS.iter().find(|(_, _, below)| seconds < *below) {
        row.observe(key, Observed::Value(ms(time)));
    }
    row.note("said", &utterance.said);
    row.note("heard", &heard.text);
    Ok(row)
}

fn hear_nothing(ears: &mut dyn Transcriber, sounds: &[(String, Vec<i16>)], subject: &str) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (name, pcm) in sounds {
        for (index, piece) in pcm.chunks(PIECE).filter(|piece| piece.len() * 2 > PIECE).take(PIECES).enumerate() {
            for (hint, asked) in [
                (Hint::Open, "words"),
                (Hint::Digits, "a number"),
                (Hint::Spelling, "a spelling"),
                (Hint::Name, "a name"),
            ] {
                let heard = ears.transcribe(piece, hint, &Stop::new()).with_context(|| name.clone())?;
                let mut row = Row::new(format!("{name}/{} asked for {asked}", index + 1), subject, "no speech");
                row.observe("invented", Observed::Hit(!heard.text.is_empty()));
                row.note("heard", heard.text);
                rows.push(row);
            }
        }
    }
    Ok(rows)
}
