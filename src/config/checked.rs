//! From the text of `backstop.toml` to a checked [`Config`].

use super::browser::{self, Browser};
use super::fault::{ConfigFault, ConfigFaults};
use super::network::Network;
use super::raw::Reader;
use super::routing::{self, Routing, Source};
use super::sections::{
    Conversation, Database, DetectorChoice, ModelChoice, Notice, Provider, Recordings, Rtp, SecondChoice, Sip, Texting,
};
use super::web::{self, Web};
use crate::phone::PhoneNumber;
use crate::pii::Pii;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// The whole configuration, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where calls come in.
    pub sip: Sip,
    /// Where sound comes in and goes out.
    pub rtp: Rtp,
    /// The prompt file, relative to the working folder.
    pub prompt: PathBuf,
    /// Which models.
    pub models: ModelChoice,
    /// How patient the receptionist is.
    pub conversation: Conversation,
    /// Where calls are kept.
    pub database: Database,
    /// Where calls are recorded.
    pub recordings: Recordings,
    /// The text that follows a call.
    pub texting: Texting,
    /// What the owner is told.
    pub notice: Notice,
    /// Who gets a call when.
    pub routing: Routing,
    /// The page that people take calls in, when there is one.
    pub web: Option<Web>,
    /// How the sound of pages reaches us.
    pub browser: Browser,
}

impl Config {
    /// Reads and checks the text of a configuration. `file` is only named in faults; `env` gives environment variables.
    ///
    /// # Errors
    /// Every fault, each with its key and its fix.
    pub fn parse(file: &str, text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigFaults> {
        let (config, faults) = Self::read(file, text, env);
        if faults.is_empty() { Ok(config) } else { Err(ConfigFaults(faults)) }
    }

    /// As [`Config::parse`], but gives what could be read beside the faults: a default stands for every faulty value.
    #[must_use]
    pub fn read(file: &str, text: &str, env: &dyn Fn(&str) -> Option<String>) -> (Self, Vec<ConfigFault>) {
        match Reader::open(file, text) {
            Ok(mut reader) => {
                let config = read(&mut reader, env);
                (config, reader.finish())
            }
            Err(faults) => (Self::default(), faults.0),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        read(&mut Reader::empty(), &|_| None)
    }
}

fn read(reader: &mut Reader, env: &dyn Fn(&str) -> Option<String>) -> Config {
    let prompt = reader.text("", "prompt", "prompts/receptionist.md").into();
    let (sip, rtp, models) = (read_sip(reader), read_rtp(reader), read_models(reader, env));
    let (conversation, database) = (read_conversation(reader), read_database(reader));
    let (recordings, texting) = (read_recordings(reader), read_texting(reader, env));
    let notice = read_notice(reader, &texting.region);
    let routing = routing::read(&mut Source { reader, env, region: &texting.region });
    let web = web::read(reader, routing.directory.people.iter().any(|person| person.browser));
    let browser = browser::read(reader, env);
    Config { sip, rtp, prompt, models, conversation, database, recordings, texting, notice, routing, web, browser }
}

fn read_sip(reader: &mut Reader) -> Sip {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 5060));
    Sip {
        bind: reader.parsed("sip", "bind", "an address and a port such as \"0.0.0.0:5060\"").unwrap_or(loopback),
        advertised: reader.parsed("sip", "advertised", "an IP address such as \"203.0.113.7\""),
        max_calls: reader.number("sip", "max_calls", 20, 1..=10_000) as usize,
        allow: read_networks(reader),
    }
}

fn read_networks(reader: &mut Reader) -> Option<Vec<Network>> {
    let texts = reader.optional_texts("sip", "allow")?;
    let mut networks = Vec::new();
    for text in texts {
        if let Ok(network) = text.parse() {
            networks.push(network);
        } else {
            let fix = "Write ranges such as \"203.0.113.0/24\", or single addresses";
            reader.fault("sip", "allow", format!("\"{text}\" is no range of addresses"), fix);
        }
    }
    Some(networks)
}

fn read_rtp(reader: &mut Reader) -> Rtp {
    let ip = reader.parsed("rtp", "ip", "an IP address such as \"0.0.0.0\"");
    let (first_port, last_port) = read_ports(reader);
    Rtp {
        ip: ip.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        first_port,
        last_port,
        rest: reader.duration("rtp", "rest_seconds", Duration::from_secs(1), 10, 0..=600),
        inactivity: reader.duration("rtp", "inactivity_seconds", Duration::from_secs(1), 30, 1..=3_600),
    }
}

fn read_ports(reader: &mut Reader) -> (u16, u16) {
    let text = reader.text("rtp", "ports", "16384-16584");
    let ends =
        text.split_once('-').and_then(|(first, last)| Some((first.trim().parse().ok()?, last.trim().parse().ok()?)));
    match ends {
        Some((first, last)) if first >= 1_024 && first % 2 == 0 && first < last => (first, last),
        _ => {
            let fix = "Write an even first port from 1024 on and a higher last one, such as \"16384-16584\"";
            reader.fault("rtp", "ports", format!("\"{text}\" is no range of ports"), fix);
            (16_384, 16_584)
        }
    }
}

fn read_models(reader: &mut Reader, env: &dyn Fn(&str) -> Option<String>) -> ModelChoice {
    let onnxruntime = reader.optional_text("models", "onnxruntime").or_else(|| env("ORT_DYLIB_PATH"));
    ModelChoice {
        profile: reader.text("models", "profile", "standard"),
        voice_activity: match reader.text("models", "voice_activity", "silero").as_str() {
            "silero" => DetectorChoice::Silero,
            "webrtc" => DetectorChoice::WebRtc,
            path => DetectorChoice::Own(PathBuf::from(path)),
        },
        transcriber: reader.optional_text("models", "transcriber").map(PathBuf::from),
        second_transcriber: match reader.text("models", "second_transcriber", "none").as_str() {
            "none" => SecondChoice::None,
            "moonshine" => SecondChoice::Moonshine,
            path => SecondChoice::Own(PathBuf::from(path)),
        },
        responder: reader.optional_text("models", "responder").map(PathBuf::from),
        turn: reader.optional_text("models", "turn").map(PathBuf::from),
        voice: reader.optional_text("models", "voice").map(PathBuf::from),
        onnxruntime: onnxruntime.map(PathBuf::from),
        threads: reader.number("models", "threads", 2, 1..=64) as usize,
    }
}

fn read_conversation(reader: &mut Reader) -> Conversation {
    let (ms, seconds, minutes) = (Duration::from_millis(1), Duration::from_secs(1), Duration::from_mins(1));
    Conversation {
        endpoint: reader.duration("conversation", "endpoint_ms", ms, 500, 100..=5_000),
        barge_in: reader.duration("conversation", "barge_in_ms", ms, 500, 60..=5_000),
        idle: reader.duration("conversation", "idle_seconds", seconds, 8, 2..=120),
        reply_budget: reader.duration("conversation", "reply_budget_ms", ms, 2_500, 200..=30_000),
        longest: reader.duration("conversation", "max_minutes", minutes, 10, 1..=240),
        at_once: reader.optional_number("conversation", "at_once", 1..=1_000).map(|number| number as usize),
    }
}

fn read_database(reader: &mut Reader) -> Database {
    let url = reader.text("database", "url", "sqlite:backstop.db");
    if !["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        // The value itself may hold a password.
        reader.fault("database", "url", "its scheme is not known", "Write \"sqlite:FILE\" or \"postgres://...\"");
    }
    Database { url: Pii::new(url) }
}

fn read_recordings(reader: &mut Reader) -> Recordings {
    let day = Duration::from_hours(24);
    Recordings {
        folder: reader.text("recordings", "folder", "recordings").into(),
        keep: reader.duration("recordings", "keep_days", day, 30, 1..=3_650),
    }
}

fn read_texting(reader: &mut Reader, env: &dyn Fn(&str) -> Option<String>) -> Texting {
    let region = read_region(reader);
    let provider = reader.text("texting", "provider", "log");
    let from = reader.optional_text("texting", "from");
    let url = read_url(reader, "base_url");
    let status_callback = read_url(reader, "status_callback");
    let provider = match provider.as_str() {
        "log" => Provider::Log,
        "twilio" => Provider::Twilio {
            sid: secret(reader, env, "BACKSTOP_TWILIO_SID", "provider \"twilio\""),
            token: secret(reader, env, "BACKSTOP_TWILIO_TOKEN", "provider \"twilio\""),
            from: read_from(reader, from.as_deref(), &region),
            base_url: required_url(reader, url, "the address of the service's HTTP interface"),
            status_callback,
        },
        "webhook" => Provider::Webhook {
            url: required_url(reader, url, "the address that is told what to send"),
            secret: env("BACKSTOP_WEBHOOK_SECRET").filter(|text| !text.is_empty()).map(Pii::new),
        },
        other => {
            let fix = "Write \"log\", \"twilio\" or \"webhook\"";
            reader.fault("texting", "provider", format!("\"{other}\" is no provider"), fix);
            Provider::Log
        }
    };
    Texting {
        provider,
        region,
        delay: reader.duration("texting", "delay_seconds", Duration::from_secs(1), 0, 0..=86_400),
        window: reader.duration("texting", "window_minutes", Duration::from_mins(1), 0, 0..=10_080),
    }
}

fn read_notice(reader: &mut Reader, region: &str) -> Notice {
    let text = reader.optional_text("notice", "to");
    let to = text.as_ref().and_then(|text| PhoneNumber::parse(text, region).ok());
    if let Some(text) = text.filter(|_| to.is_none()) {
        let fix = "Write it with its country code, such as \"+1 917 555 0100\"";
        reader.fault("notice", "to", format!("\"{text}\" is no telephone number"), fix);
    }
    Notice { to }
}

fn read_region(reader: &mut Reader) -> String {
    let region = reader.text("texting", "region", "US").to_ascii_uppercase();
    // Any number will do: only the region is asked about.
    if let Err(crate::phone::PhoneError::UnknownRegion(_)) = PhoneNumber::parse("2125550142", &region) {
        reader.fault(
            "texting",
            "region",
            format!("\"{region}\" is no country"),
            "Write its two letters, such as \"US\"",
        );
        return "US".to_owned();
    }
    region
}

fn read_from(reader: &mut Reader, from: Option<&str>, region: &str) -> PhoneNumber {
    let fix = "Write the number that texts come from, such as \"+12125550100\"";
    match from.map(|text| PhoneNumber::parse(text, region)) {
        Some(Ok(number)) => return number,
        Some(Err(why)) => reader.fault("texting", "from", why.to_string(), fix),
        None => reader.fault("texting", "from", "is missing, and provider \"twilio\" needs it", fix),
    }
    PhoneNumber::parse("+12125550100", "US").expect("a number of fiction stands in while the fault is reported")
}

fn read_url(reader: &mut Reader, key: &'static str) -> Option<String> {
    let text = reader.optional_text("texting", key)?;
    if text.starts_with("https://") || text.starts_with("http://") {
        return Some(text.trim_end_matches('/').to_owned());
    }
    let fix = "Write a whole address that starts with \"https://\"";
    reader.fault("texting", key, format!("\"{text}\" is no web address"), fix);
    // Kept, so that it is not said to be missing as well.
    Some(text)
}

fn required_url(reader: &mut Reader, url: Option<String>, what: &str) -> String {
    url.unwrap_or_else(|| {
        reader.fault("texting", "base_url", "is missing, and this provider needs it", &format!("Write {what}"));
        String::new()
    })
}

/// A secret from the environment, which `who` needs.
pub(super) fn secret(reader: &mut Reader, env: &dyn Fn(&str) -> Option<String>, name: &str, who: &str) -> Pii<String> {
    let value = env(name).unwrap_or_default();
    if value.is_empty() {
        reader.fault(
            "",
            name,
            format!("is not set in the environment, and {who} needs it"),
            &format!("Run `export {name}=...` before Backstop"),
        );
    }
    Pii::new(value)
}

impl From<ConfigFault> for ConfigFaults {
    fn from(fault: ConfigFault) -> Self {
        Self(vec![fault])
    }
}
