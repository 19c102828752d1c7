//! The end of the caller's turn: how often somebody who only pauses is cut off, and how long somebody who is done waits.
//!
//! Recordings of real speech are parted at their quietest inner moment, and a pause is put in there. Each is heard by the product's own conversation
//! machine, with the real voice detector, transcriber and turn detector, in virtual time ([`drive`]); beside it stand rules of silence alone. The
//! models' time is virtual, too, so that a busy machine changes nothing: what they really take is measured by the other benchmarks.

mod drive;

use super::report::{Better, Kind, Observed, Report, Row, Unit, UsedModel};
use super::utterances::{Expected, Utterance};
use super::{Watch, measure};
use crate::media::{FRAME_SAMPLES, Frame, SAMPLE_RATE, level_dbfs};
use crate::models::{Kind as ModelKind, ModelPaths};
use crate::prompt::Prompt;
use crate::server::Models;
use crate::speech::{VoiceActivityDetector, WhisperOptions};
use drive::{Ears, Heard, Question};
use std::sync::Arc;
use std::time::Duration;

/// What is louder is speech: the caller's end is where its last such frame ends.
const AUDIBLE_DBFS: f32 = -45.0;
/// Frames in which the level falls so far below that of the speech lie between words.
const GAP_DB: f32 = 12.0;
/// After the caller's end so much silence follows.
const SILENCE_AFTER: Duration = Duration::from_secs(5);
/// A rule of silence begins to count after so many frames of speech.
const SPEECH_FRAMES: usize = 6;

/// What is to be measured.
#[derive(Clone, Debug)]
pub struct Options {
    /// The product's models; the language model and the voice are not run.
    pub models: ModelPaths,
    /// Of the transcriber.
    pub threads: usize,
    /// Whose questions are asked.
    pub prompt: Prompt,
    /// The recordings.
    pub utterances: Vec<Utterance>,
    /// Where they are from, for people to read.
    pub source: String,
    /// The pauses put in; zero leaves a recording as it is.
    pub pauses: Vec<Duration>,
    /// The rules of silence alone.
    pub silences: Vec<Duration>,
}

/// Measures the product and every rule on every recording with every pause.
///
/// # Errors
/// When a model can't be loaded or fails.
pub fn run(name: &str, options: &Options, watch: &dyn Watch) -> anyhow::Result<Report> {
    let mut report = Report::begin(Kind::Turn, name);
    describe(&mut report, options);
    watch.say("loading the models");
    let hearing = WhisperOptions {
        threads: options.threads,
        region: options.prompt.business().region.clone(),
        ..WhisperOptions::default()
    };
    let models = Models::from_paths(options.models.clone(), "turn", hearing);
    let detectors = (models.voice_activity)()?;
    let mut ears = Ears::new(models.transcriber, (models.turn)()?)?;
    let prompt = Arc::new(options.prompt.clone());
    watch.start("recordings", (options.utterances.len() * options.pauses.len()) as u64);
    for utterance in &options.utterances {
        for pause in &options.pauses {
            watch.step(&utterance.item);
            let Some(recording) = Recording::new(&utterance.pcm, *pause) else { continue };
            let condition =
                if pause.is_zero() { "as said".to_owned() } else { format!("pause of {:.1} s", pause.as_secs_f32()) };
            let row = |subject: String, heard: Heard| row(utterance, &recording, subject, &condition, heard);
            let detect = || recording.speech(detectors().as_mut());
            for silence in &options.silences {
                let heard = by_silence(&detect(), recording.end, *silence);
                report.rows.push(row(format!("silence of {} ms", silence.as_millis()), heard));
            }
            for (subject, by_sound) in [("product without sound", false), ("product", true)] {
                ears.by_sound = by_sound;
                let question = question(&utterance.expected);
                if let Some(heard) = drive::hear(&mut ears, &prompt, question, &recording, &detect())? {
                    report.rows.push(row(subject.to_owned(), heard));
                }
            }
        }
    }
    watch.finish();
    Ok(report.finish())
}

fn describe(report: &mut Report, options: &Options) {
    report.measures = vec![
        measure("cut_off", "Cut off before the end", Unit::Share, Better::Lower),
        measure("cut_off_in_number", "Cut off within a number", Unit::Share, Better::Lower),
        measure("decided_ms", "From the end of speech to the decision", Unit::Ms, Better::Lower),
    ];
    let taking_part = |kind: &ModelKind| matches!(kind, ModelKind::Transcriber | ModelKind::Turn);
    for (kind, id, sha256) in options.models.description.iter().filter(|(kind, ..)| taking_part(kind)) {
        report.models.push(UsedModel { role: kind.to_string(), id: id.clone(), sha256: sha256.clone() });
    }
    report.prompt_hash = Some(options.prompt.hash().to_owned());
    report.option("recordings", options.source.clone());
    report.option("virtual time of a transcript", format!("{} ms", drive::TRANSCRIBING.as_millis()));
    report.option("virtual time of the turn detector", format!("{} ms", drive::JUDGING.as_millis()));
    report.option("virtual time to the language model's first words", format!("{} ms", drive::WORDING.as_millis()));
}

/// What the receptionist has asked before such words are said.
const fn question(expected: &Expected) -> Question {
    match expected {
        Expected::Words => Question::Need,
        Expected::Spelling(_) => Question::Spelling,
        Expected::Name(_) => Question::Name,
        Expected::Digits(_) => Question::Number,
    }
}

fn row(utterance: &Utterance, recording: &Recording, subject: String, condition: &str, heard: Heard) -> Row {
    let mut row = Row::new(&utterance.item, subject, condition);
    // Where no pause could be put in, there is none to be cut off in.
    row.observe("cut_off", Observed::Hit(heard.is_cut_off));
    if matches!(utterance.expected, Expected::Digits(_)) {
        row.observe("cut_off_in_number", Observed::Hit(heard.is_cut_off));
    }
    if let Some(after) = heard.decided_after {
        row.observe("decided_ms", Observed::Value(super::ms(after)));
    }
    row.note("said", &utterance.said);
    row.note("speech ends", format!("{:.2} s", recording.end as f32 / 50.0));
    row
}

/// A recording with a pause in it.
#[derive(Clone, Debug)]
struct Recording {
    /// Mono 16-bit PCM at 8,000 Hz, with silence after it.
    pcm: Vec<i16>,
    /// Past the last frame with speech.
    end: usize,
}

impl Recording {
    /// None when there is no speech, or no place for a pause.
    fn new(pcm: &[i16], pause: Duration) -> Option<Self> {
        let levels: Vec<f32> = pcm.chunks(FRAME_SAMPLES).map(level_dbfs).collect();
        let first = levels.iter().position(|level| *level > AUDIBLE_DBFS)?;
        let last = levels.iter().rposition(|level| *level > AUDIBLE_DBFS)?;
        let mut pcm = pcm.to_vec();
        let mut end = last + 1;
        if !pause.is_zero() {
            let at = quietest(&levels, first, last)?;
            let frames = (pause.as_millis() / 20) as usize;
            let at = (at * FRAME_SAMPLES).min(pcm.len());
            pcm.splice(at..at, idle(frames * FRAME_SAMPLES));
            end += frames;
        }
        pcm.truncate(end * FRAME_SAMPLES);
        pcm.resize(end * FRAME_SAMPLES, 0);
        pcm.extend(idle(samples(SILENCE_AFTER)));
        Some(Self { pcm, end })
    }

    fn frames(&self) -> impl Iterator<Item = Frame> + '_ {
        self.pcm.chunks_exact(FRAME_SAMPLES).filter_map(|chunk| Some(Frame(chunk.try_into().ok()?)))
    }

    /// Each frame's speech probability. The detector has heard a second of the idle line before.
    fn speech(&self, detector: &mut dyn VoiceActivityDetector) -> Vec<f32> {
        let before: Vec<i16> = idle(SAMPLE_RATE as usize).collect();
        for chunk in before.chunks_exact(FRAME_SAMPLES) {
            if let Ok(samples) = chunk.try_into() {
                detector.probability(&Frame(samples));
            }
        }
        self.frames().map(|frame| detector.probability(&frame)).collect()
    }
}

/// The frame, in the middle half of the speech, around which it is quietest; none if it is not quiet anywhere.
fn quietest(levels: &[f32], first: usize, last: usize) -> Option<usize> {
    let quarter = (last - first) / 4;
    let speech: Vec<f32> = levels[first..=last].iter().copied().filter(|level| *level > AUDIBLE_DBFS).collect();
    let usual = speech.iter().sum::<f32>() / speech.len().max(1) as f32;
    let around = |at: usize| levels[at - 1].max(levels[at]);
    let places = (first + quarter).max(1)..(last - quarter).max(1);
    let at = places.min_by(|a, b| around(*a).total_cmp(&around(*b)))?;
    (around(at) < usual - GAP_DB).then_some(at)
}

/// The idle noise of a line.
fn idle(samples: usize) -> impl Iterator<Item = i16> {
    let mut random = super::statistics::Random(17);
    (0..samples).map(move |_| (random.share() * 24.0 - 12.0) as i16)
}

fn samples(time: Duration) -> usize {
    (time.as_secs_f64() * f64::from(SAMPLE_RATE)) as usize
}

/// The turn is over after so much silence, whatever was said.
fn by_silence(speech: &[f32], end: usize, silence: Duration) -> Heard {
    let wanted = (silence.as_millis() / 20) as usize;
    let (mut voiced, mut quiet) = (0, 0);
    for (index, probability) in speech.iter().enumerate() {
        if *probability >= 0.5 {
            voiced += 1;
            quiet = 0;
            continue;
        }
        quiet += 1;
        if voiced >= SPEECH_FRAMES && quiet >= wanted {
            let is_cut_off = index < end;
            let after = Duration::from_millis(20) * (index + 1).saturating_sub(end) as u32;
            return Heard { is_cut_off, decided_after: (!is_cut_off).then_some(after) };
        }
    }
    Heard { is_cut_off: false, decided_after: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a second of sound, a short gap, half a second of sound.
    fn two_words() -> Vec<i16> {
        let tone = |samples: usize| (0..samples).map(|n| ((n as f32 * 0.4).sin() * 6_000.0) as i16);
        tone(4_000).chain(std::iter::repeat_n(0, 640)).chain(tone(4_000)).collect()
    }

    #[test]
    fn a_pause_is_put_between_the_words_and_moves_the_end() {
        let plain = Recording::new(&two_words(), Duration::ZERO).expect("speech");
        let paused = Recording::new(&two_words(), Duration::from_millis(800)).expect("a gap");
        assert_eq!((plain.end, paused.end), (54, 94));
        let quiet = |from: usize, to: usize| level_dbfs(&paused.pcm[from * 160..to * 160]) < -50.0;
        assert!(quiet(30, 64) && !quiet(70, 90));
        let solid: Vec<i16> = (0..8_000).map(|n| ((n as f32 * 0.4).sin() * 6_000.0) as i16).collect();
        assert!(Recording::new(&solid, Duration::from_millis(800)).is_none(), "no place for a pause");
        assert!(Recording::new(&[0; 8_000], Duration::ZERO).is_none(), "no speech");
    }

    #[test]
    fn silence_alone_cuts_off_where_the_pause_is_longer() {
        let speech = |pause: usize| [vec![0.9; 25], vec![0.1; pause], vec![0.9; 25], vec![0.1; 100]].concat();
        let rule = Duration::from_millis(600);
        let heard = by_silence(&speech(20), 70, rule);
        assert_eq!((heard.is_cut_off, heard.decided_after), (false, Some(rule)));
        assert!(by_silence(&speech(40), 90, rule).is_cut_off);
    }
}
