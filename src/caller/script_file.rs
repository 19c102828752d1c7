//! A script as it is written: TOML, checked key by key.

use super::error::ScriptError;
use super::expectation::Expect;
use super::question::Question;
use super::script::{Action, BadLine, Cue, Script, Step, Timing};
use super::wav;
use crate::media::{Codec, SAMPLE_RATE};
use crate::phone::PhoneNumber;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptFile {
    name: String,
    description: String,
    /// The voice of its sounds: `make_audio.py` reads it.
    #[expect(dead_code, reason = "read by make_audio.py")]
    voice: Option<String>,
    from: Option<String>,
    prompt: Option<String>,
    #[serde(default)]
    line: LineFile,
    #[serde(default)]
    codec: CodecName,
    #[serde(default = "quiet_ms")]
    quiet_ms: u64,
    #[serde(default = "patience_ms")]
    patience_ms: u64,
    #[serde(default = "linger_ms")]
    linger_ms: u64,
    #[serde(default, rename = "step")]
    steps: Vec<StepFile>,
    #[serde(default)]
    expect: Expect,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineFile {
    #[serde(default)]
    loss: f32,
    #[serde(default)]
    jitter_ms: u64,
    /// A sound file beside the script.
    noise: Option<String>,
    snr_db: Option<f32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    #[serde(default)]
    say: Texts,
    #[serde(default)]
    wav: Texts,
    /// Another voice than the script's: `make_audio.py` reads it.
    #[expect(dead_code, reason = "read by make_audio.py")]
    voice: Option<String>,
    /// A sound file without words.
    sound: Option<String>,
    /// How often `sound` is played.
    repeat: Option<u16>,
    #[serde(default)]
    when: Questions,
    #[serde(default)]
    optional: bool,
    /// Silence between the pieces of `wav`.
    silence_ms: Option<u64>,
    digits: Option<String>,
    #[serde(default)]
    hang_up: bool,
    after: Option<After>,
    barge_in_ms: Option<u64>,
    #[serde(default)]
    pause_ms: u64,
}

/// One text or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Several(Vec<String>),
}

/// None, one question or several.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
enum Questions {
    #[default]
    None,
    One(Question),
    Several(Vec<Question>),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum After {
    Reply,
    Nothing,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CodecName {
    #[default]
    Pcmu,
    Pcma,
}

// The gap between two clauses of one reply must not be taken for its end.
const fn quiet_ms() -> u64 {
    1_000
}

const fn patience_ms() -> u64 {
    20_000
}

const fn linger_ms() -> u64 {
    20_000
}

impl Default for Texts {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl Texts {
    fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Several(texts) => texts,
        }
    }
}

/// Where a fault is.
struct Place<'a> {
    path: &'a Path,
    step: Option<usize>,
}

impl Place<'_> {
    fn fault(&self, key: &str, why: impl Into<String>) -> ScriptError {
        let key = match self.step {
            Some(step) => format!("step[{step}].{key}"),
            None => key.to_owned(),
        };
        ScriptError::Value { path: self.path.to_owned(), key, why: why.into() }
    }
}

impl ScriptFile {
    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, ScriptError> {
        toml::from_str(text).map_err(|cause| ScriptError::Syntax { path: path.to_owned(), cause: Box::new(cause) })
    }

    pub(super) fn checked(self, path: &Path) -> Result<Script, ScriptError> {
        let place = Place { path, step: None };
        if path.file_stem().and_then(|stem| stem.to_str()) != Some(self.name.as_str()) {
            return Err(place.fault("name", format!("`{}` is not the file's name: write the same", self.name)));
        }
        let from = self.from.map(|number| caller_number(&place, &number)).transpose()?;
        self.expect.check().map_err(|(key, why)| place.fault(&format!("expect.{key}"), why))?;
        let line = self.line.checked(&place)?;
        let last = self.steps.len();
        let steps: Vec<Step> = self
            .steps
            .into_iter()
            .enumerate()
            .map(|(index, step)| step.checked(&Place { path, step: Some(index + 1) }, index + 1 == last))
            .collect::<Result<_, _>>()?;
        Ok(Script {
            name: self.name,
            description: self.description,
            from,
            prompt: self.prompt,
            line,
            codec: match self.codec {
                CodecName::Pcmu => Codec::Pcmu,
                CodecName::Pcma => Codec::Pcma,
            },
            timing: Timing {
                quiet: at_least(&place, "quiet_ms", self.quiet_ms, 100)?,
                patience: at_least(&place, "patience_ms", self.patience_ms, 1_000)?,
                linger: at_least(&place, "linger_ms", self.linger_ms, 1_000)?,
            },
            steps,
            expect: self.expect,
        })
    }
}

impl LineFile {
    fn checked(self, place: &Place<'_>) -> Result<BadLine, ScriptError> {
        if !(0.0..=1.0).contains(&self.loss) {
            return Err(place.fault("line.loss", "is no share: use a number from 0 to 1, such as 0.03"));
        }
        let noise = match (self.noise, self.snr_db) {
            (Some(name), Some(snr_db)) => Some((beside(place.path, &name), snr_db)),
            (None, None) => None,
            _ => return Err(place.fault("line.noise", "goes with `snr_db`: give both or none")),
        };
        if let Some((path, _)) = &noise {
            wav::read(path)?;
        }
        Ok(BadLine { loss: self.loss, jitter: Duration::from_millis(self.jitter_ms), noise })
    }
}

impl StepFile {
    fn checked(self, place: &Place<'_>, is_last: bool) -> Result<Step, ScriptError> {
        let cue = match (self.after, self.barge_in_ms) {
            (Some(_), Some(_)) => return Err(place.fault("barge_in_ms", "does not go with `after`: leave one out")),
            (None, Some(ms)) => Cue::BargeIn(at_least(place, "barge_in_ms", ms, 100)?),
            (Some(After::Nothing), None) => Cue::Nothing,
            (Some(After::Reply) | None, None) => Cue::Reply,
        };
        let pause = Duration::from_millis(self.pause_ms);
        let action = self.action(place, is_last)?;
        let when = match self.when {
            Questions::None => Vec::new(),
            Questions::One(question) => vec![question],
            Questions::Several(questions) => questions,
        };
        if self.optional && when.is_empty() {
            return Err(place.fault("optional", "goes with `when`: say which question calls for it"));
        }
        Ok(Step { cue, pause, action, when, optional: self.optional })
    }

    fn action(&self, place: &Place<'_>, is_last: bool) -> Result<Action, ScriptError> {
        let speaks = !self.wav.as_slice().is_empty() || !self.say.as_slice().is_empty();
        if self.repeat.is_some() && self.sound.is_none() {
            return Err(place.fault("repeat", "goes with `sound`: words are said once"));
        }
        if let Some(name) = &self.sound {
            return self.plain_sound(place, name, speaks);
        }
        match (&self.digits, self.hang_up, speaks) {
            (Some(keys), false, false) if is_keys(keys) => Ok(Action::Keys(keys.clone())),
            (Some(_), false, false) => Err(place.fault("digits", "holds more than keys: use 0 to 9, * and #")),
            (None, true, false) if is_last => Ok(Action::HangUp),
            (None, true, false) => Err(place.fault("hang_up", "is not the last step: remove the steps after it")),
            (None, false, true) => self.speech(place),
            _ => {
                Err(place.fault("say", "must be the only one, or one of: say with wav, sound, digits, hang_up = true"))
            }
        }
    }

    fn plain_sound(&self, place: &Place<'_>, name: &str, speaks: bool) -> Result<Action, ScriptError> {
        if speaks || self.digits.is_some() || self.hang_up {
            return Err(place.fault("sound", "stands alone in its step: make another step for the rest"));
        }
        let sound = wav::read(&beside(place.path, name))?.repeat(usize::from(self.repeat.unwrap_or(1)));
        let name = Path::new(name).file_stem().unwrap_or_default().to_string_lossy().replace('_', " ");
        Ok(Action::Sound { name, sound })
    }

    fn speech(&self, place: &Place<'_>) -> Result<Action, ScriptError> {
        let (say, wavs) = (self.say.as_slice(), self.wav.as_slice());
        if say.len() != wavs.len() {
            return Err(place.fault(
                "wav",
                format!("has {} pieces, `say` has {}: give each piece its text", wavs.len(), say.len()),
            ));
        }
        if self.silence_ms.is_some() && wavs.len() < 2 {
            return Err(place.fault("silence_ms", "lies between pieces: give `say` and `wav` as lists of two or more"));
        }
        let silence = vec![0; (self.silence_ms.unwrap_or(0) * u64::from(SAMPLE_RATE) / 1_000) as usize];
        let pieces =
            wavs.iter().map(|name| wav::read(&beside(place.path, name))).collect::<Result<Vec<_>, ScriptError>>()?;
        Ok(Action::Say { text: say.join(" … "), sound: pieces.join(silence.as_slice()) })
    }
}

fn beside(script: &Path, name: &str) -> PathBuf {
    script.parent().map(Path::to_owned).unwrap_or_default().join(name)
}

fn is_keys(keys: &str) -> bool {
    !keys.is_empty() && keys.chars().all(|key| key.is_ascii_digit() || matches!(key, '*' | '#'))
}

fn at_least(place: &Place<'_>, key: &str, ms: u64, least: u64) -> Result<Duration, ScriptError> {
    if ms < least {
        return Err(place.fault(key, format!("{ms} is too short: use {least} or more")));
    }
    Ok(Duration::from_millis(ms))
}

/// Scripts are for everybody to run: only numbers that belong to nobody.
fn caller_number(place: &Place<'_>, text: &str) -> Result<PhoneNumber, ScriptError> {
    let number = PhoneNumber::parse(text, "US").map_err(|error| place.fault("from", error.to_string()))?;
    let is_fiction = number.e164().len() == 12 && number.e164()[5..].starts_with("55501");
    if !is_fiction {
        return Err(place.fault("from", "may be somebody's number: use one of fiction, +1 xxx 555 01xx"));
    }
    Ok(number)
}
