//! From what the configuration asks for to files that are there and whole.

use super::cache::Cache;
use super::error::{ModelFault, Problem};
use super::manifest::{Kind, Manifest, ModelEntry};
use crate::config::{DetectorChoice, ModelChoice, SecondChoice};
use crate::speech::parts_beside;
use std::path::{Path, PathBuf};

/// The files to load.
#[derive(Clone, Debug)]
pub struct ModelPaths {
    /// The voice activity network; none when the configuration wants the detector that needs no model.
    pub voice_activity: Option<PathBuf>,
    /// The whisper model, in ggml form.
    pub transcriber: PathBuf,
    /// The encoder of what hears with it, its other files beside it; none when the configuration wants none.
    pub second_transcriber: Option<PathBuf>,
    /// The language model, in GGUF form.
    pub responder: PathBuf,
    /// The turn detector.
    pub turn: PathBuf,
    /// The Piper voice.
    pub voice: PathBuf,
    /// The voice's configuration.
    pub voice_config: PathBuf,
    /// The ONNX Runtime library.
    pub onnxruntime: PathBuf,
    /// The folder that holds `espeak-ng-data`, when one was found.
    pub espeak_data: Option<PathBuf>,
    /// Kind, id (or the own file's name) and SHA-256 of each, for logs and benchmarks.
    pub description: Vec<(Kind, String, String)>,
}

/// Finds and quickly checks every file that the configuration asks for.
///
/// # Errors
/// Every file that is missing or damaged, all at once, each with the command that helps.
pub fn resolve(choice: &ModelChoice, manifest: &Manifest, cache: &Cache) -> Result<ModelPaths, Vec<ModelFault>> {
    let Some(mut entries) = manifest.profile(&choice.profile) else {
        return Err(vec![unknown_profile(choice, manifest)]);
    };
    // No profile has it.
    let is_second = |entry: &&ModelEntry| matches!(entry.kind, Kind::SecondTranscriber | Kind::SecondTranscriberPart);
    entries.extend(manifest.models.iter().filter(is_second));
    let voice_config = choice.voice.as_ref().map(|voice| beside(voice));
    let mut search = Search { entries, cache, choice, faults: Vec::new(), description: Vec::new() };
    let voice_activity = match &choice.voice_activity {
        DetectorChoice::WebRtc => None,
        DetectorChoice::Silero => Some(search.find(Kind::VoiceActivity, None)),
        DetectorChoice::Own(path) => Some(search.find(Kind::VoiceActivity, Some(path))),
    };
    let transcriber = search.find(Kind::Transcriber, choice.transcriber.as_ref());
    let second_transcriber = match &choice.second_transcriber {
        SecondChoice::None => None,
        SecondChoice::Moonshine => Some(search.find_second()),
        SecondChoice::Own(path) => Some(search.find_own_second(path)),
    };
    let responder = search.find(Kind::Responder, choice.responder.as_ref());
    let turn = search.find(Kind::Turn, choice.turn.as_ref());
    let voice = search.find(Kind::Voice, choice.voice.as_ref());
    let voice_config = search.find(Kind::VoiceConfig, voice_config.as_ref());
    let onnxruntime = search.find(Kind::Runtime, choice.onnxruntime.as_ref());
    let Search { faults, description, .. } = search;
    let espeak_data = find_espeak_data(cache);
    if faults.is_empty() {
        Ok(ModelPaths {
            voice_activity,
            transcriber,
            second_transcriber,
            responder,
            turn,
            voice,
            voice_config,
            onnxruntime,
            espeak_data,
            description,
        })
    } else {
        Err(faults)
    }
}

struct Search<'a> {
    entries: Vec<&'a ModelEntry>,
    cache: &'a Cache,
    choice: &'a ModelChoice,
    faults: Vec<ModelFault>,
    description: Vec<(Kind, String, String)>,
}

impl Search<'_> {
    fn find(&mut self, kind: Kind, own: Option<&PathBuf>) -> PathBuf {
        if let Some(path) = own {
            return self.find_own(kind, path);
        }
        let Some(entry) = self.entries.iter().find(|entry| entry.kind == kind) else {
            let machine = format!("{} {}", std::env::consts::ARCH, std::env::consts::OS);
            let problem =
                Problem::NotOffered(format!("is not offered for {machine} in profile {}", self.choice.profile));
            let fix = format!("Name an own file: `{}` in section [models]", key(kind));
            self.faults.push(ModelFault { kind, id: key(kind).to_owned(), path: PathBuf::new(), problem, fix });
            return PathBuf::new();
        };
        match self.cache.check(entry, false) {
            Ok(sha256) => self.description.push((kind, entry.id.clone(), sha256)),
            Err(fault) => self.faults.push(*fault),
        }
        self.cache.path(entry)
    }

    fn find_second(&mut self) -> PathBuf {
        let parts: Vec<_> = self.entries.iter().copied().filter(|e| e.kind == Kind::SecondTranscriberPart).collect();
        for part in parts {
            if let Err(fault) = self.cache.check(part, false) {
                self.faults.push(*fault);
            }
        }
        self.find(Kind::SecondTranscriber, None)
    }

    fn find_own_second(&mut self, encoder: &Path) -> PathBuf {
        for part in parts_beside(encoder) {
            self.find_own(Kind::SecondTranscriberPart, &part);
        }
        self.find(Kind::SecondTranscriber, Some(&encoder.to_owned()))
    }

    fn find_own(&mut self, kind: Kind, path: &Path) -> PathBuf {
        match self.cache.sha256(path, false) {
            Ok(sha256) => {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
                self.description.push((kind, name, sha256));
            }
            Err(problem) => {
                let fix = format!("Correct `models.{}` in the configuration, or take it out", key(kind));
                self.faults.push(ModelFault { kind, id: key(kind).to_owned(), path: path.to_owned(), problem, fix });
            }
        }
        path.to_owned()
    }
}

/// The configuration's key for an own file.
const fn key(kind: Kind) -> &'static str {
    match kind {
        Kind::VoiceActivity => "voice_activity",
        Kind::Transcriber => "transcriber",
        Kind::SecondTranscriber | Kind::SecondTranscriberPart => "second_transcriber",
        Kind::Responder => "responder",
        Kind::Turn => "turn",
        Kind::Voice | Kind::VoiceConfig => "voice",
        Kind::Runtime => "onnxruntime",
    }
}

fn unknown_profile(choice: &ModelChoice, manifest: &Manifest) -> ModelFault {
    ModelFault {
        kind: Kind::Responder,
        id: "profile".to_owned(),
        path: PathBuf::from(&choice.profile),
        problem: Problem::NotOffered("is no profile of the manifest".to_owned()),
        fix: format!("Write one of {} to `models.profile`", manifest.profile_names()),
    }
}

/// A Piper voice's configuration stands beside it: `voice.onnx.json`.
pub(super) fn beside(voice: &Path) -> PathBuf {
    let mut name = voice.as_os_str().to_owned();
    name.push(".json");
    PathBuf::from(name)
}

/// The folder that holds `espeak-ng-data`: named by the environment, in the cache, beside the program, left by the build, or the system's.
pub(super) fn find_espeak_data(cache: &Cache) -> Option<PathBuf> {
    let mut folders = Vec::new();
    folders.extend(std::env::var_os("PIPER_ESPEAKNG_DATA_DIRECTORY").map(PathBuf::from));
    folders.push(cache.root().to_owned());
    if let Ok(program) = std::env::current_exe() {
        for folder in program.ancestors().skip(1).take(2) {
            folders.push(folder.to_owned());
            folders.extend(left_by_build(&folder.join("build")));
        }
    }
    let libraries = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    folders.extend([libraries, "/usr/lib".to_owned(), "/usr/share".to_owned()].map(PathBuf::from));
    folders.into_iter().find(|folder| folder.join("espeak-ng-data/phontab").is_file())
}

fn left_by_build(build: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(build) else { return Vec::new() };
    let ours = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("espeak-rs-sys-"));
    ours.map(|entry| entry.path().join("out/share")).collect()
}
