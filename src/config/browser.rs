//! `[browser]`: how the sound of pages reaches us.

use super::checked::secret;
use super::raw::Reader;
use crate::pii::Pii;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// `[browser]`: the media of the in-app line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Browser {
    /// The address of the one UDP port for all browsers.
    pub bind: SocketAddr,
    /// The addresses by which browsers reach it; empty for those of this machine.
    pub advertised: Vec<IpAddr>,
    /// For browsers whose network lets no UDP out.
    pub turn: Option<Turn>,
    /// How long a page that is gone in mid-call may take to come back.
    pub rejoin: Duration,
}

/// A TURN server (RFC 8656), which is not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// `turn:host:port`.
    pub urls: Vec<String>,
    /// From `BACKSTOP_TURN_USER`.
    pub user: Pii<String>,
    /// From `BACKSTOP_TURN_PASSWORD`.
    pub password: Pii<String>,
}

pub(super) fn read(reader: &mut Reader, env: &dyn Fn(&str) -> Option<String>) -> Browser {
    let bind = SocketAddr::from((Ipv4Addr::LOCALHOST, 16_600));
    Browser {
        bind: reader.parsed("browser", "bind", "an address and a port such as \"0.0.0.0:16600\"").unwrap_or(bind),
        advertised: read_addresses(reader),
        turn: read_turn(reader, env),
        rejoin: reader.duration("browser", "rejoin_seconds", Duration::from_secs(1), 15, 1..=120),
    }
}

fn read_addresses(reader: &mut Reader) -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    for text in reader.texts("browser", "advertised") {
        match text.parse::<IpAddr>() {
            Ok(address) if !address.is_unspecified() => addresses.push(address),
            _ => {
                let fix = "Write addresses such as \"203.0.113.7\"";
                reader.fault("browser", "advertised", format!("\"{text}\" is no address"), fix);
            }
        }
    }
    addresses
}

fn read_turn(reader: &mut Reader, env: &dyn Fn(&str) -> Option<String>) -> Option<Turn> {
    let urls = reader.texts("browser", "turn");
    if urls.is_empty() {
        return None;
    }
    for url in urls.iter().filter(|url| !["turn:", "turns:"].iter().any(|scheme| url.starts_with(scheme))) {
        let fix = "Write \"turn:host:3478\" or \"turns:host:5349?transport=tcp\"";
        reader.fault("browser", "turn", format!("\"{url}\" is no TURN address"), fix);
    }
    let user = secret(reader, env, "BACKSTOP_TURN_USER", "`browser.turn`");
    let password = secret(reader, env, "BACKSTOP_TURN_PASSWORD", "`browser.turn`");
    Some(Turn { urls, user, password })
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn a_turn_server_takes_its_secrets_from_the_environment() {
        let text =
            "[browser]\nbind = \"0.0.0.0:40000\"\nadvertised = [\"203.0.113.7\"]\nturn = \"turn:turn.example:3478\"";
        let secrets = |name: &str| name.starts_with("BACKSTOP_TURN").then(|| "secret".to_owned());
        let browser = Config::parse("x", text, &secrets).expect("valid").browser;
        assert_eq!(browser.advertised.len(), 1);
        let turn = browser.turn.expect("a server");
        assert_eq!((turn.urls.len(), turn.user.reveal().as_str()), (1, "secret"));
        let told = Config::parse("x", text, &|_| None).expect_err("no secrets").to_string();
        assert!(told.contains("BACKSTOP_TURN_USER: is not set") && told.contains("BACKSTOP_TURN_PASSWORD"), "{told}");
    }

    #[test]
    fn faults_name_their_fix() {
        for (text, expected) in [
            ("bind = \"x\"", "browser.bind: \"x\" can't be read. Write an address and a port"),
            ("advertised = \"here\"", "browser.advertised: \"here\" is no address. Write addresses such as"),
            ("advertised = \"0.0.0.0\"", "browser.advertised: \"0.0.0.0\" is no address"),
            ("turn = \"stun:x\"", "browser.turn: \"stun:x\" is no TURN address. Write \"turn:host:3478\""),
            ("rejoin_seconds = 0", "browser.rejoin_seconds: 0 is out of bounds"),
        ] {
            let secrets = |name: &str| name.starts_with("BACKSTOP_TURN").then(|| "secret".to_owned());
            let told = Config::parse("x", &format!("[browser]\n{text}"), &secrets).expect_err("faulty").to_string();
            assert!(told.contains(expected), "{told}");
        }
    }
}
