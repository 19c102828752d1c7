//! `[[trunk]]`: the ways to the telephone network.

use super::Source;
use crate::phone::PhoneNumber;
use crate::pii::Pii;
use std::net::Ipv6Addr;

const SIP_PORT: u16 = 5060;

/// A way to the telephone network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trunk {
    /// Its name in the configuration.
    pub name: String,
    /// `host:port`; an IPv6 address stands in brackets.
    pub address: String,
    /// How messages are sent to it.
    pub transport: Transport,
    /// The user name and the password (from `BACKSTOP_TRUNK_` and the trunk's name in capitals) it asks for.
    pub user: Option<(String, Pii<String>)>,
    /// Whether it wants to be registered with.
    pub register: bool,
    /// The number that is shown to those who are called.
    pub from: Option<PhoneNumber>,
    /// Calls over it at once.
    pub max_calls: usize,
    /// What numbers that may be dialled begin with; when empty, any that the configuration names.
    pub allow: Vec<String>,
}

/// How messages are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Transport {
    /// One a datagram.
    #[default]
    Udp,
    /// In a stream.
    Tcp,
}

impl Trunk {
    /// A trunk that asks for nothing.
    #[must_use]
    pub fn new(name: &str, address: &str) -> Self {
        Self {
            name: name.to_owned(),
            address: address.to_owned(),
            transport: Transport::Udp,
            user: None,
            register: false,
            from: None,
            max_calls: 10,
            allow: Vec::new(),
        }
    }

    /// Whether the number may be dialled over it.
    #[must_use]
    pub fn may_dial(&self, number: &PhoneNumber) -> bool {
        self.allow.is_empty() || self.allow.iter().any(|prefix| number.e164().starts_with(prefix))
    }

    /// Whether a number that the configuration does not name, such as a caller's, may be dialled over it: only what `allow` lists.
    #[must_use]
    pub fn may_call_back(&self, number: &PhoneNumber) -> bool {
        !self.allow.is_empty() && self.may_dial(number)
    }
}

/// Adds the trunks of the file to the one that `[routing]` may have named.
pub(super) fn read(source: &mut Source<'_>, trunks: &mut Vec<Trunk>) {
    let short_form = trunks.len();
    for section in source.reader.tables("", "trunk") {
        let trunk = read_trunk(source, &section);
        if trunks[..short_form].iter().any(|other| other.name == trunk.name) {
            source.reader.fault(&section, "name", "is that of the trunk under [routing]", "Take one of the two out");
        }
        trunks.push(trunk);
    }
}

fn read_trunk(source: &mut Source<'_>, section: &str) -> Trunk {
    let name = source.reader.required_text(section, "name", "Write a name, such as \"carrier\"").unwrap_or_default();
    let trunk = Trunk {
        address: read_address(source, section, "address", true).unwrap_or_default(),
        transport: read_transport(source, section),
        user: source.reader.optional_text(section, "user").map(|user| {
            let password = source.password("TRUNK", &name);
            (user, password)
        }),
        register: source.reader.flag(section, "register"),
        from: source.number(section, "from"),
        max_calls: source.reader.number(section, "max_calls", 10, 1..=1_000) as usize,
        allow: read_prefixes(source, section),
        ..Trunk::new(&name, "")
    };
    if trunk.register && trunk.user.is_none() {
        source.reader.fault(section, "user", "is missing, and registering needs it", "Write the user name it gave you");
    }
    trunk
}

/// A host with its port, 5060 when it names none.
pub(super) fn read_address(source: &mut Source<'_>, section: &str, key: &str, is_required: bool) -> Option<String> {
    let fix = "Write a host and a port, such as \"sip.carrier.example:5060\"";
    let text = if is_required {
        source.reader.required_text(section, key, fix)?
    } else {
        source.reader.optional_text(section, key)?
    };
    let address = with_port(text.trim());
    if address.is_none() {
        source.reader.fault(section, key, format!("\"{text}\" is no address"), fix);
    }
    address
}

fn with_port(text: &str) -> Option<String> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok().filter(|port| *port > 0)?),
        _ => (text, SIP_PORT),
    };
    let is_name = host.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_'));
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_host = !host.is_empty() && is_name || bracketed.is_some_and(|ip| ip.parse::<Ipv6Addr>().is_ok());
    is_host.then(|| format!("{host}:{port}"))
}

fn read_transport(source: &mut Source<'_>, section: &str) -> Transport {
    match source.reader.text(section, "transport", "udp").as_str() {
        "udp" => Transport::Udp,
        "tcp" => Transport::Tcp,
        other => {
            let problem = format!("\"{other}\" is no way to send messages");
            source.reader.fault(section, "transport", problem, "Write \"udp\" or \"tcp\"");
            Transport::Udp
        }
    }
}

fn read_prefixes(source: &mut Source<'_>, section: &str) -> Vec<String> {
    let texts = source.reader.texts(section, "allow");
    let (good, bad): (Vec<_>, Vec<_>) = texts.into_iter().partition(|text| is_prefix(text));
    for text in bad {
        let problem = format!("\"{text}\" is no beginning of a number");
        source.reader.fault(section, "allow", problem, "Write + and digits, such as \"+1\"");
    }
    good
}

fn is_prefix(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}
