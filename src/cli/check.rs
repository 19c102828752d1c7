//! `backstop check`: tells everything that would keep Backstop from serving, all at once, each with its fix.

use crate::config::{Config, ConfigFault, FILE_NAME, Web};
use crate::models::{Cache, Manifest, resolve};
use crate::prompt::Prompt;
use crate::store::Store;
use crate::web::{WebError, load_certificate};
use anyhow::{Context as _, anyhow};
use clap::Args;
use std::fmt;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Check configuration, prompts, models, ports and database, and tell all faults at once.
#[derive(Debug, Args)]
#[command(after_help = "Example: backstop check --config backstop.toml")]
pub(super) struct CheckArgs {
    /// The configuration file; without one, `backstop.toml` in the working folder, or the defaults.
    #[arg(long, value_name = "FILE", env = "BACKSTOP_CONFIG")]
    config: Option<PathBuf>,
}

/// One thing that keeps Backstop from serving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What it is about: `configuration`, `prompt`, `models`, `ports`, `page`, `database`, `recordings`, `voice`.
    pub(crate) area: &'static str,
    /// What is wrong, and what to do.
    pub(crate) message: String,
}

impl Fault {
    fn new(area: &'static str, message: impl fmt::Display) -> Self {
        Self { area, message: message.to_string() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.area, self.message)
    }
}

/// Checks, prints, and fails when there was a fault.
///
/// # Errors
/// None as yet: every fault is told as such.
pub(super) async fn run(args: CheckArgs) -> anyhow::Result<ExitCode> {
    let faults = find_faults(args.config.as_deref()).await;
    print(&faults);
    if faults.is_empty() {
        print_warnings(&read_config(args.config.as_deref()).0);
        println!("ok: configuration, routing, prompt, models, ports, page, database and recordings");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

/// Prints each fault on a line of its own, to standard error.
pub(crate) fn print(faults: &[Fault]) {
    for fault in faults {
        eprintln!("{fault}");
    }
    if !faults.is_empty() {
        eprintln!("{} fault(s): mend them and run `backstop check` again", faults.len());
    }
}

/// Prints what Backstop can serve with and its owner should know, each on a line of its own, to standard error.
pub(crate) fn print_warnings(config: &Config) {
    for warning in warnings(config) {
        eprintln!("warning: {warning}");
    }
}

fn warnings(config: &Config) -> Vec<String> {
    let is_local = match config.sip.bind.ip() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    };
    let is_open = !is_local && config.sip.allow.is_none();
    let open = "sip.allow: is not set, so anybody who reaches sip.bind may call. List your carrier's addresses, such as [\"203.0.113.0/24\"]; \
                trunks and registered phones may always call";
    let deaf = "web.bind: browsers give the microphone to pages by https and on this machine only, and this one is plain http. Name a certificate \
                (`web.certificate`, `web.key`), or put a proxy in front and set `web.public_url`";
    let is_deaf = config.web.as_ref().is_some_and(Web::lacks_microphone);
    let told = [(is_open, open), (is_deaf, deaf)];
    told.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| words.to_owned()).collect()
}

/// Reads the configuration at `path`, or `backstop.toml` when it is there, or gives the defaults.
///
/// # Errors
/// When the file can't be read, or is faulty.
pub(crate) fn load_config(path: Option<&Path>) -> anyhow::Result<Config> {
    let (config, faults) = read_config(path);
    let lines: Vec<_> = faults.iter().map(ConfigFault::to_string).collect();
    if lines.is_empty() { Ok(config) } else { Err(anyhow!(lines.join("\n"))) }
}

fn read_config(path: Option<&Path>) -> (Config, Vec<ConfigFault>) {
    let file = path.unwrap_or(Path::new(FILE_NAME));
    let env = |name: &str| std::env::var(name).ok();
    match std::fs::read_to_string(file) {
        Ok(text) => Config::read(&file.display().to_string(), &text, &env),
        // The environment counts without a file, too.
        Err(why) if path.is_none() && why.kind() == ErrorKind::NotFound => Config::read("environment", "", &env),
        Err(why) => (
            Config::default(),
            vec![ConfigFault {
                file: file.display().to_string(),
                key: String::new(),
                problem: format!("can't be read: {why}"),
                fix: "Name another with --config, or start from backstop.example.toml".to_owned(),
            }],
        ),
    }
}

/// Finds everything that keeps the configuration from being served. With a faulty configuration only prompt and models are looked at
/// besides: what ports and folders it means isn't known.
pub(crate) async fn find_faults(config_path: Option<&Path>) -> Vec<Fault> {
    let (config, config_faults) = read_config(config_path);
    let mut faults: Vec<_> = config_faults.iter().map(|fault| Fault::new("configuration", fault)).collect();
    faults.extend(prompt_faults(&config.prompt));
    faults.extend(model_faults(&config));
    if !config_faults.is_empty() {
        return faults;
    }
    faults.extend(port_faults(&config));
    faults.extend(config.web.iter().flat_map(page_faults));
    faults.extend(folder_fault(&config.recordings.folder));
    if let Err(why) = Store::open(config.database.url.reveal()).await {
        faults.push(Fault::new("database", why));
    }
    faults
}

fn prompt_faults(file: &Path) -> Vec<Fault> {
    let name = file.display().to_string();
    match std::fs::read_to_string(file) {
        Ok(text) => match Prompt::parse(&name, &text) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.iter().map(|fault| Fault::new("prompt", fault)).collect(),
        },
        Err(why) => {
            let fix = "Name another file as `prompt` in the configuration, or start from prompts/receptionist.md";
            vec![Fault::new("prompt", format!("{name} can't be read: {why}. {fix}"))]
        }
    }
}

fn model_faults(config: &Config) -> Vec<Fault> {
    let cache = match Cache::locate() {
        Ok(cache) => cache,
        Err(why) => return vec![Fault::new("models", why)],
    };
    match resolve(&config.models, &Manifest::bundled(), &cache) {
        Ok(paths) if paths.espeak_data.is_none() => {
            let fix =
                "Run `sudo apt-get install -y espeak-ng-data`, or set PIPER_ESPEAKNG_DATA_DIRECTORY to its folder";
            vec![Fault::new("voice", format!("no folder holds espeak-ng-data, which the voice needs. {fix}"))]
        }
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(|fault| Fault::new("models", fault)).collect(),
    }
}

fn port_faults(config: &Config) -> Vec<Fault> {
    let browser = config.web.as_ref().and_then(|_| browser_fault(config.browser.bind));
    sip_fault(config.sip.bind).into_iter().chain(rtp_fault(config)).chain(browser).collect()
}

fn browser_fault(bind: SocketAddr) -> Option<Fault> {
    let why = UdpSocket::bind(bind).err()?;
    let fix = match why.kind() {
        ErrorKind::AddrInUse => "Stop what is listening there, or change `browser.bind`",
        ErrorKind::AddrNotAvailable => "Write an address of this machine to `browser.bind`, or 0.0.0.0 for all",
        _ => "Change `browser.bind`",
    };
    Some(Fault::new("ports", format!("browser.bind: {bind} can't be listened on over UDP: {why}. {fix}")))
}

fn sip_fault(bind: SocketAddr) -> Option<Fault> {
    let why = UdpSocket::bind(bind).map(drop).err().map(|why| ("UDP", why));
    let (protocol, why) = why.or_else(|| TcpListener::bind(bind).map(drop).err().map(|why| ("TCP", why)))?;
    let fix = match why.kind() {
        ErrorKind::AddrInUse => "Stop what is listening there, or change `sip.bind`",
        ErrorKind::AddrNotAvailable => "Write an address of this machine to `sip.bind`, or 0.0.0.0 for all",
        _ => "Change `sip.bind`",
    };
    Some(Fault::new("ports", format!("sip.bind: {bind} can't be listened on over {protocol}: {why}. {fix}")))
}

/// A port here and there may be in use, and the pool steps over it; there have to be as many as calls are taken.
fn rtp_fault(config: &Config) -> Option<Fault> {
    let rtp = &config.rtp;
    let free = free_ports(rtp.ip, rtp.first_port, rtp.last_port);
    (free < config.sip.max_calls).then(|| {
        let fix = "Widen `rtp.ports`, correct `rtp.ip`, or lower `sip.max_calls`";
        let range = format!("{} to {} of {}", rtp.first_port, rtp.last_port, rtp.ip);
        Fault::new(
            "ports",
            format!(
                "rtp.ports: {free} even ports are free in {range}, and {} calls are to be taken. {fix}",
                config.sip.max_calls
            ),
        )
    })
}

fn free_ports(ip: IpAddr, first: u16, last: u16) -> usize {
    (first..=last).step_by(2).filter(|port| UdpSocket::bind((ip, *port)).is_ok()).count()
}

fn page_faults(web: &Web) -> Vec<Fault> {
    let port = TcpListener::bind(web.bind).err().map(|why| Fault::new("page", WebError::bind(web.bind, why)));
    let tls = web.tls.as_ref().and_then(|tls| load_certificate(tls).err()).map(|why| Fault::new("page", why));
    port.into_iter().chain(tls).collect()
}

fn folder_fault(folder: &Path) -> Option<Fault> {
    let probe = folder.join(".backstop-check");
    let tried = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&probe, b""))
        .and_then(|()| std::fs::remove_file(&probe));
    let why = tried.context("not writable").err()?;
    let fix = "Give it to the user that Backstop runs as, or change `recordings.folder`";
    Some(Fault::new("recordings", format!("recordings.folder: {}: {why:#}. {fix}", folder.display())))
}

#[cfg(test)]
mod tests {
    use super::{
        browser_fault, find_faults, folder_fault, load_config, page_faults, prompt_faults, rtp_fault, sip_fault,
        warnings,
    };
    use crate::config::{Config, Tls, Web};
    use std::net::{Ipv4Addr, TcpListener, UdpSocket};
    use std::path::Path;

    #[test]
    fn a_port_in_use_is_named() {
        let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let bind = taken.local_addr().expect("an address");
        let fault = sip_fault(bind).expect("in use").to_string();
        assert!(fault.contains(&bind.to_string()) && fault.contains("change `sip.bind`"), "{fault}");
        drop(taken);
        assert_eq!(sip_fault(bind), None);
        let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let fault = browser_fault(taken.local_addr().expect("an address")).expect("in use").to_string();
        assert!(fault.contains("change `browser.bind`"), "{fault}");
    }

    #[test]
    fn an_open_door_is_told() {
        for (bind, allow, is_told) in [
            ("127.0.0.1:5060", None, false),
            ("192.168.1.2:5060", None, false),
            ("0.0.0.0:5060", None, true),
            ("203.0.113.7:5060", None, true),
            ("203.0.113.7:5060", Some(vec!["198.51.100.0/24".parse().expect("a range")]), false),
        ] {
            let mut config = Config::default();
            (config.sip.bind, config.sip.allow) = (bind.parse().expect("an address"), allow);
            assert_eq!(!warnings(&config).is_empty(), is_told, "{bind}");
        }
    }

    #[test]
    fn a_page_without_a_microphone_is_told() {
        for (bind, public_url, is_told) in [
            ("127.0.0.1:8080", None, false),
            ("0.0.0.0:8080", None, true),
            ("0.0.0.0:8080", Some("https://phone.example.com"), false),
            ("192.168.1.2:8080", Some("http://phone.example.com"), true),
        ] {
            let public_url = public_url.map(|url: &str| url.parse().expect("an address"));
            let web = Web { bind: bind.parse().expect("an address"), public_url, tls: None };
            let config = Config { web: Some(web), ..Config::default() };
            assert_eq!(warnings(&config).iter().any(|told| told.contains("microphone")), is_told, "{bind}");
        }
    }

    #[test]
    fn what_keeps_the_page_from_being_served_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let file = |name: &str| folder.path().join(name);
        std::fs::write(file("empty.pem"), "x").expect("written");
        let tls = |certificate: &str| Some(Tls { certificate: file(certificate), key: file("key.pem") });
        let web = Web { bind: taken.local_addr().expect("an address"), tls: tls("nothing.pem"), public_url: None };
        let told: Vec<_> = page_faults(&web).iter().map(ToString::to_string).collect();
        assert!(told[0].contains("change `web.bind`"), "{told:?}");
        assert!(told[1].contains("nothing.pem can't be read") && told[1].contains("name another file"), "{told:?}");
        drop(taken);
        let told = page_faults(&Web { tls: tls("empty.pem"), ..web.clone() });
        assert!(told.len() == 1 && told[0].message.contains("holds no certificate. Write it as PEM"), "{told:?}");
        assert!(page_faults(&Web { tls: None, ..web }).is_empty());
    }

    #[test]
    fn too_few_rtp_ports_are_told() {
        let mut config = Config::default();
        (config.rtp.first_port, config.rtp.last_port) = (39_000, 39_003);
        let fault = rtp_fault(&config).expect("too few").to_string();
        assert!(fault.contains("39000 to 39003") && fault.contains("Widen `rtp.ports`"), "{fault}");
    }

    #[test]
    fn an_unwritable_folder_and_a_missing_prompt_are_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, b"").expect("written");
        assert!(folder_fault(&file.join("recordings")).is_some());
        assert_eq!(folder_fault(&folder.path().join("new")), None);
        assert!(prompt_faults(Path::new("/nowhere.md"))[0].to_string().contains("/nowhere.md can't be read"));
    }

    #[tokio::test]
    async fn five_faults_of_the_configuration_are_all_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("backstop.toml");
        let text = "prompts = 1\n[sip]\nbind = \"x\"\nmax_calls = 0\n[rtp]\nports = \"1\"\n[database]\nurl = \"db\"\n";
        std::fs::write(&file, text).expect("written");
        let faults = find_faults(Some(&file)).await;
        assert_eq!(faults.iter().filter(|fault| fault.area == "configuration").count(), 5, "{faults:#?}");
        assert!(load_config(Some(&file)).is_err_and(|why| why.to_string().lines().count() == 5));
    }

    #[tokio::test]
    async fn an_unopenable_database_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("backstop.toml");
        // A file stands where a folder would have to be: not even root gets past that.
        let at = folder.path().display();
        let text = format!(
            "[database]\nurl = \"sqlite:{at}/backstop.toml/x.db\"\n[recordings]\nfolder = \"{at}/recordings\"\n"
        );
        std::fs::write(&file, text).expect("written");
        let faults = find_faults(Some(&file)).await;
        assert!(faults.iter().any(|fault| fault.area == "database"), "{faults:#?}");
    }
}
