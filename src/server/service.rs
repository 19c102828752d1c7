//! Start-up and shutdown.

use super::admit;
use super::callbacks;
use super::closing;
use super::journal::Archive;
use super::notice::{self, Notice};
use super::pages;
use super::queues::{QueueDesk, Tools};
use super::recording::{Recording, sweep};
use super::surroundings;
use super::trunks::Trunks;
use super::workers::{Models, WarmUp, Workers};
use crate::browser::Lines;
use crate::config::{Config, Routing};
use crate::conversation::{ConversationConfig, choices, fixed_clauses};
use crate::id::CallId;
use crate::phone::PhoneNumber;
use crate::prompt::Prompt;
use crate::routing::Standing;
use crate::rtp::PortPool;
use crate::sip::{Accounts, Dialler, SipConfig, SipEndpoint};
use crate::store::Store;
use crate::texting::{Provider, run_outbox};
use crate::web::{self, WebServer, WebSetup};
use anyhow::Context as _;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore, broadcast, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long calls may take to end and be written down when the service goes down.
const GRACE: Duration = Duration::from_secs(10);

/// Everything a service is made of.
pub struct Setup {
    /// Checked configuration.
    pub config: Config,
    /// The receptionist's prompt file.
    pub prompt: Prompt,
    /// The models, not loaded yet.
    pub models: Models,
    /// Where texts go.
    pub texting: Provider,
}

/// What every call task may use.
pub(super) struct Service {
    pub(super) config: Config,
    pub(super) prompt: Arc<Prompt>,
    pub(super) conversation: ConversationConfig,
    pub(super) profile: String,
    pub(super) workers: Arc<Workers>,
    pub(super) store: Store,
    pub(super) archive: Archive,
    pub(super) ports: PortPool,
    pub(super) dialler: Dialler,
    /// The ways to the telephone network, the first that works first.
    pub(super) trunks: Trunks,
    /// Who is rung when; a changed file changes it for the next call.
    routing: watch::Sender<Arc<Routing>>,
    /// What the ring groups' strategies go by; touched for moments only, by calls that begin and end.
    standing: Mutex<Standing>,
    pub(super) queues: QueueDesk,
    /// The receptionist's places: models that serve too many at once serve nobody in time.
    pub(super) seats: Arc<Semaphore>,
    /// The pages that people have open.
    pub(super) lines: Option<Lines>,
    pub(super) notices: broadcast::Sender<Notice>,
    pub(super) wake_outbox: Arc<Notify>,
    pub(super) shut_down: CancellationToken,
    pub(super) calls: TaskTracker,
}

impl Service {
    /// Begins a call's recording, if it can be written.
    pub(super) fn begin_recording(&self, name: &str) -> Option<Recording> {
        Recording::create(&self.config.recordings.folder, name)
            .inspect_err(|error| tracing::error!(call = name, %error, "this call is not recorded"))
            .ok()
    }

    /// Where a call's voicemail is kept.
    pub(super) fn message_path(&self, call: CallId) -> PathBuf {
        self.config.recordings.folder.join(format!("{call}-voicemail.wav"))
    }

    /// Who is rung when, as of now.
    pub(super) fn routing(&self) -> Arc<Routing> {
        Arc::clone(&self.routing.borrow())
    }

    /// Hears of changes of it.
    pub(super) fn watch_routing(&self) -> watch::Receiver<Arc<Routing>> {
        self.routing.subscribe()
    }

    /// The telephone number that a user part is; without `+`, one of the business's own country.
    pub(super) fn number(&self, user: &str) -> Option<PhoneNumber> {
        PhoneNumber::parse(user, &self.prompt.business().region).ok()
    }

    /// What the ring groups' strategies go by.
    pub(super) fn standing(&self) -> MutexGuard<'_, Standing> {
        // A panic while it is held leaves counts that are at worst a call behind.
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What calls hold while they last; all of it is given back when they end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InUse {
    /// SIP dialogs that are kept, of both ways.
    pub dialogs: usize,
    /// RTP ports, those at rest not counted.
    pub ports: usize,
    /// Tasks of calls that are not written down yet.
    pub calls: usize,
    /// Calls that ring or go on in pages.
    pub pages: usize,
    /// Media connections of browsers.
    pub media: usize,
}

/// A running service.
pub struct Server {
    service: Arc<Service>,
    sip_address: SocketAddr,
    accepting: JoinHandle<()>,
    outbox: JoinHandle<()>,
    web: Option<WebServer>,
    stop_outbox: CancellationToken,
}

impl Server {
    /// Loads and warms the models, opens database and sockets, finishes what an earlier run left open, and takes calls.
    ///
    /// # Errors
    /// When a model, the database or a port can't be had; the message says which and how to mend it.
    pub async fn start(setup: Setup) -> anyhow::Result<Self> {
        let Setup { config, prompt, models, texting } = setup;
        let store = Store::open(config.database.url.reveal()).await?;
        let profile = models.profile.clone();
        let warm_up = WarmUp {
            instructions: prompt.instructions().to_owned(),
            choices: choices(&prompt),
            clauses: fixed_clauses(&prompt),
        };
        let workers = tokio::task::spawn_blocking(move || Workers::start(models, warm_up))
            .await
            .context("the models' start-up broke")??;
        let endpoint = SipEndpoint::bind(sip_config(&config)).await?;
        let sip_address = endpoint.local_addr();
        let routing = watch::Sender::new(Arc::new(config.routing.clone()));
        let (notices, shut_down) = (broadcast::Sender::new(notice::INBOX), CancellationToken::new());
        let (lines, page_errands) =
            surroundings::open_lines(&config, &prompt, &store, &routing, &shut_down).await?.unzip();
        let (queues, errands) = QueueDesk::open(Tools {
            dialler: endpoint.dialler(),
            lines: lines.clone(),
            routing: routing.subscribe(),
            store: store.clone(),
            notices: notices.clone(),
            shut_down: shut_down.clone(),
        })
        .await?;
        let service = Arc::new(Service {
            conversation: times(&config),
            profile,
            archive: Archive::open(store.clone(), prompt.hash().to_owned()),
            prompt: Arc::new(prompt),
            workers: Arc::new(workers),
            ports: PortPool::new(config.rtp.ip, config.rtp.first_port..=config.rtp.last_port, config.rtp.rest)?,
            dialler: endpoint.dialler(),
            trunks: Trunks::open(&endpoint.dialler(), &config.routing.trunks)?,
            routing,
            standing: Mutex::default(),
            queues,
            seats: Arc::new(Semaphore::new(at_once(&config))),
            lines,
            notices,
            wake_outbox: Arc::new(Notify::new()),
            shut_down,
            calls: TaskTracker::new(),
            store,
            config,
        });
        closing::finish_interrupted(&service).await?;
        let stop_outbox = CancellationToken::new();
        let outbox = tokio::spawn(run_outbox(
            service.store.clone(),
            Arc::new(texting),
            stop_outbox.clone(),
            Arc::clone(&service.wake_outbox),
        ));
        tokio::spawn(callbacks::run(Arc::clone(&service), errands));
        tokio::spawn(sweep_recordings(Arc::clone(&service)));
        if let Some(errands) = page_errands {
            tokio::spawn(pages::run(Arc::clone(&service), errands));
            tokio::spawn(surroundings::keep_told(Arc::clone(&service)));
        }
        let web = open_page(&service).await?;
        let accepting = tokio::spawn(admit::accept_calls(Arc::clone(&service), endpoint));
        Ok(Self { service, sip_address, accepting, outbox, web, stop_outbox })
    }

    /// Where calls are taken, by UDP and TCP.
    #[must_use]
    pub fn sip_address(&self) -> SocketAddr {
        self.sip_address
    }

    /// Where the page is served, when it is.
    #[must_use]
    pub fn web_address(&self) -> Option<SocketAddr> {
        self.page().map(WebServer::local_addr)
    }

    /// The page that people take calls in, when it is served.
    #[must_use]
    pub fn page(&self) -> Option<&WebServer> {
        self.web.as_ref()
    }

    /// Hear of everything from now on.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Notice> {
        self.service.notices.subscribe()
    }

    /// Takes all that decides who gets a call, phones' accounts, trunks and who may call of a changed configuration over, for calls from now
    /// on; those under way go on as they began. `false` when something else has changed, too: that takes a restart.
    pub fn reconfigure(&self, config: Config) -> bool {
        let Service { config: before, dialler, trunks, routing, .. } = &*self.service;
        let mut rest = config.clone();
        rest.routing.clone_from(&before.routing);
        rest.sip.allow.clone_from(&before.sip.allow);
        let is_all = rest == *before;
        dialler.set_accounts(accounts(&config));
        dialler.allow(config.sip.allow);
        trunks.follow(dialler, &config.routing.trunks);
        routing.send_replace(Arc::new(config.routing));
        is_all
    }

    /// What is held now. Dialogs are forgotten once the other side has answered our BYE, a moment after their call's end.
    #[must_use]
    pub fn in_use(&self) -> InUse {
        let Service { dialler, ports, calls, .. } = &*self.service;
        let (pages, media) = self.service.lines.as_ref().map(Lines::in_use).unwrap_or_default();
        InUse { dialogs: dialler.kept_dialogs(), ports: ports.in_use(), calls: calls.len(), pages, media }
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.service.store
    }

    /// Ends all calls politely for SIP, writes them down and stops. Texts that are due later go out after the next start.
    pub async fn stop(self) {
        self.service.shut_down.cancel();
        self.service.calls.close();
        if tokio::time::timeout(GRACE, self.service.calls.wait()).await.is_err() {
            tracing::warn!(open = self.service.calls.len(), "some calls did not end in time");
        }
        if let Some(web) = self.web {
            web.stopped().await;
        }
        let _ended = self.accepting.await;
        self.stop_outbox.cancel();
        let _ended = self.outbox.await;
    }
}

/// A number that nobody can foresee, for what comes in random order.
pub(super) fn draw() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0
}

async fn open_page(service: &Service) -> anyhow::Result<Option<WebServer>> {
    let (Some(web), Some(lines)) = (service.config.web.clone(), service.lines.clone()) else { return Ok(None) };
    let setup = WebSetup {
        web,
        store: service.store.clone(),
        lines,
        routing: service.routing.subscribe(),
        business: service.prompt.business().name.clone(),
        shut_down: service.shut_down.clone(),
    };
    Ok(Some(web::open(setup).await?))
}

async fn sweep_recordings(service: Arc<Service>) {
    let mut days = tokio::time::interval(Duration::from_hours(24));
    let settings = &service.config.recordings;
    while service.shut_down.run_until_cancelled(days.tick()).await.is_some() {
        match sweep(&settings.folder, settings.keep) {
            Ok(swept) => tracing::debug!(swept, "old recordings were deleted"),
            Err(error) => tracing::error!(%error, "old recordings could not be looked for"),
        }
    }
}

// As many as there are cores: a conversation keeps about one busy while its caller speaks.
fn at_once(config: &Config) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, NonZero::get);
    config.conversation.at_once.unwrap_or_else(cores)
}

fn times(config: &Config) -> ConversationConfig {
    let times = &config.conversation;
    ConversationConfig {
        endpoint: times.endpoint,
        barge_in: times.barge_in,
        idle_prompt: times.idle,
        idle_end: times.idle * 2,
        reply_budget: times.reply_budget,
        max_length: times.longest,
        ..ConversationConfig::default()
    }
}

fn accounts(config: &Config) -> Accounts {
    Accounts::new(config.routing.phones.iter().map(|phone| (phone.user.clone(), phone.password.clone())))
}

fn sip_config(config: &Config) -> SipConfig {
    SipConfig {
        advertised: config.sip.advertised,
        max_calls: config.sip.max_calls,
        allow: config.sip.allow.clone(),
        accounts: accounts(config),
        inbox: config.sip.max_calls.max(1),
        ..SipConfig::new(config.sip.bind, concat!("Backstop/", env!("CARGO_PKG_VERSION")))
    }
}
