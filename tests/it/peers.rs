//! Phones to be called: processes of their own that follow orders (`tests/peers/pjsip_desk.py`), sipp's scenarios for races, and an
//! ear for which tone a recording holds. The tests here let these peers call each other, to know that they can be trusted.

use crate::harness::{Backstop, PATIENCE, repository, run};
use crate::phones::{baresip, finish, heard_by_baresip, python};
use backstop::media::{Codec, FRAME_SAMPLES, Frame};
use serde_json::Value;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// What every peer registers with.
pub(crate) const PASSWORD: &str = "a password of no worth";

/// A process with one phone or several; it ends with this value.
pub(crate) struct Peer {
    process: Child,
    commands: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    ports: Vec<(String, u16)>,
    unclaimed: Vec<Value>,
}

/// A phone that plays a tone and records what it hears.
pub(crate) struct Phone {
    pub(crate) peer: Peer,
    pub(crate) folder: TempDir,
    _sounds: Option<TempDir>,
}

impl Phone {
    /// Plays a tone of `hertz` that lasts so many seconds; `more` are options of `pjsip_desk.py`.
    pub(crate) async fn new(account: &str, hertz: f32, seconds: f32, more: &[&str]) -> Self {
        let sounds = tempfile::tempdir().expect("a folder");
        let tone = sounds.path().join("tone.wav");
        write_tone(&tone, hertz, seconds);
        Self { _sounds: Some(sounds), ..Self::playing(account, &tone, more).await }
    }

    /// Plays this file.
    pub(crate) async fn playing(account: &str, sound: &Path, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (sound, heard) = (sound.display().to_string(), folder.path().join("heard.wav").display().to_string());
        let options = ["--account", account, "--play", &sound, "--record", &heard];
        Self { peer: Peer::start(&[&options[..], more].concat()).await, folder, _sounds: None }
    }

    /// Calls the service under this user part.
    pub(crate) async fn dial(&mut self, backstop: &Backstop, user: &str) {
        self.peer.order(&format!("dial sip:{user}@{}", backstop.server.sip_address())).await;
    }

    /// Waits until it hears this tone in its first call, later than just now.
    pub(crate) async fn wait_to_hear(&self, hertz: f32) {
        let path = self.heard();
        // What it heard until now may be written a moment later.
        let (so_far, rate) = recorded_so_far(&path);
        let from_s = so_far.len() as f32 / rate as f32 + 1.0;
        let listening = async {
            let mut looks = tokio::time::interval(Duration::from_millis(250));
            loop {
                looks.tick().await;
                if hears_in(&path, hertz, from_s) {
                    return;
                }
            }
        };
        let heard = tokio::time::timeout(PATIENCE, listening).await;
        assert!(heard.is_ok(), "{hertz} Hz was not heard");
    }

    /// What it heard in its first call.
    pub(crate) fn heard(&self) -> PathBuf {
        self.folder.path().join("heard.wav")
    }

    /// What it heard in its second call.
    pub(crate) fn heard_again(&self) -> PathBuf {
        self.folder.path().join("heard-2.wav")
    }
}

impl Peer {
    /// Starts phones by the options of `pjsip_desk.py` and waits until each listens.
    pub(crate) async fn start(options: &[&str]) -> Self {
        let mut peer = Self::spawn("pjsip_desk.py", PASSWORD, options);
        let phones = options.iter().filter(|option| **option == "--account").count().max(1);
        while peer.ports.len() < phones {
            let listening = peer.wait_for("listening").await;
            let port = listening["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
            peer.ports.push((listening["phone"].as_str().expect("a name").to_owned(), port));
        }
        peer
    }

    /// Runs a script of `tests/peers` that takes orders and tells events.
    pub(crate) fn spawn(script: &str, password: &str, options: &[&str]) -> Self {
        let mut process = Command::new(python())
            .arg(repository().join("tests/peers").join(script))
            .args(options)
            .env("BACKSTOP_PEER_PASSWORD", password)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Python starts");
        let commands = process.stdin.take().expect("piped");
        let output = BufReader::new(process.stdout.take().expect("piped")).lines();
        Self { process, commands, output, ports: Vec::new(), unclaimed: Vec::new() }
    }

    /// Where the phone, or the first of several, listens on loopback.
    pub(crate) fn port(&self) -> u16 {
        self.ports[0].1
    }

    /// The URI of the phone of this name.
    pub(crate) fn uri(&self, phone: &str) -> String {
        let port = self.ports.iter().find(|(name, _)| name == phone).map(|(_, port)| port);
        format!("sip:{phone}@127.0.0.1:{}", port.unwrap_or_else(|| panic!("no phone is called {phone}")))
    }

    /// The first event of this name that nobody has waited for yet, whichever phone's it is. Others stay to be waited for.
    pub(crate) async fn wait_for(&mut self, event: &str) -> Value {
        let waiting = async {
            let mut seen = 0;
            loop {
                if let Some(at) = self.unclaimed[seen..].iter().position(|told| told["event"] == event) {
                    return self.unclaimed.remove(seen + at);
                }
                seen = self.unclaimed.len();
                let told = self.next().await;
                self.unclaimed.push(told.unwrap_or_else(|| panic!("ended before `{event}`: {:#?}", self.unclaimed)));
            }
        };
        let found = tokio::time::timeout(PATIENCE, waiting).await;
        found.unwrap_or_else(|_| panic!("no `{event}`, but {:#?}", self.unclaimed))
    }

    /// Gives an order, such as `hangup`, or `alice press 1` where there are several phones.
    pub(crate) async fn order(&mut self, command: &str) {
        self.commands.write_all(format!("{command}\n").as_bytes()).await.expect("the phone takes orders");
    }

    /// Hangs up, closes recordings and ends; gives the events that nobody has waited for.
    pub(crate) async fn finish(mut self) -> Vec<Value> {
        self.order("quit").await;
        let ending = async {
            while let Some(told) = self.next().await {
                self.unclaimed.push(told);
            }
            self.process.wait().await.expect("known")
        };
        let status = tokio::time::timeout(PATIENCE, ending).await.expect("the phone ends");
        assert!(status.success(), "{status}: {:#?}", self.unclaimed);
        self.unclaimed
    }

    async fn next(&mut self) -> Option<Value> {
        let line = self.output.next_line().await.expect("readable")?;
        Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")))
    }
}

/// One of tests/peers' scenarios for sipp, played once on a port of its own. Where it calls somebody, or where it listens (`-p`), and
/// how often (`-m`), is to be added.
pub(crate) fn sipp(scenario: &str, folder: &Path) -> Command {
    let mut command = Command::new("sipp");
    command
        .current_dir(folder)
        .arg("-sf")
        .arg(repository().join("tests/peers").join(scenario))
        .args(["-i", "127.0.0.1", "-mi", "127.0.0.1", "-mp", &free_port().to_string(), "-nostdin"])
        .args(["-timeout", "60s", "-timeout_error"]);
    command
}

/// A UDP port of loopback for programs that can't tell which one they took, with nine above it that are nobody's either. It is none of
/// those that the system hands out by itself, so that no other socket, and no packet for a former one, comes between.
pub(crate) fn free_port() -> u16 {
    const EVERY: u16 = 10;
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let places = (32_000 - 20_000) / EVERY;
    let first = u16::try_from(std::process::id() % u32::from(places)).expect("below the places");
    let ports = std::iter::repeat_with(|| {
        let place = (first + GIVEN.fetch_add(1, Ordering::Relaxed)) % places;
        20_000 + place * EVERY
    });
    let mut free = ports.take(usize::from(places)).filter(|port| UdpSocket::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    free.next().expect("a free port")
}

/// Writes so many seconds of a tone, at 8 kHz, mono.
pub(crate) fn write_tone(path: &Path, hertz: f32, seconds: f32) {
    write_sound(path, tone(hertz, seconds));
}

/// Writes so many seconds of a tone, of silence, and of the tone again, at 8 kHz, mono. It has an overtone, since a pure tone is never taken
/// for speech.
pub(crate) fn write_interrupted_tone(path: &Path, hertz: f32, seconds: [f32; 3]) {
    let [before, silence, after] = seconds;
    let silence = std::iter::repeat_n(0, (silence * 8_000.0) as usize);
    write_sound(path, hum(hertz, before).chain(silence).chain(hum(hertz, after)));
}

fn write_sound(path: &Path, sound: impl IntoIterator<Item = i16>) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(path, spec).expect("created");
    for sample in sound {
        wav.write_sample(sample).expect("written");
    }
    wav.finalize().expect("finished");
}

/// The tone, in hertz by tens, that holds most of the sound of a recording between these seconds; none where it is quiet, or where no tone
/// holds half of it.
pub(crate) fn loudest_tone(wav: &Path, from_s: f32, to_s: f32) -> Option<f32> {
    let mut reader = hound::WavReader::open(wav).unwrap_or_else(|error| panic!("{}: {error}", wav.display()));
    let spec = reader.spec();
    let every = usize::from(spec.channels);
    let samples: Vec<f32> =
        reader.samples::<i16>().step_by(every).map(|sample| f32::from(sample.expect("a sample"))).collect();
    let at = |seconds: f32| ((seconds * spec.sample_rate as f32) as usize).min(samples.len());
    tone_of(&samples[at(from_s)..at(to_s)], spec.sample_rate)
}

/// Whether a recording that still grows holds this tone behind `from_s`.
fn hears_in(wav: &Path, hertz: f32, from_s: f32) -> bool {
    let (samples, rate) = recorded_so_far(wav);
    let from = ((from_s * rate as f32) as usize).min(samples.len());
    let step = (rate / 4).max(1) as usize;
    let halves = samples[from..].windows(2 * step).step_by(step);
    halves.filter_map(|half| tone_of(half, rate)).any(|found| (found - hertz).abs() < 20.0)
}

/// The samples of a recording that still grows, whose header does not tell its length yet, and how many there are in a second.
fn recorded_so_far(wav: &Path) -> (Vec<f32>, u32) {
    let bytes = std::fs::read(wav).unwrap_or_default();
    let Some((header, sound)) = bytes.split_at_checked(44) else { return (Vec::new(), 8_000) };
    let rate = u32::from_le_bytes([header[24], header[25], header[26], header[27]]);
    let (samples, _) = sound.as_chunks::<2>();
    (samples.iter().map(|sample| f32::from(i16::from_le_bytes(*sample))).collect(), rate.max(8_000))
}

fn tone(hertz: f32, seconds: f32) -> impl Iterator<Item = i16> {
    let turn = std::f32::consts::TAU * hertz / 8_000.0;
    (0..(seconds * 8_000.0) as u32).map(move |n| ((turn * n as f32).sin() * 8_000.0) as i16)
}

/// A tone with an overtone, in which the tone has four fifths of the energy.
fn hum(hertz: f32, seconds: f32) -> impl Iterator<Item = i16> {
    tone(hertz, seconds).zip(tone(2.0 * hertz, seconds)).map(|(tone, overtone)| tone / 2 + overtone / 4)
}

/// Below this root mean square there is nothing to hear.
const QUIET: f32 = 50.0;
/// Goertzel's blocks: 50 ms tell tones 20 Hz apart, and don't mind a lost packet in another block.
const BLOCKS_PER_SECOND: u32 = 20;

fn tone_of(samples: &[f32], rate: u32) -> Option<f32> {
    let block = (rate / BLOCKS_PER_SECOND) as usize;
    let blocks = samples.chunks_exact(block);
    let energy: f32 = blocks.clone().flatten().map(|sample| sample * sample).sum();
    if energy < QUIET * QUIET * (blocks.len() * block).max(1) as f32 {
        return None;
    }
    // A pure tone of the very frequency has a power of its energy times half a block's length.
    let whole = energy * block as f32 / 2.0;
    let candidates = (30..=340_u16).map(|tens| f32::from(tens) * 10.0);
    let powers = candidates.map(|hertz| {
        let turn = std::f32::consts::TAU * hertz / rate as f32;
        (hertz, blocks.clone().map(|block| goertzel(block, turn)).sum::<f32>())
    });
    let (hertz, power) = powers.max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    (power > whole / 2.0).then_some(hertz)
}

/// The power of one frequency, in radians per sample.
fn goertzel(block: &[f32], turn: f32) -> f32 {
    let twice = 2.0 * turn.cos();
    let (last, before) = block.iter().fold((0.0, 0.0), |(last, before), sample| (sample + twice * last - before, last));
    last * last + before * before - twice * last * before
}

#[test]
fn a_tone_is_told_from_another_from_noise_and_from_silence() {
    let found = |samples: Vec<i16>| tone_of(&samples.into_iter().map(f32::from).collect::<Vec<_>>(), 8_000);
    for hertz in [300.0, 440.0, 1_000.0, 2_590.0, 3_400.0] {
        assert_eq!(found(tone(hertz, 0.5).collect()), Some(hertz));
    }
    let quieter = tone(900.0, 1.0).zip(tone(500.0, 1.0)).map(|(loud, quiet)| loud + quiet / 2);
    assert_eq!(found(quieter.collect()), Some(900.0));
    let random =
        std::iter::successors(Some(1_u32), |last| Some(last.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)));
    let noise = random.take(8_000).map(|random| (random >> 16) as u16 as i16 / 4);
    assert_eq!(found(noise.collect()), None);
    assert_eq!(found(vec![0; 8_000]), None);
    assert_eq!(found(tone(440.0, 1.0).map(|sample| sample / 400).collect()), None, "as good as silent");
    assert_eq!(found(Vec::new()), None);
}

#[test]
fn only_the_seconds_asked_for_are_listened_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("two.wav");
    write_tone(&path, 700.0, 2.0);
    assert_eq!(loudest_tone(&path, 0.5, 1.5), Some(700.0));
    assert_eq!(loudest_tone(&path, 2.0, 3.0), None, "past the end");
}

/// A phone's options: it plays a tone over and over and records what it hears, both in this folder.
struct Sound {
    plays: PathBuf,
    hears: PathBuf,
}

impl Sound {
    fn new(folder: &Path, name: &str, hertz: f32) -> Self {
        let plays = folder.join(format!("{name}.wav"));
        write_tone(&plays, hertz, 1.0);
        Self { plays, hears: folder.join(format!("{name} heard.wav")) }
    }

    fn options(&self) -> [&str; 5] {
        let [plays, hears] = [&self.plays, &self.hears].map(|path| path.to_str().expect("text"));
        ["--loop", "--play", plays, "--record", hears]
    }
}

/// Takes three seconds.
#[test]
fn two_desk_phones_hear_each_other_and_each_others_keys() {
    run(async {
        let folder = tempfile::tempdir().expect("a folder");
        let [alices, bobs] =
            [("alice", 700.0), ("bob", 1_100.0)].map(|(name, hertz)| Sound::new(folder.path(), name, hertz));
        let alice = [&["--account", "alice", "--act", "accept:0.5:1"], alices.options().as_slice()].concat();
        let bob = [&["--account", "bob"], bobs.options().as_slice()].concat();
        let mut alice = Peer::start(&alice).await;
        let mut bob = Peer::start(&bob).await;
        bob.order(&format!("dial {}", alice.uri("alice"))).await;
        let incoming = alice.wait_for("incoming").await;
        assert!(incoming["from"].as_str().is_some_and(|from| from.contains("sip:bob@")), "{incoming}");
        assert_eq!(incoming["headers"]["Call-ID"][0], incoming["call_id"]);
        bob.wait_for("ringing").await;
        assert!(alice.wait_for("answered").await["seconds"].as_f64().is_some_and(|rang| rang >= 0.5));
        assert_eq!(bob.wait_for("key_heard").await["key"], "1", "pressed once there was sound");
        bob.order("press 7").await;
        assert_eq!(alice.wait_for("key_heard").await["key"], "7");
        bob.wait_for("heard_sound").await;
        alice.order("hold").await;
        assert_eq!(bob.wait_for("held").await["by"], "there");
        assert_eq!(alice.wait_for("held").await["by"], "here");
        alice.order("resume").await;
        assert_eq!(bob.wait_for("resumed").await["by"], "there");
        assert_eq!(alice.wait_for("resumed").await["by"], "here");
        alice.order("hangup").await;
        assert_eq!(bob.wait_for("ended").await["code"], 200);
        for peer in [alice, bob] {
            let rest = peer.finish().await;
            assert!(!rest.iter().any(|told| told["event"] == "error"), "{rest:#?}");
        }
        assert_eq!(loudest_tone(&alices.hears, 0.1, 0.5), Some(1_100.0));
        assert_eq!(loudest_tone(&bobs.hears, 0.1, 0.5), Some(700.0));
    });
}

/// Takes two seconds.
#[test]
fn desk_phones_refuse_ring_and_keep_silent_as_told() {
    run(async {
        let options = "--account busy --act reject:486 --account ringing --account silent --act silent";
        let mut desk = Peer::start(&options.split(' ').collect::<Vec<_>>()).await;
        let mut caller = Peer::start(&["--account", "caller"]).await;
        caller.order(&format!("dial {}", desk.uri("busy"))).await;
        assert_eq!(caller.wait_for("ended").await["code"], 486);
        assert_eq!(desk.wait_for("ended").await["phone"], "busy");
        caller.order(&format!("dial {}", desk.uri("ringing"))).await;
        caller.wait_for("ringing").await;
        caller.order("hangup").await;
        assert_eq!(desk.wait_for("cancelled").await["phone"], "ringing");
        assert_eq!(desk.wait_for("ended").await["code"], 487);
        caller.wait_for("ended").await;
        caller.order(&format!("dial {}", desk.uri("silent"))).await;
        for phone in ["busy", "ringing", "silent"] {
            assert_eq!(desk.wait_for("incoming").await["phone"], phone);
        }
        caller.order("hangup").await;
        caller.wait_for("ended").await;
        assert!(!caller.finish().await.iter().any(|told| told["event"] == "ringing"), "silence is no ringing");
        assert!(!desk.finish().await.iter().any(|told| told["event"] == "cancelled"), "no CANCEL before a response");
    });
}

/// Takes seven seconds.
#[test]
fn a_baresip_phone_and_a_desk_phone_hear_each_other() {
    run(async {
        let folder = tempfile::tempdir().expect("a folder");
        let sound = Sound::new(folder.path(), "desk", 1_100.0);
        let options = [&["--act", "answer:0.5", "--hang-up-after", "3"], sound.options().as_slice()].concat();
        let mut desk = Peer::start(&options).await;
        let microphone = folder.path().join("microphone.wav");
        write_tone(&microphone, 700.0, 20.0);
        let caller = baresip(folder.path(), &microphone, "+12125550121", &desk.uri("desk"), 6);
        let caller = tokio::spawn(async move { finish(caller, "baresip").await });
        let incoming = desk.wait_for("incoming").await;
        assert!(incoming["from"].as_str().is_some_and(|from| from.contains("+12125550121")), "{incoming}");
        assert_eq!(desk.wait_for("recorded").await["call"], 1);
        assert_eq!(loudest_tone(&sound.hears, 1.0, 2.5), Some(700.0));
        caller.await.expect("baresip runs");
        assert_eq!(loudest_tone(&heard_by_baresip(folder.path()), 1.0, 2.5), Some(1_100.0));
        desk.finish().await;
    });
}

/// Takes five seconds: a caller who gives up when the 200 is under way, and another while a trunk sends early media.
#[test]
fn sipps_scenarios_for_races_suit_each_other() {
    run(async {
        let folder = tempfile::tempdir().expect("a folder");
        for scenario in ["uas_late_200.xml", "uas_183_early.xml"] {
            let port = free_port().to_string();
            let mut trunk = sipp(scenario, folder.path());
            trunk.args(["-m", "1", "-p", &port]);
            let mut caller = sipp("uac_hangs_while_answered.xml", folder.path());
            caller.args(["-m", "1", "-p", &free_port().to_string(), &format!("127.0.0.1:{port}")]);
            tokio::join!(finish(trunk, scenario), finish(caller, "the caller who hangs up"));
        }
    });
}

/// Takes one second.
#[test]
fn sipps_scenarios_that_refuse_are_understood_by_a_phone() {
    run(async {
        let folder = tempfile::tempdir().expect("a folder");
        let mut caller = Peer::start(&["--account", "caller"]).await;
        for (scenario, code) in [("uas_busy.xml", 486), ("uas_503.xml", 503)] {
            let port = free_port();
            let mut trunk = sipp(scenario, folder.path());
            trunk.args(["-m", "1", "-p", &port.to_string()]);
            caller.order(&format!("dial sip:trunk@127.0.0.1:{port}")).await;
            let (ended, _) = tokio::join!(caller.wait_for("ended"), finish(trunk, scenario));
            assert_eq!(ended["code"], code);
        }
        caller.finish().await;
    });
}

/// Takes five seconds.
#[test]
fn sipps_callers_talk_to_a_desk_phone() {
    run(async {
        let folder = tempfile::tempdir().expect("a folder");
        let sound = Sound::new(folder.path(), "desk", 1_100.0);
        let mut desk = Peer::start(&[&["--act", "answer:0.5"], sound.options().as_slice()].concat()).await;
        let samples: Vec<i16> = tone(700.0, 1.0).collect();
        let (frames, _) = samples.as_chunks::<FRAME_SAMPLES>();
        let pcmu: Vec<u8> = frames.iter().flat_map(|frame| Codec::Pcmu.encode(&Frame(*frame))).collect();
        std::fs::write(folder.path().join("caller.pcmu"), pcmu).expect("written");
        let mut callers = sipp("uac_bridge.xml", folder.path());
        callers
            .args(["-m", "3", "-l", "3", "-r", "3", "-d", "2000", "-s", "desk", "-p", &free_port().to_string()])
            .arg(format!("127.0.0.1:{}", desk.port()));
        finish(callers, "sipp").await;
        for _ in 0..3 {
            let ended = desk.wait_for("ended").await;
            assert!(ended["seconds"].as_f64().is_some_and(|seconds| (1.9..2.5).contains(&seconds)), "{ended}");
            let recorded = desk.wait_for("recorded").await;
            let path = recorded["path"].as_str().expect("a path");
            assert_eq!(loudest_tone(Path::new(path), 0.5, 1.5), Some(700.0), "{recorded}");
        }
        desk.finish().await;
    });
}
