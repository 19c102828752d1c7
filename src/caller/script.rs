//! What a scripted caller does, checked and with its sound loaded.

use super::error::ScriptError;
use super::expectation::Expect;
use super::question::Question;
use super::script_file::ScriptFile;
use super::wav;
use crate::media::Codec;
use crate::phone::PhoneNumber;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A caller's script.
#[derive(Clone, Debug)]
pub struct Script {
    /// Its name: that of its file.
    pub name: String,
    /// What it shows, in a sentence.
    pub description: String,
    /// The caller's number; `None` calls anonymously.
    pub from: Option<PhoneNumber>,
    /// The codec it offers unless told otherwise.
    pub codec: Codec,
    /// Which of the prompt files it calls: `electrician` is `prompts/electrician.md`; the plumber's unless it says so.
    pub prompt: Option<String>,
    /// The line it calls on, unless told otherwise.
    pub line: BadLine,
    /// Its patience.
    pub timing: Timing,
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// What must come of it.
    pub expect: Expect,
}

/// What is wrong with the line; the default is a perfect one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BadLine {
    /// Share of packets lost, each way, 0 to 1.
    pub loss: f32,
    /// Spread of the delay, each way.
    pub jitter: Duration,
    /// A noise behind the caller's words, and how far speech lies above it, in dB.
    pub noise: Option<(PathBuf, f32)>,
}

impl BadLine {
    /// Reads the noise, so that a file that can't be mixed in is known before anybody calls.
    ///
    /// # Errors
    /// When it is no WAV as callers need it.
    pub fn check(&self) -> Result<(), ScriptError> {
        self.noise.as_ref().map_or(Ok(()), |(path, _)| wav::read(path).map(drop))
    }
}

/// How long the caller waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// The receptionist has finished when she was quiet for so long.
    pub quiet: Duration,
    /// How long to wait for her words before giving up.
    pub patience: Duration,
    /// How long to wait for her to hang up after the last step.
    pub linger: Duration,
}

/// One thing the caller does.
#[derive(Clone, Debug)]
pub struct Step {
    /// When.
    pub cue: Cue,
    /// And so much later.
    pub pause: Duration,
    /// What.
    pub action: Action,
    /// The questions it answers; when the caller hears the receptionist's words, it comes when one of these is asked, and
    /// once more when it is asked again. A step for none comes in its place.
    pub when: Vec<Question>,
    /// It comes only when its question is heard.
    pub optional: bool,
}

/// What the caller waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cue {
    /// The receptionist has spoken and then been quiet.
    Reply,
    /// The receptionist has been speaking for so long; should she finish earlier, that will do.
    BargeIn(Duration),
    /// Nothing.
    Nothing,
}

/// What the caller does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Speaks.
    Say {
        /// Its words, for people to read.
        text: String,
        /// Its sound, at 8,000 Hz.
        sound: Vec<i16>,
    },
    /// Makes a sound that is no answer: a cough, music, a tone. The receptionist's delay after it is not measured.
    Sound {
        /// Its name, for people to read.
        name: String,
        /// Its sound, at 8,000 Hz.
        sound: Vec<i16>,
    },
    /// Presses keys.
    Keys(String),
    /// Hangs up.
    HangUp,
}

impl Action {
    /// The action for people to read.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Say { text, .. } => text.clone(),
            Self::Sound { name, .. } => format!("[{name}]"),
            Self::Keys(keys) => format!("[keys {keys}]"),
            Self::HangUp => "[hangs up]".to_owned(),
        }
    }
}

impl Script {
    /// Reads a script and its sounds, which lie beside it.
    ///
    /// # Errors
    /// Names the file and the key that is wrong, and how it is put right.
    pub fn load(path: &Path) -> Result<Self, ScriptError> {
        let text =
            std::fs::read_to_string(path).map_err(|cause| ScriptError::Unreadable { path: path.to_owned(), cause })?;
        ScriptFile::parse(path, &text)?.checked(path)
    }
}
