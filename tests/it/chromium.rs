//! A real Chromium without a screen, driven over `WebDriver`: it signs in, clicks, has a WAV for a microphone, and tells what it hears.

use crate::harness::{Backstop, PATIENCE, repository};
use crate::routing::hears;
use crate::web::visitor::PASSWORD;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::str::FromStr;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// How often a page is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// What a microphone has: browsers play files of this rate as they are.
const RATE: u32 = 48_000;

/// The flags that make it a quiet peer on loopback, which asks nobody and looks nothing up.
const FLAGS: &[&str] = &[
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
    "--window-size=1280,800",
];

/// A browser with one user. When it is dropped, its processes end.
pub(crate) struct Chromium {
    pub(crate) client: Client,
    driver: Driver,
    folder: TempDir,
}

/// The `WebDriver` process; the browser belongs to its process group.
struct Driver(Child);

impl Driver {
    /// Ends all of the browser's processes at once, as a crash would.
    fn kill(&self) {
        // The group lives as long as its first process, which has not been waited for.
        if let Some(id) = self.0.id() {
            let _all_gone = std::process::Command::new("kill").args(["-9", "--", &format!("-{id}")]).status();
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Chromium {
    /// One whose microphone hears a tone of `hertz`, over and over.
    pub(crate) async fn playing(hertz: f32) -> Self {
        Self::with_microphone(|path| write_beeps(path, hertz)).await
    }

    /// One whose microphone hears what `write` puts into a file: 48 kHz, mono.
    pub(crate) async fn with_microphone(write: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let microphone = folder.path().join("microphone.wav");
        write(&microphone);
        let (driver, address) = start_driver().await;
        let mut flags: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
        flags.push(format!("--use-file-for-fake-audio-capture={}", microphone.display()));
        flags.push(format!("--user-data-dir={}", folder.path().join("profile").display()));
        if is_root().await {
            flags.push("--no-sandbox".to_owned());
        }
        let wanted = json!({ "goog:chromeOptions": { "args": flags } });
        let wanted = wanted.as_object().expect("an object").clone();
        let connecting =
            async { ClientBuilder::new(HttpConnector::new()).capabilities(wanted).connect(&address).await };
        let client = tokio::time::timeout(PATIENCE, connecting).await.expect("in time").expect("Chromium starts");
        Self { client, driver, folder }
    }

    /// Signs in by the page's own form.
    pub(crate) async fn sign_in(&self, backstop: &Backstop, name: &str) {
        let address = backstop.server.page().expect("a page").address().to_owned();
        self.client.goto(&address).await.expect("the page opens");
        for (field, text) in [("#name", name), ("#password", PASSWORD)] {
            self.find(field).await.send_keys(text).await.expect("typed");
        }
        self.find("button[type=submit]").await.click().await.expect("clicked");
        self.wait_for_state("idle").await;
    }

    /// The page's state, as its styles know it.
    pub(crate) async fn wait_for_state(&self, state: &str) {
        self.wait_until(&format!("document.body?.dataset.state === '{state}'")).await;
    }

    /// Waits until this JavaScript is true.
    pub(crate) async fn wait_until(&self, condition: &str) {
        let waiting = async {
            let mut looks = tokio::time::interval(LOOK_EVERY);
            loop {
                looks.tick().await;
                // A page that is just being loaded has nothing yet.
                let told = self.client.execute(&format!("return Boolean({condition})"), vec![]).await;
                if told.is_ok_and(|told| told == Value::Bool(true)) {
                    return;
                }
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            let shown = self.text("body").await;
            panic!("not `{condition}` in time, but: {shown}");
        }
    }

    /// Waits until the page shows this text.
    pub(crate) async fn wait_for_text(&self, text: &str) {
        self.wait_until(&format!("document.body.innerText.includes({})", json!(text))).await;
    }

    /// What JavaScript gives.
    pub(crate) async fn evaluate(&self, expression: &str) -> Value {
        self.client.execute(&format!("return {expression}"), vec![]).await.expect("evaluated")
    }

    /// Clicks what has this `data-testid`, once it can be clicked.
    pub(crate) async fn click(&self, testid: &str) {
        let selector = format!("[data-testid=\"{testid}\"]");
        self.wait_until(&format!(
            "document.querySelector({}) && !document.querySelector({0}).disabled",
            json!(selector)
        ))
        .await;
        // What is shown anew between the look and the click is looked for again.
        for _ in 0..3 {
            match self.find(&selector).await.click().await {
                Err(error) if error.to_string().contains("stale element") => {}
                clicked => return clicked.expect("clicked"),
            }
        }
        panic!("{testid} is never still");
    }

    /// The text of what this selector finds, as it is shown.
    pub(crate) async fn text(&self, selector: &str) -> String {
        self.find(selector).await.text().await.expect("a text")
    }

    pub(crate) async fn find(&self, selector: &str) -> fantoccini::elements::Element {
        let found = self.client.find(Locator::Css(selector)).await;
        found.unwrap_or_else(|error| panic!("{selector}: {error}"))
    }

    /// Listens from now on to what the page plays of its call; what was heard before is forgotten. To be said anew after a reload.
    pub(crate) async fn listen(&self) {
        let ear = std::fs::read_to_string(repository().join("tests/peers/ear.js")).expect("readable");
        self.client.execute(&ear, vec![]).await.expect("listens");
    }

    /// What was heard, as a WAV.
    pub(crate) async fn heard(&self) -> PathBuf {
        let told = self.evaluate("window.ear.heard()").await;
        let path = self.folder.path().join("heard.wav");
        write_pcm(&path, &decoded(told.as_str().expect("a text")));
        path
    }

    /// Waits until a tone is heard.
    pub(crate) async fn wait_to_hear(&self, hertz: f32) {
        let listening = async {
            let mut looks = tokio::time::interval(5 * LOOK_EVERY);
            loop {
                looks.tick().await;
                if hears(&self.heard().await, hertz) {
                    return;
                }
            }
        };
        let heard = tokio::time::timeout(PATIENCE, listening).await;
        assert!(heard.is_ok(), "{hertz} Hz was not heard");
    }

    /// Gives an order that `WebDriver` has no word for, of Chrome's own protocol.
    pub(crate) async fn devtools(&self, order: &str, parameters: Value) -> Value {
        let order = Order(json!({ "cmd": order, "params": parameters }));
        self.client.issue_cmd(order).await.expect("done")
    }

    /// Ends the browser without a word.
    pub(crate) fn kill(&self) {
        self.driver.kill();
    }
}

#[derive(Debug)]
struct Order(Value);

impl WebDriverCompatibleCommand for Order {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.0.to_string()))
    }
}

/// The browser does not outlive us either, however we end: its group ends with our end of the pipe.
const DRIVER: &str = "command -v chromedriver > /dev/null || { echo missing; exit 1; }
    { chromedriver --port=0 2>&1; echo \"chromedriver has ended\"; } & read -r _; kill -9 0";
/// It takes the port that is free for IPv4 for IPv6, too, where another program may have it: then it ends, and another one is started.
const STARTS: u32 = 5;
const STARTS_WITHIN: Duration = Duration::from_secs(30);

async fn start_driver() -> (Driver, String) {
    let mut told = String::new();
    for _ in 0..STARTS {
        match try_driver().await {
            Ok(started) => return started,
            Err(said) => told = said,
        }
        eprintln!("chromedriver did not start, and is started again: {told}");
    }
    panic!("chromedriver does not start, run `make setup`: {told}");
}

/// Starts one, or says what it said instead.
async fn try_driver() -> Result<(Driver, String), String> {
    let process = Command::new("sh")
        .args(["-c", DRIVER])
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh runs");
    let mut driver = Driver(process);
    let mut lines = BufReader::new(driver.0.stdout.take().expect("piped")).lines();
    let mut said = String::new();
    let starting = async {
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                return Some(port.trim_end_matches('.').to_owned());
            }
            said.push_str(&line);
            said.push('\n');
            if line.ends_with("has ended") {
                break;
            }
        }
        None
    };
    let started = tokio::time::timeout(STARTS_WITHIN, starting).await.ok().flatten();
    let port = started.ok_or(said)?;
    // What it says later is of no interest, but must not stop it.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok((driver, format!("http://127.0.0.1:{port}")))
}

/// Chromium's sandbox is not for root.
async fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().await.expect("`id` runs");
    output.stdout.trim_ascii() == b"0"
}

/// A tone with pauses: what sounds without an end is noise to a browser, which takes it away.
fn write_beeps(path: &Path, hertz: f32) {
    let turn = std::f32::consts::TAU * hertz / RATE as f32;
    let sounds = |n: u32| n % RATE < RATE * 4 / 5;
    let samples = (0..5 * RATE).map(|n| if sounds(n) { ((turn * n as f32).sin() * 8_000.0) as i16 } else { 0 });
    write_wav(path, RATE, samples);
}

fn write_pcm(path: &Path, pcm: &[u8]) {
    let (samples, _) = pcm.as_chunks::<2>();
    write_wav(path, 8_000, samples.iter().map(|sample| i16::from_le_bytes(*sample)));
}

/// Writes a WAV, mono.
pub(crate) fn write_wav(path: &Path, rate: u32, samples: impl IntoIterator<Item = i16>) {
    let spec =
        hound::WavSpec { channels: 1, sample_rate: rate, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut wav = hound::WavWriter::create(path, spec).expect("created");
    for sample in samples {
        wav.write_sample(sample).expect("written");
    }
    wav.finalize().expect("finished");
}

/// Base64, as a browser's `btoa` writes it.
fn decoded(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [0_u32; 256];
    for (value, letter) in (0..).zip(LETTERS) {
        values[usize::from(*letter)] = value;
    }
    let four = |letters: &[u8]| {
        let bits = letters.iter().fold(0, |bits, letter| bits << 6 | values[usize::from(*letter)]);
        let bytes = (bits << (6 * (4 - letters.len()))).to_be_bytes();
        bytes[1..letters.len()].to_vec()
    };
    text.trim_end_matches('=').as_bytes().chunks(4).flat_map(four).collect()
}

#[test]
fn base64_is_read_as_browsers_write_it() {
    for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmE=", "fooba")] {
        assert_eq!(decoded(text), bytes.as_bytes(), "{text}");
    }
}
