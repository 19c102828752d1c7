//! `[web]`: the page that people keep open to take calls, and who may reach it.

use super::raw::Reader;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// `[web]`: where the page is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// The address that is listened on.
    pub bind: SocketAddr,
    /// What makes it https; without it the page is served over plain http.
    pub tls: Option<Tls>,
    /// The address that browsers know it by, when that is a proxy's.
    pub public_url: Option<PublicUrl>,
}

/// A certificate and its key, PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate, and those that lead to its issuer.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Scheme, host and port of a web address, in lower case, as browsers write an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

/// The text is no address of a whole host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no address of a whole host")]
pub struct PublicUrlError;

impl Default for Web {
    fn default() -> Self {
        Self { bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)), tls: None, public_url: None }
    }
}

impl Web {
    /// Whether browsers come by https, here or at the proxy.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.tls.is_some() || self.public_url.as_ref().is_some_and(PublicUrl::is_https)
    }

    /// Whether browsers other than this machine's own will refuse the microphone to the page: they give it to https only.
    #[must_use]
    pub fn lacks_microphone(&self) -> bool {
        !self.is_secure() && !self.bind.ip().is_loopback()
    }

    /// Where a browser finds the page, which listens at `bound`.
    #[must_use]
    pub fn address(&self, bound: SocketAddr) -> String {
        if let Some(public) = &self.public_url {
            return public.as_str().to_owned();
        }
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        if bound.ip().is_unspecified() {
            return format!("{scheme}://localhost:{}", bound.port());
        }
        format!("{scheme}://{bound}")
    }
}

impl PublicUrl {
    /// `https://phone.example.com`, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().to_ascii_lowercase();
        let (scheme, host) = text.split_once("://").ok_or(PublicUrlError)?;
        let host = host.strip_suffix('/').unwrap_or(host);
        let is_host = host.chars().all(|letter| letter.is_ascii_alphanumeric() || "-.:[]".contains(letter));
        // Browsers leave the usual port out of an origin.
        let (host, usual) = match scheme {
            "https" => (host.strip_suffix(":443").unwrap_or(host), true),
            "http" => (host.strip_suffix(":80").unwrap_or(host), true),
            _ => (host, false),
        };
        if usual && is_host && !host.is_empty() { Ok(Self(format!("{scheme}://{host}"))) } else { Err(PublicUrlError) }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads the section. Without it there is a page only when somebody answers in one.
pub(super) fn read(reader: &mut Reader, is_needed: bool) -> Option<Web> {
    let is_there = reader.has("web");
    let default = Web::default();
    let form = "an address and a port such as \"127.0.0.1:8080\"";
    let bind = reader.parsed("web", "bind", form).unwrap_or(default.bind);
    let certificate = reader.optional_text("web", "certificate").map(PathBuf::from);
    let key = reader.optional_text("web", "key").map(PathBuf::from);
    let form = "scheme and host only, such as \"https://phone.example.com\"";
    let public_url = reader.parsed("web", "public_url", form);
    let fix = "Name both files, or neither";
    let tls = match (certificate, key) {
        (Some(certificate), Some(key)) => Some(Tls { certificate, key }),
        (None, None) => None,
        (Some(_), None) => {
            reader.fault("web", "key", "is missing, and the certificate needs it", fix);
            None
        }
        (None, Some(_)) => {
            reader.fault("web", "certificate", "is missing, and the key needs it", fix);
            None
        }
    };
    (is_there || is_needed).then_some(Web { bind, tls, public_url })
}

#[cfg(test)]
mod tests {
    use super::super::Config;

    fn parse(text: &str) -> Result<Option<super::Web>, String> {
        Config::parse("x", text, &|_| None).map(|config| config.web).map_err(|faults| faults.to_string())
    }

    #[test]
    fn the_page_is_there_when_it_is_asked_for_or_rung() {
        assert_eq!(parse(""), Ok(None));
        assert_eq!(parse("[[person]]\nname = \"dana\"\ncell = \"+1 917 555 0101\"\n"), Ok(None));
        assert_eq!(parse("[[person]]\nname = \"dana\"\nbrowser = true\n"), Ok(Some(super::Web::default())));
        assert_eq!(parse("[web]\n"), Ok(Some(super::Web::default())));
    }

    #[test]
    fn its_address_is_that_of_the_proxy_or_its_own() {
        let bound = "0.0.0.0:9".parse().expect("an address");
        for (text, is_secure, lacks, address) in [
            ("bind = \"0.0.0.0:9\"", false, true, "http://localhost:9"),
            ("bind = \"0.0.0.0:9\"\ncertificate = \"a\"\nkey = \"b\"", true, false, "https://localhost:9"),
            ("public_url = \"https://Phone.example.com:443/\"", true, false, "https://phone.example.com"),
            ("public_url = \"http://[::1]:8081\"", false, false, "http://[::1]:8081"),
        ] {
            let web = parse(&format!("[web]\n{text}")).expect("valid").expect("a page");
            assert_eq!(
                (web.is_secure(), web.lacks_microphone(), web.address(bound).as_str()),
                (is_secure, lacks, address)
            );
        }
    }

    #[test]
    fn what_is_wrong_with_it_is_told() {
        for (text, words) in [
            ("bind = \"8080\"", "web.bind: \"8080\" can't be read. Write an address and a port"),
            ("certificate = \"a.pem\"", "web.key: is missing, and the certificate needs it. Name both files"),
            ("key = \"a.pem\"", "web.certificate: is missing"),
            ("public_url = \"phone.example.com\"", "web.public_url: \"phone.example.com\" can't be read. Write scheme"),
            ("public_url = \"https://phone.example.com/calls\"", "Write scheme and host only"),
            ("public_url = \"ftp://phone.example.com\"", "Write scheme and host only"),
            ("port = 1", "web.port: is not known"),
        ] {
            let told = parse(&format!("[web]\n{text}")).expect_err("faulty");
            assert!(told.contains(words), "{told}");
        }
    }
}
