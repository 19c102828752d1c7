//! What transcribers are tried on: the callers' own recordings, or a folder of others.

use crate::caller::{Action, Question, Script};
use crate::conversation::Hint;
use crate::lead::{name_from, spelled_name, spoken_digits};
use crate::media::{SAMPLE_RATE, resample};
use anyhow::{Context as _, ensure};
use std::path::{Path, PathBuf};

/// One recording.
#[derive(Clone, Debug)]
pub struct Utterance {
    /// Its name; what stands before a `/` names its speaker or script.
    pub item: String,
    /// Mono 16-bit PCM at 8,000 Hz.
    pub pcm: Vec<i16>,
    /// Its words.
    pub said: String,
    /// What has to be right.
    pub expected: Expected,
}

/// What has to be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The words.
    Words,
    /// These digits.
    Digits(String),
    /// This word, spelled out.
    Spelling(String),
    /// This name, among other words or alone.
    Name(String),
}

impl Expected {
    /// What the product would ask the transcriber to expect.
    #[must_use]
    pub const fn hint(&self) -> Hint {
        match self {
            Self::Words => Hint::Open,
            Self::Digits(_) => Hint::Digits,
            Self::Spelling(_) => Hint::Spelling,
            Self::Name(_) => Hint::Name,
        }
    }

    /// By the words themselves: numbers and spellings are such as a receptionist would have asked for.
    #[must_use]
    pub fn of_words(said: &str) -> Self {
        if let Some(name) = spelled_name(said) {
            return Self::Spelling(name);
        }
        let words: Vec<&str> = said.split_whitespace().collect();
        let numerals = words.iter().filter(|word| !spoken_digits(word).is_empty()).count();
        let digits = spoken_digits(said);
        // House numbers and hours have fewer digits, or stand among other words.
        if digits.len() >= 4 && numerals >= 3 { Self::Digits(digits) } else { Self::Words }
    }

    /// By the words, and what they answer.
    fn of_answer(said: &str, answers: &[Question]) -> Self {
        match Self::of_words(said) {
            Self::Words if answers.contains(&Question::Name) => name_from(said).map_or(Self::Words, Self::Name),
            other => other,
        }
    }
}

/// Everything that the callers of this folder say, step by step, in the order of their names.
///
/// # Errors
/// When there is no script, or one is unusable.
pub fn of_callers(folder: &Path) -> anyhow::Result<Vec<Utterance>> {
    let mut found = Vec::new();
    for path in scripts(folder)? {
        let script = Script::load(&path)?;
        for (index, step) in script.steps.iter().enumerate() {
            if let Action::Say { text, sound } = &step.action {
                found.push(Utterance {
                    item: format!("{}/{}", script.name, index + 1),
                    pcm: sound.clone(),
                    said: text.clone(),
                    expected: Expected::of_answer(text, &step.when),
                });
            }
        }
    }
    Ok(found)
}

/// The scripts in a folder, by name.
///
/// # Errors
/// When there is none.
pub fn scripts(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| {
        format!("{} can't be read: name the folder of the callers' scripts with --callers", folder.display())
    })?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    ensure!(!paths.is_empty(), "there is no caller's script in {}", folder.display());
    Ok(paths)
}

/// The recordings that `manifest.tsv` in this folder lists: tab-separated, with a heading. Columns are found by name: `file` and `transcript`
/// must be there; `tel8k_file` (the same over a telephone line, taken instead), `speaker`, `item` (what was asked: one with `spelled` is a
/// spelling, another with `name` a name) and `expected` (the digits, the word or the name to get) may be.
///
/// # Errors
/// When the manifest or a recording can't be read, with its line.
pub fn of_folder(folder: &Path) -> anyhow::Result<Vec<Utterance>> {
    let path = folder.join("manifest.tsv");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("{} can't be read: --data names a folder with a manifest.tsv", path.display()))?;
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let column = |name: &str| columns.iter().position(|column| *column == name);
    let (file, transcript) = (column("file"), column("transcript"));
    ensure!(file.is_some() && transcript.is_some(), "{}: the heading names no `file` and `transcript`", path.display());
    let mut found = Vec::new();
    for (index, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |name: &str| column(name).and_then(|n| fields.get(n)).copied().unwrap_or_default().trim();
        let sound = if field("tel8k_file").is_empty() { field("file") } else { field("tel8k_file") };
        let place = || format!("{}, line {}", path.display(), index + 2);
        let pcm = read_wav(&folder.join(sound)).with_context(place)?;
        let speaker = if field("speaker").is_empty() { String::new() } else { format!("{}/", field("speaker")) };
        let stem = Path::new(field("file")).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        found.push(Utterance {
            item: format!("{speaker}{stem}"),
            pcm,
            said: field("transcript").to_owned(),
            expected: expected(field("item"), field("expected")),
        });
    }
    ensure!(!found.is_empty(), "{} lists no recording", path.display());
    Ok(found)
}

fn expected(item: &str, value: &str) -> Expected {
    if value.is_empty() {
        Expected::Words
    } else if value.chars().all(|c| c.is_ascii_digit()) {
        Expected::Digits(value.to_owned())
    } else if item.contains("spelled") {
        Expected::Spelling(value.to_owned())
    } else if item.contains("name") {
        Expected::Name(value.to_owned())
    } else {
        Expected::Words
    }
}

/// Every sound of a folder, by name.
///
/// # Errors
/// When there is none, or one can't be read.
pub fn sounds(folder: &Path) -> anyhow::Result<Vec<(String, Vec<i16>)>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("{} can't be read", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "wav"));
    paths.sort();
    ensure!(!paths.is_empty(), "there is no WAV file in {}", folder.display());
    let name = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().map(|path| Ok((name(path), read_wav(path)?))).collect()
}

/// A 16-bit file's first channel at 8,000 Hz.
fn read_wav(path: &Path) -> anyhow::Result<Vec<i16>> {
    let place = || format!("{} is no 16-bit WAV file that can be read", path.display());
    let mut reader = hound::WavReader::open(path).with_context(place)?;
    let (rate, channels) = (reader.spec().sample_rate, usize::from(reader.spec().channels));
    let samples: Vec<i16> = reader.samples::<i16>().collect::<Result<_, _>>().with_context(place)?;
    let mono: Vec<i16> = samples.into_iter().step_by(channels.max(1)).collect();
    Ok(resample(&mono, rate, SAMPLE_RATE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_what_has_to_be_right() {
        for (said, expected) in [
            ("My name is Alan Wells. W. E. L. L. S.", Expected::Spelling("Wells".to_owned())),
            ("It is two one two, five five five, zero one two nine.", Expected::Digits("2125550129".to_owned())),
            ("No, the last four digits are zero one eight six.", Expected::Digits("0186".to_owned())),
            ("Sixty five Washington Street in Brooklyn.", Expected::Words),
            ("Tomorrow at ten in the morning.", Expected::Words),
        ] {
            assert_eq!(Expected::of_answer(said, &[Question::Address]), expected, "{said}");
        }
        let name = Expected::of_answer("It's Alice Cooper.", &[Question::Name]);
        assert_eq!(name, Expected::Name("Alice Cooper".to_owned()));
    }

    #[test]
    fn a_folder_is_read_by_its_columns() {
        let folder = tempfile::tempdir().expect("a folder");
        crate::wav::write(&folder.path().join("a.wav"), &[&[100; 800]]).expect("written");
        let manifest = "item\tfile\texpected\ttranscript\nphone\ta.wav\t5550142\tfive five five oh one four two\n\
            last_name_spelled\ta.wav\tMARK\tm a r k\nwords\ta.wav\t\thello there\n";
        std::fs::write(folder.path().join("manifest.tsv"), manifest).expect("written");
        let found = of_folder(folder.path()).expect("reads");
        let expected: Vec<_> = found.iter().map(|one| one.expected.clone()).collect();
        let wanted = [Expected::Digits("5550142".to_owned()), Expected::Spelling("MARK".to_owned()), Expected::Words];
        assert_eq!((expected.as_slice(), found[0].pcm.len()), (wanted.as_slice(), 800));
        std::fs::write(folder.path().join("manifest.tsv"), "file\ttranscript\nmissing.wav\thello\n").expect("written");
        let why = format!("{:#}", of_folder(folder.path()).expect_err("no such file"));
        assert!(why.contains("line 2") && why.contains("missing.wav"), "{why}");
    }

    #[test]
    fn the_projects_callers_speak_words_numbers_and_letters() {
        let all = of_callers(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/callers")).expect("scripts");
        let count = |is_it: fn(&Expected) -> bool| all.iter().filter(|one| is_it(&one.expected)).count();
        assert!(count(|e| matches!(e, Expected::Words)) > 20);
        assert!(count(|e| matches!(e, Expected::Digits(_))) >= 3);
        assert!(count(|e| matches!(e, Expected::Spelling(_))) >= 1);
    }
}
