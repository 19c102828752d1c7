//! Services to test against: one with the real models, shared by all tests; and cheap ones whose models follow a script.

use backstop::config::Config;
use backstop::id::CallId;
use backstop::pii::Pii;
use backstop::prompt::Prompt;
use backstop::server::{InUse, Models, Notice, Server, Setup, assemble};
use backstop::speech::VoiceActivityDetector;
use backstop::speech::scripted::{EvenTurnDetector, LoudnessVad, ScriptedResponder, ScriptedTranscriber, ToneVoice};
use backstop::store::CallReport;
use backstop::texting::Provider;
use backstop::texting::sink::SmsSink;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{OnceLock, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::{OnceCell, broadcast};

/// The profile that callers talk to, the demo's: whisper base hears digits on a telephone line better than tiny.en does. That
/// the small profile serves, too, is shown by the tests of `kill`.
pub(crate) const PROFILE: &str = "standard";
/// The other profile.
pub(crate) const SMALL: &str = "small";

/// Longest any awaited event may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// A running service with its database, recordings and SMS sink.
pub(crate) struct Backstop {
    pub(crate) server: Server,
    pub(crate) sink: SmsSink,
    /// What it began with.
    pub(crate) config: Config,
    folder: TempDir,
}

/// One runtime for all tests: the shared service must outlive each of them.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let log = std::env::var("BACKSTOP_LOG").unwrap_or_else(|_| "error".to_owned());
        tracing_subscriber::fmt().with_env_filter(log).with_test_writer().init();
        Runtime::new().expect("threads")
    })
}

/// Models and the callers who talk to them need the whole machine: an answer would otherwise be late for no fault of the product.
static MACHINE: RwLock<()> = RwLock::new(());

/// Runs a test beside others.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    let _shared = beside_others();
    runtime().block_on(test)
}

/// For as long as this is held, no test has the machine to itself: what runs commands needs it as well, for they check models of a gigabyte.
pub(crate) fn beside_others() -> RwLockReadGuard<'static, ()> {
    MACHINE.read().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a test with real models while no other runs.
pub(crate) fn run_alone<T>(test: impl Future<Output = T>) -> T {
    let _alone = MACHINE.write().unwrap_or_else(PoisonError::into_inner);
    runtime().block_on(test)
}

/// The service with the real models.
pub(crate) async fn real() -> &'static Backstop {
    static REAL: OnceCell<Backstop> = OnceCell::const_new();
    REAL.get_or_init(|| own(PROFILE, |_| {})).await
}

/// A service of a test's own with the real models of a profile.
pub(crate) async fn own(profile: &str, change: impl FnOnce(&mut Config)) -> Backstop {
    start(|config, sink| {
        profile.clone_into(&mut config.models.profile);
        change(config);
        assemble(config.clone(), Some(sink)).expect("the models are there: run `make models`")
    })
    .await
}

/// A service that hears `lines`, whatever is said to it.
pub(crate) async fn scripted(lines: &'static [&'static str], change: impl FnOnce(&mut Config)) -> Backstop {
    scripted_with(lines, change, || Box::new(LoudnessVad::default())).await
}

/// As [`scripted`], with these detectors.
pub(crate) async fn scripted_with(
    lines: &'static [&'static str],
    change: impl FnOnce(&mut Config),
    detectors: impl Fn() -> Box<dyn VoiceActivityDetector> + Send + Sync + 'static,
) -> Backstop {
    start(|config, sink| scripted_setup(lines, change, detectors, config, sink)).await
}

fn scripted_setup(
    lines: &'static [&'static str],
    change: impl FnOnce(&mut Config),
    detectors: impl Fn() -> Box<dyn VoiceActivityDetector> + Send + Sync + 'static,
    config: &mut Config,
    sink: Provider,
) -> Setup {
    change(config);
    let models = Models {
        voice_activity: Box::new(|| Ok(Box::new(detectors))),
        transcriber: Box::new(|| Ok(Box::new(ScriptedTranscriber::new(lines.iter().copied())))),
        turn: Box::new(|| Ok(Box::new(EvenTurnDetector(0.5)))),
        responder: Box::new(|| Ok(Box::new(ScriptedResponder::new()))),
        voice: Box::new(|| Ok(Box::new(ToneVoice::default()))),
        profile: "scripted".to_owned(),
    };
    Setup { config: config.clone(), prompt: Prompt::bundled(), models, texting: sink }
}

/// Why such a service does not start.
pub(crate) async fn refused(lines: &'static [&'static str], change: impl FnOnce(&mut Config)) -> String {
    let (folder, sink) = (tempfile::tempdir().expect("a folder"), SmsSink::start().await.expect("a port"));
    let sender = Provider::Twilio(sink.sender("+12125550100").expect("the sink's address"));
    let detectors = || -> Box<dyn VoiceActivityDetector> { Box::new(LoudnessVad::default()) };
    let mut config = config_in(&folder);
    let setup = scripted_setup(lines, change, detectors, &mut config, sender);
    Server::start(setup).await.err().map_or_else(|| panic!("it starts"), |why| format!("{why:#}"))
}

async fn start(setup: impl FnOnce(&mut Config, Provider) -> Setup) -> Backstop {
    let folder = tempfile::tempdir().expect("a folder");
    start_in(folder, SmsSink::start().await.expect("a port"), setup).await
}

async fn start_in(folder: TempDir, sink: SmsSink, setup: impl FnOnce(&mut Config, Provider) -> Setup) -> Backstop {
    let mut config = config_in(&folder);
    let sender = Provider::Twilio(sink.sender("+12125550100").expect("the sink's address"));
    let setup = setup(&mut config, sender);
    let server = Server::start(setup).await.expect("starts");
    Backstop { server, sink, config, folder }
}

fn config_in(folder: &TempDir) -> Config {
    let mut config = Config::default();
    config.sip.bind = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    config.prompt = repository().join("prompts/receptionist.md");
    config.database.url = Pii::new(format!("sqlite:{}", folder.path().join("backstop.db").display()));
    config.recordings.folder = folder.path().join("recordings");
    // Tests have more calls at once than the machine has cores; who tests the limit sets it.
    config.conversation.at_once = Some(1_000);
    config
}

/// The project's folder.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

impl Backstop {
    /// Ends the service, and starts another one on its database, which hears `lines`.
    pub(crate) async fn restarted(self, lines: &'static [&'static str], change: impl FnOnce(&mut Config)) -> Self {
        let Self { server, sink, folder, .. } = self;
        server.stop().await;
        let detectors = || -> Box<dyn VoiceActivityDetector> { Box::new(LoudnessVad::default()) };
        start_in(folder, sink, |config, sink| scripted_setup(lines, change, detectors, config, sink)).await
    }

    /// The end of a test whose calls are over: nothing of theirs is left, no dialog, no port, no task.
    pub(crate) async fn finish(self) {
        wait_until_unused(&self).await;
        self.server.stop().await;
    }

    pub(crate) fn uri(&self) -> String {
        format!("sip:receptionist@{}", self.server.sip_address())
    }

    pub(crate) async fn report(&self, call: CallId) -> CallReport {
        self.server.store().call(call).await.expect("the database answers").expect("the call is known")
    }
}

/// Waits for a notice, of any call, that `pick` takes.
pub(crate) async fn wait_for<T>(
    notices: &mut broadcast::Receiver<Notice>,
    mut pick: impl FnMut(Notice) -> Option<T>,
) -> T {
    let waiting = async {
        loop {
            if let Some(found) = pick(notices.recv().await.expect("the service runs")) {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it happens in time")
}

/// The call from this number rings: its id.
pub(crate) async fn ringing_from(notices: &mut broadcast::Receiver<Notice>, number: &str) -> CallId {
    wait_for(notices, |notice| match notice {
        Notice::Ringing { call, caller, .. } if caller.as_ref().is_some_and(|caller| caller.e164() == number) => {
            Some(call)
        }
        _ => None,
    })
    .await
}

/// The end of this call.
pub(crate) async fn end_of(notices: &mut broadcast::Receiver<Notice>, call: CallId) {
    wait_for(notices, |notice| match notice {
        Notice::Ended { call: ended, stored, .. } if ended == call => {
            assert!(stored, "the call was written down");
            Some(())
        }
        _ => None,
    })
    .await;
}

/// Nothing of a call is left: no dialog, no port, no task.
pub(crate) async fn wait_until_unused(backstop: &Backstop) {
    let emptying = async {
        let mut looks = tokio::time::interval(Duration::from_millis(10));
        while backstop.server.in_use() != InUse::default() {
            looks.tick().await;
        }
    };
    let emptied = tokio::time::timeout(PATIENCE, emptying).await;
    assert!(emptied.is_ok(), "left behind: {:?}", backstop.server.in_use());
}

/// The end of a turn in which these words were spoken.
pub(crate) async fn spoken(notices: &mut broadcast::Receiver<Notice>, words: &str) {
    wait_for(notices, |notice| match notice {
        Notice::Turn { turn, .. } if turn.text.contains(words) => Some(()),
        _ => None,
    })
    .await;
}
